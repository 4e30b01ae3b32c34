"""A crash between any two steps of every verb that writes: done again by whoever asked, the result is as without it.

A step is a round trip to a real database. They are counted in a life without a crash, so that a new step is tried as
well. At each one the process is killed just before it, or loses the answer to it; then the verb is called once more, as
a worker, a webhook's sender or a person would, and everything that it has written is compared.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from autosync import contacts, inbox, mailbag, operations, privacy, syncs
from autosync.database import migrate, sessions
from autosync.database.answers import Ask
from autosync.database.pool import Connection, connect, open_pool
from autosync.doctor.snapshot import as_text, read_whole
from autosync.housekeeping import Housekeeping
from autosync.model import Refused, ResponseGoal
from autosync.processor import Processor
from conftest import fresh_database
from factories import Factory, lay_production_schema, lay_stand_in
from round_trips import Crash, Mortals, RoundTrips

BEGINS = datetime.now(UTC).replace(hour=22, minute=0, second=0, microsecond=0) + timedelta(days=20)
SAME_TIME = timedelta(minutes=10).total_seconds()
"""Two lives are not lived at the same moment; a wrong schedule is further off."""
ALREADY = (Refused, psycopg.errors.UniqueViolation)
"""What a verb says the second time if it had come to its end the first time, as its callers know."""

Run = Callable[..., Awaitable[Any]]
Prepare = Callable[[Factory, UUID], Awaitable[list[str]]]
RUNS: dict[str, tuple[Run, Prepare]] = {}


def verb(prepare: Prepare) -> Callable[[Run], Run]:
    """Adds a verb: how its scene is made for an organizer, which gives the arguments that it is called with."""

    def add(run: Run) -> Run:
        RUNS[run.__name__] = (run, prepare)
        return run

    return add


async def asked(factory: Factory, organizer: UUID, *, status: str = "running", **columns: Any) -> UUID:
    """A sync of three, who were asked; Ann can make the first option."""
    sync = await factory.sync(organizer=organizer, invitees=3, options=0, **columns)
    sync.options = [await factory.option(sync.id, n, start=BEGINS + timedelta(days=n)) for n in (1, 2)]
    await factory.answer(sync, sync.contacts[0], 1)
    if status == "paused":
        await factory.do("update auto_syncs set status = 'paused', paused_at = autosync_now() where id = %s", sync.id)
    return sync.id


async def running(factory: Factory, organizer: UUID) -> list[str]:
    return [str(await asked(factory, organizer))]


async def paused(factory: Factory, organizer: UUID) -> list[str]:
    return [str(await asked(factory, organizer, status="paused"))]


async def with_a_crew(factory: Factory, organizer: UUID) -> list[str]:
    people = [await factory.contact(organizer, name) for name in ("Ann", "Ben", "Chloe")]
    return [str(organizer), str(await factory.crew(organizer, people)), str(uuid4())]


async def with_due_jobs(factory: Factory, organizer: UUID) -> list[str]:
    """A reminder, a pause check and an end that are due, and a reminder of a sync that is paused."""
    for job_type in ("reminder_24h", "pause_check_48h", "auto_end_check"):
        sync = await asked(factory, organizer, event_name=job_type)
        if job_type == "pause_check_48h":
            await factory.do("update job_queue set job_type = %s where sync_id = %s and job_type = 'reminder_24h'",
                             job_type, sync)  # fmt: skip
        if job_type == "auto_end_check":
            await factory.do(
                "update auto_sync_options set start_time = now() - interval '2 h', end_time = now() - interval '1 h'"
                " where auto_sync_id = %s", sync,
            )  # fmt: skip
        await factory.make_due(sync, job_type)
    idle = await asked(factory, organizer, status="paused", event_name="paused")
    await factory.insert(
        "job_queue", sync_id=idle, job_type="reminder_24h", scheduled_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    return []


async def with_jobs_that_fail(factory: Factory, organizer: UUID) -> list[str]:
    """Three reminders that are due: the database refuses one for the fifth time, one is as it should be, and the rules
    refuse one."""
    # What earlier lives have left to be tried again would be due meanwhile.
    await factory.do("delete from auto_syncs")
    with suppress(psycopg.errors.DuplicateFunction):
        await factory.refuse_poison()
    for minutes, event_name, timezone in ((3, "poison", "UTC"), (2, "fine", "UTC"), (1, "nowhere", "Nowhere")):
        sync = await asked(factory, organizer, event_name=event_name, timezone=timezone)
        await factory.make_due(sync, "reminder_24h", minutes=minutes)
    await factory.do(
        "insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message)"
        " select j.id, n, now(), j.scheduled_at, 'As before.' from job_queue j join auto_syncs s on s.id = j.sync_id,"
        " generate_series(1, 4) n where event_name = 'poison' and job_type = 'reminder_24h'"
    )
    return []


async def number_of(factory: Factory, sync: UUID, name: str) -> str:
    """An invitee's, who was asked at it."""
    await factory.do("update auto_sync_messages set phone_number = (select phone_number from contacts where id ="
                     " contact_id) where auto_sync_id = %s and contact_id is not null", sync)  # fmt: skip
    number: str = await factory.one(
        "select c.phone_number from auto_sync_messages m join contacts c on c.id = m.contact_id"
        " where m.auto_sync_id = %s and c.first_name = %s", sync, name,
    )  # fmt: skip
    return number


