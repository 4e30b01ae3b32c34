"""Judges the words behind a mention of options: `trail_stance("doesnt work")` is a rejection.

They begin with a pattern of rejection or approval, or with harmless words; what follows is an aside.
"""

import re
from functools import lru_cache
from typing import Final

from autosync.replies.gist import gist_behind
from autosync.replies.lexicon import VOCATIVES
from autosync.replies.rules import DAYS, one_of
from autosync.replies.stances import APPROVED, BARE, BUSY, NEGATION, OWN, REJECTED, UNKNOWN

_ADVERBS: Final = one_of(
    "unfortunately|sadly|wide|anymore|any more|sorry|regrettably|also|too|both|all|each|really|very|so|just|"
    "definitely|def|totally|absolutely|perfectly|honestly|still|always|pretty|super|quite|much|a|an|my|our|the|"
    "actually|def|deffo|100|surely|certainly|clearly|fully|only|looking|currently|now|for me|for us|for sure|"
    "on my end|on our end|from me|with me|by me|here|on my side|as well|please|pls|plz|either|sure|option|"
    "options|one|ones|dates?|days?|slot|time|then|well|even|ok so|equally|personally|i think|think|in my book|"
    "hands down|easily|far|by far|way|lol|haha|to be honest|tbh|you know|:|like|rly|hella|deff|most|more|"
    "obviously|seriously|totes|lowkey|highkey|gonna|going to|them|theyre|they|it|its|that|thats|this|those|these"
)
_GOOD: Final = (
    r"(?:good|great|fine|ok|okay|okey|perfect|ideal|best|better|awesome|amazing|wonderful|lovely|excellent|"
    r"fantastic|super|cool|nice|doable|"
    r"free|open|clear|available|yes|yep|yeah|yup|ya|yea|yess|y|yeses|yesses|yesmark|favorite|favourite|fave|fav|"
    r"preferred|preference|winner|preferable|easiest|sweet|dope|lit|"
    r"solid|golden|brilliant|splendid|smashing|grand|convenient|suitable|acceptable|go|match|must|in|gd|gr8|grt|"
    r"k|kk|manageable|feasible|workable|swell|"
    r"terrific|superb|marvelous|marvellous|delightful|blast|fun|choice|pick|vote|answer|affirmative|check|"
    r"booked-in|alright|peachy|dandy|fab|fabulous|"
    r"same|ditto|way to go|goat|one for me|one that works|only one|only option|only day|only date|only time|"
    r"favs|locked|confirmed|bueno|bien|si|bet|fire|works|possible|treat|jam|joy|dream|fit|goer|green|green "
    r"light|easy|okie|A ok|hit|plus|"
    r"all set|set|up|great fit|no brainer|tip top|aces|spot on|gucci|chill|clutch|legit|valid|beautiful|fitting|"
    r"ace|bang on|right|"
    r"first choice|second choice|RANK|top choice|top pick|for it|down|welcome)"
)
_FLIPPED: Final = re.compile(
    r"^(?:is|are) (?:\w+ ){0,4}(?:i|we|that) (?:cant|cannot|couldnt|dont|doesnt|wont|"
    r"didnt)\b"
)
_APPROVE_TRAIL: Final = re.compile(
    rf"(?:{_ADVERBS} )*(?:"
    rf"(?:is|are|r|be|would be|will be|should be|looks?|looking|sounds?|seems?|"
    rf"feels?|is looking|wd be|ll be|gotta be|has to be|it is|im|were|i am|we are|id be|am|being|would|will|es|"
    rf"esta|estan|gets?)"
    rf" (?:{_ADVERBS} )*{_GOOD}\b"
    rf"|(?!(?:in|set|up|down|all set|go|right|must|fit|match|same|plus|hit|choice|pick|vote|answer|check|welcome|"
    rf"fire|bet|easy|k|possible|fun|joy|treat|jam|dream|chill|ace|aces|fitting|y|si)\b){_GOOD}\b(?! (?:luck|"
    rf"friday|day|morning|night|thing|grief|question|god|birthday))"
    r"|(?:would|will|should|can|do|does|did|shall|they|ll|that|which) (?:ADV )*(?:work|be ok|be fine|suit|"
    r"fit|do|make|happen|be good|be great|be perfect|be lovely|swing|be best|both work|all work|definitely work|"
    r"also work)".replace("ADV", _ADVERBS)
    + r"|(?:works?|wrks?|suits?|fits?|does|do|will|rocks|wins|sounds good|looks good|gets my vote|gets "
    r"the vote|has my vote|appeals?|functions|funciona|sirve|sirven|funcionan|bangs|slaps|checks out|lines up|"
    r"aligns)\b(?! (?:i|you|better if|only if|out if))"
    r"|(?:(?:i|we|ill|well|id|both of us|us|me and \w+|my \w+ and i) )+(?:both |all |definitely |totally |also |"
    r"only |still |really |would )*(?:can (?:definitely |totally |also |only |both |all |still )?(?:do|make|"
    r"come|attend|be there|swing|manage|go|join)|can|could(?: do| make| come)?|will (?:be there|do|take|come|"
    r"make)|vote|"
    r"prefer|choose|pick|take|like|love|am free|are free|am available|are available|be there|m free|am in|am "
    r"good|are good|be good|go with|work with|want|do|make it)"
    r"|(?:im|were|we are|i am|ill be|well be|id be) (?:both |all |totally |definitely |also |only |pretty |so |"
    r"wide |completely )*(?:free|available|in|down|good|there|open|around|up for|game|ok|able|a yes|happy|fine|"
    r"cool|clear|yes|voting)\b"
    r"(?! (?:of town|on|until|til|after|before|from TIME|after TIME|for (?:the|my)))"
    r"|(?:sounds like (?:a plan|fun|a winner|a good)|(?:is|are) (?:totally|all|the most|what) (?:i|we) can|it "
    r"is|it shall be|it be|ftw|for the win|all day|all the way|totally (?:day|night)(?: long| baby)?(?= |$)|for "
    r"sure|for me|por favor|please|let s go|lets "
    r"go|lets do it|baby|baybee+)\b"
    r")"
)
_REJECT_TRAIL: Final = re.compile(
    rf"(?:{_ADVERBS} )*(?:"
    rf"(?:is|are|r|was|will be|would be|looks?|sounds?|seems?|ll be|es) (?:{_ADVERBS} )*(?:not|out|bad|no|nope|"
    rf"nah|a no|terrible|impossible|unavailable|off|too (?:late|early|far|soon|much)|no go|no can do|"
    rf"booked|taken|full|nomark|conflict|conflicting|"
    r"horrible|awful|never|pass|busy|a pass|problem|problematic|hard no|hard pass|nogo|negative|not going to|"
    r"not gonna|dead|x|worst|no bueno)(?:s|es)?\b"
    r"|not (?:so|really|great|for|possible|ideal|good|anymore|gonna|going|a|at|an|doable|happening|available|free|"
    r"this|my|now|much|ok|okay|possible|unfortunately|sadly|sorry)\b"
    r"|(?:no|nope|nah|naw|nomark|x|out|negative|never|unavailable|bad|hard no|pass|noes)\b(?! (?:problem|wait|"
    r"question|later|sure))"
    r"|(?:(?:i|we|you|both of us|hubby and i) )?(?:also |just |sadly |unfortunately |still |really )*(?:doesnt|"
    r"dont|isnt|arent|wont|wouldnt|cant|cannot|can not|couldnt|aint|do not|does not|will not|is not|are not|"
    r"didnt|havent|am not|im not|cant)\b(?! (?:wait|matter|mind))"
    r"|conflicts?\b|clash(?:es)?\b|overlaps?\b|interferes?\b|(?:i|we) have (?:a |another |other )*(?:conflict|"
    r"plans|commitment|thing going)|falls? on|no puedo|collides?|wont"
    r")"
)
_BUSY_TRAIL: Final = re.compile(
    r"(?!is (?:the (?:day|night|weekend|one) )?(?:when )?(?:i|im|ive|we|were)\b.*\b(?:least|free|off|available|"
    r"home|around|open)\b)(?:"
    r"is (?:the (?:day|night|weekend|time)|when) (?:we|i|my|our)\b|"
    r"is (?:my|our) (?!fav|first|second|pick|choice|top|best|prefer|vote|answer|ideal|go to|jam|only|speed)\w+|"
    r"(?:(?:is|are|falls on|lands on|was) (?:when |the |my |our |his |her )*(?:when |same |a |an |(?:kids?|kid|"
    r"daughter|daughters|son|sons|wife|wifes|husband|husbands|mom|moms|mum|mums|dad|dads|sister|sisters|brother|"
    r"brothers|grandson|grandsons|anniversary|birthday|bday|"
    r"wedding|shift|recital|game|appointment|concert|work|nap|church|practice|party|graduation|flight|exam|"
    r"finals|school|date night|bridge|rehearsal|surgery|meeting|conference|niece|nieces|nephew|office|company|"
    r"team|deadline|soccer|hockey|funeral|interview|baby|shower|during|at the same|game \d)\b)|"
    r"(?:i|we|ive|weve|im|were|ill be|well be|i am|we are|id be|hes|shes|my|our|got|have|has|theres|i will be|"
    r"we will be|id have) (?!.*\b(?:best|fav|favorite|favourite|prefer|preferred|love|free|available|open|"
    r"choice|pick|"
    r"down|good|great|excited|can do|fine|yes|happy|ok|okay|glad|there|bringing|able|ready|coming|vote|"
    r"in)\b)(?:.*\b)?"
    r"|at (?:my|the|work|our|a)\b|work(?:ing)?\b|would(?:ve| have) (?:been|worked|loved)|traveling|travelling|"
    r"away|vacation|busy|off to|gone|on call|booked|out of town))"
)
_HARMLESS_TRAIL: Final = re.compile(
    rf"(?:(?:{_ADVERBS}|thanks|thank (?:you|u)|lmao+|lets goo*|i have no life|thx|ty|and thanks|cheers|gracias|"
    rf"x+|(?:xo+)+x?|lol|haha|hehe|yay|woo|woohoo|omg|man|bro|dear|hon|mate|guys|everyone|all|folks|friends|"
    rf"friend|sir|maam|bestie|girl|babe|boss|coach|team|amigo|see you|see ya|cu|cya|bye|it is|for|with|w|"
    r"or whatever|if|as of|so far|at the moment|anyway|also|instead|if possible|appreciated|excited|baby|lets "
    r"go|lets goo|woot|yay|ftw|no cap|go|"
    r"is it|on the list|i guess its called|pour|si|merci|danke|grazie|gracias|obrigado|in order|in that order|"
    r"take your pick|your pick|your choice|your call|whichever|whatever|dont care which|or so|same here|please "
    r"and|much|so|n thx|kind|best|warm|regards|sincerely|hugs|kisses|happy|merry|good|great|sent|pointing|this "
    r"one|period|comma|question|fs|fr|rn|tho|"
    r"though|honestly|i said|again|final answer|bells on|me|us|my|and|sorry|yes|ok)(?: |$))"
)
_CONDITION: Final = re.compile(
    rf"^(?:on )?{DAYS}\b|"
    r"^(?:\w+ ){0,3}(?:at|after|before|until|till|til|from|around|by|only|than|over) (?:like |about )?(?:TIME|DATE|"
    r"COUNT|O\d)|^(?:\w+ )?(?:better|more|earlier|easier|best) than\b|^better (?:at|if|later)"
)


