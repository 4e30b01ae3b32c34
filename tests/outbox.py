"""Queues texts by plain SQL and looks at what became of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from autosync import departures
from factories import Factory, MadeSync


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


async def number_of(factory: Factory, contact: UUID) -> str:
    number: str = await factory.one("select phone_number from contacts where id = %s", contact)
    return number
