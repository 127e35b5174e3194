"""How two things are connected: the shortest paths, in order, as alternating things and relations.

A path may run against the direction of a relation (unless asked otherwise); each step says in which direction it is
true. Parallel relations between two things are one step that names them all.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from decimal import Decimal
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx

from graph.errors import BadRequest
from graph.network import Carrier, carriers, edge_kinds, network
from graph.read.references import Answer, Ref, refs, resolve

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

MOST_PATHS = 100
LONGEST = 12


class Edge(Answer):
    """A relation in its true direction, with what carries it, its dates and its sources."""

    source: str
    target: str
    predicate: str
    kind: str
    label: str
    via: Ref
    valid_from: date | None
    valid_until: date | None
    share: Decimal | None
    sources: list[str]
    graph: str | None


class Step(Answer):
    """From one thing to the next; `forward` is false where the path goes against every relation's direction."""

    start: Ref
    end: Ref
    forward: bool
    edges: list[Edge]


class Path(Answer):
    """A path: its things, its steps, and itself in one line."""

    length: int
    nodes: list[Ref]
    steps: list[Step]
    text: str


def paths(
    graph: "KnowledgeGraph",
    start: str,
    end: str,
    *,
    k: int = 1,
    max_length: int | None = None,
    via: Sequence[str] = (),
    avoid: Sequence[str] = (),
    include: Sequence[str] = (),
    directed: bool = False,
    as_of: date | None = None,
) -> list[Path]:
    """The `k` shortest paths between two things, none where they are not connected.

    `via` are things to pass in this order; `avoid` things or kinds of edge (slugs such as ``owns``); `include` kinds
    of edge that count only when asked for; `max_length` the most steps of a path; `directed` follows relations only
    forwards. No path repeats a thing.
    """
    if not 1 <= k <= MOST_PATHS:
        raise BadRequest(f"k: {k} is not between 1 and {MOST_PATHS}.")
    if max_length is not None and not 1 <= max_length <= LONGEST:
        raise BadRequest(f"max_length: {max_length} is not between 1 and {LONGEST}.")
    kinds = {kind.id for kind in edge_kinds(graph)}
    if unknown := set(include) - kinds:
        raise BadRequest(
            f"include: {', '.join(sorted(unknown))} is no kind of edge. There are {', '.join(sorted(kinds))}."
        )
    if start == end:
        raise BadRequest(f"from and to are the same thing, {start!r}. Name two.")
    stops = [resolve(graph, slug).iri for slug in (start, *via, end)]
    barred = {resolve(graph, slug).iri for slug in avoid if slug not in kinds}
    unwanted = frozenset(avoid) & kinds
    whole = network(graph, as_of, frozenset(include))
    simple = graph.memo(
        f"simple {as_of} {sorted(include)} {directed} {sorted(unwanted)}", lambda: _simple(whole, unwanted, directed)
    )
    ways = nx.restricted_view(simple, barred - set(stops), ()) if barred else simple
    routes = list(islice(_through(ways, stops, max_length, only_one=k == 1), k))
    return _answers(graph, [_steps(whole, route, unwanted, directed) for route in routes])


def edges_of(graph: "KnowledgeGraph", part: "nx.MultiDiGraph[str]") -> list[Edge]:
    """Every relation of a network as an answer."""
    found = list(part.edges(data=True))
    named = refs(graph, [*part, *(data["via"] for _, _, data in found)])
    known = carriers(graph, {data["via"] for _, _, data in found})
    return [_edge(named, known, source, target, data) for source, target, data in found]


def _simple(whole: "nx.MultiDiGraph[str]", unwanted: Set[str], directed: bool) -> "nx.Graph[str]":
    """One edge for any number of parallel relations, without the unwanted kinds."""
    simple: nx.Graph[str] = nx.DiGraph() if directed else nx.Graph()
    simple.add_nodes_from(whole)
    simple.add_edges_from((a, b) for a, b, data in whole.edges(data=True) if data["kind"] not in unwanted)
    return simple


