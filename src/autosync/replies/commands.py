"""Finds the carrier words in a message: `command_in(plain_text)` is "stop", "start", "help" or None.

STOP counts with words around it where its intent is plain ("please stop texting me"), and not where the word is only
used ("bus stop", "I'll stop by", "stop it, you're killing me"). START beats a STOP that it takes back.
"""

import re
from typing import Final, Literal

from autosync.replies.spelling import mended

_STOP_WORDS: Final = (
    r"(?:stop|stopp|stopall|unsubscribe|unsub|unsubcribe|unsuscribe|optout|opt out|revoke|cancel|end|quit|alto|"
    r"parar)"
)
_TEXTS: Final = (
    r"(?:(?:all|these|the|this|those|your|any|further|more|me|sending|getting|with|of|my|it|receiving|out)\s)*"
    r"(?:texts?|txts?|text messages?|messages?|msgs?|alerts?|notifications?|subscription|texting|messaging|spam|"
    r"updates?|reminders?|list|sms)"
)
_POLITE: Final = (
    r"(?:please|pls|plz|plss|pleease|now|ok|okay|thanks|thank|thx|you|ty|no|nope|just|kindly|immediately|asap|"
    r"hi|hello|hey|sorry|already|yo|s|il|sil|but|yes|really|enough|guys|omg|ugh|wtf|vous|plait|por|favor|"
    r"i|said|and|everything|it|all|me|seriously|ffs|dude|damn|could|can|would|want|to|this|number|wrong|these|"
    r"further|from|for|so|good|"
    r"who|is|dont|know|didnt|sign|up|never|signed|need|anymore|maam|sir|there|once|again|its|im|not|interested|right)"
)
_ALONE: Final = re.compile(rf"(?:{_POLITE}\s)*(?:{_STOP_WORDS}\s)+(?:(?:{_STOP_WORDS}|{_POLITE})\s)*")
_STRONG: Final = re.compile(
    r"\b(?:stop|stopp|stopall|unsubscribe|unsub|unsubcribe|unsuscribe|optout|opt out|"
    r"revoke)\b"
)
_WEAK_ALONE: Final = re.compile(
    r"(?:(?:please|pls|plz|ok|no|just|thanks|thank|you|now|hi|hello|sorry|thx)\s)*(?:(?:cancel|end|quit|revoke|"
    r"alto|parar)\s)+(?:(?:please|pls|plz|now|thanks|thank|you|thx|ok|it|all|me)\s)*"
)
_QUIT_ALONE: Final = re.compile(
    r"(?:(?:please|pls|plz|ok|no|just|now)\s)*(?:quit\s)+(?:(?:please|pls|plz|now|thanks|thank|you)\s)*"
)
"""Said alone it takes nothing back but the texts, whatever was said before: “1 works. QUIT”."""
_COURTESY: Final = re.compile(
    r"(?:(?:thanks?|thx|ty|thank|you|hi|hello|hey|sorry|no|nope|ok|okay|please|pls|sir|so|much)\s)+"
)
_SHOUTED: Final = re.compile(
    r"\W*(?:STOP|STOPALL|UNSUBSCRIBE|OPTOUT)\b(?!\W+(?:by|it|in|at|over|and|everything)\b)(?=[^\d?]*[a-z])[^\d?]*",
    re.DOTALL,
)
"""The carriers' own word in capitals before plain words: “STOP I never signed up for this”."""
_PHRASES: Final = re.compile(
    rf"\b(?:(?:stop|quit|cease|discontinue)\s(?:all\s|with\s|w\s)?(?:texting|txting|messaging|contacting|"
    rf"spamming|bothering|bugging|harassing|sending(?=$|\s(?:me|us|these|this|those|texts|messages|msgs|txts|any|"
    rf"anything|so|stuff|"
    rf"all|more|the|to|it|please|pls|now|spam|crap|shit)\b))(?!\s(?:your|him|her|them|and|while)\b)|(?:stop|quit|end|"
    rf"cancel|discontinue|halt)\s{_TEXTS}(?!\s(?:sunday|later|at|about)\b)|(?:unsubscribe|unsub)\s(?:me|us|from|"
    rf"this|now|please|pls|my)|"
    r"(?:want|like|wish|prefer|need|ask|demand)\s(?:\w+\s){0,6}to\s(?:stop|unsubscribe|opt out|be removed|be "
    r"taken off|end)(?=\s(?:receiving|getting|these|this|the texts|$)|$)|opt(?:ing)?\s(?:me\s)?out\b(?!\s(?:of "
    r"(?:dinner|the game|this one)))|"
    r"(?:remove|take|delete|drop|get)\s(?:me|us|my\snumber|this\snumber|my\sname|my\sphone)\s(?:off\s(?:of\s)?|"
    rf"from\s|out\sof\s)(?:this|your|the|all|ur|these|those)(?:$|\s(?:please|pls|plz|now|thanks|thank|i|im)\b|"
    rf"(?:\s(?!carpool|wait|guest|grocery|food|bring|potluck)\w+){{0,3}}?\s(?:{_TEXTS}|thread|chat|group|system|"
    r"database|contacts|it|stuff|thing|program|service|lists)\b)|(?:remove|"
    r"delete|lose)\s(?:my|this)\snumber|"
    r"(?:do\snot|dont|never|no\slonger)\s(?:ever\s)?(?:text|message|contact|msg|sms)\s(?:me|this|"
    r"us)\b(?!\s(?:about|when|until|before|after|if|the))|(?:dont|"
    r"do\snot)\ssend\s(?:me\s)?(?:any\s)?(?:more\s)?(?:texts|messages|these|any)|no\smore\s(?:texts|messages|"
    r"text\smessages|msgs)|leave\sme\salone|"
    r"(?:dont|do\snot)\swant\s(?:these|any\smore|your|to\s(?:get|receive)|more)\s(?:\w+\s){0,2}(?:texts|"
    r"messages|text|msgs)|revoke\s(?:my\s)?consent|withdraw\smy\sconsent|off\s(?:this|your|the)\s(?:\w+\s)?list|"
    r"i\swant\soff(?:$|\s(?:of\s)?(?:this|the|your)\b)|"
    r"dejen?\sde\s(?:escribirme|mandar|enviar)|no\sme\s(?:escriban|manden|envien)\b|how\s(?:do|"
    r"can)\si\s(?:unsubscribe|opt out|stop)|(?:these|the|those|all)\s(?:messages|texts)\sto\sstop|make\s(?:it|"
    r"these|this)\sstop|can\syou\s(?:please\s)?stop$|quit\sit\swith)"
)
_DENIED: Final = re.compile(
    r"\b(?:dont|never|didnt|wont|cant|cannot|not|reply|if|text|ever|doesnt|couldnt)\s(?:\w+\s){0,2}$"
)
_WHOLE: Final = frozenset(
    [
        "delete me",
        "do not text me",
        "dont text me",
        "no mas",
        "no mas mensajes",
        "remove me",
        "take me off",
        "remove me please",
        "pls remove me",
        "take me off please",
        "delete me please",
        "please remove me",
    ]
)
_FOOTER: Final = re.compile(
    r"\b(?:reply|text|send|txt)?\s?stop\sto\s(?:opt|end|quit|cancel|stop|unsubscribe)|\breply\sstop\b"
)
_JOKING: Final = re.compile(
    r"\b(?:lol|haha|hahaha|funny|hilarious|killing|dying|laughing|omg|cute|nonstop|doubtmark)\b"
)

