"""No request body is read further than it can be of use."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from autosync.web.errors import NotAllowedError

LARGEST_BODY = 64 * 1024
"""Bytes; the largest that makes sense has a few thousand."""


class LimitedRoute(APIRoute):
    """A route that refuses larger bodies with 413, whatever length they announce."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a request whose body is read and small."""
        handler = super().get_route_handler()

        async def handle_small(request: Request) -> Response:
            body = await read_small(request)

            async def replay() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            return await handler(Request(request.scope, replay))

        return handle_small


async def read_small(request: Request) -> bytes:
    """The whole body. Raises NotAllowedError where it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise NotAllowedError(413, f"The request is larger than {LARGEST_BODY} bytes.")
    return bytes(body)
