"""Changing the graph: SPARQL updates and whole graphs, with the legal positions derived anew, all or nothing."""

import shutil
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyoxigraph as ox

from graph.derive import derive
from graph.errors import BadQuery, NotFound
from graph.sparql.text import inspect
from graph.store import EmbeddedStore
from graph.undo import Undo

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def update(graph: "KnowledgeGraph", text: str) -> None:
    """Run a SPARQL update; `BadQuery` or `BadData` where it or the derivation fails, and nothing is changed then."""
    if inspect(text).form != "UPDATE":
        raise BadQuery("This is a query. Send it as `query`, not as `update`.")
    _rehearsed(graph, lambda trial: trial.store.update(text))


def put_graph(
    graph: "KnowledgeGraph", name: str | None, data: IO[bytes], media: ox.RdfFormat, *, replace: bool
) -> bool:
    """Add a document to a graph (``None``: the default graph), or put it in its place; whether the graph is new.

    `BadData` where it does not parse, or the norms do not run with it; nothing is changed then.
    """
    existed = name is None or name in graph.store.graphs()
    with Undo(graph) as undo:
        undo.keep(name)
        incoming = EmbeddedStore()
        incoming.load(data, media, None if media.supports_datasets else name)
        buffer = BytesIO()
        incoming.dump(buffer, ox.RdfFormat.N_TRIPLES, None if media.supports_datasets else name)
        if replace and existed:
            graph.store.drop(name)
        graph.store.load(BytesIO(buffer.getvalue()), ox.RdfFormat.N_TRIPLES, name)
        derive(graph)
    return not existed


def delete_graph(graph: "KnowledgeGraph", name: str | None) -> None:
    """Remove a graph; `NotFound` where there is none."""
    if name is not None and name not in graph.store.graphs():
        raise NotFound(f"There is no graph <{name}>.")
    with Undo(graph) as undo:
        undo.keep(name)
        graph.store.drop(name)
        derive(graph)


def _rehearsed(graph: "KnowledgeGraph", change: Callable[["KnowledgeGraph"], None]) -> None:
    """Make the change on a copy first, where the store can be copied, so that a failure leaves the graph as it was."""
    if isinstance(graph.store, EmbeddedStore):
        folder = Path(tempfile.mkdtemp(prefix="vinculum-", dir=graph.store.beside))
        try:
            with type(graph)(graph.store.copy(folder / "copy")) as trial:
                change(trial)
                derive(trial)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    change(graph)
    derive(graph)
