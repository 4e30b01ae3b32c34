"""How operators' pages say things: lengths, moments, counts, and others' words without what is nobody's business."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from autosync.database.board import ENOUGH
from autosync.doctor.findings import discreet

JOB_TYPES = {"reminder_24h": "Reminder", "pause_check_48h": "Pause check", "auto_end_check": "End check"}
"""Names for people; other types stand as they are."""

_ID = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b")
_FOUR_DIGITS = re.compile(r"\.\.\.\d(\d{3})\b")


def private(text: str | None) -> str | None:
    """Others' words on one line, without secrets, addresses and rows of the database; of numbers three digits."""
    return None if text is None else _FOUR_DIGITS.sub(r"...\1", " ".join(discreet(text).split()))


def brief(text: str | None, most: int = 160) -> str | None:
    """The same, no longer than `most` characters."""
    told = private(text)
    return told if told is None or len(told) <= most else f"{told[: most - 1].rstrip()}…"


def length(span: timedelta | float) -> str:
    """A length of time as short as it can be told: `0.4 s`, `12 s`, `7 min`, `3 h 20 min`, `4 days`."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds >= 0.05 else "0 s"
    if seconds < 120:
        return f"{int(seconds)} s"
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days"


def moment(at: datetime) -> str:
    """`Nov 24, 14:05 UTC`."""
    utc = at.astimezone(UTC)
    return f"{utc:%b} {utc.day}, {utc:%H:%M} UTC"


def counted(count: int) -> str:
    """`1,204`; where counting ended, `10,000+`."""
    return f"{ENOUGH:,}+" if count >= ENOUGH else f"{count:,}"


def marked(sentence: str) -> Markup:
    """The sentence with what stands in backquotes as code, and each id elsewhere as a short link to what it names."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:
        return _linked(sentence)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if n % 2 else _linked(part) for n, part in enumerate(parts)
    )


def _linked(text: str) -> Markup:
    pieces = _ID.split(text)
    link = Markup('<a href="/ops/find?id={}" title="{}">{}</a>')
    return Markup("").join(
        link.format(piece, piece, piece[:8]) if n % 2 else escape(piece) for n, piece in enumerate(pieces)
    )
