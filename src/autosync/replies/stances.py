"""What a clause says of an option, in one letter, and when it says nothing for sure: a doubt, a question.

The words before and behind a mention are judged in `leads.py` and `trails.py`, and put together in `votes.py`.
"""

import re
from typing import Final

APPROVED, REJECTED, BUSY, BARE, UNKNOWN = "+", "-", "b", "=", "?"
OWN: Final = "!"
"""A trail of approval that is the writer's own: "works for me"."""
HINTED: Final = "~"
"""Words of another sentence: nothing against what an explicit judgement says."""
NONE_OF: Final = "0"
"""Rejects with a trail of approval: "neither 1 nor 2 works"."""

NEGATION: Final = (
    r"(?:cant|cannot|can not|couldnt|not|no|nope|nah|naw|never|wont|wouldnt|dont|doesnt|didnt|isnt|arent|aint|"
    r"wasnt|unable|skip|skipping|"
    r"without|nomark|avoid|unavailable|neither|nor|scratch|cancel|remove|drop|minus|less|hate|delete|instead of|"
    r"rather than|"
    r"over|than|vs|versus|conflicts?|clash|clashes|busy|booked|away|missing|miss|said|says|told|thought|wish|"
    r"wished|hope|was|were going|"
    r"tell|ask|asked|heard|other than|except|against|worked|used|if|hoping|before|not-sure|already|"
    r"previously|bad|out of town|working)"
)
HAS_NEGATION: Final = re.compile(rf"\b{NEGATION}\b")
_ASKS: Final = re.compile(
    r"^(?:(?:hey|hi|ok|so|wait|um|and|but|or|sorry|quick question|question) )*(?:does|do (?:you|they|we|u|i|ALL|"
    r"ANY|O\d)|is|are|was|were (?:we|you)|can (?:i|we|you|u|they|he|she|someone)|"
    r"could (?:i|we|you|u)|would (?:you|it|that|this|O\d|u|everyone)|what|whats|which|when|whens|who|whos|how|"
    r"hows|where|wheres|why|did|has|"
    r"have (?:you|we)|should|will (?:O\d|you|it|there)|shall|any chance|am i|is it)\b"
)
_STATEMENT: Final = re.compile(
    r"^(?:can (?:you|u) (?:please )?(?:put|mark|sign|count|add|change) (?:me|us)|which leaves|when i|is good|is "
    r"fine|works|what works|are good)\b"
)
_DOUBT: Final = re.compile(
    r"\b(?:maybe|might|may(?! the)|perhaps|possibly|possible but|prob|probs|probably|prolly|likely|unlikely|"
    r"hopefully|hoping|if|unless|depends?|depending|provided|providing|assuming|"
    r"pending|tentative|tentatively|pencil|penciled|unsure|idk|dunno|iffy|guess|suppose|supposing|leaning|lean|"
    r"torn|doubt|doubtful|tbd|tbc|ish|kinda|sorta|sort of|kind of|"
    r"not sure|not certain|not positive|not 100|dont know|dont think|no idea|up in the air|(?:need|needs|have|"
    r"has|got|want) to (?:confirm|check|see|ask)|try|trying|tryna|let you know|have "
    r"to check|need to check|gotta check|let me check|let me see|will check|subject to|contingent|"
    r"as long as|so long as|in theory|theoretically|technically|could be|could swing|might be|backup|back up|"
    r"worst case|last resort|if not|else|whether|either or|quizas|tal vez|creo|used to|worked|was|thought|"
    r"almost|mostly|semi|partially|doubtmark|"
    r"potentially|presumably|waiting|wait|confirm by|until i|rain check|barely|hardly|jk|kidding|(?:half|some|"
    r"most|part|one|COUNT) of (?:us|the)|toss up|tricky|tough|hard|difficult|stretch|conceivably|questionable|"
    r"VAGUE|STRAY|someday|worst|least|should (?:know|hear)|fifty)\b"
)


_NO_DOUBT: Final = re.compile(
    r"\b(?:(?:is|are|its|thats) when (?:i|we|im|were|am|are| )*(?:the )?least busy|no doubt|hard (?:yes|no|pass)|"
    r"hard to beat|hell yes|guess its called|i guess thats called|not hard)\b"
)


def doubts(text: str) -> bool:
    """True if a clause that names options is said with a doubt or a condition."""
    if re.search(r"\bwish", text):
        return False
    return _DOUBT.search(_NO_DOUBT.sub("no", text)) is not None


def asks(text: str) -> bool:
    """True if a clause is worded as a question, with or without its mark."""
    return _ASKS.match(text) is not None and _STATEMENT.match(text) is None
