"""`autosync syncs`: the organizer's verbs."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from autosync import operations, syncs, texts
from autosync.cli.free_times import propose
from autosync.cli.output import JsonOption, cell, say, show, show_json
from autosync.cli.people import OrganizerOption
from autosync.cli.previews import show_preview
from autosync.cli.session import Session, as_id, note, pick_organizer, run
from autosync.database import details, people
from autosync.database.syncs import Listed, list_all
from autosync.model import Refused, ResponseGoal, SyncStatus, Unusable
from autosync.option_times import read_option
from autosync.previews import NAMELESS

app = typer.Typer(no_args_is_help=True, help="Start a sync, see how it stands, and decide.")
app.command("propose")(propose)

SyncArgument = Annotated[str, typer.Argument(metavar="SYNC", help="The sync's id.")]
OwnerOption = Annotated[
    str | None, typer.Option("--organizer", metavar="ID", help="Refuse unless the sync is this organizer's.")
]


@app.command()
def start(
    context: typer.Context,
    event: Annotated[str, typer.Option(metavar="NAME", help="What people are asked to come to.")],
    crew: Annotated[str, typer.Option(metavar="CREW", help="Whom to ask: the crew's name or id.")],
    option: Annotated[
        list[str],
        typer.Option(metavar="TIME", help="One to three times, such as '2026-12-19 18:00 to 20:00'. Repeat for more."),
    ],
    location: Annotated[str | None, typer.Option(metavar="PLACE", help="Where.")] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="IANA name; else the organizer's own.")] = None,
    goal: Annotated[
        ResponseGoal, typer.Option(help="When to report early: everyone has answered, or more than half can.")
    ] = ResponseGoal.EVERYONE,
    organizer: OrganizerOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the texts, who cannot be texted, and what it would cost.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Starts a sync: asks a crew when they can.

    Queues the first texts, and schedules reminder and pause. It sends nothing itself: a worker does, or `autosync
    process`. Whoever cannot be texted is left out and named. Noted with who did it.
    """
    session: Session = context.obj

    async def begin() -> syncs.Started | syncs.Preview:
        async with session.connection() as connection:
            organizer_id = await pick_organizer(connection, organizer)
            (owner,) = await people.find_organizers(connection, organizer_id)
            zone_name = timezone or owner.timezone or "UTC"
            try:
                zone = texts.zone(zone_name)
            except ValueError as error:
                raise Unusable(str(error)) from error
            plan = syncs.Plan(
                organizer_id=organizer_id,
                crew=crew,
                event_name=event,
                event_location=location,
                timezone=zone_name,
                response_goal=goal,
                options=tuple(read_option(text, zone) for text in option),
            )
            region, links = session.settings.default_region, session.links()
            if dry_run:
                return await syncs.preview(connection, plan, region=region, links=links)
            async with connection.transaction():
                started = await syncs.start(connection, plan, region=region, links=links)
                await note(connection, "syncs start", sync_id=started.sync.id)
            return started

    outcome = run(begin)
    if isinstance(outcome, syncs.Preview):
        show_preview(outcome, session.settings, as_json=as_json)
    else:
        _show_started(outcome, as_json=as_json)


def _show_started(started: syncs.Started, *, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "id": started.sync.id,
                "invitees": [invitee.name for invitee in started.sync.invitees],
                "left_out": [{"name": name, "reason": reason} for name, reason in started.left_out],
            }
        )
        return
    say(f"Started {started.sync.id}: {len(started.sync.invitees)} asked.")
    for name, reason in started.left_out:
        say(f"Not asked: {name or NAMELESS}: {reason}")
    say(_WHO_SENDS)


_WHO_SENDS = "The texts leave with the next `autosync process`, or by themselves where a worker runs."


@app.command("list")
def list_syncs(
    context: typer.Context,
    organizer: OwnerOption = None,
    status: Annotated[SyncStatus | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="At most this many, the newest first.")
    ] = 100,
    as_json: JsonOption = False,
) -> None:
    """Lists syncs, the newest first.

    With how many have answered, and when something happens next.
    """
    session: Session = context.obj

    async def find() -> list[Listed]:
        async with session.connection() as connection:
            organizer_id = await pick_organizer(connection, organizer) if organizer else None
            return await list_all(connection, organizer_id=organizer_id, status=status, limit=limit)

    show(
        ("id", "event", "status", "started_at", "invitees", "answered", "next_job_at"),
        [(s.id, s.event_name, s.status, s.started_at, s.invitees, s.answered, s.next_job_at) for s in run(find)],
        as_json=as_json,
        empty="There is no sync yet: `autosync syncs start` starts one.",
    )


