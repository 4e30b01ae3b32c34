"""The commands and how they hang together."""

from __future__ import annotations

from typing import Annotated

import typer

from autosync import __version__
from autosync.cli import (
    answers,
    bench,
    calendars,
    cron,
    events,
    examples,
    interventions,
    jobs,
    logs,
    messages,
    operate,
    people,
    privacy,
    sending,
    suppressions,
    syncs,
)
from autosync.cli.session import open_session

_EPILOG = """Exit codes: 0 done; 1 refused, or something was found wanting; 2 unusable arguments, or the database cannot
be reached. An error is one sentence on standard error. Lists are tables on a terminal, and lines with tabs in a pipe.

`autosync COMMAND --help` says what a command does, and ends with examples; `autosync settings` lists the settings;
`autosync --install-completion` teaches them to your shell."""

app = typer.Typer(
    name="autosync",
    help="Gets a group of people to meet: options by text, one reminder, one decision.",
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for name, command in operate.COMMANDS.items():
    app.command(name)(command)
app.command("bench")(bench.bench)
app.add_typer(people.organizers, name="organizers")
app.add_typer(people.contacts_app, name="contacts")
app.add_typer(people.crews, name="crews")
app.add_typer(syncs.app, name="syncs")
app.add_typer(answers.app, name="answers")
app.add_typer(jobs.app, name="jobs")
app.add_typer(messages.app, name="messages")
app.add_typer(interventions.app, name="interventions")
app.add_typer(privacy.app, name="privacy")
app.add_typer(sending.app, name="sending")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(calendars.app, name="calendars")
app.add_typer(events.app, name="events")
app.add_typer(cron.app, name="cron")
examples.add_to(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autosync {__version__}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    database_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The database; else DATABASE_URL; else the embedded server. May stand anywhere."
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Log everything, and show where an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Prepares what every command shares."""
    del version
    context.obj = open_session(database_url, debug=debug)
    logs.set_up("debug" if debug else "warning")
