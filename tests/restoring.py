"""A restore, acted out: due reminders, a worker that lives on after the back-up, and the command that settles it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import SecretStr

from autosync import restores
from autosync.database.pool import connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways import CameIn, FindResult, Gateway, OutgoingText, SendResult
from autosync.gateways.twilio import TwilioGateway
from autosync.invitee_links import Links
from autosync.processor import Processor
from factories import Factory, at_noon
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn

Taken = TypeVar("Taken")

SYNCS = 24
MAYA = "maya on desk"


def gateway_of(twilio: StandIn) -> TwilioGateway:
    return TwilioGateway(
        account_sid=ACCOUNT_SID, auth_token=SecretStr(AUTH_TOKEN), from_number=FROM, base_url=twilio.url
    )


def links() -> Links:
    return Links("https://sync.example.org", [b"0" * 32])


class HoldingGateway:
    """Hands texts on to Twilio once it is let."""

    name = "twilio"

    def __init__(self, gateway: TwilioGateway) -> None:
        self._gateway = gateway
        self.has_some = asyncio.Event()
        self.let = asyncio.Event()

    async def send(self, text: OutgoingText) -> SendResult:
        self.has_some.set()
        await self.let.wait()
        return await self._gateway.send(text)

    async def find(self, text: OutgoingText) -> FindResult:
        return await self._gateway.find(text)

    async def came_in(self, since: datetime) -> Sequence[CameIn]:
        return await self._gateway.came_in(since)

    async def close(self) -> None:
        await self._gateway.close()


async def lives_on(
    url: str, twilio: StandIn, *, jobs: bool = True, texts: int | None = None, gateway: Gateway | None = None
) -> None:
    """What a worker does: what is due, and so many batches of ten texts, or all."""
    gateway = gateway or gateway_of(twilio)
    async with open_pool(url) as pool:
        if jobs:
            await Processor(pool=pool, links=links()).process_due()
        dispatcher = Dispatcher(pool=pool, gateways={"twilio": gateway}, gateway="twilio", region="US", batch_size=10)
        for _ in range(1000 if texts is None else texts):
            if (await dispatcher.dispatch_once())[0] == 0:
                break
    await gateway.close()


async def at_rest(_url: str, _twilio: StandIn, take: Callable[[], Taken]) -> Taken:
    """Takes a back-up while nobody sends; what it gives."""
    return take()


async def under_load(url: str, twilio: StandIn, take: Callable[[], Taken]) -> Taken:
    """Takes a back-up while a worker sends up to four batches; what it gives."""
    taking = asyncio.create_task(asyncio.to_thread(take))
    for _ in range(4):
        if not taking.done():
            await lives_on(url, twilio, texts=1)
    return await taking


async def with_some_in_hand(url: str, twilio: StandIn, take: Callable[[], Taken]) -> Taken:
    """Takes a back-up while a batch is with the gateway; what it gives."""
    gateway = HoldingGateway(gateway_of(twilio))
    async with asyncio.TaskGroup() as living_on:
        living_on.create_task(lives_on(url, twilio, texts=1, gateway=gateway))
        try:
            async with asyncio.timeout(60):
                await gateway.has_some.wait()
            return await asyncio.to_thread(take)
        finally:
            gateway.let.set()


async def settle(url: str, twilio: StandIn, since: datetime) -> restores.Settled:
    gateway = gateway_of(twilio)
    try:
        async with open_pool(url) as pool:
            return await restores.settle(
                pool,
                Processor(pool=pool, links=links()),
                Dispatcher(pool=pool, gateways={"twilio": gateway}, gateway="twilio", region="US"),
                gateway,
                since=since, region="US", links=links(), who=MAYA,
            )  # fmt: skip
    finally:
        await gateway.close()


async def wait_out_claims(url: str) -> int:
    """Lets as much time pass as a restore takes for texts that were in hand when the back-up was taken; how many."""
    async with connect(url) as connection:
        cursor = await connection.execute(
            "update auto_sync_messages set claimed_at = claimed_at - interval '2 minutes' where status = 'sending'"
        )
        return cursor.rowcount


def long_enough_ago() -> datetime:
    """When the back-up counts as taken: long enough ago for Twilio's list to be believed."""
    return datetime.now(UTC) - timedelta(minutes=2)


async def begin(factory: Factory) -> None:
    """Due reminders of several syncs, with crews of their own, at noon."""
    await at_noon(factory)
    for _ in range(SYNCS):
        await factory.sync(invitees=3, started_at=await factory.one("select autosync_now()"))
    await factory.move_clock(minutes=6)


def told(twilio: StandIn) -> list[tuple[str, str]]:
    """To whom and what kind of words left, without links: a text that leaves twice is here twice."""
    return sorted(
        (entry["to"], " ".join(word for word in entry["body"].split() if not word.startswith("https://")))
        for entry in twilio.accepted()
    )
