"""Case 4: does a long answer stay out of memory?"""

from pathlib import Path

import http_load
import processes
import world
from report import Section
from rich.progress import Progress


def measure(store: Path, rows: tuple[int, int], stall: float, progress: Progress) -> Section:
    """Stream answers of both lengths, each from a new server, and watch its memory."""
    section = Section(
        "4. Memory while streaming",
        "Growth of private resident memory (MiB, /proc, sampled every 20 ms) while a client reads a SELECT and throws "
        "it away: of the server, and of its query workers together. Each row is a new server that has answered one "
        "small query. Reference: the shorter answer. Aim: the growth does not depend on the length.",
        ("answer", "MiB sent", "seconds", "server, MiB more", "workers, MiB more", "server peak", "workers peak"),
    )
    cases = [
        (f"{rows[0]:,} rows (reference)", rows[0], 0.0),
        (f"{rows[1]:,} rows", rows[1], 0.0),
        (f"{rows[1]:,} rows, reader rests {stall:g} s", rows[1], stall),
    ]
    task = progress.add_task("memory", total=len(cases))
    for what, count, rest in cases:
        with processes.vinculum(store) as server, processes.client() as client:
            client.submit(http_load.solutions, server.port, server.path, world.every_triple(1)).result()
            with processes.MemoryWatch(server.pid) as watch:
                sent, seconds = client.submit(
                    http_load.stream, server.port, server.path, world.every_triple(count), rest
                ).result()
        section.add(what, sent / 2**20, seconds, *watch.growth, *watch.peak)
        progress.advance(task)
    return section
