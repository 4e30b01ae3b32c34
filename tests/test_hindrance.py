"""How somebody who is signed in may try to hold up others: absurd values in their own rows, locks, endless texts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from autosync.database import figures, jobs
from autosync.database.pool import Connection, Pool, connect
from autosync.processor import Processor
from factories import Factory, acting_as, lay_production_schema, lay_stand_in, run_migrations
from outbox import queue

ABSURD_SYNCS: dict[str, dict[str, Any]] = {
    "begun-never": {"started_at": "infinity"},
    "begun-ever": {"started_at": "-infinity"},
    "begun-before-christ": {"started_at": "4713-01-01 00:00:00+00 BC"},
    "begun-after-the-calendar": {"started_at": "294276-12-31 23:00Z"},
    "zone-nowhere": {"timezone": "Mars/Olympus"},
    "zone-a-path": {"timezone": "../../etc/passwd"},
    "zone-endless": {"timezone": "x" * 10_000},
    "zone-empty": {"timezone": ""},
    "name-empty": {"event_name": ""},
    "name-endless": {"event_name": "x" * 1_000_000},
    "name-code": {"event_name": "%s %(id)s {0} $1 \\ ' \" ; drop table profiles --"},
    "name-controls": {"event_name": "\x01\x1b[2J\r\n\u202e\ufeff"},
    "metadata-list": {"metadata": "[1, 2]"},
    "metadata-number": {"metadata": "1" * 10_000},
    "metadata-deep": {"metadata": "[" * 1_000 + "]" * 1_000},
}
ABSURD_OPTIONS: dict[str, dict[str, Any]] = {
    "never": {"start_time": "infinity"},
    "ever": {"start_time": "-infinity"},
    "backwards": {"start_time": "infinity", "end_time": "-infinity"},
    "before-christ": {"start_time": "4713-01-01 00:00:00+00 BC"},
    "after-the-calendar": {"start_time": "294276-12-31 23:59Z"},
    "zone-nowhere": {"start_time": "2030-01-01Z", "timezone": "Mars/Olympus"},
}


async def is_done(factory: Factory, pool: Pool, sync: UUID) -> bool:
    """Whether a sync's due reminder is done in one round over all that is due."""
    await Processor(pool=pool, batch_size=500).process_due()
    rows = await factory.jobs(sync)
    return ("reminder_24h", "processed") in [(type_, status) for type_, status, _ in rows]


async def assert_jobs_can_be_reckoned_with(factory: Factory) -> None:
    """No job stands where no calendar does: PostgreSQL before 17 cannot even subtract infinity."""
    assert await factory.one("select bool_and(isfinite(scheduled_at)) from job_queue")
    assert isinstance(await jobs.oldest_due_age(factory.connection), timedelta | None)


@pytest.mark.parametrize("url", ["empty_database_url", "empty_postgres_15_url"])
async def test_how_late_things_are_can_be_told_whatever_moments_another_client_has_written(
    request: pytest.FixtureRequest, url: str
) -> None:
    where: str = request.getfixturevalue(url)
    await asyncio.to_thread(run_migrations, where)
    async with connect(where) as connection:
        factory = Factory(connection)
        sync = await factory.sync(invitees=1)
        await factory.do("update job_queue set scheduled_at = '-infinity' where job_type = 'reminder_24h'")
        await queue(factory, sync, sync.contacts[0])
        await factory.do("update auto_sync_messages set send_after = '-infinity' where status = 'queued'")
        told = await figures.read(connection)
        assert told.oldest_due_job > timedelta(days=700_000)
        assert told.oldest_due_text > timedelta(days=700_000)


async def due_beside(factory: Factory, attacker: UUID) -> UUID:
    """Somebody's sync whose reminder is due, and the attacker's syncs, all of which are due before it."""
    made = await factory.sync()
    await factory.do(
        "update job_queue j set scheduled_at = least(scheduled_at, autosync_now() - interval '1 hour')"
        " from auto_syncs s where s.id = j.sync_id and s.organizer_id = %s and j.status = 'pending'",
        attacker,
    )
    await factory.make_due(made.id, "reminder_24h")
    return made.id


@pytest.mark.parametrize("absurd", ABSURD_SYNCS.values(), ids=ABSURD_SYNCS)
async def test_an_absurd_sync_is_taken_and_holds_up_nobody(
    factory: Factory, pool: Pool, absurd: dict[str, Any]
) -> None:
    attacker = await factory.organizer()
    columns = {"event_name": "Trouble", "organizer_id": attacker} | absurd
    async with acting_as(factory.connection, "authenticated", attacker):
        id_ = await factory.insert("auto_syncs", **columns)
    assert [type_ for type_, *_ in await factory.jobs(id_)] == ["reminder_24h"]
    await assert_jobs_can_be_reckoned_with(factory)

    assert await is_done(factory, pool, await due_beside(factory, attacker))


