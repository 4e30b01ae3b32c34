"""`/`: the organizer's syncs, those that wait for them first, then the newest; by state, a page at a time, live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync import texts
from autosync.database import calendars, clock, own_syncs
from autosync.database.own_syncs import OwnSync
from autosync.model import Option, SyncStatus
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages import words
from autosync.web.pages.layout import PageRoute, app_page, rendered
from autosync.web.pages.live import Fragments, LiveRoute, stream
from autosync.web.pages.pager import Pager, number_of
from autosync.web.pages.visitor import Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_live = APIRouter(route_class=LiveRoute, include_in_schema=False)

AT_ONCE = 25
"""Syncs on a page."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for. `show` None: syncs in any state."""

    show: SyncStatus | None
    page: int

    @property
    def query(self) -> str:
        """As it stands behind the path, with its question mark; empty for the first page of all."""
        fields = ({"show": self.show.value} if self.show else {}) | ({"page": self.page} if self.page > 1 else {})
        return f"?{urlencode(fields)}" if fields else ""


@dataclass(frozen=True, slots=True)
class _Found:
    """A page of the list. `lead`: seconds by which the clock is ahead."""

    wanted: _Wanted
    pager: Pager
    counts: Mapping[SyncStatus, int]
    syncs: list[OwnSync]
    lead: int


@router.get("/")
async def list_syncs(request: Request, me: Visitor) -> Response:
    """The list. `show`: a state; `page`: from 1 on."""
    wanted = _wanted(request)
    found = await _find(me, wanted)
    async with me.own_rows() as connection:
        calendar = await calendars.find(connection, me.id)
    return app_page(
        "home.html",
        here="syncs",
        live=f"/live/syncs{wanted.query}",
        fragments=_fragments(found),
        calendar=calendar,
    )


@_live.get("/live/syncs")
async def stream_syncs(request: Request, me: Visitor) -> Response:
    """The same, whenever it changes."""
    wanted = _wanted(request)
    shown: set[UUID] = set()

    async def render() -> Fragments:
        found = await _find(me, wanted)
        shown.clear()
        shown.update(sync.id for sync in found.syncs)
        return _fragments(found)

    return stream(request, render, sync_ids=shown, organizer_id=me.id)


def _wanted(request: Request) -> _Wanted:
    show = request.query_params.get("show", "")
    return _Wanted(SyncStatus(show) if show in list(SyncStatus) else None, number_of(request.query_params.get("page")))


async def _find(me: SignedIn, wanted: _Wanted) -> _Found:
    async with me.own_rows() as connection:
        counts = await own_syncs.count_own(connection, me.id)
        there_are = sum(counts.values()) if wanted.show is None else counts.get(wanted.show, 0)
        pager = Pager.of(
            wanted.page, there_are, AT_ONCE, address=lambda page: f"/{replace(wanted, page=page).query}", what="syncs"
        )
        syncs = await own_syncs.list_own(
            connection,
            me.id,
            status=wanted.show,
            skip=pager.skip,
            paused_first=wanted.show is None,
            limit=AT_ONCE,
        )
    async with me.service() as connection:
        lead = await clock.read_lead(connection)
    return _Found(wanted, pager, counts, syncs, round(lead.total_seconds()))


def _fragments(found: _Found) -> Fragments:
    """Those that wait for the organizer stand in a list of their own, unless one state is shown alone."""
    by_need: tuple[list[OwnSync], list[OwnSync]] = ([], [])
    for sync in found.syncs:
        by_need[found.wanted.show is None and sync.status is SyncStatus.PAUSED].append(sync)
    others, needing = by_need
    values = {
        "counts": found.counts,
        "all": sum(found.counts.values()),
        "show": found.wanted.show,
        "states": words.STATES,
        "needing": needing,
        "others": others,
    }
    return {
        "f-tabs": rendered("home_tabs.html", **values),
        "f-needing-title": rendered("home_needing.html", **values),
        "f-needing": [f"f-{sync.id}" for sync in needing],
        "f-others-title": rendered("home_others.html", **values),
        "f-others": [f"f-{sync.id}" for sync in others],
        "f-empty": rendered("home_empty.html", **values),
        "f-pages": rendered("pager.html", id="f-pages", pager=found.pager),
        **{f"f-{sync.id}": _row(sync, found.lead) for sync in found.syncs},
    }


def _row(sync: OwnSync, lead: int) -> str:
    chosen = None
    if sync.chosen_start is not None:
        chosen = texts.when_shown(Option(sync.id, 0, sync.chosen_start, sync.chosen_end), sync.timezone)
    return rendered(
        "home_row.html",
        sync=sync,
        state=words.STATES[sync.status],
        started=texts.moment_shown(sync.started_at, sync.timezone),
        coming=words.coming(sync.next_job),
        coming_at=texts.moment_shown(sync.next_job_at, sync.timezone) if sync.next_job_at else "",
        chosen=chosen,
        lead=lead,
    )


router.include_router(_live)
