"""The description of a deal as a user writes it.

The fields are those of plain JSON, which is JSON-LD by `ontology/context.jsonld`; `graph.deals.documents` reads the
same from Turtle. Parties, businesses and technologies are ids of the graph (a string, or ``{"id": …}``, to which
further fields add facts) or are described in place by a label. Shares are fractions: 0.3 is 30 %.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

DealKind = Literal["acquisition", "asset-sale", "licence", "investment", "divestiture"]
PartyKind = Literal["company", "fund", "person", "state", "business", "land"]
EventKind = Literal["file", "grant", "refuse", "extend", "waive", "suspend", "order"]
#: The key of a figure that is not of one market.
WORLD: Final = "world"
#: The power of ten beyond which a number is a slip, and would fill the memory when written out.
_LARGEST: Final = 30
#: The years that a deal can lie in: periods are counted from its days, and the calendar has an end.
_FIRST, _LAST = 1900, 2200
#: The longest that parties can mean to negotiate, in days.
_LONGEST: Final = 3650


def _day(value: object) -> object:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is not a day; write it as YYYY-MM-DD, for example 2020-08-31") from None
    if not _FIRST <= day.year <= _LAST:
        raise ValueError(f"{day} is too far off; give a day of the years {_FIRST} to {_LAST}")
    return day


def _share(value: object) -> Decimal:
    number = _number(value)
    if not 0 <= number <= 1:
        example = f" ({number / 100} for {number} %)" if 1 < number <= 100 else ""
        raise ValueError(f"{value} is not a share; give a fraction between 0 and 1{example}")
    return number


def _number(value: object) -> Decimal:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a number")
    if abs(number.adjusted()) > _LARGEST:
        raise ValueError(f"{value} has more than {_LARGEST} places; give a number of a usual size")
    return number


def _amount(value: object) -> Decimal:
    number = _number(value)
    if number < 0:
        raise ValueError(f"{value} is negative; give an amount of 0 or more")
    return number


def _country(value: object) -> str:
    code = str(value).removeprefix("market-").upper()
    if len(code) != 2 or not code.isalpha():
        raise ValueError(f"{value!r} is no country; give its ISO 3166 code of two letters, for example US")
    return code


def _market(value: object) -> str:
    return WORLD if str(value).lower() == WORLD else _country(value)


def _currency(value: object) -> str:
    code = str(value).upper()
    if len(code) != 3 or not code.isalpha():
        raise ValueError(f"{value!r} is no currency; give its ISO 4217 code of three letters, for example USD")
    return code


def _named(value: object) -> object:
    return {"id": value} if isinstance(value, str) else value


def _listed(value: object) -> object:
    return [] if value is None else value if isinstance(value, list) else [value]


Day = Annotated[date, BeforeValidator(_day)]
Share = Annotated[Decimal, BeforeValidator(_share)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Country = Annotated[str, BeforeValidator(_country)]
Market = Annotated[str, BeforeValidator(_market)]
Currency = Annotated[str, BeforeValidator(_currency)]
Names = Annotated[list[str], BeforeValidator(_listed)]


class _Part(BaseModel):
    """A part of a description: what is no field of it is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Money(_Part):
    """An amount in a currency (ISO 4217)."""

    amount: Amount
    currency: Currency


class Rate(_Part):
    """An exchange rate that the user supplies: one unit of `source` is `rate` units of `target`."""

    source: Currency = Field(alias="from")
    target: Currency = Field(alias="to")
    rate: Annotated[Decimal, BeforeValidator(_number), Field(gt=0)]
    on: Day | None = Field(default=None, alias="date")


class _Named(_Part):
    """What is either an id of the graph or described in place by its label."""

    id: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> "_Named":
        if not self.id and not self.label:
            raise ValueError("it has no name; give the `id` of a thing in the graph, or a `label` for a new one")
        return self

    @property
    def name(self) -> str:
        """How the description calls it."""
        return str(self.id or self.label)


class Party(_Named):
    """A party of the deal, a company or business that it is about, or an owner.

    `country` is that of incorporation (of a person: the nationality), `headquarters` that of the head office.
    `government_share` is what the government of `country` holds. `markets` are those it serves, `unit_of` says whose
    business it is (the seller's unless told). `sectors` and `qualifies_as` are concepts of the graph (``kind:``).
    Figures are keyed by market, or ``world``.
    """

    kind: PartyKind = "company"
    country: Country | None = None
    headquarters: Country | None = None
    owners: Annotated[list["Owner"], BeforeValidator(_listed)] = Field(default_factory=list)
    government_share: Share | None = None
    unit_of: Annotated["Party | None", BeforeValidator(_named)] = None
    markets: Annotated[list[Country], BeforeValidator(_listed)] = Field(default_factory=list)
    sectors: Names = Field(default_factory=list)
    turnover: dict[Market, Money] = Field(default_factory=dict)
    assets: dict[Market, Money] = Field(default_factory=dict)
    net_sales: dict[Market, Money] = Field(default_factory=dict)
    enterprise_value: dict[Market, Money] = Field(default_factory=dict)
    parameters: dict[str, Number] = Field(default_factory=dict)
    qualifies_as: Names = Field(default_factory=list)


