"""Values for tests of the rules: Maya asks Ann, Ben, Chloe, Dev and Eli to board games, three weeks ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from autosync.model import Invitee, Job, JobType, Option, ResponseGoal, Sync, SyncStatus, Timings

NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
FIRST_EVENING = datetime(2026, 12, 18, 23, tzinfo=UTC)
"""Fri Dec 18 at 6 PM in New York."""
PRODUCTION = Timings(timedelta(hours=24), timedelta(hours=48))
NAMES = ("Ann Lee", "Ben", "Chloe", "Dev", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jo")

Answer = Sequence[int] | None
"""The numbers of the options that somebody can make; none of them: not available. None: no answer yet."""


def uuid(number: int) -> UUID:
    return UUID(int=number)


def evening(number: int, *, hours: float | None = 2) -> Option:
    """An option from 6 PM in New York on the day of its number, without end for `hours` None."""
    start = FIRST_EVENING + timedelta(days=number - 1)
    return Option(uuid(number), number, start, None if hours is None else start + timedelta(hours=hours))


def between(start: datetime, end: datetime | None, number: int = 1) -> Option:
    return Option(uuid(number), number, start, end)


def answered(sync: Sync, *answers: Answer) -> Sync:
    """The sync with as many invitees as answers."""
    invitees = (
        Invitee(uuid(100 + place), name, None if answer is None else frozenset(uuid(number) for number in answer))
        for place, (name, answer) in enumerate(zip(NAMES, answers, strict=False))
    )
    return replace(sync, invitees=tuple(invitees))


def make_sync(*answers: Answer, options: int = 3, **changes: Any) -> Sync:
    """A running sync with `options` evenings, and as many invitees as answers."""
    sync = Sync(
        id=uuid(1000),
        status=SyncStatus.RUNNING,
        event_name="Board games",
        event_location="Joe's Cafe",
        timezone="America/New_York",
        response_goal=ResponseGoal.EVERYONE,
        organizer_name="Maya Lopez",
        options=tuple(evening(number) for number in range(1, options + 1)),
    )
    return replace(answered(sync, *answers), **changes)


def due(job_type: JobType) -> Job:
    return Job(uuid(2000), uuid(1000), job_type)
