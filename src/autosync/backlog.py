"""Where the next claim of a backlog begins: `await backlog.claim(ask, at=...)`.

While somebody holds an old snapshot, PostgreSQL may not forget the entries of what is done, and a claim that begins
with the first wades through all of them. So each claim begins where the last one ended. What lies before is in
somebody's hands, or was given back, dated back or committed late: every two seconds, and before anybody says that there
is nothing, a claim begins with the first.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

Claimed = TypeVar("Claimed")

SWEEP_EVERY = 2.0
"""Seconds after which a claim begins with the first again, however long the backlog is."""


class Backlog:
    """One queue, as one process goes through it."""

    def __init__(self) -> None:
        self._taken_until: datetime | None = None
        self._swept_at = 0.0

    async def claim(
        self, ask: Callable[[datetime | None], Awaitable[Sequence[Claimed]]], *, at: Callable[[Claimed], datetime]
    ) -> Sequence[Claimed]:
        """What `ask(since)` gives; since None: from the first. `at`: the place in the queue of what was claimed."""
        claimed: Sequence[Claimed] = ()
        if self._taken_until is not None and time.monotonic() < self._swept_at + SWEEP_EVERY:
            claimed = await ask(self._taken_until)
        if not claimed:
            self._swept_at = time.monotonic()
            claimed = await ask(None)
        self._taken_until = max(map(at, claimed), default=None)
        return claimed
