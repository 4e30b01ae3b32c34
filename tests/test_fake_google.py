"""The stand-in speaks as Google does: judged by Google's description of its interface, by Authlib, and rule by rule."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session

from autosync.fake_google.discovery import response_problems
from commands import AUTOSYNC, environment
from google_stand_in import (
    CLIENT_ID,
    CLIENT_SECRET,
    EVENTS_SCOPE,
    FREE_BUSY_SCOPE,
    REDIRECT_URI,
    SCOPES,
    YOU,
    GoogleStandIn,
    Tokens,
    authorize_address,
    exchange_fields,
    google_stand_in,
)
from waiting import until

ANN = "ann@example.com"
BEN = "ben@example.com"
EVENTS = "/calendar/v3/calendars/primary/events"
FREE_BUSY = "/calendar/v3/freeBusy"
VERIFIER = 64 * "v"
ALL = {"sendUpdates": "all"}


@pytest.fixture(scope="module")
def one_for_all() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
def google(one_for_all: GoogleStandIn) -> GoogleStandIn:
    one_for_all.forget()
    return one_for_all


@pytest.fixture
def tokens(google: GoogleStandIn) -> Tokens:
    return google.grant()


def an_event(**others: Any) -> dict[str, Any]:
    event = {
        "id": uuid4().hex,
        "summary": "Dinner",
        "start": {"dateTime": "2026-12-08T19:00:00", "timeZone": "America/New_York"},
        "end": {"dateTime": "2026-12-08T21:00:00", "timeZone": "America/New_York"},
        "attendees": [{"email": ANN, "displayName": "Ann"}, {"email": YOU}],
        **others,
    }
    return {name: value for name, value in event.items() if value is not None}


def call(google: GoogleStandIn, tokens: Tokens, method: str, path: str, body: Any = None, **more: Any) -> Any:
    headers = {**tokens.headers, **more.pop("headers", {})}
    return google.http.request(method, path, json=body, headers=headers, **more)


def insert(google: GoogleStandIn, tokens: Tokens, **others: Any) -> dict[str, Any]:
    answer = call(google, tokens, "POST", EVENTS, an_event(**others), params=ALL)
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    return event


def path_of(event: dict[str, Any]) -> str:
    return f"{EVENTS}/{event['id']}"


def busy(google: GoogleStandIn, tokens: Tokens, *calendars: str, **others: Any) -> Any:
    query = {
        "timeMin": "2026-12-08T00:00:00Z",
        "timeMax": "2026-12-10T00:00:00Z",
        "items": [{"id": calendar} for calendar in calendars or ("primary",)],
        **others,
    }
    return call(google, tokens, "POST", FREE_BUSY, {name: value for name, value in query.items() if value is not None})


def busy_times(google: GoogleStandIn, tokens: Tokens) -> list[tuple[str, str]]:
    return [(one["start"], one["end"]) for one in busy(google, tokens).json()["calendars"]["primary"]["busy"]]


def reason(answer: httpx.Response) -> tuple[int, str]:
    """The status and Google's reason, from a body that has the whole form."""
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == (answer.status_code, error["errors"][0]["message"]) or "status" in error
    return answer.status_code, error["errors"][0]["reason"]


def utc(hour: int, minute: int = 0, day: int = 8) -> datetime:
    return datetime.fromisoformat(f"2026-12-{day:02}T{hour:02}:{minute:02}:00+00:00")


def told(google: GoogleStandIn) -> list[tuple[str, list[str]]]:
    return [(one["kind"], one["recipients"]) for event in google.events() for one in event["notifications"]]


# Consent


def test_the_consent_page_asks_which_account_and_what_is_allowed(google: GoogleStandIn) -> None:
    google.people(YOU, ANN)

    page = google.page(authorize_address(verifier=VERIFIER, login_hint=ANN))

    assert (page.accounts, page.scopes) == ([YOU, ANN], list(SCOPES))
    assert "View your availability in your calendars" in page.html
    assert f'value="{ANN}" selected' in page.html


def test_yes_brings_a_code_back_and_no_an_error_both_with_the_state(google: GoogleStandIn) -> None:
    address = authorize_address(verifier=VERIFIER, state="a state & more")

    yes, no = urlsplit(google.allow(address)), urlsplit(google.deny(address))

    assert f"{yes.scheme}://{yes.netloc}{yes.path}" == REDIRECT_URI
    assert parse_qs(yes.query).keys() == {"code", "scope", "state"}
    assert parse_qs(yes.query)["state"] == ["a state & more"]
    assert parse_qs(no.query) == {"error": ["access_denied"], "state": ["a state & more"]}


def test_a_question_is_answered_once(google: GoogleStandIn) -> None:
    form = {
        "question": google.page(authorize_address(verifier=VERIFIER)).question,
        "decision": "allow",
        "account": YOU,
        "scope": [EVENTS_SCOPE],
    }

    answers = [google.http.post("/o/oauth2/v2/auth", data=form).status_code for _ in range(2)]

    assert answers == [302, 400]


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"client_id": "another"}, 401, "invalid_client"),
        ({"redirect_uri": "http://example.com/back"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://example.com/back#there"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, 400, "redirect_uri_mismatch"),
        ({"response_type": "token"}, 400, "invalid_request"),
        ({"state": ""}, 400, "invalid_request"),
        ({"scope": ""}, 400, "invalid_request"),
        ({"scope": "https://www.googleapis.com/auth/calendar.everything"}, 400, "invalid_scope"),
        ({"code_challenge": ""}, 400, "invalid_request"),
        ({"code_challenge": VERIFIER}, 400, "invalid_request"),
        ({"code_challenge_method": "plain"}, 400, "invalid_request"),
        ({"access_type": "always"}, 400, "invalid_request"),
        ({"prompt": "please"}, 400, "invalid_request"),
        ({"unknown": "1"}, 400, "invalid_request"),
    ],
)
def test_an_ill_formed_question_gets_an_error_page_and_is_noted(
    google: GoogleStandIn, wrong: dict[str, str], status: int, error: str
) -> None:
    answer = google.http.get(authorize_address(verifier=VERIFIER, **wrong))

    assert (answer.status_code, error in answer.text) == (status, True)
    assert [one["call"] for one in google.violations()] == ["authorize"]


