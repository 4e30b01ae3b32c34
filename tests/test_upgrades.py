"""From one release to the next: the old program on the new schema, both at once, and the new one on old rows."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from autosync.database import calendars
from autosync.database.migrate import migrations
from autosync.database.pool import connect
from autosync.model import MessageType
from commands import Ran, autosync, environment
from factories import Factory, at_noon
from previous_release import PreviousRelease, worker
from stand_in import ACCOUNT_SID, AUTH_TOKEN, StandIn, stand_in
from waiting import until

LAST_OF_PREVIOUS = "20261101000500"
"""The last migration of the release before this one."""

Run = Callable[..., str]
DAY = (datetime.now(UTC) + timedelta(days=12)).date().isoformat()


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> PreviousRelease:
    return PreviousRelease.unpack(tmp_path_factory.mktemp("previous"))


def succeeding(command: Callable[..., Ran], database_url: str) -> Run:
    """The command, which must end well; gives what it printed."""

    def run(*arguments: str) -> str:
        ran = command(*arguments, database_url=database_url)
        assert (ran.code, "Traceback" in ran.err) == (0, False), (arguments, ran.err)
        return ran.out

    return run


def start_a_sync(run: Run, folder: Path) -> tuple[str, str]:
    """From nothing to a running sync; gives the ids of organizer and sync."""
    (folder / "crew.csv").write_text("name,phone\nAnn,212-555-0111\nBen,212-555-0112\n")
    organizer = run("organizers", "add", "--first-name", "Maya", "--phone", "212 555 0110").strip()
    imported = run("contacts", "import", str(folder / "crew.csv"), "--organizer", organizer, "--crew", "Friends")
    assert imported.splitlines()[0] == "2 added, 0 known already, 2 new in the crew 'Friends'."
    started = json.loads(
        run(
            *("syncs", "start", "--event", "Dinner", "--crew", "Friends", "--timezone", "America/New_York", "--json"),
            *("--option", f"{DAY} 18:00 to 20:00", "--option", f"{DAY} 20:00"),
        )
    )
    assert started["invitees"] == ["Ann", "Ben"]
    return organizer, started["id"]


async def go_on_to_the_invites(run: Run, factory: Factory, organizer: str, sync: str) -> None:
    """An answer, a reminder, the pause, another reminder, the invites; each text leaves once."""
    assert "Answered: option" in run("answers", "receive", "1 works", "--from", "+12125550111")
    await factory.move_clock(minutes=5, seconds=1)
    assert json.loads(run("process", "--json"))["processed"] == 1
    await factory.move_clock(minutes=5, seconds=1)
    assert json.loads(run("process", "--json"))["processed"] == 1
    assert [line.split("\t")[2] for line in run("syncs", "list").splitlines()] == ["paused"]
    run("syncs", "remind", sync)
    run("process")
    run("syncs", "invite", sync, "--option", "1", "--organizer", organizer)
    run("process")

    shown = json.loads(run("syncs", "show", sync, "--json"))
    assert shown["status"] == "completed"
    assert [(i["name"], i["answer"]) for i in shown["invitees"]] == [("Ann", "1"), ("Ben", "none yet")]
    assert await factory.rows(
        "select coalesce(c.first_name, 'Maya'), m.message_type, m.status, m.attempt from auto_sync_messages m"
        " left join contacts c on c.id = m.contact_id order by 1, 2, m.created_at"
    ) == [
        ("Ann", "initial", "sent", 1),
        ("Ann", "invite", "sent", 1),
        ("Ben", "initial", "sent", 1),
        ("Ben", "invite", "sent", 1),
        ("Ben", "reminder", "sent", 1),
        ("Ben", "reminder", "sent", 1),
        ("Maya", "pause_summary", "sent", 1),
        ("Maya", "reminder_update", "sent", 1),
        ("Maya", "reminder_update", "sent", 1),
        ("Maya", "started", "sent", 1),
    ]


# The old program on the new schema


async def test_the_previous_release_tells_the_whole_story_on_the_new_schema(
    previous: PreviousRelease, database_url: str, factory: Factory, tmp_path: Path
) -> None:
    run = succeeding(previous.autosync, database_url)
    await at_noon(factory)
    organizer, sync = start_a_sync(run, tmp_path)
    run("process")

    await go_on_to_the_invites(run, factory, organizer, sync)

    for question in (["messages", "list"], ["jobs", "list"], ["migrate", "--status"], ["migrate"], ["cleanup"]):
        run(*question)
    reviewed = previous.autosync("doctor", "--json", database_url=database_url)
    assert reviewed.code in (0, 1), reviewed.err
    assert json.loads(reviewed.out)["findings"]


async def test_the_previous_release_sends_what_tells_of_a_lost_calendar(
    previous: PreviousRelease, database_url: str, factory: Factory
) -> None:
    """It stops at a type of text that it does not know, and with it all that is queued behind."""
    await at_noon(factory)
    sync = await factory.sync()
    await calendars.queue_notice(
        factory.connection,
        sync.id,
        type_=MessageType.STATUS,  # as `calendar_losses` queues it
        cause_id=uuid4(),
        body="Google no longer lets us into your calendar.",
        send_after=await factory.one("select autosync_now()"),
    )

    succeeding(previous.autosync, database_url)("process")

    assert await factory.rows("select status from auto_sync_messages where message_type = 'status'") == [("sent",)]


# Both at once


@pytest.fixture
def twilio() -> Iterator[StandIn]:
    """Takes a second for each text, so that what one worker has in hand leaves the rest to the other."""
    with stand_in() as running:
        running.misbehave(probabilities={"slow": 1}, slow_seconds=1)
        yield running


OLD_SENDER, NEW_SENDER = "+15005550006", "+15005550007"


async def due_reminders(factory: Factory, first: int, last: int) -> None:
    """Syncs of these numbers, each with two invitees and a reminder that is due."""
    if first == 1:
        organizer = await factory.organizer()
        await factory.crew(organizer, [await factory.contact(organizer, name) for name in ("Ann", "Ben")])
    await factory.connection.execute(
        "with s as ("
        "  insert into auto_syncs (organizer_id, event_name, timezone, started_at)"
        "  select p.id, 'Event ' || n, 'America/New_York', autosync_now() - interval '1 hour'"
        "  from profiles as p cross join generate_series(%s::integer, %s::integer) as n"
        "  returning id"
        "), o as ("
        "  insert into auto_sync_options (auto_sync_id, idx, start_time)"
        "  select id, 1, autosync_now() + interval '9 days' from s"
        ") insert into auto_sync_messages (auto_sync_id, contact_id, message_type)"
        " select s.id, c.id, 'initial' from s cross join contacts as c",
        [first, last],
    )


async def test_the_previous_worker_and_the_new_one_at_once_do_nothing_twice(
    previous: PreviousRelease, database_url: str, factory: Factory, twilio: StandIn, tmp_path: Path
) -> None:
    await at_noon(factory)
    alone_before, together, alone_after = 10, 210, 220

    async def until_sent(syncs: int) -> None:
        """Two reminders each, and the update for the organizer."""

        async def all_sent() -> bool:
            sent = "select count(*) from auto_sync_messages where status = 'sent' and body is not null"
            return bool(await factory.one(sent) == 3 * syncs)

        await until(all_sent, within=60)

    await due_reminders(factory, 1, alone_before)
    with previous.worker(database_url, **through(twilio, OLD_SENDER)) as old:
        await until_sent(alone_before)
        with worker(environment(database_url, **through(twilio, NEW_SENDER)), tmp_path) as new:
            await due_reminders(factory, alone_before + 1, together)
            await until_sent(together)
            stop(old)
            await due_reminders(factory, together + 1, alone_after)
            await until_sent(alone_after)
            stop(new)

    taken = twilio.accepted()
    assert set(Counter((entry["to"], entry["body"]) for entry in taken).values()) == {1}
    assert len(taken) == 3 * alone_after
    by_sender = Counter(entry["from"] for entry in taken)
    assert by_sender[OLD_SENDER] > 3 * alone_before, "the previous one did nothing of what both could do"
    assert by_sender[NEW_SENDER] > 3 * (alone_after - together), "the new one did nothing of what both could do"
    assert await factory.rows("select status, count(*) from job_queue where job_type = 'reminder_24h' group by 1") == [
        ("processed", alone_after)
    ]
    assert await factory.one("select count(*) from job_failures") == 0


def through(twilio: StandIn, sender: str) -> dict[str, str]:
    """The settings of a worker that sends from this number."""
    return {
        "AUTOSYNC_GATEWAY": "twilio",
        "AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "AUTOSYNC_TWILIO_FROM": sender,
        "AUTOSYNC_TWILIO_BASE_URL": twilio.url,
    }


def stop(process: subprocess.Popen[bytes]) -> None:
    """As an operator stops a worker."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


# The new program on old rows


async def test_a_sync_that_was_started_before_the_upgrade_goes_on_after_it(
    previous: PreviousRelease, empty_database_url: str, tmp_path: Path
) -> None:
    before = succeeding(previous.autosync, empty_database_url)
    before("migrate")
    async with connect(empty_database_url) as connection:
        factory = Factory(connection)
        await at_noon(factory)
        organizer, sync = start_a_sync(before, tmp_path)
        assert {status for _, status, *_ in await factory.texts(sync, "initial")} == {"queued"}

        too_early = autosync("process", database_url=empty_database_url)
        assert too_early.code == 1
        assert too_early.err.endswith("run `autosync migrate` first.\n")
        run = succeeding(autosync, empty_database_url)
        applied = run("migrate").splitlines()[:-1]
        assert applied == [f"applied {m.version} {m.name}" for m in migrations() if m.version > LAST_OF_PREVIOUS]
        run("process")

        await go_on_to_the_invites(run, factory, organizer, sync)
