"""What becomes of the texts that people write, and whose question they answer."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from autosync import inbox
from autosync.database.answers import Ask
from autosync.database.pool import Connection, connect
from autosync.inbox import InboundText
from autosync.model import Refused
from factories import Factory, MadeSync
from waiting import until_waiting

ANN = "+12125550101"
_webhooks = count(1)


async def write(connection: Connection, number: str, body: str, *, under: str | None = None) -> str:
    """A text from this number, under a gateway id of its own unless told otherwise."""
    text = InboundText("twilio", under or f"SM{next(_webhooks)}", number, body)
    return await inbox.receive(connection, text, region="US")


async def asked_by_us(
    factory: Factory, number: str, *, organizer: UUID | None = None, minutes_ago: int = 60, type_: str = "initial",
    options: int = 3, **columns: Any,
) -> MadeSync:  # fmt: skip
    """A sync of two invitees, the first of whom was asked at this number by the project's own dispatcher."""
    sync = await factory.sync(organizer=organizer, invitees=2, options=options, **columns)
    await factory.do("update contacts set phone_number = %s where id = %s", number, sync.contacts[0])
    await factory.do(
        "update auto_sync_messages set phone_number = %s, message_type = %s, cause_id = auto_sync_id,"
        " sent_at = autosync_now() - make_interval(mins => %s) where auto_sync_id = %s and contact_id = %s",
        number, type_, minutes_ago, sync.id, sync.contacts[0],
    )  # fmt: skip
    return sync


async def answers_in(factory: Factory, sync: MadeSync) -> dict[UUID, tuple[int, ...]]:
    """The numbers of the options that each contact can make."""
    rows = await factory.rows(
        "select contact_id, option_ids, response_type from auto_sync_responses where auto_sync_id = %s", sync.id
    )
    found = {who: tuple(sorted(sync.options.index(option) + 1 for option in options)) for who, options, _ in rows}
    assert all((kind == "available") == bool(found[who]) for who, _, kind in rows)
    return found


async def change_status(factory: Factory, sync: MadeSync, status: str) -> None:
    await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)


async def send_clarification(factory: Factory, sync: MadeSync, number: str) -> None:
    await factory.do(
        "update auto_sync_messages set status = 'sent', sent_at = autosync_now(), phone_number = %s"
        " where auto_sync_id = %s and message_type = 'clarification' and status = 'queued'",
        number, sync.id,
    )  # fmt: skip


# Answers


async def test_an_answer_by_text_is_kept_and_resolves_what_was_asked(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)

    assert await write(factory.connection, ANN, "1 and 3 work") == "Answered: options 1, 3."

    assert await answers_in(factory, sync) == {sync.contacts[0]: (1, 3)}
    assert dict(await factory.rows("select contact_id, is_resolved from auto_sync_messages")) == {
        sync.contacts[0]: True, sync.contacts[1]: False,
    }  # fmt: skip
    assert await factory.rows("select outcome, auto_sync_id, contact_id, phone_number from auto_sync_inbound") == [
        ("Answered: options 1, 3.", sync.id, sync.contacts[0], ANN)
    ]


async def test_the_last_answer_wins(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)
    for body, expected in (("2", (2,)), ("none", ()), ("1, 2 and 3", (1, 2, 3)), ("3", (3,))):
        await write(factory.connection, ANN, body)
        assert await answers_in(factory, sync) == {sync.contacts[0]: expected}


async def test_chatter_does_nothing(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)

    assert await write(factory.connection, ANN, "Thanks!") == "It answers nothing, so nothing was done."

    assert await answers_in(factory, sync) == {}
    assert await factory.one("select count(*) from auto_sync_messages where status = 'queued'") == 0


async def test_a_text_from_an_unknown_number_is_kept_and_answers_nothing(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)

    assert await write(factory.connection, "+12125550199", "1") == "Nobody with this number has been asked anything."

    assert await answers_in(factory, sync) == {}
    assert await factory.one("select auto_sync_id from auto_sync_inbound") is None


async def test_a_text_with_a_character_that_cannot_be_kept_still_counts(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)

    await write(factory.connection, ANN, "2\x00")

    assert await answers_in(factory, sync) == {sync.contacts[0]: (2,)}


# What is unclear


@pytest.mark.parametrize("body", ["what?!", "4", "1 or 2 maybe??", "yes"])
async def test_what_is_unclear_gets_one_question_that_names_the_valid_numbers(factory: Factory, body: str) -> None:
    sync = await asked_by_us(factory, ANN)

    assert await write(factory.connection, ANN, body) == "It is unclear; a question is on its way."

    ((contact, status, question, _),) = await factory.texts(sync.id, "clarification")
    assert (contact, status) == (sync.contacts[0], "queued")
    assert all(f"{number}" in question for number in (1, 2, 3))
    assert await answers_in(factory, sync) == {}


