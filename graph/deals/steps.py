"""The steps a deal takes: what must be filed, decided, waited for, signed and delivered, and in which order.

The ways to lift what bars the deal (`graph.conflicts.routes`) are laid out as a network of steps. A ban on negotiating
or signing comes before the signing, one on closing before the closing, one on an export before the delivery of that
thing; a duty that is due before the closing leads it by its period. Nothing else orders two steps, so approvals of
different authorities run beside each other.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

import ontology
from graph.conflicts.routes import Lift, Routes
from graph.conflicts.stages import Asked, Stage
from graph.conflicts.things import Things, Way
from graph.deals.network import AT_ONCE, CLOSING, COMPLETION, NEGOTIATION, SIGNING, Network, Order, Step
from graph.deals.stages import Stages, at_once, counterparty_of, filing_name, object_of, slug
from graph.deals.suppose import is_supposed
from graph.derive.actions import read_actions
from graph.derive.law import read_law
from graph.derive.periods import UNITS, Period
from graph.derive.positions import lifts_of
from graph.derive.rules import CASE
from graph.derive.states import read_deeds
from graph.errors import NotFound
from graph.read.obligations import Obligation
from graph.read.references import Ref
from graph.terms import node, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

_PROHIBITION: Final = ontology.iri("vin:Prohibition")
_NEGOTIATE: Final = ontology.iri("act:negotiate")
_SIGN: Final = ontology.iri("act:sign-agreement")
_CLOSE: Final = ontology.iri("act:close-transaction")
_TRANSACT: Final = ontology.iri("act:transact")
_REFUSE: Final = ontology.iri("act:refuse-approval")
_DELIVER: Final = frozenset(
    ontology.iri(f"act:{name}")
    for name in ("export-technology", "export-item", "export-data", "sell-data", "give-data-access")
)
_OPEN: Final = ("active", "pending", "unknown")
#: What is done counts as a step; what is late is still to be done.
_OWED: Final = ("fulfilled", "violated")
#: What only passes on the last day of a wait is free on the next.
_NEXT_DAY: Final = Period(1, "day")


def steps_of(graph: "KnowledgeGraph", deal: str, day: date, positions: Iterable[Obligation]) -> Network:
    """The steps of the deal as they are left on a day, from the legal positions that concern it.

    `NotFound` where the graph has no deal of that IRI with something it is about.
    """
    return _Builder(graph, deal, day, list(positions)).build()


class _Builder:
    """Lays out the network of one deal."""

    def __init__(self, graph: "KnowledgeGraph", deal: str, day: date, positions: list[Obligation]) -> None:
        self._graph, self._day = graph, day
        self._actions, self._things = read_actions(graph), Things(graph, day)
        if deal not in self._things.ways:
            raise NotFound(f"There is no deal <{deal}> that says what it is about. Load its facts first.", id=deal)
        self._deal: Way = self._things.ways[deal]
        self._parties = self._deal.sellers | self._deal.buyers | self._deal.objects
        self._parts = self._things.with_parts(deal)
        self._rules = read_law(graph).rules
        self._routes = Routes(graph, self._rules, self._actions)
        self._deeds = read_deeds(graph)
        open_ = [p for p in positions if p.state in _OPEN]
        self._bans = [p for p in open_ if p.modality == "prohibition"]
        self._duties = [p for p in positions if p.modality == "obligation" and p.state in (*_OPEN, *_OWED)]
        self._powers = [p for p in open_ if p.modality == "power" and p.object and p.object.iri == deal]
        self._stages = Stages(deal, day, self._actions, self._deeds, self._duties)
        self._network = Network()
        self._voluntary = False

    def build(self) -> Network:
        """The whole network."""
        self._milestones()
        for ban in sorted(self._bans, key=lambda p: p.iri):
            if milestone := self._milestone(ban):
                self._gate(ban, milestone)
        for duty in sorted(self._duties, key=lambda p: p.iri):
            self._lead(duty)
        self._clearances()
        for name, step in list(self._network.steps.items()):
            if step.kind in ("signing", "closing", "delivery"):
                self._network.then(name, COMPLETION)
        return self._network

    def _milestones(self) -> None:
        """Negotiating, signing, closing, and the deal as a whole."""
        signing = self._deal.signing
        closed = self._deal.day if self._deal.done(self._day) else None
        signed = signing if signing and signing <= self._day else closed
        talks = self._talks()
        put = self._network.put
        party = {"actors": frozenset(self._deal.sellers | self._deal.buyers), "about": self._deal.iri}
        put(at_once(Step(SIGNING, "signing", _SIGN, done=signed, not_before=signing, **party)))  # type: ignore[arg-type]
        put(at_once(Step(CLOSING, "closing", _CLOSE, done=closed, **party)))  # type: ignore[arg-type]
        put(at_once(Step(COMPLETION, "completion", _TRANSACT, **party)))  # type: ignore[arg-type]
        if not signed:
            paces = {"period": talks, "shortest": talks, "typical": talks, "longest": talks}
            put(Step(NEGOTIATION, "negotiation", _NEGOTIATE, **paces, **party))  # type: ignore[arg-type]
            self._network.then(NEGOTIATION, SIGNING)
        self._network.then(SIGNING, CLOSING)

    def _talks(self) -> Period:
        """How long the parties mean to negotiate; where the deal does not say, they sign at once."""
        for row in self._graph.rows("negotiation-period", deal=node(self._deal.iri)):
            amount, unit = text(row, "amount"), text(row, "unit")
            if amount and unit in UNITS:
                return Period(int(amount), UNITS[unit])
        return AT_ONCE

    def _milestone(self, ban: Obligation) -> str | None:
        """Before which step the ban must be lifted; none where it does not bar the deal."""
        if ban.bearer.iri not in self._parties:
            return None
        thing = ban.object.iri if ban.object else None
        person = ban.counterparty.iri if ban.counterparty else None
        if thing is None and person not in self._parties - {ban.bearer.iri}:
            return None
        if thing is not None and not self._concerns(thing):
            return None
        kinds = self._actions.kinds(ban.action.iri)
        if _NEGOTIATE in kinds:
            return NEGOTIATION if NEGOTIATION in self._network.steps else None
        if _SIGN in kinds:
            return None if self._network.steps[SIGNING].done else SIGNING
        if thing is not None and kinds & _DELIVER:
            return self._delivery(thing, ban.action.iri)
        return CLOSING if kinds & {_CLOSE, _TRANSACT} else None

    def _concerns(self, thing: str) -> bool:
        """Whether the thing goes with the deal, or what the deal is about goes with the thing."""
        return thing in self._parts or not self._deal.objects.isdisjoint(self._things.with_parts(thing))

    def _delivery(self, thing: str, action: str) -> str:
        name = f"delivery/{ontology.slug_of(thing)}"
        if name not in self._network.steps:
            self._network.put(at_once(Step(name, "delivery", action, frozenset(self._deal.sellers), about=thing)))
            self._network.then(SIGNING, name)
        return name

    def _gate(self, ban: Obligation, milestone: str) -> None:
        """Let the milestone wait for what lifts the ban."""
        if ban.state == "unknown":
            self._network.unsettled.append(ban.iri)
        since = ban.valid_from if ban.valid_from and ban.valid_from > self._day else None
        asked = self._asked(ban)
        lift = self._chosen(ban, asked)
        if lift is None or lift.route is None:
            ends = self._lifted_on(ban) if self._refused(ban) else ban.valid_until
            name = self._network.put(_until(ban, ends)) if ends else self._barred(ban)
            self._network.then(name, milestone, Order(since=since))
            return
        name = self._step(lift.route, ban)
        lead = _NEXT_DAY if lift.route.kind == "wait" else AT_ONCE
        self._network.then(name, milestone, Order(lead, since=since, until=self._lifted_on(ban)))

    def _lifted_on(self, ban: Obligation) -> date | None:
        """The day on which something on record lifts the ban: a permit that is given, a wait that already runs.

        That the ban also ends with its norm or with what it rests on, nobody who plans can count on.
        """
        if ban.valid_until is None or ban.norm.iri not in self._rules:
            return None
        case = tuple((part, node(ref.iri)) for part in CASE if isinstance(ref := getattr(ban, part, None), Ref))
        grounds = self._graph.rows("grounds-of", nodes=[node(ban.iri)])
        lifts = lifts_of(self._graph, self._rules[ban.norm.iri], case, [row["premise"] for row in grounds])
        begins = {span.begin for _, rows in lifts for _, span in rows}
        return ban.valid_until if ban.valid_until in begins else None

    def _barred(self, ban: Obligation) -> str:
        """A step that nothing gives a time, for a ban that nothing lifts."""
        why = "no act lifts it" if not self._refused(ban) else "it has been refused, and no other act lifts it"
        self._network.barred[ban.iri] = f"{why}: {ban.sentence} ({ban.provision.label})"
        return self._network.put(
            Step(f"no-way/{ban.id}", "barred", ban.action.iri, ground=ban.norm.iri, lifts=frozenset({ban.iri}))
        )

    def _chosen(self, ban: Obligation, asked: Asked) -> Lift | None:
        """The way to lift a ban that the parties can count on: their own act, else one that has begun, else a decision.

        Of several that one act of one party brings about, the latest counts; an authority that has refused lifts no
        more.
        """
        lifts = [lift for lift in self._routes.of(ban.norm.iri, asked) if lift.route]
        ends = {(lift.action, lift.role): date.min for lift in lifts}
        for lift in lifts:
            if lift.time.finish:
                ends[lift.action, lift.role] = max(ends[lift.action, lift.role], lift.time.finish)
        sure = [
            lift
            for lift in lifts
            if (lift.time.finish or date.min) == ends[lift.action, lift.role] and (lift.own or not self._refused(ban))
        ]
        return min(
            sure,
            key=lambda lift: (
                not lift.own,
                lift.time.finish is None,
                not (lift.route and self._stages.begun(lift.route, ban)),
                not lift.on_application,
                lift.time.finish or date.max,
            ),
            default=None,
        )

    def _refused(self, ban: Obligation) -> bool:
        """Whether the authority has refused, or is supposed to."""
        by = self._stages.authority(ban)
        refusals = self._deeds.of(by, _REFUSE, ban.object.iri) if by and ban.object else ()
        return any(done.on <= self._day or is_supposed(done.act, self._deal.iri) for done in refusals)

    def _asked(self, ban: Obligation) -> Asked:
        owed = {duty.action.iri for duty in self._duties if duty.bearer.iri == ban.bearer.iri}
        return Asked(self._day, {}, owed, {other.norm.iri for other in self._bans})

    def _step(self, stage: Stage, ban: Obligation) -> str:
        """The step of a stage, behind the steps of what comes before it."""
        if stage.circle:
            if stage.circle not in self._network.circles:
                self._network.circles.append(stage.circle)
            name = f"circle/{'/'.join(map(ontology.slug_of, stage.circle))}"
            return self._network.put(Step(name, "decision", stage.action, role=stage.role, about=object_of(ban)))
        if stage.kind == "act" and self._actions.kinds(stage.action) & {_SIGN, _NEGOTIATE}:
            return SIGNING
        step = replace(self._stages.step(stage, ban), voluntary=self._voluntary)
        if stage.at_once:
            for before in stage.after:
                if before.kind == "decision" and before.ground is None:
                    stage = replace(stage, after=())
        self._network.put(step)
        for before in stage.after if step.done is None else ():
            self._network.then(self._step(before, ban), step.name)
        return step.name

    def _lead(self, duty: Obligation) -> None:
        """Let the closing, the signing or a delivery wait for a duty that is due a period before it."""
        rule = self._rules.get(duty.norm.iri)
        if rule is None or rule.period is None or duty.bearer.iri not in self._parties:
            return
        if rule.period.amount >= 0:
            self._follow(duty, rule.period, rule.country or "")
            return
        if any(
            not self._routes.exceptions(duty.norm.iri).isdisjoint(self._routes.exceptions(ban.norm.iri))
            for ban in self._bans
        ):
            return
        milestone = self._due_before(duty)
        if self._network.steps[milestone].done:
            return
        thing = duty.object.iri if duty.object else self._deal.iri
        step = Step(
            filing_name(duty.action.iri, duty.instrument.iri, thing), "filing", duty.action.iri,
            frozenset({duty.bearer.iri}), towards=counterparty_of(duty), ground=duty.norm.iri, about=thing,
            country=rule.country or "", instrument=duty.instrument.iri, lifts=frozenset({duty.iri}),
        )  # fmt: skip
        step = at_once(replace(step, done=self._stages.done(step, duty)))
        if duty.state == "fulfilled" and step.done is None and step.name not in self._network.steps:
            return
        name = self._network.put(step)
        lead = Period(-rule.period.amount, rule.period.unit)
        self._network.then(name, milestone, Order(lead, country=rule.country or ""))
        if milestone == CLOSING:
            self._anticipate(duty)

    def _anticipate(self, duty: Obligation) -> None:
        """The decision that a filing leads to, where its instrument bars the closing only once the filing is made."""
        if any(ban.instrument.iri == duty.instrument.iri for ban in self._bans):
            return
        for norm, rule in sorted(self._rules.items()):
            if (
                rule.modality == _PROHIBITION
                and rule.chain[-1:] == (duty.instrument.iri,)
                and rule.span.holds(self._day)
                and self._actions.kinds(rule.action or "") & {_CLOSE, _TRANSACT}
            ):
                for lift in self._routes.of(norm, self._asked(duty)):
                    if lift.route and lift.on_application and _begins_with(lift.route, duty.action.iri):
                        self._network.then(self._step(lift.route, duty), CLOSING)

    def _follow(self, duty: Obligation, period: Period, country: str) -> None:
        """A duty that is due a period after the signing or closing, and holds nothing up."""
        start = duty.deadline[0].on if duty.deadline else None
        after = CLOSING if start == self._deal.day else SIGNING if start == self._deal.signing else None
        if start is None or after is None or duty.state == "fulfilled" or not self._looks_ahead(duty):
            return
        step = Step(
            f"{ontology.slug_of(duty.norm.iri)}/{slug(object_of(duty))}", "duty", duty.action.iri,
            frozenset({duty.bearer.iri}), towards=counterparty_of(duty), ground=duty.norm.iri, about=object_of(duty),
            country=country, instrument=duty.instrument.iri, period=period, shortest=period, typical=period,
            longest=period, lifts=frozenset({duty.iri}),
        )  # fmt: skip
        self._network.put(step)
        self._network.then(after, step.name)

    def _looks_ahead(self, duty: Obligation) -> bool:
        """Whether its clock is the signing or closing of the deal, and not another act of that day."""
        rule = self._rules.get(duty.norm.iri)
        return rule is not None and rule.query.looks_ahead

    def _clearances(self) -> None:
        """What the parties may ask for so that a power over the deal is used up: nothing waits for it."""
        self._voluntary = True
        for power in sorted(self._powers, key=lambda p: p.iri):
            for lift in self._routes.of(power.norm.iri, self._asked(power)):
                if lift.route and lift.on_application and lift.time.finish:
                    self._step(lift.route, power)

    def _due_before(self, duty: Obligation) -> str:
        """Which milestone the duty comes before."""
        start = duty.deadline[0].on if duty.deadline else None
        if start and start == self._deal.signing and start != self._deal.day:
            return SIGNING
        name = f"delivery/{slug(object_of(duty))}"
        return name if name in self._network.steps else CLOSING


def _until(ban: Obligation, ends: date) -> Step:
    """A ban that nothing lifts, but that ends by itself."""
    step = Step(f"end/{ban.id}", "lapse", ban.action.iri, ground=ban.norm.iri, lifts=frozenset({ban.iri}))
    return replace(at_once(step), not_before=ends)


def _begins_with(stage: Stage, action: str) -> bool:
    return stage.action == action or any(_begins_with(before, action) for before in stage.after)