@pytest.mark.parametrize("absurd", ABSURD_OPTIONS.values(), ids=ABSURD_OPTIONS)
async def test_an_absurd_option_is_taken_and_holds_up_nobody(
    factory: Factory, pool: Pool, absurd: dict[str, Any]
) -> None:
    made = await factory.sync(options=0)
    async with acting_as(factory.connection, "authenticated", made.organizer):
        option = await factory.insert("auto_sync_options", auto_sync_id=made.id, idx=1, **absurd)
        await factory.do("update auto_sync_options set idx = 2 where id = %s", option)
    assert ("auto_end_check", "pending") in [(type_, status) for type_, status, _ in await factory.jobs(made.id)]
    await assert_jobs_can_be_reckoned_with(factory)

    assert await is_done(factory, pool, await due_beside(factory, made.organizer))


def test_a_text_that_has_been_endless_for_long_does_not_stop_the_migration(empty_database_url: str) -> None:
    lay_stand_in(empty_database_url)
    lay_production_schema(empty_database_url, with_queue=True)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("update profiles set first_name = repeat('x', 10001) where first_name = 'Nora'")
    run_migrations(empty_database_url)

    with psycopg.connect(empty_database_url) as connection:
        checked = connection.execute(
            "select conname, convalidated from pg_constraint where conname like '%length%' order by conname"
        ).fetchall()
    assert checked == [
        ("auto_syncs_timezone_length_check", True),
        ("contacts_lengths_check", True),
        ("profiles_lengths_check", False),
    ]


# Locks

LOCKING = """
    select from profiles for update;
    select from contacts for update;
    select from crews for update;
    select from crew_members for update;
    select from auto_syncs for update;
    select from auto_sync_options for update;
    select from google_calendar_tokens for update;
    select from auto_sync_calendars for update;
"""


REACHING = (
    "insert into crew_members (crew_id, contact_id) values (%(crew)s, %(contact)s)",
    "insert into auto_syncs (organizer_id, crew_id, event_name) values (%(me)s, %(crew)s, 'Tea')",
    "insert into auto_syncs (organizer_id, event_name) values (%(organizer)s, 'Tea')",
    "insert into auto_sync_options (auto_sync_id, idx, start_time) values (%(sync)s, 1, now())",
    "insert into auto_sync_responses (auto_sync_id, contact_id, response_type)"
    " values (%(sync)s, %(contact)s, 'not_available')",
    "insert into contacts (user_id) values (%(organizer)s)",
    "update crew_members set contact_id = %(contact)s",
    "update crew_members set crew_id = %(crew)s",
)
"""What would lock somebody else's row by a foreign key or a trigger, were it let through."""


async def lock_all_one_can(connection: Connection, ids: dict[str, UUID]) -> None:
    """Locks every row that the person sees, and tries what would reach somebody else's."""
    await connection.execute(LOCKING.encode())
    for statement in REACHING:
        with pytest.raises(InsufficientPrivilege):
            async with connection.transaction():
                await connection.execute(statement.encode(), ids)


async def test_locks_of_one_person_hold_up_nobody_else(database_url: str, factory: Factory, pool: Pool) -> None:
    attacker = await factory.organizer("Eve")
    await factory.crew(attacker, [await factory.contact(attacker)])
    victim = await factory.sync()
    contact, organizer = victim.contacts[0], victim.organizer
    crew = await factory.crew(organizer, victim.contacts)
    await factory.make_due(victim.id, "reminder_24h")
    ids = {"me": attacker, "crew": crew, "contact": contact, "sync": victim.id, "organizer": organizer}

    async with connect(database_url) as held, acting_as(held, "authenticated", attacker):
        await lock_all_one_can(held, ids)

        for table, id_ in (("crews", crew), ("contacts", contact), ("auto_syncs", victim.id), ("profiles", organizer)):
            assert await factory.do(f"select from {table} where id = %s for update nowait", id_) == 1
        async with acting_as(factory.connection, "authenticated", organizer):
            await factory.do("set local lock_timeout = '2s'")
            await factory.insert("auto_syncs", organizer_id=organizer, crew_id=crew, event_name="Lunch")
        assert await is_done(factory, pool, victim.id)