async def test_one_ask_is_clarified_once_ever_however_often_it_is_answered_unclearly(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)
    await write(factory.connection, ANN, "huh?")
    assert await write(factory.connection, ANN, "huh??") == "It is unclear; the question has been asked before."

    await send_clarification(factory, sync, ANN)
    for _ in range(3):
        assert await write(factory.connection, ANN, "huh???") == "It is unclear; the question has been asked before."

    assert len(await factory.texts(sync.id, "clarification")) == 1
    await write(factory.connection, ANN, "2")
    assert await answers_in(factory, sync) == {sync.contacts[0]: (2,)}


async def test_a_reminder_that_is_answered_unclearly_is_an_ask_of_its_own(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)
    await write(factory.connection, ANN, "huh?")
    await send_clarification(factory, sync, ANN)
    await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="reminder",
        phone_number=ANN,
    )  # fmt: skip

    for _ in range(2):
        await write(factory.connection, ANN, "huh?")

    assert len(await factory.texts(sync.id, "clarification")) == 2


@pytest.mark.parametrize("status", ["running", "paused"])
async def test_an_unclear_answer_about_which_no_question_can_be_written_is_kept_with_the_reason(
    factory: Factory, status: str
) -> None:
    sync = await asked_by_us(factory, ANN, timezone="Mars/Olympus_Mons")
    await change_status(factory, sync, status)

    outcome = await write(factory.connection, ANN, "hmm, hard to say")

    assert "time zone 'Mars/Olympus_Mons' is unknown" in outcome
    assert await factory.rows("select body, outcome, auto_sync_id, contact_id from auto_sync_inbound") == [
        ("hmm, hard to say", outcome, sync.id, sync.contacts[0])
    ]
    assert await factory.texts(sync.id, "clarification") == []
    await write(factory.connection, ANN, "2")
    assert await answers_in(factory, sync) == {sync.contacts[0]: (2,)}, "what is clear needs no time zone"


async def test_a_text_about_a_sync_in_a_state_that_only_another_client_knows_is_kept_with_the_reason(
    factory: Factory,
) -> None:
    sync = await asked_by_us(factory, ANN)
    await factory.do("alter type auto_sync_status add value 'archived'")
    await change_status(factory, sync, "archived")

    outcome = await write(factory.connection, ANN, "2")

    assert "archived" in outcome
    assert await factory.rows("select body, outcome from auto_sync_inbound") == [("2", outcome)]


async def test_a_number_beyond_the_options_of_a_smaller_sync_is_unclear(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN, options=2)

    assert await write(factory.connection, ANN, "3") == "It is unclear; a question is on its way."
    assert await write(factory.connection, ANN, "2") == "Answered: option 2."

    assert await answers_in(factory, sync) == {sync.contacts[0]: (2,)}


async def test_the_number_of_an_option_that_was_withdrawn_is_unclear(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)
    await factory.do("delete from auto_sync_options where id = %s", sync.options[0])

    assert await write(factory.connection, ANN, "1") == "It is unclear; a question is on its way."

    assert await answers_in(factory, sync) == {}


# Twice


async def test_a_text_that_is_delivered_twice_counts_once(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)
    await write(factory.connection, ANN, "1", under="SM-twice")
    await write(factory.connection, ANN, "2")

    assert await write(factory.connection, ANN, "1", under="SM-twice") == "This text has been received before."

    assert await answers_in(factory, sync) == {sync.contacts[0]: (2,)}


async def test_the_same_id_of_another_gateway_is_another_text(factory: Factory) -> None:
    await asked_by_us(factory, ANN)
    for gateway in ("twilio", "record"):
        assert await inbox.receive(factory.connection, InboundText(gateway, "1", ANN, "2"), region="US") == (
            "Answered: option 2."
        )


async def test_a_text_that_is_delivered_twice_at_once_counts_once(factory: Factory, database_url: str) -> None:
    sync = await asked_by_us(factory, ANN)
    async with connect(database_url) as first, connect(database_url) as second:
        async with first.transaction():
            assert "a question is on its way" in await write(first, ANN, "huh?", under="SM-twice")
            again = asyncio.create_task(write(second, ANN, "huh?", under="SM-twice"))
            await until_waiting(factory.connection, second)
        assert await again == "This text has been received before."

    assert await factory.one("select count(*) from auto_sync_inbound") == 1
    assert len(await factory.texts(sync.id, "clarification")) == 1


