"""Numbers that said stop: for every organizer, forgotten with their last contact, and obeyed all the same."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, NoDataFound

import commands
from autosync import inbox, suppressions
from autosync.database import messages
from autosync.database.pool import Connection, Pool, connect
from autosync.dispatcher import Dispatcher
from autosync.gateways import OutgoingText, Refused, SendResult
from autosync.gateways.record import RecordGateway
from autosync.inbox import InboundText
from autosync.model import Unusable
from factories import Factory, MadeSync, acting_as, at_noon, run_migrations
from waiting import until_waiting

ANN = "+12125550101"
KEPT_ELSEWHERE = ("auto_sync_inbound", "auto_sync_messages")
"""Texts themselves are not the list's to forget."""


async def write(connection: Connection, body: str, number: str = ANN) -> str:
    return await inbox.receive(connection, InboundText("record", str(uuid4()), number, body), region="US")


async def listed(factory: Factory) -> list[tuple[Any, ...]]:
    return await factory.rows("select phone_number, source, reason from auto_sync_suppressions order by suppressed_at")


async def is_suppressed(factory: Factory, number: str = ANN) -> bool:
    return await messages.load_suppressed(factory.connection, [number]) == {number}


async def forget_ann(factory: Factory) -> None:
    await factory.do("delete from contacts where phone_number = %s", ANN)


async def places_of(factory: Factory, number: str) -> list[str]:
    """Every table and column of the database that has these digits in clear, however they are spaced."""
    columns = await factory.rows(
        "select c.table_name, c.column_name from information_schema.columns c"
        " join information_schema.tables t using (table_schema, table_name)"
        " where c.table_schema in ('public', 'auth') and t.table_type = 'BASE TABLE'"
    )
    found = []
    for table, column in columns:
        query = sql.SQL(r"select count(*) from {} where regexp_replace({}::text, '\D', '', 'g') like %s").format(
            sql.Identifier(table) if table != "users" else sql.Identifier("auth", "users"), sql.Identifier(column)
        )
        row = await (await factory.connection.execute(query, [f"%{number[2:]}%"])).fetchone()
        if row != (0,) and table not in KEPT_ELSEWHERE:
            found.append(f"{table}.{column}")
    return found


async def queue_for(factory: Factory, sync: MadeSync) -> None:
    """A text to the only invitee, queued to leave now."""
    await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="reminder", body="Hi",
        status="queued", sent_at=None, cause_id=uuid4(), send_after=await factory.one("select autosync_now()"),
    )  # fmt: skip


async def sync_with(factory: Factory, number: str) -> MadeSync:
    sync = await factory.sync(invitees=1)
    await factory.do("update contacts set phone_number = %s where id = %s", number, sync.contacts[0])
    return sync


async def reminders(factory: Factory) -> list[tuple[str, str | None]]:
    return await factory.rows(
        "select status, status_reason from auto_sync_messages where message_type = 'reminder' order by created_at, id"
    )


class UnsubscribedGateway(RecordGateway):
    """Says of every number that the carrier keeps a stop of theirs."""

    async def send(self, text: OutgoingText) -> SendResult:
        return Refused("21610", "Attempt to send to unsubscribed recipient.", opted_out=True)


def dispatcher(pool: Pool, gateway: RecordGateway) -> Dispatcher:
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")


# Forgotten, and obeyed


async def test_a_deleted_contact_that_said_stop_is_nowhere_in_clear_and_still_not_texted(
    factory: Factory, pool: Pool
) -> None:
    await at_noon(factory)
    await sync_with(factory, ANN)
    await write(factory.connection, "STOP texting me at (212) 555-0101, +12125550101")
    assert set(await places_of(factory, ANN)) == {
        "auto_sync_suppressions.phone_number", "auto_sync_suppressions.reason", "contacts.phone_number",
    }  # fmt: skip

    await forget_ann(factory)

    assert await places_of(factory, ANN) == []
    assert await listed(factory) == [(None, "inbound", "STOP texting me at (number), (number)")]
    again = await sync_with(factory, ANN)
    await queue_for(factory, again)
    await dispatcher(pool, RecordGateway()).dispatch_due()
    assert await reminders(factory) == [("canceled", "The number has opted out of all texts.")]


async def test_start_lifts_a_stop_whose_number_was_forgotten(factory: Factory) -> None:
    await sync_with(factory, ANN)
    await write(factory.connection, "STOP")
    await forget_ann(factory)

    assert await write(factory.connection, "START") == "The number may be texted again."

    assert not await is_suppressed(factory)
    assert await write(factory.connection, "START") == "The number was not suppressed."


async def delete(factory: Factory, _sync: MadeSync) -> None:
    await forget_ann(factory)


async def change(factory: Factory, _sync: MadeSync) -> None:
    await factory.do("update contacts set phone_number = '+12125550177' where phone_number = %s", ANN)


async def blank(factory: Factory, _sync: MadeSync) -> None:
    await factory.do("update contacts set phone_number = null where phone_number = %s", ANN)


