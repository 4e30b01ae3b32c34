"""/calendar: connecting through Google and back, what may be forged on the way, and what is wanted of a calendar."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs

from autosync.calendar_connections import CalendarConnections
from autosync.calendar_consent import LIVES, Envelope, Question
from autosync.calendars.google import SCOPES, GoogleCalendar
from autosync.calendars.seal import Seal, is_sealed
from autosync.database import calendars
from autosync.database.calendars import Wishes
from autosync.database.pool import Connection, Pool
from autosync.model import Refused
from connected import KEY, connected_organizer, connections_of, google_at, let_expire
from factories import Factory
from google_stand_in import CLIENT_SECRET, YOU, GoogleStandIn, google_stand_in
from own_pages import SITE, app_with_own_pages, signed_in_visitor, stranger
from page_forms import form_to, problems_of

EVIL = "<script>alert(1)</script>\"'><img src=x>"
FORM = {"day_begins": "09:00", "day_ends": "21:00", "buffer": "0"}


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in(redirect_uris=[f"{SITE}/calendar/callback"]) as running:
        yield running


@pytest.fixture
async def google(stand_in: GoogleStandIn) -> AsyncIterator[GoogleCalendar]:
    opened = google_at(stand_in.url)
    yield opened
    await opened.close()


@pytest.fixture
def connections(pool: Pool, google: GoogleCalendar) -> CalendarConnections:
    return connections_of(pool, google)


@pytest.fixture
def app(pool: Pool, google: GoogleCalendar) -> FastAPI:
    return app_with_own_pages(pool, google=google)


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer("Maya", "Lopez")


@pytest.fixture
async def browser(app: FastAPI, maya: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with signed_in_visitor(app, maya) as opened:
        yield opened


async def asked(browser: httpx.AsyncClient) -> str:
    """Where the browser is sent to be asked."""
    response = await browser.post("/calendar/connect")
    assert response.status_code == 303
    return response.headers["location"]


def path_of(address: str) -> str:
    """What is asked of our own host."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == SITE
    return f"{parts.path}?{parts.query}"


async def is_connected(factory: Factory, organizer: UUID) -> bool:
    return bool(await factory.rows("select 1 from google_calendar_tokens where user_id = %s", organizer))


# Connecting


async def test_a_calendar_is_connected_by_way_of_google(
    factory: Factory, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    before = (await browser.get("/calendar")).text
    assert form_to(before, "/calendar/connect")
    assert "Tick both" in before

    back = stand_in.allow(await asked(browser))
    response = await browser.get(path_of(back))

    assert (response.status_code, response.headers["location"]) == (303, "/calendar?connected")
    after = (await browser.get("/calendar?connected")).text
    assert "Your calendar is connected." in after
    assert "Connected with Google" in after
    ((access,),) = await factory.rows("select access_token from google_calendar_tokens where user_id = %s", maya)
    assert is_sealed(access)
    assert stand_in.violations() == []


async def test_the_form_may_lead_to_google_and_nowhere_else(
    browser: httpx.AsyncClient, stand_in: GoogleStandIn
) -> None:
    policy = (await browser.get("/calendar")).headers["content-security-policy"]
    elsewhere = (await browser.get("/me")).headers["content-security-policy"]

    assert f"form-action 'self' {stand_in.url};" in policy
    assert "form-action 'self';" in elsewhere


async def test_the_question_goes_with_the_browser_where_no_page_and_no_other_site_gets_at_it(
    browser: httpx.AsyncClient,
) -> None:
    response = await browser.post("/calendar/connect")

    (cookie,) = response.headers.get_list("set-cookie")
    state = parse_qs(urlsplit(response.headers["location"]).query)["state"][0]
    assert cookie.startswith("autosync-consent=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Max-Age=600"))
    assert state not in cookie
    assert response.headers["location"].count("code_challenge_method=S256") == 1


async def test_over_https_only_this_host_can_have_set_the_question(app: FastAPI, maya: UUID) -> None:
    link = await app.state.sign_in.make_link(maya)
    async with stranger(app) as browser:
        browser.base_url = httpx.URL("https://sync.example.org")
        await browser.post(f"/sign-in/link/{link}")
        response = await browser.post("/calendar/connect")

    (cookie,) = response.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-autosync-consent=")
    assert "Secure" in cookie


