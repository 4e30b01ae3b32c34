"""The vocabulary of answers: what a word or phrase means to the grammar in `replies.py`, and nothing else.

Phrases are lower case, without accents or apostrophes ("cant do"); the longest one wins. Data only, no rules.
"""

import enum
from types import MappingProxyType
from typing import Final


class Meaning(enum.StrEnum):
    """What a piece of text is; one letter each, so that a clause becomes a string that a pattern can judge."""

    GROUP = "g"  # a set of options, once numbers and ordinals are joined
    NUMBER = "n"
    ORDINAL = "o"
    ALL = "a"
    ANY = "y"
    EITHER = "i"
    BOTH = "b"
    REST = "r"
    EXCEPT = "e"
    GOOD = "+"
    YES = "s"
    OKAY = "k"
    NOT_BEFORE = "<"  # rejects the options that follow
    NOT_AFTER = ">"  # rejects the options before it
    NOT = "x"  # rejects on either side; alone, it declines everything
    NONE = "0"
    AWAY = "w"
    REASON = "j"
    PERIOD = "p"
    DOUBT = "d"
    CORRECTION = "~"
    COUNT = "#"  # a number that is a time, a price, people, hours
    DATE = "D"
    STRAY = "!"  # a number that names no option
    NOUN = "N"
    THEM = "t"
    FILLER = "f"
    THANKS = "h"
    FRAME = "c"  # opens small talk or a question about the event
    AND = "&"
    COMMA = ","
    BREAK = "."
    QUERY = "?"
    BUT = "|"
    DASH = "-"
    OPEN = "("
    CLOSE = ")"
    WORD = "u"


