"""The statements on `auto_sync_send_rates`: how many texts a second may leave, over all dispatchers together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from autosync.database.pool import Connection, left_alone
from autosync.database.statements import statement


async def lock(connection: Connection, scopes: list[str]) -> tuple[datetime, dict[str, datetime]]:
    """Locks these scopes until the transaction ends: the server's now, and until when each is used up."""
    cursor = await connection.execute(statement("lock_send_rates"), {"scopes": sorted(scopes)} | left_alone())
    rows = await cursor.fetchall()
    return max(now for _, _, now, _ in rows), {scope: free_at for scope, free_at, *_ in rows}


async def use(connection: Connection, free_at: Mapping[str, datetime]) -> None:
    """Notes until when each of these locked scopes is used up."""
    await connection.execute(statement("use_send_rates"), {"scopes": list(free_at), "free_at": list(free_at.values())})