def test_what_was_not_asked_for_cannot_be_allowed(google: GoogleStandIn) -> None:
    everything = "https://www.googleapis.com/auth/calendar"
    form = {
        "question": google.page(authorize_address(verifier=VERIFIER, scopes=[EVENTS_SCOPE])).question,
        "decision": "allow",
        "account": YOU,
        "scope": [EVENTS_SCOPE, everything],
    }

    back = google.http.post("/o/oauth2/v2/auth", data=form).headers["Location"]

    assert parse_qs(urlsplit(back).query)["scope"] == [EVENTS_SCOPE]


def test_only_the_clients_own_addresses_are_redirected_to() -> None:
    with google_stand_in(redirect_uris=["https://autosync.example/back"]) as google:
        own = authorize_address(verifier=VERIFIER, redirect_uri="https://autosync.example/back")

        assert google.allow(own).startswith("https://autosync.example/back?code=")
        assert google.http.get(authorize_address(verifier=VERIFIER)).status_code == 400


def test_what_somebody_writes_is_escaped_on_the_page(google: GoogleStandIn) -> None:
    google.people('"><script>alert(1)</script>@example.com')

    shown = google.page(authorize_address(verifier=VERIFIER)).html
    refused = google.http.get(authorize_address(verifier=VERIFIER, scope="<script>")).text

    assert "<script>" not in shown + refused


# Tokens


def code_of(google: GoogleStandIn, **others: str) -> str:
    return parse_qs(urlsplit(google.allow(authorize_address(verifier=VERIFIER, **others))).query)["code"][0]


def exchange(google: GoogleStandIn, code: str, /, **others: str | None) -> httpx.Response:
    fields = {**exchange_fields(code, VERIFIER), **others}
    return google.http.post("/token", data={name: value for name, value in fields.items() if value is not None})


def refresh(google: GoogleStandIn, tokens: Tokens, **others: str) -> httpx.Response:
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": tokens.refresh_token,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    return google.http.post("/token", data={**fields, **others})


def error_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.json().keys() == {"error", "error_description"}
    return answer.status_code, answer.json()["error"]


def test_authlib_gets_refreshes_and_revokes_tokens(google: GoogleStandIn) -> None:
    wants = {"redirect_uri": REDIRECT_URI, "scope": " ".join(SCOPES), "code_challenge_method": "S256"}
    with OAuth2Session(CLIENT_ID, CLIENT_SECRET, **wants) as client:
        address, state = client.create_authorization_url(
            f"{google.url}/o/oauth2/v2/auth", code_verifier=VERIFIER, access_type="offline", prompt="consent"
        )

        given = client.fetch_token(
            f"{google.url}/token", authorization_response=google.allow(address), code_verifier=VERIFIER, state=state
        )
        refreshed = client.refresh_token(f"{google.url}/token", refresh_token=given["refresh_token"])
        revoked = client.revoke_token(f"{google.url}/revoke", token=given["refresh_token"])

    assert given["token_type"] == "Bearer"
    assert given["access_token"] != refreshed["access_token"]
    assert revoked.status_code == 200
    assert (google.violations(), google.grants()) == ([], {})


def test_tokens_have_googles_five_fields_and_are_not_to_be_stored(google: GoogleStandIn) -> None:
    answer = exchange(google, code_of(google))

    assert answer.json().keys() == {"access_token", "expires_in", "refresh_token", "scope", "token_type"}
    assert answer.json()["expires_in"] == 3599
    assert set(answer.json()["scope"].split()) == set(SCOPES)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_code_is_exchanged_once(google: GoogleStandIn) -> None:
    code = code_of(google)

    assert exchange(google, code).status_code == 200
    assert error_of(exchange(google, code)) == (400, "invalid_grant")


def test_a_code_is_good_for_a_minute(google: GoogleStandIn) -> None:
    early, late = code_of(google), code_of(google)

    google.wait(55)
    assert exchange(google, early).status_code == 200
    google.wait(6)
    assert error_of(exchange(google, late)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"code_verifier": 64 * "w"}, (400, "invalid_grant")),
        ({"code_verifier": None}, (400, "invalid_grant")),
        ({"redirect_uri": "http://127.0.0.1:8000/elsewhere"}, (400, "redirect_uri_mismatch")),
        ({"redirect_uri": None}, (400, "invalid_request")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_secret": None}, (401, "invalid_client")),
        ({"client_id": "another"}, (401, "invalid_client")),
        ({"code": "4/0Anone"}, (400, "invalid_grant")),
        ({"unknown": "1"}, (400, "invalid_request")),
    ],
)
def test_an_exchange_that_is_wrong_is_refused_as_oauth_says(
    google: GoogleStandIn, others: dict[str, str | None], expected: tuple[int, str]
) -> None:
    assert error_of(exchange(google, code_of(google), **others)) == expected


def test_what_is_missing_in_an_exchange_is_noted_and_what_is_only_wrong_is_not(google: GoogleStandIn) -> None:
    exchange(google, code_of(google), code_verifier=64 * "w")
    assert google.violations() == []

    exchange(google, code_of(google), code_verifier=None)
    assert [one["problem"] for one in google.violations()] == ["The field code_verifier is missing."]


def test_the_client_may_name_itself_by_basic_but_not_in_two_ways(google: GoogleStandIn) -> None:
    fields = {name: value for name, value in exchange_fields("", VERIFIER).items() if not name.startswith("client")}

    def by_basic(secret: str, **others: str) -> httpx.Response:
        data = {**fields, "code": code_of(google), **others}
        return google.http.post("/token", data=data, auth=(CLIENT_ID, secret))

    wrong = by_basic("wrong")

    assert by_basic(CLIENT_SECRET).status_code == 200
    assert (error_of(wrong), wrong.headers["WWW-Authenticate"][:5]) == ((401, "invalid_client"), "Basic")
    assert error_of(by_basic(CLIENT_SECRET, client_secret=CLIENT_SECRET)) == (400, "invalid_request")


def test_a_refresh_gives_another_access_token_and_no_refresh_token(google: GoogleStandIn, tokens: Tokens) -> None:
    fresh = refresh(google, tokens).json()

    assert fresh.keys() == {"access_token", "expires_in", "scope", "token_type"}
    assert fresh["access_token"] != tokens.access_token
    assert google.violations() == []


