"""The rules that find options named by words: "none of those", "the last two", "number one", "the others".

Data only; `options.py` applies `NAMING` in order and turns what it finds into placeholders.
"""

from typing import Final

from autosync.replies.rules import rules

_NOUN: Final = (
    r"(?:options?|opts?|choices?|slots?|dates?|days?|times?|ones?|time slots?|timeslots?|"
    r"opcion|opciones|dias?|suggestions?|proposals?|alternatives?|possibilities|proposed times|"
    r"proposed dates|given dates|listed)"
)
_OF_NAMED: Final = (
    rf"(?:of )?(?:the |these |those |them |your |el |los |las |esos |esas |my )*(?:listed |proposed |suggested |"
    rf"given |offered )*"
    rf"(?:above|{_NOUN}|them|these|those|em|dem)"
)
_OF_THEM: Final = (
    rf"(?:of )?(?:the |these |those |them |em |your |el |los |las |esos |esas |my )*(?:listed |proposed |"
    rf"suggested |given |"
    rf"offered )*(?:above|below|{_NOUN}|them|these|those|em|dem)"
)
_AFTER_ANY: Final = (
    r"(?= (?:[.,!;?|¤-]|works?|worked|is|are|r|will|would|wd|should|do|does|can|suits?|good|fine|ok|okay|great|"
    r"please|pls|"
    r"but|except|excluding|other than|besides|apart|aside|thanks|thank|thx|for|yes|yesmark|nomark|no|and|on my "
    r"end|either|"
    r"one|free|lol|haha|really|sorry|this time|sadly|unfortunately|with|at all|so|because|since|as|cause|bc|cuz|"
    r"that day|"
    r"tbh|fits?|ty|could|might|may|gracias|me|menos|excepto|esta|dear|hon|though|tho|possible|available|then|i|sound|"
    r"sounds|look|looks|unless|if|or|the|same|fine|perfect|cool|equally|pretty|just|honestly|wont|dont|cant|"
    r"until|love|"
    r"open|out|bad|nope|as well|too|here|go|goes|ftw|all|always|actually|maybe|literally|now|in)\b|$| [.,!;?|¤-])"
)

