"""Counting periods of law: calendar days, weeks, months and years, and working days of a country's own calendar.

The day that starts a period does not count: 45 days after 2020-08-06 end on 2020-09-20 (Executive Order 13942). A month
ends on the day with the same number, or on the last day of a shorter month. Working days skip weekends and public
holidays and count the make-up workdays of China.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from typing import Final

import holidays
from dateutil.relativedelta import relativedelta

from graph.errors import BadData

_TIME: Final = "http://www.w3.org/2006/time#"
#: The units a period may have, by IRI, with their names for people.
UNITS: Final = {
    f"{_TIME}unitDay": "day",
    f"{_TIME}unitWeek": "week",
    f"{_TIME}unitMonth": "month",
    f"{_TIME}unitYear": "year",
    "https://w3id.org/vinculum/ns#businessDay": "working day",
}


_SATURDAY: Final = 5


@dataclass(frozen=True)
class Period:
    """A number of units; negative counts back."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if abs(self.amount) == 1 else 's'}"

    def counted_from(self, start: date) -> str:
        """The reckoning in words: ``30 days after 2020-08-14``, ``1 day before 2024-05-06``."""
        length = Period(abs(self.amount), self.unit)
        return f"{length} {'before' if self.amount < 0 else 'after'} {start}"


def end_of(start: date, period: Period, country: str) -> date:
    """The last day of `period` counted from `start`, by the calendar of `country` (ISO 3166-1)."""
    if period.unit == "working day":
        return _working_days(start, period.amount, country)
    steps: dict[str, Callable[[int], timedelta | relativedelta]] = {
        "day": lambda n: timedelta(days=n),
        "week": lambda n: timedelta(weeks=n),
        "month": lambda n: relativedelta(months=n),
        "year": lambda n: relativedelta(years=n),
    }
    return start + steps[period.unit](period.amount)


@dataclass(frozen=True)
class Skipped:
    """A day that does not count, and why; or a weekend day that does, because it was worked."""

    day: date
    reason: str
    counts: bool = False


def skipped(start: date, period: Period, country: str) -> list[Skipped]:
    """The days that a period in working days from `start` passes over, and the worked weekends in it."""
    if period.unit != "working day":
        return []
    works, names = _calendar(country), holidays.country_holidays(country)
    step = timedelta(days=1 if period.amount > 0 else -1)
    end, current, found = end_of(start, period, country), start, list[Skipped]()
    while current != end:
        current += step
        weekend = current.weekday() >= _SATURDAY
        if not works(current):
            found.append(Skipped(current, names.get(current) or "weekend"))
        elif weekend:
            found.append(Skipped(current, "worked weekend day", counts=True))
    return found


def closed_days(first: date, last: date, country: str) -> list[date]:
    """The days from the first to the last on which nobody works by the calendar of `country`."""
    works = _calendar(country)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if not works(day)]


def _working_days(start: date, amount: int, country: str) -> date:
    works = _calendar(country)
    step = timedelta(days=1 if amount > 0 else -1)
    last, left = start, abs(amount)
    while left:
        last += step
        left -= works(last)
    return last


@cache
def _calendar(country: str) -> Callable[[date], bool]:
    try:
        calendar = holidays.country_holidays(country)
    except NotImplementedError:
        raise BadData(f"No working-day calendar is known for {country!r}.") from None
    return partial(_is_working_day, calendar)


def _is_working_day(calendar: holidays.HolidayBase, day: date) -> bool:
    return bool(calendar.is_working_day(day))
