"""Ids for rows that are inserted many at a time: UUIDs of version 7 (RFC 9562), each above the one before it.

In order they go to one end of an index instead of to as many of its pages as there are rows. Nothing secret rests on
them: whoever knows one knows when its row was made.
"""

from __future__ import annotations

import secrets
import time

_HALF = 1 << 61
_VARIANT = 0x8000_0000_0000_0000


def new_ids(count: int) -> list[str]:
    """So many new ids in ascending order, as 32 hexadecimal digits each."""
    start = secrets.randbits(73)
    milliseconds = time.time_ns() // 1_000_000
    head = f"{milliseconds:012x}7{start >> 61:03x}"
    # The lower half begins below its middle, so that counting up never reaches its end.
    first = _VARIANT + start % _HALF
    return [f"{head}{number:016x}" for number in range(first, first + count)]
