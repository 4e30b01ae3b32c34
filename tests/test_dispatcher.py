"""What leaves, and that it leaves once: by the ledger of a gateway that can be told to misbehave."""

from __future__ import annotations

import asyncio
import itertools
import time
from datetime import timedelta
from math import inf

import psycopg
import pytest

from autosync import backlog, dispatcher, underway
from autosync.database.pool import Pool, connect
from autosync.dispatcher import Dispatcher
from factories import Factory, MadeSync, at_noon
from faulty_gateway import (
    Behaviour,
    FaultyGateway,
    Hang,
    ambiguous_after_accepting,
    ambiguous_before_accepting,
    explode,
    make_dispatcher,
    not_processed,
    refuse,
)
from outbox import queue, queue_one_each, reason_of, seconds_until, status_of, the_next_attempt_is_the_last
from waiting import until


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


# Leaving


async def test_queued_texts_leave_once_the_oldest_first(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    ages = dict(zip(sync.contacts, (3, 9, 6), strict=True))
    texts = {age: await queue(factory, sync, contact, minutes_ago=age) for contact, age in ages.items()}

    assert await sender.dispatch_due() == 3
    assert await sender.dispatch_due() == 0

    assert [text.message_id for text in gateway.ledger] == [texts[9], texts[6], texts[3]]
    assert [await status_of(factory, text) for text in texts.values()] == ["sent"] * 3


async def test_the_oldest_batch_leaves_first(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway
) -> None:
    ages = dict(zip(sync.contacts, (3, 9, 6), strict=True))
    texts = {age: await queue(factory, sync, contact, minutes_ago=age) for contact, age in ages.items()}
    one_at_a_time = make_dispatcher(pool, gateway, batch_size=1)

    assert await one_at_a_time.dispatch_once() == (1, 1)
    assert [text.message_id for text in gateway.ledger] == [texts[9]]
    assert await one_at_a_time.dispatch_due() == 2

    assert [text.message_id for text in gateway.ledger] == [texts[9], texts[6], texts[3]]


async def test_a_text_that_was_in_other_hands_leaves_before_anybody_says_that_there_is_none(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway, database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(backlog, "SWEEP_EVERY", inf)
    texts = [await queue(factory, sync, who, minutes_ago=9 - place) for place, who in enumerate(sync.contacts)]
    dispatcher = make_dispatcher(pool, gateway, batch_size=1)
    async with connect(database_url) as holding, holding.transaction():
        await holding.execute("select from auto_sync_messages where id = %s for update", [texts[0]])
        await dispatcher.dispatch_once()
    assert [await status_of(factory, text) for text in texts] == ["queued", "sent", "queued"]
    await dispatcher.dispatch_once()
    assert [await status_of(factory, text) for text in texts] == ["queued", "sent", "sent"], "from the last one on"
    await dispatcher.dispatch_once()
    assert {await status_of(factory, text) for text in texts} == {"sent"}


async def test_a_backlog_of_texts_does_not_keep_one_waiting_that_was_given_back(
    factory: Factory,
    sync: MadeSync,
    pool: Pool,
    gateway: FaultyGateway,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backlog, "SWEEP_EVERY", 0.0)
    texts = [await queue(factory, sync, who, minutes_ago=9 - place) for place, who in enumerate(sync.contacts)]
    dispatcher = make_dispatcher(pool, gateway, batch_size=1)
    async with connect(database_url) as holding, holding.transaction():
        await holding.execute("select from auto_sync_messages where id = %s for update", [texts[0]])
        await dispatcher.dispatch_once()
    await dispatcher.dispatch_once()
    assert [await status_of(factory, text) for text in texts] == ["sent", "sent", "queued"]


async def test_behind_a_crowd_whose_turns_lie_ahead_a_text_that_is_queued_now_is_the_next(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway
) -> None:
    for place, who in enumerate(sync.contacts):
        text = await queue(factory, sync, who)
        await factory.do(
            "update auto_sync_messages set turn_at = autosync_now() + make_interval(mins => %s) where id = %s",
            5 + place, text,
        )  # fmt: skip
    dispatcher = make_dispatcher(pool, gateway, batch_size=1)
    await dispatcher.dispatch_once()
    other = await factory.sync(invitees=1)
    newest = await queue(factory, other, other.contacts[0])
    await dispatcher.dispatch_once()
    assert await status_of(factory, newest) == "sent"


async def test_a_text_is_sent_with_its_words_to_its_number_and_keeps_the_gateways_id(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    await factory.do("update contacts set phone_number = '(212) 555-0199' where id = %s", sync.contacts[0])

    await sender.dispatch_due()

    assert [(sent.to, sent.body) for sent in gateway.ledger] == [("+12125550199", "reminder text")]
    assert await factory.rows(
        "select phone_number, gateway, gateway_message_id, attempt, status_reason, sent_at <= autosync_now()"
        " from auto_sync_messages where id = %s",
        text,
    ) == [("+12125550199", "faulty", f"faulty-{text}", 1, None, True)]


async def test_a_text_to_the_organizer_goes_to_the_organizers_number(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    await queue(factory, sync, None, "reminder_update")
    number = await factory.one("select phone_number from profiles where id = %s", sync.organizer)

    await sender.dispatch_due()

    assert [text.to for text in gateway.ledger] == [number]


@pytest.mark.parametrize("dispatchers", [2, 8])
async def test_dispatchers_at_once_send_each_text_once(
    factory: Factory, pool: Pool, gateway: FaultyGateway, dispatchers: int
) -> None:
    await at_noon(factory)
    texts = {
        text
        for sync in [await factory.sync(invitees=5) for _ in range(12)]
        for text in await queue_one_each(factory, sync)
    }

    await asyncio.gather(*(make_dispatcher(pool, gateway, batch_size=7).dispatch_due() for _ in range(dispatchers)))
    await make_dispatcher(pool, gateway).dispatch_due()

    assert gateway.times_accepted == dict.fromkeys(texts, 1)
    assert await factory.one("select count(*) from auto_sync_messages where status = 'sent' and attempt = 1") == 60


async def test_results_are_recorded_as_they_come_while_one_text_hangs(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    hanging, *others = await queue_one_each(factory, sync)
    hang = Hang()
    gateway.plan(hanging, hang)
    dispatching = asyncio.create_task(sender.dispatch_once())

    async def others_are_sent() -> bool:
        return [await status_of(factory, text) for text in others] == ["sent", "sent"]

    await until(others_are_sent)
    assert await status_of(factory, hanging) == "sending"

    hang.released.set()
    assert await dispatching == (3, 3)
    assert await status_of(factory, hanging) == "sent"


async def test_a_text_that_the_gateway_makes_wait_does_not_hold_up_those_queued_behind_it(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway
) -> None:
    hanging, *behind = await queue_one_each(factory, sync)
    hang = Hang()
    gateway.plan(hanging, hang)
    sender = make_dispatcher(pool, gateway, batch_size=1)

    for _ in range(3):
        assert await sender.dispatch_batch() == (1, 1)

    async def those_behind_are_sent() -> bool:
        return [await status_of(factory, text) for text in behind] == ["sent", "sent"]

    await until(those_behind_are_sent)
    assert await status_of(factory, hanging) == "sending"
    hang.released.set()
    await sender.finish()
    assert await status_of(factory, hanging) == "sent"
    assert pool.get_stats()["pool_available"] == pool.get_stats()["pool_size"], "every connection is given back"


async def test_when_too_many_are_made_to_wait_the_next_batch_does_not_begin(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(underway, "MOST_OUT", 1)
    texts = await queue_one_each(factory, sync)
    hangs = [Hang(), Hang()]
    for text, hang in zip(texts, hangs, strict=False):
        gateway.plan(text, hang)
    sender = make_dispatcher(pool, gateway, batch_size=1)
    await sender.dispatch_batch()

    second = asyncio.create_task(sender.dispatch_batch())

    async def it_is_out() -> bool:
        return await status_of(factory, texts[1]) == "sending"

    await until(it_is_out)
    assert not (await asyncio.wait([second], timeout=2 * underway.PATIENCE.total_seconds()))[0]
    for hang in hangs:
        hang.released.set()
    assert await second == (1, 1)
    await sender.finish()
    assert [await status_of(factory, text) for text in texts[:2]] == ["sent", "sent"]


async def test_the_next_texts_are_claimed_while_the_gateway_has_as_many_as_it_gets_at_once(
    factory: Factory, pool: Pool, gateway: FaultyGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(underway, "PATIENCE", timedelta(hours=1))  # nobody passes a turn on
    await at_noon(factory)
    sync = await factory.sync(invitees=5)
    texts = await queue_one_each(factory, sync)
    hangs = [Hang() for _ in texts]
    for text, hang in zip(texts, hangs, strict=True):
        gateway.plan(text, hang)
    dispatching = asyncio.create_task(make_dispatcher(pool, gateway, batch_size=2).dispatch_due())

    async def the_next_are_claimed() -> bool:
        return [await status_of(factory, text) for text in texts].count("sending") == 3

    await until(the_next_are_claimed)
    assert len(gateway.tried) == 2

    for hang in hangs:
        hang.released.set()
    assert await dispatching == 5
    assert [await status_of(factory, text) for text in texts] == ["sent"] * 5


async def test_what_is_out_is_recorded_though_the_next_claim_fails(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway
) -> None:
    first, second, _ = await queue_one_each(factory, sync)
    hang = Hang()
    gateway.plan(first, hang)
    await factory.do(
        "create function refuse_one() returns trigger language plpgsql as $$ begin"
        f" if new.id = '{second}' then raise exception 'Not this one.'; end if; return new; end $$"
    )
    await factory.do(
        "create trigger refuse_one before update on auto_sync_messages for each row execute function refuse_one()"
    )
    dispatching = asyncio.create_task(make_dispatcher(pool, gateway, batch_size=1).dispatch_due())
    await hang.reached.wait()
    hang.released.set()

    with pytest.raises(psycopg.errors.RaiseException, match=r"Not this one"):
        await dispatching

    async def every_connection_is_given_back() -> bool:
        stats = pool.get_stats()  # one that is being made counts as well
        return stats["pool_available"] == stats["pool_size"]

    assert await status_of(factory, first) == "sent"
    await until(every_connection_is_given_back)


async def test_a_gateway_that_never_answers_is_given_up(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "SEND_TIMEOUT", timedelta(milliseconds=200))
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, Hang())

    await sender.dispatch_once()

    assert await status_of(factory, text) == "unknown"
    assert await reason_of(factory, text) == "The gateway did not answer in time."


async def test_a_machine_that_slept_since_the_claim_sends_nothing_of_it(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease may be over: somebody else may have the text, or night may have fallen."""
    text = await queue(factory, sync, sync.contacts[0])
    told = time.clock_gettime
    slept = itertools.count(0, 60)
    """Which only this one of the clocks counts."""
    monkeypatch.setattr(
        time, "clock_gettime", lambda clock: told(clock) + (next(slept) if clock == time.CLOCK_BOOTTIME else 0)
    )

    await sender.dispatch_once()

    assert gateway.tried == []
    assert await status_of(factory, text) == "queued"
    assert await reason_of(factory, text) == "The claim had grown old before the text could be sent."


async def test_results_are_recorded_though_the_connection_was_lost_meanwhile(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    hang = Hang()
    gateway.plan(text, hang)
    dispatching = asyncio.create_task(sender.dispatch_once())
    await hang.reached.wait()
    await factory.do(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    hang.released.set()
    await dispatching

    assert await status_of(factory, text) == "sent"


# What the gateway says


async def test_a_refused_text_is_failed_with_the_gateways_code(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, refuse)

    await sender.dispatch_due()
    await sender.dispatch_due()

    assert gateway.tried == [text]
    assert await factory.rows(
        "select status, error_code, status_reason, sent_at from auto_sync_messages where id = %s", text
    ) == [("failed", "21211", "The number does not exist.", None)]


async def test_what_was_not_processed_is_tried_again_after_growing_pauses_and_then_failed(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, *[not_processed()] * 20)

    pauses = []
    for _ in range(8):
        assert await sender.dispatch_once() == (1, 1)
        pauses.append(await seconds_until(factory, text))
        await factory.move_clock(seconds=pauses[-1] + 1)
    assert pauses == [15, 30, 60, 120, 240, 480, 900, 900]

    await the_next_attempt_is_the_last(factory, text)
    assert await sender.dispatch_once() == (1, 1)
    await factory.move_clock(hours=1)
    assert await sender.dispatch_once() == (0, 0)
    assert gateway.ledger == []
    assert await status_of(factory, text) == "failed"
    assert await reason_of(factory, text) == "The gateway is throttling."


async def test_a_text_that_waits_for_its_next_attempt_is_left_alone(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, not_processed(retry_after=timedelta(minutes=7)))

    await sender.dispatch_due()
    await factory.move_clock(minutes=6)
    assert await sender.dispatch_once() == (0, 0)
    await factory.move_clock(minutes=2)
    assert await sender.dispatch_once() == (1, 1)

    assert gateway.times_accepted == {text: 1}


@pytest.mark.parametrize("behaviour", [ambiguous_after_accepting, ambiguous_before_accepting, explode])
async def test_what_is_ambiguous_becomes_unknown_and_is_not_sent_again_blindly(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, behaviour: Behaviour
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, behaviour)

    await sender.dispatch_once()
    await factory.move_clock(minutes=30)
    await sender.dispatch_once()

    assert gateway.tried == [text]
    assert await status_of(factory, text) == "unknown"


async def test_a_fault_in_the_gateways_code_costs_the_other_texts_nothing(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    faulty, *others = await queue_one_each(factory, sync)
    gateway.plan(faulty, explode)

    await sender.dispatch_once()

    assert gateway.times_accepted == dict.fromkeys(others, 1)
    assert await reason_of(factory, faulty) == "The gateway's code raised RuntimeError."


async def test_a_text_of_a_kind_that_only_another_client_knows_does_not_stop_the_others(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    strange, ours = [await queue(factory, sync, contact) for contact in sync.contacts[:2]]
    await factory.do("update auto_sync_messages set message_type = 'birthday' where id = %s", strange)

    await sender.dispatch_due()

    assert await status_of(factory, strange) == "failed"
    assert await status_of(factory, ours) == "sent"
    assert len(gateway.tried) == 1
