"""`/ops`: whether all is well, in one sentence; the numbers behind it, live; and what happened over time."""

from __future__ import annotations

import psycopg
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from autosync.database import board
from autosync.database.pool import Connection
from autosync.doctor import report
from autosync.doctor.findings import Level
from autosync.web.pages.layout import PageRoute, app_page, log, rendered
from autosync.web.pages.live import LiveRoute, stream
from autosync.web.pages.ops import plots, words
from autosync.web.pages.ops.now import Now, read_now
from autosync.web.pages.ops.operator import Operator, is_operator

router = APIRouter(route_class=PageRoute, include_in_schema=False)
live_router = APIRouter(route_class=LiveRoute, include_in_schema=False)

EVERY = 3.0
"""Seconds after which the numbers are read again, for as long as somebody looks."""

_FRAGMENTS = ("verdict", "tiles", "queue", "outbox", "workers", "cron", "as_of")


@router.get("/ops")
async def show_board(request: Request, operator: Operator) -> Response:
    """The page. `last`: how far back the plots go."""
    range_ = plots.RANGES.get(request.query_params.get("last", ""), plots.RANGES["3h"])
    async with operator.looking() as connection:
        now = await read_now(connection)
        drawn = await _drawn(connection, now, range_)
    return app_page(
        "ops_board.html",
        live="/live/ops",
        here="now",
        now=now,
        fragments=_fragments(now),
        plots=drawn,
        ranges=plots.RANGES.values(),
        range=range_,
        level=_level(now),
    )


@live_router.get("/live/ops")
async def stream_board(request: Request, operator: Operator) -> Response:
    """The numbers, every few seconds."""

    async def render() -> dict[str, Markup]:
        async with operator.looking() as connection:
            return _fragments(await read_now(connection))

    return stream(request, render, every=EVERY, may_look=is_operator)


async def _drawn(connection: Connection, now: Now, range_: plots.Range) -> list[plots.Plot]:
    """The plots; none where counting took too long, which is no reason to show nothing at all."""
    span = plots.span_of(range_, now.at)
    try:
        async with connection.transaction():
            done = await board.jobs_over_time(connection, span)
            raised = await board.attempts_over_time(connection, span)
            texts = await board.texts_over_time(connection, span)
    except psycopg.errors.QueryCanceled:
        log.warning("plots_took_too_long", range=range_.name)
        return []
    return [
        plots.lateness(range_, span, done),
        plots.throughput(range_, span, done, raised),
        plots.texts(range_, span, texts),
    ]


def _fragments(now: Now) -> dict[str, Markup]:
    values = {"now": now, "say": words, "level": _level(now), "summary": report.SUMMARY[now.level]}
    return {f"f-{name}": rendered(f"ops_{name}.html", **values) for name in _FRAGMENTS}


def _level(now: Now) -> str:
    """A class for the style sheet."""
    if now.level in (Level.OK, Level.NOTE):
        return "well"
    return "ill" if now.level is Level.WRONG else "look"
