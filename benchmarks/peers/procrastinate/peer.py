"""procrastinate. Fast, by its documentation: asynchronous tasks, a high concurrency, a pool as large, batch_defer.

The follow-up is deferred on the connection of the job's own transaction.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import procrastinate
import psycopg
import psycopg_pool

sys.path.insert(0, str(Path(__file__).parents[1]))
import reminder
from reminder import for_psycopg

CONCURRENCY = 20
URL = os.environ["DATABASE_URL"]
WORKLOAD = sys.argv[2]
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL, max_size=CONCURRENCY + 4))
pool = psycopg_pool.AsyncConnectionPool(URL, min_size=CONCURRENCY, max_size=CONCURRENCY, open=False)


@app.task(name="remind")
async def remind(sync: str) -> None:
    if WORKLOAD == "empty":
        return
    async with pool.connection() as connection, connection.transaction():
        found = await (await connection.execute(for_psycopg(reminder.READ_SYNC), {"p1": sync})).fetchone()
        if found[0] != "running":
            return
        invitees = await (await connection.execute(for_psycopg(reminder.READ_INVITEES), {"p1": sync})).fetchall()
        options = await (await connection.execute(for_psycopg(reminder.READ_OPTIONS), {"p1": sync})).fetchall()
        recipients, types, bodies = reminder.texts(found, invitees, options)
        await connection.execute(
            for_psycopg(reminder.WRITE_TEXTS), {"p1": sync, "p2": recipients, "p3": types, "p4": bodies}
        )
        await connection.execute(for_psycopg(reminder.MARK_REMINDED), {"p1": sync})
        tomorrow = datetime.now(UTC) + timedelta(hours=24)
        await pause.configure(schedule_at=tomorrow, connection=connection).defer_async(sync=sync)


@app.task(name="pause")
async def pause(sync: str) -> None:
    pass


async def prepare() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        async with await psycopg.AsyncConnection.connect(URL) as connection:
            syncs = await (await connection.execute(reminder.ALL_SYNCS)).fetchall()
        await remind.batch_defer_async(*({"sync": str(id_)} for (id_,) in syncs))


async def work() -> None:
    async with app.open_async(), pool:
        await pool.wait()
        await reminder.wait_for_go()
        await app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False, wait=True)


asyncio.run(prepare() if sys.argv[1] == "prepare" else work())
