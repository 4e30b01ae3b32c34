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
from pydantic import SecretStr

from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.fake_twilio.faults import Fault
from autosync.gateways import FindResult, OutgoingText
from autosync.gateways.twilio import TwilioGateway
from dispatching import impatient_gateway
from factories import Factory, at_noon
from ledger import of_gateway, open_books
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, stand_in
from waiting import until

TEXTS = int(os.environ.get("AUTOSYNC_TEST_TEXTS", "1000"))
A_NUMBER = 4
TWICE = "Text 2"
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
    """Brings every open text past lease, settling time and pause, in any order, while nobody works.

    Returns how many are open.
    """

    await until_at_rest(twilio)
    return await factory.do(
        "update auto_sync_messages set send_after = autosync_now() - random() * interval '1 minute',"
        " claimed_at = claimed_at - interval '61 seconds' where status in ('queued', 'sending', 'unknown')"
    )


async def until_at_rest(twilio: StandIn) -> None:
    """Until Twilio is done with what the killed have asked of it."""

    async def at_rest() -> bool:
        return await asyncio.to_thread(twilio.is_at_rest)

    await until(at_rest)


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


async def kill_in_the_middle(twilio: StandIn, workers: list[subprocess.Popen[bytes]], dice: random.Random) -> None:
    """SIGKILL for one after the other, each after some more requests: somewhere in a batch."""
    for worker in workers:
        enough = twilio.requests()["create"] + dice.randint(TEXTS // 20, TEXTS // 8)

        async def is_enough(enough: int = enough) -> bool:
            return (await asyncio.to_thread(twilio.requests))["create"] >= enough

        await until(is_enough, within=60)
        worker.kill()
        worker.wait()


async def test_under_every_fault_and_with_dispatchers_killed_no_text_leaves_twice_and_none_is_lost(
    factory: Factory, pool: Pool, database_url: str, twilio: StandIn
) -> None:
    dice = random.Random(7)
    await queue_texts(factory)
    twilio.misbehave(probabilities=dict.fromkeys(EVERY_FAULT, 0.1), seed=7, slow_seconds=0.1, retry_after=1)
    left_and_forgotten = 0
    for _ in range(ROUNDS):
        await let_time_pass(factory, twilio)
        async with two_workers(database_url, twilio) as workers:
            await kill_in_the_middle(twilio, workers, dice)
        left_and_forgotten += await count_left_and_forgotten(factory, twilio)
    twilio.misbehave()
    await send_the_rest(factory, pool, twilio)

    assert left_and_forgotten > 0, "no dispatcher was killed between sending and recording"
    assert twilio.requests()["create"] > TEXTS, "no text was tried twice"
    await judge_by_the_ledger(factory, twilio)


async def count_left_and_forgotten(factory: Factory, twilio: StandIn) -> int:
    """How many texts Twilio has taken of which their dispatcher could not say so any more."""
    await until_at_rest(twilio)
    taken = {(entry["to"], entry["body"]) for entry in twilio.accepted()}
    sending = await factory.rows(
        "select phone_number, body from auto_sync_messages where status = 'sending' and body <> %s", TWICE
    )
    return len(taken & set(sending))


async def send_the_rest(factory: Factory, pool: Pool, twilio: StandIn) -> None:
    """Without faults: as often as it takes, but not for ever."""
    gateway = impatient_gateway(twilio.url)
    dispatcher = make_dispatcher(pool, gateway)
    for _ in range(LAST_ROUNDS):
        if await let_time_pass(factory, twilio) == 0:
            break
        while await dispatcher.look_up_once():
            pass
        await dispatcher.dispatch_due()
    await gateway.close()


async def judge_by_the_ledger(factory: Factory, twilio: StandIn) -> None:
    """Each text of the ledger is exactly one of ours; each of ours is there, or was not to be sent, or is listed.

    Not to be sent: what Twilio refused for good, and everything else to a number of which it said that it opted out.
    """
    columns = "status, error_code, status_reason, gateway_message_id, phone_number, body"
    texts = await factory.rows(f"select {columns} from auto_sync_messages")
    ledger = {entry["sid"]: (entry["to"], entry["body"]) for entry in twilio.accepted()}
    sent = [(sid, (number, body)) for status, _, _, sid, number, body in texts if status == "sent"]
    refused = [(code, number) for status, code, _, _, number, _ in texts if status == "failed"]
    canceled = await factory.rows(
        "select c.phone_number from auto_sync_messages m join contacts c on c.id = m.contact_id"
        " where m.status = 'canceled'"
    )
    unknown = [reason for status, _, reason, *_ in texts if status == "unknown"]

    sys.stdout.write(
        f"{len(texts):,} texts: {len(ledger):,} in Twilio's ledger, {len(sent):,} recorded as sent, {len(refused):,}"
        f" refused for good, {len(canceled):,} to numbers that had opted out, {len(unknown):,} unknown\n"
    )
    assert sorted(sent) == sorted(ledger.items()), "every text once"
    assert len(sent) + len(refused) + len(canceled) + len(unknown) == len(texts) == TEXTS, "none lost"
    assert {code for code, _ in refused} == REFUSALS
    assert {number for (number,) in canceled} <= {number for code, number in refused if code == "21610"}
    assert unknown == [], "without faults, everything can be found out"
    books = open_books(factory.connection.info.dsn)
    assert of_gateway(books, twilio.accepted(), gateway="twilio", refused=twilio.refused()) == []


SAME_WORDS = "Same words"
OUTBOX = f"select status from auto_sync_messages where body = '{SAME_WORDS}' order by status"


async def queue_two_with_the_same_words(factory: Factory) -> str:
    """Two texts to one person; returns the number."""
    await at_noon(factory)
    sync = await factory.sync(invitees=1)
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, body, cause_id, status, sent_at,"
        " send_after) select %s, %s, 'initial', %s, gen_random_uuid(), 'queued', null, autosync_now()"
        " from generate_series(1, 2)",
        sync.id, sync.contacts[0], SAME_WORDS,
    )  # fmt: skip
    return str(await factory.one("select phone_number from contacts where id = %s", sync.contacts[0]))


