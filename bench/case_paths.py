"""Case 5: paths through a large network, against plain networkx."""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

import networkx as nx
import pyoxigraph as ox
import world
from processes import fresh
from report import Section
from rich.progress import Progress

import ontology
from graph import open_graph
from graph.paths import paths

T = TypeVar("T")

PAIRS = 20


def measure(place: Path, nodes: int, edges: int, progress: Progress) -> Section:
    """Run the case in a process of its own."""
    task = progress.add_task("paths", total=1)
    times, total = fresh(in_process, place, nodes, edges)
    progress.advance(task)
    section = Section(
        f"5. Paths ({nodes:,} things, {edges:,} ownerships)",
        f"Milliseconds (median over {PAIRS} random pairs). Reference: networkx on an undirected simple graph of bare "
        "numbers built beforehand: `nx.shortest_path`, and the first ten of `nx.shortest_simple_paths`. "
        "Ours: `graph.paths.paths` on a store in memory, with labels, sources and dates of every step. Cold: the first "
        "call, which reads the network from the store. Ratio: warm / reference (1 is as fast; median of the pairs).",
        ("what", "**networkx**", "Vinculum, warm", "ratio", "Vinculum, cold"),
    )
    section.add("one path", times["nx 1"], times["ours 1"], times["ratio 1"], f"{times['cold'] / 1e3:.1f} s")
    section.add("ten paths", times["nx 10"], times["ours 10"], times["ratio 10"], "")
    section.add("undirected simple graph from a list of edges (networkx), s", times["nx build"] / 1e3, "", "", "")
    section.notes += [
        "Both gave paths of the same lengths for every pair.",
        f"The store held {total:,} quads (loaded without SHACL).",
        f"Cold is {times['cold'] / times['nx build']:.0f} times networkx's own building of the bare graph; it is paid "
        "once after each change of the store.",
    ]
    return section


def in_process(place: Path, nodes: int, edges: int) -> tuple[dict[str, float], int]:
    """The times in milliseconds by name, and the quads of the store."""
    found = world.network_edges(nodes, edges)
    pairs = [tuple(random.Random(n).sample(range(nodes), 2)) for n in range(PAIRS)]
    began = time.perf_counter()
    plain: nx.Graph[int] = nx.Graph(found)
    times = {"nx build": (time.perf_counter() - began) * 1e3}
    with open_graph() as knowledge, tempfile.NamedTemporaryFile(dir=place, suffix=".nt") as file:
        world.write_network(Path(file.name), nodes, found)
        with Path(file.name).open("rb") as data:
            knowledge.store.load(data, ox.RdfFormat.N_TRIPLES, world.NETWORK_GRAPH)
        dataset = ox.NamedNode(ontology.iri("dcat:Dataset")), ox.NamedNode(ontology.iri("rdf:type"))
        knowledge.store.extend([ox.Quad(ox.NamedNode(world.NETWORK_GRAPH), dataset[1], dataset[0])])

        def ours(a: int, b: int, k: int) -> list[int]:
            return [path.length for path in paths(knowledge, world.company(a), world.company(b), k=k)]

        times["cold"], _ = _timed(lambda: ours(*pairs[0], 1))
        for k in (1, 10):
            theirs = (lambda a, b: [nx.shortest_path(plain, a, b)]) if k == 1 else _ten(plain)
            rounds = []
            for a, b in pairs:
                mine, lengths = _best(lambda a=a, b=b, k=k: ours(a, b, k))
                bare, routes = _best(lambda a=a, b=b, theirs=theirs: theirs(a, b))
                if lengths != [len(route) - 1 for route in routes]:
                    raise RuntimeError(f"The paths from {a} to {b} differ: {lengths}")
                rounds.append((mine, bare))
            times[f"ours {k}"] = statistics.median(mine for mine, _ in rounds)
            times[f"nx {k}"] = statistics.median(bare for _, bare in rounds)
            times[f"ratio {k}"] = statistics.median(mine / bare for mine, bare in rounds)
        return times, knowledge.store.size()


def _ten(plain: "nx.Graph[int]") -> Callable[[int, int], list[list[int]]]:
    return lambda a, b: list(islice(nx.shortest_simple_paths(plain, a, b), 10))


def _best(call: Callable[[], T], times: int = 3) -> tuple[float, T]:
    return min((_timed(call) for _ in range(times)), key=lambda timed: timed[0])


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    found = call()
    return (time.perf_counter() - began) * 1e3, found
