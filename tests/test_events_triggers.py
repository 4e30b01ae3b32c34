"""What is to stand in calendars follows from whatever any client writes, on our own schema and on production's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from autosync.database.pool import connect
from factories import Factory, MadeSync, acting_as
from inviting import complete, event_row, move
from supabase_like import SORTS, migrated_database
from waiting import until_waiting


@pytest.fixture(scope="module", params=SORTS)
def sort_url(request: pytest.FixtureRequest, server_url: str) -> Iterator[str]:
    """A database of each sort in turn; each test makes what it needs of its own."""
    with migrated_database(server_url, request.param) as url:
        yield url


@pytest.fixture
async def factory(sort_url: str) -> AsyncIterator[Factory]:
    """In that database."""
    async with connect(sort_url) as connection:
        yield Factory(connection)


@pytest.fixture
async def own_factory(database_url: str) -> AsyncIterator[Factory]:
    """On our own schema only."""
    async with connect(database_url) as connection:
        yield Factory(connection)


async def connect_calendar(factory: Factory, organizer: UUID) -> None:
    """As another client does it."""
    await factory.do("insert into google_calendar_tokens (user_id, access_token) values (%s, 'a token')", organizer)


async def a_connected_sync(factory: Factory) -> MadeSync:
    sync = await factory.sync(invitees=1)
    await connect_calendar(factory, sync.organizer)
    return sync


async def become(factory: Factory, sync: MadeSync, status: str) -> None:
    await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)


async def standing(factory: Factory, sync: MadeSync) -> tuple[Any, ...]:
    return await event_row(factory, sync, "status", "sequence", "delivery")


async def reported(factory: Factory, sync: MadeSync, delivery: str) -> None:
    """As if an inviter had been at work."""
    await factory.do(
        "update auto_sync_events set delivery = %s, attempt = attempt + 1, known_sequence = sequence,"
        " failing_since = now(), reason = 'Some reason.' where sync_id = %s", delivery, sync.id,
    )  # fmt: skip


async def count_events(factory: Factory, sync: MadeSync) -> int:
    count: int = await factory.one("select count(*) from auto_sync_events where sync_id = %s", sync.id)
    return count


# One way through everything, on each schema


async def test_an_event_follows_its_sync_from_its_completion_to_its_end(factory: Factory) -> None:
    sync = await a_connected_sync(factory)
    for status in ("paused", "running", "paused"):
        await become(factory, sync, status)
    assert await count_events(factory, sync) == 0, "nothing was chosen"

    await complete(factory, sync, 2)
    assert await standing(factory, sync) == ("confirmed", 0, "queued")
    assert await event_row(factory, sync, "organizer_id", "option_id", "over_at", "next_attempt_at <= now()") == (
        sync.organizer,
        sync.options[1],
        await factory.one("select end_time from auto_sync_options where id = %s", sync.options[1]),
        True,
    )

    await reported(factory, sync, "sent")
    await move(factory, sync, 1)
    assert await standing(factory, sync) == ("confirmed", 0, "sent"), "another option was moved"
    await move(factory, sync, 2)
    assert await standing(factory, sync) == ("confirmed", 1, "queued")
    assert await event_row(factory, sync, "over_at", "reason", "failing_since") == (
        await factory.one("select end_time from auto_sync_options where id = %s", sync.options[1]), None, None,
    )  # fmt: skip

    for column, value in (("event_name", "Chess"), ("event_location", "Luna Cafe"), ("timezone", "Asia/Tokyo")):
        await factory.do(f"update auto_syncs set {column} = %s where id = %s", value, sync.id)
    await complete(factory, sync, 3)
    assert await standing(factory, sync) == ("confirmed", 5, "queued")
    assert await event_row(factory, sync, "option_id") == (sync.options[2],)

    await become(factory, sync, "running")
    assert await standing(factory, sync) == ("tentative", 6, "queued")
    await become(factory, sync, "paused")
    await factory.do("update auto_syncs set event_name = 'Go' where id = %s", sync.id)
    assert await standing(factory, sync) == ("tentative", 6, "queued"), "what is not chosen need not be told"
    await complete(factory, sync, 1)
    await become(factory, sync, "stopped")
    assert await standing(factory, sync) == ("cancelled", 8, "queued")
    await become(factory, sync, "running")
    assert await standing(factory, sync) == ("cancelled", 8, "queued")
    await complete(factory, sync, 1)
    assert await standing(factory, sync) == ("confirmed", 9, "queued")

    await factory.do("delete from auto_syncs where id = %s", sync.id)
    assert await standing(factory, sync) == ("cancelled", 10, "queued")
    assert await event_row(factory, sync, "orphaned_at is not null") == (True,)


async def test_without_a_calendar_people_have_files_until_one_is_connected(factory: Factory) -> None:
    ahead, over, reopened, told = [await factory.sync(invitees=1) for _ in range(4)]
    for sync in (ahead, over, reopened, told):
        await factory.do("update auto_syncs set organizer_id = %s where id = %s", ahead.organizer, sync.id)
        await complete(factory, sync)
    await factory.do("update auto_sync_events set over_at = now() where sync_id = %s", over.id)
    await reported(factory, told, "none")
    for sync in (reopened, told):
        await become(factory, sync, "running")
    assert {await standing(factory, sync) for sync in (ahead, over)} == {("confirmed", 0, "none")}

    await connect_calendar(factory, ahead.organizer)

    assert await standing(factory, ahead) == ("confirmed", 0, "queued")
    assert await standing(factory, over) == ("confirmed", 0, "none"), "it is over"
    assert await standing(factory, reopened) == ("tentative", 1, "none"), "it never was in a calendar"
    assert await standing(factory, told) == ("tentative", 1, "queued"), "the calendar has it as confirmed"


@pytest.mark.parametrize("delivery", ["sending", "unknown"])
async def test_what_is_in_flight_stays_so_and_only_its_sequence_grows(factory: Factory, delivery: str) -> None:
    sync = await a_connected_sync(factory)
    await complete(factory, sync)
    await reported(factory, sync, delivery)

    await move(factory, sync)
    await become(factory, sync, "running")
    await complete(factory, sync, 2)
    await become(factory, sync, "stopped")

    assert await standing(factory, sync) == ("cancelled", 4, delivery)


async def test_signed_in_people_change_their_syncs_and_see_their_own_events_only(factory: Factory) -> None:
    sync, others = await a_connected_sync(factory), await a_connected_sync(factory)
    await complete(factory, others)
    async with acting_as(factory.connection, "authenticated", sync.organizer):
        await complete(factory, sync)
        await move(factory, sync)
        assert await factory.rows("select sync_id, sequence from auto_sync_events") == [(sync.id, 1)]
    async with acting_as(factory.connection, "authenticated", sync.organizer):
        await factory.do("delete from auto_syncs where id = %s", sync.id)
    assert await standing(factory, sync) == ("cancelled", 2, "none"), "it had not set out"


async def test_the_events_of_an_organizer_go_with_them(factory: Factory) -> None:
    sync = await a_connected_sync(factory)
    await complete(factory, sync)

    await factory.do("delete from profiles where id = %s", sync.organizer)

    assert await count_events(factory, sync) == 0


# What other clients may write


@pytest.mark.parametrize(
    "metadata", ["{}", '{"chosen_option_id": null}', '{"chosen_option_id": "nonsense"}', '{"chosen_option_id": [1]}']
)
async def test_a_completion_that_says_not_which_option_has_no_event(own_factory: Factory, metadata: str) -> None:
    sync = await a_connected_sync(own_factory)

    await own_factory.do("update auto_syncs set status = 'completed', metadata = %s where id = %s", metadata, sync.id)

    assert await count_events(own_factory, sync) == 0


async def test_an_option_that_is_written_in_capitals_is_known(own_factory: Factory) -> None:
    sync = await a_connected_sync(own_factory)

    await own_factory.do(
        "update auto_syncs set status = 'completed', metadata = jsonb_build_object('chosen_option_id', %s::text)"
        " where id = %s", str(sync.options[0]).upper(), sync.id,
    )  # fmt: skip

    assert await event_row(own_factory, sync, "option_id") == (sync.options[0],)


async def test_an_option_of_another_sync_is_none(own_factory: Factory) -> None:
    sync, other = await a_connected_sync(own_factory), await own_factory.sync()

    await own_factory.do(
        "update auto_syncs set status = 'completed', metadata = jsonb_build_object('chosen_option_id', %s::text)"
        " where id = %s", str(other.options[0]), sync.id,
    )  # fmt: skip

    assert await count_events(own_factory, sync) == 0


async def test_many_in_one_statement_each_have_their_own(own_factory: Factory) -> None:
    made = [await a_connected_sync(own_factory) for _ in range(5)]
    await own_factory.do(
        "update auto_syncs s set status = 'completed', metadata = jsonb_build_object('chosen_option_id',"
        " (select o.id from auto_sync_options o where o.auto_sync_id = s.id and o.idx = 2))"
    )
    await own_factory.do("update auto_sync_options set start_time = start_time + interval '1 hour'")
    assert {await standing(own_factory, sync) for sync in made} == {("confirmed", 1, "queued")}
    for sync in made:
        await reported(own_factory, sync, "sent")

    await own_factory.do("delete from auto_syncs")

    assert {await standing(own_factory, sync) for sync in made} == {("cancelled", 2, "queued")}


async def test_changing_a_sync_never_fails_because_of_a_calendar(own_factory: Factory) -> None:
    sync = await a_connected_sync(own_factory)
    heard: list[str] = []
    own_factory.connection.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
    await complete(own_factory, sync)
    await own_factory.do("alter table auto_sync_events add constraint broken check (sequence = 0) not valid")

    await move(own_factory, sync)
    await become(own_factory, sync, "running")
    await connect_calendar(own_factory, (await own_factory.sync()).organizer)
    await own_factory.do("delete from auto_syncs where id = %s", sync.id)

    assert await own_factory.one("select count(*) from auto_syncs where id = %s", sync.id) == 0
    assert [message.partition(": ")[0] for message in heard] == [
        "options were moved without their calendar events",
        f"auto sync {sync.id} was changed without its calendar event",
        "auto syncs were deleted without their calendar events",
    ]


async def test_ordinary_changes_of_a_sync_do_not_even_look_for_an_event(own_factory: Factory) -> None:
    sync = await a_connected_sync(own_factory)
    await own_factory.do(
        "create or replace function auto_sync_event_follows_sync() returns trigger language plpgsql as"
        " $$ begin raise exception 'called'; end $$"
    )

    for change in ("status = 'paused'", "status = 'running'", "event_name = 'Chess'", "last_reminder_sent_at = now()",
                   "metadata = metadata || '{\"a\": 1}'", "paused_at = now()"):  # fmt: skip
        await own_factory.do(f"update auto_syncs set {change} where id = %s", sync.id)

    with pytest.raises(psycopg.errors.RaiseException, match="called"):
        await become(own_factory, sync, "stopped")


# Two at once


async def test_a_time_that_is_moved_while_it_is_being_chosen_is_seen(own_factory: Factory, database_url: str) -> None:
    """Whoever moves the option waits for whoever completes the sync, and then finds the event."""
    sync = await a_connected_sync(own_factory)
    async with connect(database_url) as choosing, connect(database_url) as moving:
        async with choosing.transaction():
            await complete(Factory(choosing), sync)
            moved = asyncio.create_task(move(Factory(moving), sync))
            await until_waiting(own_factory.connection, moving)
        await moved

    assert await standing(own_factory, sync) == ("confirmed", 1, "queued")


async def test_what_changes_while_it_is_being_claimed_waits_and_is_due_again(
    own_factory: Factory, database_url: str
) -> None:
    sync = await a_connected_sync(own_factory)
    await complete(own_factory, sync)
    async with connect(database_url) as claiming, connect(database_url) as moving:
        async with claiming.transaction():
            await claiming.execute("update auto_sync_events set delivery = 'sending', attempt = 1")
            moved = asyncio.create_task(move(Factory(moving), sync))
            await until_waiting(own_factory.connection, moving)
        await moved

    assert await standing(own_factory, sync) == ("confirmed", 1, "sending")


# What wakes pg_cron


async def test_due_events_wake_the_endpoint_and_those_that_nobody_takes_let_it_sleep(own_factory: Factory) -> None:
    sync = await a_connected_sync(own_factory)
    due = "select auto_sync_events_are_due()"
    assert await own_factory.one(due) is False
    await complete(own_factory, sync)
    for delivery, ago, expected in (
        ("queued", "1 minute", True),
        ("queued", "-1 minute", False),
        ("queued", "3 hours", False),
        ("unknown", "1 minute", True),
        ("sending", "1 minute", False),
        ("sending", "3 minutes", True),
        ("sending", "3 hours", False),
        ("sent", "1 minute", False),
        ("none", "1 minute", False),
        ("failed", "1 minute", False),
    ):
        await own_factory.do(
            "update auto_sync_events set delivery = %s, next_attempt_at = now() - %s::interval, claimed_at = now() -"
            " %s::interval", delivery, ago, ago,
        )  # fmt: skip
        assert await own_factory.one(due) is expected, (delivery, ago)


async def test_one_column_says_how_far_it_is_and_another_when_it_is_due(own_factory: Factory) -> None:
    sync = await a_connected_sync(own_factory)
    await complete(own_factory, sync)
    for wrong in ("delivery = 'lost'", "status = 'maybe'", "sequence = -1", "next_attempt_at = null",
                  "reason = repeat('x', 401)", "calendar_id = repeat('x', 1025)"):  # fmt: skip
        with pytest.raises(psycopg.errors.CheckViolation):
            await own_factory.do(f"update auto_sync_events set {wrong}")
