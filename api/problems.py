"""Every error as a problem document (RFC 9457): what is wrong, where, and what to do. No stack trace reaches a user."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from graph.errors import VinculumError

_TYPES = "https://w3id.org/vinculum/problem/"
log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Make the application answer every error with a problem document."""
    app.add_exception_handler(VinculumError, _vinculum)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    status: int, kind: str, title: str, detail: str, headers: Mapping[str, str] | None = None, **fields: Any
) -> JSONResponse:
    """A problem document."""
    body = {"type": f"{_TYPES}{kind}", "title": title, "status": status, "detail": detail, **fields}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _vinculum(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VinculumError)
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}.get(error.status)
    return problem(error.status, error.kind, error.title, error.detail, headers, **error.fields)


async def _parameters(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(fault) for fault in error.errors()]
    return problem(400, "bad-request", "Bad request", " ".join(fault["detail"] for fault in faults), errors=faults)


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    name = str(fault["loc"][-1])
    given = "" if fault["type"] == "missing" else f" not {str(fault['input'])[:80]!r}:"
    hint = " Write a day as YYYY-MM-DD, for example 2020-08-31." if fault["type"].startswith("date") else ""
    return {"parameter": name, "detail": f"{name}:{given} {fault['msg']}.{hint}".replace("..", ".")}


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404:
        detail = f"There is nothing at {request.url.path}. The paths are listed at /docs."
    return problem(error.status_code, f"http-{error.status_code}", "HTTP error", detail, error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error", path=request.url.path, exc_info=error)
    return problem(500, "internal-error", "Internal error", "Something unexpected went wrong here; it has been logged.")
