"""GET /health/live and /health/ready: for whatever restarts processes and steers traffic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from autosync.database import jobs, migrate, pauses
from autosync.database.pool import Pool
from autosync.loops import STANDS_STILL
from autosync.web.errors import Problem
from autosync.worker import Worker


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """Whether there is any use in sending requests here, and what it waits for, in a sentence each."""

    status: Literal["ready", "not ready"]
    waits_for: list[str]
    missing_migrations: list[str]
    oldest_due_job_seconds: float
    claim_loop_stands_still_seconds: float | None


def create_router(pool: Pool, worker: Worker | None) -> APIRouter:
    """Both; `worker`: the one in this process, if any."""
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", summary="Is the process alive")
    async def live() -> Live:
        """The process answers."""
        return Live()

    @router.get(
        "/ready",
        summary="Is it ready",
        responses={503: {"model": Ready | Problem, "description": "It is not, or the database is away."}},
    )
    async def ready(response: Response) -> Ready:
        """Database reachable, schema current, claim loops progressing; how old the oldest due job is, in seconds."""
        async with pool.connection() as connection:
            missing = [migration.version for migration in await migrate.pending(connection)]
            age = await jobs.oldest_due_age(connection) if not missing else None
            is_paused = not missing and await pauses.is_everybodys(connection)
        still = worker.stands_still_since if worker else None
        is_ready = not missing and (still is None or still < STANDS_STILL)
        response.status_code = 200 if is_ready else 503
        return Ready(
            status="ready" if is_ready else "not ready",
            waits_for=list(_what_it_waits_for(missing, worker, is_paused=is_paused)),
            missing_migrations=missing,
            oldest_due_job_seconds=age.total_seconds() if age else 0,
            claim_loop_stands_still_seconds=still.total_seconds() if still else None,
        )

    return router


def _what_it_waits_for(missing: Sequence[str], worker: Worker | None, *, is_paused: bool) -> Iterator[str]:
    """Nothing of what operators or people have written: anybody may read it."""
    if missing:
        yield f"The schema lacks {', '.join(missing)}: `autosync migrate` brings it up."
    if is_paused:
        yield "All sending is paused: `autosync sending status` says why."
    if worker is None:
        return
    if worker.gateway_is_silent:
        yield "The gateway took none of the last texts: one at a time is tried until it takes one."
    for loop in worker.loops:
        if loop in worker.claiming and loop.stands_still_since >= STANDS_STILL:
            seconds = loop.since_last_turn.total_seconds()
            yield f"The loop {loop.name} has brought no turn to its end for {seconds:.0f} s."
        if loop.trouble is not None:
            yield f"A turn of the loop {loop.name} failed, and is tried again: {loop.trouble}."
