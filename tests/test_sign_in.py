"""Codes and links when two use them at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from pydantic import SecretStr

from autosync.database.pool import Pool
from autosync.gateways.record import RecordGateway
from autosync.model import Refused
from autosync.sign_in import SignIn
from factories import Factory
from own_pages import sign_in_of
from waiting import until


async def test_a_link_that_two_use_at_once_opens_one_session(pool: Pool, factory: Factory) -> None:
    sign_in = sign_in_of(pool)
    token = await sign_in.make_link(await factory.organizer())
    outcomes = await asyncio.gather(*(sign_in.redeem_link(token) for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(outcome, Refused) for outcome in outcomes) == [False, True, True, True]
    assert await factory.one("select count(*) from auto_sync_sessions") == 1


async def test_wrong_codes_that_come_at_once_are_all_counted(pool: Pool, factory: Factory) -> None:
    """Otherwise a thousand guesses at the same moment would all be the first."""
    sign_in = sign_in_of(pool)
    asked = await sign_in.ask_for_code("+12125550100")
    outcomes = await asyncio.gather(*(sign_in.redeem_code(asked.id, "x") for _ in range(12)), return_exceptions=True)
    assert sorted("Too many" in str(outcome) for outcome in outcomes) == [False] * 4 + [True] * 8
    assert await factory.one("select tries from auto_sync_sign_ins") == 5


async def test_codes_that_are_asked_for_at_once_are_all_counted(pool: Pool, factory: Factory) -> None:
    sign_in = sign_in_of(pool)
    asked = await asyncio.gather(*(sign_in.ask_for_code("+12125550100") for _ in range(8)), return_exceptions=True)
    assert sorted(isinstance(outcome, Refused) for outcome in asked) == [False] * 3 + [True] * 5


async def test_a_number_gets_ten_codes_a_day_and_whoever_asks_for_more_is_told_the_same_as_ever(
    pool: Pool, factory: Factory
) -> None:
    """By the database's own clock, which no demo moves, and the same whether or not it is anybody's number."""
    maya = "+12125550101"
    await factory.organizer(phone_number=maya)
    sign_in = sign_in_of(pool)
    told = {}
    for number in (maya, "+12125550102"):
        refusals = set()
        for _ in range(4):
            for _ in range(3):
                with suppress(Refused):
                    await sign_in.ask_for_code(number)
            with pytest.raises(Refused) as refused:
                await sign_in.ask_for_code(number)
            refusals.add(str(refused.value))
            await factory.do("update auto_sync_sign_ins set created_at = created_at - interval '16 minutes'")
        assert await factory.one("select count(*) from auto_sync_sign_ins") == 10 * len(told) + 10
        assert len(refusals) == 1, "which of the two it was is told to nobody"
        told[number] = refusals.pop()
    assert len(set(told.values())) == 1
    await factory.demo_timings()
    await factory.move_clock(hours=25)
    with pytest.raises(Refused):
        await sign_in.ask_for_code(maya)
    await factory.do("update auto_sync_sign_ins set created_at = created_at - interval '24 hours'")
    assert (await sign_in.ask_for_code(maya)).text is not None


async def test_a_code_is_tried_one_after_the_other(pool: Pool, factory: Factory) -> None:
    """The second waits for the first, seen in the server, and then finds it used."""
    sign_in = sign_in_of(pool)
    asked = await sign_in.ask_for_code("+12125550100")
    async with pool.connection() as holder, holder.transaction():
        await holder.execute("select pg_advisory_xact_lock(hashtextextended('auto_sync_sign_ins', 0))")
        trying = asyncio.create_task(sign_in.redeem_code(asked.id, "x"))

        async def waits() -> bool:
            return bool(await factory.one("select count(*) from pg_locks where locktype = 'advisory' and not granted"))

        await until(waits)
        assert not trying.done()
    with pytest.raises(Refused):
        await trying


async def test_sessions_of_operators_end_with_their_key(pool: Pool) -> None:
    before, after = (
        SignIn(pool=pool, gateway=RecordGateway(), region="US", operator_key=SecretStr(key * 32)) for key in "ab"
    )
    token = await before.redeem_operator_key("a" * 32)
    assert await before.is_operator(token)
    assert not await after.is_operator(token)
    assert await before.organizer_of(token) is None
    with pytest.raises(Refused, match="not the operator key"):
        await after.redeem_operator_key("a" * 32)
