"""Judges a clause that names no option: `aside_of(clause)` says whether it may stand beside a vote.

Most may ("I'll bring chips", "can my roommate come too?"). A doubt, a refusal or a taking back may not.
"""

import enum
import re
from typing import Final

from autosync.replies.clauses import Clause
from autosync.replies.rules import one_of

REASONS: Final = frozenset(["because", "bc", "cuz", "coz", "cos", "cause", "since", "as", "b / c"])


class Aside(enum.Enum):
    """What a clause without options does to the vote beside it."""

    HARMLESS = enum.auto()
    REFUSAL = enum.auto()
    DOUBT = enum.auto()
    RETRACTION = enum.auto()


_RETRACTION: Final = re.compile(
    r"^(?:(?:lol|haha|oh|but|so) )*(?:jk|just kidding|jk lol|kidding|nvm|nevermind|never mind|scratch that|"
    r"ignore (?:that|this|me)|wait|oops|actually|wrong (?:chat|person|number|text|thread)|no wait|disregard(?: "
    r"that)?|not|undo|"
    r"forget (?:it|that|i said)|changed my mind|or not|actually (?:no|wait|not)|my mistake|(?:sorry )?(?:that "
    r"was )?(?:my|the) (?:son|daughter|kid|toddler|cat)(?: (?:was )?typing| texted| had my phone| was| sent).*|"
    r"testing|test)$"
)
_TAKEN_BACK: Final = re.compile(
    r"(?:(?:oh|actually|sorry|wait|ugh) )*(?:nvm|never ?mind|scratch that|ignore (?:that|me|my)|forget (?:it|that|"
    r"what))\b"
)
_LIMIT: Final = re.compile(
    r"(?:only|just|not|at|earlier|later|after|before|until|til|till|without|different|sooner|from|if|make it|"
    r"can we|could we|on a)\b"
)
_TOPIC: Final = (
    r"\b(?:bring|bringing|late|early|leave|leaving|carpool|ride|food|snacks?|dessert|dog|stay|drive|driving|"
    r"park|parking|what to|where to|how to|call|text me|"
    r"what time to|dinner|drinks?|wine|eat|hungry|next (?:time|month|week|year)|another time|some other time|tag "
    r"along|tagging along|come along|coming along|come too|come with|join us|plus one|"
    r"some day|win|lose|beat|cry|die|need a|wear|kids?)\b"
)
_BEFORE_DOUBT: Final = one_of(
    "but|and|so|that|its|is|just|only|i|im|am|still|very|probably|a|as|thats|its a|for now|then|sorry|well|hmm|"
    "um|ok|lol|haha|we|were|be|it|will|would|should|can|could|do|go"
)
_DOUBT: Final = re.compile(
    rf"^(?:{_BEFORE_DOUBT} )*"
    r"(?:maybe|perhaps|hopefully|probably|prob|probs|possibly|tentative|tentatively|tentative yes|i think|i "
    r"guess|guess|suppose|idk|dunno|unsure|likely|fingers crossed|i hope|hope so|think so|we hope|iffy|tbd|tbc|"
    r"depends|"
    r"pending|a maybe|hard|tough|tight|tricky|not ideal|not great|not easy|not sure|not sure yet|not positive|"
    r"not certain|not 100|doubtmark|kinda|sort of|either|not yet|yet|for now|might|might not|may|may not|if "
    r"possible not|could be|will see|well see|lets see|see|possibly not)"
    r"(?: (?:yet|though|tho|lol|at this point|for now|right now|so|not|then|sorry|haha|yes|no|about it|about "
    r"that|what|which|when|ok|thanks|if|i|can|we|work|works|make it|be able to|be|change|that|which one|\?)\b)*$"
)
_CONDITION: Final = re.compile(
    r"\b(?:unless|depends|depending|dependent|provided|assuming|pending|tentative|tentatively|as long as|so "
    r"long as|subject to|contingent|waiting (?:on|to|for)|otherwise|only if|but only|doubtmark|toss up|torn|"
    r"(?:not|isnt|arent|wasnt) (?:yet |totally |100 |fully |completely |entirely )*(?:sure|certain|positive|"
    r"confirmed|definite|final|set in stone|guaranteed)(?! (?:what|where|how|who|why|about (?:food|parking|the "
    r"food)))|"
    r"(?:cant|dont want to|wont) (?:commit|promise|guarantee|confirm|say for sure|be sure)|(?:no|not a) "
    r"(?:promises?|guarantees?)|still (?:figuring|waiting|unsure|deciding|checking)|up in the air|"
    r"(?:let|keep) (?:you|u|everyone|yall) (?:know|posted|updated)(?! (?:what|how many|about the))|(?:get|got|"
    r"circle|come) back to (?:you|u)|"
    r"(?:have|need|got|gotta|has|let me|will|ill|must|should|going to|gonna|want to|hafta|lemme|wanna|needs|"
    r"first) (?:to )?(?:still |just |first |quickly |double |double - |re - )*(?:check|ask|confirm|see if|see "
    r"what|see how|verify|doublecheck|run it by|clear it|talk to|think|look at|consult|find out|figure|sleep "
    r"on)(?! (?:out|in|you|it out|the route))|"
    r"(?:need|needs|have|got|gotta) (?:to )?(?:find|get|arrange|line up|secure) (?:a |an |some |someone |the "
    r")*(?:sitter|babysitter|cover|coverage|"
    r"ride|time off|day off|off|sub|permission|to)\b|"
    r"(?:checking|confirming|asking|double checking) (?:with|on|my|the|if)|(?:will|ill|well|gonna|going to) "
    r"(?:know|confirm|update|decide|be able "
    r"to say|tell (?:you|u|ya)(?! (?:what|about))|find out|report back|circle back)|know (?:more |for sure |"
    r"better )*(?:by|on|later|soon|tomorrow|closer|after|"
    r"DATE)|"
    r"dont (?:know|think) (?!what|how|who|why|any|where)|dont hold me|ask me|no idea(?! (?:what|how|who|where|"
    r"why))|might (?:not|have to (?:cancel|work|bail|skip|miss|change)|be (?:working|away|out|gone|busy|able|a "
    r"no|free|possible|sick|traveling)|change|cancel|make|work|need to (?:cancel|change|bail)|could|bail)|"
    r"may (?:not|have to (?:cancel|work|bail|skip|miss|change)|be (?:working|away|out|gone|busy|able|a no|sick|"
    r"traveling)|change|cancel)|cross your fingers|fingers crossed|pencil|"
    r"(?:thats|it is|its|thats a|its a|still) (?:a )?(?:maybe|iffy|tough|hard|tricky|tight|doubtful|long shot|"
    r"toss up|possibility|50)|if (?:all|that|they|she|he|nothing|something|work|not|plan|weather|everything|"
    r"things)\b.*|hope(?:fully)? (?:(?:it|that|they) (?:works?|doesnt|dont|isnt|holds|happens|fits|stays)|i "
    r"(?:can|get|make)|we can|i dont|nothing|work|my)|only "
    r"(?:after|before|until|till|til|at|around|from) TIME|(?:not )?(?:after|before|until|till|til|from|around|"
    r"at|by) TIME only|not (?:before|until|till|til|after) TIME)\b"
)
_IF: Final = re.compile(
    r"^(?:(?:and|but|only|even|just|that is|thats|or) )*(?:if(?! you (?:still |need|want|have (?:room|space)|"
    r"dont mind|like))|when i|once i|assuming|as long|provided)\b|\bif\b(?! "
    r"(?:you|u|anyone|any|it|thats|that|theres|there|i bring|we bring|im late|were late))"
)
_SOFT: Final = re.compile(
    r"\b(?:maybe|might|may|perhaps|possibly|probably|prob|prolly|hopefully|guess|likely|think i|(?:ill|will|"
    r"well|gonna|can|could) try|trying|tricky)\b"
)
_BEFORE_REFUSAL: Final = one_of(
    "sorry|so|im|very|i am|but|and|oh|no|nope|nah|ugh|argh|unfortunately|sadly|hi|hey|hello|thanks|thank you|ty|"
    "thx|guys|all|everyone|hon|dear|honey|sweetie|really|just|well|actually|alas|regrets|apologies|my apologies|"
    "afraid|id love to|would love to|wish i could|i wish i could|today|regretfully|regrettably|"
    "hate to say it|yeah|looks like|it looks like|damn|dang|shoot|bummer|omg|lol|haha|ah|aw|aww|mate|man|bro|"
    "dude|at this time|i|we|think|its|is|it|that|thats|a|the|for me|will be|were|we are|be|for us|have|ill have|"
    "well have|to|both|still|ok|okay|again|totally|love|luv|thank|you|from|going|gonna|will|once"
)
REFUSAL: Final = re.compile(
    rf"^(?:{_BEFORE_REFUSAL} )*"
    r"(?:(?:cant|cannot|can not|couldnt|wont|will not|not able|unable|wont be able|not be able|not gonna|not "
    r"going|not going to be able|not gonna be able|not gonna be|cant be|im not able|am not able|are not able|"
    r"arent able|couldnt|arent going|aint|aint gonna)"
    r"(?: (?:to|do|make|come|attend|go|join|be|there|it|that|this|one|time|any|of|the|these|those|dates?|days?|"
    r"times?|them|work|either|unfortunately|sorry|sadly|guys|at all|swing|manage|able|participate|happen|gonna|"
    r"joining|making|coming|attending|here|in|around|on|for|you|everyone|all|really|even|options?|rn|though|tho|"
    r"this|round|sadly|week|month|weekend|anymore|now|again|then|with|yall|partake|accept|available|free|me|us|"
    r"can|get|away|out|till|until|DATE|around|year|december|january|holiday|holidays|season))*"
    r"|(?:not|no longer|wont be|will not be|im not|am not|are not|arent) (?:available|free|around|here|in town|"
    r"gonna happen|happening|possible|this time|for me|going to work|gonna work|able|interested|feasible|doable|"
    r"in the cards|today|workable|good|good for me|me|joining|coming|attending|going|in|working out|working|in "
    r"the country|any good)(?: .*)?"
    r"|(?:no|nope|nah|naw|x|n|nay|nein|non|nyet|0|zero|nada|negative)(?: (?:no|nope|nah|sorry|thanks|thank you|"
    r"thx|can do|cant|i cant|not|for me|from me|this time|way|dice|good|go|bueno|gracias|puedo|lo siento|im|i "
    r"am|we|sadly|unfortunately|dear|hon|man|bro|guys|have fun|dont think so|i dont think so|and|:))*"
    r"|no puedo.*|lo siento|hard (?:no|pass)|no (?:can do|go|dice|bueno|thanks|thank you|luck)(?: .*)?|i "
    r"wish(?: i could)?"
    r"|(?:out|out of (?:town|office|the (?:country|office|state|city|area)|state|commission|pocket|action)|"
    r"away(?! we)|unavailable|busy|(?<!i )(?<!we )booked(?: solid| up)?|swamped|slammed|traveling|travelling|on "
    r"(?:vacation|"
    r"holiday|a trip|call)|abroad|overseas|working|at work|sick|tied up|gone|declining|decline|grounded|"
    r"visiting|camping|in (?:the )?hospital|double booked|stuck at work|full up|flat out)(?: (?!of "
    r")(?!.*\b(?:free|available|open|works)\b).*)?"
    r"|(?:pass|skip|skipping|bow out|bowing out)(?: (?:on|this|it|for|these|those|sorry|thanks|unfortunately|"
    r"again)\b.*)?|(?:miss|missing) (?:this|it|these|that|out|them|those)\b.*"
    r"|count (?:me|us) out.*|(?:i |we |ill |well )?(?:have to|gotta|got to|need to) work.*|(?:leave|skip|rule|"
    r"keep|deal) (?:me|us) (?:out|this).*|(?:ill|i|well|we|gonna|going to|will|gotta|must|need to|have to|"
    r"going) (?:have to |need to |be |has to )*(?:pass|decline|skip|sit (?:this|it|that|out)|miss (?:this|it|out|"
    r"these)|bow out|say no|opt out of this|take a pass|bail|be a no|give it a miss|be away|be out|be gone|be "
    r"traveling).*|sit(?:ting)? (?:this|that|it|these) .*out.*|"
    r"(?:(?:that|this|it|these|those|they|the (?:dates|days|times|options)|any of that) )?(?:dates |days |times "
    r"|options )?(?:dont|doesnt|do not|does not|didnt|wont|will not|arent|isnt|not gonna|not going to) "
    r"(?:really |gonna |going to |be able to |seem to )*(?:work|suit|fit|work out|be able|good|possible|do).*|"
    r"(?:got|have|having|had|ive got|weve got|theres|already have|prior|other|another) (?:a |an |the |other |"
    r"another |prior |previous |family |work |big |already )*(?:conflicts?|plans|commitments?|wedding|finals|"
    r"engagements?|obligations?|work|to work|shift|surgery|flight|funeral).*|"
    r"(?:no|zero) (?:availability|openings|free time|time|options|chance).*|conflicts? (?:on|with|for|all|"
    r"every).*|not this (?:time|one|week|month|year|round).*|maybe (?:next|another) time|(?:ill )?catch (?:you|"
    r"yall|everyone|ya|u) next time.*|nothing.*|next time.*|.*\b(?:i|we) (?:cant|cannot)(?: sorry| make it)?|"
    r"unfortunately not|no+pe+|no+|tampoco puedo|no voy a poder.*|(?<!i )(?<!we )(?<!ive )(?<!have )booked(?! "
    r"(?:a|my|the|our|it|us|you)\b).*|(?:sorry )?ninguno.*|none|"
    r"(?:cant|cannot|can not|wont|not gonna|not going to|wont be able to|unable to|not able to|couldnt) (?:make "
    r"it|come|attend|be there|join|do it)"
    r"(?! (?:to the (?:phone|door)|\w+ (?:tonight|today)))(?: .*)?|"
    r"(?:that|this|the) (?:whole |entire )?(?:week|weekend|month|time) (?:is |s )(?:just |totally |sadly )*(?:a "
    r"no|out|no good|bad|"
    r"impossible|a no go)\b.*|"
    r"out of the (?:running|picture)\b.*|(?:take|taking|need) a (?:rain ?check|pass)\b.*|rain ?check(?: .*)?|bad "
    r"timing(?: .*)?|"
    r"(?:not|no) (?:a |way )?(?:chance|happening)(?: .*)?|(?:put|mark|count) (?:me|us) (?:down )?(?:as |for "
    r")(?:a )?(?:no|not|nope)\b.*|"
    r"(?:my |our )?(?:schedule|calendar|week|month|plate) (?:is |looks )?(?:\w+ ){0,2}(?:full|packed|slammed|"
    r"booked|crazy|nuts|jammed|insane)\b.*|"
    r"(?:snowed|buried) (?:under|in)\b.*|regret(?:s|fully)?(?: .*)?|(?:have|got) no (?:way|sitter|car|ride|time|"
    r"babysitter)\b.*)$"
)
_TIMED: Final = re.compile(
    r"\b(?:TIME|DATE|morning|mornings|afternoon|evening|evenings|night|nights|weekend|weekends|weekday|weekdays|"
    r"late|early|earlier|later|today|tonight|tomorrow|before|after|until|till|til|that early|that late|stay|"
    r"bring|"
    r"saturdays?|sundays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|sat|sun|fri|mon|tues?|wed|thurs?|"
    r"thu|wait|other|otherwise|REST|long|last time|christmas|only|now|right now|yet|before)\b"
)


