"""What leaves, when, and that it leaves once: by the ledger of a gateway that can be told to misbehave."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from autosync import departures, dispatcher, inbox, syncs
from autosync.database import messages
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways import (
    Accepted,
    Ambiguous,
    CannotTell,
    FindResult,
    NotProcessed,
    NotThere,
    OutgoingText,
    Refused,
    SendResult,
)
from autosync.inbox import InboundText
from factories import Factory, MadeSync, at_noon
from waiting import until, until_waiting

Behaviour = Callable[["FaultyGateway", OutgoingText], Awaitable[SendResult]]


class FaultyGateway:
    """Accepts every text unless told otherwise, and keeps its own ledger of what it accepted."""

    name = "faulty"

    def __init__(self) -> None:
        self.ledger: list[OutgoingText] = []
        self.tried: list[UUID] = []
        self.looked_up: list[UUID] = []
        self.can_tell = True
        self._plans: defaultdict[UUID, deque[Behaviour]] = defaultdict(deque)

    def plan(self, text: UUID, *behaviours: Behaviour) -> None:
        """What becomes of the next attempts at this text; those after that are accepted."""
        self._plans[text].extend(behaviours)

    async def send(self, text: OutgoingText) -> SendResult:
        self.tried.append(text.message_id)
        plan = self._plans[text.message_id]
        return await (plan.popleft() if plan else accept)(self, text)

    async def find(self, text: OutgoingText) -> FindResult:
        self.looked_up.append(text.message_id)
        if not self.can_tell:
            return CannotTell("The gateway's list is not to be had.")
        taken = text.message_id in self.times_accepted
        return Accepted(f"faulty-{text.message_id}") if taken else NotThere()

    async def close(self) -> None:
        """It holds nothing."""

    @property
    def times_accepted(self) -> Counter[UUID]:
        return Counter(text.message_id for text in self.ledger)


async def accept(gateway: FaultyGateway, text: OutgoingText) -> SendResult:
    gateway.ledger.append(text)
    return Accepted(f"faulty-{text.message_id}")


async def refuse(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
    return Refused("21211", "The number does not exist.")


async def ambiguous_before_accepting(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
    return Ambiguous("The gateway answered 503.")


async def ambiguous_after_accepting(gateway: FaultyGateway, text: OutgoingText) -> SendResult:
    gateway.ledger.append(text)
    return Ambiguous("The gateway answered 503.")


async def explode(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
    raise RuntimeError("a fault in the gateway's own code")


def not_processed(retry_after: timedelta | None = None) -> Behaviour:
    async def throttle(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
        return NotProcessed("The gateway is throttling.", retry_after)

    return throttle


class Hang:
    """Hangs until it is released, and accepts then; `reached` tells that a text has got here."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, gateway: FaultyGateway, text: OutgoingText) -> SendResult:
        self.reached.set()
        await self.released.wait()
        return await accept(gateway, text)


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


def make_dispatcher(pool: Pool, gateway: FaultyGateway, **options: Any) -> Dispatcher:
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US", **options)


async def queue(
    factory: Factory, sync: MadeSync, contact: UUID | None, type_: str = "reminder", *, minutes_ago: int = 0
) -> UUID:
    """A queued text that may leave since so many minutes."""
    moment = await now(factory) - timedelta(minutes=minutes_ago)
    return await factory.insert(
        "auto_sync_messages",
        auto_sync_id=sync.id, contact_id=contact, message_type=type_, body=f"{type_} text", cause_id=uuid4(),
        status="queued", sent_at=None, send_after=moment, created_at=moment,
    )  # fmt: skip


async def queue_one_each(factory: Factory, sync: MadeSync, type_: str = "reminder") -> list[UUID]:
    return [await queue(factory, sync, contact, type_) for contact in sync.contacts]


async def now(factory: Factory) -> datetime:
    moment: datetime = await factory.one("select autosync_now()")
    return moment


async def status_of(factory: Factory, text: UUID) -> str:
    status: str = await factory.one("select status from auto_sync_messages where id = %s", text)
    return status


