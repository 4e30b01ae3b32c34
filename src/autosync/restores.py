"""Settles what a database that was put back from a back-up cannot know: who wrote since, and which texts have left.

`await settle(...)` goes through it once, with all sending paused: texts that came in are fetched from the gateway, jobs
that are due are done (some for the second time), and every queued text is put in doubt and looked up at the gateway, as
one is whose sender crashed. What the gateway has is sent; what it never got leaves when sending is resumed. Done again,
it goes on where it was left. It cannot know what organizers did by page or API since; see docs/operating.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync import replay, sending
from autosync.database import interventions, messages
from autosync.database.pool import Connection, Pool
from autosync.dispatcher import Dispatcher
from autosync.explanations import MessageStatus
from autosync.gateways import Gateway
from autosync.invitee_links import Links
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.processor import Processor

BATCH_SIZE = 500

_IN_DOUBT = "The database had been put back, so it may or may not have left."
_PAUSE = "The database was put back from a back-up."


@dataclass(frozen=True, slots=True)
class Settled:
    """How many texts that came in were taken, jobs were done, texts were put in doubt; of these: how many had left,
    leave now, and are still in doubt. `resumed`: whether texts leave again."""

    came_in: int
    jobs: int
    doubted: int
    had_left: int
    to_leave: int
    in_doubt: int
    resumed: bool


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
        is_ours = await _pause(connection, who)
        taken = await replay.replay(connection, gateway, since=since, region=region, links=links, who=who)
    done = await processor.process_due()
    async with pool.connection() as connection:
        doubted = await _doubt_all(connection, gateway.name, since=since, region=region)
    while await dispatcher.look_up_once():
        pass
    async with pool.connection() as connection:
        fates = await messages.count_doubted(connection)
        if is_ours:
            await sending.resume(connection, None, who=who)
        await interventions.record(connection, "restored", [(None, None)], who=who, details=f"{doubted} texts in doubt")
    in_doubt = fates.get(MessageStatus.UNKNOWN, 0)
    to_leave = fates.get(MessageStatus.QUEUED, 0)
    return Settled(
        len(taken), done.jobs, doubted, sum(fates.values()) - in_doubt - to_leave, to_leave, in_doubt, is_ours
    )


async def _pause(connection: Connection, who: str) -> bool:
    """Whether the pause is ours to end: made now, or by an earlier try."""
    paused = next((pause for pause in await sending.list_all(connection) if pause.organizer_id is None), None)
    if paused is not None:
        return paused.reason == _PAUSE
    await sending.pause(connection, None, reason=_PAUSE, who=who)
    return True


async def _doubt_all(connection: Connection, gateway: str, *, since: datetime, region: str) -> int:
    """Each queued text that has a number; one without it cannot have left, and cannot leave."""
    doubted, after = 0, UUID(int=0)
    while batch := await messages.list_to_doubt(connection, after=after, limit=BATCH_SIZE):
        after = batch[-1][0]
        numbered = [(id_, number) for id_, _, written in batch if (number := _e164(written, region)) is not None]
        reason = _IN_DOUBT
        doubted += await messages.doubt(connection, numbered, since=since, gateway=gateway, reason=reason)
    return doubted


def _e164(written: str | None, region: str) -> str | None:
    try:
        return to_e164(written or "", default_region=region)
    except UntextableNumber:
        return None