async def with_an_ask(factory: Factory, organizer: UUID) -> list[str]:
    """An invitee's number to write from; the text is told apart by the gateway's id."""
    return [await number_of(factory, await asked(factory, organizer), "Ben"), uuid4().hex]


async def with_asks(factory: Factory, organizer: UUID) -> list[str]:
    """Three invitees' numbers."""
    sync = await asked(factory, organizer)
    return [uuid4().hex, *[await number_of(factory, sync, name) for name in ("Ann", "Ben", "Chloe")]]


async def with_a_page(factory: Factory, organizer: UUID) -> list[str]:
    """What the invitee's link says: the sync, the first text, the contact."""
    sync = await asked(factory, organizer)
    (row,) = await factory.rows(
        "select auto_sync_id, m.id, contact_id from auto_sync_messages m join contacts c on c.id = m.contact_id"
        " where auto_sync_id = %s and first_name = 'Ben'", sync,
    )  # fmt: skip
    return [str(id_) for id_ in row]


async def with_a_stop(factory: Factory, organizer: UUID) -> list[str]:
    """Somebody who was asked, and has said stop since."""
    number, id_ = await with_an_ask(factory, organizer)
    await factory.suppress(number)
    return [number, id_]


async def with_an_end(factory: Factory, organizer: UUID) -> list[str]:
    """Somebody who was asked, and has not answered before the sync was stopped."""
    sync = await asked(factory, organizer)
    await factory.do("update auto_syncs set status = 'stopped', stopped_at = autosync_now() where id = %s", sync)
    return [await number_of(factory, sync, "Ben"), uuid4().hex]


async def with_a_report(factory: Factory, organizer: UUID) -> list[str]:
    """The organizer's number, at which the report of the pause has arrived."""
    sync = await asked(factory, organizer, status="paused")
    number = await factory.one("select phone_number from profiles where id = %s", organizer)
    await factory.insert(
        "auto_sync_messages", auto_sync_id=sync, message_type="pause_summary", body="What now?", cause_id=uuid4(),
        phone_number=number,
    )  # fmt: skip
    return [number, uuid4().hex]


async def with_a_question(factory: Factory, organizer: UUID) -> list[str]:
    """The same, and the question for which option to invite."""
    number, id_ = await with_a_report(factory, organizer)
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, message_type, body, cause_id, phone_number, sent_at)"
        " select auto_sync_id, 'choose_option', 'Which?', id, phone_number, sent_at + interval '1 second'"
        " from auto_sync_messages where message_type = 'pause_summary' and phone_number = %s", number,
    )  # fmt: skip
    return [number, id_]