def test_a_refresh_token_comes_with_the_first_consent_or_a_prompted_one_and_only_for_offline(
    google: GoogleStandIn,
) -> None:
    def has_one(**others: str) -> bool:
        return "refresh_token" in exchange(google, code_of(google, **others)).json()

    assert not has_one(access_type="online")
    assert has_one(prompt="select_account")
    assert not has_one(prompt="select_account")
    assert has_one(prompt="consent")


def test_an_access_token_is_over_after_its_time(google: GoogleStandIn) -> None:
    google.lasts(600)
    tokens = google.grant()

    assert tokens.lasts == 600
    google.wait(590)
    assert busy(google, tokens).status_code == 200
    google.wait(11)
    over = busy(google, tokens)

    assert reason(over) == (401, "authError")
    assert over.headers["WWW-Authenticate"].startswith("Bearer")
    assert refresh(google, tokens).status_code == 200


def test_access_tokens_can_be_ended_early_one_person_at_a_time(google: GoogleStandIn) -> None:
    google.people(YOU, ANN)
    yours, anns = google.grant(), google.grant(ANN)

    google.expire(YOU)

    assert [busy(google, one).status_code for one in (yours, anns)] == [401, 200]
    assert refresh(google, yours).status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_either_token_revokes_all_that_the_person_allowed(google: GoogleStandIn, kind: str) -> None:
    google.people(YOU, ANN)
    first, second, anns = google.grant(), google.grant(), google.grant(ANN)

    answer = google.http.post("/revoke", data={"token": getattr(first, kind)})
    again = google.http.post("/revoke", data={"token": getattr(first, kind)})

    assert (answer.status_code, answer.json()) == (200, {})
    assert error_of(again) == (400, "invalid_token")
    assert [error_of(refresh(google, one)) for one in (first, second)] == 2 * [(400, "invalid_grant")]
    assert [busy(google, one).status_code for one in (first, second, anns)] == [401, 401, 200]


def test_a_grant_that_is_ended_at_googles_side_is_invalid(google: GoogleStandIn, tokens: Tokens) -> None:
    google.revoke(YOU)

    answer = refresh(google, tokens)

    assert answer.json() == {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert (busy(google, tokens).status_code, google.grants()) == (401, {})


def test_without_a_token_one_has_to_log_in(google: GoogleStandIn) -> None:
    answer = google.http.get(f"{EVENTS}/whatever")

    assert reason(answer) == (401, "required")


@pytest.mark.parametrize(("scope", "expected"), [(FREE_BUSY_SCOPE, (200, 403)), (EVENTS_SCOPE, (403, 200))])
def test_what_was_not_ticked_is_not_allowed(google: GoogleStandIn, scope: str, expected: tuple[int, int]) -> None:
    back = google.allow(authorize_address(verifier=VERIFIER), scopes=[scope])
    given = exchange(google, parse_qs(urlsplit(back).query)["code"][0]).json()
    tokens = Tokens(given["access_token"], None, given["scope"], 0)

    looked, inserted = busy(google, tokens), call(google, tokens, "POST", EVENTS, an_event())

    assert given["scope"] == scope
    assert (looked.status_code, inserted.status_code) == expected
    refused = looked if looked.status_code == 403 else inserted
    assert reason(refused) == (403, "insufficientPermissions")
    assert refused.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


# Free and busy times


def test_free_busy_tells_of_events_and_of_calendars_that_it_does_not_find(
    google: GoogleStandIn, tokens: Tokens
) -> None:
    google.people(YOU, ANN)
    insert(google, tokens)

    answer = busy(google, tokens, "primary", YOU, ANN, "unknown@example.com").json()

    found = {"busy": [{"start": "2026-12-09T00:00:00Z", "end": "2026-12-09T02:00:00Z"}]}
    missing = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    assert response_problems("FreeBusyResponse", answer) == []
    assert (answer["timeMin"], answer["timeMax"]) == ("2026-12-08T00:00:00.000Z", "2026-12-10T00:00:00.000Z")
    assert answer["calendars"] == {"primary": found, YOU: found, ANN: missing, "unknown@example.com": missing}


def test_busy_times_that_overlap_or_touch_are_one_and_are_cut_at_the_querys_ends(
    google: GoogleStandIn, tokens: Tokens
) -> None:
    google.busy((utc(23, day=7), utc(1)), (utc(9), utc(11)), (utc(10), utc(12)), (utc(12), utc(13)), (utc(15), utc(16)))
    google.busy((utc(22, day=9), utc(3, day=10)), (utc(3, day=6), utc(4, day=6)))

    assert busy_times(google, tokens) == [
        ("2026-12-08T00:00:00Z", "2026-12-08T01:00:00Z"),
        ("2026-12-08T09:00:00Z", "2026-12-08T13:00:00Z"),
        ("2026-12-08T15:00:00Z", "2026-12-08T16:00:00Z"),
        ("2026-12-09T22:00:00Z", "2026-12-10T00:00:00Z"),
    ]


def test_what_is_transparent_or_deleted_takes_no_time(google: GoogleStandIn, tokens: Tokens) -> None:
    insert(google, tokens, transparency="transparent")
    call(google, tokens, "DELETE", path_of(insert(google, tokens)))
    assert busy_times(google, tokens) == []

    insert(google, tokens, status="tentative")
    assert len(busy_times(google, tokens)) == 1


def test_a_whole_day_is_busy_from_midnight_to_midnight_in_the_calendars_zone(google: GoogleStandIn) -> None:
    google.people(YOU, zone="America/New_York")
    tokens = google.grant()

    insert(google, tokens, start={"date": "2026-12-08"}, end={"date": "2026-12-09"})

    assert busy_times(google, tokens) == [("2026-12-08T05:00:00Z", "2026-12-09T05:00:00Z")]


def test_an_event_takes_its_attendees_time_until_they_decline(google: GoogleStandIn) -> None:
    google.people(YOU, ANN)
    yours, anns = google.grant(), google.grant(ANN)
    event = insert(google, yours)
    assert len(busy_times(google, anns)) == 1

    google.edit_event(event["id"], attendees=[{"email": ANN, "responseStatus": "declined"}])

    assert (busy_times(google, anns), len(busy_times(google, yours))) == ([], 1)


def test_busy_times_are_shown_in_the_zone_that_is_asked_for(google: GoogleStandIn, tokens: Tokens) -> None:
    google.busy((utc(9), utc(10)))

    shown = busy(google, tokens, timeZone="America/New_York").json()["calendars"]["primary"]["busy"]

    assert shown == [{"start": "2026-12-08T04:00:00-05:00", "end": "2026-12-08T05:00:00-05:00"}]


def test_every_calendar_has_its_own_times(google: GoogleStandIn) -> None:
    family = "family@group.calendar.google.com"
    google.people(YOU, calendars=[family])
    tokens = google.grant()
    google.busy((utc(9), utc(10)), calendar=family)
    insert(google, tokens)

    calendars = busy(google, tokens, "primary", family).json()["calendars"]

    assert [one["start"] for one in calendars["primary"]["busy"]] == ["2026-12-09T00:00:00Z"]
    assert [one["start"] for one in calendars[family]["busy"]] == ["2026-12-08T09:00:00Z"]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"timeMin": None}, "required"),
        ({"timeMax": None}, "required"),
        ({"timeMax": "2026-12-08T00:00:00Z"}, "timeRangeEmpty"),
        ({"timeMax": "2027-03-09T00:00:00Z"}, "timeRangeTooLong"),
        ({"timeMin": "2026-12-08T00:00:00"}, "badRequest"),
        ({"timeMin": "2026-12-08"}, "invalid"),
        ({"timeZone": "Mars/Olympus"}, "invalid"),
    ],
)
def test_a_query_for_no_time_or_too_much_is_refused(
    google: GoogleStandIn, tokens: Tokens, others: dict[str, Any], expected: str
) -> None:
    assert reason(busy(google, tokens, **others)) == (400, expected)


