"""The server that the database lives on: what stands in the way of jobs, by itself or by a limit."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import sql

from autosync.database import vitals
from autosync.database.migrate import migrations
from autosync.database.pool import Connection, connect
from autosync.database.review import Recorded
from autosync.database.vitals import Holder, Limit, RoleSetting, Server, Upkeep
from autosync.doctor import server, upkeep
from autosync.doctor.findings import Finding, Level
from autosync.doctor.review import review
from planting import ailments
from waiting import until

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
GOOD = Server(180004, "18.4", False, True, "UTF8", "app", NOW, "owner", True)


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.level.name, finding.what) for finding in findings if finding.level is not Level.OK]


@pytest.mark.parametrize(
    "facts, level, part",
    [
        ({"version_number": 140011, "version": "14.11"}, "WRONG", "PostgreSQL 14.11 is too old"),
        ({"is_standby": True}, "WARNING", "is a standby"),
        ({"autovacuum": False}, "WARNING", "Autovacuum is off"),
        ({"encoding": "SQL_ASCII"}, "WARNING", "encoded in SQL_ASCII"),
        ({"ahead": timedelta(seconds=61)}, "WARNING", "clock is 61 seconds ahead of that of this machine"),
        ({"ahead": timedelta(minutes=-7)}, "WARNING", "clock is 7 minutes behind that of this machine"),
        ({"sees_sessions": False}, "NOTE", "The role owner does not see what other roles' sessions do"),
    ],
)
def test_a_server_that_is_not_good_enough_is_told(facts: dict[str, object], level: str, part: str) -> None:
    assert told(list(server.itself(GOOD))) == []
    ((found, what),) = told(list(server.itself(replace(GOOD, **facts))))  # type: ignore[arg-type]
    assert (found, part in what) == (level, True), what


async def test_the_servers_clock_is_compared_with_ours(connection: Connection) -> None:
    assert abs((await vitals.server(connection)).ahead) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "setting, found",
    [
        (RoleSetting("worker", "statement_timeout", 0), []),
        (RoleSetting("worker", "statement_timeout", 30), []),
        (RoleSetting("worker", "statement_timeout", 3), ["WARNING"]),
        (RoleSetting("worker", "lock_timeout", 0.1), ["WARNING"]),
        (RoleSetting("worker", "transaction_timeout", 9), ["WARNING"]),
        (RoleSetting("worker", "default_transaction_read_only", 0), []),
        (RoleSetting("worker", "default_transaction_read_only", 1), ["WRONG"]),
    ],
)
def test_a_limit_that_cuts_work_short_is_told(setting: RoleSetting, found: list[str]) -> None:
    assert [level for level, _ in told(list(server.role_settings([setting])))] == found


async def test_settings_of_the_database_hold_for_who_is_asking(database_url: str, connection: Connection) -> None:
    name = sql.Identifier(connection.info.dbname)
    await connection.execute(sql.SQL("alter database {} set statement_timeout = '900ms'").format(name))
    async with connect(database_url) as another:
        ((level, what),) = ailments(await review(another))
    assert (level, "is 0.9 s, which can cut a batch short" in what) == ("WARNING", True)


@pytest.mark.parametrize("used, found", [(89, 0), (90, 1), (100, 1)])
def test_a_limit_that_is_nearly_reached_is_told(used: int, found: int) -> None:
    assert len(told(list(server.limits([Limit("server", used, 100)])))) == found


async def test_a_database_that_allows_no_more_connections_is_told(connection: Connection) -> None:
    name = sql.Identifier(connection.info.dbname)
    await connection.execute(sql.SQL("alter database {} connection limit 1").format(name))
    assert ailments(await review(connection)) == [
        ("WARNING", "1 of the 1 connections that the database allows are taken.")
    ]


async def test_a_session_that_idles_in_a_transaction_is_named(database_url: str, connection: Connection) -> None:
    async with connect(database_url) as other, other.transaction():
        await other.execute("select 1")
        found = await vitals.idle_transactions(connection, longest=timedelta())
        (finding,) = server.idle(found)
        assert f"pg_terminate_backend({other.info.backend_pid})" in (finding.advice or "")
        assert await vitals.idle_transactions(connection) == []


async def test_a_transaction_that_goes_on_and_on_is_named(database_url: str, connection: Connection) -> None:
    async with connect(database_url) as holder, connect(database_url) as waiter:
        async with holder.transaction():
            await holder.execute("lock table job_queue")
            waiting = asyncio.create_task(waiter.execute("select from job_queue"))
            pid = str(waiter.info.backend_pid)

            async def is_seen() -> bool:
                return pid in [held.name for held in await vitals.horizon(connection, longest=timedelta())]

            await until(is_seen)
            assert pid not in [held.name for held in await vitals.horizon(connection)]
        await waiting


async def test_a_replication_slot_that_nobody_reads_is_named(connection: Connection) -> None:
    await connection.execute("select pg_create_physical_replication_slot('forgotten', true)")
    try:
        assert [(held.kind, held.name) for held in await vitals.horizon(connection, retained=-1)] == [
            ("slot", "forgotten")
        ]
        assert await vitals.horizon(connection) == []
    finally:
        await connection.execute("select pg_drop_replication_slot('forgotten')")


@pytest.mark.parametrize(
    "holder, what, advice",
    [
        (Holder("transaction", "4711", timedelta(hours=2), 0), "Session 4711 has been", "pg_terminate_backend(4711)"),
        (Holder("prepared", "o'clock", timedelta(days=9), 0), "for 9 days", "rollback prepared 'o''clock';"),
        (Holder("slot", "old", None, 5.2e9), "keeps 5.2 GB of changes", "pg_drop_replication_slot('old')"),
    ],
)
def test_what_holds_dead_rows_back_is_told_with_what_ends_it(holder: Holder, what: str, advice: str) -> None:
    (finding,) = upkeep.horizon([holder])
    assert (finding.level, what in finding.what, advice in (finding.advice or "")) == (Level.WARNING, True, True)


@pytest.mark.parametrize(
    "table, found",
    [
        (Upkeep("job_queue", 100, 9_999, True, None), 0),
        (Upkeep("job_queue", 1_000_000, 100_000, True, None), 0),
        (Upkeep("job_queue", 100, 10_000, True, timedelta(hours=3)), 1),
        (Upkeep("job_queue", 100, 0, False, None), 1),
    ],
)
def test_a_table_that_is_not_swept_is_told(table: Upkeep, found: int) -> None:
    assert len(told(list(upkeep.tables([table])))) == found


OURS = [Recorded(m.version, m.name, True) for m in migrations()]


@pytest.mark.parametrize(
    "on_record, level, part",
    [
        (OURS[:-1], "WRONG", "1 migration of this release has not been applied"),
        ([*OURS[:1], *OURS[2:]], "WRONG", "Later ones have."),
        ([*OURS, Recorded("20991231000000", "next", True)], "WARNING", "does not know: 20991231000000_next"),
        ([*OURS, Recorded("20261101000001", "ours_too", True)], "NOTE", "20261101000001_ours_too"),
    ],
)
def test_the_record_of_migrations_is_read(on_record: list[Recorded], level: str, part: str) -> None:
    ((found, what),) = told(list(server.recorded(server.Record(on_record, has_tables=True))))
    assert (found, part in what) == (level, True), what


@pytest.mark.parametrize("version", ["20200101000000", "20991231000000"])
def test_migrations_of_other_projects_are_theirs(version: str) -> None:
    record = server.Record([*OURS, Recorded(version, "someone_elses", False)], has_tables=True)
    assert told(list(server.recorded(record))) == []


def test_productions_own_migrations_from_before_are_no_surprise() -> None:
    record = server.Record([Recorded("20250101000000", "create_auto_syncs", True), *OURS], has_tables=True)
    assert told(list(server.recorded(record))) == []


def test_tables_without_a_record_are_not_migrated_again() -> None:
    (missing,) = server.recorded(server.Record([], has_tables=True))
    assert "supabase migration repair --status applied 20261101000000" in (missing.advice or "")
    (nothing,) = server.recorded(server.Record([], has_tables=False))
    assert nothing.advice == "Run `autosync migrate`."
