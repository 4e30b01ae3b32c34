"""Pages for people: rendered on the server, usable without scripts, with no request to any other host."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from autosync.database.pool import Pool
from autosync.invitee_links import Links
from autosync.web.pages import (
    calendar,
    consent,
    contacts,
    crews,
    home,
    imports,
    invitee,
    me,
    new_sync,
    people,
    sign_in,
    sync_page,
)
from autosync.web.pages.layout import STATIC
from autosync.web.pages.ops import add_operators_pages
from autosync.web.pages.watcher import Watcher


def add_pages(app: FastAPI, *, pool: Pool, links: Links | None, region: str, wake: Callable[[], None]) -> None:
    """Adds the pages to the application. `links` None: there are none for invitees.

    `wake`: called when there may be something to do.
    """
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    if links is not None:
        app.include_router(invitee.create_router(pool, links, region=region, wake=wake))


def add_organizers_pages(app: FastAPI, pool: Pool) -> None:
    """Adds what is there for people who sign in; needs `api` and `sign_in` on the app's state."""
    app.state.watcher = Watcher(pool)
    for noun in (sign_in, home, sync_page, new_sync, people, imports, contacts, crews, calendar, consent, me):
        app.include_router(noun.router)
    add_operators_pages(app)
