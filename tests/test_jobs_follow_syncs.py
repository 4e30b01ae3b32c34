"""The jobs that follow from whatever any client writes: syncs, options and answers, by plain SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autosync import lifecycle
from autosync.database import clock, syncs
from autosync.database.pool import Connection, connect
from autosync.model import ResponseGoal, Sync, SyncStatus
from factories import Factory, MadeSync, acting_as, run_migrations
from waiting import activity

HOUR = timedelta(hours=1)


async def reminders(factory: Factory, sync: UUID) -> list[tuple[str, datetime]]:
    return await factory.rows(
        "select status, scheduled_at from job_queue where sync_id = %s and job_type = 'reminder_24h' order by 2", sync
    )


async def now(factory: Factory) -> datetime:
    moment: datetime = await factory.one("select autosync_now()")
    return moment


# A new sync


@pytest.mark.parametrize("profile, delay", [("production", timedelta(hours=24)), ("demo", timedelta(minutes=5))])
async def test_a_running_sync_gets_its_reminder_after_the_delay_from_its_start(
    factory: Factory, profile: str, delay: timedelta
) -> None:
    await clock.activate(factory.connection, profile)
    started_at = datetime(2026, 3, 1, 12, tzinfo=UTC)

    sync = await factory.sync(started_at=started_at)

    assert await reminders(factory, sync.id) == [("pending", started_at + delay)]


@pytest.mark.parametrize("profile, delay", [("production", timedelta(hours=24)), ("demo", timedelta(minutes=5))])
async def test_a_sync_without_a_start_is_reminded_after_the_delay_from_now(
    factory: Factory, profile: str, delay: timedelta
) -> None:
    await clock.activate(factory.connection, profile)
    if profile == "demo":
        await factory.move_clock(hours=30)
    before = await now(factory)

    sync = await factory.sync(started_at=None)

    [(status, scheduled_at)] = await reminders(factory, sync.id)
    assert status == "pending"
    assert before <= scheduled_at - delay <= await now(factory)


@pytest.mark.parametrize("status", ["paused", "stopped", "completed"])
async def test_a_sync_that_is_not_running_gets_no_reminder(factory: Factory, status: str) -> None:
    sync = await factory.sync(status=status)

    assert await reminders(factory, sync.id) == []


async def test_each_of_many_rows_in_one_insert_gets_its_own_reminder(factory: Factory) -> None:
    organizer = await factory.organizer()

    await factory.do(
        "insert into auto_syncs (organizer_id, event_name, status)"
        " select %s, 'Run ' || n, case when n %% 5 = 0 then 'paused' else 'running' end::auto_sync_status"
        " from generate_series(1, 20) as n",
        organizer,
    )

    assert await factory.rows(
        "select job_type, status, count(*), count(distinct sync_id) from job_queue group by 1, 2"
    ) == [("reminder_24h", "pending", 16, 16)]


async def test_syncs_that_come_in_by_copy_get_their_reminders(factory: Factory) -> None:
    organizer = await factory.organizer()
    ids = [uuid4() for _ in range(3)]

    columns = "id, organizer_id, event_name, started_at"
    async with (
        factory.connection.cursor() as cursor,
        cursor.copy(f"copy auto_syncs ({columns}) from stdin".encode()) as copy,
    ):
        for id_ in ids:
            await copy.write_row((id_, organizer, "Lunch", datetime(2026, 5, 4, 9, tzinfo=UTC)))

    for id_ in ids:
        assert await reminders(factory, id_) == [("pending", datetime(2026, 5, 5, 9, tzinfo=UTC))]


async def test_a_sync_inserted_by_a_signed_in_person_gets_its_reminder(factory: Factory) -> None:
    organizer = await factory.organizer()

    async with acting_as(factory.connection, "authenticated", organizer):
        sync = await factory.insert("auto_syncs", organizer_id=organizer, event_name="Tea")
        seen_by_them = await reminders(factory, sync)

    assert [status for status, _ in seen_by_them] == ["pending"]
    assert await reminders(factory, sync) == seen_by_them


@pytest.mark.parametrize(
    "remaining", ["delete from auto_sync_settings", "update auto_sync_settings set active = false"]
)
async def test_without_settings_the_reminder_comes_after_24_hours(factory: Factory, remaining: str) -> None:
    await factory.do(remaining)

    sync = await factory.sync(started_at=datetime(2026, 3, 1, 12, tzinfo=UTC))

    assert await reminders(factory, sync.id) == [("pending", datetime(2026, 3, 2, 12, tzinfo=UTC))]


async def test_a_reminder_that_another_trigger_made_earlier_stays_the_only_one(factory: Factory) -> None:
    await factory.connection.execute(
        b"""create function theirs() returns trigger language plpgsql as $$
        begin
          insert into public.job_queue (sync_id, job_type, scheduled_at) values (new.id, 'reminder_24h', '2026-07-01Z');
          return null;
        end $$;
        create trigger a_fires_before_ours after insert on auto_syncs for each row execute function theirs()"""
    )

    sync = await factory.sync()

    assert await reminders(factory, sync.id) == [("pending", datetime(2026, 7, 1, tzinfo=UTC))]


@pytest.mark.parametrize("error", ["raise exception 'the queue is closed'", "perform 1 / 0", "perform from nowhere"])
async def test_a_sync_is_inserted_even_if_its_job_cannot_be(factory: Factory, error: str) -> None:
    await factory.connection.execute(
        f"""create function refuse() returns trigger language plpgsql as $$ begin {error}; end $$;
        create trigger refuse before insert on job_queue for each row execute function refuse()""".encode()
    )
    warnings: list[str] = []
    factory.connection.add_notice_handler(
        lambda notice: warnings.append(f"{notice.severity}: {notice.message_primary}")
    )

    sync = await factory.insert("auto_syncs", organizer_id=await factory.organizer(), event_name="Tea")

    assert await factory.one("select count(*) from auto_syncs where id = %s", sync) == 1
    assert await reminders(factory, sync) == []
    assert [w.partition(":")[0] for w in warnings] == ["WARNING"]
    assert f"auto sync {sync} was inserted without its first reminder" in warnings[0]


@pytest.mark.parametrize(
    "started_at",
    [
        "2026-03-07 12:00 America/New_York",  # a day of 23 hours follows
        "2026-10-31 12:00 America/New_York",  # a day of 25 hours follows
        "2026-03-28 23:30 Europe/Berlin",
        "2026-04-04 12:00 Australia/Lord_Howe",  # half an hour
    ],
)
async def test_a_delay_is_24_hours_also_on_days_that_are_not(factory: Factory, started_at: str) -> None:
    zone = started_at.rpartition(" ")[2]
    await factory.do(f"set timezone = '{zone}'")
    organizer = await factory.organizer()

    sync = await factory.one(
        "with made as (insert into auto_syncs (organizer_id, event_name, started_at) values (%s, 'Tea', %s)"
        " returning id) select id from made",
        organizer, started_at,
    )  # fmt: skip

    assert await factory.one(
        "select extract(epoch from j.scheduled_at) - extract(epoch from s.started_at)"
        " from job_queue j join auto_syncs s on s.id = j.sync_id where s.id = %s",
        sync,
    ) == 24 * 3600  # fmt: skip


@pytest.mark.parametrize("written", ["1 day", "24 hours", "1 day 1 hour", "-1 day +72 hours"])
async def test_delays_are_kept_in_hours_whatever_a_client_writes(factory: Factory, written: str) -> None:
    await factory.do("update auto_sync_settings set reminder_delay = %s, pause_delay = '9 days'", written)

    [(days, seconds, wanted)] = await factory.rows(
        "select distinct extract(day from reminder_delay + pause_delay), extract(epoch from reminder_delay),"
        " extract(epoch from %s::interval) from auto_sync_settings",
        written,
    )
    assert (days, seconds) == (0, wanted)


@pytest.mark.parametrize("delay", ["1 month", "1 year", "-1 hours", "0", "1 day -30 hours"])
async def test_delays_have_a_length_in_hours_and_go_ahead(factory: Factory, delay: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        await factory.do("update auto_sync_settings set reminder_delay = %s, pause_delay = '9999 hours'", delay)


async def test_a_second_pending_job_of_a_type_is_impossible_and_finished_ones_are_not(factory: Factory) -> None:
    sync = await factory.sync()
    for hour, status in enumerate(["processed", "processed", "skipped", "failed", "processing"]):
        await factory.do(
            "insert into job_queue (sync_id, job_type, scheduled_at, status)"
            " values (%s, 'reminder_24h', timestamptz '2026-01-01Z' + %s, %s)",
            sync.id, HOUR * hour, status,
        )  # fmt: skip

    with pytest.raises(psycopg.errors.UniqueViolation, match="idx_job_queue_one_pending"):
        await factory.insert(
            "job_queue", sync_id=sync.id, job_type="reminder_24h", scheduled_at=datetime(2030, 1, 1, tzinfo=UTC)
        )
    with pytest.raises(psycopg.errors.UniqueViolation, match="idx_job_queue_one_pending"):
        await factory.do("update job_queue set status = 'pending' where sync_id = %s and status = 'failed'", sync.id)


# A sync that changes its state


async def with_all_jobs(factory: Factory, **columns: object) -> MadeSync:
    sync = await factory.sync(**columns)
    await factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at) values (%s, 'pause_check_48h', now() + %s)",
        sync.id,
        48 * HOUR,
    )
    return sync


async def states(factory: Factory, sync: UUID) -> dict[str, tuple[str, str | None]]:
    return {type_: (status, reason) for type_, status, reason in await factory.jobs(sync)}


async def test_pausing_skips_reminder_and_pause_check_at_once_and_keeps_the_end(factory: Factory) -> None:
    sync = await with_all_jobs(factory)

    await factory.do("update auto_syncs set status = 'paused' where id = %s", sync.id)

    assert await states(factory, sync.id) == {
        "reminder_24h": ("skipped", "The sync was paused before this job was due."),
        "pause_check_48h": ("skipped", "The sync was paused before this job was due."),
        "auto_end_check": ("pending", None),
    }
    assert await factory.one("select bool_and(processed_at is not null) from job_queue where status = 'skipped'")


@pytest.mark.parametrize("ended", ["stopped", "completed"])
@pytest.mark.parametrize("before", ["running", "paused"])
async def test_ending_skips_every_pending_job_at_once(factory: Factory, ended: str, before: str) -> None:
    sync = await with_all_jobs(factory)
    await factory.do("update auto_syncs set status = %s where id = %s", before, sync.id)

    await factory.do("update auto_syncs set status = %s where id = %s", ended, sync.id)

    found = await states(factory, sync.id)
    assert {status for status, _ in found.values()} == {"skipped"}
    assert found["auto_end_check"] == ("skipped", f"The sync was {ended} before this job was due.")
    assert await factory.pending(sync.id) == {}


async def test_finished_jobs_keep_their_outcome_when_the_sync_ends(factory: Factory) -> None:
    sync = await factory.sync()
    await factory.do("update job_queue set status = 'processed' where job_type = 'reminder_24h'")

    await factory.do("update auto_syncs set status = 'stopped' where id = %s", sync.id)

    assert (await states(factory, sync.id))["reminder_24h"] == ("processed", None)


async def test_reminding_again_by_plain_sql_schedules_a_reminder_now(factory: Factory) -> None:
    await factory.demo_timings()
    sync = await factory.sync()
    for round_ in range(1, 4):  # as often as the organizer likes
        await factory.do("update auto_syncs set status = 'paused' where id = %s", sync.id)
        await factory.move_clock(hours=1)
        before = await now(factory)

        await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)

        assert before <= (await factory.pending(sync.id))["reminder_24h"] <= await now(factory)
        assert [status for status, _ in await reminders(factory, sync.id)].count("skipped") == round_


@pytest.mark.parametrize("ended", ["stopped", "completed"])
@pytest.mark.parametrize("reopened", ["running", "paused"])
async def test_a_sync_that_goes_on_after_it_had_ended_ends_again_when_its_options_are_over(
    factory: Factory, ended: str, reopened: str
) -> None:
    sync, other = await factory.sync(), await factory.sync()
    before = (await factory.pending(sync.id))["auto_end_check"]
    await factory.do("update auto_syncs set status = %s where id = any(%s)", ended, [sync.id, other.id])

    await factory.do("update auto_syncs set status = %s where id = %s", reopened, sync.id)

    assert await factory.pending(sync.id) == {"auto_end_check": before}
    assert await factory.pending(other.id) == {}


async def test_a_signed_in_person_who_changes_the_state_changes_the_jobs(factory: Factory) -> None:
    sync = await with_all_jobs(factory)

    async with acting_as(factory.connection, "authenticated", sync.organizer):
        await factory.do("update auto_syncs set status = 'stopped' where id = %s", sync.id)

    assert await factory.pending(sync.id) == {}


async def test_many_syncs_in_one_update_each_get_what_their_own_change_means(factory: Factory) -> None:
    organizer = await factory.organizer()
    pausing, ending, resuming, staying = [await with_all_jobs(factory, organizer=organizer) for _ in range(4)]
    await factory.do("update auto_syncs set status = 'paused' where id = %s", resuming.id)

    await factory.do(
        "update auto_syncs set event_location = 'Park', status = case id when %s then 'paused' when %s then 'completed'"
        " when %s then 'running' else status::text end::auto_sync_status",
        pausing.id, ending.id, resuming.id,
    )  # fmt: skip

    assert set(await factory.pending(pausing.id)) == {"auto_end_check"}
    assert set(await factory.pending(ending.id)) == set()
    assert set(await factory.pending(resuming.id)) == {"auto_end_check", "reminder_24h"}
    assert set(await factory.pending(staying.id)) == {"auto_end_check", "reminder_24h", "pause_check_48h"}


@pytest.mark.parametrize(
    "change", ["event_name = 'Picnic'", "last_reminder_sent_at = now()", "status = status", "started_at = now()"]
)
async def test_an_unrelated_update_touches_no_job(factory: Factory, change: str) -> None:
    sync = await with_all_jobs(factory)
    before = await factory.rows("select xmin, j.* from job_queue j order by id")

    await factory.do(f"update auto_syncs set {change} where id = %s", sync.id)

    assert await factory.rows("select xmin, j.* from job_queue j order by id") == before


async def test_an_update_that_leaves_the_state_alone_leaves_a_job_of_a_paused_sync_alone(factory: Factory) -> None:
    sync = await factory.sync(status="paused")
    await factory.insert("job_queue", sync_id=sync.id, job_type="pause_check_48h", scheduled_at=at(0))

    await factory.do("update auto_syncs set event_name = 'Picnic', status = status where id = %s", sync.id)

    assert (await factory.pending(sync.id))["pause_check_48h"] == at(0)


# Options


def at(hours: int) -> datetime:
    """A moment some weeks ahead."""
    return datetime(2030, 6, 1, tzinfo=UTC) + HOUR * hours


async def end_check(factory: Factory, sync: UUID) -> datetime | None:
    return (await factory.pending(sync)).get("auto_end_check")


async def test_the_end_check_follows_the_latest_option(factory: Factory) -> None:
    sync = await factory.sync(options=0)
    assert await end_check(factory, sync.id) is None

    first = await factory.option(sync.id, 1, start=at(0), hours=2)
    assert await end_check(factory, sync.id) == at(2)

    second = await factory.option(sync.id, 2, start=at(10), hours=2)
    assert await end_check(factory, sync.id) == at(12)

    await factory.do("update auto_sync_options set end_time = %s where id = %s", at(15), second)
    assert await end_check(factory, sync.id) == at(15), "moved later"

    await factory.do("update auto_sync_options set start_time = %s, end_time = %s where id = %s", at(4), at(5), second)
    assert await end_check(factory, sync.id) == at(5), "moved earlier"

    await factory.do("update auto_sync_options set start_time = %s, end_time = %s where id = %s", at(20), at(21), first)
    assert await end_check(factory, sync.id) == at(21), "another one became the latest"

    await factory.do("delete from auto_sync_options where id = %s", first)
    assert await end_check(factory, sync.id) == at(5), "the latest was deleted"


async def test_an_option_without_an_end_is_over_once_it_has_begun(factory: Factory) -> None:
    sync = await factory.sync(options=0)
    await factory.option(sync.id, 1, start=at(0), hours=2)

    await factory.insert("auto_sync_options", auto_sync_id=sync.id, idx=2, start_time=at(7))

    assert await end_check(factory, sync.id) == at(7)


@pytest.mark.parametrize("status, expected", [("paused", {"auto_end_check"}), ("stopped", set()), ("completed", set())])
async def test_only_a_sync_that_has_not_ended_gets_an_end_check(
    factory: Factory, status: str, expected: set[str]
) -> None:
    sync = await factory.sync(status=status, options=2)

    assert set(await factory.pending(sync.id)) == expected


async def test_the_options_of_many_syncs_in_one_statement_move_each_end_check(factory: Factory) -> None:
    made = [await factory.sync(options=2) for _ in range(3)]

    await factory.do(
        "update auto_sync_options"
        " set start_time = %s, end_time = %s + interval '1 hour' * array_position(%s, auto_sync_id)",
        at(0), at(0), [sync.id for sync in made],
    )  # fmt: skip

    assert [await end_check(factory, sync.id) for sync in made] == [at(1), at(2), at(3)]


async def test_a_signed_in_person_who_adds_an_option_moves_the_end_check(factory: Factory) -> None:
    sync = await factory.sync(options=1)

    async with acting_as(factory.connection, "authenticated", sync.organizer):
        await factory.option(sync.id, 2, start=at(0))

    assert await end_check(factory, sync.id) == at(2)


async def test_an_option_may_move_back_to_where_a_finished_job_stands(factory: Factory) -> None:
    sync = await factory.sync(options=0)
    option = await factory.option(sync.id, 1, start=at(0), hours=2)
    await factory.do("update job_queue set status = 'skipped' where job_type = 'auto_end_check'")
    await factory.do("update auto_sync_options set end_time = %s where id = %s", at(9), option)

    await factory.do("update auto_sync_options set end_time = %s where id = %s", at(2), option)

    assert await end_check(factory, sync.id) == at(2)
    assert await factory.one("select count(*) from job_queue where job_type = 'auto_end_check'") == 1


async def test_deleting_a_sync_takes_its_jobs_options_and_answers_along(factory: Factory) -> None:
    sync = await with_all_jobs(factory)
    await factory.answer(sync, sync.contacts[0], 1)

    async with acting_as(factory.connection, "authenticated", sync.organizer):
        assert await factory.do("delete from auto_syncs where id = %s", sync.id) == 1

    for table in ("job_queue", "auto_sync_options", "auto_sync_responses", "auto_sync_messages"):
        assert await factory.one(f"select count(*) from {table}") == 0, table


async def test_deleting_an_organizer_takes_everything_along(factory: Factory) -> None:
    sync = await with_all_jobs(factory)
    await factory.answer(sync, sync.contacts[0], 1)

    await factory.do("delete from auth.users where id = %s", sync.organizer)

    assert await factory.one("select count(*) from job_queue") == 0


# Answers


async def pause_check_is_due(factory: Factory, sync: UUID) -> bool:
    scheduled_at = (await factory.pending(sync)).get("pause_check_48h")
    return scheduled_at is not None and scheduled_at <= await now(factory)


async def test_everyone_is_met_by_the_last_answer_and_not_before(factory: Factory) -> None:
    sync = await with_all_jobs(factory, response_goal="everyone", invitees=3)

    await factory.answer(sync, sync.contacts[0], 1, 2)
    await factory.answer(sync, sync.contacts[1])
    assert not await pause_check_is_due(factory, sync.id)

    await factory.answer(sync, sync.contacts[2], 3)
    assert await pause_check_is_due(factory, sync.id)


@pytest.mark.parametrize("invitees, short, enough", [(2, 1, 2), (3, 1, 2), (4, 2, 3), (5, 2, 3), (1, 0, 1)])
async def test_critical_mass_is_met_by_more_than_half_for_one_option(
    factory: Factory, invitees: int, short: int, enough: int
) -> None:
    sync = await with_all_jobs(factory, response_goal="critical_mass", invitees=invitees)

    for contact in sync.contacts[:short]:
        await factory.answer(sync, contact, 2, 3)
    assert not await pause_check_is_due(factory, sync.id)

    for contact in sync.contacts[short:enough]:
        await factory.answer(sync, contact, 1, 2)
    assert await pause_check_is_due(factory, sync.id)


async def test_answers_spread_over_options_are_no_critical_mass(factory: Factory) -> None:
    sync = await with_all_jobs(factory, response_goal="critical_mass", invitees=4)

    for number, contact in enumerate(sync.contacts[:3], start=1):
        await factory.answer(sync, contact, number)
    await factory.answer(sync, sync.contacts[3])

    assert not await pause_check_is_due(factory, sync.id)


@pytest.mark.parametrize("end", ["autosync_now() - interval '1 second'", "null"])
async def test_an_option_that_is_over_meets_no_critical_mass(factory: Factory, end: str) -> None:
    sync = await with_all_jobs(factory, response_goal="critical_mass", invitees=3)
    await factory.do(
        f"update auto_sync_options set start_time = autosync_now() - interval '1 hour', end_time = {end} where id = %s",
        sync.options[0],
    )

    for contact in sync.contacts:
        await factory.answer(sync, contact, 1)
    assert not await pause_check_is_due(factory, sync.id)

    for contact in sync.contacts[:2]:
        await factory.answer(sync, contact, 1, 2)
    assert await pause_check_is_due(factory, sync.id)


async def test_everyone_is_met_though_every_option_is_over(factory: Factory) -> None:
    """Nothing but the answers is looked at: that it ends comes of its own."""
    sync = await with_all_jobs(factory, response_goal="everyone", invitees=1)
    await factory.do("update auto_sync_options set start_time = now() - interval '1 hour', end_time = null")

    await factory.answer(sync, sync.contacts[0], 1)

    assert await pause_check_is_due(factory, sync.id)


async def test_a_changed_answer_counts_as_it_stands(factory: Factory) -> None:
    sync = await with_all_jobs(factory, response_goal="critical_mass", invitees=3)
    await factory.answer(sync, sync.contacts[0], 1)
    await factory.answer(sync, sync.contacts[1], 2)
    assert not await pause_check_is_due(factory, sync.id)

    await factory.answer(sync, sync.contacts[1], 1)

    assert await pause_check_is_due(factory, sync.id)


async def test_met_without_a_pause_check_pending_one_is_scheduled_now(factory: Factory) -> None:
    sync = await factory.sync(response_goal="everyone", invitees=1)

    await factory.answer(sync, sync.contacts[0], 1)

    assert await pause_check_is_due(factory, sync.id)


@pytest.mark.parametrize("status", ["paused", "stopped", "completed"])
async def test_an_answer_to_a_sync_that_is_not_running_schedules_nothing(factory: Factory, status: str) -> None:
    sync = await factory.sync(response_goal="everyone", invitees=1, status=status)

    await factory.answer(sync, sync.contacts[0], 1)

    assert "pause_check_48h" not in await factory.pending(sync.id)


async def test_who_was_not_asked_does_not_count(factory: Factory) -> None:
    sync = await with_all_jobs(factory, response_goal="everyone", invitees=2)
    joined_later = [await factory.contact(sync.organizer, name) for name in ("Zoe", "Yul")]

    await factory.answer(sync, sync.contacts[0], 1)
    for contact in joined_later:
        await factory.answer(sync, contact, 1)

    assert not await pause_check_is_due(factory, sync.id)
    await factory.do("update auto_syncs set response_goal = 'critical_mass' where id = %s", sync.id)
    await factory.answer(sync, joined_later[0], 1)
    assert not await pause_check_is_due(factory, sync.id)


async def test_a_sync_without_invitees_never_meets_its_goal(factory: Factory) -> None:
    sync = await with_all_jobs(factory, invitees=0)

    await factory.answer(sync, await factory.contact(sync.organizer), 1)

    assert not await pause_check_is_due(factory, sync.id)


async def test_answers_of_many_syncs_in_one_statement_bring_each_pause_check_forward(factory: Factory) -> None:
    made = [await with_all_jobs(factory, response_goal="everyone", invitees=1) for _ in range(3)]
    waiting = await with_all_jobs(factory, response_goal="everyone", invitees=2)

    await factory.do(
        "insert into auto_sync_responses (auto_sync_id, contact_id, response_type)"
        " select distinct on (auto_sync_id) auto_sync_id, contact_id, 'not_available' from auto_sync_invitees"
    )

    assert [await pause_check_is_due(factory, sync.id) for sync in [*made, waiting]] == [True, True, True, False]


async def test_an_answer_has_its_goal_looked_at_once_whether_it_is_the_first_or_another_one(factory: Factory) -> None:
    sync = await factory.sync(invitees=3)
    looked = "select coalesce(sum(calls), 0) from pg_stat_xact_user_functions where funcname = 'syncs_with_goal_met'"
    async with factory.connection.transaction():
        await factory.do("set local track_functions = 'all'")
        for place, numbers in enumerate([(1,), (1, 2)], 1):
            await factory.answer(sync, sync.contacts[0], *numbers)
            assert await factory.one(looked) == place


OTHER_ANSWERS = """
set local session_replication_role = replica;
insert into auto_syncs (id, organizer_id, event_name, status)
select md5('sync' || n)::uuid, (select organizer_id from auto_syncs limit 1), 'Tea', 'running'
from generate_series(1, 3000) as n;
insert into auto_sync_options (auto_sync_id, idx, start_time)
select md5('sync' || n)::uuid, 1, now() from generate_series(1, 3000) as n;
insert into auto_sync_messages (auto_sync_id, contact_id, message_type)
select md5('sync' || n)::uuid, contact_id, message_type from generate_series(1, 3000) as n
cross join (values (gen_random_uuid(), 'initial'), (null, 'started')) as v (contact_id, message_type);
insert into auto_sync_responses (auto_sync_id, contact_id, response_type)
select md5('sync' || n)::uuid, gen_random_uuid(), 'not_available' from generate_series(1, 3000) as n;
insert into job_queue (sync_id, job_type, scheduled_at)
select md5('sync' || n)::uuid, 'auto_end_check', now() + interval '9 days' from generate_series(1, 3000) as n;
insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at)
select md5('sync' || n)::uuid, 'reminder_24h', now(), 'processed', now() from generate_series(1, 3000) as n;
insert into auto_sync_events (sync_id, organizer_id, option_id, over_at, status, delivery, changed_at)
select md5('sync' || n)::uuid, (select organizer_id from auto_syncs limit 1), gen_random_uuid(),
  now() + interval '9 days', 'confirmed', 'none', now()
