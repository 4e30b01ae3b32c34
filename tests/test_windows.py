"""Stretches of time, against sets of the minutes that they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.windows import Window, common, merged, without

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def minutes(begins: int, ends: int) -> Window:
    return Window(NOON + begins * MINUTE, NOON + ends * MINUTE)


def held_by(windows: Iterable[Window]) -> set[int]:
    edges = [((window.begins - NOON) // MINUTE, (window.ends - NOON) // MINUTE) for window in windows]
    return {minute for begins, ends in edges for minute in range(begins, ends)}


WINDOWS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: minutes(pair[0], sum(pair))))


@given(WINDOWS, WINDOWS)
def test_merged_common_and_without_hold_the_minutes_that_their_names_say(these, those) -> None:
    assert held_by(merged(these)) == held_by(these)
    assert held_by(common(these, those)) == held_by(these) & held_by(those)
    assert held_by(without(these, those)) == held_by(these) - held_by(those)
    for result in (merged(these), common(these, those), without(these, those)):
        assert all(a.ends <= b.begins for a, b in pairwise(result))


def test_windows_meet_when_they_hold_an_instant_together_and_not_when_they_only_touch() -> None:
    assert minutes(0, 2).meets(minutes(1, 3))
    assert minutes(1, 3).meets(minutes(0, 2))
    assert not minutes(0, 2).meets(minutes(2, 3))
    assert merged([minutes(2, 3), minutes(0, 2)]) == (minutes(0, 3),)
    assert minutes(0, 90).lasts == timedelta(minutes=90)


def test_a_window_in_a_zone_is_kept_in_utc_where_its_hours_are_counted_right() -> None:
    new_york = ZoneInfo("America/New_York")
    night = Window(datetime(2026, 10, 31, 22, tzinfo=new_york), datetime(2026, 11, 1, 4, tzinfo=new_york))
    assert night.begins.tzinfo is UTC
    assert night.lasts == timedelta(hours=7)


def test_a_window_that_holds_nothing_or_knows_no_zone_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        minutes(1, 1)
    with pytest.raises(ValueError, match="make them aware"):
        Window(NOON, (NOON + MINUTE).replace(tzinfo=None))
