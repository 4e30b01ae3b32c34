"""What is proposed: free, asked for, ahead, as long as it should be, and the best by the order that is stated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosync.option_times import read_option, write_option
from autosync.proposals import Preferences, Proposal, conflicts, propose
from autosync.windows import Window

ZONES = [
    "Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York", "America/Nuuk", "America/Santiago",
    "America/St_Johns", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Atlantic/Azores",
    "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Chisinau", "Europe/Dublin", "Europe/London",
    "Pacific/Auckland", "Pacific/Chatham", "Pacific/Norfolk",
]  # fmt: skip
OTHERS = ["Asia/Kathmandu", "America/Los_Angeles", "Europe/London", "Asia/Tokyo"]
NEW_YORK, LONDON, TOKYO = (ZoneInfo(name) for name in ("America/New_York", "Europe/London", "Asia/Tokyo"))
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
MONDAY = datetime(2026, 12, 7, tzinfo=NEW_YORK)
NOW = MONDAY - 6 * DAY
"""The Tuesday before."""


def at(day: int, clock: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    """A time of the week that begins on MONDAY; day 0 is the Monday."""
    return datetime.combine(MONDAY.date() + timedelta(day), time.fromisoformat(clock), zone)


def span(day: int, begins: str, ends: str) -> Window:
    """From when until when on a day of that week; midnight as an end is the next one."""
    return Window(at(day, begins), at(day + (ends == "00:00"), ends))


def best(windows: Sequence[Window], busy: Sequence[Window] = (), **changes: Any) -> list[str]:
    """What is proposed, as New York's clocks show it."""
    return [shown(proposal) for proposal in proposals(windows, busy, **changes)]


def proposals(windows: Sequence[Window], busy: Sequence[Window] = (), **changes: Any) -> tuple[Proposal, ...]:
    """Two hours, for somebody in New York with the usual hours."""
    usual: dict[str, Any] = {"duration": 2 * HOUR, "now": NOW, "zone": NEW_YORK, "hours_given": False}
    return propose(windows, busy, **{**usual, "preferences": Preferences(), **changes})


def shown(proposal: Proposal | Window) -> str:
    """Such as `Mon 17:00-19:00`."""
    begins, ends = (moment.astimezone(NEW_YORK) for moment in (proposal.begins, proposal.ends))
    return f"{begins:%a %H:%M}-{ends:%H:%M}"


EVENINGS = [span(day, "17:00", "22:00") for day in range(5)]


# The order, by examples


def test_the_best_three_lie_on_three_days() -> None:
    assert best(EVENINGS, hours_given=True) == ["Mon 17:00-19:00", "Tue 17:00-19:00", "Wed 17:00-19:00"]


def test_the_next_ones_are_other_times_not_the_same_by_half_an_hour() -> None:
    assert best(EVENINGS[:2], hours_given=True) == ["Mon 17:00-19:00", "Tue 17:00-19:00", "Mon 19:00-21:00"]
    assert best(EVENINGS[:1], hours_given=True) == ["Mon 17:00-19:00", "Mon 19:00-21:00", "Mon 19:30-21:30"]


def test_the_next_ones_continue_the_same_order() -> None:
    assert best(EVENINGS, hours_given=True, skip=3) == ["Thu 17:00-19:00", "Fri 17:00-19:00", "Mon 19:00-21:00"]
    assert best(EVENINGS, hours_given=True, skip=1000) == []


def test_preferred_hours_hold_unless_the_phrase_gives_hours() -> None:
    early = [span(0, "05:00", "11:30")]
    assert best(early) == ["Mon 09:00-11:00", "Mon 09:30-11:30"]
    assert best(early, hours_given=True)[0] == "Mon 05:00-07:00"


def test_preferred_hours_may_go_beyond_midnight_or_all_around_the_clock() -> None:
    days = [span(0, "00:00", "00:00"), span(1, "00:00", "00:00")]
    night = Preferences(time(22), time(2))
    assert best(days, preferences=night, duration=4 * HOUR) == ["Mon 22:00-02:00"]
    always = Preferences(time(9), time(9))
    assert best(days, preferences=always)[0] == "Mon 00:00-02:00"


