"""Sending that an operator has paused: everybody's, or one organizer's."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from autosync import explanations, sending
from autosync.database import jobs, operations
from autosync.database.pool import Connection, Pool, open_pool
from autosync.dispatcher import Dispatcher
from autosync.doctor.review import review
from autosync.model import Refused, Unusable
from commands import autosync
from factories import Factory, MadeSync, acting_as, at_noon
from faulty_gateway import FaultyGateway, make_dispatcher
from outbox import queue_one_each, reason_of, status_of


@pytest.fixture
async def sync(factory: Factory) -> MadeSync:
    await at_noon(factory)
    return await factory.sync(invitees=2)


@pytest.fixture
def sender(pool: Pool) -> Dispatcher:
    return make_dispatcher(pool, FaultyGateway())


async def test_while_all_sending_is_paused_nothing_leaves_and_afterwards_everything_does(
    factory: Factory, sync: MadeSync, sender: Dispatcher
) -> None:
    texts = await queue_one_each(factory, sync)
    await sending.pause(factory.connection, None, reason="Twilio asks us to.", who="maya on desk")

    assert await sender.dispatch_due() == 0
    assert [await status_of(factory, text) for text in texts] == ["queued", "queued"]
    assert (await jobs.next_due(factory.connection)).text is None, "a worker rests meanwhile"
    facts = await operations.load_message(factory.connection, texts[0])
    assert facts is not None
    assert explanations.of_message(facts)[-1] == (
        "All sending is paused: Twilio asks us to. `autosync sending resume` lets it go on."
    )

    await sending.resume(factory.connection, None, who="maya on desk")
    assert await sender.dispatch_due() == 2


async def test_one_organizers_texts_are_held_with_the_reason_and_everybody_elses_leave(
    factory: Factory, sync: MadeSync, sender: Dispatcher
) -> None:
    other = await factory.sync(invitees=1)
    held, (free,) = await queue_one_each(factory, sync), await queue_one_each(factory, other)
    await sending.pause(factory.connection, sync.organizer, reason="Complaints.", who="maya on desk")

    assert await sender.dispatch_due() == 1
    assert await status_of(factory, free) == "sent"
    assert [await reason_of(factory, text) for text in held] == [
        "Sending for this organizer is paused: Complaints."
    ] * 2
    await factory.move_clock(minutes=16)
    assert await sender.dispatch_due() == 0, "looked at again, and held again"

    assert await sending.resume(factory.connection, sync.organizer, who="maya on desk") == 2
    assert await sender.dispatch_due() == 2


async def test_what_has_become_pointless_during_a_pause_does_not_leave_after_it(
    factory: Factory, sync: MadeSync, sender: Dispatcher
) -> None:
    texts = await queue_one_each(factory, sync)
    await sending.pause(factory.connection, sync.organizer, reason="Complaints.", who="maya on desk")
    await sender.dispatch_due()
    await factory.answer(sync, sync.contacts[0], 1)
    await sending.resume(factory.connection, sync.organizer, who="maya on desk")
    await sender.dispatch_due()
    assert sorted([await status_of(factory, text) for text in texts]) == ["canceled", "sent"]


async def test_a_pause_holds_for_dispatchers_that_are_started_later(
    factory: Factory, sync: MadeSync, database_url: str
) -> None:
    await queue_one_each(factory, sync)
    await sending.pause(factory.connection, None, reason="Outage.", who="maya on desk")
    async with open_pool(database_url) as another:
        assert await make_dispatcher(another, FaultyGateway()).dispatch_due() == 0


async def test_a_deleted_organizers_pause_goes_with_them(factory: Factory, sync: MadeSync) -> None:
    await sending.pause(factory.connection, sync.organizer, reason="Complaints.", who="maya on desk")
    await factory.do("delete from profiles where id = %s", sync.organizer)
    assert await sending.list_all(factory.connection) == []


async def test_the_doctor_says_what_is_paused(factory: Factory, sync: MadeSync, connection: Connection) -> None:
    for whose in (None, sync.organizer):
        await sending.pause(factory.connection, whose, reason="Complaints.", who="maya on desk")
    found = [finding.what for finding in (await review(connection)).findings if "paused" in finding.what]
    assert len(found) == 2
    assert found[0].startswith("All sending has been paused since ")
    assert found[0].endswith(" by maya on desk: Complaints.")
    assert found[1].startswith("The sending of Maya Lopez has been paused since ")


async def test_what_makes_no_sense_is_refused_and_changes_nothing(factory: Factory, sync: MadeSync) -> None:
    connection = factory.connection
    with pytest.raises(Unusable, match="no reason"):
        await sending.pause(connection, None, reason=" ", who="maya on desk")
    with pytest.raises(Unusable, match="at most 200"):
        await sending.pause(connection, None, reason="x" * 201, who="maya on desk")
    with pytest.raises(Refused, match="There is no organizer"):
        await sending.pause(connection, uuid4(), reason="Complaints.", who="maya on desk")
    with pytest.raises(Refused, match="not paused"):
        await sending.resume(connection, sync.organizer, who="maya on desk")
    await sending.pause(connection, sync.organizer, reason="Complaints.", who="maya on desk")
    with pytest.raises(Refused, match="paused already"):
        await sending.pause(connection, sync.organizer, reason="Another one.", who="ben on desk")
    (kept,) = await sending.list_all(connection)
    assert (kept.organizer, kept.paused_by, kept.reason) == ("Maya Lopez", "maya on desk", "Complaints.")


@pytest.mark.parametrize("role", ["anon", "authenticated"])
async def test_nobody_but_the_service_sees_or_writes_pauses(factory: Factory, sync: MadeSync, role: str) -> None:
    async with acting_as(factory.connection, role, sync.organizer):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await factory.rows("select 1 from auto_sync_sending_pauses")


async def test_an_operator_pauses_looks_and_resumes(factory: Factory, sync: MadeSync, database_url: str) -> None:
    await queue_one_each(factory, sync)

    def run(*arguments: str) -> tuple[int, str, str]:
        ran = autosync("sending", *arguments, database_url=database_url)
        return ran.code, ran.out, ran.err

    whose = ("--organizer", str(sync.organizer))
    assert run("status") == (0, "", ""), "nothing is paused"
    assert run("pause", "--reason", "Outage.", "--dry-run")[1] == "Would pause all texts. Texts that wait now: 2.\n"
    assert run("status")[0] == 0, "a dry run pauses nothing"
    assert run("resume", "--dry-run")[0] == 1, "and is refused what would be refused"
    assert run("pause", "--reason", "Outage.", "--dry-run", "--organizer", str(UUID(int=1)))[0] == 1
    paused = f"Paused the texts of organizer {sync.organizer}. Texts that wait now: 2.\n"
    assert run("pause", "--reason", "Complaints.", *whose) == (0, paused, "")
    code, told, _ = run("status")
    assert (code, "Maya Lopez" in told, "Complaints." in told) == (1, True, True)
    assert run("resume")[::2] == (1, "autosync: That is not paused: `autosync sending status` says what is.\n")
    assert run("resume", "--dry-run", *whose)[1].startswith("Would resume")
    assert run("resume", *whose)[0] == 0
    assert run("status")[0] == 0
