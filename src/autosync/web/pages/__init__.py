"""Pages for people: rendered on the server, usable without scripts, with no request to any other host."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from autosync.database.pool import Pool
from autosync.invitee_links import Links
from autosync.web.pages import invitee
from autosync.web.pages.layout import STATIC


def add_pages(app: FastAPI, *, pool: Pool, links: Links | None, region: str, wake: Callable[[], None]) -> None:
    """Adds the pages to the application. `links` None: there are none for invitees.

    `wake`: called when there may be something to do.
    """
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    if links is not None:
        app.include_router(invitee.create_router(pool, links, region=region, wake=wake))
