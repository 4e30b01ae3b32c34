"""What a benchmark asks of a throwaway database: rows to begin with, and what was written in the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from psycopg import sql

from autosync.database import clock
from autosync.database.pool import Connection, left_alone
from autosync.database.statements import statement

_KINDS = ("people", "syncs", "options", "asks", "answers")


@dataclass(frozen=True, slots=True)
class Population:
    """Running syncs whose reminders fall due `apart` from each other, the first of them `due_for` ago.

    Each has `crew` invitees, of whom `answered` have answered, and three options; an organizer has five syncs.
    """

    syncs: int
    first: int = 1
    crew: int = 8
    answered: int = 3
    due_for: timedelta = timedelta(hours=1)
    apart: timedelta = timedelta(milliseconds=100)


async def seed(connection: Connection, population: Population) -> None:
    """Writes the population, and has the server know its tables: statistics, visibility, nothing left to vacuum."""
    wanted = {
        "organizers": max(1, population.syncs // 5),
        "contacts": population.crew,
        "answered": population.answered,
        "first": population.first,
        "last": population.first + population.syncs - 1,
        "due_for": population.due_for,
        "apart": population.apart,
    }
    for kind in _KINDS:
        await connection.execute(statement(f"bench_seed_{kind}"), wanted)
    await settle(connection)


async def insert_syncs(connection: Connection, places: range) -> None:
    """Inserts running syncs of the first organizer's by one statement; nothing else of them."""
    wanted = {"organizers": 1, "first": places.start, "last": places.stop - 1}
    await connection.execute(
        statement("bench_seed_syncs"), wanted | {"due_for": timedelta(), "apart": timedelta(milliseconds=1)}
    )


async def let_first_reminder_be_scheduled(connection: Connection, scheduled: bool) -> None:
    """Takes the trigger that schedules a sync's first reminder off a throwaway database, or puts it on."""
    await connection.execute(statement(f"bench_{'enable' if scheduled else 'disable'}_first_reminder"))


async def settle(connection: Connection) -> None:
    """Vacuums, analyzes and writes out what is there, so that no run pays for the one before."""
    await connection.execute(statement("bench_vacuum"))
    await connection.execute(statement("bench_checkpoint"))


async def take_own_machinery_away(connection: Connection) -> None:
    """Leaves plain tables to a peer: without our jobs, and without the triggers that would make and skip them."""
    await connection.execute(statement("bench_disable_triggers"))
    await connection.execute(statement("bench_delete_jobs"))


async def pause_all(connection: Connection) -> None:
    """Makes every due reminder one that has nothing to do: its sync is paused, and its job still there."""
    await connection.execute(statement("bench_disable_triggers"))
    await connection.execute(statement("bench_pause_syncs"))
    await connection.execute(statement("bench_enable_triggers"))


@dataclass(frozen=True, slots=True)
class Written:
    """What is in the tables after a run: queued texts, syncs that were reminded, pause checks that are pending."""

    texts: int
    reminded: int
    follow_ups: int


async def count_written(connection: Connection) -> Written:
    """What a run has written."""
    row = await (await connection.execute(statement("bench_count_written"))).fetchone()
    assert row is not None, "bench_count_written returns one row"  # noqa: S101
    return Written(*row)


async def do_by_hand(connection: Connection, *, limit: int) -> int:
    """A batch of reminders by one statement, without rules, retries or isolation; returns how many."""
    async with connection.transaction():
        return (await connection.execute(statement("bench_limit_reminder"), {"limit": limit})).rowcount


async def copy_database(connection: Connection, *, source: str, name: str) -> None:
    """A new database `name` as `source` is, in place of one that has the name."""
    target, template = sql.Identifier(name), sql.Identifier(source)
    await connection.execute(sql.SQL("drop database if exists {} with (force)").format(target))
    await connection.execute(sql.SQL("create database {} template {} strategy file_copy").format(target, template))
    await connection.execute(statement("bench_checkpoint"))


async def create_database(connection: Connection, name: str) -> None:
    """A new, empty database."""
    await connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


