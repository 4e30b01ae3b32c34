"""An operator's verbs, on a real database."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from autosync import operations
from autosync.database import workers
from autosync.database.pool import Connection, Pool
from autosync.dispatcher import Dispatcher
from autosync.explanations import JobStatus, MessageStatus
from autosync.gateways.record import RecordGateway
from autosync.model import JobType, MessageType, Refused
from autosync.operations import Retried
from autosync.processor import Processor
from factories import Factory, MadeSync, at_noon

MAYA = "maya on desk"


async def job_of(factory: Factory, sync: MadeSync, job_type: str = "reminder_24h") -> UUID:
    """The id of the sync's latest job of this type."""
    found: UUID = await factory.one(
        "select id from job_queue where sync_id = %s and job_type = %s order by scheduled_at desc limit 1",
        sync.id, job_type,
    )  # fmt: skip
    return found


async def set_job(factory: Factory, job: UUID, status: str) -> None:
    await factory.do("update job_queue set status = %s where id = %s", status, job)


async def failed_job(factory: Factory, sync: MadeSync, *, hours_ago: int = 2) -> UUID:
    """The sync's reminder after five attempts that raised."""
    job = await job_of(factory, sync)
    await factory.do(
        "update job_queue set status = 'failed', processed_at = now(), error_message = 'ValueError: no zone',"
        " scheduled_at = now() - make_interval(hours => %s) where id = %s",
        hours_ago, job,
    )  # fmt: skip
    await factory.do(
        "insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message)"
        " select %s, n, now() - interval '1 hour', now() - interval '2 hours', 'ValueError: no zone'"
        " from generate_series(1, 5) as n",
        job,
    )
    return job


async def job_row(factory: Factory, job: UUID) -> tuple[object, ...]:
    (row,) = await factory.rows(
        "select status, scheduled_at, processed_at, error_message from job_queue where id = %s", job
    )
    return row


async def text_of(factory: Factory, sync: MadeSync, status: str = "unknown", **columns: object) -> UUID:
    """A text that went through the dispatcher."""
    columns = {
        "body": "Hi", "phone_number": "+12125550101", "attempt": 1, "gateway": "twilio", "cause_id": uuid4(),
        "sent_at": None, "message_type": "reminder", "send_after": None, **columns,
    }  # fmt: skip
    return await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], status=status, **columns
    )


async def test_a_failed_job_that_is_run_again_is_done_by_the_processor(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=2)
    job = await failed_job(factory, sync)

    await operations.run_job(factory.connection, job, who=MAYA)
    summary = await Processor(pool=pool).process_due()

    assert (summary.processed, summary.messages) == (1, 3)
    assert (await job_row(factory, job))[0] == "processed"
    assert "5 attempts had raised" in " ".join(await operations.explain_job(factory.connection, job))


async def test_whoever_did_a_job_is_told_and_of_no_job_of_another_client(factory: Factory, pool: Pool) -> None:
    ours, textless, theirs = await factory.sync(), await factory.sync(), await factory.sync()
    for sync in (ours, textless):
        await factory.make_due(sync.id, "reminder_24h")
    await factory.do("update contacts set phone_number = null where id = any(%s)", textless.contacts)
    await factory.do(
        "update job_queue set status = 'processed', processed_at = autosync_now() where sync_id = %s", theirs.id
    )

    await Processor(pool=pool).process_due()

    told = [
        " ".join(await operations.explain_job(factory.connection, await job_of(factory, sync)))
        for sync in (ours, textless, theirs)
    ]
    assert [f" by {workers.this_process()}" in each for each in told] == [True, True, False]


