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
from graph.terms import node

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
        elif facts is None:
            _tried_anew(graph, statements)
        elif graph.store.scratch is not None or _is_light(graph):
            _tried(graph, statements, facts)
        else:
            _in_place(graph, statements, facts)


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


def _tried_anew(graph: "KnowledgeGraph", statements: str) -> None:
    """Derive everything on a copy, and make the change with what follows from it."""
    trial = type(graph)(cast("EmbeddedStore", graph.store).copy())
    try:
        trial.store.update(statements)
        _write(graph, statements, difference(trial))
        graph.law = trial.law
    finally:
        trial.discard()


def _tried(graph: "KnowledgeGraph", statements: str, facts: Change) -> None:
    """Derive what the facts touch on the copy of the last change, and make the change with what follows from it."""
    trial, graph.trial = _kept(graph) or _trial(graph), None
    inside = _in_world(graph, facts)
    try:
        trial.law = read_law(graph)
        _write(graph, statements, rederive(trial, inside, lambda: trial.store.amend(inside.gone, inside.new)))
    except BaseException:
        trial.discard()
        raise
    graph.trial = (trial, graph.store.version)


def _write(graph: "KnowledgeGraph", statements: str, change: Change) -> None:
    meant = [operation(verb, quads) for verb, quads in (("DELETE", change.gone), ("INSERT", change.new)) if quads]
    graph.store.update(followed_by(statements, *meant))


def _kept(graph: "KnowledgeGraph") -> "KnowledgeGraph | None":
    """The copy of the last change of known facts, if its world is still that of the store."""
    kept, graph.trial = graph.trial, None
    if kept and kept[1] == graph.store.version:
        return kept[0]
    if kept:
        kept[0].discard()
    return None


def _trial(graph: "KnowledgeGraph") -> "KnowledgeGraph":
    """A copy of the graph; of a small one, of its asserted world alone, in memory, where no other graphs are."""
    store = cast("EmbeddedStore", graph.store)
    if not _is_light(graph):
        return type(graph)(store.copy())
    world = store.twin()
    for name in set(store.graphs()).difference(graph.world().default):
        world.drop(name)
    return type(graph)(world)


def _is_light(graph: "KnowledgeGraph") -> bool:
    """Whether a change is tried quickest on a copy of the asserted world in memory."""
    return not graph.scope().union and graph.store.size() <= _LIGHT


def _content(graph: "KnowledgeGraph", name: str | None) -> set[ox.Quad]:
    """The quads of a graph, if they are few enough to be looked at one by one."""
    triples = graph.store.construct(f"{EVERYTHING} LIMIT {_FEW + 1}", Dataset((name,)))
    return {ox.Quad(t.subject, t.predicate, t.object, _place(name)) for t in triples}


def _place(name: str | None) -> ox.NamedNode | ox.DefaultGraph:
    return ox.NamedNode(name) if name else ox.DefaultGraph()


def _is_small(graph: "KnowledgeGraph", facts: Change) -> bool:
    """Whether the facts are few, and none is law, says which graphs are asserted, is derived, or has blank nodes.

    A blank node gets another name in each store, so that it cannot be looked up.
    """
    if len(facts.gone) + len(facts.new) > _FEW:
        return False
    law = read_law(graph)
    derived = node(ontology.DERIVED_GRAPH)
    return not any(
        law.touched_by(quad.triple)
        or quad.graph_name == derived
        or isinstance(quad.subject, ox.BlankNode)
        or isinstance(quad.object, ox.BlankNode)
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
        stated = set(store.quads())
        gone, new = ((), stated) if verb == "INSERT" else (stated, ())
        # What is said last of a quad counts, whether it was there or not.
        found = Change((found.gone - stated).union(gone), (found.new - stated).union(new))
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
