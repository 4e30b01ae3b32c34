"""People's Google tokens: sealed before they are written, opened for whoever needs them, upgraded where they lie open.

`await tokens.load(connection, user_id)`. Rows that an older client wrote in plain text are read and sealed at once;
`await tokens.seal_all(connection)` does so for all of them, and changes everything over to the newest key.

Where it meets others: a row is replaced only if it still holds what was read, so a token that another client refreshes
meanwhile is never overwritten by its predecessor; it is sealed the next time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import SecretStr

from autosync.calendars.seal import Seal, Unsealable, is_sealed
from autosync.database import google_tokens
from autosync.database.google_tokens import Replacement, StoredTokens
from autosync.database.pool import Connection
from autosync.model import Refused

BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Google gave for one person; `expires_at`: of the access token, aware, UTC."""

    access_token: SecretStr
    refresh_token: SecretStr | None = None
    expires_at: datetime | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many rows were sealed anew, and whose nobody can open with the keys at hand."""

    sealed: int = 0
    unreadable: tuple[UUID, ...] = ()


class CalendarTokens:
    """The tokens of all people; holds no connection of its own."""

    def __init__(self, seal: Seal | None) -> None:
        """`seal` None: no key is set up, so plain rows can be read, and nothing can be written."""
        self._seal = seal

    async def load(self, connection: Connection, user_id: UUID) -> Tokens | None:
        """This person's tokens, if there are any. Raises Refused where they cannot be opened."""
        stored = await google_tokens.load(connection, user_id)
        if stored is None:
            return None
        tokens = self._opened(stored)
        if self._seal is not None and not self._is_newest(stored):
            await google_tokens.replace(connection, [self._resealed(stored)])
        return tokens

    async def lock(self, connection: Connection, user_id: UUID) -> Tokens | None:
        """The same, and nobody else changes them until the caller's transaction ends."""
        stored = await google_tokens.lock(connection, user_id)
        return None if stored is None else self._opened(stored)

    async def store(self, connection: Connection, user_id: UUID, tokens: Tokens) -> None:
        """Keeps them, sealed; without a refresh token the one that is there stays. Raises Refused without a key."""
        refresh_token = tokens.refresh_token.get_secret_value() if tokens.refresh_token else None
        await google_tokens.store(
            connection,
            StoredTokens(
                user_id,
                self._sealed(user_id, "access_token", tokens.access_token.get_secret_value()),
                None if refresh_token is None else self._sealed(user_id, "refresh_token", refresh_token),
                tokens.expires_at,
                tokens.scope,
            ),
        )

    async def seal_all(self, connection: Connection) -> Sealed:
        """Seals with the newest key whatever is not, batch by batch. Raises Refused without a key."""
        prefix = self._key().prefix
        sealed = 0
        unreadable: list[UUID] = []
        after: UUID | None = None
        while rows := await google_tokens.list_not_sealed_as(connection, prefix, after=after, limit=BATCH_SIZE):
            replacements = []
            for stored in rows:
                try:
                    replacements.append(self._resealed(stored))
                except Unsealable:  # one row must not keep the others open; it is named, and stays as it is
                    unreadable.append(stored.user_id)
            sealed += await google_tokens.replace(connection, replacements)
            after = rows[-1].user_id
        return Sealed(sealed, tuple(unreadable))

    def _key(self) -> Seal:
        if self._seal is None:
            raise Refused(
                "Google tokens are kept sealed, and no key is set: `autosync calendars new-key` makes one for"
                " AUTOSYNC_TOKEN_KEYS."
            )
        return self._seal

    def _sealed(self, user_id: UUID, column: str, secret: str) -> str:
        return self._key().seal(secret, belongs_to=_place(user_id, column))

    def _open(self, stored: StoredTokens, column: str, text: str | None) -> str | None:
        if text is None or not is_sealed(text):
            return text
        try:
            return self._key().open(text, belongs_to=_place(stored.user_id, column))
        except Unsealable as error:
            raise Unsealable(f"The Google tokens of {stored.user_id} cannot be opened. {error}") from None

    def _opened(self, stored: StoredTokens) -> Tokens:
        access_token = self._open(stored, "access_token", stored.access_token)
        refresh_token = self._open(stored, "refresh_token", stored.refresh_token)
        return Tokens(
            SecretStr(access_token or ""),
            SecretStr(refresh_token) if refresh_token is not None else None,
            stored.expires_at,
            stored.scope,
        )

    def _resealed(self, stored: StoredTokens) -> Replacement:
        access_token = self._open(stored, "access_token", stored.access_token) or ""
        refresh_token = self._open(stored, "refresh_token", stored.refresh_token)
        return Replacement(
            stored,
            self._sealed(stored.user_id, "access_token", access_token),
            None if refresh_token is None else self._sealed(stored.user_id, "refresh_token", refresh_token),
        )

    def _is_newest(self, stored: StoredTokens) -> bool:
        present = [text for text in (stored.access_token, stored.refresh_token) if text is not None]
        return all(text.startswith(self._key().prefix) for text in present)


def _place(user_id: UUID, column: str) -> str:
    """What a sealed token is bound to, so that nobody can move it to another row or column."""
    return f"google_calendar_tokens/{user_id}/{column}"