def test_busy_times_keep_their_buffer_on_both_sides() -> None:
    evening, busy = [span(0, "16:00", "22:00")], [span(0, "18:00", "20:00")]
    assert best(evening, busy, hours_given=True) == ["Mon 16:00-18:00", "Mon 20:00-22:00"]
    spared = Preferences(buffer=30 * MINUTE)
    assert best(evening, busy, hours_given=True, preferences=spared, duration=90 * MINUTE) == [
        "Mon 16:00-17:30", "Mon 20:30-22:00"
    ]  # fmt: skip


def test_what_begins_before_everybody_could_answer_comes_last() -> None:
    asked = [span(0, "17:00", "19:00"), span(1, "17:00", "19:00"), span(2, "17:00", "19:00")]
    found = proposals(asked, now=at(-1, "12:00"))
    assert [shown(proposal)[:3] for proposal in found] == ["Tue", "Wed", "Mon"]
    assert "It begins before everybody has had 48 hours to answer." in found[2].reasons
    assert not any("answer" in reason for proposal in found[:2] for reason in proposal.reasons)


def test_what_begins_too_soon_is_not_proposed() -> None:
    asked = [Window(at(0, "17:07"), at(0, "22:00"))]
    assert best(asked, now=at(0, "17:07"), hours_given=True)[0] == "Mon 18:30-20:30"
    assert best(asked, now=at(0, "17:07"), hours_given=True, notice=10 * MINUTE)[0] == "Mon 17:30-19:30"


def test_hours_at_which_people_elsewhere_sleep_come_last() -> None:
    days = [span(day, "09:00", "21:00") for day in range(5)]
    found = proposals(days, other_zones=[LONDON], most=1000)
    waking = [time(8) <= proposal.begins.astimezone(LONDON).time() <= time(20) for proposal in found]
    assert waking[0]
    assert waking == sorted(waking, reverse=True)
    assert best(days, other_zones=[TOKYO])[0] == "Mon 18:00-20:00"


def test_a_window_that_begins_at_an_odd_minute_is_used_from_there() -> None:
    assert best([span(0, "18:20", "22:00")], hours_given=True)[0] == "Mon 18:20-20:20"


def test_a_window_that_begins_within_a_minute_is_used_from_the_next_half_hour() -> None:
    odd = Window(at(0, "18:20") + timedelta(seconds=7), at(0, "22:00"))
    assert best([odd], hours_given=True)[0] == "Mon 18:30-20:30"


def test_short_times_begin_on_the_quarter() -> None:
    asked, busy = [span(0, "17:00", "18:00")], [span(0, "17:00", "17:10")]
    assert best(asked, busy, duration=15 * MINUTE, hours_given=True)[0] == "Mon 17:15-17:30"
    assert best(asked, busy, duration=30 * MINUTE, hours_given=True)[0] == "Mon 17:30-18:00"


def test_windows_that_touch_are_one() -> None:
    assert best([span(0, "19:00", "20:00"), span(0, "18:00", "19:00")]) == ["Mon 18:00-20:00"]


@pytest.mark.parametrize(("windows", "duration"), [([], 2 * HOUR), ([span(0, "17:00", "18:59")], 2 * HOUR)])
def test_nothing_is_proposed_where_nothing_fits(windows: list[Window], duration: timedelta) -> None:
    assert best(windows, duration=duration) == []


def test_a_time_that_lasts_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="lasts for a while"):
        best(EVENINGS, duration=timedelta())


def on_november_1(begins: str, ends: str) -> Window:
    """A window in UTC of the day on which New York's clocks go back, at 6:00."""
    return Window(*(datetime.fromisoformat(f"2026-11-01T{clock}+00:00") for clock in (begins, ends)))


LATE_OCTOBER = datetime(2026, 10, 20, tzinfo=UTC)


