"""What a queued text must pass at the moment it leaves, on a real database."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest

from autosync import syncs
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from dispatching import impatient_gateway
from factories import Factory, MadeSync, at_noon
from faulty_gateway import FaultyGateway, make_dispatcher, not_processed
from outbox import number_of, queue, queue_one_each, reason_of, seconds_until, status_of
from stand_in import stand_in


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


@pytest.mark.parametrize(("status", "holds"), [("queued", True), ("sending", True), ("unknown", True), ("sent", False)])
async def test_a_reminder_waits_for_the_first_text_while_that_may_still_leave(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, status: str, holds: bool
) -> None:
    ann, ben, _ = sync.contacts
    first = await queue(factory, sync, ann, "initial")
    await factory.do(
        "update auto_sync_messages set status = %s, attempt = 1, claimed_at = clock_timestamp(), phone_number = '+1',"
        " gateway = 'faulty', send_after = autosync_now() + interval '1 hour' where id = %s", status, first,
    )  # fmt: skip
    reminders = [await queue(factory, sync, ann), await queue(factory, sync, ben)]

    await sender.dispatch_once()

    assert gateway.tried == ([reminders[1]] if holds else reminders)
    if holds:
        assert await reason_of(factory, reminders[0]) == "The first text to this person has not left yet."
        assert await seconds_until(factory, reminders[0]) == 60


@pytest.mark.parametrize("status", ["failed", "canceled"])
async def test_who_never_got_the_first_text_is_not_reminded_of_it(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, status: str
) -> None:
    first = await queue(factory, sync, sync.contacts[0], "initial")
    await factory.do("update auto_sync_messages set status = %s where id = %s", status, first)
    reminder = await queue(factory, sync, sync.contacts[0])

    await sender.dispatch_once()

    assert gateway.tried == []
    assert await reason_of(factory, reminder) == (
        "The first text to this person never left, so there is nothing to remind them of."
    )


async def test_a_reminder_does_not_wait_for_a_first_text_that_an_operator_has_to_decide(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    first = await queue(factory, sync, sync.contacts[0], "initial")
    await factory.do(
        "update auto_sync_messages set status = 'unknown', attempt = 1, claimed_at = clock_timestamp(),"
        " phone_number = '+1', gateway = 'faulty', send_after = null where id = %s", first,
    )  # fmt: skip
    reminder = await queue(factory, sync, sync.contacts[0])

    await sender.dispatch_once()

    assert gateway.tried == [reminder]


@pytest.mark.parametrize(
    ("type_", "status"), [*product(["initial", "reminder"], ["stopped", "completed"]), ("reminder", "paused")]
)
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


@pytest.mark.parametrize(
    ("then", "fate"), [("running", "sent"), ("stopped", "canceled"), ("completed", "canceled"), ("paused", "queued")]
)
async def test_a_first_text_waits_while_its_sync_is_paused_and_leaves_if_it_goes_on(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, then: str, fate: str
) -> None:
    first = await queue(factory, sync, sync.contacts[0], "initial")
    await factory.do("update auto_syncs set status = 'paused' where id = %s", sync.id)
    await sender.dispatch_due()
    assert (await status_of(factory, first), await seconds_until(factory, first)) == ("queued", 15 * 60)
    assert await reason_of(factory, first) == "The sync is paused."

    await factory.do("update auto_syncs set status = %s where id = %s", then, sync.id)
    await factory.move_clock(minutes=15)
    await sender.dispatch_due()

    assert await status_of(factory, first) == fate
    assert gateway.tried == ([first] if fate == "sent" else [])


async def invites_at_night(factory: Factory, sync: MadeSync, number: int) -> UUID:
    """An invite at 11 PM in New York, when the first option ends in half an hour, and the others in days."""
    await factory.move_clock(hours=11)
    await factory.do(
        "update auto_sync_options set start_time = autosync_now(), end_time = autosync_now() + interval '30 minutes'"
        " where id = %s", sync.options[0],
    )  # fmt: skip
    await syncs.invite(factory.connection, sync.id, number)
    invite: UUID = await factory.one(
        "select id from auto_sync_messages where message_type = 'invite' and contact_id = %s", sync.contacts[0]
    )
    return invite


async def test_an_invite_does_not_leave_for_a_time_that_is_over_though_another_option_is_ahead(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    invite = await invites_at_night(factory, sync, 1)
    await sender.dispatch_due()
    assert await status_of(factory, invite) == "queued"
    await factory.move_clock(hours=11)

    await sender.dispatch_due()

    assert gateway.tried == []
    assert await status_of(factory, invite) == "canceled"
    assert await reason_of(factory, invite) == "The chosen time was over before this text could leave."


async def test_an_invite_leaves_for_a_time_that_is_ahead_though_another_option_is_over(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway
) -> None:
    invite = await invites_at_night(factory, sync, 2)
    await factory.move_clock(hours=11)

    await sender.dispatch_due()

    assert await status_of(factory, invite) == "sent"
    assert len(gateway.tried) == 3


@pytest.mark.parametrize("metadata", ["[1]", '"text"', "{}", '{"chosen_option_id": null}'])
async def test_an_invite_whose_time_is_not_known_leaves_until_every_option_is_over(
    factory: Factory, sync: MadeSync, sender: Dispatcher, gateway: FaultyGateway, metadata: str
) -> None:
    await factory.do("update auto_syncs set status = 'completed', metadata = %s where id = %s", metadata, sync.id)
    await option_ends_in(factory, sync, 50)
    first = await queue(factory, sync, sync.contacts[0], "invite")
    await sender.dispatch_due()
    assert gateway.tried == [first]

    await factory.move_clock(hours=1)
    late = await queue(factory, sync, sync.contacts[1], "invite")
    await sender.dispatch_due()

    assert gateway.tried == [first]
    assert await status_of(factory, late) == "canceled"


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


# How long it may stay at the gateway


async def option_ends_in(factory: Factory, sync: MadeSync, minutes: int) -> None:
    """Makes the last option end so many minutes from now on."""
    await factory.do(
        "update auto_sync_options set start_time = autosync_now() - interval '1 day' * (4 - idx),"
        " end_time = case idx when 3 then autosync_now() + make_interval(mins => %s) end where auto_sync_id = %s",
        minutes, sync.id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "minutes_to_the_last_end", "hours_later", "minutes"),
    [
        ("reminder", 24 * 60, 0, 8 * 60),  # at noon, until 20:00
        ("reminder", 50, 0, 50),
        ("clarification", 50, 0, 50),
        ("started", 50, 0, 8 * 60),  # tells of no time ahead
        ("reminder", 24 * 60, 7.5, 30),
        ("started", 24 * 60, 11, 10),  # at 23:00, as an answer to what was just done
    ],
)
async def test_twilio_is_told_to_give_a_text_up_before_it_is_stale_or_night_falls(
    factory: Factory, sync: MadeSync, pool: Pool,
    type_: str, minutes_to_the_last_end: int, hours_later: float, minutes: int,
) -> None:  # fmt: skip
    await factory.move_clock(hours=hours_later)
    await option_ends_in(factory, sync, minutes_to_the_last_end)
    await queue(factory, sync, None if type_ == "started" else sync.contacts[0], type_)
    with stand_in() as twilio:
        gateway = impatient_gateway(twilio.url)
        sender = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")
        await sender.dispatch_due()
        await gateway.close()
        (taken,) = twilio.accepted()

    assert minutes * 60 - 30 <= taken["validity_period"] <= minutes * 60
