"""What a review asks of a live database, beside its catalog: the queue, the outbox, timings, pg_cron, the server.

Each function runs one statement that reads. Counts stop at ENOUGH.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from autosync.database.messages import LEASE
from autosync.database.pool import Connection
from autosync.database.statements import statement

ENOUGH = 1001
"""Counting ends here: what is more than 1,000 is said to be so."""

PATIENCE_WITH_CLIENTS = timedelta(minutes=30)
"""How long after it was due a job may stay in the hands of another client; housekeeping puts it back then."""

PATIENCE_WITH_TEXTS = timedelta(minutes=5)
"""How long after its time a queued text may still be waiting."""

PATIENCE_WITH_EVENTS = timedelta(minutes=15)
"""How long after its time a calendar event may still be waiting."""

OLD_ENOUGH = timedelta(minutes=10)
"""How old a running sync without invitees is before somebody should have been asked."""

LOOKED_THROUGH = 100_000
"""Where every live sync or pending job would have to be looked at: how many are, at most."""


@dataclass(frozen=True, slots=True)
class Role:
    """An API role. `bypasses`: row-level security leaves it alone. `is_also`: mightier roles that it is a member of."""

    name: str
    bypasses: bool
    is_also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A migration on record. `is_about_us`: its SQL speaks of this project's tables."""

    version: str
    name: str
    is_about_us: bool


@dataclass(frozen=True, slots=True)
class Late:
    """How many are late, and for how long the oldest."""

    count: int
    oldest: timedelta
    held: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows are in a state, with the id of one and, where there is one, its error."""

    count: int
    example: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneInUse:
    """A time zone as written. `from_profile`: the syncs name none, so their organizers' counts."""

    name: str
    from_profile: bool
    syncs: int
    example: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Texts of which nobody knows whether they left: how many, the oldest, and how long ago it was claimed."""

    count: int
    example: str | None
    age: timedelta


@dataclass(frozen=True, slots=True)
class InFlight:
    """Texts that nobody reported on within the lease; and those in doubt that are looked up, and that are not."""

    abandoned: int
    looked_up: InDoubt
    given_up: InDoubt


@dataclass(frozen=True, slots=True)
class Events:
    """Calendar events that have failed, that have been in doubt for over an hour, and that are late; by their syncs.

    `missing`: syncs whose chosen time lies ahead, of people with a calendar, that have no event.
    """

    failed: Found
    doubted: Found
    late: Found
    missing: Found


@dataclass(frozen=True, slots=True)
class Refused:
    """Texts that failed within a day for the same reason; `error_code` is the gateway's, empty for none."""

    error_code: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class NumberKey:
    """The key of the suppressed numbers' hashes: how many rows it has, how many numbers rest on it, of how many of
    those that can still be read it no longer gives the hash."""

    rows: int
    suppressed: int
    mismatched: int


async def begin(connection: Connection) -> None:
    """Makes the open transaction a review: read-only until its end, and no statement longer than 10 s."""
    await connection.execute(statement("begin_review"))


async def recorded_migrations(connection: Connection) -> list[Recorded]:
    """The migrations on record, in order; none where there is no record."""
    try:
        async with connection.transaction():
            return [Recorded(*row) for row in await _rows(connection, "review_migrations")]
    except psycopg.errors.UndefinedTable:
        return []


async def has_tables(connection: Connection) -> bool:
    """Whether tables of this project are there, whatever is on record."""
    (there,) = await _row(connection, "review_has_tables")
    return bool(there)


async def roles(connection: Connection) -> dict[str, Role]:
    """The API roles that exist, by name."""
    return {name: Role(name, bypasses, tuple(also)) for name, bypasses, also in await _rows(connection, "review_roles")}


async def late_jobs(connection: Connection) -> Late:
    """The jobs that are due."""
    return _late(await _row(connection, "review_late_jobs", enough=ENOUGH))


async def stuck_jobs(connection: Connection) -> Found:
    """The jobs that another client took and never finished."""
    return Found(*await _row(connection, "review_stuck_jobs", enough=ENOUGH, patience=PATIENCE_WITH_CLIENTS))


