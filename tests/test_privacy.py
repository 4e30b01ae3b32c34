"""Everything about a person: shown, and deleted so that no table has a trace of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from psycopg import sql

from autosync import inbox, operations
from autosync import privacy as rules
from autosync.calendars.google import SCOPES
from autosync.database.pool import Pool, connect
from autosync.dispatcher import Dispatcher
from autosync.gateways import Accepted, Ambiguous, NotProcessed, OutgoingText, Refused, SendResult
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from commands import Ran, autosync
from connected import connected_organizer, connections_of, google_at
from factories import Factory, MadeSync, at_noon
from faulty_gateway import Behaviour, FaultyGateway, ambiguous_before_accepting, make_dispatcher
from google_stand_in import YOU, google_stand_in
from outbox import pause_of, queue, reason_of, status_of
from waiting import until_waiting

NUMBER = "+12125550177"
TRACES = ("Zebulon", "Quixley", "2125550177", "zeb@example.org")


def privacy(*arguments: str, url: str) -> Ran:
    return autosync("privacy", *arguments, database_url=url)


async def traces(factory: Factory, *values: str) -> set[str]:
    """The tables of which any row has any of these values in any column."""
    tables = await factory.rows(
        "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
    )
    found = set()
    for schema, table in tables:
        query = sql.SQL("select 1 from {} as t where t::text ilike any(%s) limit 1").format(
            sql.Identifier(schema, table)
        )
        cursor = await factory.connection.execute(query, [[f"%{value}%" for value in values]])
        if await cursor.fetchone():
            found.add(str(table))
    return found


async def work(pool: Pool) -> None:
    gateway = RecordGateway()
    await Processor(pool=pool).process_due()
    await Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US").dispatch_due()


async def receive(factory: Factory, words: str, number: str = NUMBER) -> None:
    text = inbox.InboundText("record", uuid4().hex, number, words)
    await inbox.receive(factory.connection, text, region="US")


async def lived(factory: Factory, pool: Pool, *, organizer: UUID | None = None) -> tuple[MadeSync, UUID]:
    """A sync that Zebulon was asked in: reminded, named in the summary as missing, and heard of since."""
    await at_noon(factory)
    sync = await factory.sync(
        organizer=organizer,
        invitees=1,
        started_at=await factory.one("select autosync_now()"),
        timezone="America/New_York",
    )
    zeb = await factory.contact(
        sync.organizer, "Zebulon", last_name="Quixley", phone_number="(212) 555-0177", email="zeb@example.org"
    )
    await factory.crew(sync.organizer, [zeb])
    await factory.insert("auto_sync_messages", auto_sync_id=sync.id, contact_id=zeb, message_type="initial")
    for minutes in (5, 6):
        await factory.move_clock(minutes=minutes)
        await work(pool)
    await receive(factory, "Zebulon here: 1 works")
    return sync, zeb


async def test_a_deleted_contact_leaves_no_trace_in_any_table_and_the_engine_goes_on(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync, zeb = await lived(factory, pool)
    await receive(factory, "STOP")
    assert await traces(factory, *TRACES) >= {
        "contacts", "auto_sync_messages", "auto_sync_inbound", "auto_sync_suppressions"
    }  # fmt: skip

    deleted = privacy("delete", "--contact", str(zeb), url=database_url)

    assert (deleted.code, deleted.err) == (0, "")
    assert "1 contacts" in deleted.out
    assert await traces(factory, *TRACES, str(zeb)) == set()
    assert await factory.one("select count(*) from auto_sync_suppressions") == 1, "the stop itself stays"
    await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
    await work(pool)
    assert len(await factory.texts(sync.id, "reminder")) == 2, "the other invitee is reminded again"


async def test_a_stop_is_obeyed_though_its_number_was_deleted(factory: Factory, pool: Pool, database_url: str) -> None:
    sync, zeb = await lived(factory, pool)
    await receive(factory, "STOP")
    privacy("delete", "--contact", str(zeb), url=database_url)
    again = await factory.contact(sync.organizer, "Somebody", phone_number=NUMBER)
    await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=again, message_type="clarification", status="queued",
        body="1 or 2?", sent_at=None, send_after=await factory.one("select autosync_now()"),
    )  # fmt: skip
    await work(pool)
    assert [row[1] for row in await factory.texts(sync.id, "clarification")] == ["canceled"]


async def test_what_is_kept_about_a_person_is_shown_as_one_document(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync, zeb = await lived(factory, pool)
    shown = privacy("export", "--contact", str(zeb), url=database_url)
    assert (shown.code, shown.err) == (0, "")
    document = json.loads(shown.out)
    assert [contact["email"] for contact in document["contacts"]] == ["zeb@example.org"]
    assert {text["message_type"] for text in document["texts"]} == {"initial", "reminder"}
    assert [text["body"] for text in document["received"]] == ["Zebulon here: 1 works"]
    assert [each["id"] for each in document["syncs"]] == [str(sync.id)]
    assert len(document["answers"]) == 1
    assert document["said_stop"] == []


async def test_whoever_has_a_number_is_deleted_at_every_organizer(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    await lived(factory, pool)
    other = await factory.organizer("Noor")
    await factory.contact(other, "Zebulon", phone_number="+1 212 555 0177")
    kept = await factory.contact(other, "Ann", phone_number="+13125550177")
    assert privacy("delete", "--number", "212-555-0177", url=database_url).code == 0
    assert await traces(factory, *TRACES) == set()
    assert await factory.one("select count(*) from contacts where id = %s", kept) == 1


async def test_what_another_organizer_has_of_the_same_person_stays_theirs(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    _, zeb = await lived(factory, pool)
    other = await factory.organizer("Noor")
    theirs = await factory.contact(other, "Z.", phone_number=NUMBER)
    await receive(factory, "STOP")
    assert privacy("delete", "--contact", str(zeb), url=database_url).code == 0
    assert await factory.rows("select id from contacts where phone_number = %s", NUMBER) == [(theirs,)]
    assert await factory.one("select phone_number from auto_sync_suppressions") == NUMBER
    assert await traces(factory, "Quixley", "zeb@example.org") == set()


async def test_a_deleted_organizer_takes_everything_of_theirs_along_and_nothing_of_others(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    maya = await factory.organizer("Wilhelmina", "Ottoline", phone_number="+12125550188")
    await lived(factory, pool, organizer=maya)
    await factory.do(
        "insert into google_calendar_tokens (user_id, access_token, refresh_token) values (%s, 'mina', 'mina')", maya
    )
    await factory.do("insert into auto_sync_calendars (user_id, calendar_ids) values (%s, '{mina@example.org}')", maya)
    other = await factory.sync(invitees=2)
    shown = privacy("export", "--organizer", str(maya), url=database_url).out
    assert "Wilhelmina" in shown
    document = json.loads(shown)
    assert document["calendar"]["calendar_ids"] == ["mina@example.org"]
    assert '"mina"' not in shown, "which is a secret"

    assert privacy("delete", "--organizer", str(maya), url=database_url).code == 0

    assert await traces(factory, *TRACES, "Wilhelmina", "Ottoline", "2125550188", "mina") == set()
    assert await traces(factory, str(maya)) <= {"users"}, "the account itself is deleted on Supabase's own page"
    assert await factory.one("select count(*) from auto_syncs where id = %s", other.id) == 1
    await factory.make_due(other.id, "reminder_24h")
    await work(pool)
    assert len(await factory.texts(other.id, "reminder")) == 2


# What an organizer is still to be told

MAYA = "+12125550190"


async def paused(factory: Factory, pool: Pool, *, hours: int = 0, **columns: Any) -> tuple[MadeSync, UUID]:
    """A sync that has just been paused, so many hours after noon. Ben has answered; Ann and Zebulon have not, and the
    report says so, which has not left yet."""
    await at_noon(factory)
    await factory.move_clock(hours=hours)
    organizer = await factory.organizer(phone_number=MAYA)
    started_at = await factory.one("select autosync_now()")
    sync = await factory.sync(organizer=organizer, invitees=2, started_at=started_at, **columns)
    zeb = await factory.contact(organizer, "Zebulon", last_name="Quixley", phone_number=NUMBER)
    await factory.insert("auto_sync_messages", auto_sync_id=sync.id, contact_id=zeb, message_type="initial")
    await factory.answer(sync, sync.contacts[1], 1)
    for minutes in (5, 6):
        await factory.move_clock(minutes=minutes)
        await Processor(pool=pool).process_due()
    assert "Waiting for Ann and Zebulon Quixley." in (await report_of(factory, sync)).body
    return sync, zeb


class Report(NamedTuple):
    """How far the report of a pause is."""

    id: UUID
    status: str
    body: str
    reason: str | None


async def report_of(factory: Factory, sync: MadeSync) -> Report:
    [row] = await factory.rows(
        "select id, status, body, status_reason from auto_sync_messages where auto_sync_id = %s"
        " and message_type in ('pause_summary', 'goal_met')", sync.id,
    )  # fmt: skip
    return Report(*row)


async def delete(url: str, contact: UUID) -> None:
    async with connect(url) as connection:
        await rules.delete(connection, await rules.of_contact(connection, contact, region="US"), who="maya")


def deleting(url: str, contact: UUID, result: SendResult) -> Behaviour:
    """A gateway that takes its time: the contact is deleted while it has the text, of which this becomes."""

    async def send(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
        await delete(url, contact)
        return result

    return send


async def test_a_report_that_waits_for_the_morning_is_told_without_whoever_was_deleted(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    sync, zeb = await paused(factory, pool, hours=12)
    await work(pool)
    assert (await report_of(factory, sync)).status == "queued"
    updates = await factory.texts(sync.id, "reminder_update")

    await delete(database_url, zeb)

    report = await report_of(factory, sync)
    assert (report.status, report.reason and report.reason[:10]) == ("queued", "Held until")
    assert ": 1 of 2 answered." in report.body
    assert "Waiting for Ann.\n" in report.body
    assert await traces(factory, *TRACES, str(zeb)) == set()
    assert await factory.texts(sync.id, "reminder_update") == updates, "which name nobody"
    await factory.move_clock(hours=10)
    await work(pool)
    assert (await report_of(factory, sync))[1:3] == ("sent", report.body)
    await receive(factory, "3", MAYA)
    assert len(await factory.texts(sync.id, "confirm_stop")) == 1


async def test_a_report_says_that_the_goal_is_met_only_if_it_still_is(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=3, response_goal="critical_mass", started_at="2020-01-01Z")
    for contact in sync.contacts[:2]:
        await factory.answer(sync, contact, 1)
    await Processor(pool=pool).process_due()
    assert "one time works for most! 2 of 3 answered." in (await report_of(factory, sync)).body

    await delete(database_url, sync.contacts[0])

    assert (await report_of(factory, sync)).body.startswith("Board games: 1 of 2 answered.\n")


@pytest.mark.parametrize(
    ("result", "status"),
    [(NotProcessed("429"), "queued"), (Ambiguous("503"), "unknown"), (Accepted("faulty-1"), "sent")],
)
async def test_a_report_that_is_with_the_gateway_goes_on_without_whoever_is_deleted_meanwhile(
    factory: Factory, pool: Pool, database_url: str, result: SendResult, status: str
) -> None:
    sync, zeb = await paused(factory, pool)
    gateway = FaultyGateway()
    gateway.plan((await report_of(factory, sync)).id, deleting(database_url, zeb, result))
    dispatcher = make_dispatcher(pool, gateway)

    await dispatcher.dispatch_due()
    report = await report_of(factory, sync)
    assert report.status == status
    assert await traces(factory, *TRACES, str(zeb)) == set()
    doubted = "select doubted_at = claimed_at from auto_sync_messages where id = %s"
    assert await factory.one(doubted, report.id), "it may have left in its former words"
    await dispatcher.look_up_once()
    await factory.move_clock(minutes=1)
    await dispatcher.dispatch_due()

    report = await report_of(factory, sync)
    assert report.status == "sent"
    told = [text.body for text in gateway.ledger if text.message_id == report.id]
    assert told == ([] if status == "sent" else [report.body])
    assert "Waiting for Ann.\n" in report.body


@pytest.mark.parametrize("result", [NotProcessed("429"), Ambiguous("503")])
async def test_a_report_that_cannot_be_written_anew_is_not_sent_and_holds_up_no_other_text(
    factory: Factory, pool: Pool, database_url: str, result: SendResult
) -> None:
    sync, zeb = await paused(factory, pool)
    other = await factory.sync(invitees=1)
    gateway = FaultyGateway()
    report, other_text = (
        (await report_of(factory, sync)).id,
        await queue(factory, other, other.contacts[0], "clarification"),
    )
    gateway.plan(report, deleting(database_url, zeb, result))
    gateway.plan(other_text, ambiguous_before_accepting)
    await factory.do("update auto_syncs set timezone = 'Nowhere' where id = %s", sync.id)
    dispatcher = make_dispatcher(pool, gateway)

    await dispatcher.dispatch_due()
    await dispatcher.look_up_once()
    await factory.move_clock(minutes=1)
    await dispatcher.dispatch_due()

    assert await status_of(factory, other_text) == "sent"
    assert report not in gateway.looked_up, "nobody could tell it by its words any more"
    if isinstance(result, Ambiguous):
        assert (await status_of(factory, report), await pause_of(factory, report)) == ("unknown", None)
        told = autosync("messages", "resolve", str(report), "--not-sent", database_url=database_url)
        assert (told.code, told.err) == (0, "")
        assert told.out == f"Text {report} is canceled, not queued again: its words have been deleted.\n"
    assert await status_of(factory, report) == "canceled"
    assert "words" in str(await reason_of(factory, report))
    assert await traces(factory, *TRACES, str(zeb)) == set()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("timezone = 'Nowhere'", "The time zone 'Nowhere' is unknown"),
        ("response_goal = 'no_goal'", "'no_goal' is not a valid ResponseGoal"),
    ],
)
async def test_a_queued_report_that_cannot_be_written_anew_says_why(
    factory: Factory, pool: Pool, database_url: str, change: str, why: str
) -> None:
    sync, zeb = await paused(factory, pool)
    await factory.do("alter type public.auto_sync_response_goal add value 'no_goal'")
    await factory.do(f"update auto_syncs set {change} where id = %s", sync.id)
    await delete(database_url, zeb)
    report = await report_of(factory, sync)
    assert (report.status, report.body) == ("canceled", None)
    assert why in str(report.reason)


async def test_a_report_that_is_just_being_written_names_nobody_who_is_deleted_at_the_same_time(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    """The deletion waits for whoever has the sync, as the processor has it, and finds what they wrote."""
    sync, zeb = await paused(factory, pool)
    async with pool.connection() as processor, connect(database_url) as operator:
        whose = await rules.of_contact(operator, zeb, region="US")
        async with processor.transaction():
            await processor.execute("select from auto_syncs where id = %s for no key update", [sync.id])
            deletion = asyncio.create_task(rules.delete(operator, whose, who="maya"))
            await until_waiting(factory.connection, operator)
            await processor.execute(
                "insert into auto_sync_messages"
                " (auto_sync_id, message_type, cause_id, status, sent_at, send_after, body)"
                " values (%s, 'pause_summary', gen_random_uuid(), 'queued', null, now(), 'Waiting for Zebulon.')",
                [sync.id],
            )
        await deletion
    bodies = [body for _, _, body, _ in await factory.texts(sync.id, "pause_summary")]
    assert len(bodies) == 2
    assert all("Waiting for Ann.\n" in body for body in bodies)
    assert await traces(factory, *TRACES) == set()


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (NotProcessed("429"), "queued"),
        (Ambiguous("503"), "unknown"),
        (Refused("21610", "STOP", opted_out=True), "failed"),
    ],
)
async def test_an_organizer_with_a_deleted_contacts_number_is_told_all_the_same(
    factory: Factory, pool: Pool, database_url: str, result: SendResult, status: str
) -> None:
    """Such as their own, in their own address book. What cannot be looked up without the number holds up no other."""
    sync, _ = await paused(factory, pool)
    own = await factory.contact(sync.organizer, "Maya", phone_number=MAYA)
    other = await factory.sync(invitees=1)
    gateway = FaultyGateway()
    report, other_text = (
        (await report_of(factory, sync)).id,
        await queue(factory, other, other.contacts[0], "clarification"),
    )
    gateway.plan(report, deleting(database_url, own, result))
    gateway.plan(other_text, ambiguous_before_accepting)
    dispatcher = make_dispatcher(pool, gateway)

    await dispatcher.dispatch_due()
    assert await status_of(factory, report) == status
    assert await factory.one("select phone_number from auto_sync_messages where id = %s", report) is None
    await dispatcher.look_up_once()
    if status == "unknown":
        assert "number" in str(await reason_of(factory, report))
        assert await pause_of(factory, report) is None, "an operator decides"
        await operations.resolve_message(factory.connection, report, sent=False, who="maya")
    await factory.move_clock(minutes=1)
    await dispatcher.dispatch_due()

    assert await status_of(factory, other_text) == "sent"
    assert await status_of(factory, report) == ("failed" if status == "failed" else "sent")


async def test_a_dry_run_deletes_nothing(factory: Factory, pool: Pool, database_url: str) -> None:
    _, zeb = await lived(factory, pool)
    told = privacy("delete", "--contact", str(zeb), "--dry-run", url=database_url)
    assert told.out == "Would delete 1 contacts and all about 1 numbers.\n"
    assert "contacts" in await traces(factory, *TRACES)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "Say whom it is about: one of --contact, --number and --organizer."),
        (("--contact", str(UUID(int=1)), "--number", NUMBER), 2, "Say whom it is about"),
        (("--contact", str(UUID(int=1))), 1, "There is no contact 00000000-0000-0000-0000-000000000001."),
        (("--organizer", str(UUID(int=1))), 1, "There is no organizer 00000000-0000-0000-0000-000000000001"),
        (("--contact", "Zebulon"), 2, "Zebulon"),
    ],
)
def test_whom_it_is_about_must_be_clear(
    database_url: str, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    for verb in ("export", "delete"):
        told = privacy(verb, *arguments, url=database_url)
        assert (told.code, told.out) == (code, "")
        assert sentence in told.err


async def test_an_organizers_own_number_is_deleted_with_the_organizer_only(factory: Factory, database_url: str) -> None:
    await factory.organizer(phone_number=NUMBER)
    told = privacy("delete", "--number", NUMBER, url=database_url)
    assert (told.code, "an organizer's own" in told.err) == (1, True)


@pytest.mark.parametrize("fault", [None, "timeout_before"])
async def test_a_deleted_organizers_permission_is_withdrawn_at_google_or_else_forgotten_all_the_same(
    factory: Factory, pool: Pool, database_url: str, fault: str | None
) -> None:
    with google_stand_in() as stand_in:
        google = google_at(stand_in.url)
        maya = await connected_organizer(factory, stand_in, connections_of(pool, google))
        connections = connections_of(pool, google)
        stand_in.plan("revoke", *([fault] if fault else []))
        whose = await rules.of_organizer(factory.connection, maya, region="US")

        await rules.delete(factory.connection, whose, who="maya", connections=connections)

        await google.close()
        assert stand_in.asked("revoke") == 1
        assert stand_in.grants() == ({} if fault is None else {YOU: sorted(SCOPES)})
    assert await factory.rows("select 1 from google_calendar_tokens") == []


async def test_tokens_that_no_key_opens_hold_no_deletion_up(factory: Factory, pool: Pool, database_url: str) -> None:
    maya = await factory.organizer()
    await factory.insert("google_calendar_tokens", user_id=maya, access_token="sealed:1:lost:x")
    google = google_at("http://localhost:1")
    whose = await rules.of_organizer(factory.connection, maya, region="US")

    await rules.delete(factory.connection, whose, who="maya", connections=connections_of(pool, google))

    assert await factory.rows("select 1 from google_calendar_tokens") == []
