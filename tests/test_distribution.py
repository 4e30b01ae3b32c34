"""Past one server: what a job or a text runs stays with its sync, and the tables can be spread by it.

The rules of distributed tables are Citus's, held by stand-ins for two of its functions on a plain PostgreSQL: they say
whether the keys allow it, not how a cluster behaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from asked import statements_asked
from autosync import inbox, syncs
from autosync.database import events
from autosync.database.pool import Connection, Pool
from autosync.database.statements import statement
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.model import Delivery
from autosync.processor import Processor
from distribution import strays
from factories import Factory, at_noon

ROOT = Path(__file__).parents[1]
DISTRIBUTE = ROOT / "deploy/citus/distribute.sql"
CLAIM = ROOT / "deploy/citus/claim_due_jobs.sql"
SQL = ROOT / "src/autosync/database/sql"

ACROSS = {
    "count_due_jobs": "says how much is left, of all syncs",
    "give_up_stale_claims": "looks for what crashed, whosever it is",
    "claim_unknown_texts": "takes the next look-ups, whosever they are",
    "load_taken": "compares the gateway's ids of all texts to a number",
    "give_up_stale_events": "looks for what crashed, whosever it is",
    "claim_due_events": "takes the next events, whosever they are; each is marked on its node",
    "lock_unknown_texts": "settles the look-ups to a number one after the other",
}
"""The statements on a job's or a text's way that ask all nodes, and why."""
IN_SLICES = {"claim_due_jobs": "job_queue", "claim_queued_texts": "auto_sync_messages"}
"""The claims: each finds its syncs by joining them, and is to be done slice by slice."""

# Every unique key has the sync's id, and what a table refers to is on the same node.
CITUS: LiteralString = """
create table citus_placement (relation regclass primary key, by_column text);

create function create_reference_table(relation regclass) returns void language plpgsql as $$
begin
  if exists (
    select from pg_constraint c
    where c.contype = 'f' and c.conrelid = $1 and c.confrelid <> $1
      and c.confrelid not in (select p.relation from citus_placement p)
  ) then
    raise exception '% refers to a table that is not on every node', $1;
  end if;
  insert into citus_placement values ($1, null);
end $$;

create function create_distributed_table(relation regclass, by_column text, colocate_with text default 'default')
returns void language plpgsql as $$
declare
  place smallint := (select a.attnum from pg_attribute a where a.attrelid = $1 and a.attname = $2);
  key record;
begin
  for key in
    select i.indexrelid::regclass as name from pg_index i
    where i.indrelid = $1 and i.indisunique and not place = any(i.indkey::smallint[])
  loop
    raise exception '% of % lacks %', key.name, $1, $2;
  end loop;
  insert into citus_placement values ($1, $2);
  for key in
    select c.conname as name from pg_constraint c
    left join citus_placement t on t.relation = c.confrelid
    left join pg_attribute a on a.attrelid = c.confrelid and a.attname = t.by_column
    where c.contype = 'f' and c.conrelid = $1
      and (
        t.relation is null
        or t.by_column is not null and not (place = any(c.conkey) and a.attnum = any(c.confkey))
      )
  loop
    raise exception '% of % refers to another node', key.name, $1;
  end loop;
