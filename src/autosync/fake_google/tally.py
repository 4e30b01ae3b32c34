"""Who asked what how often, how much of it is in hand at once, and what of it was ill-formed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from autosync.fake_google.faults import Call

_NOBODY = ""


class Tally:
    """Counts calls. A call of nobody that is known (a token that is none) counts for "".

    What is in hand at once shows a herd only if calls take their time: let them be `slow`.
    """

    def __init__(self) -> None:
        self._asked: Counter[tuple[str, Call]] = Counter()
        self._in_hand: Counter[tuple[str, Call]] = Counter()
        self._most: Counter[tuple[str, Call]] = Counter()
        self._violations: list[dict[str, str]] = []
        self._ignored: list[dict[str, str]] = []

    @contextmanager
    def in_hand(self, call: Call, person: str | None) -> Iterator[None]:
        """Counts a call for as long as it lasts."""
        key = (person or _NOBODY, call)
        self._asked[key] += 1
        self._in_hand[key] += 1
        self._most[key] = max(self._most[key], self._in_hand[key])
        try:
            yield
        finally:
            self._in_hand[key] -= 1

    def violated(self, call: str, person: str | None, problems: Iterable[str]) -> None:
        """Notes what does not fit the interface."""
        self._violations += [{"call": call, "person": person or _NOBODY, "problem": problem} for problem in problems]

    def ignored(self, call: str, person: str | None, properties: Iterable[str]) -> None:
        """Notes what was sent though it is read-only."""
        self._ignored += [{"call": call, "person": person or _NOBODY, "property": one} for one in properties]

    def requests(self) -> dict[str, object]:
        """Counts by call, by person and call, and how much is in hand."""
        calls: Counter[str] = Counter({call.value: 0 for call in Call})
        people: dict[str, dict[str, dict[str, int]]] = {}
        for (person, call), count in self._asked.items():
            calls[call.value] += count
            one = people.setdefault(person, {"asked": {}, "most_at_once": {}})
            one["asked"][call.value] = count
            one["most_at_once"][call.value] = self._most[person, call]
        return {"calls": dict(calls), "people": people, "in_hand": self._in_hand.total()}

    def violations(self) -> dict[str, object]:
        """What did not fit, and what was read-only."""
        return {"violations": self._violations, "read_only": self._ignored}
