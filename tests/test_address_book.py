"""What goes in from an address book, what does not, and what is said about it."""

import binascii
import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autosync.address_book import AddressBook, BadRow, Person, UnreadableAddressBook, read_address_book

SAMPLES = Path(__file__).parent / "address_books"


def read(text: str | bytes, region: str = "US") -> AddressBook:
    return read_address_book(text.encode() if isinstance(text, str) else text, default_region=region)


def sample(name: str, region: str = "US") -> AddressBook:
    return read((SAMPLES / name).read_bytes(), region)


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def only(book: AddressBook) -> Person:
    assert book.bad_rows == ()
    (person,) = book.people
    return person


def lines_of(book: AddressBook) -> tuple[list[int], list[int]]:
    return [person.line for person in book.people], [bad.line for bad in book.bad_rows]


# Files as programs export them


def test_an_iphone_export_is_read() -> None:
    assert sample("iphone.vcf") == AddressBook(
        people=(
            Person("Zoë", "Müller", "+14155550111", "zoe@example.com", 1),
            Person("Sean", "O, Connor; Jr.", "+447700900123", None, 12),
            Person("Corner", "Bakery", "+14155550115", None, 26),
        ),
        bad_rows=(BadRow(34, "Only Fax has only a fax or pager, which gets no texts."),),
    )


def test_an_android_export_in_quoted_printable_is_read() -> None:
    assert sample("android-2.1.vcf") == AddressBook(
        people=(
            Person("Jörg-Michael", "Günther", "+14155550121", "joerg@example.com", 1),
            Person("415-555-0122", "", "+14155550122", None, 14),
            Person("+14155550123", "", "+14155550123", None, 19),
        ),
        bad_rows=(),
    )


def test_an_outlook_card_in_windows_letters_is_read() -> None:
    assert only(sample("outlook-2.1.vcf", "DE")) == Person("Änne", "Weiß", "+491701234567", "aenne@example.com", 1)


def test_a_4_0_export_is_read_by_its_preferences() -> None:
    assert sample("contacts-4.0.vcf") == AddressBook(
        people=(Person("Ann", "Lee", "+14155550131", "first@example.com", 1),),
        bad_rows=(BadRow(11, "This card is a group, not a person."),),
    )


def test_damaged_cards_are_reported_and_the_others_go_in() -> None:
    book = sample("damaged.vcf")
    assert book.people == (
        Person("Ann", "Lee", "+14155550140", None, 1),
        Person("Bob=ZZ", "Bürger", "+14155550142", None, 10),
        Person("Di", "Poe", "+14155550144", None, 25),
    )
    assert book.bad_rows == (
        BadRow(6, "The card that begins here is cut off: END:VCARD is missing."),
        BadRow(17, "What begins here belongs to no card: BEGIN:VCARD is missing."),
        BadRow(20, "'call my office' is not a phone number."),
        BadRow(30, "+14155550140 is a duplicate of line 1, which went in."),
        BadRow(35, "The card that begins here is cut off: END:VCARD is missing."),
    )


def test_a_google_export_is_read() -> None:
    assert sample("google.csv") == AddressBook(
        people=(
            Person("Ann", "Lee", "+14155550151", "ann@example.com", 2),
            Person("Corner Bakery", "", "+14155550153", None, 5),
            Person("Cy", "Poe", "+14155550156", None, 7),
        ),
        bad_rows=(BadRow(4, "Bob Poe has only a fax or pager, which gets no texts."),),
    )


def test_a_german_outlook_export_is_read() -> None:
    book = sample("outlook.csv", "DE")
    assert book.people == (Person("Jörg", "Günther", "+491701234567", "joerg@example.com", 2),)
    assert [bad.line for bad in book.bad_rows] == [3]
    assert "'1,70123E+09' was shortened by a spreadsheet" in book.bad_rows[0].reason


def test_an_unpaired_quotation_mark_costs_one_row() -> None:
    book = sample("spreadsheet.csv")
    assert [person.first_name for person in book.people] == ["Ann", "Di"]
    assert [(bad.line, bad.reason.split(":")[0]) for bad in book.bad_rows] == [
        (4, "'4,15556E+09' was shortened by a spreadsheet and its last digits are lost"),
        (5, "The quotation marks of this row do not pair up, so its end cannot be found."),
    ]


# vCards, one rule at a time


