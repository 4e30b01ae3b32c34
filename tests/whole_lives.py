"""Syncs that live from their start to their invites, through the project's own verbs, and what the database did for it.

`await live(factory, pool, 20)` lets twenty of them live side by side; `await read_work(factory)` vacuums and says what
the tables have been through so far. It needs the demo's timings and a clock at noon (`at_noon`), and moves that clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from psycopg.errors import Diagnostic

from autosync import mailbag, syncs
from autosync.database import messages
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.inbox import InboundText
from autosync.model import ResponseGoal
from autosync.processor import Processor
from factories import Factory
from waiting import until

NAMES = ("Ann", "Ben", "Chloe", "Dev", "Eli", "Fay", "Gus", "Hana")
EARLY = 3
"""How many of the crew answer before the reminder."""


TABLES = (
    "auto_syncs", "auto_sync_options", "auto_sync_messages", "auto_sync_responses", "auto_sync_inbound",
    "auto_sync_events", "job_queue", "job_batches",
)  # fmt: skip
CHANGED = ("auto_syncs", "auto_sync_messages", "auto_sync_events", "job_queue")


@dataclass(frozen=True, slots=True)
class Work:
    """Row versions made dead by updates, of these on their page alone (HOT); bytes of WAL, of tables with indexes, of
    the queue with its, of the texts' indexes; pages that vacuum touched."""

    dead: int
    hot: int
    wal: int
    kept: int
    of_jobs: int
    text_indexes: int
    vacuumed: int

    def __sub__(self, earlier: Work) -> Work:
        """What has come since; of vacuum the last one."""
        since = Work(*(now - then for now, then in zip(astuple(self), astuple(earlier), strict=True)))
        return replace(since, vacuumed=self.vacuumed)


async def vacuumed_by_us(factory: Factory) -> None:
    """Keeps autovacuum away, so that what there is to vacuum is still there when we do."""
    for table in TABLES:
        await factory.do(f"alter table {table} set (autovacuum_enabled = off)")


async def alone(factory: Factory) -> None:
    """Once nobody else is connected, what they did is counted."""
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"

    async def is_alone() -> bool:
        return bool(await factory.one(others) == 0)

    await until(is_alone)


async def read_work(factory: Factory) -> Work:
    """So far, in the tables that hang on a sync."""
    vacuumed = await _vacuum(factory)
    await factory.do("select pg_stat_force_next_flush()")
    [row] = await factory.rows(
        """
        select
          sum(n_tup_upd + n_tup_del)::bigint, sum(n_tup_hot_upd)::bigint,
          pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
          sum(pg_total_relation_size(relid)) filter (where relname not like 'job_%%')::bigint,
          sum(pg_total_relation_size(relid)) filter (where relname like 'job_%%')::bigint,
          pg_indexes_size('auto_sync_messages')
        from pg_stat_user_tables where relname = any(%s)""",
        list(TABLES),
    )
    return Work(*row, vacuumed=vacuumed)


async def _vacuum(factory: Factory) -> int:
    """Vacuums what changes; how many pages it touched."""
    told: list[str] = []

    def hear(notice: Diagnostic) -> None:
        told.append(notice.message_primary or "")

    factory.connection.add_notice_handler(hear)
    for table in CHANGED:
        await factory.do(f"vacuum (verbose) {table}")
    factory.connection.remove_notice_handler(hear)
    usage = re.findall(r"buffer usage: (\d+) hits, (\d+) (?:reads|misses)", "\n".join(told))
    assert len(usage) >= len(CHANGED), told
    return sum(int(hits) + int(reads) for hits, reads in usage)


async def live(factory: Factory, pool: Pool, how_many: int) -> list[UUID]:
    """Each: eight are asked, three answer, five are reminded and answer, one time is chosen, everybody is invited."""
    crews = [await _crew(factory) for _ in range(how_many)]
    gateway = RecordGateway()
    dispatcher = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")
    processor = Processor(pool=pool)
    now = await factory.one("select autosync_now()")
    times = tuple((now + timedelta(days=days), now + timedelta(days=days, hours=2)) for days in (20, 21, 22))
    started = []
    for organizer, _ in crews:
        async with pool.connection() as connection:
            plan = syncs.Plan(
                organizer, "Friends", "Board game night", "Luna Cafe", "America/New_York", ResponseGoal.EVERYONE, times
            )
            started.append((await syncs.start(connection, plan, region="US")).sync.id)
    await _leave_and_arrive(factory, pool, dispatcher)
    await _answer(pool, [numbers[:EARLY] for _, numbers in crews])
    await factory.move_clock(minutes=6)
    await processor.process_due()
    await _leave_and_arrive(factory, pool, dispatcher)
    await _answer(pool, [numbers[EARLY:] for _, numbers in crews])
    await processor.process_due()
    await _leave_and_arrive(factory, pool, dispatcher)
    for sync in started:
        async with pool.connection() as connection:
            await syncs.invite(connection, sync, 1)
    await _leave_and_arrive(factory, pool, dispatcher)
    return started


async def _crew(factory: Factory) -> tuple[UUID, list[str]]:
    organizer = await factory.organizer()
    contacts = [await factory.contact(organizer, name) for name in NAMES]
    await factory.crew(organizer, contacts)
    numbers = await factory.rows("select phone_number from contacts where user_id = %s order by first_name", organizer)
    return organizer, [number for (number,) in numbers]


async def _leave_and_arrive(factory: Factory, pool: Pool, dispatcher: Dispatcher) -> None:
    """Sends what is queued, and has the gateway report each text as delivered."""
    await dispatcher.dispatch_due()
    sent = await factory.rows("select id, gateway, gateway_message_id from auto_sync_messages where status = 'sent'")
    async with pool.connection() as connection:
        for id_, gateway, called in sent:
            await messages.apply_delivery_status(
                connection, id_, gateway=gateway, gateway_message_id=called, status="delivered",
                error_code=None, reason=None, opted_out=False,
            )  # fmt: skip


async def _answer(pool: Pool, crews: Sequence[Sequence[str]]) -> None:
    """Answers come in 32 at once, as in the benchmark, from one of each crew after the other."""
    numbers = [number for each in zip(*crews, strict=True) for number in each]
    async with pool.connection() as connection:
        for first in range(0, len(numbers), 32):
            bag = [InboundText("record", uuid4().hex, number, "1, 2") for number in numbers[first : first + 32]]
            assert None not in await mailbag.take(connection, bag, region="US")
