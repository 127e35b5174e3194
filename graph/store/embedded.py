"""The embedded engine: Oxigraph in memory or in a folder."""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import pyoxigraph as ox

import ontology
from graph.errors import BadData, BadQuery, StoreError
from graph.store.base import CATALOGUE, Dataset
from graph.terms import Row


class EmbeddedStore:
    """An Oxigraph store in `folder`, or in memory without one."""

    #: The name of the default graph in updates: it needs none here.
    catalogue: str | None = None

    def __init__(self, folder: Path | None = None) -> None:
        self.version = 0
        self.location = str(folder) if folder else "memory"
        self._engine = _open(folder)
        #: Where hard links to the store's files can be made; what a killed process left there goes. ``None`` in memory.
        self.scratch: Path | None = None
        if folder:
            self.scratch = Path(f"{folder.resolve()}.scratch")
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir()
        self._size: tuple[int, int] | None = None

    def select(self, query: str, dataset: Dataset | None = None) -> list[Row]:
        """The solutions of a SELECT."""
        found = run(self._engine, query, dataset)
        if not isinstance(found, ox.QuerySolutions):
            raise BadQuery("A SELECT query is needed here.")
        names = [variable.value for variable in found.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None} for solution in found
        ]

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """The answer of an ASK."""
        return bool(run(self._engine, query, dataset))

    def construct(self, query: str, dataset: Dataset | None = None) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE."""
        found = run(self._engine, query, dataset)
        if not isinstance(found, ox.QueryTriples):
            raise BadQuery("A CONSTRUCT or DESCRIBE query is needed here.")
        return list(found)

    def update(self, update: str) -> None:
        """Run one SPARQL update in one transaction."""
        try:
            self._engine.update(update)
        except SyntaxError as error:
            raise BadQuery(f"The update does not parse: {_reason(error)}") from None
        except (RuntimeError, ValueError) as error:
            raise BadQuery(f"The update cannot be run: {error}") from None
        self._changed()

    def load(self, data: IO[bytes], media: ox.RdfFormat, graph: str | None, base: str | None = None) -> None:
        """Add a document. A new graph is bulk-loaded and dropped again if that fails; all else is one transaction."""
        target = _graph(graph)
        if not media.supports_datasets and graph and not self._engine.contains_named_graph(ox.NamedNode(graph)):
            self._bulk_load(data, media, ox.NamedNode(graph), base)
        else:
            _parsing(
                lambda: self._engine.load(
                    data, media, base_iri=base, to_graph=None if media.supports_datasets else target
                )
            )
        self._changed()

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Add quads in one transaction."""
        self._engine.extend(quads)
        self._changed()

    def amend(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad]) -> None:
        """Remove some quads of named graphs and add others in one transaction."""
        gone = list(gone)
        if not gone:
            self.extend(new)
            return
        self.update(f"{operation('DELETE', gone)} ;\n{operation('INSERT', new)}")

    def dump(self, output: IO[bytes], media: ox.RdfFormat, graph: str | None = None, *, whole: bool = False) -> None:
        """Write one graph, or everything."""
        prefixes = ontology.prefixes() if media in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG) else None
        self._engine.dump(output, media, from_graph=None if whole else _graph(graph), prefixes=prefixes)

    def quads(self) -> Iterator[ox.Quad]:
        """Every quad."""
        return iter(self._engine)

    def says(self, predicate: ox.NamedNode, value: ox.NamedNode | None = None) -> bool:
        """Whether a quad of any graph has the predicate, and the value where there is one."""
        return next(self._engine.quads_for_pattern(None, predicate, value, None), None) is not None

    def holds(self, quad: ox.Quad) -> bool:
        """Whether the quad is in it."""
        return quad in self._engine

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs."""
        return sorted(graph.value for graph in self._engine.named_graphs())

    def drop(self, graph: str | None) -> None:
        """Remove a graph and its triples."""
        if graph is None:
            self._engine.clear_graph(ox.DefaultGraph())
        else:
            self._engine.remove_graph(ox.NamedNode(graph))
        self._changed()

    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return next(iter(self._engine), None) is None

    def size(self) -> int:
        """How many quads there are, counted once per version."""
        if not self._size or self._size[0] != self.version:
            self._size = (self.version, len(self._engine))
        return self._size[1]

    def snapshot(self, folder: Path) -> None:
        """Hard links of the files on disk; a full copy of a store in memory."""
        if self.location == "memory":
            copy = ox.Store(str(folder))
            copy.bulk_extend(self._engine)
            copy.flush()
        else:
            self._engine.backup(str(folder))

    def copy(self) -> "EmbeddedStore":
        """A store of its own with the same quads, in memory as this one or among its hard links; `discard` it."""
        if self.scratch is None:
            return self.twin()
        folder = self.scratch / f"trial-{self.version}"
        shutil.rmtree(folder, ignore_errors=True)
        self.snapshot(folder)
        return EmbeddedStore(folder)

    def twin(self) -> "EmbeddedStore":
        """A store in memory with the same quads."""
        twin = EmbeddedStore()
        twin._engine.bulk_extend(self._engine)
        return twin

    def close(self) -> None:
        """Sync to disk and release the lock."""
        with suppress(AttributeError):
            self._engine.flush()
            del self._engine
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def discard(self) -> None:
        """Close the store and remove its files."""
        with suppress(AttributeError):
            del self._engine
        if self.scratch:
            shutil.rmtree(self.location, ignore_errors=True)
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _bulk_load(self, data: IO[bytes], media: ox.RdfFormat, graph: ox.NamedNode, base: str | None) -> None:
        try:
            _parsing(lambda: self._engine.bulk_load(data, media, base_iri=base, to_graph=graph))
        except BaseException:
            self._engine.remove_graph(graph)
            raise

    def _changed(self) -> None:
        self.version += 1


def run(
    engine: ox.Store, query: str, dataset: Dataset | None = None
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Evaluate a query; `BadQuery` where it does not parse. Results belong to the calling thread."""
    try:
        if dataset is None:
            return engine.query(query)
        if dataset.union:
            return engine.query(query, use_default_graph_as_union=True)
        return engine.query(
            query,
            default_graph=[_graph(graph) for graph in dataset.default],
            named_graphs=None if dataset.named is None else [ox.NamedNode(graph) for graph in dataset.named],
        )
    except SyntaxError as error:
        raise BadQuery(f"The query does not parse: {_reason(error)}") from None


