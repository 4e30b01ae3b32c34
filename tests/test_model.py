"""The whole system against a small model of it: whatever people, clients, time and faults do, both say the same.

The model knows no faults: once those who come after a crash have done their part, it must be as if there had been none.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync import inbox, syncs
from autosync.database import clock, people
from autosync.database.pool import Connection, connect, open_pool
from autosync.gateways import OutgoingText, SendResult
from autosync.housekeeping import Housekeeping
from autosync.model import Refused, ResponseGoal
from autosync.processor import Processor
from factories import Factory, at_noon
from faulty_gateway import (
    Behaviour,
    FaultyGateway,
    accept,
    ambiguous_after_accepting,
    ambiguous_before_accepting,
    explode,
    make_dispatcher,
    not_processed,
)
from ledger import KEEP_CHANGES, differences, of_gateway, open_books
from model import NEW_YORK, ORGANIZER, Model, Sync
from round_trips import Crash, RoundTrips

STEPS = 25
MOST_AT_ONCE = 2
"""Syncs, so that much happens to each."""
PARTS = 2
"""That run side by side, each from a seed of its own."""
USUAL = 2000
WANTED = int(os.environ.get("AUTOSYNC_TEST_STEPS", USUAL))
EXAMPLES = WANTED // (STEPS - 5) // PARTS + 1
"""Some lives end a few steps earlier."""
PHASES = [Phase.generate] if "AUTOSYNC_TEST_WITHOUT_SHRINKING" in os.environ else [Phase.generate, Phase.shrink]
"""Shrinking costs minutes, and only where something was found."""
FRESH = int(os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex), 16) % 10**9
"""The same for all parts of a run."""
SEED = int(os.environ.get("AUTOSYNC_TEST_SEED", FRESH if WANTED > USUAL else 0))
"""The usual steps are the same each time, so that a change is judged by what was tried before it."""
NAMES = ("Ann", "Ben", "Chloe", "Dev")

Result = TypeVar("Result")
GOALS = st.sampled_from(["everyone", "critical_mass"])
CREWS = st.sampled_from([2, 3, 4, 1])
DAYS = st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True)
NUMBERS = st.frozensets(st.integers(1, 3), max_size=3)
PLACES = st.integers(0, 50)
AGAIN = st.sampled_from([False, False, True])
"""Whether it is the crew of a sync before, so that people are in two at once."""
UNREADABLE = st.sampled_from(["Friday", "maybe 2", "7"])
LIKELY = 45
ALREADY = (Refused, psycopg.errors.UniqueViolation)
"""What a verb says the second time, if it was done the first time."""
ANSWERS = """
select c.first_name, r.response_type::text, array(
    select o.idx from unnest(r.option_ids) as chosen (id)
    left join auto_sync_options o on o.id = chosen.id and o.auto_sync_id = r.auto_sync_id order by 1
  )
from auto_sync_responses r join contacts c on c.id = r.contact_id where r.auto_sync_id = %s order by 1"""
ANSWER = """
insert into auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type, responded_at)
select %(sync)s, %(contact)s, chosen.ids, %(type)s, autosync_now() from (
  select array(select id from auto_sync_options where auto_sync_id = %(sync)s and idx = any(%(numbers)s))
) as chosen (ids)
on conflict (auto_sync_id, contact_id) do update set option_ids = excluded.option_ids,
  response_type = excluded.response_type, responded_at = excluded.responded_at"""
TELL_THE_LEDGER = """
insert into auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, auto_sync_id, outcome)
values ('another client', gen_random_uuid(), '', '', autosync_now(), %s, 'Written.')"""
"""An answer keeps only when it last came."""
KEEP_JOBS = """
create table kept_jobs (like job_queue);
create function keep_job() returns trigger language plpgsql as $$
begin
  insert into public.kept_jobs select old.*;
  return null;
