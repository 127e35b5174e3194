"""SPARQL 1.1 Protocol: queries for everyone, updates with the key."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api.description import service_description
from api.negotiation import choose
from api.state import Server, authorise_write, body_of, server_of
from graph.change import update
from graph.errors import BadRequest, UnsupportedMedia, VinculumError
from graph.sparql.service import ALIASES, SHORT, offers
from graph.sparql.text import inspect
from graph.store import Dataset
from graph.terms import check_iri

router = APIRouter(tags=["sparql"])
log = structlog.get_logger()

_QUERY, _UPDATE = "application/sparql-query", "application/sparql-update"
_FORM = "application/x-www-form-urlencoded"


@router.get("/sparql", summary="SPARQL query")
async def get_sparql(request: Request) -> Response:
    """Answer the `query`; without one, describe the service."""
    fields = request.query_params.multi_items()
    if any(name == "update" for name, _ in fields):
        raise BadRequest("An update cannot be sent with GET. POST it.")
    if not any(name == "query" for name, _ in fields):
        return service_description(request)
    return await _query(request, fields)


@router.post("/sparql", summary="SPARQL query or update")
async def post_sparql(request: Request) -> Response:
    """Answer a query or run an update, sent as a form or directly as the body (SPARQL 1.1 Protocol, section 2)."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (_QUERY, _UPDATE, _FORM):
        raise UnsupportedMedia(f"Content-Type {media!r}: send {_QUERY}, {_UPDATE} or {_FORM}.")
    try:
        body = (await body_of(request)).decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.") from None
    fields = request.query_params.multi_items()
    if media == _QUERY:
        return await _query(request, [*fields, ("query", body)])
    if media == _UPDATE:
        return await _update(request, [*fields, ("update", body)])
    try:
        fields = [*fields, *parse_qsl(body, keep_blank_values=True, errors="strict")]
    except UnicodeDecodeError:
        raise BadRequest("The form is not UTF-8.") from None
    if any(name == "update" for name, _ in fields):
        return await _update(request, fields)
    return await _query(request, fields)


async def _query(request: Request, fields: list[tuple[str, str]]) -> Response:
    server, query = server_of(request), _single(fields, "query")
    wanted = next((value for name, value in fields if name == "format"), None)
    offered = offers(inspect(query).form)
    media = SHORT.get(wanted, wanted) if wanted else choose(request.headers.get("accept"), (*offered, *ALIASES))
    if media in ALIASES:
        media = next(name for name in ALIASES[media] if name in offered)
    blocks = server.queries.stream(query, media, _dataset(server, fields))
    kind = f"{media}; charset=utf-8" if media.startswith("text/") else media
    first = await anext(blocks, b"")  # so that an early failure is still a status code
    second = await anext(blocks, None)
    if second is None:
        return Response(first, media_type=kind, headers={"Vary": "Accept"})
    return StreamingResponse(_rest(first, second, blocks), media_type=kind, headers={"Vary": "Accept"})


async def _rest(first: bytes, second: bytes, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """All blocks. A later failure breaks the connection, so that a cut answer is not taken for a whole one."""
    yield first
    yield second
    try:
        async for block in blocks:
            yield block
    except VinculumError as error:
        log.warning("answer cut", detail=error.detail)
        raise


async def _update(request: Request, fields: list[tuple[str, str]]) -> Response:
    authorise_write(request)
    if any(name in ("using-graph-uri", "using-named-graph-uri") for name, _ in fields):
        raise BadRequest("using-graph-uri is not supported. Name the graphs in the update, with USING or WITH.")
    text = _single(fields, "update")
    await run_in_threadpool(update, server_of(request).graph, text)
    log.info("update", characters=len(text), client=request.client and request.client.host)
    return Response(status_code=204)


def _single(fields: list[tuple[str, str]], name: str) -> str:
    values = [value for key, value in fields if key == name]
    if len(values) != 1 or any(key in ("query", "update") and key != name for key, _ in fields):
        raise BadRequest(f"Send exactly one `{name}`." if values else f"There is no `{name}`.")
    return values[0]


def _dataset(server: Server, fields: list[tuple[str, str]]) -> Dataset | None:
    """The dataset of the request (section 2.1.4); ``None`` leaves it to the query."""
    default = [value for name, value in fields if name == "default-graph-uri"]
    named = [value for name, value in fields if name == "named-graph-uri"]
    if not default and not named:
        return None
    for iri in default:
        check_iri(iri, "default-graph-uri")
    for iri in named:
        check_iri(iri, "named-graph-uri")
    return Dataset(tuple(default), tuple(named))