from generate_series(1, 3000) as n;
"""


async def add_others(url: str) -> None:
    """By a session of their own."""
    async with connect(url) as connection, connection.transaction():
        await connection.execute(OTHER_ANSWERS)


ROWS_READ = """
select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int from pg_stat_xact_user_tables
where relname in (
  'auto_syncs', 'auto_sync_options', 'auto_sync_messages', 'auto_sync_responses', 'auto_sync_events', 'job_queue'
)
"""


@pytest.fixture(params=["empty_database_url", "empty_postgres_15_url"])
def either_url(request: pytest.FixtureRequest) -> str:
    """A migrated database on the newest PostgreSQL, and on the oldest."""
    url: str = request.getfixturevalue(request.param)
    run_migrations(url)
    return url


@pytest.mark.parametrize("goal", ["everyone", "critical_mass"])
async def test_what_hangs_on_an_answer_reads_its_own_sync_though_the_statistics_are_from_before_there_were_others(
    either_url: str, goal: str
) -> None:
    async with connect(either_url) as connection:
        factory = Factory(connection)
        sync = await with_all_jobs(factory, response_goal=goal, invitees=3)
        await factory.do("vacuum analyze")
        await factory.answer(sync, sync.contacts[0], 1)
    await add_others(either_url)
    async with connect(either_url) as connection:
        factory = Factory(connection)
        for contact in sync.contacts[1:]:
            async with connection.transaction():
                before = await factory.one(ROWS_READ)
                await factory.answer(sync, contact, 1, 2)
                assert await factory.one(ROWS_READ) - before < 150
        assert await pause_check_is_due(factory, sync.id)


MOVED = (
    "update auto_sync_options set start_time = start_time + interval '1 hour', end_time = end_time + interval '1 hour'"
    " where id = %(option)s"
)
CHANGES = {
    "another option": "insert into auto_sync_options (id, auto_sync_id, idx, start_time)"
    " values (%(other)s, %(sync)s, 3, now())",
    "an option is moved": MOVED,
    "an option is deleted": "delete from auto_sync_options where id = %(other)s",
    "a pause": "update auto_syncs set status = 'paused' where id = %(sync)s",
    "it goes on": "update auto_syncs set status = 'running' where id = %(sync)s",
    "another name": "update auto_syncs set event_name = 'Dinner' where id = %(sync)s",
    "a choice": "update auto_syncs set status = 'completed',"
    " metadata = jsonb_build_object('chosen_option_id', %(option)s::uuid) where id = %(sync)s",
    "the chosen option is moved": MOVED,
    "it goes on after its end": "update auto_syncs set status = 'running' where id = %(sync)s",
    "a stop": "update auto_syncs set status = 'stopped' where id = %(sync)s",
    "a contact goes": "delete from contacts where id = any(%(contacts)s)",
}
"""By statements that find their row by its primary key, and so read little themselves."""


@pytest.mark.parametrize("statistics", ["from before there were others", "fresh", "missing"])
async def test_what_hangs_on_a_change_reads_its_own_sync(either_url: str, statistics: str) -> None:
    async with connect(either_url) as connection:
        factory = Factory(connection)
        sync = await with_all_jobs(factory, invitees=3, options=2)
        if statistics == "from before there were others":
            await factory.do("vacuum analyze")
    await add_others(either_url)
    of_it = {"sync": sync.id, "contacts": sync.contacts, "option": sync.options[0], "other": uuid4()}
    async with connect(either_url) as connection:
        factory = Factory(connection)
        if statistics == "fresh":
            await factory.do("vacuum analyze")
        read = {}
        for name, change in CHANGES.items():
            async with connection.transaction():
                before = await factory.one(ROWS_READ)
                await connection.execute(change.encode(), of_it)
                read[name] = await factory.one(ROWS_READ) - before
        assert max(read.values()) < 150, read


@pytest.mark.parametrize("role", ["authenticated", "anon"])
async def test_nobody_but_the_service_writes_answers(factory: Factory, role: str) -> None:
    sync = await factory.sync()
    await factory.answer(sync, sync.contacts[1], 1)

    for write in (
        "insert into auto_sync_responses (auto_sync_id, contact_id, response_type) values (%s, %s, 'not_available')",
        "update auto_sync_responses set response_type = 'not_available' where auto_sync_id = %s and contact_id <> %s",
        "delete from auto_sync_responses where auto_sync_id = %s and contact_id <> %s",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with acting_as(factory.connection, role, sync.organizer):
                await factory.do(write, sync.id, sync.contacts[0])


@pytest.fixture
async def other_connection(database_url: str) -> AsyncIterator[Connection]:
    """A second connection to the test's database."""
    async with connect(database_url) as opened:
        yield opened