@pytest.mark.parametrize(
    ("tels", "expected"),
    [
        (["TEL:4155550101", "TEL:4155550102"], "+14155550101"),
        (["TEL:4155550101", "TEL;TYPE=pref:4155550102"], "+14155550102"),
        (["TEL;PREF=7:4155550101", "TEL;PREF=2:4155550102"], "+14155550102"),
        (["TEL;TYPE=HOME,PREF:4155550101", "TEL;TYPE=CELL:4155550102"], "+14155550102"),
        (["TEL;CELL:4155550101", "TEL;CELL;PREF:4155550102"], "+14155550102"),
        (["TEL;TYPE=CELL:call me", "TEL;TYPE=HOME:4155550102"], "+14155550102"),
        (["TEL;TYPE=FAX;PREF=1:4155550101", "TEL;TYPE=HOME:4155550102"], "+14155550102"),
        (["TEL;TYPE=PAGER:4155550101", "TEL:4155550102"], "+14155550102"),
        (["TEL;CELL;FAX:4155550101"], "+14155550101"),
        (["TEL;TYPE=CELL:", "TEL:4155550102"], "+14155550102"),
    ],
)
def test_a_mobile_number_goes_before_a_preferred_one_before_the_first(tels: Sequence[str], expected: str) -> None:
    assert only(read(card("N:Lee;Ann", *tels))).phone_number == expected


@pytest.mark.parametrize(
    "tel",
    [
        "TEL;VALUE=uri:tel:+1-415-555-0100",
        "TEL;VALUE=uri:tel:+1-415-555-0100;ext=102",
        'TEL;VALUE=uri;TYPE="voice,cell":tel:+1-415-555-0100',
        "item1.TEL:+1 (415) 555-0100",
        "tel;type=cell:415.555.0100",
        "TEL;TYPE=CELL:+1415\r\n 5550100",
        "TEL;TYPE=CELL:+1415\r\n\t5550100",
        "TEL:415-555-0100 x12",
    ],
)
def test_a_number_is_read_however_the_card_writes_it(tel: str) -> None:
    assert only(read(card("N:Lee;Ann", tel))).phone_number == "+14155550100"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["N:Lee;Ann;Mary;Dr.;", "FN:Dr. Ann Lee"], ("Ann", "Lee")),
        (["N:;;;;", "FN:Ann van Lee"], ("Ann", "van Lee")),
        (["FN:Lee\\, Ann"], ("Ann", "Lee")),
        (["FN:Ann Lee\\, MD"], ("Ann", "Lee, MD")),
        (["N:Ann Lee;;;;"], ("Ann", "Lee")),
        (["N:Lee", "FN:Ann Lee"], ("Ann", "Lee")),
        (["NICKNAME:The Boss", "ORG:Acme;Sales"], ("The Boss", "")),
        (["ORG:Acme\\, Inc.;Sales"], ("Acme, Inc. Sales", "")),
        (["N:Le\\;e;A\\\\nn"], ("A\\nn", "Le;e")),
        (["N:Lee\\\\;Ann"], ("Ann", "Lee\\")),
        (["N:Lee;Ann\\nMarie"], ("Ann Marie", "Lee")),
        (["N:Lee;An\r\n n"], ("Ann", "Lee")),
        ([], ("+14155550100", "")),
    ],
)
def test_the_best_name_of_a_card_is_taken(lines: Sequence[str], expected: tuple[str, str]) -> None:
    person = only(read(card(*lines, "TEL:4155550100")))
    assert (person.first_name, person.last_name) == expected


def test_folding_keeps_the_blank_in_2_1_and_drops_it_later() -> None:
    for version, expected in [("2.1", "Ann Marie"), ("3.0", "AnnMarie"), ("4.0", "AnnMarie")]:
        person = only(read(card("N:Lee;Ann\r\n Marie", "TEL:4155550100", version=version)))
        assert person.first_name == expected


def test_a_line_folded_in_the_middle_of_a_letter_is_mended() -> None:
    folded = card("N:Lee;Zo@", "TEL:4155550100").encode().replace(b"@", b"\xc3\r\n \xab")
    assert only(read(folded)).first_name == "Zoë"


