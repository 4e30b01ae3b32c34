"""The life of a sync as an operator is told it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from autosync import inbox, lives
from autosync.database import operations
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.explanations import MessageStatus
from autosync.gateways.record import RecordGateway
from autosync.lives import SyncFacts, TextFate
from autosync.model import SyncStatus
from autosync.processor import Processor
from commands import autosync
from factories import Factory, at_noon

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
FACTS = SyncFacts(
    UUID(int=1), "Board games", SyncStatus.RUNNING, "Maya Lopez", NOW - timedelta(days=2), None, None, None, 3, 0, None,
    NOW,
)  # fmt: skip


async def test_a_sync_is_told_from_its_start_to_what_it_waits_for(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    await at_noon(factory)
    sync = await factory.sync(started_at=await factory.one("select autosync_now()"))
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    await inbox.receive(factory.connection, inbox.InboundText("record", uuid4().hex, number, "1"), region="US")
    gateway = RecordGateway()
    dispatcher = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")
    for minutes in (5, 6):
        await factory.move_clock(minutes=minutes)
        await Processor(pool=pool).process_due()
        await dispatcher.dispatch_due()

    told = autosync("syncs", "explain", str(sync.id), database_url=database_url)

    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == f'"Board games", organized by Maya Lopez, is paused ({sync.id}).'
    assert "3 people were asked." in lines[1]
    assert lines[2].startswith("1 have answered, the last one ")
    assert [line.split()[1] for line in lines if line.startswith("Job ")] == [
        "reminder_24h", "pause_check_48h", "auto_end_check",
    ]  # fmt: skip
    reminder = next(line for line in lines if line.startswith("Job reminder_24h"))
    assert "It brought about 2 reminder texts sent and 1 reminder_update text sent." in reminder
    assert any(line.startswith("Texts pause_summary: 1 sent, ") for line in lines)
    assert lines[-1] == "It waits for its organizer: remind again, send invites, or stop."


async def test_jobs_of_other_syncs_are_not_told(factory: Factory) -> None:
    sync, _ = await factory.sync(), await factory.sync()
    facts = await operations.load_sync(factory.connection, sync.id)
    assert facts is not None
    assert {job.sync_id for job in facts.jobs} == {sync.id}
    assert await operations.load_sync(factory.connection, uuid4()) is None


def test_a_sync_that_is_not_there_is_one_sentence(database_url: str) -> None:
    missing = uuid4()
    told = autosync("syncs", "explain", str(missing), database_url=database_url)
    assert (told.code, told.err) == (1, f"autosync: There is no sync {missing}: `autosync syncs list` shows them.\n")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({}, "Nobody has answered yet."),
        ({}, "No job of it is kept: finished ones go after three days."),
        ({}, "It runs, and neither a reminder nor a pause check is pending: `autosync doctor` says what to do."),
        ({"asked": 0}, "Nobody was asked, so nobody will be reminded."),
        ({"status": SyncStatus.STOPPED, "stopped_at": NOW - timedelta(hours=3)},
         "It was ended without invites 2026-11-03 09:00:00 UTC (3 hours ago)."),
        ({"status": SyncStatus.COMPLETED, "completed_at": NOW - timedelta(hours=3)},
         "Invites were sent 2026-11-03 09:00:00 UTC (3 hours ago)."),
        ({"texts": (TextFate("initial", MessageStatus.FAILED, "No such number.", "21211", 2, NOW, NOW, None),)},
         "Texts initial: 2 failed with code 21211, 2026-11-03 12:00:00 UTC (just now): No such number."),
        ({"texts": (TextFate("reminder", MessageStatus.QUEUED, "Held until morning.", None, 1, NOW, NOW,
                             NOW + timedelta(hours=9)),)},
         "Texts reminder: 1 queued, the first one leaves no earlier than 2026-11-03 21:00:00 UTC (in 9 hours): Held"
         " until morning."),
        ({"texts": (TextFate("invite", MessageStatus.UNKNOWN, None, None, 1, NOW, NOW, None),)},
         f"Unknown texts are settled one by one: `autosync messages list --status unknown --sync {UUID(int=1)}`."),
    ],
)  # fmt: skip
def test_what_is_so_is_said(changed: dict[str, object], sentence: str) -> None:
    assert sentence in lives.of_sync(replace(FACTS, **changed))  # type: ignore[arg-type]
