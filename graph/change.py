"""Changing the graph: each change and what it means for the legal positions are one transaction, or nothing.

A change is written as SPARQL update statements. They are tried on a copy first, which costs little (hard links); from
it comes what the derived graph will gain and lose, and both go into the store together. Changes come one after another.
"""

import shutil
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

import ontology
from graph.derive import derive, difference
from graph.errors import BadData, BadQuery, BadRequest, NotFound
from graph.sparql.text import followed_by, inspect
from graph.store import EmbeddedStore
from graph.store.embedded import operation

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def update(graph: "KnowledgeGraph", text: str) -> None:
    """Run a SPARQL update; `BadQuery` or `BadData` where it or the derivation fails, and nothing is changed then."""
    if inspect(text).form != "UPDATE":
        raise BadQuery("This is a query. Send it as `query`, not as `update`.")
    commit(graph, text)


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
        commit(graph, f"{begin}{created(place)}{operation('INSERT', incoming.quads(), place)}")
    return not existed


def delete_graph(graph: "KnowledgeGraph", name: str | None) -> None:
    """Remove a graph; `NotFound` where there is none."""
    refuse_derived(name)
    with graph.writing:
        if name is not None and name not in graph.store.graphs():
            raise NotFound(f"There is no graph <{name}>.")
        commit(graph, cleared(name or graph.store.catalogue))


def commit(graph: "KnowledgeGraph", statements: str) -> None:
    """Run update statements and what they mean for the legal positions in one transaction.

    A remote store is not copied: there the derivation follows the statements.
    """
    with graph.writing:
        if not isinstance(graph.store, EmbeddedStore):
            graph.store.update(statements)
            derive(graph)
            return
        folder = Path(tempfile.mkdtemp(prefix="vinculum-", dir=graph.store.scratch))
        try:
            with type(graph)(graph.store.copy(folder / "copy")) as trial:
                trial.store.update(statements)
                change = difference(trial)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        meant = [operation(verb, quads) for verb, quads in (("DELETE", change.gone), ("INSERT", change.new)) if quads]
        graph.store.update(followed_by(statements, *meant))


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
