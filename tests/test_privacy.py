"""Everything about a person: shown, and deleted so that no table has a trace of them."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from psycopg import sql

from autosync import inbox
from autosync import privacy as rules
from autosync.calendars.google import SCOPES
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from commands import Ran, autosync
from connected import connected_organizer, connections_of, google_at
from factories import Factory, MadeSync, at_noon
from google_stand_in import YOU, google_stand_in

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
