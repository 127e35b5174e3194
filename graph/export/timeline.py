"""The steps of a plan on a calendar, as one SVG drawing.

Each step has a row: a bar for the usual time, a thin one below it for the time of law, a line to the longest; a diamond
where it takes no time, a dot where it is done. Days on which its authority does not work are shaded. Upright lines mark
the day of the question and the deadlines; their labels hang to the left in as many lanes as they need, so that none
lies on another or is crossed. Standard: https://www.w3.org/TR/SVG2/.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final
from xml.etree.ElementTree import Element

from graph.deals.plan import Days, Plan, PlannedStep
from graph.deals.wording import headline
from graph.derive.periods import closed_days
from graph.export.drawing import number
from graph.export.markup import element
from graph.export.style import FONT, INK, MUTED
from graph.export.text import width, wrap

_LABELS: Final = 350.0
_CHART: Final = 560.0
_MARGIN: Final = 90.0
_ROW: Final = 38.0
_LANE: Final = 32.0
_AXIS: Final = 30.0
_SIZE: Final = 12.5
_SMALL: Final = 11.5

_CRITICAL: Final = "#1d4e89"
_USUAL: Final = "#9fb4cc"
_LAW: Final = "#b7791f"
_DEADLINE: Final = "#a8283c"
_CLOSED: Final = "#e9ecf1"
_GRID: Final = "#dde1e7"
#: Below this many units a day, shaded days would be a blur.
_VISIBLE: Final = 1.6


@dataclass(frozen=True)
class Mark:
    """An upright line: a day, and what it is."""

    day: date
    label: str
    deadline: bool


def timeline(plan: Plan) -> Element:
    """The drawing of a plan, an ``<svg>`` element with a title for those who cannot see it."""
    marks = [Mark(plan.day, "Day of the question", deadline=False)]
    marks += [Mark(met.date, headline(met.label), deadline=True) for met in plan.deadlines]
    return _Drawing(plan, _merged(marks)).svg()


def legend() -> Element:
    """What the signs of the drawing mean."""
    signs = [
        (_bar(0, 3, 26, 9, _CRITICAL), "usual time, on the critical path"),
        (_bar(0, 3, 26, 9, _USUAL), "usual time, with days to spare"),
        (_bar(0, 5, 26, 4, _LAW), "time of law"),
        (element("path", d="M0 7.5H26M26 4V11", stroke=MUTED, fill="none"), "longest time"),
        (_diamond(13, 7.5, _CRITICAL), "takes no time"),
        (element("circle", cx="13", cy="7.5", r="4", fill=INK), "done"),
        (_bar(0, 0, 26, 15, _CLOSED), "its authority does not work"),
        (element("path", d="M13 0V15", stroke=_DEADLINE, stroke_width="1.6"), "deadline"),
    ]
    entries = [
        element("li", element("svg", sign, viewBox="0 0 26 15", width="26", height="15", aria_hidden="true"), text)
        for sign, text in signs
    ]
    return element("ul", *entries, class_="legend")


class _Drawing:
    """Puts a plan on a time scale."""

    def __init__(self, plan: Plan, marks: list[Mark]) -> None:
        self._steps, self._marks, self._today = plan.steps, marks, plan.day
        days = [mark.day for mark in marks]
        for step in plan.steps:
            days += _known(step.starts.typical, step.finishes.typical, step.finishes.by_law)
        first, last = min(days), max(days)
        room = max(round((last - first).days * 0.04), 2)
        longest = max((step.finishes.maximum for step in plan.steps if step.finishes.maximum), default=last)
        span = (last - first).days + 2 * room
        self._first = _shifted(first, -room)
        self._last = _shifted(min(max(last, longest), _shifted(last, span // 3)), room)
        self._day = _CHART / (self._last - self._first).days
        self._lanes = _lanes([(self._x(mark.day), _label_width(mark)) for mark in marks])
        self._top = (max(self._lanes) + 1) * _LANE + 4
        self._base = self._top + _AXIS - 6
        self._bottom = self._top + _AXIS + _ROW * len(plan.steps) + 4

    def svg(self) -> Element:
        """The whole drawing."""
        title = element("title", "The steps on a calendar. The table of steps below says the same in words.")
        size = {"viewBox": f"0 0 {number(_LABELS + _CHART + _MARGIN)} {number(self._bottom)}", "role": "img"}
        drawing = element("svg", title, class_="timeline", font_family=FONT, font_size=number(_SIZE), **size)
        rows = [self._row(n, step) for n, step in enumerate(self._steps)]
        for shade in (shade for n, step in enumerate(self._steps) for shade in self._closed(n, step)):
            drawing.append(shade)
        drawing.extend([*self._grid(), *self._lines(), *self._axis(), *rows])
        return drawing

    def _x(self, day: date) -> float:
        return _LABELS + (min(day, self._last) - self._first).days * self._day

    def _y(self, row: int) -> float:
        return self._top + _AXIS + row * _ROW

    def _grid(self) -> Iterator[Element]:
        base, right = number(self._base), number(_LABELS + _CHART)
        for day, _ in _ticks(self._first, self._last, self._day):
            yield element("path", d=f"M{number(self._x(day))} {base}V{number(self._bottom)}", stroke=_GRID)
        for row in range(len(self._steps)):
            yield element("path", d=f"M0 {number(self._y(row))}H{right}", stroke=_GRID)
        yield element("path", d=f"M{number(_LABELS)} {base}H{right}", stroke=MUTED, stroke_width="0.8")

    def _axis(self) -> Iterator[Element]:
        for day, label in _ticks(self._first, self._last, self._day):
            yield _text(self._x(day) + 3, self._base - 4, label, MUTED, _SMALL, halo=True)

    def _lines(self) -> Iterator[Element]:
        for mark, lane in zip(self._marks, self._lanes, strict=True):
            x, colour = self._x(mark.day), _DEADLINE if mark.deadline else INK
            top = self._top - (lane + 1) * _LANE
            line = element("path", d=f"M{number(x)} {number(top)}V{number(self._bottom)}", stroke=colour)
            line.set("stroke-width", "1.6" if mark.deadline else "1")
            if not mark.deadline:
                line.set("stroke-dasharray", "4 3")
            lines = _label_lines(mark)
            said = [_text(x - 5, top + 11 + 13 * n, text, colour, _SMALL, "end") for n, text in enumerate(lines)]
            yield element("g", element("title", f"{mark.day}: {mark.label}"), line, *said)

    def _row(self, row: int, step: PlannedStep) -> Element:
        y = self._y(row)
        lines = wrap(headline(step.label), _SIZE, _LABELS - 16, 2).lines
        weight = "600" if step.critical else "400"
        top = y + _ROW / 2 + 4 - 7 * (len(lines) - 1)
        said = [_text(0, top + 14 * n, line, INK, _SIZE, weight=weight) for n, line in enumerate(lines)]
        group = element("g", element("title", f"{step.label}. {_when(step)}"), *said, class_="step")
        group.extend(self._signs(step, y))
        return group

    def _signs(self, step: PlannedStep, y: float) -> Iterator[Element]:
        colour = _CRITICAL if step.critical else _USUAL
        start, finish = step.starts.typical, step.finishes.typical
        middle = y + _ROW / 2
        if finish is None or start is None:
            yield from self._endless(step, middle)
            return
        end = finish
        if start == finish:
            sign = element("circle", cx=number(self._x(finish)), cy=number(middle), r="4.5", fill=INK)
            yield sign if step.done else _diamond(self._x(finish), middle, colour)
        else:
            yield _bar(self._x(start), middle - 7, self._x(finish) - self._x(start), 9, colour)
        law_start, law = step.starts.by_law, step.finishes.by_law
        if law_start and law and law_start != law:
            yield _bar(self._x(law_start), middle + 4, self._x(law) - self._x(law_start), 4, _LAW)
            end = max(end, law)
        if step.finishes.maximum and step.finishes.maximum > finish and start != finish:
            yield self._whisker(finish, step.finishes.maximum, middle - 2.5)
            end = max(end, min(step.finishes.maximum, self._last))
        shown = f"{'~' if step.estimated else ''}{finish}"
        place = self._free(self._x(end) + 8, width(shown, _SMALL))
        yield _text(place, middle + 4, shown, INK if step.critical else MUTED, _SMALL, halo=True)

    def _free(self, x: float, wide: float) -> float:
        """Where a text can stand, from a place on, without an upright line through it."""
        for mark in self._marks:
            if x - 3 < (line := self._x(mark.day)) < x + wide + 3:
                x = line + 5
        return x

    def _whisker(self, finish: date, longest: date, y: float) -> Element:
        """A line to the longest time, with an arrow where that lies beyond the drawing."""
        begin, end = self._x(finish), self._x(longest)
        tip = "l-4 -3m4 3l-4 3" if longest > self._last else "v-3.5v7"
        path = f"M{number(begin)} {number(y)}H{number(end)}{tip}"
        return element("path", d=path, stroke=MUTED, fill="none")

    def _endless(self, step: PlannedStep, y: float) -> Iterator[Element]:
        """A step that nothing gives a time, or that waits for one."""
        start = self._x(step.starts.typical or self._today)
        path = f"M{number(start)} {number(y)}H{number(_LABELS + _CHART)}"
        yield element("path", d=path, stroke=MUTED, stroke_width="1.2", stroke_dasharray="2 4")
        reason = "no time known" if step.starts.typical else "waits for a step that has no time"
        yield _text(start + 8, y - 4, reason, MUTED, _SMALL, halo=True)

    def _closed(self, row: int, step: PlannedStep) -> Iterator[Element]:
        """The closed days of the step's authority while it has the step."""
        start = step.starts.typical
        ends = _known(step.finishes.typical, step.finishes.by_law)
        if not step.calendar or step.done or not start or not ends or self._day < _VISIBLE:
            return
        for first, last in _runs(closed_days(start, max(ends), step.calendar)):
            x, wide = self._x(first), ((last - first).days + 1) * self._day
            yield _bar(x, self._y(row) + 1, wide, _ROW - 2, _CLOSED)


