"""Ways to lift a ban: whose act does it, and when that can be done at the earliest.

The act that lifts a ban is followed backwards: the authority decides within a period from an act of the party, which
may itself be barred until something else is decided. Periods are counted on the authority's calendar, the longest that
the law gives; where it gives none, the typical one is used and said to be an estimate.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import ontology
from graph.conflicts.actions import Actions
from graph.derive.periods import UNITS, Period, end_of
from graph.derive.rules import Rule
from graph.terms import Row, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph


@dataclass(frozen=True)
class Lift:
    """One way to lift a norm."""

    exception: str
    label: str
    action: str | None
    role: str | None
    #: The day on which it can be done, the steps that lead there; no day where the law gives no time.
    finish: date | None
    steps: tuple[str, ...]
    estimated: bool
    #: Whether the bearer brings it about alone.
    own: bool


@dataclass(frozen=True)
class _Step:
    """A norm that gives an act its time."""

    norm: str
    starts: str | None
    period: Period | None
    typical: Period | None


class Routes:
    """The ways to lift norms, from a day on."""

    def __init__(self, graph: "KnowledgeGraph", rules: dict[str, Rule], actions: Actions) -> None:
        self._rules, self._actions = rules, actions
        self._steps: dict[str, list[_Step]] = defaultdict(list)
        self._bans: dict[str, list[str]] = defaultdict(list)
        self._bearers: dict[str, str] = {}
        for row in graph.rows("procedures"):
            norm, action = str(text(row, "norm")), str(text(row, "action"))
            if ontology.slug_of(str(text(row, "modality"))) == "Prohibition":
                self._bans[action].append(norm)
            elif norm in rules and "starts" in row:
                step = _Step(norm, text(row, "starts"), _period(row, ""), _period(row, "typical"))
                self._steps[action].append(step)
        self._lifts: dict[str, list[Row]] = defaultdict(list)
        for row in graph.rows("lifts"):
            self._lifts[str(text(row, "norm"))].append(row)

    def of(self, norm: str, bearer_role: str | None, day: date, running: dict[str, date]) -> list[Lift]:
        """The ways to lift the norm from `day` on; `running` are clocks that already run, with their ends by norm."""
        found = []
        for row in self._lifts.get(norm, []):
            action, role = text(row, "action"), text(row, "role")
            own = role is not None and role == bearer_role
            finish, steps, estimated = (day, (), False) if own else (None, (), True)
            if action and not own:
                finish, steps, estimated = self._earliest(action, norm, day, running, (norm,))
            label = text(row, "label") or ontology.slug_of(str(text(row, "exception")))
            found.append(Lift(str(text(row, "exception")), label, action, role, finish, steps, estimated, own))
        return found

    def decided(self, action: str, norm: str, day: date, running: dict[str, date]) -> tuple[date | None, tuple[str, ...]]:
        """When what an act asks for can have been decided: the norm whose clock the act starts, in the same instrument."""
        for steps in self._steps.values():
            for step in steps:
                if step.starts in self._actions.kinds(action) and self._akin(step.norm, norm) and step.period:
                    begin, before, _ = self._after_bans(step.starts, norm, day, running, (norm, step.norm))
                    if begin is None:
                        return None, before
                    finish = end_of(begin, step.period, self._rules[step.norm].country or "")
                    return finish, (*before, f"{step.period} from {begin} to {finish} ({ontology.slug_of(step.norm)})")
        return None, ()

    def _earliest(
        self,
        action: str,
        ground: str,
        day: date,
        running: dict[str, date],
        seen: tuple[str, ...],
        *,
        lifts: bool = True,
    ) -> tuple[date | None, tuple[str, ...], bool]:
        """When the act can be done at the earliest, by which steps, and whether a time is only estimated.

        An act of the party (one that lifts nothing) without a time of its own is taken to be done at once.
        """
        step = self._step(action, ground) or (self._elsewhere(action, ground) if lifts else None)
        if step is None and lifts:
            return None, (f"{ontology.slug_of(action)}: the law gives no time",), True
        if step is None or step.norm in seen:
            return self._after_bans(action, ground, day, running, seen)
        if step.norm in running:
            return running[step.norm], (f"{ontology.slug_of(step.norm)} until {running[step.norm]}",), False
        period = step.period or step.typical
        begin, steps, estimated = self._after_bans(step.starts, ground, day, running, (*seen, step.norm))
        if begin is not None and period is None and not lifts:
            return begin, steps, estimated
        if begin is None or period is None:
            return None, (*steps, f"{ontology.slug_of(step.norm)}: the law gives no time"), True
        rule = self._rules[step.norm]
        finish = end_of(begin, period, rule.country or "")
        said = f"{period} from {begin} to {finish} ({ontology.slug_of(step.norm)})"
        return finish, (*steps, said), estimated or step.period is None

    def _after_bans(
        self, action: str | None, ground: str, day: date, running: dict[str, date], seen: tuple[str, ...]
    ) -> tuple[date | None, tuple[str, ...], bool]:
        """When a party can do the act: now, or once the ban that the same instrument puts on it is lifted."""
        if action is None:
            return day, (), False
        if (step := self._step(action, ground)) and step.norm not in seen:
            return self._earliest(action, ground, day, running, seen, lifts=False)
        finish, steps, estimated = day, tuple[str, ...](), False
        for kind in sorted(self._actions.entailed(action)):
            for ban in self._bans.get(kind, ()):
                if ban in seen or not self._akin(ban, ground):
                    continue
                for row in self._lifts.get(ban, [])[:1]:
                    lifting = text(row, "action")
                    if lifting:
                        until, more, guess = self._earliest(lifting, ban, day, running, (*seen, ban))
                        if until is None:
                            return None, more, True
                        if until > finish:
                            finish, steps, estimated = until, more, guess
        return finish, steps, estimated

    def _step(self, action: str, ground: str) -> _Step | None:
        """The norm that gives the act its time, of the same instrument, else of the same authority's country."""
        exact = [step for step in self._steps.get(action, []) if self._akin(step.norm, ground)]
        if exact:
            return exact[0]
        broader = [s for kind in sorted(self._actions.kinds(action)) for s in self._steps.get(kind, [])]
        return next((step for step in broader if self._akin(step.norm, ground)), None)

    def _elsewhere(self, action: str, ground: str) -> _Step | None:
        """The norm that gives an authority's act its time in another instrument of the same country."""
        rule = self._rules.get(ground)
        found = (s for s in self._steps.get(action, []) if rule and self._rules[s.norm].country == rule.country)
        return next(found, None)

    def _akin(self, norm: str, ground: str) -> bool:
        """Whether two norms stand in one instrument."""
        a, b = self._rules.get(norm), self._rules.get(ground)
        return a is not None and b is not None and bool(a.chain) and bool(b.chain) and a.chain[-1] == b.chain[-1]


def _period(row: Row, which: str) -> Period | None:
    names = (f"{which}Amount", f"{which}Unit") if which else ("amount", "unit")
    amount, unit = (text(row, name) for name in names)
    if amount is None or unit is None or unit not in UNITS or amount.startswith("-"):
        return None
    return Period(int(amount), UNITS[unit])