def test_ninety_days_can_be_asked_for(google: GoogleStandIn, tokens: Tokens) -> None:
    assert busy(google, tokens, timeMax="2027-03-08T00:00:00Z").status_code == 200


def test_more_calendars_than_fifty_are_too_many(google: GoogleStandIn, tokens: Tokens) -> None:
    answer = busy(google, tokens, *[f"{number}@example.com" for number in range(51)]).json()

    assert {one["errors"][0]["reason"] for one in answer["calendars"].values()} == {"tooManyCalendarsRequested"}


# Events


def test_a_taken_event_has_googles_fields(google: GoogleStandIn, tokens: Tokens) -> None:
    event_id = uuid4().hex

    event = insert(google, tokens, id=event_id)

    assert response_problems("Event", event) == []
    assert (event["id"], event["iCalUID"]) == (event_id, f"{event_id}@google.com")
    assert (event["status"], event["sequence"], event["kind"]) == ("confirmed", 0, "calendar#event")
    assert event["start"] == {"dateTime": "2026-12-09T00:00:00Z", "timeZone": "America/New_York"}
    assert event["organizer"] == event["creator"] == {"email": YOU, "self": True}
    assert event["attendees"] == [
        {"email": ANN, "displayName": "Ann", "responseStatus": "needsAction"},
        {"email": YOU, "responseStatus": "needsAction", "organizer": True, "self": True},
    ]
    assert event["etag"].startswith('"')


def test_moments_are_shown_in_the_calendars_zone_or_the_one_asked_for(google: GoogleStandIn) -> None:
    google.people(YOU, zone="Europe/Berlin")
    tokens = google.grant()
    event = insert(google, tokens)

    asked = call(google, tokens, "GET", path_of(event), params={"timeZone": "Asia/Tokyo"}).json()

    assert event["start"] == {"dateTime": "2026-12-09T01:00:00+01:00", "timeZone": "America/New_York"}
    assert asked["start"]["dateTime"] == "2026-12-09T09:00:00+09:00"


def test_without_an_id_google_makes_one(google: GoogleStandIn, tokens: Tokens) -> None:
    first, second = insert(google, tokens, id=None), insert(google, tokens, id=None)

    assert first["id"] != second["id"]
    assert call(google, tokens, "GET", path_of(first)).json() == first


def test_a_repeated_id_is_a_duplicate_also_after_the_event_was_deleted(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)

    again = call(google, tokens, "POST", EVENTS, an_event(id=event["id"]))
    call(google, tokens, "DELETE", path_of(event))
    after = call(google, tokens, "POST", EVENTS, an_event(id=event["id"]))

    message = "The requested identifier already exists."
    assert (again.status_code, after.status_code) == (409, 409)
    assert again.json() == {
        "error": {
            "errors": [{"domain": "global", "reason": "duplicate", "message": message}],
            "code": 409,
            "message": message,
        }
    }
    [entry] = google.events()
    assert (entry["inserts_accepted"], entry["inserts_refused"], entry["status"]) == (1, 2, "cancelled")


def test_the_same_id_can_be_in_two_calendars(google: GoogleStandIn) -> None:
    google.people(YOU, calendars=["family@group.calendar.google.com"])
    tokens = google.grant()
    event = insert(google, tokens)

    other = call(
        google,
        tokens,
        "POST",
        "/calendar/v3/calendars/family%40group.calendar.google.com/events",
        an_event(id=event["id"]),
    )

    assert other.json()["organizer"]["email"] == "family@group.calendar.google.com"
    assert len(google.events()) == 2


def test_primary_is_the_calendar_with_the_accounts_address(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)

    assert call(google, tokens, "GET", f"/calendar/v3/calendars/{YOU}/events/{event['id']}").json() == event


