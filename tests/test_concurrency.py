"""Where processors meet each other and the organizer: every effect exactly once, by counting rows."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from uuid import UUID

from autosync import inbox, syncs
from autosync.database import jobs
from autosync.database.answers import Ask
from autosync.database.pool import Connection, Pool, connect
from autosync.database.syncs import change_status
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.model import Refused, SyncStatus
from autosync.processor import Processor, Summary
from factories import Factory, MadeSync
from waiting import until_waiting

EIGHT = 8


def _dispatcher(pool: Pool) -> Dispatcher:
    gateway = RecordGateway()
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")


async def _many_due_reminders(factory: Factory, count: int, invitees: int) -> None:
    """`count` syncs of one organizer with as many invitees each, all of their reminders due."""
    organizer = await factory.organizer()
    contacts = [await factory.contact(organizer, f"C{number}") for number in range(invitees)]
    await factory.do(
        "insert into auto_syncs (organizer_id, event_name, timezone) select %s, 'Event', 'Europe/Berlin'"
        " from generate_series(1, %s)",
        organizer, count,
    )  # fmt: skip
    await factory.do(
        "insert into auto_sync_options (auto_sync_id, idx, start_time) select id, 1, now() + interval '9 days'"
        " from auto_syncs"
    )
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type) select s.id, c, 'initial'"
        " from auto_syncs s cross join unnest(%s::uuid[]) c",
        contacts,
    )
    await factory.do("update job_queue set scheduled_at = now() - interval '1 minute' where job_type = 'reminder_24h'")


async def test_one_due_job_offered_to_eight_processors_at_once_is_done_once(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=3)
    await factory.make_due(sync.id, "reminder_24h")

    summaries = await asyncio.gather(*(Processor(pool=pool).process_due() for _ in range(EIGHT)))

    assert sum(summary.processed for summary in summaries) == 1
    assert len(await factory.texts(sync.id, "reminder")) == 3
    assert len(await factory.texts(sync.id, "reminder_update")) == 1


async def test_ten_thousand_due_jobs_and_eight_processors_have_every_effect_exactly_once(
    factory: Factory, pool: Pool
) -> None:
    count, invitees = 10_000, 2
    await _many_due_reminders(factory, count, invitees)

    await asyncio.gather(*(Processor(pool=pool, batch_size=200).process_due() for _ in range(EIGHT)))
    await Processor(pool=pool).process_due()

    assert await factory.rows(
        "select status, count(*) from job_queue where job_type = 'reminder_24h' group by status"
    ) == [("processed", count)]
    assert await factory.rows(
        "select job_type, count(*), count(distinct sync_id) from job_queue where status = 'pending'"
        " group by 1 order by 1"
    ) == [("auto_end_check", count, count), ("pause_check_48h", count, count)]
    texts = await factory.rows(
        "select message_type, count(*), count(distinct (auto_sync_id, contact_id)) from auto_sync_messages"
        " where status = 'queued' group by 1 order by 1"
    )
    assert texts == [("reminder", count * invitees, count * invitees), ("reminder_update", count, count)]


async def test_a_processor_passes_by_a_sync_that_an_organizer_holds(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    held, free = await factory.sync(), await factory.sync()
    for sync in (held, free):
        await factory.make_due(sync.id, "reminder_24h")
    async with connect(database_url) as organizer, organizer.transaction():
        await organizer.execute("select from auto_syncs where id = %s for no key update", [held.id])
        async with asyncio.timeout(30):
            assert await Processor(pool=pool).process_due() == Summary(processed=1, messages=4, remaining=1)

    assert await Processor(pool=pool).process_due() == Summary(processed=1, messages=4)


async def test_a_processor_that_passes_by_a_sync_locks_none_of_its_jobs(factory: Factory, direct_url: str) -> None:
    """Whoever holds the sync may have to write its jobs, and two that wait for each other's would never end."""
    held, free = await factory.sync(), await factory.sync()
    for sync in (held, free):
        await factory.make_due(sync.id, "reminder_24h")
    async with (
        connect(direct_url) as organizer,
        connect(direct_url) as processor,
        organizer.transaction(),
        processor.transaction(),
    ):
        await organizer.execute("select from auto_syncs where id = %s for no key update", [held.id])
        assert [job.sync_id for job in await jobs.claim_due(processor, limit=10)] == [free.id]
        written = await organizer.execute(
            "select from job_queue where sync_id = %s and job_type = 'reminder_24h' for no key update nowait", [held.id]
        )
        assert written.rowcount == 1


