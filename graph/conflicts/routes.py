"""Ways to lift a ban: whose act does it, and when that can be done at the earliest.

The act that lifts a ban is followed backwards: the authority decides within a period from an act of the party, which
may itself be barred until something else is decided. Periods are counted on the authority's calendar, the longest that
the law gives; where it gives none, the typical one is used and said to be an estimate. The norm that gives an
authority's act its time is one of that authority: of the same instrument, of one that belongs with it, or of the same
country where no authority of another country has that role, and it lifts nothing else there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import ontology
from graph.derive.actions import Actions, closure
from graph.derive.periods import UNITS, Period, end_of
from graph.derive.rules import Rule
from graph.terms import Row, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: To find that an exception fits the facts brings nothing about.
_FINDING: Final = "determine"
_DECISION: Final = ontology.iri("act:decide-application")
_NEAR: Final = 1
_APART: Final = 9


@dataclass(frozen=True)
class Asked:
    """From which day on; the clocks that already run, with their ends by norm; what the bearer is to do."""

    day: date
    running: Mapping[str, date]
    owed: Collection[str]


@dataclass(frozen=True)
class Time:
    """When something can be done, no day where the law gives none; the steps that lead there; whether it is a guess."""

    finish: date | None
    steps: tuple[str, ...] = ()
    estimated: bool = False


@dataclass(frozen=True)
class Lift:
    """One exception of a norm: by which act of whom it comes about, and when."""

    exception: str
    label: str
    action: str | None
    role: str | None
    time: Time
    #: Whether the bearer brings it about alone, and whether it is the decision on an application.
    own: bool
    on_application: bool

    @property
    def circumstance(self) -> bool:
        """Whether it is no act at all, but how the case lies."""
        return self.role is None and self.action is None


@dataclass(frozen=True)
class _Step:
    """A norm that gives an act its time."""

    rule: Rule
    role: str | None
    starts: str | None
    period: Period | None
    typical: Period | None

    @property
    def norm(self) -> str:
        return self.rule.iri


class Routes:
    """The ways to lift norms, from a day on."""

    def __init__(self, graph: "KnowledgeGraph", rules: Mapping[str, Rule], actions: Actions) -> None:
        self._rules, self._actions = rules, actions
        self._steps: dict[str, list[_Step]] = defaultdict(list)
        self._bans: dict[str, list[str]] = defaultdict(list)
        self._roles: dict[str, str] = {}
        self._countries: dict[str, set[str]] = defaultdict(set)
        for row in graph.rows("procedures"):
            norm, action, role = str(text(row, "norm")), str(text(row, "action")), text(row, "role")
            rule = rules.get(norm)
            if rule and role:
                self._roles[norm] = role
                self._countries[role].add(rule.country or "")
            if ontology.slug_of(str(text(row, "modality"))) == "Prohibition":
                self._bans[action].append(norm)
            elif rule and "starts" in row and not (text(row, "amount") or "").startswith("-"):
                step = _Step(
                    rule,
                    role,
                    text(row, "starts"),
                    _period(row, "amount", "unit"),
                    _period(row, "typicalAmount", "typicalUnit"),
                )
                self._steps[action].append(step)
        self._lifts: dict[str, list[Row]] = defaultdict(list)
        for row in graph.rows("lifts"):
            self._lifts[str(text(row, "norm"))].append(row)
        self._deciding = {
            str(text(row, "role"))
            for ban in {norm for norms in self._bans.values() for norm in norms}
            for row in self._lifts.get(ban, ())
            if text(row, "role") != self._roles.get(ban)
        }
        #: What the bans of an instrument are about that a role lifts: the times it gives the role are for those.
        self._served: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        for action, bans in self._bans.items():
            for ban in bans:
                for row in self._lifts.get(ban, ()):
                    if ban in rules and rules[ban].chain and text(row, "role") != self._roles.get(ban):
                        self._served[rules[ban].chain[-1], text(row, "role")].add(action)
        self._kin: dict[str, set[str]] = defaultdict(set)
        for row in graph.rows("ranks"):
            if kin := text(row, "kin"):
                self._kin[str(text(row, "instrument"))].add(kin)
                self._kin[kin].add(str(text(row, "instrument")))

    def exceptions(self, norm: str) -> set[str]:
        """What lifts the norm."""
        return {str(text(row, "exception")) for row in self._lifts.get(norm, ())}

    def of(self, norm: str, asked: Asked) -> list[Lift]:
        """The ways to lift the norm."""
        found = []
        for row in self._lifts.get(norm, []):
            action, role = text(row, "action"), text(row, "role")
            own = role is not None and role == self._roles.get(norm)
            if own and action and ontology.slug_of(action) == _FINDING:
                action = role = None
                own = False
            time = Time(None, estimated=True)
            if own:
                time = Time(asked.day)
            elif action:
                time = self._decided(action, role, norm, asked, (norm,))
            on_application = action is not None and _DECISION in self._actions.kinds(action)
            wait = _period(row, "amount", "unit")
            if action and wait and norm in self._rules:
                time = self._waited(time, wait, norm, None if on_application else asked.day)
            label = text(row, "label") or ontology.slug_of(str(text(row, "exception")))
            found.append(Lift(str(text(row, "exception")), label, action, role, time, own, on_application))
        return found

    def _waited(self, time: Time, wait: Period, norm: str, at_once: date | None) -> Time:
        """The time with the days that the exception asks to wait after the act; what is no decision can be at once."""
        begin = time.finish or at_once
        if begin is None:
            return time
        finish = end_of(begin, wait, self._rules[norm].country or "")
        return Time(finish, (*time.steps, f"{wait} from {begin} to {finish}"), time.estimated)

    def _decided(self, action: str, role: str | None, ground: str, asked: Asked, seen: tuple[str, ...]) -> Time:
        """When an act that lifts a norm can be done."""
        step = self._step(action, role, ground, asked)
        if step is None:
            return Time(None, (f"{ontology.slug_of(action)}: the law gives no time",), estimated=True)
        if step.norm in seen:
            return Time(asked.day)
        return self._timed(step, asked, seen)

    def _timed(self, step: _Step, asked: Asked, seen: tuple[str, ...]) -> Time:
        """When the act of a step can be done, counted from the act that starts its clock."""
        name, period = ontology.slug_of(step.norm), step.period or step.typical
        if step.norm in asked.running:
            return Time(asked.running[step.norm], (f"{name} until {asked.running[step.norm]}",))
        begun = self._begun(step.starts, step.norm, asked, (*seen, step.norm))
        if begun.finish is None or period is None:
            return Time(None, (*begun.steps, f"{name}: the law gives no time"), estimated=True)
        finish = end_of(begun.finish, period, step.rule.country or "")
        steps = (*begun.steps, f"{period} from {begun.finish} to {finish} ({name})")
        return Time(finish, steps, begun.estimated or step.period is None)

    def _begun(self, action: str | None, ground: str, asked: Asked, seen: tuple[str, ...]) -> Time:
        """When an act that starts a clock can be done: once its own turn comes, and what the law bars it by is lifted.

        A party does its own act without delay.
        """
        if action is None:
            return Time(asked.day)
        step = next((s for s in self._near(action, ground) if s.norm not in seen), None)
        if step and step.role in self._deciding:
            return self._timed(step, asked, seen)
        if step:
            return self._begun(step.starts, ground, asked, (*seen, step.norm))
        latest = Time(asked.day)
        for kind in sorted(self._actions.entailed(action)):
            for ban in self._bans.get(kind, ()):
                if ban in seen or self._distance(ban, ground) > _NEAR:
                    continue
                row = next((row for row in self._lifts.get(ban, ()) if text(row, "action")), None)
                if row is None or text(row, "role") == self._roles.get(ban):
                    continue
                time = self._decided(str(text(row, "action")), text(row, "role"), ban, asked, (*seen, ban))
                if time.finish is None:
                    return time
                if latest.finish and time.finish > latest.finish:
                    latest = time
        return latest

    def _step(self, action: str, role: str | None, ground: str, asked: Asked) -> _Step | None:
        """The norm in force that gives the act of whoever has the role its time.

        The nearest; of those one of law before a guess, and one whose clock starts with what the bearer is to do.
        """
        owed = asked.owed
        found = [
            (self._distance(step.norm, ground, role), step.period is None, far, step.starts not in owed, place, step)
            for far, kind in enumerate(self._actions.ladder(action))
            for place, step in enumerate(self._steps.get(kind, ()))
            if step.role == role and step.rule.span.holds(asked.day)
        ]
        near = min((entry for entry in found if entry[0] < _APART), key=lambda entry: entry[:5], default=None)
        return near[5] if near else None

    def _near(self, action: str, ground: str) -> Iterable[_Step]:
        """The norms of the same instrument, or of one that belongs with it, that say when the act is to be done."""
        found = [(self._distance(step.norm, ground), step) for step in self._steps.get(action, ())]
        return [step for distance, step in sorted(found, key=lambda entry: entry[0]) if distance <= _NEAR]

    def _distance(self, norm: str, ground: str, role: str | None = None) -> int:
        """How far two norms stand apart: one instrument, instruments that belong together, one authority, nothing."""
        a, b = self._rules.get(norm), self._rules.get(ground)
        if a is None or b is None or not a.chain or not b.chain:
            return _APART
        if a.chain[-1] == b.chain[-1]:
            return 0
        if a.chain[-1] in closure([b.chain[-1]], self._kin):
            return _NEAR
        served = self._served.get((a.chain[-1], role), {b.action or ""})
        alone = role is not None and len(self._countries[role]) == 1 and b.action in served
        return _NEAR + 1 if alone and a.country == b.country else _APART


def _period(row: Row, amount: str, unit: str) -> Period | None:
    said, kind = text(row, amount), text(row, unit)
    if said is None or kind is None or kind not in UNITS or not said.isdecimal() or said == "0":
        return None
    return Period(int(said), UNITS[kind])
