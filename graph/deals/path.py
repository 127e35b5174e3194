"""The critical path through the steps of a deal: when each can be over at the earliest, and must be at the latest.

Four passes: *minimum* counts the fastest that is credible, *typical* what is usual, *by law* the period of law (as
`graph.conflicts` counts: the typical one where law gives none, no time for a lag of practice), *maximum* the longest.
Every period is walked on the calendar of the step's own authority. A step that nothing gives a time has no day, nor has
what waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal, get_args

import networkx as nx

from graph.deals.network import AT_ONCE, Network, Order, Step
from graph.derive.periods import Period, end_of

Pass = Literal["minimum", "typical", "by_law", "maximum"]
PASSES: Final[tuple[Pass, ...]] = get_args(Pass)

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Times:
    """When a step begins and is over; ``None`` where nothing tells."""

    start: date | None
    finish: date | None


def period_in(step: Step, which: Pass) -> Period | None:
    """How long the step takes in a pass; ``None`` where nothing gives it a time."""
    match which:
        case "minimum":
            return step.shortest or step.typical or step.period
        case "typical":
            return step.typical or step.period
        case "by_law":
            usual = AT_ONCE if step.kind in ("acceptance", "filing") else step.typical
            return step.period or (usual if step.typical else None)
        case "maximum":
            longest, usual = step.longest or step.period, step.typical
            beyond = longest and usual and longest.unit == usual.unit and usual.amount > longest.amount
            return None if beyond else longest


def earliest(network: Network, day: date, which: Pass, *, optimistic: bool = False) -> dict[str, Times]:
    """The earliest days of every step in a pass, by its name; where `optimistic`, what has no time takes none."""
    times: dict[str, Times] = {}
    for name in nx.lexicographical_topological_sort(network.order):
        step = network.steps[name]
        if step.done:
            times[name] = Times(step.done, step.done)
            continue
        start = _start(network, step, day, times)
        period = period_in(step, which) or (AT_ONCE if optimistic else None)
        if start is None or period is None:
            times[name] = Times(start, None)
            continue
        finish = max(end_of(start, period, step.country), day)
        times[name] = Times(start, None if which != "minimum" and _overdue(step, start, day) else finish)
    return times


def _overdue(step: Step, start: date, day: date) -> bool:
    """Whether even the longest time for a decision is over, and none is on record: then nothing tells when it comes."""
    longest = step.longest or step.period or step.typical
    return (
        step.kind in ("decision", "acceptance") and longest is not None and end_of(start, longest, step.country) < day
    )


def _start(network: Network, step: Step, day: date, times: Mapping[str, Times]) -> date | None:
    """When the step can begin: what it waits for is over. What holds only from a later day on may be overtaken."""
    orders = list(network.orders(step.name))
    follows = step.kind in ("decision", "acceptance", "waiting") and bool(orders)
    start = max(date.min if follows else day, step.not_before or date.min)
    left = sorted(orders, key=lambda entry: (entry[1].since or date.min, entry[0]))
    for before, order in left:
        if order.since and start < order.since:
            break
        begin = after(times[before].finish, order)
        if begin is None:
            return None
        start = max(start, begin)
    return start


def after(finish: date | None, order: Order) -> date | None:
    """The first day that an order leaves to the next step."""
    if finish is None:
        return order.until
    begin = end_of(finish, order.lead, order.country)
    return min(begin, order.until) if order.until else begin


def latest(network: Network, goal: str, due: date, which: Pass) -> dict[str, date]:
    """The latest day on which each step that the goal waits for can be over, so that the goal is by its due date.

    What was done is told how late it could have been. Steps that the due date does not press, and those before one that
    has no time, are left out.
    """
    ends, lost = {goal: due}, set[str]()
    for name in reversed(list(nx.lexicographical_topological_sort(network.order))):
        step = network.steps[name]
        if step.done or (name not in ends and name not in lost):
            continue
        period = period_in(step, which)
        if period is None or name in lost:
            lost.update(network.order.predecessors(name))
            continue
        start = latest_start(ends[name], period, step.country)
        for before, order in network.orders(name):
            overtaken = (order.since and start < order.since) or (order.until and order.until <= start)
            if not overtaken:
                end = latest_start(start, order.lead, order.country)
                ends[before] = min(ends.get(before, end), end)
    return {name: end for name, end in ends.items() if name not in lost}


def latest_start(finish: date, period: Period, country: str) -> date:
    """The latest day on which a period can begin and still end by `finish`."""
    if not period.amount:
        return finish
    if period.unit == "day":
        return finish - timedelta(days=period.amount)
    low, step = finish, 1
    while end_of(low, period, country) > finish:
        low -= timedelta(days=step)
        step *= 2
    high = finish
    while high - low > _DAY:
        middle = low + (high - low) // 2
        low, high = (middle, high) if end_of(middle, period, country) <= finish else (low, middle)
    return low


def critical(network: Network, goal: str, times: Mapping[str, Times]) -> list[str]:
    """The steps that decide when the goal is reached, first to last: a delay of one delays the goal."""
    path = [goal]
    while not network.steps[path[-1]].done:
        waits = [
            (after(times[before].finish, order) or date.max, before)
            for before, order in network.orders(path[-1])
            if order.since is None or (times[path[-1]].start or date.max) >= order.since
        ]
        start = times[path[-1]].start
        pressing = [entry for entry in waits if start is None or entry[0] >= start]
        if not pressing:
            break
        path.append(max(pressing)[1])
    return path[::-1]


def unlocked(network: Network) -> tuple[Network, list[tuple[str, ...]]]:
    """The network without circles, and the steps of each circle, which wait for each other and so have no time."""
    circles = [tuple(sorted(part)) for part in nx.strongly_connected_components(network.order) if len(part) > 1]
    if not circles:
        return network, []
    order, steps = network.order.copy(), dict(network.steps)
    for circle in circles:
        order.remove_edges_from([(a, b) for a, b in network.order.edges if a in circle and b in circle])
        for name in circle:
            steps[name] = replace(steps[name], period=None, shortest=None, typical=None, longest=None)
    return replace(network, steps=steps, order=order), sorted(circles)