_IDLE_QUANTIFIERS: Final = rules([
    (r"\b(?:free|available|open|game) (?:whenever|anytime|any time)(?= ?(?:$|[.!,]))", "free for any of them"),
    (r"\bthe \d+ of us\b", "us"),
    (r"\b(work|working) every (?:day|night|weekend)\b", r"\1"),
    (r"\b(bring|need|get|eat|say|miss|about|buy|forget|have|make) anything\b(?! (?:but|except))", r"\1 something"),
    (r"\b(my|a|the) plus (?:one|1)\b", r"\1 guest"),
    (r"\bneither here nor there\b", "so"),
    (r"\bin (?:this |that )?order of preference\b", ""),
    (r"\bmy (?:phone )?number is (?=\d)", "COUNT "),
    (r"\b(?:switch|swap|trade) (?:option |#)*\d (?:with|and|for) (?:option |#)*\d\b", "STRAY"),
    # "and neither does 3", "switch me from 2 to 3".
    (r"\b(?:and |but )?(?:neither|nor) (?:does|do|is|are|will|can|would) (?=(?:the |option |#)*(?:\d|F\d|G\d|"
    r"last))", ", not "),
    (r"\b(?:switch|change|move|swap) (?:me|us|mine|my \w+) from (?:option |#)*\d to (?=(?:option |#)*\d)", "yes to "),
    (r"\b(christmas|holidays|easter|thanksgiving|thanks|hello|hi|best|love|wishes) to all\b", r"\1"),
    (r"\bneither (?=(?:the |option |number |# )*(?:\d|F\d|G\d|last))", "noneof "),
    (r"\b(?:none|not any|not one|neither) of (?=(?:the |option |options |number |numbers |# )*(?:\d ?(?:,|and|or|"
    r"\d)|F\d|G\d|last))", "noneof "),
    (r"\bany (?:1 |one )?of (?=(?:the |option |options |number |numbers |# )*(?:\d ?(?:,|and|or|\d)|F\d|G\d|"
    r"last))", ""),
    # "you all", "thanks all", "all day", "not at all", "all my kids": not the options.
    (r"\b(you|u|yall|us|thanks?|thanks to|thx|hi|hey|hello|at|after|over|best to|see ya|love|miss|morning|evening|"
     r"afternoon|sorry|to you|thats|that is|is that|its|it is|wish|tell|best of|above|greetings|cheers|bye|"
     r"night|that|"
     r"once and for|in|if) all\b(?! (?:3|2|three|two|of)\b)(?! dates| options| days)", r"\1"),
    (r"\ball (?=(?:day|week|weekend|morning|afternoon|night|evening|month|year|along|around|about|over|set|my|"
    r"our|your|his|"
     r"her|their|kinds|sorts|this|that|in|i|you|is well|aboard|hands|systems|ears|right|alone|too|the best|the time|"
     r"the way|the same|the people|the kids|the family|the food|the work|the details|the info|the planning|the help|"
     r"good|of (?:us|you|my|our|this|that|it|december|january|next|your)|[2-9] of us|[2-9] of you|else|yall|caught|"
     r"for one|booked|tied|busy|packed|smiles|excited|work and)\b)", "totally "),
    (r"\b(?:we|theyre all in|us) all\b", "we"),
    (r"\b(?:were|we are|im|i am|we can|we could|they are going|everyone can|everybody can|we will|well) all\b"
     r"(?= (?:in|free|good|available|open|make|do|come|set|yours|for))", "we can"),
    (r"\b(?:at|after) all\b", ""),
    (r"\bzero (?=conflict|problem|issue|availab|time|opening)", "no "),
    (r"\b(?:0|zero|no) (?:chance|shot|hope)(?: (?:of|for|on|at|with|making|doing))*\b(?! in hell)", "not"),
    (r"\b(my|the|your|our|a|his|her) (?:zip|nil|nun|non)\b", r"\1 code"),
    (r"\b(you are|youre|are you|everyone is|yall are) all\b", r"\1"),
    (r"\b(?:whichever|whatever|whenever)\b(?:(?! (?:but|so|though|tho|except)\b)[^.!?,|])*", "whichever"),
    (r"\b(easy as|like) 1 ,? ?2 ,? ?3\b|\b[13] ,? ?2 ,? ?[13] (?:go|testing)\b|\btesting 1 2\b.*", "COUNT"),
    (r"\b(?:welcome|problem) (?:,|-|\.|!)? ?(?:any ?time)\b", "welcome"),
    (r"\bone for all\b.*|\b(?:i )?[FG]2 that\b", "so"),
    (r"\b\d others\b", "COUNT"),
    (r"\bout of (?:the |those |these |all )+[23]\b(?: options)?", "so"),
    (r"\b(nice|good|great) 1(?= ?(?:$|[.!,¤|]))", r"\1 COUNT"),
    (r"\b(?:anyone|anybody|everyone|everybody|noone|nobody) but\b", "STRAY"),
    (r"\bthe 2(?= (?:work|works|are|is)\b)", "VAGUE"),
    (r"\ba las? \d+\b", "TIME"),
    (r"\bboth of (?:us|you|my|our|them can|his|her)\b|\b(?:you|thanks|thank you|thx|hi|hey|hello|love you|we) both\b"
     r"|\b(?:us|you) both\b", "we"),
    (r"\bboth (?=(?:my|our|his|her|kids|boys|girls|parents|working|of)\b)(?!of (?:them|these|those|the|em)\b)", ""),
    (r"\beither way\b|\bme either\b|\bme neither\b", "anyway"),
    (r"\bneither of us (?:can|could)\b", "we cant"),
    (r"\b(?:none|neither|nobody|not one) of (?:us|you|my|our|your|this|that)\b|\bbar none\b|\bnone (?:other|the "
    r"less)\b"
     r"|\bnonetheless\b|\bfor nothing\b|\bnothing (?:but|against|wrong|else|to|beats|like|major|special|fancy|"
     r"yet|new)\b",
     "so"),
    (r"\b(?:say|saying|said|reply|replied|put|answer|answered|text|says reply|says) none\b(?= (?:but|earlier|"
    r"before))", "so"),
    (r"\ball (?:in all|of a sudden)\b", "so"),
])  # fmt: skip