def test_somebody_elses_calendar_is_not_found(google: GoogleStandIn) -> None:
    google.people(YOU, ANN)
    yours, anns = google.grant(), google.grant(ANN)
    event = insert(google, yours)
    elsewhere = f"/calendar/v3/calendars/{YOU}/events"

    assert reason(call(google, anns, "POST", elsewhere, an_event())) == (404, "notFound")
    assert reason(call(google, anns, "GET", f"{elsewhere}/{event['id']}")) == (404, "notFound")


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ({"id": "abcd"}, "invalid"),
        ({"id": "with-a-dash"}, "invalid"),
        ({"id": "xyzxyz"}, "invalid"),
        ({"id": 1025 * "a"}, "invalid"),
        ({"iCalUID": "one@autosync.example"}, "invalid"),
        ({"end": {"dateTime": "2026-12-08T18:00:00", "timeZone": "America/New_York"}}, "timeRangeEmpty"),
        ({"end": {"date": "2026-12-09"}}, "invalid"),
        ({"start": {"dateTime": "2026-12-08T19:00:00"}}, "required"),
        ({"start": {"dateTime": "2026-12-08T19:00:00", "timeZone": "Mars/Olympus"}}, "invalid"),
        ({"start": {"timeZone": "America/New_York"}}, "invalid"),
        ({"attendees": [{"displayName": "Ann"}]}, "required"),
        ({"attendees": [{"email": "Ann"}]}, "invalid"),
        ({"reminders": {"overrides": [{"method": "popup", "minutes": 40_321}]}}, "invalid"),
        ({"recurrence": ["RRULE:FREQ=DAILY"]}, "invalid"),
        ({"eventType": "focusTime"}, "invalid"),
    ],
)
def test_an_event_that_google_would_not_take_is_not_taken(
    google: GoogleStandIn, tokens: Tokens, others: dict[str, Any], expected: str
) -> None:
    assert reason(call(google, tokens, "POST", EVENTS, an_event(**others))) == (400, expected)
    assert google.events() == []


def test_a_deleted_event_is_still_shown_with_its_details_as_cancelled(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)

    deleted = call(google, tokens, "DELETE", path_of(event))
    shown = call(google, tokens, "GET", path_of(event)).json()

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (shown["status"], shown["summary"]) == ("cancelled", "Dinner")


def test_what_is_deleted_already_is_gone_and_what_never_was_is_not_found(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)
    call(google, tokens, "DELETE", path_of(event))

    assert reason(call(google, tokens, "DELETE", path_of(event))) == (410, "deleted")
    for method, body in (("GET", None), ("PATCH", {}), ("PUT", an_event(id=None)), ("DELETE", None)):
        assert reason(call(google, tokens, method, f"{EVENTS}/neverwas", body)) == (404, "notFound")


def test_a_patch_changes_what_it_names_and_null_takes_away(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens, location="At Ann's", extendedProperties={"private": {"one": "1", "two": "2"}})

    changed = call(
        google,
        tokens,
        "PATCH",
        path_of(event),
        {"location": None, "extendedProperties": {"private": {"two": "3"}}, "attendees": [{"email": BEN}]},
    ).json()

    assert "location" not in changed
    assert changed["extendedProperties"] == {"private": {"one": "1", "two": "3"}}
    assert [one["email"] for one in changed["attendees"]] == [BEN]
    assert (changed["summary"], changed["start"]) == (event["summary"], event["start"])


def test_an_update_replaces_the_whole(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens, location="At Ann's")

    changed = call(google, tokens, "PUT", path_of(event), an_event(id=None, attendees=None)).json()

    assert ("location" in changed, "attendees" in changed, changed["summary"]) == (False, False, "Dinner")


def test_a_change_of_another_version_than_there_is_fails_and_changes_nothing(
    google: GoogleStandIn, tokens: Tokens
) -> None:
    event = insert(google, tokens)
    newer = call(google, tokens, "PATCH", path_of(event), {"summary": "Lunch"}).json()
    old, new = {"If-Match": event["etag"]}, {"If-Match": newer["etag"]}

    late = [
        call(google, tokens, method, path_of(event), body, headers=old)
        for method, body in (("PATCH", {"summary": "Breakfast"}), ("PUT", an_event(id=None)), ("DELETE", None))
    ]
    in_time = call(google, tokens, "PATCH", path_of(event), {"summary": "Brunch"}, headers=new)

    assert [reason(one) for one in late] == 3 * [(412, "conditionNotMet")]
    assert late[0].json()["error"]["errors"][0]["location"] == "If-Match"
    assert in_time.json()["summary"] == "Brunch"
    assert len({event["etag"], newer["etag"], in_time.json()["etag"]}) == 3


def test_what_has_not_changed_need_not_be_sent(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)

    assert call(google, tokens, "GET", path_of(event), headers={"If-None-Match": event["etag"]}).status_code == 304


def test_a_patch_that_changes_nothing_makes_no_new_version_and_tells_nobody(
    google: GoogleStandIn, tokens: Tokens
) -> None:
    event = insert(google, tokens)

    same = call(google, tokens, "PATCH", path_of(event), {"summary": "Dinner"}, params=ALL).json()
    whole = call(google, tokens, "PUT", path_of(event), event, params=ALL).json()

    assert same == whole == event
    assert told(google) == [("invited", [ANN])]


def test_the_sequence_rises_with_the_time_and_never_falls(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens, sequence=3)

    def patched(**changes: Any) -> httpx.Response:
        answer: httpx.Response = call(google, tokens, "PATCH", path_of(event), changes)
        return answer

    later = {"dateTime": "2026-12-08T22:00:00", "timeZone": "America/New_York"}
    assert event["sequence"] == 3
    assert patched(summary="Lunch").json()["sequence"] == 3
    assert patched(end=later).json()["sequence"] == 4
    assert patched(sequence=7).json()["sequence"] == 7
    assert reason(patched(sequence=6)) == (400, "invalid")


def test_a_deleted_event_is_restored_by_its_status_and_its_attendees_are_invited_again(
    google: GoogleStandIn, tokens: Tokens
) -> None:
    event = insert(google, tokens)
    call(google, tokens, "DELETE", path_of(event), params=ALL)

    restored = call(google, tokens, "PATCH", path_of(event), {"status": "confirmed"}, params=ALL).json()

    assert (restored["status"], restored["id"], restored["sequence"]) == ("confirmed", event["id"], 2)
    assert told(google) == [("invited", [ANN]), ("cancelled", [ANN]), ("invited", [ANN])]


def test_an_event_keeps_its_id(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)

    assert reason(call(google, tokens, "PATCH", path_of(event), {"id": uuid4().hex})) == (400, "invalid")


def test_attendees_are_told_what_concerns_them(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)

    for changes in (
        {"attendees": [{"email": ANN}, {"email": BEN}]},
        {"location": "At Ben's"},
        {"extendedProperties": {"private": {"one": "1"}}},
        {"attendees": [{"email": BEN}]},
        {"status": "cancelled"},
    ):
        call(google, tokens, "PATCH", path_of(event), changes, params=ALL)

    assert told(google) == [
        ("invited", [ANN]),
        ("invited", [BEN]),
        ("updated", [ANN, BEN]),
        ("cancelled", [ANN]),
        ("cancelled", [BEN]),
    ]


