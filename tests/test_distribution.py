"""Past one server: what a job or a text runs stays with its sync, and the tables can be spread by it.

The rules of distributed tables are Citus's, held by stand-ins for two of its functions on a plain PostgreSQL, and by
what its documentation says it refuses: they say whether the keys allow it, not how a cluster behaves.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from asked import statements_asked
from autosync import inbox, syncs
from autosync.database import events, jobs, statements
from autosync.database.pool import Connection, Pool, left_alone, open_pool
from autosync.database.statements import statement
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.model import Delivery
from autosync.processor import Processor, Summary
from conftest import fresh_database
from distribution import SQL, functions_that_touch_syncs, named_in, parts_from_its_sync, refused, strays
from factories import Factory, MadeSync, at_noon
from waiting import until_waiting

ROOT = Path(__file__).parents[1]
DISTRIBUTE = ROOT / "deploy/citus/distribute.sql"
CLAIM = ROOT / "deploy/citus/claim_due_jobs.sql"
SCALING = ROOT / "docs/scaling.md"

MODULES = ("jobs", "messages", "syncs", "events", "answers", "questions")
"""What has the statements that a job, a text, an event, an answer or an organizer's text runs."""

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


def told(heading: str) -> dict[str, str]:
    """The first table under a heading of the page: each statement that it names, with the reason beside it."""
    section = re.search(rf"(?ms)^#+ {heading}$(.*?)(?=^#+ |\Z)", SCALING.read_text())
    assert section is not None, heading
    rows = [row.strip("|").split("|") for row in re.findall(r"(?m)^\|.*`.*\|$", section[1])]
    named = [(name, reason.strip()) for names, reason in rows for name in re.findall(r"`(\w+)`", names)]
    assert len(dict(named)) == len(named), "each once"
    return dict(named)


def text_of(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()


def test_every_statement_on_jobs_texts_syncs_events_and_answers_names_its_syncs_or_is_told_with_the_reason() -> None:
    all_of_them = named_in(*MODULES)
    assert {"claim_due_jobs", "pause_syncs", "is_sending_for_sync", "record_event", "save_answers"} <= all_of_them
    across = {name for name in all_of_them if strays(text_of(name))}
    excused = told("Statements that ask all nodes")
    assert across == excused.keys()
    assert all(len(reason) > 20 for reason in excused.values())


def test_the_two_claims_join_what_they_take_to_its_sync() -> None:
    for name in ("claim_due_jobs", "claim_queued_texts"):
        assert not parts_from_its_sync(text_of(name)), name


def test_what_citus_says_that_it_refuses_is_told() -> None:
    found = {name: refused(text_of(name)) for name in named_in(*MODULES)}
    told_of = told("Statements that Citus refuses")
    assert {name for name, reasons in found.items() if reasons} == told_of.keys()
    for name, reason in told_of.items():
        assert {"row locks" if "row locks" in found[name] else "volatile"} == {
            word for word in ("row locks", "volatile") if word in reason
        }, name
    assert refused(CLAIM.read_text()) == set(), "the claim that is put in place of one of them"


async def test_what_a_life_asks_of_the_tables_is_among_them_or_names_its_syncs(
    factory: Factory, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with statements_asked(monkeypatch) as asked:
        await live_through_everything(factory, pool)
    names = names_of(asked)
    assert {"claim_due_jobs", "queue_texts", "mark_sending", "record_results", "record_failed_attempts"} <= names
    assert {"load_event_facts", "lock_events", "record_event", "find_asks"} <= names
    assert {name: astray for name in names - named_in(*MODULES) if (astray := strays(text_of(name)))} == {}


@pytest.mark.parametrize(
    ("query", "astray"),
    [
        ("select 1 from job_queue as j where j.id = %(id)s", {"job_queue"}),
        ("select 1 from job_queue as j where j.sync_id = %(sync_id)s", set()),
        ("select 1 from job_queue where sync_id = any(%(sync_ids)s::uuid[])", set()),
        ("select 1 from job_queue as j inner join auto_syncs as s on s.id = j.sync_id", {"job_queue", "auto_syncs"}),
        ("select 1 from job_queue as j inner join auto_syncs as s on s.id = j.sync_id where s.id = %(id)s", set()),
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
        ("select 1 from job_queue where sync_id = %(sync_id)s or %(sync_id)s is null", {"job_queue"}),
        ("select 1 from job_queue where not sync_id = %(sync_id)s", {"job_queue"}),
        ("select sync_id = %(sync_id)s from job_queue", {"job_queue"}),
        ("select 1 from (select id from auto_syncs where id = %(id)s for no key update) as s", set()),
        ("select public.auto_sync_put_back_jobs(%(limit)s)", {"auto_sync_put_back_jobs"}),
        ("select public.autosync_now()", set()),
    ],
)  # fmt: skip
def test_the_check_itself_finds_what_strays(query: str, astray: set[str]) -> None:
    assert strays(query) == astray


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("select 1 from job_queue where sync_id = any(%(ids)s::uuid[]) for update skip locked", {"row locks"}),
        ("select 1 from job_queue where sync_id = %(id)s for update", set()),
        ("select 1 from auto_syncs as s inner join job_queue as j on j.sync_id = s.id where s.id = %(id)s"
         " for share of s", set()),
        ("select 1 from auto_syncs as s inner join job_queue as j on j.sync_id = s.id for share of s", {"row locks"}),
        ("select 1 from contacts for update", set()),
        ("update auto_sync_messages set claimed_at = clock_timestamp() where auto_sync_id = %(id)s", {"volatile"}),
        ("update auto_sync_messages set claimed_at = now() where auto_sync_id = %(id)s", set()),
        ("select clock_timestamp() from auto_sync_messages where auto_sync_id = %(id)s", set()),
    ],
)  # fmt: skip
def test_the_check_itself_finds_what_citus_refuses(query: str, reasons: set[str]) -> None:
    assert refused(query) == reasons


