"""When each dated record can be seen, and how far the sources reach."""

from datetime import date
from typing import TYPE_CHECKING

from graph.terms import date_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def spans(graph: "KnowledgeGraph") -> dict[str, tuple[date | None, date | None]]:
    """From which day on each dated record holds or can be seen, and the first day on which it no longer does."""
    return graph.memo("spans", lambda: _read(graph))


def last_covered(graph: "KnowledgeGraph", iri: str) -> date | None:
    """The newest day that the sources of a record's graph cover; what was current then is unknown afterwards."""
    return graph.memo("last covered", lambda: _covered(graph)).get(iri)


def _covered(graph: "KnowledgeGraph") -> dict[str, date]:
    found: dict[str, date] = {}
    for row in graph.rows("covered"):
        iri, day = str(text(row, "node")), date_of(row, "until")
        if day and (iri not in found or day > found[iri]):
            found[iri] = day
    return found


def _read(graph: "KnowledgeGraph") -> dict[str, tuple[date | None, date | None]]:
    begins: dict[str, tuple[int, date]] = {}
    ends: dict[str, date] = {}
    for row in graph.rows("spans"):
        iri, rank, day = str(text(row, "node")), int(str(text(row, "rank"))), date_of(row, "day")
        if day is None:
            continue
        if rank == 0:
            ends[iri] = day
        elif iri not in begins or (rank, day) < begins[iri]:
            begins[iri] = (rank, day)
    return {iri: (begins[iri][1] if iri in begins else None, ends.get(iri)) for iri in begins.keys() | ends.keys()}
