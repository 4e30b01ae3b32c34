"""Chosen times get into calendars, once and as they were last wanted: over HTTP, against the stand-in for Google."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from autosync import inviter as inviter_module
from autosync import operations, syncs
from autosync.calendar_connections import CalendarConnections
from autosync.calendars.google import SCOPES, Event, GoogleCalendar
from autosync.database import events
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.housekeeping import Housekeeping
from autosync.inviter import BATCH_SIZE, Inviter
from autosync.meters import Meters
from autosync.model import Delivery, Refused
from connected import PAGE, connected_organizer, connections_of, google_at, granted, let_expire
from factories import Factory, at_noon
from google_stand_in import YOU, GoogleStandIn, google_stand_in
from inviting import (
    asked_by_mail,
    complete,
    event_row,
    let_time_pass,
    make_inviter,
    move,
    of_sync,
    until_settled,
)
from waiting import until_waiting

BEFORE = ("timeout_before", "error_before", "internal_before", "garbage_before", "reset_before")
AFTER = ("timeout_after", "error_after", "internal_after", "garbage_after", "reset_after")
THROTTLES = ("throttle", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded")


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running
        assert running.violations() == [], "every request fits Google's own description"


@pytest.fixture
async def google(stand_in: GoogleStandIn) -> AsyncIterator[GoogleCalendar]:
    opened = google_at(stand_in.url, timeout=timedelta(seconds=0.5))
    yield opened
    await opened.close()


@pytest.fixture
def connections(pool: Pool, google: GoogleCalendar) -> CalendarConnections:
    return connections_of(pool, google)


@pytest.fixture
async def organizer(factory: Factory, stand_in: GoogleStandIn, pool: Pool) -> UUID:
    """One with a calendar, which was connected with more patience than what is tried has."""
    await at_noon(factory)
    patient = google_at(stand_in.url, timeout=timedelta(seconds=30))
    organizer = await connected_organizer(factory, stand_in, connections_of(pool, patient))
    await patient.close()
    return organizer


@pytest.fixture
def inviter(pool: Pool, connections: CalendarConnections) -> Inviter:
    return make_inviter(pool, connections)


# What Google is told


async def test_a_completed_sync_is_one_event_with_all_who_were_asked_and_have_an_address(
    factory: Factory, connection: Connection, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    addresses = ("ann@example.com", None, "Ben@Example.com", "ben@example.com ", "nonsense", "a b@example.com")
    sync = await asked_by_mail(factory, organizer, addresses, event_location="Luna Cafe", timezone="Europe/Berlin")

    _, chosen = await syncs.invite(connection, sync.id, 2)
    assert await inviter.invite_once() == 1
    assert await inviter.invite_once() == 0

    event = of_sync(stand_in, sync)
    assert (event["id"], event["iCalUID"]) == (sync.id.hex, f"{sync.id.hex}@google.com")
    assert sorted(event["attendees"], key=str.lower) == ["ann@example.com", "Ben@Example.com"]
    assert event["start"]["timeZone"] == "Europe/Berlin"
    assert (event["summary"], event["status"], event["calendar"]) == ("Board games", "confirmed", YOU)
    assert {name: event["private"][name] for name in ("autosync_sync", "autosync_sequence", "autosync_option")} == {
        "autosync_sync": str(sync.id),
        "autosync_sequence": "0",
        "autosync_option": f"{chosen.id} {chosen.start.astimezone(UTC).isoformat()}",
    }
    assert {told["kind"] for told in event["notifications"]} == {"invited"}
    assert stand_in.requests()["calls"]["insert"] == 1
    assert await event_row(factory, sync) == ("confirmed", 0, "sent", 0, None)
    begins = await factory.one("select (%s::timestamptz) = %s", event["start"]["dateTime"], chosen.start)
    assert begins is True


async def test_whoever_has_opted_out_gets_no_mail_of_google_s_either(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await factory.suppress(await factory.one("select phone_number from contacts where email = 'ann@example.com'"))
    await complete(factory, sync)

    await inviter.invite_due()

    assert of_sync(stand_in, sync)["attendees"] == ["ben@example.com"]


async def test_it_goes_into_the_calendar_that_its_organizer_chose_and_stays_there(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    stand_in.tell("people", people=[{"email": YOU, "calendars": ["games@example.com", "other@example.com"]}])
    ours = "insert into auto_sync_calendars (user_id, calendar_ids) values (%s, %s)"
    await factory.do(f"{ours} on conflict (user_id) do update set calendar_ids = excluded.calendar_ids",
                     organizer, ["games@example.com", "primary"])  # fmt: skip
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    await factory.do("update auto_sync_calendars set calendar_ids = '{other@example.com}'")

    await move(factory, sync)
    await inviter.invite_due()

    event = of_sync(stand_in, sync)
    assert (event["calendar"], event["private"]["autosync_sequence"]) == ("games@example.com", "1")


@pytest.mark.parametrize(
    "change",
    [
        "update auto_sync_options set start_time = start_time + interval '1 day', end_time = null",
        "update auto_syncs set event_name = 'Chess'",
        "update auto_syncs set event_location = 'Luna Cafe'",
        "update auto_syncs set timezone = 'Asia/Tokyo'",
        "update auto_syncs set metadata = jsonb_build_object('chosen_option_id', (select o.id from auto_sync_options o"
        " where o.auto_sync_id = auto_syncs.id and o.idx = 2))",
    ],
    ids=["moved", "renamed", "placed", "another-zone", "another-option"],
)
async def test_a_change_changes_the_same_event_and_its_sequence_grows(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, change: str
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    before = of_sync(stand_in, sync)

    await factory.do(change)
    await inviter.invite_due()

    after = of_sync(stand_in, sync)
    assert after["private"]["autosync_sequence"] == "1"
    assert after["changes"] == before["changes"] + 1
    assert await event_row(factory, sync) == ("confirmed", 1, "sent", 1, None)


async def test_a_sync_that_goes_on_is_tentative_in_the_calendar_and_confirmed_when_it_is_completed_again(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    statuses = [of_sync(stand_in, sync)["status"]]
    for status, option in (("running", None), ("completed", 3), ("paused", None), ("stopped", None), ("completed", 1)):
        if option:
            await complete(factory, sync, option)
        else:
            await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)
        await inviter.invite_due()
        statuses.append(of_sync(stand_in, sync)["status"])

    assert statuses == ["confirmed", "tentative", "confirmed", "tentative", "cancelled", "confirmed"]
    assert of_sync(stand_in, sync)["private"]["autosync_sequence"] == "5"


async def test_a_stopped_sync_and_a_deleted_one_are_taken_out_of_the_calendar(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    stopped, deleted = await asked_by_mail(factory, organizer), await asked_by_mail(factory, organizer)
    for sync in (stopped, deleted):
        await complete(factory, sync)
    await inviter.invite_due()

    await factory.do("update auto_syncs set status = 'stopped' where id = %s", stopped.id)
    await factory.do("delete from auto_syncs where id = %s", deleted.id)
    await inviter.invite_due()

    for sync in (stopped, deleted):
        event = of_sync(stand_in, sync)
        assert event["status"] == "cancelled"
        assert [told["kind"] for told in event["notifications"]] == ["invited", "cancelled"]
    assert (await Housekeeping(pool=pool).tidy_once()).forgotten == 1
    assert await factory.rows("select sync_id from auto_sync_events") == [(stopped.id,)]


async def test_what_was_taken_back_before_it_had_set_out_is_never_asked_of_google(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    stopped, reopened = await asked_by_mail(factory, organizer), await asked_by_mail(factory, organizer)
    for sync, status in ((stopped, "stopped"), (reopened, "running")):
        await complete(factory, sync)
        await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)

    await inviter.invite_due()

    assert stand_in.events() == []
    assert (await event_row(factory, stopped))[:3] == ("cancelled", 1, "none")
    assert (await event_row(factory, reopened))[:3] == ("tentative", 1, "none")


async def test_a_time_that_is_over_is_left_as_it_is(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    late, deleted = await asked_by_mail(factory, organizer), await asked_by_mail(factory, organizer)
    await complete(factory, deleted)
    await inviter.invite_due()
    await complete(factory, late)
    await factory.move_clock(hours=24 * 40)

    await factory.do("delete from auto_syncs where id = %s", deleted.id)
    await inviter.invite_due()

    assert of_sync(stand_in, deleted)["status"] == "confirmed", "it has taken place"
    assert len(stand_in.events()) == 1
    assert (await event_row(factory, late))[2:] == (
        "none",
        None,
        "The time was over before the calendar could be told.",
    )


# What can go wrong


async def test_whatever_happens_to_the_insert_there_is_one_event(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, subtests: pytest.Subtests
) -> None:
    for fault in (*BEFORE, *AFTER, *THROTTLES, "expired", "duplicate"):
        with subtests.test(fault):
            sync = await asked_by_mail(factory, organizer)
            await complete(factory, sync)
            stand_in.plan("insert", fault)

            await inviter.invite_due()
            if fault not in ("expired", "duplicate"):
                doubtful = fault in BEFORE + AFTER
                assert (await event_row(factory, sync))[2] == ("unknown" if doubtful else "queued")
                await let_time_pass(factory)
                await inviter.invite_due()

            event = of_sync(stand_in, sync)
            assert (event["private"]["autosync_sequence"], len(event["attendees"])) == ("0", 2)
            assert [told["kind"] for told in event["notifications"]] == ["invited"]
            assert await event_row(factory, sync) == ("confirmed", 0, "sent", 0, None)
            assert event["inserts_refused"] == 0, "what may be there is looked for"


async def test_whatever_happens_to_a_change_it_arrives_once(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, subtests: pytest.Subtests
) -> None:
    faults = (*BEFORE, *AFTER, *THROTTLES, "expired", "not_found", "deleted")
    for call, fault in product(("get", "patch"), faults):
        with subtests.test(f"{fault} at the {call}"):
            sync = await asked_by_mail(factory, organizer)
            await complete(factory, sync)
            await inviter.invite_due()
            await move(factory, sync)
            stand_in.plan(call, fault)

            await until_settled(factory, inviter)

            event = of_sync(stand_in, sync)
            assert (event["private"]["autosync_sequence"], event["changes"]) == ("1", 1)
            assert await event_row(factory, sync) == ("confirmed", 1, "sent", 1, None)


async def test_whatever_happens_to_the_deletion_the_event_is_gone(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, subtests: pytest.Subtests
) -> None:
    for fault in (*BEFORE, *AFTER, *THROTTLES, "expired", "not_found", "deleted"):
        with subtests.test(fault):
            sync = await asked_by_mail(factory, organizer)
            await complete(factory, sync)
            await inviter.invite_due()
            await factory.do("update auto_syncs set status = 'stopped' where id = %s", sync.id)
            stand_in.plan("delete", fault)

            await until_settled(factory, inviter)

            event = of_sync(stand_in, sync)
            assert event["status"] == "cancelled"
            assert [told["kind"] for told in event["notifications"]] == ["invited", "cancelled"]
            assert await event_row(factory, sync) == ("cancelled", 1, "sent", 1, None)


async def test_what_may_have_arrived_is_taken_back_all_the_same(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    """The insert arrived, nobody knows, a day goes by in which Google says nothing; then the sync is stopped."""
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    stand_in.plan("insert", "error_after")
    await inviter.invite_due()
    await let_time_pass(factory, by=timedelta(hours=25))
    stand_in.plan("get", "error_before")
    await inviter.invite_due()
    status, _, delivery, known, reason = await event_row(factory, sync)
    assert (status, delivery, known) == ("confirmed", "failed", None)
    assert reason == "After a day of attempts it was given up: Google answered 503 backendError."

    await factory.do("update auto_syncs set status = 'stopped'")
    await until_settled(factory, inviter)

    assert of_sync(stand_in, sync)["status"] == "cancelled"


async def test_throttling_is_waited_for_as_long_as_google_says_and_longer_each_time(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    pauses = []
    for retry_after in (90, 1, 1):
        stand_in.misbehave(calls={"insert": ["throttle"]}, retry_after=retry_after)
        await inviter.invite_due()
        pauses.append(await factory.one("select next_attempt_at - autosync_now() from auto_sync_events"))
        await let_time_pass(factory, by=timedelta(minutes=10))

    # What Google says; then half of the ten and of the twenty minutes for which it has been so.
    for pause, seconds in zip(pauses, (90, 300, 600), strict=True):
        assert seconds - 10 < pause.total_seconds() < seconds + 10
    assert (await event_row(factory, sync))[4] == "Google is throttling us (429 rateLimitExceeded)."


async def test_what_google_refuses_for_good_fails_with_its_code_and_can_be_tried_again(
    factory: Factory, connection: Connection, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    await move(factory, sync)
    stand_in.plan("patch", "forbidden")
    with capture_logs() as logs:
        await inviter.invite_due()
    assert (await event_row(factory, sync))[2:] == ("failed", 0, "Google refuses this (403 forbidden).")
    assert [entry["event"] for entry in logs] == ["event_failed"]
    await let_time_pass(factory)
    assert await inviter.invite_due() == 0, "it is not tried again by itself"

    await operations.retry_event(connection, sync.id, who="the tests")
    await inviter.invite_due()

    assert (await event_row(factory, sync))[2:] == ("sent", 1, None)
    assert await factory.rows("select verb, sync_id, done_by from auto_sync_interventions") == [
        ("events retry", sync.id, "the tests")
    ]


async def test_only_what_is_there_and_has_a_calendar_is_tried_again(
    factory: Factory, connection: Connection, organizer: UUID
) -> None:
    sync, without = await asked_by_mail(factory, organizer), await factory.sync()
    await complete(factory, without)
    for id_, why in ((sync.id, "No time was ever chosen"), (without.id, "no calendar connected")):
        with pytest.raises(Refused, match=why):
            await operations.retry_event(connection, id_, who="the tests")
    await complete(factory, sync)
    await events.claim(connection, limit=1)
    with pytest.raises(Refused, match="on its way"):
        await operations.retry_event(connection, sync.id, who="the tests")
    assert await factory.one("select count(*) from auto_sync_interventions") == 0


async def test_where_the_calendar_is_gone_it_says_so_and_another_one_can_be_chosen(
    factory: Factory, connection: Connection, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    choose = (
        "insert into auto_sync_calendars (user_id, calendar_ids) values (%s, %s)"
        " on conflict (user_id) do update set calendar_ids = excluded.calendar_ids"
    )
    await factory.do(choose, organizer, ["gone@example.com"])
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    assert (await event_row(factory, sync))[2:] == (
        "failed", None, "There is no calendar any more that it could go into.",
    )  # fmt: skip

    await factory.do(choose, organizer, ["primary"])
    await operations.retry_event(connection, sync.id, who="the tests")
    await inviter.invite_due()

    assert of_sync(stand_in, sync)["calendar"] == YOU


async def test_a_claim_that_nobody_reported_on_is_looked_for_before_anything_is_made(
    factory: Factory, connection: Connection, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await events.claim(connection, limit=1)
    assert await inviter.invite_once() == 0
    await let_time_pass(factory)

    with capture_logs() as logs:
        assert await inviter.invite_once() == 1

    assert [entry["event"] for entry in logs] == ["events_given_up"]
    assert {call: stand_in.asked(call) for call in ("get", "insert")} == {"get": 1, "insert": 1}
    assert of_sync(stand_in, sync)["status"] == "confirmed"


async def test_an_event_that_fails_by_a_fault_of_the_program_costs_the_others_nothing(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, google: GoogleCalendar,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    poisoned, other = await asked_by_mail(factory, organizer), await asked_by_mail(factory, organizer)
    for sync in (poisoned, other):
        await complete(factory, sync)
    insert = google.insert_event

    async def poisonous(token: SecretStr, calendar_id: str, event: Mapping[str, Any]) -> Event:
        if event["id"] == poisoned.id.hex:
            raise RuntimeError("a fault")
        return await insert(token, calendar_id, event)

    monkeypatch.setattr(google, "insert_event", poisonous)
    with capture_logs():
        await inviter.invite_once()

    assert (await event_row(factory, other))[2] == "sent"
    assert (await event_row(factory, poisoned))[2:] == ("unknown", None, "The program raised RuntimeError over it.")


# What others do meanwhile


async def test_what_the_organizer_deleted_by_hand_is_left_so_until_the_sync_changes(
    factory: Factory, connection: Connection, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    stand_in.delete_event(sync.id.hex)

    await operations.retry_event(connection, sync.id, who="the tests")
    await inviter.invite_due()
    assert of_sync(stand_in, sync)["status"] == "cancelled"
    assert (await event_row(factory, sync))[2:] == ("sent", 0, "It was deleted in the calendar, and is left so.")

    await move(factory, sync)
    await inviter.invite_due()
    assert of_sync(stand_in, sync)["status"] == "confirmed"
    assert (await event_row(factory, sync))[2:] == ("sent", 1, None)


async def test_answers_of_guests_and_guests_added_by_hand_stay_when_the_event_changes(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    by_hand = [{"email": "ann@example.com", "responseStatus": "accepted"}, {"email": "eva@example.com"}]
    stand_in.edit_event(sync.id.hex, attendees=by_hand)

    await move(factory, sync)
    await inviter.invite_due()

    assert sorted(of_sync(stand_in, sync)["attendees"]) == ["ann@example.com", "ben@example.com", "eva@example.com"]


@pytest.mark.parametrize("edits", [1, 2, 3])
async def test_a_change_by_hand_in_between_is_seen_first(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, google: GoogleCalendar,
    monkeypatch: pytest.MonkeyPatch, edits: int,
) -> None:  # fmt: skip
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    await move(factory, sync)
    get, left = google.get_event, iter(range(edits))

    async def get_then_edit(token: SecretStr, calendar_id: str, event_id: str) -> Event:
        seen = await get(token, calendar_id, event_id)
        if next(left, None) is not None:
            await asyncio.to_thread(stand_in.edit_event, event_id, description=f"Bring a cake, {seen.etag}")
        return seen

    monkeypatch.setattr(google, "get_event", get_then_edit)
    await inviter.invite_once()
    assert (await event_row(factory, sync))[2] == ("queued" if edits == 3 else "sent")
    await until_settled(factory, inviter)

    assert of_sync(stand_in, sync)["private"]["autosync_sequence"] == "1"


@pytest.mark.parametrize("change", ["moved", "stopped"])
async def test_what_changes_while_the_event_is_in_flight_ends_as_it_was_last_wanted(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, google: GoogleCalendar,
    monkeypatch: pytest.MonkeyPatch, change: str,
) -> None:  # fmt: skip
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    insert = google.insert_event

    async def insert_meanwhile(token: SecretStr, calendar_id: str, event: Mapping[str, Any]) -> Event:
        if change == "moved":
            await move(factory, sync)
        else:
            await factory.do("update auto_syncs set status = 'stopped'")
        return await insert(token, calendar_id, event)

    monkeypatch.setattr(google, "insert_event", insert_meanwhile)
    await inviter.invite_once()
    assert (await event_row(factory, sync))[1:4] == (1, "queued", 0)
    await inviter.invite_due()

    event = of_sync(stand_in, sync)
    moved = await factory.one("select start_time from auto_sync_options where id = %s", sync.options[0])
    if change == "moved":
        assert event["private"]["autosync_sequence"] == "1"
        assert await factory.one("select %s::timestamptz = %s", event["start"]["dateTime"], moved)
    assert event["status"] == ("confirmed" if change == "moved" else "cancelled")
    assert (await event_row(factory, sync))[1:] == (1, "sent", 1, None)


async def test_a_result_that_comes_too_late_is_not_recorded(
    factory: Factory, connection: Connection, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    (early,), _ = await events.claim(connection, limit=1)
    await let_time_pass(factory)
    await inviter.invite_due()

    assert await events.record(connection, early, events.Result(Delivery.FAILED, None)) is None

    assert (await event_row(factory, sync))[2] == "sent"


async def test_two_inviters_on_two_pools_put_each_event_there_once(
    factory: Factory, database_url: str, stand_in: GoogleStandIn, connections: CalendarConnections
) -> None:
    await at_noon(factory)
    people = [f"person{n}@example.com" for n in range(6)]
    stand_in.people(YOU, *people)
    made = []
    for person in people:
        organizer = await connected_organizer(factory, stand_in, connections, person=person)
        for _ in range(5):
            made.append(await asked_by_mail(factory, organizer))
            await complete(factory, made[-1])
    google = google_at(stand_in.url)
    async with open_pool(database_url) as one, open_pool(database_url) as other:
        both = [make_inviter(pool, connections_of(pool, google), batch_size=4) for pool in (one, other)]
        done = await asyncio.gather(*(inviter.invite_due() for inviter in both))
    await google.close()

    assert sum(done) == len(made) == len(stand_in.events())
    assert all(done), "both had some"
    assert stand_in.asked("insert") == len(made)


async def test_events_of_one_organizer_go_one_after_the_other_and_those_of_several_side_by_side(
    factory: Factory, stand_in: GoogleStandIn, google: GoogleCalendar, connections: CalendarConnections,
    inviter: Inviter, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await at_noon(factory)
    insert, at_once, in_hand = google.insert_event, [], set[str]()

    async def counted(token: SecretStr, calendar_id: str, event: Mapping[str, Any]) -> Event:
        in_hand.add(event["id"])
        at_once.append(len(in_hand))
        try:
            return await insert(token, calendar_id, event)
        finally:
            in_hand.remove(event["id"])

    monkeypatch.setattr(google, "insert_event", counted)
    people = [f"person{n}@example.com" for n in range(3)]
    stand_in.people(YOU, *people)
    for person in people:
        organizer = await connected_organizer(factory, stand_in, connections, person=person)
        for _ in range(3):
            await complete(factory, await asked_by_mail(factory, organizer))
    stand_in.misbehave(probabilities={"slow": 1}, slow_seconds=0.1)

    await inviter.invite_due()

    assert len(stand_in.events()) == 9
    assert max(at_once) == 3
    assert {stand_in.requests()["people"][person]["most_at_once"]["insert"] for person in people} == {1}


async def test_of_a_backlog_only_so_much_is_claimed_as_can_be_done_within_the_lease(
    factory: Factory, pool: Pool, connections: CalendarConnections, organizer: UUID, stand_in: GoogleStandIn
) -> None:
    for _ in range(3):
        await complete(factory, await asked_by_mail(factory, organizer))
    assert await make_inviter(pool, connections, batch_size=2).invite_once() == 2
    assert BATCH_SIZE > 2
    before = await factory.rows("select attempt from auto_sync_events where delivery = 'queued'")

    assert await make_inviter(pool, connections).invite_once(deadline=time.monotonic() + 2) == 1

    assert (before, len(stand_in.events())) == ([(0,)], 2)
    assert await factory.rows("select attempt, in_doubt, failing_since from auto_sync_events where delivery = 'queued'"
                              ) == [(1, False, None)]  # fmt: skip


async def test_what_does_not_begin_any_more_is_put_back_as_it_was(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    for _ in range(3):
        await complete(factory, await asked_by_mail(factory, organizer))
    stand_in.plan("insert", "throttle", "throttle", "throttle")
    await inviter.invite_once()
    await let_time_pass(factory)
    once = iter([True])

    assert await inviter.invite_once(may_go_on=lambda: next(once, False)) == 3

    assert len(stand_in.events()) == 1
    left = await factory.rows(
        "select attempt, delivery, reason, failing_since < clock_timestamp() - interval '2 minutes' and"
        " next_attempt_at <= autosync_now() from auto_sync_events where delivery <> 'sent'"
    )
    assert left == [(2, "queued", "Google is throttling us (429 rateLimitExceeded).", True)] * 2


async def test_nobody_waits_for_google_beyond_the_time_that_a_call_has(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, organizer: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = google_at(stand_in.url, timeout=timedelta(seconds=9))
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    stand_in.plan("insert", "timeout_after")
    monkeypatch.setattr(inviter_module, "LEAST", timedelta(seconds=0.1))
    began = time.monotonic()

    await make_inviter(pool, connections_of(pool, patient)).invite_due(at_most=timedelta(seconds=1))

    assert time.monotonic() - began < 5
    assert (await event_row(factory, sync))[2:] == ("unknown", None, "Google did not answer in time.")
    await patient.close()


async def test_a_wrong_client_secret_fails_no_event(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await let_expire(factory, organizer)
    stranger = google_at(stand_in.url, client_secret=SecretStr("another"))

    await make_inviter(pool, connections_of(pool, stranger)).invite_due()

    await stranger.close()
    assert (await event_row(factory, sync))[2:] == (
        "queued", None, "Google refuses this service as it is set up (401 invalid_client).",
    )  # fmt: skip
    await until_settled(factory, inviter)
    assert (await event_row(factory, sync))[2:] == ("sent", 0, None)


async def test_after_a_restore_the_event_at_google_is_newer_and_is_changed_once_more(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    for _ in range(3):
        await move(factory, sync)
        await inviter.invite_due()
    await factory.do("update auto_sync_events set sequence = 0, known_sequence = 0")
    await move(factory, sync)

    await inviter.invite_due()

    assert of_sync(stand_in, sync)["private"]["autosync_sequence"] == "4"
    assert (await event_row(factory, sync))[1:4] == (4, "sent", 4)


async def test_after_a_restore_a_sequence_that_was_given_twice_is_not_taken_for_the_same_time(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await inviter.invite_due()
    await move(factory, sync)
    await inviter.invite_due()
    before = of_sync(stand_in, sync)
    await factory.do("update auto_sync_events set sequence = 0, known_sequence = 0")
    await complete(factory, sync, 2)

    await inviter.invite_due()

    after = of_sync(stand_in, sync)
    assert (before["private"]["autosync_sequence"], after["private"]["autosync_sequence"]) == ("1", "1")
    assert after["private"]["autosync_option"].startswith(str(sync.options[1]))
    assert after["start"] != before["start"]
    assert (await event_row(factory, sync))[1:4] == (1, "sent", 1)


async def test_what_stands_in_another_accounts_calendar_is_neither_made_again_nor_called_taken_back(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID, connections: CalendarConnections
) -> None:
    stand_in.people(YOU, "work@example.com")
    moved, stopped = await asked_by_mail(factory, organizer), await asked_by_mail(factory, organizer)
    for sync in (moved, stopped):
        await complete(factory, sync)
    await inviter.invite_due()
    assert await event_row(factory, moved, "calendar_id") == (YOU,)

    await connections.connect(organizer, await granted(stand_in, connections.google, person="work@example.com"))
    await move(factory, moved)
    await factory.do("update auto_syncs set status = 'stopped' where id = %s", stopped.id)
    await until_settled(factory, inviter)

    lost = ("failed", 0, "It is in a calendar of another account, or was deleted there for good.")
    for sync in (moved, stopped):
        event = of_sync(stand_in, sync)
        assert (event["calendar"], event["status"], event["private"]["autosync_sequence"]) == (YOU, "confirmed", "0")
        assert (await event_row(factory, sync))[2:] == lost

    await connections.connect(organizer, await granted(stand_in, connections.google, person=YOU))
    await until_settled(factory, inviter)
    assert of_sync(stand_in, moved)["private"]["autosync_sequence"] == "1"
    assert of_sync(stand_in, stopped)["status"] == "cancelled"


# Without a calendar


async def lost_and_told(factory: Factory, organizer: UUID) -> list[str]:
    """What the organizer was told."""
    return [
        body
        for (body,) in await factory.rows(
            "select m.body from auto_sync_messages m join auto_syncs s on s.id = m.auto_sync_id"
            " where m.message_type = 'status' and m.contact_id is null and s.organizer_id = %s", organizer,
        )
    ]  # fmt: skip


async def test_once_google_lets_us_in_no_more_people_have_files_and_the_organizer_is_told_once(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, connections: CalendarConnections, inviter: Inviter,
    organizer: UUID,
) -> None:  # fmt: skip
    made = [await asked_by_mail(factory, organizer) for _ in range(4)]
    for sync in made:
        await complete(factory, sync)
    stand_in.revoke()
    await let_expire(factory, organizer)

    await inviter.invite_due()
    await until_settled(factory, inviter)

    because = "Google no longer lets us into your calendar. You, or Google, withdrew the permission. Connect it again."
    for sync in made:
        assert (await event_row(factory, sync))[2:] == ("none", None, because)
    (body,) = await lost_and_told(factory, organizer)
    assert body == (
        "Board games: Google no longer lets us into your calendar, so dates may be missing there. Everyone can"
        f" still get them as calendar files. To connect it again: {PAGE}"
    )
    later = await asked_by_mail(factory, organizer)
    await complete(factory, later)
    await inviter.invite_due()
    assert (await event_row(factory, later))[2:] == ("none", None, None)
    assert len(await lost_and_told(factory, organizer)) == 1

    gateway = RecordGateway()
    dispatcher = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")
    await dispatcher.dispatch_due()
    assert await factory.rows("select status from auto_sync_messages where message_type = 'status'") == [("sent",)]

    await connections.connect(organizer, await granted(stand_in, connections.google))
    await inviter.invite_due()
    assert len(stand_in.events()) == 5, "what lies ahead is there as soon as the calendar is"

    stand_in.revoke()
    await let_expire(factory, organizer)
    await move(factory, later)
    await inviter.invite_due()
    assert len(await lost_and_told(factory, organizer)) == 2, "once each time"


async def test_a_token_that_allows_too_little_is_a_loss_like_any_other(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, inviter: Inviter, organizer: UUID,
) -> None:  # fmt: skip
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    grant = await granted(stand_in, connections.google, scopes=[SCOPES[0]])
    # As other clients write it: without the scopes.
    await factory.do(
        "update google_calendar_tokens set access_token = %s, refresh_token = null, scope = null",
        grant.access_token.get_secret_value(),
    )

    await inviter.invite_due()

    status, _, delivery, _, reason = await event_row(factory, sync)
    assert (status, delivery) == ("confirmed", "none")
    assert reason.startswith("Google lets us do too little in your calendar")
    assert (await connections.state(organizer)).disconnected_at is not None
    assert len(await lost_and_told(factory, organizer)) == 1


async def test_two_inviters_that_meet_the_loss_at_once_tell_of_it_once(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID, database_url: str
) -> None:
    for _ in range(6):
        await complete(factory, await asked_by_mail(factory, organizer))
    stand_in.revoke()
    await let_expire(factory, organizer)
    async with open_pool(database_url) as one, open_pool(database_url) as other:
        both = [make_inviter(pool, connections_of(pool, connections.google), batch_size=1) for pool in (one, other)]
        await asyncio.gather(*(inviter.invite_due() for inviter in both))

    assert len(await lost_and_told(factory, organizer)) == 1


async def test_a_loss_is_told_in_the_morning_where_it_is_night(
    factory: Factory, stand_in: GoogleStandIn, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await factory.move_clock(hours=12)
    await complete(factory, sync)
    stand_in.revoke()
    await let_expire(factory, organizer)

    await inviter.invite_due()

    local = await factory.one(
        "select (send_after at time zone 'America/New_York')::time::text from auto_sync_messages"
        " where message_type = 'status'"
    )
    assert "08:00:00" <= local <= "12:00:00"


@pytest.mark.parametrize("by", ["connecting", "disconnecting"])
async def test_who_has_seen_to_it_before_the_morning_is_told_no_more(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID, by: str
) -> None:
    await factory.sync(organizer=organizer)
    await factory.move_clock(hours=12)
    stand_in.revoke()
    await let_expire(factory, organizer)
    with pytest.raises(Refused, match="Connect it again"):
        await connections.access_token(organizer)
    assert len(await lost_and_told(factory, organizer)) == 1

    if by == "connecting":
        await connections.connect(organizer, await granted(stand_in, connections.google))
    else:
        with pytest.raises(Refused, match="No calendar is connected"):
            await connections.disconnect(organizer)

    assert await factory.rows("select status from auto_sync_messages where message_type = 'status'") == [("canceled",)]


async def test_whoever_disconnects_is_told_nothing(
    factory: Factory, connections: CalendarConnections, inviter: Inviter, organizer: UUID
) -> None:
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await connections.disconnect(organizer)

    await inviter.invite_due()

    assert (await event_row(factory, sync))[2:] == ("none", None, "No calendar is connected.")
    assert await lost_and_told(factory, organizer) == []


async def test_who_connects_while_an_event_finds_no_calendar_has_it_all_the_same(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, inviter: Inviter, organizer: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await connections.disconnect(organizer)
    record = events.record

    async def connect_first(connection: Connection, event: events.Claimed, result: events.Result) -> object:
        monkeypatch.undo()
        await connections.connect(organizer, await granted(stand_in, connections.google))
        return await record(connection, event, result)

    monkeypatch.setattr(events, "record", connect_first)
    await inviter.invite_once()
    await inviter.invite_due()

    assert of_sync(stand_in, sync)["status"] == "confirmed"


async def test_connecting_is_waited_for_by_whoever_records_that_there_is_no_calendar(
    factory: Factory, connection: Connection, database_url: str, connections: CalendarConnections, organizer: UUID,
) -> None:  # fmt: skip
    sync = await asked_by_mail(factory, organizer)
    await complete(factory, sync)
    await connections.disconnect(organizer)
    (claimed,), _ = await events.claim(connection, limit=1)
    none = events.Result(Delivery.NONE, None, is_disconnected=True)
    async with connect(database_url) as connecting, connect(database_url) as recording:
        async with connecting.transaction():
            await connecting.execute(
                "insert into google_calendar_tokens (user_id, access_token) values (%s, 'a token')", [organizer]
            )
            recorded = asyncio.create_task(events.record(recording, claimed, none))
            await until_waiting(connection, recording)
        assert await recorded == "queued"


async def test_meters_say_what_became_of_events_and_of_calls(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    meters = Meters()
    await complete(factory, await asked_by_mail(factory, organizer))
    await complete(factory, await asked_by_mail(factory, organizer))
    stand_in.plan("insert", "throttle")
    await make_inviter(pool, connections, meters=meters).invite_due()

    def value(name: str, **labels: str) -> float | None:
        return meters.registry.get_sample_value(name, labels)

    assert (value("autosync_events_total", fate="sent"), value("autosync_events_total", fate="queued")) == (1, 1)
    assert value("autosync_calendar_calls_total", outcome="done") == 1
    assert value("autosync_calendar_calls_total", outcome="throttled") == 1
