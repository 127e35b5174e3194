"""The way an edge takes: a cubic Bézier curve from one outline to another, parallel edges side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import TypeAlias

from graph.export.layout import Box, around, cheapest
from graph.export.shapes import Point, contains

Ends: TypeAlias = tuple[str, str]

_APART = 26.0
_SWERVES = (0.0, 40.0, -40.0, 80.0, -80.0, 120.0, -120.0)
_ARROW = (9.0, 3.8)


@dataclass(frozen=True)
class Route:
    """A cubic Bézier curve: where it starts, its two control points, where it ends."""

    start: Point
    first: Point
    second: Point
    end: Point

    def at(self, t: float) -> Point:
        """The point of the curve at ``t`` from 0 to 1."""
        return _split(self, t)[0].end

    def arrow(self) -> list[Point]:
        """The corners of an arrow head whose tip is the end of the curve."""
        length, half = _ARROW
        (x, y), (from_x, from_y) = self.end, self.at(0.97) if self.second == self.end else self.second
        far = hypot(x - from_x, y - from_y) or 1.0
        dx, dy = (x - from_x) / far, (y - from_y) / far
        back_x, back_y = x - length * dx, y - length * dy
        return [(x, y), (back_x - half * dy, back_y + half * dx), (back_x + half * dy, back_y - half * dx)]


def routes(edges: Sequence[Ends], boxes: Mapping[str, Box], outlines: Mapping[str, list[Point]]) -> list[Route]:
    """The route of each edge, in the order of the edges. Outlines are those of the boxes, in the page's coordinates."""
    found: dict[int, Route] = {}
    for (one, other), numbers in _bundles(edges).items():
        swerve = 0.0 if one == other else _swerve(boxes[one], boxes[other], boxes.values())
        for place, number in enumerate(numbers):
            source, target = edges[number]
            aside = swerve + (place - (len(numbers) - 1) / 2) * _APART
            whole = _arc(boxes[source], boxes[target], aside if source == one else -aside)
            if one == other:
                whole = _loop(boxes[one], place)
            found[number] = _between(whole, outlines[source], outlines[target])
    return [found[number] for number in range(len(edges))]


def loop_height(number: int) -> float:
    """How far the ``number``-th self loop of a node, counted from 0, rises above its box."""
    return 36.0 + 22.0 * number


def _bundles(edges: Sequence[Ends]) -> dict[Ends, list[int]]:
    """The numbers of the edges that share both ends, whatever their direction."""
    bundles: dict[Ends, list[int]] = {}
    for number, (source, target) in enumerate(edges):
        bundles.setdefault((min(source, target), max(source, target)), []).append(number)
    return bundles


def _swerve(source: Box, target: Box, boxes: Iterable[Box]) -> float:
    """How far a bundle has to bend aside to pass under as few other boxes as it can."""
    reach = around([source, target]).grown(_SWERVES[-2])
    others = [box for box in boxes if box not in (source, target) and box.overlap(reach)]

    def hidden(aside: float) -> float:
        points = _points(_arc(source, target, aside))
        return sum(box.left < x < box.right and box.top < y < box.bottom for x, y in points for box in others)

    return cheapest(_SWERVES, hidden)


def _points(route: Route) -> list[Point]:
    return [route.at(step / 20) for step in range(1, 20)]


def _arc(source: Box, target: Box, aside: float) -> Route:
    dx, dy = target.x - source.x, target.y - source.y
    far = hypot(dx, dy) or 1.0
    bend = aside * 4 / 3
    across_x, across_y = -dy / far * bend, dx / far * bend
    first = source.x + dx / 3 + across_x, source.y + dy / 3 + across_y
    second = source.x + 2 * dx / 3 + across_x, source.y + 2 * dy / 3 + across_y
    return Route((source.x, source.y), first, second, (target.x, target.y))


def _loop(box: Box, number: int) -> Route:
    rise = (box.height / 2 + loop_height(number)) / 0.75
    reach = 60.0 + 24.0 * number
    centre = box.x, box.y
    return Route(centre, (box.x - reach, box.y - rise), (box.x + reach, box.y - rise), centre)


def _between(route: Route, source: list[Point], target: list[Point]) -> Route:
    """The part of the route that runs outside both outlines; a stub where the outlines leave no room."""
    leaves = _border(lambda t: not contains(source, route.at(t)), 0.0, 0.5)
    enters = _border(lambda t: contains(target, route.at(t)), 0.5, 1.0)
    rest = _split(route, leaves)[1]
    return _split(rest, (enters - leaves) / (1 - leaves))[0]


def _border(passed: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if passed(middle) else (middle, high)
    return high


def _split(route: Route, t: float) -> tuple[Route, Route]:
    """The curve up to ``t`` and from ``t`` on (de Casteljau's algorithm)."""
    a = _mid(route.start, route.first, t)
    b = _mid(route.first, route.second, t)
    c = _mid(route.second, route.end, t)
    ab, bc = _mid(a, b, t), _mid(b, c, t)
    middle = _mid(ab, bc, t)
    return Route(route.start, a, ab, middle), Route(middle, bc, c, route.end)


def _mid(one: Point, other: Point, t: float) -> Point:
    return one[0] + (other[0] - one[0]) * t, one[1] + (other[1] - one[1]) * t
