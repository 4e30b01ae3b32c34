"""Cuts a plain text into words, with times, dates, money and the like as placeholders.

`worded("2:30 works!")` is "TIME works !": one space between any two words and marks. Placeholders are upper case: TIME,
DATE, COUNT (an amount), STRAY (a number that nobody can read). Other numbers stay digits.
"""

import re
from typing import Final

from autosync.replies.plain import UNREADABLE
from autosync.replies.rules import MONTHS, rewritten, rules, words
from autosync.replies.spelling import mended

_CLOCK = r"\d{1,2}(?:[:.h]\d\d)?"
_MERIDIEM = r" ?(?:am|pm|[ap])\b(?! (?:bit|few|lot|good|maybe))"
_COMPACT: Final = rules([
    (r"\bopt(?:ing)? ?-? ?out\b", "optout"),
    (r"(?:>|<){2,}", " "),
    # Hyphens within words: "no-go", "in-laws".
    (r"(?<=[a-z])-(?=[a-z])", " "),
    # Links and mail addresses.
    (r"https?:\S+|(?<!\S)\S{1,64}@\S+\.\S+|www\.\S+", " LINK "),
    # Telephone numbers and other long runs of digits.
    (r"(?<![\w.])\+?(?:\d{1,2}[-. ])?\(?\d{3}\)?[-. ]{0,2}\d{3}[-. ]?\d{4}\b|\b\d{3}[- .]\d{4}\b"
     r"|\b\d{5,}\b", " COUNT "),
    # Odds: "50/50", "80%".
    (r"\b50 ?[/-] ?50\b|\b[1-9]\d ?%", " maybe "),
    # Money and percents; "100%" and "1000%" are emphasis.
    (r"\b1000?(?: ?%| percent\b)", " totally "),
    (r"[$€£] ?\d[\d.,]*k?|\b\d+(?:[.,]\d+)? ?[$€£%]", " COUNT "),
    (r"\b\d{1,3}(?:,\d{3})+\b", " COUNT "),
    # Times and ranges of times: "6-8 PM", "2:30", "1 or 2pm", "3ish", "10 o'clock".
    (rf"\b{_CLOCK}(?:{_MERIDIEM})?(?: ?(?:-|/|to|til|till|until|or|and|&) ?{_CLOCK}){{1,2}} ?(?:am|pm)\b", " TIME "),
    (r"\b\d{1,2} ?- ?\d{2}\b(?!-)", " TIME "),
    (rf"\b{_CLOCK} ?(?:-|to|til|till) ?{_CLOCK}[ap]\b", " TIME "),
    (r"\b\d{1,2}:\d\d(?: ?[ap]m?\b)?(?: ?- ?\d{1,2}(?::\d\d)?(?: ?[ap]m?\b)?)?|\b\d{1,2}h\d\d\b", " TIME "),
    (r"\b\d{1,2}(?:[:.]\d\d)? ?(?:am|pm)\b|\b\d{1,2}[ap]\b|\b\d{1,2} ?o ?'?clock\b|\b\d{1,2} ?-?ish\b", " TIME "),
    # Dates: "12/20", "1/2/25", "2025-12-19", "Dec 20", "the 19th of December". "1/2" may be a list.
    (r"\b\d{1,4}([/.-])\d{1,2}\1\d{2,4}\b|\b\d{1,2}/\d{2}\b|\b\d{2}/\d{1,2}\b", " DATE "),
    (rf"\b{MONTHS}\.? ?\d{{1,2}}(?:st|nd|rd|th)?(?: ?(?:-|to|thru|through|or|and|&) ?\d{{1,2}}(?:st|nd|rd|th)?)?\b"
     r"(?:,? 20\d\d\b)?", " DATE "),
    (rf"\b\d{{1,2}}(?:st|nd|rd|th)? ?(?:-|to|or|and|&) ?\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTHS}\b", " DATE "),
    (rf"\b(?:the )?\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{MONTHS}|may|next month|the month)\b", " DATE "),
    (r"\bmay \d{1,2}(?:st|nd|rd|th)?\b(?! (?:work|be|not))", " DATE "),
    (r"\b(?:19|20)\d\d\b", " DATE "),
    # Scores: "10/10", "2-for-1", "1-on-1", "2x2"; decimals, and numbers behind a sign.
    (r"\b\d{2,}/\d{2,}\b|\b\d+-(?:on|for|to|in|by)-\d+\b|\b\d+ ?x ?\d+\b|\bx ?\d+\b|\b\d+x\b", " COUNT "),
    (r"\b(?:won|lost|lose|win|beat \w+|score is|tied|up|final|odds are) \d+ ?(?:-|to) ?\d+|\b\d+-\d+ "
     r"final", " COUNT "),
    (r"\b\d+\.\d+(?:\.\d+)*\b", " STRAY "),
    (r"\b\d:\d\b|\b\d \d/\d\b", " STRAY "),
    (r"(?<![\w)\]])[-~:;] ?\d+\b(?=\W*$)|[~<>@]\s*\d+|\d\s*[<>=]\s*\d|[-\d] ?=\d", " STRAY "),
    (r"(?<=[a-z] )-\d\b", " STRAY "),
    # "+1" is one more person.
    (r"(?:^|(?<=[^\d\s]) ?)\+ ?\d\b(?! ?[+&,])", " COUNT "),
    # "2 1/2 hours", "1/2 hour", "1/3 of us".
    (r"\b(?:\d )?\d/\d(?= (?:hour|hr|of|cup|mile|day|pound|january|on)\b)", " COUNT "),
])  # fmt: skip

