"""`/new`: a new sync in two steps, the form and a preview of exactly what would be sent; then it starts.

In the form, a phrase such as "next week evenings" can be made times, with the buttons that say `find` or `others-3`.

Nothing is stored before the start: what was typed goes from step to step in the form itself, with the id that the sync
will have. So a start that is sent twice, by a double click, a reload or the way back, starts once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from autosync import previews, syncs, texts
from autosync.database import clock, people
from autosync.database.people import Crew, Organizer
from autosync.found_times import Calendar
from autosync.model import Refused
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages import zones
from autosync.web.pages.forms import read_form
from autosync.web.pages.found import LASTS, Finding, find
from autosync.web.pages.layout import PageRoute, ToOtherPage, app_page
from autosync.web.pages.typed_plan import PlanProblems, TypedPlan, fresh, make_plan, read_typed
from autosync.web.pages.visitor import Visitor, see
from autosync.web.starts import is_started, start_once

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_CENT = Decimal("0.01")
_OTHERS = re.compile(r"others-(\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Own:
    """What the form needs to know of its organizer. `crews`: each with how many belong to it."""

    organizer: Organizer
    crews: list[tuple[Crew, int]]


@router.get("/new")
async def show_form(request: Request, me: Visitor) -> Response:
    """The empty form; `?crew=ID` chooses a crew."""
    own = await _own(me)
    return _form(fresh(crew=request.query_params.get("crew", ""), zone=own.organizer.timezone), own)


@router.post("/new")
async def take_form(request: Request, me: Visitor) -> Response:
    """The next step: the preview, unless the button says something else; by the Enter key, times for a new phrase."""
    form = await read_form(request)
    typed, step = read_typed(form), form.text("step")
    own = await _own(me)
    if step == "another":
        return _form(replace(typed, id=uuid4()), own)
    if step == "change":
        return _form(typed, own)
    if choice := form.text("choice"):
        typed, step = replace(typed, phrase=choice), "find"
    others = _OTHERS.fullmatch(step)
    if others or step == "find" or (step == "enter" and typed.wants_times):
        skip = int(others[1]) if others and not typed.wants_times else 0
        return await _find(me, typed, own, skip)
    try:
        return await (_start if step == "start" else _preview)(me, typed, own)
    except PlanProblems as error:
        return _form(typed, own, error)
    except Refused as refusal:  # what is left to refuse is that nobody of the crew can be asked
        return _form(typed, own, PlanProblems({"crew": str(refusal)}))


async def _own(me: SignedIn) -> _Own:
    """The organizer and their crews. Raises ToOtherPage where they have not said who they are."""
    async with me.own_rows() as connection:
        found = await people.find_organizers(connection, me.id)
        crews = await people.list_crews(connection, me.id)
    if not found or not found[0].name:
        raise ToOtherPage("/me")
    return _Own(found[0], crews)


async def _plan(me: SignedIn, typed: TypedPlan, own: _Own) -> syncs.Plan:
    """Raises PlanProblems."""
    async with me.service() as connection:
        now, _ = await clock.read(connection)
    return make_plan(typed, organizer_id=me.id, crew_ids=[crew.id for crew, _ in own.crews], now=now)


async def _find(me: SignedIn, typed: TypedPlan, own: _Own, skip: int) -> Response:
    try:
        filled, finding = await find(me, typed, crew_ids=[crew.id for crew, _ in own.crews], skip=skip)
    except PlanProblems as error:
        return _form(typed, own, error)
    return _form(filled, own, finding=finding)


async def _start(me: SignedIn, typed: TypedPlan, own: _Own) -> Response:
    await start_once(me, typed.id, lambda: _plan(me, typed, own))
    return see(f"/syncs/{typed.id}")


async def _preview(me: SignedIn, typed: TypedPlan, own: _Own) -> Response:
    if await is_started(me, typed.id):
        return app_page("new_started.html", here="new", typed=typed)
    plan = await _plan(me, typed, own)
    async with me.service() as connection:
        preview = await syncs.preview(connection, plan, region=me.api.region, links=me.api.links)
    looked, conflicts = await me.api.free_times.check(me.id, plan.options, zone=texts.zone(plan.timezone))
    first, last = preview.texts[0], preview.texts[-1]
    price, currency = me.api.price_per_segment, me.api.currency
    costs = previews.document(replace(preview, texts=(first,)), price_per_segment=price, currency=currency)
    return app_page(
        "new_preview.html",
        here="new",
        typed=typed,
        zone=zones.label(typed.zone),
        sync=preview.sync,
        asked=[invitee.name or previews.NAMELESS for invitee in preview.sync.invitees],
        conflicts=[
            (texts.when(option, plan.timezone, with_zone=False), [conflict.sentence for conflict in found])
            for option, found in zip(preview.sync.options, conflicts, strict=True)
            if found
        ],
        calendar_note=None if looked.is_whole or looked.calendar is Calendar.NONE else looked.note,
        left_out=[(name or previews.NAMELESS, reason) for name, reason in preview.left_out],
        text=costs["texts"][0],
        own_text=last.body if len(preview.texts) > len(preview.sync.invitees) else None,
        has_links=me.api.links is not None and "/r/" in first.body,
        segments=preview.segments_total,
        cost=_money(costs["cost"]),
        segments_at_most=preview.segments_at_most,
        cost_at_most=_money(costs["cost_at_most"]),
        currency=currency,
    )


def _form(
    typed: TypedPlan, own: _Own, error: PlanProblems | None = None, *, finding: Finding | None = None
) -> Response:
    """The form with what was typed, and what is wrong beside its field, or what was found."""
    return app_page(
        "new.html",
        here="new",
        status=422 if error else 200,
        typed=typed,
        crews=own.crews,
        zones=zones.with_also(typed.zone if error is None or "zone" not in error.problems else ""),
        problems=error.problems if error else {},
        twice=error.twice if error else frozenset(),
        lasts=LASTS,
        finding=finding,
    )


def _money(exact: str) -> str:
    """Rounded up to cents, so that it is never less than what it costs."""
    return f"{Decimal(exact).quantize(_CENT, ROUND_UP):f}"