async def test_an_organizer_who_stops_first_is_obeyed(factory: Factory, pool: Pool, database_url: str) -> None:
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")
    async with connect(database_url) as organizer, organizer.transaction():
        await syncs.stop(organizer, sync.id)
        assert await Processor(pool=pool).process_due() == Summary(remaining=1)

    assert await Processor(pool=pool).process_due() == Summary()
    assert await factory.texts(sync.id, "reminder") == []


async def test_an_organizer_who_stops_second_waits_and_then_nothing_leaves(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync = await factory.sync(invitees=3)
    await factory.make_due(sync.id, "reminder_24h")
    async with connect(database_url) as processing, connect(database_url) as organizer:
        async with processing.transaction():
            assert len(await jobs.claim_due(processing, limit=10)) == 1
            stopping = asyncio.create_task(syncs.stop(organizer, sync.id))
            await until_waiting(factory.connection, organizer)
        await stopping
    await Processor(pool=pool).process_due()
    await _dispatcher(pool).dispatch_due()

    assert await factory.one("select count(*) from auto_sync_messages where status = 'sent' and body is not null") == 0


async def test_texts_queued_before_a_stop_do_not_leave_after_it(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=3)
    await factory.make_due(sync.id, "reminder_24h")
    await Processor(pool=pool).process_due()
    async with pool.connection() as organizer:
        await syncs.stop(organizer, sync.id)

    await _dispatcher(pool).dispatch_due()

    assert {(status, reason) for _, status, _, reason in await factory.texts(sync.id, "reminder")} == {
        ("canceled", "The sync was stopped before this text could leave.")
    }


async def test_an_answer_that_waits_for_the_processor_is_kept(factory: Factory, pool: Pool, database_url: str) -> None:
    sync = await factory.sync(invitees=2)
    await factory.make_due(sync.id, "reminder_24h")
    ask = Ask(await factory.one("select id from auto_sync_messages limit 1"), sync.id, sync.contacts[0])
    async with connect(database_url) as processing, connect(database_url) as person:
        async with processing.transaction():
            await jobs.claim_due(processing, limit=10)
            answering = asyncio.create_task(inbox.answer(person, ask, [2]))
            await until_waiting(factory.connection, person)
        await answering
    await Processor(pool=pool).process_due()

    assert await factory.one("select option_ids from auto_sync_responses") == [sync.options[1]]
    assert [contact for contact, *_ in await factory.texts(sync.id, "reminder")] == [sync.contacts[1]]


async def test_the_last_two_answers_at_once_bring_the_pause_check_forward_once(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync = await factory.sync(invitees=2)
    async with connect(database_url) as first, connect(database_url) as second:
        async with first.transaction():
            await Factory(first).answer(sync, sync.contacts[0], 1)
            other = asyncio.create_task(Factory(second).answer(sync, sync.contacts[1], 1))
            await until_waiting(factory.connection, second)
        await other
    await Processor(pool=pool).process_due()

    assert await factory.one("select status::text from auto_syncs where id = %s", sync.id) == "paused"
    assert len(await factory.texts(sync.id, "goal_met")) == 1


async def _act(connection: Connection, sync: MadeSync, chance: random.Random) -> str:
    """One thing that an organizer or an invitee may do to a sync at any moment."""
    choice = chance.choice(["stop", "answer", "remind", "invite", "move", "none"])
    try:
        match choice:
            case "stop" if chance.random() < 0.1:
                await syncs.stop(connection, sync.id)
            case "answer":
                ask = Ask(sync.id, sync.id, chance.choice(sync.contacts))
                await inbox.answer(connection, ask, chance.sample([1, 2, 3], k=chance.randint(0, 3)))
            case "remind":
                await syncs.remind(connection, sync.id)
            case "invite" if chance.random() < 0.1:
                await syncs.invite(connection, sync.id, 1)
            case "move":
                await connection.execute(
                    "update auto_sync_options set end_time = end_time + interval '1 minute' where auto_sync_id = %s",
                    [sync.id],
                )
    except Refused:
        return "refused"
    return choice


async def test_a_thousand_random_rounds_end_without_a_deadlock_or_a_double(factory: Factory, pool: Pool) -> None:
    chance = random.Random(20261123)
    organizer = await factory.organizer()
    made = [await factory.sync(organizer=organizer, invitees=3) for _ in range(12)]
    acted: Counter[str] = Counter()
    deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"

    async def act() -> None:
        async with pool.connection() as connection:
            acted[await _act(connection, chance.choice(made), chance)] += 1

    async def process() -> None:
        await Processor(pool=pool, batch_size=5).process_due()

    for _ in range(125):
        await factory.do(
            "update job_queue set scheduled_at = now() - interval '1 second' * random()"
            " where status = 'pending' and job_type <> 'auto_end_check' and random() < 0.5"
        )
        await asyncio.gather(*(act() for _ in range(EIGHT)), process(), process(), _dispatcher(pool).dispatch_due())
    await process()

    assert sum(acted.values()) == 1000
    assert min(acted[verb] for verb in ("answer", "remind", "move")) > 20, acted
    assert await factory.one(deadlocks) == 0
    assert await factory.one("select count(*) from job_failures") == 0
    await _assert_no_doubles(factory, [sync.id for sync in made])


async def _assert_no_doubles(factory: Factory, sync_ids: list[UUID]) -> None:
    doubled = await factory.rows(
        "select auto_sync_id, contact_id, message_type, cause_id from auto_sync_messages where cause_id is not null"
        " group by 1, 2, 3, 4 having count(*) > 1"
    )
    assert doubled == []
    reminders = await factory.one("select count(*) from auto_sync_messages where message_type = 'reminder'")
    assert reminders > 0
    stray = await factory.rows(
        "select m.auto_sync_id from auto_sync_messages m join job_queue j on j.id = m.cause_id"
        " where j.status <> 'processed' or j.sync_id <> m.auto_sync_id"
    )
    assert stray == [], "a text was written for a job that was not done"
    ended_with_jobs = await factory.rows(
        "select s.id from auto_syncs s join job_queue j on j.sync_id = s.id"
        " where s.id = any(%s) and s.status in ('stopped', 'completed') and j.status = 'pending'",
        sync_ids,
    )
    assert ended_with_jobs == []
    waiting = await factory.rows(
        "select s.id from auto_syncs s where s.status = 'running' and not exists ("
        " select from job_queue j where j.sync_id = s.id and j.status = 'pending'"
        " and j.job_type in ('reminder_24h', 'pause_check_48h'))"
    )
    assert waiting == [], "a running sync without a reminder or pause check would run for ever"


async def test_an_answer_that_comes_first_is_seen_by_the_reminder(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync = await factory.sync(invitees=2)
    await factory.make_due(sync.id, "reminder_24h")
    ask = Ask(await factory.one("select id from auto_sync_messages limit 1"), sync.id, sync.contacts[0])
    async with connect(database_url) as person, person.transaction():
        await inbox.answer(person, ask, [2])
        assert await Processor(pool=pool).process_due() == Summary(remaining=1)

    await Processor(pool=pool).process_due()

    assert [contact for contact, *_ in await factory.texts(sync.id, "reminder")] == [sync.contacts[1]]


async def test_reminding_again_first_reminds_once_when_it_is_stored(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync = await factory.sync(invitees=2)
    await factory.do("update auto_syncs set status = 'paused' where id = %s", sync.id)
    async with connect(database_url) as organizer, organizer.transaction():
        await syncs.remind(organizer, sync.id)
        assert await Processor(pool=pool).process_due() == Summary()

    await asyncio.gather(*(Processor(pool=pool).process_due() for _ in range(EIGHT)))

    assert {contact for contact, *_ in await factory.texts(sync.id, "reminder")} == set(sync.contacts)
    assert len(await factory.texts(sync.id, "reminder")) == 2


async def test_reminding_again_second_waits_for_the_pause_and_follows_it(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync = await factory.sync(invitees=2)
    await factory.make_due(sync.id, "reminder_24h")
    async with connect(database_url) as processing, connect(database_url) as organizer:
        async with processing.transaction():
            assert len(await jobs.claim_due(processing, limit=10)) == 1
            await change_status(processing, [sync.id], SyncStatus.PAUSED)
            reminding = asyncio.create_task(syncs.remind(organizer, sync.id))
            await until_waiting(factory.connection, organizer)
        await reminding
    await Processor(pool=pool).process_due()

    assert await factory.one("select status::text from auto_syncs") == "running"
    assert len(await factory.texts(sync.id, "reminder")) == 2
    assert "pause_check_48h" in await factory.pending(sync.id)
