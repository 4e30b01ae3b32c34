"""Finds the carrier words in a message: `command_in(tokens)` is "stop", "start", "help" or None.

STOP counts with words around it where its intent is plain ("please stop texting me"), and not where the word is only
used ("bus stop", "I'll stop by"). START and HELP count alone.
"""

from collections.abc import Iterator
from typing import Literal

from autosync import reply_words as words
from autosync.reply_tokens import Token, words_of
from autosync.reply_words import Meaning

_ENDS = {Meaning.BREAK, Meaning.QUERY, Meaning.COMMA}


def command_in(tokens: list[Token]) -> Literal["stop", "start", "help"] | None:
    """The command that the message gives; STOP beats the others."""
    sentences = [sentence for sentence in _sentences(tokens) if sentence]
    whole = [word for sentence in sentences for word in sentence]
    if not whole:
        return None
    if any(map(_asks_to_stop, sentences)) or _is_bare_stop(sentences):
        return "stop"
    if words.START_WORDS & set(whole) and words.START_WORDS | words.START_COMPANIONS >= set(whole):
        return "start"
    if " ".join(whole) in words.HELP or all(_asks_for_help(sentence) for sentence in sentences):
        return "help"
    return None


def _sentences(tokens: list[Token]) -> Iterator[list[str]]:
    held: list[Token] = []
    for token in tokens:
        if token.meaning in _ENDS:
            yield words_of(held)
            held = []
        else:
            held.append(token)
    yield words_of(held)


def _asks_for_help(sentence: list[str]) -> bool:
    polite = {"please", "pls", "hi", "hello", "hey", "sorry"}
    return " ".join(word for word in sentence if word not in polite) in words.HELP


def _asks_to_stop(sentence: list[str]) -> bool:
    """A phrase that can mean nothing else, and is not denied or only quoted."""
    text = f" {' '.join(sentence)} "
    if " ".join(word for word in sentence if word not in words.STOP_POLITE) in words.STOP_WHOLE:
        return True
    for phrase in words.STOP_PHRASES:
        lead, found, _ = text.partition(f" {phrase} ")
        if found and not words.STOP_DENIED & set(lead.split()[-3:]):
            return True
    return False


def _is_bare_stop(sentences: list[list[str]]) -> bool:
    """STOP and the like, with nothing else in the message than courtesy and what is to be stopped."""
    said = {word for sentence in sentences for word in sentence}
    if said & words.STOP_STRONG:
        return said <= words.STOP_ALONE | words.STOP_COMPANIONS
    if not said & words.STOP_ALONE:
        return False
    return said <= words.STOP_ALONE | words.STOP_POLITE or (
        bool(said & words.STOP_OBJECTS) and said <= words.STOP_ALONE | words.STOP_COMPANIONS
    )
