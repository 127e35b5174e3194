"""From the stages of a route to the steps of a deal: whose act each is, towards whom, and whether it has been done."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

import ontology
from graph.conflicts.actions import Actions
from graph.conflicts.stages import Stage
from graph.deals.network import AT_ONCE, Kind, Step
from graph.derive.states import Deeds
from graph.read.obligations import Obligation

_ACCEPT: Final = ontology.iri("act:accept-filing")


class Stages:
    """Reads stages as steps of one deal on a day."""

    def __init__(self, deal: str, day: date, actions: Actions, deeds: Deeds, duties: Iterable[Obligation]) -> None:
        self._deal, self._day, self._actions, self._deeds = deal, day, actions, deeds
        self._duties = list(duties)

    def step(self, stage: Stage, ban: Obligation) -> Step:
        """The step of a stage on the way to lift a ban: the party's own act, or an authority's."""
        own = stage.kind in ("act", "lag") and _ACCEPT not in self._actions.kinds(stage.action)
        return self._of_party(stage, ban) if own else self._of_authority(stage, ban)

    def begun(self, stage: Stage, ban: Obligation) -> bool:
        """Whether an act that leads there is on record."""
        step = replace(self._of_stage(stage, ban, "", "filing"), actors=frozenset({self.party(ban)}))
        return self._acted(step, ban).done is not None or any(self.begun(before, ban) for before in stage.after)

    def authority(self, position: Obligation) -> str | None:
        """The authority that the position names, or the one that enforces it."""
        for party in (position.bearer, position.counterparty, position.enforced_by):
            if party and party.type == "authority":
                return party.iri
        return None

    def party(self, position: Obligation) -> str:
        """The party to the deal that the position binds, or that a power is held over."""
        over = position.counterparty if position.modality == "power" else None
        return over.iri if over else position.bearer.iri

    def done(self, step: Step, ban: Obligation) -> date | None:
        """The first day by which all who are to do it have done it."""
        days, authority = [], self.authority(ban)
        for actor in step.actors:
            towards = None if actor == authority else authority
            found = [
                done.on
                for thing in (step.about, self._deal)
                for done in self._deeds.of(actor, step.action, thing, towards)
                if done.on <= self._day
            ]
            if not found:
                return None
            days.append(min(found))
        return max(days, default=None)

    def _of_party(self, stage: Stage, ban: Obligation) -> Step:
        """An act of the party, which it does at once, or in the time that practice gives it."""
        duties = self._asking(stage, ban)
        instruments = {duty.instrument.iri for duty in duties}
        where = instruments.pop() if len(instruments) == 1 else stage.instrument
        step = replace(
            self._of_stage(stage, ban, filing_name(stage.action, where, object_of(ban)), "filing"),
            actors=frozenset({duty.bearer.iri for duty in duties} or {self.party(ban)}),
            towards=self.authority(ban),
        )
        step = at_once(step) if stage.kind == "act" else step
        return self._acted(step, ban)

    def _acted(self, step: Step, ban: Obligation) -> Step:
        """The step with the day on which its party did it; or the authority, where no norm says whose act it is."""
        if done := self.done(step, ban):
            return replace(step, done=done)
        authority = self.authority(ban)
        other = replace(step, kind="decision", actors=frozenset({authority} if authority else ()), towards=None)
        done = self.done(other, ban)
        return replace(other, done=done) if done else step

    def _asking(self, stage: Stage, ban: Obligation) -> list[Obligation]:
        """The duties to do the act to the thing: those of the same instrument, else those towards the authority."""
        found = [d for d in self._duties if d.action.iri == stage.action and object_of(d) == object_of(ban)]
        own = [duty for duty in found if duty.instrument.iri == stage.instrument]
        party, towards = self.party(ban), (None, self.authority(ban))
        return own or [d for d in found if d.bearer.iri == party and counterparty_of(d) in towards]

    def _of_authority(self, stage: Stage, ban: Obligation) -> Step:
        """A decision, an acceptance, or days that pass."""
        authority = self.authority(ban)
        ground = stage.ground or ban.norm.iri
        name = f"{ontology.slug_of(ground)}/{slug(object_of(ban))}"
        step = replace(self._of_stage(stage, ban, name, "decision"), ground=ground)
        if stage.kind == "wait":
            return replace(step, kind="waiting", shortest=stage.period, typical=stage.period)
        step = replace(step, actors=frozenset({authority} if authority else ()))
        kind: Kind = "acceptance" if stage.kind in ("act", "lag") else "decision"
        return replace(step, kind=kind, done=self.done(step, ban))

    def _of_stage(self, stage: Stage, ban: Obligation, name: str, kind: Kind) -> Step:
        return Step(
            name,
            kind,
            stage.action,
            role=stage.role,
            ground=stage.ground,
            about=object_of(ban),
            country=stage.country,
            instrument=stage.instrument,
            period=stage.period,
            shortest=stage.shortest,
            typical=stage.typical,
            longest=stage.longest,
            lifts=frozenset({ban.iri}),
        )


def at_once(step: Step) -> Step:
    """The step, taking no time."""
    return replace(step, period=AT_ONCE, shortest=AT_ONCE, typical=AT_ONCE, longest=AT_ONCE)


def filing_name(action: str, instrument: str | None, thing: str | None) -> str:
    """The name of a party's act, one for all who must do it under an instrument."""
    return f"{ontology.slug_of(action)}/{slug(instrument)}/{slug(thing)}"


def object_of(position: Obligation) -> str | None:
    """What the position is about."""
    return position.object.iri if position.object else None


def counterparty_of(position: Obligation) -> str | None:
    """Whom the position is towards."""
    return position.counterparty.iri if position.counterparty else None


def slug(iri: str | None) -> str:
    """The slug of a thing; where none is named it is the deal."""
    return ontology.slug_of(iri) if iri else "deal"
