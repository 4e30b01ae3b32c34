from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import pairwise, product
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType
from phonenumbers.tzdata import TIMEZONE_DATA

from autosync.quiet_hours import awake, awake_until, held_reason, morning_slot, next_awake, zones_of

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
FROM, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=26)

NEW_YORK, RUSSIAN_MOBILE, AUSTRALIAN_MOBILE, TOLL_FREE = "+12125551234", "+79161234567", "+61412345678", "+18005551234"
NO_PLACE = "+80012345678"

instants = st.datetimes(FROM.replace(tzinfo=None), UNTIL.replace(tzinfo=None), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_day_in(zone: str, instant: datetime) -> bool:
    return 9 <= instant.astimezone(ZoneInfo(zone)).hour < 20


def is_day_in_all(zones: tuple[str, ...], instant: datetime) -> bool:
    return all(is_day_in(zone, instant) for zone in zones)


def quarters_between(start: datetime, end: datetime) -> list[datetime]:
    return [start + n * QUARTER for n in range(-((start - end) // QUARTER))]


def first_difference(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        same = middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
        before, after = (middle, after) if same else (before, middle)
    return after


@cache
def transitions_of(name: str) -> list[datetime]:
    zone = ZoneInfo(name)
    weeks = [FROM + n * timedelta(weeks=1) for n in range((UNTIL - FROM).days // 7)]
    return [
        first_difference(zone, before, after)
        for before, after in pairwise(weeks)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    ]


def example_numbers() -> list[str]:
    types = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE, PhoneNumberType.VOIP)
    examples = [
        phonenumbers.example_number_for_type(region, kind)
        for region, kind in product(sorted(phonenumbers.SUPPORTED_REGIONS), types)
    ]
    return [phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164) for n in examples if n]


def north_american_numbers() -> list[str]:
    numbers = [f"+1{area}2345678" for area in range(200, 1000)]
    return [number for number in numbers if phonenumbers.is_valid_number(phonenumbers.parse(number))]


EXAMPLES = example_numbers()


@pytest.mark.parametrize(
    "clock, allowed",
    [("08:59:59.999999", False), ("09:00", True), ("12:00", True), ("19:59:59.999999", True), ("20:00", False)],
)
def test_a_text_leaves_from_nine_until_just_before_eight_in_the_evening(clock: str, allowed: bool) -> None:
    now = datetime.fromisoformat(f"2026-01-06T{clock}").replace(tzinfo=ZoneInfo("America/New_York"))
    assert awake(NEW_YORK, fallback="Asia/Tokyo", now=now) is allowed


def test_the_number_decides_and_not_the_zone_of_the_sync() -> None:
    tokyo_noon_is_night_in_new_york = utc("2026-01-06T03:00")
    assert not awake(NEW_YORK, fallback="Asia/Tokyo", now=tokyo_noon_is_night_in_new_york)
    assert next_awake(NEW_YORK, fallback="Asia/Tokyo", now=tokyo_noon_is_night_in_new_york) == utc("2026-01-06T14:00")


def test_all_zones_of_a_number_must_be_awake() -> None:
    zones = zones_of(RUSSIAN_MOBILE, fallback="UTC")
    assert {"Europe/Moscow", "Asia/Kamchatka"} <= set(zones)
    moscow_noon = utc("2026-01-06T09:00")
    assert is_day_in("Europe/Moscow", moscow_noon)
    assert not awake(RUSSIAN_MOBILE, fallback="UTC", now=moscow_noon)
    opening = next_awake(RUSSIAN_MOBILE, fallback="UTC", now=moscow_noon)
    assert opening == utc("2026-01-07T07:00")
    assert is_day_in_all(zones, opening)


@pytest.mark.parametrize("number", [NO_PLACE, "+15550100001", "+883510000000094", "2125551234", "no number", "", "+1"])
def test_a_number_that_tells_no_zone_counts_as_the_zone_of_the_sync(number: str) -> None:
    assert zones_of(number, fallback="Europe/Paris") == ("Europe/Paris",)


@pytest.mark.parametrize("unknown", ["Mars/Olympus", "", "Etc/Unknown", "America", "../etc/passwd", "\0", "x" * 5000])
def test_a_zone_that_this_machine_does_not_know_counts_as_utc(unknown: str) -> None:
    assert zones_of(NO_PLACE, fallback=unknown) == ("UTC",)
    assert zones_of(NEW_YORK, fallback=unknown) == ("America/New_York",)


def test_a_candidate_that_this_machine_does_not_know_counts_as_the_zone_of_the_sync(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used_only_here = "+12065550147"
    monkeypatch.setitem(TIMEZONE_DATA, "1206", ("America/Atlantis", "America/Los_Angeles"))
    assert zones_of(used_only_here, fallback="Europe/Paris") == ("America/Los_Angeles", "Europe/Paris")


@pytest.mark.parametrize(
    "mobile, zone",
    [("+18762101234", "America/Jamaica"), ("+14413701234", "Atlantic/Bermuda"), (NEW_YORK, "America/New_York")],
)
def test_in_north_america_the_area_code_of_a_mobile_is_its_place(mobile: str, zone: str) -> None:
    assert zones_of(mobile, fallback="UTC") == (zone,)


def test_elsewhere_the_prefix_of_a_mobile_is_not_taken_for_its_place() -> None:
    assert {"Australia/Perth", "Australia/Sydney"} <= set(zones_of(AUSTRALIAN_MOBILE, fallback="UTC"))


def test_the_zones_are_sorted_and_distinct() -> None:
    for number in EXAMPLES:
        zones = zones_of(number, fallback="UTC")
        assert zones
        assert list(zones) == sorted(set(zones))


def test_a_toll_free_number_waits_in_winter_for_the_half_hour_that_all_its_zones_share() -> None:
    zones = zones_of(TOLL_FREE, fallback="America/Chicago")
    opening = next_awake(TOLL_FREE, fallback="America/Chicago", now=utc("2026-01-06T15:00"))
    assert len(zones) > 40
    assert opening == utc("2026-01-06T23:00")
    assert is_day_in_all(zones, opening)
    assert not awake(TOLL_FREE, fallback="America/Chicago", now=opening + timedelta(minutes=30))


def test_a_toll_free_number_follows_the_sync_in_summer_when_its_zones_share_nothing() -> None:
    zones = zones_of(TOLL_FREE, fallback="America/Chicago")
    now = utc("2026-07-06T03:00")
    assert not any(is_day_in_all(zones, instant) for instant in quarters_between(now, now + timedelta(days=2)))
    opening = next_awake(TOLL_FREE, fallback="America/Chicago", now=now)
    assert opening == utc("2026-07-06T14:00")
    assert awake(TOLL_FREE, fallback="America/Chicago", now=opening)
    assert not awake(TOLL_FREE, fallback="America/Chicago", now=utc("2026-07-06T13:59"))


@pytest.mark.parametrize("turn", ["2026-03-06T00:07", "2026-10-30T00:07"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Chicago", "Europe/Paris"])
def test_what_was_promised_holds_where_the_summer_of_a_toll_free_number_begins_and_ends(turn: str, zone: str) -> None:
    for now in quarters_between(utc(turn), utc(turn) + timedelta(days=5)):
        opening = next_awake(TOLL_FREE, fallback=zone, now=now)
        assert awake(TOLL_FREE, fallback=zone, now=opening), now
        assert not any(awake(TOLL_FREE, fallback=zone, now=instant) for instant in quarters_between(now, opening)), now


def test_a_long_spread_is_cut_so_that_no_slot_misses_a_half_hour_window() -> None:
    opening = next_awake(TOLL_FREE, fallback="UTC", now=utc("2026-01-06T15:00"))
    slots = [morning_slot(opening, key=UUID(int=n), spread=timedelta(hours=10)) for n in range(300)]
    assert all(awake(TOLL_FREE, fallback="UTC", now=slot) for slot in slots)
    assert max(slots) - min(slots) > timedelta(minutes=25)


def test_every_north_american_number_is_awake_everywhere_at_its_next_awake() -> None:
    numbers = north_american_numbers()
    assert len(numbers) > 400
    for number, now in product(numbers, (utc("2026-01-06T08:07"), utc("2026-07-06T02:33"), utc("2026-11-01T05:30"))):
        zones = zones_of(number, fallback="America/Chicago")
        opening = next_awake(number, fallback="America/Chicago", now=now)
        assert now <= opening <= now + LONGEST_WAIT
        if len(zones) > 40 and not is_day_in_all(zones, opening):  # in summer: see the test above
            assert now.month in (7, 11)
            zones = ("America/Chicago",)
        assert is_day_in_all(zones, opening)


def test_around_every_clock_change_the_next_awake_is_the_first_waking_instant() -> None:
    hours = (-20, -9, -1, 3)
    for zone in ZONES:
        for transition, hour in product(transitions_of(zone), hours):
            now = transition + timedelta(hours=hour)
            opening = next_awake(NO_PLACE, fallback=zone, now=now)
            assert is_day_in(zone, opening), (zone, now)
            assert opening == now or not is_day_in(zone, opening - timedelta(microseconds=1)), (zone, now)
            assert not any(is_day_in(zone, instant) for instant in quarters_between(now, opening)), (zone, now)


@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), now=instants)
def test_in_any_zone_at_any_time_the_next_awake_is_the_first_waking_instant(zone: str, now: datetime) -> None:
    opening = next_awake(NO_PLACE, fallback=zone, now=now)
    assert awake(NO_PLACE, fallback=zone, now=now) is is_day_in(zone, now)
    assert opening >= now
    assert is_day_in(zone, opening)
    assert not any(is_day_in(zone, instant) for instant in quarters_between(now, opening))


@settings(max_examples=200, deadline=None)
@given(number=st.sampled_from(EXAMPLES), zone=st.sampled_from(ZONES), now=instants)
def test_any_number_waits_for_its_first_waking_instant_and_never_for_long(
    number: str, zone: str, now: datetime
) -> None:
    opening = next_awake(number, fallback=zone, now=now)
    assert now <= opening <= now + LONGEST_WAIT
    assert awake(number, fallback=zone, now=opening)
    assert not any(awake(number, fallback=zone, now=instant) for instant in quarters_between(now, opening))
    if opening > now:
        assert not awake(number, fallback=zone, now=opening - timedelta(microseconds=1))
    zones = zones_of(number, fallback=zone)
    assert is_day_in_all(zones, opening) or (len(zones) > 40 and is_day_in(zone, opening))


@settings(max_examples=150, deadline=None)
@given(zone=st.sampled_from(ZONES), now=instants, key=st.uuids())
def test_whatever_zone_decides_a_toll_free_number_is_never_held_for_long(zone: str, now: datetime, key: UUID) -> None:
    opening = next_awake(TOLL_FREE, fallback=zone, now=now)
    assert opening - now <= LONGEST_WAIT
    assert is_day_in_all(zones_of(TOLL_FREE, fallback=zone), opening) or is_day_in(zone, opening)
    if opening > now:
        assert awake(TOLL_FREE, fallback=zone, now=morning_slot(opening, key=key))


@pytest.mark.parametrize(
    "zone, now, opening",
    [
        ("Europe/Athens", "1979-04-01T06:59", "1979-04-01T07:00"),  # 09:00 was skipped: 10:00 came instead
        ("Pacific/Easter", "1972-03-12T02:00", "1972-03-12T16:00"),  # 20:00 came twice, an hour apart
        ("Pacific/Apia", "2011-12-30T09:30", "2011-12-30T19:00"),  # the whole 30 December was skipped
        ("Pacific/Kwajalein", "1969-09-30T12:30", "1969-09-30T21:00"),  # most of 30 September came twice
        ("Antarctica/Davis", "1964-10-31T14:00", "1964-10-31T17:00"),  # midnight became 17:00 of the day before
    ],
)
def test_a_skipped_or_repeated_hour_is_told_by_the_clock_on_the_wall(zone: str, now: str, opening: str) -> None:
    assert next_awake(NO_PLACE, fallback=zone, now=utc(now)) == utc(opening)
    for instant in quarters_between(utc(now) - timedelta(days=1), utc(now) + timedelta(days=2)):
        assert awake(NO_PLACE, fallback=zone, now=instant) is is_day_in(zone, instant), instant


def test_whoever_is_awake_is_not_held() -> None:
    now = datetime(2026, 1, 6, 12, tzinfo=ZoneInfo("America/New_York"))
    assert next_awake(NEW_YORK, fallback="UTC", now=now) is now
    assert held_reason(NEW_YORK, fallback="UTC", now=now) is None


def test_the_reason_says_why_and_until_when_without_the_number() -> None:
    reason = held_reason(NEW_YORK, fallback="UTC", now=utc("2026-01-06T08:12"))
    assert reason == (
        "Held until 2026-01-06 09:00 in America/New_York (2026-01-06 14:00 UTC), because texts leave between 09:00 and "
        "20:00 where the recipient is, and it is 03:12 in America/New_York."
    )


@pytest.mark.parametrize(
    "number, fallback, why",
    [
        (NO_PLACE, "America/Chicago", r"Chicago \(the number tells no time zone, so the sync's counts\)\."),
        (NO_PLACE, "Mars", r"UTC \(the number tells no time zone, and the sync's is unknown, so UTC counts\)\."),
        (TOLL_FREE, "America/Chicago", r"Chicago \(the number's \d\d possible .* this day, so the sync's counts\)\."),
        (RUSSIAN_MOBILE, "UTC", r"quiet hours in \d more \(the number may be in any of \d\d .* all must be awake\)\."),
    ],
)
def test_the_reason_says_whose_clocks_count(number: str, fallback: str, why: str) -> None:
    reason = held_reason(number, fallback=fallback, now=utc("2026-07-06T02:30"))
    assert reason is not None
    assert re.search(why + "$", reason)


@settings(max_examples=100, deadline=None)
@given(number=st.sampled_from([*EXAMPLES, TOLL_FREE]), zone=st.sampled_from(ZONES), now=instants)
def test_there_is_a_reason_exactly_when_a_text_is_held(number: str, zone: str, now: datetime) -> None:
    reason = held_reason(number, fallback=zone, now=now)
    assert (reason is None) is awake(number, fallback=zone, now=now)
    if reason is not None:
        opening = next_awake(number, fallback=zone, now=now)
        assert f"{opening:%Y-%m-%d %H:%M} UTC" in reason
        assert number.removeprefix("+") not in reason
        assert reason.count(". ") == 0
        assert reason.endswith(".")


@given(number=st.sampled_from(EXAMPLES), zone=st.sampled_from(ZONES), now=instants, share=st.floats(0, 1))
@settings(max_examples=300, deadline=None)
def test_whoever_is_awake_is_so_until_just_then(number: str, zone: str, now: datetime, share: float) -> None:
    end = awake_until(number, fallback=zone, now=now)
    assert (end > now) is awake(number, fallback=zone, now=now)
    assert not awake(number, fallback=zone, now=end)
    between = now + (end - now) * share
    assert awake(number, fallback=zone, now=between) is (between < end)


@given(key=st.uuids(), minutes=st.integers(0, 600), zone=st.sampled_from(ZONES), now=instants)
@settings(max_examples=150, deadline=None)
def test_a_slot_is_the_same_each_time_and_within_spread_and_window(
    key: UUID, minutes: int, zone: str, now: datetime
) -> None:
    opening, spread = next_awake(NO_PLACE, fallback=zone, now=now), timedelta(minutes=minutes)
    slot = morning_slot(opening, key=key, spread=spread)
    assert slot == morning_slot(opening, key=UUID(str(key)), spread=spread)
    assert opening <= slot <= opening + spread
    if opening > now:
        assert awake(NO_PLACE, fallback=zone, now=slot)


def test_slots_are_spread_evenly_even_for_ids_made_in_a_row() -> None:
    opening = utc("2026-01-06T14:00")
    slots = [morning_slot(opening, key=UUID(int=(0x0190 << 112) + n)) for n in range(2000)]
    minutes = [int((slot - opening) / timedelta(minutes=1)) for slot in slots]
    assert set(minutes) == set(range(20))
    assert max(minutes.count(minute) for minute in range(20)) < 150


def test_a_negative_spread_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot be negative.*give zero or more"):
        morning_slot(utc("2026-01-06T14:00"), key=UUID(int=1), spread=timedelta(minutes=-1))


def test_a_naive_time_is_refused_in_a_sentence() -> None:
    naive = datetime(2026, 1, 6, 12)  # noqa: DTZ001
    for ask in (awake, awake_until, next_awake, held_reason):
        with pytest.raises(ValueError, match="has no time zone, so quiet hours cannot be told"):
            ask(NEW_YORK, fallback="UTC", now=naive)
    with pytest.raises(ValueError, match="has no time zone"):
        morning_slot(naive, key=UUID(int=1))


def test_the_same_instant_written_in_any_offset_gets_the_same_answer() -> None:
    now = utc("2026-01-06T03:00")
    elsewhere = now.astimezone(timezone(timedelta(hours=-11)))
    assert next_awake(NEW_YORK, fallback="UTC", now=elsewhere) == next_awake(NEW_YORK, fallback="UTC", now=now)