end $$;
create trigger keep_job after delete on job_queue for each row execute function keep_job();"""
"""For the ledger, too."""
IN_DOUBT = "status in ('sending', 'unknown')"
SOON = "status = 'queued' and send_after <= autosync_now() + interval '16 minutes'"
"""What waits for the morning does so for longer, or for less than a minute."""
OF_A_PAUSED = "message_type = 'initial' and auto_sync_id in (select id from auto_syncs where status = 'paused')"
LOOK_AGAIN = f"update auto_sync_messages set send_after = autosync_now() where {SOON} and {OF_A_PAUSED}"
"""At first texts, which wait for as long as their sync is paused and are looked at every quarter of an hour."""
OPEN = f"select count(*) from auto_sync_messages where {IN_DOUBT} or {SOON} and not ({OF_A_PAUSED})"
"""Texts that a fault, or a pause that is over, keeps waiting."""
COME_AFTER = f"""
update auto_sync_messages set claimed_at = clock_timestamp() - interval '2 minutes', send_after = autosync_now()
where {IN_DOUBT} or {SOON}"""
"""As if the leases and pauses had run out, while the people's clock stands still."""


async def die_before(_gateway: FaultyGateway, _text: OutgoingText) -> SendResult:
    """The dispatcher ends just before the gateway is asked."""
    raise asyncio.CancelledError


async def die_after(gateway: FaultyGateway, text: OutgoingText) -> SendResult:
    """The dispatcher ends just after the gateway has taken it."""
    await accept(gateway, text)
    raise asyncio.CancelledError


TROUBLES = st.sampled_from(
    [ambiguous_before_accepting, ambiguous_after_accepting, not_processed(), explode, die_before, die_after]
)