@pytest.mark.parametrize(
    ("send_updates", "expected"),
    [
        ({"sendUpdates": "all"}, [ANN, BEN]),
        ({"sendUpdates": "externalOnly"}, [BEN]),
        ({"sendUpdates": "none"}, []),
        ({}, []),
    ],
)
def test_only_those_are_told_who_are_to_be(
    google: GoogleStandIn, send_updates: dict[str, str], expected: list[str]
) -> None:
    google.people(YOU, ANN)
    tokens = google.grant()

    call(google, tokens, "POST", EVENTS, an_event(attendees=[{"email": ANN}, {"email": BEN}]), params=send_updates)

    assert [recipient for _, recipients in told(google) for recipient in recipients] == expected


def test_a_person_deletes_and_changes_an_event_by_hand(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)

    google.edit_event(event["id"], summary="Supper")
    edited = call(google, tokens, "GET", path_of(event)).json()
    google.delete_event(event["id"])
    deleted = call(google, tokens, "GET", path_of(event)).json()

    assert (edited["summary"], deleted["status"]) == ("Supper", "cancelled")
    assert len({one["etag"] for one in (event, edited, deleted)}) == 3


def test_the_ledger_tells_of_an_event_what_a_test_wants_to_know(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens, extendedProperties={"private": {"autosync_sync": "one"}})
    call(google, tokens, "PATCH", path_of(event), {"summary": "Lunch"}, params=ALL)

    [entry] = google.events()

    assert entry == {
        "id": event["id"],
        "iCalUID": event["iCalUID"],
        "calendar": YOU,
        "summary": "Lunch",
        "status": "confirmed",
        "sequence": 0,
        "start": event["start"],
        "end": event["end"],
        "attendees": [ANN],
        "private": {"autosync_sync": "one"},
        "inserts_accepted": 1,
        "inserts_refused": 0,
        "changes": 1,
        "notifications": [
            {"kind": "invited", "recipients": [ANN], "sequence": 0},
            {"kind": "updated", "recipients": [ANN], "sequence": 0},
        ],
    }


# What fits the interface


def test_a_well_formed_request_of_each_kind_has_no_violation(google: GoogleStandIn, tokens: Tokens) -> None:
    refresh(google, tokens)
    busy(google, tokens)
    event = insert(google, tokens)
    call(google, tokens, "GET", path_of(event), params={"maxAttendees": 5})
    call(google, tokens, "PATCH", path_of(event), {"summary": None}, params=ALL)
    call(google, tokens, "PUT", path_of(event), an_event(id=event["id"]), params={"sendUpdates": "none"})
    call(google, tokens, "DELETE", path_of(event), params=ALL)
    google.http.post("/revoke", data={"token": tokens.access_token})

    assert google.violations() == []
    assert all(count == 1 for count in google.requests()["calls"].values())


@pytest.mark.parametrize(
    ("method", "path", "body", "params", "problem"),
    [
        ("POST", EVENTS, {"summary": "Dinner"}, {}, "The body lacks end."),
        ("POST", EVENTS, an_event(title="Dinner"), {}, "'title' was unexpected"),
        ("POST", EVENTS, an_event(summary=1), {}, "The body.summary: 1 is not of type 'string'."),
        ("POST", EVENTS, an_event(status="done"), {}, "'done' is not one of"),
        ("POST", EVENTS, an_event(attendees=[{"mail": ANN}]), {}, "The body.attendees[0]"),
        ("POST", EVENTS, an_event(attendees=[{"email": ANN, "responseStatus": "yes"}]), {}, "'yes' is not one of"),
        ("POST", EVENTS, an_event(start={"dateTime": "2026-12-08 19:00"}), {}, "is not a 'date-time'"),
        ("POST", EVENTS, an_event(start={"date": "2026-12-8"}), {}, "is not a 'date'"),
        ("POST", EVENTS, an_event(sequence=2**31), {}, "is not a 'int32'"),
        ("POST", EVENTS, an_event(extendedProperties={"private": {"one": 1}}), {}, "1 is not of type 'string'"),
        ("POST", EVENTS, an_event(), {"sendUpdates": "everybody"}, "sendUpdates cannot be 'everybody'"),
        ("POST", EVENTS, an_event(), {"maxAttendees": 0}, "maxAttendees cannot be '0'"),
        ("POST", EVENTS, an_event(), {"supportsAttachments": "yes"}, "supportsAttachments cannot be 'yes'"),
        ("POST", EVENTS, an_event(), {"notify": "all"}, "unknown parameter notify"),
        ("POST", EVENTS, an_event(), {"calendarId": "primary"}, "unknown parameter calendarId"),
        ("POST", EVENTS, an_event(), {"sendUpdates": ["all", "none"]}, "sendUpdates more than once"),
        ("POST", EVENTS, None, {}, "The body is not an object in JSON."),
        ("POST", EVENTS, [an_event()], {}, "The body is not an object in JSON."),
        ("PUT", f"{EVENTS}/abcdef", {"summary": "Dinner"}, {}, "The body lacks start."),
        ("PATCH", f"{EVENTS}/abcdef", {"colour": "1"}, {}, "'colour' was unexpected"),
        ("GET", f"{EVENTS}/abcdef", None, {"sendUpdates": "all"}, "unknown parameter sendUpdates"),
        ("DELETE", f"{EVENTS}/abcdef", {}, {}, "There is a body where none belongs."),
        ("POST", FREE_BUSY, {"timeMin": "now"}, {}, "The body.timeMin: 'now' is not a 'date-time'."),
        ("POST", FREE_BUSY, {"items": ["primary"]}, {}, "'primary' is not of type 'object'"),
        ("POST", FREE_BUSY, {"calendars": []}, {}, "'calendars' was unexpected"),
    ],
)
def test_an_ill_formed_request_is_refused_and_noted(
    google: GoogleStandIn, tokens: Tokens, method: str, path: str, body: Any, params: dict[str, Any], problem: str
) -> None:
    answer = call(google, tokens, method, path, body, params=params)

    assert reason(answer) == (400, "invalid")
    assert any(problem in one["problem"] for one in google.violations()), google.violations()
    assert {one["person"] for one in google.violations()} == {YOU}
    assert google.events() == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", EVENTS, 405), ("POST", "/calendar/v3/freebusy", 404), ("POST", "/token/", 404), ("GET", "/token", 405)],
)
def test_what_is_asked_of_an_address_that_is_none_is_noted(
    google: GoogleStandIn, tokens: Tokens, method: str, path: str, status: int
) -> None:
    assert reason(call(google, tokens, method, path)) == (status, "notFound")
    assert [one["problem"] for one in google.violations()] == [f"There is no {method} {path}."]