def test_a_time_neither_begins_nor_ends_when_the_clocks_show_it_for_the_second_time() -> None:
    night: dict[str, Any] = {"now": LATE_OCTOBER, "hours_given": True, "duration": 30 * MINUTE, "most": 100}
    assert best([on_november_1("04:30", "07:30")], **night) == [
        "Sun 00:30-01:00", "Sun 01:00-01:30", "Sun 02:00-02:30"
    ]  # fmt: skip
    assert best([on_november_1("06:40", "07:30")], **night) == ["Sun 02:00-02:30"]


def test_an_hour_that_is_skipped_is_not_proposed_and_lasts_for_nothing() -> None:
    spring = [Window(datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 8, 9, tzinfo=UTC))]
    night: dict[str, Any] = {"now": LATE_OCTOBER - 300 * DAY, "duration": HOUR}
    assert best(spring, **night, hours_given=True) == ["Sun 01:00-03:00", "Sun 03:00-04:00", "Sun 04:00-05:00"]
    early = Preferences(time(2, 15), time(4, 30))
    assert best(spring, **night, preferences=early) == ["Sun 03:00-04:00", "Sun 03:30-04:30"], "hours begin after it"


# Why


def reasons(windows: Sequence[Window], busy: Sequence[Window] = (), **changes: Any) -> tuple[str, ...]:
    """Of the best one."""
    return proposals(windows, busy, **changes)[0].reasons


def test_a_proposal_says_how_long_its_organizer_is_free_around_it() -> None:
    evening = [span(0, "17:00", "22:30")]
    assert reasons(evening, hours_given=True) == ("You are free from 5 PM to 10:30 PM.",)
    busy = [span(0, "16:00", "18:10"), span(0, "20:45", "21:00")]
    assert reasons(evening, busy, hours_given=True) == ("You are free from 6:10 PM to 8:45 PM.",)


def test_freedom_ends_with_the_day_that_is_proposed() -> None:
    days, busy = [Window(at(0, "00:00"), at(3, "00:00"))], [Window(at(0, "00:00"), at(2, "21:00"))]
    assert reasons(days, hours_given=True) == ("You are free all day.",)
    assert reasons(days, busy, hours_given=True) == ("You are free from 9 PM to midnight.",)
    late = [Window(at(0, "22:00"), at(1, "12:00"))]
    assert reasons(late, hours_given=True) == ("You are free from 10 PM to midnight.",)
    assert reasons(late, hours_given=True, duration=3 * HOUR) == ("You are free from 10 PM to noon.",)


@pytest.mark.parametrize("asked_at", ["12:07:33", "12:07", "12:01:00.000001"])
def test_of_today_freedom_begins_on_the_grid_and_not_at_the_moment_of_asking(asked_at: str) -> None:
    now, usual = at(0, asked_at), {"hours_given": True, "time_to_answer": HOUR}
    for begins in (now, at(0, "00:00")):
        today = [Window(begins, at(1, "00:00"))]
        assert reasons(today, now=now, **usual) == ("You are free from 12:30 PM to midnight.",)
        assert reasons(today, now=now, duration=15 * MINUTE, **usual) == ("You are free from 12:15 PM to midnight.",)
    busy = [span(0, "12:00", "12:50")]
    assert reasons([Window(now, at(1, "00:00"))], busy, now=now, **usual) == (
        "You are free from 12:50 PM to midnight.",
    )


def test_nobody_is_called_free_whose_calendar_was_not_looked_at() -> None:
    evening = [span(0, "17:00", "22:00")]
    assert reasons(evening, knows_calendar=False) == ("It is within your hours, 9 AM to 9 PM.",)
    assert reasons(evening, knows_calendar=False, hours_given=True) == ("It is at an hour that you asked for.",)


def test_a_proposal_says_what_the_clocks_show_elsewhere() -> None:
    others = [LONDON, TOKYO, ZoneInfo("Europe/Lisbon"), ZoneInfo("America/Toronto"), NEW_YORK]
    assert reasons([span(0, "17:00", "19:00")], other_zones=others)[1:] == (
        "It is 10 PM in Lisbon and London.",
        "It is 7 AM on Tuesday in Tokyo.",
    )


