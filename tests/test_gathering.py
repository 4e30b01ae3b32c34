"""What comes in while a lot is being done is the next lot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from autosync.web.gathering import Gathering


class Works:
    """A verb that waits to be let go, and keeps its lots."""

    def __init__(self) -> None:
        self.lots: list[list[int]] = []
        self.go = asyncio.Event()

    async def double(self, items: Sequence[int]) -> list[int]:
        self.lots.append(list(items))
        await self.go.wait()
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


async def gathered(works: Works, gathering: Gathering[int, int], items: Sequence[int]) -> list[asyncio.Task[int]]:
    """Items that come in one after the other while nothing is let go."""
    tasks = []
    for item in items:
        tasks.append(asyncio.create_task(gathering.take(item)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return tasks


async def test_who_comes_alone_does_not_wait_and_who_comes_meanwhile_goes_together() -> None:
    works = Works()
    tasks = await gathered(works, Gathering(works.double, lanes=1), [1, 2, 3, 4])
    assert works.lots == [[1]]
    works.go.set()
    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert works.lots == [[1], [2, 3, 4]]


async def test_there_are_as_many_lots_at_a_time_as_lanes_and_none_is_larger_than_allowed() -> None:
    works = Works()
    tasks = await gathered(works, Gathering(works.double, most=2, lanes=2), range(7))
    assert works.lots == [[0], [1]]
    works.go.set()
    assert await asyncio.gather(*tasks) == [2 * item for item in range(7)]
    assert sorted(works.lots) == [[0], [1], [2, 3], [4, 5], [6]]


async def test_what_a_lot_raises_its_own_items_get_and_the_next_lot_goes_on() -> None:
    works = Works()
    tasks = await gathered(works, Gathering(works.double, most=2, lanes=1), [1, 13, 3, 4])
    works.go.set()
    said = await asyncio.gather(*tasks, return_exceptions=True)
    assert works.lots == [[1], [13, 3], [4]]
    assert said[0] == 2
    assert [str(one) for one in said[1:3]] == ["13", "13"]
    assert said[3] == 8


async def test_a_lot_that_nobody_waits_for_any_more_is_done_all_the_same() -> None:
    works = Works()
    gathering = Gathering(works.double, lanes=1)
    (task,) = await gathered(works, gathering, [1])
    task.cancel()
    works.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gathering.take(2) == 4
    assert works.lots == [[1], [2]]
