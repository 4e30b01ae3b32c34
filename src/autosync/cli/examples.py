"""Examples at the end of each command's help: lines that could be typed as they stand, but for ids and files.

`add_to(app)` puts them there. They live in one place because they are read and tried together, against the real parser.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand

_ID = "01a22518-afb0-763f-832e-d15d3e9ef192"

EXAMPLES: dict[str, tuple[str, ...]] = {
    "migrate": ("autosync migrate", "autosync migrate --status"),
    "demo": ("autosync demo", "autosync demo --headless"),
    "serve": ("autosync serve --port 8000", "autosync serve --host 0.0.0.0 --no-worker"),
    "worker": ("autosync worker", "autosync worker --metrics-port 9464"),
    "process": ("autosync process",),
    "cleanup": ("autosync cleanup",),
    "restored": ("autosync restored --since 2h --dry-run", "autosync restored --since '2026-12-01 03:00'"),
    "timings": ("autosync timings", "autosync timings production"),
    "settings": ("autosync settings",),
    "doctor": ("autosync doctor", "autosync doctor --format markdown > review.md"),
    "fake-twilio": ("autosync fake-twilio --port 8025",),
    "fake-google": ("autosync fake-google --account you@example.com",),
    "bench": (
        "autosync bench",
        "autosync bench --only reminder --against procrastinate --rounds 3",
    ),
    "organizers add": ("autosync organizers add --first-name Maya --phone '212 555 0110'",),
    "organizers list": ("autosync organizers list",),
    "organizers sign-in": ("autosync organizers sign-in", f"autosync organizers sign-in {_ID}"),
    "contacts import": ("autosync contacts import friends.vcf --crew Friends",),
    "crews list": ("autosync crews list",),
    "syncs propose": ("autosync syncs propose 'next week evenings' --crew Friends",),
    "syncs start": (
        "autosync syncs start --event Dinner --crew Friends \\\n"
        "    --option '2026-12-19 18:00 to 20:00' --option '2026-12-20 18:00'",
        "autosync syncs start --event Dinner --crew Friends \\\n    --option '2026-12-19 18:00' --dry-run",
    ),
    "syncs list": ("autosync syncs list --status paused",),
    "syncs show": (f"autosync syncs show {_ID}",),
    "syncs explain": (f"autosync syncs explain {_ID}",),
    "syncs remind": (f"autosync syncs remind {_ID}",),
    "syncs invite": (f"autosync syncs invite {_ID} --option 2",),
    "syncs stop": (f"autosync syncs stop {_ID}",),
    "answers read": (
        "echo 'the first two' | autosync answers read --options 3",
        "autosync answers read --options 3 answers.txt",
    ),
    "answers receive": ("autosync answers receive '1 and 3' --from '212 555 0111'",),
    "answers replay": ("autosync answers replay --since 6h --dry-run", "autosync answers replay --since 6h"),
    "jobs list": ("autosync jobs list --status failed", f"autosync jobs list --sync {_ID}"),
    "jobs explain": (f"autosync jobs explain {_ID}",),
    "jobs run": (f"autosync jobs run {_ID}",),
    "jobs retry": ("autosync jobs retry --over 30m --dry-run", "autosync jobs retry --type reminder_24h"),
    "jobs cancel": (f"autosync jobs cancel {_ID}",),
    "messages list": ("autosync messages list --status unknown", f"autosync messages list --sync {_ID}"),
    "messages explain": (f"autosync messages explain {_ID}",),
    "messages resolve": (f"autosync messages resolve {_ID} --sent",),
    "messages requeue": (
        "autosync messages requeue --since 6h --dry-run",
        "autosync messages requeue --since 6h --over 30m",
    ),
    "events list": ("autosync events list",),
    "events retry": (f"autosync events retry {_ID}",),
    "interventions list": (
        "autosync interventions list --limit 20",
        f"autosync interventions list --about {_ID}",
    ),
    "privacy export": ("autosync privacy export --number '212 555 0111' > ann.json",),
    "privacy delete": (
        "autosync privacy delete --number '212 555 0111' --dry-run",
        f"autosync privacy delete --contact {_ID}",
    ),
    "sending pause": (
        "autosync sending pause --reason 'The gateway refuses everything.'",
        f"autosync sending pause --organizer {_ID} \\\n    --reason 'Complaints.'",
    ),
    "sending resume": ("autosync sending resume", f"autosync sending resume --organizer {_ID}"),
    "sending status": ("autosync sending status",),
    "suppressions list": ("autosync suppressions list --limit 20",),
    "suppressions add": ("autosync suppressions add '212 555 0111' --reason 'They called.'",),
    "suppressions remove": ("autosync suppressions remove '212 555 0111'",),
    "calendars status": ("autosync calendars status",),
    "calendars connect": ("autosync calendars connect", f"autosync calendars connect --organizer {_ID}"),
    "calendars disconnect": (f"autosync calendars disconnect --organizer {_ID}",),
    "calendars prefer": (
        "autosync calendars prefer --day-begins 10:00 --day-ends 22:30 --buffer 30m",
        "autosync calendars prefer --calendar primary --calendar maya@work.example",
    ),
    "calendars new-key": ("autosync calendars new-key",),
    "calendars seal": ("autosync calendars seal",),
    "cron install": (
        "AUTOSYNC_SERVICE_KEY=... autosync cron install \\\n"
        "    --url https://sync.example.org/functions/v1/process-auto-sync-jobs",
        "autosync cron install",
    ),
    "cron status": ("autosync cron status",),
    "cron remove": ("autosync cron remove",),
}


class WithExamples(TyperCommand):
    """A command whose help ends with its examples, and calls arguments by their names alone."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for parameter in self.params:
            if isinstance(parameter, TyperArgument) and parameter.metavar:
                parameter.display_type_rich = _nothing  # type: ignore[method-assign]

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Writes them as they stand: a line of shell is not wrapped."""
        if self.epilog:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.epilog.splitlines()))


def _nothing(*_: object, **__: object) -> str:
    """`SYNC`, not `SYNC <str>`."""
    return ""


def add_to(app: typer.Typer, path: str = "") -> None:
    """Ends the help of every command below `path` with its examples."""
    for command in app.registered_commands:
        found = EXAMPLES.get(f"{path}{command.name or getattr(command.callback, '__name__', '')}")
        if found:
            command.cls, command.epilog = WithExamples, "\n".join(found)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add_to(group.typer_instance, f"{path}{group.name} ")
