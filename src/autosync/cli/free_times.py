"""`autosync syncs propose`: free times for a phrase such as "next week evenings", ready for `syncs start`."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from autosync import found_times, texts
from autosync.cli.output import JsonOption, say, show_json
from autosync.cli.people import OrganizerOption
from autosync.cli.session import Session, as_span, pick_organizer, run
from autosync.found_times import Found
from autosync.model import Refused, Unusable
from autosync.option_times import read_option, write_option
from autosync.proposals import Proposal


def propose(
    context: typer.Context,
    phrase: Annotated[
        str,
        typer.Argument(
            metavar="PHRASE", help="When it could be, such as 'next week evenings' or 'Tue or Wed after 6'."
        ),
    ],
    duration: Annotated[
        str | None, typer.Option(metavar="SPAN", help="How long, such as 90m, unless the phrase says so; else 2h.")
    ] = None,
    organizer: OrganizerOption = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="IANA name: whose clocks are meant; else the organizer's own.")
    ] = None,
    crew: Annotated[
        str | None, typer.Option(metavar="CREW", help="The crew's name or id, so that none of them is asked at night.")
    ] = (None),
    skip: Annotated[int, typer.Option(metavar="N", min=0, max=300, help="Pass over so many of the best.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Proposes up to three free times for a phrase.

    Each with why it was chosen, and ready for `autosync syncs start`. It writes nothing, and asks nobody. Exit 1 if it
    has to ask back.
    """
    session: Session = context.obj
    lasts = as_span(duration) if duration else None
    try:
        zone = texts.zone(timezone) if timezone else None
    except ValueError as error:
        raise Unusable(str(error)) from error

    async def find() -> Found:
        async with session.pool() as pool:
            async with pool.connection() as connection:
                organizer_id = await pick_organizer(connection, organizer)
            return await session.free_times(pool).propose(
                organizer_id, phrase, duration=lasts, zone=zone, crew=crew, skip=skip
            )

    found = run(find)
    if as_json:
        show_json(_document(found))
    else:
        _show(found, given_zone=timezone)
    if found.question:
        raise typer.Exit(1)


def _document(found: Found) -> dict[str, Any]:
    """As the API answers, and for each option the words that `syncs start` takes."""
    document = found_times.document(found)
    for option, proposal in zip(document["options"], found.proposals, strict=True):
        option["option"] = _option(proposal, found.zone)
    return document


def _option(proposal: Proposal, zone: ZoneInfo) -> str:
    """What `syncs start` reads as this time. Raises Refused where clocks cannot say it, as they go back."""
    written = write_option(proposal.begins, proposal.ends, zone)
    if read_option(written, zone) != (proposal.begins, proposal.ends):
        raise Refused(f"The clocks show {written} twice, and `syncs start` takes the first: choose another time.")
    return written


def _show(found: Found, *, given_zone: str | None) -> None:
    if found.question:
        say(found.question)
        for choice in found.choices:
            say(f"  {choice}")
        return
    say(found.heard)
    for number, proposal in enumerate(found.proposals, start=1):
        say()
        say(f"{number}) {found_times.when(proposal, found.zone)}")
        for sentence in (*proposal.reasons, *(conflict.sentence for conflict in found.conflicts)):
            say(f"   {sentence}")
        say(f"   --option '{_option(proposal, found.zone)}'")
    say()
    if found.nothing:
        say(found.nothing)
    if found.looked:
        say(found.looked.note)
    if found.proposals:
        zone = f" --timezone {given_zone}" if given_zone else ""
        say(f"What begins with --option goes behind `autosync syncs start{zone}`.")
    if found.next_skip:
        say(f"--skip {found.next_skip} shows others.")
