"""Deals that may not exist yet: a description in, its assessment out. Nothing is written."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.answers import answer
from api.negotiation import choose
from api.routing import StrictRoute
from api.state import body_of, server_of
from graph.deals.assess import Assessment, assessed
from graph.deals.description import Deal
from graph.deals.documents import ACCEPTED, MOST, described, several
from graph.deals.output import MEDIA, write
from graph.deals.rescue import Search, rescues
from graph.deals.variants import Comparison, compare
from graph.errors import QueryTimeout
from graph.load import DATA

router = APIRouter(route_class=StrictRoute, prefix="/deals", tags=["deals"])

#: Where the parts of the description's schema lie in the OpenAPI document.
_PARTS: Final = "#/paths/~1deals~1assess/post/requestBody/content/application~1json/schema/$defs/{model}"
_TOLD: Final = "A deal. Its parties, businesses and technologies may also be told by their id alone."


def _body() -> dict[str, Any]:
    """The description of a deal, for the OpenAPI document."""
    example = json.loads((DATA / "deals" / "s1-us-video-app-2020.json").read_text(encoding="utf-8"))
    plain = {"schema": Deal.model_json_schema(ref_template=_PARTS), "example": example}
    rdf = {"schema": {"type": "string", "description": "The same as RDF, with the terms of /context.jsonld."}}
    content = {media: plain if media == ACCEPTED[0] else rdf for media in ACCEPTED}
    return {"description": _TOLD, "required": True, "content": content}


def _several() -> dict[str, Any]:
    """Several descriptions, for the OpenAPI document."""
    one = _body()["content"][ACCEPTED[0]]
    deals = {"type": "array", "minItems": 2, "maxItems": MOST, "items": one["schema"]}
    schema = {"type": "object", "required": ["deals"], "properties": {"deals": deals}}
    example = {"deals": [one["example"], {**one["example"], "technologies": [], "assume": []}]}
    return {"required": True, "content": {ACCEPTED[0]: {"schema": schema, "example": example}}}


@router.post(
    "/assess",
    response_model=Assessment,
    responses={200: {"content": {media: {} for media in MEDIA[1:]}}, 422: {"description": "Every fault by its field"}},
    openapi_extra={"requestBody": _body()},
)
async def assess_deal(request: Request) -> Response:
    """What binds the parties of a deal, who can lift it, and whether it can close in time; `text/html` is a memorandum.

    Information about law with its sources, not legal advice.
    """
    media = choose(request.headers.get("accept"), MEDIA)
    graph, body, given = server_of(request).graph, await body_of(request), _given(request)

    def assess() -> Response:
        found = assessed(graph, described(body, given))
        if media == MEDIA[0]:
            return answer(request, found.assessment)
        return Response(write(found, media), media_type=media, headers={"Vary": "Accept"})

    return await _in_time(request, assess)


@router.post("/search", response_model=Search, openapi_extra={"requestBody": _body()})
async def search_changes(request: Request) -> Response:
    """The single changes with which a deal comes out better, each tried on its own: this takes some seconds."""
    graph, body, given = server_of(request).graph, await body_of(request), _given(request)
    return await _in_time(request, lambda: answer(request, rescues(graph, described(body, given))))


@router.post("/compare", response_model=Comparison, openapi_extra={"requestBody": _several()})
async def compare_deals(request: Request) -> Response:
    """Deals side by side with the first: what differs, and which change removes which conflict."""
    graph, body = server_of(request).graph, await body_of(request)
    return await _in_time(request, lambda: answer(request, compare(graph, several(body))))


def _given(request: Request) -> str:
    """The media type of the body."""
    return request.headers.get("content-type", ACCEPTED[0]).partition(";")[0].strip().lower()


async def _in_time(request: Request, work: Callable[[], Response]) -> Response:
    """Do the work in a thread; `QueryTimeout` where it takes longer than a query may."""
    server = server_of(request)
    seconds = server.settings.query_timeout
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(server.deals, work), seconds)
    except TimeoutError:
        raise QueryTimeout(f"The deal was not assessed within {seconds:g} seconds. Describe a smaller one.") from None
