"""`/ops/jobs`: those that failed, are tried again, or are due; why; and what can be done about each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync import explanations, operations
from autosync.database import board, clock
from autosync.database.operations import load_job
from autosync.explanations import JobFacts, JobStatus
from autosync.model import Refused
from autosync.web.errors import NotAllowedError
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.ops import words
from autosync.web.pages.ops.operator import THE_PAGE, Operator, OperatorsAccess
from autosync.web.pages.ops.paging import next_page, place_of
from autosync.web.pages.visitor import see

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/ops/jobs")

SHOWN = {"failed": "Failed", "retried": "Tried again", "due": "Due now"}

Verb = Callable[..., Awaitable[None]]

_DONE = {
    "run": "Done: it is due now, and the next worker that looks takes it.",
    "cancel": "Done: it is skipped.",
}


@router.get("")
async def list_jobs(request: Request, operator: Operator) -> Response:
    """A page of one of the lists."""
    asked, place = request.query_params.get("show", ""), place_of(request)
    show = asked if asked in SHOWN else "failed"
    async with operator.looking() as connection:
        now, _ = await clock.read(connection)
        page = await board.page_jobs(connection, show, place)
    return app_page(
        "ops_jobs.html",
        here="jobs",
        shown=SHOWN,
        show=show,
        rows=page.rows,
        next=next_page("/ops/jobs", page.next, show=show),
        is_first=place is None,
        done=_retried(request),
        say=words,
        ago=lambda at: explanations.relative(at, now),
    )


@router.post("/retry")
async def retry_failed(operator: Operator) -> Response:
    """Makes every failed job due that nothing else stands for."""
    async with operator.acting() as connection:
        retried = await operations.retry_failed(connection, who=THE_PAGE)
    operator.api.wake()
    return see(f"/ops/jobs?made_due={retried.made_due}&left={retried.left}")


@router.get("/{job_id}")
async def explain_job(request: Request, job_id: UUID, operator: Operator) -> Response:
    """Why it has, or has not, run, and what can be done."""
    return await _page(operator, job_id, done=_DONE.get(request.query_params.get("did", "")))


@router.post("/{job_id}/run")
async def run_job(job_id: UUID, operator: Operator) -> Response:
    """Makes it due now."""
    return await _change(operator, job_id, "run", operations.run_job)


@router.post("/{job_id}/cancel")
async def cancel_job(job_id: UUID, operator: Operator) -> Response:
    """Skips it."""
    return await _change(operator, job_id, "cancel", operations.cancel_job)


async def _change(operator: OperatorsAccess, job_id: UUID, name: str, verb: Verb) -> Response:
    try:
        async with operator.acting() as connection:
            await verb(connection, job_id, who=THE_PAGE)
    except Refused as error:
        return await _page(operator, job_id, problem=str(error))
    operator.api.wake()
    return see(f"/ops/jobs/{job_id}?did={name}")


async def _page(
    operator: OperatorsAccess, job_id: UUID, *, done: str | None = None, problem: str | None = None
) -> Response:
    async with operator.looking() as connection:
        facts = await load_job(connection, job_id)
    if facts is None:
        raise NotAllowedError(404, f"There is no job {job_id}; those that are done go after three days.")
    known = replace(facts, reason=words.private(facts.reason), error=words.private(facts.error))
    return app_page(
        "ops_job.html",
        status=409 if problem else 200,
        here="jobs",
        job=known,
        sentences=explanations.of_job(known),
        can_change=_can_change(facts),
        can_run=_can_change(facts) and not facts.sync_status.is_final,
        done=done,
        problem=problem,
        say=words,
    )


def _can_change(job: JobFacts) -> bool:
    return job.status in (JobStatus.PENDING, JobStatus.FAILED)


def _retried(request: Request) -> str | None:
    """What came of trying all again, from the address that it led to."""
    try:
        made_due, left = (int(request.query_params[name]) for name in ("made_due", "left"))
    except (KeyError, ValueError):
        return None
    rest = f" Left as they are: {left:,}, because their sync has ended or another job does the same." if left else ""
    return f"Made due: {made_due:,}.{rest}"
