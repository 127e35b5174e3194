"""Reading a description: every fault of the writing at once, each with its field and what is expected there."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from decimal import Decimal
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from graph.deals.description import Deal
from graph.errors import BadDeal

#: How often a description is cut around a fault to find its other faults.
_DEPTH: Final = 4
_GONE: Final = "\0gone"
#: What stands in for a field that no deal can do without, so that its other faults are found; no day lies before it.
_STAND_INS: Final = {"kind": "acquisition", "date": "1900-01-01", "buyer": {"label": "?"}}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a description: where, and what is expected there."""

    field: str
    detail: str

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}" if self.field else self.detail


@dataclass(frozen=True)
class Reading:
    """What could be read of a description, and what is wrong with it.

    `dropped`: by the field of a list, the places of the elements that had to be left out of the deal.
    """

    deal: Deal | None
    faults: tuple[Fault, ...] = ()
    dropped: Mapping[str, Sequence[int]] = dataclass_field(default_factory=dict)

    def placed(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults of what was read, at the places that the description has."""
        return [Fault(_place(_told(_steps(fault.field), self.dropped)), fault.detail) for fault in faults]


def read_deal(description: str | bytes | Mapping[str, Any]) -> Deal:
    """The deal of a JSON text or of what it says; `BadDeal` names every fault of the writing at once.

    Whether its parties, concepts and currencies are known is asked of the graph by `graph.deals.check`.
    """
    reading = parse(description)
    if reading.deal is None or reading.faults:
        raise BadDeal.of(reading.faults)
    return reading.deal


def parse(description: str | bytes | Mapping[str, Any]) -> Reading:
    """The deal as far as it can be read, and what is wrong with it."""
    if not isinstance(description, Mapping):
        try:
            description = json.loads(description, parse_float=Decimal)
        except ValueError as error:
            return Reading(None, (Fault("", f"The JSON does not parse: {error}"),))
        if not isinstance(description, Mapping):
            return Reading(None, (Fault("", "A deal is a JSON object"),))
    content = {key: value for key, value in description.items() if not key.startswith("@")}
    try:
        deal = Deal.model_validate(content)
    except ValidationError as error:
        faults = tuple(Fault(_place(found["loc"]), _said(found)) for found in error.errors())
        left = _readable(content)
        return replace(left, faults=(*faults, *left.placed(contradictions(left.deal) if left.deal else ())))
    return Reading(deal, tuple(contradictions(deal)))


def contradictions(deal: Deal) -> Iterator[Fault]:
    """What cannot be true together."""
    if deal.signing and deal.closing and deal.closing < deal.signing:
        yield Fault("closing", f"{deal.closing} lies before the signing on {deal.signing}; it must not")
    if not deal.target and not deal.technologies and not deal.data:
        yield Fault("target", "the deal is about nothing; give a target, technologies or data")
    if deal.stake is not None and deal.stake_before is not None and deal.stake < deal.stake_before:
        yield Fault(
            "stake", f"{deal.stake} is less than the {deal.stake_before} held before; give the share afterwards"
        )
    for field, party in deal.parties():
        total = sum((owner.share for owner in party.owners), party.government_share or Decimal(0))
        if total > 1:
            yield Fault(f"{field}.owners", f"the shares add up to {total * 100:f} %; they must not exceed 100 %")
        if any(owner.owner.name == party.name for owner in party.owners):
            yield Fault(f"{field}.owners", f"{party.name} is told to own itself; name another owner")
        if party.government_share and not party.country:
            yield Fault(f"{field}.government_share", "it is not told whose government; give `country` too")
    buyers = {party.name for party in deal.buyer}
    for number, party in enumerate(deal.target):
        if party.name in buyers:
            yield Fault(f"target[{number}]", f"{party.name} is also a buyer; a label names one thing only")
    for number, one in enumerate(deal.deadlines):
        if one.date and one.date < deal.date:
            yield Fault(f"deadlines[{number}].date", f"{one.date} lies before the day of the question, {deal.date}")


def nearest(name: str, known: Iterable[str]) -> str:
    """What may have been meant, as the end of a message."""
    found = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def _place(loc: Sequence[str | int]) -> str:
    """The field as a user would write it: ``buyer[0].owners[1].share``."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc if step != "[key]"]
    return "".join(steps).removeprefix(".")


def _said(found: Any) -> str:
    if found["type"] == "extra_forbidden":
        fields = [info.alias or name for name, info in _model_at(found["loc"][:-1]).model_fields.items()]
        return f"there is no such field{nearest(str(found['loc'][-1]), fields) or '; there are ' + ', '.join(fields)}"
    if found["type"] == "missing":
        return "it is missing"
    if found["type"] == "too_short":
        return "there is none; give at least one"
    if found["type"] == "model_type":
        fields = [info.alias or name for name, info in _model_at(found["loc"]).model_fields.items()]
        return f"{found['input']!r} is no object; give one with {', '.join(fields)}"
    text = str(found["msg"]).removeprefix("Value error, ")
    return text if text.endswith("?") or found["type"] == "value_error" else f"{text}, not {found['input']!r}"


def _model_at(loc: Sequence[str | int]) -> type[BaseModel]:
    model: type[BaseModel] = Deal
    for step in loc:
        field = next((i for n, i in model.model_fields.items() if step in (n, i.alias)), None)
        if field:
            model = next(_models(field.annotation), model)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _readable(content: Mapping[str, Any]) -> Reading:
    """The deal without what is faulty, so that the other faults are found too; nothing where too much would go.

    A faulty value is left out, or, where the part cannot do without it, the part around it; of the deal itself
    something else stands in.
    """
    left = json.loads(json.dumps(content, default=str))
    for _ in range(_DEPTH):
        dropped: dict[str, list[int]] = {}
        cleaned = _cleaned(left, (), dropped)
        try:
            return Reading(Deal.model_validate(cleaned), dropped=dropped)
        except ValidationError as error:
            for found in error.errors():
                loc = _told([step for step in found["loc"] if step != "[key]"], dropped)
                if len(loc) == 1 and loc[0] in _STAND_INS:
                    left[loc[0]] = _STAND_INS[str(loc[0])]
                    continue
                _leave_out(left, loc[:-1] if found["type"] == "missing" else loc)
    return Reading(None)


def _leave_out(content: Any, loc: Sequence[str | int]) -> None:
    if not loc:
        return
    for step in loc[:-1]:
        content = content[step] if isinstance(content, dict) and step in content else _element(content, step)
    if isinstance(content, dict):
        content.pop(loc[-1], None)
    elif isinstance(content, list) and isinstance(loc[-1], int) and loc[-1] < len(content):
        content[loc[-1]] = _GONE


def _element(content: Any, step: str | int) -> Any:
    """The element of a list; what stands alone where a list may stand is its first."""
    if isinstance(content, list) and isinstance(step, int) and step < len(content):
        return content[step]
    return content if step == 0 else None


def _cleaned(content: Any, place: tuple[str | int, ...], dropped: dict[str, list[int]]) -> Any:
    """The content without the elements that were left out; their places are noted."""
    if isinstance(content, dict):
        return {key: _cleaned(value, (*place, key), dropped) for key, value in content.items()}
    if not isinstance(content, list):
        return content
    if gone := [n for n, value in enumerate(content) if value == _GONE]:
        dropped[_place(place)] = gone
    return [_cleaned(value, (*place, n), dropped) for n, value in enumerate(content) if n not in gone]


def _told(steps: Iterable[str | int], dropped: Mapping[str, Sequence[int]]) -> list[str | int]:
    """The place that the description has for one of what was read."""
    told: list[str | int] = []
    for step in steps:
        number = step
        if isinstance(number, int):
            for gone in dropped.get(_place(told), ()):
                number += gone <= number
        told.append(number)
    return told


def _steps(field: str) -> list[str | int]:
    """The steps to a field as `_place` writes it."""
    return [int(number) if number else name for name, number in re.findall(r"([^.\[\]]+)(?![^\[]*\])|\[(\d+)\]", field)]
