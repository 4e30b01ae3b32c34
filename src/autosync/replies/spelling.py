"""Mends the usual slips of the finger in the few words that carry an answer: `mended("optoin")` is "option".

An ordinary English word is never changed, even where it is one letter away ("won", "tree", "motion").
"""

from functools import lru_cache
from typing import Final

from autosync.replies.rules import words

_KEYS: Final = words("""
    option options number numbers works either neither three first second third middle except available thanks
    unavailable unfortunately sorry maybe anything everything please probably""")
_SLIPS: Final = {
    wrong: right
    for right, slips in {
        "one": "oen onee oone",
        "two": "twoo",
        "three": "thre threee thee3 tree3 thrre",
        "none": "noen nonr nome noe nonee nune non3 nonne",
        "both": "boht bith btoh boh botg bothh",
        "all": "alll al;l",
        "the": "teh tje hte thw",
        "and": "amd adn nad ans ane anf",
        "work": "wrk wokr wirk wrok worl workd",
        "works": "wrks wks wokrs wirks worrks wroks worka",
        "first": "frist firts fisrt 1rst fist1",
        "second": "secodn seocnd 2end",
        "third": "thrid thrd tird",
        "option": "optn opion optin",
        "number": "numbah num nbr numero numver nimber numbr",
        "cant": "cnat cna't cabt acnt",
        "stop": "sotp stpo",
        "help": "hlep",
        "for": "fpr foe fro",
        "to": "ot",
        "can": "cna xan",
        "me": "em3",
        "good": "goid goos godo gud",
        "great": "grest graet grat",
        "any": "nay3 anny",
        "fine": "fien",
        "none of": "noneof",
        "neither": "niether nether neithr",
        "either": "eihter eithr ether3 iether",
        "the first": "thefirst",
    }.items()
    for wrong in slips.split()
}
_ORDINARY: Final = words("""
    words word worlds world forks works worms wore worn motion action notion potion portion options adoption lumber
    member numbers number thirst thirds seconds there these threw throe fist firs firsts tired birds third expect
    accept excerpt tanks thank thinks seasoned reckon beacon piddle muddle meddle riddle paddle fiddle wither
    whether weather leather feather lither hither worry sorrow story sturdy lorry eithers pleased pleases pleaser
    works worked worker thrice threes tree tees option maybes""")


@lru_cache(maxsize=4096)
def mended(word: str) -> str:
    """`word`, or the key word that it misses by one letter or by two swapped ones."""
    if word in _SLIPS:
        return _SLIPS[word]
    if word in _KEYS or word in _ORDINARY or not 5 <= len(word) <= 14 or not word.isalpha():
        return word
    near = [key for key in _KEYS if _one_slip(word, key)]
    return near[0] if len(near) == 1 else word


def _one_slip(wrong: str, right: str) -> bool:
    """True if one letter is missing, added, changed, or two neighbours are swapped."""
    if abs(len(wrong) - len(right)) > 1 or min(len(wrong), len(right)) < 5:
        return False
    start = 0
    while start < min(len(wrong), len(right)) and wrong[start] == right[start]:
        start += 1
    wrong, right = wrong[start:], right[start:]
    return (
        wrong[1:] == right[1:]
        or wrong[1:] == right
        or wrong == right[1:]
        or (wrong[:2] == right[:2][::-1] and wrong[2:] == right[2:])
    )
