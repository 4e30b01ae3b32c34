"""Keeps a page up to date: server-sent events with those fragments of it that are not as the visitor has them.

A page is made of fragments, each an element with an id. `stream` renders all of them whenever something has changed,
and sends `fragments` (id to markup) of those whose markup is another one, or `reload` where there are others now than
before. A `:` line every few seconds tells both sides that the other is still there.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from uuid import UUID

import psycopg
from fastapi import Request
from psycopg_pool import PoolTimeout
from starlette.responses import StreamingResponse

from autosync.web.pages.layout import log
from autosync.web.pages.visitor import find_visitor
from autosync.web.pages.watcher import Watch, Watcher

QUIET = 10.0
"""Seconds without a change after which a sign of life is sent."""

Fragments = Mapping[str, str]
Render = Callable[[], Awaitable[Fragments]]


def stream(
    request: Request, render: Render, *, sync_ids: Collection[UUID], organizer_id: UUID | None = None
) -> StreamingResponse:
    """The events for a page over these syncs, for as long as the visitor stays signed in and looks at it.

    `organizer_id`: it also shows which syncs this organizer has. The first event has every fragment, so that whoever
    comes back after a while has them all.
    """
    watcher: Watcher = request.app.state.watcher

    async def events() -> AsyncIterator[str]:
        async with watcher.watching(sync_ids, organizer_id) as watch:
            async for event in _events(request, render, watch):
                yield event

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


async def _events(request: Request, render: Render, watch: Watch) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    shown: dict[str, str] | None = None
    while True:
        try:
            if await find_visitor(request) is None:
                yield _event("reload", {})
                return
            fragments = dict(await render())
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("live_failed", error=type(error).__name__)
            return  # the browser comes back by itself, and is told that the connection is lost until then
        if shown is not None and fragments.keys() != shown.keys():
            yield _event("reload", {})
            return
        news = {id_: markup for id_, markup in fragments.items() if shown is None or shown[id_] != markup}
        if news:
            yield _event("fragments", news)
        shown = fragments
        while not await watch.wait(QUIET):
            yield ":\n\n"
        if watch.is_over:
            return


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
