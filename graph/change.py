"""Changing the graph: each change and what it means for the legal positions are one transaction, or nothing.

A change is written as SPARQL update statements. They are tried on a copy first; from it comes what the derived graph
will gain and lose, and both go into the store together. As long as the copy stays the same as the store, the next
change is tried on it too. Changes come one after another.
"""

from typing import IO, TYPE_CHECKING, Final, cast

import pyoxigraph as ox

import ontology
from graph.derive import Change, derive, difference, rederive
from graph.derive.law import read_law
from graph.errors import BadData, BadQuery, BadRequest, NotFound
from graph.sparql.text import data_operations, followed_by, inspect
from graph.store import EVERYTHING, Dataset, EmbeddedStore
from graph.store.embedded import operation

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: Up to this many changed facts, asking what they touch is quicker than deriving everything.
_FEW: Final = 1_000
#: Up to this many quads, a copy in memory is made in little time.
_LIGHT: Final = 200_000


def update(graph: "KnowledgeGraph", text: str) -> None:
    """Run a SPARQL update; `BadQuery` or `BadData` where it or the derivation fails, and nothing is changed then."""
    if inspect(text).form != "UPDATE":
        raise BadQuery("This is a query. Send it as `query`, not as `update`.")
    commit(graph, text, _stated(text))


def put_graph(
    graph: "KnowledgeGraph", name: str | None, data: IO[bytes], media: ox.RdfFormat, *, replace: bool
) -> bool:
    """Add a document to a graph (``None``: the default graph), or put it in its place; whether the graph is new.

    `BadData` where it does not parse, names graphs itself, or the norms do not run with it; nothing is changed then.
    """
    refuse_derived(name)
    incoming = EmbeddedStore()
    place = name or graph.store.catalogue
    incoming.load(data, media, None, base=name)
    if incoming.graphs():
        raise BadData("The document names graphs itself. Send triples, or load the file with `vinculum load`.")
    with graph.writing:
        existed = name is None or name in graph.store.graphs()
        begin = cleared(place) if replace and existed else ""
        new = {ox.Quad(q.subject, q.predicate, q.object, _place(place)) for q in incoming.quads()}
        facts = Change(_content(graph, place) if begin else set(), new)
        commit(graph, f"{begin}{created(place)}{operation('INSERT', incoming.quads(), place)}", facts)
    return not existed


def delete_graph(graph: "KnowledgeGraph", name: str | None) -> None:
    """Remove a graph; `NotFound` where there is none."""
    refuse_derived(name)
    with graph.writing:
        if name is not None and name not in graph.store.graphs():
            raise NotFound(f"There is no graph <{name}>.")
        place = name or graph.store.catalogue
        commit(graph, cleared(place), Change(_content(graph, place)))


def commit(graph: "KnowledgeGraph", statements: str, facts: Change | None = None) -> None:
    """Run update statements and what they mean for the legal positions in one transaction.

    `facts` are the quads that the statements remove and add, where that is known: then only what they touch is derived
    anew. The copy is made of hard links on disk; where facts are known and the asserted world is small, it is that, in
    memory. A large store in memory is changed and, where that fails, restored. A remote store is not copied: there the
    derivation follows the statements.
    """
    with graph.writing:
        if facts is not None and not _is_small(graph, facts):
            facts = None
        if not isinstance(graph.store, EmbeddedStore):
            graph.law = None
            graph.store.update(statements)
            derive(graph)
        elif facts is not None and graph.store.scratch is None and not _is_light(graph):
            _in_place(graph, statements, facts)
        else:
            _tried(graph, statements, facts)


def _in_place(graph: "KnowledgeGraph", statements: str, facts: Change) -> None:
    store = cast("EmbeddedStore", graph.store)
    mentioned = facts.gone | facts.new
    there = {quad for quad in mentioned if store.holds(quad)}
    meant = Change()
    try:
        rederive(graph, _in_world(graph, facts), lambda: store.update(statements), meant)
    except BaseException:
        store.amend((mentioned - there) | meant.new, there | meant.gone)
        raise


