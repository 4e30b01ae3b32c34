"""Connections to the database, by pool or one alone.

They hold no session state, never prepare a statement and send no start-up parameter but their name, so a transaction
pooler may stand in between and nobody needs to say so. A connection is in autocommit; what belongs together runs in
`async with connection.transaction()`.
"""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg.types.datetime import TimestamptzBinaryLoader, TimestamptzLoader
from psycopg_pool import AsyncConnectionPool

from autosync.database.lines import Attentive, hanging_up
from autosync.model import Unusable

Connection = psycopg.AsyncConnection[TupleRow]
Cursor = psycopg.AsyncCursor[TupleRow]
Pool = AsyncConnectionPool[Connection]
Result = TypeVar("Result")

CONNECT_TIMEOUT = 10
"""Seconds to wait for a connection before the database counts as away."""

LEFT_ALONE = 120.0
"""Seconds that the server waits for the next statement of a claim, before it lets go what is claimed."""

SILENT_FOR = 30
"""Seconds without a sign of life from the other machine after which a connection counts as lost."""


class DatabaseAwayError(Unusable):
    """The database cannot be reached: one sentence, without its password."""


EARLIEST = datetime(10, 1, 1, tzinfo=UTC)
LATEST = datetime(9990, 1, 1, tzinfo=UTC)
_MILLENNIUM = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECONDS = struct.Struct("!q")


class _UtcLoader(TimestamptzLoader):
    """Reads every moment in UTC, whatever the session's time zone: arithmetic on local times skips clock changes.

    Moments that no calendar holds, infinity among them, are brought to the edge of what one does.
    """

    def load(self, data: Buffer) -> datetime:
        try:
            return min(max(super().load(data).astimezone(UTC), EARLIEST), LATEST)
        except (psycopg.DataError, OverflowError):
            written = bytes(data)
            return EARLIEST if written.startswith(b"-") or written.endswith(b"BC") else LATEST


class _UtcBinaryLoader(TimestamptzBinaryLoader):
    """The same where values come in as the server keeps them, which is quicker: microseconds since 2000."""

    def load(self, data: Buffer) -> datetime:
        try:
            return min(max(_MILLENNIUM + timedelta(microseconds=_MICROSECONDS.unpack(data)[0]), EARLIEST), LATEST)
        except OverflowError:
            return EARLIEST if _MICROSECONDS.unpack(data)[0] < 0 else LATEST


class _Adapted:
    """How our connections read values: as psycopg does, but for moments."""

    def __init__(self) -> None:
        self.adapters = AdaptersMap(psycopg.adapters)
        self.adapters.register_loader("timestamptz", _UtcLoader)
        self.adapters.register_loader("timestamptz", _UtcBinaryLoader)
        self.connection = None


_ADAPTED = _Adapted()


def left_alone() -> dict[str, object]:
    """For statements that others wait for: how long the server keeps their transaction if we are not heard of any more.

    Without it the locks stay until TCP misses a machine that is gone, which takes hours.
    """
    return {"left_alone": f"{LEFT_ALONE * 1000:.0f}ms"}


def _connection_options() -> dict[str, Any]:
    return {
        "context": _ADAPTED,
        "autocommit": True,
        "prepare_threshold": None,
        "application_name": "autosync",
        "connect_timeout": CONNECT_TIMEOUT,
        "keepalives_idle": SILENT_FOR // 3,
        "keepalives_interval": SILENT_FOR // 6,
        "keepalives_count": 4,
        "tcp_user_timeout": SILENT_FOR * 1000,
    }


def describe(url: str) -> str:
    """Where a connection string leads, without secrets: `database "x" on host`."""
    if _is_malformed(url):
        return "the given connection string, which is malformed"
    parts = conninfo_to_dict(url)
    return f'database "{parts.get("dbname") or parts.get("user") or "?"}" on {parts.get("host") or "the local socket"}'


def _is_malformed(url: str) -> bool:
    """Whether libpq cannot read it, or reads a part of the password as host or database."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return True
    places = (str(parts.get(name) or "") for name in ("host", "port", "dbname", "hostaddr"))
    return any(re.search(r"[@#?]|://", place) or (":" in place and "/" in place) for place in places)


@asynccontextmanager
async def open_pool(
    url: str, *, size: int = 8, patience: float = CONNECT_TIMEOUT, cursor: type[Cursor] = psycopg.AsyncCursor
) -> AsyncIterator[Pool]:
    """A pool of up to `size` connections, each waited for `patience` seconds at most; `cursor`: what theirs are.

    Raises DatabaseAwayError if none can be made.
    """
    pool: Pool = AsyncConnectionPool(
        url,
        connection_class=Attentive,
        kwargs=_connection_options() | {"cursor_factory": cursor, "in_turn": asyncio.Lock()},
        min_size=1,
        max_size=size,
        open=False,
        timeout=patience,
        # After a restart of the server every connection at hand is a dead one: none is given out unchecked.
        check=partial(_require_answer, within=patience),
    )
    async with connect(url):
        pass  # A wrong address is said at once and with its cause, which the pool would only log.
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()


async def _require_answer(connection: Connection, *, within: float) -> None:
    """Raises psycopg.OperationalError unless the server answers within so many seconds."""
    with hanging_up(connection, after=within):
        await connection.execute("")


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Connection]:
    """One connection, closed at the end. Raises DatabaseAwayError if it cannot be made."""
    try:
        connection: Connection = await psycopg.AsyncConnection.connect(url, **_connection_options())
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        if _is_malformed(url):
            # Without libpq's own words, and without the error that holds them: they repeat what may be the password.
            raise DatabaseAwayError(
                "The database's address is malformed: it looks like postgresql://USER@HOST:PORT/NAME, without quotes or"
                " spaces, and the password goes into PGPASSWORD, or percent-encoded behind USER and a colon."
            ) from None
        cause = " ".join(str(error).split())
        raise DatabaseAwayError(f"Cannot reach {describe(url)}: {cause}") from error
    async with connection:
        yield connection


_ATTEMPTS = 3


async def again_if_overtaken(action: Callable[[], Awaitable[Result]]) -> Result:
    """Does one transaction, and does it again, from what is true then, where another client got in its way.

    That is a deadlock: our own parties lock in one order, a client that updates several rows by plain SQL may use
    another; or a row that was deleted between our reading it and our writing of it, such as a contact.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await action()
        except (psycopg.errors.DeadlockDetected, psycopg.errors.ForeignKeyViolation):
            continue
    return await action()


_AWAY_CLASSES = ("08", "53", "57P")
"""SQLSTATEs of a lost connection, of a server out of resources, and of one that is going down or coming up."""


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached or went away, rather than having refused what it was asked."""
    if isinstance(error, DatabaseAwayError | psycopg.errors.IdleInTransactionSessionTimeout):
        return True
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_AWAY_CLASSES)


def in_short(error: BaseException) -> str:
    """What went wrong, on one line, without the rows' contents that PostgreSQL puts into its details."""
    primary = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return " ".join((primary or str(error)).split())
