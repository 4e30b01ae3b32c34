"""The conversation with an organizer by text, from the report of a pause to what becomes of the sync."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import pytest

from autosync import inbox, syncs
from autosync.database.pool import Connection, Pool, connect
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.inbox import InboundText
from autosync.processor import Processor
from factories import Factory, MadeSync, at_noon
from waiting import until_waiting

MAYA = "+12125550190"
CHOICES = "Reply 1 to remind, 2 to send invites, 3 to stop."
_webhooks = count(1)


class Phone:
    """Maya's phone at noon: what she texts comes in, and what is queued for her arrives."""

    def __init__(self, factory: Factory, pool: Pool) -> None:
        self.factory = factory
        self.pool = pool
        self._arrived = 0

    async def write(self, body: str, *, under: str | None = None, connection: Connection | None = None) -> str:
        """What became of her text; nothing leaves yet."""
        text = InboundText("twilio", under or f"SM{next(_webhooks)}", MAYA, body)
        return await inbox.receive(connection or self.factory.connection, text, region="US")

    async def receive(self) -> list[tuple[str, str]]:
        """(type, body) of what has arrived since the last look, after the dispatcher's turn."""
        gateway = RecordGateway()
        await Dispatcher(pool=self.pool, gateways={"record": gateway}, gateway="record", region="US").dispatch_due()
        rows = await self.factory.rows(
            "select message_type, body from auto_sync_messages where contact_id is null and sent_at is not null"
            " and phone_number = %s order by created_at, message_type", MAYA,
        )  # fmt: skip
        arrived, self._arrived = rows[self._arrived :], len(rows)
        return arrived

    async def says(self, body: str) -> list[tuple[str, str]]:
        """What comes back to her text."""
        await self.write(body)
        return await self.receive()


@pytest.fixture
async def phone(factory: Factory, pool: Pool) -> Phone:
    await at_noon(factory)
    return Phone(factory, pool)


@pytest.fixture
async def sync(phone: Phone) -> MadeSync:
    """Maya's sync, paused, with three of five answers; its report has arrived."""
    return await paused(phone)


async def paused(phone: Phone, **columns: Any) -> MadeSync:
    factory = phone.factory
    organizer = columns.pop("organizer", None) or await factory.organizer(phone_number=MAYA)
    sync = await factory.sync(organizer=organizer, invitees=5, **columns)
    for contact, numbers in zip(sync.contacts[1:4], ((1,), (1,), ()), strict=True):
        await factory.answer(sync, contact, *[number for number in numbers if number <= len(sync.options)])
    await pause(phone, sync)
    (report,) = await phone.receive()
    assert report[0] == "pause_summary"
    return sync


async def pause(phone: Phone, sync: MadeSync) -> None:
    """What the pause check does, which is due now; a reminder that is due comes before it, and would put it off."""
    await Processor(pool=phone.pool).process_due()
    await phone.factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at) values (%s, 'pause_check_48h', autosync_now())"
        " on conflict (sync_id, job_type) where status = 'pending' do update set scheduled_at = autosync_now()",
        sync.id,
    )  # fmt: skip
    await Processor(pool=phone.pool).process_due()


async def status_of(phone: Phone, sync: MadeSync) -> str:
    found: str = await phone.factory.one("select status::text from auto_syncs where id = %s", sync.id)
    return found


async def invited(phone: Phone, sync: MadeSync) -> list[str]:
    return [body for _, _, body, _ in await phone.factory.texts(sync.id, "invite")]


async def asked(phone: Phone, number: str = MAYA) -> MadeSync:
    """Somebody else's sync whose first invitee has this number, and got the ask just now."""
    sync = await phone.factory.sync(organizer=await phone.factory.organizer("Zoe"), event_name="Picnic")
    await phone.factory.do("update contacts set phone_number = %s where id = %s", number, sync.contacts[0])
    await phone.factory.do("update auto_sync_messages set sent_at = autosync_now() where auto_sync_id = %s", sync.id)
    return sync