async def delete_the_account(factory: Factory, sync: MadeSync) -> None:
    await factory.do("delete from profiles where id = %s", sync.organizer)


async def delete_as_its_organizer(factory: Factory, sync: MadeSync) -> None:
    async with acting_as(factory.connection, "authenticated", sync.organizer):
        assert await factory.do("delete from contacts") == 1


LETTING_GO = [delete, change, blank, delete_the_account, delete_as_its_organizer]


@pytest.mark.parametrize("let_go", LETTING_GO)
async def test_a_number_that_anybody_else_has_stays_readable_until_they_let_it_go_too(
    factory: Factory, let_go: Callable[[Factory, MadeSync], Awaitable[None]]
) -> None:
    sync = await sync_with(factory, ANN)
    other = await factory.organizer(phone_number=ANN)
    await write(factory.connection, "STOP")

    await let_go(factory, sync)
    assert await listed(factory) == [(ANN, "inbound", "STOP")]

    await factory.do("update profiles set phone_number = null where id = %s", other)
    assert await listed(factory) == [(None, "inbound", "STOP")]
    assert await is_suppressed(factory)


async def test_another_organizers_contact_keeps_a_number_readable(factory: Factory) -> None:
    first, second = await sync_with(factory, ANN), await sync_with(factory, ANN)
    await write(factory.connection, "STOP")

    await factory.do("delete from contacts where user_id = %s", first.organizer)
    assert await listed(factory) == [(ANN, "inbound", "STOP")]

    await factory.do("delete from contacts where user_id = %s", second.organizer)
    assert await listed(factory) == [(None, "inbound", "STOP")]


@pytest.mark.parametrize(
    "written", ["(212) 555-0101", "212.555.0101", "tel:+1-212-555-0101;ext=12", "1 212 555 0101 x7", "12125550101.0"]
)
async def test_a_contact_written_as_people_write_numbers_is_forgotten_too(factory: Factory, written: str) -> None:
    sync = await sync_with(factory, written)
    await write(factory.connection, "STOP")
    await factory.do("update contacts set first_name = 'Anna'")
    assert await listed(factory) == [(ANN, "inbound", "STOP")]

    await factory.do("delete from contacts where id = %s", sync.contacts[0])

    assert await listed(factory) == [(None, "inbound", "STOP")]


async def test_only_the_number_that_was_let_go_is_forgotten(factory: Factory) -> None:
    await sync_with(factory, ANN)
    for number in (ANN, "+12125550102", "+447700900101"):
        await factory.suppress(number)

    await forget_ann(factory)

    assert {number for number, *_ in await listed(factory)} == {None, "+12125550102", "+447700900101"}


async def test_a_contact_deleted_while_its_stop_comes_in_waits_for_it_and_is_forgotten(
    factory: Factory, database_url: str
) -> None:
    await sync_with(factory, ANN)
    async with connect(database_url) as person, connect(database_url) as organizer:
        async with person.transaction():
            await write(person, "STOP")
            deleting = asyncio.create_task(forget_ann(Factory(organizer)))
            await until_waiting(factory.connection, organizer)
        await deleting

    assert await listed(factory) == [(None, "inbound", "STOP")]


# The keyed hash


async def test_the_hash_is_hmac_sha256_under_a_key_of_32_bytes_that_each_database_has_for_itself(
    factory: Factory, empty_database_url: str
) -> None:
    await asyncio.to_thread(run_migrations, empty_database_url)
    hashes = []
    async with connect(empty_database_url) as other:
        for database in (factory, Factory(other)):
            ((inner, outer),) = await database.rows("select inner_key, outer_key from auto_sync_number_key")
            key = bytes(byte ^ 0x36 for byte in inner)
            assert key == bytes(byte ^ 0x5C for byte in outer)
            assert key[32:] == bytes(32)
            assert len(set(key[:32])) > 16
            hashes.append(await database.one("select autosync_number_hash(%s)", ANN))
            assert hashes[-1] == hmac.digest(key[:32], ANN.encode(), hashlib.sha256)

    assert hashes[0] != hashes[1]


async def test_without_the_key_nobody_is_taken_for_willing(factory: Factory) -> None:
    await factory.suppress(ANN)
    await factory.do("delete from auto_sync_number_key")

    with pytest.raises(NoDataFound):
        await is_suppressed(factory)


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize(
    "query",
    [
        "select from auto_sync_suppressions",
        "select from auto_sync_number_key",
        "select autosync_number_hash('+12125550101')",
    ],
)
async def test_the_api_roles_see_neither_list_nor_key_nor_hash(factory: Factory, role: str, query: str) -> None:
    sync = await sync_with(factory, ANN)
    await factory.suppress(ANN)

    with pytest.raises(InsufficientPrivilege):
        async with acting_as(factory.connection, role, sync.organizer):
            await factory.rows(query)


