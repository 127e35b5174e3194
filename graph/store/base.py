"""The one seam to storage: what every store can do, wherever the triples lie."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

import pyoxigraph as ox

from graph.terms import Row

#: The name of the default graph, which holds the catalogue, where a name is needed: in the SPARQL protocol, and on
#: remote stores, where it is a named graph.
CATALOGUE: Final = "https://w3id.org/vinculum/graph/catalogue"


#: Every triple of a dataset.
EVERYTHING: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@dataclass(frozen=True)
class Dataset:
    """The graphs a query sees (SPARQL 1.1 Protocol, section 2.1.4).

    `default` are the graphs merged into its default graph (``None`` stands for the store's own default graph);
    `named` those that GRAPH can name, all where it is ``None``. `union` says that `default` is all there is, which an
    embedded engine reads several times faster than a list of graphs.
    """

    default: tuple[str | None, ...] = field(default=(None,))
    named: tuple[str, ...] | None = None
    union: bool = False


class Store(Protocol):
    """A store of quads. `version` grows with every change; `catalogue` names the default graph where it has a name."""

    version: int
    location: str
    catalogue: str | None

    def select(self, query: str, dataset: Dataset | None = None) -> list[Row]:
        """The solutions of a SELECT. `BadQuery` where it does not parse."""

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """The answer of an ASK."""

    def construct(self, query: str, dataset: Dataset | None = None) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE."""

    def update(self, update: str) -> None:
        """Run one SPARQL update, whole or not at all."""

    def load(self, data: IO[bytes], media: ox.RdfFormat, graph: str | None, base: str | None = None) -> None:
        """Add a document: triples to `graph` (``None``: the default graph), quads where they say. All or nothing."""

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Add quads, all or nothing where the engine has transactions."""

    def amend(self, gone: Iterable[ox.Quad], new: Iterable[ox.Quad]) -> None:
        """Remove some quads of named graphs and add others in one step, where the engine has transactions."""

    def dump(self, output: IO[bytes], media: ox.RdfFormat, graph: str | None = None, *, whole: bool = False) -> None:
        """Write one graph (``None``: the default graph), or everything where `whole` and the format has graphs."""

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs that exist."""

    def drop(self, graph: str | None) -> None:
        """Remove a graph and its triples."""

    def empty(self) -> bool:
        """Whether there is nothing in it that somebody put there."""

    def size(self) -> int:
        """How many quads there are."""

    def snapshot(self, folder: Path) -> None:
        """Write a consistent copy that another process can open."""

    def close(self) -> None:
        """Make everything durable and let go of the store."""
