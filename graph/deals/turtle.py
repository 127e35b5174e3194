"""A deal as RDF: the same description in Turtle, by the words of the JSON-LD context.

A field is the property that `ontology/context.jsonld` gives it, an id of the graph the thing itself, a part that is
described in place a node of its own.
"""

import json
from collections import defaultdict
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

import ontology
from graph.deals.reading import Fault
from graph.errors import BadDeal

_KIND: Final = "kind"


def from_turtle(document: bytes) -> dict[str, Any]:
    """The description that a Turtle document has; `BadDeal` where it does not parse or has not exactly one deal."""
    said: dict[Any, list[tuple[str, Any]]] = defaultdict(list)
    try:
        for quad in ox.parse(document, format=ox.RdfFormat.TURTLE):
            said[quad.subject].append((quad.predicate.value, quad.object))
    except (SyntaxError, ValueError) as error:
        raise BadDeal.of([Fault("", f"The Turtle does not parse: {error}")]) from None
    inner = {value for facts in said.values() for _, value in facts}
    deals = [node for node, facts in said.items() if node not in inner and any(_field(p) == _KIND for p, _ in facts)]
    if len(deals) != 1:
        raise BadDeal.of([Fault("", f"The document has {len(deals)} deals; give one node with a {_KIND}")])
    return _part(deals[0], said, ())


def _part(node: Any, said: dict[Any, list[tuple[str, Any]]], around: tuple[Any, ...]) -> dict[str, Any]:
    """What is said of a node, by field."""
    found: dict[str, Any] = {}
    for predicate, value in said[node]:
        field = _field(predicate)
        if field is None:
            continue
        told = _value(value, said, (*around, node))
        if field in found:
            found[field] = [*(found[field] if isinstance(found[field], list) else [found[field]]), told]
        else:
            found[field] = told
    return found


def _value(value: Any, said: dict[Any, list[tuple[str, Any]]], around: tuple[Any, ...]) -> Any:
    if isinstance(value, ox.Literal):
        return value.value
    if value in said and value not in around:
        return _part(value, said, around)
    return ontology.slug_of(value.value)


def _field(predicate: str) -> str | None:
    """The field that a property stands for; none for a property of another vocabulary, such as a class."""
    fields, vocabulary = _context()
    if predicate in fields:
        return fields[predicate]
    return predicate.removeprefix(vocabulary) if predicate.startswith(vocabulary) else None


@cache
def _context() -> tuple[dict[str, str], str]:
    """The fields by property, and the vocabulary of all others."""
    context = json.loads(ontology.CONTEXT.read_text(encoding="utf-8"))["@context"]
    fields: dict[str, str] = {}
    for name, meaning in context.items():
        property_ = meaning.get("@id") if isinstance(meaning, dict) else meaning
        prefix, _, local = str(property_ or "").partition(":")
        if prefix in ontology.prefixes() and local:
            fields.setdefault(ontology.iri(str(property_)), name)
    return fields, context["@vocab"]
