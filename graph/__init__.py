"""The engine of Vinculum: store, load, validate, derive, read, find paths, export.

    from graph import open_graph
    with open_graph("memory") as graph:
        ...

Everything a face of the product can do is one plain call here with typed results.
"""

from graph.knowledge import KnowledgeGraph, open_graph

__all__ = ["KnowledgeGraph", "open_graph"]
