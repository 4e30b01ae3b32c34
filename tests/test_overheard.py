"""The scan of what is said while the tests run finds what it is there to find."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import overheard
from autosync.model import Refused
from autosync.traces import Happened, Traces
from autosync.web.errors import add_handlers
from overheard import personal
from signing import person_claims, sign_with_secret
from stand_in import AUTH_TOKEN, GOOGLES_SECRET, serving_app

pytest_plugins = ("pytester",)

NUMBER = "+12125550101"
A_TEST = """
import sys

def test_it():
    sys.stderr.write("text_sent to=" + {said!r})
"""


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"event": "sent", "to": "+12125550101"}', "a phone number"),
        ("GET /api/contacts?search=%2B12125550101", "a phone number"),
        ("sync_started organizer=Maya Lopez", "a full name"),
        ("Maya would love to hear from you. Which times work? 1) Fri", "the words of a text"),
        (f"POST /Messages {AUTH_TOKEN}", "a secret"),
        (f"database_away path=/r/{'Ab1-' * 10}", "a token"),
        (f"401 {sign_with_secret(person_claims(UUID(int=1)))}", "a token"),
        (f"calendar_not_refreshed token=ya29.a0{'Ab1-' * 10}", "what Google gave"),
        (f"GET /calendar/callback?code=4/0A{'Ab1-' * 10}", "what Google gave"),
        (f"/token client_secret={GOOGLES_SECRET}", "a secret"),
    ],
)
def test_what_must_not_be_said_is_found_and_not_repeated(line: str, what: str) -> None:
    [found] = personal(["all is well", line])
    assert found.startswith(f"{what} in: ")
    assert "1212" not in found
    assert AUTH_TOKEN not in found
    assert "Ab1-" not in found


@pytest.mark.parametrize(
    "line",
    [
        "autosync: +1212555 is too short for a phone number.",
        "2026-11-29T04:00:00.000001+00:00 0123456789012 lines",
        '{"sync_id": "01a22518-afb0-763f-832e-d15d3e9ef192", "event": "sync_started"}',
        "1 processed, 0 skipped",
    ],
)
def test_what_may_be_said_is_not_found(line: str) -> None:
    assert personal([line]) == []


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [(NUMBER, False), ("suppressions add (212) 555-0101", False), ("+12125550102", True), ("", True)],
)
def test_who_typed_a_number_may_be_shown_it_again(typed: str, is_found: bool) -> None:
    assert bool(personal([f"autosync: {NUMBER} is suppressed already."], typed=typed)) is is_found


@pytest.mark.parametrize(("said", "passes"), [(NUMBER, False), ("nobody", True)])
def test_a_test_fails_in_which_a_number_is_logged(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str], said: str, passes: bool
) -> None:
    pytester.makeconftest("from overheard import pytest_runtest_makereport  # noqa: F401")
    pytester.makepyfile(A_TEST.format(said=said))
    pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider").assert_outcomes(
        passed=1, errors=0 if passes else 1
    )
    capsys.readouterr()  # or this test would fail as well


# What is answered, and what is told elsewhere


def app_that_tells(number: str) -> FastAPI:
    """It refuses with a number in the sentence, and counts by id."""
    app = FastAPI()
    add_handlers(app)

    @app.post("/api/thing")
    async def thing(request: Request) -> None:
        await request.body()
        raise Refused(f"{number} is somebody else's.")

    @app.get("/metrics")
    async def metrics() -> str:
        return f'autosync_jobs_total{{sync="{UUID(int=1)}"}} 1'

    return app


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"number": "212 555 0102"}, ["409 to POST: a phone number in: "]),
        ({"number": "212 555 0101"}, []),
    ],
)
@pytest.mark.parametrize("served", [False, True], ids=["in this process", "by a server"])
async def test_an_answer_that_refuses_is_heard(asked: dict[str, str], found: list[str], served: bool) -> None:
    app = app_that_tells(NUMBER)
    if served:
        with serving_app(app) as url:
            async with httpx.AsyncClient(base_url=url) as client:
                await client.post("/api/thing", json=asked)
    else:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
            await client.post("/api/thing", json=asked)
    heard = overheard.taken()
    assert {each.partition("{")[0] for each in heard} == set(found)


async def test_all_of_the_metrics_is_heard() -> None:
    transport = httpx.ASGITransport(app=app_that_tells(NUMBER))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/metrics")).status_code == 200
    [found] = overheard.taken()
    assert found.startswith("/metrics: an id in: ")


async def test_spans_are_heard() -> None:
    traces = Traces.by(InMemorySpanExporter())
    now = time.time()
    traces.tell(Happened("sync", UUID(int=1), None, None, now, now, {"to": NUMBER}))
    await asyncio.to_thread(traces.close)
    assert [found.partition(" in: ")[0] for found in overheard.taken()] == ["a phone number"]
