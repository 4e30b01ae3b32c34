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
    WHEN = "T"  # a time in words: "tomorrow", "weekend"
    DATE = "D"
    STRAY = "!"  # a number that names no option
    NOUN = "N"
    THEM = "t"
    FILLER = "f"
    THANKS = "h"
    ASKED = "v"  # "can we", "is it": a question, with or without its mark
    FRAME = "c"  # opens small talk or a question about the event
    AND = "&"
    COMMA = ","
    BREAK = "."
    QUERY = "?"
    BUT = "|"
    DASH = "-"
    OPEN = "("
    CLOSE = ")"
    WORD = "u"  # unknown, or known to mean nothing here


_VOCABULARY: Final[dict[Meaning, str]] = {
    Meaning.ALL: """
        theyre all good | they are all good | all | all of | everything | todos | todas | every option | every day
        | every date | every slot | every time slot""",
    Meaning.ANY: """
        any | any time works | any of | anytime works | any one | anything | cualquiera | cualquier
        | cualquiera de | any will do | any would do""",
    Meaning.EITHER: """
        either | either of | either one | either one of""",
    Meaning.BOTH: """
        las dos me sirven | las dos funcionan | both | both of | los dos | ambos | ambas | las dos opciones""",
    Meaning.REST: """
        the other days | other days | the other dates | other dates | the rest | rest | the others | others
        | the other two | the other 2 | other two | other 2 | the other ones | the other options | other options
        | los otros | las otras | el resto""",
    Meaning.EXCEPT: """
        except | except for | excluding | besides | other than | apart from | aside from | save for | menos
        | excepto""",
    Meaning.GOOD: """
        ill take | id take | will take | i take | can take | sounds like a plan | is my favorite | is my favourite
        | wrks | wrk | wks | works | works for me | that works | work | worked | works perfectly
        | works wonderfully | will work | would work | is my choice | is my preference | is my vote
        | would be my preference | is my pick | sounds perfect | can swing | could swing | go for | lets go for
        | esta bien | estan bien | would be fine | looks great | working for me | do | does | good | good to go
        | i can swing | swing | good for | good with | fine | fine with | fine by | best | better | perfect
        | ideal | preferred | possible | doable | available | free | open | can | could | able to | can do
        | can make | could do | could make | prefer | preferably | id prefer | would prefer | choose | pick | vote
        | votes | vote for | going with | go with | gonna go with | lets do | lets go with | put me down for
        | sign me up for | count me in for | im in for | were in for | in for | down for | up for | book me for
        | so does | so is | so do | too | also | is a go | suits | suits me | fits | sounds good | looks good
        | sounds great | sounds fine | all good for me | me sirve | me sirven | puedo | me funciona | me funcionan
        | funciona | funcionan | me queda bien | me va bien | prefiero | works great | works well | works fine
        | works best | works better | love to do | would love | wins | doing | choosing | picking | voting for
        | voting | is great | would be great | are great | would be best | were free | were available | were good
        | were free for | were available for | were good with | can only do | can only make | i like | id like
        | we like | i would like | would like | i also like | lets say | fit my schedule | fits my schedule
        | gets my vote | be there for | can come for | works on my end | will be there for | can attend
        | can come to | doing great | is all i can do | is all i can make | is the only one i can do
        | is the only one i can make | is the winner | would suit | would suit me | suits us | suit me
        | is the one | is the one for me | is the one for us | lets plan on""",
    Meaning.YES: """
        yes | yep | yup | yeah | yea | yess | ya | yas | sure | absolutely | definitely | of course | for sure
        | im in | count me in | ill be there | we are in | si | claro | yessir | deal | agreed | correct
        | affirmative | 100% | 💯 | ✅ | ✔ | ✓ | ☑ | all in | sure thing | you bet | oui | second that | i second
        | im so in | were in | well be there | im down | im game | count us in | were down""",
    Meaning.OKAY: """
        ok | okay | okey | okie | okey dokey | k | kk | oki | 👍 | 👌 | 🆗 | great | alright | all right | vale""",
    Meaning.NOT_BEFORE: """
        not | cant do | cant swing | cannot do | cant make | cannot make | can not do | can not make | no to
        | not for | instead of | rather than | not available for | not free for | unavailable for | busy for
        | no for | wont be able to do | wont be able to make | unable to do | unable to make | not able to do
        | not able to make | wont make | no puedo | cant manage | definitely not""",
    Meaning.NOT_AFTER: """
        doesnt | does not | isnt | is not | dont | do not | arent | are not | no good | is out | are out | is bad
        | are bad | is a no | is a no go | no go | is not possible | not possible | no me sirve | no me funciona
        | too early | too late | doesnt either | dont either""",
    Meaning.NOT: """
        no | nope | nah | cant | cannot | can not | wont | wont be able to | ❌ | 🚫 | ✖ | ✗ | non | nein""",
    Meaning.NONE: """
        no availability | not gonna be able to make it | not going to be able to make it | not gonna be able to
        | not going to be able to | noe | no puedo ir | no puedo asistir | no voy a poder ir | none | none of
        | noen | nonee | nnone | nonw | neither | neither of | neither one | neither one of | nothing | zero | 0
        | zero of | not one of | not any of | not a single one | ninguno | ninguna | ningun | ninguno de | nada
        | tampoco puedo | nil | aucun | aucune | keiner | keine | nessuno | nenhum | no thanks | no thank you
        | no gracias | count me out | im out | no to all | no to both | ill pass | will pass | have to pass
        | gotta pass | pass | hard pass | no can do | maybe next time | next time | not this time | cant this time
        | sit this one out | skip this one | have to decline | must decline | decline | respectfully decline
        | unfortunately not | afraid not | dont think so | i think not | not for me | not interested
        | cant make it work | cant make it | cannot make it | can not make it | wont make it | not gonna make it
        | not going to make it | wont be able to make it | wont be able to attend | wont be able to come
        | not able to make it | unable to make it | unable to attend | unable to come | not able to attend
        | cant attend | cant come | cant go | cant join | cant be there | wont be there | wont be able to join
        | wish i could | wish we could | dont think i can | dont think i can make it | cant commit | no way | naw
        | skip | skip me | ningun dia | ningun dia puedo | rain check | raincheck | ni uno ni otro | no podre
        | no voy a poder | have fun without me | not one works | wont be able to do any | cant make any of it
        | miss this one | have to miss this one | have to miss it | have to skip | have to skip this one""",
    Meaning.AWAY: """
        traveling for work | travelling for work | away for work | out of town for work | gone | away
        | im out of town | were out of town | ill be out of town | im out of the country | busy | unavailable
        | not available | not free | out of town | out of the country | out of state | traveling | travelling
        | on vacation | on holiday | working | booked | booked up | fully booked | double booked | have to work
        | have work | gotta work | got work | have plans | have other plans | already have plans | other plans
        | prior commitment | prior commitments | have a conflict | have conflicts | im sick | not around
        | wont be around | no disponible | fuera de la ciudad | ocupado | ocupada""",
    Meaning.REASON: """
        because | cause | cuz | bc | since | porque""",
    Meaning.PERIOD: """
        that week | that weekend | this week | this weekend | all week | all weekend | that month | this month
        | all month""",
    Meaning.DOUBT: """
        plus me | plus us | plus one | we all | im first | option 0 | number 0 | not great | not ideal
        | not the best | right now | at the moment | or so | all but one | all except one | any but one
        | all but two | just one | just two | all is well | anytime | any time | anything else | maybe | might
        | may | perhaps | possibly | probably | prob | probs | prolly | if | unless | depends | depending
        | hopefully | tentative | tentatively | tbd | unsure | not sure | not certain | idk | dont know
        | do not know | not yet | none yet | no idea | no clue | no preference | dont care | dont mind
        | doesnt matter | whatever | whenever | flexible | how about | what about | any chance | what if | later
        | earlier | sooner | other | another | different | change | move | reschedule | swap | switch | postpone
        | that one | this one | which one | the other one | other one | another one | no one | someone | each one
        | every one | the one | everything is good | everything good | everything ok | everything is ok
        | everything is fine | one of | some of | most of | half of | half | few | a few | some | most | many
        | several | only one of | all good | all set | thats all | all day | all the time | all clear | all for it
        | not all | all year | the time | first time | second time | one time | one day | one thing | one sec
        | one second | one more | one moment | one question | one way | a second | a sec | a minute | hang on
        | hold on | me first | at last | last call | second thoughts | than | but only | me 2 | me two | u 2
        | you 2 | us 2 | us two | you two | too bad | 2 late | 2 much | 2 busy | 2 early | 2 bad | 2 far | cancel
        | nvm | nevermind | never mind | jk | kidding | forget it | next | before | after | until | till | til
        | only if | pending | waiting | forgot | first choice | second choice | third choice | 1st choice
        | 2nd choice | 3rd choice | last choice | first pick | second pick | first preference | second preference
        | would rather | rather | id rather | cant remember | wait and see | yes and no | yeah no | no yeah
        | no yes | yes no | tal vez | quizas | quiza | creo que | a la | a las | no problem with | only two
        | reply | text | backup | back up | worst | least | almost | unlikely | likely | 🤷 | 🤔 | 👎 | 🔟 | 🥇 | 🥈
        | 🥉
        | ☝ | 😬 | ⁉ | ❓ | ❔ | hope so | i guess | guess | try | trying | resend | wrong number | undecided
        | all but certain | no doubt | either way | any more | anymore | any news | any update | any updates
        | no conflict | no conflicts | no issues | to be | think about | thinking | suggest | up to you
        | your call | 3 cheers | three cheers | one and only | do you mean | what do you mean | you mean | hmm
        | hm | could be | can be | must be | 2 cool | 2 funny | 2 nice | 2 sweet | 2 cute | 2 fun | 2 old
        | 2 young | 2 tired | 2 sick | 2 easy | 2 hard | 2 soon | 2 long | 2 expensive | 2 fast | 2 hot | 2 cold
        | that is all | is that all | it is all | its all | this is all | we are all | were all | im all | all i
        | all that | all this""",
    Meaning.ASKED: """
        does it | do you | do they | did | can we | can you | can i | could we | could you | could i | should we
        | would you | do we | does that | is it | are you | does this | has everyone""",
    Meaning.CORRECTION: """
        actually | i meant | meant | i mean | make that | make it | correction | scratch that | update
        | changed my mind | change my answer to | changing my answer to | changing my vote to | change my vote to
        | change mine to | switch me to | change me to | wait | no wait | sorry i meant | on second thought
        | oops i meant | oops i mean""",
    Meaning.WHEN: """
        morning | mornings | afternoon | afternoons | evening | evenings | night | nights | noon | midnight
        | weekend | weekends | weekday | weekdays | week | weeks | today | tonight | tomorrow | tmrw | month
        | last minute | last night | last week | last year | last time""",
    Meaning.NOUN: """
        option | options | opt | opcion | opciones | la opcion | las opciones | number | numbers | num | slot
        | slots | time slot | time slots | timeslot | timeslots | date | dates | day | days | time | times | choice
        | choices | numero""",
    Meaning.THEM: """
        those days | on those days | those dates | on those dates | those times | those weekends | esos dias
        | for those | them | those | these | theyre | esos | esas | the 3 | the 2 | those three | those two
        | these three | these two | it | that | this | em | they | ones | the above | the three | the two
        | the options""",
    Meaning.FILLER: """
        w | oh | r | my family | the family | all the way | well be | ill be | i | will | we are | im | sorry all
        | sorry guys | sorry everyone | sorry folks | id | ill | ive | me | mine | we | us | to | for | for me
        | for us | for both of us | the | is | are | be | was | should | gonna | going to | have to | gotta | on
        | were | schedule | my schedule | our schedule | totally | perfectly | reluctantly | theyd | gonna say
        | would | a | an | its | with | of | el | la | los | las | de | lo | both of us | just | only | solo
        | really | very | so | def | please | pls | plz | por favor | however | am | here | answer | answers
        | only one | the only one | the only one i can do | the only one that works | best one | the best one
        | it is | that is | thats | i can | we can | id love to | would love to | love to | want to | well | think
        | i think | i believe | i say | id say | looks like | looks | seems | whichever | then | still | from me
        | 4 me | 4 us | 4 sure | able | come | going | attend | join | make | vote is | if thats ok
        | if thats okay | if that works | if that helps | and so | as well | que | al | yo | unfortunately | sadly
        | afraid | sorry | so sorry | im sorry | lo siento | apologies | regretfully | this time | instead
        | stop by | ill stop by | though | tho | anyway | at all | either for me | i would | either it | on my end
        | for my family | for the family | for the whole family | for our family | for my wife and i
        | for my husband and i | with my schedule | my vote | my answer | my answers | my choice | my pick
        | my votes | my choices | my picks | my final answer | as of now | so far""",
    Meaning.FRAME: """
        min away | mins away | minutes away | min late | mins late | minutes late | can i bring a plus one
        | hold on let me | good luck | see you | see ya | looking forward | cant wait | thanks for | thank you for
        | thank you so much for | thanks so much for | thx for | ty for | appreciate you | so excited | excited
        | hope you | hope youre | hope all | hope everyone | hope your | let me know | tell | say hi | who | whos
        | who else | who all | where | where is | where is it | what is | who is | when is it | wheres | what time
        | what should | what can | whats | what do | how long | how are | how is | hows | how was | how many
        | how much | is there | are there | will there | do i need | do we need | should i | should i bring
        | should i bring anything | do i need to bring anything | can i bring anything | will get back
        | can i bring | can i come | can we bring | whose | why | when is | when | is it still | are we | did you
        | did everyone | does anyone | running | be there in | ill be there in | there in | stuck | just parked
        | call | call me | in a meeting | at the gym | im bringing | ill bring | bringing | i can bring
        | we can bring | well bring | will bring | happy | merry | let me check | ill check | will check
        | let me look | let me see | let me ask | ill see | i need to check | i have to check | ill ask
        | need to ask | gotta ask | checking with | checking my | need to check | have to check | gotta check
        | get back | ill get back | ill let you know | will let you know | let you know | youre | you are
        | you guys | great seeing | good seeing | great to | good to hear | good to see | nice to | love to all
        | miss | talk | talk later | talk soon | cant talk | dont stop | sorry about | sorry to | sorry for
        | sorry if | ill be late | may be late | might be late | i might be late | hope to see | wish you
        | thinking of you | great job | nice work | good job | good work | hope | omw | min out | mins out
        | minutes out | you too | u too | same to you | love this idea | what a great idea | perfect timing
        | just landed | at the airport | in the car | pulling up | ily | hugs | gif | sleep well | got it | gotcha
        | got this | noted | roger | copy | copy that | understood | will do | later gator | cant wait to see you
        | cant wait to see you all | no problem | no worries | no prob | np | not a problem | youre welcome
        | you are welcome | welcome | de nada | my pleasure | good one | good 1 | nice one | nice 1 | great one
        | great 1 | love it | love you | love you too | love you 2 | luv u | love ya | love u | miss you
        | miss you all | love you all | you all | miss you guys | im here | just got here | on the way
        | leaving now | get well soon | feel better | my bad | oops | cya | call you later | text later
        | feliz cumpleanos | so fun | that was fun | so much fun | wrong chat | wrong person | wrong text
        | okie dokie | okey dokie | drive safe | safe travels | be safe | feliz navidad | hasta luego | nos vemos
        | adios | por nada | igualmente | parking now | me too | same | same here | on my way | almost there | brb
        | ttyl | lmk | great idea | good idea | congrats | congratulations | have fun | have fun though
        | have fun all | driving | wave | all the best | omg | yikes | bummer | boo | sad | sent from my phone
        | cant stop laughing | cant stop smiling | take care | parking | got your message | in traffic
        | sounds fun | just left | good to know | have a great weekend | have a good weekend | how fun""",
    Meaning.THANKS: """
        thanks | thanks a lot | thanks a bunch | thanks a million | thanks a ton | thank you | thank you so much
        | thanks so much | thanks again | many thanks | thx | thnx | tx | ty | tysm | tyvm | cheers | gracias
        | muchas gracias | merci | danke | obrigado | grazie | hi | hello | hey | hiya | yo yo | howdy | hola
        | hi all | hey all | hello all | hi everyone | hey everyone | hi guys | hey guys | hi folks | hey folks
        | hi there | hey there | hello there | hey yall | thanks all | thanks everyone | thanks guys
        | thank you all | good morning | good afternoon | good evening | good night | goodnight | buenos dias
        | buenas tardes | buenas noches | lol | lmao | rofl | haha | hahaha | hahahaha | hehe | ha | wow | yum
        | yay | woohoo | woo hoo | woot | cool | nice | awesome | sweet | neat | amazing | wonderful | excellent
        | lovely | fantastic | merry christmas | happy thanksgiving | happy easter | see you then | see you there
        | see you soon | see you all | see ya there | see ya soon | cu | c u | bye | xx | xo | xoxo | x o | hbd
        | see you tomorrow | see you later | see ya later | mil gracias | have a good one | have a good day
        | have a great day | happy friday | and thank you | appreciate it | much appreciated | sorry im late
        | sorry for the late reply | sorry for the delay | sorry for the late response | sorry late reply
        | just saw this | sorry just saw this | sorry just seeing this | just seeing this | for the win | hooray
        | hurray | guys | everyone please | folks | yall | dude | bro | man | hun | running late | be late
        | might be a little late | might be a bit late | a bit late | a little late | no rush | fyi | btw
        | perfect thanks | perfect thank you | happy monday | haha yes | nice to know""",
    Meaning.WORD: """
        i work | we work | he works | she works | i work on | bring anything | need anything | get anything
        | bring anyone | miss anything | anyone | anybody | everyone | all going | all coming | all doing
        | all meeting | all of us | im like | they can | they could | they want | they like | they prefer
        | they can do | they can make | they could do | my mom | my dad | best to all | my best to all
        | i love all""",
    Meaning.AND: """
        and | or | و | n | y | and or | nor | as well as | plus | along with | e | o | et | und | ou | oder
        | and then""",
    Meaning.BUT: """
        but | pero | although""",
    Meaning.DATE: """
        monday | tuesday | wednesday | thursday | friday | saturday | sunday | mon | tue | tues | wed | weds | thu
        | thur | thurs | fri | sat | sun | mondays | tuesdays | wednesdays | thursdays | fridays | saturdays
        | sundays | january | february | march | april | june | july | august | september | october | november
        | december | jan | feb | mar | apr | jun | jul | aug | sep | sept | oct | nov | dec | lunes | martes
        | miercoles | jueves | viernes | sabado | domingo | enero | febrero | marzo | abril | mayo | junio | julio
        | agosto | septiembre | octubre | noviembre | diciembre | christmas | thanksgiving | easter""",
}


