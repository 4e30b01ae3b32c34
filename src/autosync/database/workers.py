"""Who is at work: the workers' signs of life, as each writes its own and operators read them all.

The times are the database server's own, so that workers on machines with other clocks can be told apart from dead ones.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement

MOST = 50
"""How many are listed."""

LONGEST_NAME = 400


def this_process() -> str:
    """Who works here, host and process, as rows name whoever has them in hand."""
    return f"{socket.gethostname()}:{os.getpid()}"[:LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is: an id for this start of it, host and process, the program's version, and what it does."""

    id: UUID
    name: str
    version: str
    does: str


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker and how long ago it started, was last seen, and its claim loop last came to an end without an error.

    `claimed`: since it had something in hand, None for never; `stopped`: since it said that it stops, None if it runs.
    """

    name: str
    version: str
    does: str
    started: timedelta
    seen: timedelta
    turned: timedelta
    claimed: timedelta | None
    stopped: timedelta | None


async def record_heartbeat(
    connection: Connection, worker: Identity, *, still: timedelta, unclaimed: timedelta | None
) -> None:
    """A sign of life. `still`: since its claim loop last turned; `unclaimed`: since it had something in hand."""
    await connection.execute(
        statement("record_heartbeat"),
        {
            "id": worker.id,
            "name": worker.name,
            "version": worker.version,
            "does": worker.does,
            "still": still,
            "unclaimed": unclaimed,
        },
    )


async def record_stop(connection: Connection, id_: UUID) -> None:
    """The last sign of life."""
    await connection.execute(statement("record_worker_stop"), {"id": id_})


async def list_seen(connection: Connection) -> list[SeenWorker]:
    """The workers of the last day, at most MOST: those that run first, then by when they were last seen."""
    cursor = await connection.execute(statement("list_workers"), {"limit": MOST})
    return [SeenWorker(*row) for row in await cursor.fetchall()]


async def forget(connection: Connection, *, limit: int) -> int:
    """Deletes up to `limit` workers that were last seen a day ago; how many."""
    return (await connection.execute(statement("forget_workers"), {"limit": limit})).rowcount
