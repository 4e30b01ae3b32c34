"""Reads people from comma-, semicolon- or tab-separated tables, as spreadsheets and address books export them.

`read_rows` finds the columns by their headers (English, German, Spanish, French), or by what is in them where there is
no header. It reads names, numbers and e-mail, and passes over every other column.
"""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autosync.address_book.listings import (
    NO_PREFERENCE,
    BadRow,
    ListedNumber,
    Listing,
    names_of,
    plain,
    tidy,
    usable_email,
)
from autosync.phone_numbers import UntextableNumber, to_e164

_DELIMITERS = (",", ";", "\t", "|")
_ROWS_LOOKED_AT = 20  # to find the column of numbers where no header names it

_GIVEN = {"firstname", "first", "givenname", "given", "forename", "fname", "vorname", "rufname", "prenom",
          "nombredepila"}  # fmt: skip
_FAMILY = {"lastname", "last", "surname", "familyname", "family", "lname", "nachname", "familienname", "zuname",
           "apellido", "apellidos", "nomdefamille"}  # fmt: skip
_FULL = {"fullname", "displayname", "contactname", "contact", "person", "vollername", "vollstandigername",
         "anzeigename", "nombrecompleto", "nombreyapellidos", "nomcomplet"}  # fmt: skip
_NAME = {"name", "nombre", "nom"}  # the first, the last or the full name, depending on the columns beside it
_OTHER = {"nickname", "company", "companyname", "organization", "organisation", "organizationname", "firma", "empresa",
          "societe", "spitzname", "apodo", "surnom"}  # fmt: skip
_EMAIL = {"email", "emails", "mail", "courriel", "correo"}
_PHONE = {"phone", "phones", "phonenumber", "phonenumbers", "telephone", "tel", "telefon", "telefonnummer", "telefono",
          "mobile", "mobil", "mobilnummer", "mobilephone", "mobiltelefon", "cel", "cell", "cellphone", "cellular",
          "celular", "handy", "handynummer", "movil", "portable", "rufnummer", "smartphone", "whatsapp", "sms",
          "msisdn", "fax", "telefax", "pager"}  # fmt: skip
_PHONE_ALONE = {"number", "nummer", "numero", "contactnumber", "contactno", "e164"}
_LABEL_WORDS = {"type", "label", "typ", "tipo"}
# Google packs several values into one cell with " ::: ".
_NUMBERS_APART = re.compile(r":::|\n|[;|](?=\s*[+(]?\d[\d\s().-]{6,})")
_DIGITS_OF_A_NUMBER = re.compile(r"(?:\D*\d){5}")


class NoPhoneColumn(ValueError):
    """One sentence: no column of the table holds phone numbers."""


