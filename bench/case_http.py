"""Cases 2 and 3: queries over HTTP, against rdflib-endpoint, and against the bare engine in the same process."""

import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import http_load
import processes
import pyoxigraph as ox
import world
from http_load import Load
from processes import Server
from report import Section
from rich.progress import Progress

from graph import open_graph
from graph.store import Dataset

CONNECTIONS = (1, 8)
#: Fewer than the 128 parsed queries that rdflib-endpoint keeps.
DIFFERENT = 100


def kinds_of(triples: int) -> dict[str, list[str]]:
    """The queries by kind."""
    return {
        "point": world.point_queries(triples, DIFFERENT),
        "join": world.join_queries(triples, DIFFERENT),
        "join, never the same": world.join_queries(triples, triples // world.BLOCK * 5, seed=3),
        "join through a sector, grouped": [world.grouped_query()],
        "10,000 rows": [world.long_query()],
    }


def measure(
    small: tuple[int, Path, Path], large: tuple[int, Path], rounds: int, seconds: float, progress: Progress
) -> Section:
    """Run case 2 over (triples, file, store) for everyone and (triples, store) for Vinculum alone."""
    triples, file, store = small
    with ExitStack() as stack:
        servers = [
            stack.enter_context(processes.vinculum(store)),
            stack.enter_context(processes.rdflib_endpoint(file, "memory")),
        ]
        if importlib.util.find_spec("oxrdflib"):
            servers.append(stack.enter_context(processes.rdflib_endpoint(file, "oxrdflib")))
        client = stack.enter_context(processes.client())
        compared = _compare(client, servers, triples)
        loads = _loads(client, servers, kinds_of(triples), rounds, seconds, progress)
    with processes.vinculum(large[1], "Vinculum") as server, processes.client() as client:
        alone = _loads(client, [server], kinds_of(large[0]), rounds, seconds, progress)
    return _section(triples, large[0], servers, loads, alone, compared)


def measure_overhead(triples: int, store: Path, raw: Path, rounds: int, seconds: float, progress: Progress) -> Section:
    """Run case 3: one connection against `query().serialize()` in process."""
    with open_graph(store) as knowledge:
        dataset = knowledge.world()
    kinds = {name: queries for name, queries in kinds_of(triples).items() if name != "join, never the same"}
    bare = processes.fresh(in_process, raw, None, kinds, rounds, seconds)
    same = processes.fresh(in_process, store, dataset, kinds, rounds, seconds)
    with processes.vinculum(store) as server, processes.client() as client:
        ours = _loads(client, [server], kinds, rounds, seconds, progress)
    section = Section(
        f"3. What HTTP costs ({triples:,} triples)",
        "Milliseconds (p50) of one query, answered one after the other. Reference: raw pyoxigraph in process, the same "
        "triples in its default graph, `query().serialize()` to JSON bytes. Second column: the same in process on "
        f"Vinculum's own store and over its default world, a union of {len(dataset.default)} graphs, which shows what "
        "of the difference is the dataset and what is HTTP and the worker. Ratio: Vinculum over HTTP / reference (1 is "
        "no overhead).",
        ("query", "**raw in process**", "same world in process", "Vinculum over HTTP", "ratio", "HTTP alone costs"),
    )  # fmt: skip
    section.notes.append("The last column is the third less the second; for 10,000 rows it is within the noise.")
    for kind in kinds:
        over = ours[server.name, kind, 1].p50
        section.add(
            kind,
            bare[kind] * 1e3,
            same[kind] * 1e3,
            over * 1e3,
            over / bare[kind],
            f"{(over - same[kind]) * 1e3:.2f} ms",
        )
    return section


def in_process(
    store: Path, dataset: Dataset | None, kinds: dict[str, list[str]], rounds: int, seconds: float
) -> dict[str, float]:
    """The median seconds of each kind of query on the engine itself."""
    engine = ox.Store.read_only(str(store))
    return {kind: _middle_time(_asked(engine, dataset), queries, rounds * seconds) for kind, queries in kinds.items()}


def _asked(engine: ox.Store, dataset: Dataset | None) -> Callable[[str], object]:
    if dataset is None:
        return lambda query: engine.query(query).serialize(format=ox.QueryResultsFormat.JSON)
    graphs = [ox.NamedNode(name) if name else ox.DefaultGraph() for name in dataset.default]
    return lambda query: engine.query(query, default_graph=graphs).serialize(format=ox.QueryResultsFormat.JSON)


def _middle_time(ask: Callable[[str], object], queries: Sequence[str], seconds: float) -> float:
    times: list[float] = []
    ask(queries[0])
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        ask(queries[len(times) % len(queries)])
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _compare(client: ProcessPoolExecutor, servers: Sequence[Server], triples: int) -> int:
    """Check that all servers give the same rows; how many were compared."""
    compared = 0
    for kind, queries in kinds_of(triples).items():
        for query in queries[:10]:
            first, *others = [
                client.submit(http_load.solutions, server.port, server.path, query).result() for server in servers
            ]
            if any(other != first for other in others):
                raise RuntimeError(f"The servers do not agree on {kind}: {query}")
            compared += len(first)
    return compared


def _loads(
    client: ProcessPoolExecutor,
    servers: Sequence[Server],
    kinds: dict[str, list[str]],
    rounds: int,
    seconds: float,
    progress: Progress,
) -> dict[tuple[str, str, int], Load]:
    """Every kind of query on every server; the servers take turns, and each value is the median of the rounds."""
    task = progress.add_task(
        f"HTTP, {', '.join(s.name for s in servers)}", total=len(kinds) * len(CONNECTIONS) * rounds
    )
    found: dict[tuple[str, str, int], list[Load]] = {}
    for kind, queries in kinds.items():
        for connections in CONNECTIONS:
            for turn in range(rounds):
                part = queries[turn::rounds] if kind == "join, never the same" else queries
                for server in servers:
                    if turn == 0 and part is queries:  # every parsed query is in everyone's cache
                        client.submit(_once, server.port, server.path, part).result()
                    load = client.submit(http_load.drive, server.port, server.path, part, connections, seconds).result()
                    found.setdefault((server.name, kind, connections), []).append(load)
                progress.advance(task)
    return {key: _middle(loads) for key, loads in found.items()}


def _once(port: int, path: str, queries: Sequence[str]) -> None:
    for query in queries:
        http_load.solutions(port, path, query)


def _middle(loads: Sequence[Load]) -> Load:
    return Load(*(statistics.median(getattr(load, name) for load in loads) for name in ("rate", "p50", "p99")))


def _section(
    small: int,
    large: int,
    servers: Sequence[Server],
    loads: dict[tuple[str, str, int], Load],
    alone: dict[tuple[str, str, int], Load],
    compared: int,
) -> Section:
    ours, *others = servers
    section = Section(
        "2. Queries over HTTP",
        "JSON results over keep-alive connections on loopback, load generator (one process) and servers on the same "
        "machine. Rates are answers per second, p50 and p99 milliseconds; medians of the rounds. Reference: "
        "rdflib-endpoint over the same triples, served by the same uvicorn in one process. Ratio: Vinculum's rate / "
        "that of the row. Aim: at least 5 on the join.",
        ("query", "connections", "server", "triples", "answers/s", "p50 ms", "p99 ms", "Vinculum / this"),
    )
    for (name, kind, connections), mine in loads.items():
        if name != ours.name:
            continue
        section.add(kind, connections, f"**{name}**", f"{small:,}", mine.rate, mine.p50 * 1e3, mine.p99 * 1e3, "1")
        for other in others:
            that = loads[other.name, kind, connections]
            section.add(
                kind, connections, other.name, f"{small:,}", that.rate, that.p50 * 1e3, that.p99 * 1e3,
                mine.rate / that.rate,
            )  # fmt: skip
        big = alone[name, kind, connections]
        section.add(kind, connections, name, f"{large:,}", big.rate, big.p50 * 1e3, big.p99 * 1e3, mine.rate / big.rate)
    section.notes += [
        f"All servers gave the same rows first ({compared:,} rows compared).",
        f"point and join take turns through {DIFFERENT} queries that were asked before, so rdflib-endpoint finds them "
        "in its cache of 128 parsed queries; in 'never the same' every text is new. This favours the reference in the "
        "first two.",
        "Vinculum asks a union of all its graphs, the reference one graph that holds nothing else.",
        "The larger store is measured after the others, so ratios between sizes carry a shared machine's drift.",
    ]
    if len(others) > 1:
        section.notes.append(
            "rdflib-endpoint hands a parsed query to rdflib, so over oxrdflib rdflib evaluates it triple pattern by "
            "triple pattern; oxigraph's own evaluator is not used."
        )
    return section
