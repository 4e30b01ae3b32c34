"""Whose Google calendar is connected, and an access token for whoever works with it, fresh when it is needed.

`await connections.with_access(user_id, lambda token: google.busy(token, …))`. Whom Google lets in no more is marked as
disconnected, and told so; that Google is away or throttles changes nothing, and is the caller's to wait for.

Where it meets others: a token that runs out is refreshed under the lock of its row, and whoever waited for that lock
looks again first, so that any number of workers and pages at once ask Google once. It is the one place where a row
stays locked during a call to another service: for ten seconds at most (the call's time-out), and nothing but these
tokens hangs on it. Whoever dies meanwhile loses the lock with the connection, and the row is as it was. Other clients
write the row, too: they wait for the lock, and what they wrote before is what is read under it, so it is neither
overwritten nor taken for what Google has refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import psycopg
import structlog
from pydantic import SecretStr

from autosync.calendar_losses import CalendarLosses
from autosync.calendar_tokens import CalendarTokens, Tokens
from autosync.calendars.google import SCOPES, GoogleCalendar, Grant
from autosync.calendars.google_errors import GoogleError, Revoked, Throttled, TooLittleAllowed, Unauthorized
from autosync.calendars.seal import Unsealable
from autosync.database import calendars, clock, events, google_tokens
from autosync.database.calendars import CalendarState, Wishes
from autosync.database.pool import Connection, Pool, again_if_overtaken
from autosync.database.statements import statement
from autosync.model import Refused

__all__ = ["CalendarConnections", "CalendarState", "Disconnected", "NotConnected", "Wishes"]

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

EARLY = timedelta(minutes=5)
"""So long before it is over, an access token is refreshed."""

MOST_AT_ONCE = 3
"""Refreshes in one process: each holds a connection of the pool while Google answers."""

PATIENCE = timedelta(seconds=25)
"""How long a refresh waits for those of other processes: two that Google does not answer, and some."""

_WITHDRAWN = "Google no longer lets us into your calendar. You, or Google, withdrew the permission."
_OVER = "The access that we had to your calendar was for an hour only, and is over."
_TOO_LITTLE = "Google lets us do too little in your calendar: not all that we need was allowed."
_NOT_ACCEPTED = "Google no longer accepts what it had given us for your calendar."


class NotConnected(Refused):
    """This person has no calendar connected."""


class Disconnected(NotConnected):
    """Google does not let us in any more."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """The tokens are of no use any more, and `because` says why."""

    because: str


class CalendarConnections:
    """All connections; holds no tokens."""

    def __init__(self, *, pool: Pool, tokens: CalendarTokens, google: GoogleCalendar, losses: CalendarLosses) -> None:
        self._pool = pool
        self._tokens = tokens
        self._google = google
        self._losses = losses
        self._one_each: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._few = asyncio.Semaphore(MOST_AT_ONCE)

    @property
    def google(self) -> GoogleCalendar:
        """The Google that these are connections with."""
        return self._google

    async def state(self, user_id: UUID) -> CalendarState:
        """How it stands with this person's calendar."""
        async with self._pool.connection() as connection:
            return await calendars.find(connection, user_id)

    async def access_token(self, user_id: UUID, *, not_this: SecretStr | None = None) -> SecretStr:
        """A token that lets one in, and is not the one that has just failed.

        Raises NotConnected, Disconnected, GoogleError where Google cannot say now, and Refused where the tokens that
        are there cannot be opened.
        """
        async with self._pool.connection() as connection:
            tokens = await self._tokens.load(connection, user_id)
            now = await clock.read_server(connection)
        if tokens is not None and _holds(tokens, now + EARLY, not_this):
            return tokens.access_token
        if tokens is None:
            raise await self._not_connected(user_id)
        async with self._one_each.setdefault(user_id, asyncio.Lock()), self._few:
            found = await again_if_overtaken(lambda: self._refreshed(user_id, not_this))
        if isinstance(found, SecretStr):
            return found
        if found is None:
            raise await self._not_connected(user_id)
        raise Disconnected(f"{found.because} Connect it again.")

    async def with_access(self, user_id: UUID, call: Callable[[SecretStr], Awaitable[Result]]) -> Result:
        """What `call` makes of an access token; with a fresh one, once, where Google does not accept the first.

        Raises as `access_token` does, and whatever `call` raises.
        """
        token = await self.access_token(user_id)
        try:
            try:
                return await call(token)
            except Unauthorized:
                token = await self.access_token(user_id, not_this=token)
                return await call(token)
        except Unauthorized:  # a token that Google has just made, and does not accept
            because = _NOT_ACCEPTED
        except TooLittleAllowed:
            if await self._allows_enough(user_id):
                raise  # such as for a calendar that is not their own
            because = _TOO_LITTLE
        raise await again_if_overtaken(lambda: self._not_accepted(user_id, token, because))

    async def _allows_enough(self, user_id: UUID) -> bool:
        """Whether what was allowed is known, and is all that we need."""
        async with self._pool.connection() as connection:
            tokens = await self._tokens.load(connection, user_id)
        return tokens is not None and set((tokens.scope or "").split()).issuperset(SCOPES)

    async def connect(self, user_id: UUID, grant: Grant) -> None:
        """Keeps what Google gave, in place of what was there.

        Raises Refused where it does not suffice, and Throttled as `disconnect` does.
        """
        refuse_too_little(grant)
        async with self._locked(user_id) as connection:
            now = await clock.read_server(connection)
            await self._tokens.store(connection, user_id, _tokens_of(grant, now))
            await self._losses.withdraw(connection, user_id, reason="The calendar was connected again.")
            await calendars.note_connected(connection, user_id)
            await events.requeue_of_organizer(connection, user_id)
        log.info("calendar_connected", organizer_id=str(user_id))

    async def disconnect(self, user_id: UUID) -> bool:
        """Forgets the tokens, and asks Google to do the same; whether it did.

        Where it did not, the permission stands in the person's Google account until they take it away there.
        Raises NotConnected, and Throttled where others hold the tokens for too long.
        """
        async with self._locked(user_id) as connection:
            try:
                tokens = await self._tokens.lock(connection, user_id)
            except Unsealable:
                tokens = None  # they can be forgotten all the same
            await self._losses.withdraw(connection, user_id, reason="The calendar was disconnected by its owner.")
            was_there = await forget(connection, user_id)
        if not was_there:
            raise NotConnected("No calendar is connected.")
        return tokens is not None and await self.withdraw(tokens)

    async def tokens_to_withdraw(self, user_id: UUID) -> Tokens | None:
        """What `withdraw` needs, for whoever is about to delete all of a person; None: nothing that can be opened."""
        async with self._pool.connection() as connection:
            try:
                return await self._tokens.load(connection, user_id)
            except Unsealable:
                return None

    async def withdraw(self, tokens: Tokens) -> bool:
        """Asks Google to forget what these tokens allow; whether it did."""
        try:
            await self._google.revoke(tokens.refresh_token or tokens.access_token)
        except GoogleError as error:
            log.warning("calendar_not_withdrawn", error=error.code)
            return False
        return True

    async def _refreshed(self, user_id: UUID, not_this: SecretStr | None) -> SecretStr | _Lost | None:
        """A fresh token; why there will be none, which is noted; or None if there are no tokens. Raises GoogleError."""
        async with self._locked(user_id) as connection:
            tokens = await self._tokens.lock(connection, user_id)
            if tokens is None:
                return None
            now = await clock.read_server(connection)
            if _holds(tokens, now + EARLY, not_this):
                return tokens.access_token  # somebody else was quicker
            still_holds = _holds(tokens, now, not_this)
            if tokens.refresh_token is None:
                return tokens.access_token if still_holds else await self._lose(connection, user_id, _OVER)
            try:
                grant = await self._google.refresh(tokens.refresh_token)
            except Revoked:
                return await self._lose(connection, user_id, _WITHDRAWN)
            except GoogleError as error:
                log.warning("calendar_not_refreshed", organizer_id=str(user_id), error=error.code)
                if still_holds:
                    return tokens.access_token
                raise
            await self._tokens.store(connection, user_id, _tokens_of(grant, now, scope=tokens.scope))
            return grant.access_token

    async def _not_accepted(self, user_id: UUID, token: SecretStr, because: str) -> Refused | GoogleError:
        """What to raise after Google has not accepted this fresh token, which is deleted if it is still there."""
        async with self._locked(user_id) as connection:
            tokens = await self._tokens.lock(connection, user_id)
            if tokens is not None and _is(tokens, token):
                lost = await self._lose(connection, user_id, because)
                return Disconnected(f"{lost.because} Connect it again.")
        if tokens is None:
            return await self._not_connected(user_id)
        return Throttled("The calendar was connected anew meanwhile.", "changed")

    async def _lose(self, connection: Connection, user_id: UUID, because: str) -> _Lost:
        """Deletes the tokens, whose row the caller holds, notes why, and has their owner told."""
        await google_tokens.delete(connection, user_id)
        await self._losses.note(connection, user_id, because=because)
        log.warning("calendar_lost", organizer_id=str(user_id), because=because)
        return _Lost(because)

    async def _not_connected(self, user_id: UUID) -> NotConnected:
        state = await self.state(user_id)
        if state.disconnected_because is not None:
            return Disconnected(f"{state.disconnected_because} Connect it again.")
        return NotConnected("No calendar is connected.")

    @asynccontextmanager
    async def _locked(self, user_id: UUID) -> AsyncIterator[Connection]:
        """A transaction that waits for the tokens' row no longer than PATIENCE. Raises Throttled after that."""
        try:
            async with self._pool.connection() as connection, connection.transaction():
                await connection.execute(statement("limit_lock_waits"), {"lock_timeout": PATIENCE})
                yield connection
        except psycopg.errors.LockNotAvailable:
            log.warning("calendar_tokens_held", organizer_id=str(user_id))
            raise Throttled("Others are waiting for Google for the same calendar.", "held") from None


