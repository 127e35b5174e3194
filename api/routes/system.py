"""The server's own routes: liveness, metrics, the JSON-LD context, linked data."""

from importlib.metadata import version

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.answers import context
from api.negotiation import choose
from api.state import Graph, server_of
from graph.read.references import resolve

router = APIRouter(tags=["system"])


@router.get("/health")
def health(request: Request, graph: Graph) -> dict[str, str | int | bool]:
    """Whether the server lives, and how much it holds."""
    settings = server_of(request).settings
    return {
        "status": "ok",
        "version": version("vinculum"),
        "quads": graph.store.size(),
        "graphs": len(graph.store.graphs()),
        "read_only": settings.read_only or settings.write_key is None,
    }


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Prometheus metrics."""
    return Response(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE_LATEST)


@router.get("/context.jsonld", response_class=Response, name="context")
def get_context() -> Response:
    """The JSON-LD context of all answers."""
    return JSONResponse(context(), media_type="application/ld+json")


@router.get("/id/{slug}", response_class=RedirectResponse, status_code=303)
def dereference(request: Request, graph: Graph, slug: str) -> Response:
    """Linked data: a thing's IRI leads to what is known of it (303)."""
    ref = resolve(graph, slug)
    wants_rdf = choose(
        request.headers.get("accept"), ("application/json", "text/html", "text/turtle", "application/ld+json")
    )
    if wants_rdf == "text/turtle":
        return RedirectResponse(f"{request.url_for('get_export')}?format=ttl&focus={ref.id}&radius=0", 303)
    if wants_rdf == "application/ld+json":
        return RedirectResponse(f"{request.url_for('get_export')}?format=jsonld&focus={ref.id}&radius=0", 303)
    if wants_rdf == "text/html":
        return RedirectResponse(f"{request.url_for('get_export')}?format=html&focus={ref.id}", 303)
    return RedirectResponse(str(request.url_for("get_entity", slug=ref.id)), 303)
