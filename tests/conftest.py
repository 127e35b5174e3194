"""Which fixture to take: `graph` for reading the shipped knowledge, `fresh` to change it, `served` for a real server,
`oxigraph`, `filled_oxigraph` and `virtuoso` for SPARQL servers of other makers."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from graph import KnowledgeGraph, open_graph
from graph.store import EmbeddedStore

KEY = "a-write-key-for-tests"
VINCULUM = str(Path(sys.executable).with_name("vinculum"))


@pytest.fixture(scope="session")
def graph() -> Iterator[KnowledgeGraph]:
    """The shipped knowledge in memory. Do not change it."""
    with open_graph("memory") as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path: Path, filled: Path) -> Iterator[KnowledgeGraph]:
    """The shipped knowledge in a folder of its own, to be changed at will."""
    with copied(filled, tmp_path / "store") as opened:
        yield opened


def copied(filled: Path, folder: Path) -> KnowledgeGraph:
    """The filled store, in a folder of its own."""
    original = EmbeddedStore(filled)
    original.snapshot(folder)
    original.close()
    return open_graph(folder)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store folder filled by a first start; open it only to copy it."""
    folder = tmp_path_factory.mktemp("filled") / "store"
    open_graph(folder).close()
    return folder


@dataclass(frozen=True)
class Served:
    """A running server: a client for reading, one with the write key, and its store."""

    http: httpx.Client
    writer: httpx.Client
    store: Path | str
    url: str
    process: "subprocess.Popen[str]"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the shipped knowledge, started as a user starts it, shared by the session."""
    yield from serve(tmp_path_factory.mktemp("served") / "store")


def serve(store: Path | str, **settings: str) -> Iterator[Served]:
    """Start `vinculum serve` on a free port of the loopback and stop it afterwards."""
    environment = {**os.environ, "VINCULUM_WRITE_KEY": KEY, "COLUMNS": "200", **settings}
    command = [VINCULUM, "serve", "--store", str(store), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr
    url = next(found[0] for line in process.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+(?=/docs)", line)))
    with (
        httpx.Client(base_url=url, timeout=60) as http,
        httpx.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {KEY}"}) as writer,
    ):
        yield Served(http, writer, store, url, process)
    process.terminate()
    process.wait(20)
    process.stderr.close()


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The query URL of an Oxigraph server, a SPARQL 1.1 endpoint whose content each test clears before it begins."""
    yield from _oxigraph(tmp_path_factory.mktemp("oxigraph"))


@pytest.fixture(scope="session")
def filled_oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The query URL of an Oxigraph server for the shipped knowledge: one that was cleared before would be slow."""
    yield from _oxigraph(tmp_path_factory.mktemp("filled-oxigraph"))


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The SPARQL URL of a Virtuoso server that takes updates from the loopback."""
    folder, port, sql_port = tmp_path_factory.mktemp("virtuoso"), free_port(), free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(VIRTUOSO.format(folder=folder, port=port, sql_port=sql_port), encoding="utf-8")
    grants = folder / "grants.sql"
    grants.write_text('GRANT SPARQL_UPDATE TO "SPARQL";\n', encoding="utf-8")
    for url in _endpoint(["virtuoso-t", "-f", "-c", str(settings)], port, "/sparql"):
        isql = ["isql-vt", f"127.0.0.1:{sql_port}", "dba", "dba", str(grants)]
        subprocess.run(isql, check=True, stdout=subprocess.DEVNULL)
        yield url


VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
[SPARQL]
ResultSetMaxRows = 10000000
"""


def _oxigraph(folder: Path) -> Iterator[str]:
    port = free_port()
    place = ["--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    yield from _endpoint([str(Path(sys.executable).with_name("oxigraph")), "serve", *place], port, "/query")


def _endpoint(command: list[str], port: int, path: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}{path}"
    for _ in range(600):
        try:
            httpx.get(url, params={"query": "ASK {}"})
            break
        except httpx.HTTPError:
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(30)


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
