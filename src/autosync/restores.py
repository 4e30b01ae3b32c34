"""Settles what a database that was put back from a back-up cannot know: who wrote since, and which texts have left.

`await settle(...)` goes through it once, with all sending paused: every queued text is put in doubt and looked up at
the gateway, as one is whose sender crashed; then texts that came in since are fetched, so that they find what they
answer; then jobs that are due are done, some for the second time, and what these write is put in doubt in its turn.
What the gateway has is sent; what it never got leaves when sending is resumed; what nothing accounts for stays in
doubt. Done again, it goes on where it was left. It cannot know what organizers did by page or API; see
docs/operating.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from autosync import replay, sending
from autosync.database import interventions, jobs, messages
from autosync.database.pool import Connection, Pool
from autosync.dispatcher import Dispatcher
from autosync.explanations import MessageStatus
from autosync.gateways import Gateway
from autosync.invitee_links import Links
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.processor import Processor
from autosync.sending import Pause

BATCH_SIZE = 500

_IN_DOUBT = "The database had been put back, so it may or may not have left."
_PAUSE = "The database was put back from a back-up of "


@dataclass(frozen=True, slots=True)
class Settled:
    """How many texts that came in were taken, jobs were done, texts were put in doubt; of these: how many had left,
    leave now, are looked up again, and wait for an operator. `resumed`: whether texts leave again."""

    came_in: int
    jobs: int
    doubted: int
    had_left: int
    to_leave: int
    in_doubt: int
    to_decide: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How many texts that came in would be taken, jobs are due, and queued texts would be looked up."""

    came_in: int
    jobs: int
    doubted: int


async def foresee(connection: Connection, gateway: Gateway, *, since: datetime, region: str) -> Foreseen:
    """What `settle` would begin with; writes nothing. Raises Refused where the gateway cannot say.

    What comes of the texts that came in and of the jobs, such as more texts, is not counted.
    """
    _, since, began = _first_try(await _paused(connection), since)
    doubted = 0
    async for batch in _to_doubt(connection, began=began, region=region):
        doubted += len(batch)
    missed = await replay.count_missed(connection, gateway, since=since)
    return Foreseen(missed, await jobs.count_due(connection), doubted)


async def settle(
    pool: Pool,
    processor: Processor,
    dispatcher: Dispatcher,
    gateway: Gateway,
    *,
    since: datetime,
    region: str,
    links: Links | None,
    who: str,
) -> Settled:
    """`since`: when the back-up was taken, or a little before (aware). Raises Refused where the gateway cannot say.

    Whatever it raises, sending stays paused. It is resumed at the end unless somebody else had paused it.
    """
    async with pool.connection() as connection:
        is_ours, since, began = await _pause(connection, since, who)
    doubted = await _doubt_and_look_up(pool, dispatcher, gateway.name, since=since, began=began, region=region)
    async with pool.connection() as connection:
        taken = await replay.replay(connection, gateway, since=since, region=region, links=links, who=who)
    done = await processor.process_due()
    doubted += await _doubt_and_look_up(pool, dispatcher, gateway.name, since=since, began=began, region=region)
    async with pool.connection() as connection:
        fates = await messages.count_doubted(connection, since=began)
        if is_ours:
            await sending.resume(connection, None, who=who)
        await interventions.record(connection, "restored", [(None, None)], who=who, details=f"{doubted} texts in doubt")
    to_leave = sum(count for (status, _), count in fates.items() if status == MessageStatus.QUEUED)
    in_doubt = fates.get((MessageStatus.UNKNOWN, True), 0)
    to_decide = fates.get((MessageStatus.UNKNOWN, False), 0)
    had_left = sum(fates.values()) - to_leave - in_doubt - to_decide
    return Settled(len(taken), done.jobs, doubted, had_left, to_leave, in_doubt, to_decide, is_ours)


async def _pause(connection: Connection, since: datetime, who: str) -> tuple[bool, datetime, datetime]:
    """Whether the pause is ours to end, the moment of the back-up, and when the first try at it began.

    A pause that an earlier try left is ours, and its moment counts if it was earlier.
    """
    if await _paused(connection) is None:
        await sending.pause(connection, None, reason=f"{_PAUSE}{since.isoformat()}", who=who)
    return _first_try(await _paused(connection), since)


def _first_try(paused: Pause | None, since: datetime) -> tuple[bool, datetime, datetime]:
    """The same of this pause; nothing that is ours: this would be the first try."""
    if paused is None or not paused.reason.startswith(_PAUSE):
        return False, since, datetime.now(UTC)
    return True, min(since, datetime.fromisoformat(paused.reason.removeprefix(_PAUSE))), paused.paused_at


async def _paused(connection: Connection) -> Pause | None:
    """The pause of everybody's sending."""
    return next((pause for pause in await sending.list_all(connection) if pause.organizer_id is None), None)


async def _doubt_and_look_up(
    pool: Pool, dispatcher: Dispatcher, gateway: str, *, since: datetime, began: datetime, region: str
) -> int:
    """Every queued text that was not yet in doubt; how many."""
    async with pool.connection() as connection:
        doubted = await _doubt_all(connection, gateway, since=since, began=began, region=region)
    while await dispatcher.look_up_once():
        pass
    return doubted


async def _doubt_all(connection: Connection, gateway: str, *, since: datetime, began: datetime, region: str) -> int:
    doubted = 0
    async for batch in _to_doubt(connection, began=began, region=region):
        doubted += await messages.doubt(connection, batch, since=since, gateway=gateway, reason=_IN_DOUBT)
    return doubted


async def _to_doubt(connection: Connection, *, began: datetime, region: str) -> AsyncIterator[list[tuple[UUID, str]]]:
    """Each queued text that has a number, batch by batch; one without it cannot have left, and cannot leave."""
    after = UUID(int=0)
    while batch := await messages.list_to_doubt(connection, began=began, after=after, limit=BATCH_SIZE):
        after = batch[-1][0]
        yield [(id_, number) for id_, _, written in batch if (number := _e164(written, region)) is not None]


def _e164(written: str | None, region: str) -> str | None:
    try:
        return to_e164(written or "", default_region=region)
    except UntextableNumber:
        return None
