"""POST /functions/v1/process-auto-sync-jobs: anybody with the service key may have done what is due."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from autosync.dispatcher import Dispatcher
from autosync.processor import Processor
from autosync.web.callers import require_service
from autosync.web.errors import problems

if TYPE_CHECKING:
    from autosync.inviter import Inviter

PATH = "/functions/v1/process-auto-sync-jobs"

TIME_FOR_A_CALL = timedelta(seconds=20)
"""A call works for about this long, and leaves the rest to the next one."""

FOR_CALENDARS = timedelta(seconds=5)
"""So much of it is kept for calendars, however much else is due."""


class Done(BaseModel):
    """What a call did, in jobs, but for `messages`."""

    processed: int
    skipped: int = Field(description="Had become pointless.")
    retried: int = Field(description="Raised an error and will be tried again.")
    failed: int = Field(description="Raised one for the last time.")
    messages: int = Field(description="Texts that were queued.")
    remaining: int = Field(description="Due jobs that were left to the next call.")


def create_router(processor: Processor, dispatcher: Dispatcher, inviter: Inviter | None = None) -> APIRouter:
    """The endpoint over these; needs `callers` on the app's state. `inviter` None: there is no calendar to write to."""
    router = APIRouter(tags=["service"])

    @router.post(
        PATH,
        summary="Do what is due",
        dependencies=[Depends(require_service)],
        responses=problems(401, 403, 503),
    )
    async def process_auto_sync_jobs() -> Done:
        """Does what is due, in batches, until nothing is or about 20 seconds are over; says what it did."""
        until = time.monotonic() + TIME_FOR_A_CALL.total_seconds()

        def left() -> timedelta:
            return timedelta(seconds=until - time.monotonic())

        kept = timedelta() if inviter is None else FOR_CALENDARS
        summary = await processor.process_due(at_most=TIME_FOR_A_CALL - kept)
        await dispatcher.dispatch_due(at_most=left() - kept)
        if inviter is not None:
            await inviter.invite_due(at_most=left())
        return Done(**asdict(summary))

    return router