_START_AGAIN: Final = re.compile(
    rf"\b(?:unstop|resubscribe|resub|re subscribe|re enroll|reactivate)\b(?!\s(?:to|will))|^(?:(?:please|pls|plz|"
    rf"ok|okay|yes|hey|hi|oops)\s)*start\s(?:(?:i|sorry|again|please)\b(?!\s(?:at|on|the|time|need|have|work|my))|"
    rf"(?:over|back|up)(?:\s(?:up|again|please|now|thanks))*$)|"
    rf"\b(?:turn|switch)\s(?:the|my|these|your|those)\s(?:texts|messages|reminders|notifications|"
    rf"alerts)\s(?:back\son|on)|"
    rf"\b(?:start|restart|resume|continue|turn\son|turn\sback\son|renew|keep|switch\son|bring\sback|"
    rf"begin)\s(?:up\s|back\s|again\s|back\sup\s)?{_TEXTS}"
    r"(?!\s(?:him|her|them|you|everyone|people|about|when))|"
    r"\b(?:start|restart|resume|begin)\s(?:up\s|back\s)?(?:sending|texting|messaging|getting|"
    r"receiving)\b(?!\s(?:him|her|them|you|everyone|people))|"
    r"\b(?:add|put|sign|get|include|opt|subscribe|enroll|turn|let)\s(?:me|us|my\snumber|this\snumber)\s(?:back|"
    r"(?:up|in|on)\sagain)"
    r"(?:\s(?:in|on|up|to|again|please|pls|plz|the|your|this|ur|list|texts|messages|group|thread|sms|now|thanks))*$|"
    r"\b(?:want|like|love|need)\s(?:to\s)?(?:get\s|getting\s|receive\s|have\s|start\sgetting\s|see\s)?(?:the|"
    r"these|your|my|those|ur)\s"
    r"(?:\w+\s)?(?:texts|messages|msgs|updates|reminders|invites|notifications)\s(?:again|back)|"
    r"\b(?:i\s)?(?:want|wanna\sbe|want\sto\sbe|would\slike)\s(?:to\sbe\s)?back\s(?:in|on)(?:\s(?:the|this|"
    r"your)\s(?:list|texts|thread))?$|"
    r"\b(?:text|message|msg)\s(?:me|us)\sagain\b(?!\s(?:later|tomorrow|when|on|about|closer|next|in|if|after|at))|"
    r"\bopt\s(?:me\s|us\s)?(?:back\s)?in$|\bundo\s(?:the\s|my\s)?(?:stop|unsubscribe|opt\sout)\b"
)
"""Phrases that can only ask for the texts to come again."""
_START_WORDS: Final = re.compile(r"\b(?:start|unstop|resubscribe|re subscribe|opt (?:me )?(?:back )?in)\b")
_START_ALONE: Final = re.compile(
    r"(?:(?:please|pls|plz|ok|hi|hello|hey|sorry|can|could|you|i|want|to|just|yes|and|now|so|oops|wait|"
    r"no)\s)*(?:start|unstop|resubscribe)\s(?:(?:start|unstop|please|pls|plz|now|again|thanks|thank|you|thx|me|"
    r"my|the|these|this|them|sending|texting|texts?|messages?|back|up|to|it|receiving|getting|over|number|for|all|"
    r"updates|reminders)\s)*"
)
_HELP: Final = re.compile(
    r"(?:(?:hi|hey|hello|um|sorry|ok|wait|please|pls|and|so|new phone|yo|excuse me|lol|but|uh|"
    r"idk)\s)*(?:(?:help|info|ayuda|information)(?:\s(?:please|pls|plz|me|info|help))*$|"
    r"(?:i\s)?need\s(?:some\s)?help(?:$|\s(?:please|with\sthis|with\sthe\s(?:text|app|system)|using|"
    r"understanding|answering|replying))|more\sinfo$|who\s(?:is|are)\s(?:this|you|it|dis|texting|sending|"
    r"messaging)(?!\s(?:dinner|party|guys|bringing|inviting|going|with)\b)|who\s(?:r\su|dis|this|sent)|"
    r"whos\s(?:this|texting|sending|dis)|who\s(?:do|am)\s\w+\s(?:think|talking|texting)|whos?e?\snumber|"
    r"where\sdid\s(?:you|u|yall)\sget\s(?:my|this)|(?:who|what)\s(?:is|are)\s(?:sending|texting|contacting)|"
    r"(?:can|could|may)\si\s(?:please\s)?(?:get|have)\s(?:some\s|more\s)?(?:info|information|help)\b(?!\s(?:on|"
    r"about)\s(?:the|parking|what))|"
    r"(?:i\s)?(?:have\s)?no\sidea\swho\sthis\sis|what\s(?:do|should|can)\si\s(?:do|reply|text|type|send|say|"
    r"write)\s(?:here|now|to|back)|"
    r"how\sam\si\ssupposed\sto\s(?:answer|reply|respond)|help\s(?:i\s|me\s|im\s)?(?:dont|do\snot|understand|what|"
    r"how|who|confused|with\sthis)|"
    r"do\si\sknow\syou|what\snumber\sis\sthis|(?:what|whats)\s(?:is\s)?this(?:$|\s(?:about|for|number|service|"
    r"text|thing|message|app|from|and|please|all about|exactly|some|a|supposed|even))(?!\s(?:dinner|party|"
    r"event))|what\sservice|"
    r"is\sthis\s(?:a\s|an\s|some\s|even\s|actually\s)*(?:kind\sof\s|sort\sof\s|type\sof\s)?(?:a\s|an\s)?(?:bot|"
    r"scam|spam|legit|real|automated|robot|ai|computer|service|app|phishing|person|human|machine|joke|text "
    r"service|group text)|am\si\s(?:talking|texting)\s(?:to|with)\s(?:a|an)\s|how\sdid\s(?:you|u)\sget\s(?:my|"
    r"this)\snumber|"
    r"how\sdoes\s(?:this|it)\s(?:\w+\s){0,3}work|how\sdo\s(?:i|you|u|we)\s(?:answer|do\sthis|reply|respond|"
    r"use\sthis|vote)|how\sto\s(?:reply|respond|vote|answer)|(?:i\s)?dont\sunderstand(?:$|\s(?:this|what\sthis|"
    r"how\s(?:this|to)|the\stext|any))|quien\ses|what\s(?:am\si\ssupposed\sto\sdo|do\si\s(?:do|reply|text)$)|"
    r"what\skind\sof\s(?:service|app|number|text))"
)
_SENTENCE: Final = re.compile(r"[.!?\n;¤|]+|,| - |\(|\)")


