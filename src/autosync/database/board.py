"""What operators are shown: how much there is of what, over time too, and lists of what went wrong, page by page.

Each function runs one statement that reads. Counts of what is there now stop at ENOUGH; those over time read what
happened within their window. Phone numbers come with three digits at most, and texts without their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.explanations import presentable
from autosync.model import full_name

ENOUGH = 10_000
"""Counting ends here."""

PAGE = 25
"""Rows of a page."""

Row = TypeVar("Row", bound="PagedJob | PagedText")


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until `over` (both aware), by steps of `width`."""

    start: datetime
    over: datetime
    width: timedelta


@dataclass(frozen=True, slots=True)
class JobsThen:
    """The jobs that were done within one step; `median`, `latest`: seconds late, None if none was processed."""

    step: datetime
    processed: int = 0
    skipped: int = 0
    median: float | None = None
    latest: float | None = None


@dataclass(frozen=True, slots=True)
class TextsThen:
    """The texts that were sent within one step, and how many of those written then have failed."""

    step: datetime
    sent: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in its list, to go on behind it."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class PagedJob:
    """A job of a list. `attempts`: how often it has raised; `at`: what the list is in order of."""

    id: UUID
    sync_id: UUID
    event_name: str
    type: str
    status: str
    attempts: int
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PagedText:
    """A text of a list. `ending`: the number's last three digits; `at`: what the list is in order of."""

    id: UUID
    sync_id: UUID
    event_name: str
    type: str
    status: str
    recipient: str
    ending: str | None
    reason: str | None
    error_code: str | None
    send_after: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of a list, and where it goes on; None: it ends here."""

    rows: Sequence[Row]
    next: Place | None


async def count_jobs(connection: Connection) -> dict[tuple[str, str], int]:
    """Jobs by (type, state): due, waiting, processing, failed, and processed or skipped within the last hour."""
    cursor = await connection.execute(statement("count_open_jobs"), {"enough": ENOUGH})
    return {(type_, state): count for type_, state, count in await cursor.fetchall()}


async def count_texts(connection: Connection) -> dict[str, int]:
    """Texts by state: due, held, sending, unknown, and sent within the last hour."""
    cursor = await connection.execute(statement("count_open_texts"), {"enough": ENOUGH})
    return dict(await cursor.fetchall())


async def jobs_over_time(connection: Connection, span: Span) -> list[JobsThen]:
    """The steps within which jobs were done, in order; the others are missing."""
    cursor = await connection.execute(statement("count_jobs_over_time"), _within(span))
    return [JobsThen(*row) for row in await cursor.fetchall()]


async def attempts_over_time(connection: Connection, span: Span) -> dict[datetime, int]:
    """How many attempts at jobs raised within each step; steps without are missing."""
    cursor = await connection.execute(statement("count_attempts_over_time"), _within(span))
    return dict(await cursor.fetchall())


async def texts_over_time(connection: Connection, span: Span) -> list[TextsThen]:
    """The steps within which texts were sent or failed, in order; the others are missing."""
    cursor = await connection.execute(statement("count_texts_over_time"), _within(span))
    return [TextsThen(*row) for row in await cursor.fetchall()]


def _within(span: Span) -> dict[str, object]:
    return {"start": span.start, "over": span.over, "width": span.width}


async def page_jobs(connection: Connection, show: str, behind: Place | None) -> Page[PagedJob]:
    """A page of the jobs that are `due`, `retried` or `failed`. Raises FileNotFoundError for another word."""
    cursor = await connection.execute(statement(f"page_{show}_jobs"), _behind(behind))
    return _page(
        [
            PagedJob(id_, sync, name, type_, status, attempts, presentable(reason), at)
            for id_, sync, name, type_, status, attempts, reason, at in await cursor.fetchall()
        ]
    )


async def page_texts(
    connection: Connection, show: str, behind: Place | None, *, code: str | None = None
) -> Page[PagedText]:
    """A page of the texts that are `due`, `held`, `unknown` or `failed`; `code`: of these the ones of the last day
    with this error code, empty for none."""
    name = "queued" if show in ("due", "held") else show
    parameters = _behind(behind) | {"held": show == "held", "code": code}
    cursor = await connection.execute(statement(f"page_{name}_texts"), parameters)
    return _page(
        [
            PagedText(
                id_, sync, name, type_, status, _recipient(to_organizer, first, last), ending or None,
                presentable(reason), error_code, send_after, at,
            )
            for (
                id_, sync, name, type_, status, to_organizer, first, last, ending, reason, error_code, send_after, at
            ) in await cursor.fetchall()
        ]
    )  # fmt: skip


def _recipient(to_organizer: bool, first_name: str | None, last_name: str | None) -> str:
    name = presentable(full_name(first_name, last_name))
    if to_organizer:
        return f"{name} (organizer)" if name else "the organizer"
    return name or "a contact without a name"


def _behind(place: Place | None) -> dict[str, object]:
    return {"at": place.at if place else None, "id": place.id if place else None, "limit": PAGE + 1}


def _page(rows: list[Row]) -> Page[Row]:
    shown = rows[:PAGE]
    return Page(shown, Place(shown[-1].at, shown[-1].id) if len(rows) > PAGE else None)