def _reason(error: SyntaxError) -> str:
    """The parser's message without its list of every character that could have come."""
    return re.sub(r"expected one of .*", "unexpected text", str(error), flags=re.DOTALL)


def operation(verb: str, quads: Iterable[ox.Quad], catalogue: str | None = None) -> str:
    """The INSERT DATA or DELETE DATA of some quads; those of the default graph go to `catalogue`, where it is named."""
    data = "\n".join(_written(quad, catalogue) for quad in quads)
    return f"{verb} DATA {{\n{data}\n}}"


def _written(quad: ox.Quad, catalogue: str | None) -> str:
    triple = f"{quad.subject} {quad.predicate} {quad.object} ."
    if isinstance(quad.graph_name, ox.NamedNode):
        return f"GRAPH {quad.graph_name} {{ {triple} }}"
    return f"GRAPH <{catalogue}> {{ {triple} }}" if catalogue else triple


def _graph(iri: str | None) -> ox.NamedNode | ox.DefaultGraph:
    return ox.NamedNode(iri) if iri and iri != CATALOGUE else ox.DefaultGraph()


def _open(folder: Path | None) -> ox.Store:
    if folder is None:
        return ox.Store()
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / "CURRENT").exists():
            raise StoreError(f"The folder {folder} holds other files. Name a new or empty folder for the store.")
        folder.mkdir(parents=True, exist_ok=True)
        return ox.Store(str(folder))
    except OSError as error:
        if "lock" in str(error).lower():
            raise StoreError(
                f"The store {folder} is in use by another process. Ask that one over HTTP "
                "(--store http://HOST:PORT/sparql), or stop it first."
            ) from None
        raise StoreError(f"The store {folder} cannot be opened: {error}") from None


def _parsing(read: Callable[[], None]) -> None:
    try:
        read()
    except SyntaxError as error:
        raise BadData(f"The RDF does not parse: {error}") from None
    except ValueError as error:
        raise BadData(f"The RDF cannot be read: {error}") from None
