"""The assessment of a deal: what binds its parties, who can lift it, and whether it can close in time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import ontology
from graph.conflicts import conflicts
from graph.conflicts.answers import Conflict, Severity
from graph.deals.check import check, measure_of, norms_by_name
from graph.deals.concern import concerning
from graph.deals.description import Deal
from graph.deals.facts import Facts, facts_of
from graph.deals.missing import Missing, missing
from graph.deals.money import Rates
from graph.deals.plan import VERDICTS, Days, Deadline, DeadlineMet, Plan, PlannedStep, Verdict, plan
from graph.deals.reading import Fault, Reading, parse
from graph.deals.suppose import supposed
from graph.deals.tested import tested_by_entries
from graph.deals.world import deal_world, law_of
from graph.derive import derive
from graph.derive.actions import read_actions
from graph.errors import BadDeal
from graph.read.explanations import explain
from graph.read.obligations import Obligation, obligations
from graph.read.references import Answer, Ref, refs

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: A deal as it is told: the text of a JSON document, what that says, or what was read of it already.
Description = str | bytes | Mapping[str, Any] | Deal

_SELL: Final = ontology.iri("act:sell")
#: What a conflict says of the whole deal.
_BY_SEVERITY: Final[Mapping[Severity, Verdict]] = {
    "deadlock": "infeasible",
    "timing": "infeasible",
    "unknown": "unknown",
    "conditional": "at_risk",
    "tension": "at_risk",
}
#: What only warns: that the law changes before the closing, and that an approval is late by law or usual practice;
#: whether even the fastest way is late, the plan says.
_WARNINGS: Final = frozenset({"version", "too little time"})


class Bound(Obligation):
    """A legal position that concerns the deal, with why it exists in a paragraph."""

    explanation: str


class Approval(Answer):
    """What an authority must decide before the deal can go on: about what, from when, and by when in each pass."""

    authority: Ref | None
    norm: Ref | None
    label: str
    about: Ref | None
    clock_start: Days
    earliest_finish: Days
    estimated: bool
    granted: date | None
    step: str
    lifts: list[str]


class Assessment(Answer):
    """What is known of a deal on the day of the question. Information about law, not legal advice."""

    deal: Ref
    as_of: date
    obligations: list[Bound]
    approvals: list[Approval]
    conflicts: list[Conflict]
    plan: Plan
    critical_path: list[PlannedStep]
    deadlines: list[DeadlineMet]
    deadline: date | None
    slack_days: int | None
    verdict: Verdict
    because: str
    missing: list[Missing]
    sources: list[Ref]


@dataclass(frozen=True)
class Judged:
    """A deal with its world, what concerns it there, and the verdict."""

    deal: Deal
    world: "KnowledgeGraph"
    facts: Facts
    positions: list[Obligation]
    conflicts: list[Conflict]
    plan: Plan
    verdict: Verdict
    because: str

    @property
    def tightest(self) -> DeadlineMet | None:
        """The deadline with the fewest days to spare."""
        met = self.plan.deadlines
        return min(met, key=lambda one: (one.slack_days is None, one.slack_days, one.date), default=None)


@dataclass(frozen=True)
class Assessed:
    """A deal as it was described, its facts, the private world that they stand in, and what was found there."""

    deal: Deal
    facts: Facts
    world: "KnowledgeGraph"
    assessment: Assessment


def assess(graph: "KnowledgeGraph", description: Description) -> Assessment:
    """The assessment of a deal as described; the graph is only read. `BadDeal` names every fault of the description."""
    return assessed(graph, description).assessment


def assessed(graph: "KnowledgeGraph", description: Description) -> Assessed:
    """The assessment of a deal together with what it rests on, for those who write it down. Errors as for `assess`."""
    judged = judge(graph, description)
    return Assessed(judged.deal, judged.facts, judged.world, _assessment(judged))


def _assessment(judged: Judged) -> Assessment:
    deal, world, facts, found, tightest = judged.deal, judged.world, judged.facts, judged.positions, judged.tightest
    return Assessment(
        deal=refs(world, [facts.deal])[facts.deal],
        as_of=deal.date,
        obligations=[_bound(world, position, deal.date) for position in found],
        approvals=[_approval(step) for step in judged.plan.steps if step.kind == "decision"],
        conflicts=judged.conflicts,
        plan=judged.plan,
        critical_path=[step for step in judged.plan.steps if step.critical],
        deadlines=judged.plan.deadlines,
        deadline=tightest.date if tightest else None,
        slack_days=tightest.slack_days if tightest else None,
        verdict=judged.verdict,
        because=judged.because,
        missing=missing(world, deal, facts, found),
        sources=_sources(found),
    )


def judge(graph: "KnowledgeGraph", description: Description) -> Judged:
    """What binds in the deal's world, what conflicts there, and whether it can be done; `BadDeal` as for `assess`."""
    deal = accepted(graph, description)
    world, facts = world_of(graph, deal)
    found = _concerned(world, facts, deal.date)
    barring = _conflicts(world, facts, found, deal.date)
    planned = plan(world, facts.deal, deal.date, found, _deadlines(world, deal, facts, found))
    return Judged(deal, world, facts, found, barring, planned, *_verdict(deal, planned, barring))


