"""What is done about an answer that does not come: it is asked after, and what is lost is given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync.database import lines
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.database.statements import statement
from chaos.wire import Wire
from factories import Factory
from pooler import SESSIONS, Pooler
from waiting import until, until_waiting

AT_A_LOCK = "select pg_advisory_xact_lock(4711), repeat('x', %s)"
LONG = 20_000_000
"""Bytes that no buffer between here and the server holds."""


@pytest.fixture
def quick_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks at once, for tests in which somebody else makes it wait."""
    monkeypatch.setattr(lines, "UNANSWERED", 0.05)


@pytest.fixture
async def wire(direct_url: str) -> AsyncIterator[Wire]:
    wire = Wire(direct_url)
    await wire.start()
    yield wire
    await wire.close()


@pytest.fixture
async def wire_to_pooler(direct_url: str, fragile_pooler: Pooler) -> AsyncIterator[Wire]:
    wire = Wire(fragile_pooler.url(direct_url))
    await wire.start()
    yield wire
    await wire.close()


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Somebody else has what AT_A_LOCK waits for."""
    async with connect(url) as somebody, somebody.transaction():
        await somebody.execute("select pg_advisory_xact_lock(4711)")
        yield


async def of_session(factory: Factory, pid: int) -> list[str]:
    """What the server says of it: its state, unless it is gone."""
    return [state for (state,) in await factory.rows("select state from pg_stat_activity where pid = %s", pid)]


async def asked(wire: Wire, times: int) -> None:
    """Until so many connections were made beyond the first."""

    async def often() -> bool:
        return wire.taken > times

    await until(often, within=30)


async def until_something_waits(factory: Factory) -> None:
    """Until some session of this database waits for a lock."""

    async def waits() -> bool:
        return bool(
            await factory.one(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
        )

    await until(waits, within=30)


async def begin(connection: Connection, observer: Connection, *, size: int = 1) -> asyncio.Task[int]:
    """A statement that the server is at, waiting for a lock; its result is how much has come."""

    async def wait() -> int:
        cursor = await connection.execute(AT_A_LOCK, [size])
        row = await cursor.fetchone()
        assert row is not None
        return len(row[1])

    task = asyncio.create_task(wait())
    await until_waiting(observer, connection)
    return task


async def test_an_answer_that_was_lost_is_given_up_within_seconds_and_its_locks_with_it(
    factory: Factory, direct_url: str, wire: Wire
) -> None:
    sync = await factory.sync()
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        await connection.execute("begin")
        await connection.execute("select from auto_syncs where id = %s for update", [sync.id])
        async with locked(direct_url):
            answer = await begin(connection, factory.connection)
            wire.strand()
        async with asyncio.timeout(30):
            with pytest.raises(psycopg.OperationalError):
                await answer
            await factory.do("update auto_syncs set event_name = 'Lunch' where id = %s", sync.id)


async def test_a_statement_that_never_arrived_is_given_up(wire: Wire) -> None:
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        wire.strand()
        async with asyncio.timeout(30):
            with pytest.raises(psycopg.OperationalError):
                await connection.execute("select 1")


@pytest.mark.usefixtures("quick_to_ask")
async def test_what_others_are_at_for_long_keeps_nobody_from_giving_up_what_is_lost(
    factory: Factory, direct_url: str, wire: Wire
) -> None:
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection, connect(direct_url) as other:
        async with locked(direct_url):
            waiting = await begin(other, factory.connection)
            wire.strand()
            async with asyncio.timeout(30):
                with pytest.raises(psycopg.OperationalError):
                    await connection.execute("select 1")
            assert not waiting.done()
        assert await waiting == 1


async def test_a_long_answer_of_which_the_rest_is_lost_is_given_up_and_its_session_ended(
    factory: Factory, direct_url: str, wire: Wire
) -> None:
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        pid = connection.info.backend_pid
        async with locked(direct_url):
            answer = await begin(connection, factory.connection, size=LONG)
            wire.strand()

        async def is_gone() -> bool:
            return not await of_session(factory, pid)

        async with asyncio.timeout(30):
            with pytest.raises(psycopg.OperationalError):
                await answer
            await until(is_gone)


@pytest.mark.usefixtures("quick_to_ask")
async def test_a_statement_that_the_server_is_at_is_waited_for_however_often_it_is_asked_after(
    factory: Factory, direct_url: str, wire: Wire
) -> None:
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        before = wire.taken
        async with locked(direct_url):
            answer = await begin(connection, factory.connection)
            await asked(wire, before + 3)
        assert await answer == 1


async def test_a_long_answer_that_comes_slowly_is_waited_for(
    factory: Factory, direct_url: str, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "UNANSWERED", 0.2)
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        async with locked(direct_url):
            answer = await begin(connection, factory.connection, size=LONG)
            wire.lag = 0.01
        assert await answer == LONG


async def test_a_long_answer_that_comes_again_while_it_is_asked_after_is_waited_for(
    factory: Factory, direct_url: str, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "UNANSWERED", 4.0)  # nothing is asked before all is as it should be
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        async with locked(direct_url):
            answer = await begin(connection, factory.connection, size=LONG)
            wire.strand()

        async def is_stuck() -> bool:
            stuck = "select count(*) from pg_stat_activity where pid = %s and wait_event = 'ClientWrite'"
            return bool(await factory.one(stuck, connection.info.backend_pid))

        async def first_question_is_over() -> bool:
            return wire.taken > before and wire.open == 0

        before = wire.taken
        await until(is_stuck, within=30)
        assert wire.taken == before
        await until(first_question_is_over, within=30)
        wire.hold()
        await asked(wire, before + 1)
        wire.lag = 0.01
        wire.resume()
        wire.let_go()
        assert await answer == LONG


@pytest.mark.usefixtures("quick_to_ask")
async def test_of_all_statements_of_a_pool_one_at_a_time_is_asked_after(
    factory: Factory, direct_url: str, wire: Wire
) -> None:
    several = 6

    async def wait(pool: Pool) -> None:
        async with pool.connection() as connection:
            await connection.execute(AT_A_LOCK, [1])

    wire.lag = 0.02  # so that a question takes longer than it takes them to ask
    async with open_pool(wire.url, size=several) as pool, asyncio.TaskGroup() as group, locked(direct_url):
        for _ in range(several):
            group.create_task(wait(pool))
        await asked(wire, 4 * several)
    # One that ends may still be open when the next one begins.
    assert wire.most <= several + 2


@pytest.mark.usefixtures("quick_to_ask")
async def test_while_nobody_answers_the_question_either_the_statement_is_waited_for(
    factory: Factory, direct_url: str, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST_QUESTION", 0.1)
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        async with locked(direct_url):
            answer = await begin(connection, factory.connection)
            before = wire.taken
            wire.hold()
        await asked(wire, before + 1)
        wire.let_go()
        assert await answer == 1


@pytest.mark.usefixtures("quick_to_ask")
async def test_whoever_cannot_ask_goes_on_trying(wire: Wire) -> None:
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection:
        wire.strand()
        wire.refuses = True
        answer = asyncio.create_task(connection.execute("select 1"))
        await asked(wire, wire.taken + 2)
        assert not answer.done()
        wire.refuses = False
        async with asyncio.timeout(30):
            with pytest.raises(psycopg.OperationalError):
                await answer


@pytest.mark.usefixtures("quick_to_ask")
async def test_what_is_lost_is_given_up_though_its_session_may_not_be_ended(
    factory: Factory, direct_url: str, wire: Wire
) -> None:
    name = f"modest_{uuid4().hex}"
    role = sql.Identifier(name)
    await factory.connection.execute(sql.SQL("create role {} login").format(role))
    await factory.connection.execute("revoke execute on function pg_terminate_backend from public")
    try:
        modest = make_conninfo(wire.url, user=name)
        async with open_pool(modest, size=1) as pool, pool.connection() as connection:
            pid = connection.info.backend_pid
            wire.strand()
            async with asyncio.timeout(30):
                with pytest.raises(psycopg.OperationalError):
                    await connection.execute("select 1")
        assert await of_session(factory, pid) == ["idle"]
    finally:
        await wire.close()
        await factory.connection.execute(sql.SQL("drop role {}").format(role))


async def verdict(asked: Connection, of: Connection, **told: float) -> Any:
    """What is said of another connection's session: (whether it is at a statement, its number if it is ours for sure).

    `told`: `asking`, the number that the first was told for itself; `age` and `moment` in seconds.
    """
    about = {"pid": of.info.backend_pid, "asking": asked.info.backend_pid, "age": 0, "moment": 0}
    cursor = await asked.execute(statement("is_at_statement"), about | told)
    return await cursor.fetchone()


async def test_a_session_is_ours_if_its_number_was_no_invention_and_it_is_not_younger_than_our_connection(
    direct_url: str,
) -> None:
    async with connect(direct_url) as asking, connect(direct_url) as other:
        number = other.info.backend_pid
        assert await verdict(asking, other) == (False, number)
        assert await verdict(asking, other, asking=number) == (False, None), "as a pooler tells them"
        assert await verdict(asking, other, age=60) == (False, None), "the server was restarted, and counted again"


async def test_a_statement_is_waited_for_though_the_server_has_set_its_clock_back(
    factory: Factory, direct_url: str
) -> None:
    async with connect(direct_url) as asking, connect(direct_url) as other:
        async with locked(direct_url):
            waiting = await begin(other, factory.connection)
            assert await verdict(asking, other, age=60) == (True, None)
        await waiting


async def test_where_numbers_are_inventions_any_session_at_one_statement_for_a_moment_may_be_ours(
    factory: Factory, direct_url: str
) -> None:
    async with connect(direct_url) as asking, connect(direct_url) as other:
        async with locked(direct_url):
            waiting = await begin(other, factory.connection)
            assert await verdict(asking, other, asking=-1) == (True, None)
            assert await verdict(asking, other, asking=-1, moment=60) == (False, None)
        await waiting


async def test_a_line_to_a_pooler_is_given_up_as_well_and_no_session_behind_it_ended(
    factory: Factory, wire_to_pooler: Wire
) -> None:
    async def sessions() -> set[int]:
        found = await factory.rows(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in found}

    async with open_pool(wire_to_pooler.url, size=1) as pool, pool.connection() as connection:
        before = await sessions()
        wire_to_pooler.strand()
        async with asyncio.timeout(30):
            with pytest.raises(psycopg.OperationalError):
                await connection.execute("select 1")
        assert before
        assert before <= await sessions()


@pytest.mark.usefixtures("quick_to_ask")
async def test_a_statement_that_a_full_pooler_lets_through_just_before_the_question_is_waited_for(
    factory: Factory, direct_url: str, fragile_pooler: Pooler, wire_to_pooler: Wire
) -> None:
    url = fragile_pooler.url(direct_url)
    async with (
        open_pool(wire_to_pooler.url, size=1) as pool,
        pool.connection() as connection,
        AsyncExitStack() as first,
        AsyncExitStack() as others,
    ):
        for number in range(SESSIONS):
            stack = others if number else first
            full = await stack.enter_async_context(connect(url))
            await stack.enter_async_context(full.transaction())
            await full.execute("select 1")
        before = wire_to_pooler.taken
        async with locked(direct_url):
            answer = asyncio.create_task(connection.execute(AT_A_LOCK, [1]))
            await asked(wire_to_pooler, before)
            await first.aclose()
            await until_something_waits(factory)
            await others.aclose()
            await asked(wire_to_pooler, before + 3)
            assert not answer.done()
        cursor = await answer
        assert await cursor.fetchone() is not None


@pytest.mark.usefixtures("quick_to_ask")
async def test_a_statement_that_waits_behind_a_pooler_is_waited_for(
    factory: Factory, direct_url: str, wire_to_pooler: Wire
) -> None:
    async with open_pool(wire_to_pooler.url, size=1) as pool, pool.connection() as connection:
        before = wire_to_pooler.taken
        async with locked(direct_url):
            answer = asyncio.create_task(connection.execute(AT_A_LOCK, [1]))
            await asked(wire_to_pooler, before + 3)
            assert not answer.done()
        cursor = await answer
        assert await cursor.fetchone() is not None


@pytest.mark.usefixtures("quick_to_ask")
async def test_after_its_longest_time_a_statement_is_given_up_whatever_the_server_says_or_does_not_say(
    factory: Factory, direct_url: str, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST_STATEMENT", 1.0)
    monkeypatch.setattr(lines, "LONGEST_QUESTION", 600.0)
    async with open_pool(wire.url, size=1) as pool, pool.connection() as connection, locked(direct_url):
        answer = await begin(connection, factory.connection)
        wire.hold()
        async with asyncio.timeout(30):
            with pytest.raises(psycopg.OperationalError):
                await answer
