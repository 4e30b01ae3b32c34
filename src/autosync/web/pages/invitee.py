"""`/r/TOKEN`: one invitee's own page. Tick the times that work, change the answer later, keep the date once it is set.

The token stands for the text that it came with, so no account is needed, and no cookie is set. It opens nothing once
the sync has ended without invites, or a day after the chosen time; one that was chosen and then called off is shown so
until then. Nothing of anybody else's is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from autosync import inbox, quiet_hours, texts
from autosync.calendars import files
from autosync.database import invitations
from autosync.database.invitations import Invitation
from autosync.database.pool import Pool
from autosync.invitee_links import PATH, Links
from autosync.model import EventStatus, Option, Refused, SyncStatus
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.web.errors import NotAllowedError
from autosync.web.limits import read_small
from autosync.web.pages import zones
from autosync.web.pages.layout import PageRoute, file, page, sentence

SHOWN_AFTERWARDS = timedelta(days=1)
"""How long the chosen time stays on the page after it is over."""

_UNKNOWN = "This link is not one of ours, or the plan is gone. Look for our newest text, or just answer it by text."
_ENDED = "This plan has ended. If you were expecting something else, ask whoever invited you."
_NOTHING_TICKED = "Tick at least one time, or choose “None of these work”."


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as the page shows it. `own_time`: the same in the invitee's zone, where that is known and differs."""

    number: int
    when: str
    own_time: str | None
    is_over: bool
    ticked: bool


def create_router(pool: Pool, links: Links, *, region: str, wake: Callable[[], None]) -> APIRouter:
    """The page, its form, and the calendar file. `region`: the country of numbers without a country code.

    `wake`: called after an answer, which may have met the goal.
    """
    router = APIRouter(prefix=PATH.rstrip("/"), route_class=PageRoute, include_in_schema=False)

    async def find(token: str) -> Invitation:
        text_id = links.read(token)
        if text_id is None:
            raise NotAllowedError(404, _UNKNOWN)
        async with pool.connection() as connection:
            invitation = await invitations.load(connection, text_id)
        if invitation is None:
            raise NotAllowedError(404, _UNKNOWN)
        if _is_ended(invitation):
            raise NotAllowedError(410, _ENDED)
        return invitation

    @router.api_route("/{token}", methods=["GET", "HEAD"])
    async def show(token: str, zone: str = "") -> Response:
        """What is asked, and what was answered; or the time that was chosen. `zone`: shown in its time, too."""
        return _shown(token, await find(token), region, zone)

    @router.get("/{token}/zone")
    async def choose_zone(token: str, zone: str = "") -> Response:
        """The zones that the times can be shown in."""
        invitation = await find(token)
        chosen = zone if _is_zone(zone) else _own_zone(invitation, region) or invitation.sync.timezone
        return page("zone.html", zones=zones.with_also(chosen), zone=chosen, address=f"{PATH}{token}")

    @router.post("/{token}")
    async def answer(request: Request, token: str, zone: str = "") -> Response:
        """Keeps an answer: numbers of options under `option`, or `none`."""
        invitation = await find(token)
        numbers = await _numbers(request)
        if numbers is None:
            return _shown(token, invitation, region, zone, problem=_NOTHING_TICKED, status=422)
        try:
            async with pool.connection() as connection:
                await inbox.answer(connection, invitation.ask, numbers)
        except Refused as refused:
            return sentence("That did not work", str(refused), status=409)
        wake()
        return RedirectResponse(_address(token, zone), status_code=303)

    @router.get("/{token}/event.ics")
    async def event(token: str) -> Response:
        """The chosen time as a calendar file; once it is in doubt again, or called off, the file says so."""
        invitation = await find(token)
        if invitation.chosen is None:
            raise NotAllowedError(404, "No time has been chosen yet; the file is here once it is.")
        status = invitation.event_status
        content = files.event_file(
            invitation.sync, invitation.chosen, at=invitation.now, sequence=invitation.event_sequence, status=status
        )
        return file(content, media_type=files.media_type(status), name="event.ics")

    return router


def _is_ended(invitation: Invitation) -> bool:
    if invitation.sync.status is SyncStatus.STOPPED and not _is_called_off(invitation):
        return True
    if not invitation.sync.status.is_final:
        return False
    chosen = invitation.chosen
    return chosen is None or chosen.over_at + SHOWN_AFTERWARDS <= invitation.now


def _is_called_off(invitation: Invitation) -> bool:
    """Whether a time had been chosen before it was stopped."""
    return invitation.sync.status is SyncStatus.STOPPED and invitation.event_status is EventStatus.CANCELLED


async def _numbers(request: Request) -> list[int] | None:
    """The numbers that were ticked, none of them for `none`; None where neither was. Raises NotAllowedError."""
    try:
        form = parse_qs((await read_small(request)).decode(), max_num_fields=20)
        numbers = sorted({int(number) for number in form.get("option", [])})
    except ValueError as error:
        raise NotAllowedError(400, "The form cannot be read; open the link again and choose there.") from error
    if "none" in form:
        return []
    return numbers or None


def _is_zone(name: str) -> bool:
    return name in available_timezones()


def _address(token: str, zone: str) -> str:
    """The page's own address, with the zone that somebody chose."""
    return f"{PATH}{token}?{urlencode({'zone': zone})}" if _is_zone(zone) else f"{PATH}{token}"


def _shown(
    token: str, invitation: Invitation, region: str, zone: str, *, problem: str | None = None, status: int = 200
) -> Response:
    sync = invitation.sync
    own_zone = zone if _is_zone(zone) else _own_zone(invitation, region)
    shared: dict[str, Any] = {
        "organizer": texts.clean(sync.organizer_name, otherwise="A friend"),
        "event": texts.clean(sync.event_name, otherwise="A get-together"),
        "place": texts.clean(sync.event_location),
        "first_name": texts.clean(invitation.first_name),
        "address": _address(token, zone),
        "path": f"{PATH}{token}",
        "where": f"In {zones.label(zone)}" if _is_zone(zone) else "Where you are",
    }
    if sync.status.is_final and invitation.chosen is not None:
        chosen = invitation.chosen
        when, own_time = texts.when_shown(chosen, sync.timezone), _own_time(chosen, invitation, own_zone)
        template = "called_off.html" if _is_called_off(invitation) else "chosen.html"
        return page(template, when=when, own_time=own_time, **shared)
    choices = [
        Choice(
            option.number,
            texts.when_shown(option, sync.timezone),
            _own_time(option, invitation, own_zone),
            option.over_at <= invitation.now,
            option.id in (invitation.answer or ()),
        )
        for option in sync.options
    ]
    answered = invitation.answer is not None
    return page("invitee.html", status=status, choices=choices, answered=answered, problem=problem, **shared)


def _own_zone(invitation: Invitation, region: str) -> str | None:
    """The zone that the invitee's number tells; None where it tells none, or several."""
    try:
        number = to_e164(invitation.phone_number or "", default_region=region)
    except UntextableNumber:
        return None
    zones = quiet_hours.zones_of(number, fallback=invitation.sync.timezone)
    return zones[0] if len(zones) == 1 else None


def _own_time(option: Option, invitation: Invitation, zone: str | None) -> str | None:
    """The option in the invitee's own zone, where their clocks show something else."""
    if zone is None:
        return None
    there, here = texts.when_shown(option, invitation.sync.timezone), texts.when_shown(option, zone)
    return None if _hours(there) == _hours(here) else here


def _hours(when: str) -> str:
    """What the clocks show, without the zone's letters: New York and Toronto are the same to people."""
    return when.rpartition(" ")[0]
