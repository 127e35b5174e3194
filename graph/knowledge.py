"""The knowledge graph: a store, and the world that questions are asked of."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, RLock
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import ontology
from graph.derive.law import Law
from graph.errors import StoreError
from graph.load import Watch, fill
from graph.sparql import library
from graph.store import Dataset, EmbeddedStore, Store, open_store
from graph.terms import Row, Term, text

T = TypeVar("T")
#: How many values are kept: the fixed ones, and the networks of some days.
_REMEMBERED: Final = 40


class KnowledgeGraph:
    """A store of facts, norms and what follows from them. Use as a context manager, or call `close`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._memory: tuple[int, OrderedDict[str, Any]] = (-1, OrderedDict())
        self._lock = Lock()
        #: The rules as they were last read (`graph.derive.law.read_law`); forgotten where the law changes.
        self.law: Law | None = None
        #: A copy of the graph on which changes are tried, and the version of the store that it is a copy of.
        self.trial: tuple[KnowledgeGraph, int] | None = None
        #: Held while the store is changed, so that changes come one after the other.
        self.writing = RLock()

    def world(self, *, derived: bool = True) -> Dataset:
        """The default world: the catalogue, every graph it declares a dataset, and (`derived`) the legal positions."""
        world = self.memo("world", self._read_world)
        return Dataset((*world.default, ontology.DERIVED_GRAPH)) if derived else world

    def scope(self) -> Dataset:
        """The default world as the store reads it fastest."""
        return self.memo("scope", self._read_scope)

    def _read_scope(self) -> Dataset:
        world = self.world()
        whole = isinstance(self.store, EmbeddedStore) and set(world.default).issuperset(self.store.graphs())
        return replace(world, union=whole)

    def rows(self, name: str, **parameters: Term | Sequence[Term] | None) -> list[Row]:
        """The solutions of the named query over the default world."""
        return self.store.select(library.query(name, **parameters), self.scope())

    def memo(self, name: str, make: Callable[[], T]) -> T:
        """The value under `name`, made anew after every change of the store; the least used of many are forgotten."""
        with self._lock:
            if self._memory[0] != self.store.version:
                self._memory = (self.store.version, OrderedDict())
            values = self._memory[1]
            if name in values:
                values.move_to_end(name)
                return cast("T", values[name])
        value = make()
        with self._lock:
            values[name] = value
            if len(values) > _REMEMBERED:
                values.popitem(last=False)
        return value

    def _read_world(self) -> Dataset:
        rows = self.store.select(library.query("world"), Dataset())
        return Dataset((None, *(str(text(row, "graph")) for row in rows)))

    def close(self) -> None:
        """Let go of the store."""
        if self.trial:
            self.trial[0].discard()
            self.trial = None
        self.store.close()

    def discard(self) -> None:
        """Let go of the store and remove its files."""
        cast("EmbeddedStore", self.store).discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_graph(
    location: str | Path = "memory", *, at: datetime | None = None, watch: Watch | None = None
) -> KnowledgeGraph:
    """Open the knowledge graph at `location` (``memory``, a folder, a SPARQL endpoint); one without our
    ontology is filled first.

    `at` is the time to record for a first filling, now unless given.
    """
    graph = KnowledgeGraph(open_store(location))
    try:
        if not graph.store.ask("ASK { ?s ?p ?o }", Dataset((ontology.ONTOLOGY_GRAPH,))):
            if not graph.store.empty():
                raise StoreError(
                    f"{location} holds data, but not Vinculum's ontology. Name an empty store, which is filled, and "
                    "load the data into it with `vinculum load`."
                )
            fill(graph, at or datetime.now(UTC), watch)
    except BaseException:
        graph.close()
        raise
    return graph
