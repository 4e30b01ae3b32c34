"""So many texts a second: the rule, and that dispatchers keep it together."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from autosync.database import rates
from autosync.database.pool import Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from autosync.send_rate import allowance, pause, used_until
from factories import Factory, at_noon
from waiting import until

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@given(
    per_second=st.floats(min_value=0.05, max_value=500),
    steps=st.lists(st.tuples(st.floats(min_value=0, max_value=3), st.integers(0, 50)), min_size=1, max_size=60),
)
def test_in_no_stretch_do_more_leave_than_the_rate_allows_and_one_seconds_worth(
    per_second: float, steps: list[tuple[float, int]]
) -> None:
    free_at = now = NOON
    left: list[tuple[datetime, int]] = []
    for wait, wanted in steps:
        now += timedelta(seconds=wait)
        count = min(wanted, allowance(free_at=free_at, now=now, per_second=per_second))
        free_at = used_until(free_at=free_at, now=now, per_second=per_second, count=count)
        left.append((now, count))
        seconds = [(now - then).total_seconds() for then, _ in left]
        for i, stretch in enumerate(seconds):
            most = per_second * stretch + max(per_second, 1)
            assert sum(count for _, count in left[i:]) <= most + 1e-3


@given(per_second=st.floats(min_value=0.05, max_value=500), count=st.integers(0, 1000))
def test_after_the_pause_at_least_one_may_leave(per_second: float, count: int) -> None:
    free_at = used_until(free_at=NOON, now=NOON, per_second=per_second, count=count)
    then = NOON + pause(free_at=free_at, now=NOON, per_second=per_second) + timedelta(milliseconds=1)
    assert allowance(free_at=free_at, now=then, per_second=per_second) >= 1


def test_a_rate_that_is_not_used_lets_one_seconds_worth_go() -> None:
    assert allowance(free_at=NOON - timedelta(days=1), now=NOON, per_second=3) == 3
    assert allowance(free_at=NOON - timedelta(days=1), now=NOON, per_second=0.2) == 1


async def _sent(factory: Factory) -> int:
    sent: int = await factory.one("select count(*) from auto_sync_messages where status = 'sent' and body is not null")
    return sent


async def _queue(factory: Factory, invitees: int) -> object:
    sync = await factory.sync(invitees=0)
    for number in range(invitees):
        contact = await factory.contact(sync.organizer, f"C{number}")
        await factory.do(
            "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, status, body, sent_at, send_after,"
            " cause_id) values (%s, %s, 'initial', 'queued', 'Hi', null, autosync_now(), gen_random_uuid())",
            sync.id, contact,
        )  # fmt: skip
    return sync.id


def _dispatcher(pool: Pool, **per_second: float) -> Dispatcher:
    gateway = RecordGateway()
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US", rates=per_second)


async def test_eight_dispatchers_together_let_no_more_go_than_the_rate_allows(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    await _queue(factory, 30)

    await asyncio.gather(*(_dispatcher(pool, account=0.001).dispatch_once() for _ in range(8)))

    assert await _sent(factory) == 1


async def test_the_tightest_of_several_rates_counts(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    await _queue(factory, 30)

    await _dispatcher(pool, account=1000, sender=7).dispatch_once()

    assert await _sent(factory) == 7


async def test_another_sender_has_a_rate_of_its_own(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    await _queue(factory, 30)

    for sender in ("one", "two"):
        for _ in range(3):
            await _dispatcher(pool, **{sender: 0.001}).dispatch_once()

    assert await _sent(factory) == 2


async def test_sending_all_that_is_due_waits_for_the_rate_and_loses_nothing(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    await _queue(factory, 30)

    assert await _dispatcher(pool, account=20).dispatch_due() == 30

    assert await _sent(factory) == 30


async def test_a_dispatcher_that_waited_for_the_rate_until_night_lets_nothing_go(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    await at_noon(factory)
    await _queue(factory, 1)
    evening = (
        "(date_trunc('day', autosync_now() at time zone 'America/New_York') + '20:00') at time zone 'America/New_York'"
    )
    async with connect(database_url) as somebody, open_pool(database_url, size=1) as small:
        async with somebody.transaction():
            await rates.lock(somebody, ["account"])
            await factory.do(
                f"update auto_sync_settings set clock_offset = clock_offset + ({evening} - autosync_now())"
                " - interval '0.5 s' where active"
            )
            dispatching = asyncio.create_task(_dispatcher(small, account=1000).dispatch_once())
            await until(lambda: factory.one("select count(*) > 0 from pg_locks where not granted"))
            assert await factory.one(f"select autosync_now() < {evening}"), "it began by day"
            await until(lambda: factory.one(f"select autosync_now() > {evening}"))
        await dispatching

    assert await _sent(factory) == 0
    held = await factory.one(
        "select status_reason from auto_sync_messages where status = 'queued' and body is not null"
    )
    assert held.startswith("Held until")


async def test_a_crowd_does_not_delay_another_organizers_five(factory: Factory, pool: Pool) -> None:
    crowd = 300
    await at_noon(factory)
    big, small = await factory.sync(invitees=0), await factory.sync(invitees=5)
    await factory.do(
        "insert into contacts (user_id, first_name, phone_number)"
        " select %s, 'C' || n, '+1212557' || to_char(n, 'FM0000') from generate_series(1, %s) n",
        big.organizer, crowd,
    )  # fmt: skip
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type) select %s, id, 'initial' from contacts"
        " where user_id = %s",
        big.id, big.organizer,
    )  # fmt: skip
    for sync in (big, small):
        await factory.make_due(sync.id, "reminder_24h")
    await Processor(pool=pool, batch_size=1).process_due()

    await _dispatcher(pool).dispatch_once()

    left = dict(
        await factory.rows(
            "select auto_sync_id, count(*) from auto_sync_messages"
            " where message_type = 'reminder' and status = 'sent' group by 1"
        )
    )
    assert left[small.id] == 5
    assert left[big.id] < crowd
