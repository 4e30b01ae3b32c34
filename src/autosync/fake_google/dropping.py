"""Not answering: a response that never comes, and one instead of which the connection is cut."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_DROP = "fake_google.drop"


async def until_gone(request: Request) -> None:
    """Says nothing until the client hangs up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class Drop(Response):
    """Instead of an answer, the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Closes it."""
        scope[_DROP]()
        while (await receive())["type"] != "http.disconnect":
            pass


class Droppable:
    """Lets an endpoint drop its connection, for which ASGI has no word: uvicorn's `send` knows the transport."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on, with the way to drop the connection."""
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope[_DROP] = transport.abort
        await self._app(scope, receive, send)
