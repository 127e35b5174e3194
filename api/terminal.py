"""What the command line shows: lines, tables and progress, whole where no terminal breaks them."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

import pyoxigraph as ox
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from graph.errors import BadRequest
from graph.load import Watch

console = Console()
errors = Console(stderr=True)


def say(text: str, *, dim: bool = False, to: Console = console) -> None:
    """Print the text as it is. A terminal wraps it between words; a file or pipe gets it in one line."""
    to.print(plain(text), highlight=False, soft_wrap=not to.is_terminal, style="dim" if dim else None)


def plain(text: str) -> str:
    """Text that the console does not take for markup."""
    return text.replace("[", "\\[")


def counted(number: int, thing: str) -> str:
    """``1 fault``, ``2 faults``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def show_table(values: bytes) -> None:
    """Print the solutions of a SELECT (SPARQL TSV): as a table on a terminal, as they are elsewhere."""
    if not console.is_terminal:
        sys.stdout.buffer.write(values)
        return
    found = ox.parse_query_results(values, format=ox.QueryResultsFormat.TSV)
    assert isinstance(found, ox.QuerySolutions)
    table = Table(*(variable.value for variable in found.variables))
    for row in found:
        table.add_row(*(plain(getattr(term, "value", "") if term else "") for term in row))
    console.print(table)


@contextmanager
def watched() -> Iterator[Watch]:
    """A progress bar of bytes read, on standard error; it goes away when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=errors, transient=True) as progress:

        def watch(data: IO[bytes], file: Path) -> IO[bytes]:
            return progress.wrap_file(cast("BinaryIO", data), total=file.stat().st_size, description=file.name)

        yield watch


@contextmanager
def counting(description: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar of things done, of how many, on standard error; it goes when the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(description, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def put(content: bytes, output: Path | None) -> None:
    """Write to a file, whole or not at all, or to standard output."""
    if output is None:
        sys.stdout.buffer.write(content)
        return
    if output.is_dir() or not output.parent.is_dir():
        raise BadRequest(f"{output}: name a file in a folder that exists.")
    part = output.with_name(f".{output.name}.part")
    part.write_bytes(content)
    part.replace(output)
    say(f"{output}: {len(content)} bytes")
