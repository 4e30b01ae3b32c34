"""Cuts a text message into tokens with a meaning: `tokens_of(text, option_count=3)`.

Unicode, emoji, typing errors, phrases, and what a number stands for (an option, a time, people) are settled here.
Whether the tokens together are an answer is decided in `replies.py`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from autosync.replies.words import (
    AFTER_A_COUNT,
    BEFORE_A_COUNT,
    GLUED,
    LAST,
    LONGEST_PHRASE,
    MIDDLE,
    MISSPELT,
    NUMBERS,
    ORDINALS,
    PHRASES,
    Meaning,
    words,
)

UNREADABLE: Final = "§"
"""Stands for a character that has digits in it but is no digit: ½, ⑩."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, phrase, number or mark. `options` is filled for GROUP, `run` for "12" meant as 1 and 2."""

    meaning: Meaning
    text: str
    options: frozenset[int] = frozenset()
    run: bool = False
    capital: bool = False

    @property
    def is_digit(self) -> bool:
        """True for a number in digits, also for several: "12"."""
        return self.text.isdigit()


_KEYCAP = re.compile("([0-9])\ufe0f?\u20e3")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"', "„": '"'})
_MERIDIEM = re.compile(r"\b([ap])\.\s?m\b\.?", re.IGNORECASE)
_NEGATED = re.compile(r"\b(would|could|do|does|is|are|did|was) ?not\b", re.IGNORECASE)
_CHUNK = re.compile(
    r"""(?P<count>
            (?<!\w)\+?\(?\d(?:[\s().-]*\d){6,}                     # 555-123-4567
          | [$€£]\s?\d[\d.,]* | \d+(?:[.,]\d+)?\s?[$€£%]           # $5, 100%
          | (?<![\w)])[-:;]\d+ | [=~<>]\s*\d+                       # -1, :3, ~2
          | \d-(?:on|for|to|in|by)-\d | \d{1,2}h\d{2}\b | \d+[:.]\d+(?:[:.]\d+)*               # 2:30, 1.5
        )
      | (?P<date>(?<!\d)(?:\d{1,4}([/.-])\d{1,2}\3\d{2,4}|\d{1,2}/\d{2}|\d{2}/\d{1,2})(?!\d))
      | (?P<ordinal>\d+(?:st|nd|rd|th)\b)
      | (?P<word>\w+)
      | (?P<newline>\n)
      | (?P<mark>[^\w\s])""",
    re.VERBOSE | re.IGNORECASE,
)
_MARKS: Final = {
    ",": Meaning.COMMA, ";": Meaning.BREAK, ".": Meaning.BREAK, "!": Meaning.BREAK, "\n": Meaning.BREAK,
    "?": Meaning.QUERY, "/": Meaning.AND, "&": Meaning.AND, "+": Meaning.AND, "-": Meaning.DASH, "–": Meaning.DASH,
    "—": Meaning.DASH, "−": Meaning.DASH, ":": Meaning.DASH, "=": Meaning.DASH, "~": Meaning.DASH,
    "(": Meaning.OPEN, "[": Meaning.OPEN, ")": Meaning.CLOSE, "]": Meaning.CLOSE,
}  # fmt: skip
_SILENT: Final = frozenset("#*\"'|_•·№^")


def clean(text: str) -> str:
    """`text` in plain characters: digits of every script as 0-9, no accents, no apostrophes within words."""
    text = _KEYCAP.sub(r" \1 ", text).translate(_QUOTES)
    text = "".join(map(_plain, text))
    text = re.sub(r"(?<=\w)'(?=\w)", "", text)
    text = re.sub(r"\bwill not\b", "wont", text, flags=re.IGNORECASE)
    text = re.sub(r"\bcan ?not\b", "cant", text, flags=re.IGNORECASE)
    return _NEGATED.sub(r"\1nt", _MERIDIEM.sub(r"\1m", text))


def _plain(character: str) -> str:
    if character.isascii():
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit) if character.isdecimal() else f" {digit} "
    plain = unicodedata.normalize("NFKD", character)
    if any(part.isnumeric() for part in plain):
        return UNREADABLE
    return "".join(part for part in plain if unicodedata.category(part) not in {"Mn", "Me", "Cf", "Sk"})


def tokens_of(text: str, *, option_count: int) -> list[Token]:
    """Typed tokens of `text`, for a question with options 1 to `option_count`."""
    pieces = list(_pieces(clean(text)))
    return _type_numbers(list(_phrases(pieces)), option_count)


def words_of(tokens: list[Token]) -> list[str]:
    """The words alone, phrases taken apart again."""
    return [word for token in tokens for word in token.text.split() if word[0].isalnum()]


