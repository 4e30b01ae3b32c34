"""Migrations on a production database that is in use: whoever works there is held up for a moment at most."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog

from autosync.database.migrate import LOCK_TIMEOUT, MigrationError, migrate, migrations, pending
from autosync.database.pool import Connection, connect
from factories import lay_production_schema, lay_stand_in
from waiting import until, until_waiting

BASELINE = "20261101000000_production_baseline.sql"
DELIVERY = "20261101000300_delivery.sql"

WRITES = (
    "insert into auto_sync_messages (auto_sync_id, contact_id, message_type)"
    " select id, (select id from contacts order by id limit 1), 'initial' from auto_syncs limit 1",
    "update contacts set email = 'new@example.org'",
    "update profiles set first_name = 'Nora'",
    "insert into auto_syncs (organizer_id, event_name, status) select id, 'Tea', 'paused' from profiles limit 1",
    "update job_queue set error_message = null",
)
"""What other clients of production go on doing, as they did before."""

HOLDERS = {
    "a reader of messages": ("select count(*) from auto_sync_messages", DELIVERY),
    "a writer of contacts": ("update contacts set email = null where false", BASELINE),
    "a writer of profiles": ("update profiles set last_name = null where false", BASELINE),
}
"""Who has a transaction open, and which migration has to wait for that."""


@pytest.fixture
def production_url(empty_database_url: str) -> str:
    """Production before this project."""
    lay_stand_in(empty_database_url)
    lay_production_schema(empty_database_url, with_queue=True)
    return empty_database_url


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[list[float]]:
    """Writes everywhere, again and again; gives how long each write has taken so far, in seconds."""
    taken: list[float] = []

    async def write(statement: str) -> None:
        async with connect(url) as client:
            while True:
                began = time.monotonic()
                await client.execute(statement.encode())
                taken.append(time.monotonic() - began)
                await asyncio.sleep(0.005)

    writers = [asyncio.create_task(write(statement)) for statement in WRITES]
    try:
        yield taken
        assert not any(writer.done() for writer in writers), "a writer was refused"
    finally:
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)


async def is_untouched(connection: Connection) -> bool:
    """Whether nothing of the delivery's migration is there."""
    cursor = await connection.execute(
        "select to_regclass('public.auto_sync_inbound') is null and not exists (select from information_schema.columns"
        " where table_name = 'auto_sync_messages' and column_name = 'status')"
    )
    row = await cursor.fetchone()
    assert row is not None
    return bool(row[0])


@pytest.mark.parametrize(("holding", "file"), HOLDERS.values(), ids=HOLDERS.keys())
async def test_a_long_transaction_keeps_the_migration_waiting_and_nobody_else(
    production_url: str, holding: str, file: str
) -> None:
    async with (
        writing(production_url) as taken,
        connect(production_url) as holder,
        connect(production_url) as migrating,
        connect(production_url) as observer,
    ):
        with structlog.testing.capture_logs() as logged:
            async with holder.transaction():
                await holder.execute(holding.encode())
                migration = asyncio.create_task(migrate(migrating))

                async def was_tried_twice() -> bool:
                    return len([entry for entry in logged if entry["event"] == "migration_waits"]) >= 2

                await until(was_tried_twice)
                assert not migration.done()
                assert await is_untouched(observer)
                before = len(taken)
            assert await migration == list(migrations())

    assert [entry["file"] for entry in logged if entry["event"] == "migration_waits"][:2] == [file, file]
    assert before > 20, "nobody could write while the migration waited"
    assert max(taken) < LOCK_TIMEOUT.total_seconds() + 1.5


async def test_a_migration_that_gives_up_says_who_was_in_the_way_and_leaves_nothing_behind(
    production_url: str,
) -> None:
    async with connect(production_url) as holder, connect(production_url) as migrating:
        async with holder.transaction():
            await holder.execute("select from auto_sync_messages")

            with pytest.raises(MigrationError) as refused:
                await migrate(migrating, attempts=2)

            assert str(refused.value).startswith(
                f"{DELIVERY} was not applied: its tables were in use by others whenever it was tried, 2 times,"
                f" at last by session {holder.info.backend_pid} of autosync, whose transaction is "
            )
            assert (await pending(migrating))[0].file == DELIVERY
            assert await is_untouched(migrating)

        assert (await migrate(migrating))[0].file == DELIVERY


async def test_in_a_deadlock_it_is_the_migration_that_gives_way(production_url: str) -> None:
    async with (
        connect(production_url) as client,
        connect(production_url) as migrating,
        connect(production_url) as third,
    ):
        async with client.transaction():
            await client.execute("update contacts set email = null")
            migration = asyncio.create_task(migrate(migrating))
            await until_waiting(third, migrating)  # it holds the messages by now, and wants the contacts

            await client.execute(WRITES[0].encode())

            assert not migration.done()
        await migration

        assert await pending(migrating) == []