async def with_leftovers(factory: Factory, organizer: UUID) -> list[str]:
    """Jobs that were done long ago, one that another client left in hand, a reminder that could not be written with its
    sync, and a session that is over."""
    sync = await asked(factory, organizer)
    for days in range(4, 9):
        await factory.insert(
            "job_queue", sync_id=sync, job_type="reminder_24h", status="processed",
            scheduled_at=BEGINS - timedelta(days=60 + days), processed_at=BEGINS - timedelta(days=50 + days),
        )  # fmt: skip
    await factory.insert(
        "job_queue", sync_id=sync, job_type="pause_check_48h", status="processing",
        scheduled_at=datetime.now(UTC) - timedelta(hours=2),
    )  # fmt: skip
    owed = await asked(factory, organizer, event_name="owed")
    await factory.do("delete from job_queue where sync_id = %s and job_type = 'reminder_24h'", owed)
    await factory.do("insert into auto_sync_missing_reminders (sync_id, error_message) values (%s, 'Full.')", owed)
    await sessions.insert_session(
        factory.connection, uuid4().bytes, role="organizer", organizer_id=organizer, lives=timedelta(days=-1)
    )
    return []


async def with_a_known_contact(factory: Factory, organizer: UUID) -> list[str]:
    """An address book that holds one of those who will be brought in."""
    await factory.contact(organizer, "Ann", phone_number="+12125550111")
    return [str(organizer)]


async def with_a_failed_job(factory: Factory, organizer: UUID) -> list[str]:
    """A reminder that was given up."""
    sync = await asked(factory, organizer)
    await factory.do(
        "update job_queue set status = 'failed', error_message = 'It raised.', processed_at = autosync_now()"
        " where sync_id = %s and job_type = 'reminder_24h'", sync,
    )  # fmt: skip
    return []


async def with_somebody_named(factory: Factory, organizer: UUID) -> list[str]:
    """An invitee who has not answered, and a report that says so and has not left."""
    sync = await asked(factory, organizer)
    await factory.do("update job_queue set job_type = 'pause_check_48h', scheduled_at = autosync_now()"
                     " where sync_id = %s and job_type = 'reminder_24h'", sync)  # fmt: skip
    async with open_pool(factory.connection.info.dsn, size=2) as pool:
        await Processor(pool=pool).process_due()
    ((id_,),) = await factory.rows("select id from contacts where user_id = %s and first_name = 'Ben'", organizer)
    return [str(id_)]


@verb(with_a_crew)
async def start(url: str, organizer: str, crew: str, id_: str) -> None:
    plan = syncs.Plan(
        UUID(organizer), crew, "Board games", "Luna Cafe", "America/New_York", ResponseGoal.EVERYONE,
        ((BEGINS, None), (BEGINS + timedelta(days=1), BEGINS + timedelta(days=1, hours=2))), id=UUID(id_),
    )  # fmt: skip
    async with connect(url) as connection:
        await syncs.start(connection, plan, region="US")


@verb(paused)
async def remind(url: str, sync: str) -> None:
    async with connect(url) as connection:
        await syncs.remind(connection, UUID(sync))


@verb(running)
async def invite(url: str, sync: str) -> None:
    async with connect(url) as connection:
        await syncs.invite(connection, UUID(sync), 1)


@verb(running)
async def stop(url: str, sync: str) -> None:
    async with connect(url) as connection:
        await syncs.stop(connection, UUID(sync))


@verb(with_due_jobs)
async def process(url: str) -> None:
    async with open_pool(url, size=2) as pool:
        await Processor(pool=pool).process_due()


@verb(with_jobs_that_fail)
async def process_what_fails(url: str) -> None:
    await process(url)


async def receive(url: str, number: str, id_: str, words: str) -> None:
    async with connect(url) as connection:
        await inbox.receive(connection, inbox.InboundText("twilio", id_, number, words), region="US")


@verb(with_an_ask)
async def receive_an_answer(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "1 and 2 work")


@verb(with_an_ask)
async def receive_what_is_unclear(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "7")


@verb(with_an_ask)
async def receive_a_stop(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "STOP")


@verb(with_a_stop)
async def receive_a_start(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "START")


@verb(with_an_end)
async def receive_a_late_answer(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "2")


@verb(with_a_report)
async def receive_a_wish_to_remind(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "1")


@verb(with_a_report)
async def receive_a_wish_to_invite(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "2")


