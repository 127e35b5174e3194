"""A private world for one deal: the law, the facts around the deal, and the deal's own facts in a graph of their own.

The served store is only read. The law is the same for all deals and is kept per version of the store: every graph that
states law, whole. Of graphs of mere facts only the surroundings of the deal are taken: what its things own and consist
of, what is recorded of them and of its parties, and who stands behind each of those. What has very many links, such as
authorities, countries and instruments, belongs to the law and is never followed. So the cost does not depend on facts
that the deal does not touch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import pyoxigraph as ox

import ontology
from graph.deals.facts import Facts
from graph.derive import derive
from graph.derive.law import read_law
from graph.sparql import library
from graph.store import EVERYTHING, Dataset, EmbeddedStore
from graph.terms import Term, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: How many nodes one query asks about.
_AT_ONCE: Final = 2_000


@dataclass(frozen=True)
class _Base:
    """The law of a store: its triples in memory, the graphs that state it, and the ends that no walk goes beyond."""

    graph: "KnowledgeGraph"
    graphs: frozenset[str]
    ends: frozenset[str]


def deal_world(graph: "KnowledgeGraph", facts: Facts) -> "KnowledgeGraph":
    """A graph of its own in memory in which the deal's facts stand beside the law and their surroundings, derived."""
    base = _kept(graph)
    store = cast("EmbeddedStore", base.graph.store).twin()
    store.extend(_surroundings(graph, base, facts))
    store.extend(facts.quads)
    store.extend([_declared(facts.graph)])
    for triple in facts.withdrawn:
        places = [node(name) for name in store.graphs()]
        store.amend([ox.Quad(triple.subject, triple.predicate, triple.object, place) for place in places], [])
    world = type(graph)(store)
    world.law = read_law(graph)
    derive(world)
    return world


def law_of(graph: "KnowledgeGraph") -> "KnowledgeGraph":
    """The law of the graph alone, in memory and not derived; kept per version of the store. Do not change it."""
    return _kept(graph).graph


def _kept(graph: "KnowledgeGraph") -> _Base:
    return graph.memo("law of deals", lambda: _base(graph))


def _base(graph: "KnowledgeGraph") -> _Base:
    asserted = {name for name in graph.world(derived=False).default if name}
    rows = graph.store.select(library.query("law-graphs"), Dataset((None,)))
    graphs = asserted.intersection(str(text(row, "graph")) for row in rows)
    store = EmbeddedStore()
    for name in (None, *sorted(graphs)):
        place = node(name) if name else ox.DefaultGraph()
        triples = graph.store.construct(EVERYTHING, Dataset((name,)))
        store.extend(ox.Quad(t.subject, t.predicate, t.object, place) for t in triples)
    ends = store.select(library.query("ends-of-walks"), Dataset((None, *sorted(graphs))))
    law = type(graph)(store)
    law.law = read_law(graph)
    return _Base(law, frozenset(graphs), frozenset(str(text(row, "node")) for row in ends))


def _declared(name: str) -> ox.Quad:
    """That a graph is part of the world."""
    kind, dataset = node(ontology.iri("rdf:type")), node(ontology.iri("dcat:Dataset"))
    return ox.Quad(node(name), kind, dataset, ox.DefaultGraph())


def _surroundings(graph: "KnowledgeGraph", base: _Base, facts: Facts) -> list[ox.Quad]:
    """What graphs of mere facts say around the deal."""
    others = [name for name in graph.world(derived=False).default if name and name not in base.graphs]
    if not others:
        return []
    walk = _Walk(graph, base)
    things = walk.closure(facts.things, "belongings", "thing")
    parties = {iri for iri in facts.nodes.values() if walk.follows(iri)} | set(facts.parties)
    records = walk.ask("records-about", things | parties, "record")
    found = walk.statements(things | parties | records)
    mentioned = {quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)}
    around = things | parties | {iri for iri in mentioned if walk.follows(iri)}
    around |= walk.closure(around, "owners-above", "owner")
    behind = walk.ask("owners-above", around, "record") | walk.ask("standing-of", around, "record")
    found |= walk.statements((around | behind) - things - parties - records)
    return [quad for quad in found if quad.graph_name.value in others]  # type: ignore[union-attr]


class _Walk:
    """Following links in the served store from a few nodes on."""

    def __init__(self, graph: "KnowledgeGraph", base: _Base) -> None:
        self._graph, self._base = graph, base

    def follows(self, iri: str) -> bool:
        """Whether the walk may go on from there: countries, authorities, concepts and instruments are ends."""
        return iri not in self._base.ends and not iri.startswith(ontology.iri("loc:"))

    def closure(self, begin: Iterable[str], name: str, column: str) -> set[str]:
        """All that a query leads to from the beginning, again and again."""
        seen = set(begin)
        left = set(seen)
        while left:
            left = {iri for iri in self.ask(name, left, column) if self.follows(iri)} - seen
            seen |= left
        return seen

    def ask(self, name: str, iris: Iterable[str], column: str) -> set[str]:
        """What the query finds for the nodes."""
        rows = (row for nodes in _parts(iris) for row in self._graph.rows(name, nodes=nodes))
        return {term.value for row in rows if isinstance(term := row[column], ox.NamedNode)}

    def statements(self, iris: Iterable[str]) -> set[ox.Quad]:
        """What is stated of the nodes."""
        return {
            ox.Quad(row["subject"], row["property"], row["value"], row["graph"])  # type: ignore[arg-type]
            for nodes in _parts(iris)
            for row in self._graph.rows("statements-of", nodes=nodes)
        }


def _parts(iris: Iterable[str]) -> Iterable[list[Term]]:
    """The nodes in the portions of one query each."""
    nodes: list[Term] = [node(iri) for iri in sorted(set(iris))]
    return (nodes[start : start + _AT_ONCE] for start in range(0, len(nodes), _AT_ONCE))
