"""How an organizer's words are read, and that nothing is read into them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.organizer_words import Choice, asks_for_status, choice, option_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, Choice.REMIND) for text in ("1", " 1. ", "One", "1️⃣", "１", "1 please!", "remind", "Remind everyone.")),
        *((text, Choice.INVITE) for text in ("2", "two", "#2", "2)", "invite", "Send invites")),
        *((text, Choice.STOP) for text in ("3", "three", "3 again", "OK 3")),
        *((text, None) for text in ("", "0", "4", "12", "1 2", "1,2", "1.5", "1/2", "-1", "1-2", "2+1", "1?")),
        *((text, None) for text in ("not 1", "option 1", "invite 2", "1 reminder", "don't remind", "remind?", "yes")),
    ],
)
def test_a_choice_is_its_number_or_its_word_alone(text: str, expected: Choice | None) -> None:
    assert choice(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, 2) for text in ("2", "two please", "option 2", "Option two!", "invite 2", "invite option 2", "for 2")),
        *((text, int(text)) for text in ("0", "1", "3", "9")),
        *((text, None) for text in ("", "10", "1 and 2", "1 2", "not 2", "option", "2?", "all", "invite", "2 or 3")),
    ],
)
def test_an_option_is_named_by_one_number(text: str, expected: int | None) -> None:
    assert option_number(text) == expected


def test_status_is_asked_for_by_the_word_alone() -> None:
    assert all(map(asks_for_status, ("status", "Status?", " STATUS please ")))
    assert not any(map(asks_for_status, ("", "what's the status of this", "status 1", "statuses")))


@given(text=st.text())
def test_any_text_is_read_without_harm_and_a_choice_is_never_read_from_two_numbers(text: str) -> None:
    asks_for_status(text)
    assert option_number(text) in {None, *range(10)}
    assert choice(f"1 {text} 2") is None or not text.strip()