async def answers(phone: Phone, sync: MadeSync) -> list[tuple[int, ...]]:
    """The numbers of the options that the first invitee can make, as a list of one answer or none."""
    rows = await phone.factory.rows(
        "select option_ids from auto_sync_responses where auto_sync_id = %s and contact_id = %s",
        sync.id, sync.contacts[0],
    )  # fmt: skip
    return [tuple(sync.options.index(option) + 1 for option in options) for (options,) in rows]


# The three choices


@pytest.mark.parametrize("body", ["1", "One please", "remind", "1."])
async def test_one_reminds_again(phone: Phone, sync: MadeSync, body: str) -> None:
    assert await phone.write(body) == "Reminds again."

    assert await status_of(phone, sync) == "running"
    assert await phone.receive() == []
    await Processor(pool=phone.pool).process_due()
    assert len(await phone.factory.texts(sync.id, "reminder")) == 2
    assert await phone.receive() == [("reminder_update", "Board games: reminded 2 of 5. Answered so far: 3.")]


async def test_one_says_how_it_stands_where_nobody_is_left_to_remind(phone: Phone) -> None:
    organizer = await phone.factory.organizer(phone_number=MAYA)
    sync = await phone.factory.sync(organizer=organizer, invitees=1)
    await phone.factory.answer(sync, sync.contacts[0], 1)
    await Processor(pool=phone.pool).process_due()
    ((type_, _),) = await phone.receive()
    assert type_ == "goal_met"

    assert await phone.says("1") == [("status", "Board games: running, 1 of 1 answered.")]


@pytest.mark.parametrize("body", ["2", "option 2", "invite two", "2!"])
async def test_two_asks_for_which_option_and_its_number_sends_the_invites(
    phone: Phone, sync: MadeSync, body: str
) -> None:
    ((type_, question),) = await phone.says("2")
    assert type_ == "choose_option"
    assert [line[:9] for line in question.splitlines()[1:]] == ["Option 1,", "Option 2,", "Option 3,"]
    assert [line[-5:] for line in question.splitlines()[1:]] == ["2 can", "0 can", "0 can"]

    assert await phone.write(body) == "Invites for option 2."

    assert await status_of(phone, sync) == "completed"
    assert len(await invited(phone, sync)) == 5
    assert await phone.factory.one("select metadata ->> 'chosen_option_id' from auto_syncs") == str(sync.options[1])
    assert await phone.receive() == [("status", "Board games: invites sent, 3 of 5 answered.")]
    assert await phone.factory.one(
        "select count(*) from auto_sync_messages where contact_id is null and not is_resolved"
        " and message_type in ('pause_summary', 'choose_option')"
    ) == 0  # fmt: skip


async def test_two_invites_at_once_where_there_is_one_option(phone: Phone) -> None:
    sync = await paused(phone, options=1)

    assert await phone.says("send invites") == [("status", "Board games: invites sent, 3 of 5 answered.")]

    assert len(await invited(phone, sync)) == 5


async def test_three_asks_once_more_and_three_again_stops(phone: Phone, sync: MadeSync) -> None:
    ((type_, question),) = await phone.says("3")
    assert (type_, await status_of(phone, sync)) == ("confirm_stop", "paused")
    assert "Reply 3 again" in question

    assert await phone.says("3 again") == [("status", "Board games: ended, 3 of 5 answered.")]

    assert await status_of(phone, sync) == "stopped"


@pytest.mark.parametrize("body", ["no, keep it", "1", "thanks", "30"])
async def test_anything_else_keeps_the_sync_and_offers_the_choices_again(
    phone: Phone, sync: MadeSync, body: str
) -> None:
    await phone.says("3")

    assert await phone.says(body) == [("status", f"Board games: paused, 3 of 5 answered.\n{CHOICES}")]

    assert await status_of(phone, sync) == "paused"
    assert [type_ for type_, _ in await phone.says("3")] == ["confirm_stop"], "it asks anew"
    await phone.says("3")
    assert await status_of(phone, sync) == "stopped"


