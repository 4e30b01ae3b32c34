"""Where dispatchers meet those who stop something or answer: both orders, made with real locks."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from autosync import inbox, syncs, underway
from autosync.database import messages
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.inbox import InboundText
from factories import Factory, MadeSync, at_noon
from faulty_gateway import FaultyGateway, Hang, make_dispatcher
from outbox import number_of, queue, queue_one_each, status_of
from waiting import activity, until, until_waiting


@pytest.fixture
def gateway() -> FaultyGateway:
    return FaultyGateway()


@pytest.fixture
def sender(pool: Pool, gateway: FaultyGateway) -> Dispatcher:
    return make_dispatcher(pool, gateway)


@pytest.fixture
async def sync(factory: Factory) -> MadeSync:
    """A running sync of three invitees, at noon in New York."""
    await at_noon(factory)
    return await factory.sync(invitees=3)


async def suppress(connection: Connection, number: str) -> str:
    return await inbox.receive(connection, InboundText("faulty", str(uuid4()), number, "STOP"), region="US")


async def test_an_organizer_who_stops_first_lets_nothing_leave(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, database_url: str
) -> None:
    texts = await queue_one_each(factory, sync)
    async with connect(database_url) as organizer:
        async with organizer.transaction():
            await syncs.stop(organizer, sync.id)
            assert await sender.dispatch_once() == (0, 0)
        await sender.dispatch_due()

    assert gateway.tried == []
    assert {await status_of(factory, text) for text in texts} == {"canceled"}


async def test_an_organizer_who_stops_during_a_claim_waits_for_it(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, database_url: str
) -> None:
    await queue_one_each(factory, sync)
    async with connect(database_url) as claiming, connect(database_url) as organizer:
        async with claiming.transaction():
            assert len(await messages.claim_queued(claiming, limit=10)) == 3
            stopping = asyncio.create_task(syncs.stop(organizer, sync.id))
            await until_waiting(factory.connection, organizer)
        await stopping
    await sender.dispatch_due()

    assert gateway.tried == []


async def test_a_stop_waits_for_what_is_on_its_way_and_nothing_leaves_once_it_has_returned(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway, database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(underway, "MOST_OUT", 0)  # nothing is claimed while a text is out
    hanging = await queue(factory, sync, sync.contacts[0], minutes_ago=5)
    waiting = [await queue(factory, sync, contact) for contact in sync.contacts[1:]]
    hang = Hang()
    gateway.plan(hanging, hang)
    dispatching = asyncio.create_task(make_dispatcher(pool, gateway, batch_size=1).dispatch_due())
    await hang.reached.wait()
    async with connect(database_url) as organizer:
        stopping = asyncio.create_task(syncs.stop(organizer, sync.id))
        await until_it_asks_about_departures(factory, organizer)
        assert await make_dispatcher(pool, gateway).dispatch_once() == (0, 0)
        assert not stopping.done()
        hang.released.set()
        await stopping

    left_before_the_stop_returned = list(gateway.ledger)
    await dispatching
    await make_dispatcher(pool, gateway).dispatch_due()
    assert [text.message_id for text in left_before_the_stop_returned] == [hanging]
    assert gateway.ledger == left_before_the_stop_returned
    assert [await status_of(factory, text) for text in waiting] == ["canceled", "canceled"]


async def until_it_asks_about_departures(factory: Factory, asking: Connection) -> None:
    """Until the other connection has its locks and looks whether a text is on its way."""

    async def asks() -> bool:
        return any("is on its way at this moment" in query for _, query in await activity(factory.connection, asking))

    await until(asks)


async def test_a_stop_by_text_waits_for_what_is_on_its_way_and_nothing_leaves_after_it(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway, database_url: str
) -> None:
    other_sync = await factory.sync(organizer=sync.organizer, invitees=0)
    hanging = await queue(factory, sync, sync.contacts[0])
    hang = Hang()
    gateway.plan(hanging, hang)
    dispatching = asyncio.create_task(make_dispatcher(pool, gateway).dispatch_once())
    await hang.reached.wait()
    later = await queue(factory, other_sync, sync.contacts[0])
    async with connect(database_url) as person:
        stopping = asyncio.create_task(suppress(person, await number_of(factory, sync.contacts[0])))
        await until_it_asks_about_departures(factory, person)
        assert await make_dispatcher(pool, gateway).dispatch_once() == (0, 0)
        assert not stopping.done()
        hang.released.set()
        await stopping

    assert gateway.times_accepted == {hanging: 1}
    await dispatching
    await make_dispatcher(pool, gateway).dispatch_due()
    assert gateway.times_accepted == {hanging: 1}
    assert await status_of(factory, later) == "canceled"


async def test_who_says_start_while_their_stop_still_waits_has_the_last_word(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway, database_url: str
) -> None:
    number = await number_of(factory, sync.contacts[0])
    hang = Hang()
    gateway.plan(await queue(factory, sync, sync.contacts[0]), hang)
    dispatching = asyncio.create_task(make_dispatcher(pool, gateway).dispatch_once())
    await hang.reached.wait()
    async with connect(database_url) as person, connect(database_url) as again:
        stopping = asyncio.create_task(suppress(person, number))
        await until_it_asks_about_departures(factory, person)
        starting = asyncio.create_task(
            inbox.receive(again, InboundText("faulty", str(uuid4()), number, "START"), region="US")
        )
        await until_waiting(factory.connection, again)
        hang.released.set()
        await asyncio.gather(stopping, starting)
    await dispatching

    assert await factory.one("select count(*) from auto_sync_suppressions") == 0


async def test_a_stop_by_text_during_a_claim_waits_for_it_and_is_obeyed(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, database_url: str
) -> None:
    await queue(factory, sync, sync.contacts[0])
    number = await number_of(factory, sync.contacts[0])
    async with connect(database_url) as claiming, connect(database_url) as person:
        async with claiming.transaction():
            assert await messages.lock_numbers(claiming, {number}) == {number}
            stopping = asyncio.create_task(suppress(person, number))
            await until_waiting(factory.connection, person)
        await stopping
    await sender.dispatch_due()

    assert gateway.tried == []


async def test_a_stop_by_text_that_came_first_lets_nothing_leave(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, database_url: str
) -> None:
    text, *others = await queue_one_each(factory, sync)
    async with connect(database_url) as person:
        async with person.transaction():
            await suppress(person, await number_of(factory, sync.contacts[0]))
            await sender.dispatch_due()
            assert gateway.times_accepted == dict.fromkeys(others, 1)
            assert await status_of(factory, text) == "queued"
        await sender.dispatch_due()

    assert gateway.times_accepted == dict.fromkeys(others, 1)
    assert await status_of(factory, text) == "canceled"


async def test_an_answer_that_came_first_keeps_the_reminder_from_leaving(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, database_url: str
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    answering = InboundText("faulty", "SM1", await number_of(factory, sync.contacts[0]), "1 and 3")
    async with connect(database_url) as person:
        async with person.transaction():
            await inbox.receive(person, answering, region="US")
            assert await sender.dispatch_once() == (0, 0)
        await sender.dispatch_due()

    assert gateway.tried == []
    assert await status_of(factory, text) == "canceled"


async def test_an_answer_during_a_claim_waits_for_it_but_not_for_the_gateway(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, database_url: str
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    answering = InboundText("faulty", "SM1", await number_of(factory, sync.contacts[0]), "1 and 3")
    async with connect(database_url) as claiming, connect(database_url) as person:
        async with claiming.transaction():
            assert len(await messages.claim_queued(claiming, limit=10)) == 1
            receiving = asyncio.create_task(inbox.receive(person, answering, region="US"))
            await until_waiting(factory.connection, person)
        assert await receiving == "Answered: options 1, 3."
    await sender.dispatch_due()

    assert gateway.tried == []
    assert await status_of(factory, text) == "canceled"


async def test_those_who_wait_for_a_departure_cannot_keep_it_from_being_reported(
    factory: Factory, database_url: str, gateway: FaultyGateway
) -> None:
    await at_noon(factory)
    made = [await factory.sync(invitees=1) for _ in range(2)]
    hangs = [Hang() for _ in made]
    for sync, hang in zip(made, hangs, strict=True):
        gateway.plan(await queue(factory, sync, sync.contacts[0]), hang)

    async def stop_one(pool: Pool, sync: MadeSync) -> None:
        async with pool.connection() as connection:
            await syncs.stop(connection, sync.id)

    async with open_pool(database_url, size=3) as small_pool:
        dispatching = asyncio.create_task(make_dispatcher(small_pool, gateway).dispatch_once())
        for hang in hangs:
            await hang.reached.wait()
        stopping = [asyncio.create_task(stop_one(small_pool, sync)) for sync in made]

        async def all_connections_are_taken() -> bool:
            return small_pool.get_stats()["pool_available"] == 0 and small_pool.get_stats()["pool_size"] == 3

        await until(all_connections_are_taken)
        for hang in hangs:
            hang.released.set()
        async with asyncio.timeout(5):
            await asyncio.gather(dispatching, *stopping)

    assert await factory.one("select count(*) from auto_sync_messages where status = 'sent' and body is not null") == 2
