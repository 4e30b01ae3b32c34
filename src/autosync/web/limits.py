"""No request body is read further than it can be of use, nor waited for longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from autosync.web.errors import NotAllowedError

LARGEST_BODY = 64 * 1024
"""Bytes; the largest that makes sense has a few thousand."""

LONGEST_WAIT = 20.0
"""Seconds for a whole body: who sends a byte at a time holds nothing up for longer."""


class LimitedRoute(APIRoute):
    """A route that refuses larger bodies with 413, whatever length they announce, before anything is made of them."""

    largest_body: ClassVar[int] = LARGEST_BODY
    longest_wait: ClassVar[float] = LONGEST_WAIT
    too_large: ClassVar[str | None] = None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a request whose body is read and small."""
        handler = super().get_route_handler()

        async def handle_small(request: Request) -> Response:
            body = await read_small(
                request, at_most=self.largest_body, within=self.longest_wait, too_large=self.too_large
            )

            async def replay() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            return await handler(Request(request.scope, replay))

        return handle_small


async def read_small(
    request: Request, *, at_most: int = LARGEST_BODY, within: float = LONGEST_WAIT, too_large: str | None = None
) -> bytes:
    """The whole body. Raises NotAllowedError: 413 for more than `at_most` bytes, 408 after `within` seconds.

    `too_large`: the sentence of the 413, where there is a better one than that.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for part in request.stream():
                body += part
                if len(body) > at_most:
                    raise NotAllowedError(413, too_large or f"The request is larger than {at_most} bytes.")
    except TimeoutError:
        raise NotAllowedError(408, f"The request did not arrive within {within:g} seconds; send it again.") from None
    return bytes(body)