@verb(with_a_question)
async def receive_a_choice(url: str, number: str, id_: str) -> None:
    await receive(url, number, id_, "1")


@verb(with_asks)
async def receive_several(url: str, id_: str, *numbers: str) -> None:
    """As the webhook does: what is plain together, the rest one by one."""
    words = ("2", "none", "STOP")
    texts = [
        inbox.InboundText("twilio", f"{id_}{place}", number, body)
        for place, (number, body) in enumerate(zip(numbers, words, strict=True))
    ]
    async with connect(url) as connection:
        for text, taken in zip(texts, await mailbag.take(connection, texts, region="US"), strict=True):
            if taken is None:
                await inbox.receive(connection, text, region="US")


@verb(with_a_page)
async def answer_on_the_page(url: str, sync: str, message: str, contact: str) -> None:
    async with connect(url) as connection:
        await inbox.answer(connection, Ask(UUID(message), UUID(sync), UUID(contact)), [1])


@verb(with_a_known_contact)
async def bring_in_people(url: str, organizer: str) -> None:
    people = b"name,phone\nAnn,+12125550111\nBen,+12125550112\nChloe,+12125550113\n"
    async with connect(url) as connection:
        await contacts.import_address_book(
            connection, people, organizer_id=UUID(organizer), crew="Friends", region="US"
        )


@verb(with_a_failed_job)
async def run_again_what_failed(url: str) -> None:
    async with connect(url) as connection:
        await operations.retry_failed(connection, who="Olga")


@verb(with_somebody_named)
async def forget_somebody(url: str, contact: str) -> None:
    async with connect(url) as connection:
        whose = await privacy.of_contact(connection, UUID(contact), region="US")
        await privacy.delete(connection, whose, who="Olga")


@verb(with_leftovers)
async def clean_up(url: str) -> None:
    async with open_pool(url, size=2) as pool:
        await Housekeeping(pool=pool, batch_size=2).tidy()


async def run_verb(name: str, url: str, *args: str) -> None:
    """What the mortal process does."""
    await RUNS[name][0](url, *args)


# When the reminder is due is compared in the jobs; what names its minute differs from life to life.
STATE = """
select jsonb_build_object(
  'syncs', (
    select jsonb_agg(s order by s.event_name)
    from (
      select event_name, event_location, status, timezone, response_goal, paused_at is null, completed_at is null,
        stopped_at is null, last_reminder_sent_at is null,
        (select idx from auto_sync_options o where o.id::text = metadata ->> 'chosen_option_id') as chosen
      from auto_syncs where organizer_id = %(organizer)s
    ) s
  ),
  'options', (
    select jsonb_agg(o order by o.event_name, o.idx)
    from (
      select event_name, idx, start_time, end_time from auto_sync_options o
      join auto_syncs s on s.id = o.auto_sync_id where organizer_id = %(organizer)s and start_time > now()
    ) o
  ),
  'events', (
    select jsonb_agg(e order by e.event_name)
    from (
      select event_name, idx, sequence, e.status, delivery, known_sequence, in_doubt, attempt, reason
      from auto_sync_events e join auto_syncs s on s.id = e.sync_id left join auto_sync_options o on o.id = e.option_id
      where e.organizer_id = %(organizer)s
    ) e
  ),
  'jobs', (
    select jsonb_agg(j order by j.event_name, j.job_type, j.status, j.attempts, j.due_in)
    from (
      select event_name, job_type, j.status, j.error_message, j.processed_at is null as open, count(f.*) as attempts,
        extract(epoch from j.scheduled_at - autosync_now()) as due_in
      from job_queue j join auto_syncs s on s.id = j.sync_id left join job_failures f on f.job_id = j.id
      where organizer_id = %(organizer)s group by 1, 2, 3, 4, 5, j.id
    ) j
  ),
  'texts', (
    select jsonb_agg(m order by m.event_name, m.message_type, m.first_name)
    from (
      select event_name, message_type, first_name, m.status, status_reason, is_resolved, cause_id is null,
        regexp_replace(body, 'reminder on [^.]+', 'reminder on that day') as body,
        extract(epoch from m.send_after - autosync_now()) as due_in
      from auto_sync_messages m join auto_syncs s on s.id = m.auto_sync_id left join contacts c on c.id = m.contact_id
      where organizer_id = %(organizer)s
    ) m
  ),
  'answers', (
    select jsonb_agg(r order by r.event_name, r.first_name)
    from (
      select event_name, first_name, response_type,
        array(select idx from auto_sync_options o where o.id = any(option_ids) order by idx) as numbers
      from auto_sync_responses r join auto_syncs s on s.id = r.auto_sync_id join contacts c on c.id = r.contact_id
      where organizer_id = %(organizer)s
    ) r
  ),
  'came in', (
    select jsonb_agg(i order by i.body)
    from (
      select i.body, i.outcome, c.first_name, event_name
      from auto_sync_inbound i
      left join contacts c on c.id = i.contact_id left join auto_syncs s on s.id = i.auto_sync_id
      where i.phone_number in (
        select phone_number from contacts where user_id = %(organizer)s
        union select phone_number from profiles where id = %(organizer)s
      )
    ) i
  ),
  'people', (
    select jsonb_agg(p order by p.first_name)
    from (
      select first_name, array_agg(name) as crews
      from contacts c left join crew_members m on m.contact_id = c.id left join crews w on w.id = m.crew_id
      where user_id = %(organizer)s group by first_name
    ) p
  ),
  'by hand', (
    select jsonb_agg(h order by h.verb)
    from (
      select verb, count(*) from auto_sync_interventions i join auto_syncs s on s.id = i.sync_id
      where organizer_id = %(organizer)s group by verb
    ) h
  ),
  'said stop', (
    select count(*) from auto_sync_suppressions u
    join contacts c on c.phone_number = u.phone_number and c.user_id = %(organizer)s
  ),
  'sessions', (select count(*) from auto_sync_sessions where organizer_id = %(organizer)s),
  'reminders owed', (
    select count(*) from auto_sync_missing_reminders r join auto_syncs s on s.id = r.sync_id
    where organizer_id = %(organizer)s
  )
)
"""


