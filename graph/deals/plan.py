"""The plan of a deal: its steps with their days, the critical path, the days to spare and the verdict."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

import networkx as nx

import ontology
from graph.deals.network import CLOSING, COMPLETION, Kind, Network, Step
from graph.deals.path import PASSES, Pass, Times, critical, earliest, latest, period_in, unlocked
from graph.deals.steps import steps_of
from graph.derive.actions import read_actions
from graph.derive.periods import skipped
from graph.read.obligations import Obligation
from graph.read.references import Answer, Ref, refs

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

Verdict = Literal["feasible", "at_risk", "infeasible", "unknown"]
#: From the one that decides over all others to the one that all must share.
VERDICTS: Final[tuple[Verdict, ...]] = ("infeasible", "unknown", "at_risk", "feasible")

#: How a step is called that is no act.
_BY_GROUND: Final = {"waiting": "wait", "barred": "no way to lift", "lapse": "wait for the end of"}

_WEEKEND: Final = "weekend"
_CLOSE: Final = ontology.iri("act:close-transaction")
_SELL: Final = ontology.iri("act:sell")


@dataclass(frozen=True)
class Deadline:
    """A hard date for the deal, and the obligation it comes from, if any."""

    day: date
    label: str
    obligation: Obligation | None = None


class Days(Answer):
    """A day in each pass; ``None`` where nothing tells."""

    minimum: date | None = None
    typical: date | None = None
    by_law: date | None = None
    maximum: date | None = None


class Lasts(Answer):
    """How long a step takes in each pass; ``None`` where nothing tells."""

    minimum: str | None = None
    typical: str | None = None
    by_law: str | None = None
    maximum: str | None = None


class CalendarDay(Answer):
    """A holiday that a step passes over, or a weekend day that was worked and so counts."""

    day: date
    reason: str
    counts: bool


class Reserve(Answer):
    """The latest days on which a step can be over and a deadline still be met; the days left before it typically, and
    by law."""

    deadline: str
    latest: Days
    slack_typical: int | None = None
    slack_by_law: int | None = None


class PlannedStep(Answer):
    """A step of the plan.

    `estimated`: its usual time is practice, not law; `lifts`: the legal positions it serves; `voluntary`: nothing bars
    the deal without it; `calendar_days`: what tells the authority's calendar from plain weekdays.
    """

    id: str
    kind: Kind
    label: str
    by: list[Ref]
    role: Ref | None
    towards: Ref | None
    action: Ref
    about: Ref | None
    ground: Ref | None
    instrument: Ref | None
    calendar: str | None
    lasts: Lasts
    estimated: bool
    starts: Days
    finishes: Days
    calendar_days: list[CalendarDay]
    after: list[str]
    lifts: list[str]
    done: date | None
    voluntary: bool
    critical: bool
    reserves: list[Reserve]


class DeadlineMet(Answer):
    """Whether a deadline can be met, and the days to spare in each pass (negative: late)."""

    label: str
    date: date
    obligation: str | None
    #: What must be over by then: the closing, or the deal as a whole with its deliveries.
    step: str
    slack_days: int | None
    slack_minimum: int | None
    slack_typical: int | None
    slack_by_law: int | None
    slack_maximum: int | None
    verdict: Verdict
    because: str


class Plan(Answer):
    """The way to the end of a deal, as of a day.

    `earliest` is the day on which the deal can be complete: the later of what is typical and of what the law gives.
    """

    deal: Ref
    day: date
    steps: list[PlannedStep]
    critical_path: list[str]
    closing: Days
    completion: Days
    earliest: date | None
    estimated: bool
    deadlines: list[DeadlineMet]
    verdict: Verdict
    because: str
    #: Steps or norms that wait for each other.
    deadlocks: list[list[Ref]]
    #: Bans that nothing in the norms lifts.
    barred: list[str]
    #: Steps to which nothing gives a time.
    unbounded: list[str]
    #: Legal positions of which the sources do not tell whether they bind.
    unsettled: list[str]


class Latest(Answer):
    """The latest day for a filing by which a deadline can still be met, or could have been (`made`: when it was)."""

    step: str
    label: str
    deadline: str
    made: date | None
    typical: date | None
    by_law: date | None
    maximum: date | None


def plan(
    graph: "KnowledgeGraph",
    deal: str,
    day: date,
    positions: Iterable[Obligation],
    deadlines: Sequence[Deadline] = (),
) -> Plan:
    """The plan of the deal (an IRI of the graph) on a day, from the legal positions that concern it.

    `NotFound` where the graph has no such deal.
    """
    found = list(positions)
    planned = _planned(graph, deal, day, found, deadlines)
    if planned.unsettled:
        settled = [position for position in found if position.iri not in planned.unsettled]
        if _planned(graph, deal, day, settled, deadlines).verdict != planned.verdict:
            because = "the sources do not tell whether what bars it binds, and that decides"
            return planned.model_copy(update={"verdict": "unknown", "because": because})
    return planned


def _planned(
    graph: "KnowledgeGraph", deal: str, day: date, positions: list[Obligation], deadlines: Sequence[Deadline]
) -> Plan:
    steps, locked = unlocked(steps_of(graph, deal, day, positions))
    return _Planner(graph, deal, day, steps, locked, deadlines).answer()


def latest_filings(plan: Plan) -> list[Latest]:
    """The latest day for each filing before each deadline that presses it."""
    return [
        Latest(
            step=step.id,
            label=step.label,
            deadline=reserve.deadline,
            made=step.done,
            typical=reserve.latest.typical,
            by_law=reserve.latest.by_law,
            maximum=reserve.latest.maximum,
        )
        for step in plan.steps
        if step.kind == "filing"
        for reserve in step.reserves
    ]


class _Planner:
    """Puts the days on the steps."""

    def __init__(
        self,
        graph: "KnowledgeGraph",
        deal: str,
        day: date,
        steps: Network,
        locked: list[tuple[str, ...]],
        deadlines: Sequence[Deadline],
    ) -> None:
        self._network, self._day, self._deal, self._locked = steps, day, deal, locked
        self._deadlines = deadlines
        actions = read_actions(graph)
        self._goals = [
            _goal(actions.kinds(deadline.obligation.action.iri) if deadline.obligation else set())
            for deadline in deadlines
        ]
        self._times = {which: earliest(steps, day, which) for which in PASSES}
        self._best = earliest(steps, day, "minimum", optimistic=True)
        self._headline: Pass = max(("typical", "by_law"), key=lambda which: self._finish(COMPLETION, which) or date.max)
        self._latest = [
            {which: latest(steps, goal, deadline.day, which) for which in PASSES}
            for deadline, goal in zip(deadlines, self._goals, strict=True)
        ]
        things = [deal, *(norm for circle in steps.circles for norm in circle)]
        for step in steps.steps.values():
            things += [*step.actors, step.action]
            things += [thing for thing in (step.role, step.towards, step.about, step.ground, step.instrument) if thing]
        self._refs = refs(graph, things)

    def answer(self) -> Plan:
        """The plan."""
        times = self._times[self._headline]
        path = critical(self._network, COMPLETION, times)
        met = [self._met(deadline, goal) for deadline, goal in zip(self._deadlines, self._goals, strict=True)]
        verdict, because = self._verdict(met)
        steps = [self._step(step, path) for step in self._in_order(times)]
        return Plan(
            deal=self._refs[self._deal],
            day=self._day,
            steps=steps,
            critical_path=path,
            closing=self._days(CLOSING),
            completion=self._days(COMPLETION),
            earliest=times[COMPLETION].finish,
            estimated=any(step.estimated for step in steps if step.critical),
            deadlines=met,
            verdict=verdict,
            because=because,
            deadlocks=self._deadlocks(),
            barred=sorted(self._network.barred.values()),
            unbounded=[s.id for s in steps if s.done is None and s.lasts.typical is None],
            unsettled=sorted(set(self._network.unsettled)),
        )

    def _in_order(self, times: Mapping[str, Times]) -> list[Step]:
        far, order = date.max, list(nx.lexicographical_topological_sort(self._network.order))
        return sorted(
            self._network.steps.values(),
            key=lambda s: (times[s.name].start or far, times[s.name].finish or far, order.index(s.name)),
        )

    def _step(self, step: Step, path: list[str]) -> PlannedStep:
        about = self._refs[step.about] if step.about else None
        return PlannedStep(
            id=step.name,
            kind=step.kind,
            label=self._label(step),
            by=sorted((self._refs[actor] for actor in step.actors), key=lambda ref: ref.id),
            role=self._refs[step.role] if step.role else None,
            towards=self._refs[step.towards] if step.towards else None,
            action=self._refs[step.action],
            about=about,
            ground=self._refs[step.ground] if step.ground else None,
            instrument=self._refs[step.instrument] if step.instrument else None,
            calendar=step.country or None,
            lasts=Lasts(**{which: _said(period_in(step, which)) for which in PASSES}),
            estimated=not step.done and _estimated(step),
            starts=Days(**{which: self._times[which][step.name].start for which in PASSES}),
            finishes=self._days(step.name),
            calendar_days=self._calendar_days(step),
            after=sorted(self._network.order.predecessors(step.name)),
            lifts=sorted(step.lifts),
            done=step.done,
            voluntary=step.voluntary,
            critical=step.name in path,
            reserves=list(self._reserves(step.name)),
        )

    def _calendar_days(self, step: Step) -> list[CalendarDay]:
        start, period = self._times[self._headline][step.name].start, period_in(step, self._headline)
        if start is None or period is None or step.done:
            return []
        passed = skipped(start, period, step.country)
        return [CalendarDay(day=s.day, reason=s.reason, counts=s.counts) for s in passed if s.reason != _WEEKEND]

    def _label(self, step: Step) -> str:
        if step.kind == "completion":
            return "the deal is complete"
        if step.ground and step.kind in _BY_GROUND:
            return f"{_BY_GROUND[step.kind]}: {self._refs[step.ground].label}"
        about = f": {self._refs[step.about].label}" if step.about and step.about != self._deal else ""
        towards = f", towards {self._refs[step.towards].label}" if step.towards else ""
        return f"{self._refs[step.action].label}{about}{towards}"

    def _days(self, name: str) -> Days:
        return Days(**{which: self._finish(name, which) for which in PASSES})

    def _finish(self, name: str, which: Pass) -> date | None:
        return self._times[which][name].finish

    def _reserves(self, name: str) -> Iterator[Reserve]:
        for deadline, ends in zip(self._deadlines, self._latest, strict=True):
            found = {which: ends[which].get(name) for which in PASSES}
            if any(found.values()):
                yield Reserve(
                    deadline=deadline.label,
                    latest=Days(**found),
                    slack_typical=_between(self._finish(name, "typical"), found["typical"]),
                    slack_by_law=_between(self._finish(name, "by_law"), found["by_law"]),
                )

    def _met(self, deadline: Deadline, goal: str) -> DeadlineMet:
        slack = {which: _between(self._finish(goal, which), deadline.day) for which in PASSES}
        best = _between(self._best[goal].finish, deadline.day)
        verdict, because = self._judged(slack, best)
        return DeadlineMet(
            label=deadline.label,
            date=deadline.day,
            obligation=deadline.obligation.id if deadline.obligation else None,
            step=goal,
            slack_days=slack[self._headline],
            slack_minimum=slack["minimum"],
            slack_typical=slack["typical"],
            slack_by_law=slack["by_law"],
            slack_maximum=slack["maximum"],
            verdict=verdict,
            because=because,
        )

    def _judged(self, slack: Mapping[Pass, int | None], best: int | None) -> tuple[Verdict, str]:
        typical = slack["typical"]
        if best is not None and best < 0:
            return "infeasible", f"even the fastest way is {_count(-best)} late"
        if slack["minimum"] is None or typical is None:
            return "unknown", "a step that is needed has no time in law or in practice"
        if typical < 0:
            return "at_risk", f"the fastest way meets it, the usual one is {_count(-typical)} late"
        return "feasible", f"{_count(typical)} to spare in the usual time"

    def _verdict(self, met: Sequence[DeadlineMet]) -> tuple[Verdict, str]:
        if self._locked or self._network.circles:
            return "infeasible", "steps wait for each other, and none can be first"
        if self._network.barred:
            return "infeasible", min(self._network.barred.values())
        worst = min(met, key=lambda found: VERDICTS.index(found.verdict), default=None)
        if worst:
            return worst.verdict, f"{worst.label}: {worst.because}"
        if self._finish(COMPLETION, "typical") is None:
            return "unknown", "a step that is needed has no time in law or in practice"
        return "feasible", "nothing sets it a date"

    def _deadlocks(self) -> list[list[Ref]]:
        by_norms = [[self._refs[norm] for norm in circle] for circle in self._network.circles]
        return by_norms + [[self._named(self._network.steps[name]) for name in circle] for circle in self._locked]

    def _named(self, step: Step) -> Ref:
        return Ref(id=step.name, iri=step.ground or step.action, label=self._label(step), type="step")


def _goal(kinds: set[str]) -> str:
    """What a deadline is about: the closing where an obligation asks for that alone, else the deal as a whole."""
    return CLOSING if _CLOSE in kinds and _SELL not in kinds else COMPLETION


def _estimated(step: Step) -> bool:
    usual = period_in(step, "typical")
    return usual is None or (usual.amount > 0 and usual != step.period)


def _said(period: object) -> str | None:
    return None if period is None else str(period)


def _between(finish: date | None, last: date | None) -> int | None:
    return (last - finish).days if finish and last else None


def _count(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
