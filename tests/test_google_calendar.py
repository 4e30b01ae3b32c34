"""What every kind of answer of Google's means for whoever asked: over real HTTP, against the stand-in."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs

from autosync.calendars import google as google_module
from autosync.calendars import google_errors as errors
from autosync.calendars.google import SCOPES, GoogleCalendar, Grant
from autosync.calendars.google_errors import (
    Changed,
    Conflict,
    Gone,
    GoogleError,
    NotSetUp,
    Rejected,
    Revoked,
    Throttled,
    TooLittleAllowed,
    Unauthorized,
    Unsure,
)
from autosync.cli.session import Session
from autosync.settings import Settings, SettingsError
from autosync.windows import Window
from google_stand_in import CLIENT_ID, CLIENT_SECRET, YOU, GoogleStandIn, google_stand_in
from google_stand_in import SCOPES as STAND_IN_SCOPES

BACK = "http://127.0.0.1:8000/calendar/callback"
VERIFIER = secrets.token_urlsafe(48)
SHORT = timedelta(seconds=1)
MONDAY = datetime(2026, 12, 7, tzinfo=UTC)


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


def make_google(base_url: str, **options: Any) -> GoogleCalendar:
    options = {"client_id": CLIENT_ID, "client_secret": SecretStr(CLIENT_SECRET), "timeout": SHORT, **options}
    return GoogleCalendar(base_url=base_url, **options)


@pytest.fixture
async def google(stand_in: GoogleStandIn) -> AsyncIterator[GoogleCalendar]:
    opened = make_google(stand_in.url)
    yield opened
    await opened.close()


async def allowed(stand_in: GoogleStandIn, google: GoogleCalendar, **how: Any) -> Grant:
    """What a person gives, by the whole way."""
    address = google.consent_address(redirect_uri=BACK, state="a-state", verifier=VERIFIER)
    back = parse_qs(urlsplit(stand_in.allow(address, **how)).query)
    assert back["state"] == ["a-state"]
    return await google.exchange(back["code"][0], redirect_uri=BACK, verifier=VERIFIER)


@pytest.fixture
async def grant(stand_in: GoogleStandIn, google: GoogleCalendar) -> Grant:
    return await allowed(stand_in, google)


def an_event(**changes: Any) -> dict[str, Any]:
    return {
        "id": uuid4().hex,
        "summary": "Board games",
        "start": {"dateTime": "2026-12-08T19:00:00-05:00", "timeZone": "America/New_York"},
        "end": {"dateTime": "2026-12-08T21:00:00-05:00", "timeZone": "America/New_York"},
        "attendees": [{"email": "ann@example.com"}],
        "extendedProperties": {"private": {"autosync_sequence": "3"}},
        **changes,
    }


# The way there and back


async def test_consent_asks_for_the_least_and_brings_lasting_access(
    stand_in: GoogleStandIn, google: GoogleCalendar
) -> None:
    address = google.consent_address(redirect_uri=BACK, state="s", verifier=VERIFIER)
    grant = await allowed(stand_in, google)

    assert sorted(stand_in.page(address).scopes) == sorted(SCOPES) == sorted(STAND_IN_SCOPES)
    assert grant.refresh_token is not None
    assert grant.lasts == timedelta(seconds=3599)
    assert set((grant.scope or "").split()) == set(SCOPES)
    assert stand_in.violations() == []


def test_consent_is_asked_at_googles_own_address_unless_told_otherwise() -> None:
    google = GoogleCalendar(client_id=CLIENT_ID, client_secret=SecretStr(CLIENT_SECRET))

    address = google.consent_address(redirect_uri=BACK, state="s & t", verifier=VERIFIER)

    asked = parse_qs(urlsplit(address).query)
    assert address.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    assert asked["state"] == ["s & t"]
    assert asked["scope"] == [" ".join(SCOPES)]
    assert asked["code_challenge_method"] == ["S256"]
    assert VERIFIER not in address
    assert CLIENT_SECRET not in address


async def test_a_code_without_its_verifier_or_used_twice_is_good_for_nothing(
    stand_in: GoogleStandIn, google: GoogleCalendar
) -> None:
    def code() -> str:
        address = google.consent_address(redirect_uri=BACK, state="s", verifier=VERIFIER)
        return parse_qs(urlsplit(stand_in.allow(address)).query)["code"][0]

    with pytest.raises(Revoked) as other_verifier:
        await google.exchange(code(), redirect_uri=BACK, verifier=VERIFIER[::-1])
    used = code()
    await google.exchange(used, redirect_uri=BACK, verifier=VERIFIER)
    with pytest.raises(Revoked):
        await google.exchange(used, redirect_uri=BACK, verifier=VERIFIER)

    assert other_verifier.value.code == "400 invalid_grant"


async def test_a_refresh_brings_another_access_token_until_it_is_withdrawn(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant
) -> None:
    assert grant.refresh_token is not None
    second = await google.refresh(grant.refresh_token)
    assert second.access_token != grant.access_token
    assert second.refresh_token is None

    await google.revoke(grant.refresh_token)
    with pytest.raises(Revoked):
        await google.refresh(grant.refresh_token)
    assert stand_in.grants() == {}


async def test_what_is_withdrawn_already_can_be_withdrawn_again(google: GoogleCalendar, grant: Grant) -> None:
    await google.revoke(grant.access_token)
    await google.revoke(grant.access_token)


async def test_a_wrong_client_secret_is_our_fault_and_no_persons(stand_in: GoogleStandIn, grant: Grant) -> None:
    assert grant.refresh_token is not None
    stranger = make_google(stand_in.url, client_secret=SecretStr("another"))

    with pytest.raises(Rejected) as refused:
        await stranger.refresh(grant.refresh_token)

    await stranger.close()
    assert refused.value.code == "401 invalid_client"


# Free and busy


async def test_busy_times_are_those_of_all_calendars_merged(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant
) -> None:
    stand_in.people(YOU, calendars=["family@group.calendar.google.com"])
    hour = timedelta(hours=1)
    stand_in.busy((MONDAY, MONDAY + 2 * hour))
    family = "family@group.calendar.google.com"
    stand_in.busy((MONDAY + hour, MONDAY + 3 * hour), (MONDAY + 5 * hour, MONDAY + 6 * hour), calendar=family)

    found = await google.busy(
        grant.access_token, ["primary", family, "nobody@example.com"], begins=MONDAY, ends=MONDAY + timedelta(days=1)
    )

    assert found.busy == (
        Window(MONDAY, MONDAY + 3 * hour),
        Window(MONDAY + 5 * hour, MONDAY + 6 * hour),
    )
    assert found.unreadable == {"nobody@example.com": "notFound"}
    assert stand_in.violations() == []


async def test_a_long_look_is_made_of_shorter_ones(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant
) -> None:
    late = MONDAY + timedelta(days=150)
    stand_in.busy((MONDAY, MONDAY + timedelta(hours=1)), (late, late + timedelta(hours=1)))

    found = await google.busy(grant.access_token, ["primary"], begins=MONDAY, ends=MONDAY + timedelta(days=151))

    assert [window.begins for window in found.busy] == [MONDAY, late]
    assert stand_in.asked("freebusy") == 3
    assert stand_in.violations() == []


# Events


async def test_an_event_is_made_read_changed_and_removed(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant
) -> None:
    event = an_event()
    made = await google.insert_event(grant.access_token, "primary", event)
    assert (made.id, made.status, made.sequence) == (event["id"], "confirmed", 3)

    later = {"start": {"dateTime": "2026-12-08T20:00:00-05:00", "timeZone": "America/New_York"}}
    changed = await google.patch_event(grant.access_token, "primary", made.id, later, etag=made.etag)
    assert changed.etag != made.etag
    with pytest.raises(Changed):
        await google.patch_event(grant.access_token, "primary", made.id, {"summary": "x"}, etag=made.etag)
    with pytest.raises(Conflict):
        await google.insert_event(grant.access_token, "primary", event)
    assert await google.get_event(grant.access_token, "primary", made.id) == changed

    await google.delete_event(grant.access_token, "primary", made.id)
    with pytest.raises(Gone) as gone:
        await google.delete_event(grant.access_token, "primary", made.id)
    with pytest.raises(Gone):
        await google.get_event(grant.access_token, "primary", "0" * 26)

    assert gone.value.code == "410 deleted"
    assert len(stand_in.events()) == 1
    assert stand_in.violations() == []


async def test_what_was_not_ticked_is_refused_for_good(stand_in: GoogleStandIn, google: GoogleCalendar) -> None:
    grant = await allowed(stand_in, google, scopes=[SCOPES[0]])

    with pytest.raises(Rejected) as refused:
        await google.insert_event(grant.access_token, "primary", an_event())

    assert refused.value.code == "403 insufficientPermissions"


# What goes wrong

Ask = Callable[[GoogleCalendar, Grant], Awaitable[Any]]


async def insert(google: GoogleCalendar, grant: Grant) -> Any:
    return await google.insert_event(grant.access_token, "primary", an_event())


async def look(google: GoogleCalendar, grant: Grant) -> Any:
    return await google.busy(grant.access_token, ["primary"], begins=MONDAY, ends=MONDAY + timedelta(days=1))


async def renew(google: GoogleCalendar, grant: Grant) -> Any:
    assert grant.refresh_token is not None
    return await google.refresh(grant.refresh_token)


UNSURE = (
    "timeout_before", "timeout_after", "error_before", "error_after", "internal_before", "internal_after",
    "garbage_before", "garbage_after", "reset_before", "reset_after",
)  # fmt: skip


@pytest.mark.parametrize("call, ask", [("insert", insert), ("freebusy", look), ("refresh", renew)])
async def test_nobody_knows_what_an_unanswered_call_did(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant, call: str, ask: Ask
) -> None:
    for fault in UNSURE:
        stand_in.plan(call, fault)
        with pytest.raises(Unsure):
            await ask(google, grant)

    await ask(google, grant)  # the next one is as ever
    assert stand_in.asked(call) == len(UNSURE) + 1, "it was asked once each time"


@pytest.mark.parametrize("fault, status", [
    ("throttle", 429), ("rateLimitExceeded", 403), ("userRateLimitExceeded", 403), ("quotaExceeded", 403),
])  # fmt: skip
async def test_too_many_requests_did_nothing_and_say_how_long_to_wait(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant, fault: str, status: int
) -> None:
    stand_in.plan("insert", fault)

    with pytest.raises(Throttled) as throttled:
        await insert(google, grant)

    assert throttled.value.retry_after == timedelta(seconds=7)
    assert throttled.value.code.startswith(str(status))
    assert stand_in.events() == []


@pytest.mark.parametrize("fault, kind, code", [
    ("expired", Unauthorized, "401 authError"), ("duplicate", Conflict, "409 duplicate"),
])  # fmt: skip
async def test_an_answer_is_told_by_its_meaning(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant, fault: str, kind: type[GoogleError], code: str
) -> None:
    stand_in.plan("insert", fault)

    with pytest.raises(kind) as told:
        await insert(google, grant)

    assert told.value.code == code


async def test_nothing_gets_to_where_nobody_listens(unused_port: int, grant: Grant) -> None:
    google = make_google(f"http://127.0.0.1:{unused_port}")

    with pytest.raises(Throttled) as away:
        await insert(google, grant)

    await google.close()
    assert away.value.code == "not reached"
    assert "could not be reached" in str(away.value)


async def test_an_answer_that_trickles_in_is_waited_for_no_longer_than_any_other() -> None:
    with trickling() as url:
        google = make_google(url)
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Unsure):
            await google.refresh(SecretStr("1//x"))
        await google.close()
        assert asyncio.get_running_loop().time() - begun < 3


@contextmanager
def trickling() -> Iterator[str]:
    """A server whose answer comes a byte at a time, and never ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)

        async def drip() -> None:
            loop = asyncio.get_running_loop()
            peer, _ = await loop.sock_accept(listener)
            with peer:
                await loop.sock_sendall(peer, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while True:
                    await loop.sock_sendall(peer, b" ")
                    await asyncio.sleep(0.05)

        dripping = asyncio.get_running_loop().create_task(drip())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        dripping.cancel()


@pytest.mark.parametrize("token", ["", "ya29.with a blank", "ya29.line\nbreak", "ya29.é"])
async def test_what_is_no_token_is_not_sent_and_not_shown(
    stand_in: GoogleStandIn, google: GoogleCalendar, token: str
) -> None:
    with pytest.raises(Unauthorized) as refused:
        await google.busy(SecretStr(token), ["primary"], begins=MONDAY, ends=MONDAY + timedelta(days=1))

    assert stand_in.requests()["calls"].get("freebusy", 0) == 0
    assert not token or token not in str(refused.value)


# Answers that no stand-in gives


def in_googles_form(reason: str) -> bytes:
    return json.dumps({"error": {"errors": [{"reason": reason, "message": "for ann@example.com"}]}}).encode()


@pytest.mark.parametrize("status, body, kind, code", [
    (302, b"", Unsure, "302 unreadable"),
    (404, b"<html>Not found</html>", Unsure, "404 unreadable"),  # a proxy's, or a wrong address
    (401, b"", Unsure, "401 unreadable"),
    (403, in_googles_form("forbidden"), Rejected, "403 forbidden"),
    (403, in_googles_form("dailyLimitExceeded"), Throttled, "403 dailyLimitExceeded"),
    (403, b'{"error": {"status": "RESOURCE_EXHAUSTED"}}', Throttled, "403 RESOURCE_EXHAUSTED"),
    (400, b'{"error": "invalid_grant", "error_subtype": "invalid_rapt"}', Revoked, "400 invalid_grant"),
    (400, b'{"error": "ann@example.com"}', Unsure, "400 unreadable"),
    (400, b'{"error": 7}', Unsure, "400 unreadable"),
    (400, b"[" * 100_000, Unsure, "400 unreadable"),
    (400, in_googles_form("timeRangeEmpty"), Rejected, "400 timeRangeEmpty"),
    (404, in_googles_form("notFound"), Gone, "404 notFound"),
    (410, in_googles_form("deleted"), Gone, "410 deleted"),
    (412, in_googles_form("conditionNotMet"), Changed, "412 conditionNotMet"),
    (401, b'{"error": "deleted_client"}', NotSetUp, "401 deleted_client"),
    (401, b'{"error": "invalid_client"}', NotSetUp, "401 invalid_client"),
    (403, in_googles_form("accessNotConfigured"), NotSetUp, "403 accessNotConfigured"),
    (400, b'{"error": "unauthorized_client"}', Revoked, "400 unauthorized_client"),
    (403, in_googles_form("insufficientPermissions"), TooLittleAllowed, "403 insufficientPermissions"),
    (403, b'{"error": {"status": "PERMISSION_DENIED", "details": [{}, {"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}',
     TooLittleAllowed, "403 ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    (403, b'{"error": {"status": "PERMISSION_DENIED", "details": 7}}', Rejected, "403 PERMISSION_DENIED"),
    (408, b"", Unsure, "408"),
    (429, b"", Throttled, "429"),
    (503, in_googles_form("backendError"), Unsure, "503 backendError"),
])  # fmt: skip
def test_an_answer_is_read_as_what_it_is(status: int, body: bytes, kind: type[GoogleError], code: str) -> None:
    error = errors.from_answer(status, body, None)

    assert (type(error), error.code) == (kind, code)
    assert "ann@example.com" not in f"{error} {error!r}"


@given(st.integers(100, 599), st.binary() | st.text().map(lambda text: json.dumps({"error": text}).encode()), st.text())
def test_any_answer_is_read_as_some_error(status: int, body: bytes, retry_after: str) -> None:
    error = errors.from_answer(status, body, retry_after)

    assert len(f"{error}") < 200
    assert not isinstance(error, Throttled) or (error.retry_after or timedelta()) <= errors.LONGEST_RETRY_AFTER


@pytest.mark.parametrize("answer", [
    {}, {"calendars": {}}, {"calendars": {"primary": []}}, {"calendars": []},
    {"calendars": {"primary": {"errors": [{"reason": "internalError"}]}}},
    {"calendars": {"primary": {"errors": "yes"}}},
])  # fmt: skip
def test_a_calendar_that_is_not_told_of_is_never_a_free_one(answer: dict[str, Any]) -> None:
    found, problem = google_module._busy_times(answer, "primary")

    assert found == []
    assert problem


@pytest.mark.parametrize("busy", [[{}], [{"start": "2026-12-07T00:00:00", "end": "2026-12-08T00:00:00"}], [7], "x",
                                  [{"start": "soon", "end": "2026-12-08T00:00:00Z"}]])  # fmt: skip
def test_busy_times_that_cannot_be_read_are_never_free_ones(busy: Any) -> None:
    with pytest.raises(Unsure):
        google_module._busy_times({"calendars": {"primary": {"busy": busy}}}, "primary")


# Secrets


async def test_no_secret_is_in_an_error_a_log_or_a_repr(
    stand_in: GoogleStandIn, google: GoogleCalendar, grant: Grant, caplog: pytest.LogCaptureFixture
) -> None:
    assert grant.refresh_token is not None
    secrets_ = [CLIENT_SECRET, VERIFIER, grant.access_token.get_secret_value(), grant.refresh_token.get_secret_value()]
    said = [repr(grant), repr(google)]
    caplog.set_level("INFO")
    with capture_logs() as logs:
        for fault in (*UNSURE, "throttle", "expired"):
            stand_in.plan("insert", fault)
            with pytest.raises(GoogleError) as raised:
                await insert(google, grant)
            said += [str(raised.value), repr(raised.value), raised.value.code, repr(raised.value.__cause__)]

    said += [str(logs), caplog.text]
    assert not [secret for secret in secrets_ if secret in " ".join(said)]


# Settings

KEY = "9" * 43 + "="
WHOLE = {"GOOGLE_CLIENT_ID": CLIENT_ID, "GOOGLE_CLIENT_SECRET": CLIENT_SECRET, "TOKEN_KEYS": KEY}


@pytest.mark.parametrize("settings, missing", [
    ({"GOOGLE_CLIENT_ID": CLIENT_ID, "TOKEN_KEYS": KEY}, "AUTOSYNC_GOOGLE_CLIENT_SECRET"),
    ({"GOOGLE_CLIENT_SECRET": CLIENT_SECRET, "TOKEN_KEYS": KEY}, "AUTOSYNC_GOOGLE_CLIENT_ID"),
    ({"GOOGLE_CLIENT_ID": CLIENT_ID, "GOOGLE_CLIENT_SECRET": CLIENT_SECRET}, "AUTOSYNC_TOKEN_KEYS"),
    ({"GOOGLE_BASE_URL": "http://localhost:8026"}, "AUTOSYNC_GOOGLE_CLIENT_ID, AUTOSYNC_GOOGLE_CLIENT_SECRET"),
    ({**WHOLE, "GOOGLE_BASE_URL": "localhost"}, "AUTOSYNC_GOOGLE_BASE_URL"),
])  # fmt: skip
def test_google_that_is_set_up_by_half_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], missing: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"AUTOSYNC_{name}", value)

    with pytest.raises(SettingsError) as refused:
        Settings.from_environment()

    assert missing in str(refused.value)
    assert CLIENT_SECRET not in str(refused.value)


def test_google_is_set_up_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Session(Settings.from_environment(), None, debug=False).google() is None
    for name, value in WHOLE.items():
        monkeypatch.setenv(f"AUTOSYNC_{name}", value)
    monkeypatch.setenv("AUTOSYNC_GOOGLE_BASE_URL", "")

    session = Session(Settings.from_environment(), None, debug=False)

    with capture_logs() as logs:
        session.warn_of_settings()

    assert session.google() is session.google() is not None
    assert [entry["event"] for entry in logs] == ["calendars_not_in_pages"]
    assert CLIENT_SECRET not in repr(session)
