"""Which fixture to take: `graph` for reading the shipped knowledge, `fresh` to change it, `served` for a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from graph import KnowledgeGraph, open_graph

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
    from graph.store import EmbeddedStore

    original = EmbeddedStore(filled)
    original.snapshot(tmp_path / "store")
    original.close()
    with open_graph(tmp_path / "store") as opened:
        yield opened


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
    store: Path
    url: str
    process: "subprocess.Popen[str]"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the shipped knowledge, started as a user starts it, shared by the session."""
    yield from serve(tmp_path_factory.mktemp("served") / "store")


def serve(store: Path, **settings: str) -> Iterator[Served]:
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