end $$;
"""
LOCAL_TO_DISTRIBUTED: LiteralString = """
select c.conrelid::regclass::text, c.conname from pg_constraint c
join citus_placement t on t.relation = c.confrelid and t.by_column is not null
where c.contype = 'f' and not exists (select from citus_placement p where p.relation = c.conrelid)
"""


def distribute(url: str, script: str) -> None:
    """Runs the script as it is, against the stand-ins."""
    with psycopg.connect(url) as connection:
        connection.execute(CITUS)
        connection.execute(script.encode())
        assert connection.execute(LOCAL_TO_DISTRIBUTED).fetchall() == []


def make_dispatcher(pool: Pool) -> Dispatcher:
    gateway = RecordGateway()
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")


async def live_through_everything(factory: Factory, pool: Pool) -> UUID:
    """A start, an answer, reminders, a pause, invites, texts that leave, fail and are looked up; and a poison job."""
    await at_noon(factory)
    sync, over, poisoned = await factory.sync(), await factory.sync(), await factory.sync()
    processor, dispatcher = Processor(pool=pool), make_dispatcher(pool)
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    await inbox.receive(factory.connection, inbox.InboundText("record", uuid4().hex, number, "1"), region="US")
    await factory.do("update auto_syncs set timezone = 'Nowhere' where id = %s", poisoned.id)
    await factory.do(
        "update auto_sync_options set start_time = now() - interval '2 h', end_time = now() - interval '1 h'"
        " where auto_sync_id = %s", over.id,
    )  # fmt: skip
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, body, cause_id, status, sent_at,"
        " send_after, claimed_at, attempt, phone_number, gateway) select %s, %s, 'initial', 'Tea?', gen_random_uuid(),"
        " 'sending', null, autosync_now(), now() - interval '1 hour', 1, %s, 'record'",
        sync.id, sync.contacts[0], number,
    )  # fmt: skip
    for minutes in (6, 6):
        await factory.move_clock(minutes=minutes)
        await processor.process_due()
        await dispatcher.dispatch_due()
    await dispatcher.look_up_once()
    await factory.move_clock(hours=24)
    await factory.do(
        "insert into google_calendar_tokens (user_id, access_token) values (%s, 'a token')", sync.organizer
    )
    await syncs.invite(factory.connection, sync.id, 1)
    await dispatcher.dispatch_due()
    await events.give_up_stale(factory.connection)
    (claimed,), told = await events.claim(factory.connection, limit=10)
    assert claimed.sync_id in told
    await events.record(factory.connection, claimed, events.Result(Delivery.SENT, 0))
    return sync.id


def names_of(asked: list[str]) -> set[str]:
    """Which files these statements are in."""
    files = {str(statement(file.stem)): file.stem for file in SQL.glob("*.sql")}
    return {files[query] for query in asked if query in files}


async def test_every_statement_of_a_job_or_a_text_names_its_syncs(
    factory: Factory, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at_noon(factory)
    with statements_asked(monkeypatch) as asked:
        await live_through_everything(factory, pool)
    of_engine = names_of(asked) - OF_PEOPLE
    assert {"claim_due_jobs", "queue_texts", "mark_sending", "record_results", "record_failed_attempts"} <= of_engine
    assert {"load_event_facts", "lock_events", "record_event"} <= of_engine
    astray = {name: strays(statement(name).decode()) for name in sorted(of_engine)}
    assert {name for name, tables in astray.items() if tables} == ACROSS.keys() & of_engine
    for name in IN_SLICES:
        assert name in of_engine, name
    assert ACROSS.keys() <= of_engine, "a statement that is no longer asked needs no excuse"


OF_PEOPLE = {"find_asks", "next_due_at"}


@pytest.mark.parametrize(
    ("query", "astray"),
    [
        ("select 1 from job_queue as j where j.id = %(id)s", {"job_queue"}),
        ("select 1 from job_queue as j where j.sync_id = %(sync_id)s", set()),
        ("select 1 from job_queue where sync_id = any(%(sync_ids)s::uuid[])", set()),
        ("select 1 from job_queue as j inner join auto_syncs as s on s.id = j.sync_id", set()),
        ("select 1 from job_queue as j inner join auto_syncs as s on s.organizer_id = j.id",
         {"job_queue", "auto_syncs"}),
        ("select 1 from unnest(%(ids)s::uuid[]) as w (sync_id) cross join lateral (select idx from auto_sync_options"
         " where auto_sync_id = w.sync_id offset 0) as o", set()),
        ("select exists (select from auto_sync_responses as r where r.contact_id = m.contact_id)"
         " from auto_sync_messages as m where m.auto_sync_id = %(sync_id)s", {"auto_sync_responses"}),
        ("select exists (select from auto_sync_responses as r where r.auto_sync_id = m.auto_sync_id)"
         " from auto_sync_messages as m where m.auto_sync_id = %(sync_id)s", set()),
        ("update auto_sync_messages as m set status = 'sent' where m.id = %(id)s", {"auto_sync_messages"}),
        ("update auto_sync_messages set status = 'sent' where auto_sync_id = %(id)s and id = %(id)s", set()),
        ("update job_queue as j set status = d.s from unnest(%(a)s::uuid[], %(b)s::text[]) as d (id, s)"
         " where j.id = d.id", {"job_queue"}),
        ("insert into job_queue (sync_id, job_type) values (%(sync_id)s, 'reminder_24h')", set()),
        ("delete from auto_sync_messages where id = %(id)s", {"auto_sync_messages"}),
    ],
)  # fmt: skip
def test_the_check_itself_finds_what_strays(query: str, astray: set[str]) -> None:
    assert strays(query) == astray


def test_the_keys_allow_the_tables_to_be_spread(direct_url: str) -> None:
    distribute(direct_url, DISTRIBUTE.read_text())


@pytest.mark.parametrize(
    ("left_out", "refusal"),
    [
        (
            "alter table public.job_queue drop constraint job_queue_pkey, add primary key (sync_id, id);",
            "job_queue_pkey",
        ),
        ("select create_reference_table('public.contacts');", "refers to a table that is not on every node"),
        ("select create_distributed_table('public.auto_syncs', 'id');", "refers to another node"),
    ],
)
def test_a_step_that_is_left_out_is_noticed(direct_url: str, left_out: str, refusal: str) -> None:
    script = DISTRIBUTE.read_text()
    assert left_out in script
    with pytest.raises(psycopg.Error, match=refusal):
        distribute(direct_url, script.replace(left_out, ""))


async def test_on_spread_tables_everything_goes_on_as_before(direct_url: str, factory: Factory, pool: Pool) -> None:
    distribute(direct_url, DISTRIBUTE.read_text())
    sync = await live_through_everything(factory, pool)
    assert await factory.one("select status::text from auto_syncs where id = %s", sync) == "completed"
    sent = dict(await factory.rows(
        "select message_type, count(*) from auto_sync_messages where auto_sync_id = %s and status = 'sent' and"
        " cause_id is not null group by 1", sync,
    ))  # fmt: skip
    assert sent | {"reminder": 2, "reminder_update": 1, "pause_summary": 1, "invite": 3} == sent


PARAMETERS: dict[str, Any] = {"limit": 1_000, "since": None, "job_ids": None}
TURNS = 1_000
"""Enough for one worker to have had each of the 64 slices, which it takes at random."""


@contextmanager
def claiming(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A transaction that ends as if its worker had been killed."""
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


