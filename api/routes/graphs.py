"""SPARQL 1.1 Graph Store HTTP Protocol: whole graphs, read by everyone, written with the key."""

from io import BytesIO
from typing import Annotated
from uuid import uuid4

import pyoxigraph as ox
import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

import ontology
from api.negotiation import choose
from api.state import Graph, authorise_write, body_of
from graph.change import delete_graph, put_graph
from graph.errors import BadRequest, NotFound, UnsupportedMedia
from graph.sparql.service import GRAPHS
from graph.terms import check_iri

router = APIRouter(prefix="/graphs", tags=["graphs"])
log = structlog.get_logger()


def named(
    graph: Annotated[str | None, Query(description="The IRI of a graph.")] = None,
    default: Annotated[str | None, Query(description="The default graph (the catalogue), without a value.")] = None,
) -> str | None:
    """The graph a request means; ``None`` is the default graph."""
    if (graph is None) == (default is None):
        raise BadRequest("Say which graph: either ?graph=IRI or ?default.")
    return None if graph is None else check_iri(graph, "graph")


Name = Annotated[str | None, Depends(named)]
Write = Depends(authorise_write)


@router.get("")
@router.head("", include_in_schema=False)
def get_graph(request: Request, graph: Graph, name: Name) -> Response:
    """The triples of a graph in the RDF format the client prefers."""
    if name is not None and name not in graph.store.graphs():
        raise NotFound(f"There is no graph <{name}>.")
    media = choose(request.headers.get("accept"), GRAPHS)
    output, format = BytesIO(), ox.RdfFormat.from_media_type(media)
    assert format is not None
    graph.store.dump(output, format, name)
    return Response(output.getvalue(), media_type=media, headers={"Vary": "Accept"})


@router.put("", dependencies=[Write])
async def put(request: Request, graph: Graph, name: Name) -> Response:
    """Put a document in the place of a graph."""
    return await _write(request, graph, name, replace=True)


@router.post("", dependencies=[Write])
async def post(
    request: Request,
    graph: Graph,
    name: Annotated[str | None, Query(alias="graph")] = None,
    default: Annotated[str | None, Query()] = None,
) -> Response:
    """Add a document to a graph; without a name, make a new graph and answer its `Location`."""
    if name is None and default is None:
        made = f"{ontology.BASE}graph/{uuid4()}"
        response = await _write(request, graph, made, replace=True)
        response.headers["Location"] = f"{request.url.replace(query=None)}?graph={made}"
        return response
    return await _write(request, graph, named(name, default), replace=False)


@router.delete("", dependencies=[Write])
async def delete(graph: Graph, name: Name) -> Response:
    """Remove a graph."""
    await run_in_threadpool(delete_graph, graph, name)
    log.info("graph deleted", graph=name)
    return Response(status_code=204)


async def _write(request: Request, graph: Graph, name: str | None, *, replace: bool) -> Response:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    format = ox.RdfFormat.from_media_type(media)
    if format is None:
        raise UnsupportedMedia(f"Content-Type {media!r} is no RDF format that is read here: {', '.join(GRAPHS)}.")
    body = BytesIO(await body_of(request))
    new = await run_in_threadpool(put_graph, graph, name, body, format, replace=replace)
    log.info("graph written", graph=name, bytes=len(body.getvalue()), replaced=replace)
    return Response(status_code=201 if new else 204)
