"""Starts a sync for whoever is signed in, once: the sync's id is the key, so a start may be repeated.

A sync that is there already is left as it is, so that nobody is texted twice because an answer got lost, or a button
was pressed twice. Both the API and the pages start here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import psycopg

from autosync import syncs
from autosync.database.syncs import find_owner
from autosync.web.api.signed_in import SignedIn
from autosync.web.errors import NotAllowedError


async def start_once(
    me: SignedIn, sync_id: UUID, make_plan: Callable[[], Awaitable[syncs.Plan]]
) -> syncs.Started | None:
    """Starts the sync of this id; None: the person has it already, and the plan is not even made.

    `make_plan`: gives the plan, with this id, after seeing to it that its crew is the person's. Raises what it and
    `syncs.start` raise, and NotAllowedError (409) where somebody else has the id.
    """
    if await is_started(me, sync_id):
        return None
    plan = await make_plan()
    try:
        async with me.service() as connection:
            started = await syncs.start(connection, plan, region=me.api.region, links=me.api.links)
    except psycopg.errors.UniqueViolation:
        # The same request, or one with the same id, was faster; what it wrote is there now.
        if not await is_started(me, sync_id):
            raise
        return None
    me.api.wake()
    return started


async def is_started(me: SignedIn, sync_id: UUID) -> bool:
    """Whether the person has a sync of this id already. Raises NotAllowedError (409) where somebody else has one."""
    async with me.service() as connection:
        owner = await find_owner(connection, sync_id)
    if owner not in (None, me.id):
        raise NotAllowedError(409, "This id is taken: give the sync another one.")
    return owner is not None