async def reason_of(factory: Factory, text: UUID) -> str | None:
    reason: str | None = await factory.one("select status_reason from auto_sync_messages where id = %s", text)
    return reason


async def pause_of(factory: Factory, text: UUID) -> timedelta | None:
    """How long the text waits from now on; None: not by itself."""
    pause: timedelta | None = await factory.one(
        "select send_after - autosync_now() from auto_sync_messages where id = %s", text
    )
    return pause


async def seconds_until(factory: Factory, text: UUID) -> int:
    """How many seconds of the project's clock a text has to wait."""
    pause = await pause_of(factory, text)
    assert pause is not None
    return round(pause.total_seconds())


async def the_next_attempt_is_the_last(factory: Factory, text: UUID) -> None:
    await factory.do("update auto_sync_messages set attempt = %s where id = %s", departures.MAX_ATTEMPTS - 1, text)


async def let_the_lease_run_out(factory: Factory, text: UUID) -> None:
    await factory.do("update auto_sync_messages set claimed_at = claimed_at - interval '2 minutes' where id = %s", text)


async def crash_while_sending(sender: Dispatcher, gateway: FaultyGateway, text: UUID) -> None:
    """Ends a dispatcher between the claim and the record; its gateway has not got the text."""
    hang = Hang()
    gateway.plan(text, hang)
    dispatching = asyncio.create_task(sender.dispatch_once())
    await hang.reached.wait()
    dispatching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dispatching


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


async def test_a_gateway_that_never_answers_is_given_up(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "SEND_TIMEOUT", timedelta(milliseconds=200))
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, Hang())

    await sender.dispatch_once()

    assert await status_of(factory, text) == "unknown"
    assert await reason_of(factory, text) == "The gateway did not answer in time."


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
    assert pauses == [1, 10, 40, 60]

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
        late = messages.Result(text, 1, status, reason="from the first attempt", pause=timedelta())
        await messages.record(factory.connection, [late])
        assert await status_of(factory, text) == "sending"
    hang.released.set()
    await dispatching

    assert await factory.rows("select status, attempt, status_reason from auto_sync_messages where id = %s", text) == [
        ("sent", 2, None)
    ]


# The check at the moment of leaving


async def test_a_reminder_does_not_leave_for_whoever_answered_meanwhile(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    answered, *others = await queue_one_each(factory, sync)
    await factory.answer(sync, sync.contacts[0], 1)

    await sender.dispatch_due()

    assert gateway.times_accepted == dict.fromkeys(others, 1)
    assert await status_of(factory, answered) == "canceled"
    assert await reason_of(factory, answered) == "The invitee answered before this text could leave."


@pytest.mark.parametrize("status", ["stopped", "paused", "completed"])
@pytest.mark.parametrize("type_", ["initial", "reminder"])
async def test_asking_texts_of_a_sync_that_is_no_longer_running_do_not_leave(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, status: str, type_: str
) -> None:
    texts = await queue_one_each(factory, sync, type_)
    await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)

    await sender.dispatch_due()

    assert gateway.tried == []
    assert {await status_of(factory, text) for text in texts} == {"canceled"}
    assert {await reason_of(factory, text) for text in texts} == {
        f"The sync was {status} before this text could leave."
    }


