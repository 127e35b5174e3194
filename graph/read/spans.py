"""When each dated record can be seen, and how far the sources reach."""

from datetime import date
from typing import TYPE_CHECKING

from graph.terms import date_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


def spans(graph: "KnowledgeGraph") -> dict[str, tuple[date | None, date | None]]:
    """From which day on each dated record holds or can be seen, and the first day on which it no longer does."""
    return graph.memo("spans", lambda: _read(graph))


def last_covered(graph: "KnowledgeGraph") -> date | None:
    """The newest day that a source of the graph covers; what was current then is unknown afterwards."""
    return graph.memo(
        "last covered",
        lambda: max((day for row in graph.rows("coverage") if (day := date_of(row, "until"))), default=None),
    )


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
