"""How a carrier counts a text: its encoding, its units, and the segments that it is billed as.

Pure. `count(body)` measures, `unsupported(body)` names what makes a text dear. It changes no text and knows no price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# 3GPP TS 23.038 (GSM 03.38), 6.2.1 and 6.2.1.1. The escape itself is no character of a text.
_ONE_SEPTET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_SEPTETS = frozenset("\f^{}\\[~]|€")
_GSM_7 = _ONE_SEPTET | _TWO_SEPTETS
_LAST_OF_ONE_UNIT = "\uffff"


class Encoding(StrEnum):
    """How a text travels: as septets, or, if one character has none, all of it as UTF-16."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


_ROOM = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}
"""Units in a text of one segment, and in each of several, which also carry a header (3GPP TS 23.040, 9.2.3.24.1)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a text takes up. `units`: septets in GSM-7, UTF-16 code units in UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def count(body: str) -> Counted:
    """How `body` is encoded and billed; an empty one is one segment too."""
    if _GSM_7.issuperset(body):
        encoding, widths = Encoding.GSM_7, [2 if character in _TWO_SEPTETS else 1 for character in body]
    else:
        encoding, widths = Encoding.UCS_2, [2 if character > _LAST_OF_ONE_UNIT else 1 for character in body]
    alone, joined = _ROOM[encoding]
    units = sum(widths)
    return Counted(encoding, units, 1 if units <= alone else _filled(widths, joined))


def unsupported(body: str) -> tuple[str, ...]:
    """The characters that force UCS-2, each once, as they come; none: the text is GSM-7."""
    return tuple(dict.fromkeys(character for character in body if character not in _GSM_7))


def _filled(widths: Iterable[int], room: int) -> int:
    """How many segments of this room characters of these widths fill, when no character is split over two."""
    segments, used = 1, 0
    for width in widths:
        if used + width > room:
            segments, used = segments + 1, 0
        used += width
    return segments
