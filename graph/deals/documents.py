"""A deal as it comes in: plain JSON, or RDF as Turtle or as JSON-LD with a context of its own.

The terms of RDF are those that `ontology/context.jsonld` makes of the plain JSON: ``api:buyer``, ``rdfs:label``,
``dcterms:date`` and so on. What is named by its IRI is a thing of the graph or, where the document says more of it, one
described there.
"""

import json
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

import ontology
from graph.deals.reading import Fault
from graph.errors import BadDeal, UnsupportedMedia

#: What relative IRIs of a document are resolved against.
_HERE: Final = "urn:vinculum:deal"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_NUMBERS: Final = frozenset(("integer", "decimal", "double", "float"))

#: The media types of a description.
ACCEPTED: Final = ("application/json", "application/ld+json", "text/turtle")
_SUFFIXES: Final = dict(zip(("json", "jsonld", "ttl"), ACCEPTED, strict=True))
#: How many deals are compared at most.
MOST: Final = 10
#: How deep the parts of a description may lie in each other.
_DEEPEST: Final = 40

Told = dict[str, Any]


def described(document: bytes, media: str = "application/json") -> Told:
    """What a document in one of `ACCEPTED` describes, as plain JSON has it.

    `BadDeal` where it does not parse or describes no deal, or several; `UnsupportedMedia` for another media type.
    """
    if media not in ACCEPTED:
        raise UnsupportedMedia(f"Content-Type {media!r} is not read here. A deal is one of: {', '.join(ACCEPTED)}.")
    if media == "text/turtle":
        return _from_rdf(document, ox.RdfFormat.TURTLE)
    told = _from_json(document)
    if media == "application/ld+json" and not isinstance(told.get("@context", ""), str):
        return _from_rdf(document, ox.RdfFormat.JSON_LD)
    return told


def several(document: bytes) -> list[Told]:
    """The descriptions of a JSON document ``{"deals": [...]}`` with two or more; `BadDeal` where it is another."""
    deals = _from_json(document).get("deals")
    if not isinstance(deals, list) or not 2 <= len(deals) <= MOST or not all(isinstance(one, dict) for one in deals):
        raise BadDeal.of([Fault("deals", f"give a list of 2 to {MOST} deals, the one to compare with first")])
    return deals


def media_of(name: str, document: bytes) -> str:
    """The media type of a file, by its suffix; of one without, by how it begins."""
    suffix = name.rpartition(".")[2].lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    return "application/json" if document.lstrip()[:1] in (b"{", b"[", b"") else "text/turtle"


def _from_json(document: bytes) -> Told:
    try:
        told = json.loads(document, parse_float=Decimal)
        json.dumps(told, ensure_ascii=False, default=str).encode()  # half a character cannot be stored
    except (ValueError, RecursionError) as error:
        raise BadDeal.of([Fault("", f"The JSON does not parse: {error}")]) from None
    if not isinstance(told, dict):
        raise BadDeal.of([Fault("", "A deal is a JSON object")])
    if _deeper(told, _DEEPEST):
        raise BadDeal.of([Fault("", f"The JSON is nested deeper than {_DEEPEST} levels")])
    return told


def _deeper(value: Any, levels: int) -> bool:
    """Whether a value has parts within parts beyond so many levels."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper(part, levels - 1) for part in parts)


def _from_rdf(document: bytes, format: ox.RdfFormat) -> Told:
    try:
        quads = list(ox.parse(document, format=format, base_iri=_HERE))
    except (SyntaxError, ValueError) as error:
        raise BadDeal.of([Fault("", f"The {format.name} does not parse: {error}")]) from None
    return _Document(quads).deal()


class _Document:
    """What a document says, by subject and predicate."""

    def __init__(self, quads: list[ox.Quad]) -> None:
        self._said: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for quad in quads:
            self._said[quad.subject][quad.predicate.value].append(quad.object)

    def deal(self) -> Told:
        """The one thing that has a buyer, or is not part of another."""
        buyer = f"{_context()['@vocab']}buyer"
        deals = [subject for subject, said in self._said.items() if buyer in said]
        if len(deals) != 1:
            raise BadDeal.of(
                [Fault("buyer", f"the document describes {len(deals)} things with a buyer (<{buyer}>); give one deal")]
            )
        told = self._part(deals[0], ())
        told.pop("id", None)
        return told

    def _part(self, subject: Any, within: tuple[Any, ...]) -> Told:
        if subject in within or len(within) > _DEEPEST:
            raise BadDeal.of([Fault("", f"{subject} is described as a part of itself; name it where it is told once")])
        told: Told = {} if isinstance(subject, ox.BlankNode) else _named(subject.value)
        for predicate, values in self._said[subject].items():
            if predicate != f"{_RDF}type":
                told[_field(predicate)] = self._values(values, (*within, subject))
        return told

    def _values(self, values: list[Any], within: tuple[Any, ...]) -> Any:
        items = [item for value in values for item in self._items(value)]
        languages = {item.language: item for item in items if isinstance(item, ox.Literal) and item.language}
        if len(languages) == len(items) > 1:
            items = [languages.get("en", items[0])]
        found = [self._value(item, within) for item in items]
        return found[0] if len(found) == 1 else found

    def _items(self, value: Any) -> list[Any]:
        """The members of an RDF collection; anything else is itself."""
        items = []
        while first := self._said[value].get(f"{_RDF}first") if value in self._said else None:
            items.append(first[0])
            value = self._said[value][f"{_RDF}rest"][0]
        return items if items or value == ox.NamedNode(f"{_RDF}nil") else [value]

    def _value(self, value: Any, within: tuple[Any, ...]) -> Any:
        if isinstance(value, ox.Literal):
            return _plain(value)
        if value in self._said or isinstance(value, ox.BlankNode):
            return self._part(value, within)
        return _named(value.value).get("id", value.value)


def _plain(literal: ox.Literal) -> Any:
    kind = literal.datatype.value.removeprefix(ontology.iri("xsd:"))
    if kind == "boolean":
        return literal.value in ("true", "1")
    return _number(literal.value) if kind in _NUMBERS else literal.value


def _number(text: str) -> Any:
    """A whole number where it is one; else its digits, which keep every place."""
    if text.lstrip("+-").isdigit():
        return int(text)
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return text


def _named(iri: str) -> Told:
    """How the description names a thing of the graph; what is only told in the document goes by its label."""
    known = iri.startswith((ontology.BASE, ontology.iri("loc:")))
    return {"id": ontology.slug_of(iri)} if known else {}


def _field(predicate: str) -> str:
    """The field that a predicate stands for; the predicate itself where it stands for none."""
    if field := _fields().get(predicate):
        return field
    return predicate.removeprefix(_context()["@vocab"])


@cache
def _fields() -> dict[str, str]:
    """The fields that have a term of another vocabulary, by that term."""
    context = _context()
    terms = {name: context[name] for name in ("id", "label", "date", "markets", "owner")}
    return {_expanded(term if isinstance(term, str) else term["@id"]): name for name, term in terms.items()}


def _expanded(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{_context()[prefix]}{local}"


@cache
def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads(ontology.CONTEXT.read_text(encoding="utf-8"))["@context"]
    return context