async def test_a_pending_job_can_be_run_before_its_time(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync()
    job = await job_of(factory, sync)

    await operations.run_job(factory.connection, job, who=MAYA)

    assert (await Processor(pool=pool).process_due()).processed == 1
    assert (await job_row(factory, job))[0] == "processed"


async def test_running_a_job_that_is_due_already_keeps_its_place(factory: Factory) -> None:
    sync = await factory.sync()
    job = await job_of(factory, sync)
    await factory.do("update job_queue set scheduled_at = now() - interval '1 hour' where id = %s", job)
    before = await job_row(factory, job)

    await operations.run_job(factory.connection, job, who=MAYA)

    assert await job_row(factory, job) == before


@pytest.mark.parametrize("status", ["processed", "skipped", "processing", None])
async def test_only_a_pending_or_failed_job_can_be_run_or_canceled(factory: Factory, status: str | None) -> None:
    job = await job_of(factory, await factory.sync())
    await set_job(factory, job, status)
    before = await job_row(factory, job)

    with pytest.raises(Refused, match=f"is {status or 'without a status'}; only a pending or failed one can be run"):
        await operations.run_job(factory.connection, job, who=MAYA)
    with pytest.raises(Refused, match="can be canceled"):
        await operations.cancel_job(factory.connection, job, who=MAYA)

    assert await job_row(factory, job) == before


async def test_a_failed_job_is_not_run_while_another_of_its_type_is_pending(factory: Factory) -> None:
    sync = await factory.sync()
    job = await failed_job(factory, sync)
    await factory.insert("job_queue", sync_id=sync.id, job_type="reminder_24h", scheduled_at="2030-01-01Z")
    before = await job_row(factory, job)

    with pytest.raises(Refused, match="Another job of the same type is pending"):
        await operations.run_job(factory.connection, job, who=MAYA)

    assert await job_row(factory, job) == before


async def test_a_failed_job_of_an_ended_sync_is_not_run(factory: Factory) -> None:
    sync = await factory.sync()
    job = await failed_job(factory, sync)
    await factory.do("update auto_syncs set status = 'stopped' where id = %s", sync.id)

    with pytest.raises(Refused, match="is stopped, so nothing is left to do"):
        await operations.run_job(factory.connection, job, who=MAYA)

    assert (await job_row(factory, job))[0] == "failed"


async def test_what_is_not_there_is_refused(connection: Connection) -> None:
    nowhere = uuid4()
    for verb in (operations.run_job, operations.cancel_job):
        with pytest.raises(Refused, match=f"There is no job {nowhere}"):
            await verb(connection, nowhere, who=MAYA)
    with pytest.raises(Refused, match=f"There is no job {nowhere}"):
        await operations.explain_job(connection, nowhere)
    with pytest.raises(Refused, match=f"There is no text {nowhere}"):
        await operations.explain_message(connection, nowhere)
    with pytest.raises(Refused, match=f"There is no text {nowhere}"):
        await operations.resolve_message(connection, nowhere, sent=True, who=MAYA)


@pytest.mark.parametrize("fails_first", [False, True])
async def test_a_canceled_job_is_skipped_and_never_done(factory: Factory, pool: Pool, fails_first: bool) -> None:
    sync = await factory.sync()
    job = await failed_job(factory, sync) if fails_first else await job_of(factory, sync)
    await factory.make_due(sync.id, "reminder_24h")

    await operations.cancel_job(factory.connection, job, who=MAYA)

    status, _, processed_at, reason = await job_row(factory, job)
    assert (status, reason) == ("skipped", "Canceled by an operator.")
    assert processed_at is not None
    assert (await Processor(pool=pool).process_due()).jobs == 0


async def test_a_verb_waits_for_whoever_has_the_sync_and_sees_what_they_did(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync()
    job = await job_of(factory, sync)
    async with pool.connection() as organizer, pool.connection() as operator:
        async with organizer.transaction():
            await organizer.execute("update auto_syncs set status = 'paused' where id = %s", [sync.id])
            running = asyncio.create_task(operations.run_job(operator, job, who=MAYA))
            while not await factory.one("select exists (select from pg_locks where not granted)"):
                await asyncio.sleep(0.01)
        with pytest.raises(Refused, match="is skipped; only a pending or failed one"):
            await running
    assert (await job_row(factory, job))[3] == "The sync was paused before this job was due."


async def test_retry_takes_every_failed_job_that_still_makes_sense(
    factory: Factory, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "BATCH_SIZE", 2)
    fine = [await factory.sync() for _ in range(3)]
    jobs = [await failed_job(factory, sync) for sync in fine]
    ended, doubled = await factory.sync(), await factory.sync()
    left = [await failed_job(factory, ended), await failed_job(factory, doubled)]
    await factory.do("update auto_syncs set status = 'completed' where id = %s", ended.id)
    await factory.insert("job_queue", sync_id=doubled.id, job_type="reminder_24h", scheduled_at="2030-01-01Z")

    assert await operations.retry_failed(factory.connection, who=MAYA) == Retried(made_due=3, left=2)

    assert [(await job_row(factory, job))[0] for job in jobs] == ["pending"] * 3
    assert [(await job_row(factory, job))[0] for job in left] == ["failed"] * 2
    assert (await Processor(pool=pool).process_due()).processed == 3


async def test_retry_takes_the_latest_of_two_failed_jobs_of_a_type(factory: Factory) -> None:
    sync = await factory.sync()
    newer = await failed_job(factory, sync, hours_ago=2)
    older = await factory.insert(
        "job_queue", sync_id=sync.id, job_type="reminder_24h", scheduled_at="2020-01-01Z", status="failed"
    )

    assert await operations.retry_failed(factory.connection, who=MAYA) == Retried(made_due=1, left=1)

    assert (await job_row(factory, newer))[0] == "pending"
    assert (await job_row(factory, older))[0] == "failed"


async def test_retry_can_be_limited_to_a_type(factory: Factory) -> None:
    job = await failed_job(factory, await factory.sync())
    check = await job_of(factory, await factory.sync(), "auto_end_check")
    await set_job(factory, check, "failed")

    assert await operations.retry_failed(factory.connection, who=MAYA, job_type=JobType.AUTO_END) == Retried(made_due=1)

    assert (await job_row(factory, job))[0] == "failed"
    assert (await job_row(factory, check))[0] == "pending"


async def test_an_unknown_text_that_was_sent_counts_as_sent(factory: Factory) -> None:
    text = await text_of(factory, await factory.sync())

    await operations.resolve_message(factory.connection, text, sent=True, who=MAYA)

    [(status, sent, attempt)] = await factory.rows(
        "select status, sent_at is not null, attempt from auto_sync_messages where id = %s", text
    )
    assert (status, sent, attempt) == ("sent", True, 1)
    assert "An operator said that it had been sent." in " ".join(
        await operations.explain_message(factory.connection, text)
    )


async def test_an_unknown_text_that_was_not_sent_leaves_with_the_next_attempt(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(timezone="UTC")
    text = await text_of(factory, sync, message_type="clarification", send_after="2030-01-01Z", attempt=3)

    await operations.resolve_message(factory.connection, text, sent=False, who=MAYA)
    [before] = await factory.rows("select status, attempt from auto_sync_messages where id = %s", text)
    gateway = RecordGateway()
    await Dispatcher(pool=pool, gateways={"record": gateway}, gateway="record", region="US").dispatch_due()

    assert before == ("queued", 3)
    [after] = await factory.rows("select status, attempt, gateway from auto_sync_messages where id = %s", text)
    assert after == ("sent", 4, "record")


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "delivered", "failed", "canceled"])
async def test_only_an_unknown_text_can_be_resolved(factory: Factory, status: str) -> None:
    text = await text_of(factory, await factory.sync(), status, send_after="2030-01-01Z")
    before = await factory.rows("select * from auto_sync_messages where id = %s", text)

    for sent in (True, False):
        with pytest.raises(Refused, match=f"Text {text} is {status}; only one of which nobody knows"):
            await operations.resolve_message(factory.connection, text, sent=sent, who=MAYA)

    assert await factory.rows("select * from auto_sync_messages where id = %s", text) == before


async def test_jobs_are_listed_by_what_is_to_be_done_first(factory: Factory) -> None:
    sync, other = await factory.sync(), await factory.sync()
    done = await job_of(factory, other)
    await factory.do("update job_queue set status = 'processed', processed_at = now() where id = %s", done)
    failed = await failed_job(factory, sync)

    everything = await operations.list_jobs(factory.connection, status=None, sync_id=None, job_type=None, limit=10)
    assert everything[0].id == failed
    assert everything[-1].id == done
    assert len(everything) == 4

    async def ids(**filters: object) -> list[UUID]:
        given = {"status": None, "sync_id": None, "job_type": None, "limit": 10, **filters}
        return [job.id for job in await operations.list_jobs(factory.connection, **given)]

    assert await ids(status=JobStatus.FAILED) == [failed]
    assert await ids(sync_id=other.id, job_type=JobType.REMINDER) == [done]
    assert len(await ids(limit=2)) == 2


async def test_texts_are_listed_with_no_more_than_four_digits(factory: Factory) -> None:
    sync = await factory.sync(invitees=1)
    text = await text_of(factory, sync, "failed", status_reason="The number +12125550101 is bad")

    listed = await operations.list_messages(
        factory.connection, status=MessageStatus.FAILED, sync_id=sync.id, message_type=MessageType.REMINDER, limit=5
    )

    assert [(line.id, line.recipient, line.ending) for line in listed] == [(text, "Ann", "0101")]
    assert "12125550101" not in str(listed)
    assert "12125550101" not in " ".join(await operations.explain_message(factory.connection, text))


async def test_texts_are_listed_the_newest_first(factory: Factory) -> None:
    sync = await factory.sync(invitees=2)
    newest = await text_of(factory, sync, "failed")

    listed = await operations.list_messages(factory.connection, status=None, sync_id=None, message_type=None, limit=2)

    assert len(listed) == 2
    assert listed[0].id == newest


async def test_a_due_job_is_explained_by_what_the_queue_shows(factory: Factory, pool: Pool) -> None:
    first, second = await factory.sync(), await factory.sync()
    for sync, hours in ((first, 2), (second, 1)):
        await factory.do(
            "update job_queue set scheduled_at = now() - make_interval(hours => %s)"
            " where sync_id = %s and job_type = 'reminder_24h'",
            hours, sync.id,
        )  # fmt: skip
    waiting = await job_of(factory, second)

    before = " ".join(await operations.explain_job(factory.connection, waiting))
    await Processor(pool=pool).process_due()
    after = " ".join(await operations.explain_job(factory.connection, waiting))

    assert "(1 hour ago), and nobody has done it yet. Ahead of it in the queue: 1 due job." in before
    assert "No job at all has been done of late." in before
    assert "1 hour after it was due" in after
    assert "It brought about 3 reminder texts queued and 1 reminder_update text queued." in after


async def test_a_text_is_explained_on_the_clock_of_the_demo(factory: Factory) -> None:
    await factory.demo_timings()
    await factory.move_clock(hours=5)
    text = await text_of(factory, await factory.sync(), "sending", claimed_at=None)
    await factory.do(
        "update auto_sync_messages set claimed_at = clock_timestamp() - %s::interval where id = %s",
        timedelta(minutes=2), text,
    )  # fmt: skip

    sentences = " ".join(await operations.explain_message(factory.connection, text))

    assert "on its way to the gateway twilio since" in sentences
    assert "(2 minutes ago)" in sentences


# From the rows themselves


async def test_explain_tells_when_and_why_it_was_written_and_who_had_it(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")
    gateway = RecordGateway()
    await Processor(pool=pool).process_due()
    await Dispatcher(pool=pool, gateways={"record": gateway}, gateway="record", region="US").dispatch_due()
    here = workers.this_process()
    job = await factory.one("select id from job_queue where sync_id = %s and job_type = 'reminder_24h'", sync.id)
    text = await factory.one("select id from auto_sync_messages where cause_id = %s and contact_id is not null", job)

    of_job = " ".join(await operations.explain_job(factory.connection, job))
    of_text = " ".join(await operations.explain_message(factory.connection, text))

    assert re.search(r"It was written \S+ \S+ UTC \([a-z0-9 ]+\), because its sync began to run, or went on\.", of_job)
    assert f"because a reminder was due (job reminder_24h, {job})." in of_text
    assert re.search(rf"It was sent .* by {re.escape(here)} through the gateway record", of_text)
    pause_check = await factory.one("select id from job_queue where job_type = 'pause_check_48h'")
    assert "because of a reminder, or of the answers since." in " ".join(
        await operations.explain_job(factory.connection, pause_check)
    )


async def test_a_job_that_raised_says_where(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=1)
    await factory.do("update auto_syncs set timezone = 'Nowhere/Land' where id = %s", sync.id)
    await factory.make_due(sync.id, "reminder_24h")
    await Processor(pool=pool).process_due()
    job = await factory.one("select id from job_queue where sync_id = %s and job_type = 'reminder_24h'", sync.id)
    told = " ".join(await operations.explain_job(factory.connection, job))
    assert re.search(rf"Attempt 1 of 5 raised .* by {re.escape(workers.this_process())}: ", told)
