"""The stages of a route to lift a ban, and when each can be over by law."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import ontology
from graph.derive.periods import Period, end_of


@dataclass(frozen=True)
class Asked:
    """From which day on; the clocks that already run, with their ends by norm; what the bearer is to do."""

    day: date
    running: Mapping[str, date]
    owed: Collection[str]
    #: The bans that bind here; ``None`` for any.
    binding: Collection[str] | None = None


@dataclass(frozen=True)
class Stage:
    """One stage of a route: an act, how long it takes by law and in practice, and what must come before it.

    *act*: a party does it at once; *lag*: practice alone gives it a time; *decision*: a norm does; *wait*: the days of
    an exception pass after the act.
    """

    kind: Literal["act", "lag", "decision", "wait"]
    action: str
    role: str | None
    #: The norm, the exception or the procedure that gives it its time or asks for it.
    ground: str | None
    #: Whose calendar counts, and in which instrument it happens.
    country: str
    instrument: str | None
    period: Period | None = None
    shortest: Period | None = None
    typical: Period | None = None
    longest: Period | None = None
    after: tuple["Stage", ...] = ()
    #: Of a wait: the act before it is no decision, and can be at once where nothing gives it a time.
    at_once: bool = False
    #: The norms by which it comes back to itself: each waits for the other.
    circle: tuple[str, ...] = ()


@dataclass(frozen=True)
class Time:
    """When something can be done, no day where the law gives none; the steps that lead there; whether it is a guess."""

    finish: date | None
    steps: tuple[str, ...] = ()
    estimated: bool = False


def timed(stage: Stage, asked: Asked) -> Time:
    """When a stage can be over by law: the longest that the law gives on the authority's calendar.

    Where it gives none, the typical period counts and is said to be an estimate; a lag of practice does not count.
    """
    begun = _latest([timed(before, asked) for before in stage.after], asked)
    if stage.circle or stage.kind in ("act", "lag"):
        return begun
    if stage.kind == "wait" and stage.period:
        begin = begun.finish or (asked.day if stage.at_once else None)
        if begin is None:
            return begun
        finish = end_of(begin, stage.period, stage.country)
        return Time(finish, (*begun.steps, f"{stage.period} from {begin} to {finish}"), begun.estimated)
    if stage.ground is None:
        return Time(None, (f"{ontology.slug_of(stage.action)}: the law gives no time",), estimated=True)
    name, period = ontology.slug_of(stage.ground), stage.period or stage.typical
    if stage.ground in asked.running:
        return Time(asked.running[stage.ground], (f"{name} until {asked.running[stage.ground]}",))
    if begun.finish is None or period is None:
        return Time(None, (*begun.steps, f"{name}: the law gives no time"), estimated=True)
    finish = end_of(begun.finish, period, stage.country)
    steps = (*begun.steps, f"{period} from {begun.finish} to {finish} ({name})")
    return Time(finish, steps, begun.estimated or stage.period is None)


def _latest(times: Iterable[Time], asked: Asked) -> Time:
    """The latest; the first that has no day, where one has none."""
    latest = Time(asked.day)
    for time in times:
        if time.finish is None:
            return time
        if latest.finish and time.finish > latest.finish:
            latest = time
    return latest
