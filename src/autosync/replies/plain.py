"""Brings a text message to plain words: `plain("I can’t do 1️⃣ 👎")` is "i cant do 1 nomark".

Lower case, no accents or apostrophes, digits of every script as 0-9, emoji as words or as a soft break. What the
words mean is settled elsewhere.
"""

import re
import unicodedata
from typing import Final

UNREADABLE: Final = "§"
"""Stands for a character that has digits in it but is no digit: ½, ⑩."""
SOFT_BREAK: Final = " ¤ "
"""Stands for an ornament: an emoji or a smiley."""

_EMOJI_WORDS: Final = (
    dict.fromkeys("👍👌✅✔☑🆗💯🙆", " yesmark ")
    | dict.fromkeys("👎❌✖🚫⛔🙅", " nomark ")
    | dict.fromkeys("🤷🤔😬", " doubtmark ")
    | dict.fromkeys("❓❔⁉", " ? ")
    | {"❗": "!", "‼": "!", "➕": "+", "🔟": "10", "⃣": "", "，": ",", "。": ".", "？": "?"}
)
_CHARACTERS: Final = {
    "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "„": '"',
    "–": "-", "—": " - ", "−": "-", "…": "...", "•": " ", "·": " ", "№": "#", "و": " and ",
}  # fmt: skip
_KEYCAP: Final = re.compile("([0-9])\ufe0f?\u20e3")
_SMILEY: Final = re.compile(
    r"(?<!\S)(?:[:;=8x]'?-?[()\[\]dpo/\\|*]+|(?<!<)<+/?3+|\^_*\^|[:;]3|xd+|t_t|-_+-|¯\S*)(?![\w])|&[lg]t;3?",
    re.IGNORECASE,
)
_ESCAPES: Final = re.compile(r"&(amp|lt|gt|quot|#39);")
_UNESCAPED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'"}
_IS: Final = re.compile(r"\b(one|two|three|first|second|third|last|middle|option|[123])'s (?=(?:the|a|my|good|"
    r"fine|great|best|ok|"
                        r"perfect|out|no|not|bad|free|open|cool|ideal|better|clear|doable|busy|"
                        r"taken)\b)")  # fmt: skip
_LONG_END: Final = re.compile(r"([yahwus])\1{2,}\b|(?<=[sgn])(o)\2{2,}\b")
_REPEATED: Final = re.compile(r"([^\w\s])\1{3,}")
_LONG: Final = re.compile(r"([a-z])\1{2,}")


def plain(text: str) -> str:
    """`text` in lower case and plain characters; line ends, punctuation and compact numbers ("2:30") stay."""
    text = _ESCAPES.sub(lambda found: _UNESCAPED[found[1]], text)
    text = _KEYCAP.sub(r" \1 ", text)
    text = "".join(map(_plain_character, text)).casefold()
    text = _SMILEY.sub(SOFT_BREAK, text)
    text = re.sub(r"(?<=\w)'(?=\w)", "", _IS.sub(r"\1 is ", text))
    text = re.sub(r"\b([ap])\. ?m\b\.?", r"\1m", text)
    text = _REPEATED.sub(r"\1\1\1", text)
    return _LONG.sub(r"\1\1", _LONG_END.sub(r"\1\2", text))


def _plain_character(character: str) -> str:
    if character in _EMOJI_WORDS:
        return _EMOJI_WORDS[character]
    if character.isascii():
        return character
    if character in _CHARACTERS:
        return _CHARACTERS[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit) if character.isdecimal() else f" {digit} "
    decomposed = unicodedata.normalize("NFKD", character)
    if any(part.isnumeric() for part in decomposed):
        return f" {UNREADABLE} "
    kept = "".join(part for part in decomposed if unicodedata.category(part) not in {"Mn", "Me", "Cf", "Sk"})
    return SOFT_BREAK if any(unicodedata.category(part) in {"So", "Sm"} for part in kept) else kept