async def test_the_service_uses_the_key_and_cannot_change_it(factory: Factory) -> None:
    await factory.suppress(ANN)

    async with acting_as(factory.connection, "service_role"):
        assert await is_suppressed(factory)
    for query in ("delete from auto_sync_number_key", "update auto_sync_number_key set inner_key = outer_key"):
        with pytest.raises(InsufficientPrivilege):
            async with acting_as(factory.connection, "service_role"):
                await factory.do(query)


# The carrier's own list


async def test_a_number_that_the_carrier_keeps_a_stop_of_is_suppressed(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    for _ in range(2):  # both at once
        sync = await sync_with(factory, ANN)
        await queue_for(factory, sync)

    await dispatcher(pool, UnsubscribedGateway()).dispatch_due()

    assert await listed(factory) == [(ANN, "gateway", "Attempt to send to unsubscribed recipient.")]
    assert [status for status, _ in await reminders(factory)] == ["failed", "failed"]
    await queue_for(factory, await sync_with(factory, ANN))
    await dispatcher(pool, RecordGateway()).dispatch_due()
    assert ("canceled", "The number has opted out of all texts.") in await reminders(factory)


# An operator's list


async def test_two_who_add_a_number_at_once_add_it_once(factory: Factory, database_url: str) -> None:
    async with connect(database_url) as first, connect(database_url) as second:
        async with first.transaction():
            assert await suppressions.add(first, ANN, reason="called us", who="maya on desk") is True
            adding = asyncio.create_task(suppressions.add(second, ANN, reason="wrote to us", who="maya on desk"))
            await until_waiting(factory.connection, second)
        assert await adding is False

    assert await listed(factory) == [(ANN, "operator", "called us")]


async def test_adding_waits_for_a_claim_of_the_number(factory: Factory, database_url: str) -> None:
    async with connect(database_url) as claiming, connect(database_url) as operator:
        async with claiming.transaction():
            assert await messages.lock_numbers(claiming, {ANN}) == {ANN}
            adding = asyncio.create_task(suppressions.add(operator, ANN, reason="called us", who="maya on desk"))
            await until_waiting(factory.connection, operator)
            assert not await is_suppressed(factory)
        await adding

    assert await is_suppressed(factory)


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 201])
async def test_a_number_is_not_added_without_a_reason_that_can_be_kept(factory: Factory, reason: str) -> None:
    with pytest.raises(Unusable):
        await suppressions.add(factory.connection, ANN, reason=reason, who="maya on desk")

    assert await listed(factory) == []


def autosync(url: str, *arguments: str) -> tuple[int, str, str]:
    ran = commands.autosync("suppressions", *arguments, database_url=url)
    return ran.code, ran.out, ran.err


async def test_an_operator_adds_lists_and_removes_numbers(factory: Factory, database_url: str) -> None:
    await factory.suppress("+12125550102")
    await factory.do("update auto_sync_suppressions set phone_number = null, suppressed_at = '2026-01-01 12:00Z'")

    assert autosync(database_url, "add", "(212) 555-0101", "--reason", "called us") == (
        0, f"{ANN} gets no texts any more.\n", "",
    )  # fmt: skip
    assert autosync(database_url, "add", ANN, "--reason", "again") == (
        0, f"{ANN} was suppressed already; that stays as it was.\n", "",
    )  # fmt: skip

    code, out, _ = autosync(database_url, "list")
    newest, oldest = (line.split("\t") for line in out.splitlines())
    assert (code, newest[0], newest[2:]) == (0, ANN, ["operator", "called us"])
    assert oldest == ["number forgotten", "2026-01-01 12:00:00 UTC", "inbound", "STOP"]
    _, out, _ = autosync(database_url, "list", "--json")
    assert [entry["phone_number"] for entry in json.loads(out)] == [ANN, None]
    _, out, _ = autosync(database_url, "list", "--json", "--limit", "1")
    assert [entry["reason"] for entry in json.loads(out)] == ["called us"]

    code, out, _ = autosync(database_url, "remove", "212-555-0101")
    assert code == 0
    assert out.startswith(f"{ANN} may be texted again. START by text")
    assert not await is_suppressed(factory)
    assert autosync(database_url, "remove", ANN) == (
        1, "", f"autosync: {ANN} is not suppressed, so there is nothing to remove.\n",
    )  # fmt: skip
    assert autosync(database_url, "remove", "+12125550102")[0] == 0


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["add", "call me", "--reason", "x"], "'call me' is not a phone number."),
        (["add", "911", "--reason", "x"], "'911' is too short"),
        (["add", ANN], "Missing option '--reason'"),
        (["add", ANN, "--reason", " "], "There is no reason"),
        (["add", ANN, "--reason", "x" * 201], "The reason has 201 characters"),
        (["remove", "call me"], "'call me' is not a phone number."),
        (["list", "--limit", "0"], "Invalid value for '--limit'"),
    ],
)
async def test_wrong_inputs_are_refused_in_one_sentence_and_nothing_is_written(
    factory: Factory, database_url: str, arguments: list[str], sentence: str
) -> None:
    code, out, err = autosync(database_url, *arguments)

    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert sentence in err
    assert await listed(factory) == []