def test_a_body_that_is_not_json_or_does_not_say_so_is_noted(google: GoogleStandIn, tokens: Tokens) -> None:
    for content, kind in ((b"{", "application/json"), (b"{}", "text/plain")):
        google.http.post(FREE_BUSY, content=content, headers={**tokens.headers, "Content-Type": kind})

    problems = [one["problem"] for one in google.violations()]
    assert "The body is not JSON." in problems
    assert "The body's type is 'text/plain', not application/json." in problems


def test_what_does_not_fit_is_noted_though_something_else_goes_wrong(google: GoogleStandIn, tokens: Tokens) -> None:
    google.plan("insert", "error_before")

    assert call(google, tokens, "POST", EVENTS, {"title": "Dinner"}).status_code == 503
    assert google.violations()


def test_what_is_read_only_is_ignored_and_noted_apart(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens, creator={"email": ANN}, attendees=[{"email": ANN, "self": True}])

    noted = google.http.get("/fake/violations").json()
    assert event["creator"]["email"] == YOU
    assert "self" not in event["attendees"][0]
    assert noted["violations"] == []
    assert {one["property"] for one in noted["read_only"]} == {"creator", "attendees[].self"}


# What can go wrong


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("error", (503, "backendError")),
        ("internal", (500, "backendError")),
        ("garbage", None),
        ("reset", None),
        ("timeout", None),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fault_before_leaves_nothing_done_and_one_after_leaves_it_done(
    google: GoogleStandIn, tokens: Tokens, fault: str, expected: tuple[int, str] | None, when: str
) -> None:
    event = an_event()
    google.plan("insert", f"{fault}_{when}")

    try:
        answer = call(google, tokens, "POST", EVENTS, event, timeout=0.5)
    except httpx.ReadTimeout:
        assert fault == "timeout"
    except httpx.TransportError:
        assert fault == "reset"
    else:
        assert (reason(answer) == expected) if expected else (fault == "garbage" and "<html>" in answer.text)
    assert [one["id"] for one in google.events()] == ([event["id"]] if when == "after" else [])
    assert call(google, tokens, "POST", EVENTS, event).status_code == (409 if when == "after" else 200)


@pytest.mark.parametrize(
    ("kind", "fault", "expected"),
    [
        ("insert", "throttle", (429, "rateLimitExceeded")),
        ("insert", "rateLimitExceeded", (403, "rateLimitExceeded")),
        ("insert", "userRateLimitExceeded", (403, "userRateLimitExceeded")),
        ("insert", "quotaExceeded", (403, "quotaExceeded")),
        ("insert", "duplicate", (409, "duplicate")),
        ("insert", "expired", (401, "authError")),
        ("freebusy", "throttle", (429, "rateLimitExceeded")),
        ("get", "not_found", (404, "notFound")),
        ("patch", "deleted", (410, "deleted")),
        ("patch", "forbidden", (403, "forbidden")),
        ("delete", "internal_before", (500, "backendError")),
    ],
)
def test_a_planned_fault_hits_the_next_call_of_its_kind_and_only_that(
    google: GoogleStandIn, tokens: Tokens, kind: str, fault: str, expected: tuple[int, str]
) -> None:
    event = insert(google, tokens)
    google.plan(kind, fault)

    def ask() -> httpx.Response:
        answers: dict[str, Any] = {
            "insert": lambda: call(google, tokens, "POST", EVENTS, an_event()),
            "freebusy": lambda: busy(google, tokens),
            "get": lambda: call(google, tokens, "GET", path_of(event)),
            "patch": lambda: call(google, tokens, "PATCH", path_of(event), {"summary": "Lunch"}),
            "delete": lambda: call(google, tokens, "DELETE", path_of(event)),
        }
        answer: httpx.Response = answers[kind]()
        return answer

    hit = ask()

    assert reason(hit) == expected
    assert hit.headers.get("Retry-After") == ("7" if expected[1].endswith("Exceeded") else None)
    assert ask().status_code == (401 if fault == "expired" else 204 if kind == "delete" else 200)
    assert len(google.events()) == (2 if kind == "insert" and fault != "expired" else 1)


def test_a_lost_answer_may_have_been_a_refusal(google: GoogleStandIn, tokens: Tokens) -> None:
    event = insert(google, tokens)
    google.plan("insert", "error_after")

    assert call(google, tokens, "POST", EVENTS, an_event(id=event["id"])).status_code == 503
    assert [entry["inserts_refused"] for entry in google.events()] == [1]


def test_a_slow_answer_comes_late(google: GoogleStandIn, tokens: Tokens) -> None:
    google.plan("get", "slow")
    event = insert(google, tokens)

    with pytest.raises(httpx.ReadTimeout):
        call(google, tokens, "GET", path_of(event), timeout=0.1)
    assert call(google, tokens, "GET", path_of(event), timeout=5).json() == event


@pytest.mark.parametrize(("fault", "status"), [("error_before", 503), ("internal_after", 500)])
def test_the_token_endpoint_fails_in_its_own_form(
    google: GoogleStandIn, tokens: Tokens, fault: str, status: int
) -> None:
    google.plan("refresh", fault)

    assert error_of(refresh(google, tokens)) == (status, "internal_failure")
    assert refresh(google, tokens).status_code == 200


def test_a_code_whose_answer_was_lost_is_used_up(google: GoogleStandIn) -> None:
    code = code_of(google)
    google.plan("exchange", "error_after")

    assert exchange(google, code).status_code == 503
    assert error_of(exchange(google, code)) == (400, "invalid_grant")


