"""Reads an address book, vCard or CSV, into people whose numbers can be texted.

`read_address_book` takes the bytes of a file; what cannot be read is reported by line and never stops the rest.
It stores nothing, and does not ask whether a phone exists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import shorten

from autosync.address_book.listings import BadRow, Listing, decoded, texted_in_order
from autosync.address_book.tables import NoPhoneColumn, read_rows
from autosync.address_book.vcards import holds_cards, read_cards
from autosync.phone_numbers import UntextableNumber, is_region, to_e164

__all__ = ["AddressBook", "BadRow", "Person", "UnreadableAddressBook", "read_address_book"]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone to text. Without any name in the file, `first_name` is the number; it is never empty.

    `phone_number` is E.164; `line` is the first physical line of the row or card, counted from 1.
    """

    first_name: str
    last_name: str
    phone_number: str
    email: str | None
    line: int


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Who goes in, and why the others do not; both in the order of the file, no number twice among the people."""

    people: tuple[Person, ...]
    bad_rows: tuple[BadRow, ...]


class UnreadableAddressBook(ValueError):
    """One sentence: why the file as a whole is no address book."""


def read_address_book(data: bytes, *, default_region: str) -> AddressBook:
    """Read the people from the bytes of a vCard (2.1, 3.0, 4.0) or a CSV file, whichever it is.

    Numbers without a country code are read as of `default_region` (ISO 3166, such as "US").
    Of a person's numbers, the first that can be texted is taken: mobile before preferred before first listed.
    Raises UnreadableAddressBook where the file is empty, neither of the two, or the region is unknown.
    """
    region = default_region.upper()
    if not is_region(region):
        raise UnreadableAddressBook(f"'{default_region}' is not a region with phone numbers: give one such as US.")
    contents = _without_utf_16(data).removeprefix(b"\xef\xbb\xbf")
    if not contents.strip():
        raise UnreadableAddressBook("The file is empty.")
    if holds_cards(contents):
        return _address_book(read_cards(contents), region)
    if b"\0" in contents:
        raise UnreadableAddressBook("This is not a text file: save the address book as vCard (.vcf) or CSV (.csv).")
    try:
        return _address_book(read_rows(decoded(contents), default_region=region), region)
    except NoPhoneColumn as error:
        raise UnreadableAddressBook(str(error)) from None


def _without_utf_16(data: bytes) -> bytes:
    """`data` in UTF-8 where it is UTF-16, with a byte order mark or recognizable without; else as it is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif data[:1] and data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif data[:1] == b"\0":
        encoding = "utf-16-be"
    else:
        return data
    return data.decode(encoding, errors="replace").encode()


def _address_book(rows: Iterable[Listing | BadRow], region: str) -> AddressBook:
    people: dict[str, Person] = {}
    bad_rows: list[BadRow] = []
    for row in rows:
        judged = row if isinstance(row, BadRow) else _judged(row, region)
        if isinstance(judged, BadRow):
            bad_rows.append(judged)
        elif (first := people.get(judged.phone_number)) is not None:
            reason = f"{judged.phone_number} is a duplicate of line {first.line}, which went in."
            bad_rows.append(BadRow(judged.line, reason))
        else:
            people[judged.phone_number] = judged
    return AddressBook(tuple(people.values()), tuple(bad_rows))


def _judged(listing: Listing, region: str) -> Person | BadRow:
    who = shorten(f"{listing.first_name} {listing.last_name}", 60, placeholder="…") or "This entry"
    if not listing.numbers:
        return BadRow(listing.line, f"{who} has no phone number.")
    refusals = []
    for number in texted_in_order(listing.numbers):
        try:
            e164 = to_e164(number.text, default_region=region)
        except UntextableNumber as refusal:
            refusals.append(str(refusal))  # the next best number may do
            continue
        return Person(listing.first_name or e164, listing.last_name, e164, listing.email, listing.line)
    return BadRow(listing.line, refusals[0] if refusals else f"{who} has only a fax or pager, which gets no texts.")