async def test_zero_goes_back_from_the_options_to_the_choices(phone: Phone, sync: MadeSync) -> None:
    await phone.says("2")
    await phone.says("9")

    assert await phone.says("0") == [("status", f"Board games: paused, 3 of 5 answered.\n{CHOICES}")]

    await phone.says("1")
    assert (await status_of(phone, sync), await invited(phone, sync)) == ("running", [])


# What is no choice


@pytest.mark.parametrize("body", ["4", "maybe?", "1 and 2"])
async def test_a_wrong_option_number_asks_again_once(phone: Phone, sync: MadeSync, body: str) -> None:
    ((_, question),) = await phone.says("2")

    assert await phone.says(body) == [("choose_option", question)]
    assert await phone.says(body) == []

    await phone.says("3")
    assert await status_of(phone, sync) == "completed"


async def test_an_option_that_is_over_by_then_is_a_wrong_one(phone: Phone, sync: MadeSync) -> None:
    await phone.says("2")
    await phone.factory.do(
        "update auto_sync_options set start_time = autosync_now() - interval '2 hours', end_time = autosync_now()"
        " where id = %s",
        sync.options[0],
    )  # fmt: skip

    ((type_, question),) = await phone.says("1")

    assert (type_, await status_of(phone, sync)) == ("choose_option", "paused")
    assert [line[:8] for line in question.splitlines()[1:]] == ["Option 2", "Option 3"]


@pytest.mark.parametrize("body", ["huh?!", "5", "2 2", "option 1", "1?", "HELP"])
async def test_anything_else_gets_help_once_in_ten_minutes(phone: Phone, sync: MadeSync, body: str) -> None:
    ((type_, help_),) = await phone.says(body)
    assert type_ == "help"
    assert help_.startswith("Board games: reply 1 to remind, 2 to send invites, 3 to stop.")

    assert await phone.says(body) == []
    assert await phone.says("hello?? is anybody there") == []
    await phone.factory.move_clock(minutes=11)
    assert [type_ for type_, _ in await phone.says(body)] == ["help"]
    assert await status_of(phone, sync) == "paused"


async def test_help_comes_once_for_two_syncs_and_offers_no_choice_while_none_is_paused(phone: Phone) -> None:
    organizer = await phone.factory.organizer(phone_number=MAYA)
    for _ in range(2):
        await phone.factory.sync(organizer=organizer)

    ((type_, help_),) = await phone.says("how do I start a sync")

    assert (type_, CHOICES in help_) == ("help", False)
    await phone.factory.sync(organizer=organizer)
    assert await phone.says("how do I start a sync") == []


@pytest.mark.parametrize("body", ["Thanks!", "ok thank you", "Liked “Board games: 3 of 5 answered.”"])
async def test_chatter_gets_nothing(phone: Phone, sync: MadeSync, body: str) -> None:
    assert await phone.write(body) == "It answers nothing, so nothing was done."

    assert (await phone.receive(), await status_of(phone, sync)) == ([], "paused")


async def test_stop_from_an_organizer_suppresses_the_number_and_says_nothing(phone: Phone, sync: MadeSync) -> None:
    await phone.says("3")

    assert await phone.write("STOP") == "The number has opted out of all texts."

    assert (await phone.receive(), await status_of(phone, sync)) == ([], "paused")
    assert await phone.factory.one("select count(*) from auto_sync_suppressions") == 1


# Status


@pytest.mark.parametrize("body", ["status", "Status?", "STATUS please"])
async def test_status_lists_what_runs_and_what_is_paused(phone: Phone, sync: MadeSync, body: str) -> None:
    await phone.factory.sync(organizer=sync.organizer, invitees=2, event_name="Dinner")
    over = await phone.factory.sync(organizer=sync.organizer, event_name="Tea")
    await syncs.stop(phone.factory.connection, over.id)

    assert await phone.says(body) == [
        ("status", "Board games: paused, 3 of 5 answered.\nDinner: running, 0 of 2 answered.")
    ]
    assert len(await phone.says(body)) == 1


async def test_status_is_the_organizers_word_even_while_an_ask_waits(phone: Phone, sync: MadeSync) -> None:
    elsewhere = await asked(phone)

    assert [type_ for type_, _ in await phone.says("status")] == ["status"]

    assert await phone.factory.texts(elsewhere.id, "clarification") == []


