"""All measurements in one run, each as a ratio against a named reference of the same run.

python bench/run.py [--quick] [--only N ...]

Everything happens on loopback and in a temporary folder on the local disk, which is removed. The result is printed and
written to RESULTS.md beside this file (with --quick only printed); with --only, the other sections stay as they are.
"""

import argparse
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import case_deals
import case_http
import case_load
import case_memory
import case_paths
import case_rules
import world
from processes import fresh
from report import Section
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_PACKAGES = (
    "pyoxigraph", "rdflib", "rdflib-endpoint", "oxrdflib", "networkx", "fastapi", "starlette", "uvicorn", "pyshacl",
    "clingo",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much is measured: triples for all servers and for Vinculum alone, the network, rounds and their seconds, the
    facts that norms are applied to, those of which one changes, and those beside a deal.
    """

    small: int
    large: int
    nodes: int
    edges: int
    rounds: int
    seconds: float
    facts: tuple[int, ...]
    changed: int
    beside: tuple[int, ...]


FULL = Size(
    100_000, 1_000_000, 100_000, 500_000, 3, 1.5, (10_000, 100_000, 1_000_000, 10_000_000), 1_000_000,
    (10_000, 100_000, 1_000_000),
)  # fmt: skip
QUICK = Size(100_000, 200_000, 2_000, 10_000, 1, 0.5, (10_000, 100_000), 10_000, (10_000,))


def main() -> None:
    """Run the cases and report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: does it run? Writes no file.")
    parser.add_argument("--only", nargs="*", type=int, help="the numbers of the cases to run; the others stay")
    given = parser.parse_args()
    console, size, began = Console(), QUICK if given.quick else FULL, time.perf_counter()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=console) as progress,
        tempfile.TemporaryDirectory(prefix="vinculum-bench-") as place,
    ):
        sections = run(Path(place), size, set(given.only or range(1, 9)), progress)
    for section in sections:
        section.show(console)
    minutes = (time.perf_counter() - began) / 60
    console.print(f"{minutes:.1f} minutes")
    if not given.quick:
        file = Path(__file__).with_name("RESULTS.md")
        file.write_text(document(_renewed(file, sections), size), encoding="utf-8")
        console.print(f"written to {file}", highlight=False)


def run(place: Path, size: Size, cases: set[int], progress: Progress) -> list[Section]:
    """Prepare the data and run the cases."""
    small, large = place / "small.nt", place / "large.nt"
    small_store, large_store, raw = place / "small", place / "large", place / "raw"
    stores = bool(cases & {2, 3, 4})
    task = progress.add_task("preparing", total=2 + 3 * stores)
    world.write_world(small, size.small)
    world.write_world(large, size.large)
    progress.advance(task, 2)
    if stores:
        for make in (
            lambda: fresh(case_load.fill_store, small_store, small),
            lambda: fresh(case_load.fill_store, large_store, large),
            lambda: fresh(case_load.fill_raw, raw, large, None),
        ):
            make()
            progress.advance(task)
    steps = {
        1: lambda: case_load.measure(place, large, size.large, size.rounds, progress),
        2: lambda: case_http.measure(
            (size.small, small, small_store), (size.large, large_store), size.rounds, size.seconds, progress
        ),
        3: lambda: case_http.measure_overhead(size.large, large_store, raw, size.rounds, size.seconds, progress),
        4: lambda: case_memory.measure(large_store, raw, (size.large // 10, size.large), 5, progress),
        5: lambda: case_paths.measure(place, size.nodes, size.edges, progress),
        6: lambda: case_rules.measure(place, size.facts, size.rounds, progress),
        7: lambda: case_rules.measure_change(place, size.changed, progress),
        8: lambda: case_deals.measure(place, size.beside, progress),
    }
    return [step() for number, step in steps.items() if number in cases]


def _renewed(file: Path, sections: list[Section]) -> list[str]:
    """The sections of the file, in their order, with those measured now in the place of their like."""
    old = file.read_text(encoding="utf-8").split("\n## ")[1:] if file.exists() else []
    new = [section.markdown(f"{datetime.now(UTC):%Y-%m-%d}").removeprefix("## ") for section in sections]
    by_number = {text.partition(".")[0]: text.strip() for text in [*old, *new]}
    return [f"## {by_number[number]}" for number in sorted(by_number)]


def document(sections: list[str], size: Size) -> str:
    """The results as a Markdown document."""
    head = [
        "# Measurements",
        "",
        "Written by `bench/run.py`, each section on the day it names. Every ratio compares with a reference that ran "
        "in the same minutes on the same machine; the absolute numbers belong to this machine. Timed runs are repeated "
        f"{size.rounds} times in turns, and the median is given. Load generator, server and workers share the cores.",
        "",
        f"- machine: {_processor()}, {os.cpu_count()} cores, {_memory()} GiB memory, {platform.system()} "
        f"{platform.release()}",
        f"- Python {platform.python_version()}, " + ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        "",
    ]
    return "\n".join(head) + "\n" + "\n\n".join(sections) + "\n"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    main()
