"""The load generator: keep-alive connections that ask one query after the other, and what they saw."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

JSON_RESULTS = "application/sparql-results+json"
_PLAIN = "http://www.w3.org/2001/XMLSchema#string"

#: A solution as a comparable value: variable, kind, text, datatype, language.
Solution = frozenset[tuple[str, str, str, str, str]]


@dataclass(frozen=True)
class Load:
    """Requests per second, and the seconds within which half and 99 % of them were answered."""

    rate: float
    p50: float
    p99: float


def drive(port: int, path: str, queries: Sequence[str], connections: int, seconds: float) -> Load:
    """Ask for so many seconds over so many connections, each beginning elsewhere in the list; all answers are read."""
    waited: list[list[float]] = [[] for _ in range(connections)]
    failed: list[Exception] = []
    gate = threading.Barrier(connections + 1)

    def ask(number: int) -> None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            urls = [_url(path, query) for query in queries]
            position = number * len(urls) // connections
            connection.connect()
            gate.wait()
            until = time.perf_counter() + seconds
            while (began := time.perf_counter()) < until or not waited[number]:
                _get(connection, urls[position % len(urls)])
                waited[number].append(time.perf_counter() - began)
                position += 1
            connection.close()
        except Exception as error:
            failed.append(error)
            gate.abort()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):
        gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    if failed:
        raise failed[0]
    times = sorted(time for part in waited for time in part)
    return Load(len(times) / elapsed, statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))])


def solutions(port: int, path: str, query: str) -> list[Solution]:
    """The solutions of a query, sorted; a string's datatype, which need not be written, left out."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    found = json.loads(_get(connection, _url(path, query)))
    rows = [
        frozenset(
            (name, term["type"], term["value"], term.get("datatype", "").replace(_PLAIN, ""), term.get("xml:lang", ""))
            for name, term in row.items()
        )
        for row in found["results"]["bindings"]
    ]
    return sorted(rows, key=sorted)


def stream(port: int, path: str, query: str, stall: float = 0) -> tuple[int, float]:
    """Read an answer and throw it away: its bytes and seconds. With `stall`, rest that long after the first MiB."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    began = time.perf_counter()
    connection.request("GET", _url(path, query), headers={"Accept": "text/tab-separated-values"})
    response = connection.getresponse()
    read = len(response.read(2**20))
    time.sleep(stall)
    while block := response.read(2**16):
        read += len(block)
    return read, time.perf_counter() - began


def _url(path: str, query: str) -> str:
    return f"{path}?{urlencode({'query': query})}"


def _get(connection: http.client.HTTPConnection, url: str) -> bytes:
    connection.request("GET", url, headers={"Accept": JSON_RESULTS})
    response = connection.getresponse()
    body = response.read()
    if response.status != http.client.OK:
        raise RuntimeError(f"{response.status}: {body[:300]!r}")
    return body