async def test_an_organizer_without_any_sync_gets_no_text(phone: Phone) -> None:
    await phone.factory.organizer(phone_number=MAYA)

    for body in ("status", "huh?!", "1"):
        assert await phone.write(body) == "It comes from an organizer without any sync, so there is nothing to say."
    assert await phone.factory.one("select count(*) from auto_sync_messages") == 0


# Too late, twice, at once


@pytest.mark.parametrize("body", ["1", "2", "3"])
async def test_a_choice_that_comes_too_late_is_told_once_how_it_stands(phone: Phone, sync: MadeSync, body: str) -> None:
    await syncs.stop(phone.factory.connection, sync.id)

    assert await phone.says(body) == [("status", "Board games: ended, 3 of 5 answered.")]
    assert await phone.says(body) == []


async def test_a_choice_by_other_means_settles_what_was_asked_by_text(phone: Phone, sync: MadeSync) -> None:
    await phone.says("3")
    await syncs.remind(phone.factory.connection, sync.id)

    assert await phone.factory.one("select count(*) from auto_sync_messages where is_resolved") == 2
    assert await phone.says("3") == [("status", "Board games: running, 3 of 5 answered.")]

    assert await status_of(phone, sync) == "running"


async def test_the_question_of_an_earlier_pause_is_not_answered_in_a_later_one(phone: Phone, sync: MadeSync) -> None:
    await phone.says("3")
    await phone.factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
    await pause(phone, sync)

    assert await phone.write("3") == "A newer question about this sync has not been read yet, so nothing was done."
    assert [type_ for type_, _ in await phone.receive()] == ["pause_summary"]
    assert [type_ for type_, _ in await phone.says("3")] == ["confirm_stop"]


@pytest.mark.parametrize("first", ["2", "3"])
async def test_what_comes_before_a_question_could_be_read_chooses_nothing(
    phone: Phone, sync: MadeSync, first: str
) -> None:
    await phone.write(first)
    for body in ("1", first):
        assert await phone.write(body) == "A newer question about this sync has not been read yet, so nothing was done."

    assert len(await phone.receive()) == 1
    assert await status_of(phone, sync) == "paused"


@pytest.mark.parametrize("conversation", [["1"], ["2", "1"], ["3", "3"], ["huh?!"], ["status"], ["3", "no"]])
async def test_a_webhook_that_is_delivered_twice_does_nothing_twice(
    phone: Phone, sync: MadeSync, conversation: list[str]
) -> None:
    for place, body in enumerate(conversation):
        assert await phone.write(body, under=f"SM-twice-{place}") != "This text has been received before."
        arrived = await phone.receive()
        assert await phone.write(body, under=f"SM-twice-{place}") == "This text has been received before."
        assert (len(arrived) <= 1, await phone.receive()) == (True, [])
    assert len(await invited(phone, sync)) in (0, 5)


@pytest.mark.parametrize(
    ("first", "second", "outcome", "status"),
    [
        ("1", "3", "It came too late: the sync is running; a text that says so is on its way.", "running"),
        ("3", "1", "A newer question about this sync has not been read yet, so nothing was done.", "paused"),
        ("2", "2", "A newer question about this sync has not been read yet, so nothing was done.", "paused"),
    ],
)
async def test_of_two_choices_at_once_the_first_is_taken(
    phone: Phone, sync: MadeSync, database_url: str, first: str, second: str, outcome: str, status: str
) -> None:
    async with connect(database_url) as one, connect(database_url) as other:
        async with one.transaction():
            await phone.write(first, connection=one)
            late = asyncio.create_task(phone.write(second, connection=other))
            await until_waiting(phone.factory.connection, other)
        assert await late == outcome

    assert await status_of(phone, sync) == status
    assert len(await phone.receive()) == 1


