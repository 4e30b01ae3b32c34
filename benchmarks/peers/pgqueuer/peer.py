"""pgqueuer. Fast, by its documentation and its own benchmark: asyncpg, a large batch, bulk enqueue."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.queries import Queries

sys.path.insert(0, str(Path(__file__).parents[1]))
import reminder

URL = os.environ["DATABASE_URL"]
WORKLOAD = sys.argv[2]
BATCH = 50
CONNECTIONS = 20


async def prepare() -> None:
    async with asyncpg.create_pool(URL, min_size=1, max_size=2) as pool:
        queries = Queries(AsyncpgPoolDriver(pool))
        await queries.install()
        syncs = [str(row[0]).encode() for row in await pool.fetch(reminder.ALL_SYNCS)]
        await queries.enqueue(["remind"] * len(syncs), syncs, [0] * len(syncs))


async def work() -> None:
    async with (
        asyncpg.create_pool(URL, min_size=4, max_size=8) as own,
        asyncpg.create_pool(URL, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool,
    ):
        queuer = PgQueuer(AsyncpgPoolDriver(own))
        queries = Queries(AsyncpgPoolDriver(own))

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
            await queries.enqueue("pause", job.payload, execute_after=timedelta(hours=24))

        @queuer.entrypoint("pause")
        async def pause(job) -> None:
            pass

        await reminder.wait_for_go()
        await queuer.qm.run(batch_size=BATCH, max_concurrent_tasks=4 * BATCH)


asyncio.run(prepare() if sys.argv[1] == "prepare" else work())