async def test_a_text_whose_first_delivery_failed_counts_when_it_comes_again(
    factory: Factory, database_url: str
) -> None:
    sync = await asked_by_us(factory, ANN)
    async with connect(database_url) as first, connect(database_url) as second:
        async with first.transaction(force_rollback=True):
            await write(first, ANN, "1", under="SM-twice")
            again = asyncio.create_task(write(second, ANN, "1", under="SM-twice"))
            await until_waiting(factory.connection, second)
        assert await again == "Answered: option 1."

    assert await answers_in(factory, sync) == {sync.contacts[0]: (1,)}


# Stop and start


@pytest.mark.parametrize("body", ["STOP", "stop please", "Unsubscribe", "end", "QUIT", "stopall", "cancel", "optout"])
async def test_stop_suppresses_the_number_for_everybody_and_start_lifts_it(factory: Factory, body: str) -> None:
    sync = await asked_by_us(factory, ANN)

    assert await write(factory.connection, ANN, body) == "The number has opted out of all texts."
    assert await factory.rows("select phone_number, source, reason from auto_sync_suppressions") == [
        (ANN, "inbound", body)
    ]
    assert await answers_in(factory, sync) == {}

    assert await write(factory.connection, ANN, "START") == "The number may be texted again."
    assert await factory.one("select count(*) from auto_sync_suppressions") == 0
    assert await write(factory.connection, ANN, "unstop") == "The number was not suppressed."


async def test_whoever_was_never_asked_can_say_stop_in_any_spelling_of_the_number(factory: Factory) -> None:
    await write(factory.connection, "(212) 555-0101", "STOP")
    await write(factory.connection, ANN, "STOP")

    assert await factory.rows("select phone_number from auto_sync_suppressions") == [(ANN,)]


# After the end


@pytest.mark.parametrize("status", ["stopped", "completed"])
@pytest.mark.parametrize("body", ["1", "none", "huh?"])
async def test_an_answer_after_the_end_gets_one_short_thank_you_and_changes_nothing(
    factory: Factory, status: str, body: str
) -> None:
    sync = await asked_by_us(factory, ANN)
    await change_status(factory, sync, status)

    outcomes = [await write(factory.connection, ANN, body) for _ in range(3)]

    assert outcomes == [
        f"It came after the sync was {status}; {thanks}"
        for thanks in ("a thank-you is on its way.", *["its thank-you has been queued before."] * 2)
    ]
    ((contact, state, thanks, _),) = await factory.texts(sync.id, "late_answer")
    assert (contact, state) == (sync.contacts[0], "queued")
    assert thanks.startswith("Thanks")
    assert len(thanks) <= 160
    assert await answers_in(factory, sync) == {}
    assert await factory.texts(sync.id, "clarification") == []


# Whose question it answers


async def test_an_answer_belongs_to_the_most_recent_ask_of_any_organizer(factory: Factory) -> None:
    older = await asked_by_us(factory, ANN, minutes_ago=90)
    newer = await asked_by_us(factory, ANN, minutes_ago=30)
    assert older.organizer != newer.organizer

    await write(factory.connection, ANN, "1")
    assert (await answers_in(factory, older), await answers_in(factory, newer)) == ({}, {newer.contacts[0]: (1,)})

    await write(factory.connection, ANN, "2")
    assert (await answers_in(factory, older), await answers_in(factory, newer)) == (
        {older.contacts[0]: (2,)},
        {newer.contacts[0]: (1,)},
    )

    await write(factory.connection, ANN, "3")
    assert (await answers_in(factory, older), await answers_in(factory, newer)) == (
        {older.contacts[0]: (2,)},
        {newer.contacts[0]: (3,)},
    )


async def test_an_unresolved_ask_of_an_ended_sync_does_not_take_an_answer_from_a_live_one(factory: Factory) -> None:
    live = await asked_by_us(factory, ANN, minutes_ago=90)
    ended = await asked_by_us(factory, ANN, minutes_ago=30)
    await write(factory.connection, ANN, "1")
    await factory.do("delete from auto_sync_responses")
    await change_status(factory, ended, "stopped")
    await factory.do("update auto_sync_messages set is_resolved = auto_sync_id = %s", live.id)

    await write(factory.connection, ANN, "2")

    assert await answers_in(factory, live) == {live.contacts[0]: (2,)}
    assert await factory.texts(ended.id, "late_answer") == []


async def test_an_answer_while_the_sync_is_paused_counts(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN)
    await change_status(factory, sync, "paused")

    assert await write(factory.connection, ANN, "2") == "Answered: option 2, while the sync is paused."

    assert await answers_in(factory, sync) == {sync.contacts[0]: (2,)}
    assert await factory.one("select status::text from auto_syncs") == "paused"


