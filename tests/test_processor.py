"""What a batch of due jobs writes, and what becomes of a job that the database or the rules refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from math import inf
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync import backlog, inbox
from autosync import processor as processing
from autosync.database import arrays, messages, syncs
from autosync.database.pool import Pool, connect, open_pool
from autosync.model import Timings, full_name
from autosync.processor import MOST_TEXTS, Processor, Summary, next_limit
from factories import Factory, MadeSync, at_noon
from waiting import until


async def test_a_due_reminder_texts_only_whoever_has_not_answered(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=3)
    await factory.answer(sync, sync.contacts[0], 1)
    await factory.make_due(sync.id, "reminder_24h")

    summary = await Processor(pool=pool).process_due()

    assert summary == Summary(processed=1, messages=3)
    assert {contact for contact, *_ in await factory.texts(sync.id, "reminder")} == set(sync.contacts[1:])
    [(recipient, _, body, _)] = await factory.texts(sync.id, "reminder_update")
    assert recipient is None
    assert "reminded 2 of 3" in body


@pytest.mark.parametrize("off", ["hashagg", "sort"])
async def test_options_are_read_in_their_order_however_a_batch_is_put_together(factory: Factory, off: str) -> None:
    made = []
    for numbers in permutations((1, 2, 3)):
        for _ in range(8):
            sync = await factory.sync(invitees=0, options=0)
            for number in numbers:
                await factory.option(sync.id, number)
            made.append(sync.id)
    await factory.do(f"set enable_{off} = off")

    read = await syncs.load_options(factory.connection, made)

    assert len(read) == 48
    assert {tuple(option.number for option in options) for options in read.values()} == {(1, 2, 3)}


async def test_the_server_compiles_nothing_of_a_batch_and_what_it_likes_of_anything_else(
    factory: Factory, pool: Pool
) -> None:
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")
    for statement in (
        "create table compiling (jit text)",
        "create function note_jit() returns trigger language plpgsql as"
        " $$begin insert into compiling values (current_setting('jit')); return new; end$$",
        "create trigger note_jit after update on job_queue for each row execute function note_jit()",
    ):
        await factory.do(statement)

    await Processor(pool=pool).process_due()

    assert await factory.rows("select distinct jit from compiling") == [("off",)]
    async with pool.connection() as connection:
        cursor = await connection.execute("show jit")
        assert await cursor.fetchone() == ("on",)


async def test_a_job_is_left_alone_until_it_is_due(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    sync = await factory.sync()
    await factory.do("update job_queue set scheduled_at = autosync_now() + interval '30 seconds' where sync_id = %s and"
                     " job_type = 'reminder_24h'", sync.id)  # fmt: skip
    assert (await Processor(pool=pool).process_due()).jobs == 0
    await factory.move_clock(seconds=30)
    assert (await Processor(pool=pool).process_due()).jobs == 1


async def test_a_reminder_is_noted_on_its_sync_and_followed_by_a_pause_check(factory: Factory, pool: Pool) -> None:
    await factory.demo_timings()
    sync = await factory.sync()
    now = await factory.move_clock(minutes=7)

    await Processor(pool=pool).process_due()

    reminded_at = await factory.one("select last_reminder_sent_at from auto_syncs where id = %s", sync.id)
    pause_check = (await factory.pending(sync.id))["pause_check_48h"]
    assert reminded_at >= now
    assert pause_check == reminded_at + timedelta(minutes=5), "a late reminder must not shorten the time to answer"


async def with_a_goal_met_after_the_reminder_was_due(factory: Factory) -> MadeSync:
    """What a worker finds that was away: the reminder is due, and so is the pause check, which answers brought."""
    await at_noon(factory)
    sync = await factory.sync(invitees=3, response_goal="critical_mass")
    await factory.move_clock(minutes=7)
    await factory.answer(sync, sync.contacts[0], 1)
    await factory.answer(sync, sync.contacts[1], 1)
    assert "pause_check_48h" in await factory.pending(sync.id)
    return sync


async def test_a_reminder_leaves_the_full_time_to_answer_after_a_goal_that_is_met_no_more_brought_the_pause_forward(
    factory: Factory, pool: Pool
) -> None:
    sync = await with_a_goal_met_after_the_reminder_was_due(factory)
    await factory.answer(sync, sync.contacts[1], 2)

    await Processor(pool=pool).process_due()

    assert len(await factory.texts(sync.id, "reminder")) == 1
    assert await factory.one("select status::text from auto_syncs where id = %s", sync.id) == "running"
    reminded_at = await factory.one("select last_reminder_sent_at from auto_syncs where id = %s", sync.id)
    assert (await factory.pending(sync.id))["pause_check_48h"] == reminded_at + timedelta(minutes=5)
    why = await factory.one("select error_message from job_queue where job_type = 'pause_check_48h'")
    assert why.startswith("A reminder that went out later put it off"), "an operator sees what became of it"


async def test_a_goal_that_is_met_still_pauses_right_after_a_late_reminder(factory: Factory, pool: Pool) -> None:
    sync = await with_a_goal_met_after_the_reminder_was_due(factory)

    await Processor(pool=pool).process_due()

    assert await factory.one("select status::text from auto_syncs where id = %s", sync.id) == "paused"
    assert len(await factory.texts(sync.id, "goal_met")) == 1


async def test_a_pause_check_that_somebody_has_put_off_is_not_brought_forward_by_a_reminder(
    factory: Factory, pool: Pool
) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=2)
    await factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at)"
        " values (%s, 'pause_check_48h', autosync_now() + interval '9 days')", sync.id,
    )  # fmt: skip
    before = await factory.pending(sync.id)
    await factory.move_clock(minutes=7)

    await Processor(pool=pool).process_due()

    assert (await factory.pending(sync.id))["pause_check_48h"] == before["pause_check_48h"]


async def test_whoever_joins_the_crew_later_is_not_reminded(factory: Factory, pool: Pool) -> None:
    organizer = await factory.organizer()
    latecomer = await factory.contact(organizer, "Zoe")
    sync = await factory.sync(organizer=organizer, invitees=1, crew_id=await factory.crew(organizer, [latecomer]))
    await factory.make_due(sync.id, "reminder_24h")

    await Processor(pool=pool).process_due()

    assert [contact for contact, *_ in await factory.texts(sync.id, "reminder")] == sync.contacts


async def test_with_nobody_left_to_remind_no_text_is_written_but_the_pause_check_comes(
    factory: Factory, pool: Pool
) -> None:
    sync = await factory.sync(invitees=2, response_goal="critical_mass")
    await factory.answer(sync, sync.contacts[0])
    await factory.answer(sync, sync.contacts[1])
    await factory.make_due(sync.id, "reminder_24h")

    assert await Processor(pool=pool).process_due() == Summary(processed=1)

    assert "pause_check_48h" in await factory.pending(sync.id)
    assert await factory.one("select last_reminder_sent_at is null from auto_syncs where id = %s", sync.id)


async def test_a_due_pause_check_pauses_and_sends_one_summary_with_counts(factory: Factory, pool: Pool) -> None:
    await factory.demo_timings()
    sync = await factory.sync(invitees=3)
    await factory.answer(sync, sync.contacts[0], 1, 2)
    await factory.answer(sync, sync.contacts[1], 2)
    processor = Processor(pool=pool)
    await factory.move_clock(minutes=5)
    await processor.process_due()
    await factory.move_clock(minutes=5)
    assert await processor.process_due() == Summary(processed=1, messages=1)

    row = await factory.rows("select status::text, paused_at is not null from auto_syncs where id = %s", sync.id)
    assert row == [("paused", True)]
    [(recipient, status, body, _)] = await factory.texts(sync.id, "pause_summary")
    assert (recipient, status) == (None, "queued")
    assert "2 of 3 answered" in body
    assert [line.rsplit(": ", 1)[1] for line in body.splitlines() if line.endswith(" can")] == [
        "1 can",
        "2 can",
        "0 can",
    ]
    assert "Chloe" in body


async def test_meeting_the_goal_is_reported_instead_of_the_summary(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=2)
    for contact in sync.contacts:
        await factory.answer(sync, contact, 3)

    await Processor(pool=pool).process_due()

    assert len(await factory.texts(sync.id, "goal_met")) == 1
    assert await factory.texts(sync.id, "pause_summary") == []
    assert await factory.one("select status::text from auto_syncs where id = %s", sync.id) == "paused"


async def test_a_sync_that_ended_early_gets_no_text_and_its_job_says_why(factory: Factory, pool: Pool) -> None:
    for status in ("completed", "stopped", "paused"):
        sync = await factory.sync()
        await factory.do("update auto_syncs set status = %s::auto_sync_status where id = %s", status, sync.id)
        jobs = {type_: (state, reason) for type_, state, reason in await factory.jobs(sync.id)}
        assert jobs["reminder_24h"] == ("skipped", f"The sync was {status} before this job was due.")

    assert await Processor(pool=pool).process_due() == Summary()
    assert await factory.one("select count(*) from auto_sync_messages where status = 'queued'") == 0


async def test_a_job_whose_trigger_was_off_is_skipped_when_it_is_due(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync()
    await factory.do("alter table auto_syncs disable trigger user")
    await factory.do("update auto_syncs set status = 'stopped' where id = %s", sync.id)
    await factory.make_due(sync.id, "reminder_24h")

    assert await Processor(pool=pool).process_due() == Summary(skipped=1)

    jobs = {type_: (state, reason) for type_, state, reason in await factory.jobs(sync.id)}
    assert jobs["reminder_24h"] == ("skipped", "The sync was stopped when this job was due.")


async def test_a_sync_whose_options_are_over_stops_silently_even_when_paused(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync()
    await factory.do("update auto_syncs set status = 'paused' where id = %s", sync.id)
    await factory.do(
        "update auto_sync_options set start_time = now() - interval '3 hours', end_time = now() - interval '1 hour'"
        " where auto_sync_id = %s",
        sync.id,
    )

    assert await Processor(pool=pool).process_due() == Summary(processed=1)

    row = await factory.rows("select status::text, stopped_at is not null from auto_syncs where id = %s", sync.id)
    assert row == [("stopped", True)]
    assert await factory.one("select count(*) from auto_sync_messages where status = 'queued'") == 0


async def test_an_option_moved_behind_the_triggers_back_schedules_the_end_again(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(options=1)
    later = (await factory.pending(sync.id))["auto_end_check"]
    await factory.make_due(sync.id, "auto_end_check")

    await Processor(pool=pool).process_due()

    assert (await factory.pending(sync.id))["auto_end_check"] == later


async def test_two_due_jobs_of_one_sync_are_done_one_after_the_other(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=2)
    await factory.make_due(sync.id, "reminder_24h")
    await factory.do("update auto_sync_options set start_time = %s, end_time = null", await _past(factory))

    summary = await Processor(pool=pool).process_due()

    assert summary == Summary(processed=1), "the end comes first, and skips the reminder"
    assert await factory.one("select status::text from auto_syncs where id = %s", sync.id) == "stopped"


async def _past(factory: Factory) -> object:
    return await factory.one("select now() - interval '5 minutes'")


async def test_a_job_that_the_database_refuses_does_not_hold_up_its_batch(factory: Factory, pool: Pool) -> None:
    organizer = await factory.organizer()
    syncs = [
        await factory.sync(organizer=organizer, event_name="poison" if number in (3, 11) else "fine")
        for number in range(20)
    ]
    await factory.refuse_poison()
    for sync in syncs:
        await factory.make_due(sync.id, "reminder_24h")

    summary = await Processor(pool=pool).process_due()

    assert summary == Summary(processed=18, retried=2, messages=18 * 4)
    for number, sync in enumerate(syncs):
        assert len(await factory.texts(sync.id, "reminder")) == (0 if number in (3, 11) else 3)
    errors = await factory.rows("select distinct error_message from job_queue where error_message is not null")
    assert errors == [("RaiseException: this sync is poison",)]


async def test_a_job_that_the_rules_refuse_is_retried_with_growing_pauses_and_then_failed(
    factory: Factory, pool: Pool
) -> None:
    await factory.demo_timings()
    sync = await factory.sync(timezone="Mars/Olympus_Mons")
    healthy = await factory.sync()
    processor = Processor(pool=pool)
    await factory.move_clock(minutes=6)
    pauses = []
    for attempt in range(1, 6):
        await processor.process_due()
        status, pause = (
            await factory.rows(
                "select status, extract(epoch from scheduled_at - autosync_now())::int from job_queue"
                " where sync_id = %s and job_type = 'reminder_24h'",
                sync.id,
            )
        )[0]
        assert status == ("failed" if attempt == 5 else "pending")
        if attempt < 5:
            pauses.append(pause)
            await factory.move_clock(seconds=pause + 1)

    assert pauses == sorted(set(pauses)), "each pause is longer than the one before"
    kept = await factory.rows("select attempt, error_message from job_failures order by attempt")
    assert [attempt for attempt, _ in kept] == [1, 2, 3, 4, 5]
    assert all("'Mars/Olympus_Mons' is unknown" in error for _, error in kept)
    assert await factory.one("select status::text from auto_syncs where id = %s", healthy.id) == "paused"


async def test_a_job_that_succeeds_after_a_retry_is_done_once(factory: Factory, pool: Pool) -> None:
    await factory.demo_timings()
    sync = await factory.sync(timezone="Nowhere/Land", invitees=2)
    processor = Processor(pool=pool)
    await factory.move_clock(minutes=6)
    assert (await processor.process_due()).retried == 1
    await factory.do("update auto_syncs set timezone = 'Europe/Berlin' where id = %s", sync.id)
    await factory.move_clock(minutes=1)

    assert (await processor.process_due()).processed == 1
    assert len(await factory.texts(sync.id, "reminder")) == 2


async def test_times_that_no_calendar_holds_do_not_stop_the_queue(factory: Factory, pool: Pool) -> None:
    absurd = await factory.sync(options=1, started_at="-infinity")
    await factory.do("update auto_sync_options set start_time = 'infinity', end_time = null")
    healthy = await factory.sync()
    await factory.make_due(healthy.id, "reminder_24h")

    await Processor(pool=pool).process_due()

    assert len(await factory.texts(healthy.id, "reminder")) == 3
    assert len(await factory.texts(absurd.id, "reminder")) == 3


async def test_missing_settings_mean_productions_delays(factory: Factory, pool: Pool) -> None:
    await factory.do("delete from auto_sync_settings")
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")

    await Processor(pool=pool).process_due()

    reminded_at, pause_at = (
        await factory.rows(
            "select s.last_reminder_sent_at, j.scheduled_at from auto_syncs s join job_queue j on j.sync_id = s.id"
            " where s.id = %s and j.job_type = 'pause_check_48h'",
            sync.id,
        )
    )[0]
    assert pause_at - reminded_at == Timings(timedelta(hours=24), timedelta(hours=48)).time_to_answer


async def test_a_summary_counts_what_remains_due(factory: Factory, pool: Pool) -> None:
    organizer = await factory.organizer()
    for _ in range(3):
        sync = await factory.sync(organizer=organizer, invitees=1, options=0)
        await factory.make_due(sync.id, "reminder_24h")

    summary = await Processor(pool=pool).process_due(at_most=timedelta())

    assert summary == Summary(remaining=3)


async def test_delays_are_hours_also_where_the_database_lives_in_a_zone_that_changes_its_clocks(
    factory: Factory, database_url: str
) -> None:
    name = await factory.one("select current_database()")
    await factory.do(f"alter database {name} set timezone = 'America/New_York'")
    await factory.demo_timings()
    await factory.do("update auto_sync_settings set reminder_delay = '1 hour', pause_delay = '25 hours' where active")
    sync = await factory.sync(options=0)
    before_the_change = "timestamptz '2027-03-13 12:00 America/New_York'"
    await factory.do(f"update auto_sync_settings set clock_offset = {before_the_change} - now() where active")
    async with open_pool(database_url) as pool:
        await Processor(pool=pool).process_due()

    wait = await factory.one(
        "select extract(epoch from j.scheduled_at - s.last_reminder_sent_at)::int from job_queue j"
        " join auto_syncs s on s.id = j.sync_id where j.sync_id = %s and j.job_type = 'pause_check_48h'",
        sync.id,
    )
    assert wait == 24 * 3600


async def test_a_value_that_only_another_client_knows_stops_its_own_job_alone(factory: Factory, pool: Pool) -> None:
    strange, healthy = await factory.sync(), await factory.sync()
    await factory.do("alter type auto_sync_response_goal add value 'quorum'")
    await factory.do("update auto_syncs set response_goal = 'quorum' where id = %s", strange.id)
    for sync in (strange, healthy):
        await factory.make_due(sync.id, "reminder_24h")

    summary = await Processor(pool=pool).process_due()

    assert (summary.processed, summary.retried) == (1, 1)
    assert len(await factory.texts(healthy.id, "reminder")) == 3


ODD_ARRAYS = ("{NULL}", "{%s,NULL}", "[7:7]={%s}", "{{%s},{%s}}")


@pytest.mark.parametrize("written", ODD_ARRAYS)
async def test_an_answer_stops_nobodys_job_however_another_client_wrote_its_array(
    factory: Factory, pool: Pool, written: str
) -> None:
    odd, healthy = await factory.sync(), await factory.sync()
    await factory.insert(
        "auto_sync_responses", auto_sync_id=odd.id, contact_id=odd.contacts[0], response_type="available",
        option_ids=written.replace("%s", str(odd.options[0])),
    )  # fmt: skip
    await factory.do("update auto_syncs set status = 'paused' where id = %s", odd.id)
    loaded = await syncs.load(factory.connection, odd.id)
    assert loaded is not None
    assert loaded.invitees[0].answer == (set() if written == "{NULL}" else {odd.options[0]})
    await factory.do("update auto_syncs set status = 'running' where id = %s", odd.id)
    for sync in (odd, healthy):
        await factory.make_due(sync.id, "reminder_24h")

    summary = await Processor(pool=pool).process_due()

    assert (summary.processed, summary.retried) == (2, 0)
    assert len(await factory.texts(odd.id, "reminder")) == 2
    assert len(await factory.texts(healthy.id, "reminder")) == 3


@pytest.mark.parametrize("module", [syncs, messages.arrays])
async def test_whatever_python_raises_over_the_rows_of_one_job_is_that_jobs_failure_alone(
    factory: Factory, pool: Pool, monkeypatch: pytest.MonkeyPatch, module: ModuleType
) -> None:
    """While the batch is read, and while it is written."""
    organizer = await factory.organizer()
    made = [
        await factory.sync(organizer=organizer, invitees=2, event_name="poison" if number == 3 else "fine")
        for number in range(7)
    ]
    await factory.do("update contacts set first_name = 'poison' where id = %s", made[3].contacts[0])
    if module is syncs:
        monkeypatch.setattr(syncs, "full_name", raises_over_poison(full_name))
    else:
        monkeypatch.setattr(messages.arrays, "texts", raises_over_poison(arrays.texts))
    for sync in made:
        await factory.make_due(sync.id, "reminder_24h")

    summary = await Processor(pool=pool).process_due()

    assert (summary.processed, summary.retried, summary.remaining) == (6, 1, 0)
    assert await factory.rows("select error_message from job_failures") == [("KeyError: 'no such thing'",)]
    [(_, status, why)] = [job for job in await factory.jobs(made[3].id) if job[0] == "reminder_24h"]
    assert (status, why) == ("pending", "KeyError: 'no such thing'")


def raises_over_poison(does: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which cannot cope with what has poison in it."""

    def raises(*values: Any) -> Any:
        values = tuple(value if isinstance(value, str | None) else list(value) for value in values)
        if "poison" in str(values):
            raise KeyError("no such thing")
        return does(*values)

    return raises


