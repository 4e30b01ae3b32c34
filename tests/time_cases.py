"""Cases of time phrases as they are written in the corpus, and what they come to, computed without the grammar.

An `asked` case lists days and local hours, "2026-12-05..2026-12-27/Sat,Sun 08:00-12:00" or "2026-12-04 all"; an `exact`
one local times, "2026-11-01T01:30/1" being the second of its name; an `unclear` one what choices or question must have.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from autosync.windows import Window, merged

DAY = timedelta(days=1)


def cases() -> list[dict]:
    lines = (Path(__file__).parent / "time_phrases_corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def now_of(case: dict) -> datetime:
    return datetime.fromisoformat(case["now"]).replace(tzinfo=ZoneInfo(case["zone"])).astimezone(UTC)


def instant(shown: str, zone: ZoneInfo) -> datetime:
    """2026-12-04T24:00 is the next day's beginning."""
    local, _, fold = shown.partition("/")
    day, _, clock = local.partition("T")
    return _instant(date.fromisoformat(day), clock, zone, int(fold or 0))


def windows_of(case: dict) -> tuple[Window, ...]:
    zone, now = ZoneInfo(case["zone"]), now_of(case)
    found = [window for asked in case["asked"] for window in _windows(asked, zone)]
    return tuple(Window(max(each.begins, now), each.ends) for each in merged(found) if each.ends > now)


def _windows(asked: str, zone: ZoneInfo) -> list[Window]:
    days, _, hours = asked.partition(" ")
    begins, ends = ("00:00", "24:00") if hours == "all" else hours.split("-")
    return [Window(_instant(day, begins, zone, 0), _instant(day, ends, zone, 1)) for day in _days(days)]


def _days(days: str) -> list[date]:
    stretch, _, names = days.partition("/")
    first, _, last = stretch.partition("..")
    begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    every = (begins + n * DAY for n in range((ends - begins).days + 1))
    return [day for day in every if not names or f"{day:%a}" in names.split(",")]


def _instant(day: date, clock: str, zone: ZoneInfo, fold: int) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    shown = datetime.combine(day + hour // 24 * DAY, time(hour % 24, minute, fold=fold), zone)
    return shown.astimezone(UTC)
