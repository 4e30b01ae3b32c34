"""Nothing that was chosen, or has to be taken back, is lost: to no late result, housekeeping, lock or somebody else.

At the statements themselves, as an inviter uses them; nothing here asks Google.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from autosync.database import events
from autosync.database.events import Result
from autosync.database.pool import connect
from autosync.model import Delivery
from factories import Factory, MadeSync
from inviting import complete, event_row, move
from waiting import until_waiting


@pytest.fixture
async def factory(database_url: str) -> AsyncIterator[Factory]:
    async with connect(database_url) as connection:
        yield Factory(connection)


async def connect_calendar(factory: Factory, organizer: UUID) -> None:
    await factory.do("insert into google_calendar_tokens (user_id, access_token) values (%s, 'a token')", organizer)


async def a_chosen_time(factory: Factory) -> MadeSync:
    """Of an organizer with a calendar."""
    sync = await factory.sync(invitees=1)
    await connect_calendar(factory, sync.organizer)
    await complete(factory, sync)
    return sync


async def let_it_be(factory: Factory, sync: MadeSync, **columns: object) -> None:
    for column, value in columns.items():
        await factory.do(f"update auto_sync_events set {column} = %s where sync_id = %s", value, sync.id)


async def standing(factory: Factory, sync: MadeSync) -> tuple[object, ...]:
    return await event_row(factory, sync, "status", "delivery")


# Late results


async def test_a_time_that_is_chosen_again_while_nothing_was_to_be_done_is_not_lost(factory: Factory) -> None:
    sync = await a_chosen_time(factory)
    await let_it_be(factory, sync, attempt=1)
    await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
    ((tentative,), _) = await events.claim(factory.connection, limit=1)
    await complete(factory, sync)

    assert await events.record(factory.connection, tentative, Result(Delivery.NONE, None, reason="Not there yet."))
    assert await standing(factory, sync) == ("confirmed", "queued")


async def test_without_a_calendar_it_has_files_only_whatever_changes(factory: Factory) -> None:
    sync = await a_chosen_time(factory)
    ((claimed,), _) = await events.claim(factory.connection, limit=1)
    await factory.do("delete from google_calendar_tokens")
    await move(factory, sync)

    await events.record(factory.connection, claimed, Result(Delivery.NONE, None))

    assert await standing(factory, sync) == ("confirmed", "none")


# Housekeeping


@pytest.mark.parametrize(
    ("delivery", "known", "in_doubt", "ends_in", "is_kept"),
    [
        ("none", 0, False, "1 day", True),
        ("none", None, True, "1 day", True),
        ("none", None, False, "1 day", False),
        ("none", 0, True, "-1 day", False),
        ("sent", 1, False, "1 day", False),
        ("failed", 0, False, "1 day", True),
        ("queued", 0, False, "-1 day", True),
    ],
)
async def test_what_has_still_to_be_taken_back_outlives_its_sync(
    factory: Factory, delivery: str, known: int | None, in_doubt: bool, ends_in: str, is_kept: bool
) -> None:
    sync = await a_chosen_time(factory)
    await factory.do("delete from auto_syncs")
    await let_it_be(factory, sync, delivery=delivery, known_sequence=known, in_doubt=in_doubt)
    await factory.do("update auto_sync_events set over_at = now() + %s::interval", ends_in)

    deleted = await events.delete_orphaned(factory.connection, limit=10)

    assert deleted == (0 if is_kept else 1)


# Connecting again


async def test_what_may_be_in_the_calendar_is_taken_out_when_it_is_connected_again(factory: Factory) -> None:
    sync = await a_chosen_time(factory)
    await let_it_be(factory, sync, status="cancelled", delivery="none", in_doubt=True)
    await factory.do("delete from google_calendar_tokens")

    await connect_calendar(factory, sync.organizer)

    assert await standing(factory, sync) == ("cancelled", "queued")


@pytest.mark.parametrize(
    ("delivery", "ends_in", "expected"),
    [
        ("failed", "1 day", "queued"),
        ("none", "1 day", "queued"),
        ("failed", "-1 day", "failed"),
        ("sent", "1 day", "sent"),
        ("unknown", "1 day", "unknown"),
    ],
)
async def test_another_calendar_gets_what_lies_ahead(
    factory: Factory, delivery: str, ends_in: str, expected: str
) -> None:
    sync, other = await a_chosen_time(factory), await a_chosen_time(factory)
    await factory.do("update auto_sync_events set delivery = %s, over_at = now() + %s::interval", delivery, ends_in)

    await events.requeue_of_organizer(factory.connection, sync.organizer)

    assert await standing(factory, sync) == ("confirmed", expected)
    assert await standing(factory, other) == ("confirmed", delivery)


async def test_whoever_has_no_calendar_has_nothing_made_due(factory: Factory) -> None:
    sync = await a_chosen_time(factory)
    await let_it_be(factory, sync, delivery="failed")
    await factory.do("delete from google_calendar_tokens")

    await events.requeue_of_organizer(factory.connection, sync.organizer)

    assert await standing(factory, sync) == ("confirmed", "failed")


# Somebody else's


async def put_back(factory: Factory, sync: MadeSync, *, by: UUID) -> None:
    """A sync and its first option with these very ids, completed."""
    await factory.do(
        "insert into auto_syncs (id, organizer_id, event_name, status) values (%s, %s, 'Mine', 'running')", sync.id, by
    )
    await factory.do(
        "insert into auto_sync_options (id, auto_sync_id, idx, start_time, end_time)"
        " values (%s, %s, 1, now() - interval '2 days', now() - interval '1 day')", sync.options[0], sync.id,
    )  # fmt: skip
    await complete(factory, sync)
    await move(factory, sync)


async def test_nobody_takes_over_the_event_of_a_deleted_sync_with_its_id(factory: Factory) -> None:
    sync, thief = await a_chosen_time(factory), await a_chosen_time(factory)
    await let_it_be(factory, sync, delivery="sent", known_sequence=0, attempt=1)
    await factory.do("delete from auto_syncs where id = %s", sync.id)
    was = await event_row(factory, sync, "organizer_id", "status", "sequence", "over_at", "orphaned_at")
    await let_it_be(factory, thief, delivery="sent")

    await put_back(factory, sync, by=thief.organizer)

    assert await event_row(factory, sync, "organizer_id", "status", "sequence", "over_at", "orphaned_at") == was
    assert await events.find(factory.connection, sync.id) is None
    ((claimed,), told) = await events.claim(factory.connection, limit=1)
    assert (claimed.sync_id, claimed.organizer_id, told) == (sync.id, sync.organizer, {})


async def test_who_puts_their_own_sync_back_has_its_event_again(factory: Factory) -> None:
    sync = await a_chosen_time(factory)
    await factory.do("delete from auto_syncs")

    await put_back(factory, sync, by=sync.organizer)

    assert await event_row(factory, sync, "status", "delivery", "orphaned_at") == ("confirmed", "queued", None)
    assert await events.find(factory.connection, sync.id) is not None


# Locks


async def test_whoever_cannot_wait_for_an_event_changes_nothing_rather_than_losing_it(
    factory: Factory, database_url: str
) -> None:
    sync = await a_chosen_time(factory)
    async with connect(database_url) as claiming, connect(database_url) as other, claiming.transaction():
        await claiming.execute("select from auto_sync_events for update")
        await other.execute("set lock_timeout = '50ms'")
        for change in (
            "update auto_syncs set status = 'stopped'",
            "update auto_syncs set event_name = 'Chess'",
            "update auto_sync_options set start_time = start_time + interval '1 hour'",
            "delete from auto_syncs",
        ):
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await other.execute(change)
        await factory.do("delete from google_calendar_tokens")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await connect_calendar(Factory(other), sync.organizer)
    assert await factory.one("select status from auto_syncs where id = %s", sync.id) == "completed"


async def test_two_who_move_each_others_times_wait_in_one_order(factory: Factory, database_url: str) -> None:
    first, second = sorted([await a_chosen_time(factory), await a_chosen_time(factory)], key=lambda sync: sync.id)
    both = "update auto_sync_options set start_time = start_time + interval '1 hour' where auto_sync_id = any(%s)"
    async with connect(database_url) as one, connect(database_url) as other:
        async with one.transaction():
            await one.execute(both, [[second.id, first.id]])
            waits = asyncio.create_task(other.execute(both, [[first.id, second.id]]))
            await until_waiting(factory.connection, other)
        await waits
    for sync in (first, second):
        assert await event_row(factory, sync, "sequence") == (2,)


# When it is over


@pytest.mark.parametrize("lasts", [None, timedelta(), timedelta(hours=-3)])
async def test_a_time_without_an_end_is_over_two_hours_after_it_begins(
    factory: Factory, lasts: timedelta | None
) -> None:
    sync = await factory.sync(invitees=1)
    await factory.do("update auto_sync_options set end_time = start_time + %s::interval", lasts)
    await complete(factory, sync)
    over = "e.over_at - o.start_time from auto_sync_events e join auto_sync_options o on o.id = e.option_id"
    assert await factory.one(f"select {over}") == timedelta(hours=2)

    await move(factory, sync, hours=5)

    assert await factory.one(f"select {over}") == timedelta(hours=2)


async def test_another_calendar_to_put_events_in_gets_what_was_refused(factory: Factory) -> None:
    sync = await a_chosen_time(factory)
    for address, expected in (("primary", "failed"), ("team@example.com", "queued"), ("team@example.com", "failed")):
        await let_it_be(factory, sync, delivery="failed")
        await factory.do(
            "insert into auto_sync_calendars (user_id, calendar_ids) values (%s, %s)"
            " on conflict (user_id) do update set calendar_ids = excluded.calendar_ids", sync.organizer, [address],
        )  # fmt: skip
        assert await standing(factory, sync) == ("confirmed", expected), address
