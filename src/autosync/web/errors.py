"""What is answered when a request is refused, or the database is away: a status and one sentence.

Every such answer is a problem document (RFC 9457), also where the framework itself refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from autosync.database.as_person import CannotActAsPersonError
from autosync.database.pool import is_away
from autosync.model import Refused, Unusable
from autosync.phone_numbers import UntextableNumber

log = structlog.get_logger(__name__)

MOST_PROBLEMS = 5
"""How many unusable fields one sentence names."""


class NotAllowedError(Exception):
    """The caller may not do this: an HTTP status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Problem(BaseModel):
    """Why the request was refused (RFC 9457)."""

    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="One sentence: what is wrong, and what to do.")
    error: str = Field(description="The same sentence, for programs that were written for release 0.1.0.")


PROBLEM = "application/problem+json"


_MEANINGS = {
    400: "The request is malformed.",
    401: "Nobody is signed in: no key or token, or none that is valid.",
    403: "The caller may not do this.",
    404: "There is no such thing, or it is not the caller's.",
    409: "It cannot be done as things stand; nothing was changed.",
    413: "The request is too large.",
    422: "The request cannot be used; the sentence names the fields.",
    503: "The database, or the keys that tokens are verified with, are away.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How OpenAPI describes refusals with these statuses."""
    return {status: {"model": Problem, "description": _MEANINGS[status]} for status in statuses}


def add_handlers(app: FastAPI) -> None:
    """Lets the app answer every error that is foreseen with its status and one sentence, and describe it so."""
    describe = app.openapi

    def with_media_type() -> dict[str, Any]:
        """FastAPI describes every answer that has a model as plain JSON."""
        schema = describe()
        operations = (operation for path in schema["paths"].values() for operation in path.values())
        for status, answer in (pair for operation in operations for pair in operation["responses"].items()):
            content = answer.get("content", {})
            if status >= "400" and "application/json" in content:
                content[PROBLEM] = content.pop("application/json")
        return schema

    app.openapi = with_media_type  # type: ignore[method-assign]
    app.add_exception_handler(psycopg.Error, report_database_error)
    app.add_exception_handler(CannotActAsPersonError, _report_missing_grant)
    app.add_exception_handler(NotAllowedError, refuse)
    app.add_exception_handler(Refused, _refuse_verb)
    app.add_exception_handler(UntextableNumber, _refuse_verb)
    app.add_exception_handler(RequestValidationError, _refuse_fields)
    app.add_exception_handler(HTTPException, _refuse_address)
    app.add_exception_handler(Exception, _report_fault)


def _answer(status: int, sentence: str, headers: dict[str, str] | None = None) -> JSONResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=sentence, error=sentence)
    return JSONResponse(problem.model_dump(), status_code=status, headers=headers, media_type=PROBLEM)


async def refuse(_: Request, error: Exception) -> JSONResponse:
    """The answer to a NotAllowedError."""
    status = error.status if isinstance(error, NotAllowedError) else 500
    return _answer(status, str(error), {"WWW-Authenticate": "Bearer"} if status == 401 else None)


async def report_database_error(request: Request, error: Exception) -> JSONResponse:
    """The answer to an error of the database: 503 where it is away, else 409, 403 or 500."""
    if is_away(error):
        log.warning("database_away", path=request.url.path)
        return _answer(503, "The database is away; try again later.")
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return _answer(409, "Something that the request names was deleted meanwhile; nothing was changed.")
    log.error("request_failed", path=request.url.path, exc_info=error)
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return _answer(403, "The database does not let this account do that.")
    return _answer(500, "Something went wrong here; the log says what.")


async def _report_fault(_: Request, __: Exception) -> JSONResponse:
    """The answer to what nobody foresaw; the server logs the error itself."""
    return _answer(500, "Something went wrong here; the log says what.")


async def _report_missing_grant(request: Request, error: Exception) -> JSONResponse:
    log.error("cannot_act_as_person", path=request.url.path, exc_info=error)
    return _answer(503, "The service may not act for people in this database; its log says what to do.")


async def _refuse_verb(_: Request, error: Exception) -> JSONResponse:
    return _answer(422 if isinstance(error, Unusable | UntextableNumber) else 409, str(error))


async def _refuse_fields(_: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    named = [_field_problem(details) for details in found[:MOST_PROBLEMS]]
    more = f"; and {len(found) - MOST_PROBLEMS} more" if len(found) > MOST_PROBLEMS else ""
    return _answer(422, f"The request cannot be used: {'; '.join(named)}{more}.")


def _field_problem(details: dict[str, Any]) -> str:
    message = details["msg"].removeprefix("Value error, ")
    for said, rather in (
        ("Input should", "should"),
        ("Field required", "is missing"),
        ("Extra inputs are not permitted", "is not known here"),
        ("JSON decode error", "is not JSON"),
        ("String should", "should"),
        ("List should", "should"),
    ):
        message = message.replace(said, rather)
    return f"{_field_name(details['loc'])} {message}".replace("\n", " ")


def _field_name(place: Sequence[str | int]) -> str:
    """`options.0.start_time` for a field of the body, `limit` for a parameter, `the body` for all of it."""
    names = [str(part)[:50] for part in place[1:]]
    return ".".join(names) if names and not names[0].isdecimal() else "the body"


async def _refuse_address(request: Request, error: Exception) -> JSONResponse:
    """The answer where the framework refuses: there is no such address, it takes other verbs, the body is garbled."""
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    sentence = {
        400: "The body cannot be read.",
        404: "There is nothing at this address.",
        405: f"This address does not take {request.method}.",
    }.get(error.status_code, str(error.detail))
    return _answer(error.status_code, sentence, headers)
