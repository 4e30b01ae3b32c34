"""A gateway that takes nothing gets one text at a time until it takes one: the rule, and a dispatcher that keeps it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync import breaker
from autosync.breaker import FIRST_PAUSE, LONGEST_PAUSE, TRIP, Breaker
from autosync.database.pool import Pool
from factories import Factory, at_noon
from faulty_gateway import FaultyGateway, accept, ambiguous_before_accepting, make_dispatcher, not_processed
from waiting import until


def opened(at: float = 0.0) -> Breaker:
    one = Breaker()
    for _ in range(TRIP):
        one.note(answered=False, at=at)
    return one


def test_a_few_failures_change_nothing() -> None:
    one = Breaker()
    assert [one.note(answered=False, at=0.0) for _ in range(TRIP - 1)] == [False] * (TRIP - 1)
    assert one.allowance(100, underway=50, at=0.0) == 100


def test_failures_between_which_something_was_taken_change_nothing() -> None:
    one = Breaker()
    for _ in range(TRIP):
        assert not any(one.note(answered=False, at=0.0) for _ in range(TRIP - 1))
        assert not one.note(answered=True, at=0.0)
    assert one.allowance(100, underway=0, at=0.0) == 100


def test_after_many_failures_in_a_row_one_at_a_time_goes_after_growing_pauses() -> None:
    one = opened()
    now, pauses = 0.0, []
    for _ in range(9):
        before = now
        while one.allowance(100, underway=0, at=now) == 0:
            now += 0.5
        assert one.allowance(100, underway=0, at=now) == 1
        pauses.append(now - before)
        assert not one.note(answered=False, at=now)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_while_one_is_out_no_other_goes() -> None:
    later = FIRST_PAUSE.total_seconds()
    assert opened().allowance(100, underway=1, at=later) == 0
    assert opened().allowance(100, underway=0, at=later) == 1


def test_the_first_that_is_taken_ends_it_and_the_next_time_begins_with_the_first_pause() -> None:
    one = opened()
    one.note(answered=False, at=1.0)
    assert one.note(answered=True, at=5.0)
    assert one.allowance(100, underway=3, at=5.0) == 100
    for _ in range(TRIP):
        one.note(answered=False, at=10.0)
    assert one.allowance(100, underway=0, at=10.0) == 0
    assert one.allowance(100, underway=0, at=11.0) == 1


@given(steps=st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=200), most=st.integers(0, 100))
def test_it_never_allows_more_than_is_wanted_and_never_shuts_for_good(
    steps: list[tuple[float, bool]], most: int
) -> None:
    one, now, in_vain = Breaker(), 0.0, 0
    for pause, answered in steps:
        now += pause
        changed = one.note(answered=answered, at=now)
        before, in_vain = in_vain, 0 if answered else in_vain + 1
        assert changed == ((before >= TRIP) != (in_vain >= TRIP))
        assert one.allowance(most, underway=0, at=now) <= (most if in_vain < TRIP else min(most, 1))
        assert one.allowance(most, underway=0, at=now + LONGEST_PAUSE.total_seconds()) >= min(most, 1)


@pytest.mark.parametrize("trouble", [ambiguous_before_accepting, not_processed()])
async def test_an_outage_touches_few_texts_and_all_leave_once_after_it(
    factory: Factory, pool: Pool, monkeypatch: pytest.MonkeyPatch, trouble: object
) -> None:
    monkeypatch.setattr(breaker, "TRIP", 3)
    monkeypatch.setattr(breaker, "FIRST_PAUSE", timedelta(milliseconds=10))
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", timedelta(milliseconds=20))
    await at_noon(factory)
    sync = await factory.sync(invitees=8)
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, body, cause_id, status, sent_at,"
        " send_after) select auto_sync_id, contact_id, 'help', 'words', gen_random_uuid(), 'queued', null,"
        " autosync_now() from auto_sync_messages, generate_series(1, 5) where auto_sync_id = %s", sync.id,
    )  # fmt: skip
    gateway = FaultyGateway()
    gateway.always = trouble
    sender = make_dispatcher(pool, gateway, batch_size=5)

    async def it_was_tried_now_and_then() -> bool:
        await sender.dispatch_once()
        return len(gateway.tried) >= 8

    await sender.dispatch_once()
    assert len(gateway.tried) == 3, "those that waited for their turn stay"
    await until(it_was_tried_now_and_then)
    assert len(gateway.tried) == 8, "one at a time"

    gateway.always = accept

    async def all_have_left() -> bool:
        await sender.dispatch_due()
        await factory.move_clock(minutes=20)
        return len(gateway.ledger) == 40

    await until(all_have_left)
    assert set(gateway.times_accepted.values()) == {1}
