"""Tells talk that wants no second question from an answer that could not be read: `is_chatter(clauses, 3)`.

Only for texts without a vote, a refusal or a command; a wrong guess here costs one text, never a wrong vote.
"""

import re
from typing import Final

from autosync.replies.clauses import Clause
from autosync.replies.rules import DAYS

_OKAY: Final = re.compile(
    r"(?:ok|okay|k|kk|okey|okie|dokie|dokey|cool|great|nice|awesome|sweet|alright|all right|yesmark|got it|will "
    r"do|noted|roger|copy|that|right|neat|super|lol|haha|oh|ah|aw|perfect thanks|thanks|thank you|wow|very|so|"
    r"excellent|wonderful|lovely|"
    r"amazing|fantastic|word|bet)(?: (?:ok|okay|k|kk|okie|dokie|dokey|cool|great|nice|awesome|sweet|alright|"
    r"yesmark|got it|will do|noted|then|that|thanks|thank you|lol|haha|so|very|boomer|dear|hon|man|dude|perfect|"
    r"all|guys|everyone))*"
)
_AGREEMENT: Final = re.compile(
    r"^(?:(?:hi|hey|ok|oh|so|well|lol|dear|haha|thanks|great|awesome|cool|ooh|omg|perfect) )*(?:yes|yess|yep|"
    r"yup|yeah|yea|ya|yas|yass|y|sure|si|oui|absolutely|definitely|certainly|of course|for sure|works?|sounds|"
    r"sound|im (?:in|down|free|game|good|so in|available|there|open|up for|flexible|easy|ok|totally)|i am (?:in|"
    r"free|available|open)|we(?:re| are) (?:so |totally |both |all )*(?:in|free|down|game|good|available|there)|"
    r"were in|"
    r"count (?:me|us) in|ill be there|well be there|be there|i can(?! bring)|we can(?! bring)|can do|can make|"
    r"ill come|sign me up|perfect|good|fine|that sounds|it sounds|this sounds|that looks|that works|it works|"
    r"this works|that would|would love|id love|all "
    r"good|all set|looks good|happy to|love to|down|i accept|agreed?|"
    r"whatever|whichever|whenever|no preference|any|i dont mind|so$|flexible|up to you|you (?:choose|pick|"
    r"decide)|up for|lets do it|i could|can|could|good (?:with|for|by|to)|fine (?:with|by)|ok (?:with|by) me|"
    r"pick for|either|doesnt matter|let you know|will check|let me|get back|ill (?:try|see|check|ask|do my)|"
    r"works? great|great|dont care|will (?:check|get back|let))\b(?! (?:soon|in (?:TIME|COUNT)|to (?:hear|see|"
    r"know)|hear|see|know|luck|morning|night|afternoon|evening|one|job|times|idea|work|fun|like fun|so good|so "
    r"fun|awesome))"
)
_PRAISE: Final = re.compile(r"\b(?:great|good|nice|cool|ok|okay|awesome|amazing|lovely|wonderful|like a plan)\b")
_SCHEDULE: Final = re.compile(
    rf"\b(?:{DAYS}|TIME|DATE|STRAY|VAGUE|morning|mornings|afternoon|afternoons|evening|evenings|night|"
    rf"nights|weekend|weekends|weekday|weekdays|week|tomorrow|tonight|today|noon|midnight|later|earlier|sooner|"
    rf"month|anytime|any time|"
    r"early|late|before|after|instead|reschedule|postpone|another day|free|available|availability|schedule|"
    r"calendar|work|works|working|shift|busy|time|times|day|days|when|until|january|christmas)\b"
)
_OPTIONS: Final = re.compile(
    r"\b(?:options?|numbers?|dates|times|choices?|choose|slots?|picking|picked|vote|votes|resend|which|other "
    r"one|this one|that one|the one|these|prefer|majority|better|best one|decide|instead|reply|respond|answer|"
    r"received?|pick|opt|"
    r"poll|list again|one|some|none|all|any|both|either|most|half|tree|won|tow|move|swap|switch|cancel|postpone)\b"
)
_DOUBT: Final = re.compile(
    r"\b(?:maybe|might|perhaps|possibly|probably|depends|depending|not sure|unsure|idk|dunno|dont know|if|"
    r"unless|let you know|check|get back|know yet|not yet|dont think|tbd|think about|see if|well see|try|"
    r"hopefully|hope so|"
    r"guess|no idea|no clue|confused|dont understand|"
    r"hmm|umm|kinda|sort of|ask|figure|forgot|waiting|wait|second thoughts|tell you|sorry|pass|not|cant|wont|"
    r"couldnt|no|nope|nah|wrong)\b"
)
_SOCIAL: Final = re.compile(
    r"\b(?:thank|thanks|thx|thnx|tx|ty|tysm|tyvm|gracias|merci|danke|grazie|obrigado|cheers|appreciate|"
    r"appreciated|bless|hi|hello|hey|hiya|howdy|hola|good (?:morning|afternoon|evening|night|one|to (?:hear|see|"
    r"know))|goodnight|"
    r"lol|lmao+|rofl|(?:ha)+h?|(?:he){2,}h?|(?:ja)+|wow|yum|yay+|woo+|woohoo|omg|aw+|congrats|congratulations|"
    r"happy|merry|feliz|hbd|bday|birthday|anniversary|bye|cya|ttyl|see (?:you|u|ya)|cu|xo+|x+|hugs?|kisses|"
    r"love(?! to)|luv|ily|miss (?:you|u|everyone|yall)|"
    r"hope(?! (?:so|that works|it works|i can))|excited|exciting|fun|looking forward|awesome|amazing|sweet|"
    r"cute\w*|laugh\w*|long time no see|"
    r"funny|best planner|the best|great (?:idea|job|seeing|time|to)|good (?:luck|job|idea|times)|nice (?:job|"
    r"work|one|to|1)|well done|legend|star|stars|hero|queen|king|rock|rocks|"
    r"no (?:problem|worries|prob)|np|noproblem|welcome|you too|same to you|me too|same here|sorry for your|sorry to "
    r"hear|sorry (?:wrong|that was|im late|for the)|my bad|oops|on my way|omw|almost there|running|parking|"
    r"parked|traffic|landed|driving|in a meeting|talk (?:soon|later)|cant talk|just left|pulling up|pleasure|"
    r"min out|be there (?:soon|in)|leaving now|im here|just got|got it|noted|roger|copy|understood|will do|"
    r"gotcha|"
    r"take care|safe|stay warm|welcome|get well|feel better|feeling better|thinking of|good to|how (?:are|is|"
    r"was|have|fun|have)|hows|say hi|says hi|said hi|tell (?:your|mom|dad|everyone|him|her|them)|brb|lmk|call "
    r"me|call you|text me|gif|ok|okay|k|kk|cool|nice|great|yesmark|de nada|PRAISE|you got this|organizer|"
    r"cant stop|stop it|dont stop|nonstop|youre|your the|ur|adorable|hilarious|dying|dead|killing|proud|sleep|"
    r"enjoy|have a|lovely|wonderful|beautiful|crazy|wild|grateful|thoughtful|kind)\b"
)
_FRAMES: Final = re.compile(
    r"\b(?:long time no (?:talk|see|chat|speak)|(?:made|makes?|making|brightened) my (?:day|night|week|month)|"
    r"you (?:always )?do (?:the|so) (?:most|much)|"
    r"the (?:most|best) (?:fun|thoughtful|organized)|(?:pumped|stoked|psyched|hyped|thrilled|jazzed)|(?:is|were|"
    r"are) back|"
    r"(?:won|lost|had|was|were|took|ate|did|beat|remember)\b[a-z ]*? COUNT|COUNT (?:already|years)|so nice to|"
    r"without you|woot|(?:youre|ur|turned|turning|turn) COUNT|so to reply|long time|(?:im )?COUNT (?:away|out|"
    r"late)|(?:im |sorry im )?late|(?:talk|call you|text) "
    r"(?:soon|later|now)|"
    r"anytime|(?:the )?delay|see (?:you|u|ya)(?: all| guys| there| then| in| at| on| soon| tomorrow| tonight| "
    r"later| next| saturday| friday| sunday| then)*(?: (?:TIME|DATE|COUNT|a bit|week))*|(?:have|had|hope you "
    r"have|enjoy) (?:a|the|your) [a-z ]*?(?:day|weekend|week|night|evening|time|year|one|morning)s?|(?:good|"
    r"great|nice) (?:time|times|morning|afternoon|evening|night)|happy (?:new year|[a-z]+day|holidays|birthday|"
    r"thanksgiving)|"
    r"(?:how|hows) (?:was|is|has|your|the) [a-z ]*?(?:week|weekend|day|night|morning|trip|time)|late(?= "
    r"(?:reply|response))|running (?:a bit |a little |COUNT )*late|COUNT late|be there(?: soon)?(?: in)?(?: "
    r"TIME| COUNT)?|there in (?:TIME|COUNT)|last (?:time|night|week|year)|this (?:morning|year)|end of (?:the "
    r"year|a long week|year)|(?:late|early) (?:for|to)|start to your week|next time|"
    r"what time|when is it|whats the start time|start time|someday (?:ill|im|we)|first thing|in advance|of the "
    r"year|all the time|every time|every year|long time|any news|work (?:party|out|it)|takes? time|taking the "
    r"time|time to|your time|the day|all (?:night|day)|days? like|in (?:DATE|TIME|COUNT))\b"
)
_EVENT: Final = re.compile(
    r"^(?:(?:hey|hi|ok|so|and|also|oh|quick question|lol|btw|wait|hello|thanks|cool|great) )*(?:who|whos|whose|"
    r"where|wheres|what|whats|how|hows|why|will|is|are|do|does|did|has|have|can|could|should|need|any|was|were|"
    r"am|which restaurant|when|may|would)\b"
)

