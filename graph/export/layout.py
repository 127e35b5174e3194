"""Where the boxes of a network go: the same input gives the same places, and no two boxes overlap.

Each connected part is laid out by stress majorization with stochastic gradient descent (Zheng, Pawar, Goodman: "Graph
Drawing by Stochastic Gradient Descent", 2018), which asks no numeric library and draws better than springs; NetworkX's
own layouts need NumPy and SciPy and know nothing of a label's size. Then its longer axis is turned flat, boxes that
overlap are pushed apart, and the parts are set side by side. The cost grows with the square of the nodes: 150 take
about half a second.
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import atan2, cos, exp, hypot, inf, log, sin, sqrt
from typing import Final, TypeVar

import networkx as nx

T = TypeVar("T")

_STEP: Final = 175.0  # wanted distance of neighbours where edges are few
_STRETCH: Final = 1.45  # pages are wider than high, and so are labels
_GAP_X: Final = 40.0
_GAP_Y: Final = 40.0
_ROUNDS: Final = 30
_PUSHES: Final = 60
_SHAPE_OF_PAGE: Final = 1.5


@dataclass(frozen=True)
class Box:
    """A rectangle by its centre and size, in pixels of a page whose y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """The smallest x."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """The largest x."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """The smallest y."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """The largest y."""
        return self.y + self.height / 2

    def grown(self, by: float) -> "Box":
        """The box with this much more room on each side."""
        return replace(self, width=self.width + 2 * by, height=self.height + 2 * by)

    def overlap(self, other: "Box") -> float:
        """The area the two boxes have in common."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(across, 0) * max(down, 0)


def arrange(sizes: Mapping[str, tuple[float, float]], links: Iterable[tuple[str, str]]) -> dict[str, Box]:
    """A place for each box, given width and height by name and the pairs of names that belong close together."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(sizes))
    graph.add_edges_from(sorted((min(link), max(link)) for link in links))
    parts = sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (-len(part), part))
    return _side_by_side([_part(graph.subgraph(part), part, sizes) for part in parts])


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them; an empty one where there are none."""
    known = list(boxes) or [Box(0, 0, 0, 0)]
    left, right = min(box.left for box in known), max(box.right for box in known)
    top, bottom = min(box.top for box in known), max(box.bottom for box in known)
    return Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def cheapest(candidates: Iterable[T], cost: Callable[[T], float]) -> T:
    """The first candidate that costs nothing, or else the first of those that cost least."""
    best, least = None, inf
    for candidate in candidates:
        price = cost(candidate)
        if price < least:
            best, least = candidate, price
        if price == 0:
            break
    if best is None:
        raise ValueError("nothing to choose from")
    return best


def _part(graph: "nx.Graph[str]", names: list[str], sizes: Mapping[str, tuple[float, float]]) -> dict[str, Box]:
    places = _turned_flat(_low_stress(graph, names))
    xs = [x * _STRETCH for x, _ in places]
    ys = [y for _, y in places]
    wanted = [sizes[name] for name in names]
    while not _pushed_apart(xs, ys, wanted):
        xs, ys = [x * 1.06 for x in xs], [y * 1.06 for y in ys]
    return {name: Box(x, y, *size) for name, x, y, size in zip(names, xs, ys, wanted, strict=True)}


def _low_stress(graph: "nx.Graph[str]", names: list[str]) -> list[tuple[float, float]]:
    """Places whose distances come near the distances in the graph."""
    chance = random.Random(len(names))
    step = _STEP * max(1.0, sqrt(graph.number_of_edges() / len(names)))
    xs, ys = ([chance.uniform(-1, 1) * step for _ in names] for _ in "xy")
    pairs = _distances(graph, names)
    longest = max((distance for *_, distance in pairs), default=1)
    for number in range(_ROUNDS):
        rate = longest**2 * exp(-number / (_ROUNDS - 1) * log(longest**2 / 0.02))
        chance.shuffle(pairs)
        for i, j, distance in pairs:
            dx, dy = xs[i] - xs[j], ys[i] - ys[j]
            far = hypot(dx, dy) or 1.0
            pull = min(rate / distance**2, 1) * (far - distance * step) / far / 2
            xs[i] -= pull * dx
            ys[i] -= pull * dy
            xs[j] += pull * dx
            ys[j] += pull * dy
    return list(zip(xs, ys, strict=True))


