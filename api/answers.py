"""Answers of the graph API: JSON that is JSON-LD by its context, or the same as Turtle; lists in pages."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from typing import Any, Generic, TypeVar

import pyoxigraph as ox
from fastapi import Request, Response
from pydantic import BaseModel

import ontology
from api.negotiation import choose
from api.state import graph_of
from graph.read.references import classes

#: What every resource can be had as.
OFFERS = ("application/json", "application/ld+json", "text/turtle", "application/n-triples")
LIMIT = 100
MOST = 1000

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A part of a list: its items, how many there are in all, and where the next part is."""

    items: Sequence[T]
    total: int
    next: str | None = None


def page(request: Request, found: Sequence[T], limit: int, offset: int) -> Page[T]:
    """The part of a list from `offset`, with the URL of the next one."""
    following = offset + limit
    more = str(request.url.include_query_params(limit=limit, offset=following)) if following < len(found) else None
    return Page(items=found[offset:following], total=len(found), next=more)


def answer(request: Request, body: BaseModel, rdf: Callable[[], list[ox.Triple]] | None = None) -> Response:
    """The body in the format the client prefers; `NotAcceptable` where it takes none of them.

    `rdf` gives the triples where they say more than the context makes of the JSON.
    """
    media = choose(request.headers.get("accept"), OFFERS)
    plain = body.model_dump(mode="json")
    if media != OFFERS[0]:
        plain = _typed(plain, classes(graph_of(request)))
    if media in ("application/json", "application/ld+json"):
        document = {"@context": str(request.url_for("context")), **plain}
        return Response(json.dumps(document, ensure_ascii=False), media_type=media, headers={"Vary": "Accept"})
    output = BytesIO()
    triples = rdf() if rdf else _triples(json.dumps({**context(), **plain}), str(request.url))
    ox.serialize(triples, output, ox.RdfFormat.from_media_type(media), prefixes=_prefixes(media))
    return Response(output.getvalue(), media_type=media, headers={"Vary": "Accept"})


@cache
def context() -> dict[str, Any]:
    """The JSON-LD context of all answers."""
    loaded: dict[str, Any] = json.loads(ontology.CONTEXT.read_text(encoding="utf-8"))
    return loaded


def _typed(value: Any, known: dict[str, str]) -> Any:
    """The answer with the class of each thing, as RDF has it, beside its short type name."""
    if isinstance(value, list):
        return [_typed(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    typed = {name: _typed(item, known) for name, item in value.items()}
    return {**typed, "@type": known[value["type"]]} if "iri" in value and value.get("type") in known else typed


def _triples(document: str, base: str) -> list[ox.Triple]:
    quads = ox.parse(document, format=ox.RdfFormat.JSON_LD, base_iri=base)
    return sorted({quad.triple for quad in quads}, key=str)


def _prefixes(media: str) -> dict[str, str] | None:
    return ontology.prefixes() if media == "text/turtle" else None
