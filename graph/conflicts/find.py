"""Finding conflicts among the legal positions of one day.

Patterns, each by form and not by name:

- *duty against ban*: who must do an act must not do it, or what it takes, to the same thing or a part of it, on any day
  that is left; also where every deal by which the duty would be met is barred, be it to the other party;
- *ban against ban*: an act and its contrary are both forbidden towards the same thing or person;
- *duty against duty*: two acts that exclude each other are both owed, by one person or by two under one control;
- *undoing*: what was completed must be brought back;
- *too little time*: what bars a planned deal or act cannot be lifted by its day, or an approval that is owed by a day;
- *version*: a table of law changes between signing and closing so that the answer changes, or a norm begins there;
- *sum of shares*: an ownership test is met by several holders together and by none alone;
- *unknown law*: whether a norm holds is not known.

Severity: *deadlock* (no way out in the norms), *conditional* (an authority's act lifts it in time), *timing* (it comes
too late), *tension* (the bearer can meet both at a cost, or one side is a contract or of lower rank), *unknown*.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Final

import ontology
from graph.conflicts.answers import SEVERITIES, Conflict, Side, WayOut
from graph.conflicts.lifting import Lifting
from graph.conflicts.severity import because, late, severity
from graph.conflicts.tables import Effect, changed_norms, changed_tables, summed_shares
from graph.conflicts.things import Things, Way
from graph.derive.actions import read_actions
from graph.derive.law import read_law
from graph.errors import NotFound
from graph.read.obligations import Obligation, obligations
from graph.read.references import resolve

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_OPEN: Final = ("active", "pending", "unknown")
_CLOSING: Final = ontology.iri("act:close-transaction")
_DEALING: Final = ontology.iri("act:transact")
_SALE: Final = ontology.iri("act:sell")


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
        self._law = read_law(graph)
        self._actions, self._things = read_actions(graph), Things(graph, as_of)
        self._positions = [p for p in obligations(graph, as_of) if p.state in _OPEN]
        self._lifting = Lifting(graph, as_of, self._law.rules, self._positions, self._actions, self._things)
        self._bans = [p for p in self._positions if p.modality == "prohibition"]
        self._duties = [p for p in self._positions if p.modality == "obligation" and not (p.due and p.due < as_of)]

    def all(self, about: str | None) -> list[Conflict]:
        found = {
            conflict.id: conflict
            for pattern in (
                self._duty_against_ban, self._barred_deals, self._ban_against_ban, self._duty_against_duty,
                self._undoing, self._too_little_time, self._tables, self._unknown,
            )
            for conflict in pattern()
        }  # fmt: skip
        order = {severity: n for n, severity in enumerate(SEVERITIES)}
        chosen = sorted(found.values(), key=lambda c: (order[c.severity], c.pattern, c.id))
        if about is None:
            return chosen
        thing = resolve(self._graph, about).iri
        return [c for c in chosen if any(thing in _concerned(side.obligation) for side in c.sides)]

    def _duty_against_ban(self) -> Iterator[Conflict]:
        for duty in self._duties:
            takes = self._actions.entailed(duty.action.iri)
            things = self._things.with_parts(duty.object.iri) if duty.object else set()
            for ban in self._bans:
                if (
                    ban.bearer.iri == duty.bearer.iri
                    and ban.action.iri in takes
                    and (ban.object is None or ban.object.iri in things)
                    and not self._apart(duty, ban)
                    and self._no_free_day(duty, ban)
                ):
                    outs = [*self._lifting.acts(ban, duty.due), *self._lifting.more_time(duty)]
                    if ban.object and duty.object and ban.object.iri != duty.object.iri:
                        outs.append(WayOut(kind="leave out", label=f"Leave out {ban.object.label}"))
                    yield self._conflict("duty against ban", [duty, ban], [*outs, *self._lifting.prevailing(duty, ban)])

    def _barred_deals(self) -> Iterator[Conflict]:
        """A duty to give something away, where each deal that would do it is barred for one of its other parties."""
        for duty in self._duties:
            if duty.object is None or _SALE not in self._actions.kinds(duty.action.iri):
                continue
            deals = self._things.deals(duty.bearer.iri, duty.object.iri)
            own = self._things.with_parts(duty.object.iri)
            bans = [
                ban
                for ban in self._bans
                if self._no_free_day(duty, ban)
                and not (ban.bearer.iri == duty.bearer.iri and ban.object and ban.object.iri in own)
            ]
            bars = [[ban for ban in bans if self._bars(ban, deal)] for deal in deals]
            for chosen in product(*bars) if bars else ():
                outs = [out for bar in chosen for out in self._lifting.acts(bar, duty.due)]
                outs += self._lifting.more_time(duty)
                outs.append(WayOut(kind="other deal", label="Another buyer or another form of the deal"))
                yield self._conflict("duty against ban", [duty, *{bar.iri: bar for bar in chosen}.values()], outs)

    def _ban_against_ban(self) -> Iterator[Conflict]:
        for one in self._bans:
            excluded = self._actions.excluded(one.action.iri)
            for other in self._bans:
                if (
                    other.bearer.iri == one.bearer.iri
                    and one.norm.iri < other.norm.iri
                    and not self._actions.kinds(other.action.iri).isdisjoint(excluded)
                    and self._meet(one, other)
                ):
                    outs = [*self._lifting.acts(one, None), *self._lifting.acts(other, None)]
                    yield self._conflict(
                        "ban against ban", [one, other], [*outs, *self._lifting.prevailing(one, other)]
                    )

    def _duty_against_duty(self) -> Iterator[Conflict]:
        for one in self._duties:
            excluded = self._actions.excluded(one.action.iri)
            for other in self._duties:
                if (
                    one.iri < other.iri
                    and not self._actions.kinds(other.action.iri).isdisjoint(excluded)
                    and (one.bearer.iri == other.bearer.iri or self._things.control(one.bearer.iri, other.bearer.iri))
                    and self._meet(one, other)
                ):
                    outs = [*self._lifting.acts(one, other.due), *self._lifting.acts(other, one.due)]
                    outs += self._lifting.prevailing(one, other)
                    if one.bearer.iri != other.bearer.iri:
                        outs.append(
                            WayOut(kind="own act", label="Separate the two, so that neither controls the other")
                        )
                    yield self._conflict("duty against duty", [one, other], outs)

    def _undoing(self) -> Iterator[Conflict]:
        for duty in self._duties:
            if duty.object and self._actions.undone(duty.action.iri) and self._things.done(duty.object.iri):
                why = "what was completed must be brought back; as things stand they cannot stay"
                yield self._conflict("undoing", [duty], self._lifting.acts(duty, duty.due), why)

    def _too_little_time(self) -> Iterator[Conflict]:
        for way in self._things.ways.values():
            if not way.open(self._day) or way.day is None or way.day < self._day:
                continue
            for ban in self._bans:
                if ban.state == "unknown" or not self._bars(ban, way) or not _binds(ban, way.day):
                    continue
                if late(outs := self._lifting.acts(ban, way.day)):
                    yield self._conflict("too little time", [ban], outs, key=way.iri)
        for duty in self._duties:
            if duty.due is None or duty.bearer.type == "authority":
                continue
            barred = any(ban.bearer.iri == duty.bearer.iri and self._lifting.shared(duty, ban) for ban in self._bans)
            if not barred and late(outs := self._lifting.acts(duty, duty.due)):
                yield self._conflict("too little time", [duty], outs)

    def _tables(self) -> Iterator[Conflict]:
        for effect in changed_tables(self._graph, self._law, self._positions, self._day):
            yield self._changed("version", effect)
        for effect in changed_norms(self._law, self._things, self._positions, self._day):
            yield self._changed("version", effect)
        for effect in summed_shares(self._graph, self._law, self._positions, self._day):
            yield self._conflict(
                "sum of shares", effect.positions, self._lifting.acts(effect.positions[0], None), effect.why
            )

    def _changed(self, pattern: str, effect: Effect) -> Conflict:
        out = WayOut(kind="own act", label=f"Close before {effect.begin}, or ask again at each step")
        return self._conflict(pattern, effect.positions, [out], effect.why, key=effect.about)

    def _unknown(self) -> Iterator[Conflict]:
        """One for each norm and open point."""
        points: dict[tuple[str, ...], Obligation] = {}
        for position in sorted(self._bans + self._duties, key=lambda p: p.iri):
            if position.state == "unknown" and position.acts:
                points.setdefault((position.norm.iri, *sorted(act.iri for act in position.acts)), position)
        for position in points.values():
            yield self._conflict("unknown law", [position], [], position.because)

    def _bars(self, ban: Obligation, way: Way) -> bool:
        """Whether the ban forbids a party the deal or what it takes, or dealing with another party; or the act."""
        parties = {*way.sellers, *way.buyers, *way.objects}
        if ban.bearer.iri not in parties:
            return False
        taken = ban.action.iri in self._actions.entailed(way.action or _CLOSING)
        dealing = taken or _DEALING in self._actions.kinds(ban.action.iri)
        if ban.object is None:
            return dealing and ban.counterparty is not None and ban.counterparty.iri in parties - {ban.bearer.iri}
        if ban.object.iri == way.iri:
            return dealing
        return taken and any(ban.object.iri in self._things.with_parts(thing) for thing in way.objects)

    def _no_free_day(self, duty: Obligation, ban: Obligation) -> bool:
        """Whether the ban binds on every day that is left for the duty; on any, where the duty has no day."""
        if duty.due is None:
            return _overlap(duty, ban, self._day)
        first = min(max(day for day in (self._day, duty.valid_from) if day), duty.due)
        return _binds(ban, first) and _binds(ban, duty.due)

    def _meet(self, one: Obligation, other: Obligation) -> bool:
        """Whether two positions are about one thing or person on one day."""
        return not self._targets(one).isdisjoint(self._targets(other)) and _overlap(one, other, self._day)

    def _targets(self, position: Obligation) -> set[str]:
        """The thing and the person that an act is directed at, and what a deal is about; not the authority."""
        about = self._things.with_parts(position.object.iri) if position.object else set()
        person = position.counterparty
        return about | ({person.iri} if person and person.type != "authority" else set())

    def _apart(self, duty: Obligation, ban: Obligation) -> bool:
        """Whether the duty is to deal with one person and the ban not to deal with another, about the same thing."""
        a, b = duty.counterparty, ban.counterparty
        if a is None or b is None or ban.object is None:
            return False
        towards = [
            way.buyers
            for way in self._things.ways.values()
            if ban.bearer.iri in way.sellers and ban.object.iri in way.objects
        ]
        one, other = ({n for n, persons in enumerate(towards) if who.iri in persons} for who in (a, b))
        return bool(one and other) and one.isdisjoint(other)

    def _conflict(
        self, pattern: str, positions: list[Obligation], outs: Iterable[WayOut], why: str | None = None, key: str = ""
    ) -> Conflict:
        unique = list({(out.kind, out.label): out for out in outs}.values())
        contract = any(self._lifting.contract(p) for p in positions)
        hardness = severity(pattern, positions, unique, contract=contract)
        said = "\n".join(sorted((pattern, key, *(p.iri for p in positions))))
        return Conflict(
            id=f"conflict-{hashlib.sha256(said.encode()).hexdigest()[:12]}",
            pattern=pattern,
            severity=hardness,
            label=" / ".join(p.sentence for p in positions) or (why or pattern),
            because=why or because(hardness, unique),
            sides=[Side(obligation=p, lifted_by=self._lifting.who(p)) for p in positions],
            ways_out=unique,
            as_of=self._day,
        )


def _binds(position: Obligation, day: date) -> bool:
    return (position.valid_from is None or position.valid_from <= day) and (
        position.valid_until is None or day < position.valid_until
    )


def _overlap(one: Obligation, other: Obligation, day: date) -> bool:
    """Whether there is a day, from `day` on, on which both bind and no duty is past its due date."""
    begin = max([day, *(p.valid_from for p in (one, other) if p.valid_from)])
    untils = [p.valid_until for p in (one, other) if p.valid_until]
    dues = [p.due for p in (one, other) if p.due and p.modality == "obligation"]
    return all(begin < until for until in untils) and all(begin <= due for due in dues)


def _concerned(position: Obligation) -> set[str]:
    parts = (
        position.bearer,
        position.counterparty,
        position.object,
        position.norm,
        position.instrument,
        position.market,
    )
    return {part.iri for part in parts if part}