@pytest.mark.parametrize(
    "name",
    [
        b"N;CHARSET=ISO-8859-1:M\xfcller;J\xf6rg",
        b"N:M\xfcller;J\xf6rg",
        b"N:M\xc3\xbcller;J\xc3\xb6rg",
        b"N;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller;J=F6rg",
        b"N;UTF-8;QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg",
        b"N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=\r\n=BCller;J=C3=B6=\r\nrg",
        b"N;CHARSET=unicode_escape:M\xc3\xbcller;J\xc3\xb6rg",
        b"N;CHARSET=no-such-charset:M\xc3\xbcller;J\xc3\xb6rg",
    ],
)
def test_letters_are_read_in_the_charset_of_their_property(name: bytes) -> None:
    person = only(read(card("@", "TEL:4155550100", version="2.1").encode().replace(b"@", name)))
    assert (person.first_name, person.last_name) == ("Jörg", "Müller")


def test_a_charset_that_only_the_card_can_tell_is_believed() -> None:
    cyrillic = (
        card("N;CHARSET=KOI8-R:@", "TEL:4155550100", version="2.1").encode().replace(b"@", "Ли;Анна".encode("koi8-r"))
    )
    assert only(read(cyrillic)).first_name == "Анна"


def test_the_curly_apostrophe_of_windows_is_read() -> None:
    assert only(read("Pat,O’Neil,4155550100".encode("cp1252"))).last_name == "O’Neil"


def test_control_characters_in_a_name_become_blanks() -> None:
    person = only(read(card("N:L\0ee;\x07Ann\x85 Marie\x00", "TEL:4155550100")))
    assert (person.first_name, person.last_name) == ("Ann Marie", "L ee")


def test_a_soft_line_break_does_not_swallow_the_end_of_the_card() -> None:
    first = card("N;QUOTED-PRINTABLE:Lee;Ann=", version="2.1")
    book = read(first + card("N:Poe;Bob", "TEL:4155550101"))
    assert book.people == (Person("Bob", "Poe", "+14155550101", None, 5),)
    assert book.bad_rows == (BadRow(1, "Ann Lee has no phone number."),)


def test_a_card_within_a_card_is_not_the_person() -> None:
    agent = card("N:Poe;Bob", "TEL:4155550101", version="2.1").rstrip()
    book = read(card("N:Lee;Ann", "AGENT:", agent, "TEL:4155550100", version="2.1"))
    assert only(book) == Person("Ann", "Lee", "+14155550100", None, 1)


# Tables, one rule at a time


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "header",
    [
        ["First Name", "Last Name", "Phone"],
        ["first_name", "last_name", "phone_number"],
        ["firstName", "lastName", "mobilePhone"],
        ["Given Name", "Family Name", "Phone 1 - Value"],
        ["Vorname", "Name", "Handy-Nr."],
        ["Nombre", "Apellidos", "Teléfono móvil"],
        ["Prénom", "Nom", "N° de téléphone"],
        ["Name", "Surname", "CELL"],
    ],
)
def test_a_header_is_understood(header: Sequence[str], delimiter: str) -> None:
    text = f"{delimiter.join(header)}\n{delimiter.join(['Ann', 'Lee', '(415) 555-0100'])}\n"
    assert only(read(text)) == Person("Ann", "Lee", "+14155550100", None, 2)


@pytest.mark.parametrize("header", ["Name", "Full name", "Contact", "Nombre", "Nom"])
def test_a_full_name_is_taken_apart(header: str) -> None:
    assert only(read(f"{header},Phone\nAnn van Lee,4155550100\n")).last_name == "van Lee"


@pytest.mark.parametrize(
    "text",
    [
        "Ann,Lee,415-555-0100,ann@example.com\n",
        "Ann Lee;+1 415 555 0100;ann@example.com\n",
        '"Lee, Ann",ann@example.com,4155550100\n',
        "sep=;\nAnn Lee;4155550100;ann@example.com",
    ],
)
def test_without_a_header_columns_are_told_by_what_is_in_them(text: str) -> None:
    person = only(read(text))
    assert (person.first_name, person.last_name, person.phone_number) == ("Ann", "Lee", "+14155550100")
    assert person.email == "ann@example.com"


def test_an_unknown_header_is_reported_as_a_row_and_the_people_go_in() -> None:
    book = read("Wer,Wohin\nAnn,4155550100\n")
    assert book.people == (Person("Ann", "", "+14155550100", None, 2),)
    assert book.bad_rows == (BadRow(1, "'Wohin' is not a phone number."),)


