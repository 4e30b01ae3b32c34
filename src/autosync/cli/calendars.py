"""`autosync calendars`: an organizer's own (see `own_calendar`), and the keys that Google tokens are sealed with."""

from __future__ import annotations

from dataclasses import asdict

import typer

from autosync.calendar_tokens import Sealed
from autosync.calendars.seal import new_key as make_key
from autosync.cli import own_calendar
from autosync.cli.output import JsonOption, say, show_json
from autosync.cli.session import Session, note, run
from autosync.model import Refused

app = typer.Typer(no_args_is_help=True, help="Connect organizers' calendars, and keep their tokens secret.")

app.command("status")(own_calendar.status)
app.command("connect")(own_calendar.connect)
app.command("disconnect")(own_calendar.disconnect)
app.command("prefer")(own_calendar.prefer)

MOST_NAMED = 5
"""How many people one sentence names."""


@app.command("new-key")
def new_key() -> None:
    """Makes a key for AUTOSYNC_TOKEN_KEYS.

    It is printed and kept nowhere. docs/operating.md says how to change keys.
    """
    say(make_key())


@app.command()
def seal(context: typer.Context, as_json: JsonOption = False) -> None:
    """Seals people's tokens anew with the newest key.

    Those that lie open or under an older one. It asks nothing of Google. Exit 1 if some cannot be opened; these stay as
    they were. Noted with who did it.
    """
    session: Session = context.obj

    async def seal_all() -> Sealed:
        async with session.connection() as connection:
            sealed = await session.calendar_tokens().seal_all(connection)
            await note(connection, "calendars seal", details=f"{sealed.sealed} sealed")
            return sealed

    done = run(seal_all)
    if as_json:
        show_json(asdict(done))
    else:
        say(f"{done.sealed} sealed with the newest key, {len(done.unreadable)} that no key at hand opens")
    if done.unreadable:
        people = ", ".join(map(str, done.unreadable[:MOST_NAMED]))
        more = f" and {len(done.unreadable) - MOST_NAMED} more" if len(done.unreadable) > MOST_NAMED else ""
        raise Refused(
            f"The tokens of {people}{more} stay as they were: add the key that they were sealed with, or delete their"
            " rows, and they connect again."
        )
