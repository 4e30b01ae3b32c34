"""What a text must pass at the moment it leaves, each type in each state, by day and by night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.departures import (
    MAX_ATTEMPTS,
    Cancel,
    Departing,
    Departure,
    Hold,
    Leave,
    Untextable,
    decide,
    look_up_pause,
    retry_pause,
)
from autosync.model import MessageType, SyncStatus
from samples import uuid

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 12, 1, 12, tzinfo=NEW_YORK)
NIGHT = datetime(2026, 12, 1, 23, tzinfo=NEW_YORK)
MORNING = datetime(2026, 12, 2, 9, tzinfo=NEW_YORK)
RUNNING, PAUSED, COMPLETED, STOPPED = SyncStatus

STATES = {
    MessageType.INITIAL: {RUNNING},
    MessageType.REMINDER: {RUNNING},
    MessageType.INVITE: {COMPLETED},
    MessageType.CLARIFICATION: {RUNNING, PAUSED},
    MessageType.LATE_ANSWER: {COMPLETED, STOPPED},
    MessageType.STARTED: {RUNNING},
    MessageType.REMINDER_UPDATE: {RUNNING},
    MessageType.PAUSE_SUMMARY: {PAUSED},
    MessageType.GOAL_MET: {PAUSED},
    MessageType.CHOOSE_OPTION: {PAUSED},
    MessageType.CONFIRM_STOP: {PAUSED},
    MessageType.STATUS: {RUNNING, PAUSED, COMPLETED, STOPPED},
    MessageType.HELP: {RUNNING, PAUSED, COMPLETED, STOPPED},
}
"""Written out once more: in which states a text of each type is still true."""

ABOUT_TIMES_AHEAD = {MessageType.INITIAL, MessageType.REMINDER, MessageType.CLARIFICATION, MessageType.INVITE}
LEAVES_AT_NIGHT = {
    MessageType.CLARIFICATION, MessageType.LATE_ANSWER, MessageType.STARTED,
    MessageType.CHOOSE_OPTION, MessageType.CONFIRM_STOP, MessageType.STATUS, MessageType.HELP,
}  # fmt: skip

every_type = pytest.mark.parametrize("message_type", MessageType)


def departing(message_type: MessageType, **facts: object) -> Departing:
    """A text to a New Yorker that nothing keeps from leaving by day."""
    text = Departing(
        id=uuid(1),
        type=message_type,
        phone_number="+12125551234",
        timezone="America/New_York",
        sync_status=min(STATES[message_type]),
        answered=False,
        over_at=NOON + timedelta(days=300 * 365),
        superseded=False,
        suppressed=False,
        age=timedelta(),
    )
    return replace(text, **facts)


def waits_for_its_sync(message_type: MessageType, status: SyncStatus) -> bool:
    """Only who has not been asked yet can still be asked when the sync goes on."""
    return (message_type, status) == (MessageType.INITIAL, PAUSED)


# State


@pytest.mark.parametrize(("message_type", "status"), list(product(MessageType, SyncStatus)))
def test_a_text_leaves_only_in_a_state_that_it_was_written_for(message_type: MessageType, status: SyncStatus) -> None:
    fate = decide(departing(message_type, sync_status=status), now=NOON)
    if status in STATES[message_type]:
        assert isinstance(fate, Leave)
    elif waits_for_its_sync(message_type, status):
        assert fate == Hold(NOON + timedelta(minutes=15), "The sync is paused.")
    else:
        assert fate == Cancel(f"The sync was {status} before this text could leave.")


@pytest.mark.parametrize(
    "facts", [{"over_at": NIGHT}, {"suppressed": True}, {"phone_number": None}], ids=["over", "opted out", "no number"]
)
def test_a_first_text_that_waits_for_its_paused_sync_still_has_to_pass_all_else(facts: dict[str, object]) -> None:
    waiting = departing(MessageType.INITIAL, sync_status=PAUSED)
    assert decide(waiting, now=NIGHT) == Hold(NIGHT + timedelta(minutes=15), "The sync is paused.")
    assert isinstance(decide(replace(waiting, **facts), now=NIGHT), Cancel | Untextable)


# Answered, over, opted out, no number


@every_type
def test_only_a_reminder_is_cancelled_by_an_answer(message_type: MessageType) -> None:
    fate = decide(departing(message_type, answered=True), now=NOON)
    if message_type is MessageType.REMINDER:
        assert fate == Cancel("The invitee answered before this text could leave.")
    else:
        assert isinstance(fate, Leave)


@every_type
def test_whoever_is_asked_or_invited_is_not_once_every_option_is_over(message_type: MessageType) -> None:
    fate = decide(departing(message_type, over_at=NOON), now=NOON)
    if message_type is MessageType.INVITE:
        assert fate == Cancel("The chosen time was over before this text could leave.")
    elif message_type in ABOUT_TIMES_AHEAD:
        assert fate == Cancel("Every option was over before this text could leave.")
    else:
        assert isinstance(fate, Leave)


def test_a_reminder_does_not_overtake_the_text_that_it_reminds_of() -> None:
    text = departing(MessageType.REMINDER, first_is_open=True)
    assert decide(text, now=NOON) == Hold(
        NOON + timedelta(minutes=1), "The first text to this person has not left yet."
    )
    assert decide(text, now=NIGHT) == decide(replace(text, first_is_open=False), now=NIGHT)


def test_a_reminder_that_became_pointless_does_not_wait_for_the_first_text() -> None:
    fate = decide(departing(MessageType.REMINDER, first_is_open=True, answered=True), now=NOON)
    assert fate == Cancel("The invitee answered before this text could leave.")


@pytest.mark.parametrize("now", [NOON, NIGHT])
@every_type
def test_nothing_leaves_for_a_number_that_has_opted_out(message_type: MessageType, now: datetime) -> None:
    fate = decide(departing(message_type, suppressed=True), now=now)
    assert fate == Cancel("The number has opted out of all texts.")


@pytest.mark.parametrize("now", [NOON, NIGHT])
@every_type
def test_a_text_without_a_number_fails_and_says_so(message_type: MessageType, now: datetime) -> None:
    fate = decide(departing(message_type, phone_number=None), now=now)
    assert fate == Untextable("There is no phone number that can be texted.")


def test_a_pointless_text_is_cancelled_even_where_there_is_no_number() -> None:
    fate = decide(departing(MessageType.INITIAL, sync_status=STOPPED, phone_number=None), now=NOON)
    assert isinstance(fate, Cancel)


# Night


@every_type
def test_at_night_a_text_waits_for_morning_unless_it_answers_what_the_person_just_did(
    message_type: MessageType,
) -> None:
    fate = decide(departing(message_type), now=NIGHT)
    if message_type in LEAVES_AT_NIGHT:
        assert isinstance(fate, Leave)
        return
    assert isinstance(fate, Hold)
    assert MORNING <= fate.until <= MORNING + timedelta(minutes=20)
    assert fate.reason.startswith("Held until 2026-12-02 09:00 in America/New_York")
    assert "23:00 in America/New_York" in fate.reason


@pytest.mark.parametrize("message_type", sorted(LEAVES_AT_NIGHT))
def test_what_the_person_did_a_while_ago_is_answered_in_the_morning(message_type: MessageType) -> None:
    assert isinstance(decide(departing(message_type, age=timedelta(minutes=9)), now=NIGHT), Leave)
    assert isinstance(decide(departing(message_type, age=timedelta(minutes=11)), now=NIGHT), Hold)


@every_type
def test_a_text_of_an_earlier_round_gives_way_to_the_later_one(message_type: MessageType) -> None:
    once_a_round = {"reminder", "reminder_update", "pause_summary", "goal_met", "invite"}
    fate = decide(departing(message_type, superseded=True), now=NOON)
    assert isinstance(fate, Cancel) == (message_type in once_a_round)


@every_type
def test_what_asks_the_organizer_gives_way_once_that_is_settled(message_type: MessageType) -> None:
    asks = {"pause_summary", "goal_met", "choose_option", "confirm_stop"}
    fate = decide(departing(message_type, is_settled=True), now=NOON)
    assert isinstance(fate, Cancel) == (message_type in asks)


@pytest.mark.parametrize("clock", ["09:00", "19:59"])
def test_a_text_leaves_from_nine_until_eight(clock: str) -> None:
    now = datetime.fromisoformat(f"2026-12-01T{clock}").replace(tzinfo=NEW_YORK)
    assert isinstance(decide(departing(MessageType.REMINDER), now=now), Leave)


@pytest.mark.parametrize("clock", ["08:59", "20:00"])
def test_a_text_waits_just_before_nine_and_from_eight(clock: str) -> None:
    now = datetime.fromisoformat(f"2026-12-01T{clock}").replace(tzinfo=NEW_YORK)
    assert isinstance(decide(departing(MessageType.REMINDER), now=now), Hold)


def test_night_is_where_the_number_is_and_not_where_the_sync_is() -> None:
    in_los_angeles = departing(MessageType.INITIAL, phone_number="+13105551234")
    morning_in_new_york = datetime(2026, 12, 1, 10, tzinfo=NEW_YORK)

    assert isinstance(decide(departing(MessageType.INITIAL), now=morning_in_new_york), Leave)
    assert isinstance(decide(in_los_angeles, now=morning_in_new_york), Hold)


def test_a_number_that_tells_no_zone_keeps_the_syncs_hours() -> None:
    nowhere = departing(MessageType.INITIAL, phone_number="+80012345678", timezone="Asia/Tokyo")
    assert isinstance(decide(nowhere, now=datetime(2026, 12, 1, 17, tzinfo=UTC)), Hold)
    assert isinstance(decide(nowhere, now=datetime(2026, 12, 1, 3, tzinfo=UTC)), Leave)


def test_a_held_text_that_became_pointless_overnight_is_cancelled_and_not_held_again() -> None:
    answered = departing(MessageType.REMINDER, answered=True)
    assert isinstance(decide(answered, now=NIGHT), Cancel)
    assert isinstance(decide(answered, now=MORNING), Cancel)


@given(
    message_type=st.sampled_from(MessageType),
    status=st.sampled_from(SyncStatus),
    facts=st.fixed_dictionaries(
        {
            "answered": st.booleans(),
            "over_at": st.none() | st.integers(-48, 24 * 370).map(lambda hours: NOON + timedelta(hours=hours)),
            "suppressed": st.booleans(),
        },
        optional={"phone_number": st.sampled_from([None, "+13105551234", "+4915112345678", "+61412345678"])},
    ),
    hours=st.integers(0, 24 * 365),
    key=st.integers(0, 2**128 - 1),
)
def test_every_text_leaves_waits_a_day_at_most_or_is_closed_with_a_reason(
    message_type: MessageType, status: SyncStatus, facts: dict[str, object], hours: int, key: int
) -> None:
    now = NOON.astimezone(UTC) + timedelta(hours=hours)
    text = replace(departing(message_type, sync_status=status, **facts), id=uuid(key))
    match decide(text, now=now):
        case Leave():
            assert status in STATES[message_type]
            assert text.phone_number is not None
            assert not text.suppressed
            assert not (text.answered and message_type is MessageType.REMINDER)
        case Hold(until, reason):
            assert now < until <= now + timedelta(hours=27)
            assert reason.endswith(".")
            waits = waits_for_its_sync(message_type, status)
            assert waits or not isinstance(decide(text, now=until), Hold), "it leaves when its time has come, or never"
        case Cancel(reason) | Untextable(reason):
            assert reason.endswith(".")


# For how long


def minutes(text: Departing, now: datetime) -> float:
    """For how many minutes a text that leaves is valid."""
    fate = decide(text, now=now)
    assert isinstance(fate, Leave)
    return fate.valid_for / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("clock", "reminder", "started"),
    [
        ("09:00", 11 * 60, 11 * 60),
        ("19:00", 60, 60),
        ("19:55", 5, 10),  # what answers the person may still arrive at 20:04
        ("19:59", 1, 10),
        ("08:55", None, 11 * 60 + 5),  # and what leaves a little early may arrive all day
        ("23:00", None, 10),
    ],
)
def test_a_text_is_valid_until_night_falls_or_as_long_as_it_answers_the_person(
    clock: str, reminder: float | None, started: float
) -> None:
    now = datetime.fromisoformat(f"2026-12-01T{clock}").replace(tzinfo=NEW_YORK)
    assert minutes(departing(MessageType.STARTED), now) == started
    if reminder is not None:
        assert minutes(departing(MessageType.REMINDER), now) == reminder


@every_type
def test_a_text_about_times_ahead_is_valid_until_the_last_of_them_is_over(message_type: MessageType) -> None:
    ahead = departing(message_type, over_at=NOON + timedelta(minutes=20))
    assert minutes(ahead, NOON) == (20 if message_type in ABOUT_TIMES_AHEAD else 8 * 60)


@given(
    message_type=st.sampled_from(MessageType),
    number=st.sampled_from(["+12125551234", "+4915112345678", "+61412345678", "+18005551234", "+80012345678"]),
    zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Mars/Olympus"]),
    start=st.integers(0, 366 * 24 * 60),
    age=st.integers(0, 15),
    over_in=st.none() | st.integers(-60, 24 * 60),
    share=st.floats(0, 1, exclude_max=True),
)
def test_a_text_is_valid_for_just_as_long_as_it_might_have_left(
    message_type: MessageType, number: str, zone: str, start: int, age: int, over_in: int | None, share: float
) -> None:
    now = NOON.astimezone(UTC) + timedelta(minutes=start)
    over_at = None if over_in is None else now + timedelta(minutes=over_in)
    text = departing(message_type, phone_number=number, timezone=zone, age=timedelta(minutes=age), over_at=over_at)

    def fate_after(wait: timedelta) -> Departure:
        return decide(replace(text, age=text.age + wait), now=now + wait)

    fate = decide(text, now=now)
    if isinstance(fate, Leave):
        assert fate.valid_for > timedelta()
        later = fate_after(min(fate.valid_for * share, fate.valid_for - timedelta(microseconds=1)))
        assert isinstance(later, Leave)
        assert not isinstance(fate_after(fate.valid_for), Leave)


# Attempts


def test_retry_pauses_double_up_to_a_quarter_of_an_hour_and_go_on_for_a_day() -> None:
    pauses = [retry_pause(attempt) or timedelta() for attempt in range(1, MAX_ATTEMPTS)]

    assert pauses[:9] == [timedelta(seconds=n) for n in (15, 30, 60, 120, 240, 480, 900, 900, 900)]
    assert set(pauses[6:]) == {timedelta(minutes=15)}
    assert timedelta(hours=22) < sum(pauses, timedelta()) < timedelta(hours=26)
    assert [retry_pause(attempt) for attempt in (MAX_ATTEMPTS, MAX_ATTEMPTS + 1, 10_000)] == [None, None, None]


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(0), timedelta(seconds=30)),
        (timedelta(seconds=59), timedelta(seconds=30)),
        (timedelta(minutes=5), timedelta(minutes=2.5)),
        (timedelta(minutes=60), timedelta(minutes=30)),
        (timedelta(hours=2), timedelta(hours=1)),
        (timedelta(hours=23, minutes=59), timedelta(hours=1)),
        (timedelta(hours=24), None),
        (timedelta(days=30), None),
    ],
)
def test_an_unknown_text_is_looked_up_less_and_less_often_for_a_day(age: timedelta, pause: timedelta | None) -> None:
    assert look_up_pause(age) == pause


def test_look_ups_end_and_are_few() -> None:
    ages = [timedelta(0)]
    while pause := look_up_pause(ages[-1]):
        ages.append(ages[-1] + pause)

    assert all(earlier < later for earlier, later in pairwise(ages))
    assert timedelta(hours=24) <= ages[-1] < timedelta(hours=25)
    assert len(ages) < 40
