"""What the chaos run's verdict turns on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.database.pool import Connection
from chaos.faults import Happened, Progress, Watch
from chaos.people import Clock, Told
from chaos.report import BACK_WITHIN, WANTED, Report
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
        pytest.param({"jobs": Counter(processed=10, pending=60_000)}, id="too-few-jobs-done"),
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
def test_whatever_does_not_go_on_within_a_minute_of_a_fault_is_named(moments: tuple[float, ...], stuck: int) -> None:
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
        "started": {sync.id for sync in begun},
        "ended": {begun[0].id: "stopped"},
        "received": {"here"},
    }
    assert await Told(**true).broken(connection) == []

    change: dict[str, Callable[[], Any]] = {
        "begun": lambda: {"Tea": 3},
        "started": lambda: {*true["started"], uuid4()},
        "ended": lambda: {**true["ended"], begun[1].id: "completed"},
        "received": lambda: {"here", "gone"},
    }
    for name, worse in change.items():
        (line,) = await Told(**{**true, name: worse()}).broken(connection)
        assert line.startswith("lost: 1 ") or line == "lost: 2 texts to us were confirmed, and 1 are there", line
