"""Case 4: does a long answer stay out of memory?"""

import os
from pathlib import Path

import http_load
import processes
import pyoxigraph as ox
import world
from report import Section
from rich.progress import Progress


def measure(store: Path, raw: Path, rows: tuple[int, int], stall: float, progress: Progress) -> Section:
    """Stream answers of both lengths, each from a new server, and watch its memory."""
    section = Section(
        "4. Memory while streaming",
        "Growth of private resident memory (MiB, /proc, sampled every 20 ms) while a client reads a SELECT and throws "
        "it away: of the server, and of its query workers together. Each row but 'again' is a new server that has "
        "answered small queries. References: the shorter answer; and raw pyoxigraph in process, which writes the "
        "same query's answer to nowhere. Aim: no growth with the length.",
        ("answer", "MiB sent", "seconds", "server, MiB more", "workers, MiB more", "server peak", "workers peak"),
    )
    short, long = rows
    cases: list[list[tuple[str, int, float]]] = [
        [(f"**{short:,} rows**", short, 0)],
        [
            (f"{long:,} rows", long, 0),
            *((f"{long:,} rows again, {nth} time", long, 0.0) for nth in ("second", "third")),
        ],
        [(f"{long:,} rows, reader rests {stall:g} s", long, stall)],
    ]
    task = progress.add_task("memory", total=len(cases) + len(rows))
    for steps in cases:
        with processes.vinculum(store) as server, processes.client() as client:
            for _ in range(4):  # more than there are workers, so that all have started
                client.submit(http_load.solutions, server.port, server.path, world.every_triple(1)).result()
            for what, count, rest in steps:
                with processes.MemoryWatch(server.pid) as watch:
                    sent, seconds = client.submit(
                        http_load.stream, server.port, server.path, world.every_triple(count), rest
                    ).result()
                section.add(what, sent / 2**20, seconds, *watch.growth, *watch.peak)
        progress.advance(task)
    for count in rows:
        grown = processes.fresh(in_process, raw, count)
        section.add(f"**{count:,} rows, raw pyoxigraph in process**", "", "", "", grown, "", "")
        progress.advance(task)
    section.notes.append(
        "Queries go to the workers in turn: the second time another worker reads the data, the third time the first "
        "worker does. Growth that does not come again is the engine's own, not the answer's."
    )
    return section


def in_process(store: Path, count: int) -> float:
    """By how many MiB this process grew while the engine wrote the answer."""
    engine = ox.Store.read_only(str(store))
    engine.query(world.every_triple(1)).serialize(format=ox.QueryResultsFormat.TSV)
    with processes.MemoryWatch(os.getpid()) as watch, Path(os.devnull).open("wb") as nowhere:
        engine.query(world.every_triple(count)).serialize(nowhere, format=ox.QueryResultsFormat.TSV)
    return watch.growth[0]