def _pieces(text: str) -> Iterator[Token]:
    for match in _CHUNK.finditer(text):
        chunk = match.group()
        if match.lastgroup == "word":
            yield from _split_word(chunk)
        elif match.lastgroup == "ordinal":
            yield Token(Meaning.ORDINAL, chunk.lower())
        elif match["count"]:
            yield Token(PHRASES.get((chunk,), Meaning.COUNT), chunk)
        elif match["date"]:
            yield Token(Meaning.DATE, chunk)
        elif chunk not in _SILENT:
            yield _mark(chunk)


_SUFFIXES: Final = words("a p am pm h hr hrs min mins ish")


def _split_word(chunk: str) -> Iterator[Token]:
    """ "1and3" is three words, "2nite" is one that cannot be read."""
    parts = re.findall(r"\d+|[^\W\d]+", chunk)
    letters = [part.casefold() for part in parts if not part.isdigit()]
    if len(parts) > 1 and not (GLUED.issuperset(letters) and parts[0] not in _SUFFIXES):
        yield Token(Meaning.WORD, UNREADABLE + chunk.casefold())
        return
    for part in parts:
        meaning = Meaning.NUMBER if part.isdigit() else Meaning.WORD
        yield Token(meaning, part.casefold(), capital=part[0].isupper())


def _mark(chunk: str) -> Token:
    if chunk in _MARKS:
        return Token(_MARKS[chunk], chunk)
    if (chunk,) in PHRASES:
        return Token(PHRASES[(chunk,)], chunk)
    if chunk == "@":
        return Token(Meaning.WORD, "at")
    picture = unicodedata.category(chunk) == "So" and not "🕐" <= chunk <= "🕧"
    return Token(Meaning.THANKS if picture else Meaning.WORD, chunk)


def _phrases(pieces: list[Token]) -> Iterator[Token]:
    """Words put together to the longest phrases that have a meaning."""
    position = 0
    while position < len(pieces):
        length, token = _phrase_at(pieces, position)
        yield token
        position += length


def _phrase_at(pieces: list[Token], position: int) -> tuple[int, Token]:
    first = pieces[position]
    if first.meaning not in {Meaning.WORD, Meaning.NUMBER, Meaning.ORDINAL}:
        return 1, first
    texts: list[str] = []
    for piece in pieces[position : position + LONGEST_PHRASE]:
        if piece.meaning not in {Meaning.WORD, Meaning.NUMBER, Meaning.ORDINAL}:
            break
        texts.append(piece.text)
    for length in range(len(texts), 0, -1):
        meaning = PHRASES.get(tuple(texts[:length]))
        if meaning is not None:
            return length, replace(first, meaning=meaning, text=" ".join(texts[:length]))
    return 1, _single(first)


_LAUGHTER: Final = re.compile(r"(?:a*[hj][aei]+){2,}h?|lo+l|lma+o+|a+w+|ya+y+|woo+")
_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")


def _single(word: Token) -> Token:
    if word.meaning is not Meaning.WORD:
        return word
    if _LAUGHTER.fullmatch(word.text):
        return replace(word, meaning=Meaning.THANKS)
    text = _DRAWN_OUT.sub(r"\1", word.text)
    text = text if text in NUMBERS or text in ORDINALS or (text,) in PHRASES else _spelled(text)
    if text in NUMBERS:
        return replace(word, meaning=Meaning.NUMBER, text=text)
    if text in ORDINALS:
        return replace(word, meaning=Meaning.ORDINAL, text=text)
    return replace(word, meaning=PHRASES.get((text,), Meaning.WORD), text=text)


def _spelled(word: str) -> str:
    """The one word of the vocabulary that `word` misses by a single slip, else `word`."""
    if not 5 <= len(word) <= 12:
        return word
    near = [right for right in MISSPELT if _one_slip(word, right)]
    return near[0] if len(near) == 1 else word


def _one_slip(wrong: str, right: str) -> bool:
    """True if one letter is missing, added, changed, or two neighbours are swapped."""
    if abs(len(wrong) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(wrong), len(right)) and wrong[start] == right[start]:
        start += 1
    wrong, right = wrong[start:], right[start:]
    return (
        wrong[1:] == right[1:]
        or wrong[1:] == right
        or wrong == right[1:]
        or (wrong[:2] == right[:2][::-1] and wrong[2:] == right[2:])
    )


def _type_numbers(tokens: list[Token], option_count: int) -> list[Token]:
    """Each number and ordinal as a GROUP of options, a COUNT or DATE of something else, or STRAY."""
    ordinals = sum(token.meaning is Meaning.ORDINAL for token in tokens)
    typed = list(tokens)
    for position, token in enumerate(tokens):
        if token.meaning is Meaning.NUMBER:
            typed[position] = _typed_number(tokens, typed, position, option_count)
        elif token.meaning is Meaning.ORDINAL:
            typed[position] = _typed_ordinal(tokens, position, option_count, alone=ordinals == 1)
    return typed


def _neighbour(tokens: list[Token], position: int) -> Token:
    return tokens[position] if 0 <= position < len(tokens) else Token(Meaning.BREAK, "")