async def until_it_waits(observer: Connection, waiting: Connection, task: asyncio.Task[None]) -> None:
    """Returns once the other connection waits for a lock; fails if its task ends instead."""
    async with asyncio.timeout(20):
        while True:
            if any(reason == "Lock" for reason, _ in await activity(observer, waiting)):
                return
            assert not task.done(), "it did not wait"


@pytest.mark.parametrize("goal", ["everyone", "critical_mass"])
@pytest.mark.parametrize("first_to_commit", [0, 1])
async def test_two_last_answers_at_once_bring_the_pause_check_forward(
    factory: Factory, database_url: str, other_connection: Connection, goal: str, first_to_commit: int
) -> None:
    sync = await with_all_jobs(factory, response_goal=goal, invitees=2)
    contacts = sync.contacts if first_to_commit == 0 else sync.contacts[::-1]

    async def answer_second() -> None:
        await Factory(other_connection).answer(sync, contacts[1], 1)

    async with connect(database_url) as observer:
        async with factory.connection.transaction():
            await factory.answer(sync, contacts[0], 1)
            second = asyncio.create_task(answer_second())
            await until_it_waits(observer, other_connection, second)
        await second

    assert await pause_check_is_due(factory, sync.id)


answers = st.one_of(st.none(), st.sets(st.integers(1, 3)))
TIMES = {
    "ahead": (HOUR, 3 * HOUR), "ahead, without an end": (HOUR, None),
    "begun": (-HOUR, HOUR), "begun, without an end": (-HOUR, None), "over": (-3 * HOUR, -HOUR),
}  # fmt: skip
"""Where an option may lie: when it begins and ends, from now on."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    goal=st.sampled_from(ResponseGoal),
    asked=st.lists(answers, max_size=6),
    uninvited=st.lists(answers, max_size=2),
    options=st.lists(st.sampled_from(sorted(TIMES)), max_size=3),
)
async def test_the_trigger_and_the_rule_agree_on_when_the_goal_is_met(
    factory: Factory,
    goal: ResponseGoal,
    asked: list[set[int] | None],
    uninvited: list[set[int] | None],
    options: list[str],
) -> None:
    sync = await with_all_jobs(factory, response_goal=goal, invitees=len(asked), options=len(options))
    for option, lies in zip(sync.options, options, strict=True):
        await factory.do(
            "update auto_sync_options set start_time = now() + %s, end_time = now() + %s where id = %s",
            *TIMES[lies], option,
        )  # fmt: skip
    others = [await factory.contact(sync.organizer) for _ in uninvited]
    given_answers = [*zip(sync.contacts, asked, strict=True), *zip(others, uninvited, strict=True)]
    met = False
    for contact, answer in given_answers:
        if answer is None:
            continue
        await factory.answer(sync, contact, *(number for number in answer if number <= len(options)))
        met = met or lifecycle.goal_is_met(await loaded(factory, sync, goal), await now(factory))

        assert await pause_check_is_due(factory, sync.id) == met

    assert await factory.one("select count(*) from syncs_with_goal_met(%s)", [sync.id]) == int(
        lifecycle.goal_is_met(await loaded(factory, sync, goal), await now(factory))
    )


async def loaded(factory: Factory, sync: MadeSync, goal: ResponseGoal) -> Sync:
    """The sync as the processor loads it."""
    return Sync(
        id=sync.id,
        status=SyncStatus.RUNNING,
        event_name="Tea",
        event_location=None,
        timezone="UTC",
        response_goal=goal,
        organizer_name="Maya",
        options=(await syncs.load_options(factory.connection, [sync.id])).get(sync.id, ()),
        invitees=(await syncs.load_invitees(factory.connection, [sync.id])).get(sync.id, ()),
    )


# The clock


async def test_the_clock_moves_in_the_demo_only(factory: Factory) -> None:
    assert await factory.one("select autosync_now() = now()")

    with pytest.raises(psycopg.errors.CheckViolation):
        await factory.do("update auto_sync_settings set clock_offset = '1 hour' where profile = 'production'")

    await factory.demo_timings()
    await factory.do("update auto_sync_settings set clock_offset = '1 hour' where profile = 'demo'")
    assert await factory.one("select autosync_now() - now()") == HOUR


async def test_the_clock_never_stands_behind_the_servers(factory: Factory) -> None:
    await factory.demo_timings()

    with pytest.raises(psycopg.errors.CheckViolation):
        await factory.do("update auto_sync_settings set clock_offset = '-1 second' where profile = 'demo'")


async def test_a_moved_clock_does_not_move_back(factory: Factory) -> None:
    await factory.demo_timings()
    await factory.move_clock(hours=2)

    with pytest.raises(psycopg.errors.CheckViolation):
        await factory.do("update auto_sync_settings set clock_offset = '1 hour' where profile = 'demo'")

    assert await factory.one("select autosync_now() - now()") == 2 * HOUR


async def test_a_clock_moved_by_a_day_is_24_hours_ahead_in_every_zone(factory: Factory) -> None:
    await factory.demo_timings()
    await factory.move_clock(days=300)
    await factory.move_clock(minutes=5)

    for zone in ("UTC", "America/New_York", "Australia/Lord_Howe"):
        await factory.do(f"set timezone = '{zone}'")
        assert await factory.one("select autosync_now() - now() = interval '7200 hours 5 minutes'"), zone
        assert await factory.one("select extract(epoch from autosync_now() - now())") == 7200 * 3600 + 300


async def test_the_demos_clock_counts_only_while_the_demo_is_on(factory: Factory) -> None:
    await factory.demo_timings()
    await factory.move_clock(hours=2)

    await clock.activate(factory.connection, "production")

    assert await factory.one("select autosync_now() = now()")


async def test_only_one_profile_is_active(factory: Factory) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        await factory.do("update auto_sync_settings set active = true")
