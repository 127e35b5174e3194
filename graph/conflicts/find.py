"""Finding conflicts among the legal positions of one day.

Patterns, each by form and not by name:

- *duty against ban*: who must do an act must not do it, or what it takes, to the same thing or a part of it; also where
  every deal by which the duty would be met is barred, be it to the other party;
- *ban against ban*: an act and its contrary are both forbidden towards the same thing or person;
- *duty against duty*: two acts that exclude each other are both owed;
- *undoing*: what was completed must be brought back;
- *too little time*: an approval that is owed before a day cannot be had by then;
- *version*: a table of law changes between signing and closing so that the answer changes;
- *sum of shares*: an ownership test is met by several holders together and by none alone;
- *unknown law*: whether a norm holds is not known.

Severity: *deadlock* (no way out in the norms), *conditional* (an authority's act lifts it in time), *timing* (it comes
too late), *tension* (the bearer can meet both at a cost, or one side is a contract or of lower rank), *unknown*.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, get_args

import ontology
from graph.conflicts.actions import Actions, Things
from graph.conflicts.routes import Lift, Routes
from graph.derive.law import Law, read_law
from graph.derive.rules import Rule
from graph.errors import NotFound
from graph.read.obligations import Obligation, obligations
from graph.read.references import Answer, Ref, refs, resolve
from graph.terms import date_of, decimal_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

Severity = Literal["deadlock", "timing", "conditional", "tension", "unknown"]
SEVERITIES: tuple[str, ...] = get_args(Severity)
_OPEN = ("active", "pending", "unknown")
_CONTRACT = 7


class WayOut(Answer):
    """A way out of a conflict: what is to happen, by whose act, and by when it can have happened."""

    kind: Literal["permit", "own act", "extension", "leave out", "other deal", "prevailing norm"]
    label: str
    by: Ref | None = None
    earliest: date | None = None
    days_to_spare: int | None = None
    steps: list[str] = []
    estimated: bool = False


class Side(Answer):
    """One of the norms that cannot all be met, as it binds here, and who can lift it."""

    obligation: Obligation
    lifted_by: list[Ref]


class Conflict(Answer):
    """A minimal set of legal positions that cannot all be met: without any one of them there is no conflict."""

    id: str
    type: Literal["conflict"] = "conflict"
    pattern: str
    severity: Severity
    label: str
    because: str
    sides: list[Side]
    ways_out: list[WayOut]
    as_of: date


def conflicts(graph: "KnowledgeGraph", as_of: date, *, about: str | None = None) -> list[Conflict]:
    """The conflicts on a day, the hardest first; `about` keeps to those that concern a thing. `NotFound` for it."""
    return _Finder(graph, as_of).all(about)


def conflict(graph: "KnowledgeGraph", name: str, as_of: date) -> Conflict:
    """One conflict by its id; `NotFound` where there is none on that day."""
    for found in conflicts(graph, as_of):
        if found.id == name:
            return found
    raise NotFound(f"There is no conflict {name!r} on {as_of}. List them with /conflicts.", id=name)


class _Finder:
    """The positions of a day and what is asked of them again and again."""

    def __init__(self, graph: "KnowledgeGraph", as_of: date) -> None:
        self._graph, self._day = graph, as_of
        self._law: Law = read_law(graph)
        self._actions, self._things = Actions(graph), Things(graph)
        self._routes = Routes(graph, self._law.rules, self._actions)
        self._positions = [p for p in obligations(graph, as_of) if p.state in _OPEN]
        self._roles = {
            str(text(row, "norm")): text(row, "role") for row in graph.rows("bearer-roles")
        }
        self._ranks = {str(text(row, "instrument")): int(str(text(row, "rank"))) for row in graph.rows("ranks")}
        self._running = {p.norm.iri: p.due for p in self._positions if p.modality == "obligation" and p.due}

    def all(self, about: str | None) -> list[Conflict]:
        found = {
            conflict.id: conflict
            for pattern in (
                self._duty_against_ban, self._ban_against_ban, self._duty_against_duty, self._undoing,
                self._too_little_time, self._versions, self._sums, self._unknown,
            )
            for conflict in pattern()
        }  # fmt: skip
        order = {severity: n for n, severity in enumerate(SEVERITIES)}
        chosen = sorted(found.values(), key=lambda c: (order[c.severity], c.pattern, c.id))
        if about is None:
            return chosen
        thing = resolve(self._graph, about).iri
        return [c for c in chosen if any(thing in _concerned(side.obligation) for side in c.sides)]

    def _of(self, modality: str) -> list[Obligation]:
        return [p for p in self._positions if p.modality == modality]

    def _duty_against_ban(self) -> Iterator[Conflict]:
        bans = self._of("prohibition")
        for duty in self._of("obligation"):
            takes = self._actions.entailed(duty.action.iri)
            things = self._things.with_parts(duty.object.iri) if duty.object else set()
            for ban in bans:
                if (
                    ban.bearer.iri == duty.bearer.iri
                    and ban.action.iri in takes
                    and (ban.object is None or ban.object.iri in things)
                    and _overlap(duty, ban)
                ):
                    part = ban.object if ban.object and duty.object and ban.object.iri != duty.object.iri else None
                    yield self._conflict("duty against ban", [duty, ban], self._ways_out(duty, ban, part))
            yield from self._barred_deals(duty, bans)

    def _barred_deals(self, duty: Obligation, bans: list[Obligation]) -> Iterator[Conflict]:
        """A duty to give something away, where each deal that would do it is barred for one of its parties."""
        if "sell" not in {ontology.slug_of(kind) for kind in self._actions.kinds(duty.action.iri)}:
            return
        ways = self._things.ways(duty.bearer.iri, duty.object.iri if duty.object else None)
        bars = [
            next((ban for ban in bans if ban.object and ban.object.iri == way and _overlap(duty, ban)), None)
            for way in ways
        ]
        chosen = [bar for bar in bars if bar is not None]
        if ways and len(chosen) == len(ways):
            outs = [out for bar in chosen for out in self._ways_out(duty, bar, None)]
            outs.append(WayOut(kind="other deal", label="Another buyer or another form of the deal"))
            yield self._conflict("duty against ban", [duty, *chosen], outs)

    def _ban_against_ban(self) -> Iterator[Conflict]:
        bans = self._of("prohibition")
        for one in bans:
            excluded = self._actions.excluded(one.action.iri)
            for other in bans:
                if (
                    other.bearer.iri == one.bearer.iri
                    and not self._actions.kinds(other.action.iri).isdisjoint(excluded)
                    and one.norm.iri < other.norm.iri
                    and not self._targets(one).isdisjoint(self._targets(other))
                    and _overlap(one, other)
                ):
                    outs = [*self._lifts(one, None), *self._lifts(other, None)]
                    yield self._conflict("ban against ban", [one, other], outs)

    def _duty_against_duty(self) -> Iterator[Conflict]:
        duties = self._of("obligation")
        for one in duties:
            excluded = self._actions.excluded(one.action.iri)
            for other in duties:
                same = not self._targets(one).isdisjoint(self._targets(other))
                bound = one.bearer.iri == other.bearer.iri or self._controls(one.bearer.iri, other.bearer.iri)
                if (
                    same
                    and bound
                    and one.iri < other.iri
                    and not self._actions.kinds(other.action.iri).isdisjoint(excluded)
                    and _overlap(one, other)
                ):
                    yield self._conflict("duty against duty", [one, other], [])

    def _undoing(self) -> Iterator[Conflict]:
        for duty in self._of("obligation"):
            if self._actions.undone(duty.action.iri) and duty.object and self._things.done(duty.object.iri):
                yield self._conflict("undoing", [duty], [], "what was completed must be brought back; nothing forbids that")

    def _too_little_time(self) -> Iterator[Conflict]:
        for duty in self._of("obligation"):
            rule = self._law.rules.get(duty.norm.iri)
            approval = {"apply-for-approval", "apply-for-licence", "assess-data-export"}
            if rule is None or duty.due is None or ontology.slug_of(duty.action.iri) not in approval:
                continue
            finish, steps = self._routes.decided(duty.action.iri, duty.norm.iri, self._day, self._running)
            if finish and finish > duty.due:
                out = WayOut(
                    kind="permit", label="decide earlier, or move the deadline", by=duty.counterparty, earliest=finish,
                    days_to_spare=(duty.due - finish).days, steps=list(steps),
                )  # fmt: skip
                yield self._conflict("too little time", [duty], [out])

    def _versions(self) -> Iterator[Conflict]:
        """A row of a table begins between signing and closing, and the price lies between the old and the new number."""
        for row in self._graph.rows("version-changes"):
            price, old, new = (decimal_of(row, name) for name in ("price", "old", "new"))
            deal, signing = text(row, "deal"), date_of(row, "signing")
            if None in (price, old, new) or signing is None or signing > self._day:
                continue
            if (Decimal(str(price)) > Decimal(str(old))) != (Decimal(str(price)) > Decimal(str(new))):
                concept = ontology.slug_of(str(text(row, "concept")))
                why = f"{concept} goes from {old} to {new} on {date_of(row, 'from')}, between signing and closing; {price} is agreed"
                touching = [p for p in self._positions if p.object and p.object.iri == deal][:1]
                yield self._conflict("version", touching, [], why, key=f"{deal}{concept}")

    def _sums(self) -> Iterator[Conflict]:
        for row in self._graph.rows("summed-shares"):
            limit, largest = decimal_of(row, "limit"), decimal_of(row, "largest")
            if limit is not None and largest is not None and largest < limit:
                subject = str(text(row, "subject"))
                why = (
                    f"{ontology.slug_of(subject)} counts as {ontology.slug_of(str(text(row, 'concept')))} only because shares "
                    f"are added up: the largest is {largest}, the test asks for {limit}; other tests may not be met"
                )
                touching = [p for p in self._positions if subject in _concerned(p)]
                yield self._conflict("sum of shares", touching[:1], [], why, key=f"{subject}{text(row, 'rule')}")

    def _unknown(self) -> Iterator[Conflict]:
        for position in self._positions:
            if position.state == "unknown" and position.acts:
                yield self._conflict("unknown law", [position], [], position.because)

    def _ways_out(self, duty: Obligation, ban: Obligation, part: Ref | None) -> list[WayOut]:
        outs = self._lifts(ban, duty.due)
        outs += [
            WayOut(kind="extension", label=f"{power.label} (until {power.due})" if power.due else power.label, by=power.bearer)
            for power in self._of("power")
            if power.instrument.iri == duty.instrument.iri and "extend" in ontology.slug_of(power.action.iri)
        ]
        if part:
            outs.append(WayOut(kind="leave out", label=f"Leave out {part.label}"))
        if prevailing := self._prevailing(duty, ban):
            outs.append(prevailing)
        return outs

    def _prevailing(self, one: Obligation, other: Obligation) -> WayOut | None:
        """Within one country the higher rank prevails, then the later instrument; a contract gives way to any law."""
        a, b = (self._ranks.get(p.instrument.iri) for p in (one, other))
        same = one.market and other.market and one.market.iri == other.market.iri
        if a is None or b is None or a == b or not (same or _CONTRACT in (a, b)):
            rules = [self._law.rules.get(p.norm.iri) for p in (one, other)]
            days = [rule.made for rule in rules if rule and rule.made]
            if not same or a != b or a is None or len(days) < 2 or days[0] == days[1]:
                return None
            winner = one if days[0] > days[1] else other
            return WayOut(kind="prevailing norm", label=f"The later instrument prevails: {winner.instrument.label}")
        winner = one if a < b else other
        return WayOut(kind="prevailing norm", label=f"The higher rank prevails: {winner.instrument.label}")

    def _lifts(self, ban: Obligation, due: date | None) -> list[WayOut]:
        role = self._roles.get(ban.norm.iri)
        lifts = self._routes.of(ban.norm.iri, role, self._day, self._running)
        named = refs(self._graph, [lift.role for lift in lifts])
        return [
            WayOut(
                kind="own act" if lift.own else "permit",
                label=lift.label,
                by=self._lifter(ban, lift, named),
                earliest=lift.finish,
                days_to_spare=(due - lift.finish).days if due and lift.finish else None,
                steps=list(lift.steps),
                estimated=lift.estimated,
            )
            for lift in lifts
        ]

    def _lifter(self, ban: Obligation, lift: Lift, named: dict[str, Ref]) -> Ref | None:
        """The authority in the place of the role, where the ban names it."""
        if lift.own:
            return ban.bearer
        rule: Rule | None = self._law.rules.get(ban.norm.iri)
        if rule and ban.counterparty and ban.counterparty.type == "authority":
            return ban.counterparty
        return ban.enforced_by or (named[lift.role] if lift.role else None)

    def _targets(self, position: Obligation) -> set[str]:
        """The thing and the person that an act is directed at, and what a deal is about; not the authority."""
        about = self._things.with_parts(position.object.iri) if position.object else set[str]()
        person = position.counterparty
        return about | ({person.iri} if person and person.type != "authority" else set())

    def _controls(self, one: str, other: str) -> bool:
        return (one, other) in self._holdings or (other, one) in self._holdings

    @property
    def _holdings(self) -> set[tuple[str, str]]:
        return self._graph.memo(
            "holding pairs",
            lambda: {(str(text(row, "owner")), str(text(row, "object"))) for row in self._graph.rows("holdings")},
        )

    def _conflict(
        self, pattern: str, positions: list[Obligation], outs: list[WayOut], why: str | None = None, key: str = ""
    ) -> Conflict:
        unique = list({(out.kind, out.label): out for out in outs}.values())
        severity = _severity(pattern, positions, unique, self._ranks)
        said = "\n".join(sorted((pattern, key, *(p.iri for p in positions))))
        return Conflict(
            id=f"conflict-{hashlib.sha256(said.encode()).hexdigest()[:12]}",
            pattern=pattern,
            severity=severity,
            label=" / ".join(p.sentence for p in positions) or (why or pattern),
            because=why or _because(severity, unique),
            sides=[Side(obligation=p, lifted_by=self._who_lifts(p)) for p in positions],
            ways_out=unique,
            as_of=self._day,
        )

    def _who_lifts(self, position: Obligation) -> list[Ref]:
        lifts = self._routes.of(position.norm.iri, self._roles.get(position.norm.iri), self._day, self._running)
        named = refs(self._graph, [lift.role for lift in lifts])
        found = [ref for lift in lifts if (ref := self._lifter(position, lift, named))]
        if not found and position.enforced_by:
            found = [position.enforced_by]
        return list({ref.iri: ref for ref in found}.values())


def _severity(
    pattern: str, positions: Iterable[Obligation], outs: list[WayOut], ranks: dict[str, int]
) -> Severity:
    if pattern == "unknown law" or any(p.state == "unknown" for p in positions):
        return "unknown"
    if pattern in ("version", "too little time"):
        return "timing"
    if pattern == "sum of shares" or _CONTRACT in (ranks.get(p.instrument.iri) for p in positions):
        permits = [out for out in outs if out.kind == "permit"]
        return "timing" if _late(permits) else "tension"
    if any(out.kind == "own act" for out in outs) and not any(out.kind == "permit" for out in outs):
        return "tension"
    permits = [out for out in outs if out.kind == "permit"]
    if permits:
        return "timing" if _late(permits) else "conditional"
    return "tension" if any(out.kind == "prevailing norm" for out in outs) else "deadlock"


def _late(permits: list[WayOut]) -> bool:
    """Whether every permit whose day is known comes after the due date."""
    known = [out.days_to_spare for out in permits if out.days_to_spare is not None]
    return bool(known) and all(days < 0 for days in known)


def _because(severity: Severity, outs: list[WayOut]) -> str:
    permits = [out for out in outs if out.kind == "permit" and out.days_to_spare is not None]
    best = max(permits, key=lambda out: out.days_to_spare or 0, default=None)
    if severity == "conditional":
        if best:
            return f"{best.label} can come by {best.earliest}, {best.days_to_spare} days before the deadline"
        return "it can be met once a permit is given"
    if severity == "timing" and best:
        return f"{best.label} can come by {best.earliest} at the earliest, {-(best.days_to_spare or 0)} days after the deadline"
    return {
        "deadlock": "no norm offers a way out",
        "tension": "both can be met at a cost, or one side gives way",
        "unknown": "the sources do not tell whether a side holds",
        "timing": "the order or the deadline fails",
    }[severity]


def _overlap(one: Obligation, other: Obligation) -> bool:
    """Whether there is a day on which both bind, from the day of the question on and before the duty is due."""
    begins = [day for p in (one, other) if (day := p.valid_from)]
    ends = [day for p in (one, other) for day in (p.valid_until, p.due) if day]
    return not begins or not ends or max(begins) <= min(ends)


def _concerned(position: Obligation) -> set[str]:
    parts = (position.bearer, position.counterparty, position.object, position.norm, position.instrument, position.market)
    return {part.iri for part in parts if part}
