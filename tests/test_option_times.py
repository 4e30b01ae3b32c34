"""How an option is typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.model import Unusable
from autosync.option_times import moments, read_option, write_option

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-19 18:00 to 20:00",
        "2026-12-19 18:00-20:00",
        "2026-12-19T18:00/20:00",
        "2026-12-19T18:00/2026-12-19T20:00",
        " 2026-12-19 18:00 until 20:00 ",
    ],
)
def test_begin_and_end_are_read_in_the_syncs_zone(text: str) -> None:
    assert read_option(text, NEW_YORK) == (
        datetime(2026, 12, 19, 23, 0, tzinfo=UTC),
        datetime(2026, 12, 20, 1, 0, tzinfo=UTC),
    )


def test_an_end_may_be_left_out() -> None:
    assert read_option("2026-07-01 9:30", NEW_YORK) == (datetime(2026, 7, 1, 13, 30, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tomorrow at six", "cannot be read: write it as"),
        ("2026-13-01 10:00", "names a day or time that does not exist"),
        ("2026-02-30 10:00", "names a day or time that does not exist"),
        ("2026-02-03 25:00", "names a day or time that does not exist"),
        ("2026-03-08 02:30", "its clocks skip 02:30 that day"),
        ("", "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Unusable, match=sentence):
        read_option(text, NEW_YORK)


@pytest.mark.parametrize(
    ("day", "clock", "in_utc"),
    [
        (date(2026, 3, 7), time(2, 30), ["07:30"]),
        (date(2026, 3, 8), time(2, 30), []),
        (date(2026, 11, 1), time(1, 30), ["05:30", "06:30"]),
    ],
    ids=["as always", "the clocks go ahead", "the clocks go back"],
)
def test_clocks_show_a_time_once_never_or_twice_a_day(day: date, clock: time, in_utc: list[str]) -> None:
    assert [f"{moment:%H:%M}" for moment in moments(day, clock, NEW_YORK)] == in_utc


def test_an_option_that_comes_twice_is_the_first_one() -> None:
    assert read_option("2026-11-01 01:30", NEW_YORK)[0] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "written"),
    [
        ("2026-12-19T23:00+00:00", "2026-12-20T01:00+00:00", "2026-12-19 18:00 to 20:00"),
        ("2026-12-20T03:30+00:00", "2026-12-20T06:00+00:00", "2026-12-19 22:30 to 2026-12-20 01:00"),
        ("2026-12-20T03:00+00:00", "2026-12-20T05:00+00:00", "2026-12-19 22:00 to 2026-12-20 00:00"),
        ("2026-03-08T06:30+00:00", "2026-03-08T07:30+00:00", "2026-03-08 01:30 to 03:30"),
        ("2026-11-01T04:30+00:00", "2026-11-01T05:30+00:00", "2026-11-01 00:30 to 01:30"),
    ],
)
def test_an_option_is_written_as_it_is_read(begins: str, ends: str, written: str) -> None:
    times = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    assert write_option(*times, NEW_YORK) == written
    assert read_option(written, NEW_YORK) == times


@given(st.text(max_size=60))
def test_arbitrary_text_is_read_or_refused(text: str) -> None:
    try:
        begins, _ = read_option(text, NEW_YORK)
    except Unusable:
        return
    assert begins.tzinfo is UTC