class System(RuleBasedStateMachine):
    """Both side by side. After each step everything that is due is done on both, and they are compared.

    While the worker is away nothing is done until something lets the jobs, or the texts, or all of it be done.
    """

    def __init__(self, server_url: str, template: str, tally: Counter[str]) -> None:
        super().__init__()
        self.tally, self.is_new = tally, True
        self.server_url, self.name = server_url, f"model_{uuid4().hex}"
        self._admin(sql.SQL("create database {} template {}"), sql.Identifier(template))
        self.url = make_conninfo(server_url, dbname=self.name)
        self.loop = asyncio.new_event_loop()
        self.model = Model()
        self.ids: list[UUID] = []
        self.numbers: dict[str, str] = {}
        self.contacts: dict[str, UUID] = {}
        self.people: list[list[str]] = []
        self.worker_is_away = False
        self.jumps = 0
        self.run(self._set_up())

    def _admin(self, statement: sql.SQL, *more: sql.Composable) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as admin:
            admin.execute(statement.format(sql.Identifier(self.name), *more))

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """To its end."""
        return self.loop.run_until_complete(coroutine)

    async def _set_up(self) -> None:
        self.open = AsyncExitStack()
        self.connection = await self.open.enter_async_context(connect(self.url))
        pool = await self.open.enter_async_context(open_pool(self.url, size=3))
        self.factory = Factory(self.connection)
        await at_noon(self.factory)
        await self.factory.do(
            "update auto_sync_settings set reminder_delay = '24 hours', pause_delay = '48 hours' where active"
        )
        await self.factory.do(KEEP_JOBS)
        await self.factory.do(KEEP_CHANGES)
        self.organizer = await self.factory.organizer()
        self.gateway = FaultyGateway()
        self.processor = Processor(pool=pool)
        self.dispatcher = make_dispatcher(pool, self.gateway)
        self.housekeeping = Housekeeping(pool=pool)
        self.trips, self.cut_at, self.call_cut_at = RoundTrips(), 0, 0
        self.relayed = await self.open.enter_async_context(self.trips.postgres(self.url))
        frail = await self.open.enter_async_context(open_pool(self.relayed, size=2))
        self.frail = Processor(pool=frail), make_dispatcher(frail, self.gateway)

    def teardown(self) -> None:
        """The gateway, and the ledger, which knows nothing of the model, have the last word."""
        try:
            self._catch_up()
            assert set(self.gateway.times_accepted.values()) <= {1}
            books = open_books(self.url, kept_jobs="kept_jobs", kept_changes="kept_changes")
            assert differences(books) == []
            there = {text.id for text in books.all_texts()}  # those to deleted contacts have gone with them
            assert of_gateway(books, self.gateway.taken(there), gateway=self.gateway.name) == []
        finally:
            self.run(self.open.aclose())
            self.loop.close()
            self._admin(sql.SQL("drop database {} with (force)"))

    def now(self) -> datetime:
        """The database's."""
        return self.run(clock.read(self.connection))[0]

    def work(self) -> None:
        """Everything that is due, on both, if somebody is there to do it; and the comparison."""
        self.tally["comparisons"] += 1
        self.tally["of them while the worker was away"] += self.worker_is_away
        if self.worker_is_away:
            self._compare_all()
        else:
            self._catch_up()

    def _catch_up(self) -> None:
        self.worker_is_away = False
        self.run(self._work())
        self.model.work(self.now())
        self._compare_all()

    def _compare_all(self) -> None:
        for place, sync in enumerate(self.model.syncs):
            self._compare(place, sync)

    async def _work(self) -> None:
        if self.cut_at:
            await self._work_until_the_cut()
        await self.processor.process_due()
        await self._dispatch()

    async def _dispatch(self) -> None:
        await self.factory.do(LOOK_AGAIN)
        with suppress(asyncio.CancelledError):  # of a text at which the dispatcher died
            await self.dispatcher.dispatch_due()
        self.gateway.always = accept
        while await self.factory.one(OPEN):
            await self.factory.do(COME_AFTER)
            await self.dispatcher.dispatch_due()

    async def _work_until_the_cut(self) -> None:
        processor, dispatcher = self.frail
        self.trips.start(Crash.ANSWER_LOST, at=self.cut_at)
        with suppress(psycopg.Error, asyncio.CancelledError):
            await processor.process_due()
            await dispatcher.dispatch_due()
        if self.trips.crashed.is_set():
            await self.trips.over.wait()
        self.cut_at = 0

    def _call(self, verb: Callable[[Connection], Awaitable[object]]) -> None:
        """As whoever loses the connection does: once more, and content if it turns out to have been done."""
        self.run(self._call_twice(verb) if self.call_cut_at else verb(self.connection))

    async def _call_twice(self, verb: Callable[[Connection], Awaitable[object]]) -> None:
        self.trips.start(Crash.ANSWER_LOST, at=self.call_cut_at)
        self.call_cut_at = 0
        try:
            async with connect(self.relayed) as frail:
                await verb(frail)
        except psycopg.OperationalError:
            assert self.trips.crashed.is_set()
            await self.trips.over.wait()
            self.tally["verbs that were cut"] += 1
            with suppress(*ALREADY):
                await verb(self.connection)

    def _compare(self, place: int, sync: Sync) -> None:
        id_ = self.ids[place]
        status = self.run(self.factory.one("select status::text from auto_syncs where id = %s", id_))
        found = self.run(self.factory.rows(
            "select message_type, coalesce(c.first_name, %s), m.status from auto_sync_messages m"
            " left join contacts c on c.id = m.contact_id where auto_sync_id = %s", ORGANIZER, id_,
        ))  # fmt: skip
        answers = self.run(self.factory.rows(ANSWERS, id_))
        pending = self.run(self.factory.pending(id_))
        assert status == sync.status, f"sync {place}"
        assert sorted(found) == sorted((text.type, text.to, text.status) for text in sync.texts), f"sync {place}"
        assert answers == [
            (name, "available" if numbers else "not_available", sorted(numbers))
            for name, numbers in sorted(sync.answers.items())
        ], f"sync {place}"
        expected = {"reminder_24h": sync.reminder_at, "pause_check_48h": sync.pause_at, "auto_end_check": sync.end_at}
        expected = {type_: at for type_, at in expected.items() if at is not None}
        assert pending.keys() == expected.keys(), f"sync {place}"
        for type_, at in expected.items():
            assert abs(pending[type_] - at) < timedelta(minutes=5), f"sync {place}, {type_}"

    @invariant()
    def a_step_is_done(self) -> None:
        """It is counted; the first look, before any step, as the life that it begins."""
        self.tally["lives" if self.is_new else "steps"] += 1
        self.is_new = False

    # What goes wrong

    @rule(trouble=TROUBLES)
    def the_gateway_will_fail(self, trouble: Behaviour) -> None:
        self.gateway.always = trouble

    @rule(after=st.integers(1, 40))
    def a_workers_connection_will_be_cut(self, after: int) -> None:
        self.cut_at = after

    @rule(after=st.integers(1, 12))
    def a_verbs_connection_will_be_cut(self, after: int) -> None:
        self.call_cut_at = after

    # Who works

    @rule(days_later=st.sampled_from([0, 3]))
    def the_house_is_kept(self, days_later: int) -> None:
        """What was done three days ago goes, and makes no difference."""
        if days_later:
            self._pass(24 * days_later + 1)
        self.tally["jobs tidied away"] += self.run(self.housekeeping.tidy()).deleted
        self._compare_all()
        self.work()

    @rule()
    def the_worker_goes_away(self) -> None:
        self.worker_is_away = True

    @precondition(lambda self: self.worker_is_away)
    @rule()
    def only_the_jobs_are_done(self) -> None:
        """What they have decided is not sent."""
        self._process()
        self.work()

    def _process(self) -> None:
        self.run(self.processor.process_due())
        self.model.process(self.now())

    @precondition(lambda self: self.worker_is_away)
    @rule()
    def only_the_texts_leave(self) -> None:
        """What is due meanwhile is not done."""
        self.run(self._dispatch())
        self.model.dispatch(self.now())
        self.work()

    @precondition(lambda self: self.worker_is_away)
    @rule()
    def the_worker_comes_back(self) -> None:
        self.worker_is_away = False
        self.work()

    # What people and clients do

    def _ends(self, days: list[int]) -> dict[int, datetime]:
        begins = self.now().replace(minute=30, second=0, microsecond=0)
        return {number: begins + timedelta(days=day, hours=2) for number, day in enumerate(days, start=1)}

    def _has_room(self) -> bool:
        return sum(not sync.is_over for sync in self.model.syncs) < MOST_AT_ONCE

    def _people(self, so_many: int, again: bool) -> list[str]:
        """Fresh contacts, or those of the last sync, if one of them can be texted."""
        if again and self.people and not self.model.stopped.issuperset(self.people[-1]):
            names = list(self.people[-1])
            self.tally["syncs of a crew before"] += 1
        else:
            names = [f"{name} {len(self.people)}" for name in NAMES[:so_many]]
        for name in names:
            if name not in self.contacts:
                self.numbers[name] = self.factory.phone_number()
                contact = self.factory.contact(self.organizer, name, phone_number=self.numbers[name])
                self.contacts[name] = self.run(contact)
        self.people.append(names)
        return names

    @precondition(lambda self: self._has_room())
    @rule(so_many=CREWS, again=AGAIN, goal=GOALS, days=DAYS)
    def an_organizer_starts_one(self, so_many: int, again: bool, goal: str, days: list[int]) -> None:
        names, ends = self._people(so_many, again), self._ends(days)
        crew = self.run(
            self.factory.crew(self.organizer, [self.contacts[name] for name in names], name=f"{len(self.ids)}")
        )
        plan = syncs.Plan(
            self.organizer, str(crew), "Board games", None, "America/New_York", ResponseGoal(goal),
            tuple((end - timedelta(hours=2), end) for end in ends.values()), id=uuid4(),
        )  # fmt: skip
        self.model.start(names, goal, ends, self.now())
        self._call(lambda connection: syncs.start(connection, plan, region="US"))
        self.ids.append(plan.id)
        self.work()

    @precondition(lambda self: self._has_room())
    @rule(so_many=CREWS, again=AGAIN, goal=GOALS, days=DAYS)
    def another_client_inserts_one(self, so_many: int, again: bool, goal: str, days: list[int]) -> None:
        names, ends = self._people(so_many, again), self._ends(days)

        async def insert() -> UUID:
            async with self.connection.transaction():
                id_ = await self.factory.insert(
                    "auto_syncs", organizer_id=self.organizer, event_name="Tea", timezone="America/New_York",
                    response_goal=goal, started_at=await self.factory.one("select autosync_now()"),
                )  # fmt: skip
                for number, end in ends.items():
                    await self.factory.option(id_, number, start=end - timedelta(hours=2))
                for name in names:
                    await self.factory.insert(
                        "auto_sync_messages", auto_sync_id=id_, contact_id=self.contacts[name], message_type="initial",
                        sent_at=await self.factory.one("select autosync_now()"),
                    )  # fmt: skip
            return id_

        self.model.insert(names, goal, ends, self.now())
        self.ids.append(self.run(insert()))
        self.work()

    @precondition(lambda self: any(self.people))
    @rule(place=PLACES, who=PLACES, numbers=NUMBERS)
    def somebody_texts_an_answer(self, place: int, who: int, numbers: frozenset[int]) -> None:
        self._answer(self._likely(place), who, numbers)

    @precondition(lambda self: any(self.people))
    @rule(place=PLACES, who=PLACES, words=UNREADABLE)
    def somebody_texts_what_nobody_can_read(self, place: int, who: int, words: str) -> None:
        self._answer(self._likely(place), who, words)

    def _likely(self, place: int) -> int:
        """Of which sync; mostly of one that has not ended."""
        live = [place for place, sync in enumerate(self.model.syncs) if not sync.is_over]
        return live[place % len(live)] if live and place < LIKELY else place % len(self.ids)

    def _answer(self, place: int, who: int, said: frozenset[int] | str) -> None:
        """One of the people of this sync texts, whichever ask it then answers: option numbers, or something else."""
        names = self.people[place]
        if not names:
            return
        name = names[who % len(names)]
        asks = self.model.asks_of(name)
        if len(asks) > 1:
            return
        numbers = None if isinstance(said, str) else said
        for sync, ask in asks:
            numbers = numbers and frozenset(numbers & sync.ends.keys())
            self.model.hear(sync, ask, numbers, self.now())
        words = said if isinstance(said, str) else " and ".join(map(str, sorted(numbers or ()))) or "none"
        self._receive(name, words)
        self.work()

    @precondition(lambda self: any(self.people))
    @rule(place=PLACES, who=PLACES, numbers=NUMBERS)
    def another_client_writes_an_answer(self, place: int, who: int, numbers: frozenset[int]) -> None:
        place = self._likely(place)
        sync, names = self.model.syncs[place], self.people[place]
        if not names:
            return
        name = names[who % len(names)]
        chosen = frozenset(numbers & sync.ends.keys())
        self.run(self.factory.connection.execute(ANSWER, {
            "sync": self.ids[place], "contact": self.contacts[name], "numbers": sorted(chosen),
            "type": "available" if chosen else "not_available",
        }))  # fmt: skip
        self.run(self.factory.do(TELL_THE_LEDGER, self.ids[place]))
        self.model.answer(sync, name, chosen, self.now())
        self.work()

    @precondition(lambda self: self.people)
    @rule(place=PLACES, who=PLACES)
    def somebody_says_stop(self, place: int, who: int) -> None:
        names = self.people[place % len(self.people)]
        if names:
            self._receive(names[who % len(names)], "STOP")
            self.model.stopped.add(names[who % len(names)])
            self.work()

    @precondition(lambda self: self.model.stopped)
    @rule(who=PLACES)
    def somebody_says_start(self, who: int) -> None:
        name = sorted(self.model.stopped)[who % len(self.model.stopped)]
        self._receive(name, "START")
        self.model.stopped.discard(name)
        self.work()

    def _receive(self, name: str, words: str) -> None:
        text = inbox.InboundText("record", uuid4().hex, self.numbers[name], words)
        self._call(lambda connection: inbox.receive(connection, text, region="US"))

    @precondition(lambda self: any(sync.status == "paused" for sync in self.model.syncs))
    @rule(which=PLACES)
    def the_organizer_reminds_again(self, which: int) -> None:
        place = self._one_of(which, "paused")
        self._call(lambda connection: syncs.remind(connection, self.ids[place]))
        self.model.remind_again(self.model.syncs[place], self.now())
        self.work()

    @precondition(lambda self: any(not sync.is_over for sync in self.model.syncs))
    @rule(which=PLACES)
    def the_organizer_sends_invites(self, which: int) -> None:
        place = self._one_of(which, "running", "paused")
        sync, now = self.model.syncs[place], self.now()
        ahead = [number for number, end in sync.ends.items() if end > now]
        if ahead:
            self._call(lambda connection: syncs.invite(connection, self.ids[place], ahead[0]))
            self.model.invite(sync, ahead[0])
            self.work()

    @precondition(lambda self: any(not sync.is_over for sync in self.model.syncs))
    @rule(which=PLACES, by_plain_sql=st.booleans())
    def the_organizer_stops_it(self, which: int, by_plain_sql: bool) -> None:
        place = self._one_of(which, "running", "paused")
        if by_plain_sql:
            self.run(self.factory.do("update auto_syncs set status = 'stopped' where id = %s", self.ids[place]))
        else:
            self._call(lambda connection: syncs.stop(connection, self.ids[place]))
        self.model.syncs[place].leave("stopped")
        self.work()

    @precondition(lambda self: any(sync.status == "running" for sync in self.model.syncs))
    @rule(which=PLACES)
    def another_client_pauses_it(self, which: int) -> None:
        self._pause(self._one_of(which, "running"))
        self.work()

    @precondition(lambda self: any(sync.status == "paused" for sync in self.model.syncs))
    @rule(which=PLACES)
    def another_client_lets_it_run_again(self, which: int) -> None:
        self._let_run(self._one_of(which, "paused"))
        self.work()

    def _pause(self, place: int) -> None:
        self.run(self.factory.do("update auto_syncs set status = 'paused' where id = %s", self.ids[place]))
        self.model.syncs[place].leave("paused")

    def _let_run(self, place: int) -> None:
        self.run(self.factory.do("update auto_syncs set status = 'running' where id = %s", self.ids[place]))
        self.model.remind(self.model.syncs[place], self.now())

    @precondition(lambda self: any(not sync.is_over for sync in self.model.syncs))
    @rule(which=PLACES, hours=st.integers(-100, 100))
    def an_option_is_moved(self, which: int, hours: int) -> None:
        place = self._one_of(which, "running", "paused")
        end = self.now().replace(minute=30, second=0, microsecond=0) + timedelta(hours=hours)
        self.run(self.factory.do(
            "update auto_sync_options set start_time = %s, end_time = %s where auto_sync_id = %s and idx = 1",
            end - timedelta(hours=2), end, self.ids[place],
        ))  # fmt: skip
        self.model.move_option(self.model.syncs[place], 1, end)
        self.work()

    @precondition(lambda self: any(self.people))
    @rule(place=PLACES, who=PLACES)
    def a_contact_is_deleted(self, place: int, who: int) -> None:
        names = self.people[place % len(self.people)]
        if not names:
            return
        name = names[who % len(names)]
        self.people = [[other for other in those if other != name] for those in self.people]
        self.run(people.delete_contact(self.connection, self.organizer, self.contacts[name]))
        self.model.forget(name)
        self.model.stopped.discard(name)
        self.work()

    @precondition(lambda self: any(not sync.is_over for sync in self.model.syncs))
    @rule()
    def somebody_joins_the_crew(self) -> None:
        """Who joins later was not asked, and is not reminded."""
        self.run(self.factory.do(
            "insert into crew_members (crew_id, contact_id)"
            " select s.crew_id, c.id from auto_syncs s cross join contacts c where s.crew_id is not null"
            " on conflict do nothing"
        ))  # fmt: skip
        self.work()

    @rule(hours=st.sampled_from([1, 5, 12, 12, 24, 30, 36]))
    def time_passes(self, hours: int) -> None:
        self._pass(hours)

    def _pass(self, hours: int) -> None:
        # From nine o'clock sharp held texts are leaving, spread over twenty minutes; before it these are near.
        then = (self.now() + timedelta(hours=hours)).astimezone(NEW_YORK)
        hours += max(10 - then.hour, 0) if then.hour >= 8 else 0
        self.run(clock.move_ahead(self.connection, timedelta(hours=hours)))
        self.work()

    @precondition(lambda self: any(sync.reminder_at for sync in self.model.syncs))
    @rule(which=PLACES, night=st.booleans())
    def somebody_answers_between_a_reminder_and_its_text(self, which: int, night: bool) -> None:
        self._answer(self._decide_a_reminder(which, night), which, frozenset({1}))
        self._let_it_leave(night)

    @precondition(lambda self: any(sync.reminder_at for sync in self.model.syncs))
    @rule(which=PLACES, words=UNREADABLE)
    def somebody_is_unclear_before_and_after_a_reminder(self, which: int, words: str) -> None:
        place = self._decide_a_reminder(which, night=True)
        self._answer(place, which, words)
        self._let_it_leave(night=True)
        self._answer(place, which, words)

    @precondition(lambda self: any(sync.reminder_at for sync in self.model.syncs))
    @rule(which=PLACES, night=st.booleans())
    def it_is_paused_and_goes_on_between_a_reminder_and_its_text(self, which: int, night: bool) -> None:
        place = self._decide_a_reminder(which, night)
        if self.model.syncs[place].status == "running":
            self._pause(place)
            self.work()
            self._let_run(place)
            self.work()
        self._let_it_leave(night)

    @precondition(lambda self: self._has_room())
    @rule(so_many=CREWS, goal=GOALS, days=DAYS, goes_on=st.booleans())
    def one_is_paused_before_its_first_texts_leave(
        self, so_many: int, goal: str, days: list[int], goes_on: bool
    ) -> None:
        self._go_on_to(23, after=self.now())
        self.work()
        self.an_organizer_starts_one(so_many, again=False, goal=goal, days=days)
        place = len(self.ids) - 1
        self._pause(place)
        self.work()
        self._let_it_leave(night=True)
        if goes_on and self.model.syncs[place].status == "paused":
            self._let_run(place)
            self.work()

    def _decide_a_reminder(self, which: int, night: bool) -> int:
        """Of which sync; its texts are held for the night, or nobody is there to send them."""
        places = [place for place, sync in enumerate(self.model.syncs) if sync.reminder_at]
        place = places[which % len(places)]
        due = self.model.syncs[place].reminder_at
        assert due is not None
        self._go_on_to(23 if night else 12, after=max(due, self.now()))
        if night:
            self._catch_up()
        else:
            self.worker_is_away = True
            self._process()
        return place

    def _let_it_leave(self, night: bool) -> None:
        if night:
            self._go_on_to(10, after=self.now())
        self._catch_up()

    def _go_on_to(self, hour: int, *, after: datetime) -> None:
        """Moves the clock into the next such hour of New York after this moment.

        To another minute each time: what was done at one of them falls due a day later to the second, where the system
        and the model, whose moments are a little apart, might not be on the same side of it.
        """
        self.jumps += 1
        minute = 7 * self.jumps % 60
        then = after.astimezone(NEW_YORK).replace(hour=hour, minute=minute, second=0, microsecond=0)
        then += timedelta(days=then <= after)
        self.run(clock.move_ahead(self.connection, then - self.now()))

    def _one_of(self, which: int, *states: str) -> int:
        places = [place for place, sync in enumerate(self.model.syncs) if sync.status in states]
        return places[which % len(places)]


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_the_system_does_what_the_model_says(
    server_url: str, template: str, part: int, record_property: Callable[[str, object], None]
) -> None:
    tally: Counter[str] = Counter()

    @seed(PARTS * SEED + part)
    def start() -> System:
        return System(server_url, template, tally)

    try:
        run_state_machine_as_test(
            start,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                phases=PHASES,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as error:
        error.add_note(f"To live it again: AUTOSYNC_TEST_SEED={SEED} AUTOSYNC_TEST_STEPS={WANTED}")
        raise
    finally:
        record_property("tried: the model", {**tally, f"lives of seed {SEED}": tally["lives"]})
    assert tally["steps"] >= WANTED // PARTS, "some lives ended too early"


# Lives in which random ones have found something, and others that they seldom come to, each as short as can be


@pytest.fixture
def life(server_url: str, template: str) -> Iterator[System]:
    """One that a test goes through step by step; the ledger has the last word here, too."""
    system = System(server_url, template, Counter())
    yield system
    system.teardown()


def test_a_reminder_is_not_followed_by_a_pause_at_once_where_a_goal_was_met_and_is_no_more(life: System) -> None:
    life.an_organizer_starts_one(3, again=False, goal="critical_mass", days=[4, 5])
    life.the_worker_goes_away()
    life.time_passes(30)
    life.another_client_writes_an_answer(0, who=0, numbers=frozenset({1}))
    life.another_client_writes_an_answer(0, who=1, numbers=frozenset({1}))
    life.another_client_writes_an_answer(0, who=1, numbers=frozenset({2}))
    life.the_worker_comes_back()
    (sync,) = life.model.syncs
    assert (sync.status, [text.type for text in sync.texts].count("reminder")) == ("running", 1)


def test_a_reminder_that_waited_for_the_morning_gives_way_to_the_next_one(life: System) -> None:
    life.an_organizer_starts_one(2, again=False, goal="everyone", days=[4])
    life.it_is_paused_and_goes_on_between_a_reminder_and_its_text(0, night=True)
    (sync,) = life.model.syncs
    reminders = [text.status for text in sync.texts if text.type == "reminder"]
    assert sorted(reminders) == ["canceled", "canceled", "sent", "sent"]


def test_a_goal_that_is_met_before_a_second_round_has_begun_is_no_pause_that_comes_late(life: System) -> None:
    life.the_worker_goes_away()
    life.another_client_inserts_one(2, again=False, goal="everyone", days=[1, 2, 5])
    life.somebody_answers_between_a_reminder_and_its_text(0, night=True)
    life.the_house_is_kept(3)
    life.a_contact_is_deleted(0, who=0)
    life.the_worker_goes_away()
    life.the_organizer_reminds_again(0)
    life.another_client_writes_an_answer(0, who=0, numbers=frozenset())
    life.somebody_answers_between_a_reminder_and_its_text(0, night=True)
    (sync,) = life.model.syncs
    assert sync.status == "stopped"


def test_a_report_that_waits_for_the_morning_does_not_leave_once_the_organizer_has_decided(life: System) -> None:
    life.an_organizer_starts_one(2, again=False, goal="everyone", days=[6])
    life.time_passes(25)
    life._go_on_to(23, after=life.now() + timedelta(hours=24))
    life.work()
    (sync,) = life.model.syncs
    assert sync.status == "paused"
    life.the_organizer_reminds_again(0)
    for who in (0, 1):
        life.another_client_writes_an_answer(0, who=who, numbers=frozenset({1}))
    life._let_it_leave(night=True)
    reports = {text.type: text.status for text in sync.texts if text.type in ("pause_summary", "goal_met")}
    assert reports == {"pause_summary": "canceled", "goal_met": "sent"}


def test_somebody_who_answers_while_their_reminder_waits_for_the_morning_does_not_get_it(life: System) -> None:
    life.an_organizer_starts_one(2, again=False, goal="everyone", days=[4])
    life.somebody_answers_between_a_reminder_and_its_text(0, night=True)
    (sync,) = life.model.syncs
    assert sorted((text.to, text.status) for text in sync.texts if text.type == "reminder") == [
        ("Ann 0", "canceled"),
        ("Ben 0", "sent"),
    ]


@pytest.mark.parametrize("goes_on", [False, True])
def test_first_texts_wait_for_as_long_as_their_sync_is_paused(life: System, goes_on: bool) -> None:
    life.one_is_paused_before_its_first_texts_leave(2, goal="everyone", days=[4], goes_on=goes_on)
    (sync,) = life.model.syncs
    first = {text.status for text in sync.texts if text.type == "initial"}
    assert first == ({"sent"} if goes_on else {"queued"})