def test_the_time_to_answer_is_said_in_hours_or_minutes() -> None:
    soon = {"now": at(0, "15:00"), "hours_given": True}
    for given_, said in ((24 * HOUR, "24 hours"), (HOUR, "1 hour"), (90 * MINUTE, "90 minutes")):
        asked = [Window(at(0, "15:00") + given_ - 30 * MINUTE, at(1, "22:00"))]
        found = proposals(asked, **soon, time_to_answer=given_, notice=10 * MINUTE, most=200)
        assert any(f"has had {said} to" in reason for proposal in found for reason in proposal.reasons), said


# Conflicts of one time


def test_a_time_conflicts_with_what_it_meets_or_comes_too_near_to() -> None:
    busy = [span(0, "20:00", "21:00"), span(0, "17:00", "18:00"), span(0, "17:30", "18:30"), span(0, "23:00", "00:00")]
    found = conflicts(at(0, "18:00"), at(0, "20:00"), busy, buffer=timedelta())
    assert [shown(window) for window in found] == ["Mon 17:00-18:30"]
    found = conflicts(at(0, "18:00"), at(0, "20:00"), busy, buffer=MINUTE)
    assert [shown(window) for window in found] == ["Mon 17:00-18:30", "Mon 20:00-21:00"]
    assert conflicts(at(0, "18:30"), at(0, "20:00"), busy, buffer=timedelta()) == ()


# The rules, anywhere, around clock changes, against a slow reading of the same words


