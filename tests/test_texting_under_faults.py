"""No text twice and none lost: by Twilio's own ledger, under every fault at once and dispatchers that are killed."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.fake_twilio.faults import Fault
from dispatching import impatient_gateway
from factories import Factory, at_noon
from stand_in import StandIn, stand_in
from waiting import until

TEXTS = int(os.environ.get("AUTOSYNC_TEST_TEXTS", "1000"))
A_NUMBER = 4
ROUNDS = 3
LAST_ROUNDS = 5

REFUSALS = {"21211", "21610"}
EVERY_FAULT = set(Fault) - {Fault.NO_PERMISSION, Fault.UNROUTABLE, Fault.NOT_MOBILE}


@pytest.fixture
def twilio() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


async def queue_texts(factory: Factory) -> None:
    """Four texts to each number, two of which have the same words."""
    await at_noon(factory)
    sync = await factory.sync(invitees=0)
    await factory.do(
        "insert into contacts (user_id, first_name, phone_number)"
        " select %s, 'Ann', '+1212' || (5550099 + i) from generate_series(1, %s) i",
        sync.organizer, TEXTS // A_NUMBER,
    )  # fmt: skip
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, body, cause_id, status, sent_at,"
        " send_after) select %s, c.id, 'initial', 'Text ' || greatest(i, 2), gen_random_uuid(), 'queued', null,"
        " autosync_now() from contacts c cross join generate_series(1, %s) i",
        sync.id, A_NUMBER,
    )  # fmt: skip


async def let_time_pass(factory: Factory, twilio: StandIn) -> int:
    """Brings every open text past lease, settling time and pause; nobody works meanwhile. Returns how many are open."""

    async def at_rest() -> bool:
        return await asyncio.to_thread(twilio.is_at_rest)

    await until(at_rest)
    return await factory.do(
        "update auto_sync_messages set send_after = autosync_now() - interval '1 second',"
        " claimed_at = claimed_at - interval '61 seconds' where status in ('queued', 'sending', 'unknown')"
    )


@asynccontextmanager
async def two_workers(database_url: str, twilio: StandIn) -> AsyncIterator[list[subprocess.Popen[bytes]]]:
    script = str(Path(__file__).with_name("dispatching.py"))
    workers = [subprocess.Popen([sys.executable, script, database_url, twilio.url]) for _ in range(2)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


async def kill_in_the_middle(factory: Factory, workers: list[subprocess.Popen[bytes]], dice: random.Random) -> None:
    """SIGKILL for one after the other, each after some more attempts and while texts are on their way."""
    for worker in workers:
        tried = await count_attempts(factory) + dice.randint(TEXTS // 20, TEXTS // 6)

        async def is_in_the_middle(tried: int = tried) -> bool:
            return await count_attempts(factory) >= tried and await count(factory, "sending") > 0

        await until(is_in_the_middle, within=60)
        worker.kill()
        worker.wait()


async def count(factory: Factory, status: str) -> int:
    return int(await factory.one("select count(*) from auto_sync_messages where status = %s", status))


async def count_attempts(factory: Factory) -> int:
    return int(await factory.one("select coalesce(sum(attempt), 0) from auto_sync_messages"))


async def test_under_every_fault_and_with_dispatchers_killed_no_text_leaves_twice_and_none_is_lost(
    factory: Factory, pool: Pool, database_url: str, twilio: StandIn
) -> None:
    dice = random.Random(7)
    await queue_texts(factory)
    twilio.misbehave(probabilities=dict.fromkeys(EVERY_FAULT, 0.1), seed=7, slow_seconds=0.1, retry_after=1)
    abandoned = 0
    for _ in range(ROUNDS):
        await let_time_pass(factory, twilio)
        async with two_workers(database_url, twilio) as workers:
            await kill_in_the_middle(factory, workers, dice)
        abandoned += await count(factory, "sending")
    twilio.misbehave()
    await send_the_rest(factory, pool, twilio)

    assert abandoned > 0, "no dispatcher was killed in the middle"
    assert twilio.requests()["create"] > TEXTS, "no text was tried twice"
    await judge_by_the_ledger(factory, twilio)


async def send_the_rest(factory: Factory, pool: Pool, twilio: StandIn) -> None:
    """Without faults: as often as it takes, but not for ever."""
    gateway = impatient_gateway(twilio.url)
    dispatcher = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")
    for _ in range(LAST_ROUNDS):
        if await let_time_pass(factory, twilio) == 0:
            break
        while await dispatcher.look_up_once():
            pass
        await dispatcher.dispatch_due()
    await gateway.close()


async def judge_by_the_ledger(factory: Factory, twilio: StandIn) -> None:
    """Each text of the ledger belongs to exactly one of ours, and each of ours is there, refused, or listed."""
    texts = await factory.rows(
        "select status, error_code, status_reason, gateway_message_id, phone_number, body from auto_sync_messages"
    )
    sent = {sid: (number, body) for status, _, _, sid, number, body in texts if status == "sent"}
    refused = [code for status, code, *_ in texts if status == "failed"]
    unknown = [reason for status, _, reason, *_ in texts if status == "unknown"]
    ledger = twilio.accepted()

    assert {entry["sid"]: (entry["to"], entry["body"]) for entry in ledger} == sent
    assert len(ledger) == len(sent) == sum(status == "sent" for status, *_ in texts)
    assert len(texts) == TEXTS == len(sent) + len(refused) + len(unknown)
    assert set(refused) == REFUSALS
    assert all(unknown)
    assert len(unknown) == 0, "without faults, everything can be found out"