_TAG: Final = re.compile(
    r"^(?:(?:is|was|would) (?:that|it|this) (?:still |the |a |be )*(?:ok|okay|right|fine|good|it|available|"
    r"alright|correct|possible)(?: (?:with|for) \w+)?$|(?:is|was|would) (?:that|it|this) (?:the |a |on |at |"
    r"still )*(?:friday|saturday|sunday|DATE|TIME|late|early|too|one)\b.*|ok|okay|right|yeah|yes|no|good|"
    r"correct|works?|or.*|what|which.*|huh|that work|does that work.*|does it.*|will that work.*|"
    r"(?:can|could|would|should|do|any chance|how about|what if|what about|maybe|possible) .*\b(?:instead|later|"
    r"earlier|move|push|change|reschedule|switch|different|another (?:day|time|date)|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|TIME|DATE|sooner)\b.*)$"
)


_OBSTACLE: Final = re.compile(
    r"\b(?:rather not|prefer not|(?:dont|not) (?:really )?(?:want|feel|feeling)|no energy|hate to|too (?!early "
    r"to tell|excited|cool|funny|good)\w+)\b"
    r"|^(?:(?:i|im|am|we|were|are|me|us) )+not$|^not (?:me|us|i)$"
)
_MUSING: Final = re.compile(
    r"(?:(?:ok|okay|well|so|hmm+|um+|uh+|oh|now) ?)*(?:lets? (?:me )?(?:see|think|"
    r"look)(?: here| now)?)?"
)
_DONE: Final = re.compile(
    r"(?:after|upon|having|finished|done|just got done) (?:checking|confirming|asking|"
    r"talking|looking|consulting)\b"
)
"""What a person has done already is no condition: “after checking with my wife, 2”."""


