"""Sealed secrets: what opens them and what does not."""

from __future__ import annotations

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.calendars.seal import KEY_LENGTH, Seal, Unsealable, is_sealed, new_key

OLD, NEW = os.urandom(KEY_LENGTH), os.urandom(KEY_LENGTH)


@given(secret=st.text(), place=st.text())
def test_what_was_sealed_opens_for_the_same_place(secret: str, place: str) -> None:
    seal = Seal([NEW])
    assert seal.open(seal.seal(secret, belongs_to=place), belongs_to=place) == secret


@given(secret=st.text(min_size=8))
def test_a_sealed_secret_shows_nothing_of_it_and_never_looks_the_same_twice(secret: str) -> None:
    seal = Seal([NEW])
    first, second = (seal.seal(secret, belongs_to="row") for _ in range(2))
    assert first != second
    assert secret not in first.removeprefix(seal.prefix)
    assert is_sealed(first)


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    sealed = Seal([OLD]).seal("secret", belongs_to="row")
    both = Seal([NEW, OLD])
    assert both.open(sealed, belongs_to="row") == "secret"
    assert both.seal("secret", belongs_to="row").startswith(Seal([NEW]).prefix)


def test_without_its_key_it_stays_shut_and_names_the_missing_one() -> None:
    sealed = Seal([OLD]).seal("secret", belongs_to="row")
    with pytest.raises(Unsealable, match="AUTOSYNC_TOKEN_KEYS"):
        Seal([NEW]).open(sealed, belongs_to="row")


def test_it_cannot_be_moved_to_another_place() -> None:
    seal = Seal([NEW])
    with pytest.raises(Unsealable, match="another row"):
        seal.open(seal.seal("secret", belongs_to="Ann's row"), belongs_to="Ben's row")


@given(place=st.integers(0, 30), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, flip: int) -> None:
    seal = Seal([NEW])
    content = bytearray(base64.urlsafe_b64decode(seal.seal("secret", belongs_to="row").removeprefix(seal.prefix)))
    content[place % len(content)] ^= flip
    with pytest.raises(Unsealable):
        seal.open(seal.prefix + base64.urlsafe_b64encode(content).decode(), belongs_to="row")


@given(st.text())
def test_nonsense_is_refused_with_a_sentence(nonsense: str) -> None:
    with pytest.raises(Unsealable):
        Seal([NEW]).open(f"{Seal([NEW]).prefix}{nonsense}", belongs_to="row")


def test_a_new_key_is_one_that_the_settings_take() -> None:
    assert len(base64.urlsafe_b64decode(new_key())) == KEY_LENGTH