def accepted(graph: "KnowledgeGraph", description: Description) -> Deal:
    """The deal, if it is free of faults; `BadDeal` names all of them, of the writing and against the graph, at once."""
    reading = Reading(description) if isinstance(description, Deal) else parse(description)
    faults = list(reading.faults)
    if reading.deal is not None:
        faults += reading.placed(check(graph, law_of(graph), reading.deal, Rates(graph, reading.deal)))
    if reading.deal is None or faults:
        raise BadDeal.of(faults)
    return reading.deal


def world_of(graph: "KnowledgeGraph", deal: Deal) -> "tuple[KnowledgeGraph, Facts]":
    """The private world of a deal, with the events that it supposes, and its facts.

    `BadDeal` for an event that fits no legal position of the deal.
    """
    law = law_of(graph)
    measures = {
        name: measure for one in deal.technologies for name in one.parameters if (measure := measure_of(law, name, one))
    }
    facts = facts_of(deal, Rates(graph, deal), tested_by_entries(law), measures)
    world = deal_world(graph, facts)
    left = dict(enumerate(deal.assume))
    names = norms_by_name(law)
    while left:
        acts = []
        for number, event in list(left.items()):
            day = max(event.date, deal.date)
            for position in _concerned(world, facts, day, norm=names.get(event.of), id=event.of):
                acts += supposed(world, facts.deal, facts.graph, event, position, number)
                left.pop(number, None)
        if not acts:
            raise BadDeal.of(
                Fault(
                    f"assume[{number}].of", f"{event.of} binds nobody in this deal; name a norm or position that does"
                )
                for number, event in left.items()
            )
        facts.quads += acts
        world.store.extend(acts)
        derive(world)
    return world, facts


def _concerned(
    world: "KnowledgeGraph", facts: Facts, day: date, *, norm: str | None = None, id: str | None = None
) -> list[Obligation]:
    """The legal positions that concern the deal; with `id`, those of the norm, or the one of that id."""
    found = concerning(world, facts, obligations(world, day), day)
    if id is None:
        return found
    return [p for p in found if (p.norm.iri == norm if norm else id in (p.id, p.iri))]


def _conflicts(world: "KnowledgeGraph", facts: Facts, found: Iterable[Obligation], day: date) -> list[Conflict]:
    """The conflicts of which every side concerns the deal."""
    ours = {position.iri for position in found}
    return [c for c in conflicts(world, day) if all(side.obligation.iri in ours for side in c.sides)]


def _deadlines(world: "KnowledgeGraph", deal: Deal, facts: Facts, found: list[Obligation]) -> list[Deadline]:
    """The days that the description names, the planned closing, and those on which the sellers must have sold."""
    names = norms_by_name(world)
    wanted: dict[tuple[date, str], Deadline] = {}
    if deal.closing and deal.closing >= deal.date:
        wanted[deal.closing, "closing"] = Deadline(deal.closing, "planned closing")
    for told in deal.deadlines:
        if told.date:
            label = told.label or f"deadline of {told.date}"
            wanted[told.date, label] = Deadline(told.date, label)
        for position in found if told.obligation else ():
            if position.due and names.get(str(told.obligation), told.obligation) in (
                position.norm.iri,
                position.id,
                position.iri,
            ):
                wanted[position.due, position.iri] = Deadline(position.due, told.label or position.norm.label, position)
    actions = read_actions(world)
    for position in found:
        sale = _SELL in actions.kinds(position.action.iri)
        if position.modality == "obligation" and sale and position.due and position.state in ("active", "pending"):
            wanted.setdefault((position.due, position.iri), Deadline(position.due, position.norm.label, position))
    return list(wanted.values())


def _bound(world: "KnowledgeGraph", position: Obligation, day: date) -> Bound:
    paragraph = explain(world, position.iri, day).paragraph
    return Bound(**dict(position), explanation=paragraph)


def _approval(step: PlannedStep) -> Approval:
    return Approval(
        authority=step.by[0] if step.by else step.role,
        norm=step.ground,
        label=step.label,
        about=step.about,
        clock_start=step.starts,
        earliest_finish=step.finishes,
        estimated=step.estimated,
        granted=step.done,
        step=step.id,
        lifts=step.lifts,
    )


def _verdict(deal: Deal, planned: Plan, barring: list[Conflict]) -> tuple[Verdict, str]:
    """The hardest of what the plan and the conflicts say, and its reason; without a market nothing can be said."""
    said: list[tuple[Verdict, str]] = [(planned.verdict, planned.because)]
    said += [(_says(conflict), conflict.because) for conflict in barring]
    if not deal.markets:
        said.append(("unknown", "it names no market, so whose law it must meet cannot be told"))
    return min(said, key=lambda one: VERDICTS.index(one[0]))


def _says(conflict: Conflict) -> Verdict:
    warns = conflict.severity == "timing" and conflict.pattern in _WARNINGS
    return "at_risk" if warns else _BY_SEVERITY[conflict.severity]


def _sources(found: Iterable[Obligation]) -> list[Ref]:
    """The sources of all positions, each once."""
    return list({source.iri: source for position in found for source in position.sources}.values())