def at_about_the_same_times(state: Any) -> Any:
    """What another life's state is equal to."""
    for each in [*(state["jobs"] or ()), *(state["texts"] or ())]:
        each["due_in"] = pytest.approx(each["due_in"], abs=SAME_TIME)
    return state


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    forker = Mortals()
    yield forker
    forker.close()


@dataclass
class Lives:
    """The same life again and again, each of an organizer of its own, and brought to its end after a crash."""

    factory: Factory
    mortals: Mortals
    trips: RoundTrips
    relayed: str
    direct: str

    async def live(self, name: str, crash: Crash | None = None, *, at: int = 0) -> Any:
        """What is there in the end."""
        run, prepare = RUNS[name]
        organizer = await self.factory.organizer()
        args = await prepare(self.factory, organizer)
        await self._first_time(name, args, crash, at)
        if crash is not None:
            with suppress(*ALREADY):
                await run(self.direct, *args)
        cursor = await self.factory.connection.execute(STATE, {"organizer": organizer})
        ((state,),) = await cursor.fetchall()
        return state

    async def _first_time(self, name: str, args: list[str], crash: Crash | None, at: int) -> None:
        self.trips.start(crash, at=at)
        await self.mortals.start("test_crash_points:run_verb", name, self.relayed, *args)
        ended = asyncio.create_task(self.mortals.ended())
        if crash is None:
            assert await ended == 0
            return
        crashed = asyncio.create_task(self.trips.crashed.wait())
        await asyncio.wait({ended, crashed}, return_when=asyncio.FIRST_COMPLETED)
        assert self.trips.crashed.is_set(), "it came to its end without this step"
        if crash is Crash.KILLED:
            self.mortals.kill()
        assert await ended in ((-9,) if crash is Crash.KILLED else (0, 1))
        await self.trips.over.wait()


@pytest.fixture
async def lives(factory: Factory, mortals: Mortals, direct_url: str) -> AsyncIterator[Lives]:
    trips = RoundTrips()
    async with trips.postgres(direct_url) as relayed:
        yield Lives(factory, mortals, trips, relayed, direct_url)


