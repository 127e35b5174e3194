"""Single changes that save a deal: each is tried on its own, in a world of its own."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel

from graph.deals.assess import Description, Judged, judge
from graph.deals.description import Assumption, Deal, Party
from graph.deals.plan import VERDICTS, PlannedStep, latest_filings
from graph.deals.variants import Clash, Outcome, clashes, judge_variant, outcome
from graph.errors import BadDeal
from graph.read.references import Answer

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: Told how many changes have been tried, of how many.
Watch = Callable[[int, int], None]
#: Stakes just under the shares that ownership tests look at.
_STAKES: Final = tuple(Decimal(share) for share in ("0.49", "0.33", "0.24", "0.19", "0.099", "0.049"))


class Rescue(Outcome):
    """A change of one thing with which the deal comes out better: what is changed, and the conflicts that it removes.

    `field` is the field of the description; `by` whose act it takes (``parties``, or the name of an authority).
    """

    field: str
    change: str
    by: str
    removes: list[Clash]


class Search(Answer):
    """How a deal comes out, and the single changes with which it comes out better, the best first."""

    base: Outcome
    tried: int
    rescues: list[Rescue]


Part = TypeVar("Part", bound=BaseModel)
#: A change: the field, in words, whose act, and the deal with it.
_Change = tuple[str, str, str, Deal]


def rescues(graph: "KnowledgeGraph", description: Description, watch: Watch | None = None) -> Search:
    """Try single changes of the deal, and give those with which its verdict is better; `BadDeal` for a faulty one.

    Tried are: to leave out a technology, data, a business or a market; a smaller stake, no control; another buyer, of
    each market; less time for negotiating; to have filed earlier; that a deadline is moved; that an authority decides
    sooner.
    """
    base = judge(graph, description)
    changes = list(_changes(base))
    found = []
    for number, change in enumerate(changes):
        if (rescue := _tried(graph, base, *change)) is not None:
            found.append(rescue)
        if watch:
            watch(number + 1, len(changes))
    found.sort(key=lambda one: -VERDICTS.index(one.verdict))
    return Search(base=outcome(base), tried=len(changes), rescues=found)


def _tried(graph: "KnowledgeGraph", base: Judged, field: str, change: str, by: str, deal: Deal) -> Rescue | None:
    try:
        changed = judge_variant(graph, deal)
    except BadDeal:
        return None
    if VERDICTS.index(changed.verdict) <= VERDICTS.index(base.verdict):
        return None
    return Rescue(**dict(outcome(changed)), field=field, change=change, by=by, removes=clashes(base, changed))


def _changes(base: Judged) -> Iterator[_Change]:
    """The changes to try, each with the deal that has it."""
    deal = base.deal
    yield from _without(deal)
    yield from _smaller(deal)
    sellers = {country for party in deal.seller for country in (party.country, party.headquarters)}
    for market in deal.markets:
        other = Party(label=f"Another buyer, of {market}", country=market, headquarters=market)
        if market not in sellers and [party.country for party in deal.buyer] != [market]:
            yield "buyer", f"another buyer, incorporated and owned in {market}", "parties", _with(deal, buyer=[other])
    yield from _sooner(base)
    yield from _later_deadlines(base)
    for step in base.plan.steps:
        if (decided := _decided_sooner(base, step)) is not None:
            yield decided


def _without(deal: Deal) -> Iterator[_Change]:
    for technology in deal.technologies:
        stays = [*deal.excludes, technology.id] if technology.id else deal.excludes
        changed = _with(deal, technologies=_but(deal.technologies, technology), excludes=stays)
        yield "technologies", f"leave out {technology.name}", "parties", changed
    for number, data in enumerate(deal.data):
        left = _with(deal, data=_but(deal.data, data, transferred=False))
        yield f"data[{number}].transferred", "the data stay behind", "parties", left
    if len(deal.target) > 1:
        for target in deal.target:
            yield "target", f"leave out {target.name}", "parties", _with(deal, target=_but(deal.target, target))
    if len(deal.markets) > 1:
        for market in deal.markets:
            others = [one for one in deal.markets if one != market]
            yield "markets", f"leave out the market {market}", "parties", _with(deal, markets=others)


def _smaller(deal: Deal) -> Iterator[_Change]:
    for stake in _STAKES:
        if deal.stake is not None and stake < deal.stake:
            control = deal.control if stake >= _STAKES[0] else False
            yield "stake", f"a stake of {stake:.1%}", "parties", _with(deal, stake=stake, control=control)
    if deal.control:
        yield "control", "no control for the buyer", "parties", _with(deal, control=False)


def _sooner(base: Judged) -> Iterator[_Change]:
    """Less time for what the parties do themselves."""
    deal = base.deal
    for days in {0, (deal.negotiation_days or 0) // 2} if deal.negotiation_days else ():
        yield "negotiation_days", f"negotiate for {days} days", "parties", _with(deal, negotiation_days=days)
    for number, event in enumerate(deal.assume):
        filed = [filing for filing in latest_filings(base.plan) if filing.made == event.date]
        last = min((day for filing in filed for day in (filing.typical, filing.by_law) if day), default=None)
        if event.event == "file" and last and last < event.date:
            early = _with(deal, assume=_but(deal.assume, event, date=last), date=min(deal.date, last))
            days = (event.date - last).days
            yield f"assume[{number}].date", f"file by {last}, {_count(days)} earlier", "parties", early


def _later_deadlines(base: Judged) -> Iterator[_Change]:
    """A deadline moved to the first day on which the deal can be complete."""
    deal, ready = base.deal, base.plan.earliest
    for met in base.plan.deadlines if ready else ():
        assert ready
        if ready <= met.date:
            continue
        change = f"{met.label} is moved to {ready}, {_count((ready - met.date).days)} later"
        if met.obligation:
            moved = Assumption(event="extend", of=met.obligation, date=deal.date, until=ready)
            yield "assume", change, "who can extend it", _with(deal, assume=[*deal.assume, moved])
        for number, told in enumerate(deal.deadlines):
            if told.date == met.date:
                later = _with(deal, deadlines=_but(deal.deadlines, told, date=ready))
                yield f"deadlines[{number}].date", change, "who can extend it", later


def _decided_sooner(base: Judged, step: PlannedStep) -> _Change | None:
    """That an authority does not take all its time."""
    days = [day for reserve in step.reserves for day in (reserve.latest.typical, reserve.latest.by_law) if day]
    usual = step.finishes.typical or step.finishes.by_law
    if step.kind != "decision" or step.done or not days or step.ground is None or (usual and min(days) >= usual):
        return None
    event = Assumption(event="grant", of=step.ground.id, date=max(min(days), base.deal.date))
    by = step.by[0].label if step.by else "the authority"
    sooner = f", {_count((usual - event.date).days)} before its usual time is over" if usual else ""
    change = f"{by} decides by {event.date}{sooner}: {step.label}"
    return "assume", change, by, _with(base.deal, assume=[*base.deal.assume, event])


def _with(deal: Deal, **changes: Any) -> Deal:
    """The deal with some fields changed."""
    return deal.model_copy(update=changes)


def _but(parts: Sequence[Part], part: Part, **changes: Any) -> list[Part]:
    """The parts, of which one has other fields; without it where there are none."""
    return [one.model_copy(update=changes) if one is part else one for one in parts if one is not part or changes]


def _count(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"