def command_in(plain: str) -> Literal["stop", "start", "help"] | None:
    """The command that a plain text gives."""
    sentences = [words for part in _SENTENCE.split(plain) if (words := _words(part))]
    said = [sentence for sentence in sentences if not _FOOTER.search(sentence)]
    if not said:
        return None
    if any(_START_ALONE.fullmatch(f"{sentence} ") or _asks_to_start(sentence) for sentence in said):
        return "start"
    if any(map(_asks_to_stop, said)) or _is_bare_stop(said, plain_asks="?" in plain):
        return "stop"
    if any(_BARE_HELP.fullmatch(sentence) for sentence in said[:1]) and any(
        len(sentence.split()) > 3 for sentence in said[1:]
    ):
        return None if not any(map(_HELP.match, said[1:])) else "help"
    helping = [bool(_HELP.match(sentence)) for sentence in said]
    return "help" if any(helping) and not any(map(_NUMBERED.search, said)) and (helping[0] or helping[-1]) else None


_BARE_HELP: Final = re.compile(r"(?:help|info|hello|please| )+")
"""HELP with a story behind it is no command: “Help! I burned the turkey”."""
_NUMBERED: Final = re.compile(
    r"\b(?:\d(?!\s(?:texts?|times|messages|msgs|calls|thing))|option|works|none|"
    r"parking|bring)\b"
)


