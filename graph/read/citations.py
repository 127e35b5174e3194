"""How sources are cited, and in which provision a rule or procedure stands: what a reader needs to look it up."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from graph.read.references import Answer
from graph.terms import date_of, node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


class Citation(Answer):
    """A source, norm or procedure as it is cited. `within`: the provision or instrument that states it."""

    label: str
    description: str | None = None
    citation: str | None = None
    published: date | None = None
    within: str | None = None


def citations(graph: "KnowledgeGraph", iris: Iterable[str]) -> dict[str, Citation]:
    """The citation of each thing that the graph describes, by IRI."""
    nodes = [node(iri) for iri in sorted(set(iris))]
    return {
        str(text(row, "node")): Citation(
            label=str(text(row, "label")),
            description=text(row, "description"),
            citation=text(row, "citation"),
            published=date_of(row, "published"),
            within=text(row, "within"),
        )
        for row in graph.rows("citations", nodes=list(nodes))
    }