def test_the_check_knows_functions_that_touch_syncs_also_through_others() -> None:
    assert {
        "auto_sync_put_back_jobs",
        "auto_sync_requeue_events",
        "jobs_follow_options",
    } <= functions_that_touch_syncs()
    assert not {"autosync_now", "autosync_number_hash"} & functions_that_touch_syncs()


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


# The claim that is put in place of the project's own


@contextmanager
def claiming_by_slices(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The project's SQL as it is where deploy/citus/claim_due_jobs.sql was copied over the file of that name."""
    shutil.copytree(SQL, folder / "sql")
    shutil.copy(CLAIM, folder / "sql")
    with monkeypatch.context() as patched:
        patched.setattr(statements, "files", lambda _package: folder)
        statement.cache_clear()
        try:
            assert statement("claim_due_jobs") == CLAIM.read_bytes()
            yield
        finally:
            statement.cache_clear()


@pytest.fixture
def by_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with claiming_by_slices(tmp_path, monkeypatch):
        yield


@pytest.fixture
def other_url(server_url: str, template: str) -> Iterator[str]:
    """Another migrated database without rows."""
    yield from fresh_database(server_url, template)


REMAINS = (
    "select s.status::text, s.last_reminder_sent_at is not null from auto_syncs s order by s.created_at",
    "select s.event_name, j.job_type, j.status, j.error_message, count(f.*) from auto_syncs s"
    " join job_queue j on j.sync_id = s.id left join job_failures f on f.job_id = j.id"
    " group by s.id, j.id order by s.created_at, 2, 3",
    "select s.event_name, m.message_type, c.first_name, m.status, m.status_reason, m.body is null from auto_syncs s"
    " join auto_sync_messages m on m.auto_sync_id = s.id left join contacts c on c.id = m.contact_id"
    " order by s.created_at, 2, 3, 4, 6",
    "select e.status, e.delivery, e.sequence from auto_sync_events e",
)


async def what_remains(factory: Factory) -> list[list[tuple[Any, ...]]]:
    """Everything that a life has come to, but for ids, moments, and the words in which they are told."""
    return [await factory.rows(query) for query in REMAINS]


async def test_with_the_other_claim_a_whole_life_comes_to_the_same(
    factory: Factory, pool: Pool, other_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live_through_everything(factory, pool)
    async with open_pool(other_url) as other, other.connection() as connection:
        with claiming_by_slices(tmp_path, monkeypatch), statements_asked(monkeypatch) as asked:
            await live_through_everything(Factory(connection), other)
        there = await what_remains(Factory(connection))
    here = await what_remains(factory)
    assert asked.count(str(CLAIM.read_bytes())) > 5
    assert sum(map(len, here)) > 25
    assert there == here


async def due_syncs(factory: Factory, how_many: int, **columns: Any) -> list[MadeSync]:
    """Syncs without options whose reminders are due, the first one's longest."""
    organizer = await factory.organizer()
    made = [await factory.sync(organizer=organizer, invitees=1, options=0, **columns) for _ in range(how_many)]
    for place, sync in enumerate(made):
        await factory.make_due(sync.id, "reminder_24h", minutes=how_many - place)
    return made


@pytest.mark.parametrize(("batch_size", "processors"), [(1, 1), (7, 1), (7, 4), (500, 2)])
async def test_with_the_other_claim_a_backlog_is_worked_off_to_its_end_and_each_job_once(
    factory: Factory, pool: Pool, by_slices: None, batch_size: int, processors: int
) -> None:
    await due_syncs(factory, 60)
    working = [Processor(pool=pool, batch_size=batch_size) for _ in range(processors)]
    done = await asyncio.gather(*(processor.process_due() for processor in working))
    assert sum(summary.processed for summary in done) == 60
    assert await jobs.count_due(factory.connection) == 0
    texts = "select message_type, count(*), count(distinct auto_sync_id) from auto_sync_messages group by 1 order by 1"
    assert await factory.rows(texts) == [("initial", 60, 60), ("reminder", 60, 60), ("reminder_update", 60, 60)]


async def test_with_the_other_claim_a_poison_job_is_set_apart(factory: Factory, pool: Pool, by_slices: None) -> None:
    await due_syncs(factory, 10)
    await due_syncs(factory, 2, event_name="poison")
    await factory.refuse_poison()
    assert await Processor(pool=pool).process_due() == Summary(processed=10, retried=2, messages=20)


async def test_with_the_other_claim_one_due_job_is_found_at_once_among_all_slices(
    factory: Factory, pool: Pool, by_slices: None
) -> None:
    for _ in range(5):
        await due_syncs(factory, 1)
        assert (await Processor(pool=pool).process_once()).jobs == 1


PARAMETERS: dict[str, Any] = {"limit": 1_000, "since": None, "job_ids": None, **left_alone()}


@contextmanager
def claiming(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A transaction that ends as if its worker had been killed."""
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def claim(
    connection: psycopg.Connection[tuple[Any, ...]], query: bytes = CLAIM.read_bytes(), **parameters: Any
) -> Sequence[tuple[Any, ...]]:
    return connection.execute(query, PARAMETERS | parameters).fetchall()


@pytest.mark.parametrize("limit", [1, 7, 40, 1_000])
async def test_both_claims_give_the_same_rows_with_the_same_columns(
    direct_url: str, factory: Factory, limit: int
) -> None:
    await due_syncs(factory, 40)
    with claiming(direct_url) as connection:
        ours = connection.execute(statement("claim_due_jobs"), PARAMETERS)
        everything = ours.fetchall()
    with claiming(direct_url) as connection:
        theirs = connection.execute(CLAIM.read_bytes(), PARAMETERS | {"limit": limit})
        rows = theirs.fetchall()
    assert [column.name for column in theirs.description or ()] == [column.name for column in ours.description or ()]
    assert [column.type_code for column in theirs.description or ()] == [
        column.type_code for column in ours.description or ()
    ]
    assert set(rows) <= set(everything)
    assert 1 <= len(rows) <= limit
    assert rows == sorted(rows, key=lambda row: row[-1]), "oldest first"
    assert rows[0] == everything[0], "the oldest of all"
    if limit >= 40:
        assert rows == everything


async def test_two_workers_share_a_backlog_and_neither_waits(direct_url: str, factory: Factory) -> None:
    await due_syncs(factory, 60)
    with claiming(direct_url) as one, claiming(direct_url) as other:
        other.execute("set local lock_timeout = '1ms'")
        first, second = claim(one, limit=10), claim(other, limit=10)
    assert 5 <= len(first) <= 10
    assert 5 <= len(second) <= 10
    assert not {row[2] for row in first} & {row[2] for row in second}


async def test_what_one_worker_has_in_its_slices_no_other_finds(direct_url: str, factory: Factory) -> None:
    await due_syncs(factory, 20)
    with claiming(direct_url) as one, claiming(direct_url) as other:
        assert len(claim(one)) == 20
        assert claim(other) == []
    with claiming(direct_url) as other:
        assert len(claim(other)) == 20


async def test_the_other_claim_holds_syncs_and_jobs(direct_url: str, factory: Factory, connection: Connection) -> None:
    [made] = await due_syncs(factory, 1)
    with claiming(direct_url) as worker:
        assert len(claim(worker)) == 1
        for query in ("select from auto_syncs where id = %s", "select from job_queue where sync_id = %s"):
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await connection.execute(f"{query} for update nowait", [made.id])


async def test_what_became_of_a_job_while_the_other_claim_waited_is_seen(
    direct_url: str, factory: Factory, pool: Pool, by_slices: None
) -> None:
    stopped, free = await due_syncs(factory, 2)
    async with pool.connection() as organizer, pool.connection() as worker:
        async with organizer.transaction():
            await syncs.stop(organizer, stopped.id)
            claimed = asyncio.create_task(jobs.claim_due(worker, limit=10))
            await until_waiting(factory.connection, worker)
        assert [job.sync_id for job in await claimed] == [free.id]


async def test_the_other_claim_takes_only_what_it_was_told_to(direct_url: str, factory: Factory) -> None:
    syncs_ = await due_syncs(factory, 3)
    ids = [await factory.one("select id from job_queue where sync_id = %s", sync.id) for sync in syncs_]
    with claiming(direct_url) as worker:
        assert [row[0] for row in claim(worker, job_ids=ids[1:])] == ids[1:]
    with claiming(direct_url) as worker:
        assert claim(worker, job_ids=[uuid4()]) == []
