"""How hard a conflict is, and why, from its pattern and its ways out.

A duty leaves time until its day, so an act of an authority that comes by then makes it *conditional*. Two bans that
exclude each other bind on every day, so nothing comes in time: *deadlock*, until one of them is lifted. What the bearer
can bring about alone, and what gives way (a contract to law, the lower to the higher norm of a country), is *tension*;
so is a contract against a ban from which there are only exemptions.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from graph.conflicts.answers import Severity, WayOut
from graph.read.obligations import Obligation

#: Conflicts of which the form alone says how hard they are.
_BY_PATTERN: Final[dict[str, Severity]] = {
    "unknown law": "unknown",
    "version": "timing",
    "too little time": "timing",
    "sum of shares": "tension",
    "undoing": "deadlock",
}

_EXPECTED: Final = "by law or usual practice it is lifted"


def severity(pattern: str, positions: Iterable[Obligation], outs: Sequence[WayOut], *, contract: bool) -> Severity:
    """How hard a conflict is; `contract` says that one side is no law."""
    if any(position.state == "unknown" for position in positions):
        return "unknown"
    if pattern in _BY_PATTERN:
        return _BY_PATTERN[pattern]
    kinds = {out.kind for out in outs}
    permits = [out for out in outs if out.kind == "permit"]
    if late(outs):
        return "timing"
    if "own act" in kinds:
        return "tension"
    if permits and pattern != "ban against ban" and (not contract or any(out.on_application for out in permits)):
        return "conditional"
    return "tension" if contract or "prevailing norm" in kinds else "deadlock"


def late(outs: Iterable[WayOut]) -> bool:
    """Whether every act that lifts a side, and whose day is known, comes after the due date."""
    known = [out.days_to_spare for out in outs if out.kind in ("permit", "own act") and out.days_to_spare is not None]
    return bool(known) and all(days < 0 for days in known)


def because(severity: Severity, outs: Iterable[WayOut]) -> str:
    """The reason in a few words."""
    dated = [out for out in outs if out.kind in ("permit", "own act") and out.days_to_spare is not None]
    best = max(dated, key=lambda out: out.days_to_spare or 0, default=None)
    if best and severity == "conditional":
        return f"{_EXPECTED} by {best.earliest}, {_days(best.days_to_spare or 0)} before the deadline: {best.label}"
    if best and severity == "timing":
        missed = _days(-(best.days_to_spare or 0))
        return f"{_EXPECTED} only by {best.earliest}, {missed} after the deadline: {best.label}"
    return {
        "conditional": "it can be met once a permit is given",
        "deadlock": "no norm offers a way out in time",
        "tension": "both can be met at a cost, or one side gives way",
        "unknown": "the sources do not tell whether a side holds",
        "timing": "the order or the deadline fails",
    }[severity]


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