_QUANTIFIERS: Final = rules([
    (r"\bneither (?=(?:the |option |number |# )*(?:\d|F\d|G\d|last))", "noneof "),
    (r"\b(?:none|not any|not one|neither) of (?=(?:the |option |options |number |numbers |# )*(?:\d ?(?:,|and|or|"
    r"\d)|F\d|G\d|last))", "noneof "),
    (r"\bany (?:1 |one )?of (?=(?:the |option |options |number |numbers |# )*(?:\d ?(?:,|and|or|\d)|F\d|G\d|"
    r"last))", ""),
    (rf"\bnot (?:even )?(?:one|1|a single|any)(?: single)?(?: one)? of {_OF_THEM}|\bnot a single (?:one|option|"
    rf"date|day)|"
     r"\bnot (?:any|one)(?= works?\b)", "NONE"),
    (rf"\b(?:no|zero|0) (?:of )?{_OF_NAMED}(?= |$)(?<!no one)(?<!no time)(?<!no day)(?<!no date)", "NONE"),
    (r"\bno (?:date|day|time|option)s?(?= (?:works?|is|are))", "NONE"),
    (rf"\b(?:none|nun|non|noe|ningun[oa]?|ningun|zero|nada|zip|zilch|nothing there|nothing here|nothing on (?:the|"
    rf"that) list|nil)"
     rf"(?: (?!but|except|yet){_OF_THEM})?(?= |$)", "NONE"),
    (r"\bnothing(?= (?:works?|worked|fits?|suits?|is|looks|lines|there|on|that|[.,!]|for me|sorry)|$)", "NONE"),
    (r"\b(?:los|las) 2(?! F)", "both"),
    (r"\b(?:los|las) 3(?! F)", "ALL"),
    (rf"\bneither(?: (?:one )?{_OF_THEM}| one)?(?= |$)", "NONE"),
    (r"\bnor (?=(?:the |option |number |# )*(?:\d|F\d|G\d|last))", "and "),
    (rf"\b(?:all|todos|todas|every one|every single one|each one|each|every|each and every one) (?:one "
    rf")?(?:{_OF_THEM})(?! (?:of|people))",
     "ALL"),
    (r"\b(?:(?:theyre|they are|they|them|these|those) all|(are|do|make|is|for|to|with|on|of|available|take|like|"
    r"love) all)\b", r"\1 ALL"),
    (r"\b(?:all|todos|todas)\b" + _AFTER_ANY, "ALL"),
    (r"\ball (?:(?:the|those|these|of|my) )*(?:nights|evenings|weekends)\b", "ALL"),
    (r"\b(?:everything|evrything)\b(?= (?:but|except|excluding|other than|besides|apart|aside|works?|fits|suits|"
    r"[.!,]|sounds|looks|minus)|$)", "ALL"),
    (rf"\b(?:any one|any1|any|cualquiera|cualquier|whichever|any single one|literally any)(?: one)? (?:{_OF_THEM})"
     + _AFTER_ANY, "ANY"),
    (r"\b(?:any one|any1|any|cualquiera)\b(?= (?:but|except|other than|apart|aside)|" + _AFTER_ANY[3:], "ANY"),
    (r"\banything\b(?= (?:but|except|excluding|other than|besides|apart|aside|works?|is (?:fine|good|ok|great)|goes"
     r"|[.!]$)|$)", "ANY"),
    (r"\b(?:anytime|any time)(?= (?:works?|is (?:fine|good|ok|okay|great)|would|will|but|except))", "ANY"),
])  # fmt: skip

