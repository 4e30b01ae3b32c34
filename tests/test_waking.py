"""What is wanting for wake-ups to arrive, as rules; on a real pg_cron in test_cron."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from autosync.waking import JOBS, KEY_SECRET, URL_SECRET, Call, Extensions, ScheduledJob, Waking, wanting

HERE = Extensions(
    version="1.6",
    is_available=True,
    cron_database="app",
    knows_settings=True,
    database="app",
    scheduler_runs=True,
    has_pg_net=True,
    has_vault=True,
)

SECOND = timedelta(seconds=1)

WELL = Waking(
    extensions=HERE,
    jobs=tuple(
        ScheduledJob(
            number, job.name, job.schedule, job.command, active=True, is_own=True, status="succeeded", message="1 row",
            age=30 * SECOND,
        )
        for number, job in enumerate(JOBS)
    ),
    secrets=frozenset({URL_SECRET, KEY_SECRET}),
    call=Call(30 * SECOND, http_status=200),
    oldest_due=30 * SECOND,
)  # fmt: skip


def test_where_all_is_well_nothing_is_wanting() -> None:
    assert wanting(WELL) == []
    assert wanting(replace(WELL, call=None, oldest_due=None)) == []


def test_jobs_that_have_not_run_yet_are_not_wanting() -> None:
    fresh = tuple(replace(job, status=None, message=None, age=None) for job in WELL.jobs)
    assert wanting(replace(WELL, jobs=fresh)) == []


def test_a_scheduler_that_does_not_run_is_wanting() -> None:
    (line,) = wanting(replace(WELL, extensions=replace(HERE, scheduler_runs=False)))
    assert line.startswith("pg_cron's scheduler does not run")


def test_the_daily_job_may_rest_for_a_day_and_not_for_two() -> None:
    process, cleanup = WELL.jobs
    for hours, lines in ((25, 0), (48, 1)):
        jobs = (process, replace(cleanup, age=timedelta(hours=hours)))
        assert len(wanting(replace(WELL, jobs=jobs))) == lines


@pytest.mark.parametrize(
    "call, fate, is_well",
    [
        (Call(SECOND), "not answered", True),
        (Call(90 * SECOND), "not answered", False),
        (Call(timedelta(hours=7)), "not answered", True),
        (Call(SECOND, http_status=200), "answered with HTTP 200", True),
        (Call(timedelta(hours=3), http_status=503), "answered with HTTP 503", False),
        (Call(SECOND, error="timed out"), "failed: timed out", False),
        (Call(SECOND, refused_with="42501"), "refused by pg_net or the Vault (SQLSTATE 42501)", False),
    ],
)
def test_a_call_is_well_if_it_came_through_or_may_have(call: Call, fate: str, is_well: bool) -> None:
    assert (call.fate, call.is_well) == (fate, is_well)
    assert bool(wanting(replace(WELL, call=call))) is not is_well


@pytest.mark.parametrize(
    "extensions, sentence",
    [
        (replace(HERE, is_available=False), "This server does not have pg_cron"),
        (replace(HERE, cron_database=None), "The server has not loaded pg_cron"),
        (replace(HERE, cron_database="x"), 'pg_cron works in the database "x" of this server, not in "app"'),
        (HERE, "pg_cron is not installed in this database: run `autosync cron install`."),
        (replace(HERE, cron_database=None, knows_settings=False), "pg_cron is not installed in this database"),
    ],
)  # fmt: skip
def test_without_pg_cron_one_sentence_says_why(extensions: Extensions, sentence: str) -> None:
    (line,) = wanting(replace(WELL, extensions=replace(extensions, version=None), jobs=()))
    assert line.startswith(sentence)