async def test_a_running_sync_whose_options_are_over_ends_even_without_a_job_for_it(
    factory: Factory, pool: Pool
) -> None:
    sync = await factory.sync()
    await factory.do("alter table auto_sync_options disable trigger user")
    await factory.do("update auto_sync_options set start_time = now() - interval '3 hours', end_time = null")
    await factory.do("delete from job_queue where job_type = 'auto_end_check'")
    await factory.make_due(sync.id, "reminder_24h")

    assert await Processor(pool=pool).process_due() == Summary(skipped=1)

    assert await factory.one("select status::text from auto_syncs") == "stopped"


async def test_an_organizer_who_was_told_and_reminds_again_is_not_paused_by_the_next_answer(
    factory: Factory, pool: Pool
) -> None:
    sync = await factory.sync(invitees=5, response_goal="critical_mass")
    for contact in sync.contacts[:3]:
        await factory.answer(sync, contact, 1)
    processor = Processor(pool=pool)
    await processor.process_due()
    assert len(await factory.texts(sync.id, "goal_met")) == 1
    await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
    await processor.process_due()

    await factory.answer(sync, sync.contacts[3], 1)
    await processor.process_due()

    assert await factory.one("select status::text from auto_syncs") == "running"
    assert len(await factory.texts(sync.id, "goal_met")) == 1