async def add_jobs_in_bulk(connection: Connection, *, pending: range, done: range) -> None:
    """Adds jobs without syncs, which no foreign key sees: pending ones in the future, and such that were done.

    The ranges are of places that no earlier call has had.
    """
    async with connection.transaction():
        await connection.execute(statement("bench_without_triggers"))
        for name, places in (("bench_bulk_pending", pending), ("bench_bulk_done", done)):
            await connection.execute(statement(name), {"first": places.start, "last": places.stop - 1})
    await settle(connection)


async def remove_people(connection: Connection) -> None:
    """Empties a throwaway database of people, and so of syncs, texts and jobs."""
    await connection.execute(statement("bench_remove_people"))


@dataclass(frozen=True, slots=True)
class ClaimCost:
    """What a claim took: pages touched, and the milliseconds of the server."""

    pages: int
    milliseconds: float


async def explain_claim(connection: Connection, *, limit: int) -> ClaimCost:
    """What the claim of so many due jobs takes; it is rolled back."""
    async with connection.transaction(force_rollback=True):
        query = b"explain (analyze, buffers, timing off, format json) " + statement("claim_due_jobs")
        wanted = {"limit": limit, "job_ids": None, "since": None} | left_alone()
        row = await (await connection.execute(query, wanted)).fetchone()
        assert row is not None, "explain returns one row"  # noqa: S101
        plan = row[0][0]
        pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        return ClaimCost(pages, plan["Execution Time"])


async def hold_snapshot(connection: Connection) -> None:
    """Makes the open transaction one that sees the database as it is now until its end."""
    await connection.execute(statement("bench_repeatable_read"))
    await connection.execute(statement("count_due_jobs"))


async def read_server(connection: Connection) -> dict[str, str]:
    """The server's version and the settings that durability and speed rest on."""
    return dict(await (await connection.execute(statement("bench_server_settings"))).fetchall())


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late so many jobs were finished, in seconds: the median, the 99th percentile, and the worst."""

    jobs: int
    p50: float
    p99: float
    longest: float


async def watch_lateness(connection: Connection) -> None:
    """Has it kept from now on how late each job is finished."""
    await connection.execute(statement("bench_watch_lateness"))


async def fall_due_at_random(connection: Connection, *, first: timedelta, last: timedelta) -> None:
    """Has every pending reminder fall due at random between these two from now."""
    await connection.execute(statement("bench_due_at_random"), {"first": first, "last": last})


async def read_lateness(connection: Connection) -> Lateness:
    """How late those were that are finished."""
    row = await (await connection.execute(statement("bench_lateness"))).fetchone()
    assert row is not None, "bench_lateness returns one row"  # noqa: S101
    jobs, *seconds = row
    return Lateness(jobs, *(figure or 0.0 for figure in seconds))


@dataclass(frozen=True, slots=True)
class Spent:
    """The process that serves a connection, and how far the server has written ahead, in bytes."""

    pid: int
    wal_bytes: int


async def read_spent(connection: Connection) -> Spent:
    """How much the server has written ahead so far, and which process asks."""
    row = await (await connection.execute(statement("bench_spent"))).fetchone()
    assert row is not None, "bench_spent returns one row"  # noqa: S101
    return Spent(*row)


async def set_clock_to_noon(connection: Connection) -> None:
    """Under the demo's timings, makes it noon where the population is: no text waits for the morning."""
    await clock.activate(connection, "demo")
    await connection.execute(statement("bench_at_noon"))


async def keep_barely(connection: Connection, gateway_message_id: str, phone_number: str, body: str) -> None:
    """Keeps a text that came in, and does nothing about it."""
    await connection.execute(
        statement("bench_keep_barely"),
        {"gateway_message_id": gateway_message_id, "phone_number": phone_number, "body": body},
    )


async def count_texts(connection: Connection, status: str) -> int:
    """How many texts stand in this state."""
    row = await (await connection.execute(statement("bench_count_texts"), {"status": status})).fetchone()
    assert row is not None, "count returns one row"  # noqa: S101
    count: int = row[0]
    return count


async def list_numbers(connection: Connection) -> list[str]:
    """The E.164 numbers of the population's invitees."""
    return [number for (number,) in await (await connection.execute(statement("bench_list_numbers"))).fetchall()]


async def count_inbound(connection: Connection) -> int:
    """How many texts that came in are kept."""
    row = await (await connection.execute(statement("bench_count_inbound"))).fetchone()
    assert row is not None, "count returns one row"  # noqa: S101
    count: int = row[0]
    return count
