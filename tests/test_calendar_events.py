"""What Google is told of an event, and what is to be done about it: rules without a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync import calendar_words
from autosync.calendars.events import (
    MOST_ATTENDEES,
    Change,
    Delete,
    Insert,
    Look,
    Missing,
    Rest,
    Seen,
    Wanted,
    addresses,
    before_asking,
    changes,
    event_body,
    having_seen,
    is_address,
)
from autosync.fake_google.discovery import METHODS
from autosync.fake_google.faults import Call
from autosync.model import Delivery, EventStatus, Option, ResponseGoal, Sync, SyncStatus

CONFIRMED, TENTATIVE, CANCELLED = EventStatus.CONFIRMED, EventStatus.TENTATIVE, EventStatus.CANCELLED
NOON = datetime(2026, 12, 7, 17, tzinfo=UTC)


def a_sync(name: str = "Board games", place: str | None = None, timezone: str = "America/New_York") -> Sync:
    return Sync(uuid4(), SyncStatus.COMPLETED, name, place, timezone, ResponseGoal.EVERYONE, "Maya", ())


def an_option(end: datetime | None = None) -> Option:
    return Option(uuid4(), 1, NOON, end)


def wanted(
    status: EventStatus, sequence: int, known: int | None = None, *, in_doubt: bool = False, is_over: bool = False
) -> Wanted:
    return Wanted(status, sequence, known, in_doubt, is_over)


# What to do


@pytest.mark.parametrize(
    ("event", "first"),
    [
        (wanted(CONFIRMED, 0), Insert),
        (wanted(CONFIRMED, 0, in_doubt=True), Look),
        (wanted(CONFIRMED, 1, 0), Look),
        (wanted(TENTATIVE, 1), Rest),
        (wanted(TENTATIVE, 1, in_doubt=True), Look),
        (wanted(TENTATIVE, 1, 0), Look),
        (wanted(CANCELLED, 1), Rest),
        (wanted(CANCELLED, 1, in_doubt=True), Delete),
        (wanted(CANCELLED, 1, 0), Delete),
        (wanted(CANCELLED, 1, 0, is_over=True), Rest),
        (wanted(CONFIRMED, 0, is_over=True), Rest),
    ],
)
def test_first_it_is_made_looked_for_taken_back_or_left(event: Wanted, first: type) -> None:
    assert type(before_asking(event)) is first


@pytest.mark.parametrize(
    ("event", "seen", "then", "says_why"),
    [
        (wanted(CONFIRMED, 1, 0), Seen("confirmed", 0), Change, False),
        (wanted(CONFIRMED, 1, 0), Seen("confirmed", None), Change, False),
        (wanted(CONFIRMED, 1, 0), Seen("confirmed", 1), Rest, False),
        (wanted(CONFIRMED, 1, 0), Seen("confirmed", 2), Rest, False),
        (wanted(CONFIRMED, 0, in_doubt=True), None, Insert, False),
        (wanted(CONFIRMED, 1, 0), None, Missing, False),
        (wanted(CONFIRMED, 1, 1), None, Missing, False),
        (wanted(TENTATIVE, 2, in_doubt=True), None, Rest, True),
        (replace(wanted(CONFIRMED, 1, 0), option="b"), Seen("confirmed", 1, "a"), Change, False),
        (replace(wanted(CONFIRMED, 1, 0), option="a"), Seen("confirmed", 1, "a"), Rest, False),
        (replace(wanted(CONFIRMED, 1, 0), option="b"), Seen("confirmed", 2, "a"), Rest, False),
        (replace(wanted(CONFIRMED, 1, 0), option="b"), Seen("confirmed", 1), Rest, False),
        (wanted(CONFIRMED, 1, 1), Seen("cancelled", 1), Rest, True),
        (wanted(CONFIRMED, 2, 1), Seen("cancelled", 1), Change, False),
        (wanted(CONFIRMED, 2, 1), Seen("cancelled", None), Change, False),
        (wanted(TENTATIVE, 2, 1), Seen("confirmed", 1), Change, False),
        (wanted(TENTATIVE, 2, 1), Seen("cancelled", 1), Rest, True),
        (wanted(TENTATIVE, 2, 1), None, Missing, False),
    ],
)
def test_once_it_has_been_seen_only_what_differs_is_changed_and_what_was_deleted_by_hand_is_left(
    event: Wanted, seen: Seen | None, then: type, says_why: bool
) -> None:
    step = having_seen(event, seen)

    assert type(step) is then
    assert bool(isinstance(step, Rest) and step.reason) is says_why


@given(
    st.sampled_from(EventStatus), st.integers(0, 5), st.none() | st.integers(0, 5), st.booleans(),
    st.none() | st.builds(Seen, st.sampled_from(EventStatus), st.none() | st.integers(0, 5)),
)  # fmt: skip
def test_nothing_is_made_while_something_is_there_nor_changed_where_nothing_is(
    status: EventStatus, sequence: int, known: int | None, in_doubt: bool, seen: Seen | None
) -> None:
    step = having_seen(Wanted(status, sequence, known, in_doubt, is_over=False), seen)

    assert not (isinstance(step, Insert) and (seen is not None or known is not None))
    assert not (isinstance(step, Change) and seen is None)
    assert not (isinstance(step, Change) and seen and seen.sequence is not None and seen.sequence >= sequence)


# What it says


def test_the_body_fits_googles_own_description_and_names_nobody_but_by_address() -> None:
    sync, chosen = a_sync("Board  games\n", "Luna Cafe"), an_option(NOON + timedelta(hours=3))

    body = event_body(sync, chosen, sequence=3, status=CONFIRMED, attendees=["ann@example.com"])

    assert METHODS[Call.INSERT].problems([("sendUpdates", "all")], body) == []
    assert METHODS[Call.PATCH].problems([("sendUpdates", "all")], changes(body, [])) == []
    assert body == {
        "id": sync.id.hex,
        "status": "confirmed",
        "summary": "Board games",
        "location": "Luna Cafe",
        "start": {"dateTime": "2026-12-07T12:00:00-05:00", "timeZone": "America/New_York"},
        "end": {"dateTime": "2026-12-07T15:00:00-05:00", "timeZone": "America/New_York"},
        "attendees": [{"email": "ann@example.com"}],
        "guestsCanInviteOthers": False,
        "guestsCanSeeOtherGuests": False,
        "extendedProperties": {
            "private": {
                "autosync_sync": str(sync.id),
                "autosync_sequence": "3",
                "autosync_option": f"{chosen.id} 2026-12-07T17:00:00+00:00",
            }
        },
    }


@pytest.mark.parametrize("end", [None, NOON, NOON - timedelta(hours=1)])
def test_without_an_end_it_takes_two_hours_and_in_a_zone_that_is_none_it_is_told_in_utc(end: datetime | None) -> None:
    body = event_body(a_sync(timezone="Nowhere"), an_option(end), sequence=0, status=CONFIRMED, attendees=[])

    assert body["start"] == {"dateTime": "2026-12-07T17:00:00+00:00", "timeZone": "UTC"}
    assert body["end"] == {"dateTime": "2026-12-07T19:00:00+00:00", "timeZone": "UTC"}


def test_a_change_keeps_guests_as_they_are_and_adds_who_is_new() -> None:
    body = event_body(
        a_sync(), an_option(), sequence=1, status=TENTATIVE, attendees=["ann@example.com", "ben@example.com"]
    )
    there = [{"email": "ANN@example.com", "responseStatus": "accepted"}, {"email": "eva@example.com"}]

    change = changes(body, there)

    assert change["attendees"] == [*there, {"email": "ben@example.com"}]
    assert "id" not in change
    assert change["status"] == "tentative"


def test_a_change_names_no_more_guests_than_google_takes_and_leaves_out_the_newest() -> None:
    there = [{"email": f"guest{n}@example.com"} for n in range(MOST_ATTENDEES - 1)]
    body = event_body(a_sync(), an_option(), sequence=1, status=CONFIRMED, attendees=["ann@x.org", "ben@x.org"])

    assert changes(body, there)["attendees"] == [*there, {"email": "ann@x.org"}]


# Whom it reaches


@pytest.mark.parametrize(
    "written",
    [
        "ann@example.com",
        "Ann.B+sync@mail.example.co.uk",
        "o'neil@example.org",
        "1@2x.io",
        "a_b-c@xn--bcher-kva.example",
    ],
)
def test_addresses_that_mail_servers_take(written: str) -> None:
    assert addresses([f" {written} "]) == (written,)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", None, "ann", "ann@", "@example.com", "ann@example", "ann@@example.com", "ann@exam ple.com",
        "ann@example..com", ".ann@example.com", "ann.@example.com", "Ann <ann@example.com>", "ann@x.org, ben@x.org",
        "ann@-example.com", "ann@example.c", "änn@example.com", "ann@exämple.com", "ann@example.com\nbcc: x@y.org",
        f"{'a' * 65}@example.com", f"ann@{'a' * 64}.com", f"ann@{'a.' * 130}com", "ann@127.0.0.1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_left_out(written: str | None) -> None:
    assert addresses([written]) == ()


@given(st.lists(st.none() | st.text() | st.emails(), max_size=20))
def test_whatever_is_written_each_address_comes_once_in_one_order(written: list[str | None]) -> None:
    found = addresses(written)

    assert found == addresses(reversed(written)) == addresses([*written, *found])
    assert len({address.casefold() for address in found}) == len(found)
    assert all(is_address(address) and address.isascii() and " " not in address for address in found)


def test_google_takes_no_more_than_200_guests() -> None:
    assert len(addresses(f"guest{n}@example.com" for n in range(300))) == MOST_ATTENDEES == 200


# What its organizer reads


@pytest.mark.parametrize(
    ("status", "delivery", "reason", "said"),
    [
        (CONFIRMED, Delivery.SENT, None, "In your Google Calendar."),
        (CONFIRMED, Delivery.SENT, "It was deleted in the calendar, and is left so.", "As you left it in your Google"),
        (CONFIRMED, Delivery.QUEUED, None, "On its way to your Google Calendar."),
        (CONFIRMED, Delivery.SENDING, None, "On its way to your Google Calendar."),
        (CONFIRMED, Delivery.UNKNOWN, "Some reason.", "We are looking whether your Google Calendar has it."),
        (TENTATIVE, Delivery.SENT, None, "In your Google Calendar, as tentative."),
        (CANCELLED, Delivery.SENT, None, "Taken out of your Google Calendar."),
        (CANCELLED, Delivery.QUEUED, None, "About to be taken out of your Google Calendar."),
        (CONFIRMED, Delivery.NONE, None, "Calendar files only, because no calendar is connected."),
        (CONFIRMED, Delivery.NONE, "Google no longer lets us in.", "Calendar files only, because Google no longer"),
        (CONFIRMED, Delivery.FAILED, "There is no calendar.", "Calendar files only, because Google did not"),
    ],
)  # fmt: skip
def test_one_sentence_says_where_it_is(status: EventStatus, delivery: Delivery, reason: str | None, said: str) -> None:
    assert calendar_words.standing(status, delivery, reason).startswith(said)
