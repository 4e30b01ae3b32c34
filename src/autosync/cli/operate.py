"""The commands that run the machinery: schema, worker, web, one-off processing, timings, review, demo."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import structlog
import typer
from rich.console import Console

from autosync.cli import logs
from autosync.cli.doctor import doctor
from autosync.cli.fake_google import fake_google
from autosync.cli.fake_twilio import fake_twilio
from autosync.cli.output import DryOption, JsonOption, say, show, show_json
from autosync.cli.session import Session, as_moment, note, run, who
from autosync.database import clock, migrate
from autosync.housekeeping import Tidied
from autosync.model import Unusable
from autosync.processor import Summary
from autosync.settings import PREFIX, Settings, SettingsError

log = structlog.get_logger(__name__)

PortOption = Annotated[
    int, typer.Option(metavar="PORT", min=0, max=65535, help="The port to listen on; 0: any free one.")
]


def migrate_command(
    context: typer.Context,
    status: Annotated[bool, typer.Option("--status", help="Only tell what is applied; 1 if something is not.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Brings the database to the newest schema.

    May be repeated, and run while everything works on; two at once wait for each other. It goes back to no older
    schema, and starts nothing. With --status, exit 1 if a migration is missing.
    """
    session: Session = context.obj
    if status:
        _migration_status(session, as_json)
        return

    async def bring_up() -> list[migrate.Migration]:
        async with session.bare_connection() as connection:
            done = await migrate.migrate(connection)
            if done:
                await note(connection, "migrate", details=f"up to {done[-1].version}")
            return done

    applied = run(bring_up)
    if as_json:
        show_json({"applied": [migration.version for migration in applied]})
        return
    for migration in applied:
        say(f"applied {migration.version} {migration.name}")
    say("The schema is the newest.")


def _migration_status(session: Session, as_json: bool) -> None:
    async def compare() -> set[str]:
        async with session.bare_connection() as connection:
            return await migrate.applied_versions(connection)

    applied = run(compare)
    rows = [(m.version, m.name, "applied" if m.version in applied else "pending") for m in migrate.migrations()]
    show(("version", "name", "state"), rows, as_json=as_json, empty="There are no migrations.")
    if any(state == "pending" for *_, state in rows):
        raise typer.Exit(1)


def process(context: typer.Context, as_json: JsonOption = False) -> None:
    """Does everything that is due now, once.

    Due jobs, then the texts whose time has come, then what is to stand in calendars. It does not wait for what is due
    later, and any number may run at once. Texts leave through the gateway of the settings, so run it with the
    deployment's: where none is set and the last ones left through another, it is refused. Exit 0 also where a job
    failed: the summary says so.
    """
    session: Session = context.obj

    async def once() -> Summary:
        async with session.sending_pool() as pool:
            summary = await session.processor(pool).process_due()
            await session.dispatcher(pool).dispatch_due()
            inviter = session.inviter(pool)
            if inviter is not None and await inviter.invite_due():
                # An organizer may have been told that their calendar is lost.
                await session.dispatcher(pool).dispatch_due()
            return summary

    summary = run(once)
    if as_json:
        show_json(asdict(summary))
    else:
        say(", ".join(f"{count} {name}" for name, count in asdict(summary).items()))


def cleanup(context: typer.Context, as_json: JsonOption = False) -> None:
    """Tidies up once, as a worker does by itself.

    Deletes jobs done or skipped three days ago and who did them, puts back what another client left in processing,
    writes reminders that could not be written with their syncs, and forgets sign-ins and sessions that are over; with
    AUTOSYNC_KEEP_TEXTS_DAYS, also words and numbers of old texts. Failed jobs stay.
    """
    session: Session = context.obj

    async def tidy() -> Tidied:
        async with session.pool() as pool:
            return await session.housekeeping(pool).tidy()

    tidied = run(tidy)
    if as_json:
        show_json(asdict(tidied))
    else:
        say(
            f"{tidied.deleted} deleted, {tidied.put_back} put back, {tidied.forgotten} sign-ins, sessions and the like"
            f" forgotten, {tidied.unworded} syncs and replies without their words"
        )


