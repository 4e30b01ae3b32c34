"""`autosync calendars status`, `connect`, `disconnect` and `prefer`: an organizer's own calendar, from a terminal."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any
from uuid import UUID

import typer

from autosync.cli.output import JsonOption, say, show_json
from autosync.cli.people import OrganizerOption
from autosync.cli.session import Session, as_span, pick_organizer, run
from autosync.database import calendars
from autosync.database.calendars import CalendarState, Changes, Wishes
from autosync.model import Unusable

DEFAULT_PORT = 8027
"""Fixed, so that it can be written into Google's console where that wants to know it."""


def status(context: typer.Context, organizer: OrganizerOption = None, as_json: JsonOption = False) -> None:
    """Shows whether an organizer's calendar is connected.

    And what they want of it; or why it was lost. It asks nothing of Google, and writes nothing.
    """
    session: Session = context.obj

    async def find() -> tuple[UUID, CalendarState]:
        async with session.connection() as connection:
            organizer_id = await pick_organizer(connection, organizer)
            return organizer_id, await calendars.find(connection, organizer_id)

    organizer_id, state = run(find)
    if as_json:
        show_json(_document(organizer_id, state))
        return
    lost = state.disconnected_because if not state.is_connected else None
    say("Connected." if state.is_connected else f"Not connected. {lost}" if lost else "Not connected.")
    _show(state.wishes)


def connect(
    context: typer.Context,
    organizer: OrganizerOption = None,
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Where the browser comes back to, on this machine.")
    ] = DEFAULT_PORT,
) -> None:
    """Connects an organizer's Google calendar.

    Prints an address to open in a browser on this machine, and waits five minutes for Google's answer on 127.0.0.1. A
    web client in Google's console has to know http://127.0.0.1:PORT/. Exit 1 if it was not allowed. Noted with who did
    it.
    """
    session: Session = context.obj

    from autosync.cli import calendar_verbs  # noqa: PLC0415 - see there

    run(lambda: calendar_verbs.connect(session, organizer, port))
    say("Connected.")


def disconnect(context: typer.Context, organizer: OrganizerOption = None) -> None:
    """Disconnects an organizer's calendar.

    Forgets what Google gave and which calendars were looked at, and asks Google to forget it, too. What is in the
    calendar stays there. Exit 1 if none was connected. Noted with who did it.
    """
    session: Session = context.obj

    from autosync.cli import calendar_verbs  # noqa: PLC0415 - see there

    if run(lambda: calendar_verbs.disconnect(session, organizer)):
        say("Disconnected, here and at Google.")
    else:
        say(
            "Disconnected here. Google could not be told: the organizer can take the permission away at"
            " https://myaccount.google.com/connections."
        )


def prefer(
    context: typer.Context,
    organizer: OrganizerOption = None,
    calendar: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Looked at; repeat it. The first one takes the events. Main: primary."),
    ] = None,
    day_begins: Annotated[str | None, typer.Option(metavar="HH:MM", help="No time is proposed before.")] = None,
    day_ends: Annotated[str | None, typer.Option(metavar="HH:MM", help="Times are over by then.")] = None,
    buffer: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Free before and after what is there, such as 30m; 0m: none.")
    ] = None,
) -> None:
    """Says what an organizer wants of their calendar.

    What is not named stays as it is. Hours are by the organizer's own clocks. It asks Google whether it shows these
    calendars, if one is connected. Noted with who did it.
    """
    session: Session = context.obj
    if calendar is None and day_begins is None and day_ends is None and buffer is None:
        raise Unusable("Say what is wanted: --calendar, --day-begins, --day-ends or --buffer.")
    span = as_span(buffer) if buffer is not None else None
    changes = Changes(tuple(calendar) if calendar else None, _clock(day_begins), _clock(day_ends), span)
    from autosync.cli import calendar_verbs  # noqa: PLC0415 - see there

    kept, unseen = run(lambda: calendar_verbs.prefer(session, organizer, changes))
    _show(kept)
    if unseen:
        say(f"Google does not show us {', '.join(unseen)}: kept all the same, but it cannot be looked at.")


def _clock(written: str | None) -> time | None:
    if written is None:
        return None
    try:
        return time.fromisoformat(written).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Unusable(f"{written!r} is no time of day: write it as 09:00 or 21:30.") from None


def _show(wishes: Wishes) -> None:
    minutes = round(wishes.buffer.total_seconds() / 60)
    say(f"Calendars: {', '.join(wishes.calendar_ids)}")
    say(f"Times between {wishes.day_begins:%H:%M} and {wishes.day_ends:%H:%M}, {minutes} minutes free around others")


def _document(organizer_id: UUID, state: CalendarState) -> dict[str, Any]:
    return {
        "organizer_id": organizer_id,
        "connected": state.is_connected,
        "disconnected_at": None if state.is_connected else state.disconnected_at,
        "disconnected_because": None if state.is_connected else state.disconnected_because,
        "calendar_ids": list(state.wishes.calendar_ids),
        "day_begins": f"{state.wishes.day_begins:%H:%M}",
        "day_ends": f"{state.wishes.day_ends:%H:%M}",
        "buffer_minutes": round(state.wishes.buffer.total_seconds() / 60),
    }