def _typed_number(tokens: list[Token], typed: list[Token], position: int, option_count: int) -> Token:
    token, before, after = tokens[position], _neighbour(tokens, position - 1), _neighbour(tokens, position + 1)
    if before.meaning is Meaning.DATE or (after.meaning is Meaning.DATE and before.meaning is not Meaning.NOUN):
        return replace(token, meaning=Meaning.DATE)
    if _is_count(tokens, typed, position):
        return replace(token, meaning=Meaning.COUNT)
    if len(token.text) > 3 and token.is_digit:
        return replace(token, meaning=Meaning.STRAY)
    if not token.is_digit:
        return _group(token, {NUMBERS[token.text]}, option_count)
    if 1 <= int(token.text) <= option_count:
        return _group(token, {int(token.text)}, option_count)
    digits = [int(digit) for digit in token.text]
    if len(token.text) != len(set(digits)):
        return replace(token, meaning=Meaning.STRAY)
    return _group(replace(token, run=True), set(digits), option_count)


def _group(token: Token, options: set[int], option_count: int) -> Token:
    within = all(1 <= option <= option_count for option in options)
    if not within:
        return replace(token, meaning=Meaning.STRAY)
    return replace(token, meaning=Meaning.GROUP, options=frozenset(options))


_QUANTIFIERS: Final = (Meaning.ALL, Meaning.ANY, Meaning.EITHER, Meaning.BOTH)
_JOINS: Final = (
    Meaning.AND, Meaning.COMMA, Meaning.NUMBER, Meaning.NOUN, Meaning.DASH, Meaning.ORDINAL, Meaning.BUT,
    Meaning.EXCEPT,
)  # fmt: skip
_IDENTIFYING: Final = {"we are", "well be", "ill be", "+", "plus"}


_HOMOPHONES: Final = words("me us be the a an this that see them you u my")
"""What follows a "2" that means "to"."""
_IDENTITIES: Final = {"im", "am", "are", "were", "youre", "you"}
_BEFORE_PLURAL: Final = {"make", "to", "thru", "through"}


def _is_count(tokens: list[Token], typed: list[Token], position: int) -> bool:
    """True if a neighbour makes the number a time, a price, people, a house number and the like."""
    token, before, after = tokens[position], _neighbour(tokens, position - 1), _neighbour(tokens, position + 1)
    whole = before.meaning in _QUANTIFIERS and after.meaning is Meaning.NOUN
    if whole or before.meaning is Meaning.ORDINAL:
        return False
    if before.text == "number":
        before = _neighbour(tokens, position - 2)
        return before.text.split(" ")[-1] in _IDENTITIES
    if after.text.split(" ")[0] in AFTER_A_COUNT or (token.text == "2" and after.text in _HOMOPHONES):
        return True
    last_word = before.text.split(" ")[-1]
    if last_word in BEFORE_A_COUNT and before.meaning not in (*_QUANTIFIERS, Meaning.EXCEPT):
        return before.meaning not in {Meaning.GOOD, Meaning.CORRECTION}
    if before.text in _IDENTIFYING and _neighbour(tokens, position - 2).meaning is not Meaning.NUMBER:
        return True
    if before.text == "to" and position == 1:
        return True
    if before.text in {"to", "-", "and", "&"} and _neighbour(typed, position - 2).meaning is Meaning.COUNT:
        return True
    listed = before.text == "\n" and _neighbour(tokens, position - 2).meaning is Meaning.NUMBER
    plural = not listed and after.text in {"work", "are", "are good", "are fine"} and token.text not in {"1", "one"}
    return plural and before.meaning not in (*_JOINS, *_QUANTIFIERS) and last_word not in _BEFORE_PLURAL


def _typed_ordinal(tokens: list[Token], position: int, option_count: int, *, alone: bool) -> Token:
    token, before, after = tokens[position], _neighbour(tokens, position - 1), _neighbour(tokens, position + 1)
    spoken = token.text in ORDINALS
    if before.text.split(" ")[-1] in {"the", "of"}:
        lead = _neighbour(tokens, position - 2)
        named = after.meaning is Meaning.NOUN or after.text in {"one", "ones"}
        if lead.text in {"on", "by", "after", "before", "until", "till", "from", "since"} or (
            not spoken and alone and not named and lead.meaning not in {Meaning.BUT, Meaning.EXCEPT}
        ):
            return replace(token, meaning=Meaning.DATE)
    if Meaning.DATE in (before.meaning, after.meaning):
        return replace(token, meaning=Meaning.DATE)
    value = ORDINALS[token.text] if spoken else int(token.text[:-2][:4])
    middle, last = (2 if option_count == 3 else 0), (option_count if option_count > 1 else 0)
    return _group(token, {{LAST: last, MIDDLE: middle}.get(value, value)}, option_count)
