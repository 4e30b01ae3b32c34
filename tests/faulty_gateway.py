"""A gateway that can be told to misbehave, and keeps a ledger of what it took."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Container
from datetime import timedelta
from typing import Any
from uuid import UUID

from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways import (
    Accepted,
    Ambiguous,
    CannotTell,
    FindResult,
    NotProcessed,
    NotThere,
    OutgoingText,
    Refused,
    SendResult,
)

Behaviour = Callable[["FaultyGateway", OutgoingText], Awaitable[SendResult]]


class FaultyGateway:
    """Accepts every text unless told otherwise, and keeps its own ledger of what it accepted."""

    name = "faulty"

    def __init__(self) -> None:
        self.ledger: list[OutgoingText] = []
        self.tried: list[UUID] = []
        self.looked_up: list[UUID] = []
        self.can_tell = True
        self.always: Behaviour = accept
        """What becomes of an attempt for which nothing else is planned."""
        self.tells = asyncio.Event()
        """While it is not set, look-ups hang."""
        self.tells.set()
        self.hang_at: set[UUID] = set()
        """Texts whose look-ups never end."""
        self._plans: defaultdict[UUID, deque[Behaviour]] = defaultdict(deque)

    def plan(self, text: UUID, *behaviours: Behaviour) -> None:
        """What becomes of the next attempts at this text; those after that are accepted."""
        self._plans[text].extend(behaviours)

    async def send(self, text: OutgoingText) -> SendResult:
        self.tried.append(text.message_id)
        plan = self._plans[text.message_id]
        return await (plan.popleft() if plan else self.always)(self, text)

    async def find(self, text: OutgoingText) -> FindResult:
        self.looked_up.append(text.message_id)
        await self.tells.wait()
        if text.message_id in self.hang_at:
            await asyncio.Event().wait()
        if not self.can_tell:
            return CannotTell("The gateway's list is not to be had.")
        taken = text.message_id in self.times_accepted
        return Accepted(f"faulty-{text.message_id}") if taken else NotThere()

    async def close(self) -> None:
        """It holds nothing."""

    @property
    def times_accepted(self) -> Counter[UUID]:
        return Counter(text.message_id for text in self.ledger)

    def taken(self, among: Container[UUID]) -> list[dict[str, Any]]:
        """Its own records of these texts, as `ledger.of_gateway` reads them."""
        return [
            {"sid": f"faulty-{text.message_id}", "to": text.to, "body": text.body, "error_code": None}
            for text in self.ledger
            if text.message_id in among
        ]


async def accept(gateway: FaultyGateway, text: OutgoingText) -> SendResult:
    gateway.ledger.append(text)
    return Accepted(f"faulty-{text.message_id}")


async def refuse(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
    return Refused("21211", "The number does not exist.")


async def ambiguous_before_accepting(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
    return Ambiguous("The gateway answered 503.")


async def ambiguous_after_accepting(gateway: FaultyGateway, text: OutgoingText) -> SendResult:
    gateway.ledger.append(text)
    return Ambiguous("The gateway answered 503.")


async def explode(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
    raise RuntimeError("a fault in the gateway's own code")


def not_processed(retry_after: timedelta | None = None) -> Behaviour:
    async def throttle(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
        return NotProcessed("The gateway is throttling.", retry_after)

    return throttle


class Hang:
    """Hangs until it is released, and accepts then; `reached` tells that a text has got here."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, gateway: FaultyGateway, text: OutgoingText) -> SendResult:
        self.reached.set()
        await self.released.wait()
        return await accept(gateway, text)


def make_dispatcher(pool: Pool, gateway: FaultyGateway, **options: Any) -> Dispatcher:
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US", **options)
