"""The stand-in's clock, which can be put ahead, so that nobody needs to wait for a token to be over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """Now, and whatever it was put ahead by."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC) + self.ahead
