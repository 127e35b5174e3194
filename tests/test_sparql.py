"""The SPARQL service over a real server: protocol, datasets, limits, updates, graphs."""

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
import rdflib
from conftest import Served, serve

from graph import KnowledgeGraph
from graph.errors import VinculumError
from graph.sparql.pool import Limits, WorkerPool

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
JSON = "application/sparql-results+json"


def rows(response: httpx.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return [{name: term["value"] for name, term in row.items()} for row in response.json()["results"]["bindings"]]


@pytest.mark.parametrize(
    ("accept", "start"),
    [
        (JSON, '{"head"'),
        ("application/sparql-results+xml", "<?xml"),
        ("text/csv", "n\r\n"),
        ("text/tab-separated-values", "?n\n"),
        ("*/*", '{"head"'),
        ("text/html, text/csv;q=0.5, application/sparql-results+xml;q=0.1", "n\r\n"),
    ],
)
def test_tables_come_in_every_result_format(served: Served, accept: str, start: str) -> None:
    response = served.http.get("/sparql", params={"query": COUNT}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.text.startswith(start)


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
        ("application/trig", "trig"),
    ],
)
def test_constructed_graphs_come_in_every_rdf_format(served: Served, accept: str, format: str) -> None:
    query = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c . FILTER(ISIRI(?s)) }"
    response = served.http.post("/sparql", data={"query": query}, headers={"Accept": accept})
    parsed = rdflib.Dataset(default_union=True)
    parsed.parse(data=response.text, format=format)
    expected = served.http.post("/sparql", data={"query": query}, headers={"Accept": "application/n-triples"})
    assert len(parsed) == len(set(expected.text.splitlines()))


def test_a_query_may_be_sent_in_three_ways(served: Served) -> None:
    direct = {"Content-Type": "application/sparql-query"}
    answers = [
        served.http.get("/sparql", params={"query": COUNT}),
        served.http.post("/sparql", data={"query": COUNT}),
        served.http.post("/sparql", content=COUNT, headers=direct),
    ]
    assert len({answer.text for answer in answers}) == 1


def test_form_fields_are_decoded_once(served: Served) -> None:
    assert rows(served.http.post("/sparql", data={"query": 'SELECT ("%41" AS ?x) {}'})) == [{"x": "%41"}]


