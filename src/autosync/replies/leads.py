"""Judges the words before a mention of options: `lead_stance("i cant do")` is a rejection.

They are a pattern of rejection or approval, or only harmless words, or nothing that can be read.
"""

import re
from functools import lru_cache
from typing import Final

from autosync.replies.gist import arranges, gist_before, of_another
from autosync.replies.lexicon import INTERJECTIONS
from autosync.replies.rules import words
from autosync.replies.stances import APPROVED, BARE, BUSY, HAS_NEGATION, NONE_OF, REJECTED, UNKNOWN

_FILLERS: Final = words("""
    oh ok okay k so well hi hey heya hello hola yo dear hon all guys everyone folks thanks thank you u ty thx
    please pls plz sorry a an the my our we i im ill its it that thats this those these them us me for just def
    definitely totally really honestly lol haha hahaha omg yay woo woohoo wow great cool nice awesome perfect sure
    then also and too anyway btw fyi bet aight alright right fine good with is are be was will would id ive on to
    of hands down easily easy obviously clearly literally basically absolutely certainly surely only solely at
    least looks like seems say gonna going go let lets do actually personally both either each here there from by
    as far now one ones day days date option options number slot choice in mate man bro dude girl fam maam sir sis
    oooh ooh aw yeah yes yep yup yess yea yah ya aye si ja oui yesmark still can could able make making doing come
    coming attend attending join joining free available availability open prefer preferred preference vote voting
    votes voted choose chose choosing pick picking picks select selecting want put sign mark count add jot up
    favor favour favorite favourite fav best better ideal ideally answer answers confirm confirmed confirming rsvp
    rsvping accommodate manage swing suit suits fit fits book reserve glad happy happily delighted pleased rather
    most final RANK puedo el la los las opcion para mi por sirve sirven gusta quiero et pour moi le y way decided
    deciding settled settle stick sticking plan lock locked again whole family household roommates myself DATE
    TIME w morning afternoon evening night tonight what which been gotta must should r b am pretty super very more
    much however overall currently always though tho another out calendar per schedule according checked looking
    looked hear having being winner jackpot bingo boom woot checks clear ftw cheers gracias howdy greetings sounds
    sound amazing lovely wonderful excellent fantastic exciting excited fun leaves leaving means remaining mine
    ours interested keen game eager solid agree agreed goes went they theyre : think believe ie sadly
    unfortunately regretfully reluctantly alas afraid figure noproblem idc totes gladly lmao lmaoo rofl dearest
    darling sweetie sweetheart honey hun bestie peeps yall fellas ladies gang squad period comma dot exactly
    precisely mainly simply monday tuesday wednesday thursday friday saturday sunday mon tues tue wed thurs thu
    fri sat sun thatd itd whichever update
""")
_WEAK_LEAD: Final = re.compile(
    r"(?:^|.* )(?:i|we)(?: have to| want| take| out| get| got)$|(?:^|.* )(?:like at|day|days|want|say|says|get|"
    r"at|from|out|by|down|"
    r"up|out of|here|there|you|u|them|these|those|wife|husband|kids|TIME|DATE|COUNT|of|what|which|checked|"
    r"another|be|been|am|hes)$|^(?:like|what|which|that|this|these|those|on|at|to|in|by|it|a|too|as|in|love)$"
)
_WEAK_EXCEPTION: Final = re.compile(
    r"(?:^|.* )(?:let me|lets|gonna|id|ill|ima|going to|lets just|would) (?:say|take|get)$|(?:^|.* )(?:put|sign|"
    r"mark|count) (?:me|us)"
    r"(?: down| up| in)?$|^(?:hands )?down$|^(?:yes |yeah |ok |the )?day$|(?:im|were|we are|i am|totally|so|all|"
    r"also) (?:down|in|up)$|^(?:me|"
    r"i|we) and .* kids$|"
    r"^(?:yes|DATE|TIME)(?: (?:yes|DATE|TIME|morning|afternoon|evening|night))*$|.*\b(?:will|would|it|can|could|"
    r"should|gotta|must|has to|have to|lets|answer|going|thatd|itd) be$|(?:winner|best|that|it|thats) be$|would-be$"
)
_OWN: Final = (
    r"(?:(?:me|i|us) and(?: \w+){1,4}|my(?: \w+){1,4} and (?:i|me)|i|we|us|ill|well|id|wed|im|were|ive|weve|me|"
    r"myself|family|household|i also|i still|and|but|so|then|also|still|only|just|"
    r"definitely|totally|here|both|i only|we both|we all|i really|gang|now|either|honestly|i "
    r"actually|yes|yeah|yep|"
    r"sure|ok|okay|great|thanks|please|hi|hey|though|crew|hubby and i|husband and i|wife and i|kids and i|i "
    r"definitely|i totally)"
)
_APPROVE_LEAD: Final = re.compile(
    rf"(?:^|.* )(?:(?:{_OWN} )(?:can|could|would|will|can only|could only|can also|can still|can definitely|can "
    rf"totally|can make it|should be able to|"
    r"will be able to|am able to|are able to|able to|would love to|d love to|would like to|want to|would prefer|"
    r"prefer|vote|pick|choose|"
    r"chose|am free|are free|am available|are available|are good|am good|am open|are open|am in|are in|am down|"
    r"are down|are up|are game|are able|love|like|go)"
    r"(?: (?:only|do|make|come|attend|go|join|to|for|on|with|at|the|it|work|manage|swing|take|prefer|pick|"
    r"choose|be|there|"
    r"definitely|totally|both|also|still|free|available|good|open|easily|actually|all|just|accommodate|"
    r"have))*"
    rf"|(?:im|were|i am|we are|id be|im only|im totally|im also|were only|were all|im all) (?:free|available|"
    rf"good|open|in|down|game|up|ok|okay|fine|happy|able|cool|clear|"
    r"wide open|totally free|only free|only available|a yes|voting|going|keen|around)(?: (?:for|on|with|to|do|"
    r"make|go|come|attend|at|the))*"
    r"|(?:put|mark|sign|count|add|pencil|write|jot|book|schedule|slot|lock|change|switch|move|register|chalk|"
    r"enter|list|include) (?:me|us|my vote|it|my answer|mine)(?: (?:down|up|in|for|as|to|on|the|please|"
    r"a|yes))*"
    r"|(?:vote|votes|voting|choice|choices|pick|answer|answers|preference|yes|yep|yeah|yup|yesses|thumbs up|"
    r"hard yes|big yes|up|go|going|yay|ok|okay|good|fine|best|favorite|ready|free|available|open)"
    r"(?: (?:is|are|goes|for|to|on|would be|with|will be|be|still|:|my|the|as))+"
    r"|(?:go|going|gonna go|lets go|ill go|went|stick|sticking|roll|rolling) (?:with|for)"
    r"|(?:works|good|best|available|free|open|yes|answer|vote|votes|choice|reply|response|rsvp|ok|"
    r"availability)(?: best)?(?: for (?:me|us))? (?::|is|are|would be)"
    r"|(?:the )?only (?:one|option|day|date|time|thing|slot)(?: (?:that|which|i|we|me|for|can|could|works|work|"
    r"fits|will|would|do|make|"
    r"is|free|suits|am|be|swing|available|to|attend|us|left))* (?:is|would be|will be)"
    r"|love|(?:itll |it will )?have to be|put the \w+(?: family)? (?:down|in) for|(?:take your )?(?:pick|"
    r"choice) (?:between|of|from)|only|just|also|definitely|yes|yep|ok|(?:would|id) "
    r"love(?: to)?(?: do| make| come to| attend| join)?|prefer|preferring|preferably|lets do|lets say|let us do|"
    r"will do|ill do|ill take|id pick|id go|gotta be|has to be|must be|would be|it is|its|"
    r"opt for|opting for|choosing|selecting|preferred|leaves|leaving|leaves me with|leaving me with|leaving us "
    r"with|leaves us with|leaves us|gonna have to be|will have to be|hafta be|"
    r"what works(?: best)?(?: for (?:me|us))? is|best(?: one)?(?: for (?:me|us))? (?:is|would be)|confirming|"
    r"confirm|can you (?:please )?put me for|can u put me for|availability for|available for|in favor of|in "
    r"favour of|team)$"
)
_CAN_LEAD: Final = re.compile(
    rf"(?:^|(?:.* )?(?:{_OWN}|hello|sorry|work|calendar|that|it) )(?:can|could|able to|free|available|open)(?: "
    rf"(?:only|do|make|attend|come|go|join|to|for|on|with|at|the|it|also|still|definitely|totally|manage|swing|work|"
    rf"accommodate|handle|host))*$"
)
_REJECT_LEAD: Final = re.compile(
    r"(?:^|.* )(?:(?:cant|cannot|can not|couldnt|wont|wont be|not|not be|will not|dont|im not|am not|unable|"
    r"never|no way i can|no way we can|no way i|no way|sorry about|apologies for|arent|aint|isnt|no longer|not "
    r"gonna|not going to|sadly not)"
    r"(?: (?:really|even|actually|able|be|do|make|come|attend|go|get|work|join|to|there|at|on|for|it|with|"
    r"manage|swing|the|either|"
    r"free|available|good|around|any|of|think|happen|interested|open|in|doing|making|accommodate|"
    r"anymore|a fan of|possible|feasible|take))*"
    r"|(?:no|nope|nah|naw|nomark|hard no|big no|negative|nay|n(?= (?:to|on|for)\b)|pass|skip|skipping|"
    r"unavailable|busy|booked|away|out|"
    r"out of town|gone|conflict|conflicts|conflicted|a conflict|working|tied up|on call|"
    r"clash|traveling|travelling|will be away|miss|have to miss|gotta miss|will miss|have to skip|cross off|"
    r"rule out|scratch|cancel|remove|drop|cross out|ruling out|have to pass|veto|minus|x|thumbs down|have to "
    r"pass|pass|no luck|too bad|doesnt work|does not work|dont work|not working)"
    r"(?: (?:on|for|to|with|at|in|during|the|of|number|about|for me|is|are|:|way))*|anything but|except(?: for)?)$"
)


