"""What a review asks of the server that the database lives on: clock, limits, time-outs, sessions, sweeping.

Each function runs one statement that reads. What a role may not see of others' sessions is simply not there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from autosync.database.pool import Connection
from autosync.database.statements import statement

LONGEST_IDLE = timedelta(minutes=5)
"""How long a session may leave its transaction open without doing anything."""

LONGEST_TRANSACTION = timedelta(hours=1)
"""How long a transaction may last that does something."""

MOST_RETAINED = 1_000_000_000
"""How many bytes of the log of changes an unused replication slot may keep."""


@dataclass(frozen=True, slots=True)
class Server:
    """`version_number`: as 150004 for 15.4. `ahead`: of this program's clock. `role`: who is asking."""

    version_number: int
    version: str
    is_standby: bool
    autovacuum: bool
    encoding: str
    database: str
    at: datetime
    role: str
    sees_sessions: bool
    ahead: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class IdleTransaction:
    """A session that left its transaction open."""

    pid: int
    user: str
    age: timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """How many connections a limit counts and allows. `whose`: server, database or role."""

    whose: str
    used: int
    allowed: int


@dataclass(frozen=True, slots=True)
class RoleSetting:
    """A time limit in seconds, 0 for none; of default_transaction_read_only 1 for on."""

    role: str
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How well a table is swept. `swept`: autovacuum looks after it. `age`: since it was vacuumed last, None: never."""

    table: str
    live: int
    dead: int
    swept: bool
    age: timedelta | None


@dataclass(frozen=True, slots=True)
class Holder:
    """What keeps dead rows or the log of changes: a transaction (named by its pid), prepared (by its id) or slot."""

    kind: str
    name: str
    age: timedelta | None
    bytes: float


async def server(connection: Connection) -> Server:
    """The server itself."""
    before = datetime.now(UTC)
    ((number, version, standby, swept, encoding, database, at, role, sees),) = await _rows(connection, "review_server")
    here = before + (datetime.now(UTC) - before) / 2
    return Server(number, version, standby, swept, encoding, database, at, role, sees, at - here)


async def idle_transactions(connection: Connection, *, longest: timedelta = LONGEST_IDLE) -> list[IdleTransaction]:
    """Up to ten sessions that left a transaction open for longer than this, the oldest first."""
    found = await _rows(connection, "review_idle_transactions", longest=longest)
    return [IdleTransaction(pid, user, timedelta(seconds=seconds)) for pid, user, seconds in found]


async def limits(connection: Connection) -> list[Limit]:
    """The limits on connections that hold for who is asking."""
    return [Limit(*row) for row in await _rows(connection, "review_limits")]


async def role_settings(connection: Connection) -> list[RoleSetting]:
    """What can cut our work short, for who is asking and for the service."""
    return [RoleSetting(*row) for row in await _rows(connection, "review_role_settings")]


async def upkeep(connection: Connection, *, tables: Collection[str]) -> list[Upkeep]:
    """How well these tables are swept."""
    found = await _rows(connection, "review_upkeep", tables=sorted(tables))
    return [Upkeep(table, live, dead, swept, _length(seconds)) for table, live, dead, swept, seconds in found]


async def horizon(
    connection: Connection, *, longest: timedelta = LONGEST_TRANSACTION, retained: int = MOST_RETAINED
) -> list[Holder]:
    """What keeps dead rows for longer than this, or more bytes of the log of changes than these."""
    found = await _rows(connection, "review_horizon", longest=longest, retained=retained)
    return [Holder(kind, name, _length(seconds), size) for kind, name, seconds, size in found]


def _length(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


async def _rows(connection: Connection, name: str, **parameters: object) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(statement(name), parameters or None)
    return await cursor.fetchall()
