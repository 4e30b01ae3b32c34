"""`/`: the organizer's syncs, the newest first."""

from __future__ import annotations

from fastapi import APIRouter, Response

from autosync.database import own_syncs
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.visitor import Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
async def list_syncs(me: Visitor) -> Response:
    """The list."""
    async with me.own_rows() as connection:
        found = await own_syncs.list_own(connection, me.id, status=None, before=None, limit=25)
    return app_page("home.html", here="syncs", syncs=found)
