"""Deals side by side: what differs, and which change removes which conflict."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from graph.conflicts.answers import Conflict, Severity
from graph.deals.assess import Description, Judged, judge
from graph.deals.description import Deal
from graph.deals.plan import PlannedStep, Verdict
from graph.deals.reading import Fault
from graph.errors import BadDeal
from graph.read.obligations import Obligation
from graph.read.references import Answer, Ref

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: What a deal is called, which changes nothing.
_NAMES = ("label", "note")


class Outcome(Answer):
    """How a deal comes out; `earliest` is the day on which it can be complete, `deadline` the tightest."""

    label: str
    as_of: date
    verdict: Verdict
    because: str
    earliest: date | None
    deadline: date | None
    slack_days: int | None


class Change(Answer):
    """A field of the description that differs, in words."""

    field: str
    label: str


class Clash(Answer):
    """A conflict in short."""

    severity: Severity
    pattern: str
    label: str
    norms: list[Ref]


class Duty(Answer):
    """A legal position in short."""

    sentence: str
    due: date | None
    norm: Ref


class Effect(Answer):
    """What one change does to the first deal on its own; `because` where the rest does not hold together with it."""

    change: Change
    verdict: Verdict | None
    because: str
    removes: list[Clash]
    adds: list[Clash]


class Variant(Outcome):
    """A deal beside the first: what differs in the description and what follows from it."""

    changes: list[Change]
    conflicts_gone: list[Clash]
    conflicts_new: list[Clash]
    duties_gone: list[Duty]
    duties_new: list[Duty]
    steps_gone: list[str]
    steps_new: list[str]
    #: What each change does alone, where there are several.
    effects: list[Effect]


class Comparison(Answer):
    """Deals side by side with the first of them."""

    base: Outcome
    conflicts: list[Clash]
    variants: list[Variant]


def compare(graph: "KnowledgeGraph", descriptions: Sequence[Description]) -> Comparison:
    """Compare deals with the first of them; `BadDeal` names every fault of all descriptions, by ``deals[n]``."""
    first, *others = _judged(graph, descriptions)
    return Comparison(
        base=outcome(first),
        conflicts=[_clash(conflict) for conflict in first.conflicts],
        variants=[_variant(graph, first, other) for other in others],
    )


def _judged(graph: "KnowledgeGraph", descriptions: Sequence[Description]) -> list[Judged]:
    found, faults = [], []
    for number, description in enumerate(descriptions):
        try:
            found.append(judge(graph, description))
        except BadDeal as error:
            faults += [Fault(f"deals[{number}].{one['field']}", one["detail"]) for one in error.fields["errors"]]
    if faults:
        raise BadDeal.of(faults)
    return found


def judge_variant(graph: "KnowledgeGraph", deal: Deal) -> Judged:
    """Judge a changed deal without the supposed events that fit nothing in it any more; `BadDeal` as for `judge`."""
    try:
        return judge(graph, deal)
    except BadDeal as error:
        faulty = {fault["field"] for fault in error.fields["errors"]}
        fitting = [event for number, event in enumerate(deal.assume) if f"assume[{number}].of" not in faulty]
        if len(fitting) == len(deal.assume):
            raise
        return judge(graph, deal.model_copy(update={"assume": fitting}))


def outcome(judged: Judged) -> Outcome:
    """How a deal comes out."""
    tightest = judged.tightest
    return Outcome(
        label=judged.deal.label,
        as_of=judged.deal.date,
        verdict=judged.verdict,
        because=judged.because,
        earliest=judged.plan.earliest,
        deadline=tightest.date if tightest else None,
        slack_days=tightest.slack_days if tightest else None,
    )


def clashes(some: Judged, others: Judged) -> list[Clash]:
    """The conflicts of one deal that another has not."""
    there = {_key(others, conflict) for conflict in others.conflicts}
    return [_clash(conflict) for conflict in some.conflicts if _key(some, conflict) not in there]


def _variant(graph: "KnowledgeGraph", first: Judged, other: Judged) -> Variant:
    changes = changes_of(first.deal, other.deal)
    effects = [_effect(graph, first, other, change) for change in changes] if len(changes) > 1 else []
    return Variant(
        **dict(outcome(other)),
        changes=changes,
        conflicts_gone=clashes(first, other),
        conflicts_new=clashes(other, first),
        duties_gone=_duties(first, other),
        duties_new=_duties(other, first),
        steps_gone=_steps(first, other),
        steps_new=_steps(other, first),
        effects=effects,
    )


def _effect(graph: "KnowledgeGraph", first: Judged, other: Judged, change: Change) -> Effect:
    value = getattr(other.deal, change.field)
    try:
        alone = judge_variant(graph, first.deal.model_copy(update={change.field: value}))
    except BadDeal as error:
        return Effect(change=change, verdict=None, because=f"not on its own: {error.detail}", removes=[], adds=[])
    return Effect(
        change=change,
        verdict=alone.verdict,
        because=alone.because,
        removes=clashes(first, alone),
        adds=clashes(alone, first),
    )


def changes_of(one: Deal, other: Deal) -> list[Change]:
    """The fields that differ, in words."""
    return [
        Change(field=name, label=_difference(name.replace("_", " "), getattr(one, name), getattr(other, name)))
        for name in Deal.model_fields
        if name not in _NAMES and _unordered(getattr(one, name)) != _unordered(getattr(other, name))
    ]


def _unordered(value: Any) -> Any:
    return sorted(value, key=repr) if isinstance(value, list) else value


def _difference(name: str, before: Any, after: Any) -> str:
    if isinstance(before, list) and isinstance(after, list):
        gone, new = [part for part in before if part not in after], [part for part in after if part not in before]
        if len(gone) == len(new) == 1 and _said(gone[0]) == _said(new[0]) and isinstance(new[0], BaseModel):
            return "; ".join(_parts(f"{name}: {_said(new[0])}", gone[0], new[0]))
        gone, new = [_said(part) for part in gone], [_said(part) for part in new]
        if gone and new:
            return f"{name}: {', '.join(new)} instead of {', '.join(gone)}"
        return f"{name}: without {', '.join(gone)}" if gone else f"{name}: with {', '.join(new)}"
    return f"{name}: {_said(after)} instead of {_said(before)}"


def _parts(name: str, before: Any, after: Any) -> Iterator[str]:
    """What differs in two parts of one name."""
    for field in type(after).model_fields:
        if getattr(before, field) != getattr(after, field):
            yield _difference(f"{name}: {field}", getattr(before, field), getattr(after, field))


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    name = getattr(value, "name", None) or getattr(value, "label", None)
    if name:
        return str(name)
    if hasattr(value, "model_dump"):
        return " ".join(str(part) for part in value.model_dump(mode="json", exclude_none=True).values())
    return str(value)


def _key(judged: Judged, conflict: Conflict) -> tuple[str, ...]:
    """What a conflict is about, whoever the parties are: its pattern, and the norms with the parts of the deal."""
    return (conflict.pattern, *sorted(" ".join(_about(judged, side.obligation)) for side in conflict.sides))


def _about(judged: Judged, position: Obligation) -> tuple[str, ...]:
    """The norm of a position and the parts of the deal that it binds and is about."""
    things = (position.bearer, position.counterparty, position.object)
    return (position.norm.iri, *(_part(judged, thing) for thing in things))


def _part(judged: Judged, thing: Ref | None) -> str:
    """What a thing is in the deal: a buyer or seller by its place, what is described in place by its label."""
    if thing is None:
        return ""
    places = (place for place, iri in judged.facts.nodes.items() if iri == thing.iri)
    role = next((place for place in places if place.startswith(("buyer", "seller"))), None)
    return role or thing.iri.removeprefix(judged.facts.deal)


def _clash(conflict: Conflict) -> Clash:
    norms = {side.obligation.norm.iri: side.obligation.norm for side in conflict.sides}
    return Clash(severity=conflict.severity, pattern=conflict.pattern, label=conflict.label, norms=list(norms.values()))


def _duties(some: Judged, others: Judged) -> list[Duty]:
    there = {_about(others, position) for position in others.positions}
    return [
        Duty(sentence=position.sentence, due=position.due, norm=position.norm)
        for position in some.positions
        if _about(some, position) not in there
    ]


def _steps(some: Judged, others: Judged) -> list[str]:
    there = {_step(others, step) for step in others.plan.steps}
    return [step.label for step in some.plan.steps if _step(some, step) not in there]


def _step(judged: Judged, step: PlannedStep) -> tuple[str, ...]:
    return (step.kind, *(_part(judged, thing) for thing in (step.ground, step.action, step.about)))