_ASKED_IN_PASSING: Final = re.compile(
    r"\b(?:how (?:are|is|was|have|did) (?:you|u|ya|everyone|everybody|things|life|it|your|the)|hows (?:it|everyone|"
    r"everybody|things|life|your|the|u|you)|whats (?:up|new)|sup|isnt (?:it|that)|right|remember|are you (?:ok|okay|"
    r"well|alright|serious|kidding)|guess what|did you (?:see|watch)|can you believe|why so)\b"
    r"|^(?:(?:oh|aw|wow|ah|ooh|omg|and) )*(?:have (?:fun|a|the)|(?:what|how) (?:a|an|fun|nice|lovely|exciting|"
    r"cool|great|sweet|wonderful|kind|are))\b"
    r"|\bwhats? up$|^(?:do|can) (?:you|u) need help"
)
"""Small talk in the form of a question; any other question of somebody who has not answered is worth an answer."""


def is_chatter(clauses: list[Clause], option_count: int, *, ornament: bool = False) -> bool:
    """True for thanks and small talk; False for what was meant as an answer, and for questions."""
    spoken = [clause for clause in clauses if clause.text]
    text = " ".join(clause.text for clause in spoken)
    if not clauses:
        return ornament
    if not spoken:
        return not any(clause.asks for clause in clauses)
    if all(_OKAY.fullmatch(clause.text) for clause in spoken):
        thanked = re.search(r"\b(?:thanks|thank|thx|lol|haha)\b", text) is not None
        return not any(clause.asks for clause in spoken) and (option_count > 1 or thanked)
    if any(clause.mentions for clause in clauses) or re.search(r"\b(?:STRAY|VAGUE)\b", text):
        return False
    return all(_is_talk(clause) for clause in spoken) and (
        _SOCIAL.search(text) is not None
        or any(clause.asks for clause in spoken)
        or _FRAMES.search(text) is not None
        or len(text.split()) >= 3
    )


def _is_talk(clause: Clause) -> bool:
    text = _FRAMES.sub(" ", clause.text)
    social = _SOCIAL.search(clause.text) is not None
    asks = clause.asks or _EVENT.match(clause.text) is not None
    if (
        _AGREEMENT.match(clause.text)
        and not asks
        and not _SOCIAL.search(_PRAISE.sub("", _AGREEMENT.sub("", clause.text)))
    ):
        return False
    if asks:
        return _ASKED_IN_PASSING.search(clause.text) is not None
    if social:
        return not _DOUBT.search(re.sub(r"\b(?:sorry|not|no|cant|wait|wrong|ask|if|check)\b", " ", text))
    return "COUNT" not in text and not _SCHEDULE.search(text) and not _OPTIONS.search(text) and not _DOUBT.search(text)
