"""Who can lift a norm as it binds somebody, by which act and when, and what else leads out of a conflict."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

import ontology
from graph.conflicts.actions import Actions, Things
from graph.conflicts.answers import WayOut
from graph.conflicts.routes import Lift, Routes
from graph.conflicts.stages import Asked
from graph.derive.rules import Rule
from graph.derive.states import read_deeds
from graph.read.obligations import Obligation
from graph.read.references import Ref, refs
from graph.terms import text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_CONTRACT: Final = 7
_REFUSAL: Final = ontology.iri("act:refuse-approval")


class Lifting:
    """The ways to lift legal positions, from a day on."""

    def __init__(
        self,
        graph: "KnowledgeGraph",
        day: date,
        rules: Mapping[str, Rule],
        positions: Iterable[Obligation],
        actions: Actions,
        things: Things,
    ) -> None:
        self._graph, self._day, self._rules, self._things = graph, day, rules, things
        self._routes = Routes(graph, rules, actions)
        self._deeds = read_deeds(graph)
        self._towards = {str(text(row, "norm")): text(row, "towards") for row in graph.rows("bearer-roles")}
        self._ranks = {
            str(text(row, "instrument")): int(rank) for row in graph.rows("ranks") if (rank := text(row, "rank"))
        }
        self._known: dict[str, list[Lift]] = {}
        self._duties = [p for p in positions if p.modality == "obligation"]
        self._extensions = [
            p for p in positions if p.modality == "power" and "extend" in ontology.slug_of(p.action.iri)
        ]

    def acts(self, position: Obligation, due: date | None) -> list[WayOut]:
        """The exceptions of the norm as ways out. Of several that one act of one party brings about, the latest count.

        An authority that has refused lifts no more.
        """
        lifts = self._lifts(position)
        named = refs(self._graph, [lift.role for lift in lifts])
        outs = []
        for lift in lifts:
            by = self._by(position, lift, named)
            days = [other.time.finish for other in lifts if (other.action, other.role) == (lift.action, lift.role)]
            if self._refused(position, by) or lift.time.finish != max((d for d in days if d), default=None):
                continue
            out = WayOut(
                kind="other deal" if lift.circumstance else "own act" if lift.own else "permit",
                label=f"So arranged that {lift.label}" if lift.circumstance else lift.label,
                by=by,
                earliest=lift.time.finish,
                days_to_spare=(due - lift.time.finish).days if due and lift.time.finish else None,
                steps=list(lift.time.steps),
                estimated=lift.time.estimated and not lift.circumstance,
                on_application=lift.on_application,
            )
            outs.append(out)
        return outs

    def who(self, position: Obligation) -> list[Ref]:
        """Who can lift the position: whose acts its exceptions name, else who enforces it."""
        lifts = self._lifts(position)
        named = refs(self._graph, [lift.role for lift in lifts])
        found = [by for lift in lifts if (by := self._by(position, lift, named))]
        if not found and position.enforced_by:
            found = [position.enforced_by]
        if not found and self.contract(position) and position.counterparty:
            found = [position.counterparty]
        return list({ref.iri: ref for ref in found}.values())

    def more_time(self, duty: Obligation) -> list[WayOut]:
        """Who can move the day on which the duty is due: a power of its instrument, or the parties of a contract."""
        if self.contract(duty):
            return [WayOut(kind="extension", label="The parties agree on another day or term", by=duty.counterparty)]
        return [
            WayOut(kind="extension", label=f"{p.label} (until {p.due})" if p.due else p.label, by=p.bearer)
            for p in self._extensions
            if p.instrument.iri == duty.instrument.iri
        ]

    def prevailing(self, one: Obligation, other: Obligation) -> list[WayOut]:
        """A contract gives way to any law. Within one country the higher rank prevails, then the later instrument."""
        if one.instrument.iri == other.instrument.iri:
            return []
        a, b = (self._ranks.get(p.instrument.iri) for p in (one, other))
        alone = self.contract(one) != self.contract(other)
        if not alone and (one.market is None or other.market is None or one.market.iri != other.market.iri):
            return []
        if a and b and a != b:
            winner = one if a < b else other
            return [WayOut(kind="prevailing norm", label=f"The higher rank prevails: {winner.instrument.label}")]
        if alone:
            winner = other if self.contract(one) else one
            return [WayOut(kind="prevailing norm", label=f"Law prevails over contract: {winner.instrument.label}")]
        made = [rule.made if (rule := self._rules.get(p.norm.iri)) else None for p in (one, other)]
        if made[0] and made[1] and made[0] != made[1]:
            winner = one if made[0] > made[1] else other
            return [WayOut(kind="prevailing norm", label=f"The later instrument prevails: {winner.instrument.label}")]
        return [WayOut(kind="prevailing norm", label="Both are law of one country, whose courts say which prevails")]

    def contract(self, position: Obligation) -> bool:
        """Whether the position rests on a contract or undertaking."""
        return self._ranks.get(position.instrument.iri) == _CONTRACT

    def shared(self, one: Obligation, other: Obligation) -> bool:
        """Whether one and the same thing lifts both."""
        return not self._routes.exceptions(one.norm.iri).isdisjoint(self._routes.exceptions(other.norm.iri))

    def _lifts(self, position: Obligation) -> list[Lift]:
        if position.iri not in self._known:
            self._known[position.iri] = self._routes.of(position.norm.iri, self._asked(position))
        return self._known[position.iri]

    def _asked(self, position: Obligation) -> Asked:
        """The clocks that run, and what the bearer is to do, about the same thing."""
        thing = position.object.iri if position.object else None
        about = self._things.with_parts(thing)
        same = [
            duty
            for duty in self._duties
            if duty.object and (duty.object.iri in about or thing in self._things.with_parts(duty.object.iri))
        ]
        return Asked(
            day=self._day,
            running={duty.norm.iri: duty.due for duty in same if duty.due and duty.due >= self._day},
            owed={duty.action.iri for duty in same if duty.bearer.iri == position.bearer.iri},
        )

    def _by(self, position: Obligation, lift: Lift, named: Mapping[str, Ref]) -> Ref | None:
        """Whose act it is: the bearer's, the authority's that the position names, else that of whoever has the role."""
        if lift.circumstance:
            return None
        if lift.own:
            return position.bearer
        if position.counterparty and lift.role == self._towards.get(position.norm.iri):
            return position.counterparty
        return position.enforced_by or (named[lift.role] if lift.role else None)

    def _refused(self, position: Obligation, by: Ref | None) -> bool:
        """Whether whose act it is has refused it."""
        if by is None or position.object is None:
            return False
        return any(done.on <= self._day for done in self._deeds.of(by.iri, _REFUSAL, position.object.iri))
