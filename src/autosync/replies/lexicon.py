"""The words that decide what a reply means, by kind; data only, for `gist.py`.

A word is in a list for what it does beside an option, not for what a dictionary says of it.
"""

from typing import Final

from autosync.replies.rules import words

INTERJECTIONS: Final = words("""
    ay ayy ayo ayyo eh tbh ngl fr frfr real talk okie dokie dokey okey alrighty righto bruh brah fam homie yooo
    gonna gunna ima imma imho imo fwiw thatd hooray hurray yippee whoa woah aha ahh phew cheerio bonjour salut
    ciao aloha ahoy gday evening afternoon mornin sup heyo hiii quick quickly short story simple cool beans
    deffo defs deff definately defo obvs legit lowkey highkey hella dudes homies bros besties lovelies lovely
    love yall fellow gamers nerds team crew squad legends legend boss chief captain cap news drumroll please
    thankfully luckily fortunately miraculously amazingly conveniently goodness god heck hell yeh yuh yer yass
    yas oki okk kk roger copy affirmative affirm indeed finally alrightey aite ight aiight igh iight kay mkay
    kewl dope sick lit sweet lemme fantabulous chillin
""")
"""Said before an answer, and nothing for it."""

VOCATIVES: Final = words("""
    dude dudes guy man friend friends dear dears darling g homie homies bro brother sis queen king lord lady sir
    buddy bud pal pals girl peeps people bestie besties bruh brah fam yall lads mates mate luv sweetie honey
    dearie doll chief cap captain legend gang crew champ babes hun hon maam miss boss coach amigo amigos friendo
    broski bby boo
""")

LINKING: Final = words("""
    is are r be being am seem seems look looks looking sound sounds feel feels would will should shall wd ll
    gonna gunna going to gotta turns turning out shaping up it its that thats theyre they both of
""")
"""Between an option and the word that judges it."""

MODIFIERS: Final = words("""
    also too all each really very so just definitely def deffo totally absolutely perfectly honestly still
    always pretty super quite a an my our the actually surely certainly clearly fully only currently now sure as
    well please pls plz either then even equally personally wide by far easily legit lowkey hella thankfully
    luckily miraculously surprisingly me us here this these those gotta completely looking best obviously
    seriously entirely both 100 way lol haha tbh imo
""")

SUITS: Final = words("""
    work works wrks workin workz wurks suit suits fit fits rock rocks rule rules win wins slap slaps function
    functions sirve sirven funciona funcionan line lines align aligns jive jives vibe vibes
""")
"""Verbs of an option that can be made."""

FULL: Final = words("full booked unavailable jammed slammed packed")
"""What days are that leave no time, with or without "are" before it."""

GOOD: Final = words("""
    good great fine ok okay okey perfect ideal best better awesome amazing wonderful lovely excellent fantastic
    super nice doable free open clear available yes yep yeah favorite favourite fave fav preferred winner
    preferable easiest dope solid golden brilliant splendid smashing grand convenient suitable acceptable gd gr8
    grt manageable feasible workable swell terrific superb marvelous marvellous delightful dandy fab fabulous
    peachy alright bueno bien charm stellar phenomenal magical primo prime mint wicked rad groovy sorted keeper
    goer gucci fire clutch legit sweet cool satisfactory agreeable amenable reasonable desirable appealing
    attractive spot-on peach gem simplest safest surest smoothest goat yesmark ticket
""")
"""Judgements of an option that can be made, behind "is"."""

CHANCES: Final = words("shot bet chance window hope one option day date time night evening slot pick choice way")
"""Nouns behind "is my only"."""

BAD: Final = words("""
    out bad impossible unavailable off full jammed slammed packed hectic nope nah booked taken busy nogo dead
    terrible horrible awful worst problematic conflicting spoken conflict
""")
"""Judgements of an option that cannot be made, behind "is"."""

NEGATIONS: Final = words("""
    cant cannot couldnt not no nope nah naw never wont wouldnt dont doesnt didnt isnt arent aint wasnt werent
    hasnt havent unable skip skipping without nomark avoid unavailable neither nor none nothing nobody noone
    hardly barely except minus instead rather than unless if but only until unfortunately wish wished hope
    hoping NONE nay
""")
"""Words near an option that must be wholly understood, or nothing is."""

OTHERS: Final = words("""
    he she they hes shes theyre his her their him somebody someone everybody hed shed theyd who whos which what
    when where why how does did wants wanted needs needed likes liked thinks thought told tells asked asks heard
    says said was were had used went
""")
"""Words that put an answer into another mouth, or into the past."""

BUSY: Final = words("""
    work works working workin busy conflict conflicts conflicted away stuck sick hosting traveling travelling
    call shift shifts class classes practice exam exams doubles overtime booked slammed swamped unavailable gone
    abroad babysitting appointment appointments meeting meetings meets meet surgery recital tournament wedding
    funeral kids got have has blocks blocked clashes clash kill kills
""")
"""What keeps a person from an option that is named right behind it."""

EVENTS: Final = words("""
    recital wedding funeral graduation tournament concert exam exams shift appointment anniversary birthday bday
    surgery practice rehearsal conference baptism christening checkup dentist
""")
"""What else there is on the day of an option."""

FREE: Final = words("""
    off can could free open available availability down in up yes yep yeah so vote votes answer answers yea sure
    love good great best fine works? ok okay interest preference want prefer put mark sign count make do say
    pick choose go time room space opening openings gap clear chance excited thats
""")
"""Words that make `BUSY` no reason."""