def _distances(graph: "nx.Graph[str]", names: list[str]) -> list[tuple[int, int, float]]:
    """For each pair of nodes the length of the shortest way; edges at busy nodes are longer, to leave room."""
    lengths = {(a, b): 0.85 + 0.05 * max(graph.degree(a), graph.degree(b)) for a, b in graph.edges}

    def length(a: str, b: str, _: object) -> float:
        return lengths.get((a, b)) or lengths[b, a]

    number = {name: index for index, name in enumerate(names)}
    ways = {name: nx.single_source_dijkstra_path_length(graph, name, weight=length) for name in names}
    return [(number[a], number[b], ways[a][b]) for a, b in combinations(names, 2)]


def _turned_flat(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The places around their middle, turned so that they spread further across than down."""
    middle_x, middle_y = (sum(values) / len(places) for values in zip(*places, strict=True))
    moved = [(x - middle_x, y - middle_y) for x, y in places]
    angle = atan2(2 * sum(x * y for x, y in moved), sum(x * x - y * y for x, y in moved)) / 2
    return [(x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)) for x, y in moved]


def _pushed_apart(xs: list[float], ys: list[float], sizes: list[tuple[float, float]]) -> bool:
    """Move boxes that come too close, each half of the way, again and again; whether all are apart at the end."""
    widest = max(width for width, _ in sizes) + _GAP_X
    for _ in range(_PUSHES):
        order = sorted(range(len(xs)), key=lambda i: xs[i])
        if sum(_push(i, order[place + 1 :], widest, xs, ys, sizes) for place, i in enumerate(order)) == 0:
            return True
    return False


def _push(
    i: int, others: list[int], widest: float, xs: list[float], ys: list[float], sizes: list[tuple[float, float]]
) -> bool:
    pushed = False
    for j in others:
        dx, dy = xs[j] - xs[i], ys[j] - ys[i]
        if dx > 2 * widest:
            break
        across = (sizes[i][0] + sizes[j][0]) / 2 + _GAP_X - abs(dx)
        down = (sizes[i][1] + sizes[j][1]) / 2 + _GAP_Y - abs(dy)
        if across <= 0.5 or down <= 0.5:
            continue
        pushed = True
        if down < across:
            step = down / 2 if dy >= 0 else -down / 2
            ys[i], ys[j] = ys[i] - step, ys[j] + step
        else:
            step = across / 2 if dx >= 0 else -across / 2
            xs[i], xs[j] = xs[i] - step, xs[j] + step
    return pushed


def _side_by_side(parts: list[dict[str, Box]]) -> dict[str, Box]:
    """The parts in rows, the largest first, on a page of pleasant proportions."""
    frames = [around(part.values()) for part in parts]
    area = sum((frame.width + _GAP_X) * (frame.height + _GAP_Y) for frame in frames)
    row_width = max([sqrt(area * _SHAPE_OF_PAGE), *(frame.width for frame in frames)])
    placed: dict[str, Box] = {}
    x = y = row_height = 0.0
    for part, frame in zip(parts, frames, strict=True):
        if x and x + frame.width > row_width:
            x, y, row_height = 0.0, y + row_height + _GAP_Y, 0.0
        dx, dy = x - frame.left, y - frame.top
        placed |= {name: replace(box, x=box.x + dx, y=box.y + dy) for name, box in part.items()}
        x, row_height = x + frame.width + _GAP_X, max(row_height, frame.height)
    return placed