_HOUSE: Final = re.compile(
    r"\b(family|fam|party|crew|gang|household|group) of COUNT\b|\bwork (schedule|sched|"
    r"calendar|roster|rota)\b"
)
_LONGEST: Final = 160
"""Characters; more words than that before an option are a story, and patterns would take long over them."""


@lru_cache(maxsize=2048)
def lead_stance(lead: str) -> str:
    """What the words before a mention say of it."""
    lead = _HOUSE.sub(r"\1\2", lead.lstrip(" :,").rstrip(" ,"))
    if not lead.strip(" :"):
        return BARE
    if len(lead) > _LONGEST:
        return UNKNOWN
    said = lead.split()
    if of_another(lead):
        return UNKNOWN
    if arranges(lead):
        return APPROVED
    stance = _phrase_stance(lead, said)
    return gist_before(said) if stance == UNKNOWN else stance


def _phrase_stance(lead: str, said: list[str]) -> str:
    if lead.endswith("noneof"):
        return NONE_OF
    if _WISHED.match(lead):
        return BUSY
    if _ADDRESS.fullmatch(lead) and not HAS_NEGATION.search(lead.replace("says", "")):
        return BARE
    if _BUSY_LEAD.match(lead):
        return BUSY
    if _REJECT_LEAD.fullmatch(lead):
        return REJECTED
    if HAS_NEGATION.search(lead):
        return UNKNOWN
    if _APPROVE_LEAD.match(lead) or _CAN_LEAD.match(lead):
        return APPROVED
    if re.search(r"\b(?:can|could)\b", lead):
        return UNKNOWN
    if _YES.search(lead):
        return APPROVED
    weak = _WEAK_LEAD.match(lead) and not _WEAK_EXCEPTION.match(lead)
    if _IDLE.issuperset(said) and not weak:
        return BARE
    return UNKNOWN