async def test_a_paused_syncs_summary_leaves_and_its_reminders_do_not(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    await queue_one_each(factory, sync)
    summary = await queue(factory, sync, None, "pause_summary")
    await factory.do("update auto_syncs set status = 'paused' where id = %s", sync.id)

    await sender.dispatch_due()

    assert gateway.times_accepted == {summary: 1}


async def test_nothing_leaves_for_a_number_that_has_opted_out(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    opted_out, *others = await queue_one_each(factory, sync)
    await factory.suppress(await number_of(factory, sync.contacts[0]))

    await sender.dispatch_due()

    assert gateway.times_accepted == dict.fromkeys(others, 1)
    assert await status_of(factory, opted_out) == "canceled"
    assert await reason_of(factory, opted_out) == "The number has opted out of all texts."


@pytest.mark.parametrize("number", [None, "", "call me", "911", "+1 212"])
async def test_a_text_without_a_number_that_can_be_texted_is_failed(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, number: str | None
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    await factory.do("update contacts set phone_number = %s where id = %s", number, sync.contacts[0])

    await sender.dispatch_due()

    assert gateway.tried == []
    assert await status_of(factory, text) == "failed"
    assert await reason_of(factory, text) == "There is no phone number that can be texted."


async def test_at_night_a_text_is_held_with_the_reason_and_leaves_in_the_morning(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    await factory.move_clock(hours=11)  # 11 PM in New York
    text = await queue(factory, sync, sync.contacts[0])

    assert await sender.dispatch_once() == (1, 0)

    assert await status_of(factory, text) == "queued"
    assert 9 * 3600 + 55 * 60 < await seconds_until(factory, text) <= 10 * 3600 + 20 * 60
    assert "America/New_York" in (await reason_of(factory, text) or "")
    await factory.move_clock(hours=9)
    assert await sender.dispatch_once() == (0, 0)
    await factory.move_clock(hours=1, minutes=21)
    assert await sender.dispatch_once() == (1, 1)
    assert gateway.times_accepted == {text: 1}
    assert await reason_of(factory, text) is None


async def test_a_held_text_that_has_become_pointless_by_morning_does_not_leave(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    await factory.move_clock(hours=11)
    text = await queue(factory, sync, sync.contacts[0])
    await sender.dispatch_once()
    await factory.answer(sync, sync.contacts[0])
    await factory.move_clock(hours=11)

    await sender.dispatch_due()

    assert gateway.tried == []
    assert await status_of(factory, text) == "canceled"


@pytest.mark.parametrize(
    "type_, status", [("clarification", "running"), ("late_answer", "stopped"), ("started", "running")]
)
async def test_texts_that_answer_the_person_leave_at_night(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, type_: str, status: str
) -> None:
    await factory.move_clock(hours=11)
    await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)
    text = await queue(factory, sync, None if type_ == "started" else sync.contacts[0], type_)

    await sender.dispatch_due()

    assert gateway.times_accepted == {text: 1}


async def test_the_initial_text_of_a_deleted_contact_goes_to_nobody(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    _, *others = await queue_one_each(factory, sync, "initial")
    await factory.do("delete from contacts where id = %s", sync.contacts[0])

    assert await sender.dispatch_due() == 2

    assert gateway.times_accepted == dict.fromkeys(others, 1)


async def test_a_number_that_changed_after_queueing_is_the_one_that_is_texted(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    text = await queue(factory, sync, sync.contacts[0])
    gateway.plan(text, not_processed())
    await sender.dispatch_due()
    await factory.do("update contacts set phone_number = '+12125550177' where id = %s", sync.contacts[0])
    await factory.move_clock(minutes=1)

    await sender.dispatch_due()

    assert [sent.to for sent in gateway.ledger] == ["+12125550177"]
    assert await factory.one("select phone_number from auto_sync_messages where id = %s", text) == "+12125550177"


# Where dispatchers meet those who stop something: both orders, made with real locks


async def suppress(connection: Connection, number: str) -> str:
    return await inbox.receive(connection, InboundText("faulty", str(uuid4()), number, "STOP"), region="US")


async def number_of(factory: Factory, contact: UUID) -> str:
    number: str = await factory.one("select phone_number from contacts where id = %s", contact)
    return number


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
    factory: Factory, sync: MadeSync, pool: Pool, gateway: FaultyGateway, database_url: str
) -> None:
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
        query: str = await factory.one("select query from pg_stat_activity where pid = %s", asking.info.backend_pid)
        return "is on its way at this moment" in query

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


async def test_a_text_of_a_kind_that_only_another_client_knows_does_not_stop_the_others(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    strange, ours = [await queue(factory, sync, contact) for contact in sync.contacts[:2]]
    await factory.do("update auto_sync_messages set message_type = 'birthday' where id = %s", strange)

    await sender.dispatch_due()

    assert await status_of(factory, strange) == "failed"
    assert await status_of(factory, ours) == "sent"
    assert len(gateway.tried) == 1
