"""Ways to lift a ban: whose act does it, and when that can be done at the earliest.

The act that lifts a ban is followed backwards, stage by stage: the authority decides within a period from an act of the
party, which may itself be barred until something else is decided. The norm that gives an authority's act its time is
one of that authority: of the same instrument, of one that belongs with it, or of the same country where no authority of
another country has that role, and it lifts nothing else there.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import ontology
from graph.conflicts.actions import Actions, closure
from graph.conflicts.stages import Asked, Stage, Time, timed
from graph.derive.periods import UNITS, Period
from graph.derive.rules import Rule, chain_of, country_of, read_resources
from graph.derive.spans import Span
from graph.terms import Row, date_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: To find that an exception fits the facts brings nothing about.
_FINDING: Final = "determine"
_PROHIBITION: Final = ontology.iri("vin:Prohibition")
_POWER: Final = ontology.iri("vin:Power")
_DECISION: Final = ontology.iri("act:decide-application")
_NEAR: Final = 1
_APART: Final = 9


@dataclass(frozen=True)
class Lift:
    """One exception of a norm: by which act of whom it comes about, and when."""

    exception: str
    label: str
    action: str | None
    role: str | None
    time: Time
    #: The stages that lead there; none where no act is needed.
    route: Stage | None
    #: Whether the bearer brings it about alone, and whether it is the decision on an application.
    own: bool
    on_application: bool

    @property
    def circumstance(self) -> bool:
        """Whether it is no act at all, but how the case lies."""
        return self.role is None and self.action is None


class _Place(NamedTuple):
    """Where a norm or procedure stands, and of what action it is."""

    chain: tuple[str, ...]
    country: str | None
    action: str | None


@dataclass(frozen=True)
class _Step:
    """A norm or procedure that gives an act its time."""

    norm: str
    action: str
    role: str | None
    starts: str | None
    country: str
    instrument: str | None
    span: Span
    lags: bool
    period: Period | None
    shortest: Period | None
    typical: Period | None
    longest: Period | None


class Routes:
    """The ways to lift norms, from a day on."""

    def __init__(self, graph: "KnowledgeGraph", rules: Mapping[str, Rule], actions: Actions) -> None:
        self._actions = actions
        self._places = {iri: _Place(rule.chain, rule.country, rule.action) for iri, rule in rules.items()}
        self._steps: dict[str, list[_Step]] = defaultdict(list)
        self._bans: dict[str, list[str]] = defaultdict(list)
        self._powers: set[str] = set()
        #: The norms that ask for an act at any time.
        self._timeless: dict[str, list[str]] = defaultdict(list)
        self._roles: dict[str, str] = {}
        self._countries: dict[str, set[str]] = defaultdict(set)
        self._read_steps(graph, rules)
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

    def _read_steps(self, graph: "KnowledgeGraph", rules: Mapping[str, Rule]) -> None:
        resources = read_resources(graph)
        for row in graph.rows("procedures"):
            iri, action, role = str(text(row, "norm")), str(text(row, "action")), text(row, "role")
            rule = rules.get(iri)
            if rule and role:
                self._roles[iri] = role
                self._countries[role].add(rule.country or "")
            modality = text(row, "modality")
            if modality == _POWER:
                self._powers.add(iri)
            if modality == _PROHIBITION:
                self._bans[action].append(iri)
            elif "starts" not in row:
                self._timeless[action].append(iri)
            elif (rule or modality is None) and not (text(row, "amount") or "").startswith("-"):
                if rule is None:
                    chain = chain_of(resources, str(text(row, "statedIn")))
                    self._places[iri] = _Place(tuple(resource.iri for resource in chain), country_of(chain), action)
                self._steps[action].append(self._read_step(row, rule))

    def _read_step(self, row: Row, rule: Rule | None) -> _Step:
        """What gives an act its time: a rule, or a procedure where there is none."""
        iri, action, period = str(text(row, "norm")), str(text(row, "action")), _period(row, "amount", "unit")
        place = self._places[iri]
        return _Step(
            norm=iri,
            action=action,
            role=text(row, "role"),
            starts=text(row, "starts"),
            country=place.country or "",
            instrument=place.chain[-1] if place.chain else None,
            span=rule.span if rule else Span(date_of(row, "from"), date_of(row, "until")),
            lags=rule is None and period is None and _DECISION not in self._actions.kinds(action),
            period=period,
            shortest=_duration(row, "shortestAmount", "shortestUnit"),
            typical=_duration(row, "typicalAmount", "typicalUnit"),
            longest=_duration(row, "longestAmount", "longestUnit"),
        )

    def exceptions(self, norm: str) -> set[str]:
        """What lifts the norm."""
        return {str(text(row, "exception")) for row in self._lifts.get(norm, ())}

    def of(self, norm: str, asked: Asked) -> list[Lift]:
        """The ways to lift the norm."""
        found = []
        for row in self._lifts.get(norm, []):
            action, role = text(row, "action"), text(row, "role")
            own = role is not None and role == self._roles.get(norm) and norm not in self._powers
            if own and action and ontology.slug_of(action) == _FINDING:
                action = role = None
                own = False
            on_application = action is not None and _DECISION in self._actions.kinds(action)
            route = None
            if own:
                route = self._own(action or _FINDING, role, norm, asked)
            elif action:
                route = self._decided(action, role, norm, asked, (norm,))
            if action and route and (wait := _period(row, "amount", "unit")):
                route = replace(
                    self._stage(norm, "wait", action, role),
                    ground=str(text(row, "exception")),
                    period=wait,
                    longest=_duration(row, "longestAmount", "longestUnit"),
                    after=(route,),
                    at_once=not on_application,
                )
            label = text(row, "label") or ontology.slug_of(str(text(row, "exception")))
            time = timed(route, asked) if route else Time(None, estimated=True)
            exception = str(text(row, "exception"))
            found.append(Lift(exception, label, action, role, time, route, own, on_application))
        return found

    def _stage(
        self, ground: str, kind: Literal["act", "lag", "decision", "wait"], action: str, role: str | None
    ) -> Stage:
        """A stage in the instrument of its ground, with no time of its own yet."""
        place = self._places.get(ground, _Place((), None, None))
        instrument = place.chain[-1] if place.chain else None
        return Stage(kind, action, role, None, place.country or "", instrument)

    def _own(self, action: str, role: str | None, norm: str, asked: Asked) -> Stage:
        """The bearer's own act, after what practice puts before it."""
        lag = next((step for step in self._near(action, norm, asked) if step.lags), None)
        return self._timed(lag, asked, (norm,)) if lag else self._stage(norm, "act", action, role)

    def _decided(self, action: str, role: str | None, ground: str, asked: Asked, seen: tuple[str, ...]) -> Stage:
        """The act that lifts a norm, with what comes before it."""
        step = self._step(action, role, ground, asked)
        if step is None:
            return self._stage(ground, "decision", action, role)
        if step.norm in seen:
            return replace(self._stage(ground, "act", action, role), circle=(*seen[seen.index(step.norm) :],))
        return self._timed(step, asked, seen)

    def _timed(self, step: _Step, asked: Asked, seen: tuple[str, ...]) -> Stage:
        """The act of a step, after the act that starts its clock."""
        return Stage(
            kind="lag" if step.lags else "decision",
            action=step.action,
            role=step.role,
            ground=step.norm,
            country=step.country,
            instrument=step.instrument,
            period=step.period,
            shortest=step.shortest,
            typical=step.typical,
            longest=step.longest,
            after=tuple(self._begun(step.starts, step.norm, asked, (*seen, step.norm))),
        )

    def _begun(self, action: str | None, ground: str, asked: Asked, seen: tuple[str, ...]) -> Iterator[Stage]:
        """The act that starts a clock: once its own turn comes, and what the law bars it by is lifted.

        A party does its own act without delay.
        """
        if action is None:
            return
        step = next((s for s in self._near(action, ground, asked) if s.norm not in seen), None)
        if step and (step.lags or step.role in self._deciding):
            yield self._timed(step, asked, seen)
            return
        own = self._stage(ground, "act", action, step.role if step else None)
        if step and not any(self._distance(norm, step.norm) == 0 for norm in self._timeless[action]):
            before = tuple(self._begun(step.starts, ground, asked, (*seen, step.norm)))
            yield replace(own, ground=step.norm, after=before)
        else:
            yield replace(own, after=tuple(self._lifted(action, ground, asked, seen)))

    def _lifted(self, action: str, ground: str, asked: Asked, seen: tuple[str, ...]) -> Iterator[Stage]:
        """What must be decided before a party may do an act: what lifts each ban on it in the instrument."""
        for kind in sorted(self._actions.entailed(action)):
            for ban in self._bans.get(kind, ()):
                if self._distance(ban, ground) > _NEAR or (asked.binding is not None and ban not in asked.binding):
                    continue
                row = next((row for row in self._lifts.get(ban, ()) if text(row, "action")), None)
                if row is None or text(row, "role") == self._roles.get(ban):
                    continue
                lifting, role = str(text(row, "action")), text(row, "role")
                if ban in seen:
                    yield replace(self._stage(ground, "act", lifting, role), circle=seen[seen.index(ban) :])
                else:
                    yield self._decided(lifting, role, ban, asked, (*seen, ban))

    def _step(self, action: str, role: str | None, ground: str, asked: Asked) -> _Step | None:
        """The norm in force that gives the act of whoever has the role its time.

        Of those that stand near, one of law before a guess; of those one of just that act, whose clock starts with what
        the bearer is to do, and the nearest.
        """
        found = []
        for far, kind in enumerate(self._actions.ladder(action)):
            for place, step in enumerate(self._steps.get(kind, ())):
                if step.role == role and step.span.holds(asked.day):
                    distance = self._distance(step.norm, ground, role)
                    guess, unasked = step.period is None, step.starts not in asked.owed
                    found.append((max(distance, _NEAR), guess, far, unasked, distance, place, step))
        near = min((entry for entry in found if entry[0] < _APART), key=lambda entry: entry[:-1], default=None)
        return near[-1] if near else None

    def _near(self, action: str, ground: str, asked: Asked) -> list[_Step]:
        """What says when an act is to be done, in the same instrument or one that belongs with it, nearest first.

        Of those as near, one whose clock starts with what the bearer is to do comes first.
        """
        found = [
            (distance, step.starts not in asked.owed, place, step)
            for place, step in enumerate(self._steps.get(action, ()))
            if step.span.holds(asked.day) and (distance := self._distance(step.norm, ground)) <= _NEAR
        ]
        return [step for *_, step in sorted(found, key=lambda entry: entry[:3])]

    def _distance(self, norm: str, ground: str, role: str | None = None) -> int:
        """How far two norms stand apart: one instrument, instruments that belong together, one authority, nothing."""
        a, b = self._places.get(norm), self._places.get(ground)
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
    """A period that makes one wait."""
    period = _duration(row, amount, unit)
    return period if period and period.amount else None


def _duration(row: Row, amount: str, unit: str) -> Period | None:
    """A duration, which may be no time at all."""
    said, kind = text(row, amount), text(row, unit)
    if said is None or kind is None or kind not in UNITS or not said.isdecimal():
        return None
    return Period(int(said), UNITS[kind])
