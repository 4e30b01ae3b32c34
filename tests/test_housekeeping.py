"""What is tidied away, what stays, and in which steps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from autosync.database.pool import Pool, connect
from autosync.housekeeping import Housekeeping, Tidied
from autosync.processor import Processor
from factories import Factory, MadeSync, at_noon

FRESH = timedelta(hours=71, minutes=59)
OLD = timedelta(hours=72, minutes=1)


async def job(
    factory: Factory, sync: UUID, status: str, *, due: timedelta, done: timedelta | None = None,
    type_: str = "pause_check_48h",
) -> UUID:  # fmt: skip
    """A job that was due, and done, so long ago."""
    now = await factory.one("select autosync_now()")
    processed_at = None if done is None else now - done
    return await factory.insert(
        "job_queue", sync_id=sync, job_type=type_, scheduled_at=now - due, status=status, processed_at=processed_at
    )


async def many_old_jobs(factory: Factory, sync: UUID, count: int) -> None:
    """Done and skipped jobs in equal parts, each done four days ago or earlier."""
    await factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at)"
        " select %s, 'reminder_24h', moment, case n %% 2 when 0 then 'processed' else 'skipped' end, moment"
        " from generate_series(1, %s) as n"
        " cross join lateral (select now() - interval '4 days' - n * interval '1 second' as moment) as m",
        sync, count,
    )  # fmt: skip


async def outcome(factory: Factory, job_id: UUID) -> tuple[str, str | None]:
    ((status, reason),) = await factory.rows("select status, error_message from job_queue where id = %s", job_id)
    return status, reason


# Cleanup


@pytest.mark.parametrize("status", ["processed", "skipped"])
async def test_a_finished_job_goes_three_days_after_it_was_done_whenever_it_was_due(
    factory: Factory, pool: Pool, status: str
) -> None:
    sync = (await factory.sync()).id
    gone = [
        await job(factory, sync, status, due=OLD, done=OLD),
        await job(factory, sync, status, due=timedelta(minutes=1), done=OLD),
    ]
    stays = [
        await job(factory, sync, status, due=timedelta(days=30), done=FRESH),
        await job(factory, sync, status, due=timedelta(days=31), done=timedelta()),
    ]

    assert await Housekeeping(pool=pool).tidy() == Tidied(deleted=2)

    left = {id_ for (id_,) in await factory.rows("select id from job_queue")}
    assert not left & set(gone)
    assert left >= set(stays)


async def test_jobs_that_are_not_finished_stay_however_old_they_are(factory: Factory, pool: Pool) -> None:
    sync = (await factory.sync()).id
    month = timedelta(days=30)
    stays = {
        await job(factory, sync, "failed", due=month, done=month),
        await job(factory, sync, "pending", due=month),
        await job(factory, sync, "processing", due=timedelta(minutes=29), type_="auto_end_check"),
    }

    assert await Housekeeping(pool=pool).tidy() == Tidied()

    assert {id_ for (id_,) in await factory.rows("select id from job_queue")} >= stays


@pytest.mark.parametrize("by", ["housekeeping", "pg_cron"])
async def test_who_did_a_batch_is_forgotten_after_three_days(factory: Factory, pool: Pool, by: str) -> None:
    now = await factory.one("select autosync_now()")
    for age in (FRESH, OLD, OLD + timedelta(seconds=1)):
        await factory.do("insert into job_batches (done_at, taken_by) values (%s, 'oak:7')", now - age)

    if by == "pg_cron":
        assert await factory.one("select cleanup_auto_sync_jobs()") == 0
    else:
        assert await Housekeeping(pool=pool, batch_size=1).tidy_once() == Tidied(forgotten=1)
        assert await Housekeeping(pool=pool).tidy() == Tidied(forgotten=1)

    assert await factory.rows("select done_at from job_batches") == [(now - FRESH,)]


async def test_a_statement_deletes_no_more_than_its_batch_and_the_oldest_first(factory: Factory, pool: Pool) -> None:
    sync = (await factory.sync()).id
    await many_old_jobs(factory, sync, 250)
    # Fresh statistics make other plans likely: none may delete more.
    await factory.do("analyze job_queue")

    assert await Housekeeping(pool=pool, batch_size=100).tidy_once() == Tidied(deleted=100)

    assert await factory.rows(
        "select count(*), max(now() - processed_at) < interval '4 days 160 seconds' from job_queue"
        " where processed_at is not null"
    ) == [(150, True)]


async def test_no_plan_makes_a_statement_delete_more_than_its_batch(factory: Factory, pool: Pool) -> None:
    await many_old_jobs(factory, (await factory.sync()).id, 50)
    database = await factory.one("select current_database()")
    for setting in ("enable_hashjoin", "enable_mergejoin", "enable_hashagg", "enable_material", "enable_sort"):
        await factory.do(f'alter database "{database}" set {setting} = off')
    await pool.drain()

    assert await Housekeeping(pool=pool, batch_size=10).tidy_once() == Tidied(deleted=10)


async def test_a_hundred_thousand_old_jobs_go_while_a_processor_works(factory: Factory, pool: Pool) -> None:
    old, due = 100_000, 600
    made = await factory.sync(invitees=1)
    await many_old_jobs(factory, made.id, old)
    await factory.do(
        "insert into auto_syncs (organizer_id, event_name, timezone)"
        " select %s, 'Event', 'Europe/Berlin' from generate_series(1, %s)",
        made.organizer, due,
    )  # fmt: skip
    await factory.do(
        "update job_queue set scheduled_at = now() - interval '1 minute' where status = 'pending' and sync_id <> %s",
        made.id,
    )
    kept = {
        await job(factory, made.id, "failed", due=OLD, done=OLD),
        await job(factory, made.id, "processed", due=OLD, done=FRESH),
        await job(factory, made.id, "processing", due=timedelta(minutes=1)),
    }

    tidied, other, summary = await asyncio.gather(
        Housekeeping(pool=pool).tidy(),
        Housekeeping(pool=pool).tidy(),
        Processor(pool=pool, batch_size=50).process_due(),
    )

    assert tidied.deleted + other.deleted == old
    assert (summary.processed, summary.failed, summary.retried, summary.remaining) == (due, 0, 0, 0)
    left = {id_ for (id_,) in await factory.rows("select id from job_queue where sync_id = %s", made.id)}
    assert left >= kept
    assert await factory.one("select count(*) from job_queue where processed_at < now() - interval '73 hours'") == 0


# Jobs left in processing


async def test_a_job_left_in_processing_is_put_back_half_an_hour_after_it_was_due_and_done(
    factory: Factory, pool: Pool
) -> None:
    made = await factory.sync()
    abandoned = await job(factory, made.id, "processing", due=timedelta(minutes=31))
    fresh = await job(factory, (await factory.sync()).id, "processing", due=timedelta(minutes=29))

    assert await Housekeeping(pool=pool).tidy() == Tidied(put_back=1)

    assert await outcome(factory, abandoned) == ("pending", "Another client left it in processing; it was put back.")
    assert await outcome(factory, fresh) == ("processing", None)
    assert (await Processor(pool=pool).process_due()).processed == 1
    assert await outcome(factory, abandoned) == ("processed", None)
    assert await factory.one("select status::text from auto_syncs where id = %s", made.id) == "paused"


async def test_a_job_left_in_processing_is_skipped_where_one_of_its_type_has_been_scheduled_since(
    factory: Factory, pool: Pool
) -> None:
    sync = (await factory.sync()).id
    abandoned = await job(factory, sync, "processing", due=timedelta(hours=1))
    pending = await job(factory, sync, "pending", due=timedelta(minutes=-30))

    assert await Housekeeping(pool=pool).tidy() == Tidied(put_back=1)

    assert await outcome(factory, abandoned) == (
        "skipped",
        "Another client left it in processing, and a job of its type has been scheduled since.",
    )
    assert await outcome(factory, pending) == ("pending", None)
    assert await factory.one("select processed_at is not null from job_queue where id = %s", abandoned)


async def test_of_several_jobs_left_in_processing_the_earliest_is_put_back(factory: Factory, pool: Pool) -> None:
    sync = (await factory.sync()).id
    earlier, later = [await job(factory, sync, "processing", due=timedelta(hours=hours)) for hours in (2, 1)]

    await Housekeeping(pool=pool, batch_size=1).tidy()

    assert (await outcome(factory, earlier))[0] == "pending"
    assert (await outcome(factory, later))[0] == "skipped"


# Reminders that could not be written with their syncs


@asynccontextmanager
async def a_full_queue(factory: Factory) -> AsyncIterator[None]:
    """Nothing can be written into it meanwhile, such as on a full disk."""
    await factory.do(
        "create function full_up() returns trigger language plpgsql as $$"
        " begin raise exception 'No space is left.' using errcode = 'disk_full'; end $$"
    )
    await factory.do("create trigger full_up before insert on job_queue for each row execute function full_up()")
    yield
    await factory.do("drop trigger full_up on job_queue")
    await factory.do("drop function full_up()")


async def without_a_reminder(factory: Factory, **columns: Any) -> MadeSync:
    """A sync that was inserted while nothing could be written into the queue; it has invitees and no options."""
    async with a_full_queue(factory):
        sync = await factory.sync(options=0, **columns)
    assert await reminders(factory, sync) == []
    return sync


async def reminders(factory: Factory, sync: MadeSync) -> list[tuple[Any, ...]]:
    """Status, how long after the start, and reason."""
    return await factory.rows(
        "select j.status, j.scheduled_at - s.started_at, j.error_message from job_queue j"
        " join auto_syncs s on s.id = j.sync_id where s.id = %s and j.job_type = 'reminder_24h' order by 2",
        sync.id,
    )


@pytest.mark.parametrize("by", ["housekeeping", "the wake-up of pg_cron"])
async def test_a_reminder_that_could_not_be_written_with_its_sync_is_written_later(
    factory: Factory, pool: Pool, by: str
) -> None:
    await at_noon(factory)
    sync = await without_a_reminder(factory, started_at=await factory.one("select autosync_now()"))

    if by == "housekeeping":
        assert await Housekeeping(pool=pool).tidy() == Tidied(put_back=1)
    else:
        await factory.do("select process_auto_sync_jobs()")

    why = "It could not be written with its sync, and was written later."
    delay = await factory.one("select reminder_delay from autosync_timings()")
    assert await reminders(factory, sync) == [("pending", delay, why)]
    assert await factory.one("select count(*) from auto_sync_missing_reminders") == 0
    assert await Housekeeping(pool=pool).tidy() == Tidied()
    await factory.make_due(sync.id, "reminder_24h")
    assert (await Processor(pool=pool).process_due()).messages == 4, "three invitees and the organizer"


async def test_while_a_reminder_still_cannot_be_written_everything_else_goes_on(factory: Factory, pool: Pool) -> None:
    sync = await without_a_reminder(factory)
    abandoned = await job(factory, sync.id, "processing", due=timedelta(hours=1), type_="auto_end_check")
    async with a_full_queue(factory):
        assert await Housekeeping(pool=pool).tidy() == Tidied(put_back=1)
        assert await factory.one("select process_auto_sync_jobs()") == 1
    assert (await outcome(factory, abandoned))[0] == "pending"
    assert await reminders(factory, sync) == []

    assert await Housekeeping(pool=pool).tidy() == Tidied(put_back=1)
    assert len(await reminders(factory, sync)) == 1


async def test_one_reminder_that_is_refused_for_good_keeps_no_other_from_being_written(
    factory: Factory, pool: Pool
) -> None:
    made = [await without_a_reminder(factory) for _ in range(3)]
    poison = sorted(made, key=lambda sync: sync.id)[0]
    await factory.do(
        "create function refuse_one() returns trigger language plpgsql as $$ begin"
        f" if new.sync_id = '{poison.id}' then raise exception 'Not this one.'; end if; return new; end $$"
    )
    await factory.do("create trigger refuse_one before insert on job_queue for each row execute function refuse_one()")

    assert await Housekeeping(pool=pool).tidy() == Tidied(put_back=2)

    assert await factory.rows("select sync_id from auto_sync_missing_reminders") == [(poison.id,)]
    assert sorted([len(await reminders(factory, sync)) for sync in made]) == [0, 1, 1]


@pytest.mark.parametrize("status", ["paused", "stopped", "completed"])
async def test_a_sync_that_runs_no_more_gets_no_reminder_later(factory: Factory, pool: Pool, status: str) -> None:
    sync = await without_a_reminder(factory)
    await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)

    assert await Housekeeping(pool=pool).tidy() == Tidied()

    assert await reminders(factory, sync) == []
    assert await factory.one("select count(*) from auto_sync_missing_reminders") == 0


async def test_whoever_was_reminded_by_another_way_meanwhile_is_not_reminded_twice(
    factory: Factory, pool: Pool
) -> None:
    sync = await without_a_reminder(factory)
    for status in ("paused", "running"):
        await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)
    await Processor(pool=pool).process_due()

    await Housekeeping(pool=pool).tidy()

    assert [status for status, *_ in await reminders(factory, sync)] == ["processed"]


async def test_a_sync_that_an_organizer_has_in_hand_gets_its_reminder_the_next_time(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync = await without_a_reminder(factory)
    async with connect(database_url) as organizer, organizer.transaction():
        await organizer.execute("select from auto_syncs where id = %s for no key update", [sync.id])
        assert await Housekeeping(pool=pool).tidy() == Tidied()

    assert await Housekeeping(pool=pool).tidy() == Tidied(put_back=1)


async def test_two_at_once_write_each_reminder_once(factory: Factory, pool: Pool) -> None:
    made = [await without_a_reminder(factory) for _ in range(10)]

    both = await asyncio.gather(*(Housekeeping(pool=pool, batch_size=3).tidy() for _ in range(2)))

    rest = await Housekeeping(pool=pool).tidy()
    assert sum(tidied.put_back for tidied in (*both, rest)) == 10
    assert [len(await reminders(factory, sync)) for sync in made] == [1] * 10


# Words and numbers of old texts


async def ended(factory: Factory, *, days_ago: int, status: str = "completed") -> MadeSync:
    """A sync that ended so long ago, with a text to each invitee and one to the organizer."""
    sync = await factory.sync(invitees=2)
    for contact in (*sync.contacts, None):
        await factory.insert(
            "auto_sync_messages", auto_sync_id=sync.id, contact_id=contact, message_type="status", cause_id=uuid4(),
            body="Tea with Ann", phone_number="+12125550101", status="sent", gateway="record", attempt=1,
        )  # fmt: skip
    column = "completed_at" if status == "completed" else "stopped_at"
    await factory.do(
        f"update auto_syncs set status = %s, {column} = autosync_now() - make_interval(days => %s) where id = %s",
        status, days_ago, sync.id,
    )  # fmt: skip
    return sync


async def worded(factory: Factory, sync: MadeSync) -> int:
    """How many of its texts have words or a number."""
    found: int = await factory.one(
        "select count(*) from auto_sync_messages"
        " where auto_sync_id = %s and (body is not null or phone_number is not null)", sync.id,
    )  # fmt: skip
    return found


async def test_words_and_numbers_go_so_many_days_after_the_end_and_nothing_else_does(
    factory: Factory, pool: Pool
) -> None:
    old, stopped = await ended(factory, days_ago=31), await ended(factory, days_ago=31, status="stopped")
    fresh, running = await ended(factory, days_ago=29), await factory.sync(invitees=1)
    unsettled = await ended(factory, days_ago=31)
    await factory.do(
        "update auto_sync_messages set status = 'unknown', send_after = null, claimed_at = now() where id ="
        " (select id from auto_sync_messages where auto_sync_id = %s and cause_id is not null limit 1)", unsettled.id,
    )  # fmt: skip
    for name, days in (("old", 31), ("fresh", 29)):
        await factory.do(
            "insert into auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, outcome)"
            " values ('record', %s, '+12125550101', 'yes', autosync_now() - make_interval(days => %s), 'read')",
            name, days,
        )  # fmt: skip
    housekeeping = Housekeeping(pool=pool, batch_size=1, keep_texts=timedelta(days=30))
    before = [await worded(factory, sync) for sync in (fresh, unsettled)]

    assert (await housekeeping.tidy()).unworded == 3

    assert [await worded(factory, sync) for sync in (old, stopped)] == [0, 0]
    assert [await worded(factory, sync) for sync in (fresh, unsettled)] == before
    kept = await factory.rows("select gateway_message_id, body, phone_number from auto_sync_inbound order by 1")
    assert kept == [("fresh", "yes", "+12125550101"), ("old", "", "")]
    assert await factory.one("select count(*) from auto_sync_messages where auto_sync_id = %s", old.id) == 5
    assert await factory.one("select status::text from auto_syncs where id = %s", running.id) == "running"
    assert (await housekeeping.tidy()).unworded == 0


async def test_without_a_limit_every_word_is_kept(factory: Factory, pool: Pool) -> None:
    old = await ended(factory, days_ago=4000)
    before = await worded(factory, old)
    await Housekeeping(pool=pool).tidy()
    assert await worded(factory, old) == before > 0


@pytest.mark.parametrize("ends", ["stopped", "completed"])
async def test_a_sync_that_a_client_ends_by_its_state_alone_is_forgotten_as_well(
    factory: Factory, pool: Pool, ends: str
) -> None:
    await factory.demo_timings()
    sync = await ended(factory, days_ago=0)
    await factory.do("update auto_syncs set status = 'running', completed_at = null where id = %s", sync.id)
    await factory.do("update auto_syncs set status = %s where id = %s", ends, sync.id)
    housekeeping = Housekeeping(pool=pool, keep_texts=timedelta(days=30))
    assert (await housekeeping.tidy()).unworded == 0

    await factory.move_clock(days=31)
    assert (await housekeeping.tidy()).unworded == 1
    assert await worded(factory, sync) == 0


async def test_a_sync_that_goes_on_after_it_was_forgotten_is_forgotten_anew_and_so_is_a_late_thank_you(
    factory: Factory, pool: Pool
) -> None:
    sync = await ended(factory, days_ago=40)
    housekeeping = Housekeeping(pool=pool, keep_texts=timedelta(days=30))
    await housekeeping.tidy()
    thanked = await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="late_answer",
        cause_id=uuid4(), body="Thanks, Ann", status="sent", created_at=await factory.one("select autosync_now()"),
    )  # fmt: skip
    assert (await housekeeping.tidy()).unworded == 0
    await factory.do("update auto_sync_messages set created_at = now() - interval '31 days' where id = %s", thanked)
    assert (await housekeeping.tidy()).unworded == 1
    assert await worded(factory, sync) == 0

    await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
    assert await factory.one("select texts_forgotten_at from auto_syncs where id = %s", sync.id) is None
