"""How an option is typed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.model import Unusable
from autosync.option_times import read_option

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


@given(st.text(max_size=60))
def test_arbitrary_text_is_read_or_refused(text: str) -> None:
    try:
        begins, _ = read_option(text, NEW_YORK)
    except Unusable:
        return
    assert begins.tzinfo is UTC