_IDLE: Final = _FILLERS | INTERJECTIONS | words("buddy bud pal pals friendo broski boo sis mates lads luv")
_BUSY_LEAD: Final = re.compile(
    r"(?:i|we|ill|well)(?: also| be| do)? (?:work|working|have work)(?: TIME)?(?: on)?|"
    r"(?:.* )?(?:birthday|wedding|party|recital|game|appointment|anniversary|surgery|concert|graduation|"
    r"meeting) is (?:on|for|during)|"
    r"(?!.*\bpass\b)(?:.* )?(?:in|at|have|has|got|theres|have to|working|work|flying|traveling|visiting|a|the|"
    r"stuck|hosting|on call|double booked) (?!.*\b(?:free|available|availability|open|openings?|time|good|space|"
    r"room|can|could|"
    r"put|sign|mark|vote|interest|preference|yes|down|count|not?|cant|favor|love)\b)\w+(?: \w+){0,5} (?:on|for|"
    r"during|the day of)$"
)
_WISHED: Final = re.compile(
    r"(?:^|.* )(?:wish(?:ed)?|would have|wouldve)(?: (?:loved|liked|preferred|done|to))*(?: (?:i|we|could|can|do|"
    r"make|was|it|the))*$"
)
_YES: Final = re.compile(
    r"(?:^|.* )(?:yes|yep|yeah|yup|yea|yah|aye|yesmark|definitely|def|deff|deffo|defs|"
    r"absolutely|totally|y(?= (?:to|for|on)))(?: to| for| on)?$"
)
_ADDRESS: Final = re.compile(
    r"(?!.*\b(?:about|number|option|like|at|around|only|just|to|for|got|have|need|want|tell|ask)\b)(?:(?:hi|hey|"
    r"hello|hiya|yo|dear|thanks|thank you|thx|good morning|good evening|good afternoon|this is|its|it is)(?: "
    r"(?:hi|hey|there|its|it is|this is|me|again|so much|and|aunt|uncle|"
    r"grandma|grandpa))* [a-z]+(?: [a-z]+)?(?: (?:its|it is|this is)(?: me)? [a-z]+(?: here)?)?|[a-z]+ here|"
    r"(?:my )?(?:mom|mum|wife|husband|hubby|boss|calendar|schedule|dad) says(?: we can do)?)"
)
