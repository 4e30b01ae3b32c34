"""`/syncs/ID`: one sync, who can when, what happened and what comes next, its texts; and the organizer's decisions.

Sending invites and stopping are final, so each has a page of its own that says what it would do. What cannot be done
any more comes back as a sentence on the page as it is now.
"""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync import texts
from autosync.model import Refused, SyncStatus
from autosync.web import verbs
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages.forms import read_form
from autosync.web.pages.layout import PageRoute, app_page, sentence
from autosync.web.pages.live import Fragments, LiveRoute, stream
from autosync.web.pages.standing import OptionLine, invite_consequence, stop_consequence
from autosync.web.pages.sync_view import SyncView, Wanted, find_view, fragments_of
from autosync.web.pages.visitor import Visitor, see

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_live = APIRouter(route_class=LiveRoute, include_in_schema=False)

_DONE = {
    "remind": "It goes on: reminders are on their way.",
    "invite": "The invites are on their way.",
    "stop": "It has ended. Nobody gets any more texts about it.",
}


@router.get("/syncs/{sync_id}")
async def show_sync(request: Request, me: Visitor, sync_id: str) -> Response:
    """The page. `show` and `page`: which people; `texts` and `texts_page`: which texts; `did`: what was just done."""
    view = await find_view(me, sync_id, Wanted.of(request))
    if view is None:
        return _unknown()
    return _page(view, did=_DONE.get(request.query_params.get("did", "")))


@_live.get("/live/syncs/{sync_id}")
async def stream_sync(request: Request, me: Visitor, sync_id: str) -> Response:
    """The same, whenever something changes. A sync that is gone has no fragments, which loads the page anew."""
    wanted = Wanted.of(request)
    view = await find_view(me, sync_id, wanted)
    if view is None:
        return _unknown()

    async def render() -> Fragments:
        view = await find_view(me, sync_id, wanted)
        return fragments_of(view) if view else {}

    return stream(request, render, sync_ids=[view.id])


@router.post("/syncs/{sync_id}/remind")
async def remind(me: Visitor, sync_id: str) -> Response:
    """Reminds again."""
    view = await find_view(me, sync_id, Wanted())
    if view is None:
        return _unknown()
    try:
        await verbs.remind(me, view.id)
    except Refused as refusal:
        return await _refused(me, view.id, str(refusal))
    return see(f"/syncs/{view.id}?did=remind")


@router.get("/syncs/{sync_id}/invite")
async def confirm_invites(request: Request, me: Visitor, sync_id: str) -> Response:
    """Says what invites for one option would do. `option`: its number."""
    view = await find_view(me, sync_id, Wanted())
    if view is None:
        return _unknown()
    line, problem = _choice(view, request.query_params.get("option", ""))
    if line is None:
        return _page(view, problem=problem, status=409)
    try:
        body = texts.invite(view.sync, line.option)
    except ValueError as error:  # another client has given the sync a time zone that is none
        return _page(view, problem=str(error), status=409)
    return app_page(
        "sync_invite.html",
        here="syncs",
        view=view,
        line=line,
        body=body,
        has_links=me.api.links is not None,
        consequence=invite_consequence(view.standing, line),
    )


@router.post("/syncs/{sync_id}/invite")
async def invite(request: Request, me: Visitor, sync_id: str) -> Response:
    """Sends the invites for `option`. Once they are sent, the same again is done already."""
    form = await read_form(request)
    view = await find_view(me, sync_id, Wanted())
    if view is None:
        return _unknown()
    line = _line(view, form.text("option"))
    if line is None:
        return _page(view, problem="Choose the time that the invites are for.", status=422)
    if not line.is_chosen:
        try:
            await verbs.invite(me, view.id, line.number)
        except Refused as refusal:
            return await _refused(me, view.id, str(refusal), unless_chosen=line.number)
    return see(f"/syncs/{view.id}?did=invite")


@router.get("/syncs/{sync_id}/stop")
async def confirm_stop(me: Visitor, sync_id: str) -> Response:
    """Says what stopping would do."""
    view = await find_view(me, sync_id, Wanted())
    if view is None:
        return _unknown()
    if view.sync.status.is_final:
        return _page(view, problem=_ended(view), status=409)
    return app_page("sync_stop.html", here="syncs", view=view, consequence=stop_consequence(view.standing))


@router.post("/syncs/{sync_id}/stop")
async def stop(me: Visitor, sync_id: str) -> Response:
    """Stops it. Once it is stopped, the same again is done already."""
    view = await find_view(me, sync_id, Wanted())
    if view is None:
        return _unknown()
    if view.sync.status is not SyncStatus.STOPPED:
        try:
            await verbs.stop(me, view.id)
        except Refused as refusal:
            return await _refused(me, view.id, str(refusal))
    return see(f"/syncs/{view.id}?did=stop")


def _choice(view: SyncView, number: str) -> tuple[OptionLine | None, str]:
    """The option to invite for, or None and why there is none."""
    line = _line(view, number)
    if view.sync.status.is_final:
        return None, _ended(view)
    if line is None:
        return None, "Choose the time that the invites are for."
    if line.is_over:
        return None, f"{line.when} is over; choose a time that is still ahead."
    return line, ""


def _line(view: SyncView, number: str) -> OptionLine | None:
    return next((line for line in view.standing.options if str(line.number) == number), None)


def _ended(view: SyncView) -> str:
    return f"It was {view.sync.status} already, which is final."


async def _refused(me: SignedIn, sync_id: UUID, why: str, *, unless_chosen: int | None = None) -> Response:
    """The page as it is now, with the sentence; unless what was asked for has been done meanwhile."""
    view = await find_view(me, str(sync_id), Wanted())
    if view is None:
        return _unknown()
    chosen = view.standing.chosen
    if chosen and chosen.number == unless_chosen:
        return see(f"/syncs/{sync_id}?did=invite")
    return _page(view, problem=why, status=409)


def _page(view: SyncView, *, did: str | None = None, problem: str | None = None, status: int = 200) -> Response:
    return app_page(
        "sync.html",
        status=status,
        here="syncs",
        live=view.live,
        view=view,
        fragments=fragments_of(view),
        did=did,
        problem=problem,
    )


def _unknown() -> Response:
    text = "You have no sync at this address. It may have been deleted, or the address is not complete."
    return sentence("There is no such sync", text, status=404, to="/")


router.include_router(_live)
