"""The command line as a user types it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import rdflib
from conftest import VINCULUM


@pytest.fixture
def run(filled: Path):  # type: ignore[no-untyped-def]
    def vinculum(
        *arguments: object, status: int = 0, typed: str | None = None, store: bool = True, folder: Path | None = None
    ) -> str:
        environment = {**os.environ, "VINCULUM_STORE": str(filled), "COLUMNS": "60"}
        environment |= {} if store else {"VINCULUM_STORE": "store"}
        command = [VINCULUM, *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, input=typed, check=False, cwd=folder
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if status == 0 else done.stdout + done.stderr

    return vinculum


def test_version(run) -> None:  # type: ignore[no-untyped-def]
    assert run("--version").startswith("vinculum 0.")


def test_query_prints_a_table_or_the_bytes_of_a_format(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    query = "PREFIX vin: <https://w3id.org/vinculum/ns#> SELECT (COUNT(*) AS ?norms) { ?n a vin:Norm }"
    file = tmp_path / "q.rq"
    file.write_text(query)
    assert "norms" in run("query", file)
    assert (
        int(json.loads(run("query", "-", "--format", "json", typed=query))["results"]["bindings"][0]["norms"]["value"])
        > 40
    )
    graph = run("query", "-", "--format", "ttl", typed="CONSTRUCT { ?s a ?c } { ?s a ?c } LIMIT 5")
    assert len(rdflib.Graph().parse(data=graph, format="turtle")) == 5


def test_obligations_of_a_party_on_a_day(run) -> None:  # type: ignore[no-untyped-def]
    text = run("obligations", "--bearer", "bytedance", "--as-of", "2020-08-31")
    assert "2020-11-12" in text
    assert "divest" in text
    assert "Beijing Municipal Commerce Bureau" in text


def test_an_obligation_is_explained(run) -> None:  # type: ignore[no-untyped-def]
    listed = run("obligations", "--bearer", "bytedance", "--instrument", "order-2020-08-14", "--as-of", "2020-08-31")
    name = next(word for word in listed.split() if word.startswith("order-2020-08-14-2b-i-"))
    text = run("explain", name, "--as-of", "2020-11-30")
    assert "Information, not legal advice." in text.splitlines()[0]  # a paragraph to paste is one line
    assert "90 days after 2020-08-14" in text
    assert "85 FR 51297" in text


def test_a_path_names_its_relations_and_sources(run) -> None:  # type: ignore[no-untyped-def]
    text = run("path", "microsoft", "mofcom", "-k", "2", "--as-of", "2020-08-31")
    assert "ByteDance" in text
    assert "→" in text
    assert "not connected" in run("path", "microsoft", "market-nz")


def test_export_writes_a_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for format in ("svg", "graphml", "trig"):
        run("export", format, "--focus", "tiktok-inc", "-o", tmp_path / f"out.{format}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.graphml", "out.svg", "out.trig"]


def test_a_failed_export_leaves_no_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "no-such-thing" in run("export", "svg", "--focus", "no-such-thing", "-o", tmp_path / "out.svg", status=1)
    assert list(tmp_path.iterdir()) == []


def test_check_passes_the_shipped_data_and_fails_a_faulty_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "0 faults" in run("check")
    file = tmp_path / "bad.ttl"
    file.write_text("@prefix vin: <https://w3id.org/vinculum/ns#> .\n<urn:n> a vin:Norm .")
    assert f"{file}:2:" in run("check", file, status=1)


def test_checking_a_file_needs_no_store_and_makes_none(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "bad.ttl"
    file.write_text("@prefix vin: <https://w3id.org/vinculum/ns#> .\n<urn:n> a vin:Norm ; vin:action <urn:a> .")
    assert f"{file.name}:2:" in run("check", file.name, status=1, store=False, folder=tmp_path)
    file.write_text("@prefix act: <https://w3id.org/vinculum/def/action/> .\n<urn:n> <urn:p> act:sell .")
    assert run("check", file.name, store=False, folder=tmp_path) == "0 faults, 0 warnings\n"
    assert [path.name for path in tmp_path.iterdir()] == ["bad.ttl"]


def test_one_fault_is_one(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "cut.ttl"
    file.write_text("<urn:a> <urn:p>")
    assert "1 fault, 0 warnings" in run("check", file, status=1)


def test_the_prefixes_of_the_ontology_need_no_declaration(run) -> None:  # type: ignore[no-untyped-def]
    assert "true" in run("query", "-", typed="ASK { id:norm-us-hsr-01 a vin:Norm ; rdfs:label ?label }")
    own = "PREFIX vin: <urn:other:> ASK { ?norm a vin:Norm }"
    assert "false" in run("query", "-", typed=own)


def test_load_and_backup(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("backup", tmp_path / "copy")
    assert "exists already" in run("backup", tmp_path / "copy", status=1)
    file = tmp_path / "fact.ttl"
    file.write_text("<urn:a> <urn:p> 1 .")
    assert "loaded into" in run("load", file, "--store", tmp_path / "copy")
    assert "true" in run("query", "-", "--store", tmp_path / "copy", typed="ASK { <urn:a> <urn:p> 1 }")
    assert "false" in run("query", "-", typed="ASK { <urn:a> <urn:p> 1 }")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["obligations", "--as-of", "soon"], "YYYY-MM-DD"),
        (["obligations", "--bearer", "no-such-thing"], "no-such-thing"),
        (["explain", "no-such-thing"], "no-such-thing"),
        (["query", "no-such-file.rq"], "no-such-file.rq"),
        (["load", "no-such-file.ttl"], "no-such-file.ttl"),
        (["export", "docx"], "graphml"),
        (["path", "microsoft", "no-such-thing"], "no-such-thing"),
        (["check", "--store", "http://127.0.0.1:1/sparql"], "does not answer"),
    ],
)
def test_errors_are_one_message(run, arguments: list[str], said: str) -> None:  # type: ignore[no-untyped-def]
    assert said in run(*arguments, status=1)


def test_an_invalid_query_is_refused(run) -> None:  # type: ignore[no-untyped-def]
    assert "parse" in run("query", "-", typed="SELECT ?x WHERE {", status=1)
    assert "network" in run("query", "-", typed="LOAD <http://127.0.0.1/>", status=1)