_VOCABULARY: Final[dict[Meaning, str]] = {
    Meaning.ALL: "all | all of | every | everything | todos | todas",
    Meaning.ANY: """any | any of | anytime | any one | anything
        | cualquiera | cualquier | cualquiera de""",
    Meaning.EITHER: "either | either of | either one | either one of",
    Meaning.BOTH: "both | both of | los dos | ambos | ambas | las dos opciones",
    Meaning.REST: """the rest | rest | the others | others | the other two | the other 2 | other two | other 2
        | the other ones | the other options | other options | los otros | las otras | el resto""",
    Meaning.EXCEPT: """except | except for | excluding | besides | other than | apart from | aside from | save for
        | menos | excepto""",
    Meaning.GOOD: """works | works for me | that works | work | worked | working for me | do | does | good | good for | good with | fine | fine with
        | fine by | best | better | perfect | ideal | preferred | possible | doable | available | free | open | can
        | could | able to | can do | can make | could do | could make | prefer | preferably | id prefer | would prefer
        | choose | pick | vote | votes | vote for | take | going with | go with | gonna go with | lets do | lets go with
        | put me down for | sign me up for | count me in for | im in for | were in for | in for | down for | up for
        | book me for | so does | so is | so do | too | also | is a go | suits | suits me | fits | sounds good
        | looks good | sounds great | looks great | sounds fine | all good for me | me sirve | me sirven | puedo
        | me funciona | me funcionan | funciona | funcionan | me queda bien | me va bien | prefiero | works great
        | works well | works fine | works best | works better | love to do | like | would love | wins | doing | choosing
        | picking | voting for | voting | is great | would be great | are great | would be best | were free
        | were available | were good | were free for | were available for | were good with | can only do | can only make
       """,
    Meaning.YES: """yes | yep | yup | yeah | yea | yess | ya | yas | sure | absolutely | definitely | of course
        | for sure | im in | count me in | ill be there | we are in | si | claro | yessir
        | deal | agreed | correct | affirmative | 100% | 💯 | ✅ | ✔ | ✓ | ☑ | all in | sure thing | you bet
        | oui | second that | i second""",
    Meaning.OKAY: "ok | okay | okey | okie | okey dokey | k | kk | oki | 👍 | 👌 | 🆗 | great | alright | all right | vale",
    Meaning.NOT_BEFORE: """not | cant do | cannot do | cant make | cannot make | can not do | can not make | no to | not for
        | instead of | rather than | not available for | not free for | unavailable for | busy for | no for
        | wont be able to do | wont be able to make | unable to do | unable to make | not able to do | not able to make
        | wont make | no puedo | cant manage | cant swing | definitely not""",
    Meaning.NOT_AFTER: """doesnt | does not | isnt | is not | dont | do not | arent | are not | no good | is out
        | are out | is bad | are bad | is a no | is a no go | no go | is not possible | not possible | no me sirve
        | no me funciona | too early | too late | doesnt either | dont either""",
    Meaning.NOT: "no | nope | nah | cant | cannot | can not | wont | wont be able to | ❌ | 🚫 | ✖ | ✗ | non | nein",
    Meaning.NONE: """none | none of | noen | nonee | nnone | nonw | neither | neither of | neither one | neither one of
        | nothing | zero | 0 | zero of | not one of | not any of | not a single one | ninguno | ninguna | ningun | ninguno de
        | nada | tampoco puedo | nil | aucun | aucune | keiner | keine | nessuno | nenhum | no thanks | no thank you
        | no gracias | count me out | im out | no to all | no to both | ill pass | will pass | have to pass | gotta pass | pass | hard pass
        | no can do | maybe next time | next time | not this time | cant this time | sit this one out
        | skip this one | have to decline | must decline | decline | respectfully decline | unfortunately not
        | afraid not | dont think so | i think not | not for me | not interested | cant make it work | cant make it
        | cannot make it | can not make it | wont make it | not gonna make it | not going to make it
        | wont be able to make it | wont be able to attend | wont be able to come | not able to make it
        | unable to make it | unable to attend | unable to come | not able to attend | cant attend | cant come | cant go
        | cant join | cant be there | wont be there | wont be able to join | wish i could | wish we could
        | dont think i can | dont think i can make it | cant commit | no way | rain check | raincheck
        | ni uno ni otro | no podre | no voy a poder | have fun without me | not one works""",
    Meaning.AWAY: """away | im out of town | were out of town | ill be out of town | im out of the country | busy | unavailable | not available | not free | out of town | out of the country
        | out of state | traveling | travelling | on vacation | on holiday | working | booked | booked up | fully booked
        | double booked | have to work | have work | gotta work | got work | at work | have plans | have other plans
        | already have plans | other plans | prior commitment | prior commitments | have a conflict | have conflicts
        | im sick | not around | wont be around | no disponible | fuera de la ciudad | ocupado | ocupada""",
    Meaning.REASON: "because | cause | cuz | bc | since | porque",
    Meaning.PERIOD: """that week | that weekend | this week | this weekend | all week | all weekend | those days
        | on those days | those dates | on those dates | both days | all three days | that month | this month
        | all month | for those | ningun dia""",
    Meaning.DOUBT: """maybe | might | may | perhaps | possibly | probably | prob | probs | prolly | if | unless | depends
        | depending | hopefully | tentative | tentatively | tbd | unsure | not sure | not certain | idk | dont know
        | do not know | not yet | none yet | no idea | no clue | no preference | dont care | dont mind | doesnt matter
        | whatever | whenever | flexible | does it | do you | do they | did | can we | can you | can i | could we
        | could you | could i | should we | would you | do we | does that | is it | are you | how about | what about
        | any chance | what if | later | earlier | sooner | other | another | different | change | move | reschedule
        | swap | switch | postpone | that one | this one | which one | the other one | other one | another one | no one
        | someone | each one | every one | the one | everything is good | everything good | everything ok | everything is ok | everything is fine | one of | some of | most of | half of | half | few
        | a few | some | most | many | several | only one of | all good | all set | thats all | all day | all the time
        | all clear | all for it | not all | all year | the time | first time | last time | second time | one time
        | one day | one thing | one sec | one second | one more | one moment | one question | one way | a second
        | a sec | a minute | hang on | hold on | me first | at last | last call | last minute | last night | last week
        | last year | second thoughts | than | but only | me 2 | me two | u 2 | you 2 | us 2 | us two | you two | too bad
        | 2 late | 2 much | 2 busy | 2 early | 2 bad | 2 far | cancel | nvm | nevermind | never mind | jk | kidding
        | forget it | morning | mornings | afternoon | afternoons | evening | evenings | night | nights | noon
        | midnight | weekend | weekends | weekday | weekdays | week | weeks | today | tonight | tomorrow | tmrw | month
        | next | before | after | until | till | til | only if | pending | waiting | forgot | first choice
        | second choice | third choice | 1st choice | 2nd choice | 3rd choice | last choice | first pick | second pick
        | first preference | second preference | would rather | rather | id rather | cant remember | wait and see
        | should be | yes and no | yeah no | no yeah | no yes | yes no | tal vez | quizas | quiza | creo que | a la | a las
        | no problem with | only two | reply | text | backup | back up | worst | least | almost | unlikely | likely
        | 🤷 | 🤔 | 👎 | 🔟 | 🥇 | 🥈 | 🥉 | ☝ | 😬 | ⁉ | ❓ | ❔ | hope so | i guess | guess | try | trying | wrong number
        | undecided | all but certain | no doubt | either way | any more | anymore | any news | any update | any updates
        | no conflict | no conflicts | no issues | to be | think about | thinking | suggest | up to you | your call""",
    Meaning.CORRECTION: """actually | i meant | meant | i mean | make that | make it | correction | scratch that | oops
        | update | changed my mind | change my answer to | change my vote to | change mine to | switch me to | change me to
        | wait | no wait | sorry i meant | on second thought""",
    Meaning.NOUN: """option | options | opt | opcion | opciones | la opcion | las opciones | number | numbers | num | slot
        | slots | time slot | time slots | timeslot | timeslots | date | dates | day | days | time | times | choice
        | choices | numero""",
    Meaning.THEM: "them | those | these | it | that | this | em | they | ones | the above | the three | the two | the options",
    Meaning.FILLER: """i | im | id | ill | ive | me | my | mine | we | us | to | for | for me | for us | for both of us
        | the | is | are | be | was | would | will | should | a | an | its | with | of | el | la | los | las | de | lo | both of us
        | just | only | solo | really | very | so | def | please | pls | plz | por favor | however | am | here | answer | answers
        | only one | the only one | the only one i can do | the only one that works | best one | the best one
        | it is | that is | thats | i can | we can | id love to | would love to | love to | want to | well | think
        | i think | i believe | i say | id say | looks like | looks | like | seems | whichever | then | still | from me
        | 4 me | 4 us | 4 sure | able | come | go | going | attend | join | make | say | vote is | if thats ok
        | if thats okay | if that works | if that helps | and so | as well | que | al | yo | unfortunately | sadly
        | afraid | sorry | so sorry | im sorry | lo siento | apologies | regretfully | this time | instead | stop by | ill stop by | though | tho | anyway
        | at all | either for me | right now | at the moment | i would | either it""",
    Meaning.FRAME: """see you | see ya | looking forward | cant wait | thanks for | thank you for | thank you so much for
        | thanks so much for | thx for | ty for | appreciate you | so excited | excited | hope you | hope youre | hope all
        | hope everyone | hope your | let me know | tell | say hi | who | whos | who else | who all | where | where is | where is it | what is | who is | when is it | wheres | what time
        | what should | what can | whats | what do | how long | how are | how is | hows | how was | how many | how much
        | is there | are there | will there | do i need | do we need | should i | should i bring | can i bring
        | can i come | can we bring | whose | why | when is | when | is it still | are we | are you | did you | did everyone
        | does anyone | running | be there in | ill be there in | there in | stuck | just parked | call
        | call me | in a meeting | at the gym | im bringing | ill bring | bringing | i can bring | we can bring
        | well bring | will bring | happy | merry | let me check | need to check | have to check | gotta check | get back
        | ill get back | ill let you know | will let you know | let you know | youre | you are | you guys
        | great seeing | good seeing | great to | good to hear | good to see | nice to | love to all | miss | talk
        | talk later | talk soon | cant talk | dont stop | sorry about | sorry to | sorry for | sorry if | ill be late
        | may be late | might be late | i might be late | hope to see | wish you | thinking of you | great job | nice work
        | good job | good work | hope | omw""",
    Meaning.THANKS: """thanks | thank you | thank you so much | thanks so much | thanks again | many thanks | thx | thnx | tx
        | ty | tysm | tyvm | cheers | gracias | muchas gracias | merci | danke | obrigado | grazie | hi | hello | hey | hiya
        | yo yo | howdy | hola | hi all | hey all | hello all | hi everyone | hey everyone | hi guys | hey guys
        | hi folks | hey folks | hi there | hey there | hello there | hey yall | thanks all | thanks everyone
        | thanks guys | thank you all | good morning | good afternoon | good evening | good night | goodnight
        | buenos dias | buenas tardes | buenas noches | lol | lmao | rofl | haha | hahaha | hahahaha | hehe | ha | wow
        | yum | yay | woohoo | woo hoo | woot | cool | nice | awesome | sweet | neat | amazing | wonderful | excellent
        | lovely | fantastic | merry christmas | happy thanksgiving | happy easter | got it | gotcha | got this | noted | roger | copy | copy that | understood | will do
        | see you | see you then | see you there | see you soon | see you all | see ya | see ya there | see ya soon
        | cu | c u | bye | later gator | cant wait | cant wait to see you | xx | xo | xoxo | x o | hbd | no problem
        | no worries | no prob | np | not a problem | youre welcome | you are welcome | welcome | de nada | my pleasure
        | good one | good 1 | nice one | nice 1 | great one | great 1 | love it | love you | love you too | love you 2
        | luv u | love ya | love u | miss you | miss you guys | me too | same | same here | omw | on my way | almost there | brb
        | ttyl | lmk | great idea | good idea | good luck | congrats | congratulations | have fun | have fun though
        | have fun all | and thank you | appreciate it | much appreciated | so excited | excited | driving | wave
        | sorry im late | sorry for the late reply | sorry for the delay | sorry for the late response | sorry late reply
        | just saw this | sorry just saw this | sorry just seeing this | just seeing this | for the win | all the best
        | omg | yikes | bummer | boo | sad | hooray | hurray | guys | everyone please | folks | yall | dude | bro | man | hun
        | sent from my phone | cant stop laughing | cant stop smiling | love | mom | dad | mum
        | running late | be late | may be late | might be late | might be a little late | might be a bit late | a bit late
        | a little late | no rush | take care | fyi | btw""",
    Meaning.AND: "and | or | و | n | y | and or | nor | as well as | plus | along with | e | o | et | und | ou | oder | and then",
    Meaning.BUT: "but | pero | although",
    Meaning.DATE: """monday | tuesday | wednesday | thursday | friday | saturday | sunday | mon | tue | tues | wed
        | weds | thu | thur | thurs | fri | sat | sun | mondays | tuesdays | wednesdays | thursdays | fridays | saturdays
        | sundays | january | february | march | april | june | july | august | september | october | november
        | december | jan | feb | mar | apr | jun | jul | aug | sep | sept | oct | nov | dec | lunes | martes
        | miercoles | jueves | viernes | sabado | domingo | enero | febrero | marzo | abril | mayo | junio | julio
        | agosto | septiembre | octubre | noviembre | diciembre | christmas | thanksgiving | easter""",
}

