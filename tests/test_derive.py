"""Periods and states: the arithmetic of deadlines, and what a state may never do."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.derive.periods import Period, end_of
from graph.derive.positions import Span
from graph.derive.states import Act, Bond, state_on

DAYS = st.dates(date(2001, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("start", "amount", "unit", "country", "end"),
    [
        ("2020-08-06", 45, "day", "US", "2020-09-20"),
        ("2020-08-14", 90, "day", "US", "2020-11-12"),
        ("2024-04-24", 270, "day", "US", "2025-01-19"),
        ("2024-04-24", 165, "day", "US", "2024-10-06"),
        ("2025-01-20", 75, "day", "US", "2025-04-05"),
        ("2025-09-25", 120, "day", "US", "2026-01-23"),
        ("2020-09-24", 30, "working day", "CN", "2020-11-11"),
        ("2020-08-31", 30, "working day", "CN", "2020-10-16"),
        ("2020-01-31", 1, "month", "US", "2020-02-29"),
        ("2020-02-29", 1, "year", "US", "2021-02-28"),
        ("2020-08-14", -2, "week", "US", "2020-07-31"),
        ("2020-10-09", -1, "working day", "CN", "2020-09-30"),
    ],
)
def test_where_a_period_ends(start: str, amount: int, unit: str, country: str, end: str) -> None:
    assert end_of(date.fromisoformat(start), Period(amount, unit), country) == date.fromisoformat(end)


def test_a_period_is_reckoned_in_words() -> None:
    day = date(2024, 5, 6)
    assert Period(-1, "day").counted_from(day) == "1 day before 2024-05-06"
    assert Period(30, "working day").counted_from(day) == "30 working days after 2024-05-06"


@pytest.mark.parametrize("effect", ["unsettles", "suspends"])
def test_an_act_without_a_date_leaves_no_gap_in_the_reason(effect: str) -> None:
    act = Act("urn:1", effect, on=None, begin=None, end=None, due=None, actors=frozenset())
    bond = Bond("urn:p", "urn:b", True, False, date(2020, 1, 1), None, None, acts={effect: [act]})
    assert "None" not in state_on(bond, date(2021, 1, 1)).because


@given(DAYS, st.integers(1, 60), st.sampled_from(["US", "CA", "AU", "NZ", "CN"]))
def test_working_days_are_later_than_days_and_grow(start: date, amount: int, country: str) -> None:
    end = end_of(start, Period(amount, "working day"), country)
    assert end >= start + timedelta(days=amount)
    assert end_of(start, Period(amount + 1, "working day"), country) > end


@given(DAYS, DAYS, DAYS, DAYS)
def test_a_span_without_another_shares_no_day_with_it(a: date, b: date, c: date, d: date) -> None:
    whole, hole = Span(min(a, b), max(a, b)), Span(min(c, d), max(c, d))
    if whole.empty or hole.empty:
        return
    left = whole.without(hole)
    assert all(part.meet(hole).empty and part.meet(whole) == part for part in left)
    parts = [*left, whole.meet(hole)]
    days = sum((span.end - span.begin).days for span in parts if span.begin and span.end and not span.empty)
    assert days == (max(a, b) - min(a, b)).days


def test_a_hole_that_never_began_leaves_nothing() -> None:
    assert Span(None, None).without(Span(None, None)) == []
    assert Span(date(2020, 1, 1), None).without(Span(date(2021, 1, 1), None)) == [
        Span(date(2020, 1, 1), date(2021, 1, 1))
    ]


acts = st.builds(
    Act,
    iri=st.sampled_from(["urn:1", "urn:2", "urn:3"]),
    effect=st.sampled_from(["fulfils", "violates", "waives", "suspends", "extends", "unsettles"]),
    on=DAYS,
    begin=st.none(),
    end=st.none() | DAYS,
    due=DAYS,
    actors=st.just(frozenset()),
)


@st.composite
def bonds(draw: st.DrawFn) -> Bond:
    found: dict[str, list[Act]] = {}
    for act in sorted(draw(st.lists(acts, max_size=4)), key=lambda act: (act.on or date.min, act.iri)):
        found.setdefault(act.effect, []).append(act)
    begin = draw(st.none() | DAYS)
    end = draw(st.none() | DAYS)
    return Bond("urn:p", "urn:b", True, False, begin, end, draw(st.none() | DAYS), acts=found)


@given(bonds(), DAYS)
def test_a_state_of_the_past_never_sees_a_later_act(bond: Bond, day: date) -> None:
    known = {effect: [act for act in group if act.on and act.on <= day] for effect, group in bond.acts.items()}
    then = Bond(bond.iri, bond.bearer, True, False, bond.begin, bond.end, bond.due, acts=known)
    assert state_on(bond, day).state == state_on(then, day).state
    assert bond.due_on(day) == then.due_on(day)


@given(bonds(), DAYS, DAYS)
def test_after_the_last_covered_day_only_what_was_settled_stands(bond: Bond, covered: date, day: date) -> None:
    limited = Bond(bond.iri, bond.bearer, True, False, bond.begin, bond.end, bond.due, acts=bond.acts, covered=covered)
    if day <= covered:
        assert state_on(limited, day) == state_on(bond, day)
    else:
        then = state_on(bond, covered).state
        settled = then in ("fulfilled", "violated", "waived", "lapsed")
        settled = settled and not any(act.holds(day) for act in bond.acts.get("unsettles", []))
        assert state_on(limited, day).state == (then if settled else "unknown")


@given(bonds(), DAYS)
def test_a_state_has_a_reason(bond: Bond, day: date) -> None:
    assert state_on(bond, day).because


def act(effect: str, on: str, end: str | None = None, due: str | None = None) -> Act:
    return Act(
        f"urn:{effect}",
        effect,
        date.fromisoformat(on),
        None,
        date.fromisoformat(end) if end else None,
        date.fromisoformat(due) if due else None,
        frozenset(),
    )


def bond(*done: Act, **dates: str) -> Bond:
    given = {name: date.fromisoformat(value) for name, value in dates.items()}
    found: dict[str, list[Act]] = {}
    for one in done:
        found.setdefault(one.effect, []).append(one)
    return Bond("urn:p", "urn:b", True, False, given.get("begin"), given.get("end"), given.get("due"), acts=found)


@pytest.mark.parametrize(
    ("found", "day", "state"),
    [
        (replace(bond(due="2020-02-01"), obliges=False), "2020-02-01", "active"),
        (replace(bond(due="2020-02-01"), obliges=False), "2020-02-02", "lapsed"),
        (bond(begin="2020-02-01"), "2020-01-31", "pending"),
        (bond(begin="2020-02-01"), "2020-02-01", "active"),
        (bond(end="2020-02-01"), "2020-01-31", "active"),
        (bond(end="2020-02-01"), "2020-02-01", "lapsed"),
        (bond(due="2020-02-01"), "2020-02-01", "active"),
        (bond(due="2020-02-01"), "2020-02-02", "violated"),
        (bond(act("fulfils", "2020-01-15"), due="2020-02-01"), "2020-01-14", "active"),
        (bond(act("fulfils", "2020-01-15"), due="2020-02-01"), "2020-03-01", "fulfilled"),
        (bond(act("fulfils", "2020-02-02"), due="2020-02-01"), "2020-03-01", "violated"),
        (bond(act("extends", "2020-01-20", due="2020-02-10"), due="2020-02-01"), "2020-02-05", "active"),
        (bond(act("extends", "2020-01-20", due="2020-02-10"), due="2020-02-01"), "2020-02-11", "violated"),
        (bond(act("waives", "2020-01-15"), due="2020-02-01"), "2020-03-01", "waived"),
        (bond(act("suspends", "2020-01-15", "2020-01-20")), "2020-01-15", "suspended"),
        (bond(act("suspends", "2020-01-15", "2020-01-20")), "2020-01-20", "active"),
        (bond(act("suspends", "2020-01-15"), begin="2020-02-01"), "2020-01-20", "suspended"),
        (bond(act("suspends", "2020-01-15"), end="2020-02-01"), "2020-03-01", "lapsed"),
        (bond(act("suspends", "2020-01-15"), due="2020-02-01"), "2020-02-05", "suspended"),
        (bond(act("violates", "2020-01-15")), "2020-01-15", "violated"),
        (bond(act("unsettles", "2020-01-15")), "2020-01-15", "unknown"),
        (bond(act("unsettles", "2020-01-15"), act("fulfils", "2020-01-10")), "2020-01-15", "fulfilled"),
    ],
)
def test_which_state_on_which_day(found: Bond, day: str, state: str) -> None:
    assert state_on(found, date.fromisoformat(day)).state == state
