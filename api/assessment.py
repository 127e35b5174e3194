"""An assessment as text: for the terminal in colours and tables, elsewhere in lines that nothing wraps."""

import io
from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from graph.conflicts.answers import Conflict
from graph.deals.assess import Assessed, Assessment, Bound
from graph.deals.path import PASSES
from graph.deals.plan import PlannedStep, latest_filings
from graph.deals.wording import (
    DISCLAIMER,
    PASS_NAMES,
    VERDICT_NAMES,
    completion_sentence,
    content,
    days,
    ground,
    headline,
    lasts,
    modality,
    pressing,
    source_line,
    verdict_sentence,
    way_out,
    who,
)
from graph.read.citations import Citation, citations

STYLES = {"feasible": "bold green", "at_risk": "bold yellow", "infeasible": "bold red", "unknown": "bold"}
#: Wide enough that no cell of a table is wrapped where nobody watches.
_UNWRAPPED = 10_000


def text_of(found: Assessed, console: Console | None = None) -> str:
    """The assessment as text, as `printed` has it."""
    return printed(_Page(found).parts(), console)


def printed(parts: Iterable[RenderableType], console: Console | None) -> str:
    """The parts as text; for a console as wide and as colourful as that is, else plain and not wrapped."""
    paper = Console(
        file=io.StringIO(),
        width=console.width if console else _UNWRAPPED,
        color_system=console.color_system if console else None,  # type: ignore[arg-type]
        force_terminal=console is not None,
        highlight=False,
        legacy_windows=False,
    )
    for part in parts:
        paper.print(_hanging(part) if console else part, soft_wrap=console is None and isinstance(part, Text))
    written = paper.file.getvalue() if isinstance(paper.file, io.StringIO) else ""
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"


