"""Calendars: events that were refused, that nobody can find out about, that nobody puts into a calendar; open tokens.

Pure: judges what the statements of `database/review.py` read.
"""

from __future__ import annotations

from collections.abc import Iterator

from autosync.database.review import Events, Found
from autosync.doctor.findings import Finding, agree, as_end, ok, some, warning

AREA = "calendars"


def events(found: Events) -> Iterator[Finding]:
    """Whether chosen times get into calendars."""
    if found.failed.count:
        what = f"{some(found.failed.count, 'chosen time')} did not get into {agree(found.failed.count, 'its', 'their')}"
        yield warning(
            AREA,
            f"{what} organizer's calendar for good; the newest is of the sync {found.failed.example}:"
            f" {as_end(found.failed.error)}",
            f"Once the cause is gone, `autosync events retry {found.failed.example}` tries it again.",
        )
    if found.doubted.count:
        yield warning(
            AREA,
            f"Of {some(found.doubted.count, 'chosen time')} nobody has known for over an hour whether the calendar has"
            f" {agree(found.doubted.count, 'it', 'them')}, such as that of the sync {found.doubted.example}.",
            f"Run `autosync syncs explain {found.doubted.example}`; it is looked for by itself, for a day.",
        )
    if found.late.count:
        yield warning(
            AREA,
            f"{some(found.late.count, 'chosen time')} should have been put into a calendar, and nobody does it, such as"
            f" that of the sync {found.late.example}.",
            "Set AUTOSYNC_GOOGLE_CLIENT_ID and AUTOSYNC_GOOGLE_CLIENT_SECRET for `autosync worker`. Where Google is not"
            " to be set up here, nothing is wrong: the tokens are another program's, and people have calendar files.",
        )
    if found.missing.count:
        yield warning(
            AREA,
            f"{some(found.missing.count, 'chosen time')} of somebody with a calendar lies ahead and was never meant for"
            f" it, such as that of the sync {found.missing.example}: chosen before calendars were written to, or lost.",
            f"`autosync events retry {found.missing.example}` puts it there.",
        )
    if not (found.failed.count or found.doubted.count or found.late.count or found.missing.count):
        yield ok(AREA, "Every chosen time is where it belongs, or on its way.")


def tokens(found: Found) -> Iterator[Finding]:
    """Whether what lets one into people's calendars is sealed."""
    if found.count:
        yield warning(
            AREA,
            f"{some(found.count, 'organizer')} {agree(found.count, 'has', 'have')} Google tokens that lie open in the"
            f" database, such as {found.example}: who has a copy of it gets into their calendar.",
            "Set AUTOSYNC_TOKEN_KEYS and run `autosync calendars seal`; what other clients write openly is sealed when"
            " it is used.",
        )
    else:
        yield ok(AREA, "No Google token lies open.")
