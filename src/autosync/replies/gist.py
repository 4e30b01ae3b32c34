"""What the words beside an option come to when no fixed phrase covers them: `gist_behind("is gonna be my only shot")`.

The word that decides is looked for past idle ones. A negation, a condition or another person in reach: UNKNOWN.
"""

import re
from itertools import dropwhile
from typing import Final

from autosync.replies.lexicon import (
    BAD,
    BUSY,
    CHANCES,
    EVENTS,
    FREE,
    FULL,
    GOOD,
    INTERJECTIONS,
    LINKING,
    MODIFIERS,
    NEGATIONS,
    OTHERS,
    SUITS,
    VOCATIVES,
)
from autosync.replies.rules import words
from autosync.replies.stances import APPROVED, BARE, HAS_NEGATION, HINTED, REJECTED, UNKNOWN
from autosync.replies.stances import BUSY as IS_BUSY

_SPEAKER: Final = (
    r"(?:i|we|im|were|ill|well|id|wed|ive|weve|me|us|ima|imma|lemme|let me|lets|let us|gonna|gotta|wanna|finna|"
    r"my (?:family|fam|crew|household|gang)|(?:husband|wife|hubby|kids|partner|boyfriend|girlfriend) and i)"
)
_STEPS: Final = (
    r"(?: (?:am|are|both|all|just|gonna|gunna|going to|will|can|could|wanna|want to|gotta|got to|have to|def|deffo|"
    r"definitely|totally|so|super|really|would|should|be|happily|gladly|only|still|also|able to|always|finna|"
    r"bout to|happy to|glad to|down to|here|thrilled|excited|delighted|keen|there))*"
)
_STATES: Final = (
    r"(?:down|in|up|free|available|open|good|game|around|home|ready|there|here|stoked|pumped|keen|set|clear|wide "
    r"open|off|off work|not working|on board)"
)
_CHOOSES: Final = (
    r"(?:do|say|saying|pick|picking|choose|choosing|grab|(?:go|going|roll|rolling|rock|rocking|ride|stick|"
    r"sticking) with|"
    r"(?:go|going|vote|voting|opt|opting) for|settle on|vote|voting|attend|join|lock in|locking in|"
    r"(?:come|coming|make it|be there|pull up|show up|swing by|stop by|drop by|pop by|come by|come over|head over) "
    rf"(?:to|for|on)|make|manage|swing|{_STATES} (?:for|on|during|with)|wide open|free as a bird)"
)
_CALENDAR: Final = r"(?:calend[ae]r|schedule|sched|planner|diary|roster|rota|agenda)"
_FRAME: Final = re.compile(
    rf"(?:^|.* ){_SPEAKER}{_STEPS} {_CHOOSES}(?: (?:those|these|the))?$"
    r"|(?:^|.* )(?:so|thats|(?:answer|answers)(?: is| are)?|put (?:ya|your|yer|yo) (?:boy|girl|boi|man|gal) "
    r"(?:down|in) "
    r"(?:for|on)|(?:put|sign|mark|count|add|jot|book) (?:me|us|my \w+|the \w+)(?: (?:and|n) (?:my )?\w+)?(?: "
    r"(?:down|up|in))? (?:for|on)|"
    r"bring on|marking(?: down)?|circling|take (?:the )?door)$"
)
"""Ways to choose, which may stand behind words that nobody has listed: "I asked the kitchen calendar so ..."."""
_BY_CALENDAR: Final = re.compile(
    rf"(?:.* )?{_CALENDAR} (?:says|shows|allows|(?:is|looks) (?:wide )?(?:good|clear|open|free)(?: for| on)?)(?: "
    rf"(?:those|these|the))?$"
)
_HAVE: Final = re.compile(r"(?:.* )?(?:i|we|ive|weve)(?: \w+)? (?:got|have)$")
_SIGHS: Final = words(
    "no nope nah naw sorry unfortunately sadly ugh argh dang damn aw aww man oh ah sigh alas regrettably"
)
_POINTING: Final = words("that yes yeah ok so just")
_AND: Final = words("and so then but n")
_OPENING: Final = LINKING | MODIFIERS
_PLACE: Final = re.compile(
    r"(?:in|on) (?:my|our|the) (?:calendar|calender|diary|planner|book|books|schedule|fridge|list)\b|over here\b|"
    r"(?:for|from|with) the (?!kids|boys|girls)\w+s(?: (?:family|clan|crew|household|gang))?$|(?:for|from) "
    r"(?:all|both) of us\b"
)
_IDIOM: Final = re.compile(
    r"(?:(?:is|are|r|would be|will be|be|look|looks|both|all) )+(?:fair game|a go|the ticket|where its at|good "
    r"to go|(?:right )?up my alley|"
    r"a breeze|in play|on the table|the move|the one|it for me|a piece of cake|no sweat|music to my ears|a green "
    r"light|a plan)"
    r"(?: (?:for (?:me|us)|thanks|please|lol|haha|man|dude))*$"
)
_LIMIT: Final = re.compile(
    r"\b(?:at|after|before|until|till|til|from|around|by|than|over) (?:like |about )?(?:TIME|DATE|COUNT|O\d)"
    r"|^for (?!me\b|us\b|my\b|our\b|the\b|all\b|sure\b|now\b|dinner\b|lunch\b|once\b|real\b)\w+"
)


