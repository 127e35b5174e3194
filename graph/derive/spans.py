"""Periods of validity: half-open stretches of days, and where nodes get theirs from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import ontology
from graph.terms import Term, date_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: From this many nodes on, one pass over all dates is quicker than naming the nodes.
_MANY: Final = 50_000
#: The properties that tell when a node begins and ends to hold, the first that is stated before the others.
_BEGIN: Final = ("validFrom", "date", "signing", "date_document")
_END: Final = ("validUntil", "date_no_longer_in_force")


class Span(NamedTuple):
    """A half-open period; an open end is unknown or has not come."""

    begin: date | None
    end: date | None

    def meet(self, other: "Span") -> "Span":
        """The days in both."""
        return Span(_later(self.begin, other.begin), _earlier(self.end, other.end))

    def without(self, other: "Span") -> list["Span"]:
        """What is left of these days without those of the other: nothing, one stretch, or two."""
        before = Span(self.begin, _earlier(self.end, other.begin)) if other.begin else None
        after = Span(_later(self.begin, other.end), self.end) if other.end else None
        return [part for part in (before, after) if part and not part.empty]

    def holds(self, day: date) -> bool:
        """Whether the day is in it."""
        return (self.begin is None or self.begin <= day) and (self.end is None or day < self.end)

    @property
    def empty(self) -> bool:
        """Whether no day is in it."""
        return self.begin is not None and self.end is not None and self.begin >= self.end


ALWAYS: Final = Span(None, None)


@dataclass(frozen=True)
class Dates:
    """When a node holds, and from which day it can be known: a row of a table of law before it applies."""

    span: Span
    known: date | None


class Timetable:
    """The dates of the nodes that cases rest on, read from the store as they are asked for."""

    def __init__(self, graph: "KnowledgeGraph") -> None:
        self._graph = graph
        self._dates: dict[Term, Dates] = {}
        self._seen: set[Term] = set()
        self._whole = False

    def read(self, nodes: Iterable[Term]) -> dict[Term, Dates]:
        """The dates of those of the nodes that have any (and possibly of others)."""
        new = {node for node in nodes if node not in self._seen}
        if new and not self._whole:
            self._whole = len(new) > _MANY
            wanted = None if self._whole else sorted(new, key=str)
            told: dict[Term, dict[str, date | None]] = {}
            for row in self._graph.rows("premises", nodes=wanted):
                days = told.setdefault(row["node"], {})
                name = ontology.slug_of(str(text(row, "property")))
                days[name] = days.get(name) or date_of(row, "day")
            self._dates.update((node, _dates(days)) for node, days in told.items())
        self._seen |= new
        return self._dates

    def tell(self, node: Term, dates: Dates) -> None:
        """The dates of a node that was derived just now."""
        self._dates[node] = dates
        self._seen.add(node)


def _dates(days: dict[str, date | None]) -> Dates:
    """The dates from the days of a node by property. What is only planned holds from the day of the plan, if any."""
    if "Activity" in days:
        days = {name: day for name, day in days.items() if name != "date"}
    begin, end = (next((day for name in names if (day := days.get(name))), None) for names in (_BEGIN, _END))
    return Dates(Span(begin, end), days.get("issued") if "Threshold" in days else begin)


def _later(a: date | None, b: date | None) -> date | None:
    return b if a is None else a if b is None or a >= b else b


def _earlier(a: date | None, b: date | None) -> date | None:
    return b if a is None else a if b is None or a <= b else b
