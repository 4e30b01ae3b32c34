"""A contestant of our own in a process of its own: `python -m autosync.bench.work engine|limit LANES`, or `worker`.

It connects, prints `ready`, waits for a line, works off everything that is due, and then waits for its end, as every
contestant does; `worker` becomes `autosync worker`. `DATABASE_URL` says where.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys

from autosync.database import bench
from autosync.database.pool import open_pool
from autosync.processor import BATCH_SIZE, Processor


async def _work(what: str, lanes: int) -> None:
    async with open_pool(os.environ["DATABASE_URL"], size=max(lanes, 2)) as pool:
        await pool.wait()
        await asyncio.to_thread(_wait_for_go)
        if what == "engine":
            await Processor(pool=pool, lanes=lanes).process_due()
        else:

            async def by_hand() -> None:
                async with pool.connection() as connection:
                    while await bench.do_by_hand(connection, limit=BATCH_SIZE):
                        pass

            await asyncio.gather(*(by_hand() for _ in range(lanes)))
        sys.stdout.write("done\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)


def _wait_for_go() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def _become_worker() -> None:
    _wait_for_go()
    os.execv(sys.executable, (sys.executable, "-m", "autosync", "worker"))  # noqa: S606 - our own words


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        _become_worker()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    asyncio.run(_work(sys.argv[1], int(sys.argv[2])))