def restored(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="MOMENT", help="When the back-up was taken: 2h (ago), or 2026-12-01 03:00 in UTC.")
    ],
    dry_run: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Settles a database that was put back from a back-up.

    Run it before anything else is started, with the deployment's settings. Pauses sending, looks up at the gateway
    which of the queued texts had left already, takes what came in since, does what is due, looks up what these have
    written, and lets the others leave. It may be repeated. It cannot know what organizers did since by page or API.
    Texts in doubt stay for `autosync messages resolve`.
    """
    from autosync import restores  # noqa: PLC0415 - takes longer to load than most commands to run

    session: Session = context.obj
    moment = as_moment(since)

    async def settle() -> restores.Settled:
        async with session.sending_pool() as pool:
            return await restores.settle(
                pool,
                session.processor(pool),
                session.dispatcher(pool),
                session.gateways()[session.settings.gateway],
                since=moment,
                region=session.settings.default_region,
                links=session.links(),
                who=who(),
            )

    async def foresee() -> restores.Foreseen:
        async with session.connection() as connection:
            await session.require_gateway(connection)
            return await restores.foresee(
                connection,
                session.gateways()[session.settings.gateway],
                since=moment,
                region=session.settings.default_region,
            )

    if dry_run:
        foreseen = run(foresee)
        if as_json:
            show_json(asdict(foreseen))
            return
        say(
            f"Would take {foreseen.came_in} texts that came in since, do {foreseen.jobs} jobs that are due, and look up"
            f" {foreseen.doubted} queued texts at the gateway, besides what these bring about."
        )
        return
    settled = run(settle)
    if as_json:
        show_json(asdict(settled))
        return
    say(f"Texts that came in since and were taken: {settled.came_in}. Jobs done: {settled.jobs}.")
    say(
        f"Queued texts that may have left: {settled.doubted}. Of these {settled.had_left} are settled,"
        f" {settled.to_leave} leave now, {settled.in_doubt} are looked up again by the worker, and {settled.to_decide}"
        " wait for you: `autosync messages list --status unknown`."
    )
    say("Sending goes on." if settled.resumed else "Sending stays paused, as it was: `autosync sending status`.")


def worker(
    context: typer.Context,
    metrics_port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Also answer /metrics and /health on this port; 0: a free one."
        ),
    ] = None,
    metrics_host: Annotated[str, typer.Option(metavar="HOST", help="The address for these.")] = "127.0.0.1",
) -> None:
    """Processes, sends and tidies until it is told to stop.

    At SIGTERM or SIGINT it finishes what is in hand, then exits 0; SIGKILL loses nothing. Any number may run at once.
    It serves no pages, no API and no webhooks: that is `autosync serve`.
    """
    session: Session = context.obj
    logs.set_up(session.log_level)
    session.warn_of_settings()

    async def work() -> None:
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        async with AsyncExitStack() as beside:
            pool = await beside.enter_async_context(session.sending_pool())
            working = session.worker(pool)
            if metrics_port is not None:
                from autosync.web.app import create_watched  # noqa: PLC0415 - takes longer to load than most commands to run
                from autosync.web.server import listen, serving_beside  # noqa: PLC0415

                watched = create_watched(pool=pool, worker=working, meters=session.meters)
                listening = listen(metrics_host, metrics_port)
                log.info("answering_metrics", host=metrics_host, port=listening.getsockname()[1])
                await beside.enter_async_context(serving_beside(watched, listening))
            working.start()
            log.info("worker_started")
            await stopping.wait()
            await working.stop()
            log.info("worker_stopped")

    run(work)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: PortOption = 8000,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Only answer, and tidy.")] = False,
) -> None:
    """Serves pages, API, webhooks and the function endpoint.

    With a worker inside unless told otherwise. At SIGTERM or SIGINT it finishes what is in hand, then exits 0. It
    speaks plain HTTP: TLS is for the proxy in front of it.
    """
    from autosync.web.app import create_app  # noqa: PLC0415 - takes longer to load than most commands to run
    from autosync.web.server import listen, serve_until_stopped  # noqa: PLC0415

    session: Session = context.obj
    logs.set_up(session.log_level)
    session.warn_of_settings()

    async def answer() -> None:
        async with session.sending_pool() as pool:
            worker = None if no_worker else session.worker(pool)
            app = create_app(
                pool=pool,
                processor=session.processor(pool),
                dispatcher=session.dispatcher(pool),
                worker=worker,
                meters=session.meters,
                service_key=session.settings.service_key,
                twilio=session.twilio_webhooks(),
                tokens=session.tokens(),
                organizers=session.organizers_api(pool, worker),
                sign_in=session.sign_in(pool),
                links=session.links(),
                region=session.settings.default_region,
                inviter=session.inviter(pool),
            )
            await serve_until_stopped(app, listen(host, port), worker or session.housekeeping(pool).loop())

    run(answer)


def timings(
    context: typer.Context,
    profile: Annotated[
        Literal["production", "demo"] | None,
        typer.Argument(metavar="[production|demo]", help="The profile to make active."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Shows or sets the delays of reminder and pause.

    Production: 24 h and 48 h; demo: 5 and 10 minutes, with a clock that can be moved. Jobs that are scheduled already
    keep their times.
    """
    session: Session = context.obj

    async def set_and_read() -> list[clock.Profile]:
        async with session.connection() as connection:
            if profile is not None:
                async with connection.transaction():
                    await clock.activate(connection, profile)
                    await note(connection, "timings", details=profile)
            return await clock.profiles(connection)

    rows = [
        (p.name, p.active, p.timings.reminder_delay, p.timings.pause_delay, p.clock_offset) for p in run(set_and_read)
    ]
    show(
        ("profile", "active", "reminder_delay", "pause_delay", "clock_ahead"),
        rows,
        as_json=as_json,
        empty="No profile is set up: production's delays are in force. `autosync timings production` writes it anew.",
    )


