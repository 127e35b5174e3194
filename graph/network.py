"""The graph as a network of things and named, directed, dated relations, for paths and pictures.

What counts as an edge is declared in the ontology (`vin:EdgeKind`), each kind with the query that finds its edges.
Relators (ownerships, legal positions, deals, posts) become edges that keep their dates and sources; countries, classes,
dates and sources are no steps, because they connect everything with everything.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import networkx as nx

import ontology
from graph.derive.rules import runnable
from graph.errors import BadRequest
from graph.read.obligations import obligations
from graph.read.references import Sourced, refs, sourced
from graph.read.spans import spans
from graph.terms import decimal_of, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


#: The kinds of edge that legal positions carry.
_BONDS: Final = ("bound-towards", "bound-about", "bound-under")


@dataclass(frozen=True)
class EdgeKind:
    """A declared relation: its slug, how it reads, and the query that finds its edges."""

    iri: str
    id: str
    label: str
    select: str
    #: A step only when somebody asks for it.
    asked: bool


@dataclass(frozen=True)
class Carrier:
    """What is known of the record that carries a relation: the share, its sources, and the graph it stands in."""

    share: Decimal | None
    sources: list[str]
    graph: str | None


def network(
    graph: "KnowledgeGraph", as_of: date | None = None, include: Set[str] = frozenset()
) -> "nx.MultiDiGraph[str]":
    """The whole network, or what of it can be seen on a day; `include` names kinds of edge that must be asked for.

    Nodes are IRIs; edges have ``kind predicate label modality via valid_from valid_until``. The result is shared: copy
    it before changing it, and see `described` for names and sources.
    """
    wanted = sorted(include)
    whole: nx.MultiDiGraph[str] = graph.memo(f"network {wanted}", lambda: _build(graph, include))
    return whole if as_of is None else graph.memo(f"network {wanted} {as_of}", lambda: _seen_on(graph, whole, as_of))


def edge_kinds(graph: "KnowledgeGraph") -> list[EdgeKind]:
    """The relations that the ontology declares as steps of a path."""
    return graph.memo("edge kinds", lambda: _read_kinds(graph))


def neighbourhood(
    graph: "KnowledgeGraph", centre: str, radius: int = 1, as_of: date | None = None, include: Set[str] = frozenset()
) -> "nx.MultiDiGraph[str]":
    """The part of the network within `radius` steps of a thing (an IRI), whatever the direction of the steps."""
    if not 0 <= radius <= 10:
        raise BadRequest(f"radius: {radius} is not between 0 and 10.")
    whole = network(graph, as_of, include)
    if centre not in whole:
        alone: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        alone.add_node(centre)
        return alone
    near = nx.single_source_shortest_path_length(whole.to_undirected(as_view=True), centre, cutoff=radius)
    part: nx.MultiDiGraph[str] = whole.subgraph(near).copy()
    return part


def described(graph: "KnowledgeGraph", part: "nx.MultiDiGraph[str]") -> "nx.MultiDiGraph[str]":
    """A copy in which nodes have ``id label kind`` and edges also ``share sources graph``."""
    found: nx.MultiDiGraph[str] = part.copy()
    named = refs(graph, part)
    for iri in part:
        found.add_node(iri, id=named[iri].id, label=named[iri].label, kind=named[iri].type)
    known = carriers(graph, {data["via"] for _, _, data in part.edges(data=True)})
    for _, _, data in found.edges(data=True):
        carrier = known[data["via"]]
        data.update(share=carrier.share, sources=carrier.sources, graph=carrier.graph)
    return found


def carriers(graph: "KnowledgeGraph", iris: Set[str]) -> dict[str, Carrier]:
    """What is known of the records that carry relations; a legal position is backed by the sources of its norm."""
    rows = {str(text(row, "node")): row for row in graph.rows("carriers", nodes=[node(iri) for iri in sorted(iris)])}
    norms = {iri: norm for iri, row in rows.items() if (norm := text(row, "norm"))}
    backed = sourced(graph, {norms.get(iri, iri) for iri in iris})

    def carrier(iri: str) -> Carrier:
        source = backed.get(norms.get(iri, iri)) or Sourced()
        return Carrier(decimal_of(rows[iri], "share"), [ref.label for ref in source.sources], source.graph)

    return {iri: carrier(iri) for iri in iris}


def _build(graph: "KnowledgeGraph", include: Set[str]) -> "nx.MultiDiGraph[str]":
    dated = spans(graph)
    built: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for kind in edge_kinds(graph):
        if kind.asked and kind.id not in include:
            continue
        for row in graph.store.select(runnable(kind.select), graph.world()):
            source, target, via = (str(text(row, name)) for name in ("from", "to", "via"))
            if source != target:
                begin, end = dated.get(via, (None, None))
                built.add_edge(
                    source,
                    target,
                    key=f"{kind.id} {via}",
                    kind=kind.id,
                    predicate=kind.iri,
                    label=text(row, "label") or kind.label,
                    modality=text(row, "modality"),
                    via=via,
                    valid_from=begin,
                    valid_until=end,
                )
    return built


def _read_kinds(graph: "KnowledgeGraph") -> list[EdgeKind]:
    return [
        EdgeKind(
            iri=str(text(row, "kind")),
            id=ontology.slug_of(str(text(row, "kind"))),
            label=str(text(row, "label")),
            select=str(text(row, "select")),
            asked=text(row, "asked") in ("true", "1"),
        )
        for row in graph.rows("edge-kinds")
    ]


def _seen_on(graph: "KnowledgeGraph", whole: "nx.MultiDiGraph[str]", day: date) -> "nx.MultiDiGraph[str]":
    """What holds on a day; of legal positions those in effect: not pending, suspended, fulfilled or over."""
    bonds = {o.iri for o in obligations(graph, day) if o.state in ("active", "violated", "unknown")}

    def holds(data: dict[str, Any]) -> bool:
        if data["kind"] in _BONDS:
            return data["via"] in bonds
        begin, end = data["valid_from"], data["valid_until"]
        return (begin is None or begin <= day) and (end is None or day < end)

    seen: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for a, b, key, data in whole.edges(keys=True, data=True):
        if holds(data):
            seen.add_edge(a, b, key=key, **data)
    return seen
