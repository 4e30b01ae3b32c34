"""How carriers count texts, held against another's codec, cut as bytes the way a carrier cuts them."""

from __future__ import annotations

import codecs

import gsm0338
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.segments import Counted, Encoding, count, unsupported

ESCAPE = 0x1B
CODEC = gsm0338.Codec()

GSM_7 = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./059:;<=>?¡AMZÄÖÑÜ§¿amzäöñüà"
ESCAPED = "\f^{}\\[~]|€"
FOREIGN = "`áíóúçÁ’–…\tδйשあ桌🎲👍🏽\u200d\u0301\uffff\U00010000\U0010ffff"

bodies = st.one_of(
    st.text(GSM_7 + ESCAPED, max_size=500),
    st.text(ESCAPED + "a", max_size=500),
    st.text(GSM_7 + ESCAPED + FOREIGN, max_size=300),
    st.text("a🎲", max_size=300),
    st.text(max_size=300),
)
"""Plain texts, texts full of pairs that may fall on a cut, and anything at all."""


def pieces(units: list[int], *, alone: int, joined: int, opens_a_pair: range) -> list[list[int]]:
    """Cuts what a codec made of a text: as much as there is room for, less a unit that belongs to the next one."""
    if len(units) <= alone:
        return [units]
    cut = []
    while units:
        room = joined - (len(units) > joined and units[joined - 1] in opens_a_pair)
        cut.append(units[:room])
        units = units[room:]
    return cut


def as_a_carrier(body: str) -> Counted:
    """The same by way of bytes: the codec's tables are its own, made from the character names of 3GPP TS 23.038."""
    try:
        septets = list(CODEC.encode(body.replace("\x1b", "\ufffd"))[0])
    except UnicodeEncodeError:
        wide = body.encode("utf-16-be", "surrogatepass")
        units = [int.from_bytes(wide[place : place + 2]) for place in range(0, len(wide), 2)]
        cut = pieces(units, alone=70, joined=67, opens_a_pair=range(0xD800, 0xDC00))
        return Counted(Encoding.UCS_2, len(units), len(cut))
    cut = pieces(septets, alone=160, joined=153, opens_a_pair=range(ESCAPE, ESCAPE + 1))
    return Counted(Encoding.GSM_7, len(septets), len(cut))


@given(bodies)
def test_a_text_is_counted_as_a_carrier_cuts_it(body: str) -> None:
    assert count(body) == as_a_carrier(body)


def test_every_character_is_sorted_as_the_standard_sorts_it() -> None:
    plain = codecs.decode(bytes(set(range(128)) - {ESCAPE}), "gsm03.38")
    assert len(plain) == 127
    assert count(plain[:100]) == Counted(Encoding.GSM_7, 100, 1)
    assert count(plain[100:]) == Counted(Encoding.GSM_7, 27, 1)
    assert {chr(point) for point in range(0x110000) if not unsupported(chr(point))} == {*plain, *ESCAPED}
    assert all(count(character).units == 2 for character in ESCAPED)


@pytest.mark.parametrize(
    ("character", "times", "counted"),
    [
        ("", 1, Counted(Encoding.GSM_7, 0, 1)),
        ("a", 160, Counted(Encoding.GSM_7, 160, 1)),
        ("a", 161, Counted(Encoding.GSM_7, 161, 2)),
        ("a", 306, Counted(Encoding.GSM_7, 306, 2)),
        ("a", 307, Counted(Encoding.GSM_7, 307, 3)),
        ("€", 80, Counted(Encoding.GSM_7, 160, 1)),
        ("€", 152, Counted(Encoding.GSM_7, 304, 2)),
        ("€", 153, Counted(Encoding.GSM_7, 306, 3)),  # 76 pairs to a segment, never half a pair
        ("á", 70, Counted(Encoding.UCS_2, 70, 1)),
        ("á", 71, Counted(Encoding.UCS_2, 71, 2)),
        ("á", 134, Counted(Encoding.UCS_2, 134, 2)),
        ("á", 135, Counted(Encoding.UCS_2, 135, 3)),
        ("🎲", 35, Counted(Encoding.UCS_2, 70, 1)),
        ("🎲", 67, Counted(Encoding.UCS_2, 134, 3)),  # 33 pairs to a segment
    ],
)
def test_the_limits_are_those_of_the_standard(character: str, times: int, counted: Counted) -> None:
    assert count(character * times) == counted


def test_one_foreign_character_makes_all_of_them_wide() -> None:
    assert count("a" * 70 + "€") == Counted(Encoding.GSM_7, 72, 1)
    assert count("a" * 70 + "á") == Counted(Encoding.UCS_2, 71, 2)


@given(bodies)
def test_what_forces_ucs_2_is_named_once_each_and_nothing_else_is(body: str) -> None:
    named = unsupported(body)
    assert len(named) == len(set(named))
    assert set(named) <= set(body)
    assert count(body).encoding is (Encoding.UCS_2 if named else Encoding.GSM_7)
    assert not unsupported("".join(character for character in body if character not in named))


def test_characters_that_only_look_plain_are_named_as_they_come() -> None:
    assert unsupported("Joe’s `Cafe` – José, 🎲🎲") == ("’", "`", "–", "🎲")
    assert unsupported("Zoë") == ("ë",)
    assert unsupported("plain €5 [or] so") == ()
