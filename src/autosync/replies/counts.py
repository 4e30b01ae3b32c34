"""Takes out of a worded text the numbers that count something: "2 kids" is COUNT, "at 3" is TIME, "2 of them" VAGUE.

`without_idioms` does so for ordinals ("first of all"), and runs before options are named; `without_counts` after.
"""

from typing import Final

from autosync.replies.rules import DAYS, MONTHS, rewritten, rules

UNITS: Final = (
    r"(?:sec|secs|second|seconds|min|mins|minute|minutes|hr|hrs|hour|hours|day|days|nite|night|nights|wk|wks|"
    r"week|weeks|"
    r"weekend|month|months|yr|yrs|year|years|yo|dozen|half|halves|mile|block|km|mi|ft|feet|lb|lbs|oz|"
    r"people|ppl|peeps|folks|person|adult|kid|child|children|guest|friend|buddy|guy|girl|boy|baby|toddler|men|women|"
    r"dog|cat|car|seat|spot|ticket|pizza|salad|beer|drink|wine|bottle|bag|box|dish|pie|cake|chair|table|game|round|"
    r"times?|thing|question|moment|hundred|thousand|million|percent|bucks|dollars?|cents?|degrees|grand|points|"
    r"thumbs|"
    r"more|other|others|left|extra|month|meeting|job|shift|appointment|appt|sister|brother|cousin|personas?|"
    r"amigos|horas?|minutos|pm|am|oclock|sharp|ish|grader|floor|cheers|pack|packs|ply|letter|page|step|mile|day|"
    r"bedroom|wheeler|hander|timer|am|adult|month|kiddos|teens|littles)"
)
_PLURAL_VERBS: Final = (
    r"(?!(?:works|wrks|is|was|has|does|yes|yess|its|as|us|this|thus|looks|sounds|seems|suits|fits|thanks|thnks|"
    r"thx|plus|"
    r"pls|clashes|conflicts|overlaps|sucks|stinks|rocks|fs|bus|gets|wins|makes|would|always|perhaps|besides|unless|"
    r"sometimes|afterwards|les|des|los|las|dos|tres|ones|options|dates|slots|choices|falls|lands|ends|starts|"
    r"needs|xs|"
    r"overlaps|interferes|collides|beats|appeals|goes|stands|means|happens|runs|feels|remains|comes|lets|cos|is|"
    r"yeses|"
    r"sadly|sos|doubles|guess|miss|pass|less|class|across|bless|s|ours|hers|yours|jus|alas|obvs|deffs|defs|"
    r"regards|hugs|slaps|rules|bangs|hits|lines|aligns|checks|jives|vibes|"
    r"kisses|wishes|cheers|mas|gracias|besos)\b)"
)
_BEFORE_NUMBER: Final = (
    r"(?:apt|apartment|suite|ste|unit|room|gate|exit|route|hwy|highway|channel|page|chapter|verse|grade|season|"
    r"episode|"
    r"part|phase|step|level|lane|bus|flight|code|pin|password|otp|zip|size|dose|year|plan|version|round|test|"
    r"testing|covid|score|table|party|bldg|building|track|platform|terminal|week|world war|day care|ages?|aged|"
    r"kids ages|top|strike|season|size|game|vitamin|street|floor|house|chapter|pick up|stop at|window)"
)


def without_idioms(text: str) -> str:
    """`text` without ordinals that order nothing, and shorthand like "4 me" written out."""
    return rewritten(text, _IDIOMS)


def without_counts(text: str) -> str:
    """`text` with every number that has a unit, a preposition of time or a house at it as a placeholder."""
    return rewritten(text, _COUNTS)


_IDIOMS: Final = rules([
    # Ranks: "1st choice: 2" names option 2.
    (r"\b(?:my |the )?[FG]\d (?:choice|pick|preference|priority)\b", "RANK"),
    # Idioms with an ordinal: "first of all", "second to none", "one of these days", "in a second", "first thing".
    (r"\bF1 of all\b|\bat F1\b(?! glance)|\bF2 to none\b|\bF1 come F1 served?\b|\bF1 and foremost\b", ""),
    (r"\b(?:one|1) and all\b", "everyone"),
    (r"\b(?:a|one|1|per|every|just a|split) F2\b", "COUNT"),
    (r"\b(?:VAGUE|one|1) days?\b|\bone of (?:these|those) days\b", "someday"),
    (r"\b(?:the |my |our |her |his |your )?(?:F\d|last|very F\d|very last) (?:time|thing|week|weekend|month|name|"
    r"grade|"
     r"grader|aid|base|lady|half|baby|birthday|wave|wind|hand|nature|thoughts?|cousin|person|to|year|night|"
     r"minute|call|"
     r"resort|anniversary|gen|place|impression|kid|shift|job|round|glance|trimester|semester|responder|party|"
     r"try|in line|"
     r"of the month|i checked|i heard|but not least|one standing)s?\b", "someday"),
    (r"\b(?:im|youre|your|my|our|his|her|a|that) [FG]\d\b(?! (?:choice|pick|preference|option|one))(?: [a-z]+)?",
     "someday"),
])  # fmt: skip