def test_bare_numbers_are_people_under_their_numbers() -> None:
    assert [person.first_name for person in read("4155550100\n4155550101").people] == ["+14155550100", "+14155550101"]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Name,Home Phone,Mobile Phone", "Ann,4155550101,4155550102", "+14155550102"),
        ("Name,Business Fax,Business Phone", "Ann,4155550101,4155550102", "+14155550102"),
        ("Name,Home Phone,Primary Phone", "Ann,4155550101,4155550102", "+14155550102"),
        ("Name,Assistant's Phone,Other Phone", "Ann,4155550101,4155550102", "+14155550102"),
        ("Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value", "Ann,Home,4155550101,Mobile,4155550102",
         "+14155550102"),
        ("Name,Phone 1 - Value", "Ann,4155550101 ::: 4155550102", "+14155550101"),
        ("Name,Phone", "Ann,none ::: 4155550102", "+14155550102"),
        ("Name,Phone", "Ann,415-555-0101; 415-555-0102", "+14155550101"),
        ("Phonetic Name,House Number,Phone", "Ann,12,4155550102", "+14155550102"),
    ],
)  # fmt: skip
def test_the_best_number_of_a_row_is_taken(header: str, row: str, expected: str) -> None:
    assert only(read(f"{header}\n{row}\n")).phone_number == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_in_every_kind_of_file(newline: str) -> None:
    table = 'Name,Notes,Phone\n\nAnn,"two\nlines",4155550100\nBob,,911\n,,\nCy,,4155550100\n'
    assert lines_of(read(table.replace("\n", newline))) == ([3], [5, 7])
    cards = card("FN:Ann", "TEL:4155550100") + "\r\n" + card("FN:Bob", "TEL:911")
    assert lines_of(read(cards.replace("\r\n", newline))) == ([1], [7])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    expected = Person("Zoë", "Müller", "+14155550100", None, 1)
    assert only(read(card("N:Müller;Zoë", "TEL:4155550100").encode(encoding))) == expected
    assert only(read("Zoë,Müller,4155550100".encode(encoding))) == expected


# The whole file


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n\r\n", "The file is empty."),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "This is not a text file"),
        (b"Dear Ann,\n\nhow are you?\n", "The file is neither a vCard nor a table"),
        (b"First name,E-mail\nAnn,ann@example.com\n", "No column of the table holds phone numbers"),
    ],
)
def test_a_file_that_is_no_address_book_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableAddressBook, match=f"^{reason}"):
        read(data)


def test_an_unknown_region_is_refused_by_name() -> None:
    with pytest.raises(UnreadableAddressBook, match="'Atlantis' is not a region"):
        read("Ann,4155550100", region="Atlantis")


def test_national_numbers_are_of_the_default_region() -> None:
    assert only(read("Ann,0170 1234567", region="de")).phone_number == "+491701234567"


def test_a_second_row_with_the_same_number_names_the_first() -> None:
    book = read("Name,Phone\nAnn,415-555-0100\nAnna,+1 (415) 555 0100\n")
    assert book.people == (Person("Ann", "", "+14155550100", None, 2),)
    assert book.bad_rows == (BadRow(3, "+14155550100 is a duplicate of line 2, which went in."),)


# Rules for any file


def _vcard_noise() -> st.SearchStrategy[bytes]:
    pieces = [b"BEGIN:VCARD\r\n", b"END:VCARD\n", b"VERSION:2.1\r", b"N:", b"N;QUOTED-PRINTABLE;CHARSET=", b"TEL;CELL:",
              b"+14155550100", b"=\r\n", b"\r\n ", b"=C3", b"\\", b";", b":", b'"', b"utf-16", b"item1.X-ABLabel:",
              b"AGENT:\n", b"Name,Phone\n", b"sep=;\n", b",", b":::", b"\xff\xfe", b"\0", b"4,1E+9"]  # fmt: skip
    return st.lists(st.one_of(st.sampled_from(pieces), st.binary(max_size=4))).map(b"".join)