@pytest.mark.parametrize("name", RUNS)
async def test_a_crash_between_any_two_steps_of_a_verb_changes_nothing_in_the_end(
    name: str, lives: Lives, subtests: pytest.Subtests, record_property: Callable[[str, object], None]
) -> None:
    undisturbed = at_about_the_same_times(await lives.live(name))
    steps = list(lives.trips.steps)
    assert len(steps) >= 3
    tried = differences = 0
    for crash in Crash:
        for at, step in enumerate(steps, start=1):
            with subtests.test(msg=f"{crash} step {at} of {len(steps)}: {step}"):
                found = await lives.live(name, crash, at=at)
                tried, differences = tried + 1, differences + (found != undisturbed)
                assert found == undisturbed
    record_property("tried by verb: crash points", {name: tried, "differences": differences})


async def bring_up(url: str) -> None:
    """Another mortal's verb."""
    async with connect(url) as connection:
        await migrate.migrate(connection)


def lay_nothing(url: str) -> None:
    """An empty database stays so."""


def lay_production(url: str) -> None:
    """As production stood before this project: its tables, and rows in each."""
    lay_stand_in(url)
    lay_production_schema(url, with_queue=True)


EVERY_STEP = os.environ.get("AUTOSYNC_TEST_EVERY_MIGRATION_STEP", "") not in ("", "0")
"""From production's tables, too: some minutes more."""
APPLIED = "select version, name from supabase_migrations.schema_migrations order by 1"
OF_EACH_LIFE = ["processed_at", "inner_key", "outer_key"]
"""The moment, and what is random."""


async def applied_and_rows(connection: Connection) -> tuple[Any, ...]:
    """The migrations, and the rows of each table."""
    factory = Factory(connection)
    tables = await factory.rows("select tablename from pg_tables where schemaname = 'public' order by 1")
    query = sql.SQL("select to_jsonb(t) - %s::text[] as row from {} as t order by 1")
    rows = {
        table: await (await connection.execute(query.format(sql.Identifier(table)), [OF_EACH_LIFE])).fetchall()
        for (table,) in tables
    }
    return await factory.rows(APPLIED), rows


@pytest.mark.parametrize(
    ("lay", "every"),
    [
        pytest.param(lay_nothing, 1, id="from-nothing"),
        # Once in nearly every migration, each time at another of its steps, of which it has eleven or twelve.
        pytest.param(lay_production, 1 if EVERY_STEP else 13, id="from-production"),
    ],
)
async def test_a_crash_between_any_two_steps_of_migrating_changes_nothing_in_the_end(
    lay: Callable[[str], None],
    every: int,
    server_url: str,
    empty_database_url: str,
    mortals: Mortals,
    subtests: pytest.Subtests,
    record_property: Callable[[str, object], None],
) -> None:
    lay(empty_database_url)
    before = str(conninfo_to_dict(empty_database_url)["dbname"])
    trips = RoundTrips()

    async def live(crash: Crash | None = None, *, at: int = 0) -> tuple[Any, ...]:
        for url in fresh_database(server_url, before):
            async with trips.postgres(url) as relayed:
                trips.start(crash, at=at)
                await mortals.start("test_crash_points:bring_up", relayed)
                ended = asyncio.create_task(mortals.ended())
                if crash is not None:
                    await asyncio.wait_for(trips.crashed.wait(), 30)
                    mortals.kill()
                assert await ended == (0 if crash is None else -9)
                if crash is not None:
                    await trips.over.wait()
                    await bring_up(url)
            async with connect(url) as connection:
                found = *await applied_and_rows(connection), as_text(await read_whole(url))
        return found

    undisturbed = await live()
    steps = list(trips.steps)
    assert len(steps) > len(undisturbed[0])
    tried = differences = 0
    # An answer that is lost looks to the server like a death before the next step, and a migration takes a second.
    for at, step in list(enumerate(steps, start=1))[::every]:
        with subtests.test(msg=f"{Crash.KILLED} step {at} of {len(steps)}: {step}"):
            found = await live(Crash.KILLED, at=at)
            tried, differences = tried + 1, differences + (found != undisturbed)
            assert found == undisturbed
    record_property("tried by verb: crash points", {"migrate": tried, "differences": differences})