def aside_of(clause: Clause, *, follows: bool = True) -> Aside:
    """What `clause` does to a vote in the same text; `follows` is True if the vote stands before it."""
    text = clause.text
    if (not follows and _MUSING.fullmatch(text)) or _DONE.match(text):
        return Aside.HARMLESS
    if clause.asks:
        return Aside.DOUBT if not text or _TAG.match(text) else Aside.HARMLESS
    if _RETRACTION.match(text) or _TAKEN_BACK.match(text):
        return Aside.RETRACTION
    if clause.link == "but" and follows and _LIMIT.match(text):
        return Aside.DOUBT
    if clause.link in {"but", "though", "tho"} and _OBSTACLE.search(text):
        return Aside.DOUBT
    if _DOUBT.match(text) or (clause.link in {"or", "plus"} and follows):
        return Aside.DOUBT
    if _CONDITION.search(text) or _IF.search(text):
        return Aside.DOUBT
    if _SOFT.search(text) and not re.search(_TOPIC, text):
        return Aside.DOUBT
    if clause.link not in REASONS and clause.link != "(" and refuses(text):
        return Aside.REFUSAL
    return Aside.HARMLESS


def refuses(text: str) -> bool:
    """True if a clause without options declines all of them: "cant make it", "out of town"; not "cant do friday"."""
    if text == "no no" or REFUSAL.match(text) is None:
        return False
    return _TIMED.search(_ALL_TIME.sub("", text)) is None


_ALL_TIME: Final = re.compile(
    r"\b(?:(?:that|this|the) (?:whole|entire)|that|this|all|totally|all those|all the|on all|the whole|these|those|"
    r"every one of those|the entire) "
    r"(?:week|weekend|weekends|night|day|days|month|time)\b"
    r"|\b(?:until|till|til|thru|through) (?:after )?(?:the )?(?:january|february|march|april|jan|feb|mar|apr|"
    r"then|new years?|new year|spring|summer|"
    r"holidays|end of .*|next .*|sometime .*|mid .*|late .*|early .*)\b|\ball of (?:those|these|them)\b|\bthe "
    r"one night\b"
)
"""Times that are those of all options: "out of town that week"."""