_TWO: Final = rules([
    (r"\b(?:both|either|eithr) (?=(?:the |of the |of |option |options |number |numbers |no |# )*(?:\d|F\d|G\d|#|"
    r"last|first))", "BOTHOF "),
    (r"\bBOTHOF (?:of )?(?:the )?", "BOTHOF "),
    (r"\b(?:(?:we|they|us|i|you) )?(?:can|could|will|are) both (?=(?:do|make|come|attend|go|free|available|good|"
    r"be|in|down|up|able|there|game|happy|gonna|going|coming|attending)\b)",
     "we can "),
    (r"\b(?:them |these |those )?(?:both|ambos|ambas|los 2|las 2)(?: (?:of )?(?:the |these |those |them |em )*"
     rf"(?:2 )?(?:{_NOUN}|nights|evenings|weekends|them|these|those|em)?)?(?= |$)", "BOTH"),
    (rf"\beither(?: (?:one )?(?:{_OF_THEM})| one)?(?= |$)", "EITHER"),
    (r"\bthe 2\b(?= (?:work|are|is|of them)|$)", "VAGUE"),
])  # fmt: skip

_REST: Final = rules([
    (rf"\b(?:the |all |my |with |on )*(?:others|rest|remaining)(?: of (?:them|the|those|these|em))?(?: "
    rf"(?:2 )?{_NOUN})?(?= |$)"
     r"(?! (?:us|you|my|people|can do \d))", "REST"),
    (r"\b(?:the )?(?:other|remaining) (?:[23] )?(?:ones?|options?|dates|slots?|days|times|nights|choices?|"
    r"weekends|evenings)"
     r"(?: [23])?(?= |$)", "REST"),
    (r"\bthe other [23]\b|\bother 2\b", "REST"),
    (r"\b(?:los otros|las otras|el resto|los demas)\b", "REST"),
])  # fmt: skip

_ORDINALS: Final = rules([
    (rf"\b(?:the )?(?:F1|G1) (?:couple|pair)(?: of)?(?: {_NOUN})?(?= |$)", "#12"),
    (rf"\b(?:the )?(?:last|final) (?:couple|pair)(?: of)?(?: {_NOUN})?(?= |$)", "#LAST2"),
    (rf"\b(?:the )?(?:F1|G1|top|1) 2(?: {_NOUN})?(?= |$)(?<!1 2)", "#12"),
    (r"\blos 2 (?:primeros|F1s?)\b", "#12"),
    (rf"\b(?:the )?(?:F1|G1) 3(?: {_NOUN})?(?= |$)", "#123"),
    (rf"\b(?:the )?(?:very )?(?:last|final|bottom|latter) 2(?: {_NOUN})?(?= |$)", "#LAST2"),
    (rf"\b(?:the )?(?:very )?(?:last|final|bottom|ultimo|ultima|latest) {_NOUN}(?= |"
    rf"$)(?<!days)(?<!times)(?<!time)(?<!night)", "#LAST"),
    (r"\b(?:the )?(?:latter|ultimo|ultima)\b", "#LAST"),
    (r"\bthe (?:very )?last\b(?= (?:[.,!?|¤]|and|or|works?|is|for|please|pls|with|would|does|doesnt|yes|no)|$)",
     "#LAST"),
    (r"(?<=and )last\b(?= (?:[.,!?|¤]|works?|please)|$)|^last(?= please|$)", "#LAST"),
    (rf"\b(?:the )?middle(?: {_NOUN})?(?= (?:[.,!?|¤]|and|or|works?|is|for|please|pls|yes|no|would|doesnt)|"
     rf"$)", "#MID"),
    (r"\b(?:the )?(?:former|top (?:one|option))(?= |$)", "#1"),
    (r"\b(?:the |el |la |my )?(?:very )?[FG](\d)(?: (?:one|1|option|options|ones|choice|slot|opcion|date|"
    r"suggestion|proposal)\b|"
     r"(?= (?:and|or|&|,|y|o|/|\+|nor) (?:the |maybe )?(?:[FG]\d|#|last|middle)))", r"#\1"),
    (r"(?<=\d )(and|or|&|,|y|o|/|\+|#and) (?:the |el |la )?[FG](\d)\b", r"\1 #\2"),
    (r"\b(?:the |el |la )F(\d)\b", r"#\1"),
    (r"\b(but|except|excluding|from|besides|than|not|for) the G(\d)\b", r"\1 #\2"),
    (r"\bthe G\d\b", "DATE"),
    (r"\bon G\d\b", "DATE"),
    (r"\b[FG](\d)\b", r"#\1"),
])  # fmt: skip