async def due_jobs(factory: Factory, how_many: int) -> None:
    for _ in range(how_many):
        made = await factory.sync(invitees=0, options=0)
        await factory.make_due(made.id, "reminder_24h")


def claim(connection: psycopg.Connection[tuple[Any, ...]], query: bytes, **parameters: Any) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(query, PARAMETERS | parameters).fetchall())


async def test_slice_by_slice_the_same_jobs_are_claimed_with_the_same_columns(
    direct_url: str, factory: Factory
) -> None:
    await due_jobs(factory, 40)
    by_slices, columns = [], []
    with claiming(direct_url) as whole:
        cursor = whole.execute(statement("claim_due_jobs"), PARAMETERS)
        expected = sorted(cursor.fetchall())
        columns.append([column.name for column in cursor.description or ()])
    assert len(expected) == 40
    with claiming(direct_url) as worker:
        for _ in range(TURNS):
            cursor = worker.execute(CLAIM.read_bytes(), PARAMETERS)
            by_slices += cursor.fetchall()
            columns.append([column.name for column in cursor.description or ()])
    assert sorted(set(by_slices)) == expected
    assert all(names == columns[0] for names in columns)


async def test_two_workers_never_claim_the_same_slice_and_neither_waits(direct_url: str, factory: Factory) -> None:
    await due_jobs(factory, 20)
    with claiming(direct_url) as one, claiming(direct_url) as other:
        other.execute("set local lock_timeout = '1ms'")
        first: list[tuple[Any, ...]] = []
        second: list[tuple[Any, ...]] = []
        for _ in range(40):
            first += claim(one, CLAIM.read_bytes())
            second += claim(other, CLAIM.read_bytes())
        assert first
        assert second
        assert not {row[0] for row in first} & {row[0] for row in second}


async def test_a_claim_by_slices_holds_the_syncs_and_gives_the_first_job_of_each(
    direct_url: str, factory: Factory, connection: Connection
) -> None:
    made = await factory.sync(invitees=0, options=0)
    await factory.make_due(made.id, "reminder_24h", minutes=10)
    await factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at) values (%s, 'auto_end_check', now() - interval '1 h')",
        made.id,
    )  # fmt: skip
    with claiming(direct_url) as worker:
        claimed = {row for _ in range(TURNS) for row in claim(worker, CLAIM.read_bytes())}
        assert [row[1] for row in claimed] == ["auto_end_check"]
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await connection.execute("select from auto_syncs where id = %s for update nowait", [made.id])


async def test_a_claim_by_slices_takes_the_oldest_and_holds_to_its_bounds(
    direct_url: str, factory: Factory, connection: Connection
) -> None:
    made = await factory.sync(invitees=0, options=0)
    await factory.make_due(made.id, "reminder_24h", minutes=10)
    due = await factory.one("select scheduled_at from job_queue where sync_id = %s", made.id)
    ids = [await factory.one("select id from job_queue where sync_id = %s", made.id)]

    def claimed(**parameters: Any) -> int:
        with claiming(direct_url) as worker:
            return len({row for _ in range(TURNS) for row in claim(worker, CLAIM.read_bytes(), **parameters)})

    assert claimed(job_ids=ids) == 1
    assert claimed(job_ids=[uuid4()]) == 0
    assert claimed(since=due) == 1
    assert claimed(since=await factory.one("select %s::timestamptz + interval '1 second'", due)) == 0
