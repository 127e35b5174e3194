"""Paths, neighbourhoods and exports."""

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from api.answers import Page, answer, page
from api.routes.graph import AsOf
from api.routing import StrictRoute
from api.state import Graph
from graph.neighbourhood import Neighbourhood, around
from graph.output import FORMATS, write
from graph.paths import Path, paths

router = APIRouter(route_class=StrictRoute, tags=["network"])

Names = Annotated[list[str], Query(description="Ids of things or kinds of edge; repeat it or separate them by commas.")]
Radius = Annotated[int, Query(ge=0, le=10, description="How many steps around the focus.")]


@router.get("/paths", response_model=Page[Path])
def list_paths(
    request: Request,
    graph: Graph,
    start: Annotated[str, Query(alias="from", description="The id of the first thing.")],
    end: Annotated[str, Query(alias="to", description="The id of the last thing.")],
    k: Annotated[int, Query(description="How many paths, the shortest first (1 to 100).")] = 1,
    max_length: Annotated[int | None, Query(description="The most steps of a path (1 to 12).")] = None,
    via: Names = [],  # noqa: B006 (FastAPI copies it)
    avoid: Names = [],  # noqa: B006
    include: Names = [],  # noqa: B006
    directed: Annotated[bool, Query(description="Follow relations only in their own direction.")] = False,
    as_of: Annotated[date | None, Query(description="Only what can be seen on this day.")] = None,
) -> Response:
    """The k shortest paths between two things, each step with its relations, their direction, dates and sources."""
    found = paths(
        graph, start, end, k=k, max_length=max_length, via=_split(via), avoid=_split(avoid), include=_split(include),
        directed=directed, as_of=as_of,
    )  # fmt: skip
    return answer(request, page(request, found, max(len(found), 1), 0))


@router.get("/neighbourhood/{slug}", response_model=Neighbourhood)
def get_neighbourhood(
    request: Request,
    graph: Graph,
    slug: str,
    radius: Radius = 1,
    include: Names = [],  # noqa: B006
    as_of: AsOf = None,
) -> Response:
    """The things within some steps of one, and the relations among them."""
    return answer(request, around(graph, slug, radius, as_of, _split(include)))


@router.get("/export", response_class=Response)
def get_export(
    graph: Graph,
    format: Annotated[str, Query(description=f"One of {', '.join(FORMATS)}.")],
    focus: Annotated[str | None, Query(description="The id of a thing; the whole graph without one.")] = None,
    radius: Radius = 1,
    include: Names = [],  # noqa: B006
    as_of: AsOf = None,
) -> Response:
    """The whole graph or a neighbourhood as a file."""
    content, kind = write(graph, format, focus=focus, radius=radius, as_of=as_of, include=_split(include))
    name = quote(f"{focus or 'vinculum'}{kind.suffix}")
    shown = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}  # RFC 6266
    return Response(content, media_type=kind.media_type, headers=shown)


def _split(names: list[str]) -> list[str]:
    return [part.strip() for name in names for part in name.split(",") if part.strip()]
