"""Routes that refuse parameters they do not know, so that a misspelt filter is an error and not a wrong answer."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from graph.errors import BadRequest


class StrictRoute(APIRoute):
    """A route whose unknown query parameters are a `BadRequest` that names the known ones."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the check."""
        handle = super().get_route_handler()
        known = {field.alias for field in self.dependant.query_params}

        async def checked(request: Request) -> Response:
            if unknown := sorted(set(request.query_params) - known):
                offered = ", ".join(sorted(known)) or "none"
                raise BadRequest(f"Unknown parameter {', '.join(unknown)}. The parameters here are: {offered}.")
            return await handle(request)

        return checked
