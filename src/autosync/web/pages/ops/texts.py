"""`/ops/texts`: those that are held, late, unknown or failed; why; and settling one of which nobody knows.

What a text says is on none of these pages: who it is for, when it was given to the gateway and the gateway's id are
enough to find it there.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync import explanations, operations
from autosync.database import board, clock
from autosync.database.operations import load_message
from autosync.explanations import MessageStatus
from autosync.model import Refused
from autosync.web.errors import NotAllowedError
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.ops import words
from autosync.web.pages.ops.operator import THE_PAGE, Operator, OperatorsAccess
from autosync.web.pages.ops.paging import next_page, place_of
from autosync.web.pages.visitor import see

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/ops/texts")

SHOWN = {"unknown": "Unknown", "failed": "Failed", "held": "Held", "due": "Due to leave"}

_DONE = {
    "sent": "Done: it counts as sent.",
    "queued": "Done: it is queued again, and leaves as soon as it may.",
    "canceled": "Done: it is canceled, not queued again, since its words have been deleted.",
}


@router.get("")
async def list_texts(request: Request, operator: Operator) -> Response:
    """A page of one of the lists. `code`: of the failed ones those of the last day with this error code."""
    asked, place = request.query_params.get("show", ""), place_of(request)
    show = asked if asked in SHOWN else "unknown"
    code = request.query_params.get("code") if show == "failed" else None
    async with operator.looking() as connection:
        now, _ = await clock.read(connection)
        page = await board.page_texts(connection, show, place, code=code)
    query = {"show": show} | ({"code": code} if code is not None else {})
    return app_page(
        "ops_texts.html",
        here="texts",
        shown=SHOWN,
        show=show,
        code=code,
        rows=page.rows,
        next=next_page("/ops/texts", page.next, **query),
        is_first=place is None,
        say=words,
        ago=lambda at: explanations.relative(at, now),
    )


@router.get("/{message_id}")
async def explain_text(request: Request, message_id: UUID, operator: Operator) -> Response:
    """Why it has, or has not, arrived, and what can be done."""
    return await _page(operator, message_id, done=_DONE.get(request.query_params.get("did", "")))


@router.post("/{message_id}/sent")
async def resolve_as_sent(message_id: UUID, operator: Operator) -> Response:
    """It was sent."""
    return await _resolve(operator, message_id, sent=True)


@router.post("/{message_id}/not-sent")
async def resolve_as_not_sent(message_id: UUID, operator: Operator) -> Response:
    """It was not sent, and is to be sent again."""
    return await _resolve(operator, message_id, sent=False)


async def _resolve(operator: OperatorsAccess, message_id: UUID, *, sent: bool) -> Response:
    try:
        async with operator.acting() as connection:
            status = await operations.resolve_message(connection, message_id, sent=sent, who=THE_PAGE)
    except Refused as error:
        return await _page(operator, message_id, problem=str(error))
    operator.api.wake()
    return see(f"/ops/texts/{message_id}?did={status}")


async def _page(
    operator: OperatorsAccess, message_id: UUID, *, done: str | None = None, problem: str | None = None
) -> Response:
    async with operator.looking() as connection:
        facts = await load_message(connection, message_id)
    if facts is None:
        raise NotAllowedError(404, f"There is no text {message_id}.")
    known = replace(facts, reason=words.private(facts.reason), ending=facts.ending and facts.ending[-3:])
    return app_page(
        "ops_text.html",
        status=409 if problem else 200,
        here="texts",
        text=known,
        sentences=explanations.of_message(known),
        is_unknown=facts.status is MessageStatus.UNKNOWN,
        done=done,
        problem=problem,
        say=words,
    )
