"""The graph as a network of things and named, directed, dated relations, for paths and pictures.

What counts as an edge is declared in the ontology (`vin:EdgeKind`), each kind with the query that finds its edges.
Relators (ownerships, legal positions, deals, posts) become edges that keep their dates and sources; countries, classes,
dates and sources are no steps, because they connect everything with everything.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import networkx as nx

import ontology
from graph.derive.norms import runnable
from graph.errors import BadRequest
from graph.read.references import Sourced, refs, sourced
from graph.terms import Row, date_of, decimal_of, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


@dataclass(frozen=True)
class EdgeKind:
    """A declared relation: its slug, how it reads forwards and backwards, and the query that finds its edges."""

    iri: str
    id: str
    label: str
    inverse: str
    select: str
    #: A step only when somebody asks for it.
    asked: bool


def network(
    graph: "KnowledgeGraph", as_of: date | None = None, include: Set[str] = frozenset()
) -> "nx.MultiDiGraph[str]":
    """The whole network, or what of it can be seen on a day; `include` names kinds of edge that must be asked for.

    Nodes are IRIs with ``id label kind``; edges have ``kind predicate label inverse via valid_from valid_until share
    sources graph``. The result is shared: copy it before changing it.
    """
    wanted = sorted(include)
    whole: nx.MultiDiGraph[str] = graph.memo(f"network {wanted}", lambda: _build(graph, include))
    return whole if as_of is None else graph.memo(f"network {wanted} {as_of}", lambda: _seen_on(whole, as_of))


def edge_kinds(graph: "KnowledgeGraph") -> list[EdgeKind]:
    """The relations that the ontology declares as steps of a path."""
    return [
        EdgeKind(
            iri=str(text(row, "kind")),
            id=ontology.slug_of(str(text(row, "kind"))),
            label=str(text(row, "label")),
            inverse=str(text(row, "inverse")),
            select=str(text(row, "select")),
            asked=text(row, "asked") == "true",
        )
        for row in graph.rows("edge-kinds")
    ]


def neighbourhood(
    graph: "KnowledgeGraph", centre: str, radius: int = 1, as_of: date | None = None, include: Set[str] = frozenset()
) -> "nx.MultiDiGraph[str]":
    """The part of the network within `radius` steps of a thing (an IRI), whatever the direction of the steps."""
    if not 0 <= radius <= 10:
        raise BadRequest(f"radius: {radius} is not between 0 and 10.")
    whole = network(graph, as_of, include)
    if centre not in whole:
        alone: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        _add_nodes(graph, alone, [centre])
        return alone
    near = nx.single_source_shortest_path_length(whole.to_undirected(as_view=True), centre, cutoff=radius)
    part: nx.MultiDiGraph[str] = whole.subgraph(near).copy()
    return part


def _build(graph: "KnowledgeGraph", include: Set[str]) -> "nx.MultiDiGraph[str]":
    found = [
        (kind, row)
        for kind in edge_kinds(graph)
        if not kind.asked or kind.id in include
        for row in graph.store.select(runnable(kind.select), graph.world())
        if text(row, "from") != text(row, "to")
    ]
    carriers = {str(text(row, "via")) for _, row in found}
    carried = {
        str(text(row, "node")): row for row in graph.rows("carriers", nodes=[node(iri) for iri in sorted(carriers)])
    }
    norms = {iri: norm for iri, row in carried.items() if (norm := text(row, "norm"))}
    backed = sourced(graph, carriers | set(norms.values()))
    built: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    _add_nodes(graph, built, dict.fromkeys(str(text(row, end)) for _, row in found for end in ("from", "to")))
    for kind, row in found:
        via = str(text(row, "via"))
        source = backed.get(norms.get(via, via)) or Sourced()
        built.add_edge(
            str(text(row, "from")),
            str(text(row, "to")),
            key=f"{kind.id} {via}",
            **_described(kind, row, carried.get(via, {}), source),
        )
    return built


def _add_nodes(graph: "KnowledgeGraph", built: "nx.MultiDiGraph[str]", iris: Iterable[str]) -> None:
    wanted = list(iris)
    named = refs(graph, wanted)
    for iri in wanted:
        built.add_node(iri, id=named[iri].id, label=named[iri].label, kind=named[iri].type)


def _described(kind: EdgeKind, row: Row, carrier: Row, source: Sourced) -> dict[str, Any]:
    return {
        "kind": kind.id,
        "predicate": kind.iri,
        "label": text(row, "label") or kind.label,
        "inverse": kind.inverse,
        "modality": text(row, "modality"),
        "via": str(text(row, "via")),
        "valid_from": date_of(carrier, "from"),
        "valid_until": date_of(carrier, "until"),
        "share": decimal_of(carrier, "share"),
        "sources": [ref.label for ref in source.sources],
        "graph": source.graph,
    }


def _seen_on(whole: "nx.MultiDiGraph[str]", day: date) -> "nx.MultiDiGraph[str]":
    def holds(begin: date | None, end: date | None) -> bool:
        return (begin is None or begin <= day) and (end is None or day < end)

    seen: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for a, b, key, data in whole.edges(keys=True, data=True):
        if holds(data["valid_from"], data["valid_until"]):
            for end in (a, b):
                seen.add_node(end, **whole.nodes[end])
            seen.add_edge(a, b, key=key, **data)
    return seen
