"""pgqueuer. Fast, by its documentation and its own benchmark: asyncpg, uvloop, a large batch, bulk enqueue.

uvloop is what its own command runs on. The follow-up is enqueued on the connection of the job's own transaction.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import timedelta
from pathlib import Path

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.queries import Queries

sys.path.insert(0, str(Path(__file__).parents[1]))
import reminder

URL = os.environ["DATABASE_URL"]
WORKLOAD = sys.argv[2]
BATCH = 50
AT_ONCE = 10_000
CONNECTIONS = 20


async def prepare() -> None:
    async with asyncpg.create_pool(URL, min_size=1, max_size=2) as pool:
        queries = Queries(AsyncpgPoolDriver(pool))
        await queries.install()
        if WORKLOAD == "lateness":
            for first in range(0, int(sys.argv[3]), AT_ONCE):
                count = min(AT_ONCE, int(sys.argv[3]) - first)
                waits = [timedelta(days=1, seconds=first + place) for place in range(count)]
                await queries.enqueue(["remind"] * count, [None] * count, [0] * count, waits)
            return
        syncs = [str(row[0]).encode() for row in await pool.fetch(reminder.ALL_SYNCS)]
        await queries.enqueue(["remind"] * len(syncs), syncs, [0] * len(syncs))


async def add_due() -> None:
    count, first, last = int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])
    async with asyncpg.create_pool(URL, min_size=1, max_size=2) as pool:
        syncs = [str(row[0]).encode() for row in await pool.fetch(reminder.ALL_SYNCS)]
        waits = [timedelta(seconds=random.uniform(first, last)) for _ in range(count)]  # noqa: S311 - no secret
        await Queries(AsyncpgPoolDriver(pool)).enqueue(["remind"] * count, syncs[:count], [0] * count, waits)


async def work() -> None:
    async with (
        asyncpg.create_pool(URL, min_size=4, max_size=8) as own,
        asyncpg.create_pool(URL, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool,
    ):
        queuer = PgQueuer(AsyncpgPoolDriver(own))

        @queuer.entrypoint("remind")
        async def remind(job) -> None:
            if WORKLOAD == "empty":
                return
            sync = job.payload.decode()
            async with pool.acquire() as connection, connection.transaction():
                found = await connection.fetchrow(reminder.READ_SYNC, sync)
                if found[0] != "running":
                    return
                invitees = await connection.fetch(reminder.READ_INVITEES, sync)
                options = await connection.fetch(reminder.READ_OPTIONS, sync)
                written = reminder.texts(found, invitees, options)
                await connection.execute(reminder.WRITE_TEXTS, sync, *written)
                await connection.execute(reminder.MARK_REMINDED, sync)
                if WORKLOAD == "lateness":
                    await connection.execute(reminder.NOTE_LATENESS, job.execute_after)
                follow_ups = Queries(AsyncpgDriver(connection))
                await follow_ups.enqueue("pause", job.payload, execute_after=timedelta(hours=24))

        @queuer.entrypoint("pause")
        async def pause(job) -> None:
            pass

        await reminder.wait_for_go()
        await queuer.qm.run(batch_size=BATCH, max_concurrent_tasks=4 * BATCH)


uvloop.run({"prepare": prepare, "due": add_due, "work": work}[sys.argv[1]]())
