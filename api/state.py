"""What a running server holds, and who may write to it."""

import secrets
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.settings import Settings
from graph import KnowledgeGraph
from graph.errors import Forbidden, TooLarge, Unauthorized
from graph.sparql.service import QueryService


@dataclass(frozen=True)
class Server:
    """The open graph, the service that runs users' queries, the threads that assess deals, and the settings."""

    graph: KnowledgeGraph
    queries: QueryService
    deals: Executor
    settings: Settings


def server_of(request: Request) -> Server:
    """The server behind a request."""
    server: Server = request.app.state.server
    return server


def graph_of(request: Request) -> KnowledgeGraph:
    """The graph behind a request."""
    return server_of(request).graph


def authorise_write(request: Request) -> None:
    """Let a write pass only with the key; `Forbidden` or `Unauthorized` otherwise."""
    settings = server_of(request).settings
    if settings.read_only:
        raise Forbidden("This server is read-only.")
    if settings.write_key is None:
        raise Forbidden("Writes are off. Start the server with VINCULUM_WRITE_KEY set to a secret to allow them.")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    key = settings.write_key.get_secret_value()
    if scheme.lower() != "bearer" or not secrets.compare_digest(given.encode(), key.encode()):
        raise Unauthorized("Writes need the header `Authorization: Bearer KEY` with the server's write key.")


async def body_of(request: Request) -> bytes:
    """The request's body; `TooLarge` where it is larger than the setting allows."""
    most, body = server_of(request).settings.max_body, bytearray()
    async for block in request.stream():
        body += block
        if len(body) > most:
            raise TooLarge(f"The body is larger than {most} bytes (the setting VINCULUM_MAX_BODY).")
    return bytes(body)


Graph = Annotated[KnowledgeGraph, Depends(graph_of)]