@app.command("show")
def show_sync(
    context: typer.Context, sync: SyncArgument, organizer: OwnerOption = None, as_json: JsonOption = False
) -> None:
    """Shows one sync: options, answers, jobs and texts.

    Names, but no numbers. Exit 1 if there is no such sync.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync")

    async def find() -> dict[str, Any]:
        async with session.connection() as connection:
            is_set_up = session.google() is not None
            document = await details.sync_document(connection, sync_id, is_set_up=is_set_up)
        if document is None or (organizer and document["organizer_id"] != as_id(organizer, "organizer")):
            raise Refused(f"There is no sync {sync}{' of this organizer' if organizer else ''}.")
        return document

    document = run(find)
    if as_json:
        show_json(document)
    else:
        _print_sync(document)


@app.command()
def explain(context: typer.Context, sync: SyncArgument) -> None:
    """Tells the whole life of a sync in sentences.

    For an operator: what happened, what did not and why, and what it waits for. It changes nothing. Exit 1 if there
    is no such sync.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync")

    async def find() -> list[str]:
        async with session.connection() as connection:
            return await operations.explain_sync(connection, sync_id)

    for sentence in run(find):
        say(sentence)


def _print_sync(document: dict[str, Any]) -> None:
    say(f"{document['event_name']} ({document['status']}), organized by {document['organizer']}")
    for option in document["options"]:
        say(f"  {option['number']}) {option['when']}: {option['can']} can")
    if document["calendar"]:
        say(f"Calendar: {document['calendar']['in_words']}")
    for title, lines in (
        ("Answers", [f"{i['name']}: {i['answer']}" for i in document["invitees"]]),
        (
            "Jobs",
            [
                f"{cell(j['scheduled_at'])}  {j['job_type']}  {j['status']}  {j['reason'] or ''}"
                for j in document["jobs"]
            ],
        ),
        (
            "Texts",
            [f"{cell(m['at'])}  {m['type']}  {m['to']}  {m['status']}  {m['reason'] or ''}" for m in document["texts"]],
        ),
    ):
        say(f"{title}:")
        for line in lines or ["none"]:
            say(f"  {line.rstrip()}")


@app.command()
def remind(context: typer.Context, sync: SyncArgument, organizer: OwnerOption = None) -> None:
    """Reminds once more: a paused sync runs again.

    Whoever has not answered is reminded at once. Exit 1 if the sync is not paused. Noted with who did it.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync")

    async def again() -> None:
        async with session.connection() as connection, connection.transaction():
            await syncs.remind(connection, sync_id, organizer_id=_owner(organizer))
            await note(connection, "syncs remind", sync_id=sync_id)

    run(again)
    say(f"Running again. {_WHO_SENDS}")


@app.command()
def invite(
    context: typer.Context,
    sync: SyncArgument,
    option: Annotated[int, typer.Option(metavar="N", help="The number of the option that it is to be.")],
    organizer: OwnerOption = None,
) -> None:
    """Completes a sync: everybody is told the time.

    Whoever was asked gets the invite, whatever they answered. There is no way back. Exit 1 if the sync has ended. Noted
    with who did it.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync")

    async def choose() -> tuple[int, str]:
        async with session.connection() as connection, connection.transaction():
            done, chosen = await syncs.invite(
                connection, sync_id, option, organizer_id=_owner(organizer), links=session.links()
            )
            await note(connection, "syncs invite", sync_id=sync_id, details=f"option {option}")
            return len(done.invitees), texts.when(chosen, done.timezone)

    count, when = run(choose)
    say(f"Completed: {count} invited for {when}. {_WHO_SENDS}")


@app.command()
def stop(context: typer.Context, sync: SyncArgument, organizer: OwnerOption = None) -> None:
    """Ends a sync without invites.

    Returns once nothing of it is on its way any more, and nothing leaves after that; nobody is told. There is no way
    back. Exit 1 if the sync has ended. Noted with who did it.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync")

    async def end() -> None:
        async with session.connection() as connection, connection.transaction():
            await syncs.stop(connection, sync_id, organizer_id=_owner(organizer))
            await note(connection, "syncs stop", sync_id=sync_id)

    run(end)
    say("Stopped.")


def _owner(organizer: str | None) -> UUID | None:
    return as_id(organizer, "organizer") if organizer else None
