"""What operators are shown is read by index and within its window, whatever has piled up beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync.database.board import Span
from autosync.web.pages.ops.plots import RANGES, span_of
from test_plans import Plan, explain

Connection = psycopg.Connection[tuple[Any, ...]]

DONE, SENT, PENDING, FAILED = 60_000, 60_000, 20_000, 300
"""Jobs done and texts sent, one each four seconds for nearly three days; jobs ahead; failed jobs, and failed texts."""

ROWS: LiteralString = """
insert into auth.users (id) select md5('u')::uuid;
insert into profiles (id, first_name) select md5('u')::uuid, 'Maya';
insert into auto_syncs (id, organizer_id, event_name, status)
select md5('s' || n)::uuid, md5('u')::uuid, 'Tea', 'running' from generate_series(0, 19999) n;
insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at)
select md5('s' || n % 20000)::uuid, 'reminder_24h', d.at, 'processed', d.at
from generate_series(1, 60000) n cross join lateral (select now() - interval '4 seconds' * n as at) d;
insert into job_queue (sync_id, job_type, scheduled_at)
select md5('s' || n % 20000)::uuid, 'pause_check_48h', now() + interval '1 second' * (n - 200)
from generate_series(1, 20000) n;
insert into job_queue (id, sync_id, job_type, scheduled_at, status, processed_at)
select md5('f' || n)::uuid, md5('s' || n)::uuid, 'auto_end_check', now() - interval '20 minutes' * n, 'failed', now()
from generate_series(1, 300) n;
insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message)
select md5('f' || n)::uuid, a, now() - interval '20 minutes' * n, now(), 'x'
from generate_series(1, 300) n, generate_series(1, 5) a;
insert into auto_sync_messages (auto_sync_id, message_type, status, sent_at, created_at)
select md5('s' || n % 20000)::uuid, 'initial', 'sent', d.at, d.at
from generate_series(1, 60000) n cross join lateral (select now() - interval '4 seconds' * n as at) d;
insert into auto_sync_messages (auto_sync_id, message_type, status, sent_at, created_at, claimed_at)
select md5('s' || n)::uuid, 'initial', s.status, null, now() - interval '20 minutes' * n, now()
from generate_series(1, 300) n cross join (values ('failed'), ('unknown')) s (status);
insert into auto_sync_messages (auto_sync_id, message_type, status, body, sent_at, send_after, status_reason)
select md5('s' || n)::uuid, 'reminder', 'queued', 'x', null, now() + interval '1 second' * (n - 200), 'Night.'
from generate_series(1, 300) n
"""


@pytest.fixture(scope="module", params=["fresh", "never-analyzed"])
def url(request: pytest.FixtureRequest, server_url: str, template: str) -> Iterator[str]:
    """A database with much in it, whose statistics are fresh or missing."""
    name = f"board_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        made = make_conninfo(server_url, dbname=name)
        with psycopg.connect(made, autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            for table in ("job_queue", "job_failures", "auto_sync_messages", "auto_syncs"):
                connection.execute(
                    sql.SQL("alter table {} set (autovacuum_enabled = off)").format(sql.Identifier(table))
                )
            connection.execute(ROWS)
            if request.param == "fresh":
                connection.execute("analyze")
        yield made
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A transaction in that database; as the pool's, it prepares nothing."""
    with psycopg.connect(url, prepare_threshold=None) as opened, opened.transaction(force_rollback=True):
        yield opened


def within(connection: Connection, range_: str) -> dict[str, object]:
    row = connection.execute("select now()").fetchone()
    assert row is not None
    now: datetime = row[0]
    span: Span = span_of(RANGES[range_], now)
    return {"start": span.start, "over": span.over, "width": span.width}


@pytest.mark.parametrize(
    "name, table, index",
    [
        ("count_jobs_over_time", "job_queue", "idx_job_queue_cleanup"),
        ("count_texts_over_time", "auto_sync_messages", "idx_auto_sync_messages_sent_at"),
    ],
)
@pytest.mark.parametrize("range_", ["3h", "24h"])
def test_what_happened_over_time_is_counted_within_its_window(
    connection: Connection, name: str, table: str, index: str, range_: str
) -> None:
    plan = explain(connection, name, **within(connection, range_))

    assert plan.rows_read[table] <= RANGES[range_].back / timedelta(seconds=4) + FAILED, plan.text
    assert index in plan.indexes, plan.text


@pytest.mark.parametrize("range_", ["3h", "24h"])
def test_attempts_that_raised_are_counted_within_their_window(connection: Connection, range_: str) -> None:
    plan = explain(connection, "count_attempts_over_time", **within(connection, range_))

    assert plan.rows_read.keys() == {"job_failures"}
    assert 0 < plan.rows_read["job_failures"] <= 5 * RANGES[range_].back / timedelta(minutes=20), plan.text
    assert plan.indexes == {"idx_job_failures_failed_at"}, plan.text


@pytest.mark.parametrize(
    "name, table, indexes",
    [
        ("count_open_jobs", "job_queue", {"idx_job_queue_due", "idx_job_queue_failed", "idx_job_queue_cleanup"}),
        ("count_open_texts", "auto_sync_messages", {"idx_auto_sync_messages_queued", "idx_auto_sync_messages_sent_at"}),
    ],
)
def test_what_is_there_now_is_counted_as_far_as_is_enough(
    connection: Connection, name: str, table: str, indexes: set[str]
) -> None:
    plan = explain(connection, name, enough=100)

    assert plan.rows_read[table] <= 4 * 100, plan.text
    assert indexes <= plan.indexes, plan.text


PAGES: list[tuple[str, str, int]] = [
    ("page_due_jobs", "job_queue", 1),
    ("page_failed_jobs", "job_queue", 1),
    ("page_queued_texts", "auto_sync_messages", 1),
    ("page_unknown_texts", "auto_sync_messages", 300),  # all are of one moment here, so their ids are sorted
    ("page_failed_texts", "auto_sync_messages", 1),
]


@pytest.mark.parametrize("name, table, alike", PAGES, ids=[name for name, *_ in PAGES])
def test_a_page_of_a_list_reads_its_rows(connection: Connection, name: str, table: str, alike: int) -> None:
    parameters = {"at": None, "id": None, "limit": 26, "held": False, "code": None}

    plan: Plan = explain(connection, name, **parameters)

    assert plan.returned == 26, plan.text
    assert plan.rows_read[table] <= 26 + alike, plan.text


@pytest.mark.parametrize("name, table, alike", PAGES, ids=[name for name, *_ in PAGES])
def test_the_last_page_of_a_list_reads_no_more_than_the_list(
    connection: Connection, name: str, table: str, alike: int
) -> None:
    parameters = {"at": "2020-01-01Z" if "failed" in name else "2040-01-01Z", "id": uuid4(), "limit": 26}

    plan: Plan = explain(connection, name, **parameters, held=False, code=None)

    assert plan.returned == 0
    assert plan.rows_read[table] <= 300, plan.text
