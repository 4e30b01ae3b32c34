"""Times as the Calendar API writes them: a day, or a moment with an offset or with a zone beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autosync.fake_google.errors import invalid


def moment(when: dict[str, Any], zone: ZoneInfo, name: str) -> datetime:
    """The instant, in UTC; a day begins in the calendar's zone. Raises Refusal."""
    own = zone_of(when["timeZone"]) if when.get("timeZone") else None
    if ("date" in when) == ("dateTime" in when):
        raise invalid(f"Invalid {name} time.")
    if "date" in when:
        return datetime.combine(date.fromisoformat(when["date"]), time(), zone).astimezone(UTC)
    there = datetime.fromisoformat(when["dateTime"])
    if there.tzinfo is None and own is None:
        raise invalid(f"Missing time zone definition for {name} time.", reason="required")
    return (there if there.tzinfo else there.replace(tzinfo=own)).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name. Raises Refusal."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise invalid(f"Invalid time zone definition: {name}.") from None


def written(moment: datetime, zone: tzinfo, precision: str = "seconds") -> str:
    """RFC 3339, in this zone; `precision`: as of `datetime.isoformat`."""
    return moment.astimezone(zone).isoformat(timespec=precision).replace("+00:00", "Z")
