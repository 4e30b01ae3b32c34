"""Links are short, stand for one text, cannot be made by anybody else, and never cost a third segment."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.invitee_links import Links
from autosync.model import MessageType
from autosync.segments import count
from commands import autosync

OLD, NEW = b"an old secret that is long enough for it", b"a new secret that is long enough for it"
LINKS = Links("https://sync.example.org", [NEW])


@given(st.uuids())
def test_a_token_is_read_as_the_text_that_it_was_made_for(text_id: UUID) -> None:
    token = LINKS.token(text_id)
    assert LINKS.read(token) == text_id
    assert len(token) == 39
    assert count(token).units == 39, "plain characters, each billed once"


@given(st.uuids(), st.data())
def test_a_token_with_any_other_character_opens_nothing(text_id: UUID, data: st.DataObject) -> None:
    token = LINKS.token(text_id)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda c: c != token[place]))
    # The last character of 12 bytes in base64 carries all of its bits, so no second writing of a signature is read.
    assert LINKS.read(token[:place] + other + token[place + 1 :]) is None


@given(st.text())
def test_whatever_else_is_tried_opens_nothing_and_raises_nothing(token: str) -> None:
    assert LINKS.read(token) is None


def test_a_link_that_an_older_secret_signed_is_read_until_that_is_taken_out() -> None:
    text_id = uuid4()
    old = Links(None, [OLD]).token(text_id)
    assert Links(None, [NEW, OLD]).read(old) == text_id
    assert Links(None, [NEW, OLD]).token(text_id) == Links(None, [NEW]).token(text_id), "the newest signs"
    assert Links(None, [NEW]).read(old) is None


@pytest.mark.parametrize("type_", [MessageType.INITIAL, MessageType.REMINDER, MessageType.INVITE])
def test_a_text_that_asks_or_invites_ends_with_its_own_link(type_: MessageType) -> None:
    text_id = uuid4()
    assert LINKS.end(type_)
    assert LINKS.add(type_, "Maya asks.", text_id) == f"Maya asks.\nhttps://sync.example.org/r/{LINKS.token(text_id)}"


def test_nothing_is_added_for_organizers_thanks_or_where_links_are_off() -> None:
    for to_nobody in (MessageType.STARTED, MessageType.LATE_ANSWER, MessageType.REMINDER_UPDATE):
        assert LINKS.add(to_nobody, "Thanks.", uuid4()) == "Thanks."
    for off in (Links("https://sync.example.org", [NEW], in_texts=False), Links(None, [NEW])):
        assert not off.end(MessageType.INITIAL)
        assert off.add(MessageType.INITIAL, "Maya asks.", uuid4()) == "Maya asks."


@given(st.integers(1, 400), st.sampled_from(["a", "é", "ж"]))
def test_a_link_never_makes_a_third_segment(length: int, character: str) -> None:
    asked = character * length
    linked = LINKS.add(MessageType.INITIAL, asked, uuid4())
    assert linked == asked or count(linked).segments <= 2
    if count(asked + "\n" + "x" * 66).segments <= 2:
        assert linked != asked


@pytest.mark.parametrize("secrets", ["short", f"{'x' * 40},short", "," + "x" * 40])
def test_a_secret_that_can_be_guessed_is_refused_at_start_without_being_shown(secrets: str) -> None:
    ran = autosync("settings", AUTOSYNC_LINK_SECRET=secrets)
    assert ran.code == 2
    assert "AUTOSYNC_LINK_SECRET should be at least 32 bytes long" in ran.err
    assert secrets not in ran.err
