"""Putting graphs back as they were when a change to them fails."""

from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyoxigraph as ox

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Undo:
    """While the block runs, `keep` remembers graphs before they are changed; if it fails, they are restored."""

    def __init__(self, graph: "KnowledgeGraph") -> None:
        self._store = graph.store
        self._kept: dict[str | None, bytes | None] = {}

    def keep(self, name: str | None) -> None:
        """Remember a graph (``None``: the default graph) as it is now, unless it is remembered already."""
        if name in self._kept:
            return
        if name is not None and name not in self._store.graphs():
            self._kept[name] = None
            return
        content = BytesIO()
        self._store.dump(content, ox.RdfFormat.N_TRIPLES, name)
        self._kept[name] = content.getvalue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            return
        for name, content in self._kept.items():
            self._store.drop(name)
            place = ox.NamedNode(name) if name else ox.DefaultGraph()
            self._store.extend(  # quad by quad, so that blank nodes keep their names
                ox.Quad(quad.subject, quad.predicate, quad.object, place)
                for quad in ox.parse(content or b"", format=ox.RdfFormat.N_TRIPLES)
            )
