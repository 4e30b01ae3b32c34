"""Reads what an organizer texts: a choice by its number or its word, an option's number, or the wish for a list.

Exact on purpose: what is more than one of these, or anything else, is None, and worth a question. Pure; what follows
from it, and whether it is an answer at all, is decided by `organizer_inbox`.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum


class Choice(Enum):
    """What the organizer can do about a paused sync, by the number in the summary."""

    REMIND = 1
    INVITE = 2
    STOP = 3


_NUMBERS = {"one": 1, "two": 2, "three": 3}
_POLITE = {"again", "ok", "okay", "please", "pls", "thanks", "thx"}
_WORDS = {
    **dict.fromkeys(("remind", "remind them", "remind everyone", "send reminder", "send reminders"), Choice.REMIND),
    **dict.fromkeys(("invite", "invites", "invite them", "invite everyone", "send invites"), Choice.INVITE),
}
_OPENS_OPTION = re.compile(r"^(?:(?:send )?invites? )?(?:for )?(?:option |number )?(?=\S+$)")


def choice(text: str) -> Choice | None:
    """The choice that `text` makes: "2", "two please", "send invites". "Option 2" is none: it is no choice's number."""
    words = _words(text)
    number = _number(words)
    if number is not None:
        return Choice(number) if 1 <= number <= len(Choice) else None
    return _WORDS.get(words)


def option_number(text: str) -> int | None:
    """The number of the one option that `text` names: "2", "option two", "invite 2"; it need not exist."""
    return _number(_OPENS_OPTION.sub("", _words(text)))


def asks_for_status(text: str) -> bool:
    """Whether `text` asks how things stand; with or without a question mark."""
    return _words(text.replace("?", "")) == "status"


def _words(text: str) -> str:
    """Lower case, without punctuation and politeness; a question or a calculation keeps the sign that makes it one."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    marked = re.sub(r"(?<=\d)[.,:/-](?=\d)|[?+*/]|-(?=\d)", " § ", plain)
    words = re.sub(r"[^\w§ ]", "", re.sub(r"\s+", " ", marked)).split()
    return " ".join(word for word in words if word not in _POLITE)


def _number(words: str) -> int | None:
    if re.fullmatch(r"[0-9]", words, re.ASCII):
        return int(words)
    return _NUMBERS.get(words)