_MY_FRIEND: Final = re.compile(
    rf"(?:my|good|ol|old) (?:{'|'.join(sorted(VOCATIVES))})\b(?! (?:is|has|are|cant|"
    rf"was|will|can))"
)
_LONGEST: Final = 240
"""Characters of a trail that are looked at."""


@lru_cache(maxsize=2048)
def trail_stance(words: str) -> str:
    """What the words behind a mention say of it."""
    words = words.strip(" :,")
    if not words:
        return BARE
    words = words[:_LONGEST]
    return _phrase_stance(words) or gist_behind(words.split())


def _phrase_stance(words: str) -> str:
    """The stance by fixed phrases; empty if there is none."""
    if _MY_FRIEND.match(words):
        return BARE
    if _REJECT_TRAIL.match(words) or _FLIPPED.match(words):
        return REJECTED
    approval = _APPROVE_TRAIL.match(words)
    if approval:
        return _approval(words, approval)
    if _OTHERS.match(words):
        return UNKNOWN
    if _BUSY_TRAIL.match(words):
        return BUSY
    if _CONDITION.match(words):
        return UNKNOWN
    return BARE if _HARMLESS_TRAIL.match(words) or _DESCRIBED.fullmatch(words) else ""


def _approval(words: str, approval: re.Match[str]) -> str:
    rest = words[approval.end() :].strip()
    refused = _CONDITION.search(rest) or re.match(rf"{NEGATION}\b(?! (?:other|too|one|of us|you|here|there|way))", rest)
    if refused or _OTHERS.match(rest) or approval[0].endswith(" hard"):
        return UNKNOWN
    if re.fullmatch(r"for (?:me|us)", words):
        return BARE
    return OWN if re.search(r"\b(?:for|with|by) (?:me|us)\b", words) else APPROVED


_OTHERS: Final = re.compile(
    r"for (?!.*\b(?:me|us|i|ours|myself|we)\b)(?!(?:my|our|the) (?:whole |entire )?(?:family|crew|household|"
    r"schedule|calendar|gang|lot|group|"
    r"kids|work|purposes)|our\b|sure|now|both|all|everyone|everybody|dinner|lunch|a\b|it\b|that\b|this\b|the\b|"
    r"real|organizing|asking)\w+"
)
"""Whom it works for, if not for the writer: "2 works for Tom"."""
_DESCRIBED: Final = re.compile(
    r"(?:DATE|the DATE)(?: (?:DATE|TIME|and|at|on|the|one|morning|evening|afternoon|night|est|pst|cst|et|pt|ct|mst|"
    r"edt|pdt|cdt))*"
)
