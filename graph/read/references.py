"""References: how any thing is named in an answer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

import ontology
from graph.errors import BadRequest, NotFound
from graph.terms import Term, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Answer(BaseModel):
    """Base of the models that answers are made of."""

    model_config = ConfigDict(frozen=True)


class Ref(Answer):
    """A thing by its slug, IRI, label and kind (``company``, ``instrument``, ``claim`` …)."""

    id: str
    iri: str
    label: str
    type: str


class Sourced(Answer):
    """Where a record comes from: its sources, the curator's confidence in it, a comment, and the graph it stands in."""

    sources: list[Ref] = []
    confidence: str | None = None
    comment: str | None = None
    graph: str | None = None


def refs(graph: "KnowledgeGraph", iris: Iterable[str | None]) -> dict[str, Ref]:
    """References to things by IRI; a thing without a label is called by its slug."""
    known: dict[str, Ref] = graph.memo("refs", dict)
    missing = sorted({iri for iri in iris if iri} - known.keys())
    if missing:
        found: dict[str, tuple[int, str, str | None]] = {}
        nodes = [node(iri) for iri in missing if _is_iri(iri)]
        for row in graph.rows("labels", nodes=nodes) if nodes else ():
            iri, order = str(text(row, "node")), int(text(row, "order") or 99)
            if iri not in found or order < found[iri][0]:
                found[iri] = (order, text(row, "kind") or "thing", text(row, "label"))
        for iri in missing:
            _, kind, label = found.get(iri, (99, "thing", None))
            known[iri] = Ref(id=ontology.slug_of(iri), iri=iri, label=label or ontology.slug_of(iri), type=kind)
    return known


def resolve(graph: "KnowledgeGraph", slug: str) -> Ref:
    """The thing a slug (or IRI) stands for; `NotFound` where the graph describes none."""
    for iri in ontology.iris_of(slug):
        if _is_iri(iri) and graph.rows("described", node=node(iri)):
            return refs(graph, [iri])[iri]
    raise NotFound(f"There is no {slug!r} in the graph. Search for a name with /search?q= to find its id.", id=slug)


def term_of(graph: "KnowledgeGraph", slug: str | None) -> Term | None:
    """The thing a slug stands for as a query parameter; nothing for no slug. `NotFound` as for `resolve`."""
    return node(resolve(graph, slug).iri) if slug else None


def classes(graph: "KnowledgeGraph") -> dict[str, str]:
    """The class that each short type name stands for."""
    return graph.memo(
        "classes", lambda: {str(text(row, "kind")): str(text(row, "class")) for row in graph.rows("kinds")}
    )


def country(graph: "KnowledgeGraph", code: str | None) -> str | None:
    """The location that a market or country code stands for; `BadRequest` for a code the graph does not describe."""
    if code is None:
        return None
    iri = ontology.market_iri(code)
    if not _is_iri(iri) or not graph.rows("described", node=node(iri)):
        raise BadRequest(f"market: {code!r} is no market here. The markets are {', '.join(ontology.MARKETS)}.")
    return iri


def sourced(graph: "KnowledgeGraph", iris: Iterable[str]) -> dict[str, Sourced]:
    """The sources of each record that has any."""
    nodes = [node(iri) for iri in sorted(set(iris)) if _is_iri(iri)]
    rows = graph.rows("sources", nodes=nodes) if nodes else []  # no nodes at all would ask for every record
    named = refs(graph, (text(row, "source") for row in rows))
    found: dict[str, Sourced] = {}
    for row in rows:
        iri, source = str(text(row, "node")), text(row, "source")
        before = found.get(iri)
        sources = {ref.iri: ref for ref in (before.sources if before else [])}
        if source:
            sources[source] = named[source]
        found[iri] = Sourced(
            sources=list(sources.values()),
            confidence=text(row, "confidence"),
            comment=text(row, "comment"),
            graph=text(row, "graph"),
        )
    return found


def _is_iri(value: str) -> bool:
    return ":" in value and not any(c in value for c in ' <>"{}|\\^`') and value.isprintable()