def _merged(marks: Iterable[Mark]) -> list[Mark]:
    """The marks by day, those of one day as one."""
    by_day: dict[date, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_day[mark.day].append(mark)
    return [
        Mark(day, "; ".join(dict.fromkeys(mark.label for mark in found)), any(mark.deadline for mark in found))
        for day, found in sorted(by_day.items())
    ]


def _lanes(labels: list[tuple[float, float]]) -> list[int]:
    """The lane of each label that ends at an upright line: above every line that it would cross."""
    lanes: list[int] = []
    for right, wide in labels:
        crossed = [lane for (x, _), lane in zip(labels, lanes, strict=False) if x > right - wide]
        lanes.append(max(crossed, default=-1) + 1)
    return lanes


def _label_lines(mark: Mark) -> list[str]:
    """The day and what it is, on two lines."""
    return [str(mark.day), *wrap(mark.label, _SMALL, 330, 1).lines]


def _label_width(mark: Mark) -> float:
    return max(width(line, _SMALL) for line in _label_lines(mark)) + 10


def _ticks(first: date, last: date, day: float) -> Iterator[tuple[date, str]]:
    """The days with a label on the axis: Mondays, or the first days of months, so that the labels have room."""
    if (last - first).days <= 45:
        monday = first + timedelta(days=-first.weekday() % 7)
        for count in range((last - monday).days // 7 + 1):
            at = monday + timedelta(weeks=count)
            yield at, f"{at.day} {at:%b}"
        return
    step = next(months for months in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months * 30 * day >= 70)
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    for at in (date(month // 12, month % 12 + 1, 1) for month in months if month % step == 0):
        yield at, f"{at:%b %Y}"


def _runs(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """The first and last day of each run of days without a gap."""
    for _, run in groupby(enumerate(days), key=lambda entry: entry[1].toordinal() - entry[0]):
        found = [day for _, day in run]
        yield found[0], found[-1]


def _shifted(day: date, days: int) -> date:
    """The day some days on, as far as the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def _known(*days: date | None) -> list[date]:
    return [day for day in days if day]


def _when(step: PlannedStep) -> str:
    if step.done:
        return f"Done on {step.done}."
    ends: Days = step.finishes
    told = [("usually over on", ends.typical), ("by law on", ends.by_law), ("at the latest on", ends.maximum)]
    return ", ".join(f"{name} {day}" for name, day in told if day) or "Nothing gives it a time."


def _bar(x: float, y: float, wide: float, high: float, colour: str) -> Element:
    place = {"x": number(x), "y": number(y), "width": number(wide), "height": number(high)}
    return element("rect", fill=colour, **place)


def _diamond(x: float, y: float, colour: str) -> Element:
    return element("path", d=f"M{number(x)} {number(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z", fill=colour)


def _text(
    x: float, y: float, text: str, colour: str, size: float, anchor: str = "start", weight: str = "", halo: bool = False
) -> Element:
    made = element("text", text, x=number(x), y=number(y), fill=colour, font_size=number(size), text_anchor=anchor)
    if weight:
        made.set("font-weight", weight)
    if halo:
        made.set("class", "halo")
    return made