async def test_whoever_opted_out_is_not_counted_among_the_reminded(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync(invitees=3)
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    async with pool.connection() as connection:
        await inbox.receive(connection, inbox.InboundText("record", "SM1", number, "STOP"), region="US")
    await factory.make_due(sync.id, "reminder_24h")

    assert await Processor(pool=pool).process_due() == Summary(processed=1, messages=3)

    [(_, _, body, _)] = await factory.texts(sync.id, "reminder_update")
    assert "reminded 2 of 3" in body
    assert sync.contacts[0] not in {contact for contact, *_ in await factory.texts(sync.id, "reminder")}


async def test_behind_a_full_batch_two_are_in_hand_at_once(factory: Factory, pool: Pool, database_url: str) -> None:
    """One hangs at a contact whom somebody holds; the other lane goes on meanwhile."""
    organizer = await factory.organizer()
    syncs = [await factory.sync(organizer=organizer, invitees=1, options=0) for _ in range(6)]
    for place, sync in enumerate(syncs):
        await factory.make_due(sync.id, "reminder_24h", minutes=60 - place)
    held = await factory.one("select contact_id from auto_sync_messages where auto_sync_id = %s limit 1", syncs[3].id)

    async def all_but_the_held_one() -> bool:
        done = await factory.one("select count(*) from job_queue where status = 'processed'")
        return bool(done == 4)

    async with connect(database_url) as holding, holding.transaction():
        await holding.execute("select from contacts where id = %s for update", [held])
        working = asyncio.create_task(Processor(pool=pool, batch_size=2).process_due())
        await until(all_but_the_held_one)
    assert (await working).processed == 6


async def test_what_one_lane_raises_is_raised_when_no_batch_is_in_hand_any_more(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    organizer = await factory.organizer()
    for _ in range(6):
        sync = await factory.sync(organizer=organizer, invitees=1, options=0)
        await factory.make_due(sync.id, "reminder_24h")
    asked = 0

    def fails_the_second_time() -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise ConnectionError("gone")
        return True

    with pytest.raises(ConnectionError, match="gone"):
        await Processor(pool=pool, batch_size=2).process_while(fails_the_second_time)
    assert await factory.one("select count(*) from job_queue where status = 'processed'") == 6


async def three_in_a_row(factory: Factory) -> list[MadeSync]:
    """Syncs whose reminders are due, a minute apart."""
    syncs = [await factory.sync(invitees=1, options=0) for _ in range(3)]
    for place, sync in enumerate(syncs):
        await factory.make_due(sync.id, "reminder_24h", minutes=10 - place)
    return syncs


async def are_done(factory: Factory, syncs: list[MadeSync]) -> list[bool]:
    """Which of their reminders are done."""
    done = {id_ for (id_,) in await factory.rows("select sync_id from job_queue where status = 'processed'")}
    return [sync.id in done for sync in syncs]


async def test_a_job_that_was_in_other_hands_is_taken_before_anybody_says_that_nothing_is_due(
    factory: Factory, pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "SWEEP_EVERY", inf)
    syncs = await three_in_a_row(factory)
    processor = Processor(pool=pool, batch_size=1)
    async with connect(database_url) as holding, holding.transaction():
        await holding.execute("select from auto_syncs where id = %s for update", [syncs[0].id])
        await processor.process_once()
    assert await are_done(factory, syncs) == [False, True, False]
    await processor.process_once()
    assert await are_done(factory, syncs) == [False, True, True], "it began where the last claim ended"
    await processor.process_once()
    assert await are_done(factory, syncs) == [True, True, True]


async def test_a_long_backlog_does_not_keep_a_job_waiting_that_was_given_back(
    factory: Factory, pool: Pool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "SWEEP_EVERY", 0.0)
    syncs = await three_in_a_row(factory)
    processor = Processor(pool=pool, batch_size=1)
    async with connect(database_url) as holding, holding.transaction():
        await holding.execute("select from auto_syncs where id = %s for update", [syncs[0].id])
        await processor.process_once()
    await processor.process_once()
    assert await are_done(factory, syncs) == [True, True, False], "it began with the first"


@given(st.integers(1, 500), st.integers(1, 500), st.integers(0, 10_000_000), st.integers(1, 500))
def test_a_batch_is_as_large_as_comes_to_so_many_texts_and_grows_step_by_step(
    before: int, jobs: int, texts: int, most: int
) -> None:
    limit = next_limit(before, Summary(processed=jobs, messages=texts), most=most)
    assert 1 <= limit <= min(most, 2 * before)
    assert limit == 1 or limit * texts <= MOST_TEXTS * jobs
    assert limit == min(most, 2 * before) or (limit + 1) * texts > MOST_TEXTS * jobs
    assert next_limit(before, Summary(), most=most) == before, "an empty batch says nothing"


async def test_behind_a_batch_of_large_crews_the_batches_are_small_until_the_crews_are(
    factory: Factory, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing, "MOST_TEXTS", 20)
    for invitees in (8, 8, 8, 8, 8, 8, 1, 1, 1, 1, 1):
        sync = await factory.sync(invitees=invitees)
        await factory.make_due(sync.id, "reminder_24h")
    one = Processor(pool=pool, batch_size=4)
    assert [(await one.process_once()).jobs for _ in range(5)] == [4, 2, 2, 3, 0]