PHRASES: Final = MappingProxyType(
    {
        tuple(phrase.split()): meaning
        for meaning, listed in reversed(_VOCABULARY.items())
        for phrase in listed.split("|")
    }
)
"""Words of a phrase → meaning. A phrase listed under two meanings has the one that stands first above."""

REASON_OPENERS: Final = tuple(
    phrase.strip() + " "
    for phrase in """because | cause | cuz | bc | since | as i | im | were | i am | we are | ill be | well be | i will be
        | we will be | i have | we have | ive got | weve got | got | have | my | our | family | already | prior | too
        | due | traveling | travelling | working | in | at | visiting | on | had | i work | i had | both of us are""".split("|")
)
"""What follows a refusal and only explains it."""
LONGEST_PHRASE: Final = max(map(len, PHRASES))

NUMBERS: Final = MappingProxyType(
    {"one": 1, "two": 2, "three": 3, "thre": 3, "threee": 3, "uno": 1, "una": 1, "dos": 2, "tres": 3, "four": 4,
     "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "cuatro": 4, "cinco": 5}
)  # fmt: skip
LAST: Final = -1
MIDDLE: Final = -2
ORDINALS: Final = MappingProxyType(
    {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "former": 1, "latter": LAST, "last": LAST,
     "final": LAST, "top": 1, "bottom": LAST, "middle": MIDDLE, "primero": 1, "primera": 1, "primer": 1, "segundo": 2,
     "segunda": 2, "tercero": 3, "tercera": 3, "tercer": 3, "ultimo": LAST, "ultima": LAST, "frist": 1, "thrid": 3}
)  # fmt: skip
MISSPELT: Final = frozenset(
    "option options first second third works either neither available unavailable thanks middle except".split()
)

GLUED: Final = frozenset("and n y or option opt yes no ok works am pm a p ish h hr hrs min mins".split())
"""What may touch a digit and still be read apart from it: "1and3", "option2", "2pm". "2nite" is a word."""

BEFORE_A_COUNT: Final = frozenset(
    "at after before by until till til around about past from between since on in my our your his her their these those "
    "this that the which other another next every bring bringing brings brought over under than least most apt apartment "
    "unit room suite floor gate exit route highway hwy street building bldg ste court field table page line size level "
    "some approx roughly get need has had got party family group age aged turned turning season episode part week los las "
    "have last first".split()
)
AFTER_A_COUNT: Final = frozenset(
    "am pm a p ish oclock h hr hrs hour hours min mins minute minutes sec secs second seconds day days week weeks month "
    "months year years yr yrs people person persons ppl peeps friend friends guest guests kid kids child children adult "
    "adults buddies guys girls boys folks others couples seats spots tickets cars of more extra dollars dollar bucks "
    "cents mile miles km blocks minutes time times option options date dates slot slots thirds halves percent st street "
    "ave avenue rd road lane drive blvd main floor pizzas beers dogs cats things questions choices hundred thousand "
    "dozen stars points degrees personas amigos horas minutos noon midnight sharp tops max".split()
)

HELP: Final = frozenset(
    phrase.strip()
    for phrase in """help | info | help me | i need help | need help | who is this | whos this | who dis | new phone who dis
        | who are you | who r u | who is it | who is texting me | whos texting me | who is texting | what is this
        | whats this | what is this about | whats this about | what is this for | who sent this | whose number is this
        | do i know you | is this spam | is this a scam | is this legit | is this real | how do i answer
        | how do i reply | how do i respond | how do i vote | how do i do this | how does this work | how to reply
        | what do i do | what do i reply | what do i text | ayuda | quien es | sorry who is this | hi who is this
        | who is this please | more info | wait who is this | how do i use this | i dont understand
        | what am i supposed to do | what number is this | hey who is this""".split("|")
)

STOP_ALONE: Final = frozenset(
    "stop unsubscribe end quit stopall cancel revoke optout unsub unsubcribe unsuscribe parar alto".split()
)
STOP_STRONG: Final = frozenset("stop unsubscribe stopall optout unsub unsubcribe unsuscribe".split())
STOP_POLITE: Final = frozenset("please pls plz now immediately no nope ok thanks thank you just kindly asap".split())
STOP_COMPANIONS: Final = STOP_POLITE | frozenset(
    "me us this these it all the texts text texting messages message messaging msgs msg messages sending contacting "
    "bothering spamming spam from i said seriously already everything list my number want to would like id need wish how "
    "do can could you your group receiving getting alerts notifications subscription damn fucking is to and hey hi sorry "
    "who wrong for".split()
)
STOP_OBJECTS: Final = frozenset("text texts texting message messages messaging alerts notifications subscription".split())
STOP_PHRASES: Final = tuple(
    phrase.strip()
    for phrase in """opt out | opt me out | opting out | unsubscribe me | stop texting | stop messaging | stop sending
        | stop contacting | stop spamming | stop bothering | quit texting | quit messaging | stop these texts
        | take me off the list | take me off this list | take me off your list | take me off this | take me off of this
        | remove me from this | remove me from the list | remove me from your list | remove my number | delete my number
        | take my number off | lose my number | leave me alone | do not contact me | dont contact me | no more texts
        | no more messages | no more text messages | dont text me again | do not text me again | dont text me anymore
        | do not text me anymore | never text me | dont message me | do not message me | dejen de escribirme
        | no me escriban | no me manden mas | no me envien mas | dejen de mandar | i want to unsubscribe""".split("|")
)
STOP_WHOLE: Final = frozenset(
    phrase.strip()
    for phrase in "remove me | dont text me | do not text me | take me off | delete me | no mas mensajes | no mas".split("|")
)
STOP_DENIED: Final = frozenset("dont cant cannot wont never not reply didnt doesnt if".split())
START_WORDS: Final = frozenset({"start", "unstop"})
START_COMPANIONS: Final = frozenset("please pls plz again now texting texts messages me sending ok".split())
