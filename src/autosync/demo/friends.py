"""What a friend texts back when left to answer: plausible words, another every time. Pure."""

from __future__ import annotations

_OF_THREE = {
    "Ann": ("1 and 3 work!", "Change of plans, only 1 now"),
    "Ben": ("1 please", "Any of them, actually"),
    "Chloé": ("None of these, sorry", "Good news: 1 works after all"),
    "Dev": ("the first one", "1 and 2"),
    "Eli": ("2 works, 1 too", "Just 1 for me"),
}
_OF_TWO = _OF_THREE | {"Ann": ("Both work!", "Change of plans, only 1 now")}
_OF_ONE = {
    "Ann": ("Works for me!", "Can't make it, sorry"),
    "Ben": ("1", "1 is still fine"),
    "Chloé": ("None, sorry", "1 works after all"),
    "Dev": ("I'm in", "1, see you there"),
    "Eli": ("1 works", "Nope, I'm away"),
}


def says(name: str, *, options: int, answered: int) -> str:
    """The words of the friend of this name, one of the cast, to a text with so many options.

    `answered`: how many texts this friend has written before.
    """
    words = {1: _OF_ONE, 2: _OF_TWO}.get(options, _OF_THREE)[name]
    return words[answered % len(words)]