@settings(deadline=None)  # the first number of a country loads its rules
@given(st.one_of(st.binary(), _vcard_noise()))
@example(b"BEGIN:VCARD\nN;CHARSET=unicode_escape:\\x\nTEL;PREF=\xb2:+14155550100\nEND:VCARD")
def test_any_bytes_are_read_or_refused_as_a_whole(data: bytes) -> None:
    try:
        book = read(data)
    except UnreadableAddressBook:
        book = AddressBook((), (BadRow(1, "Refused as a whole."),))
    numbers = [person.phone_number for person in book.people]
    assert len(numbers) == len({*numbers})
    assert all(person.first_name and "\0" not in person.first_name + person.last_name for person in book.people)
    assert all(bad.reason.endswith(".") and bad.reason.splitlines() == [bad.reason] for bad in book.bad_rows)
    assert [*lines_of(book)] == [sorted(lines) for lines in lines_of(book)]


@pytest.mark.parametrize("cell", ["1" + " " * 60_000 + "x", '"' + "1 ::: " * 20_000 + '"', "; +1" * 30_000])
def test_a_monstrous_cell_is_refused_at_once(cell: str) -> None:
    # A pattern that goes back and forth over the first of these took half a minute.
    book = read(f"Name\tPhone\nAnn\t{cell}\nBob\t4155550100\n")
    assert lines_of(book) == ([3], [2])
    assert len(book.bad_rows[0].reason) < 200


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30).map(
    lambda text: " ".join(text.split())
)
# In 2.1 a backslash stands for itself except before a semicolon: a name with one has no certain spelling.
names_for_2_1 = names.filter(lambda name: "\\" not in name)
numbers = st.integers(0, 99).flatmap(
    lambda last: st.sampled_from([f"+1415555{100 + last:04}", f"+4477009001{last:02}", f"+4917012345{last:02}"])
)
emails = st.one_of(st.none(), st.from_regex(r"[a-z.+-]{1,12}@[a-z]{1,12}\.example", fullmatch=True))


def crowds(name: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str, str, str | None]]]:
    person = st.tuples(name.filter(bool), name, numbers, emails)
    return st.lists(person, min_size=1, max_size=4, unique_by=lambda one: one[2])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> bytes:
    octets = line.encode()
    return b"\r\n ".join(octets[start : start + 20] for start in range(0, len(octets), 20)) + b"\r\n"


def _quoted_printable(text: str) -> str:
    encoded = binascii.b2a_qp(text.replace(";", "\\;").encode(), quotetabs=True).decode()
    return encoded.replace("=\n", "=\r\n")


def _as_people(crowd: Sequence[tuple[str, str, str, str | None]], lines: Sequence[int]) -> tuple[Person, ...]:
    return tuple(Person(*one, line) for one, line in zip(crowd, lines, strict=True))


@settings(deadline=None)  # the first number of a country loads its rules
@given(crowds(names))
def test_people_written_as_3_0_cards_come_back_the_same(crowd: list[tuple[str, str, str, str | None]]) -> None:
    data, lines = b"", []
    for first, last, number, email in crowd:
        lines.append(data.count(b"\n") + 1)
        properties = [f"N:{_escaped(last)};{_escaped(first)};;;", f"TEL;TYPE=CELL:{number}", f"EMAIL:{email or ''}"]
        data += b"".join(map(_folded, ["BEGIN:VCARD", "VERSION:3.0", *properties, "END:VCARD"]))
    assert read(data) == AddressBook(_as_people(crowd, lines), ())


@settings(deadline=None)  # the first number of a country loads its rules
@given(crowds(names_for_2_1))
def test_people_written_as_2_1_cards_come_back_the_same(crowd: list[tuple[str, str, str, str | None]]) -> None:
    text, lines = "", []
    for first, last, number, email in crowd:
        lines.append(text.count("\n") + 1)
        name = f"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{_quoted_printable(last)};{_quoted_printable(first)};;;"
        text += card(name, f"TEL;CELL:{number}", f"EMAIL;INTERNET:{email or ''}", version="2.1")
    assert read(text) == AddressBook(_as_people(crowd, lines), ())


@settings(deadline=None)  # the first number of a country loads its rules
@given(crowds(names), st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_people_written_as_rows_come_back_the_same(
    crowd: list[tuple[str, str, str, str | None]], delimiter: str, encoding: str
) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([["First name", "Last name", "Phone", "E-mail"], *crowd])
    expected = AddressBook(_as_people(crowd, range(2, len(crowd) + 2)), ())
    assert read(file.getvalue().encode(encoding)) == expected
