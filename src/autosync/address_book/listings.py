"""A listing is one person as an address book lists them, before anyone judged the number.

The readers of vCards and tables hand over listings, or the rows that they could not read.
Nothing here knows a file format.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

NO_PREFERENCE = 101  # vCard 4.0 counts preferences from 1, the first choice, to 100

_MOBILE = re.compile(r"mobi|\bcell|\bcel\b|cellular|celular|\bhandy|movil|portable|iphone|smartphone|whatsapp"
                     r"|\b(?:sms|text|pcs)\b")  # fmt: skip
_TITLE = re.compile(r"(?:[js]r|i{2,3}|iv|ph\.? ?d|m\.?d|m\.?b\.?a|esq|dds)\.?", re.IGNORECASE)  # "Ann Lee, MD"
_NEVER_TEXTED = re.compile(r"fax|pager|beeper|telex|isdn|\btty\b|\btdd\b|textphone|modem|\bbbs\b|assistant")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row or card that did not go in: the first physical line of it, counted from 1, and one sentence."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ListedNumber:
    """A number as written, the words that the file labels it with, and how much it is preferred (1 most)."""

    text: str
    label: str = ""
    preference: int = NO_PREFERENCE


@dataclass(frozen=True, slots=True)
class Listing:
    """One person: names tidied, numbers and e-mail as written, `line` the first physical one, counted from 1."""

    line: int
    first_name: str
    last_name: str
    numbers: tuple[ListedNumber, ...]
    email: str | None


def texted_in_order(numbers: Iterable[ListedNumber]) -> list[ListedNumber]:
    """The numbers worth texting: mobile phones before others, then by preference, then as listed; never a fax."""
    return sorted(
        (number for number in numbers if not _is_never_texted(number)),
        key=lambda number: (not _is_mobile(number), number.preference),
    )


def _is_mobile(number: ListedNumber) -> bool:
    return _MOBILE.search(plain(number.label)) is not None


def _is_never_texted(number: ListedNumber) -> bool:
    # A number for both, such as TEL;CELL;FAX, does receive texts.
    return _NEVER_TEXTED.search(plain(number.label)) is not None and not _is_mobile(number)


def names_of(*, given: str = "", family: str = "", full: str = "", other: str = "") -> tuple[str, str]:
    """First and last name from what a file offers; the first name is empty only when all are.

    `full` is taken apart at its first blank, or turned around at its comma ("Lee, Ann"); `other`, such as a
    nickname or a company, stands in whole.
    """
    given, family, full, other = tidy(given), tidy(family), tidy(full), tidy(other)
    if given:
        return given, family
    whole = full or family
    if not whole:
        return other, ""
    last, comma, first = (part.strip() for part in whole.partition(","))
    if comma and first and last and "," not in first and not _TITLE.fullmatch(first):
        return first, last
    first, _, last = whole.partition(" ")
    return first, last


def usable_email(written: str) -> str | None:
    """The address without a `mailto:`, or None where none is written."""
    address = tidy(written)
    if address.lower().startswith("mailto:"):
        address = address[len("mailto:") :]
    return address if re.fullmatch(r"[^@\s]+@[^@\s]+", address) else None


def tidy(text: str) -> str:
    """`text` on one line, without control characters (PostgreSQL refuses NUL) and needless blanks."""
    return " ".join("".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text).split())


def plain(text: str) -> str:
    """`text` in small letters without accents, to compare labels and headers by."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def decoded(data: bytes) -> str:
    """`data` as UTF-8, else as what Western Windows programs write (cp1252), else as Latin-1."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue  # the next encoding is tried; the last one below takes every byte
    return data.decode("latin-1")