def make_dispatcher(pool: Pool, gateway: TwilioGateway) -> Dispatcher:
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")


async def test_two_texts_with_the_same_words_never_share_what_twilio_took_of_one(
    factory: Factory, pool: Pool, twilio: StandIn
) -> None:
    twilio.plan(await queue_two_with_the_same_words(factory), "error_before", "error_after")
    gateway = impatient_gateway(twilio.url)
    dispatcher = make_dispatcher(pool, gateway)

    await dispatcher.dispatch_once()
    await let_time_pass(factory, twilio)
    await dispatcher.look_up_once()

    assert await factory.rows(OUTBOX) == [("sent",), ("unknown",)]

    await let_time_pass(factory, twilio)
    await dispatcher.look_up_once()
    await let_time_pass(factory, twilio)
    await dispatcher.dispatch_once()
    await gateway.close()

    sids = await factory.rows("select gateway_message_id from auto_sync_messages where body = %s", SAME_WORDS)
    assert await factory.rows(OUTBOX) == [("sent",), ("sent",)]
    assert sorted(sid for (sid,) in sids) == sorted(entry["sid"] for entry in twilio.accepted())


@pytest.mark.parametrize(("status", "has_its_id"), [("sending", False), ("sent", True)])
async def test_what_is_found_is_not_given_to_a_text_while_it_may_be_that_of_another_dispatcher(
    factory: Factory, pool: Pool, twilio: StandIn, status: str, has_its_id: bool
) -> None:
    """The other text with the same words leaves while this one is being looked up, and is what Twilio lists."""
    twilio.plan(await queue_two_with_the_same_words(factory), "error_before", "error_after")
    gateway = impatient_gateway(twilio.url)
    await make_dispatcher(pool, gateway).dispatch_once()
    await let_time_pass(factory, twilio)
    other = await factory.one("select id from auto_sync_messages where body = %s order by id limit 1", SAME_WORDS)
    await factory.do("update auto_sync_messages set send_after = 'infinity' where id = %s", other)
    (listed,) = twilio.accepted()

    class Meanwhile(TwilioGateway):
        async def find(self, text: OutgoingText) -> FindResult:
            found = await gateway.find(text)
            await factory.do(
                "update auto_sync_messages set status = %s, gateway_message_id = %s where id = %s",
                status, listed["sid"] if has_its_id else None, other,
            )  # fmt: skip
            return found

    meanwhile = Meanwhile(account_sid=ACCOUNT_SID, auth_token=SecretStr(AUTH_TOKEN), from_number=FROM)
    assert await make_dispatcher(pool, meanwhile).look_up_once() == 1

    assert await factory.rows(
        "select status, gateway_message_id from auto_sync_messages where body = %s and id <> %s", SAME_WORDS, other
    ) == [("unknown", None)]
    await gateway.close()