def test_a_grant_can_end_with_the_next_refresh_of_a_person(google: GoogleStandIn) -> None:
    google.people(YOU, ANN)
    yours, anns = google.grant(), google.grant(ANN)
    google.misbehave(people={YOU: ["invalid_grant"]})

    assert refresh(google, anns).status_code == 200
    assert error_of(refresh(google, yours)) == (400, "invalid_grant")
    assert error_of(refresh(google, yours)) == (400, "invalid_grant")
    assert google.grants().keys() == {ANN}


def test_a_persons_fault_waits_for_a_call_that_it_fits(google: GoogleStandIn, tokens: Tokens) -> None:
    google.misbehave(people={YOU: ["duplicate", "error_before"]})

    statuses = [
        busy(google, tokens).status_code,
        call(google, tokens, "POST", EVENTS, an_event()).status_code,
        busy(google, tokens).status_code,
        busy(google, tokens).status_code,
    ]

    assert statuses == [200, 409, 503, 200]


def test_chance_is_the_same_for_the_same_seed_and_keeps_to_its_probabilities(
    google: GoogleStandIn, tokens: Tokens
) -> None:
    def failed(**plan: Any) -> list[int]:
        google.misbehave(seed=11, **plan)
        return [number for number in range(30) if busy(google, tokens).status_code == 503]

    first = failed(probabilities={"error_before": 0.3, "invalid_grant": 1})

    assert failed(probabilities={"error_before": 0.3}) == first
    assert 3 <= len(first) <= 17
    assert failed(probabilities={"error_before": 1}, by_call={"freebusy": {}}) == []
    assert failed(by_call={"freebusy": {"error_before": 1}}) == list(range(30))
    assert failed() == []


@pytest.mark.parametrize(
    "plan",
    [
        {"probabilities": {"earthquake": 0.1}},
        {"probabilities": {"slow": 1.1}},
        {"by_call": {"telephone": {"slow": 1}}},
        {"calls": {"insert": ["earthquake"]}},
        {"calls": {"insert": ["invalid_grant"]}},
        {"people": {YOU: ["earthquake"]}},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(google: GoogleStandIn, plan: dict[str, Any]) -> None:
    assert google.http.post("/fake/misbehave", json=plan).status_code == 400


def test_calls_are_counted_by_person_with_the_most_at_once(google: GoogleStandIn) -> None:
    google.people(YOU, ANN)
    yours, anns = google.grant(), google.grant(ANN)
    google.misbehave(by_call={"refresh": {"slow": 1}}, slow_seconds=0.3)

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda one: refresh(google, one), [yours, yours, yours, anns, yours]))

    people = google.requests()["people"]
    assert {answer.status_code for answer in answers} == {200}
    assert (people[YOU]["asked"]["refresh"], people[YOU]["most_at_once"]["refresh"]) == (4, 4)
    assert (people[ANN]["asked"]["refresh"], people[ANN]["most_at_once"]["refresh"]) == (1, 1)
    assert google.is_at_rest()
    assert google.asked("refresh") == 5


def test_the_ledger_is_in_the_order_of_taking(google: GoogleStandIn, tokens: Tokens) -> None:
    ids = [insert(google, tokens)["id"] for _ in range(5)]

    assert [entry["id"] for entry in google.events()] == ids
    assert all(first != second for first, second in pairwise(ids))


# The command


def test_the_stand_in_knows_nothing_of_the_rest_of_the_program() -> None:
    script = (
        "import sys, autosync.fake_google; print(*sorted(name for name in sys.modules if name.startswith('autosync')))"
    )

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert {name for name in loaded if not name.startswith("autosync.fake_google")} == {"autosync"}


def test_the_command_says_what_to_install_where_jsonschema_is_missing() -> None:
    script = "import sys; sys.modules['jsonschema'] = None; from autosync.cli import run; run(['fake-google'])"

    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment(None)
    )

    assert ran.returncode == 2
    needed = "The stand-in for Google needs jsonschema (in a checkout: pip install '.[stand-ins]')."
    assert ran.stderr == f"autosync: {needed}\n"


async def test_the_command_serves_it_with_the_client_of_the_settings(unused_port: int) -> None:
    settings = {
        "AUTOSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
        "AUTOSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "AUTOSYNC_TOKEN_KEYS": "k" * 43 + "=",
    }
    process = subprocess.Popen(
        [AUTOSYNC, "fake-google", "--port", str(unused_port), "--account", YOU, "--account", ANN],
        env=environment(None, **settings, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    google = GoogleStandIn(f"http://127.0.0.1:{unused_port}")
    try:

        async def answers() -> bool:
            try:
                return google.http.get("/fake/ledger").status_code == 200
            except httpx.TransportError:
                return False

        await until(answers)
        tokens = google.grant(ANN)
        assert insert(google, tokens)["creator"]["email"] == ANN
    finally:
        google.close()
        os.kill(process.pid, signal.SIGTERM)
        said, _ = process.communicate(timeout=15)

    assert CLIENT_ID in said
    assert CLIENT_SECRET not in said


def test_its_clock_can_be_put_ahead(google: GoogleStandIn, tokens: Tokens) -> None:
    before = datetime.fromisoformat(insert(google, tokens)["created"])

    google.wait(timedelta(minutes=30).total_seconds())

    assert datetime.fromisoformat(insert(google, tokens)["created"]) - before > timedelta(minutes=29)


def test_it_forgets_everything_when_told_to(google: GoogleStandIn) -> None:
    google.people(ANN)
    tokens = google.grant(ANN)
    insert(google, tokens)
    google.busy((utc(9), utc(10)), person=ANN)
    google.misbehave(probabilities={"error_before": 1})
    google.lasts(60)
    google.wait(1_000_000)
    google.http.get("/token")

    google.forget()

    assert (google.events(), google.violations(), google.grants()) == ([], [], {})
    assert google.page(authorize_address(verifier=VERIFIER)).accounts == [YOU]
    assert busy(google, tokens).status_code == 401
    fresh = google.grant()
    assert (fresh.lasts, busy_times(google, fresh)) == (3599, [])
    created = datetime.fromisoformat(insert(google, fresh)["created"])
    assert abs(created - datetime.now(created.tzinfo)) < timedelta(days=1)
