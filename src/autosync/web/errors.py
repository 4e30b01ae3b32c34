"""What is answered when a request is refused, or the database is away: a status and one sentence."""

from __future__ import annotations

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse

from autosync.database.pool import is_away

log = structlog.get_logger(__name__)


class NotAllowedError(Exception):
    """The caller may not do this: an HTTP status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


async def refuse(_: Request, error: Exception) -> JSONResponse:
    """The answer to a NotAllowedError."""
    status = error.status if isinstance(error, NotAllowedError) else 500
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"error": str(error)}, status_code=status, headers=headers)


async def report_database_error(request: Request, error: Exception) -> JSONResponse:
    """The answer to an error of the database: 503 where it is away, 500 where it refused something."""
    if is_away(error):
        log.warning("database_away", path=request.url.path)
        return JSONResponse({"error": "The database is away; try again later."}, status_code=503)
    log.error("request_failed", path=request.url.path, exc_info=error)
    return JSONResponse({"error": "Something went wrong here; the log says what."}, status_code=500)
