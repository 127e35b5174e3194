"""How an assessment is said in words, on paper and in the terminal alike."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graph.conflicts.answers import WayOut
from graph.deals.assess import Assessment
from graph.deals.description import Assumption, Deal
from graph.deals.path import Pass
from graph.deals.plan import PlannedStep, Reserve, Verdict
from graph.read.citations import Citation
from graph.read.obligations import Obligation
from graph.read.references import Ref

DISCLAIMER: Final = "Information about law with its sources, not legal advice."
#: The passes as column heads.
PASS_NAMES: Final[Mapping[Pass, str]] = {
    "minimum": "fastest",
    "typical": "usual",
    "by_law": "by law",
    "maximum": "longest",
}
VERDICT_NAMES: Final[Mapping[Verdict, str]] = {
    "feasible": "Feasible",
    "at_risk": "At risk",
    "infeasible": "Infeasible",
    "unknown": "Unknown",
}
_SENTENCES: Final[Mapping[Verdict, str]] = {
    "feasible": "The deal can go through",
    "at_risk": "The deal is at risk",
    "infeasible": "The deal cannot go through as it is described",
    "unknown": "Whether the deal can go through is not known",
}
PASSES_EXPLAINED: Final = (
    "Four passes are counted: the fastest that is credible, what is usual, what the law gives, and the longest. Each "
    "step is walked on the working-day calendar of its own authority. A tilde marks an estimate from practice; where "
    "there is no day, nothing gives one. A day lost on the critical path is a day lost for the deal. Spare days are "
    "those before the tightest deadline in the usual time."
)
_MODALITIES: Final = {
    "obligation": "must",
    "prohibition": "must not",
    "permission": "may",
    "power": "has the power to",
}
_EVENTS: Final = {
    "file": "done as it asks",
    "grant": "granted",
    "refuse": "refused",
    "extend": "extended",
    "waive": "waived",
    "suspend": "suspended",
    "order": "used",
}


def verdict_sentence(assessment: Assessment) -> str:
    """The verdict with its reason, as one sentence; of a deal that is closed, how it stands."""
    closed = next((step.done for step in assessment.plan.steps if step.kind == "closing"), None)
    if closed and assessment.verdict == "feasible":
        broken = sum(position.state == "violated" for position in assessment.obligations)
        late = f"; not all that was owed was done in time ({broken} violated)" if broken else ""
        return f"The deal closed on {closed}{late}."
    return f"{_SENTENCES[assessment.verdict]}: {assessment.because}."


def completion_sentence(assessment: Assessment) -> str:
    """When the steps of the plan can be over, and whether that rests on estimates."""
    plan = assessment.plan
    if plan.barred or plan.deadlocks:
        return "The norms leave it no way through."
    if not plan.earliest:
        return "Nothing tells when its steps can be over."
    closing = f" (closing {plan.closing.typical})" if plan.closing.typical else ""
    return f"Its steps can be over by {plan.earliest}{closing}{', by estimates of practice' * plan.estimated}."


def modality(name: str) -> str:
    """The modality of a legal position as a verb."""
    return _MODALITIES[name]


def content(position: Obligation) -> str:
    """What a legal position is about, without its bearer and modality."""
    return position.sentence.removeprefix(f"{position.bearer.label} {modality(position.modality)} ")


def headline(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def who(step: PlannedStep) -> str:
    """Who does a step: those that are known, else their role."""
    return ", ".join(ref.label for ref in step.by) or (step.role.label if step.role else "")


def ground(step: PlannedStep, cited: Mapping[str, Citation]) -> str:
    """What a step rests on: the norm or procedure with the provision that states it, else the instrument."""
    if step.ground is None:
        return step.instrument.label if step.instrument else ""
    within = cited[step.ground.iri].within if step.ground.iri in cited else None
    return f"{step.ground.label} ({within})" if within else step.ground.label


def source_line(source: Ref, cited: Mapping[str, Citation]) -> str:
    """What a source is, behind its name."""
    found = cited.get(source.iri)
    published = f" Published {found.published}." if found and found.published else ""
    return f"{found.description or ''}{published}" if found else ""


def way_out(out: WayOut) -> str:
    """A way out of a conflict: what, by whom, and by when."""
    by = f", by {out.by.label}" if out.by else ""
    when = f", expected by {'~' if out.estimated else ''}{out.earliest}" if out.earliest else ""
    return f"{headline(out.label)}{by}{when}"


def lasts(step: PlannedStep) -> str:
    """How long a step takes in the usual time, and by law where that differs; estimates with a tilde."""
    if step.done:
        return "done"
    usual, law = step.lasts.typical, step.lasts.by_law
    if usual is None:
        return "not known"
    said = f"{'~' if step.estimated else ''}{_period(usual)}"
    return said if usual == law or law is None else f"{said}; by law {_period(law)}"


def pressing(step: PlannedStep) -> Reserve | None:
    """The reserve of a step before the deadline that presses it most."""
    told = [reserve for reserve in step.reserves if reserve.slack_typical is not None]
    return min(told, key=lambda reserve: reserve.slack_typical or 0, default=None)


def days(number: int | None) -> str:
    """A number of days to spare, with a true minus sign where it is late."""
    return "" if number is None else f"−{-number}" if number < 0 else str(number)


def supposed(event: Assumption, labels: Mapping[str, str]) -> str:
    """An event that the description supposes; `labels` says what its norm is called."""
    name = f"{event.of} ({labels[event.of]})" if event.of in labels else event.of
    until = f" until {event.until}" if event.until else ""
    return f"{event.date}: {name} {_EVENTS[event.event]}{until}"


def told(deal: Deal) -> Iterator[tuple[str, list[str]]]:
    """What the description tells, field by field, without what it supposes."""
    for name, value in deal.model_dump(mode="json", exclude_unset=True, by_alias=True).items():
        if name not in ("label", "assume"):
            yield name.replace("_", " "), [_phrase(one) for one in (value if isinstance(value, list) else [value])]


def _period(said: str) -> str:
    return "at once" if said.startswith("0 ") else said


def _phrase(value: Any) -> str:
    """A value of the description in words: its name first, then what else is told of it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_phrase, value))
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
        case dict():
            name = value.get("label") or value.get("id")
            rest = [
                f"{key.replace('_', ' ')} {_phrase(item)}"
                for key, item in value.items()
                if key not in ("label", "id") and item is not None
            ]
            more = "; ".join(rest)
            return f"{name} ({more})" if name and more else str(name or more)
    return str(value)
