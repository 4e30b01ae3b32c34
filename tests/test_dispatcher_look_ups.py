"""Texts of which nobody knows whether they left: looked up at their gateway, never sent again blindly."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from autosync.database import messages
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways import OutgoingText
from factories import Factory, MadeSync, at_noon
from faulty_gateway import (
    FaultyGateway,
    Hang,
    accept,
    ambiguous_after_accepting,
    ambiguous_before_accepting,
    make_dispatcher,
)
from outbox import (
    let_the_lease_run_out,
    now,
    pause_of,
    queue,
    reason_of,
    seconds_until,
    status_of,
    the_next_attempt_is_the_last,
)
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


async def _true(value: bool) -> bool:
    return value


async def crash_while_sending(sender: Dispatcher, gateway: FaultyGateway, text: UUID) -> None:
    """Ends a dispatcher between the claim and the record; its gateway has not got the text."""
    hang = Hang()
    gateway.plan(text, hang)
    others = asyncio.all_tasks()
    asyncio.create_task(sender.dispatch_once())  # noqa: RUF006 - it is found among all tasks
    await hang.reached.wait()
    ended = asyncio.all_tasks() - others
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


# Looking up


async def test_an_unknown_text_that_the_gateway_has_is_sent(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, ambiguous_after_accepting)
    await sender.dispatch_once()

    assert await sender.look_up_once() == 1
    await sender.dispatch_due()

    assert gateway.times_accepted == {text: 1}
    assert await status_of(factory, text) == "sent"
    assert (
        await factory.one("select gateway_message_id from auto_sync_messages where id = %s", text) == f"faulty-{text}"
    )


async def test_an_unknown_text_that_the_gateway_never_got_is_sent_again_once(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, ambiguous_before_accepting)
    crowd = [make_dispatcher(pool, gateway) for _ in range(4)]
    await crowd[0].dispatch_once()

    await asyncio.gather(*(one.look_up_once() for one in crowd))
    await factory.move_clock(minutes=1)
    await asyncio.gather(*(one.dispatch_due() for one in crowd))

    assert gateway.tried == [text, text]
    assert gateway.times_accepted == {text: 1}
    assert await status_of(factory, text) == "sent"


async def test_a_text_that_the_gateway_never_gets_is_tried_with_pauses_and_then_failed(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, *[ambiguous_before_accepting] * 20)

    pauses = []
    for _ in range(4):
        assert await sender.dispatch_once() == (1, 1)
        assert await sender.look_up_once() == 1
        assert await sender.dispatch_once() == (0, 0)
        pauses.append(await seconds_until(factory, text))
        await factory.move_clock(seconds=pauses[-1] + 1)
    assert pauses == [15, 30, 60, 120]

    await the_next_attempt_is_the_last(factory, text)
    await sender.dispatch_once()
    await sender.look_up_once()
    assert await status_of(factory, text) == "failed"
    assert await reason_of(factory, text) == "The gateway never got it."


async def test_what_cannot_be_told_stays_unknown_and_is_looked_up_less_and_less_until_a_day_is_over(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, ambiguous_before_accepting)
    gateway.can_tell = False
    await sender.dispatch_once()

    pauses = []
    for minutes_since_claim in (0, 10, 40, 300):
        await factory.do(
            "update auto_sync_messages set claimed_at = clock_timestamp() - make_interval(mins => %s)",
            minutes_since_claim,
        )
        assert await sender.look_up_once() == 1
        assert await sender.look_up_once() == 0
        pauses.append(await seconds_until(factory, text) // 60)
        await factory.move_clock(minutes=61)
    assert pauses == [0, 5, 20, 60]

    await factory.do("update auto_sync_messages set claimed_at = clock_timestamp() - interval '25 hours'")
    assert await sender.look_up_once() == 1
    assert await pause_of(factory, text) is None
    await factory.move_clock(hours=48)
    assert await sender.look_up_once() == 0

    assert gateway.tried == [text]
    assert await status_of(factory, text) == "unknown"
    assert await reason_of(factory, text) == "The gateway's list is not to be had."


async def test_a_text_is_looked_up_at_the_gateway_that_it_was_given_to(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, pool: Pool
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, ambiguous_before_accepting)
    await sender.dispatch_once()
    other = FaultyGateway()
    other.name = "other"

    await Dispatcher(pool=pool, gateways={"other": other}, gateway="other", region="US").look_up_once()

    assert other.looked_up == []
    assert await status_of(factory, text) == "unknown"
    assert await reason_of(factory, text) == "The gateway 'faulty' that it was given to is not set up here."


async def test_whoever_looks_texts_up_at_once_shares_them(
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway
) -> None:
    texts = [await queue(factory, sync, contact) for contact in sync.contacts]
    for text in texts:
        gateway.plan(text, ambiguous_before_accepting)
    crowd = [make_dispatcher(pool, gateway, batch_size=2) for _ in range(3)]
    await crowd[0].dispatch_due()

    looked_up = await asyncio.gather(*(one.look_up_once() for one in crowd))

    assert sum(looked_up) == 3
    assert sorted(gateway.looked_up) == sorted(texts)


async def test_a_look_up_whose_dispatcher_died_is_made_by_another_half_a_minute_later(
    factory: Factory, sync: MadeSync, pool: Pool, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, ambiguous_after_accepting)
    await sender.dispatch_once()
    gateway.tells.clear()
    dying = asyncio.create_task(sender.look_up_once())
    await until(lambda: _true(gateway.looked_up == [text]))
    dying.cancel()
    gateway.tells.set()

    assert await sender.look_up_once() == 0
    await factory.move_clock(seconds=31)
    assert await sender.look_up_once() == 1
    assert await status_of(factory, text) == "sent"


async def test_a_look_up_that_takes_long_does_not_hold_up_the_others(
    factory: Factory, pool: Pool, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=8)
    slow, *others = [await queue(factory, sync, contact, "help") for contact in sync.contacts + sync.contacts[:3]]
    for text in (slow, *others):
        gateway.plan(text, ambiguous_after_accepting)
    await sender.dispatch_once()
    gateway.hang_at.add(slow)

    assert await sender.look_up_once() == 11

    assert {await status_of(factory, text) for text in others} == {"sent"}
    assert await status_of(factory, slow) == "unknown"
    assert await reason_of(factory, slow) == "The gateway did not answer the look-up in time."
    assert await seconds_until(factory, slow) == 30


async def test_a_look_up_knows_what_every_other_text_to_the_number_is_at_the_gateway(
    factory: Factory, sync: MadeSync
) -> None:
    ann, ben, _ = sync.contacts
    for contact, status, words, ids, expired in (
        (ann, "unknown", "looked up", None, ["SM1"]),
        (ann, "sent", "taken", "SM2", None),
        (ann, "sent", "taken after it had expired twice", "SM3", ["SM4", "SM5"]),
        (ann, "sending", "on its way", None, None),
        (ann, "sending", "on its way after it had expired", None, ["SM6"]),
        (ben, "sent", "to somebody else", "SM7", ["SM8"]),
    ):
        text = await queue(factory, sync, contact, "help")
        await factory.do(
            "update auto_sync_messages set status = %s, body = %s, gateway_message_id = %s, expired_ids = %s,"
            " phone_number = %s, gateway = 'faulty', attempt = 1, claimed_at = clock_timestamp() where id = %s",
            status, words, ids, expired, "+12125550100" if contact == ann else "+12125550101", text,
        )  # fmt: skip

    [claimed] = await messages.claim_unknown(factory.connection, limit=10, lease=timedelta(minutes=1))

    assert claimed.body == "looked up"
    assert claimed.known_ids == {f"SM{number}" for number in range(1, 7)}
    assert claimed.other_bodies == {"on its way", "on its way after it had expired"}


# Crashes


async def test_a_crash_between_claim_and_record_is_looked_up_after_the_lease_and_the_text_leaves_once(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    await crash_while_sending(sender, gateway, text)

    assert await sender.dispatch_due() == 0
    assert await status_of(factory, text) == "sending"

    await let_the_lease_run_out(factory, text)
    await sender.look_up_once()
    assert gateway.looked_up == [text]
    await factory.move_clock(minutes=1)
    await sender.dispatch_due()

    assert gateway.times_accepted == {text: 1}
    assert await status_of(factory, text) == "sent"


async def test_a_crash_after_the_gateway_took_a_text_does_not_send_it_again(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    await crash_while_sending(sender, gateway, text)
    await accept(gateway, OutgoingText(text, "+12125550100", "reminder text", await now(factory)))

    await let_the_lease_run_out(factory, text)
    await sender.look_up_once()
    await factory.move_clock(minutes=1)
    await sender.dispatch_due()

    assert gateway.times_accepted == {text: 1}
    assert await status_of(factory, text) == "sent"


async def test_a_moved_demo_clock_does_not_end_a_lease(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    await crash_while_sending(sender, gateway, text)

    await factory.move_clock(minutes=30)

    assert await sender.look_up_once() == 0
    assert await status_of(factory, text) == "sending"


async def test_a_late_result_of_an_earlier_attempt_changes_nothing(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, ambiguous_before_accepting)
    await sender.dispatch_once()
    await sender.look_up_once()
    await factory.move_clock(minutes=1)
    hang = Hang()
    gateway.plan(text, hang)
    dispatching = asyncio.create_task(sender.dispatch_once())
    await hang.reached.wait()

    for status in ("failed", "queued", "sent"):
        first = messages.Claim(text, sync.id, 1, datetime.now(UTC))
        late = messages.Result(first, status, reason="from the first attempt", pause=timedelta())
        await messages.record(factory.connection, [late])
        assert await status_of(factory, text) == "sending"
    hang.released.set()
    await dispatching

    assert await factory.rows("select status, attempt, status_reason from auto_sync_messages where id = %s", text) == [
        ("sent", 2, None)
    ]
