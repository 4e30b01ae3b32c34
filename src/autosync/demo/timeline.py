"""What has happened, as lines that a person can follow: when, what job, what was sent to whom."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from autosync.database import clock
from autosync.database.demo import SeenJob, SeenText, all_jobs, all_texts
from autosync.database.pool import Connection

_MARKS = {"processed": "done", "skipped": "skipped", "failed": "FAILED", "pending": "due"}


class Timeline:
    """Prints, at each `show_news()`, the jobs and texts that have changed since the last one."""

    def __init__(self, connection: Connection, zone: ZoneInfo, console: Console) -> None:
        self._connection = connection
        self._zone = zone
        self._console = console
        self._jobs: dict[object, tuple[str, datetime]] = {}
        self._texts: dict[object, str] = {}

    async def say(self, who: str, what: str) -> None:
        """Somebody does something."""
        self._console.print()
        self._line(await self._now(), Text.assemble((who, "bold"), " ", what))

    async def show_news(self) -> None:
        """Jobs first, as they bring the texts about."""
        now = await self._now()
        for job in await all_jobs(self._connection):
            self._show_job(now, job)
        groups: dict[tuple[str, str, str | None, str], list[str]] = defaultdict(list)
        for text in await all_texts(self._connection):
            if self._texts.get(text.id) != text.status:
                self._texts[text.id] = text.status
                groups[text.type, text.status, text.reason, text.body].append(text.recipient)
        for (type_, status, reason, body), recipients in groups.items():
            self._show_texts(now, type_, status, reason, body, recipients)

    def _show_job(self, now: str, job: SeenJob) -> None:
        state = (job.status, job.scheduled_at)
        if self._jobs.get(job.id) == state:
            return
        self._jobs[job.id] = state
        line = Text.assemble((f"job {job.type}", "cyan"), f" {_MARKS.get(job.status, job.status)}")
        if job.status == "pending":
            line.append(f" {job.scheduled_at.astimezone(self._zone):%a %b %-d %H:%M}")
        if job.reason:
            line.append(f": {job.reason}", style="dim")
        self._line(now, line)

    def _show_texts(
        self, now: str, type_: str, status: str, reason: str | None, body: str, recipients: list[str]
    ) -> None:
        style = "green" if status == "sent" else "yellow"
        self._line(now, Text.assemble((f"text {type_}", style), f" {status} to ", (", ".join(recipients), "bold")))
        self._console.print(Padding(Text(reason or body, style="dim"), (0, 0, 0, 13)))

    def _line(self, now: str, text: Text) -> None:
        self._console.print(Text.assemble((f"{now}  ", "dim"), text))

    async def _now(self) -> str:
        now, _ = await clock.read(self._connection)
        return f"{now.astimezone(self._zone):%a %H:%M}"


def count_sent(texts: list[SeenText], type_: str) -> list[str]:
    """Who got texts of this type, by name, one entry a text."""
    return sorted(text.recipient for text in texts if text.type == type_ and text.status == "sent")
