"""Finding free times: in somebody's hours and calendar, beside their other syncs; honest where Google is away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from autosync.calendar_connections import CalendarConnections
from autosync.calendars.google import GoogleCalendar
from autosync.database import calendars
from autosync.database.calendars import Wishes
from autosync.database.pool import Pool
from autosync.found_times import Calendar, Found, Meets, conflict, document, when
from autosync.free_times import FreeTimes
from autosync.model import Refused, Unusable
from autosync.windows import Window
from connected import connected_organizer, connections_of, google_at
from factories import Factory
from google_stand_in import GoogleStandIn, google_stand_in

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
TODAY = datetime.now(NEW_YORK).date()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday() + 7)
"""Of the week after next: everybody has time to answer."""


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
async def google(stand_in: GoogleStandIn) -> AsyncIterator[GoogleCalendar]:
    opened = google_at(stand_in.url)
    yield opened
    await opened.close()


@pytest.fixture
def connections(pool: Pool, google: GoogleCalendar) -> CalendarConnections:
    return connections_of(pool, google)


@pytest.fixture
async def maya(factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections) -> UUID:
    """Whose calendar is connected; in New York."""
    return await connected_organizer(factory, stand_in, connections)


@pytest.fixture
def finder(pool: Pool, connections: CalendarConnections) -> FreeTimes:
    return FreeTimes(pool=pool, connections=connections, region="US", patience=timedelta(seconds=3))


def at(clock: str, *, days: int = 0, zone: ZoneInfo = NEW_YORK) -> datetime:
    """A time of MONDAY, or so many days later."""
    return datetime.combine(MONDAY + timedelta(days=days), time.fromisoformat(clock), zone)


def evening(day: date = MONDAY) -> str:
    """From 5 to 10 PM."""
    return f"{day:%B} {day.day} between 5pm and 10pm"


def shown(found: Found) -> list[str]:
    """The times, without their day and zone."""
    return [when(proposal, found.zone).split(", ")[1].rsplit(" ", 1)[0] for proposal in found.proposals]


# What is free


async def test_times_are_proposed_around_what_is_in_the_calendar(
    finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    stand_in.busy((at("18:00"), at("19:30")))
    found = await finder.propose(maya, evening())
    assert shown(found) == ["7:30-9:30 PM", "8-10 PM"]
    assert found.proposals[0].reasons == ("You are free from 7:30 PM to 10 PM.",)
    assert found.heard == f"{MONDAY:%A, %B} {MONDAY.day}, between 5 and 10 PM, for 2 hours"
    assert found.looked is not None
    assert (found.looked.calendar, found.looked.note) == (
        Calendar.CONNECTED, "Checked against your Google Calendar."
    )  # fmt: skip
    assert found.next_skip is None
    assert stand_in.violations() == []


async def test_others_are_shown_until_there_are_none(finder: FreeTimes, maya: UUID) -> None:
    seen: list[str] = []
    skip: int | None = 0
    while skip is not None:
        found = await finder.propose(maya, evening(), skip=skip)
        seen += shown(found)
        skip = found.next_skip
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == 7
    beyond = await finder.propose(maya, evening(), skip=7)
    assert (beyond.proposals, beyond.nothing) == ((), "There are no other times.")


async def test_all_selected_calendars_are_looked_at_and_hours_and_buffer_kept(
    factory: Factory, finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    stand_in.people("you@example.com", calendars=["work@example.com"])
    stand_in.busy((at("10:00"), at("12:00")))
    stand_in.busy((at("14:00"), at("15:00")), calendar="work@example.com")
    wishes = Wishes(("primary", "work@example.com"), time(8), time(18), timedelta(minutes=30))
    await calendars.save(factory.connection, maya, wishes)
    found = await finder.propose(maya, f"{MONDAY:%B} {MONDAY.day}", duration=timedelta(minutes=90))
    assert shown(found) == ["8-9:30 AM", "3:30-5 PM", "4-5:30 PM"]


async def test_a_phrase_that_says_how_long_it_takes_is_right(finder: FreeTimes, maya: UUID) -> None:
    found = await finder.propose(maya, f"{evening()} for 4 hours", duration=timedelta(hours=1))
    assert (shown(found), found.duration) == (["5-9 PM", "5:30-9:30 PM", "6-10 PM"], timedelta(hours=4))
    assert found.heard.count("for 4 hours") == 1


async def test_nothing_is_free_and_it_is_said_why(finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID) -> None:
    stand_in.busy((at("00:00"), at("00:00", days=1)))
    found = await finder.propose(maya, evening())
    assert (found.proposals, found.nothing) == ((), "No time of 2 hours is free then.")
    found = await finder.propose(maya, f"{MONDAY:%B} {MONDAY.day}")
    assert found.nothing == "No time of 2 hours is free then between 9 AM and 9 PM, your hours."


async def test_other_syncs_of_the_organizer_count_as_busy(factory: Factory, finder: FreeTimes, maya: UUID) -> None:
    async def sync(status: str, begins: str, *, ends: str | None = None, **columns: Any) -> UUID:
        made = await factory.sync(organizer=columns.pop("organizer", maya), options=0)
        option = await factory.insert(
            "auto_sync_options", auto_sync_id=made.id, idx=1, start_time=at(begins), end_time=ends and at(ends)
        )
        await factory.insert("auto_sync_options", auto_sync_id=made.id, idx=2, start_time=at("19:00"))
        await factory.do(
            "update auto_syncs set status = %s::auto_sync_status, metadata = jsonb_build_object('chosen_option_id',"
            " %s::text) where id = %s",
            status, option, made.id,
        )  # fmt: skip
        return made.id

    await sync("completed", "17:00", ends="18:00")
    await sync("stopped", "20:30", ends="22:00")
    await sync("running", "20:30", ends="22:00", organizer=await factory.organizer("Eve"))
    found = await finder.propose(maya, evening())
    assert shown(found)[0] == "6-8 PM", "of a completed sync only the chosen time counts, of a stopped one none"
    await sync("paused", "21:30")
    found = await finder.propose(maya, evening(), duration=timedelta(minutes=30))
    assert shown(found) == ["6-6:30 PM", "6:30-7 PM", "9-9:30 PM"], "without an end it lasts for two hours"


# Where people are


async def test_the_crew_is_not_asked_at_night_where_it_is(factory: Factory, finder: FreeTimes, maya: UUID) -> None:
    friends = await factory.crew(
        maya, [await factory.contact(maya, "Zoe", phone_number="020 7123 4567 x", ), await factory.contact(
            maya, "Kim", phone_number="+442071234567")]
    )  # fmt: skip
    found = await finder.propose(maya, f"{MONDAY:%B} {MONDAY.day}", crew=str(friends))
    assert "It is 2 PM in London." in found.proposals[0].reasons
    found = await finder.propose(maya, evening(), crew=str(friends))
    assert "It is 10 PM in London." in found.proposals[0].reasons


async def test_whoever_plans_in_another_zone_reads_what_their_own_clocks_show(finder: FreeTimes, maya: UUID) -> None:
    found = await finder.propose(maya, evening(), zone=LONDON)
    assert found.zone is LONDON
    assert found.proposals[0].begins == at("17:00", zone=LONDON)
    assert "It is noon in New York." in found.proposals[0].reasons


async def test_a_crew_of_somebody_else_or_of_no_one_is_refused(factory: Factory, finder: FreeTimes, maya: UUID) -> None:
    eve = await factory.organizer("Eve")
    theirs = await factory.crew(eve, [await factory.contact(eve)])
    for crew in (str(theirs), "Nobody"):
        with pytest.raises(Refused, match="has no crew"):
            await finder.propose(maya, evening(), crew=crew)


# Without a calendar


async def test_without_a_calendar_times_are_proposed_by_hours_and_it_is_said(
    factory: Factory, pool: Pool, finder: FreeTimes, stand_in: GoogleStandIn
) -> None:
    somebody = await factory.organizer()
    for unconnected in (finder, FreeTimes(pool=pool, connections=None, region="US")):
        found = await unconnected.propose(somebody, f"{MONDAY:%B} {MONDAY.day}")
        assert shown(found)[0] == "9-11 AM"
        assert found.proposals[0].reasons == ("It is within your hours, 9 AM to 9 PM.",)
        assert found.looked is not None
        assert (found.looked.calendar, found.looked.note) == (
            Calendar.NONE, "No calendar is connected, so none was looked at."
        )  # fmt: skip
    assert stand_in.asked("freebusy") == 0


async def test_a_connected_calendar_that_cannot_be_looked_at_here_is_not_called_none(pool: Pool, maya: UUID) -> None:
    elsewhere = FreeTimes(pool=pool, connections=None, region="US")
    found = await elsewhere.propose(maya, evening())
    assert found.looked is not None
    assert (found.looked.calendar, found.looked.note) == (
        Calendar.UNREACHABLE,
        "Your Google Calendar cannot be looked at from here, so these times were not checked against it.",
    )
    assert found.proposals[0].reasons == ("It is at an hour that you asked for.",)


@pytest.mark.parametrize(
    "fault", ["error_before", "timeout_before", "rateLimitExceeded", "garbage_before", "reset_before"]
)
async def test_while_google_is_away_nothing_is_called_free_and_it_is_said(
    finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID, fault: str
) -> None:
    stand_in.busy((at("00:00"), at("00:00", days=1)))
    stand_in.plan("freebusy", *[fault] * 3)
    found = await finder.propose(maya, evening())
    assert shown(found) == ["5-7 PM", "7-9 PM", "7:30-9:30 PM"]
    assert not any("free" in reason for proposal in found.proposals for reason in proposal.reasons)
    assert found.looked is not None
    assert found.looked.calendar is Calendar.UNREACHABLE
    assert "could not be reached, so these times were not checked" in found.looked.note


async def test_google_is_not_waited_for_longer_than_a_person_would(
    pool: Pool, connections: CalendarConnections, stand_in: GoogleStandIn, maya: UUID
) -> None:
    hasty = FreeTimes(pool=pool, connections=connections, region="US", patience=timedelta(milliseconds=50))
    stand_in.misbehave(calls={"freebusy": ["slow"]}, slow_seconds=0.8)
    found = await hasty.propose(maya, evening())
    assert found.looked is not None
    assert found.looked.calendar is Calendar.UNREACHABLE


async def test_a_calendar_that_was_lost_is_said_to_be_once_it_is_known_and_ever_after_and_told_by_text_once(
    factory: Factory, finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    sync = await factory.sync(organizer=maya)
    stand_in.revoke()
    for _ in range(2):
        found = await finder.propose(maya, evening())
        assert len(found.proposals) == 3
        assert found.looked is not None
        assert found.looked.calendar is Calendar.DISCONNECTED
        assert found.looked.note.endswith("Connect it again. These times were not checked against it.")
        assert found.proposals[0].reasons == ("It is at an hour that you asked for.",)
    (text,) = await factory.texts(sync.id, "status")
    assert text[2].startswith("Board games: Google no longer lets us into your calendar")


async def test_calendars_that_cannot_be_read_are_counted_not_named_and_nothing_is_called_free(
    factory: Factory, finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    stand_in.busy((at("17:00"), at("19:00")))
    await calendars.save(factory.connection, maya, Wishes(("primary", "gone@example.com")))
    found = await finder.propose(maya, evening())
    assert shown(found)[0] == "7-9 PM", "what could be read counts"
    assert found.looked is not None
    assert (found.looked.calendar, found.looked.unreadable) == (Calendar.CONNECTED, ("gone@example.com",))
    assert found.looked.note == (
        "One of your calendars could not be read, so these times were not checked against it: see /calendar."
    )
    assert found.proposals[0].reasons == ("It is at an hour that you asked for.",)
    gone = ("c_188@group.calendar.google.com", "gone@example.com")
    await calendars.save(factory.connection, maya, Wishes(("primary", *gone)))
    found = await finder.propose(maya, evening())
    assert found.looked is not None
    assert (found.looked.unreadable, found.looked.note) == (
        gone,
        "2 of your calendars could not be read, so these times were not checked against them: see /calendar.",
    )


# One time that was named


async def test_a_time_that_was_named_is_free_or_it_is_said_by_time_alone_what_it_meets(
    finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    phrase = f"{MONDAY:%Y-%m-%d} 18:00 to 20:00"
    found = await finder.propose(maya, phrase)
    assert (found.is_exact, shown(found), found.conflicts) == (True, ["6-8 PM"], ())
    assert found.proposals[0].reasons == ("You are free then.",)

    stand_in.busy((at("19:00"), at("21:30")), (at("08:00"), at("09:00")))
    found = await finder.propose(maya, phrase)
    assert [conflict.sentence for conflict in found.conflicts] == ["Your calendar has something from 7 PM to 9:30 PM."]
    assert found.conflicts[0].meets is Meets.CALENDAR
    assert found.conflicts[0].window == Window(at("19:00"), at("21:30"))
    assert (shown(found), found.proposals[0].reasons) == (["6-8 PM"], ())


async def test_a_named_time_says_what_it_is_elsewhere_and_whether_there_is_time_to_answer(
    factory: Factory, finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    abroad = await factory.crew(maya, [await factory.contact(maya, phone_number="+442071234567")])
    found = await finder.propose(maya, f"{MONDAY:%Y-%m-%d} 23:00 to 23:30", crew=str(abroad))
    night = "It is 4 AM on Tuesday in London."
    assert found.proposals[0].reasons == ("You are free then.", night)
    found = await finder.propose(maya, f"{MONDAY:%Y-%m-%d} 23:00 to 23:30")
    assert found.proposals[0].reasons == ("You are free then.",)
    tomorrow = datetime.now(NEW_YORK).date() + timedelta(days=1)
    stand_in.busy((at("00:00", days=(tomorrow - MONDAY).days), at("00:00", days=(tomorrow - MONDAY).days + 1)))
    found = await finder.propose(maya, f"{tomorrow:%Y-%m-%d} 18:00")
    assert found.proposals[0].reasons == ("It begins before everybody has had 48 hours to answer.",)


async def test_a_named_time_without_an_end_lasts_as_long_as_was_said(finder: FreeTimes, maya: UUID) -> None:
    found = await finder.propose(maya, f"{MONDAY:%Y-%m-%d} 18:00", duration=timedelta(hours=3))
    assert (shown(found), found.duration) == (["6-9 PM"], timedelta(hours=3))
    assert found.heard.endswith("6 PM, for 3 hours")


async def test_a_named_time_meets_other_syncs_and_what_is_too_near(
    factory: Factory, finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    made = await factory.sync(organizer=maya, options=0)
    span = {"start_time": at("19:00"), "end_time": at("21:00")}
    option = await factory.insert("auto_sync_options", auto_sync_id=made.id, idx=1, **span)
    stand_in.busy((at("19:00"), at("21:00")), (at("17:00"), at("17:45")))
    await calendars.save(factory.connection, maya, Wishes(buffer=timedelta(minutes=30)))
    phrase = f"{MONDAY:%Y-%m-%d} 18:00 to 20:00"
    found = await finder.propose(maya, phrase)
    near = "Your calendar has something from 5 PM to 5:45 PM, nearer than the 30 minutes that you keep free."
    assert [conflict.sentence for conflict in found.conflicts] == [
        "You have proposed another plan from 7 PM to 9 PM.", near
    ]  # fmt: skip

    await factory.do(
        "update auto_syncs set status = 'completed', metadata = jsonb_build_object('chosen_option_id', %s::text)",
        option,
    )
    found = await finder.propose(maya, phrase)
    assert found.conflicts[0].sentence == "You have another plan from 7 PM to 9 PM."


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ((0, "00:00"), (1, "00:00"), "all day"),
        ((0, "19:00"), (1, "00:00"), "from 7 PM to midnight"),
        ((-2, "09:00"), (0, "19:00"), "until 7 PM"),
        ((0, "19:30"), (2, "00:00"), "from 7:30 PM on"),
        ((-1, "00:00"), (2, "12:00"), "all day"),
        ((0, "00:00"), (0, "19:00"), "from midnight to 7 PM"),
        ((0, "19:00"), (1, "01:00"), "from 7 PM on"),
    ],
)
async def test_what_a_time_meets_is_said_by_the_clock(
    finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID, begins: tuple[int, str], ends: tuple[int, str], said: str
) -> None:
    stand_in.busy((at(begins[1], days=begins[0]), at(ends[1], days=ends[0])))
    found = await finder.propose(maya, f"{MONDAY:%Y-%m-%d} 18:00 to 20:00")
    assert [conflict.sentence for conflict in found.conflicts] == [f"Your calendar has something {said}."]


@pytest.mark.parametrize(
    ("wanted", "begins", "ends", "said"),
    [
        (("00:30", "02:00"), (-1, "20:00"), (-1, "23:45"), "from 8 PM to 11:45 PM on Sunday"),
        (("00:30", "02:00"), (-1, "20:00"), (0, "00:00"), "from 8 PM to midnight on Sunday"),
        (("00:30", "02:00"), (-1, "00:00"), (0, "00:00"), "all day on Sunday"),
        (("00:30", "02:00"), (-3, "09:00"), (0, "00:00"), "all day on Sunday"),
        (("00:30", "02:00"), (-3, "09:00"), (-1, "23:45"), "until 11:45 PM on Sunday"),
        (("22:00", "23:30"), (1, "00:00"), (2, "00:00"), "all day on Tuesday"),
        (("22:00", "23:30"), (1, "00:15"), (3, "12:00"), "from 12:15 AM on Tuesday"),
        (("22:00", "23:30"), (1, "00:15"), (1, "01:00"), "from 12:15 AM to 1 AM on Tuesday"),
        (("22:00", "02:00"), (0, "00:00"), (1, "00:00"), "all day on Monday"),
        (("22:00", "02:00"), (1, "00:00"), (2, "00:00"), "all day on Tuesday"),
        (("22:00", "02:00"), (0, "00:00"), (2, "00:00"), "all day"),
        (("22:00", "02:00"), (0, "21:00"), (0, "23:00"), "from 9 PM to 11 PM"),
        (("22:00", "02:00"), (0, "23:00"), (1, "01:00"), "from 11 PM to 1 AM"),
        (("22:00", "02:00"), (1, "01:00"), (1, "03:00"), "from 1 AM to 3 AM on Tuesday"),
        (("22:00", "02:00"), (-1, "09:00"), (1, "01:00"), "until 1 AM on Tuesday"),
    ],
)
def test_what_is_on_another_day_than_the_time_that_is_wanted_is_said_with_its_day(
    wanted: tuple[str, str], begins: tuple[int, str], ends: tuple[int, str], said: str
) -> None:
    time_wanted = Window(at(wanted[0]), at(wanted[1], days=wanted[1] < wanted[0]))
    window = Window(at(begins[1], days=begins[0]), at(ends[1], days=ends[0]))
    sentence = conflict(window, Meets.CALENDAR, time_wanted, zone=NEW_YORK, buffer=timedelta(hours=1)).sentence
    near = "" if window.meets(time_wanted) else ", nearer than the 1 hour that you keep free"
    assert sentence == f"Your calendar has something {said}{near}."


async def test_times_that_are_typed_already_are_checked_each(
    finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    stand_in.busy((at("19:00"), at("20:30")))
    times = [(at("18:00"), None), (at("21:00"), at("22:00")), (at("20:00"), at("21:00"))]
    looked, conflicts = await finder.check(maya, times, zone=LONDON)
    assert looked.calendar is Calendar.CONNECTED
    assert [[conflict.sentence for conflict in found] for found in conflicts] == [
        ["Your calendar has something from midnight to 1:30 AM on Tuesday."],
        [],
        ["Your calendar has something from midnight to 1:30 AM."],
    ]


# What has to be asked back, and what cannot be


async def test_what_is_unclear_is_asked_back_before_anything_is_looked_at(
    finder: FreeTimes, stand_in: GoogleStandIn, maya: UUID
) -> None:
    found = await finder.propose(maya, "3/4")
    assert found.question is not None
    assert len(found.choices) == 2
    assert (found.looked, found.proposals) == (None, ())
    assert stand_in.asked("freebusy") == 0
    for choice in found.choices:
        assert (await finder.propose(maya, choice)).question is None


@pytest.mark.parametrize("minutes", [0, 4, 721, 90.5])
async def test_a_duration_that_cannot_be_is_refused(finder: FreeTimes, maya: UUID, minutes: float) -> None:
    with pytest.raises(Unusable, match="between 5 minutes and 12 hours"):
        await finder.propose(maya, evening(), duration=timedelta(minutes=minutes))


async def test_a_phrase_that_takes_too_long_is_asked_back(finder: FreeTimes, maya: UUID) -> None:
    found = await finder.propose(maya, f"{evening()} for 13 hours")
    assert found.question is not None
    assert "12 hours" in found.question


async def test_a_long_story_is_refused(finder: FreeTimes, maya: UUID) -> None:
    with pytest.raises(Unusable, match="201 characters"):
        await finder.propose(maya, "x" * 201)


async def test_nobody_finds_times_without_a_profile(finder: FreeTimes) -> None:
    with pytest.raises(Refused, match="no profile yet"):
        await finder.propose(uuid4(), evening())


async def test_a_zone_that_is_none_counts_as_utc(factory: Factory, finder: FreeTimes) -> None:
    lost = await factory.organizer(preferred_timezone="Middle/Earth")
    found = await finder.propose(lost, evening())
    assert found.zone.key == "UTC"
    assert found.proposals[0].begins == datetime.combine(MONDAY, time(17), UTC)


async def test_a_found_time_is_a_document(finder: FreeTimes, maya: UUID) -> None:
    found = document(await finder.propose(maya, evening()))
    assert found["options"][0]["start_time"] == at("17:00")
    assert (found["calendar"], found["duration_minutes"], found["timezone"]) == ("connected", 120, "America/New_York")
