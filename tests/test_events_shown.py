"""How far a chosen time got into a calendar: in commands, pages, the API, figures and review; and who puts it there."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from api_client import app_for, client_for
from autosync import calendar_words
from autosync.cli.session import Session
from autosync.database import figures, private
from autosync.database.pool import Connection, Pool
from autosync.dispatcher import Dispatcher
from autosync.doctor.calendars import AREA
from autosync.doctor.review import review
from autosync.explanations import EventFacts, of_event
from autosync.gateways.record import RecordGateway
from autosync.model import Delivery, EventStatus
from autosync.processor import Processor
from autosync.settings import Settings
from autosync.web.app import create_app
from commands import Ran, autosync
from connected import KEY, connected_organizer, connections_of, google_at
from factories import Factory, MadeSync, at_noon
from google_stand_in import CLIENT_ID, CLIENT_SECRET, GoogleStandIn, google_stand_in
from inviting import asked_by_mail, complete, event_row, make_inviter, of_sync
from own_pages import app_with_own_pages, signed_in_visitor
from waiting import until

SERVICE_KEY = "a-service-key-of-the-tests"
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
async def sync(factory: Factory, pool: Pool, stand_in: GoogleStandIn) -> MadeSync:
    """A sync of an organizer whose calendar is connected, with a time that was chosen just now."""
    await at_noon(factory)
    google = google_at(stand_in.url)
    organizer = await connected_organizer(factory, stand_in, connections_of(pool, google))
    await google.close()
    made = await asked_by_mail(factory, organizer)
    await complete(factory, made)
    return made


def with_google(stand_in: GoogleStandIn) -> dict[str, str]:
    """The settings of a deployment that speaks with the stand-in."""
    return {
        "AUTOSYNC_GOOGLE_BASE_URL": stand_in.url,
        "AUTOSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
        "AUTOSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "AUTOSYNC_TOKEN_KEYS": urlsafe_b64encode(KEY).decode(),
        "AUTOSYNC_PUBLIC_URL": "https://sync.example",
    }


# Who puts it there


def test_autosync_process_puts_what_is_due_into_calendars(
    sync: MadeSync, database_url: str, stand_in: GoogleStandIn
) -> None:
    ran = autosync("process", database_url=database_url, **with_google(stand_in))

    assert (ran.code, ran.err) == (0, "")
    assert of_sync(stand_in, sync)["status"] == "confirmed"
    shown = autosync("syncs", "show", str(sync.id), database_url=database_url)
    assert "Calendar: In your Google Calendar. Everyone with an e-mail address was invited there, too." in shown.out


async def test_without_google_set_up_nobody_takes_it(
    sync: MadeSync, database_url: str, stand_in: GoogleStandIn, factory: Factory
) -> None:
    assert autosync("process", database_url=database_url).code == 0

    assert (await event_row(factory, sync))[2] == "queued"
    assert stand_in.events() == []


async def test_a_worker_has_a_loop_for_it_that_is_woken_with_the_others(
    sync: MadeSync, pool: Pool, stand_in: GoogleStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in with_google(stand_in).items():
        monkeypatch.setenv(name, value)
    session = Session(Settings.from_environment(), None, debug=False)
    worker = session.worker(pool)
    assert worker.inviting is not None
    worker.start()
    worker.wake()

    async def is_there() -> bool:
        return bool(stand_in.events())

    await until(is_there)
    await worker.stop()
    google = session.google()
    assert google is not None
    await google.close()

    assert of_sync(stand_in, sync)["status"] == "confirmed"


async def test_the_function_endpoint_does_it_after_jobs_and_texts(
    sync: MadeSync, pool: Pool, stand_in: GoogleStandIn
) -> None:
    gateway, google = RecordGateway(), google_at(stand_in.url)
    app = create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        worker=None,
        service_key=SecretStr(SERVICE_KEY),
        inviter=make_inviter(pool, connections_of(pool, google)),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        answer = await client.post("/functions/v1/process-auto-sync-jobs", headers={"apikey": SERVICE_KEY})
    await google.close()

    assert answer.status_code == 200
    assert of_sync(stand_in, sync)["status"] == "confirmed"


# Where it is shown


async def set_event(factory: Factory, sync: MadeSync, **columns: Any) -> None:
    sets = ", ".join(f"{name} = %s" for name in columns)
    await factory.do(f"update auto_sync_events set {sets} where sync_id = %s", *columns.values(), sync.id)


BECAUSE = "Google no longer lets us into your calendar. Connect it again."


async def test_pages_the_api_and_commands_say_it_alike(
    factory: Factory, pool: Pool, sync: MadeSync, database_url: str
) -> None:
    async with (
        client_for(app_for(pool), sync.organizer) as api,
        signed_in_visitor(app_with_own_pages(pool), sync.organizer) as browser,
    ):
        for columns, said in (
            ({"delivery": "queued"}, "Calendar files only, because Google Calendar is not set up here."),
            ({"delivery": "sent", "known_sequence": 0}, "In your Google Calendar. Everyone with an e-mail address"),
            ({"delivery": "none", "reason": BECAUSE}, "Calendar files only, because Google no longer lets us into"),
        ):
            await set_event(factory, sync, **columns)
            document = (await api.get(f"/api/syncs/{sync.id}")).json()["calendar"]
            assert document["in_words"].startswith(said)
            assert (document["wanted"], document["sequence"]) == ("confirmed", 0)
            assert document["delivery"] == columns["delivery"]
            assert said in (await browser.get(f"/syncs/{sync.id}")).text
    shown = autosync("syncs", "show", str(sync.id), database_url=database_url)
    assert f"Calendar: Calendar files only, because {BECAUSE}" in shown.out.splitlines()


@pytest.mark.parametrize("delivery", Delivery)
def test_where_google_is_not_set_up_nothing_is_on_its_way(delivery: Delivery) -> None:
    said = calendar_words.standing(EventStatus.CONFIRMED, delivery, None, is_set_up=False)

    assert said.startswith("In your Google Calendar." if delivery is Delivery.SENT else "Calendar files only, because")


async def test_where_no_time_was_chosen_nothing_is_said_of_a_calendar(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync = await factory.sync()
    async with client_for(app_for(pool), sync.organizer) as api:
        assert (await api.get(f"/api/syncs/{sync.id}")).json()["calendar"] is None
    assert "alendar" not in autosync("syncs", "show", str(sync.id), database_url=database_url).out


async def test_an_operator_lists_events_and_tries_one_again(
    factory: Factory, sync: MadeSync, database_url: str
) -> None:
    def run(*arguments: str) -> Ran:
        return autosync("events", *arguments, database_url=database_url)

    await set_event(factory, sync, delivery="failed", reason="Google refuses this (403 forbidden).")
    listed = json.loads(run("list", "--delivery", "failed", "--json").out)
    assert [(row["sync_id"], row["event"], row["wanted"], row["reason"]) for row in listed] == [
        (str(sync.id), "Board games", "confirmed", "Google refuses this (403 forbidden).")
    ]
    assert json.loads(run("list", "--delivery", "unknown", "--json").out) == []

    tried = run("retry", str(sync.id), "--dry-run")
    assert (tried.code, tried.out) == (0, f"The calendar event of sync {sync.id} would be due now.\n")
    assert (await event_row(factory, sync))[2] == "failed"
    assert run("retry", str(sync.id)).out == f"The calendar event of sync {sync.id} is due now.\n"
    assert (await event_row(factory, sync))[2:] == ("queued", None, "Queued again by an operator.")
    missing = run("retry", str(UUID(int=7)))
    assert (missing.code, missing.out) == (1, "")
    assert "No time was ever chosen for a sync" in missing.err
    told = autosync("syncs", "explain", str(sync.id), database_url=database_url).out
    assert "The time that was chosen belongs into the organizer's calendar." in told
    assert "By hand, `autosync events retry`" in told


EVENT = EventFacts(
    UUID(int=1), EventStatus.CONFIRMED, 2, UUID(int=2), Delivery.SENT, 2, 3, NOW, LATER, None, NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("delivery", "reason", "sentences"),
    [
        (Delivery.SENT, None, ["The calendar has been told, last 2026-11-03 12:00:00 UTC (just now)."]),
        (
            Delivery.SENT,
            "It was deleted in the calendar, and is left so.",
            [
                "The calendar has been told, last 2026-11-03 12:00:00 UTC (just now).",
                "It was deleted in the calendar, and is left so.",
            ],
        ),
        (Delivery.NONE, None, ["People have the calendar file only: No calendar was connected."]),
        (Delivery.NONE, BECAUSE, [f"People have the calendar file only: {BECAUSE}"]),
        (
            Delivery.QUEUED,
            "Google is throttling us.",
            ["Google is to be told no earlier than 2026-11-03 12:05:00 UTC (in 5 minutes): Google is throttling us."],
        ),
        (
            Delivery.SENDING,
            None,
            [
                "Google has been being told since 2026-11-03 12:00:00 UTC (just now).",
                "If nobody reports back within two minutes, it is looked for in the calendar.",
            ],
        ),
        (
            Delivery.UNKNOWN,
            "Google did not answer in time.",
            [
                "Nobody knows whether the calendar has it: Google did not answer in time.",
                "It is looked for again 2026-11-03 12:05:00 UTC (in 5 minutes).",
            ],
        ),
        (
            Delivery.FAILED,
            "Google refuses this (403 forbidden).",
            [
                "It has failed for good: Google refuses this (403 forbidden).",
                f"Once the cause is gone, `autosync events retry {UUID(int=1)}` tries it again.",
            ],
        ),
    ],
)
def test_an_operator_is_told_how_far_it_is_and_why(
    delivery: Delivery, reason: str | None, sentences: list[str]
) -> None:
    told = list(of_event(replace(EVENT, delivery=delivery, reason=reason), now=NOW))

    assert told == ["The time that was chosen belongs into the organizer's calendar.", *sentences]


def test_what_is_due_and_taken_by_nobody_is_told_with_what_may_be_missing() -> None:
    told = list(of_event(replace(EVENT, delivery=Delivery.QUEUED), now=LATER + timedelta(hours=1)))

    assert told[1].startswith("Google has been to be told since 2026-11-03 12:05:00 UTC (1 hour ago), and nobody")
    assert "AUTOSYNC_GOOGLE_CLIENT_ID" in told[2]


async def test_the_review_tells_of_events_that_failed_that_are_in_doubt_and_that_nobody_takes(
    factory: Factory, connection: Connection, sync: MadeSync
) -> None:
    async def found() -> list[str]:
        seen = await review(connection, demo_expected=True)
        return [finding.what for finding in seen.findings if finding.area == AREA and "token" not in finding.what]

    assert await found() == ["Every chosen time is where it belongs, or on its way."]
    for columns, said in (
        (
            {"delivery": "failed", "reason": "Google refuses this."},
            f"1 chosen time did not get into its organizer's calendar for good; the newest is of the sync {sync.id}:"
            " Google refuses this.",
        ),
        (
            {"delivery": "unknown", "failing_since": datetime.now(UTC) - timedelta(hours=2), "reason": None},
            "Of 1 chosen time nobody has known for over an hour whether the calendar has it, such as that of the sync"
            f" {sync.id}.",
        ),
        (
            {"delivery": "queued", "next_attempt_at": datetime.now(UTC) - timedelta(hours=1)},
            "1 chosen time should have been put into a calendar, and nobody does it, such as that of the sync"
            f" {sync.id}.",
        ),
    ):
        await set_event(factory, sync, **columns)
        assert await found() == [said]


async def test_a_chosen_time_without_an_event_is_told_of_and_can_be_put_right(
    factory: Factory, connection: Connection, sync: MadeSync, database_url: str
) -> None:
    async def found() -> list[tuple[str, str]]:
        seen = (await review(connection, demo_expected=True)).findings
        return [(each.what[:70], each.advice or "") for each in seen if "never meant for" in each.what]

    other = await factory.sync(organizer=sync.organizer)
    assert await found() == []
    await factory.do("delete from auto_sync_events")
    retry = f"autosync events retry {sync.id}"
    assert await found() == [
        ("1 chosen time of somebody with a calendar lies ahead and was never mea", f"`{retry}` puts it there.")
    ]

    assert autosync("events", "retry", str(sync.id), database_url=database_url).code == 0

    assert await found() == []
    assert await factory.rows("select sync_id, status, delivery, sequence from auto_sync_events") == [
        (sync.id, "confirmed", "queued", 0)
    ]
    assert autosync("events", "retry", str(other.id), database_url=database_url).code == 1


async def test_figures_count_events_by_how_far_they_are(
    factory: Factory, connection: Connection, sync: MadeSync
) -> None:
    for columns, state in (
        ({"delivery": "queued"}, "due"),
        ({"next_attempt_at": datetime.now(UTC) + timedelta(days=9)}, "waiting"),
        ({"delivery": "sending", "claimed_at": datetime.now(UTC)}, "sending"),
        ({"delivery": "unknown"}, "unknown"),
        ({"delivery": "failed"}, "failed"),
    ):
        await set_event(factory, sync, **columns)
        assert (await figures.read(connection)).events == {state: 1}
    await set_event(factory, sync, delivery="sent")
    assert (await figures.read(connection)).events == {}


async def test_what_is_kept_of_an_organizer_s_events_is_shown_to_them_and_goes_with_them(
    factory: Factory, connection: Connection, sync: MadeSync
) -> None:
    document = await private.export_organizer(connection, sync.organizer, [])
    assert [(event["sync_id"], event["delivery"]) for event in document["events"]] == [(str(sync.id), "queued")]

    await private.delete(connection, [], [], sync.organizer)

    assert await factory.one("select count(*) from auto_sync_events") == 0