def listed(text: str) -> tuple[str, ...]:
    """The phrases of `text`, which has a | between any two."""
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


def words(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())


PHRASES: Final = MappingProxyType(
    {tuple(phrase.split()): meaning for meaning, text in _VOCABULARY.items() for phrase in listed(text)}
)
"""Words of a phrase → its meaning."""
LONGEST_PHRASE: Final = max(map(len, PHRASES))

REASON_OPENERS: Final = tuple(
    f"{phrase} "
    for phrase in listed("""
        because | cause | cuz | bc | since | as i | im | were | i am | we are | ill be | well be | i will be
        | we will be | i have | we have | ive got | weve got | got | have | my | our | family | already | prior
        | too | due | traveling | travelling | working | in | at | visiting | on | had | i work | i had
        | both of us are | sick | finals""")
)
"""How a clause begins that only explains a refusal."""

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
MISSPELT: Final = words("""
    available either except first middle neither option options second thanks third unavailable works""")
"""Words that are recognised with one slip of the finger."""

GLUED: Final = words("a am and h hr hrs ish min mins n no ok opt option or p pm works y yes")
"""What may touch a digit and still be read apart from it: "1and3", "option2", "2pm". "2nite" is a word."""

BEFORE_A_COUNT: Final = words("""
    going able come want
    about after age aged am another apartment approx apt around at before between bldg bring bringing brings brought
    building by court episode every exit family field first floor from gate get got group had has have her highway
    his hwy im in las last least level line los most my need next on other our over page part party past room
    roughly route season since size some ste street suite table than that the their these this those til till turned
    turning under unit us we until week which your youre""")
"""A number behind one of these is a time, a date, a house number or an amount."""

AFTER_A_COUNT: Final = words("""
    a adult adults am amigos ave avenue beers blocks blvd boys bucks buddies cars cats cents child children choices
    couples date dates day days degrees dogs dollar dollars dozen drive early extra floor folks friend friends girls
    guest guests guys h halves horas hour hours hr hrs hundred ish kid kids km lane late main max midnight mile
    miles min mins minute minutes minutos month months more noon oclock of option options others p peeps people
    percent person personas persons pizzas pm points ppl questions rd road seats sec second seconds secs sharp slot
    slots spots st stars street things thirds thousand tickets time times tops week weeks year years yr yrs""")
"""A number in front of one of these is a time, an amount or people."""
