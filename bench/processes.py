"""Processes: the servers under measurement, clean children for single measurements, and memory read from /proc."""

import http.client
import multiprocessing
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Server:
    """A server that answers SPARQL on loopback."""

    name: str
    port: int
    path: str
    pid: int


@contextmanager
def vinculum(store: Path, name: str = "Vinculum") -> Iterator[Server]:
    """`vinculum serve` over a filled store, as a user starts it."""
    port = _free_port()
    command = [str(Path(sys.executable).parent / "vinculum"), "serve", "--store", str(store), "--port", str(port)]
    with _running(command, port, "/health") as pid:
        yield Server(name, port, "/sparql", pid)


@contextmanager
def rdflib_endpoint(file: Path, kind: str) -> Iterator[Server]:
    """The reference: rdflib-endpoint over the triples of a file, `kind` being ``memory`` or ``oxrdflib``."""
    port = _free_port()
    with _running([sys.executable, str(_HERE / "reference.py"), str(file), kind, str(port)], port, "/") as pid:
        yield Server(f"rdflib-endpoint, {kind}", port, "/", pid)


def fresh(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a new process of its own, so that nothing measured before weighs on it."""
    with client() as process:
        return process.submit(function, *args, **kwargs).result()


@contextmanager
def client() -> Iterator[ProcessPoolExecutor]:
    """One process beside this one that calls can be sent to."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        yield process


def children(pid: int) -> list[int]:
    """The child processes of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # a thread that has just ended
            found += map(int, (task / "children").read_text().split())
    return found


class MemoryWatch:
    """Samples the resident memory of a process and of its children while it is open; peaks in MiB."""

    def __init__(self, pid: int, every: float = 0.02) -> None:
        self._pid, self._every = pid, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.before = self._now()
        self.peak = self.before

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def growth(self) -> tuple[float, float]:
        """By how much the process, and its children together, grew at the most."""
        return self.peak[0] - self.before[0], self.peak[1] - self.before[1]

    def _sample(self) -> None:
        while not self._over.wait(self._every):
            now = self._now()
            self.peak = (max(self.peak[0], now[0]), max(self.peak[1], now[1]))

    def _now(self) -> tuple[float, float]:
        return _resident(self._pid), sum(map(_resident, children(self._pid)))


def _resident(pid: int) -> float:
    """Private resident memory in MiB: without the pages of files, which the kernel can drop."""
    with suppress(OSError):  # a process that has just ended
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def _running(command: list[str], port: int, path: str) -> Iterator[int]:
    """A server that answers at `path`; an error while it runs tells how it ended, if it did."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        try:
            _await(process, port, path)
            yield process.pid
        except BaseException as error:
            if process.poll() is not None:
                said.seek(0)
                error.add_note(f"{' '.join(command)} ended with {process.returncode}: {said.read()[-2000:]}")
            raise
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server does not answer.")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
