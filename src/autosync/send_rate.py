"""How many texts may leave at a moment, where a gateway allows so many a second.

Pure. A scope (the account, or one sender) is used up until `free_at`; each text that leaves uses up a second divided
by the rate. One second's worth may leave at once, so in any stretch no more leave than the rate allows and that.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor


def allowance(*, free_at: datetime, now: datetime, per_second: float) -> int:
    """How many texts may leave at `now` under a rate of `per_second` (> 0)."""
    used_up = max((free_at - now).total_seconds(), 0)
    return max(floor((_burst(per_second) - used_up) * per_second + 1e-6), 0)


def used_until(*, free_at: datetime, now: datetime, per_second: float, count: int) -> datetime:
    """Until when the scope is used up once `count` more texts have left at `now`."""
    return max(free_at, now) + timedelta(seconds=count / per_second)


def pause(*, free_at: datetime, now: datetime, per_second: float) -> timedelta:
    """How long until the next text may leave; nothing if one may leave now."""
    until = free_at + timedelta(seconds=1 / per_second - _burst(per_second))
    return max(until - now, timedelta())


def _burst(per_second: float) -> float:
    """Seconds: one, or as long as a single text takes."""
    return max(1.0, 1 / per_second)