def settings_command(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists every setting: default, meaning, whether it is set.

    Settings come from the environment, as AUTOSYNC_*. No value is shown. Exit 2 if one is wrong, with what is.
    """
    session: Session = context.obj
    names = {name.upper() for name in os.environ}
    rows = [
        (
            PREFIX + name.upper(),
            "" if field.default is None else str(field.default),
            "set" if PREFIX + name.upper() in names else "",
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    show(("setting", "default", "set", "meaning"), rows, as_json=as_json, empty="")
    if isinstance(session.given_settings, SettingsError):
        raise session.given_settings


def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option("--headless", help="Play it in the terminal and end.")] = False,
    port: PortOption = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only say where the page is.")] = False,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --headless: also draw what was played, as SVG, into this file."),
    ] = None,
) -> None:
    """Plays the whole story, with everybody's phones side by side.

    In the browser, with a clock to move ahead, or with --headless in the terminal, where it exits 1 if the story did
    not come out right. On an embedded database of its own that is gone afterwards; nothing is sent to anybody.
    """
    from autosync.demo import story  # noqa: PLC0415 - takes longer to load than most commands to run
    from autosync.demo.picture import write as draw  # noqa: PLC0415

    session: Session = context.obj
    if not headless:
        if picture is not None:
            raise Unusable("--picture draws what is played in the terminal: give --headless as well.")
        _demo_to_play_with(session, port, opens_browser=not no_browser)
        return
    console = _story_console(record=picture is not None)
    came_out_right = run(lambda: story.play(console))
    if picture is not None:
        draw(console, picture)
    raise typer.Exit(0 if came_out_right else 1)


def _demo_to_play_with(session: Session, port: int, *, opens_browser: bool) -> None:
    from autosync.demo import server as demo_server  # noqa: PLC0415 - takes longer to load than most commands to run

    logs.set_up("debug" if session.debug else "warning")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the server takes over; the database is stopped too

    def announce(address: str) -> None:
        say(f"The demo is at {address} (Ctrl-C ends it, and nothing is kept).")
        if opens_browser and _has_screen():
            webbrowser.open(address)

    say("Starting a PostgreSQL for the demo ...")
    run(lambda: demo_server.serve(port, announce))


def _has_screen() -> bool:
    """Whether a browser could show itself, rather than take over the terminal."""
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _story_console(*, record: bool) -> Console:
    """As wide as the terminal, or wide enough that a line stays a line in a pipe."""
    width = 110 if record else None if sys.stdout.isatty() else 160
    return Console(highlight=False, width=width, record=record)


COMMANDS: dict[str, Callable[..., None]] = {
    "migrate": migrate_command,
    "demo": demo,
    "serve": serve,
    "worker": worker,
    "process": process,
    "cleanup": cleanup,
    "restored": restored,
    "timings": timings,
    "settings": settings_command,
    "doctor": doctor,
    "fake-twilio": fake_twilio,
    "fake-google": fake_google,
}
