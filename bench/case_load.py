"""Case 1: how fast a file comes into a fresh store on disk, against the bare engine."""

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import world
from processes import fresh
from report import Section
from rich.progress import Progress

import graph.load
from graph import open_graph
from graph.derive import derive
from graph.validate import validate


def fill_store(folder: Path, file: Path) -> dict[str, float]:
    """Load a file into a fresh Vinculum store; the seconds of its parts."""
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    knowledge = open_graph(folder)
    seconds["first filling"] = time.perf_counter() - began
    began = time.perf_counter()
    graph.load.load_files(knowledge, [file], datetime.now(UTC))
    seconds["load_files"] = time.perf_counter() - began
    began = time.perf_counter()
    derive(knowledge)
    seconds["re-derivation"] = time.perf_counter() - began
    knowledge.close()
    return seconds


def fill_raw(folder: Path, file: Path, name: str | None) -> float:
    """Bulk-load a file into a fresh engine; the seconds."""
    store = ox.Store(str(folder))
    target = ox.NamedNode(name) if name else ox.DefaultGraph()
    began = time.perf_counter()
    store.bulk_load(path=str(file), to_graph=target)
    return time.perf_counter() - began


def measure(place: Path, file: Path, triples: int, rounds: int, progress: Progress) -> Section:
    """Run the case; the rounds of the three ways take turns."""
    task = progress.add_task("load", total=rounds * 3 + 1)
    default, named, ours = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=place) as folder:
            default.append(fresh(fill_raw, Path(folder) / "default", file, None))
            progress.advance(task)
            named.append(fresh(fill_raw, Path(folder) / "named", file, "http://bench.example/graph"))
            progress.advance(task)
            ours.append(fresh(fill_store, Path(folder) / "ours", file))
            progress.advance(task)
    raw = statistics.median(named)
    section = Section(
        f"1. Loading {triples:,} triples",
        "Seconds (median of the rounds) from an N-Triples file into a fresh store on disk, each in a new process. "
        "Reference: `pyoxigraph.Store.bulk_load` of the same file into a named graph of a fresh folder, which is what "
        "Vinculum does with it: a file is a graph. Ratio: speed relative to it (1 is as fast). Aim: at least 0.7.",
        ("what", "seconds", "triples/s", "speed ratio"),
    )

    def add(what: str, seconds: float) -> None:
        section.add(what, seconds, triples / seconds, raw / seconds)

    add("**reference: raw bulk_load into a named graph**", raw)
    add("raw bulk_load into the default graph", statistics.median(default))
    add("graph.load.load_files", _middle(ours, "load_files"))
    section.add("first filling of the shipped data (not counted above)", _middle(ours, "first filling"), "", "")
    section.add("of which re-deriving the legal positions", _middle(ours, "re-derivation"), "", "")
    records, seconds = _checked_records(place)
    progress.advance(task)
    section.add(f"`validate` alone, {records:,} triples of Vinculum's own records", seconds, records / seconds, "")
    section.notes += [
        f"Rounds: raw {_list(default)}; raw named {_list(named)}; load_files {_list([o['load_files'] for o in ours])}.",
        "The engine indexes a named graph six ways and the default graph three, hence the second row.",
        "The file's vocabulary is foreign, so no shape targets it. The last row is data that the shapes do target: "
        "companies and ownerships, which pySHACL checks one by one before a load is kept.",
    ]
    return section


def check_records(file: Path) -> float:
    """Validate a file of records as a load does; the seconds."""
    staged = graph.load.read_file(file, world.NETWORK_GRAPH)
    began = time.perf_counter()
    found = validate(staged, [world.NETWORK_GRAPH])
    seconds = time.perf_counter() - began
    if found:
        raise RuntimeError(f"The made-up records are not well-formed: {found[0]}")
    return seconds


def _checked_records(place: Path) -> tuple[int, float]:
    """The triples of a small network of records that the shapes check, and the seconds that takes."""
    file = place / "records.nt"
    world.write_network(file, 100, world.network_edges(100, 200))
    return len(file.read_text(encoding="utf-8").splitlines()), fresh(check_records, file)


def _middle(found: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in found)


def _list(values: list[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in values) + " s"
