"""What goes with a thing when something is done to it, the deals in which it is sold, and who controls whom."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import ontology
from graph.derive.actions import closure
from graph.derive.spans import ALWAYS, Span
from graph.terms import date_of, decimal_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_HALF: Final = Decimal(50)
_DONE: Final = "CompletedActionStatus"
_FAILED: Final = "FailedActionStatus"


@dataclass
class Way:
    """A deal, or a planned act: what would be done, by whom, to what and when."""

    iri: str
    action: str | None
    sellers: set[str] = field(default_factory=set)
    buyers: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    status: str = ""
    signing: date | None = None
    day: date | None = None
    span: Span = ALWAYS

    def open(self, on: date) -> bool:
        """Whether on that day it is begun or planned, and may still be done."""
        if (self.signing and on < self.signing) or not self.span.holds(on):
            return False
        ended = self.day if self.status == _DONE else self.span.end
        return self.status not in (_DONE, _FAILED) or bool(ended and on < ended)

    def done(self, on: date) -> bool:
        """Whether it is completed by that day."""
        return self.status == _DONE and (self.day is None or self.day <= on)


class Things:
    """What goes with a thing, the deals in which it is sold, and who controls whom."""

    def __init__(self, graph: "KnowledgeGraph", day: date) -> None:
        self._day = day
        self._parts: dict[str, set[str]] = defaultdict(set)
        for row in graph.rows("goes-with"):
            self._parts[str(text(row, "thing"))].add(str(text(row, "part")))
        self._held: dict[str, set[str]] = defaultdict(set)
        for row in graph.rows("holdings"):
            share, span = decimal_of(row, "share"), Span(date_of(row, "from"), date_of(row, "until"))
            if share is not None and share > _HALF and span.holds(day):
                self._held[str(text(row, "owner"))].add(str(text(row, "object")))
        self.ways: dict[str, Way] = {}
        for row in graph.rows("ways"):
            way = self.ways.setdefault(str(text(row, "way")), Way(str(text(row, "way")), text(row, "action")))
            for name, values in (("seller", way.sellers), ("buyer", way.buyers), ("object", way.objects)):
                if value := text(row, name):
                    values.add(value)
            way.status = ontology.slug_of(str(text(row, "status")))
            way.span = Span(date_of(row, "from"), date_of(row, "until"))
            way.signing, way.day = date_of(row, "signing"), date_of(row, "day")

    def with_parts(self, thing: str | None) -> set[str]:
        """The thing and all that goes with it."""
        return set(closure([thing], self._parts)) if thing else set()

    def deals(self, seller: str, thing: str | None) -> list[Way]:
        """The open deals by which the seller would give the thing away."""
        return [
            way
            for way in self.ways.values()
            if way.action is None
            and way.open(self._day)
            and seller in way.sellers
            and thing in self.with_parts(way.iri)
        ]

    def done(self, deal: str) -> bool:
        """Whether the deal is recorded as completed."""
        return deal in self.ways and self.ways[deal].done(self._day)

    def control(self, one: str, other: str) -> bool:
        """Whether one of the two holds the other by more than half, also through others."""
        return other in closure([one], self._held) or one in closure([other], self._held)
