"""The engine of Vinculum: store, load, validate, derive, read, find paths, export.

    from graph import open_graph
    with open_graph("memory") as graph:
        ...

Everything a face of the product can do is one plain call here with typed results.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph, open_graph

__all__ = ["KnowledgeGraph", "open_graph"]


def __getattr__(name: str) -> Any:
    """Import the engine when it is first asked for: a query worker lives in this package and must start at once."""
    if name in __all__:
        from graph import knowledge

        return getattr(knowledge, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