async def test_of_two_cries_for_help_at_once_one_is_answered(phone: Phone, sync: MadeSync, database_url: str) -> None:
    async with connect(database_url) as one, connect(database_url) as other:
        async with one.transaction():
            await phone.write("what?", connection=one)
            late = asyncio.create_task(phone.write("hm?", connection=other))
            await until_waiting(phone.factory.connection, other)
        assert await late == "It is no choice; help was sent within the last ten minutes."

    assert [type_ for type_, _ in await phone.receive()] == ["help"]


# Whose question it answers


async def test_an_organizer_who_was_asked_later_answers_as_an_invitee_first(phone: Phone, sync: MadeSync) -> None:
    elsewhere = await asked(phone)

    assert await phone.write("1") == "Answered: option 1."
    assert (await answers(phone, elsewhere), await status_of(phone, sync)) == ([(1,)], "paused")

    assert await phone.write("1") == "Reminds again."
    assert (await answers(phone, elsewhere), await status_of(phone, sync)) == ([(1,)], "running")


async def test_an_organizer_who_was_asked_earlier_chooses_first_and_answers_then(phone: Phone) -> None:
    elsewhere = await asked(phone)
    sync = await paused(phone)

    assert await phone.write("1") == "Reminds again."
    assert (await answers(phone, elsewhere), await status_of(phone, sync)) == ([], "running")

    assert await phone.write("2") == "Answered: option 2."
    assert await answers(phone, elsewhere) == [(2,)]


async def test_an_organizer_who_invited_themselves_is_heard_as_both(phone: Phone) -> None:
    sync = await paused(phone)
    await phone.factory.do("update contacts set phone_number = %s where id = %s", MAYA, sync.contacts[0])
    await phone.factory.do(
        "update auto_sync_messages set sent_at = autosync_now() - interval '1 day', phone_number = %s"
        " where contact_id = %s", MAYA, sync.contacts[0],
    )  # fmt: skip

    assert await phone.write("1") == "Reminds again."
    assert await phone.write("3") == "Answered: option 3."
    assert await answers(phone, sync) == [(3,)]


async def test_an_unclear_answer_to_an_ask_is_asked_about_and_needs_no_help(phone: Phone, sync: MadeSync) -> None:
    elsewhere = await asked(phone)

    assert await phone.write("what?!") == "It is unclear; a question is on its way."

    assert len(await phone.factory.texts(elsewhere.id, "clarification")) == 1
    assert await phone.receive() == []
    assert await status_of(phone, sync) == "paused"


async def test_the_latest_report_decides_between_syncs_and_profiles_of_one_number(phone: Phone) -> None:
    earlier = await paused(phone)
    later = await paused(phone, event_name="Dinner")
    assert earlier.organizer != later.organizer

    await phone.says("1")
    assert [await status_of(phone, sync) for sync in (earlier, later)] == ["paused", "running"]

    await phone.says("1")
    assert [await status_of(phone, sync) for sync in (earlier, later)] == ["running", "running"]


async def test_a_number_in_any_spelling_is_its_organizers_and_nobodys_once_given_up(phone: Phone) -> None:
    sync = await paused(phone, organizer=await phone.factory.organizer(phone_number="(212) 555-0190"))
    await phone.factory.do("update profiles set phone_number = '+12125550191' where id = %s", sync.organizer)

    assert await phone.write("1") == "Nobody with this number has been asked anything."
    await phone.factory.do("update profiles set phone_number = '212.555.0190' where id = %s", sync.organizer)
    assert await phone.write("1") == "Reminds again."


async def test_a_report_that_another_client_sent_is_answered_too(phone: Phone) -> None:
    sync = await phone.factory.sync(organizer=await phone.factory.organizer(phone_number=MAYA), status="paused")
    await phone.factory.insert("auto_sync_messages", auto_sync_id=sync.id, message_type="pause_summary")

    assert await phone.write("1") == "Reminds again."

    assert await status_of(phone, sync) == "running"


async def test_a_text_is_kept_with_the_sync_that_it_was_about(phone: Phone, sync: MadeSync) -> None:
    await phone.write("1")

    assert await phone.factory.rows("select auto_sync_id, contact_id, outcome from auto_sync_inbound") == [
        (sync.id, None, "Reminds again.")
    ]
