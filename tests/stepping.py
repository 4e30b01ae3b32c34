"""Two parties on real connections, one round trip at a time, in an order that the test chooses.

`in_order(one, other, observer=..., turns=[3, 2])`: the first takes three round trips, the second two, then the first
goes on to its end, and then the second. A round trip is whatever is sent to the server: a statement, BEGIN, COMMIT.
Whoever waits for a lock that the other has is passed over until it is free. Nothing here knows what is tested.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from autosync.database import lines
from autosync.database.pool import Connection

NO_END = 10_000
PATIENCE = 25
"""Steps of one party in a row, after which it counts as asking again and again for something that the other must do."""


@dataclass
class Party:
    """One of the two, and how far it got. `outcome`: what it returned or raised."""

    verb: Callable[[], Awaitable[Any]]
    steps: int = 0
    outcome: Any = None
    _may_go: asyncio.Event = field(default_factory=asyncio.Event)
    _stands: asyncio.Event = field(default_factory=asyncio.Event)
    is_done: bool = False
    _task: asyncio.Task[None] | None = None
    _pid: int = 0

    def begin(self) -> None:
        """Goes until it stands before its first round trip."""
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        _party.set(self)
        try:
            self.outcome = await self.verb()
        except Exception as error:  # noqa: BLE001 - what it raised is what it came to
            self.outcome = error
        self.is_done = True
        self._stands.set()

    async def gate(self, pid: int) -> None:
        """Stands here until it may take its next step."""
        self._pid = pid
        self._stands.set()
        await self._may_go.wait()
        self._may_go.clear()
        self.steps += 1

    async def stands(self, observer: Connection) -> bool:
        """True once it stands before its next step or is done; False once it waits for somebody's lock."""
        while True:
            try:
                await asyncio.wait_for(self._stands.wait(), 0.003)
            except TimeoutError:
                if self._pid and await _waits(observer, self._pid):
                    return False
                continue
            return True

    def step(self) -> None:
        """Lets it take one step."""
        self._stands.clear()
        self._may_go.set()

    async def ended(self) -> None:
        """Its end."""
        assert self._task is not None
        await self._task


_party: ContextVar[Party | None] = ContextVar("party", default=None)


@contextmanager
def round_trips_by_turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every round trip of a party waits for its turn."""
    wait = psycopg.AsyncConnection.wait

    async def by_turns(self: psycopg.AsyncConnection[Any], generator: Any, *args: Any, **more: Any) -> Any:
        party = _party.get()
        if party is not None:
            await party.gate(self.info.backend_pid)
        return await wait(self, generator, *args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.AsyncConnection, "wait", by_turns)
        # Whoever stands before a step has lost no answer.
        patched.setattr(lines, "UNANSWERED", lines.LONGEST_STATEMENT)
        yield


async def in_order(one: Party, other: Party, *, observer: Connection, turns: Sequence[int]) -> None:
    """Runs both to their ends; `turns`: how many steps each takes in turn before both go to their ends."""
    parties = (one, other)
    for party in parties:
        party.begin()
        assert await party.stands(observer)
    for turn, steps in enumerate([*turns, NO_END, NO_END]):
        await _take(parties[turn % 2], steps, observer)
    while not all(party.is_done for party in parties):  # what waited for a lock goes on
        for party in parties:
            if not party.is_done:
                await _take(party, NO_END, observer)
    for party in parties:
        await party.ended()


async def _take(party: Party, steps: int, observer: Connection) -> None:
    for _ in range(min(steps, PATIENCE)):
        if party.is_done or not await party.stands(observer) or party.is_done:
            return
        party.step()
    await party.stands(observer)


async def _waits(observer: Connection, pid: int) -> bool:
    cursor = await observer.execute(
        "select 1 from pg_stat_activity where pid = %s and wait_event_type = 'Lock' and state = 'active'", [pid]
    )
    return await cursor.fetchone() is not None
