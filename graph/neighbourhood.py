"""The surroundings of a thing as an answer: its neighbours within some steps and the relations among them."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from graph.network import neighbourhood
from graph.paths import Edge, edges_of
from graph.read.references import Answer, Ref, refs, resolve

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Neighbourhood(Answer):
    """A subgraph around a thing."""

    focus: Ref
    radius: int
    as_of: date | None
    nodes: list[Ref]
    edges: list[Edge]


def around(
    graph: "KnowledgeGraph", slug: str, radius: int = 1, as_of: date | None = None, include: Sequence[str] = ()
) -> Neighbourhood:
    """The neighbourhood of a thing (a slug); `NotFound` where there is no such thing."""
    focus = resolve(graph, slug)
    part = neighbourhood(graph, focus.iri, radius, as_of, frozenset(include))
    named = refs(graph, part)
    return Neighbourhood(
        focus=focus, radius=radius, as_of=as_of, nodes=[named[iri] for iri in part], edges=edges_of(graph, part)
    )
