"""Cuts a marked text into clauses: `clauses_of("O1 works , but not O3")` is "O1 works" and, after "but", "not O3".

Before, idioms that turn a negation or a condition into nothing ("no problem with", "if thats ok") are written plainly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autosync.replies.rules import DAYS, rewritten, rules, words

MENTION: Final = r"(?:O\d+|ALL|ANY|NONE|REST)"


@dataclass(frozen=True, slots=True)
class Clause:
    """Words between two breaks. `link` is the mark or word before them, `asks` is True if a question mark ends them."""

    text: str
    link: str
    asks: bool

    @property
    def mentions(self) -> bool:
        """True if it names options, or all or none of them."""
        return re.search(rf"\b{MENTION}\b", self.text) is not None


_DESCRIPTION: Final = (
    rf"(O\d) (?:\)|:|-|\.) (?:(?:{DAYS}|DATE|TIME|COUNT|at|,|est|edt|et|cst|cdt|ct|mst|mdt|mt|pst|pdt|pt|-) ?)+"
    r"(?= ?(?:$|[|¤!.]|O\d|reply))"
)
_COPIED_LINE: Final = re.compile(_DESCRIPTION)
_PLAIN_WORDS: Final = rules([
    (r'["“”*_^]|(?<= )#(?= |$)|\[|\]', " "),
    (r"\b(?:(?:no|nope|nah|puedo|:) )+(?=NONE\b)", ""),
    (r" +", " "),
    # Two negations, or one that denies nothing.
    (r"\b(?:no|zero|any|not a|isnt a|arent a|not an|without) (?:problem|problems|prob|issue|issues|conflict|"
    r"conflicts|objection|objections|"
     r"trouble)s?(?: at all)? (?:with|for|on|to|doing|making)\b", "good with"),
    (r"\bNONE (?:(?:is|are|would be|pose) )(?:a |an )?(?:problem|issue|conflict|bad)s?\b", "ALL work"),
    (r"\b(?:no|zero|not a) (?:problem|problems|prob|probs|issue|issues|conflict|conflicts|worries)\b", "noproblem"),
    (r"\b(?:nothing|no|none|not|never|dont) (?:against|wrong with)\b", "good with"),
    (r"\b(?:wouldnt|wont|not gonna|not going to|never|no way id|no way ill|cant|would not|dont want to|not) "
    r"(?:want to )?"
     r"miss(?: out on)?\b(?! (?:you|u|everyone|yall|the))", "love to do"),
    (r"\b(?:cant|cannot|can not) wait(?: for| to)?\b", "excited"),
    (r"\b(?:cant|cannot) (?:complain|believe|remember|thank|stop|beat|imagine|even|lie|tell you|go wrong|say no "
    r"to|wait)\b|"
     r"\b(?:i )?(?:dont|doesnt|didnt) (?:worry|forget|stress)\b|"
     r"\b(?:not gonna lie|ngl|no lie|no question|no brainer|nobrainer|no doubt|without a doubt|no cap|no rush|"
     r"no pressure|"
     r"no matter|no complaints|not bad|not too bad|no kidding|no joke|why not|not fussy|"
     r"not picky|no need|dont need|no biggie|no stress|no plans|no big deal|(?<!if "
     r")nothing else|"
     r"no later|"
     r"no longer have|nothing planned|nothing going on|nothing on)\b", "so"),
    (r"\bcant (?:stay|bring|drink|eat|drive|park|host|be late|arrive|get there|make it (?:before|until|till|til) "
    r"TIME)\b", "will be"),
    (rf"\b(make|making|made) ({MENTION}) (?:work|happen)\b", r"\1 \2"),
    # Days answered by themselves: "Fri - no".
    (rf"\b{DAYS} (?:-|:|=) (?:no|yes|nope|yep|maybe)\b", " "),
    (r"\bno reason (?:that |why )?(?:i|we) (?:cant|couldnt|wouldnt|shouldnt)(?: be able to)?\b", "i can"),
    (r"\b(?:(?:i|we) )?(?:have|got|ive got|weve got|has) NONE(?: (?:going on|going|on|planned|else|booked|"
     r"scheduled|happening|"
     r"on the calendar))*(?= |$)(?! (?:against|open|free|available|works))", "so free"),
    (r"\bno (?:strong |real )?preference (?:between|of|among) (?=O\d|ALL)", "fine with "),
    # No preference.
    (r"\b(?:i )?(?:dont|doesnt) (?:really )?(?:mind|care which|care|matter|have a preference)\b|\bno (?:strong |"
    r"real )?preference\b",
     "whichever"),
    # Conditions of courtesy.
    (r"\b(?:if|as long as|so long as) (?:thats|that is|it is|its|that|this|this is|it|theyre|u dont mind|you "
    r"dont mind)?"
     r" ?(?:still |all |ok |totally )?(?:ok|okay|alright|fine|cool|good|works?|helps?|matters|available|"
     r"allowed|easier)?(?: with| for)?(?: you| u| everyone| all| yall| everybody| the group)*(?= (?:$|[.,!;|"
     r"¤?)(-])|$)(?<!if)", ""),
    (r"\bif (?:youd|you would|you could|you can|u could|u would|ud) (?:be so kind|be so good|please|be a dear|be "
     r"a doll)\b"
     r"|\bif (?:its|it is) (?:totally |all )?the same (?:to|with|for) \w+\b|\bif (?:ur|youre|you are|u r|u are|"
     r"yall are|you guys are|im|i am|were|we are|theres|there is|theyre|its|it is|you) (?:still (?:welcome|"
     r"invited|room|space|going|on|a "
     r"(?:spot|seat|chair)|having it|doing (?:it|this))|not too late|okay|ok)\b|\bif (?:youll|you will|u ll|ull) "
     r"have (?:me|us)\b", ""),
    (r"\bso i guess(?: (?:its|ill do|that leaves|itll be|that means))? (?=O\d)", "so "),
    (r"\bif (?:i (?:had|have) to (?:pick|choose|rank)(?: an order| one)?|you (?:need|want|have) (?:help|any|me|a|"
    r"some|anything)"
     r"|anything (?:changes|comes)|you need|i (?:remember|recall) \w+|need be)\b", ""),
    (r"\b(?:even if|even though|as if|what if we)\b", "though"),
    (r"\b(?:may (?:be|have to|need to|run|arrive) (?:a |just )*(?:few |bit |little |tad )?(?:COUNT )?(?:late|"
    r"leave|run))\b", "late"),
    # "so does 2", "same for 2", "2 as well".
    (rf"\b(?:and |but )?so (?:does|do|is|would|will|are|did|can|should) ({MENTION})", r", \1 works"),
    (rf"\b(?:same|ditto) (?:for|with|goes for) ({MENTION})", r"\1 same"),
    # An answer behind a number: "1: yes", "1) no", "1 - works".
    (r"\( ?(O\d+) ?\)", r"\1"),
    # A line with the date that stands in the question: "3) Sun Dec 21, 2-4 PM EST".
    (_DESCRIPTION, r"\1 "),
    (rf"({MENTION}) \. (?=(?:yes|no|nope|yep|yeah|works|yesmark|nomark)(?: ?$| [,.|;¤]|(?: [,.|;¤])* "
     rf"O\d))", r"\1 : "),
    (rf"({MENTION}) (?:- ?>|=|:|-|, ?-) (?=(?:yes|no|nope|nah|yep|yeah|yup|ok|okay|good|works?|y|n|x|cant|can|"
    rf"yesmark|nomark|fine|"
     r"maybe|doesnt|not|perfect|great|out|im|at|busy|works|free|available|conflict|in|works|working|away|"
     r"unavailable|bad|sure)\b)"
     r"(?!no (?!$|[.,;|!]|O\d|good|go|way|can|thanks)|in |yes please$|ok thanks|great see|works for me$|at "
     r"(?:the )?usual|can (?:you|u|we|i|someone|anyone|yall)\b)", r"\1 : "),
    (r"(O\d+) (?:\. )?\)", r"\1"),
    (r"\b(O\d+ (?::  ?)?)y\b(?=(?: [,.;|]*)*(?: O\d+ (?::  ?)?[yn]|$))", r"\1yes"),
    (r"\b(O\d+ (?::  ?)?)[nx]\b(?=(?: [,.;|]*)*(?: O\d+ (?::  ?)?[yn]|$))", r"\1no"),
    (r" +", " "),
])  # fmt: skip

_SPLIT: Final = re.compile(
    r"(?:^| )(\.|!|\?|;|\||¤|,|-|\(|\)|"
    r"but|because|bc|b / c|cuz|coz|cos|cause|since|though|tho|although|however|"
    r"as(?= (?:i|we|my|our|im|ive|weve|its|the|were|there|he|she)\b)|"
    r"so(?= (?:the |just |only |its |put |that |yes |no |lets |ill |im |any |all |gonna |id |go |i |we |my |i "
    r"guess |guess |"
    r"definitely |me |probably |maybe |id |then |anyway |cant |count |me |us |down |up |in |for |to |on |do |go |"
    r"with |take |say |ima |going |well |can |will |be |pick |mark |sign |"
    r"choose |option |please |vote |make |of )*(?:O\d+|ALL|ANY|NONE|REST|cant|no|can|"
    r"free|have|would)\b)(?<!is so)(?<!are so)|"
    r"(?:and(?! (?:me|us|myself)(?: |$))|or|then|plus|n|while|&|/|\+)(?= |$))(?= |$)"
)
_JOINS: Final = words("and or then plus n while & / +")


def plainly(marked: str, option_count: int) -> str:
    """A marked text with its idioms written out; `clauses_of` expects this."""
    copied = {found[1] for found in _COPIED_LINE.finditer(marked)}
    if len(copied) > 1 and copied == {f"O{number + 1}" for number in range(len(copied))}:
        return "STRAY"
    if re.fullmatch(r"(?:and|or|but|plus|also) O\d+[ .!]*", marked.strip()):
        return "STRAY"
    text = re.sub(r"\b(?:and|or|but)[ .]*$", "doubtmark", marked.strip())
    return rewritten(f" {text} ", _PLAIN_WORDS).strip()


def clauses_of(marked: str) -> list[Clause]:
    """The clauses of a marked text, in order; an "and" only splits behind a clause that already names options."""
    return list(_cut(marked.strip()))


def _cut(text: str) -> Iterator[Clause]:
    held, link, position = "", "", 0
    for found in [*_SPLIT.finditer(text), None]:
        piece = (text[position : found.start()] if found else text[position:]).strip()
        held = f"{held} {piece}".strip()
        mark = found[1] if found else "."
        if found and mark in _JOINS and not re.search(rf"\b{MENTION}\b", held):
            held = f"{held} {mark}".strip()
        else:
            if held or mark == "?":
                yield Clause(held, link, asks=mark == "?")
            if held or mark not in {",", "¤", "|"}:
                link = mark
            held = ""
        position = found.end() if found else position
