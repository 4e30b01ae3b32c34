"""Finds the carrier words in a message: `command_in(tokens)` is "stop", "start", "help" or None.

STOP counts with words around it where its intent is plain ("please stop texting me"), and not where the word is only
used ("bus stop", "I'll stop by"). START and HELP count alone.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal

from autosync.replies.tokens import Token, words_of
from autosync.replies.words import Meaning, listed, words

_HELP: Final = frozenset(
    listed("""
    ayuda | do i know you | help | help me | hey who is this | hi who is this | how do i answer | how do i do this
    | how do i reply | how do i respond | how do i use this | how do i vote | how does this work | how to reply
    | i dont understand | i need help | info | is this a scam | is this legit | is this real | is this spam
    | more info | need help | new phone who dis | quien es | sorry who is this | wait who is this
    | what am i supposed to do | what do i do | what do i reply | what do i text | what is this | what is this about
    | what is this for | what number is this | whats this | whats this about | who are you | who dis | who is it
    | who is texting | who is texting me | who is this | who is this please | who r u | who sent this
    | whos texting me | whos this | whose number is this""")
)
_STOP_ALONE: Final = words("""
    alto cancel end optout parar quit revoke stop stopall unsub unsubcribe unsubscribe unsuscribe""")
"""The carriers' words, and how they are misspelt."""
_STOP_STRONG: Final = words("optout stop stopall unsub unsubcribe unsubscribe unsuscribe")
"""Those that are plain with other words around them; "end" and "cancel" are not."""
_POLITE: Final = words("asap immediately just kindly no nope now ok please pls plz thank thanks you")
_COMPANIONS: Final = words("""
    alerts all already and asap bothering can contacting could damn didnt do dont everything for from fucking
    getting group hey hi how i id immediately is it just kindly know like list me message messages messaging msg
    msgs my need never no nope notifications now number ok please pls plz receiving said sending seriously sign
    signed sorry spam spamming subscription text texting texts thank thanks the these this to txting txts up us want
    who wish with would wrong you your""")
_OBJECTS: Final = words("alerts message messages messaging notifications subscription text texting texts")
_STOP_PHRASES: Final = listed("""
    off this list | off your list | off the list
    | opt out | opt me out | opting out | unsubscribe me | stop texting | stop messaging | stop sending
    | stop contacting | stop spamming | stop bothering | quit texting | quit messaging | stop these texts
    | take me off the | take me off this | take me off your | take me off of this | dont text this number
    | do not text this number | stop text messages | dont send me | do not send me | remove me from this
    | remove me from the list | remove me from your list | remove my number | delete my number | take my number off
    | lose my number | leave me alone | do not contact me | dont contact me | no more texts | no more messages
    | no more text messages | dont text me again | do not text me again | dont text me anymore
    | do not text me anymore | never text me | dont message me | do not message me | dejen de escribirme
    | no me escriban | no me manden mas | no me envien mas | dejen de mandar | i want to unsubscribe | stop txting
    | remove this number | take this number off
    | dont contact this number | do not contact this number | dont want these texts
    | dont want these messages""")
_STOP_WHOLE: Final = frozenset(
    listed("""
    delete me | do not text me | dont text me | no mas | no mas mensajes | remove me | take me off""")
)
_DENIED: Final = words("cannot cant didnt doesnt dont if never not reply text txt wont")
_DENIED_BARE: Final = words("dont never")
_START: Final = words("start unstop")
_START_COMPANIONS: Final = words("again me messages now ok please pls plz sending texting texts")
_ENDS = {Meaning.BREAK, Meaning.QUERY, Meaning.COMMA}


def command_in(tokens: list[Token]) -> Literal["stop", "start", "help"] | None:
    """The command that the message gives; STOP beats the others."""
    sentences = [sentence for sentence in _sentences(tokens) if sentence and not _is_footer(sentence)]
    whole = [word for sentence in sentences for word in sentence]
    if not whole:
        return None
    if any(map(_asks_to_stop, sentences)) or _is_bare_stop(sentences):
        return "stop"
    if _START & set(whole) and set(whole) <= _START | _START_COMPANIONS:
        return "start"
    if " ".join(whole) in _HELP or all(_asks_for_help(sentence) for sentence in sentences):
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


def _is_footer(sentence: list[str]) -> bool:
    """ "Reply STOP to opt out", copied from our own texts."""
    return re.search(r"\bstop to (opt|end|quit|cancel|stop|unsubscribe)", " ".join(sentence)) is not None


def _asks_for_help(sentence: list[str]) -> bool:
    polite = {"please", "pls", "hi", "hello", "hey", "sorry"}
    text = " ".join(word for word in sentence if word not in polite)
    return text in _HELP or text.startswith(("who is this ", "whos this ", "whos texting"))


def _asks_to_stop(sentence: list[str]) -> bool:
    """A phrase that can mean nothing else, and is not denied or only quoted."""
    text = f" {' '.join(sentence)} "
    if " ".join(word for word in sentence if word not in _POLITE) in _STOP_WHOLE:
        return True
    for phrase in _STOP_PHRASES:
        lead, found, _ = text.partition(f" {phrase} ")
        if found and not _DENIED & set(lead.split()[-3:]):
            return True
    return False


def _is_bare_stop(sentences: list[list[str]]) -> bool:
    """STOP and the like, with nothing else in the message than courtesy and what is to be stopped."""
    if any(_STOP_ALONE & set(sentence) and _DENIED_BARE & set(sentence) for sentence in sentences):
        return False
    said = {word for sentence in sentences for word in sentence}
    if said & _STOP_STRONG:
        return said <= _STOP_ALONE | _COMPANIONS
    if not said & _STOP_ALONE:
        return False
    return said <= _STOP_ALONE | _POLITE or (bool(said & _OBJECTS) and said <= _STOP_ALONE | _COMPANIONS)
