"""Reads vCards 2.1, 3.0 and 4.0 as phones and address books write them.

`read_cards` takes a whole file and gives a listing for each card, or says which card is damaged; the others are read.
It reads names, numbers and e-mail, and passes over everything else.
"""

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autosync.address_book.listings import (
    NO_PREFERENCE,
    BadRow,
    ListedNumber,
    Listing,
    decoded,
    names_of,
    tidy,
    usable_email,
)

# Cards are cut, unfolded and taken apart as bytes: a long line may be folded in the middle of a letter, and each
# property of a 2.1 card may have its own charset.
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?BEGIN[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
_END = re.compile(rb"END[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
_AGENT = re.compile(rb"AGENT[^:]*:[ \t]*", re.IGNORECASE)
_VERSION_2 = re.compile(rb"VERSION[^:]*:[ \t]*2[ \t.].*", re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(rb"[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_PROPERTY = re.compile(rb'(?:([\w-]+)\.)?([\w-]+)((?:;(?:[^":;]|"[^"]*")*)*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';((?:[^";]|"[^"]*")*)')
_VALUE_PIECE = re.compile(r"\\.|;|[^\\;]+|\\", re.DOTALL)
# Codecs that hold text in 8-bit bytes; Python also has some that are no charsets (punycode, unicode_escape).
_CHARSET = re.compile(
    r"utf-?8|us-ascii|(?:iso|windows|cp|koi8|euc|shift|mac|gb|big5|latin)[\w-]*", re.IGNORECASE | re.ASCII
)
_READ = {"N", "FN", "NICKNAME", "ORG", "TEL", "EMAIL", "KIND", "X-ADDRESSBOOKSERVER-KIND", "X-ABLABEL"}


def holds_cards(data: bytes) -> bool:
    """Whether a card begins anywhere in `data`."""
    return any(_BEGIN.fullmatch(line) for line in _LINE_END.split(data))


def read_cards(data: bytes) -> Iterator[Listing | BadRow]:
    """Give each card of a file, in the file's order, as a listing or as a bad row.

    `data` is UTF-8 or any 8-bit encoding, mixed if need be. A card without BEGIN or END is a bad row: what is cut off
    may have cut a number short. Raises nothing.
    """
    begun: int | None = None
    card: list[bytes] = []
    in_agent = in_stray_lines = False
    for number, line in enumerate(_LINE_END.split(data), start=1):
        if in_agent:  # a 2.1 card can hold the whole card of the person's agent
            in_agent = not _END.fullmatch(line)
        elif _BEGIN.fullmatch(line):
            if card and _AGENT.fullmatch(card[-1]):
                in_agent = True
                continue
            if begun is not None:
                yield _unfinished(begun)
            begun, card, in_stray_lines = number, [], False
        elif begun is None:
            if line.strip() and not in_stray_lines:
                in_stray_lines = True
                yield BadRow(number, "What begins here belongs to no card: BEGIN:VCARD is missing.")
        elif _END.fullmatch(line):
            yield _listing(begun, card)
            begun = None
        else:
            card.append(line)
    if begun is not None:
        yield _unfinished(begun)


def _unfinished(line: int) -> BadRow:
    return BadRow(line, "The card that begins here is cut off: END:VCARD is missing.")


@dataclass(frozen=True, slots=True)
class _Property:
    group: str
    name: str
    parameters: tuple[tuple[str, str], ...]  # name in capitals, empty for the bare words of 2.1; value as written
    raw: bytes

    def values_of(self, *names: str) -> list[str]:
        return [value for name, value in self.parameters if name in names]

    def text(self) -> str:
        return ";".join(self.components())

    def components(self) -> list[str]:
        """The value between its semicolons, decoded and unescaped."""
        if not self._is_quoted_printable():
            return [_unescaped(component) for component in _split(self._decoded(self.raw))]
        pieces = (component.encode("latin-1") for component in _split(self.raw.decode("latin-1")))
        return [_unescaped(self._decoded(binascii.a2b_qp(piece))) for piece in pieces]

    def preference(self) -> int:
        """1 for the most preferred."""
        ranks = [int(rank) for rank in self.values_of("PREF") if re.fullmatch(r"[0-9]{1,3}", rank)]
        if ranks:
            return min(ranks)
        return 1 if re.search(r"\bpref\b", self.label(), re.IGNORECASE) else NO_PREFERENCE

    def label(self) -> str:
        return " ".join(self.values_of("TYPE", "")).replace(",", " ")

    def _is_quoted_printable(self) -> bool:
        return any(value.upper() == "QUOTED-PRINTABLE" for value in self.values_of("ENCODING", ""))

    def _decoded(self, value: bytes) -> str:
        for charset in self.values_of("CHARSET", ""):
            if not _CHARSET.fullmatch(charset):
                continue
            try:
                return value.decode(charset)
            except (LookupError, UnicodeDecodeError):
                continue  # the card names a charset wrongly: the bytes tell better
        return decoded(value)


