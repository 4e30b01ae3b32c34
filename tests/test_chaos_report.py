"""What the chaos run's verdict turns on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from autosync.database.pool import Connection
from chaos import faults
from chaos.faults import Faults, Happened, Progress, Watch
from chaos.people import Clock, Told
from chaos.report import BACK_WITHIN, WANTED, Report
from chaos.wire import Wire
from factories import Factory

KILL = "SIGKILL of a process"


def a_good_run() -> Report:
    """Of ten minutes, in which everything went as it should."""
    kills, restarts, jobs, texts = WANTED.values()
    return Report(
        seconds=600,
        drained_in=120,
        kills=kills,
        restarts=restarts,
        deaths={"worker": 0},
        ended={"worker": 0},
        jobs=Counter(processed=jobs, pending=3),
        taken=texts,
        called=Counter({"200": 9, "no answer": 2}),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"differences": ["lost: a text (sync 1)"]}, id="something-is-lost"),
        pytest.param({"drained_in": None}, id="it-never-came-to-rest"),
        pytest.param({"kills": WANTED["SIGKILLs"] - 1}, id="too-few-kills"),
        pytest.param({"restarts": 19}, id="too-few-restarts"),
        pytest.param({"jobs": Counter(processed=10, pending=60_000)}, id="too-few-jobs-processed"),
        pytest.param(
            {"jobs": Counter(processed=49_999, skipped=9_000, failed=1, processing=1)}, id="skipped-is-not-processed"
        ),
        pytest.param({"taken": 199_999}, id="too-few-texts"),
        pytest.param({"deaths": {"worker": 1}}, id="one-died-by-itself"),
        pytest.param({"ended": {"worker": 1}}, id="one-ended-with-an-error"),
        pytest.param({"ended": {"worker": None}}, id="one-would-not-end"),
        pytest.param({"called": Counter({"no answer": 9})}, id="pg-cron-was-never-answered"),
        pytest.param({"called": Counter({"401": 9})}, id="pg-cron-was-turned-away"),
        pytest.param({"called": Counter({"503": 9})}, id="pg-cron-never-found-a-database"),
        pytest.param({"called": Counter()}, id="pg-cron-never-called"),
        pytest.param({"stuck": ["stuck: after a fault"]}, id="something-did-not-go-on"),
    ],
)
def test_a_run_is_good_only_without_this(wrong: dict[str, Any]) -> None:
    good = a_good_run()
    assert good.is_well, good.lines()
    bad = replace(good, **wrong)
    assert not bad.is_well
    assert bad.lines() != good.lines()
    assert any("No call by pg_cron was answered" in line for line in bad.lines()) == ("called" in wrong)


def test_a_short_run_need_not_come_to_what_ten_minutes_do() -> None:
    assert replace(a_good_run(), seconds=120, kills=3, taken=40).is_well


def seen(*moments: float) -> tuple[Progress, Watch]:
    """A text was taken, and the worker went round, at each of these."""
    progress, watch = Progress("http://nowhere"), Watch("http://nowhere")
    progress.seen = [(0.0, 0), *((at, count) for count, at in enumerate(moments, start=1))]
    watch.turned = list(moments)
    return progress, watch


@pytest.mark.parametrize(
    ("moments", "stuck"),
    [
        ((11, 12), 0),
        ((10 + BACK_WITHIN, 300), 0),
        ((10.5 + BACK_WITHIN, 300), 2),
        ((), 2),
    ],
)
def test_whatever_does_not_go_on_within_half_a_minute_of_a_fault_is_named(
    moments: tuple[float, ...], stuck: int
) -> None:
    report = Report()
    report.measure([Happened(KILL, 9, 10), Happened(KILL, 299, 299.5)], *seen(*moments))
    assert len(report.stuck) == stuck, "the second fault was the end of the run"
    assert all(KILL in line for line in report.stuck)


@given(
    jumps=st.lists(st.tuples(st.floats(0.1, 100), st.integers(1, 100_000)), min_size=1, max_size=5),
    after=st.floats(0, 600),
    within=st.floats(0, 0.99),
)
def test_a_moment_of_the_projects_time_was_seen_on_the_wall_when_the_clock_came_to_it_or_past_it(
    jumps: list[tuple[float, int]], after: float, within: float
) -> None:
    clock, at, ahead = Clock(), 1e9, timedelta()
    clock.jumped(at, ahead)
    for seconds, by in jumps:
        at, ahead = at + seconds, ahead + timedelta(seconds=by)
        clock.jumped(at, ahead)
    wall = datetime.fromtimestamp(1e9 + after, UTC)
    assert abs(clock.on_the_wall(clock.tell(wall)) - wall) < timedelta(milliseconds=1)

    skipped = datetime.fromtimestamp(at, UTC) + ahead - timedelta(seconds=jumps[-1][1] * within)
    assert abs(clock.on_the_wall(skipped) - datetime.fromtimestamp(at, UTC)) < timedelta(milliseconds=1)


async def test_what_people_were_told_and_is_not_so_is_named(factory: Factory, connection: Connection) -> None:
    begun = [await factory.sync(event_name=f"Tea {n}") for n in range(2)]
    await factory.do("update auto_syncs set status = 'stopped' where id = %s", begun[0].id)
    await factory.insert(
        "auto_sync_inbound",
        gateway="twilio",
        gateway_message_id="here",
        phone_number="+12125550100",
        body="1",
        received_at=datetime.now(UTC),
        outcome="Answered.",
    )
    true = {
        "begun": {"Tea": 2},
        "started": {sync.id: frozenset(sync.contacts) for sync in begun},
        "ended": {begun[0].id: "stopped"},
        "received": {"here"},
    }
    assert await Told(**true).broken(connection) == []

    change: dict[str, Callable[[], Any]] = {
        "begun": lambda: {"Tea": 3},
        "started": lambda: {**true["started"], uuid4(): frozenset()},
        "ended": lambda: {**true["ended"], begun[1].id: "completed"},
        "received": lambda: {"here", "gone"},
    }
    for name, worse in change.items():
        (line,) = await Told(**{**true, name: worse()}).broken(connection)
        assert line.startswith("lost: 1 ") or line == "lost: 2 texts to us were confirmed, and 1 are there", line


async def test_who_was_in_the_crew_of_what_was_started_and_has_not_been_asked_is_named(
    factory: Factory, connection: Connection
) -> None:
    sync = await factory.sync(invitees=2)
    late, gone, quiet = [await factory.contact(sync.organizer) for _ in range(3)]
    await factory.do("delete from contacts where id = %s", gone)
    await factory.insert(
        "auto_sync_inbound",
        gateway="twilio",
        gateway_message_id="stop",
        phone_number=await factory.one("select phone_number from contacts where id = %s", quiet),
        body="STOP",
        received_at=await factory.one("select created_at - interval '1 minute' from auto_syncs"),
        outcome="Opted out.",
    )
    told = Told(started={sync.id: frozenset({*sync.contacts, gone, quiet})})
    assert await told.broken(connection) == []
    told = Told(started={sync.id: frozenset({*sync.contacts, late})})
    assert await told.broken(connection) == [
        f"lost: contact {late} was in the crew, and has not been asked (sync {sync.id})"
    ]


# What goes wrong, and how often


@pytest.mark.parametrize(("takes", "times"), [(0.0, 1000), (0.6, 1000), (3.0, 333)])
async def test_a_fault_begins_as_often_as_is_planned_however_long_it_takes(
    monkeypatch: pytest.MonkeyPatch, takes: float, times: int
) -> None:
    """Within a few of a hundred, by chance; one that takes longer, when it is over."""
    now = 0.0

    async def go_by(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(faults.time, "monotonic", lambda: now)
    monkeypatch.setattr(faults.asyncio, "sleep", go_by)
    all_faults = Faults(*[Untouched()] * 2, [], "http://nowhere", seed=1)
    await all_faults._again_and_again(KILL, 1.0, lambda: go_by(takes), 1000)
    assert len(all_faults.happened) == pytest.approx(times, rel=0.03)


class Untouched:
    """In place of a server and a crew: it has whatever is asked for, and does nothing."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: None


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    """One to a server that gives back what it is told."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(100):
            writer.write(said)
        writer.close()

    server = await asyncio.start_unix_server(echo, tmp_path / ".s.PGSQL.5432")
    wire = Wire(make_conninfo(host=str(tmp_path)))
    await wire.start()
    yield wire
    await wire.close()
    server.close()


async def hang_up_or_echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
    """What comes back; b"": it was hung up on; None: nothing does."""
    writer.write(b"here")
    try:
        return await asyncio.wait_for(reader.read(100), 0.2)
    except TimeoutError:
        return None
    except ConnectionError:
        return b""


async def test_what_is_stranded_stays_so_whatever_is_cut_until_it_is_mended(wire: Wire) -> None:
    port = int(conninfo_to_dict(wire.url)["port"] or 0)
    stranded = await asyncio.open_connection("127.0.0.1", port)
    assert await hang_up_or_echo(*stranded) == b"here"
    wire.strand()
    other = await asyncio.open_connection("127.0.0.1", port)
    assert await hang_up_or_echo(*other) == b"here"
    assert wire.cut() == 1
    assert await hang_up_or_echo(*other) == b""
    assert await hang_up_or_echo(*stranded) is None
    assert wire.mend() == 1
    assert await hang_up_or_echo(*stranded) == b""
