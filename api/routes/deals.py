"""Deals that may not exist yet: a description in, its assessment out. Nothing is written."""

import asyncio
import json
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from api.answers import answer
from api.negotiation import choose
from api.routing import StrictRoute
from api.state import body_of, server_of
from graph.deals.assess import Assessment, assessed
from graph.deals.description import Deal
from graph.deals.documents import ACCEPTED, described
from graph.deals.output import MEDIA, write
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
    given = request.headers.get("content-type", ACCEPTED[0]).partition(";")[0].strip().lower()
    server, body = server_of(request), await body_of(request)

    def assess() -> Response:
        found = assessed(server.graph, described(body, given))
        if media == MEDIA[0]:
            return answer(request, found.assessment)
        return Response(write(found, media), media_type=media, headers={"Vary": "Accept"})

    seconds = server.settings.query_timeout
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(server.deals, assess), seconds)
    except TimeoutError:
        raise QueryTimeout(f"The deal was not assessed within {seconds:g} seconds. Describe a smaller one.") from None