class _Page:
    """The parts of the text, in their order."""

    def __init__(self, found: Assessed) -> None:
        self._deal, self._assessment = found.deal, found.assessment
        steps, sources = found.assessment.plan.steps, found.assessment.sources
        self._cited: dict[str, Citation] = citations(
            found.world, [*(source.iri for source in sources), *(step.ground.iri for step in steps if step.ground)]
        )
        self._numbers = {source.iri: number for number, source in enumerate(sources, 1)}

    def parts(self) -> Iterator[RenderableType]:
        """Everything there is to say."""
        yield from self._verdict(self._assessment)
        sections: list[tuple[str, Iterable[Table | Text]]] = [
            ("Deadlines", self._deadlines()),
            ("Steps (● on the critical path, ~ estimated)", self._steps()),
            ("Latest days to file", self._filings()),
            ("Who must lift what", (part for conflict in self._assessment.conflicts for part in _conflict(conflict))),
            ("Approvals", self._approvals()),
            ("What binds whom", (part for position in self._assessment.obligations for part in self._bond(position))),
            ("What is missing", self._missing()),
            ("Sources", self._sources()),
        ]
        for title, parts in sections:
            if shown := list(parts):
                yield Text(f"\n{title}", style="bold")
                yield from shown
        yield Text(f"\n{DISCLAIMER}", style="dim")

    def _verdict(self, found: Assessment) -> Iterator[Text]:
        yield Text(verdict_sentence(found), style=STYLES[found.verdict])
        yield Text(f"{self._deal.label}, asked of {found.as_of}. {completion_sentence(found)}")

    def _deadlines(self) -> Iterator[Table]:
        if self._assessment.deadlines:
            heads = ["deadline", "day", *(f"spare {PASS_NAMES[name]}" for name in PASSES), "verdict"]
            yield table(
                heads,
                (
                    [
                        headline(met.label),
                        str(met.date),
                        *(days(getattr(met, f"slack_{name}")) for name in PASSES),
                        f"{VERDICT_NAMES[met.verdict]}: {met.because}",
                    ]
                    for met in self._assessment.deadlines
                ),
            )

    def _steps(self) -> Iterator[Table | Text]:
        steps = self._assessment.plan.steps
        heads = ["", "", "starts", *(PASS_NAMES[name] for name in PASSES), "spare", "step"]
        yield table(heads, (self._step(number, step) for number, step in enumerate(steps, 1)))
        for number, step in enumerate(steps, 1):
            notes = [note for note in (lasts(step), who(step), ground(step, self._cited)) if note]
            yield Text(f"{number:>4}  {'; '.join(notes)}", style="dim")

    def _step(self, number: int, step: PlannedStep) -> list[str]:
        reserve = pressing(step)
        return [
            "●" if step.critical else "",
            str(number),
            _day(step.starts.typical),
            *(_day(getattr(step.finishes, name), step.estimated and name == "typical") for name in PASSES),
            days(reserve.slack_typical if reserve else None),
            headline(step.label),
        ]

    def _filings(self) -> Iterator[Table]:
        if found := latest_filings(self._assessment.plan):
            days_of = [map(_day, (filing.made, filing.typical, filing.by_law, filing.maximum)) for filing in found]
            told = [[headline(filing.deadline), headline(filing.label)] for filing in found]
            yield table(
                ["made", "usual", "by law", "longest", "before", "filing"],
                ([*known, *names] for known, names in zip(days_of, told, strict=True)),
            )

    def _approvals(self) -> Iterator[Table]:
        if found := self._assessment.approvals:
            yield table(
                ["clock starts", *(PASS_NAMES[name] for name in PASSES), "approval", "authority"],
                (
                    [
                        _day(a.clock_start.typical),
                        *(_day(getattr(a.earliest_finish, name), a.estimated and name == "typical") for name in PASSES),
                        headline(a.label),
                        a.authority.label if a.authority else "",
                    ]
                    for a in found
                ),
            )

    def _bond(self, position: Bound) -> Iterator[Text]:
        marks = "".join(f"[{number}]" for number in sorted(self._numbers[source.iri] for source in position.sources))
        due = f"due {position.due}; " if position.due else ""
        said = Text(f"{position.bearer.label} ")
        said.append(modality(position.modality), style="bold")
        yield said.append(f" {content(position)}")
        weight = position.confidence or "not stated"
        rest = f"    {due}{position.state}; {position.provision.label} {marks}; confidence: {weight}"
        yield Text(rest, style="dim")

    def _missing(self) -> Iterator[Text]:
        for one in self._assessment.missing:
            yield Text(f"{one.field}: {one.question}")
            yield Text(f"    {one.because}", style="dim")

    def _sources(self) -> Iterator[Text]:
        for source in self._assessment.sources:
            yield Text(f"[{self._numbers[source.iri]}] {source.label}. {source_line(source, self._cited)}")


def _hanging(part: RenderableType) -> RenderableType:
    """A text that keeps its indent where it is wrapped."""
    if not isinstance(part, Text):
        return part
    indent = len(part.plain) - len(part.plain.lstrip(" "))
    return Padding(part[indent:], (0, 0, 0, indent))


def _conflict(conflict: Conflict) -> Iterator[Text]:
    yield Text(f"{headline(conflict.because)} ({conflict.severity}, {conflict.pattern})")
    for side in conflict.sides:
        lifters = ", ".join(ref.label for ref in side.lifted_by) or "nobody known"
        yield Text(f"  - {side.obligation.sentence}: can be lifted by {lifters}")
    for out in conflict.ways_out:
        yield Text(f"  way out: {way_out(out)}", style="green")


def table(heads: Iterable[str], rows: Iterable[list[str]]) -> Table:
    """A table whose narrow columns, such as days, are never wrapped."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    found = [[Text(cell) for cell in row] for row in rows]
    for number, head in enumerate(heads):
        longest = max((cell.cell_len for row in found for cell in row[number : number + 1]), default=0)
        made.add_column(Text(head), no_wrap=0 < longest <= 11, ratio=None)
    for row in found:
        made.add_row(*row)
    return made


def _day(day: object, estimated: bool = False) -> str:
    return f"{'~' if estimated else ''}{day}" if day else ""
