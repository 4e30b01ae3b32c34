"""`autosync cron`: the pg_cron jobs that wake the processor, where the extension is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from autosync.cli.output import JsonOption, duration, say, show, show_json
from autosync.cli.session import Session, note, run
from autosync.database import cron
from autosync.database.cron import Endpoint
from autosync.model import Unusable
from autosync.settings import PREFIX, Settings
from autosync.waking import KEY_SECRET, URL_SECRET, Waking, wanting

app = typer.Typer(no_args_is_help=True, help="Let pg_cron wake the processor, where the database has that extension.")

UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help=f"The function endpoint's address; it goes into the Vault with the key in {PREFIX}SERVICE_KEY."
        " Without it, what the Vault has stays.",
    ),
]


@app.command()
def install(context: typer.Context, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Schedules the jobs of pg_cron, and says what is still wanting.

    May be repeated, also to change the address or the key, which is read from AUTOSYNC_SERVICE_KEY. It starts nothing
    that serves the endpoint. Noted with who did it.
    """
    session: Session = context.obj
    endpoint = None if url is None else _endpoint(url, session.settings)

    async def bring() -> Waking:
        async with session.connection() as connection:
            async with connection.transaction():
                await cron.install(connection, endpoint)
                await note(connection, "cron install", details="with an address" if endpoint else None)
            return await cron.read(connection)

    found = run(bring)
    if as_json:
        show_json(_document(found))
        return
    say(f"pg_cron runs {' and '.join(cron.NAMES)}.")
    _say_wanting(found)


@app.command()
def status(context: typer.Context, as_json: JsonOption = False) -> None:
    """Tells how the jobs of pg_cron go, and what is wanting.

    Exit 1 if anything is.
    """
    session: Session = context.obj

    async def look() -> Waking:
        async with session.connection() as connection:
            return await cron.read(connection)

    found = run(look)
    if as_json:
        show_json(_document(found))
    else:
        _say(found)
    raise typer.Exit(1 if wanting(found) else 0)


@app.command()
def remove(context: typer.Context, as_json: JsonOption = False) -> None:
    """Takes the jobs out of pg_cron.

    What the Vault has stays, and so does everything else. Without workers nothing is done from then on. Noted with who
    did it.
    """
    session: Session = context.obj

    async def take_out() -> list[str]:
        async with session.connection() as connection, connection.transaction():
            removed = await cron.remove(connection)
            if removed:
                await note(connection, "cron remove")
            return removed

    removed = run(take_out)
    if as_json:
        show_json({"removed": removed})
        return
    say(f"Removed {' and '.join(removed)}." if removed else "pg_cron has none of these jobs.")


def _endpoint(url: str, settings: Settings) -> Endpoint:
    """Raises Unusable: for a wrong address, which may hold a password, without repeating it."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username and not parts.fragment
    except ValueError:
        is_usable = False
    if not is_usable or not parts.path.strip("/"):
        example = "https://sync.example.org/functions/v1/process-auto-sync-jobs"
        raise Unusable(f"--url should be the whole address of the function endpoint, such as {example}.")
    if settings.service_key is None or not settings.service_key.get_secret_value():
        raise Unusable(f"--url needs the endpoint's key, in {PREFIX}SERVICE_KEY: arguments are seen by others.")
    return Endpoint(url, settings.service_key)


def _say(found: Waking) -> None:
    show(
        ("job", "schedule", "active", "last_run", "outcome", "message"),
        [
            (job.name, job.schedule, job.active, job.age and f"{duration(job.age)} ago", job.status, job.message)
            for job in found.jobs
        ],
        as_json=False,
        empty="pg_cron has none of these jobs.",
    )
    if found.extensions.version is not None:
        runs = "runs" if found.extensions.scheduler_runs else "does not run"
        say(f"pg_cron {found.extensions.version}: its scheduler {runs}.")
    if found.call is not None:
        say(f"The last call of the function endpoint, {duration(found.call.age)} ago, was {found.call.fate}.")
    if found.oldest_due is not None:
        say(f"The oldest due job has waited for {duration(found.oldest_due)}.")
    _say_wanting(found)


def _say_wanting(found: Waking) -> None:
    lines = wanting(found)
    for line in lines:
        say(f"Wanting: {line}")
    if not lines:
        say("Nothing is wanting.")


def _document(found: Waking) -> dict[str, Any]:
    document: dict[str, Any] = asdict(found)
    document["secrets"] = {name: name in found.secrets for name in (URL_SECRET, KEY_SECRET)}
    if found.call is not None:
        document["call"]["fate"] = found.call.fate
    return document | {"wanting": wanting(found)}
