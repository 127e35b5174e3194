"""Money of a deal in the currencies that laws count in, by dated rates of the graph and of the deal itself.

A rate of the graph is a ``schema:ExchangeRateSpecification``: on its ``dcterms:date`` one unit of its
``schema:currency`` costs the ``schema:price`` of each ``schema:currentExchangeRate``. Without a rate nothing is
converted: that is a missing fact, never a guess.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from graph.deals.description import Deal, Money
from graph.terms import date_of, day, decimal_of, text

if TYPE_CHECKING:
    from graph.knowledge import KnowledgeGraph

#: The currency in which the thresholds of each market are written.
CURRENCIES: Final = {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "CN": "CNY"}
#: A rate of the graph that is older than this says nothing of the day.
_AGE: Final = timedelta(days=45)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Converted:
    """An amount in another currency, and how it was converted."""

    amount: Decimal
    currency: str
    how: str


class Rates:
    """The rates that hold on the day of the question; those of the deal prevail."""

    def __init__(self, graph: "KnowledgeGraph", deal: Deal) -> None:
        self._own: dict[tuple[str, str], tuple[Decimal, str]] = {}
        self._kept: dict[str, dict[str, tuple[Decimal, str]]] = {}
        for own in deal.rates:
            said = f"rate of {own.rate} supplied with the deal" + (f" for {own.on}" if own.on else "")
            self._own[own.source, own.target] = (own.rate, said)
            self._own[own.target, own.source] = (1 / own.rate, said)
        for row in graph.rows("exchange-rates", asOf=day(deal.date)):
            on, rate = date_of(row, "date"), decimal_of(row, "rate")
            if on is not None and rate and deal.date - on <= _AGE:
                said = f"{text(row, 'label') or 'rate'} of {on}"
                self._kept.setdefault(str(text(row, "base")), {})[str(text(row, "currency"))] = (rate, said)

    def known(self) -> set[str]:
        """The currencies of which there is a rate, or a threshold of a market."""
        kept = {currency for base, others in self._kept.items() for currency in (base, *others)}
        return kept | {currency for pair in self._own for currency in pair} | set(CURRENCIES.values())

    def convert(self, money: Money, currency: str) -> Converted | None:
        """The amount in another currency; nothing where no rate leads there."""
        if money.currency == currency:
            return Converted(money.amount, currency, "as told")
        found = self._own.get((money.currency, currency)) or self._across(money.currency, currency)
        if found is None:
            return None
        rate, how = found
        return Converted((money.amount * rate).quantize(_CENT), currency, f"from {money.currency}: {how}")

    def _across(self, source: str, target: str) -> tuple[Decimal, str] | None:
        """The rate by way of the currency in which a table is kept."""
        for base, others in self._kept.items():
            one = (Decimal(1), "") if source == base else others.get(source)
            other = (Decimal(1), "") if target == base else others.get(target)
            if one and other:
                return other[0] / one[0], other[1] or one[1]
        return None