def shouts_stop(text: str) -> bool:
    """Whether a text as it was written begins with STOP in capitals, as carriers ask for it, and goes on in others.

    One that has a number in it, or asks, may be an answer all the same.
    """
    return _SHOUTED.fullmatch(text) is not None and not _JOKING.search(text.lower())


def _words(part: str) -> str:
    return " ".join(mended(word) for word in re.findall(r"[a-z\d]+|[^\W_]+", part))


def _asks_to_start(sentence: str) -> bool:
    return any(not _DENIED.search(sentence[: found.start()]) for found in _START_AGAIN.finditer(sentence))


def _asks_to_stop(sentence: str) -> bool:
    """A phrase that can mean nothing else, and is not denied."""
    if sentence in _WHOLE:
        return True
    return any(not _DENIED.search(sentence[: found.start()]) for found in _PHRASES.finditer(sentence))


def _is_bare_stop(sentences: list[str], *, plain_asks: bool) -> bool:
    """STOP and the like as a sentence of its own, with nothing but courtesy or reasons around it."""
    if plain_asks and not any(map(_STRONG.search, sentences)):
        return False
    strong = [f"{sentence} " for sentence in sentences if _ALONE.fullmatch(f"{sentence} ") and not _unmeant(sentence)]
    if not strong:
        return False
    spaced = [f"{sentence} " for sentence in sentences]
    if any(map(_WEAK_ALONE.fullmatch, strong)) and all(
        _ALONE.fullmatch(sentence) or _WEAK_ALONE.fullmatch(sentence) or _COURTESY.fullmatch(sentence)
        for sentence in spaced
    ):
        return True
    if any(map(_JOKING.search, sentences)):
        return False
    return any(_STRONG.search(sentence) or _QUIT_ALONE.fullmatch(sentence) for sentence in strong)


def _unmeant(sentence: str) -> bool:
    return (
        re.search(
            r"\b(?:dont|never|didnt|not)\b.*\b(?:stop|quit|end|cancel)\b|\bstop it all\b|\bno end\b|\bend (?:of|is|"
            r"up)\b|\bi (?:quit|end|cancel)\b|\b(?:can|would|to|so) (?:cancel|end|quit)\b|\bstop (?:by|in|at)\b",
            sentence,
        )
        is not None
    )