@dataclass(frozen=True, slots=True)
class _PhoneColumn:
    index: int
    header: str
    label_index: int | None  # the column that says what kind of number this one holds


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns hold what; a row may be shorter."""

    phones: tuple[_PhoneColumn, ...]
    given: int | None = None
    family: int | None = None
    full: int | None = None
    others: tuple[int, ...] = ()
    emails: tuple[int, ...] = ()
    has_header: bool = True


def read_rows(text: str, *, default_region: str) -> Iterator[Listing | BadRow]:
    """Give each row that is not blank, in the file's order, as a listing or as a bad row.

    Numbers are tried with `default_region` to find their column where no header names it.
    Raises NoPhoneColumn.
    """
    delimiter, lines = _delimited(list(io.StringIO(text, newline=None)))
    rows = _rows(lines, delimiter)
    sample = list(itertools.islice(rows, _ROWS_LOOKED_AT))
    layout = _layout([cells for _, cells in sample if cells is not None], default_region)
    header_is_ahead = layout.has_header
    for line, cells in itertools.chain(sample, rows):
        if cells is None:
            yield BadRow(line, "The quotation marks of this row do not pair up, so its end cannot be found.")
        elif header_is_ahead:
            header_is_ahead = False
        else:
            yield _listing(line, cells, layout)


def _delimited(lines: list[str]) -> tuple[str, list[str]]:
    """The delimiter and the lines, of which a first one "sep=;" (Excel's own) is blanked: lines keep their numbers."""
    declared = re.fullmatch(r'"?sep=([,;\t|])"?\s*', lines[0], re.IGNORECASE) if lines else None
    if declared:
        return declared[1], ["\n", *lines[1:]]
    return max(_DELIMITERS, key=lambda delimiter: _fitness(lines, delimiter)), lines


def _fitness(lines: Sequence[str], delimiter: str) -> tuple[bool, int]:
    cells = next((cells for _, cells in _rows(lines, delimiter) if cells is not None), [])
    has_phones = bool(_named_layout(cells).phones) or any(_looks_like_a_number(cell) for cell in cells)
    return has_phones, len(cells)


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Each row that is not blank, with its first line, counted from 1; None where quotation marks do not pair up.

    After such a row, reading goes on at the line below its first one, so that an open quotation mark costs one row.
    """
    begun = 0
    while begun < len(lines):
        start = begun
        reader = csv.reader(itertools.islice(lines, start, None), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield begun + 1, cells
                begun = start + reader.line_num
        except csv.Error:
            yield begun + 1, None
            begun += 1
        else:
            return


def _layout(rows: Sequence[list[str]], default_region: str) -> _Layout:
    if not rows:
        raise NoPhoneColumn("The file holds no rows.")
    layout = _named_layout(rows[0])
    if any(_looks_like_a_number(cell) for cell in rows[0]):
        return _layout_by_content(rows, default_region)
    if layout.phones:
        return layout
    if (layout.given, layout.family, layout.full, layout.emails) != (None, None, None, ()):
        raise NoPhoneColumn("No column of the table holds phone numbers: name one of them Phone.")
    return _layout_by_content(rows, default_region)


def _named_layout(headers: Sequence[str]) -> _Layout:
    words = [_words(header) for header in headers]
    joined = ["".join(found) for found in words]

    def first_of(names: set[str]) -> int | None:
        return next((index for index, name in enumerate(joined) if name in names), None)

    given, family, full, name = first_of(_GIVEN), first_of(_FAMILY), first_of(_FULL), first_of(_NAME)
    if given is None and family is not None:
        given, name = name, None
    elif family is None and given is not None:
        family, name = name, None
    return _Layout(
        phones=tuple(
            _PhoneColumn(index, headers[index], _label_column(words, index))
            for index, found in enumerate(words)
            if _names_a_value(found) and (_PHONE & {*found} or joined[index] in _PHONE_ALONE)
        ),
        given=given,
        family=family,
        full=name if full is None else full,
        others=tuple(index for index, found in enumerate(joined) if found in _OTHER),
        emails=tuple(i for i, found in enumerate(words) if _names_a_value(found) and _EMAIL & {*found}),
    )


def _words(header: str) -> list[str]:
    """The words of "Phone 1 - Value", "mobile_phone" or "firstName", plain; "e-mail" is one."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return re.findall(r"[^\W_]+", re.sub(r"\be-mail", "email", plain(spaced)))


def _names_a_value(words: list[str]) -> bool:
    return not {*words} & (_LABEL_WORDS | {"display"})


def _label_column(words: Sequence[list[str]], phone: int) -> int | None:
    """The column "Phone 1 - Label" that belongs to "Phone 1 - Value"."""
    if words[phone][-1:] != ["value"]:
        return None
    wanted = [[*words[phone][:-1], label] for label in ("type", "label")]
    return next((index for index, found in enumerate(words) if found in wanted), None)


def _layout_by_content(rows: Sequence[list[str]], default_region: str) -> _Layout:
    """The layout of a table without a header, from the first row with a number, else from one with enough digits."""
    found = next(_cells_that(lambda cell: _is_number(cell, default_region), rows), None)
    found = found or next(_cells_that(_looks_like_a_number, rows), None)
    if found is None:
        raise NoPhoneColumn("The file is neither a vCard nor a table with a column of phone numbers.")
    row, phone = found
    emails = tuple(index for index, cell in enumerate(row) if usable_email(cell))
    texts = [i for i, cell in enumerate(row) if cell.strip() and not re.search(r"\d", cell) and i not in emails]
    given, family, full = (texts[0], texts[1], None) if len(texts) > 1 else (None, None, next(iter(texts), None))
    return _Layout((_PhoneColumn(phone, "", None),), given, family, full, (), emails, has_header=False)


def _cells_that(fits: Callable[[str], bool], rows: Sequence[list[str]]) -> Iterator[tuple[list[str], int]]:
    return ((row, index) for row in rows for index, cell in enumerate(row) if fits(cell))


def _looks_like_a_number(cell: str) -> bool:
    """Whether a cell is digits rather than words: a header never is, a number that a spreadsheet spoiled is."""
    letters = re.findall(r"[^\W\d_]", cell)
    return _DIGITS_OF_A_NUMBER.match(cell) is not None and len(letters) <= len("tel ext")


def _is_number(cell: str, default_region: str) -> bool:
    try:
        to_e164(_NUMBERS_APART.split(cell.strip(), maxsplit=1)[0], default_region=default_region)
    except UntextableNumber:
        return False
    return True


def _listing(line: int, cells: Sequence[str], layout: _Layout) -> Listing:
    def cell(index: int | None) -> str:
        return cells[index] if index is not None and index < len(cells) else ""

    first_name, last_name = names_of(
        given=cell(layout.given),
        family=cell(layout.family),
        full=cell(layout.full),
        other=next((text for index in layout.others if (text := tidy(cell(index)))), ""),
    )
    numbers = tuple(
        number
        for phone in layout.phones
        for number in _numbers(cell(phone.index), f"{phone.header} {cell(phone.label_index)}")
    )
    emails = (usable_email(email) for index in layout.emails for email in cell(index).split(":::"))
    return Listing(line, first_name, last_name, numbers, next(filter(None, emails), None))


def _numbers(cell: str, label: str) -> list[ListedNumber]:
    preferred = "*" in label or "primary" in label.lower()  # Google marks the first choice with "* Mobile"
    texts = _NUMBERS_APART.split(cell)
    return [ListedNumber(text, label, 1 if preferred else NO_PREFERENCE) for text in texts if text.strip()]
