"""`read_phrase` against phrases whose meaning was decided by hand, and rules that hold for every text."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosync.model import Unusable
from autosync.option_times import moments, read_option
from autosync.time_phrases import Asked, Exact, Unclear, read_phrase
from autosync.windows import Window
from time_cases import cases, instant, now_of, windows_of

CORPUS = cases()
NEW_YORK = ZoneInfo("America/New_York")
MONDAY_NOON = datetime(2026, 11, 30, 17, tzinfo=UTC)
DAY = timedelta(days=1)

ZONES = [
    "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/Santiago", "America/Havana",
    "America/St_Johns", "America/Asuncion", "Atlantic/Azores", "Europe/London", "Europe/Berlin", "Europe/Lisbon",
    "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Tokyo",
    "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Chatham", "Pacific/Auckland", "UTC",
]  # fmt: skip


def reading_of(case: dict) -> Asked | Exact | Unclear:
    return read_phrase(case["text"], now=now_of(case), zone=ZoneInfo(case["zone"]))


def name_of(case: dict) -> str:
    return f"{case['text']}, said {case['now']}"


def test_the_corpus_is_large_and_many_of_its_phrases_must_not_be_read() -> None:
    assert len(CORPUS) >= 150
    assert sum("unclear" in case for case in CORPUS) >= 35
    assert sum(case.get("trap", False) for case in CORPUS) >= 15
    assert len({(case["text"], case["now"], case["zone"]) for case in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("case", [case for case in CORPUS if "exact" in case], ids=name_of)
def test_a_time_is_read_as_a_person_means_it(case: dict) -> None:
    begins, *ends = (instant(shown, ZoneInfo(case["zone"])) for shown in case["exact"])
    reading = reading_of(case)
    assert isinstance(reading, Exact), reading
    assert (reading.begins, reading.ends) == (begins, ends[0] if ends else None)


@pytest.mark.parametrize("case", [case for case in CORPUS if "asked" in case], ids=name_of)
def test_windows_are_read_as_a_person_means_them(case: dict) -> None:
    reading = reading_of(case)
    assert isinstance(reading, Asked), reading
    assert reading.windows == windows_of(case), reading.heard
    assert reading.hours_given == case.get("hours_given", any(not asked.endswith(" all") for asked in case["asked"]))
    minutes = case.get("duration")
    assert reading.duration == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize("case", [case for case in CORPUS if "unclear" in case], ids=name_of)
def test_what_could_mean_two_things_or_nothing_is_asked_back(case: dict) -> None:
    reading = reading_of(case)
    assert isinstance(reading, Unclear), reading
    assert reading.question[-1] in "?." or reading.question.endswith(")")
    for said in case["unclear"]:
        assert said in reading.question or said in reading.choices, reading
    if not reading.question.startswith("How long"):
        lasting = timedelta(hours=1)
        told = read_phrase(case["text"], now=now_of(case), zone=ZoneInfo(case["zone"]), lasting=lasting)
        assert isinstance(told, Unclear), told


@pytest.mark.parametrize("case", [case for case in CORPUS if "unclear" in case], ids=name_of)
def test_every_choice_that_is_offered_brings_an_answer_or_another_question(case: dict) -> None:
    reading = reading_of(case)
    assert isinstance(reading, Unclear)
    for choice in reading.choices:
        chosen = read_phrase(choice, now=now_of(case), zone=ZoneInfo(case["zone"]), lasting=timedelta(hours=1))
        assert not isinstance(chosen, Unclear) or chosen.question != reading.question, (choice, chosen)


def answered(choice: str, case: dict, questions: int) -> bool:
    """Whether it is read, after at most so many more questions."""
    reading = read_phrase(choice, now=now_of(case), zone=ZoneInfo(case["zone"]), lasting=timedelta(hours=1))
    if not isinstance(reading, Unclear):
        return True
    return questions > 0 and any(answered(each, case, questions - 1) for each in reading.choices)


DEAD_ENDS = {
    "every other Tuesday", "Tuesday's fine", "12.19 at 6pm", "19.12 at 6pm", "2 evenings next week",
    "A Friday in March or April", "next week but mornings or evenings",
}  # fmt: skip
"""Of which a choice mends one word, and another is not understood, or contradicts it."""


@pytest.mark.parametrize("case", [case for case in CORPUS if "unclear" in case], ids=name_of)
def test_what_is_chosen_comes_to_an_answer_and_loses_no_word_that_was_not_asked_about(case: dict) -> None:
    reading = reading_of(case)
    assert isinstance(reading, Unclear)
    said = set(re.findall(r"[a-z]{2,}", case["text"].lower())) - WITHOUT_MEANING
    for choice in reading.choices:
        kept = re.findall(r"[a-z]+", f"{choice} {reading.question}".lower())
        lost = {word for word in said if not any(each.startswith(word) or word in each for each in kept)}
        assert not lost, choice
        assert case["text"] in DEAD_ENDS or answered(choice, case, 1), choice


WITHOUT_MEANING = {"the", "of", "or", "rest", "for", "every", "any", "anytime", "whenever", "am", "pm"}


@pytest.mark.parametrize("case", [case for case in CORPUS if "unclear" not in case], ids=name_of)
def test_what_was_heard_means_the_same_when_it_is_typed(case: dict) -> None:
    reading = reading_of(case)
    again = read_phrase(reading.heard, now=now_of(case), zone=ZoneInfo(case["zone"]))
    if isinstance(reading, Exact):
        clock_shown_twice = len(case["exact"][0].split("/")) > 1
        assert (isinstance(again, Exact) and (again.begins, again.ends) == (reading.begins, reading.ends)) or (
            clock_shown_twice and isinstance(again, Unclear)
        ), (reading.heard, again)
    else:
        assert isinstance(again, Asked), (reading.heard, again)
        assert (again.windows, again.hours_given, again.duration) == (
            reading.windows, reading.hours_given, reading.duration,
        ), reading.heard  # fmt: skip


def local_days(reading: Asked | Exact, zone: ZoneInfo) -> set[date]:
    if isinstance(reading, Exact):
        return {reading.begins.astimezone(zone).date()}
    edges = [(window.begins.astimezone(zone).date(), window.ends.astimezone(zone).date()) for window in reading.windows]
    return {first + n * DAY for first, last in edges for n in range((last - first).days + 1)}


@pytest.mark.parametrize("case", [case for case in CORPUS if "unclear" not in case], ids=name_of)
def test_a_word_that_is_not_known_makes_any_phrase_unclear_and_is_named(case: dict) -> None:
    words = case["text"].split()
    for at in {0, len(words) // 2, len(words)}:
        text = " ".join([*words[:at], "zorgle", *words[at:]])
        reading = read_phrase(text, now=now_of(case), zone=ZoneInfo(case["zone"]))
        assert isinstance(reading, Unclear), (text, reading)


DIRECTED = {
    "or",
    "and",
    "except",
    "but",
    "not",
    "no",
    "to",
    "before",
    "until",
    "by",
    "after",
    "from",
    "for",
    "on",
    "one",
}


@pytest.mark.parametrize("case", [case for case in CORPUS if "unclear" not in case], ids=name_of)
def test_words_in_another_order_never_name_another_day(case: dict) -> None:
    zone, words = ZoneInfo(case["zone"]), case["text"].split()
    if DIRECTED & {word.strip(",").lower() for word in words}:
        return
    meant = local_days(reading_of(case), zone)
    shuffler = random.Random(case["text"])
    for _ in range(8):
        shuffler.shuffle(words)
        reading = read_phrase(" ".join(words), now=now_of(case), zone=zone)
        assert isinstance(reading, Unclear) or local_days(reading, zone) <= meant, (words, reading)


def check(reading: Asked | Exact | Unclear, now: datetime) -> None:
    """What holds for every reading of whatever text."""
    if isinstance(reading, Unclear):
        assert reading.question
        assert len(reading.question) < 400
        return
    assert reading.heard
    if isinstance(reading, Exact):
        assert reading.begins > now
        assert reading.begins.tzinfo is UTC
        assert reading.begins - now < 368 * DAY
        assert reading.ends is None or reading.begins < reading.ends
        return
    assert reading.windows
    assert reading.windows[0].begins >= now
    assert reading.windows[-1].ends - reading.windows[0].begins <= 62 * DAY + timedelta(hours=1)
    assert reading.windows[-1].begins - now < 368 * DAY
    assert all(before.ends < after.begins for before, after in pairwise(reading.windows))


@given(st.text(max_size=200), st.sampled_from(ZONES))
def test_no_text_whatever_raises(text: str, zone: str) -> None:
    check(read_phrase(text, now=MONDAY_NOON, zone=ZoneInfo(zone)), MONDAY_NOON)


@pytest.mark.parametrize(
    "unit", ["a", "Friday ", "1", "1:", "Dec 3, ", "not ", "before ", "(", "\ufdfa", "é", "\x00", "next "]
)
def test_ten_thousand_characters_are_answered(unit: str) -> None:
    for length in (190, 10_000):
        text = (unit * length)[:length]
        check(read_phrase(text, now=MONDAY_NOON, zone=NEW_YORK), MONDAY_NOON)


VOCABULARY = """
monday tue wed thursday friday fri sat sunday mondays weekend weekends weekdays weekday week month day days weeks
this next any every the a first last early late mid end of in on at after before until by from between to and or but
not except no for within about 6 7 9 11 12 18 2 3rd 19th 6pm 9am 18:00 7:30 02:30 1:30 6-8pm 10-1 noon midnight 12am
evening evenings morning mornings afternoon night lunch tonight today tomorrow dec december january march nov 2026
2027 12/19 12/11 2026-12-19 19.12. hours 2h minutes half past an , - + later asap anytime any ish o'clock work
coming other than one
"""
WORDS = VOCABULARY.split()

AROUND = [
    datetime.fromisoformat(f"{shown}+00:00")
    for shown in (
        "2026-03-06T13:00", "2026-03-28T09:30", "2026-04-03T23:59", "2026-09-05T04:00", "2026-10-03T18:00",
        "2026-10-31T12:00", "2026-11-01T05:31", "2026-12-31T22:00", "2028-02-29T08:00",
    )
]  # fmt: skip


@settings(max_examples=700)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9), st.sampled_from(ZONES), st.sampled_from(AROUND))
def test_whatever_known_words_are_put_together_the_windows_are_disjoint_ordered_ahead_and_near(
    words: list[str], zone: str, now: datetime
) -> None:
    check(read_phrase(" ".join(words), now=now, zone=ZoneInfo(zone)), now)


DAYS = [
    "tomorrow", "Friday", "this weekend", "next week", "Tue or Wed next week", "weekends", "within the next 20 days",
    "any day", "in two weeks", "Mon-Wed next week", "Fridays", "the 19th", "weekdays except Tuesday",
]  # fmt: skip
HOURS = ["", "evenings", "in the morning", "after 6", "between 2 and 5pm", "from 10pm to 2am", "before 10am", "6-8pm",
         "at 7pm", "between 1am and 3am", "mornings or evenings"]  # fmt: skip


@settings(max_examples=250)
@given(st.sampled_from(DAYS), st.sampled_from(HOURS), st.sampled_from(ZONES), st.sampled_from(AROUND))
def test_phrases_as_people_put_them_are_heard_as_they_are_meant_in_every_zone(
    days: str, hours: str, zone: str, now: datetime
) -> None:
    place = ZoneInfo(zone)
    text = f"{hours} {days}" if "except" in days else f"{days} {hours}"
    reading = read_phrase(text, now=now, zone=place, lasting=timedelta(hours=1))
    check(reading, now)
    if isinstance(reading, Asked):
        again = read_phrase(reading.heard, now=now, zone=place)
        assert isinstance(again, Asked), (reading.heard, again)
        assert again.windows == reading.windows, reading.heard


@given(st.sampled_from(ZONES), st.integers(0, 364))
def test_an_evening_is_from_five_to_ten_on_the_clocks_of_its_day_in_every_zone(zone: str, days: int) -> None:
    place = ZoneInfo(zone)
    now = datetime(2026, 1, 1, 3, tzinfo=UTC) + days * DAY
    reading = read_phrase("evenings in the next 8 days", now=now, zone=place)
    assert isinstance(reading, Asked)
    assert len(reading.windows) in (8, 9)
    for window in reading.windows:
        begins, ends = window.begins.astimezone(place), window.ends.astimezone(place)
        assert begins.time() == time(17) or window.begins == now
        assert ends.time() == time(22)
        assert begins.date() == ends.date()


@given(st.sampled_from(ZONES), st.sampled_from(AROUND), st.integers(1, 360), st.times(), st.times())
def test_what_options_are_typed_as_gives_the_same_time(
    zone: str, now: datetime, days: int, begin: time, end: time
) -> None:
    place = ZoneInfo(zone)
    day = (now.astimezone(place) + days * DAY).date()
    text = f"{day} {begin:%H:%M} to {end:%H:%M}"
    reading = read_phrase(text, now=now, zone=place)
    try:
        begins, ends = read_option(text, place)
    except Unusable:
        assert isinstance(reading, Unclear)
        return
    twice = any(len(moments(on, clock.replace(second=0, microsecond=0), place)) > 1
                for on in (day, day + DAY) for clock in (begin, end))  # fmt: skip
    if ends is not None and ends > begins and not twice:
        assert isinstance(reading, Exact)
        assert (reading.begins, reading.ends) == (begins, ends)
    else:
        assert isinstance(reading, Unclear) or reading.begins == begins or twice


def test_several_beginnings_are_windows_just_as_long_as_the_meeting_takes() -> None:
    phrase = "Tue or Wed at 7pm"
    reading = read_phrase(phrase, now=MONDAY_NOON, zone=NEW_YORK, lasting=timedelta(minutes=45))
    assert isinstance(reading, Asked)
    assert [(window.begins.hour, window.lasts) for window in reading.windows] == [(0, timedelta(minutes=45))] * 2
    assert reading.duration is None
    assert read_phrase(f"{phrase} for 45 minutes", now=MONDAY_NOON, zone=NEW_YORK).windows == reading.windows


def test_a_window_that_has_begun_begins_now() -> None:
    now = datetime(2026, 11, 30, 23, 17, 12, 5, tzinfo=UTC)  # 18:17 in New York
    reading = read_phrase("this evening", now=now, zone=NEW_YORK)
    assert isinstance(reading, Asked)
    assert reading.windows == (Window(now, datetime(2026, 12, 1, 3, tzinfo=UTC)),)


def test_hours_that_the_clocks_skip_are_left_out_and_those_that_come_twice_are_in_twice() -> None:
    spring = read_phrase("tomorrow between 1am and 4am", now=datetime(2026, 3, 7, 17, tzinfo=UTC), zone=NEW_YORK)
    autumn = read_phrase("tomorrow between 1am and 4am", now=datetime(2026, 10, 31, 17, tzinfo=UTC), zone=NEW_YORK)
    assert [window.lasts for window in spring.windows] == [timedelta(hours=2)]
    assert [window.lasts for window in autumn.windows] == [timedelta(hours=4)]
