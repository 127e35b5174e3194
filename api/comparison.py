"""Deals side by side, and the changes that save a deal, as text for the terminal."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from api.assessment import STYLES, printed, table
from graph.deals.rescue import Rescue, Search
from graph.deals.variants import Clash, Comparison, Duty, Outcome, Variant
from graph.deals.wording import DISCLAIMER, VERDICT_NAMES, days, headline


def comparison_text(found: Comparison, console: Console | None = None) -> str:
    """Deals side by side, then each beside the first."""
    return printed(_comparison(found), console)


def search_text(found: Search, console: Console | None = None) -> str:
    """How the deal comes out, and the single changes with which it comes out better."""
    return printed(_search(found), console)


def _comparison(found: Comparison) -> Iterator[RenderableType]:
    heads = ["", "asked of", "verdict", "complete by", "deadline", "spare", "because"]
    yield table(heads, ([_number(n), *_row(one)] for n, one in enumerate([found.base, *found.variants])))
    for number, variant in enumerate(found.variants, 1):
        yield Text(f"\n{_number(number)}. {variant.label}, beside {_number(0)}", style="bold")
        yield from _variant(variant)
    yield Text(f"\n{DISCLAIMER}", style="dim")


def _variant(variant: Variant) -> Iterator[RenderableType]:
    for change in variant.changes:
        yield Text(f"  {change.label}")
    for title, clashes in (("conflicts gone", variant.conflicts_gone), ("conflicts new", variant.conflicts_new)):
        yield from _listed(title, [_said(clash) for clash in clashes])
    for title, duties in (("binds no more", variant.duties_gone), ("binds now", variant.duties_new)):
        yield from _listed(title, [_bond(duty) for duty in duties])
    yield from _listed("steps gone", [headline(step) for step in variant.steps_gone])
    yield from _listed("steps new", [headline(step) for step in variant.steps_new])
    for effect in variant.effects:
        verdict = VERDICT_NAMES[effect.verdict] if effect.verdict else "Not on its own"
        counts = f"removes {len(effect.removes)}, adds {len(effect.adds)}"
        yield Text(f"  alone, {effect.change.label}: {verdict} ({effect.because}); of the conflicts it {counts}")
        yield from (Text(f"      removes {_said(clash)}") for clash in effect.removes)


def _search(found: Search) -> Iterator[RenderableType]:
    base = found.base
    yield Text(f"{VERDICT_NAMES[base.verdict]}: {base.because}.", style=STYLES[base.verdict])
    yield Text(f"{base.label}, asked of {base.as_of}. {found.tried} single changes were tried.")
    if not found.rescues:
        yield Text("\nNone of them makes it better.")
    else:
        yield Text("\nWith one of these changes it comes out better", style="bold")
        heads = ["verdict", "complete by", "spare", "conflicts gone", "by", "change"]
        yield table(heads, (_rescue(one) for one in found.rescues))
    yield Text(f"\n{DISCLAIMER}", style="dim")


def _rescue(one: Rescue) -> list[str]:
    when = [_day(one.earliest), days(one.slack_days)]
    return [VERDICT_NAMES[one.verdict], *when, str(len(one.removes)), one.by, one.change]


def _row(one: Outcome) -> list[str]:
    said = [str(one.as_of), VERDICT_NAMES[one.verdict], _day(one.earliest), _day(one.deadline), days(one.slack_days)]
    return [*said, f"{one.label}: {one.because}"]


def _listed(title: str, lines: list[str]) -> Iterator[Text]:
    if lines:
        yield Text(f"  {title}:")
        yield from (Text(f"    - {line}") for line in lines)


def _said(clash: Clash) -> str:
    return f"{clash.severity}: {clash.label}"


def _bond(duty: Duty) -> str:
    return f"{duty.sentence}{f', by {duty.due}' if duty.due else ''} ({duty.norm.label})"


def _number(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def _day(day: object) -> str:
    return str(day) if day else ""