_NUMBERED: Final = rules([
    # You are number one.
    (r"\b(?:you|youre|your|ur|u|hes|shes|were|we are|are|is) (?:a |the |still |my |our |still my )?(?:number|#|"
    r"no) (?:1|one)\b"
     r"(?<!is number 1)(?<!is # 1)|\b(?:number|#|no|numero) (?:1|one) (?:fan|dad|mom|mum|friend|host|aunt|uncle|"
     r"fans|pencil|at|in)\b"
     r"|\b# ?2 pencil\b", "PRAISE"),
    (r"\b(?:the |el |la |my )?(?:options?|opts?|choices?|slots?|dates?|number|numbers|num|nums|numero|numeros|"
    r"opcion|opciones"
     r"|answer|(?<!\d )no \.|nos \.|time slot|selection)(?: (?:is|are|of|:))?((?: (?:number|numbers|no|#|,|and|"
     r"&|or|one|\d+|the))*? )(?:# )?"
     r"(?=(?:one|\d+)\b)", r" \1#"),
    (r"# ?(?=\d)", "#"),
    (r"\b(?:the |el |la )(?=\d(?: |$))", ""),
    (r"#one\b", "#1"),
    # "one" is an option in a list, alone, and where a verb of choice needs it.
    (r"(^|[.!,|] |options? |do )one(?= ,? ?#?[23]\b(?! of| more| other))", r"\g<1>1"),
    (r"(?<!TIME )(?<!DATE )(?<!day )(?<!that )(?<!this )(?<!good )(?<!other )(?<!no )(?<!last )(?<!late "
    r")(?<!early )(?<!night )(?<!the )"
     r"(?<!which )(?<!any )\bone(?= (?:and|or|&|,|/|\+|, and|n) (?:also |the |maybe |option )?#?\d)|(?<=\d "
     r")(and|or|&|,|/|\+) one\b(?! of)", r"\1 1"),
    (r"^((?:yes|yeah|yep|sure|ok|okay|hi|hey|hello|definitely|just kidding) )?one(?= (?:works|please|pls|plz|is|"
    r"for|yes|thanks|thx|ty|"
     r"suits|yesmark|sounds|would)|$| [.!,¤|])", r"\g<1>1"),
    (r"(?<=[.!?|,¤] )one(?= (?:works|please|pls|for me|for us|yesmark|thanks|is (?:good|fine|great|ok))|$| [.!,¤|"
    r"-])", "1"),
    (r"\b(can do|yes to|down for|available for|vote for|say|pick|choose|prefer|go with|answer is|vote is|choice "
    r"is) one"
     r"(?= ?(?:$|[.,!¤|-]|please|for me|works?|thanks|yesmark))", r"\1 1"),
])  # fmt: skip

NAMING: Final = (_IDLE_QUANTIFIERS, _REST, _QUANTIFIERS, _NUMBERED, _TWO, _ORDINALS)