@pytest.mark.parametrize(
    ("method", "given", "status"),
    [
        ("GET", {"params": [("query", COUNT), ("query", COUNT)]}, 400),
        ("GET", {"params": {"update": "CLEAR ALL"}}, 400),
        ("GET", {"params": {"query": "INSERT DATA { <a:a> <a:a> <a:a> }"}}, 400),
        ("GET", {"params": {"query": COUNT}, "headers": {"Accept": "image/png"}}, 406),
        ("GET", {"params": {"query": "ASK {}"}, "headers": {"Accept": "text/turtle"}}, 406),
        ("POST", {"data": {"update": "CLEAR ALL"}, "headers": {"Authorization": "a-write-key-for-tests"}}, 401),
        ("GET", {"params": {"query": COUNT, "default-graph-uri": "not an iri"}}, 400),
        ("POST", {"content": COUNT, "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", {"content": b"\xff\xfe", "headers": {"Content-Type": "application/sparql-query"}}, 400),
        ("POST", {"data": {}}, 415),
        ("DELETE", {}, 405),
    ],
)
def test_requests_outside_the_protocol_are_refused(served: Served, method: str, given: dict, status: int) -> None:  # type: ignore[type-arg]
    response = served.http.request(method, "/sparql", **given)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_common_names_of_formats_and_prefixes_are_understood(served: Served) -> None:
    for accept, kind in (
        ("application/json", "application/sparql-results+json"),
        ("application/xml", "application/sparql-results+xml"),
    ):
        response = served.http.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": accept})
        assert response.headers["content-type"].startswith(kind)
    for accept in ("text/csv", "text/tab-separated-values"):
        assert "true" in served.http.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": accept}).text
    graph = served.http.get(
        "/sparql", params={"query": "CONSTRUCT WHERE { ?s a ?c } LIMIT 1"}, headers={"Accept": "application/json"}
    )
    assert graph.headers["content-type"].startswith("application/ld+json")
    prefixed = "PREFIX download: <urn:d:> PREFIX webservice: <urn:w:> ASK { download:a webservice:b 1 }"
    assert served.http.get("/sparql", params={"query": prefixed}).status_code == 200


def test_updates_that_cannot_be_run_are_refused(served: Served) -> None:
    for update in ("DROP GRAPH <urn:none>", "CREATE GRAPH <https://w3id.org/vinculum/graph/ontology>"):
        assert served.writer.post("/sparql", data={"update": update}).status_code == 400


def test_a_value_of_the_wrong_kind_does_not_break_reading(served: Served) -> None:
    vin, case = "https://w3id.org/vinculum/ns#", "https://w3id.org/vinculum/graph/cases/tiktok"
    poison = (
        f"<urn:o> a <{vin}Ownership> ; <{vin}owner> <https://w3id.org/vinculum/id/oracle> ; "
        f"<{vin}object> <https://w3id.org/vinculum/id/tiktok> ; <{vin}share> 'lots' ; <{vin}validFrom> 'soon' ."
    )
    assert (
        served.writer.post("/sparql", data={"update": f"INSERT DATA {{ GRAPH <{case}> {{ {poison} }} }}"}).status_code
        == 204
    )
    for path in ("/ownerships?object=tiktok", "/entities/oracle", "/paths?from=oracle&to=tiktok"):
        assert served.http.get(path).status_code == 200, path
    assert (
        served.writer.post("/sparql", data={"update": f"DELETE DATA {{ GRAPH <{case}> {{ {poison} }} }}"}).status_code
        == 204
    )


def test_an_empty_graph_is_a_graph_and_names_are_relative_to_it(served: Served) -> None:
    url, turtle = "/graphs?graph=http://example.org/g/", {"Content-Type": "text/turtle"}
    assert served.writer.put(url, content="", headers=turtle).status_code == 201
    assert served.http.get(url).status_code == 200
    assert served.writer.put(url, content="<a> <b> <c> .", headers=turtle).status_code == 204
    assert "http://example.org/g/a" in served.http.get(url, headers={"Accept": "application/n-triples"}).text
    trig = {"Content-Type": "application/trig"}
    assert served.writer.put(url, content="<urn:g> { <urn:a> <urn:b> 1 }", headers=trig).status_code == 422
    assert served.writer.delete(url).status_code == 204
    assert (
        served.writer.put(
            "/graphs?graph=https://w3id.org/vinculum/graph/derived/base", content="", headers=turtle
        ).status_code
        == 400
    )


def test_a_killed_server_loses_no_graph(tmp_path: Path) -> None:
    """kill -9 in the middle of replacing a graph: afterwards it is the old one or the new one, whole."""
    running = serve(tmp_path / "store")
    served = next(running)
    url = "/graphs?graph=https://w3id.org/vinculum/graph/cases/tiktok"
    case = served.http.get(url, headers={"Accept": "application/n-triples"}).text
    more = case + "".join(f'<urn:s{n}> <urn:p> "{n}" .\n' for n in range(60_000))
    killer = threading.Timer(1.0, served.process.kill)
    killer.start()
    with pytest.raises(httpx.HTTPError):
        for _ in range(20):
            served.writer.put(url, content=more, headers={"Content-Type": "application/n-triples"})
    killer.join()
    next(running, None)
    again = serve(tmp_path / "store")
    served = next(again)
    after = served.http.get(url, headers={"Accept": "application/n-triples"}).text
    assert len(after.splitlines()) in (len(case.splitlines()), len(more.splitlines()))
    assert served.http.get("/obligations", params={"bearer": "bytedance", "as_of": "2020-08-31"}).json()["total"] == 12
    next(again, None)


def test_readers_see_a_graph_whole_while_it_is_replaced(served: Served) -> None:
    url = "/graphs?graph=https://w3id.org/vinculum/graph/cases/tiktok"
    case = served.http.get(url, headers={"Accept": "text/turtle"}).text
    done = threading.Event()

    def replace() -> None:
        for _ in range(3):
            assert served.writer.put(url, content=case, headers={"Content-Type": "text/turtle"}).status_code == 204
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    found = []
    while not done.is_set():
        found.append(served.http.get("/entities/bytedance", params={"as_of": "2020-08-31"}).status_code)
    writer.join()
    assert set(found) == {200}


def test_the_service_describes_itself(served: Served) -> None:
    response = served.http.get("/sparql", headers={"Accept": "text/turtle"})
    description = rdflib.Graph().parse(data=response.text, format="turtle")
    endpoint = rdflib.URIRef("http://www.w3.org/ns/sparql-service-description#endpoint")
    assert [str(o) for o in description.objects(None, endpoint)] == [f"{served.url}/sparql"]


def test_the_default_world_is_every_declared_graph_and_what_follows(served: Served) -> None:
    query = (
        "PREFIX vin: <https://w3id.org/vinculum/ns#> SELECT (COUNT(DISTINCT ?p) AS ?n) WHERE { ?p a vin:LegalPosition }"
    )
    assert int(rows(served.http.get("/sparql", params={"query": query}))[0]["n"]) > 50


def test_a_graph_nobody_declared_is_reached_by_its_name_only(served: Served) -> None:
    turtle = {"Content-Type": "text/turtle"}
    assert (
        served.writer.put("/graphs?graph=urn:aside", content="<urn:x> <urn:p> 1 .", headers=turtle).status_code == 201
    )
    ask = "ASK { <urn:x> <urn:p> 1 }"
    for query, parameters, seen in [
        (ask, {}, False),
        ("ASK { GRAPH <urn:aside> { <urn:x> <urn:p> 1 } }", {}, True),
        ("ASK FROM <urn:aside> { <urn:x> <urn:p> 1 }", {}, True),
        (ask, {"default-graph-uri": "urn:aside"}, True),
        (ask, {"named-graph-uri": "urn:aside"}, False),
    ]:
        answer = served.http.get("/sparql", params={"query": query, **parameters}).json()
        assert answer["boolean"] is seen, (query, parameters)
    assert served.writer.delete("/graphs?graph=urn:aside").status_code == 204


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on the loopback that remembers who called."""
    calls: list[str] = []

    class Remember(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Remember)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", calls
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
        "SELECT * { service silent <URL> { ?s ?p ?o } }",
        "PREFIX : <URL> SELECT * { SERVICE:x { ?s ?p ?o } }",
        "PREFIX : <URL> SELECT * { ?s ?p trueSERVICE:x { ?s ?p ?o } }",
        "SELECT * { S\\u0045RVICE <URL> { ?s ?p ?o } }",
        "SELECT * { FILTER(1<2)SERVICE<URL>{} }",
        "SELECT * { # SELECT\n SERVICE # SERVICE\n <URL> { ?s ?p ?o } }",
    ],
)
def test_no_query_reaches_the_network(served: Served, listener: tuple[str, list[str]], query: str) -> None:
    url, calls = listener
    response = served.http.post("/sparql", data={"query": query.replace("URL", url)})
    assert response.status_code == 400
    for update in (
        f"LOAD <{url}>",
        f"LOAD SILENT <{url}> INTO GRAPH <urn:g>",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
    ):
        assert served.writer.post("/sparql", data={"update": update}).status_code == 400
    assert calls == []


def test_a_keyword_in_a_string_an_iri_or_a_comment_is_no_keyword(served: Served) -> None:
    query = 'SELECT ("SERVICE" AS ?a) (<urn:SERVICE> AS ?b) (?SERVICE AS ?c) { # SERVICE <http://127.0.0.1/>\n }'
    assert rows(served.http.get("/sparql", params={"query": query})) == [{"a": "SERVICE", "b": "urn:SERVICE"}]


def test_a_query_that_takes_too_long_is_stopped_and_others_go_on(tmp_path: Path) -> None:
    running = serve(tmp_path / "store", VINCULUM_QUERY_TIMEOUT="1")
    served = next(running)
    cross = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    stopped = served.http.get("/sparql", params={"query": cross})
    assert stopped.status_code == 504
    assert "VINCULUM_QUERY_TIMEOUT" in stopped.json()["detail"]
    assert rows(served.http.get("/sparql", params={"query": COUNT}))
    next(running, None)


def test_an_answer_that_is_cut_breaks_the_connection(tmp_path: Path) -> None:
    running = serve(tmp_path / "store", VINCULUM_QUERY_TIMEOUT="1")
    served = next(running)
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(httpx.RemoteProtocolError), served.http.stream("GET", "/sparql", params={"query": endless}) as r:
        assert r.status_code == 200
        for _ in r.iter_bytes():
            pass
    next(running, None)


def test_a_client_that_leaves_frees_its_worker(served: Served) -> None:
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    for _ in range(4):
        with served.http.stream("GET", "/sparql", params={"query": endless}) as response:
            next(response.iter_bytes())
    began = time.monotonic()
    assert rows(served.http.get("/sparql", params={"query": COUNT}))
    assert time.monotonic() - began < 20  # far below the query timeout: no worker is still busy for those who left


def test_a_reader_who_stops_reading_does_not_keep_the_worker(graph: KnowledgeGraph) -> None:
    async def ask() -> list[bytes]:
        pool = WorkerPool(graph.store, Limits(workers=1, stall_seconds=0.3))
        unread = pool.answer("SELECT * { ?a ?b ?c . ?d ?e ?f }", "text/csv", graph.world())
        await anext(unread)
        others = [block async for block in pool.answer("ASK {}", "text/csv")]
        with pytest.raises(VinculumError):
            async for _ in unread:
                pass
        await pool.close()
        return others

    assert b"true" in b"".join(asyncio.run(ask()))


def test_an_update_is_seen_by_the_next_query_and_derives_anew(served: Served) -> None:
    prefixes = "PREFIX vin: <https://w3id.org/vinculum/ns#> PREFIX id: <https://w3id.org/vinculum/id/> "
    case = "<https://w3id.org/vinculum/graph/cases/tiktok>"
    company = (
        "<https://w3id.org/vinculum/id/acme> a <http://www.w3.org/ns/regorg#RegisteredOrganization> ; "
        "<http://www.w3.org/2000/01/rdf-schema#label> 'Acme' ; <https://w3id.org/dpv#hasJurisdiction> <https://w3id.org/dpv/loc#US> ."
    )
    bound = {"bearer": "acme", "instrument": "eo-13942", "as_of": "2020-10-01"}
    assert served.http.get("/obligations", params=bound).status_code == 404
    insert = f"{prefixes} INSERT DATA {{ GRAPH {case} {{ {company} }} }}"
    assert served.writer.post("/sparql", data={"update": insert}).status_code == 204
    positions = served.http.get("/obligations", params=bound).json()["items"]
    assert {(p["modality"], p["state"]) for p in positions} == {("prohibition", "active")}
    undo = f"{prefixes} DELETE DATA {{ GRAPH {case} {{ {company} }} }}"
    assert served.writer.post("/sparql", data={"update": undo}).status_code == 204
    assert served.http.get("/obligations", params=bound).status_code == 404


def test_an_update_that_breaks_a_norm_changes_nothing(served: Served) -> None:
    before = served.http.get("/health").json()["quads"]
    broken = (
        "PREFIX vin: <https://w3id.org/vinculum/ns#> PREFIX sh: <http://www.w3.org/ns/shacl#> "
        "INSERT DATA { GRAPH <https://w3id.org/vinculum/graph/cases/tiktok> { <urn:norm> a vin:Norm ; vin:modality vin:Obligation ; "
        "vin:action <urn:act> ; vin:statedIn <urn:law> ; vin:condition [ sh:select 'SELECT nonsense' ] } }"
    )
    response = served.writer.post("/sparql", data={"update": broken})
    assert response.status_code == 422
    assert "urn:norm" in response.json()["detail"]
    assert served.http.get("/health").json()["quads"] == before
    assert served.http.get("/obligations").json()["total"] > 50


def test_graphs_are_put_read_added_to_and_removed(served: Served) -> None:
    url, turtle = "/graphs?graph=urn:test", {"Content-Type": "text/turtle"}
    assert served.http.get(url).status_code == 404
    assert served.writer.put(url, content="<urn:a> <urn:p> 1 .", headers=turtle).status_code == 201
    assert served.writer.put(url, content="<urn:b> <urn:p> 2 .", headers=turtle).status_code == 204
    assert served.writer.post(url, content="<urn:c> <urn:p> 3 .", headers=turtle).status_code == 204
    got = rdflib.Graph().parse(data=served.http.get(url, headers={"Accept": "text/turtle"}).text, format="turtle")
    assert {str(s) for s in got.subjects()} == {"urn:b", "urn:c"}
    assert served.http.head(url).status_code == 200
    assert served.writer.delete(url).status_code == 204
    assert served.http.get(url).status_code == 404


def test_a_new_graph_gets_a_name(served: Served) -> None:
    made = served.writer.post("/graphs", content="<urn:a> <urn:p> 1 .", headers={"Content-Type": "text/turtle"})
    assert made.status_code == 201
    assert served.http.get(made.headers["location"]).status_code == 200
    assert served.writer.delete(made.headers["location"]).status_code == 204


def test_a_graph_that_does_not_parse_changes_nothing(served: Served) -> None:
    url, turtle = "/graphs?graph=urn:test", {"Content-Type": "text/turtle"}
    served.writer.put(url, content="<urn:a> <urn:p> 1 .", headers=turtle)
    broken = served.writer.put(url, content="<urn:b> <urn:p> 2 . <urn:b", headers=turtle)
    assert broken.status_code == 422
    assert "parse" in broken.json()["detail"]
    assert "urn:a" in served.http.get(url, headers={"Accept": "text/turtle"}).text
    served.writer.delete(url)


def test_the_default_graph_is_the_catalogue(served: Served) -> None:
    text = served.http.get("/graphs?default", headers={"Accept": "application/n-triples"}).text
    assert "<http://www.w3.org/ns/dcat#Dataset>" in text


def test_a_server_that_is_stopped_leaves_only_its_store(tmp_path: Path) -> None:
    running = serve(tmp_path / "store")
    served = next(running)
    assert rows(served.http.get("/sparql", params={"query": COUNT}))
    next(running, None)
    assert served.process.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_a_read_only_server_refuses_writes(tmp_path: Path) -> None:
    running = serve(tmp_path / "store", VINCULUM_READ_ONLY="true")
    served = next(running)
    response = served.writer.post("/sparql", data={"update": "CLEAR ALL"})
    assert response.status_code == 403
    assert "read-only" in response.json()["detail"]
    next(running, None)