def _through(
    simple: "nx.Graph[str]", stops: Sequence[str], max_length: int | None, *, only_one: bool
) -> Iterator[list[str]]:
    """Simple paths that pass the stops in order, shortest first."""
    if any(stop not in simple for stop in stops) or len(set(stops)) < len(stops):
        return
    if len(stops) == 2:
        yield from _shortest(simple, stops[0], stops[1], max_length, only_one=only_one)
        return
    legs = [list(islice(_shortest(simple, a, b, max_length), MOST_PATHS)) for a, b in pairwise(stops)]
    joined = [route for route in _joined(legs) if len(set(route)) == len(route)]
    yield from sorted((r for r in joined if max_length is None or len(r) - 1 <= max_length), key=lambda r: (len(r), r))


def _shortest(
    simple: "nx.Graph[str]", start: str, end: str, max_length: int | None, *, only_one: bool = False
) -> Iterator[list[str]]:
    try:
        if only_one:  # many times faster than the first of all simple paths
            routes: Iterable[list[str]] = [nx.shortest_path(simple, start, end)]
        else:
            routes = nx.shortest_simple_paths(simple, start, end)
        for route in routes:
            if max_length is not None and len(route) - 1 > max_length:
                return
            yield route
    except nx.NetworkXNoPath:
        return


def _joined(legs: Sequence[list[list[str]]], most: int = 10_000) -> list[list[str]]:
    """Every way to join one path of each leg to the next, up to a bound on the work."""
    joined = legs[0]
    for leg in legs[1:]:
        joined = [a + b[1:] for a in joined for b in leg if not set(a[:-1]) & set(b)][:most]
    return joined


#: A step before it is an answer: its ends, and the relations between them as (source, target, attributes).
_Relations = list[tuple[str, str, dict[str, Any]]]
_Step = tuple[str, str, _Relations]


def _steps(whole: "nx.MultiDiGraph[str]", route: list[str], unwanted: Set[str], directed: bool) -> list[_Step]:
    return [(a, b, list(_relations(whole, a, b, unwanted, directed))) for a, b in pairwise(route)]


def _relations(
    whole: "nx.MultiDiGraph[str]", a: str, b: str, unwanted: Set[str], directed: bool
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    pairs: Iterable[tuple[str, str]] = [(a, b)] if directed else [(a, b), (b, a)]
    for source, target in pairs:
        for data in (whole.get_edge_data(source, target) or {}).values():
            if data["kind"] not in unwanted:
                yield source, target, data


def _answers(graph: "KnowledgeGraph", found: list[list[_Step]]) -> list[Path]:
    """The paths with the names and sources of all their parts, which are read together."""
    vias = {data["via"] for path in found for *_, relations in path for *_, data in relations}
    named = refs(graph, [*vias, *(iri for path in found for a, b, _ in path for iri in (a, b))])
    known = carriers(graph, vias)
    return [_answer(named, known, path) for path in found]


def _answer(named: dict[str, Ref], known: dict[str, Carrier], path: list[_Step]) -> Path:
    steps = [
        Step(
            start=named[a],
            end=named[b],
            forward=any(source == a for source, *_ in relations),
            edges=[_edge(named, known, *relation) for relation in relations],
        )
        for a, b, relations in path
    ]
    nodes = [named[path[0][0]], *(named[b] for _, b, _ in path)]
    return Path(length=len(steps), nodes=nodes, steps=steps, text=_text(nodes[0], path, named))


def _edge(named: dict[str, Ref], known: dict[str, Carrier], source: str, target: str, data: dict[str, Any]) -> Edge:
    carrier = known[data["via"]]
    kept = ("predicate", "kind", "label", "valid_from", "valid_until")
    return Edge(
        source=named[source].id,
        target=named[target].id,
        via=named[data["via"]],
        share=carrier.share,
        sources=carrier.sources,
        graph=carrier.graph,
        **{name: data[name] for name in kept},
    )


def _text(first: Ref, path: list[_Step], named: dict[str, Ref]) -> str:
    """The path in one line, each step by its first relation, read in the direction of the path."""
    parts = [first.label]
    for a, b, ((source, _, data), *_) in path:
        parts.append(f"—{data['label']}→" if source == a else f"←{data['label']}—")
        parts.append(named[b].label)
    return " ".join(parts)
