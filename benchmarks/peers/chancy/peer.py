"""chancy. Fast, by its documentation: the asynchronous executor, a high concurrency, push_many; no metrics of jobs.

It polls as soon as a job has ended, and writes completions every 0.1 seconds: both take a second or more by default.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import psycopg_pool
from chancy import Chancy, Queue, Worker, job
from chancy.plugins.leadership import Leadership
from chancy.plugins.recovery import Recovery

sys.path.insert(0, str(Path(__file__).parents[1]))
import reminder
from reminder import for_psycopg

CONCURRENCY = 1000
CONNECTIONS = 20
URL = os.environ["DATABASE_URL"]
WORKLOAD = sys.argv[2]
chancy = Chancy(
    URL,
    plugins=[Leadership(), Recovery()],
    no_default_plugins=True,
    max_connection_pool_size=10,
    log=logging.getLogger("quiet"),
)
pool = psycopg_pool.AsyncConnectionPool(URL, min_size=CONNECTIONS, max_size=CONNECTIONS, timeout=60, open=False)


@job()
async def remind(*, sync: str) -> None:
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
        async with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            await chancy.push_many_ex(cursor, [replace(pause.job, kwargs={"sync": sync}, scheduled_at=tomorrow)])


@job()
async def pause(*, sync: str) -> None:
    pass


async def prepare() -> None:
    async with chancy:
        await chancy.migrate()
        queue = Queue(
            "default",
            concurrency=CONCURRENCY,
            executor=Chancy.Executor.Async,
            polling_interval=1,
            eager_polling=True,
        )
        await chancy.declare(queue)
        async with await psycopg.AsyncConnection.connect(URL) as connection:
            syncs = await (await connection.execute(reminder.ALL_SYNCS)).fetchall()
        now = datetime.now(UTC)
        jobs = [replace(remind.job, kwargs={"sync": str(id_)}, scheduled_at=now) for (id_,) in syncs]
        async for _ in chancy.push_many(jobs):
            pass


async def work() -> None:
    async with chancy, pool:
        await pool.wait()
        await reminder.wait_for_go()
        worker = Worker(chancy, register_signal_handlers=False)
        worker.send_outgoing_interval = 0.1
        async with worker:
            await worker.wait_for_shutdown()


asyncio.run(prepare() if sys.argv[1] == "prepare" else work())
