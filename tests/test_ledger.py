"""The judge itself: it finds nothing in lives that went well, and each thing that is planted in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync import inbox, syncs
from autosync.database import clock
from autosync.database.pool import connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.model import ResponseGoal
from autosync.processor import Processor
from dispatching import impatient_gateway
from factories import Factory, at_noon
from ledger import KEEP_CHANGES, differences, of_gateway, open_books
from stand_in import stand_in

Entry = dict[str, Any]
AN_HOUR = "interval '1 hour'"


@dataclass
class Lived:
    """A database in which one sync came to its invites and another one is waiting for answers."""

    url: str
    accepted: list[Entry]

    def plant(self, *statements: str) -> None:
        """Writes what should never be there, behind the back of every trigger."""
        with psycopg.connect(self.url) as connection:
            connection.execute("set session_replication_role = replica")
            for statement in statements:
                connection.execute(statement.encode())


async def live(url: str, twilio_url: str) -> None:
    """Two lives: asked, answered, reminded, paused, invited; and asked, with a reminder to come."""
    gateway = impatient_gateway(twilio_url)
    async with connect(url) as connection, open_pool(url, size=3) as pool:
        factory = Factory(connection)
        processor = Processor(pool=pool)
        dispatcher = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")

        async def work(days: int = 0) -> None:
            await clock.move_ahead(connection, timedelta(days=days, minutes=1))
            await processor.process_due()
            await dispatcher.dispatch_due()

        await at_noon(factory)
        await factory.do(
            "update auto_sync_settings set reminder_delay = '24 hours', pause_delay = '48 hours' where active"
        )
        organizer = await factory.organizer()
        crew = [await factory.contact(organizer, name) for name in ("Ann", "Ben", "Chloe")]
        for name in ("Board games", "Tea"):
            members = await factory.crew(organizer, crew, name=name)
            begins = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
            plan = syncs.Plan(
                organizer, str(members), name, None, "America/New_York", ResponseGoal.EVERYONE,
                ((begins, begins + timedelta(hours=2)),),
            )  # fmt: skip
            sync = (await syncs.start(connection, plan, region="US")).sync.id
            await work()
            if name == "Board games":
                number = await factory.one("select phone_number from contacts where id = %s", crew[0])
                await inbox.receive(connection, inbox.InboundText("twilio", uuid4().hex, number, "1"), region="US")
                await work(days=1)
                await work(days=1)
                await syncs.invite(connection, sync, 1)
                await work()
    await gateway.close()


@pytest.fixture(scope="module")
def once_lived(server_url: str, template: str) -> Iterator[tuple[str, list[Entry]]]:
    """The name of the database, and what the stand-in for Twilio took."""
    name = f"lived_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        with stand_in() as twilio:
            asyncio.run(live(make_conninfo(server_url, dbname=name), twilio.url))
            yield name, twilio.accepted()
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def lived(server_url: str, once_lived: tuple[str, list[Entry]]) -> Iterator[Lived]:
    """A copy to plant something in."""
    template, accepted = once_lived
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        yield Lived(make_conninfo(server_url, dbname=name), [dict(entry) for entry in accepted])
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_in_lives_that_went_well_there_is_nothing(lived: Lived) -> None:
    books = open_books(lived.url, grace=timedelta())
    left = [text.message_type for text in books.all_texts() if text.status == "sent"]
    assert len(left) == len(lived.accepted) == 15, "six were asked, two reminded, three invited, the organizer told"
    assert differences(books) == []
    assert of_gateway(books, lived.accepted, gateway="twilio") == []


TEA, GAMES = (f"(select id from auto_syncs where event_name = '{name}')" for name in ("Tea", "Board games"))
COPIED = (
    "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, cause_id, status, body, sent_at, attempt,"
    " created_at) select m.auto_sync_id, {contact}, m.message_type, {cause}, 'sent', m.body, m.sent_at, 0, m.created_at"
    " from auto_sync_messages m where m.message_type = '{type}' and m.auto_sync_id = {sync} limit 1"
)


def said(words: str, ago: str, message_type: str = "invite") -> str:
    """A text that came in so long before one of these left, from the number that it went to."""
    return (
        "insert into auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, outcome)"
        f" select 'twilio', gen_random_uuid()::text, phone_number, '{words}', sent_at - interval '{ago}', 'Heard.'"
        f" from auto_sync_messages {TEXT} = '{message_type}' order by id limit 1"
    )


def copied(message_type: str, *, sync: str = GAMES, contact: str = "contact_id", cause: str = "cause_id") -> list[str]:
    """A text once more, which the database itself would refuse."""
    once_more = COPIED.format(contact=contact, cause=cause, type=message_type, sync=sync)
    return ["drop index idx_auto_sync_messages_once", once_more]


JOB = f"where sync_id = {TEA} and job_type"
TEXT = f"where auto_sync_id = {GAMES} and message_type"
SOMEBODY = "(select id from contacts where first_name = '{}')"
CANCELED = (
    f"update auto_sync_messages set status = 'canceled', status_reason = 'Pointless.' where id = (select id from"
    f" auto_sync_messages {TEXT} = 'invite' order by id limit 1)"
)
PAUSED = (
    "update auto_syncs set status = 'paused', paused_at = completed_at, completed_at = null where event_name ="
    " 'Board games'",
    f"delete from auto_sync_messages {TEXT} = 'invite'",
)
FAILED = "update job_queue set status = 'failed', error_message = 'No luck.' where status = 'processed'"
TRIED = (
    "insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message) select id, n, processed_at,"
    " scheduled_at, 'No luck.' from job_queue, generate_series(1, {}) n where status = 'failed'"
)
ONCE_MORE = (
    "insert into job_queue (sync_id, job_type, status, scheduled_at, processed_at) select sync_id, job_type, status,"
    " scheduled_at + interval '{hours} h', processed_at + interval '{hours} h' from job_queue where status ="
    " 'processed' and job_type = '{type}'"
)
ANOTHER = (
    "with u as (insert into auth.users (id) values (gen_random_uuid()) returning id), p as (insert into profiles (id)"
    " select id from u returning id)"
)

PLANTED: dict[str, tuple[list[str], str]] = {
    "a job that nobody did": (
        [f"update job_queue set scheduled_at = autosync_now() - {AN_HOUR} {JOB} = 'auto_end_check'"],
        "late: auto_end_check",
    ),
    "a job that was done too soon": (
        [f"update job_queue set processed_at = scheduled_at - {AN_HOUR} where status = 'processed'"],
        "early: reminder_24h",
    ),
    "a job that was skipped for no reason": (
        ["update job_queue set status = 'skipped', error_message = null where status = 'processed'"],
        "without a reason: reminder_24h",
    ),
    "two pending jobs of a type": (
        ["drop index idx_job_queue_one_pending",
         "insert into job_queue (sync_id, job_type, scheduled_at) select sync_id, job_type, scheduled_at + interval"
         f" '1 second' from job_queue {JOB} = 'reminder_24h'"],
        "double: 2 pending reminder_24h",
    ),
    "a running sync whose reminder is gone": (
        [f"delete from job_queue {JOB} = 'reminder_24h'"], "lost: it is running, and neither",
    ),
    "a running sync whose end is gone": (
        [f"delete from job_queue {JOB} = 'auto_end_check'"], "lost: it is running, and no end",
    ),
    "a paused sync that would still be reminded": (
        ["update auto_syncs set status = 'paused' where event_name = 'Tea'"],
        "out of order: it is paused, and its reminder",
    ),
    "an ended sync that would still end": (
        ["update auto_syncs set status = 'stopped' where event_name = 'Tea'"],
        "out of order: it is stopped, and its end",
    ),
    "a first reminder that is due too soon": (
        [f"update job_queue set scheduled_at = scheduled_at - {AN_HOUR} {JOB} = 'reminder_24h'"],
        "early: the first reminder",
    ),
    "a first reminder that is due too late": (
        [f"update job_queue set scheduled_at = scheduled_at + {AN_HOUR} {JOB} = 'reminder_24h'"],
        "late: the first reminder",
    ),
    "a pause that cut the time to answer": (
        [f"update job_queue set processed_at = processed_at - {AN_HOUR}, scheduled_at = scheduled_at - {AN_HOUR}"
         " where job_type = 'pause_check_48h' and status = 'processed'"],
        "early: paused 23:",
    ),
    "a sync that outlives its options": (
        [f"update auto_sync_options set start_time = now() - {AN_HOUR}, end_time = null where auto_sync_id = {TEA}"],
        "late: every option is over, and it is running",
    ),
    "a reminder that came twice": (copied("reminder"), "double: 2 times reminder"),
    "a reminder that never came": (
        [f"delete from auto_sync_messages {TEXT} = 'reminder' and contact_id = {SOMEBODY.format('Ben')}"],
        "lost: no reminder for contact",
    ),
    "a reminder to somebody who had answered": (
        copied("reminder", contact=SOMEBODY.format("Ann")), "had answered",
    ),
    "a reminder to somebody who was not asked": (
        ["insert into contacts (user_id, first_name) select id, 'Eve' from profiles",
         *copied("reminder", contact=SOMEBODY.format("Eve"))],
        "was not asked",
    ),
    "an update that never came": (
        [f"delete from auto_sync_messages {TEXT} = 'reminder_update'"], "lost: 0 updates to the organizer",
    ),
    "an invite that never came": (
        [f"delete from auto_sync_messages {TEXT} = 'invite' and contact_id = {SOMEBODY.format('Ben')}"],
        "lost: no invite",
    ),
    "a second invite, for another reason": (
        copied("invite", cause="gen_random_uuid()"), "double: 2 times invite",
    ),
    "invites of a sync that runs": (
        ["update auto_syncs set status = 'running' where event_name = 'Board games'"],
        "early: invites, and it is running",
    ),
    "a summary that never came": (
        [f"delete from auto_sync_messages {TEXT} = 'pause_summary'"], "lost: 0 reports of pause",
    ),
    "a text to somebody else's contact": (
        [f"{ANOTHER} update contacts set user_id = (select id from p) where first_name = 'Ben'"],
        "to the wrong person: initial",
    ),
    "a text that was forgotten": (
        [f"update auto_sync_messages set status = 'queued', sent_at = null, send_after = autosync_now() - {AN_HOUR}"
         f" {TEXT} = 'invite'"],
        "late: invite",
    ),
    "a text in nobody's hands": (
        [f"update auto_sync_messages set status = 'sending' {TEXT} = 'invite'"], "lost: invite",
    ),
    "a text that may have left": (
        [f"update auto_sync_messages set status = 'unknown' {TEXT} = 'invite'"], "unknown: invite",
    ),
    "a text that was canceled for no reason": (
        [f"update auto_sync_messages set status = 'canceled', status_reason = null {TEXT} = 'invite'"],
        "without a reason: invite",
    ),
    "a text that was canceled for no reason in the rows": (
        [f"update auto_sync_messages set status = 'canceled', status_reason = 'Pointless.' {TEXT} = 'invite'"],
        "lost: invite",
    ),
    "a first text that was canceled while its sync runs": (
        ["update auto_sync_messages set status = 'canceled', status_reason = 'Pointless.' where message_type ="
         f" 'initial' and auto_sync_id = {TEA}"],
        "lost: initial",
    ),
    "a first text that was canceled while its sync is paused": (
        [f"update auto_syncs set status = 'paused', paused_at = autosync_now() where id = {TEA}",
         "update auto_sync_messages set status = 'canceled', status_reason = 'Pointless.' where message_type ="
         f" 'initial' and auto_sync_id = {TEA}"],
        "lost: initial",
    ),
    "nobody invited who was to be asked when the time was chosen": (
        ["update auto_sync_messages set status = 'canceled', status_reason = 'The sync was completed before this text"
         f" could leave.' where message_type = 'initial' and auto_sync_id = {GAMES}",
         f"delete from auto_sync_messages where message_type = 'invite' and auto_sync_id = {GAMES}"],
        "no invite for contact",
    ),
    "a report of a pause that was canceled while it is paused": (
        ["update auto_syncs set status = 'paused', paused_at = completed_at - interval '3 days', completed_at = null"
         " where event_name = 'Board games'",
         "update auto_sync_messages set status = 'canceled', status_reason = 'Pointless.' where message_type ="
         " 'pause_summary'"],
        "lost: pause_summary",
    ),
    "a text that was given up at once": (
        [f"update auto_sync_messages set status = 'failed', status_reason = 'No luck.' {TEXT} = 'invite'"],
        "lost: invite",
    ),
    "a job that was given up at once": ([FAILED], "is failed after 0 attempts"),
    "a job that was given up too soon": ([FAILED, TRIED.format(4)], "is failed after 4 attempts"),
    "a second reminder that nobody asked for": (
        [ONCE_MORE.format(type="reminder_24h", hours=2)], "double: reminder_24h",
    ),
    "a second pause of what did not run again": (
        [ONCE_MORE.format(type="pause_check_48h", hours=-2)], "double: pause_check_48h",
    ),
    "a pause check that was due too late": (
        [f"update job_queue set scheduled_at = scheduled_at + {AN_HOUR} where status = 'processed' and job_type ="
         " 'pause_check_48h'"],
        "late: a pause check is due 1 day, 1:",
    ),
    "a reminder that comes from no job": (
        copied("reminder", contact=SOMEBODY.format("Ann"), cause="gen_random_uuid()"),
        "comes from no reminder_24h that was done",
    ),
    "a summary that comes from no pause": (
        copied("pause_summary", cause="gen_random_uuid()"), "comes from no pause_check_48h that was done",
    ),
    "a start that nobody was told of": (
        ["delete from auto_sync_messages where message_type = 'started'"], "lost: we asked people",
    ),
    "a text to another number": (
        [f"update auto_sync_messages set phone_number = '+12125550199' {TEXT} = 'invite'"],
        "to the wrong person: invite",
    ),
    "a text to another number than the organizer's": (
        [f"update auto_sync_messages set phone_number = '+12125550199' {TEXT} = 'pause_summary'"],
        "to the wrong person: pause_summary",
    ),
    "a text that came in and was left lying": (
        ["update auto_sync_inbound set outcome = ''"], "lost: nothing became of the text",
    ),
    "a text that came in and was not finished": (
        ["update auto_sync_inbound set outcome = 'received'"], "lost: nothing became of the text",
    ),
    "a text that counts for somebody else": (
        ["update auto_sync_inbound set contact_id = " + SOMEBODY.format("Ben")], "to the wrong person: the text",
    ),
    "an answer that was kept as another one": (
        ["update auto_sync_responses set option_ids = '{}', response_type = 'not_available'"],
        "was kept as another one",
    ),
    "an answer in place of a later one": (
        [f"update auto_sync_responses set responded_at = responded_at - {AN_HOUR}, updated_at = responded_at"
         f" - {AN_HOUR}"],
        "lost: an earlier answer stands",
    ),
    "an answer that was not taken for one": (
        ["update auto_syncs set status = 'running', completed_at = null", "delete from auto_sync_responses",
         "update auto_sync_inbound set outcome = 'It answers nothing.'"],
        "lost: the answer",
    ),
    "an answer that was not kept": (["delete from auto_sync_responses"], "lost: the answer"),
    "a text after stop": ([said(" stop", "1 hour")], "after stop: invite"),
    "a text after a polite stop": ([said("Stop please!", "1 hour")], "after stop: invite"),
    "a text after a polite word for it": ([said("please UNSUBSCRIBE now", "1 hour")], "after stop: invite"),
    "a text after stop, with more words after it": (
        [said("STOP", "2 hours"), said("1 works", "1 hour")], "after stop: invite",
    ),
    "a text that was canceled, to somebody who said start": (
        [said("START", "1 hour"), CANCELED], "lost: invite",
    ),
    "a text that was canceled long after stop and start": (
        [said("STOP", "2 hours"), said("START", "1 hour"), CANCELED], "lost: invite",
    ),
    "a reminder that somebody did not get long after stop and start": (
        [said("STOP", "2 hours", "reminder"), said("START", "1 hour", "reminder"),
         f"delete from auto_sync_messages {TEXT} = 'reminder' and phone_number in (select phone_number from"
         " auto_sync_inbound where body = 'START')"],
        "lost: no reminder",
    ),
    "a text to a number on the carrier's list": (
        ["insert into auto_sync_suppressions (number_hash, phone_number, suppressed_at, source, reason)"
         f" select '\\x00', phone_number, sent_at - {AN_HOUR}, 'gateway', '21610' from auto_sync_messages {TEXT} ="
         " 'invite' limit 1"],
        "after stop: invite",
    ),
    "a text at night": (
        [f"update auto_sync_messages set sent_at = sent_at + interval '12 hours' {TEXT} = 'invite'"],
        "at night: invite",
    ),
    "a reminder that left after an answer": (
        ["update auto_sync_responses set contact_id = " + SOMEBODY.format("Ben")], "left after an answer had come",
    ),
    "a reminder that left after the end": (
        [f"update auto_sync_messages set sent_at = sent_at + interval '4 days' {TEXT} = 'reminder'"],
        "left after the sync was completed",
    ),
    "an update that left after the end": (
        [f"update auto_sync_messages set sent_at = autosync_now(), claimed_at = clock_timestamp() {TEXT} ="
         " 'reminder_update'"],
        "left while the sync was completed",
    ),
    "a reminder that left during a pause": (
        [*PAUSED, f"update auto_sync_messages set sent_at = autosync_now(), claimed_at = clock_timestamp() {TEXT} ="
         " 'reminder'"],
        "left while the sync was paused",
    ),
    "a summary that left before its pause": (
        [f"update auto_sync_messages set sent_at = sent_at - interval '12 hours' {TEXT} = 'pause_summary'"],
        "left while the sync was running",
    ),
    "a summary that was written after the end": (
        [f"update auto_syncs set completed_at = completed_at - {AN_HOUR} where event_name = 'Board games'"],
        "was written while the sync was completed",
    ),
    "a reminder that was written during a pause": (
        [*PAUSED,
         f"update job_queue set processed_at = processed_at - {AN_HOUR} where status = 'processed'",
         f"update auto_sync_messages set created_at = autosync_now() - interval '30 minutes' {TEXT} = 'reminder'"],
        "was written while the sync was paused",
    ),
    "an invite that left before the end": (
        [f"update auto_sync_messages set sent_at = sent_at - {AN_HOUR} {TEXT} = 'invite'"],
        "early: invite",
    ),
    "a reminder that left before the first text": (
        [f"update auto_sync_messages set sent_at = sent_at + interval '2 days' {TEXT} = 'initial'"],
        "left before the first text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_in_the_rows_is_found(lived: Lived, planted: str) -> None:
    statements, sentence = PLANTED[planted]
    lived.plant(*statements)
    found = differences(open_books(lived.url))
    assert any(sentence in difference for difference in found), found


def test_what_happened_within_the_grace_is_left_alone(lived: Lived) -> None:
    statements, sentence = PLANTED["a pause that cut the time to answer"]
    lived.plant(*(statement.replace(AN_HOUR, "interval '0.9 seconds'") for statement in statements))
    assert not any(sentence[:13] in difference for difference in differences(open_books(lived.url)))


DONE = "update job_queue set processed_at = scheduled_at + interval '{} seconds' where status = 'processed'"


@pytest.mark.parametrize(
    ("planted", "late"),
    [
        pytest.param([DONE.format(59)], 0, id="within-a-minute"),
        pytest.param([DONE.format(61)], 2, id="later"),
        pytest.param(
            [DONE.format(61), "update job_queue set created_at = processed_at - interval '9 seconds'"], 0,
            id="written-after-it-was-due",
        ),
        pytest.param(
            [DONE.format(61), TRIED.format(1).replace("'failed'", "'processed'")], 0, id="it-had-failed-before",
        ),
    ],
)  # fmt: skip
def test_a_job_is_late_that_had_been_due_for_more_than_a_minute(lived: Lived, planted: list[str], late: int) -> None:
    lived.plant(*planted)
    found = differences(open_books(lived.url, on_the_wall=lambda at: at))
    assert len([line for line in found if line.startswith("late") and "after it could have been" in line]) == late, (
        found
    )


BY_TEXT = (
    "insert into auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, outcome,"
    " auto_sync_id) select 'record', 'SM1', '+12125550123', 'none', processed_at - {},"
    " 'Answered: not available.', sync_id from job_queue where job_type = 'pause_check_48h' and status = 'processed'"
)
FORMER = (
    "insert into former_answers select sync_id, processed_at - {} from job_queue"
    " where job_type = 'pause_check_48h' and status = 'processed'"
)


@pytest.mark.parametrize("known_by", [BY_TEXT, FORMER])
@pytest.mark.parametrize(
    ("answered", "excused"),
    [("interval '1 minute'", True), ("interval '2 hours'", False), ("interval '25 hours'", False)],
)
def test_a_pause_is_early_unless_an_answer_may_have_brought_it_forward(
    lived: Lived, answered: str, excused: bool, known_by: str
) -> None:
    """The goal may have been met by an answer that is another one by now: one that came before neither pause check nor
    reminder."""
    statements, sentence = PLANTED["a pause that cut the time to answer"]
    lived.plant(
        *statements,
        "update job_queue set scheduled_at = scheduled_at - interval '10 minutes'"
        " where job_type = 'pause_check_48h' and status = 'processed'",
        "create table former_answers (auto_sync_id uuid, responded_at timestamptz)",
        known_by.format(answered),
    )
    found = differences(open_books(lived.url, kept_answers="former_answers"))
    assert any(sentence in difference for difference in found) is not excused


# Response goals

TELL = (
    "insert into auto_sync_messages (auto_sync_id, message_type, cause_id, body, status, sent_at, created_at)"
    " select {}, 'goal_met', gen_random_uuid(), 'All have answered.', 'sent', autosync_now(), autosync_now() - {}"
)
PICKY = f"update auto_syncs set response_goal = 'critical_mass' where id = {TEA}"


def answered(*names: str, ago: str = AN_HOUR, sync: str = TEA) -> str:
    """These can make the only option."""
    return (
        "insert into auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type, responded_at)"
        f" select {sync}, c.id, array(select id from auto_sync_options where auto_sync_id = {sync}), 'available',"
        f" autosync_now() - {ago} from contacts c where first_name in ({', '.join(map(repr, names))})"
        " on conflict (auto_sync_id, contact_id) do update set responded_at = excluded.responded_at"
    )


def remembered(ago: str) -> str:
    return f"insert into kept_changes values ({TEA}, autosync_now() - {ago})"


WENT_ON = (
    "insert into job_queue (sync_id, job_type, status, scheduled_at, processed_at, created_at)"
    f" values ({TEA}, 'reminder_24h', 'processed', autosync_now() - interval '9 minutes', autosync_now(),"
    " now() - interval '9 minutes')"
)
ALL = answered("Ann", "Ben", "Chloe")


@pytest.mark.parametrize(
    ("planted", "late"),
    [
        pytest.param([ALL], True, id="all-have-answered"),
        pytest.param([answered("Ann", "Ben")], False, id="one-has-not"),
        pytest.param([PICKY, answered("Ann", "Ben")], True, id="more-than-half-can"),
        pytest.param([PICKY, answered("Ann")], False, id="fewer-can"),
        pytest.param(
            [PICKY, answered("Ann", "Ben"), "update auto_sync_responses set option_ids = '{}'"], False, id="none-can",
        ),
        pytest.param(
            [PICKY, answered("Ann", "Ben"), "update auto_sync_messages set status = 'canceled', status_reason = 'Why.'"
             f" where message_type = 'initial' and contact_id = {SOMEBODY.format('Ben')}"],
            False, id="one-of-them-was-not-asked",
        ),
        pytest.param([answered("Ann", "Ben", "Chloe", ago="interval '50 s'")], False, id="just-now"),
        pytest.param([ALL, TELL.format(TEA, AN_HOUR)], False, id="it-was-told-before"),
        pytest.param([ALL, WENT_ON], False, id="it-went-on-since"),
        pytest.param([ALL, remembered("interval '30 minutes'")], False, id="something-else-has-changed-since"),
        pytest.param([ALL, remembered("interval '2 hours'")], True, id="something-else-had-changed-before"),
        pytest.param([ALL, "delete from contacts where first_name = 'Ben'"], True, id="by-those-who-are-left"),
    ],
)  # fmt: skip
def test_a_goal_that_was_met_and_has_paused_nothing_is_found(lived: Lived, planted: list[str], late: bool) -> None:
    lived.plant(KEEP_CHANGES, *planted)
    found = differences(open_books(lived.url, kept_changes="kept_changes"))
    assert any(line.startswith("late: its goal") for line in found) is late, found
    unknown = differences(open_books(lived.url))
    assert not any(line.startswith("late: its goal") for line in unknown), "who was deleted is not known"


@pytest.mark.parametrize(
    ("planted", "unexplained"),
    [
        pytest.param([answered("Ann", "Ben")], True, id="one-has-not-answered"),
        pytest.param([ALL], False, id="all-have"),
        pytest.param([ALL, answered("Chloe", ago="interval '1 minute'")], False, id="one-of-them-again"),
        pytest.param([PICKY, answered("Ann")], True, id="fewer-than-half-can"),
        pytest.param([PICKY, answered("Ann", "Ben")], False, id="more-can"),
        pytest.param(
            [PICKY, answered("Ann"), answered("Ben", ago="interval '1 minute'")], False, id="one-of-them-again-perhaps",
        ),
        pytest.param([PICKY, answered("Ann"), remembered("interval '1 minute'")], False, id="others-may-have-gone"),
        pytest.param(
            [answered("Ann", "Ben"), "update auto_sync_messages set created_at = autosync_now() where message_type ="
             f" 'initial' and contact_id = {SOMEBODY.format('Chloe')}"],
            False, id="one-was-asked-later",
        ),
    ],
)  # fmt: skip
def test_a_goal_that_was_reported_and_not_met_is_found(lived: Lived, planted: list[str], unexplained: bool) -> None:
    asked_before = "update auto_sync_messages set created_at = created_at - interval '3 hours'"
    lived.plant(asked_before, KEEP_CHANGES, *planted, TELL.format(TEA, "interval '30 minutes'"))
    found = differences(open_books(lived.url, kept_changes="kept_changes"))
    assert any("says that its goal" in line for line in found) is unexplained, found


@pytest.mark.parametrize(
    "statement",
    [
        f"delete from contacts where id = {SOMEBODY.format('Ben')}",
        f"update auto_sync_messages set status = 'canceled' where message_type = 'initial' and auto_sync_id = {TEA}",
        f"update auto_sync_options set end_time = null where auto_sync_id = {TEA}",
        f"delete from auto_sync_options where auto_sync_id = {TEA}",
    ],
)
def test_whatever_may_meet_a_goal_beside_an_answer_is_kept(lived: Lived, statement: str) -> None:
    with psycopg.connect(lived.url) as connection:
        connection.execute(KEEP_CHANGES.encode())
        connection.execute(statement.encode())
    books = open_books(lived.url, kept_changes="kept_changes")
    (tea,) = [id_ for id_, sync in books.syncs.items() if sync.status == "running"]
    assert books.changes is not None
    assert all(abs(at - books.now) < timedelta(minutes=1) for at in books.changes[tea])
    assert books.changes[tea] != []


# Replies

UNCLEAR, AGAIN = "It is unclear; a question is on its way.", "It is unclear; the question has been asked before."
LATE = "It came after the sync was completed; a thank-you is on its way."


def came_in(body: str, outcome: str, sync: str, *, ago: str = "interval '0'") -> str:
    """A text from Ann."""
    return (
        "insert into auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, outcome,"
        f" auto_sync_id, contact_id) select 'twilio', gen_random_uuid()::text, phone_number, '{body}',"
        f" autosync_now() - {ago}, '{outcome}', {sync}, id from contacts where first_name = 'Ann'"
    )


def replied(message_type: str, sync: str) -> str:
    return (
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at,"
        f" created_at) values ({sync}, {SOMEBODY.format('Ann')}, '{message_type}', gen_random_uuid(), 'Which?', 'sent',"
        " autosync_now(), autosync_now())"
    )


LATE_NOW = [f"update auto_syncs set completed_at = completed_at - {AN_HOUR} where id = {GAMES}"]


@pytest.mark.parametrize(
    ("planted", "lost"),
    [
        pytest.param([came_in("maybe", UNCLEAR, TEA)], "0 times clarification", id="unclear"),
        pytest.param([came_in("maybe", AGAIN, TEA)], "0 times clarification", id="unclear-again"),
        pytest.param([came_in("maybe", UNCLEAR, TEA), replied("clarification", TEA)], None, id="asked-back"),
        pytest.param(
            [came_in("maybe", UNCLEAR, TEA), came_in("maybe", AGAIN, TEA), replied("clarification", TEA)], None,
            id="asked-back-once",
        ),
        pytest.param(
            [came_in("maybe", UNCLEAR, TEA), came_in("what", UNCLEAR, TEA), replied("clarification", TEA)],
            "1 times clarification", id="asked-back-twice-it-says",
        ),
        pytest.param([came_in("3", "It answers nothing.", TEA)], "0 times clarification", id="a-number-out-of-range"),
        pytest.param([came_in("Friday", "It answers nothing.", TEA)], None, id="chatter"),
        pytest.param([came_in("maybe", LATE, GAMES)], "0 times late_answer", id="late"),
        pytest.param([came_in("maybe", LATE, GAMES), replied("late_answer", GAMES)], None, id="thanked"),
        pytest.param([*LATE_NOW, came_in("1", "Nothing.", GAMES)], "0 times late_answer", id="late-and-plain"),
        pytest.param(
            [f"update auto_syncs set completed_at = autosync_now() where id = {GAMES}",
             came_in("1", "Nothing.", GAMES)],
            None, id="at-the-end",
        ),
        pytest.param([*LATE_NOW, came_in("Thanks", "Nothing.", GAMES)], None, id="thanks"),
        pytest.param(
            [*LATE_NOW, came_in("1", LATE, GAMES), "update auto_sync_inbound set contact_id = null"], None,
            id="of-somebody-who-was-deleted",
        ),
    ],
)  # fmt: skip
def test_a_reply_that_was_not_queued_is_found(lived: Lived, planted: list[str], lost: str | None) -> None:
    lived.plant(*planted)
    found = [line for line in differences(open_books(lived.url)) if "who is to have had" in line]
    assert [f"lost: {lost}" in line for line in found] == ([] if lost is None else [True])


def taken_by_nobody(accepted: list[Entry]) -> None:
    accepted.append(accepted[0] | {"sid": "SM0"})


def never_taken(accepted: list[Entry]) -> None:
    accepted.pop()


def another_number(accepted: list[Entry]) -> None:
    accepted[0]["to"] = "+12125550199"


def other_words(accepted: list[Entry]) -> None:
    accepted[0]["body"] = "Buy now"


@pytest.mark.parametrize(
    ("forge", "sentence"),
    [
        (taken_by_nobody, "double: SM0 was taken, and no text says so"),
        (never_taken, "is sent, and was never taken"),
        (another_number, "went to another number"),
        (other_words, "in other words: text"),
    ],
)
def test_what_differs_from_the_gateway_is_found(lived: Lived, forge: Any, sentence: str) -> None:
    forge(lived.accepted)
    found = of_gateway(open_books(lived.url), lived.accepted, gateway="twilio")
    assert [sentence in difference for difference in found] == [True]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (
            f"set status = 'queued', sent_at = null, send_after = autosync_now() {TEXT} = 'pause_summary'",
            "is queued, and was taken",
        ),
        (
            f"set status = 'canceled', status_reason = 'Pointless.' {TEXT} = 'pause_summary'",
            "is canceled, and was taken",
        ),
        (
            f"set gateway_message_id = 'SM1', expired_ids = array[gateway_message_id] {TEXT} = 'pause_summary'",
            "had not expired",
        ),
        (f"set expired_ids = array['SM0'] {TEXT} = 'pause_summary'", "to have expired as SM0, which was never taken"),
        (f"set gateway_message_id = 'SM1' {TEXT} = 'initial'", "are both SM1"),
    ],
)
def test_a_text_that_says_something_else_than_the_gateway_is_found(lived: Lived, written: str, sentence: str) -> None:
    lived.plant(f"update auto_sync_messages {written}")
    accepted = [*lived.accepted, lived.accepted[0] | {"sid": "SM1"}]
    found = of_gateway(open_books(lived.url), accepted, gateway="twilio")
    assert any(sentence in difference for difference in found), found


@pytest.mark.parametrize(("code", "found"), [(None, True), (30007, True), (30036, False)])
def test_only_what_the_gateway_says_has_expired_may_go_out_again(lived: Lived, code: int | None, found: bool) -> None:
    again = "set gateway_message_id = 'SM1', expired_ids = array[gateway_message_id]"
    lived.plant(f"update auto_sync_messages {again} {TEXT} = 'pause_summary'")
    books = open_books(lived.url)
    ((first,),) = [text.expired_ids for text in books.all_texts() if text.expired_ids]
    accepted = [entry | ({"error_code": code} if entry["sid"] == first else {}) for entry in lived.accepted]
    accepted.append(next(entry for entry in lived.accepted if entry["sid"] == first) | {"sid": "SM1"})
    told = of_gateway(books, accepted, gateway="twilio")
    assert any("had not expired" in line for line in told) == found, told


GIVEN_UP = (
    "update auto_sync_messages set status = 'failed', status_reason = 'No mobile number.', error_code = '{}'"
    f" {TEXT} = 'pause_summary'"
)
NOT_TAKEN = f"update auto_sync_messages set gateway_message_id = null {TEXT} = 'pause_summary'"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(None, [], id="it-was"),
        pytest.param({"error_code": 21610}, ["failed with 21614, and was not refused so"], id="with-another-code"),
        pytest.param({"to": "+12125550199"}, ["failed with 21614, and was not refused so"], id="another-number"),
        pytest.param({"body": "Buy now"}, ["failed with 21614, and was not refused so"], id="other-words"),
    ],
)
def test_a_text_that_the_gateway_has_not_refused_is_not_given_up_for_that(
    lived: Lived, change: Entry | None, found: list[str]
) -> None:
    (summary,) = [entry for entry in lived.accepted if "1 of 3 answered" in entry["body"]]
    lived.accepted.remove(summary)
    lived.plant(GIVEN_UP.format(21614), NOT_TAKEN)
    books, refusal = open_books(lived.url), summary | {"error_code": 21614} | (change or {})
    assert of_gateway(books, lived.accepted, gateway="twilio") == [], "it may have said so"
    differing = of_gateway(books, lived.accepted, gateway="twilio", refused=[refusal])
    assert [sentence in line for sentence, line in zip(found, differing, strict=True)] == [True] * len(found)


@pytest.mark.parametrize(("code", "differs"), [("30003", False), ("30007", True)])
def test_a_text_fails_with_the_code_that_the_gateway_knows_of(lived: Lived, code: str, differs: bool) -> None:
    lived.plant(GIVEN_UP.format(code))
    (summary,) = [entry for entry in lived.accepted if "1 of 3 answered" in entry["body"]]
    summary["error_code"] = 30003
    found = of_gateway(open_books(lived.url), lived.accepted, gateway="twilio", refused=[])
    assert ["and at the gateway with 30003" in line for line in found] == [True] * differs


def test_what_was_taken_of_a_text_that_is_still_unknown_is_not_double(lived: Lived) -> None:
    lived.plant(f"update auto_sync_messages set status = 'unknown', gateway_message_id = null {TEXT} = 'pause_summary'")
    assert of_gateway(open_books(lived.url), lived.accepted, gateway="twilio") == []
    (summary,) = [entry for entry in lived.accepted if "1 of 3 answered" in entry["body"]]
    twice = [*lived.accepted, summary | {"sid": "SM0"}]
    (found,) = of_gateway(open_books(lived.url), twice, gateway="twilio")
    assert found.startswith("double: ")


def test_stop_counts_until_start(lived: Lived) -> None:
    lived.plant(said("STOP", "2 hours"), said("Start", "1 hour"))
    books = open_books(lived.url)
    assert differences(books) == []
    assert differences(replace(books, stops={number: words[:1] for number, words in books.stops.items()})) != []


REFUSED = (
    "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, cause_id, status, status_reason,"
    " error_code, body, phone_number, created_at) select auto_sync_id, contact_id, 'late_answer', id, 'failed',"
    " 'Opted out.', '21610', body, phone_number, created_at"
    f" from auto_sync_messages {TEXT} = 'invite' order by id limit 1"
)


@pytest.mark.parametrize(
    "before",
    [
        [said("STOP", "1 hour")],
        [said("I want no more of this, stop", "1 hour")],
        [said("STOP", "-1 minutes"), said("START", "-2 minutes")],
        [REFUSED, said("START", "-1 minutes")],
    ],
)
def test_a_text_may_be_canceled_for_a_stop_that_held_while_it_waited(lived: Lived, before: list[str]) -> None:
    """The last one is known to the carrier only, until somebody is refused for it."""
    lived.plant(*before, CANCELED)
    assert not any("lost: invite" in difference for difference in differences(open_books(lived.url)))


def canceled(message_type: str, sync: str = GAMES) -> str:
    return (
        "update auto_sync_messages set status = 'canceled', status_reason = 'Pointless.'"
        f" where auto_sync_id = {sync} and message_type = '{message_type}'"
    )


def next_round(ago: str) -> str:
    """A second one, that began so long ago."""
    return (
        "insert into job_queue (sync_id, job_type, status, scheduled_at, processed_at, error_message) select"
        f" {GAMES}, unnest('{{reminder_24h,pause_check_48h}}'::text[]), 'skipped', autosync_now() - {ago},"
        f" autosync_now() - {ago}, 'Paused.'"
    )


RUNS = f"update auto_syncs set status = 'running', completed_at = null, paused_at = null where id = {GAMES}"
PAUSED_NOW = f"update auto_syncs set status = 'paused', completed_at = null, paused_at = null where id = {GAMES}"
LONG_AGO, SINCE = "interval '60 hours'", "interval '1 minute'"


@pytest.mark.parametrize(
    ("message_type", "state"),
    [
        ("reminder", RUNS), ("reminder_update", RUNS), ("started", RUNS), ("clarification", RUNS),
        ("pause_summary", PAUSED_NOW), ("clarification", PAUSED_NOW),
    ],
)  # fmt: skip
@pytest.mark.parametrize("since", [LONG_AGO, SINCE])
def test_a_text_may_be_canceled_for_a_round_that_came_after_it(
    lived: Lived, message_type: str, state: str, since: str
) -> None:
    """One that had come before is no excuse; and a question holds for as long as the sync has not ended."""
    made = [replied("clarification", GAMES)] if message_type == "clarification" else []
    lived.plant(state, *made, canceled(message_type), next_round(since))
    found = differences(open_books(lived.url))
    excused = since == SINCE and message_type != "clarification"
    assert any(f"lost: {message_type}" in line and "was canceled" in line for line in found) is not excused, found


def test_a_question_is_not_canceled_for_another_one(lived: Lived) -> None:
    lived.plant(
        replied("clarification", TEA), canceled("clarification", TEA), "update auto_sync_messages set created_at ="
        " created_at - interval '30 s' where message_type = 'clarification'", replied("clarification", TEA),
    )  # fmt: skip
    assert any("lost: clarification" in line for line in differences(open_books(lived.url)))


def test_words_that_are_no_stop_stop_nothing(lived: Lived) -> None:
    lived.plant(said("I will stop by at nine", "1 hour"))
    assert differences(open_books(lived.url)) == []


def test_a_number_may_be_written_as_people_do(lived: Lived) -> None:
    for table in ("contacts", "profiles"):
        lived.plant(
            f"update {table} set phone_number = regexp_replace(phone_number, '\\+1(...)(...)(....)', '(\\1) \\2-\\3')"
        )
    books = open_books(lived.url)
    assert {contact.phone_number[:6] for contact in books.contacts.values()} == {"(212) "}
    assert differences(books) == []


@pytest.mark.parametrize("later", ["responded_at", "responded_at, updated_at"])
def test_an_answer_that_came_later_by_another_way_is_left_alone(lived: Lived, later: str) -> None:
    moments = ", ".join(f"{moment} = {moment} + {AN_HOUR}" for moment in later.split(", "))
    lived.plant(f"update auto_sync_responses set option_ids = '{{}}', response_type = 'not_available', {moments}")
    assert differences(open_books(lived.url)) == []


# Jobs that housekeeping has deleted, and somebody has kept


def deleted(which: str = "status <> 'pending'") -> list[str]:
    return [
        "create table kept (like job_queue)",
        f"with gone as (delete from job_queue where {which} returning *) insert into kept select * from gone",
    ]


def test_jobs_that_were_deleted_and_kept_are_as_good_as_the_others(lived: Lived) -> None:
    lived.plant(*deleted())
    assert differences(open_books(lived.url)) != []
    books = open_books(lived.url, kept_jobs="public.kept")
    assert differences(books) == []
    assert len([job for jobs in books.jobs.values() for job in jobs]) == 5


@pytest.mark.parametrize(
    "planted", ["a reminder that never came", "a summary that never came", "a second reminder that nobody asked for"]
)
def test_what_differs_from_jobs_that_were_deleted_and_kept_is_found(lived: Lived, planted: str) -> None:
    statements, sentence = PLANTED[planted]
    lived.plant(*statements, *deleted())
    found = differences(open_books(lived.url, kept_jobs="kept"))
    assert any(sentence in difference for difference in found), found


def test_where_all_jobs_are_known_a_text_of_long_ago_is_judged_as_well(lived: Lived) -> None:
    lived.plant(
        CANCELED, "update auto_sync_messages set created_at = created_at - interval '10 days'", *deleted("false")
    )
    assert not any("lost: invite" in difference for difference in differences(open_books(lived.url)))
    found = differences(open_books(lived.url, kept_jobs="kept"))
    assert any("lost: invite" in difference for difference in found), found


@pytest.mark.parametrize("with_its_sync", [True, False])
def test_a_first_reminder_of_long_ago_is_judged_if_it_was_written_with_its_sync(
    lived: Lived, with_its_sync: bool
) -> None:
    """Another one may be of a later round."""
    lived.plant(
        "update auto_syncs set started_at = started_at - interval '10 days', created_at = now()",
        f"update job_queue set created_at = now() - interval '{0 if with_its_sync else 1} s'",
    )
    found = differences(open_books(lived.url))
    assert any("late: the first reminder" in difference for difference in found) is with_its_sync


def test_a_job_that_was_deleted_before_it_was_finished_is_lost(lived: Lived) -> None:
    lived.plant(*deleted("status = 'pending' and job_type = 'auto_end_check'"))
    found = differences(open_books(lived.url, kept_jobs="kept"))
    assert any("was deleted, and was pending" in difference for difference in found), found


def test_a_failed_job_may_make_room_for_one_of_the_same_moment(lived: Lived) -> None:
    lived.plant(
        *deleted("false"), "insert into kept select * from job_queue where status = 'processed'",
        "update kept set id = gen_random_uuid(), status = 'failed'",
    )  # fmt: skip
    assert differences(open_books(lived.url, kept_jobs="kept")) == []


def test_a_first_reminder_may_be_late_once_it_has_failed(lived: Lived) -> None:
    lived.plant(
        "update job_queue set scheduled_at = scheduled_at + interval '30 seconds' where status = 'processed'"
        " and job_type = 'reminder_24h'",
        *deleted(), "create table kept_failures (like job_failures)",
        "insert into kept_failures select id, 1, scheduled_at, scheduled_at, 'No luck.' from kept",
    )  # fmt: skip
    assert any("late: the first" in line for line in differences(open_books(lived.url, kept_jobs="kept")))
    books = open_books(lived.url, kept_jobs="kept", kept_failures="kept_failures")
    assert not any("the first reminder" in line for line in differences(books))


EXPIRED_ONCE = "expired_ids = array['SM1'], attempt = {}"
LEAVES_LATER = [
    "status = 'queued', sent_at = null, send_after = autosync_now()",
    "sent_at = sent_at + interval '2 days'",
]


@pytest.mark.parametrize("now", LEAVES_LATER, ids=["it-is-queued", "it-left-later"])
@pytest.mark.parametrize(
    ("told", "taken", "found"),
    [
        pytest.param("attempt = 1", None, True, id="tried-once"),
        pytest.param("attempt = 2", None, False, id="it-had-trouble"),
        pytest.param("attempt = 2", ("SM2", timedelta()), True, id="it-had-trouble-and-the-gateway-tells"),
        pytest.param(EXPIRED_ONCE, None, False, id="it-expired-and-nobody-knows-when-it-was-taken"),
        pytest.param(
            EXPIRED_ONCE, ("SM1", timedelta(days=-3)), False, id="it-expired-and-was-taken-before-the-reminder"
        ),
        pytest.param(EXPIRED_ONCE, ("SM1", timedelta()), True, id="it-expired-and-was-taken-after-the-reminder"),
    ],
)
def test_a_first_text_comes_after_its_reminder_only_if_the_gateway_had_it_before(
    lived: Lived, now: str, told: str, taken: tuple[str, timedelta] | None, found: bool
) -> None:
    """The carrier may say that it has expired when the reminder has left already; a sync that is paused holds it."""
    attempts = 1 if "queued" in now else 2
    lived.plant(f"update auto_sync_messages set {now}, {told.format(attempts)} {TEXT} = 'initial'")
    moment = open_books(lived.url).now
    left_at = {} if taken is None else {taken[0]: (moment + taken[1], moment + taken[1])}
    lines = [line for line in differences(open_books(lived.url, left_at=left_at)) if "before the first text" in line]
    assert bool(lines) == found, lines


def test_a_text_whose_words_another_sync_has_too_may_have_been_given_that_ones_moment(lived: Lived) -> None:
    with psycopg.connect(lived.url) as connection:
        query = "select gateway_message_id, sync_now from auto_sync_messages, autosync_now() as sync_now"
        ((sid, now),) = connection.execute(f"{query} where message_type = 'reminder_update'".encode()).fetchall()
    long_after = {sid: (now, now)}

    def is_late() -> bool:
        found = differences(open_books(lived.url, left_at=long_after))
        return any("reminder_update" in difference and "left while" in difference for difference in found)

    assert is_late()
    lived.plant(
        "insert into auto_sync_messages (auto_sync_id, message_type, body, phone_number, status, attempt, created_at)"
        " select s.id, m.message_type, m.body, m.phone_number, 'canceled', 1, m.created_at"
        " from auto_sync_messages m join auto_syncs s on s.id <> m.auto_sync_id"
        " where m.message_type = 'reminder_update'"
    )
    assert not is_late()
