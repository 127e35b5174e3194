"""The whole graph on SPARQL servers of other makers: filled there, derived there, with the answers of a local one."""

import shutil
from collections.abc import Iterator
from datetime import date

import pytest
from conftest import Served, serve

from graph import KnowledgeGraph, open_graph
from graph.paths import paths
from graph.read.claims import claim
from graph.read.entities import entity
from graph.read.explanations import explain
from graph.read.instruments import rules
from graph.read.obligations import obligations

#: Virtuoso is a system package, which the project's CI installs.
SERVERS = ["filled_oxigraph", *(["virtuoso"] if shutil.which("virtuoso-t") else [])]


@pytest.fixture(scope="module", params=SERVERS)
def remote(request: pytest.FixtureRequest) -> Iterator[KnowledgeGraph]:
    with open_graph(request.getfixturevalue(request.param)) as opened:
        yield opened


@pytest.mark.parametrize("day", ["2020-08-31", "2020-11-20", "2026-01-01"])
def test_obligations_are_the_same(remote: KnowledgeGraph, graph: KnowledgeGraph, day: str) -> None:
    as_of = date.fromisoformat(day)
    assert obligations(remote, as_of) == obligations(graph, as_of)


def test_so_are_explanations_rules_claims_entities_and_paths(remote: KnowledgeGraph, graph: KnowledgeGraph) -> None:
    day = date(2020, 11, 20)
    name = obligations(graph, day, bearer="bytedance")[0].id
    assert explain(remote, name, day) == explain(graph, name, day)
    assert rules(remote, day) == rules(graph, day)
    assert claim(remote, "claim-s28", day) == claim(graph, "claim-s28", day)
    assert entity(remote, "tiktok-canada", day) == entity(graph, "tiktok-canada", day)
    found = paths(remote, "microsoft", "mofcom", k=3, as_of=day)
    assert [path.length for path in found] == [
        path.length for path in paths(graph, "microsoft", "mofcom", k=3, as_of=day)
    ]


def test_a_server_in_front_of_a_server(filled_oxigraph: str) -> None:
    """`vinculum serve` over an endpoint answers SPARQL by handing it on, and reads it like a store of its own."""
    open_graph(filled_oxigraph).close()
    running = serve(filled_oxigraph)
    served: Served = next(running)
    assert served.http.get("/health").json()["quads"] > 5000
    norms = "PREFIX vin: <https://w3id.org/vinculum/ns#> SELECT (COUNT(*) AS ?n) { ?norm a vin:Norm }"
    answer = served.http.get("/sparql", params={"query": norms}).json()
    assert int(answer["results"]["bindings"][0]["n"]["value"]) > 40
    assert served.http.get("/sparql", params={"query": "SELECT nonsense"}).status_code == 400
    next(running, None)


def test_a_vinculum_server_is_a_store_for_reading(served: Served, graph: KnowledgeGraph) -> None:
    day = date(2020, 8, 31)
    with open_graph(f"{served.url}/sparql") as there:
        assert obligations(there, day, bearer="bytedance") == obligations(graph, day, bearer="bytedance")
