"""The statements on `google_calendar_tokens`, as they lie there: what is sealed is neither opened nor made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """One person's row, sealed or not."""

    user_id: UUID
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    scope: str | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """New contents for a row that must still hold `old`."""

    old: StoredTokens
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)


async def load(connection: Connection, user_id: UUID) -> StoredTokens | None:
    """The row of this person, if there is one."""
    cursor = await connection.execute(statement("load_google_tokens"), {"user_id": user_id})
    row = await cursor.fetchone()
    return StoredTokens(*row) if row else None


async def store(connection: Connection, tokens: StoredTokens) -> None:
    """Puts this in place of the person's row; a refresh token of None leaves the one that is there."""
    await connection.execute(
        statement("store_google_tokens"),
        {
            "user_id": tokens.user_id,
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "expires_at": tokens.expires_at,
            "scope": tokens.scope,
        },
    )


async def list_not_sealed_as(
    connection: Connection, prefix: str, *, after: UUID | None, limit: int
) -> list[StoredTokens]:
    """Up to `limit` rows after this person's in which something does not begin with `prefix`, by person."""
    cursor = await connection.execute(
        statement("list_google_tokens_to_seal"), {"prefix": prefix, "after": after, "limit": limit}
    )
    return [StoredTokens(*row) for row in await cursor.fetchall()]


async def replace(connection: Connection, replacements: Sequence[Replacement]) -> int:
    """Writes each replacement unless somebody else has written the row since; returns how many were written."""
    cursor = await connection.execute(
        statement("replace_google_tokens"),
        {
            "user_ids": [replacement.old.user_id for replacement in replacements],
            "old_access_tokens": [replacement.old.access_token for replacement in replacements],
            "old_refresh_tokens": [replacement.old.refresh_token for replacement in replacements],
            "access_tokens": [replacement.access_token for replacement in replacements],
            "refresh_tokens": [replacement.refresh_token for replacement in replacements],
        },
    )
    return cursor.rowcount


async def lock(connection: Connection, user_id: UUID) -> StoredTokens | None:
    """The row of this person, if there is one, and nobody else's to change until the transaction ends."""
    cursor = await connection.execute(statement("lock_google_tokens"), {"user_id": user_id})
    row = await cursor.fetchone()
    return StoredTokens(*row) if row else None


async def delete(connection: Connection, user_id: UUID) -> bool:
    """Deletes the person's row; whether there was one."""
    cursor = await connection.execute(statement("delete_google_tokens"), {"user_id": user_id})
    return cursor.rowcount > 0