_SHORTHAND: Final = {
    "b4": "before", "gr8": "great", "l8": "late", "l8r": "later", "m8": "mate", "w8": "wait", "2day": "today",
    "2nite": "tonight", "2night": "tonight", "2morrow": "tomorrow", "2moro": "tomorrow", "4me": "for me",
    "4us": "for us", "4sure": "for sure", "2u": "to you", "4u": "for you", "any1": "anyone", "some1": "someone",
    "every1": "everyone", "no1": "noone", "str8": "straight", "h8": "hate",
}  # fmt: skip
_SPELLED: Final = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20", "uno": "1", "dos": "2", "tres": "3", "cuatro": "4",
    "cinco": "5",
    "first": "F1", "second": "F2", "third": "F3", "fourth": "F4", "fifth": "F5", "primero": "F1", "primera": "F1",
    "primer": "F1", "primeros": "F1", "ultimos": "last",
    "segundo": "F2", "segunda": "F2", "tercero": "F3", "tercera": "F3", "tercer": "F3",
}  # fmt: skip
_TOKEN: Final = re.compile(rf"[A-Z]+|[a-z\d]+|[^\W_]+|{UNREADABLE}|\n|[^\w\s]")
_GLUED: Final = words(
    "and n or y yes no ok opt option options number works o x plus hr hrs pls plz please thx ty fs tho for sure is me"
)


def worded(plain: str) -> str:
    """The words and marks of a plain text; spelled numbers as digits, "first" as F1, "1st" as G1."""
    return " ".join(word for token in _TOKEN.findall(rewritten(plain, _COMPACT)) for word in _words(token))


def _words(token: str) -> list[str]:
    """The words in a run of letters and digits: "1and3" is three, "3rd" is an ordinal, "a1" is unreadable."""
    if token.isspace():
        return ["|"]
    if token == UNREADABLE:
        return ["STRAY"]
    if token.isalpha() or token.isdigit():
        word = mended(token)
        return _SPELLED.get(word, word).split()
    if token in _SHORTHAND:
        return _SHORTHAND[token].split()
    ordinal = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", token)
    if ordinal:
        return [f"G{ordinal[1]}" if int(ordinal[1][:4]) <= 3 else "DATE"]
    parts = re.findall(r"\d+|[^\W\d]+", token)
    if len(parts) > 1 and all(part.isdigit() or part in _GLUED for part in parts):
        return parts
    return [token] if not any(character.isdigit() for character in token) else ["STRAY" if len(token) < 3 else "COUNT"]