def _tried(graph: "KnowledgeGraph", statements: str, facts: Change | None) -> None:
    trial, graph.trial = _trial(graph, facts), None
    try:
        trial.law = None if facts is None else read_law(graph)
        if facts is None:
            trial.store.update(statements)
            change = difference(trial)
        else:
            change = rederive(trial, _in_world(graph, facts), lambda: trial.store.update(statements))
        meant = [operation(verb, quads) for verb, quads in (("DELETE", change.gone), ("INSERT", change.new)) if quads]
        graph.store.update(followed_by(statements, *meant))
    except BaseException:
        trial.discard()
        raise
    graph.law = trial.law
    if facts is None:
        trial.discard()
    else:
        graph.trial = (trial, graph.store.version)


def _trial(graph: "KnowledgeGraph", facts: Change | None) -> "KnowledgeGraph":
    """A copy of the graph: that of the last change of known facts, if it is still the same."""
    if graph.trial:
        trial, version = graph.trial
        if facts is not None and version == graph.store.version:
            return trial
        trial.discard()
    store = cast("EmbeddedStore", graph.store)
    if facts is None or not _is_light(graph):
        return type(graph)(store.copy())
    world = store.twin()
    for name in set(store.graphs()).difference(graph.world().default):
        world.drop(name)
    return type(graph)(world)


def _is_light(graph: "KnowledgeGraph") -> bool:
    """Whether a change is tried quickest on a copy of the asserted world in memory, where no other graphs are."""
    kept = graph.trial is not None and graph.trial[0].store.location == "memory"
    return kept or (not graph.scope().union and graph.store.size() <= _LIGHT)


def _content(graph: "KnowledgeGraph", name: str | None) -> set[ox.Quad]:
    """The quads of a graph, if they are few enough to be looked at one by one."""
    triples = graph.store.construct(f"{EVERYTHING} LIMIT {_FEW + 1}", Dataset((name,)))
    return {ox.Quad(t.subject, t.predicate, t.object, _place(name)) for t in triples}


def _place(name: str | None) -> ox.NamedNode | ox.DefaultGraph:
    return ox.NamedNode(name) if name else ox.DefaultGraph()


def _is_small(graph: "KnowledgeGraph", facts: Change) -> bool:
    """Whether the facts are few, and none belongs to the law, says which graphs are asserted, or has blank nodes.

    A blank node gets another name in each store, so that it cannot be looked up.
    """
    if len(facts.gone) + len(facts.new) > _FEW:
        return False
    law = read_law(graph)
    return not any(
        law.touched_by(quad.triple) or isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)
        for quad in facts.gone | facts.new
    )


def _in_world(graph: "KnowledgeGraph", facts: Change) -> Change:
    """Those of the facts that stand in asserted graphs."""
    world = graph.world(derived=False).default
    names = {_place(name) for name in world}
    return Change({q for q in facts.gone if q.graph_name in names}, {q for q in facts.new if q.graph_name in names})


def _stated(text: str) -> Change | None:
    """The quads that an update states, where it is nothing but INSERT DATA and DELETE DATA."""
    found = Change()
    for verb, single in data_operations(text) or ():
        store = EmbeddedStore()
        store.update(single)
        found.add((), store.quads()) if verb == "INSERT" else found.add(store.quads(), ())
    return found if found.gone or found.new else None


def cleared(name: str | None) -> str:
    """The statement that removes a graph, if it is there."""
    return "CLEAR DEFAULT ;\n" if name is None else f"DROP SILENT GRAPH <{name}> ;\n"


def created(name: str | None) -> str:
    """The statement that makes a graph, so that an empty one is there too."""
    return "" if name is None else f"CREATE SILENT GRAPH <{name}> ;\n"


def refuse_derived(name: str | None) -> None:
    """`BadRequest` for the derived graph, which only the norms write."""
    if name == ontology.DERIVED_GRAPH:
        raise BadRequest(f"<{name}> holds what the norms give. Write norms and facts; it follows.")