async def forget(connection: Connection, user_id: UUID) -> bool:
    """Deletes the tokens and which calendars were looked at, without asking Google; whether there were any tokens."""
    was_there = await google_tokens.delete(connection, user_id)
    await calendars.note_left(connection, user_id)
    if was_there:
        log.info("calendar_disconnected", organizer_id=str(user_id), by="its owner")
    return was_there


def refuse_too_little(grant: Grant) -> None:
    """Raises Refused where a person allowed less than we need (Google's page lets them untick), or not for long."""
    allowed = set((grant.scope or " ".join(SCOPES)).split())
    if not allowed.issuperset(SCOPES):
        raise Refused(
            "Google's page asked for two things, and not both were ticked: to see when you are busy, and to put events"
            " into your calendar. Connect it again, and tick both."
        )
    if grant.refresh_token is None:
        raise Refused("Google let us in for an hour only. Connect it again.")


def _holds(tokens: Tokens, at: datetime, not_this: SecretStr | None) -> bool:
    """Whether the access token is good then, as far as we know; without a date it has to be refreshed, if it can be."""
    if not_this is not None and _is(tokens, not_this):
        return False
    return tokens.refresh_token is None if tokens.expires_at is None else tokens.expires_at > at


def _is(tokens: Tokens, access_token: SecretStr) -> bool:
    return tokens.access_token.get_secret_value() == access_token.get_secret_value()


def _tokens_of(grant: Grant, now: datetime, *, scope: str | None = None) -> Tokens:
    return Tokens(grant.access_token, grant.refresh_token, now + grant.lasts, grant.scope or scope)
