"""`/ops/find`: whatever has this id, a job, a text or a sync; of a sync its jobs and texts, and what is missing."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync import explanations, operations
from autosync.database import clock, syncs
from autosync.database import operations as rows
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.ops import words
from autosync.web.pages.ops.operator import Operator
from autosync.web.pages.visitor import see

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/ops")

MOST = 100
"""Jobs, and texts, that are listed of one sync, the newest."""


@router.get("/find")
async def find(request: Request, operator: Operator) -> Response:
    """Leads to what has this id."""
    asked = request.query_params.get("id", "").strip()
    try:
        id_ = UUID(asked)
    except ValueError:
        return _found_nothing(asked, "An id looks like 6f1d2c3b-0000-4000-8000-000000000000.", status=422)
    async with operator.looking() as connection:
        if await rows.find_sync_of_job(connection, id_):
            return see(f"/ops/jobs/{id_}")
        if await rows.find_message_status(connection, id_):
            return see(f"/ops/texts/{id_}")
        sync = await syncs.load(connection, id_)
        if sync is None:
            return _found_nothing(asked, "No job, text or sync has this id. Jobs that are done go after three days.")
        now, _ = await clock.read(connection)
        jobs = await operations.list_jobs(connection, status=None, sync_id=id_, job_type=None, limit=MOST)
        texts = await operations.list_messages(connection, status=None, sync_id=id_, message_type=None, limit=MOST)
    return app_page(
        "ops_sync.html",
        here="find",
        sync=sync,
        answered=sum(invitee.answer is not None for invitee in sync.invitees),
        jobs=jobs,
        texts=texts,
        most=MOST,
        say=words,
        ago=lambda at: explanations.relative(at, now),
    )


def _found_nothing(asked: str, problem: str, *, status: int = 404) -> Response:
    return app_page("ops_found_nothing.html", status=status, here="find", asked=asked, problem=problem)
