"""The stand-in speaks as Google does: judged by Google's own description of its interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from autosync.fake_google.discovery import response_problems
from google_stand_in import YOU, GoogleStandIn, Tokens, google_stand_in

EVENTS = "/calendar/v3/calendars/primary/events"


@pytest.fixture
def google() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
def tokens(google: GoogleStandIn) -> Tokens:
    return google.grant()


def an_event(**others: Any) -> dict[str, Any]:
    return {
        "id": uuid4().hex,
        "summary": "Dinner",
        "start": {"dateTime": "2026-12-08T19:00:00", "timeZone": "America/New_York"},
        "end": {"dateTime": "2026-12-08T21:00:00", "timeZone": "America/New_York"},
        "attendees": [{"email": "ann@example.com", "displayName": "Ann"}, {"email": YOU}],
        **others,
    }


def call(
    google: GoogleStandIn, tokens: Tokens, method: str, path: str, body: Any = None, **options: Any
) -> httpx.Response:
    headers = {**tokens.headers, **options.pop("headers", {})}
    return google.http.request(method, path, json=body, headers=headers, **options)


def insert(google: GoogleStandIn, tokens: Tokens, **others: Any) -> dict[str, Any]:
    answer = call(google, tokens, "POST", EVENTS, an_event(**others), params={"sendUpdates": "all"})
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    return event


def test_an_event_is_taken_shown_changed_and_deleted(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)
    path = f"{EVENTS}/{event['id']}"

    shown = call(google, tokens, "GET", path)
    patched = call(google, tokens, "PATCH", path, {"summary": "Lunch"}, params={"sendUpdates": "all"})
    deleted = call(google, tokens, "DELETE", path)

    assert (shown.json(), patched.json()["summary"], deleted.status_code) == (event, "Lunch", 204)
    assert [response_problems("Event", one) for one in (event, patched.json())] == [[], []]
    assert google.violations() == []


def test_free_busy_tells_of_events(google: GoogleStandIn, tokens: Tokens) -> None:
    insert(google, tokens)
    query = {
        "timeMin": "2026-12-08T00:00:00Z",
        "timeMax": "2026-12-10T00:00:00Z",
        "items": [{"id": "primary"}, {"id": "unknown@example.com"}],
    }

    answer = call(google, tokens, "POST", "/calendar/v3/freeBusy", query).json()

    assert response_problems("FreeBusyResponse", answer) == []
    assert answer["calendars"] == {
        "primary": {"busy": [{"start": "2026-12-09T00:00:00Z", "end": "2026-12-09T02:00:00Z"}]},
        "unknown@example.com": {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []},
    }
