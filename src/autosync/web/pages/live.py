"""Keeps a page up to date: server-sent events with those fragments of it that are not as the visitor has them.

A page is made of fragments, each an element with an id. `stream` renders all of them whenever something has changed,
and sends `fragments` (id to markup) of those whose markup is another one, or `reload` where there are others now than
before. A fragment may also be a list: an element whose children are fragments that come and go. An `alive` event every
few seconds tells both sides that the other is still there.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping
from typing import Any
from uuid import UUID

import psycopg
from fastapi import Request, Response
from psycopg_pool import PoolTimeout
from starlette.responses import StreamingResponse

from autosync.web.pages.layout import PageRoute, log
from autosync.web.pages.visitor import find_visitor
from autosync.web.pages.watcher import Watch, Watcher

QUIET = 10.0
"""Seconds without a change after which a sign of life is sent."""

Fragments = Mapping[str, str | list[str]]
"""The markup of each fragment by its id, or of a list the ids of its children in their order."""

Render = Callable[[], Awaitable[Fragments]]


async def _is_visitor(request: Request) -> bool:
    return await find_visitor(request) is not None


def stream(
    request: Request,
    render: Render,
    *,
    sync_ids: Collection[UUID] = (),
    organizer_id: UUID | None = None,
    every: float | None = None,
    may_look: Callable[[Request], Awaitable[bool]] = _is_visitor,
) -> StreamingResponse:
    """The events for a page over these syncs, for as long as the visitor stays signed in and looks at it.

    `sync_ids` is read again at every look: `render` may change it. `organizer_id`: it also shows which syncs this
    organizer has. `every`: it is rendered anew after so many seconds, whatever has changed. `may_look`: whether the
    visitor still may. The first event has every fragment, so that whoever comes back after a while has them all.
    """
    watcher: Watcher = request.app.state.watcher

    async def events() -> AsyncIterator[str]:
        async with watcher.watching(sync_ids, organizer_id) as watch:
            async for event in _events(request, render, watch, every, may_look):
                yield event

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


async def _events(
    request: Request,
    render: Render,
    watch: Watch,
    every: float | None,
    may_look: Callable[[Request], Awaitable[bool]],
) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    shown: Fragments | None = None
    while True:
        try:
            if not await may_look(request):
                yield _event("reload", {})
                return
            fragments = await render()
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("live_failed", error=type(error).__name__)
            return  # the browser comes back by itself, and is told that the connection is lost until then
        if shown is not None and _fixed(fragments) != _fixed(shown):
            yield _event("reload", {})
            return
        news = {id_: markup for id_, markup in fragments.items() if shown is None or shown.get(id_) != markup}
        if news or shown is None:
            yield _event("fragments", news)
        shown = fragments
        while not await watch.wait(every or QUIET):
            yield _event("alive", {})
            if every:
                break
        if watch.is_over:
            return


def _fixed(fragments: Fragments) -> set[str]:
    """The ids of those that neither come nor go while the page is open: all that stand in no list."""
    return fragments.keys() - {id_ for value in fragments.values() if isinstance(value, list) for id_ in value}


class LiveRoute(PageRoute):
    """A route of events: whoever may not have them is told to load the page anew, which says why."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, whose refusals are events."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            response = await handler(request)
            if isinstance(response, StreamingResponse) or response.status_code >= 500:
                return response  # after an error the browser comes back by itself
            return Response(_event("reload", {}), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

        return handle


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