@cache
def changes_of_clocks(name: str) -> list[datetime]:
    """The hours of two years in which a zone's clocks change."""
    zone, first = ZoneInfo(name), datetime(2026, 1, 1, tzinfo=UTC)
    hours = [first + n * HOUR for n in range(730 * 24)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


@st.composite
def asks(draw: st.DrawFn) -> dict[str, Any]:
    """Windows, busy times and a now around a change of a zone's clocks."""
    name = draw(st.sampled_from(ZONES))
    middle = draw(st.sampled_from(changes_of_clocks(name)))
    minutes = draw(st.sampled_from([1, 5, 15, 30, 60]))

    def windows(most: int, longest: int) -> list[Window]:
        begins = st.integers(-40 * 60 // minutes, 40 * 60 // minutes)
        lasts = st.integers(1, max(1, longest * 60 // minutes))
        odd = st.sampled_from([0, 0, 0, 17])
        drawn = draw(st.lists(st.tuples(begins, lasts, odd), max_size=most))
        starts = [middle + begin * minutes * MINUTE + timedelta(seconds=second) for begin, _, second in drawn]
        return [
            Window(start, start + long * minutes * MINUTE) for start, (_, long, _) in zip(starts, drawn, strict=True)
        ]

    clocks = st.sampled_from([time(0), time(1, 30), time(2, 15), time(9), time(21), time(23, 30)])
    return {
        "windows": windows(4, 40),
        "busy": windows(8, 6),
        "duration": draw(st.sampled_from([10, 20, 30, 45, 60, 90, 120, 360, 720])) * MINUTE,
        "now": middle + draw(st.integers(-60, 20)) * HOUR + timedelta(seconds=draw(st.integers(0, 59))),
        "zone": ZoneInfo(name),
        "preferences": Preferences(draw(clocks), draw(clocks), draw(st.sampled_from([0, 0, 10, 60])) * MINUTE),
        "hours_given": draw(st.booleans()),
        "other_zones": [ZoneInfo(other) for other in draw(st.lists(st.sampled_from(OTHERS), max_size=2, unique=True))],
        "time_to_answer": draw(st.sampled_from([10 * MINUTE, 48 * HOUR])),
    }


class Slowly:
    """All that can be proposed, found by trying every minute and by comparing all with all."""

    def __init__(self, ask: dict[str, Any]) -> None:
        self.ask = ask
        self.zone: ZoneInfo = ask["zone"]
        windows: list[Window] = ask["windows"]
        self.minutes: list[datetime] = []
        if windows:
            first = min(window.begins for window in windows).replace(second=0) - 50 * HOUR
            last = max(window.ends for window in windows) + 50 * HOUR
            self.minutes = [first + n * MINUTE for n in range((last - first) // MINUTE)]
        self.shows = {minute: minute.astimezone(self.zone).replace(tzinfo=None) for minute in self.minutes}
        self.spans = [windows] if ask["hours_given"] else [windows, self._hours()]

    def _hours(self) -> list[Window]:
        """From the first minute that shows the begin, or more, to the first that shows the end, or more."""
        preferences: Preferences = self.ask["preferences"]
        first_at: dict[Any, datetime] = {}
        days = sorted({shown.date() for shown in self.shows.values()})
        over = DAY if preferences.day_ends <= preferences.day_begins else timedelta()
        marks = [(day, datetime.combine(day, preferences.day_begins), 0) for day in days]
        marks += [(day, datetime.combine(day + over, preferences.day_ends), 1) for day in days]
        for day, mark, which in marks:
            first_at[day, which] = next((m for m in self.minutes if self.shows[m] >= mark), self.minutes[-1] + DAY)
        pairs = [(first_at[day, 0], first_at[day, 1]) for day in days]
        return [Window(*pair) for pair in pairs if pair[0] < pair[1]]

    def all_free(self) -> list[tuple[datetime, datetime]]:
        """In order of time."""
        duration: timedelta = self.ask["duration"]
        return [(m, m + duration) for m in self.minutes if self._begins(m, duration) and self._holds(m, m + duration)]

    def _begins(self, minute: datetime, duration: timedelta) -> bool:
        step = 15 if duration < 30 * MINUTE else 30
        opens = self._is_open(minute) and not self._is_open(minute - timedelta(microseconds=1))
        return self.shows[minute].minute % step == 0 or opens

    def _is_open(self, moment: datetime) -> bool:
        return all(any(w.begins <= moment < w.ends for w in windows) for windows in self.spans)

    def _holds(self, begins: datetime, ends: datetime) -> bool:
        if begins < self.ask["now"] + HOUR or not all(covered(begins, ends, windows) for windows in self.spans):
            return False
        buffer = self.ask["preferences"].buffer
        if any(begins < w.ends + buffer and w.begins - buffer < ends for w in self.ask["busy"]):
            return False
        return not any(self._came_before(moment) for moment in (begins, ends))

    def _came_before(self, moment: datetime) -> bool:
        shows = moment.astimezone(self.zone).replace(tzinfo=None)
        before = (moment - n * MINUTE for n in range(30, 3 * 60, 30))
        return any(earlier.astimezone(self.zone).replace(tzinfo=None) == shows for earlier in before)

    def in_order(self) -> list[tuple[datetime, datetime]]:
        """The best of those left, again and again."""
        left, taken = self.all_free(), list[tuple[datetime, datetime]]()
        asleep = {slot: self._asleep(*slot) for slot in left}
        while left:
            best_one = min(left, key=lambda slot: self._rank(slot, taken, asleep))
            left.remove(best_one)
            taken.append(best_one)
        return taken

    def _rank(self, slot: Any, taken: list[Any], asleep: dict[Any, int]) -> tuple[Any, ...]:
        begins, ends = slot
        day = begins.astimezone(self.zone).date()
        met = sum(begins < other_ends and other < ends for other, other_ends in taken)
        same_day = sum(other.astimezone(self.zone).date() == day for other, _ in taken)
        return asleep[slot], begins < self.ask["now"] + self.ask["time_to_answer"], met, same_day, begins

    def _asleep(self, begins: datetime, ends: datetime) -> int:
        moments = [begins + n * 15 * MINUTE for n in range((ends - begins) // (15 * MINUTE))] + [ends - MINUTE]
        zones: Collection[ZoneInfo] = self.ask["other_zones"]
        others = [zone for zone in zones if zone.key != self.zone.key]
        return sum(not all(8 <= m.astimezone(zone).hour < 22 for m in moments) for zone in others)


def covered(begins: datetime, ends: datetime, windows: Sequence[Window]) -> bool:
    """Whether every instant lies in some window."""
    while begins < ends:
        holding = [window.ends for window in windows if window.begins <= begins < window.ends]
        if not holding:
            return False
        begins = max(holding)
    return True


def everything(ask: dict[str, Any], **changes: Any) -> list[tuple[datetime, datetime]]:
    """All that is proposed, best first."""
    return [(p.begins, p.ends) for p in propose(**{"most": 10_000, **ask, **changes})]


@settings(max_examples=80, deadline=None)
@given(asks())
def test_what_is_proposed_is_the_best_by_the_stated_order(ask: dict[str, Any]) -> None:
    assert everything(ask) == Slowly(ask).in_order()


@settings(max_examples=150, deadline=None)
@given(asks())
def test_a_proposal_is_free_asked_for_ahead_and_as_long_as_it_should_be(ask: dict[str, Any]) -> None:
    for begins, ends in everything(ask):
        assert ends - begins == ask["duration"]
        assert begins > ask["now"]
        assert covered(begins, ends, ask["windows"])
        assert conflicts(begins, ends, ask["busy"], buffer=ask["preferences"].buffer) == ()


@settings(max_examples=80, deadline=None)
@given(asks(), st.integers(1, 5))
def test_the_pages_are_all_of_it_without_gap_or_repetition(ask: dict[str, Any], most: int) -> None:
    whole = everything(ask)
    assert len(set(whole)) == len(whole)
    paged = [slot for skip in range(0, len(whole) + most, most) for slot in everything(ask, skip=skip, most=most)]
    assert paged == whole


@settings(max_examples=80, deadline=None)
@given(asks())
def test_what_the_clocks_show_is_never_proposed_twice_nor_at_a_time_that_they_skip(ask: dict[str, Any]) -> None:
    shown_as = [tuple(m.astimezone(ask["zone"]).replace(tzinfo=None) for m in slot) for slot in everything(ask)]
    assert len(set(shown_as)) == len(shown_as)
    for (begins, ends), (first, last) in zip(everything(ask), shown_as, strict=True):
        assert first.replace(tzinfo=ask["zone"]).astimezone(UTC) == begins, "the first of two, and one that exists"
        assert first < last, "and its end is the first, too"
        assert read_option(write_option(begins, ends, ask["zone"]), ask["zone"]) == (begins, ends)


@settings(max_examples=60, deadline=None)
@given(asks())
def test_every_reason_is_a_sentence_and_one_is_always_given(ask: dict[str, Any]) -> None:
    for knows_calendar in (True, False):
        for proposal in propose(**ask, most=50, knows_calendar=knows_calendar):
            assert proposal.reasons
            for reason in proposal.reasons:
                assert reason[0].isupper()
                assert reason.endswith(".")
            free = proposal.reasons[0].startswith("You are free")
            assert free is knows_calendar


def test_clock_changes_are_tried_in_twenty_zones() -> None:
    assert len([name for name in ZONES if len(changes_of_clocks(name)) >= 4]) >= 20


# At length


def test_two_months_among_two_thousand_busy_times_are_looked_through() -> None:
    whole = [Window(MONDAY, MONDAY + 62 * DAY)]
    some = [Window(MONDAY + n * 44 * MINUTE, MONDAY + n * 44 * MINUTE + 10 * MINUTE) for n in range(2_000)]
    usual: dict[str, Any] = {"hours_given": True, "duration": 30 * MINUTE, "other_zones": [LONDON, TOKYO]}
    for busy in (some, []):
        assert len(proposals(whole, busy, **usual)) == len(proposals(whole, busy, **usual, skip=300)) == 3
        assert all(slot.ends - slot.begins == 30 * MINUTE for slot in proposals(whole, busy, **usual))
