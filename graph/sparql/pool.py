"""Users' queries run in a pool of worker processes on a checkpoint of the store.

The engine has no timeout of its own, so a query that takes too long is stopped by killing its worker, which holds
nothing but a read-only view. Only the time spent waiting for the engine counts, not that of a slow reader.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.errors import BadQuery, Busy, QueryTimeout
from graph.sparql.worker import END, ERROR, HEADER
from graph.store import Dataset, Store


@dataclass(frozen=True)
class Limits:
    """How long a query may keep the engine busy, in how much memory, and how many run at once."""

    seconds: float = 30
    mebibytes: int = 4096
    workers: int = 2
    #: How long a client may leave an answer unread.
    stall_seconds: float = 60


class WorkerPool:
    """Answers queries over `store` from worker processes; use `answer`, and `close` it at the end."""

    def __init__(self, store: Store, limits: Limits | None = None) -> None:
        self._store = store
        self._limits = limits or Limits()
        self._free: asyncio.Queue[_Worker | None] = asyncio.Queue()
        for _ in range(self._limits.workers):
            self._free.put_nowait(None)
        self._folder = Path(tempfile.mkdtemp(prefix="vinculum-", dir=getattr(store, "scratch", None)))
        self._killed: list[_Worker] = []
        self._checkpoint: tuple[int, Path] | None = None
        #: How many queries read each version now: its checkpoint stays for them.
        self._readers: Counter[int] = Counter()
        self._refreshing = asyncio.Lock()

    async def answer(
        self, query: str, media: str, dataset: Dataset | None = None, seconds: float | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes of the answer, as the engine serialises them.

        Errors before the first byte are raised from the first step; later ones end the iteration with an exception, so
        that a cut answer is never mistaken for a whole one.
        """
        limit = min(seconds or self._limits.seconds, self._limits.seconds)
        worker = await self._turn()
        held, finished, version = True, False, -1

        def give_up() -> None:
            """Take the worker from a reader who leaves the answer unread, so that others get their turn."""
            nonlocal held
            if worker is not None and held:
                self._retire(worker)
                held = False
                self._free.put_nowait(None)

        try:
            version, folder = await self._current()
            self._readers[version] += 1
            if worker is None:
                worker = await _Worker.start(self._limits.mebibytes)
            if worker.version != version:
                await worker.open(folder, version)
            async for block in worker.answer(query, media, dataset, limit):
                stalled = asyncio.get_running_loop().call_later(self._limits.stall_seconds, give_up)
                try:
                    yield block
                finally:
                    stalled.cancel()
            finished = True
        except BadQuery:
            finished = True
            raise
        finally:
            self._readers[version] -= 1
            if held:
                if worker is not None and not finished:
                    self._retire(worker)
                    worker = None
                self._free.put_nowait(worker)

    async def _turn(self) -> "_Worker | None":
        """A free place for a worker; `Busy` where none comes free in time."""
        try:
            return await asyncio.wait_for(self._free.get(), self._limits.seconds)
        except TimeoutError:
            raise Busy("All query workers are busy. Try again in some seconds.") from None

    def _retire(self, worker: "_Worker") -> None:
        """Kill a worker, and remember it until its end has been seen."""
        worker.kill()
        self._killed = [*(one for one in self._killed if one.runs), worker]

    async def close(self) -> None:
        """Stop the workers and remove the checkpoint."""
        while not self._free.empty():
            if worker := self._free.get_nowait():
                self._retire(worker)
        for worker in self._killed:
            await worker.ended()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _current(self) -> tuple[int, Path]:
        """The newest checkpoint, made anew after a change of the store."""
        async with self._refreshing:
            version = self._store.version
            if self._checkpoint is None or self._checkpoint[0] != version:
                unread = [old for old in self._folder.iterdir() if not self._readers[int(old.name)]]
                folder = self._folder / str(version)
                await asyncio.to_thread(self._store.snapshot, folder)
                self._checkpoint = (version, folder)
                for old in unread:
                    await asyncio.to_thread(shutil.rmtree, old, True)
            return self._checkpoint


class _Worker:
    """One worker process and the version of the store it has open."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.version: int | None = None
        self._process = process
        assert process.stdin
        assert process.stdout
        self._requests, self._frames = process.stdin, process.stdout

    @classmethod
    async def start(cls, mebibytes: int) -> "_Worker":
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "graph.sparql.worker", str(mebibytes)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=2**20,
            )
        )

    async def open(self, folder: Path, version: int) -> None:
        self._send({"open": str(folder)})
        await self._frame(60)
        self.version = version

    async def answer(self, query: str, media: str, dataset: Dataset | None, seconds: float) -> AsyncIterator[bytes]:
        self._send({"query": query, "media": media, "dataset": dataset and [dataset.default, dataset.named]})
        left, clock = seconds, asyncio.get_running_loop().time
        while True:
            began = clock()
            try:
                kind, data = await self._frame(left)
            except TimeoutError:
                raise QueryTimeout(
                    f"The query was stopped after {seconds:g} seconds. Bind an end of long paths, add a LIMIT, or "
                    "ask for less; the limit is the setting VINCULUM_QUERY_TIMEOUT.",
                    limit_seconds=seconds,
                ) from None
            left = max(left - (clock() - began), 0.001)
            if kind == END:
                return
            if kind == ERROR:
                _refuse(json.loads(data))
            yield data

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()

    @property
    def runs(self) -> bool:
        return self._process.returncode is None

    async def ended(self) -> None:
        await self._process.wait()

    def _send(self, request: Mapping[str, Any]) -> None:
        self._requests.write(json.dumps(request).encode() + b"\n")

    async def _frame(self, seconds: float) -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(seconds):
                kind, length = HEADER.unpack(await self._frames.readexactly(HEADER.size))
                return kind, await self._frames.readexactly(length)
        except asyncio.IncompleteReadError:
            raise _out_of_memory() from None


def _refuse(error: dict[str, str]) -> None:
    raise _out_of_memory() if error["kind"] == "memory" else BadQuery(error["detail"])


def _out_of_memory() -> QueryTimeout:
    return QueryTimeout(
        "The query was stopped: it needed more memory than one query may have. Ask for less, for example with a LIMIT; "
        "the limit is the setting VINCULUM_QUERY_MEMORY."
    )
