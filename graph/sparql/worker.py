"""A worker process: answers users' queries from a read-only checkpoint, so that it can be killed without harm.

It reads one JSON request a line and answers in frames: a kind (one byte), a length (four bytes, big-endian), the
bytes. Kinds: ``D`` data, ``Z`` the end, ``E`` an error as JSON. Started as ``python -m graph.sparql.worker MIB``.
"""

import ctypes
import json
import platform
import resource
import struct
import sys
from typing import Any, BinaryIO

import pyoxigraph as ox

from graph.errors import BadQuery
from graph.store.base import Dataset
from graph.store.embedded import run

DATA, END, ERROR = b"D", b"Z", b"E"
HEADER = struct.Struct(">cI")
_FRAME = 64 * 1024


def main() -> None:
    """Serve requests from standard input until it ends."""
    output = sys.stdout.buffer
    _limit_memory(int(sys.argv[1]))
    forbid_sockets()
    engine: ox.Store | None = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "open" in request:
            engine = None
            engine = ox.Store.read_only(request["open"])
            _frame(output, END, b"")
        elif engine is not None:
            _answer(engine, request, output)


class _Frames:
    """A file that cuts what is written to it into data frames."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        if len(self._held) >= _FRAME:
            self.flush()
        return len(data)

    def end(self) -> None:
        """Send what is held and the end frame in one go."""
        _send(self._output, (DATA, bytes(self._held)), (END, b""))

    def flush(self) -> None:
        if self._held:
            _frame(self._output, DATA, bytes(self._held))
            self._held.clear()


def _answer(engine: ox.Store, request: dict[str, Any], output: BinaryIO) -> None:
    frames = _Frames(output)
    dataset = request["dataset"]
    try:
        found = run(
            engine, request["query"], Dataset(tuple(dataset[0]), dataset[1] and tuple(dataset[1])) if dataset else None
        )
        if isinstance(found, ox.QueryTriples):
            found.serialize(frames, ox.RdfFormat.from_media_type(request["media"]))  # type: ignore[arg-type]
        else:
            found.serialize(frames, ox.QueryResultsFormat.from_media_type(request["media"]))  # type: ignore[arg-type]
        frames.end()
    except BadQuery as error:
        _frame(output, ERROR, json.dumps({"kind": "query", "detail": error.detail}).encode())
    except MemoryError:
        _frame(output, ERROR, json.dumps({"kind": "memory", "detail": "out of memory"}).encode())
    except (RuntimeError, ValueError, OSError) as error:
        _frame(
            output, ERROR, json.dumps({"kind": "query", "detail": f"The query cannot be answered: {error}"}).encode()
        )


def _frame(output: BinaryIO, kind: bytes, data: bytes) -> None:
    _send(output, (kind, data))


def _send(output: BinaryIO, *frames: tuple[bytes, bytes]) -> None:
    output.write(b"".join(HEADER.pack(kind, len(data)) + data for kind, data in frames))
    output.flush()


def _limit_memory(mebibytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def forbid_sockets() -> None:
    """Make the kernel refuse the ``socket`` call (seccomp), so that no query can reach the network.

    Linux on x86-64 and ARM64; elsewhere only the refusal of SERVICE in the text stands. The filter checks the
    architecture word first and kills a call made through another one.
    """
    architectures = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
    if sys.platform != "linux" or platform.machine() not in architectures:
        return
    architecture, socket_call = architectures[platform.machine()]
    load, jump_equal, jump_set, give = 0x20, 0x15, 0x45, 0x06
    kill, refuse, allow = 0x80000000, 0x00050000 | 13, 0x7FFF0000  # EACCES is 13
    program = b"".join(
        struct.pack("HBBI", *step)
        for step in (
            (load, 0, 0, 4),
            (jump_equal, 1, 0, architecture),
            (give, 0, 0, kill),
            (load, 0, 0, 0),
            (jump_set, 0, 1, 0x40000000),  # the x32 numbering
            (give, 0, 0, refuse),
            (jump_equal, 0, 1, socket_call),
            (give, 0, 0, refuse),
            (give, 0, 0, allow),
        )
    )
    code = ctypes.create_string_buffer(program)
    filter_ = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(set_seccomp, filter_mode, filter_, 0, 0):
        raise OSError(ctypes.get_errno(), "the network cannot be closed to query workers")


if __name__ == "__main__":
    main()
