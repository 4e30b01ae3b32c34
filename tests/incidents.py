"""Things that go wrong at night, staged: for each title of docs/runbook.md, what had happened, and how it must end.

A stage gives what the commands of the runbook call `$JOB` and so on, settings that the operator has in the environment,
and a check of how it ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from autosync import operations, sending
from autosync.database.pool import open_pool
from autosync.processor import Processor
from factories import Factory, MadeSync, at_noon
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, stand_in


@dataclass
class Staged:
    """`variables`: ids by the names that the runbook gives them."""

    variables: dict[str, object]
    check: Callable[[], Awaitable[Any]]
    settings: dict[str, str] = field(default_factory=dict)


Stage = Callable[[Factory, ExitStack], Awaitable[Staged]]
INCIDENTS: dict[str, Stage] = {}


def incident(title: str) -> Callable[[Stage], Stage]:
    """Adds one."""

    def add(stage: Stage) -> Stage:
        INCIDENTS[title] = stage
        return stage

    return add


async def reminder(factory: Factory, sync: MadeSync, **changes: object) -> UUID:
    """The sync's reminder job, changed."""
    sets = "".join(f", {column} = %s" for column in changes)
    found: UUID = await factory.one(
        f"update job_queue set id = id{sets} where sync_id = %s and job_type = 'reminder_24h' returning id",
        *changes.values(), sync.id,
    )  # fmt: skip
    return found


async def text(factory: Factory, sync: MadeSync, type_: str = "reminder", **columns: object) -> UUID:
    """A text of ours to the first invitee."""
    now = await factory.one("select autosync_now()")
    columns = {
        "status": "queued", "send_after": now, "created_at": now, "sent_at": None, "body": "Which times work?",
        "contact_id": sync.contacts[0], **columns,
    }  # fmt: skip
    return await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, message_type=type_, cause_id=uuid4(), **columns
    )


async def is_(factory: Factory, expected: object, query: str, *parameters: object) -> None:
    """Asserts what a query finds."""
    assert await factory.one(query, *parameters) == expected


def job_is(factory: Factory, job: UUID, status: str) -> Callable[[], Awaitable[None]]:
    return lambda: is_(factory, status, "select status from job_queue where id = %s", job)


def text_is(factory: Factory, id_: UUID, status: str) -> Callable[[], Awaitable[None]]:
    return lambda: is_(factory, status, "select status from auto_sync_messages where id = %s", id_)


def sync_is(factory: Factory, sync: MadeSync, status: str) -> Callable[[], Awaitable[None]]:
    return lambda: is_(factory, status, "select status::text from auto_syncs where id = %s", sync.id)


@incident("Nobody got a reminder this morning")
async def nobody_works(factory: Factory, _: ExitStack) -> Staged:
    await at_noon(factory)
    made = [await factory.sync() for _ in range(3)]
    for sync in made:
        await factory.make_due(sync.id, "reminder_24h", minutes=180)
    return Staged({}, lambda: is_(factory, 9, "select count(*) from auto_sync_messages"
                                              " where message_type = 'reminder' and status = 'sent'"))  # fmt: skip


@incident("One sync's reminder never came")
async def one_failed(factory: Factory, _: ExitStack) -> Staged:
    await at_noon(factory)
    sync = await factory.sync()
    job = await reminder(
        factory, sync, status="failed", error_message="DiskFull: could not extend file",
        processed_at=await factory.one("select autosync_now()"),
    )  # fmt: skip
    return Staged({"JOB": job, "SYNC": sync.id}, job_is(factory, job, "processed"))


@incident("Many jobs failed while something was broken")
async def many_failed(factory: Factory, _: ExitStack) -> Staged:
    for _ in range(4):
        await reminder(factory, await factory.sync(), status="failed", error_message="DiskFull: could not extend file")
    return Staged({}, lambda: is_(factory, 0, "select count(*) from job_queue where status = 'failed'"))