def _listing(line: int, card: Sequence[bytes]) -> Listing | BadRow:
    properties = [found for logical in _unfolded(card) if (found := _property(logical)) and found.name in _READ]
    if any(kind.text().strip().lower() == "group" for kind in _named(properties, "KIND", "X-ADDRESSBOOKSERVER-KIND")):
        return BadRow(line, "This card is a group, not a person.")
    family, given = ([*_first(properties, "N"), "", ""])[:2]
    first_name, last_name = names_of(
        given=given,
        family=family,
        full=";".join(_first(properties, "FN")),
        other=next((text for name in ("NICKNAME", "ORG") if (text := " ".join(_first(properties, name)))), ""),
    )
    labels = {label.group: label.text() for label in _named(properties, "X-ABLABEL") if label.group}
    numbers = tuple(
        ListedNumber(tel.text(), f"{tel.label()} {labels.get(tel.group, '')}", tel.preference())
        for tel in _named(properties, "TEL")
        if tel.text().strip()
    )
    emails = sorted(_named(properties, "EMAIL"), key=_Property.preference)
    usable = (usable_email(email.text()) for email in emails)
    return Listing(line, first_name, last_name, numbers, next(filter(None, usable), None))


def _named(properties: Sequence[_Property], *names: str) -> list[_Property]:
    return [found for found in properties if found.name in names]


def _first(properties: Sequence[_Property], name: str) -> list[str]:
    """The components of the first property of that name that has something in it."""
    every = (found.components() for found in _named(properties, name))
    return next((components for components in every if tidy("".join(components))), [])


def _unfolded(card: Sequence[bytes]) -> list[bytes]:
    """Physical lines joined to logical ones.

    A continuation begins with a blank, which belongs to the value in 2.1 and not later (RFC 2426, 2.6), or it follows
    the soft line break of a quoted-printable value, an equals sign at the end.
    """
    blank = 0 if any(_VERSION_2.fullmatch(line) for line in card) else 1
    logical: list[list[bytes]] = []
    breaks_softly = False
    for line in card:
        if breaks_softly:
            logical[-1].append(line)
        elif logical and line[:1] in (b" ", b"\t"):
            logical[-1].append(line[blank:])
        else:
            logical.append([line])
        breaks_softly = line.endswith(b"=") and _QUOTED_PRINTABLE.match(logical[-1][0]) is not None
        if breaks_softly:
            logical[-1][-1] = logical[-1][-1][:-1]
    return [b"".join(pieces) for pieces in logical]


def _property(logical: bytes) -> _Property | None:
    """The parts of a logical line; None for what is none, such as a stray line of a photo."""
    match = _PROPERTY.fullmatch(logical)
    if match is None:
        return None
    group, name, parameters, raw = match.groups(default=b"")
    return _Property(
        decoded(group).lower(), decoded(name).upper(), tuple(_parameters(parameters.decode("latin-1"))), raw
    )


def _parameters(written: str) -> Iterator[tuple[str, str]]:
    for parameter in _PARAMETER.findall(written):
        name, equals, value = parameter.partition("=")
        yield (name.strip().upper(), value.strip().strip('"')) if equals else ("", name.strip())


def _split(value: str) -> list[str]:
    """`value` at its semicolons, except escaped ones; escapes stay."""
    components = [""]
    for piece in _VALUE_PIECE.findall(value):
        if piece == ";":
            components.append("")
        else:
            components[-1] += piece
    return components


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\\,;:nN])", lambda match: "\n" if match[1] in "nN" else str(match[1]), text)
