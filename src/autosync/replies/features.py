"""What the model sees of a text: `kind_features(plain, marked, 3)`, and of one option in it `option_features(...)`.

Features are strings; `hashed` makes them places in a table of weights. What they are worth is learned, see
docs/answers.md. Whatever changes here asks for new weights.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from zlib import crc32

from autosync.replies.rules import words

PLACES: Final = 1 << 17
"""Places of a table of weights; features that fall on the same one share it."""

_NUMBER: Final = re.compile(r"\d+")
_OPTIONS: Final = re.compile(r"O\d+")
_WHOLE: Final = words("ALL ANY NONE REST")
_NAMES: Final = words("THIS THAT ALL ANY NONE REST")
_BREAKS: Final = words(". , ! ? ; | ¤ but - ( ) so because though")
_FRAME: Final = _BREAKS | words("not no cant only except works work and or dont doesnt")


def hashed(features: Iterable[str]) -> list[int]:
    """The places of `features`, below PLACES."""
    return [crc32(feature.encode()) % PLACES for feature in features]


def kind_features(plain: str, marked: list[str], option_count: int) -> set[str]:
    """What tells the kind of an answer: its words and their order, with options as O, and the letters in them."""
    seen = ["<", *(_without_number(word) for word in marked), ">"]
    count = "1" if option_count == 1 else "+"
    named = sum(word in _WHOLE or _OPTIONS.fullmatch(word) is not None for word in marked)
    features = set(_runs(seen, 1, 3, "w"))
    features.update(_runs(seen, 1, 2, f"w{count}"))
    features.update(_letters(plain, option_count))
    features.update(f"s{word}_{later}" for place, word in enumerate(seen) for later in seen[place + 2 : place + 5])
    features.update([
        f"n{option_count}", f"m{min(named, 4)}", f"m{min(named, 1)}n{option_count}", f"l{min(len(marked) // 3, 8)}",
        "W" + " ".join(seen[:20]),
    ])  # fmt: skip
    return features


def option_features(marked: list[str], option: int, option_count: int) -> set[str]:
    """What tells whether `option` is meant: the words around it (THIS), around other ones (THAT), and what is named."""
    seen = ["<", *(_as_seen_from(option, word) for word in marked), ">"]
    present = {name for name in _NAMES if name in seen}
    state = "".join(sorted(name[:2] + name[2:3] for name in present))
    named = "t" if "THIS" in present else "o"
    features = {f"S{state}", f"S{state}{option_count}", f"n{option_count}"}
    features.update(f"{state}{word}" for word in seen)
    features.update(_runs(seen, 1, 2, named))
    features.update(_runs(seen, 3, 3, ""))
    features.update(_runs([word for word in seen if word.isupper() or word in _FRAME], 2, 4, "k"))
    clauses = _clauses(seen)
    for place, clause in enumerate(clauses):
        after = clauses[place + 1][:4] if place + 1 < len(clauses) else [">"]
        features.update(_around(clause, after, min(place, 3), named))
    return features


def _around(clause: list[str], after: list[str], place: int, named: str) -> Iterator[str]:
    """The words before and behind each name in a clause, near ones with their distance."""
    for position, word in enumerate(clause):
        if word not in _NAMES:
            continue
        name = f"{named}{word}"
        before, behind = clause[:position], clause[position + 1 :]
        yield from (f"{name}L{other}" for other in before)
        yield from (f"{name}R{other}" for other in behind)
        yield from (f"{name}-{distance}{other}" for distance, other in enumerate(before[:-4:-1]))
        yield from (f"{name}+{distance}{other}" for distance, other in enumerate(behind[:3]))
        yield f"{name}<" + " ".join(before)
        yield f"{name}>" + " ".join(behind)
        yield from (f"{name}N{other}" for other in after)
        yield f"{name}@{place}"


def _clauses(seen: list[str]) -> list[list[str]]:
    clauses: list[list[str]] = [[]]
    for word in seen:
        if word in _BREAKS:
            clauses.append([])
        clauses[-1].append(word)
    return clauses


def _without_number(word: str) -> str:
    if _OPTIONS.fullmatch(word) is None:
        return word
    return "O" if len(word) == 2 else "OO"


def _as_seen_from(option: int, word: str) -> str:
    if _OPTIONS.fullmatch(word) is None:
        return word
    return "THIS" if str(option) in word else "THAT"


def _runs(seen: list[str], shortest: int, longest: int, prefix: str) -> Iterator[str]:
    for length in range(shortest, longest + 1):
        for start in range(len(seen) - length + 1):
            yield prefix + " ".join(seen[start : start + length])


def _letters(plain: str, option_count: int) -> Iterator[str]:
    """Runs of two to five letters within words; a number is # if it can be an option, else 0."""
    text = _NUMBER.sub(lambda found: "#" if 1 <= int(found[0][:9]) <= option_count else "0", plain)
    for word in text.split():
        framed = f" {word[:30]} "
        for length in (2, 3, 4, 5):
            for start in range(len(framed) - length + 1):
                yield "c" + framed[start : start + length]