async def failed_jobs(connection: Connection) -> Found:
    """The jobs that failed for good, with the newest."""
    return Found(*await _row(connection, "review_failed_jobs", enough=ENOUGH))


async def retried_jobs(connection: Connection) -> Found:
    """The pending jobs that have raised before, with the one that did so last."""
    return Found(*await _row(connection, "review_retried_jobs", enough=ENOUGH))


async def jobs_without_status(connection: Connection) -> Found:
    """The jobs without a status."""
    return Found(*await _row(connection, "review_jobs_without_status", enough=ENOUGH))


async def running_without_job(connection: Connection) -> Found:
    """The running syncs that neither a reminder nor a pause check awaits."""
    return Found(*await _row(connection, "review_running_without_job", enough=ENOUGH))


async def live_without_end(connection: Connection) -> Found:
    """The syncs with options that no end awaits."""
    return Found(*await _row(connection, "review_live_without_end", enough=ENOUGH))


async def unknown_jobs(connection: Connection) -> Found:
    """The pending jobs of a type that nobody knows; `error` is one such type."""
    return Found(*await _row(connection, "review_unknown_jobs", enough=ENOUGH))


async def jobs_of_ended(connection: Connection) -> Found:
    """The pending jobs of syncs that have ended."""
    return Found(*await _row(connection, "review_jobs_of_ended", enough=ENOUGH, looked_through=LOOKED_THROUGH))


async def running_without_invitees(connection: Connection) -> Found:
    """The running syncs that nobody was asked for."""
    wanted = {"enough": ENOUGH, "looked_through": LOOKED_THROUGH, "old_enough": OLD_ENOUGH}
    return Found(*await _row(connection, "review_running_without_invitees", **wanted))


async def time_zones(connection: Connection) -> list[ZoneInUse]:
    """The time zones of syncs that have not ended, the commonest first."""
    return [ZoneInUse(*row) for row in await _rows(connection, "review_time_zones", enough=ENOUGH)]


async def texts_in_flight(connection: Connection) -> InFlight:
    """The texts that were claimed and not reported on."""
    row = await _row(connection, "review_texts_in_flight", enough=ENOUGH, lease=LEASE)
    abandoned, *looked_up, count, example, seconds = row
    return InFlight(abandoned, _in_doubt(*looked_up), _in_doubt(count, example, seconds))


def _in_doubt(count: int, example: str | None, seconds: float) -> InDoubt:
    return InDoubt(count, example, timedelta(seconds=seconds))


async def events(connection: Connection) -> Events:
    """The calendar events of which something is the matter."""
    row = await _row(connection, "review_events", enough=ENOUGH, patience=PATIENCE_WITH_EVENTS)
    failed, example, reason, doubted, one_doubted, late, one_late = row
    missing = Found(*await _row(connection, "review_missing_events", enough=ENOUGH, looked_through=LOOKED_THROUGH))
    return Events(Found(failed, example, reason), Found(doubted, one_doubted), Found(late, one_late), missing)


async def open_tokens(connection: Connection) -> Found:
    """The people whose Google tokens are not sealed."""
    return Found(*await _row(connection, "review_open_tokens", enough=ENOUGH))


async def queued_texts(connection: Connection) -> Late:
    """The queued texts whose time is past, and those held back."""
    return _late(await _row(connection, "review_queued_texts", enough=ENOUGH, patience=PATIENCE_WITH_TEXTS))


async def failed_texts(connection: Connection) -> list[Refused]:
    """The texts that failed within a day, by error code."""
    return [Refused(*row) for row in await _rows(connection, "review_failed_texts")]


async def number_key(connection: Connection) -> NumberKey:
    """The key of the suppressed numbers' hashes, tried on up to 100 of them."""
    return NumberKey(*await _row(connection, "review_number_key", enough=ENOUGH))


def _late(row: tuple[Any, ...]) -> Late:
    count, seconds, *held = row
    return Late(count, timedelta(seconds=seconds), *held)


async def _rows(connection: Connection, name: str, **parameters: object) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(statement(name), parameters or None)
    return await cursor.fetchall()


async def _row(connection: Connection, name: str, **parameters: object) -> tuple[Any, ...]:
    rows = await _rows(connection, name, **parameters)
    return rows[0]