async def test_whoever_ticks_half_is_told_to_tick_both(
    factory: Factory, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    for ticked in SCOPES:
        response = await browser.get(path_of(stand_in.allow(await asked(browser), scopes=[ticked])))

        assert response.status_code == 409
        assert "tick both" in response.text
    assert not await is_connected(factory, maya)


async def test_whoever_says_no_reads_that_nothing_happened(
    factory: Factory, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    response = await browser.get(path_of(stand_in.deny(await asked(browser))))

    assert "You did not allow it" in response.text
    assert not await is_connected(factory, maya)


async def test_while_google_is_away_nothing_is_connected_and_it_can_be_tried_again(
    factory: Factory, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    for fault in ("error_before", "reset_before", "garbage_after"):
        stand_in.plan("exchange", fault)
        response = await browser.get(path_of(stand_in.allow(await asked(browser))))
        assert "Google cannot be reached" in response.text
        assert not await is_connected(factory, maya)

    await browser.get(path_of(stand_in.allow(await asked(browser))))
    assert await is_connected(factory, maya)


async def test_a_service_that_google_does_not_know_is_the_operators_to_mend(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, maya: UUID
) -> None:
    wrong = google_at(stand_in.url, client_secret=SecretStr("another"))
    async with signed_in_visitor(app_with_own_pages(pool, google=wrong), maya) as browser:
        with capture_logs() as logs:
            response = await browser.get(path_of(stand_in.allow(await asked(browser))))
    await wrong.close()

    assert "Tell whoever runs it" in response.text
    assert [entry["error"] for entry in logs if entry["event"] == "consent_rejected"] == ["401 invalid_client"]


# Forging


async def test_an_answer_is_taken_once(
    factory: Factory, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    back = path_of(stand_in.allow(await asked(browser)))
    cookie = browser.cookies["autosync-consent"]
    await browser.get(back)
    assert "autosync-consent" not in browser.cookies
    again = await browser.get(back)
    browser.cookies.set("autosync-consent", cookie)
    with_the_cookie = await browser.get(back)

    assert (again.status_code, with_the_cookie.status_code) == (409, 409)
    assert "We do not know of this question any more" in again.text
    assert stand_in.asked("exchange") == 2, "the one without its question never got to Google"


async def test_nobody_can_connect_their_own_account_for_somebody_else(
    factory: Factory, app: FastAPI, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    """Eve allows it for her account and has Maya's browser open the address that she is sent back to."""
    eve = await factory.organizer("Eve")
    async with signed_in_visitor(app, eve) as hers:
        trap = path_of(stand_in.allow(await asked(hers)))

        without_a_question = await browser.get(trap)
        await asked(browser)
        with_her_own_question = await browser.get(trap)
        await asked(browser)
        browser.cookies.set("autosync-consent", hers.cookies["autosync-consent"])
        with_eves_question = await browser.get(trap)

    assert [answer.status_code for answer in (without_a_question, with_her_own_question, with_eves_question)] == [
        409
    ] * 3
    assert not await is_connected(factory, maya)
    assert stand_in.asked("exchange") == 0


async def test_a_changed_answer_is_refused(
    factory: Factory, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    changes: list[dict[str, str | None]] = [
        {"state": ""}, {"state": "x"}, {"state": "é"}, {"state": None}, {"code": ""}, {"code": None},
        {"code": None, "error": EVIL},
    ]  # fmt: skip
    for change in changes:
        back = stand_in.allow(await asked(browser))
        brought = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        changed = {name: value for name, value in {**brought, **change}.items() if value is not None}

        response = await browser.get("/calendar/callback", params=changed)

        assert (response.status_code, EVIL in response.text) == (409, False), change
    assert not await is_connected(factory, maya)
    assert stand_in.asked("exchange") == 0


async def test_a_question_is_forgotten_after_ten_minutes(
    factory: Factory, browser: httpx.AsyncClient, stand_in: GoogleStandIn, maya: UUID
) -> None:
    question = Question.new(f"{SITE}/calendar/callback")
    long_ago = datetime.now(UTC) - LIVES
    browser.cookies.set("autosync-consent", Envelope(Seal([KEY])).close(question, maya, now=long_ago))

    response = await browser.get("/calendar/callback", params={"state": question.state, "code": "4/x"})

    assert response.status_code == 409
    assert stand_in.asked("exchange") == 0


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=400) | st.binary(max_size=50).map(lambda raw: f"sealed:1:{raw.hex()}"))
def test_no_cookie_but_our_own_is_a_question(forged: str) -> None:
    with pytest.raises(Refused):
        Envelope(Seal([KEY])).open(forged, UUID(int=1), now=datetime.now(UTC))


async def test_a_form_of_another_site_connects_and_disconnects_nothing(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections
) -> None:
    organizer = await connected_organizer(factory, stand_in, connections)
    async with signed_in_visitor(app, organizer) as browser:
        browser.headers["Sec-Fetch-Site"] = "cross-site"
        answers = [
            await browser.post(path, data=FORM) for path in ("/calendar", "/calendar/connect", "/calendar/disconnect")
        ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert await is_connected(factory, organizer)


async def test_whoever_is_not_signed_in_any_more_begins_anew_and_the_code_is_not_kept(
    app: FastAPI, browser: httpx.AsyncClient, stand_in: GoogleStandIn
) -> None:
    back = path_of(stand_in.allow(await asked(browser)))
    await browser.post("/sign-out")

    response = await browser.get(back)

    assert (response.status_code, response.headers["location"]) == (303, "/sign-in?next=/calendar")
    async with stranger(app) as nobody:
        for path in ("/calendar", "/calendar/disconnect"):
            assert (await nobody.get(path)).status_code == 303
        for path in ("/calendar", "/calendar/connect", "/calendar/disconnect"):
            assert (await nobody.post(path)).headers["location"].startswith("/sign-in")


async def test_no_code_state_or_secret_is_logged_or_shown(
    browser: httpx.AsyncClient, stand_in: GoogleStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    back = stand_in.allow(await asked(browser))
    brought = parse_qs(urlsplit(back).query)
    with capture_logs() as logs:
        answer = await browser.get(path_of(back))
        again = await browser.get(path_of(back))

    said = f"{logs} {answer.text} {answer.headers} {again.text} {again.headers}"
    said += " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    for secret in (brought["code"][0], brought["state"][0], CLIENT_SECRET, "ya29.", "1//0"):
        assert secret not in said


# Disconnecting


async def test_disconnecting_is_asked_twice_and_withdrawn_at_google(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections
) -> None:
    organizer = await connected_organizer(factory, stand_in, connections)
    async with signed_in_visitor(app, organizer) as browser:
        question = (await browser.get("/calendar/disconnect")).text
        assert form_to(question, "/calendar/disconnect")
        done = await browser.post("/calendar/disconnect")
        page = (await browser.get(done.headers["location"])).text
        again = await browser.post("/calendar/disconnect")
        nothing_to_ask = await browser.get("/calendar/disconnect")

    assert "disconnected, here and at Google" in page
    assert (stand_in.grants(), await is_connected(factory, organizer)) == ({}, False)
    assert [answer.headers["location"] for answer in (again, nothing_to_ask)] == ["/calendar"] * 2


async def test_disconnecting_while_google_is_away_says_what_is_left_to_do(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections
) -> None:
    organizer = await connected_organizer(factory, stand_in, connections)
    stand_in.plan("revoke", "error_before")
    async with signed_in_visitor(app, organizer) as browser:
        done = await browser.post("/calendar/disconnect")
        page = (await browser.get(done.headers["location"])).text

    assert "myaccount.google.com" in page
    assert not await is_connected(factory, organizer)


async def test_a_calendar_that_was_lost_is_said_on_every_way_in(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections
) -> None:
    organizer = await connected_organizer(factory, stand_in, connections)
    stand_in.revoke()
    await let_expire(factory, organizer)
    with pytest.raises(Refused):
        await connections.access_token(organizer)

    async with signed_in_visitor(app, organizer) as browser:
        home, page = (await browser.get("/")).text, (await browser.get("/calendar")).text
        await browser.get(path_of(stand_in.allow(await asked(browser))))
        later = (await browser.get("/")).text

    assert "Your calendar is not connected any more." in home
    assert "Google no longer lets us into your calendar." in page
    assert "Connect it again" in page
    assert "not connected any more" not in later


# Where Google is not set up


async def test_without_google_there_is_a_sentence_and_the_hours_are_kept_all_the_same(
    factory: Factory, pool: Pool, maya: UUID
) -> None:
    async with signed_in_visitor(app_with_own_pages(pool), maya) as browser:
        page = (await browser.get("/calendar")).text
        ways = [await browser.post("/calendar/connect"), await browser.get("/calendar/callback?code=x&state=y")]
        saved = await browser.post("/calendar", data={**FORM, "day_ends": "18:30"})

    assert "No calendar can be connected here" in page
    assert "/calendar/connect" not in page
    assert [way.headers["location"] for way in ways] == ["/calendar"] * 2
    assert saved.headers["location"] == "/calendar?saved"
    assert await factory.one("select day_ends from auto_sync_calendars where user_id = %s", maya) == time(18, 30)


async def test_what_another_client_connected_can_be_disconnected_without_google(
    factory: Factory, pool: Pool, maya: UUID
) -> None:
    await factory.insert("google_calendar_tokens", user_id=maya, access_token="ya29.theirs")
    async with signed_in_visitor(app_with_own_pages(pool), maya) as browser:
        assert "Connected with Google" in (await browser.get("/calendar")).text
        done = await browser.post("/calendar/disconnect")

    assert done.headers["location"] == "/calendar?left"
    assert not await is_connected(factory, maya)


# What is wanted


async def test_what_is_wanted_is_shown_as_it_was_saved(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections, connection: Connection
) -> None:
    stand_in.people(YOU, calendars=["family@group.calendar.google.com"])
    organizer = await connected_organizer(factory, stand_in, connections)
    typed = {
        "day_begins": "08:30", "day_ends": "23:00", "buffer": "30",
        "calendars": "family@group.calendar.google.com\r\n  primary,\r\nprimary\r\n",
    }  # fmt: skip
    async with signed_in_visitor(app, organizer) as browser:
        saved = await browser.post("/calendar", data=typed)
        page = (await browser.get("/calendar")).text

    kept = (await calendars.find(connection, organizer)).wishes
    assert saved.headers["location"] == "/calendar?saved"
    assert kept == Wishes(("family@group.calendar.google.com", "primary"), time(8, 30), time(23), timedelta(minutes=30))
    assert ">family@group.calendar.google.com\nprimary</textarea>" in page
    assert form_to(page, "/calendar").fields["day_begins"] == "08:30"
    assert form_to(page, "/calendar").fields["buffer"] == "30"


async def test_a_calendar_that_google_does_not_show_is_named(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections, connection: Connection
) -> None:
    organizer = await connected_organizer(factory, stand_in, connections)
    async with signed_in_visitor(app, organizer) as browser:
        answer = await browser.post("/calendar", data={**FORM, "calendars": "primary typo@example.com"})
        stand_in.plan("freebusy", "error_before")
        while_away = await browser.post("/calendar", data={**FORM, "calendars": "primary other@example.com"})

    assert "typo@example.com" in problems_of(answer.text)["calendars"]
    assert "Saved." in answer.text
    assert while_away.headers["location"] == "/calendar?saved", "it cannot be asked now, and is kept"
    assert (await calendars.find(connection, organizer)).wishes.calendar_ids == ("primary", "other@example.com")


async def test_what_makes_no_sense_is_said_at_its_field_and_not_kept(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections
) -> None:
    organizer = await connected_organizer(factory, stand_in, connections)
    eleven = "\n".join(f"a{n}@example.com" for n in range(11))
    async with signed_in_visitor(app, organizer) as browser:
        for field, typed in [
            ("day_begins", ""), ("day_begins", "24:00"), ("day_ends", "9 pm"), ("buffer", "-1"), ("buffer", "241"),
            ("buffer", ""), ("calendars", " \r\n"), ("calendars", EVIL), ("calendars", eleven), ("calendars", ".."),
            ("calendars", "a" * 255), ("calendars", "é@example.com"), ("day_ends", "08:59"),
        ]:  # fmt: skip
            answer = await browser.post("/calendar", data={**FORM, "calendars": "primary", field: typed})

            assert (answer.status_code, list(problems_of(answer.text))) == (422, [field]), typed
            assert EVIL not in answer.text
    assert await factory.rows("select 1 from auto_sync_calendars") == []


async def test_newcomers_say_first_who_they_are(pool: Pool, google: GoogleCalendar, factory: Factory) -> None:
    newcomer = await factory.organizer()
    app = app_with_own_pages(pool, google=google)
    async with signed_in_visitor(app, newcomer) as browser:
        await factory.do("delete from profiles where id = %s", newcomer)
        answer = await browser.get("/calendar")

    assert answer.status_code == 303


async def test_nobody_reads_or_forges_how_it_stands_with_another_ones_calendar(
    factory: Factory, app: FastAPI, stand_in: GoogleStandIn, connections: CalendarConnections, maya: UUID
) -> None:
    other = await connected_organizer(factory, stand_in, connections)
    async with signed_in_visitor(app, maya) as browser:
        await browser.post("/calendar", data=FORM | {"user_id": str(other), "disconnected_because": "x"})
        page = (await browser.get("/calendar")).text

    rows = await factory.rows("select user_id, disconnected_because from auto_sync_calendars")
    assert "Connected with Google" not in page
    assert rows == [(maya, None)]
