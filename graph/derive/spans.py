"""Periods of validity: half-open stretches of days, and where nodes get theirs from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from graph.terms import Row, Term, date_of

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: From this many nodes on, one pass over all dates is quicker than naming the nodes.
_MANY: Final = 2_000


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
            for row in self._graph.rows("premises", nodes=wanted):
                self._dates[row["node"]] = _dates(row)
        self._seen |= new
        return self._dates

    def tell(self, node: Term, dates: Dates) -> None:
        """The dates of a node that was derived just now."""
        self._dates[node] = dates
        self._seen.add(node)


def _dates(row: Row) -> Dates:
    begin = date_of(row, "from")
    return Dates(Span(begin, date_of(row, "until")), date_of(row, "issued") if "law" in row else begin)


def _later(a: date | None, b: date | None) -> date | None:
    return b if a is None else a if b is None or a >= b else b


def _earlier(a: date | None, b: date | None) -> date | None:
    return b if a is None else a if b is None or a <= b else b
