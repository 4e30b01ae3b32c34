"""What operators do by hand is noted, who and when, in the same transaction, and nobody can change it later."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from api_client import app_for, client_for, crew_of, plan
from autosync import operations, privacy, sending
from autosync.database import interventions
from autosync.database.migrate import migrations
from autosync.database.pool import Connection, Pool, connect
from autosync.model import Refused
from commands import autosync
from factories import Factory, MadeSync, at_noon

MAYA = "maya on desk"


async def failed_job(factory: Factory, sync: MadeSync) -> UUID:
    """Its reminder, failed."""
    found: UUID = await factory.one(
        "update job_queue set status = 'failed' where sync_id = %s and job_type = 'reminder_24h' returning id", sync.id
    )
    return found


async def unknown_text(factory: Factory, sync: MadeSync, **columns: object) -> UUID:
    """A text of which nobody knows whether it left."""
    return await factory.insert(
        "auto_sync_messages",
        auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="reminder", cause_id=uuid4(),
        sent_at=None, send_after=None, gateway="record",
        **(
            {"status": "unknown", "body": "Hi", "phone_number": "+12125550101", "attempt": 1}
            | {"claimed_at": datetime.now(UTC)}
            | columns
        ),
    )  # fmt: skip


async def noted(connection: Connection, row_id: UUID | None = None) -> list[tuple[str, str, str | None]]:
    """Verb, who, and details, the oldest first."""
    found = await interventions.list_latest(connection, row_id)
    return [(done.verb, done.done_by, done.details) for done in reversed(found)]


async def test_each_verb_is_noted_with_who_did_it_and_to_what(factory: Factory) -> None:
    sync, other = await factory.sync(), await factory.sync()
    job, others = await failed_job(factory, sync), await failed_job(factory, other)
    text = await unknown_text(factory, sync)
    connection = factory.connection

    await operations.run_job(connection, job, who=MAYA)
    await operations.cancel_job(connection, job, who="ben on desk")
    await operations.retry_failed(connection, who=MAYA, over=timedelta(minutes=30))
    await operations.resolve_message(connection, text, sent=True, who=MAYA)
    await sending.pause(connection, sync.organizer, reason="Complaints.", who=MAYA)
    await sending.resume(connection, sync.organizer, who=MAYA)

    assert await noted(connection, job) == [("jobs run", MAYA, None), ("jobs cancel", "ben on desk", None)]
    assert await noted(connection, others) == [("jobs retry", MAYA, "spread over 0:30:00")]
    assert await noted(connection, text) == [("messages resolve", MAYA, "as sent")]
    assert await noted(connection, sync.organizer) == [
        ("sending pause", MAYA, None), ("sending resume", MAYA, None)
    ]  # fmt: skip
    assert [verb for verb, *_ in await noted(connection, sync.id)] == ["jobs run", "jobs cancel", "messages resolve"]
    assert len(await noted(connection)) == 6


async def test_who_looked_at_or_deleted_a_person_is_noted_but_not_whom(factory: Factory) -> None:
    sync = await factory.sync()
    whose = await privacy.of_contact(factory.connection, sync.contacts[0], region="US")

    await privacy.export(factory.connection, whose, who=MAYA)
    await privacy.delete(factory.connection, whose, who=MAYA)

    assert await noted(factory.connection) == [
        ("privacy export", MAYA, "1 contacts"), ("privacy delete", MAYA, "1 contacts")
    ]  # fmt: skip
    assert await noted(factory.connection, sync.contacts[0]) == []


async def test_what_is_refused_is_not_noted(factory: Factory) -> None:
    sync = await factory.sync()
    text = await unknown_text(factory, sync, status="sent")
    await factory.do("update job_queue set status = 'processed' where sync_id = %s", sync.id)
    job = await factory.one("select id from job_queue where sync_id = %s limit 1", sync.id)

    for attempt in (
        operations.run_job(factory.connection, job, who=MAYA),
        operations.cancel_job(factory.connection, job, who=MAYA),
        operations.resolve_message(factory.connection, text, sent=False, who=MAYA),
        sending.resume(factory.connection, None, who=MAYA),
    ):
        with pytest.raises(Refused):
            await attempt

    assert await noted(factory.connection) == []


async def test_explain_tells_what_was_done_by_hand(factory: Factory) -> None:
    sync = await factory.sync()
    job, text = await failed_job(factory, sync), await unknown_text(factory, sync)
    await operations.run_job(factory.connection, job, who=MAYA)
    await operations.resolve_message(factory.connection, text, sent=False, who=MAYA)

    told = await operations.explain_job(factory.connection, job)
    assert any(line.startswith("By hand, `autosync jobs run`; by maya on desk, at 20") for line in told)
    told = await operations.explain_message(factory.connection, text)
    assert any(line.startswith("By hand, `autosync messages resolve`: as not sent; by maya") for line in told)
    told = await operations.explain_sync(factory.connection, sync.id)
    assert sum(line.startswith("By hand, ") for line in told) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update auto_sync_interventions set done_by = 'ben'",
        "delete from auto_sync_interventions",
        "truncate auto_sync_interventions",
    ],
)
async def test_not_even_the_owner_changes_what_was_noted(factory: Factory, statement: str) -> None:
    await sending.pause(factory.connection, None, reason="Complaints.", who=MAYA)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only grows"):
        await factory.do(statement)
    assert await noted(factory.connection) == [("sending pause", MAYA, None)]


async def test_an_operator_tries_first_and_sees_later_what_was_done(factory: Factory, database_url: str) -> None:
    sync = await factory.sync()
    job, text = await failed_job(factory, sync), await unknown_text(factory, sync)

    def run(*arguments: str) -> str:
        ran = autosync(*arguments, database_url=database_url)
        assert ran.code == 0, ran.err
        return ran.out

    assert run("jobs", "run", str(job), "--dry-run") == f"Job {job} would be due now.\n"
    assert run("jobs", "cancel", str(job), "--dry-run") == f"Job {job} would be skipped.\n"
    assert run("jobs", "retry", "--over", "1h", "--dry-run") == "Would make due: 1.\n"
    assert run("messages", "resolve", str(text), "--sent", "--dry-run") == f"Text {text} would count as sent.\n"
    assert await factory.one("select status from job_queue where id = %s", job) == "failed"
    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "unknown"
    assert json.loads(run("interventions", "list", "--json")) == []

    run("jobs", "retry", "--over", "1h")
    [done] = json.loads(run("interventions", "list", "--about", str(job), "--json"))
    assert (done["verb"], done["sync_id"], done["details"]) == ("jobs retry", str(sync.id), "spread over 1:00:00")
    assert " on " in done["by"]
    refused = autosync("jobs", "retry", "--over", "soon", database_url=database_url)
    assert (refused.code, refused.err) == (2, "autosync: 'soon' is no span of time: write it as 90s, 30m, 2h or 3d.\n")


# Spreading


async def test_jobs_that_are_tried_again_are_spread_evenly(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "BATCH_SIZE", 2)
    jobs = [await failed_job(factory, await factory.sync()) for _ in range(5)]

    assert (await operations.retry_failed(factory.connection, who=MAYA, over=timedelta(minutes=50))).made_due == 5

    waits = await factory.rows(
        "select round(extract(epoch from scheduled_at - autosync_now()) / 60)::integer from job_queue"
        " where id = any(%s) order by scheduled_at", jobs,
    )  # fmt: skip
    assert [minutes for (minutes,) in waits] == [0, 10, 20, 30, 40]


async def test_texts_given_up_in_an_outage_are_queued_again_spread_and_what_was_refused_is_not(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "BATCH_SIZE", 2)
    sync = await factory.sync()
    now = await factory.one("select autosync_now()")
    long_ago = now - timedelta(days=1)  # giving up takes a day
    given_up = [
        await unknown_text(factory, sync, status="failed", attempt=100, created_at=long_ago + timedelta(minutes=n))
        for n in range(4)
    ]
    left = [
        await unknown_text(factory, sync, status="failed", created_at=now, **why)
        for why in (
            {"error_code": "21211"},
            {"gateway_message_id": "SM1"},
            {"body": None},
            {"claimed_at": now - timedelta(days=2)},
            {"attempt": 0, "phone_number": None, "claimed_at": None},
        )
    ]

    done = await operations.requeue_given_up(
        factory.connection, who=MAYA, since=now - timedelta(hours=6), over=timedelta(minutes=40)
    )

    assert done == 4
    rows = await factory.rows(
        "select id, status, attempt, round(extract(epoch from send_after - autosync_now()) / 60)::integer"
        " from auto_sync_messages where status = 'queued' order by send_after"
    )
    assert rows == [(text, "queued", 0, 10 * place) for place, text in enumerate(given_up)]
    for text in left:
        assert await factory.one("select status from auto_sync_messages where id = %s", text) == "failed"
    assert await noted(factory.connection, given_up[0]) == [("messages requeue", MAYA, "spread over 0:40:00")]
    assert await operations.requeue_given_up(factory.connection, who=MAYA, since=now - timedelta(hours=6)) == 0


async def test_an_operator_queues_what_was_given_up_again(factory: Factory, database_url: str) -> None:
    sync = await factory.sync()
    text = await unknown_text(factory, sync, status="failed")
    for more, said in ((("--dry-run",), "Would queue again: 1.\n"), ((), "Queued again: 1.\n")):
        ran = autosync("messages", "requeue", "--since", "6h", "--over", "30m", *more, database_url=database_url)
        assert (ran.code, ran.out) == (0, said)
    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "queued"


# What organizers do as well, done for them; and what changes the machinery


async def test_what_an_operator_does_in_an_organizers_place_is_noted_and_told(
    factory: Factory, database_url: str, tmp_path: Path
) -> None:
    def run(*arguments: str) -> str:
        ran = autosync(*arguments, database_url=database_url)
        assert ran.code == 0, ran.err
        return ran.out

    await at_noon(factory)
    organizer = UUID(run("organizers", "add", "--first-name", "Maya", "--phone", "212 555 0110").strip())
    (tmp_path / "crew.csv").write_text("name,phone\nAnn,212-555-0111\n")
    run("contacts", "import", str(tmp_path / "crew.csv"), "--crew", "Friends")
    run("organizers", "sign-in")
    assert await noted_of(factory, organizer) == [
        ("organizers add", None), ("contacts import", "1 added"), ("organizers sign-in", None)
    ]  # fmt: skip

    day = (datetime.now(UTC) + timedelta(days=12)).date().isoformat()
    start = ("syncs", "start", "--event", "Tea", "--crew", "Friends", "--option", f"{day} 18:00")
    run(*start, "--dry-run")
    first, second = (UUID(json.loads(run(*start, "--json"))["id"]) for _ in range(2))
    run("process")
    await factory.do("update auto_syncs set status = 'paused', paused_at = autosync_now() where id = %s", first)
    run("syncs", "remind", str(first))
    run("answers", "receive", "1", "--from", "212 555 0111", "--message-id", "once")
    run("answers", "receive", "1", "--from", "212 555 0111", "--message-id", "once")
    run("syncs", "invite", str(first), "--option", "1")
    run("syncs", "stop", str(second))
    assert autosync("syncs", "stop", str(second), database_url=database_url).code == 1

    assert await noted_of(factory, first) == [
        ("syncs start", None), ("syncs remind", None), ("answers receive", None), ("syncs invite", "option 1")
    ]  # fmt: skip
    assert await noted_of(factory, second) == [("syncs start", None), ("syncs stop", None)]
    told = run("syncs", "explain", str(first))
    assert "By hand, `autosync syncs invite`: option 1; by " in told
    assert "By hand, `autosync answers receive`; by " in told
    assert len(await noted(factory.connection)) == 9


async def noted_of(factory: Factory, row_id: UUID) -> list[tuple[str, str | None]]:
    """Verb and details; by whom is whoever runs the tests."""
    found = await noted(factory.connection, row_id)
    assert all(" on " in who for _, who, _ in found)
    return [(verb, details) for verb, _, details in found]


async def test_what_changes_the_machinery_by_hand_is_noted(empty_database_url: str) -> None:
    key = autosync("calendars", "new-key").out.strip()
    for arguments in (
        ("migrate",),
        ("migrate",),
        ("timings", "demo"),
        ("timings",),
        ("calendars", "seal"),
        ("process",),
        ("cleanup",),
    ):
        ran = autosync(*arguments, database_url=empty_database_url, AUTOSYNC_TOKEN_KEYS=key)
        assert ran.code == 0, ran.err
    async with connect(empty_database_url) as connection:
        found = [(verb, details) for verb, _, details in await noted(connection)]
    newest = migrations()[-1].version
    assert found == [("migrate", f"up to {newest}"), ("timings", "demo"), ("calendars seal", "0 sealed")]


async def test_what_an_organizer_does_by_api_is_not_by_hand(factory: Factory, pool: Pool) -> None:
    organizer = await factory.organizer()
    crew = await crew_of(factory, organizer)
    async with client_for(app_for(pool), organizer) as client:
        started = await client.post("/api/syncs", json=plan(crew))
        assert started.status_code == 201
        assert (await client.post(f"/api/syncs/{started.json()['sync']['id']}/stop")).status_code == 200
    assert await noted(factory.connection) == []