@incident("An invitee says that no text came")
async def opted_out(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    await factory.suppress(number)
    told = "The number has opted out of all texts."
    id_ = await text(factory, sync, status="canceled", status_reason=told, send_after=None)
    return Staged({"SYNC": sync.id, "TEXT": id_}, text_is(factory, id_, "canceled"))


@incident("Somebody said STOP by mistake")
async def stopped_by_mistake(factory: Factory, _: ExitStack) -> Staged:
    await factory.suppress("+12125550123")
    return Staged({"NUMBER": "+12125550123"}, lambda: is_(factory, 0, "select count(*) from auto_sync_suppressions"))


@incident("Jobs are done, and no text leaves")
async def all_paused(factory: Factory, _: ExitStack) -> Staged:
    await at_noon(factory)
    sync = await factory.sync()
    id_ = await text(factory, sync)
    await sending.pause(factory.connection, None, reason="The gateway refuses everything.", who="maya on desk")
    return Staged({"TEXT": id_}, text_is(factory, id_, "sent"))


@incident("One organizer's texts must stop now")
async def complaints(factory: Factory, _: ExitStack) -> Staged:
    await at_noon(factory)
    sync = await factory.sync()
    id_ = await text(factory, sync)
    return Staged({"ORGANIZER": sync.organizer}, text_is(factory, id_, "queued"))


@incident("It is day, and a text still waits")
async def night_elsewhere(factory: Factory, _: ExitStack) -> Staged:
    await at_noon(factory)
    sync = await factory.sync()
    await factory.do("update contacts set phone_number = '+81312345678' where id = %s", sync.contacts[0])
    id_ = await text(factory, sync)
    return Staged({"TEXT": id_}, text_is(factory, id_, "queued"))


@incident("A text may or may not have left")
async def unknown(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    id_ = await text(
        factory, sync, status="unknown", gateway="twilio", attempt=1, phone_number="+12125550100", send_after=None,
        claimed_at=await factory.one("select clock_timestamp() - interval '25 hours'"),
        status_reason="Twilio took a text to this number at that moment, but it lists other words for it.",
    )  # fmt: skip
    return Staged({"TEXT": id_}, text_is(factory, id_, "sent"))


@incident("Texts were given up while the gateway was away")
async def given_up(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    ids = [
        await text(
            factory, sync, status="failed", status_reason="Twilio could not be reached.", attempt=100, gateway="twilio",
            phone_number="+12125550100", send_after=None, claimed_at=await factory.one("select clock_timestamp()"),
        )
        for _ in range(3)
    ]  # fmt: skip
    return Staged({"TEXT": ids[0]}, text_is(factory, ids[0], "queued"))


@incident("A sync ended though nobody ended it")
async def over(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    await factory.do(
        "update auto_sync_options set start_time = now() - interval '3 hours', end_time = now() - interval '1 hour'"
        " where auto_sync_id = %s", sync.id,
    )  # fmt: skip
    await factory.make_due(sync.id, "auto_end_check")
    async with open_pool(factory.connection.info.dsn) as pool:
        await Processor(pool=pool).process_due()
    return Staged({"SYNC": sync.id}, sync_is(factory, sync, "stopped"))


@incident("A sync stands still")
async def waits_for_the_organizer(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    await factory.do("update auto_syncs set status = 'paused', paused_at = autosync_now() where id = %s", sync.id)
    return Staged({"SYNC": sync.id}, sync_is(factory, sync, "running"))


@incident("Reminders come after five minutes")
async def demo_timings(factory: Factory, _: ExitStack) -> Staged:
    await factory.demo_timings()
    return Staged(
        {}, lambda: is_(factory, timedelta(hours=24), "select reminder_delay from auto_sync_settings where active")
    )


@incident("Somebody answered, and the answer is not there")
async def missed(factory: Factory, stack: ExitStack) -> Staged:
    sync = await factory.sync()
    await factory.do(
        "update auto_sync_messages m set phone_number = c.phone_number from contacts c where c.id = m.contact_id"
    )
    twilio: StandIn = stack.enter_context(stand_in(inbound_url="http://127.0.0.1:9/webhooks/twilio/inbound"))
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    twilio.inbound(**{"from": number, "body": "1"})
    return Staged(
        {"SYNC": sync.id},
        lambda: is_(factory, 1, "select count(*) from auto_sync_responses"),
        {
            "AUTOSYNC_GATEWAY": "twilio",
            "AUTOSYNC_TWILIO_BASE_URL": twilio.url,
            "AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "AUTOSYNC_TWILIO_FROM": FROM,
        },
    )


@incident("An answer was read wrongly")
async def misread(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    await factory.do(
        "update auto_sync_messages m set phone_number = c.phone_number from contacts c where c.id = m.contact_id"
    )
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    await factory.answer(sync, sync.contacts[0], 1)
    return Staged(
        {"SYNC": sync.id, "NUMBER": number},
        lambda: is_(factory, [sync.options[1]], "select option_ids from auto_sync_responses"),
    )


@incident("A job hangs in processing")
async def abandoned(factory: Factory, _: ExitStack) -> Staged:
    await at_noon(factory)
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h", minutes=60)
    job = await reminder(factory, sync, status="processing")
    return Staged({"JOB": job}, job_is(factory, job, "processed"))


@incident("Somebody did something by hand")
async def by_hand(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    job = await reminder(factory, sync)
    await operations.cancel_job(factory.connection, job, who="maya on desk")
    return Staged({"JOB": job, "SYNC": sync.id}, job_is(factory, job, "skipped"))


@incident("Somebody wants to be forgotten")
async def forgotten(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    contact = sync.contacts[0]
    return Staged({"CONTACT": contact}, lambda: is_(factory, 0, "select count(*) from contacts where id = %s", contact))


@incident("An organizer's sync must end now")
async def must_end(factory: Factory, _: ExitStack) -> Staged:
    sync = await factory.sync()
    return Staged({"SYNC": sync.id}, sync_is(factory, sync, "stopped"))


@incident("The database was put back from a back-up")
async def put_back(factory: Factory, _: ExitStack) -> Staged:
    await at_noon(factory)
    sync = await factory.sync()
    id_ = await text(factory, sync)
    return Staged({"TEXT": id_}, text_is(factory, id_, "queued"))