def gist_before(said: list[str]) -> str:
    """The stance of the words before an option; HINTED if they are another sentence, glued on with "and"."""
    spoken, lead = set(said), " ".join(said)
    if not spoken & FREE and spoken & BUSY and not _after_sighs(said) & NEGATIONS:
        return IS_BUSY
    if spoken & NEGATIONS:
        return UNKNOWN
    if _BY_CALENDAR.match(lead):
        return APPROVED
    if spoken & OTHERS or HAS_NEGATION.search(lead):
        return UNKNOWN
    if _FRAME.match(lead):
        return APPROVED
    return HINTED if (said and said[-1] in _AND) or spoken <= _POINTING or _HAVE.match(lead) else UNKNOWN


def _after_sighs(said: list[str]) -> set[str]:
    return set(dropwhile(_SIGHS.__contains__, said))


def of_another(lead: str) -> bool:
    """True if the words before an option say what somebody else can, or what once was: "my boss is good with"."""
    if _ONCE.search(lead) or _SIGNED_UP.search(lead):
        return True
    found = _STATE.search(lead)
    subject = set(lead[: found.start()].split()) if found else set()
    return bool(subject) and not subject & _OWN and not subject <= INTERJECTIONS | _COURTESY


_STATE: Final = re.compile(
    r"\b(?:is|are|can|could|will|would) (?:(?:both|all|so|totally|also|only|gonna|going to|be|definitely) )*"
    r"(?:free|down|in|up|good|open|available|game|ready|do|make|come|attend|there|happy|able)\b"
)
_ONCE: Final = re.compile(r"\b(?:we were|i was|i had|we had)\b")
_SIGNED_UP: Final = re.compile(
    r"\b(?:put|sign|mark|count) (?!me\b|us\b|it\b|my (?:vote|name|answer|family|fam|crew|whole|wife and me|"
    r"husband and me)\b|down\b|a\b|"
    r"in\b|yes\b|ya\b|your\b|yer\b|yo\b|the \w+s\b|the \w+ family\b|that\b|O|option|both of us|all of us|our|this)"
    r"(?!\w+(?: \w+)? (?:and|n) (?:me|i|us)\b)\w+"
)
_OWN: Final = words("""
    i we me us im ill id well ive family fam household crew gang schedule sched calendar calender that it this which
    day days vote
    answer choice pick myself house both hubby work planner dates times
""")
_COURTESY: Final = words(
    "hi hey hello so ok okay yes yeah yep thanks thank you dear please and but oh well all guys sure great"
)


def arranges(lead: str) -> bool:
    """True if the words before an option say what was arranged for it: "got a sitter for"."""
    return _ARRANGED.match(lead) is not None and HAS_NEGATION.search(lead.replace("booked", "")) is None


_ARRANGED: Final = re.compile(
    r"(?:(?:yes|ok|i|we|ive|weve|have|already|just|finally|and|so|hi|hey|please|pls|can|could|you|u|ill|well|will) )*"
    r"(?:(?:blocked|cleared|saved|marked|freed|freed up|reserved|booked|blocking|saving|clearing|clear|save|"
    r"block)(?: off| out)? "
    r"(?:my|our|the|off my) (?:calend[ae]r|schedule|date|day|evening|night)"
    r"|(?:got|found|have|booked|lined up|arranged) (?:a |the |my |our )?(?:babysitter|sitter|ride|cover|coverage|"
    r"day off|night off|evening off|childcare)"
    r"(?: lined up| booked)?"
    r"|(?:reserve|save|book|hold|keep|saving|reserving) (?:me |us )?(?:a|my|our|COUNT|the) ?(?:place|spot|seat|"
    r"seats|chair|spots|chairs)?(?: for (?:me|us|COUNT))?"
    r") (?:for|on|at|in)$"
)


def gist_behind(said: list[str]) -> str:
    """The stance of the words behind an option, by the first of them that judges."""
    if _PLACE.match(" ".join(said)):
        return BARE
    if _IDIOM.match(" ".join(said)):
        return APPROVED
    opening = 0
    while opening < len(said) and said[opening] in _OPENING:
        opening += 1
    idle, rest = said[:opening], said[opening + 1 :]
    if LINKING.intersection(idle) and EVENTS.intersection(said[opening:]) and not (GOOD | FREE).intersection(said):
        return IS_BUSY
    if opening == len(said):
        return UNKNOWN if LINKING.intersection(idle) else BARE
    if NEGATIONS.intersection(rest) or _LIMIT.search(" ".join(rest)) or OTHERS.intersection(rest):
        return UNKNOWN
    return _judged(said[opening], linked=bool(LINKING.intersection(idle)), only="only" in idle)


def _judged(word: str, *, linked: bool, only: bool) -> str:
    if word in SUITS or (linked and word in GOOD) or (linked and only and word in CHANCES):
        return APPROVED
    if word in FULL or (linked and word in BAD):
        return REJECTED
    return BARE if word in VOCATIVES and not linked else UNKNOWN
