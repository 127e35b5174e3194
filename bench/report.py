"""What a run found: sections of rows, as tables on the screen and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table


@dataclass
class Section:
    """One case: its question, its table, and what each row means."""

    title: str
    meaning: str
    columns: Sequence[str]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row; numbers are written with three significant digits."""
        self.rows.append(tuple(written(cell) for cell in cells))

    def show(self, console: Console) -> None:
        """Print it."""
        table = Table(*(_plain(column) for column in self.columns), title=self.title, title_justify="left")
        for row in self.rows:
            table.add_row(*map(_plain, row))
        console.print(table)
        for note in self.notes:
            console.print(f"  {note}", style="dim", highlight=False, markup=False)

    def markdown(self, day: str) -> str:
        """Write it, as measured on a day."""
        lines = [f"## {self.title}", "", f"Measured on {day}. {self.meaning}", ""]
        lines += [_line(self.columns), _line(["---"] * len(self.columns)), *map(_line, self.rows)]
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join(lines)


def written(cell: object) -> str:
    """A cell as text."""
    if not isinstance(cell, float):
        return str(cell)
    if abs(cell) >= 100:
        return f"{cell:,.0f}"
    return f"{cell:.2f}" if abs(cell) >= 1 else f"{cell:.3g}"


def _plain(cell: str) -> str:
    """Without the marks of Markdown and safe from the console's own."""
    return escape(cell.replace("**", "").replace("`", ""))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