_COUNTS: Final = rules([
    # "option too works": two, as dictation writes it.
    (r"\b(option|number|choice|opt) (?:too|to)\b(?= (?:works|is|please|pls|sounds|looks|for me|would)|$)", r"\1 2"),
    # Ranges of counts: "1-3 days", "2 or 3 people"; "2 for 1", "1 in 3", "1 and a half".
    (rf"\b\d+ (?:-|to|or) \d+ (?:more |other |extra )*{UNITS}s?(?= |$)", "COUNT"),
    (r"\b\d+ (?:for|for the price of|in|out of) \d+\b|\b\d+ and a half\b", "COUNT"),
    # "only 2 work": two of them, or the second one.
    (r"(?<!\d )(?<!and )(?<!or )(?<!& )(?<!, )(?<!\+ )(?<!/ )(?<!\| )(?<!make )(?<!- )(?<!through )(?<!thru "
    r")(?<!to )(?<!but )\b(?<!you )(?<!us )(?<!we )[23] (?:work|are)\b", "VAGUE"),
    (r"\bw /(?= |$)", "with"),
    # "im down 4 1 and 3", "works 4 me", "id love 2 come", "2 good 2 be true", "me 2": for, to and too.
    (r"\b(down|in|up|good|free|works?|open|available|thanks|thx|ty|wait|game|time|it) 4 (?=\S)", r"\1 for "),
    (r"\b4 (?=(?:me|us|all|u|you|sure|real|now|both|the|my|our)\b)", "for "),
    (r"\b(love|luv|going|want|like|have|need|able|got|happy|glad|nice|hope|ready) 2 (?=[a-z]+(?: |$))(?!(?:and|"
    r"or|n|is|but|so|since|because|bc|cuz|if|please|pls|thanks|thx|though|tho|for|lol|most|best|more)\b)",
     r"\1 to "),
    (r"\b2 (good|cool|cute|funny|sweet|much|nice|bad|tired|busy|old|young|sick|easy|hard|expensive|fast|hot|cold|"
    r"fun|long)"
     r"(?= (?:2|for words|lol|haha|$))", r"too \1"),
    (r"^2 (good|cool|cute|funny|sweet|much|nice|bad|tired|busy|old|young|sick|easy|hard|expensive|fast|hot|cold|"
    r"fun|long)"
     r"$", r"too \1"),
    (r"\b2 (?=(?:be|u|you|ya|see|much|many)\b)", "to "),
    (r"\b(me|u|ya|you|same) 2(?= ?(?:$|[.!,?¤|] ?(?!\d)))", r"\1 too"),
    # Ages: "my son is 3", "turns 2", "aged 4". Who somebody is: "I'm 3", "we are 2".
    (r"\b(son|daughter|kid|baby|boy|girl|child|grandson|granddaughter|niece|nephew|he|she|hes|shes|dog|husband|wife)"
     r"( is| just| now)* \d+\b", r"\1 COUNT"),
    (r"\b(turn|turns|turned|turning|im|i am|we are|well be|ill be|there are|theres|there is|therell be|there will be|"
     r"were) (just |only |about |now )?\d+\b(?! (?:yes|no|and|&|or|is|,|hours?|hr|min|mins|minutes|miles?|"
     r"blocks?|days?|weeks?))", r"\1 COUNT"),
    # The time behind a preposition: "at 2", "after 3", "by 5", "until 8 or 9".
    (r"\b(?:at|on) \d+ [a-z]+ (?:st|street|ave|avenue|rd|road|blvd|lane|ln|drive|dr|court|ct|way|place|"
     r"pl)\b", "COUNT"),
    (r"\b(at|by|around|before|after|until|till|til|since|past|about|bout|in|like at|sometime around)"
     r"(?<!sure about)(?<!sorry about)(?<!how about)(?<!what about)(?<!know about)(?<!hear about)(?<!think about)"
     r"(?<!me in)(?<!us in)(?<!lock in)(?<!im in)(?<!details about)(?<!question about)"
     r" (?:like |about )?\d+(?:(?: or| and| -| to) \d+)?(?= |$)", r"\1 TIME"),
    (r"\b(from) \d+ (?:to|-|til|till|until|and) \d+\b", r"\1 TIME"),
    (r"(?<!apart )(?<!aside )\bfrom \d+(?= |$)", "from TIME"),
    (r"\b(TIME (?:or|-|to|and|/)) \d+\b", r"\1 TIME"),
    (r"\b(?:noon|midnight) (?:to|-|or|til|till) \d+\b|\b\d+ (?:to|-|or|til|till) (?:noon|midnight)\b", "TIME"),
    (r"\b\d+ (?:or so|to \d{2,}|minutes?|sharp)\b", "TIME"),
    # Days: "Friday 2", "Sat the 3rd", "2 on Friday".
    (rf"\b{DAYS} (?:at )?(?:the )?(?:\d+|[FG]\d)(?: (?:-|or|and|to) (?:\d+|G\d))?(?! (?:yes|no)\b)(?= |$)", "DATE"),
    (rf"\b\d+ (?:on )?(?=(?:{DAYS}|today|tomorrow|tonight|next week)\b)(?!\d+ {DAYS} (?:and|,|yes|no|-|:) ?\d)",
     "COUNT "),
    (rf"\b(?:the )?[FG]\d (?={DAYS}|{MONTHS})", "DATE "),
    (rf"\b(?:the )?[FG]\d (?:of|in) (?=next|the month|{MONTHS})", "DATE "),
    # Counts in front of a unit or people: "2 kids", "10 min", "3 people coming", "1 hour away".
    (rf"\b(?<!option )(?<!options )(?<!number )(?<!# )\d+ (?:- )?(?:little |small |big |extra |full |whole |more |"
    rf"young |"
     rf"other |good |long |year old |yr old )*(?:- )?{UNITS}s?(?= |$)(?! (?:one|option)\b)", "COUNT"),
    (r"\b(?<!option )(?<!options )(?<!number )(?<!# )(?!1 )\d+ (?:little |small |big |more |other |old |good )?"
     rf"{_PLURAL_VERBS}[a-z]+[^s\W]s(?= |$)(?! (?:and|&) \d)", "COUNT"),
    (r"\bG\d (?:grade|grader|floor|street|st|ave|birthday|try|time|base|wind|thought|thoughts|party|shift|job|"
    r"kid|baby|"
     r"week|year|anniversary|place|round|cousin|trimester|semester|quarter|of)\b", "COUNT"),
    # People: "2 of us", "party of 4", "us 2", "the 3 of us", "me and 2 others".
    (r"\b\d+ of (?:us|you|my|our|his|her|ya)\b", "COUNT"),
    (r"\b(party|group|table|total|family|room|reservation|dinner|lunch|headcount|seats?|space|crew|team)"
     r" (of|for) \d+\b", r"\1 \2 COUNT"),
    (r"\b(us|we|you|u|these|those|my|our|his|her|your|their) (?!1\b)\d+\b(?! (?:yes|no|works?|is)\b)(?!(?: ,| "
    r"and| or|) \d)",
     r"\1 COUNT"),
    (r"\b(?:out )?of (?:the |those |these )\d+ (?=(?:i|we) )", ""),
    # What one has, brings or needs: "I have 2", "bringing 3", "got 2".
    (r"\b(have|has|had|got|bring|brings|bringing|brought|need|needs|owe|can take|can fit|can host|can drive|gimme|"
     r"give me) (about |like |only )?\d+(?= |$)(?! (?:and|or) \d+ (?:free|open|available))", r"\1 COUNT"),
    (r"\b(me|us|i) (?:\+|plus) \d+\b|^plus \d+\b", "COUNT"),
    # Places and names with a number: "apt 2", "exit 1", "12 Oak Street", "season 2".
    (rf"\b{_BEFORE_NUMBER} (?:is |# |number )?\d+\b(?: \d+)*", "COUNT"),
    (r"\b\d+ (?:[a-z]+ ){1,2}(?:st|street|ave|avenue|rd|road|blvd|lane|ln|dr|court|ct|hwy|highway|pl|parkway)\b",
     "COUNT"),
    (r"\b(busy|free|available|working|open|booked|work|meetings?) \d - \d\b", r"\1 TIME"),
    (r"\b(?:[4-9] - \d|\d - [4-9])\b", "TIME"),
    (r"\b\d{4,}\b", "COUNT"),
    # Sets without names: "two of them", "1 of those", "2 out of 3", "any two", "most of them".
    (r"\b(?:any |only |just )?(?:\d+|one|couple|few|some|most|half|two|many) (?:out )?of (?:them|those|these|the|"
    r"em|\d+)"
     r"(?! (?:F|G)\d)(?: \d+)?(?: options| dates| days| times)?\b", "VAGUE"),
    (r"\b(?:any|only|those|these) \d+ options?\b|\b(?:any|at least) \d+(?= |$)|\b(?<!all )(?<!the other )(?<!other )"
     r"\d+ (?:options|dates|days|times|slots|choices|outta \d+|in \d+)\b|\bone or more\b", "VAGUE"),
])  # fmt: skip