async def test_an_organizer_who_is_somebody_elses_invitee_answers_as_an_invitee(factory: Factory) -> None:
    own = await asked_by_us(factory, "+12125550102", minutes_ago=10)
    await factory.insert("auto_sync_messages", auto_sync_id=own.id, contact_id=None, message_type="started",
                         phone_number=ANN)  # fmt: skip
    await factory.do("update profiles set phone_number = %s where id = %s", ANN, own.organizer)
    invited_to = await asked_by_us(factory, ANN, minutes_ago=60)

    await write(factory.connection, ANN, "1")

    assert await answers_in(factory, invited_to) == {invited_to.contacts[0]: (1,)}
    assert await answers_in(factory, own) == {}


async def test_an_answer_to_a_text_that_another_client_sent_is_bound_by_the_contacts_number(factory: Factory) -> None:
    sync = await factory.sync(invitees=2)
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[1])

    await write(factory.connection, number, "none of them")

    assert await answers_in(factory, sync) == {sync.contacts[1]: ()}


async def test_an_answer_comes_from_the_number_that_was_texted_though_the_contact_has_another_now(
    factory: Factory,
) -> None:
    sync = await asked_by_us(factory, ANN)
    await factory.do("update contacts set phone_number = '+12125550155' where id = %s", sync.contacts[0])

    assert await write(factory.connection, "+12125550155", "1") == "Nobody with this number has been asked anything."
    assert await write(factory.connection, ANN, "1") == "Answered: option 1."


@pytest.mark.parametrize("status", ["queued", "failed", "canceled"])
async def test_a_text_that_never_left_asked_nothing(factory: Factory, status: str) -> None:
    await asked_by_us(factory, ANN)
    await factory.do("update auto_sync_messages set status = %s, sent_at = null, body = '', send_after = now()", status)

    assert await write(factory.connection, ANN, "1") == "Nobody with this number has been asked anything."


async def test_an_answer_of_somebody_who_was_only_reminded_is_kept_with_the_reason(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN, type_="reminder")

    assert await write(factory.connection, ANN, "1") == "This person was not asked in this sync."

    assert await answers_in(factory, sync) == {}
    assert await factory.one("select outcome from auto_sync_inbound") == "This person was not asked in this sync."


# Answers by other ways


async def ask_of(factory: Factory, sync: MadeSync) -> Ask:
    message = await factory.one("select id from auto_sync_messages where contact_id = %s", sync.contacts[0])
    return Ask(message, sync.id, sync.contacts[0])


async def test_answer_keeps_each_option_once(factory: Factory) -> None:
    sync = await factory.sync()

    await inbox.answer(factory.connection, await ask_of(factory, sync), [3, 1, 3])

    assert await answers_in(factory, sync) == {sync.contacts[0]: (1, 3)}
    assert len(await factory.one("select option_ids from auto_sync_responses")) == 2


async def test_answer_refuses_whoever_was_not_asked(factory: Factory) -> None:
    sync = await factory.sync()
    stranger = await factory.contact(sync.organizer, "Zoe")

    for ask in (Ask(uuid4(), sync.id, stranger), Ask(uuid4(), uuid4(), sync.contacts[0])):
        with pytest.raises(Refused, match="was not asked in this sync"):
            await inbox.answer(factory.connection, ask, [1])
    assert await answers_in(factory, sync) == {}


@pytest.mark.parametrize("status", ["stopped", "completed"])
async def test_answer_refuses_a_sync_that_has_ended(factory: Factory, status: str) -> None:
    sync = await factory.sync(status=status)

    with pytest.raises(Refused, match=f"This sync was {status}; it takes no answers any more."):
        await inbox.answer(factory.connection, await ask_of(factory, sync), [1])
    assert await answers_in(factory, sync) == {}


@pytest.mark.parametrize("numbers, named", [([3], 3), ([1, 0], 0), ([-1, 2], -1)])
async def test_answer_refuses_numbers_that_are_not_there(factory: Factory, numbers: list[int], named: int) -> None:
    sync = await factory.sync(options=2)

    with pytest.raises(Refused, match=f"There is no option {named}; the options are 1, 2."):
        await inbox.answer(factory.connection, await ask_of(factory, sync), numbers)
    assert await answers_in(factory, sync) == {}


async def test_an_answer_that_meets_the_goal_brings_the_pause_check_forward(factory: Factory) -> None:
    sync = await asked_by_us(factory, ANN, response_goal="everyone")
    await write(factory.connection, ANN, "1")
    assert "pause_check_48h" not in await factory.pending(sync.id)

    other = await factory.one("select phone_number from contacts where id = %s", sync.contacts[1])
    await write(factory.connection, other, "2")

    assert (await factory.pending(sync.id))["pause_check_48h"] <= await factory.one("select autosync_now()")