class Owner(_Part):
    """Who owns a party, and which share of it."""

    owner: Annotated[Party, BeforeValidator(_named)]
    share: Share


class Technology(_Named):
    """A technology. `entries` are the control-list entries it falls under, `parameters` what those entries test.

    `transferred`: whether the buyer gets it by the deal; unless told, so in every deal that is not about shares. If it
    is told not to be, it stays behind.
    """

    entries: Names = Field(default_factory=list)
    parameters: dict[str, Number] = Field(default_factory=dict)
    transferred: bool | None = None
    qualifies_as: Names = Field(default_factory=list)


class Data(_Part):
    """Data about people: on how many, living where, stored where, held by whom (the target, else the seller).

    `kinds` are concepts such as ``health-data``. `transferred` as for a technology.
    """

    label: str | None = None
    subjects: Annotated[int, Field(ge=0)]
    sensitive: bool = False
    kinds: Names = Field(default_factory=list)
    residents_of: Country | None = None
    stored_in: Country | None = None
    holder: Annotated[Party | None, BeforeValidator(_named)] = None
    transferred: bool | None = None
    qualifies_as: Names = Field(default_factory=list)


class DeadlineWanted(_Part):
    """A day by which the deal must be closed: a date, or the due date of an obligation (its id, or its norm)."""

    label: str | None = None
    date: Day | None = None
    obligation: str | None = None

    @model_validator(mode="after")
    def _has_a_day(self) -> "DeadlineWanted":
        if (self.date is None) == (self.obligation is None):
            raise ValueError("give either a `date` or an `obligation`")
        return self


class Assumption(_Part):
    """An event that is supposed to happen. `of` is a norm (its id or identifier) or a legal position of the deal.

    file: the bearer does what the norm asks; grant, refuse: the authority decides; extend: until `until`;
    waive: it no longer binds; suspend: it is without effect until `until`; order: a power is used.
    """

    event: EventKind
    of: str
    date: Day
    until: Day | None = None

    @model_validator(mode="after")
    def _extends_to_a_day(self) -> "Assumption":
        if self.event == "extend" and self.until is None:
            raise ValueError("an extension needs `until`, the new last day")
        if self.until and self.until < self.date:
            raise ValueError(f"until {self.until} lies before the event of {self.date}")
        return self


Parties = Annotated[list[Annotated[Party, BeforeValidator(_named)]], BeforeValidator(_listed)]


class Deal(_Part):
    """A deal that may not exist yet, and the day on which the question is asked (`date`).

    `others` are companies that matter besides, such as a subsidiary of the target (its `owners` say whose it is).
    `stake` is the share of the target that the buyer holds afterwards, `stake_before` what it held. `control` says that
    it gets control; further `rights` are concepts such as ``board-seat``. `negotiation_days` is how long the parties
    mean to negotiate. `excludes` are technologies that the target uses and that stay behind. `rates` override the
    exchange rates of the graph. `note` is for readers.
    """

    label: str = "Deal"
    note: str | None = None
    kind: DealKind
    date: Day
    signing: Day | None = None
    closing: Day | None = None
    buyer: Annotated[Parties, Field(min_length=1)]
    seller: Parties = Field(default_factory=list)
    target: Parties = Field(default_factory=list)
    others: Parties = Field(default_factory=list)
    negotiation_days: Annotated[int | None, Field(ge=0, le=_LONGEST)] = None
    stake: Share | None = None
    stake_before: Share | None = None
    control: bool | None = None
    rights: Names = Field(default_factory=list)
    value: Money | None = None
    markets: Annotated[list[Country], BeforeValidator(_listed)] = Field(default_factory=list)
    technologies: Annotated[list[Annotated[Technology, BeforeValidator(_named)]], BeforeValidator(_listed)] = Field(
        default_factory=list
    )
    excludes: Names = Field(default_factory=list)
    data: Annotated[list[Data], BeforeValidator(_listed)] = Field(default_factory=list)
    deadlines: Annotated[list[DeadlineWanted], BeforeValidator(_listed)] = Field(default_factory=list)
    assume: Annotated[list[Assumption], BeforeValidator(_listed)] = Field(default_factory=list)
    rates: Annotated[list[Rate], BeforeValidator(_listed)] = Field(default_factory=list)
    qualifies_as: Names = Field(default_factory=list)

    def parties(self) -> Iterator[tuple[str, Party]]:
        """Every party, business and owner with the field it stands in."""
        for name, group in (
            ("buyer", self.buyer),
            ("seller", self.seller),
            ("target", self.target),
            ("others", self.others),
        ):
            for number, party in enumerate(group):
                yield from _with_owners(f"{name}[{number}]", party)
        for number, data in enumerate(self.data):
            if data.holder:
                yield f"data[{number}].holder", data.holder


def _with_owners(field: str, party: Party) -> Iterator[tuple[str, Party]]:
    yield field, party
    if party.unit_of:
        yield from _with_owners(f"{field}.unit_of", party.unit_of)
    for number, owner in enumerate(party.owners):
        yield from _with_owners(f"{field}.owners[{number}].owner", owner.owner)
