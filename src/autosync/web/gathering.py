"""Puts what comes in at the same moment together: while a lot or two are being done, the next one gathers.

`await gathering.take(item)` waits for the lot that the item is in. Nobody waits for a lot to fill; where things come in
one at a time, each is a lot of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Gathering(Generic[Item, Outcome]):
    """Lots of `most` items at the most, `lanes` of them at a time: the database does one while we do the other."""

    def __init__(
        self, verb: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]], *, most: int = 100, lanes: int = 2
    ) -> None:
        """`verb` does a lot, and returns what became of each item, in their order. What it raises all of them get."""
        self._verb = verb
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Outcome]]] = []
        self._lanes = lanes
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, item: Item) -> Outcome:
        """What became of the item."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._tasks) < self._lanes:
            task = asyncio.create_task(self._work_off())
            self._tasks.add(task)
        return await future

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                lot, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._do(lot)
        finally:
            # At once, not by a callback: whoever comes before the callback would find its lane taken by nobody.
            task = asyncio.current_task()
            assert task is not None, "it runs in one"  # noqa: S101
            self._tasks.discard(task)

    async def _do(self, lot: Sequence[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._verb([item for item, _ in lot])
        except Exception as error:  # noqa: BLE001 - it is raised to everybody who waits
            for _, future in lot:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), outcome in zip(lot, outcomes, strict=True):
            if not future.done():  # who waited may have gone
                future.set_result(outcome)
