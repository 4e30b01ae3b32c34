"""In which other zones people are, by their numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.elsewhere import MOST_ZONES, differs, zones_elsewhere

NOW = datetime(2026, 12, 1, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
LONDON, MANHATTAN, TORONTO, TOKYO = "+447911123456", "+12125550110", "+14165550110", "+81312345678"


def names(*numbers: str, here: ZoneInfo = NEW_YORK) -> list[str]:
    return [zone.key for zone in zones_elsewhere(numbers, here=here, at=NOW)]


def test_the_zones_of_most_people_come_first() -> None:
    assert names(TOKYO, LONDON, LONDON) == ["Europe/London", "Asia/Tokyo"]


@pytest.mark.parametrize("number", [MANHATTAN, TORONTO], ids=["here", "a zone with the same clocks"])
def test_who_sees_the_same_clocks_is_not_elsewhere(number: str) -> None:
    assert names(number) == []


@pytest.mark.parametrize("number", ["+79161234567", "+18005550100", "+34612345678", "+49", "", "Ann"])
def test_a_number_that_may_be_in_many_zones_or_in_none_tells_nothing(number: str) -> None:
    assert names(number) == []


def test_of_places_that_share_their_clocks_the_known_one_is_named() -> None:
    assert names(LONDON) == ["Europe/London"], "not Guernsey, where British mobiles may be, too"


def test_clocks_that_differ_for_a_part_of_the_year_differ() -> None:
    phoenix, denver = ZoneInfo("America/Phoenix"), ZoneInfo("America/Denver")
    assert NOW.astimezone(phoenix).utcoffset() == NOW.astimezone(denver).utcoffset()
    assert differs(phoenix, here=denver, at=NOW)
    assert names("+16025550100", here=denver) == ["America/Phoenix"]


def test_only_a_few_are_named() -> None:
    everywhere = [LONDON, TOKYO, "+13035550110", "+13125550110", "+912225550110", "+4915112345678", "+12065550110"]
    assert len(names(*everywhere)) == MOST_ZONES


@given(st.lists(st.text(max_size=15), max_size=5))
def test_whatever_is_written_there_is_no_error(numbers: list[str]) -> None:
    assert len(zones_elsewhere(numbers, here=NEW_YORK, at=NOW)) <= MOST_ZONES
