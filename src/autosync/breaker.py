"""When a gateway takes none of many texts in a row, it gets one at a time, less and less often, until it takes one.

Pure, but for what it remembers: `note(...)` after each text, `allowance(...)` before the next ones, both at a moment
of the monotonic clock. So an outage makes few texts doubtful instead of all that are queued, and uses up no attempts.
"""

from __future__ import annotations

from datetime import timedelta

TRIP = 20
"""Texts in a row that came to nothing. Where a quarter of all fail by chance, as many in a row are one in 10 ** 12."""

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)


class Breaker:
    """What one dispatcher knows of its gateway."""

    def __init__(self) -> None:
        self._in_vain = 0
        self._pause = FIRST_PAUSE
        self._next_try = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether texts go one at a time."""
        return self._in_vain >= TRIP

    def note(self, *, answered: bool, at: float) -> bool:
        """What a text came to (`answered`: taken, or refused for good); returns whether that changed `is_open`."""
        was_open = self.is_open
        if answered:
            self._in_vain, self._pause = 0, FIRST_PAUSE
            return was_open
        self._in_vain += 1
        if self.is_open and at >= self._next_try:
            self._next_try = at + self._pause.total_seconds()
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return not was_open and self.is_open

    def allowance(self, most: int, *, underway: int, at: float) -> int:
        """How many texts may leave now, `most` at the most, where `underway` have left that nothing is known of."""
        if not self.is_open:
            return most
        return min(most, 1) if underway == 0 and at >= self._next_try else 0
