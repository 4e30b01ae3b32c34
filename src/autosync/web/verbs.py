"""What an organizer decides about a sync of theirs, for whoever is signed in: both the API and the pages decide here.

Each makes sure as the person whose the sync is, then runs with the service's rights, for it writes texts.
"""

from __future__ import annotations

from uuid import UUID

from autosync import syncs
from autosync.web.api.signed_in import SignedIn, require_sync


async def remind(me: SignedIn, sync_id: UUID) -> None:
    """Makes a paused sync running again. Raises NotAllowedError (404), Refused."""
    await _require_own(me, sync_id)
    async with me.service() as connection:
        await syncs.remind(connection, sync_id, organizer_id=me.id)
    me.api.wake()


async def invite(me: SignedIn, sync_id: UUID, number: int) -> None:
    """Completes a sync with the option of this number. Raises NotAllowedError (404), Refused."""
    await _require_own(me, sync_id)
    async with me.service() as connection:
        await syncs.invite(connection, sync_id, number, organizer_id=me.id, links=me.api.links)
    me.api.wake()


async def stop(me: SignedIn, sync_id: UUID) -> None:
    """Ends a sync without invites. Raises NotAllowedError (404), Refused."""
    await _require_own(me, sync_id)
    async with me.service() as connection:
        await syncs.stop(connection, sync_id, organizer_id=me.id)


async def _require_own(me: SignedIn, sync_id: UUID) -> None:
    async with me.own_rows() as connection:
        await require_sync(me, connection, sync_id)
