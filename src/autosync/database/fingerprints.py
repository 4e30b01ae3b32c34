"""What tells that something about a sync has changed. Opaque: it is only ever compared with itself."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement


async def read(connection: Connection, sync_ids: Collection[UUID], organizer_ids: Collection[UUID]) -> dict[UUID, str]:
    """A fingerprint of each of these syncs, with all rows that hang on it, and of each organizer's list of syncs."""
    cursor = await connection.execute(
        statement("read_fingerprints"), {"sync_ids": list(sync_ids), "organizer_ids": list(organizer_ids)}
    )
    return {id_: fingerprint async for id_, fingerprint in cursor}
