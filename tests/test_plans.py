"""The hot statements read no more rows than their batch, whatever the planner knows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync.database.pool import left_alone
from autosync.database.statements import statement
from autosync.processor import BATCH_SIZE

Connection = psycopg.Connection[tuple[Any, ...]]

FUTURE, FINISHED, DUE = 20_000, 20_000, 2_000
OPTIONS, INVITEES, ANSWERS = 3, 4, 2
"""Of each sync."""

TABLES = (
    "profiles", "contacts", "auto_syncs", "auto_sync_options", "auto_sync_messages", "auto_sync_responses", "job_queue",
    "auto_sync_suppressions", "auto_sync_events",
)  # fmt: skip

# Every hundredth organizer is somebody's first; syncs 1 to DUE are due, the others in some hours. Triggers are off.
SMALL_ROWS: LiteralString = """
insert into auth.users (id) select md5('user' || n)::uuid from generate_series(1, 200) n;
insert into profiles (id, first_name) select md5('user' || n)::uuid, 'Maya' from generate_series(1, 200) n;
insert into contacts (id, user_id, first_name)
select md5('contact' || n)::uuid, md5('user' || n % 200 + 1)::uuid, 'Ann' || n from generate_series(0, 19999) n;
"""

BULK: LiteralString = """
insert into auto_syncs (id, organizer_id, event_name, status)
select md5('sync' || n)::uuid, md5('user' || n % 200 + 1)::uuid, 'Tea', 'running'
from generate_series({first}, {last}) n;

insert into auto_sync_options (id, auto_sync_id, idx, start_time)
select md5('option' || n || ' ' || i)::uuid, md5('sync' || n)::uuid, i, now() + interval '500 hours'
from generate_series({first}, {last}) n, generate_series(1, {options}) i;

insert into auto_sync_messages (auto_sync_id, contact_id, message_type)
select md5('sync' || n)::uuid, md5('contact' || (n * 7 + i) % 20000)::uuid, 'initial'
from generate_series({first}, {last}) n, generate_series(1, {invitees}) i;

insert into auto_sync_messages (auto_sync_id, contact_id, message_type, status, body, sent_at, send_after)
select
  md5('sync' || n)::uuid, md5('contact' || (n * 7) % 20000)::uuid, 'reminder', 'queued', 'Still waiting for you', null,
  now() + interval '1 second' * (n - {due} - 1)
from generate_series({first}, {last}) n;

insert into auto_sync_responses (auto_sync_id, contact_id, response_type)
select md5('sync' || n)::uuid, md5('contact' || (n * 7 + i) % 20000)::uuid, 'not_available'
from generate_series({first}, {last}) n, generate_series(1, {answers}) i;

insert into auto_sync_suppressions (number_hash, phone_number, suppressed_at, source, reason)
select autosync_number_hash('+1212' || 5550000 + n), '+1212' || 5550000 + n, now(), 'inbound', 'STOP'
from generate_series({first}, {last}) n;

insert into auto_sync_events (
  sync_id, organizer_id, option_id, over_at, status, delivery, next_attempt_at, changed_at
)
select
  md5('sync' || n)::uuid, md5('user' || n % 200 + 1)::uuid, md5('option' || n || ' 1')::uuid,
  now() + interval '500 hours', 'confirmed', case when n % 2 = 0 then 'sent' else 'queued' end,
  now() + interval '1 second' * (n - {due} - 1), now()
from generate_series({first}, {last}) n;

insert into job_queue (sync_id, job_type, scheduled_at)
select md5('sync' || n)::uuid, 'reminder_24h', now() + interval '1 second' * (n - {due} - 1)
from generate_series({first}, {last}) n;

insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at)
select
  md5('sync' || n)::uuid, 'pause_check_48h', now() - interval '1 minute' * n, 'processed',
  now() - interval '72 hours' + interval '1 second' * (n - {due} - 1)
from generate_series({first}, least({last}, {finished})) n;
"""


def fill(connection: Connection, first: int, last: int) -> None:
    amounts = {"options": OPTIONS, "invitees": INVITEES, "answers": ANSWERS, "due": DUE, "finished": FINISHED}
    literals = {name: sql.Literal(value) for name, value in {"first": first, "last": last, **amounts}.items()}
    connection.execute(sql.SQL(BULK).format(**literals))


@pytest.fixture(scope="module", params=["fresh", "never-analyzed", "from-an-early-day"])
def url(request: pytest.FixtureRequest, server_url: str, template: str) -> Iterator[str]:
    """A busy database whose statistics are fresh, missing, or from a day on which it was nearly empty."""
    name = f"plans_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        made = make_conninfo(server_url, dbname=name)
        with psycopg.connect(made, autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            for table in TABLES:
                connection.execute(
                    sql.SQL("alter table {} set (autovacuum_enabled = off)").format(sql.Identifier(table))
                )
            connection.execute(SMALL_ROWS)
            fill(connection, 1, 50)
            if request.param == "from-an-early-day":
                connection.execute("analyze")
            fill(connection, 51, FUTURE + DUE)
            if request.param == "fresh":
                connection.execute("analyze")
        yield made
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A transaction in that database, rolled back at the end; as the pool's, it prepares nothing."""
    with psycopg.connect(url, prepare_threshold=None) as opened, opened.transaction(force_rollback=True):
        yield opened


@dataclass(frozen=True, slots=True)
class Plan:
    """What a statement did: rows read by table (dead ends included), entries read from indexes into bitmaps, indexes
    used, pages touched."""

    rows_read: dict[str, int]
    bitmap_entries: int
    indexes: set[str]
    pages: int
    returned: int
    text: str


def explain(connection: Connection, name: str, **parameters: Any) -> Plan:
    query = b"explain (analyze, format json, buffers, timing off) " + statement(name)
    row = connection.execute(query, parameters | left_alone()).fetchone()
    assert row is not None
    root = row[0][0]["Plan"]
    rows_read: dict[str, float] = {}
    indexes: set[str] = set()
    bitmap_entries = 0.0
    for node in nodes(root):
        if "Index Name" in node:
            indexes.add(node["Index Name"])
        if node["Node Type"] == "Bitmap Index Scan":
            bitmap_entries += node["Actual Rows"] * node["Actual Loops"]
        if "Relation Name" in node and node["Node Type"] != "ModifyTable":
            removed = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Index Recheck"))
            read = (node["Actual Rows"] + removed) * node["Actual Loops"]
            rows_read[node["Relation Name"]] = rows_read.get(node["Relation Name"], 0) + read
    rows_read.pop("auto_sync_settings", None)  # the clock
    return Plan(
        {table: round(read) for table, read in rows_read.items()},
        round(bitmap_entries),
        indexes,
        root["Shared Hit Blocks"] + root["Shared Read Blocks"],
        round(root["Actual Rows"]),
        str(row[0]),
    )


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from nodes(child)


def batch_of_syncs(connection: Connection, size: int) -> list[Any]:
    """Ids of due syncs, as a batch of jobs names them."""
    return [id_ for (id_,) in connection.execute("select md5('sync' || n)::uuid from generate_series(1, %s) n", [size])]


PAGES_TO_BEGIN = 250
"""The first statement of a connection reads the catalogs."""

PAGES_A_ROW = 12
"""A lookup goes down an index of two or three levels to a page of the table; some are locked, which counts again."""


def assert_bounded(plan: Plan, *, by: dict[str, int], indexes: set[str]) -> None:
    assert plan.rows_read.keys() == by.keys(), plan.text
    for table, bound in by.items():
        assert plan.rows_read[table] <= bound, f"{table}: {plan.text}"
    assert indexes <= plan.indexes, plan.text
    assert plan.bitmap_entries <= sum(by.values()), plan.text
    assert plan.pages <= PAGES_TO_BEGIN + PAGES_A_ROW * sum(by.values()), plan.text


@pytest.mark.parametrize("batch", [1, 50, BATCH_SIZE])
def test_the_fetch_of_due_jobs_reads_its_batch(connection: Connection, batch: int) -> None:
    plan = explain(connection, "claim_due_jobs", limit=batch, job_ids=None, since=None)

    assert plan.returned == batch
    assert_bounded(
        plan, by={"job_queue": batch, "auto_syncs": batch, "profiles": max(batch, 200)}, indexes={"idx_job_queue_due"}
    )


def test_the_fetch_of_chosen_jobs_reads_those(connection: Connection) -> None:
    chosen = connection.execute("select id from job_queue where status = 'pending' order by scheduled_at limit 3")
    job_ids = [id_ for (id_,) in chosen]

    plan = explain(connection, "claim_due_jobs", limit=3, job_ids=job_ids, since=None)

    assert plan.returned == 3
    assert plan.rows_read["job_queue"] == plan.rows_read["auto_syncs"] == 3, plan.text
    assert "job_queue_pkey" in plan.indexes, plan.text


def test_jobs_in_other_hands_are_passed_over_at_the_cost_of_a_look(url: str, connection: Connection) -> None:
    with psycopg.connect(url) as other, other.transaction(force_rollback=True):
        explain(other, "claim_due_jobs", limit=BATCH_SIZE, job_ids=None, since=None)

        plan = explain(connection, "claim_due_jobs", limit=50, job_ids=None, since=None)

    read = BATCH_SIZE + 50
    assert plan.returned == 50
    assert_bounded(plan, by={"job_queue": read, "auto_syncs": read, "profiles": read}, indexes={"idx_job_queue_due"})


def test_a_claim_that_begins_where_the_last_one_ended_does_not_wade_through_what_is_done(
    connection: Connection,
) -> None:
    """What is done stays in the index for as long as somebody's snapshot, here our own, may still want it."""
    taken = connection.execute(
        """with done as (
          update job_queue set status = 'processed', processed_at = now()
          where id in (select id from job_queue where status = 'pending' order by scheduled_at limit %s)
          returning scheduled_at
        ) select max(scheduled_at) from done""",
        [DUE - 60],
    ).fetchone()
    assert taken is not None

    wanted = {"limit": 50, "job_ids": None}
    from_the_first = explain(connection, "claim_due_jobs", **wanted, since=None)
    from_the_last = explain(connection, "claim_due_jobs", **wanted, since=taken[0])
    again_from_the_first = explain(connection, "claim_due_jobs", **wanted, since=None)

    assert from_the_first.returned == from_the_last.returned == 50
    assert from_the_last.pages < again_from_the_first.pages, "what is done is passed over"
    read = 50 + 1
    assert_bounded(
        from_the_last, by={"job_queue": read, "auto_syncs": read, "profiles": 200}, indexes={"idx_job_queue_due"}
    )


@pytest.mark.parametrize("batch", [1, 50, BATCH_SIZE])
def test_the_invitees_of_a_batch_are_read_by_its_syncs(connection: Connection, batch: int) -> None:
    plan = explain(connection, "load_invitees", sync_ids=batch_of_syncs(connection, batch))

    invitees = batch * INVITEES
    assert plan.returned == batch, "one row a sync"
    assert_bounded(
        plan,
        by={
            "auto_sync_messages": invitees + batch,  # each sync has one other text
            "contacts": invitees,
            "auto_sync_responses": 3 * invitees,  # where found by contact: with what they answered to other syncs
            "auto_sync_suppressions": invitees,
        },
        indexes={"idx_auto_sync_messages_auto_sync_id"},
    )


@pytest.mark.parametrize("batch", [1, 50, BATCH_SIZE])
def test_the_options_of_a_batch_are_read_by_its_syncs(connection: Connection, batch: int) -> None:
    plan = explain(connection, "load_options", sync_ids=batch_of_syncs(connection, batch))

    assert plan.returned == batch, "one row a sync"
    assert_bounded(plan, by={"auto_sync_options": batch * OPTIONS}, indexes={"auto_sync_options_auto_sync_id_idx_key"})


@pytest.mark.parametrize("batch", [1, 50, BATCH_SIZE])
def test_the_claim_of_queued_texts_reads_its_batch(connection: Connection, batch: int) -> None:
    plan = explain(connection, "claim_queued_texts", limit=batch, since=None)

    assert plan.returned == batch
    assert_bounded(
        plan,
        by={"auto_sync_messages": batch, "auto_syncs": batch, "auto_sync_sending_pauses": 0},
        indexes={"idx_auto_sync_messages_queued"},
    )


def test_a_claim_of_texts_that_begins_where_the_last_one_ended_does_not_wade_through_what_has_left(
    connection: Connection,
) -> None:
    taken = connection.execute(
        """with gone as (
          update auto_sync_messages set status = 'sent', sent_at = now()
          where id in (
            select id from auto_sync_messages where status = 'queued' order by coalesce(turn_at, send_after) limit 1000
          )
          returning coalesce(turn_at, send_after) as turn
        ) select max(turn) from gone"""
    ).fetchone()
    assert taken is not None

    explain(connection, "claim_queued_texts", limit=50, since=None)
    from_the_last = explain(connection, "claim_queued_texts", limit=50, since=taken[0])
    from_the_first = explain(connection, "claim_queued_texts", limit=50, since=None)

    assert from_the_first.returned == from_the_last.returned == 50
    assert from_the_last.pages < from_the_first.pages, "what has left is passed over"
    read = 50 + 1
    assert_bounded(
        from_the_last,
        by={"auto_sync_messages": read, "auto_syncs": read, "auto_sync_sending_pauses": 0},
        indexes={"idx_auto_sync_messages_queued"},
    )


@pytest.mark.parametrize("other_clients", [0, 99, 100])
def test_the_gateway_of_the_latest_texts_is_found_among_the_last_hundred(
    connection: Connection, other_clients: int
) -> None:
    connection.execute(
        """with latest as (
          select id, row_number() over (order by id) as place from auto_sync_messages
          where sent_at is not null limit 200
        )
        update auto_sync_messages m
        set sent_at = now() + (200 - l.place) * interval '1 second', gateway = case when l.place > %s then 'twilio' end
        from latest l where l.id = m.id""",
        [other_clients],
    )

    plan = explain(connection, "find_last_gateway")

    assert plan.returned == (1 if other_clients < 100 else 0)
    assert_bounded(plan, by={"auto_sync_messages": 100}, indexes={"idx_auto_sync_messages_sent_at"})


@pytest.mark.parametrize("batch", [1, 50, BATCH_SIZE])
def test_who_of_a_batch_has_opted_out_is_found_by_the_hashes_of_its_numbers(connection: Connection, batch: int) -> None:
    numbers = [f"+1212{5_550_000 + n}" for n in range(1, batch + 1)]

    plan = explain(connection, "load_suppressed", phone_numbers=numbers)

    assert plan.returned == batch
    assert_bounded(plan, by={"auto_sync_suppressions": batch}, indexes={"auto_sync_suppressions_pkey"})


@pytest.mark.parametrize("batch", [1, 50, BATCH_SIZE])
def test_the_cleanup_reads_its_batch(connection: Connection, batch: int) -> None:
    plan = explain(connection, "delete_finished_jobs", limit=batch)

    # Each is found, and looked up once more to be deleted.
    assert_bounded(plan, by={"job_queue": 2 * batch}, indexes={"idx_job_queue_cleanup"})
    assert connection.execute("select count(*) from job_queue where status = 'processed'").fetchone() == (
        FINISHED - batch,
    )


@pytest.mark.parametrize("batch", [1, 50, 500])
def test_the_claim_of_due_events_reads_its_batch(connection: Connection, batch: int) -> None:
    plan = explain(connection, "claim_due_events", limit=batch)

    assert plan.returned == batch
    # Each is found, and looked up once more to be marked.
    assert_bounded(
        plan,
        by={"auto_sync_events": 2 * batch, "auto_sync_calendars": batch},
        indexes={"idx_auto_sync_events_due", "auto_sync_events_pkey"},
    )


@pytest.mark.parametrize("batch", [1, 50, 500])
def test_what_events_tell_is_read_by_their_syncs(connection: Connection, batch: int) -> None:
    option_ids = connection.execute("select md5('option' || n || ' 1')::uuid from generate_series(1, %s) n", [batch])
    organizers = connection.execute(
        "select md5('user' || n %% 200 + 1)::uuid from generate_series(1, %s) n", [batch]
    ).fetchall()

    plan = explain(
        connection,
        "load_event_facts",
        sync_ids=batch_of_syncs(connection, batch),
        option_ids=[id_ for (id_,) in option_ids],
        owner_ids=[id_ for (id_,) in organizers],
        organizer_ids=list({id_ for (id_,) in organizers}),
    )

    assert plan.returned == batch
    assert_bounded(
        plan,
        by={
            "auto_syncs": batch,
            "profiles": max(batch, 200),
            "auto_sync_options": OPTIONS * batch,
            "auto_sync_messages": (INVITEES + 1) * batch,
            "contacts": INVITEES * batch,
            "auto_sync_suppressions": INVITEES * batch,
        },
        indexes={"auto_syncs_pkey", "idx_auto_sync_messages_auto_sync_id"},
    )


def test_what_became_of_an_event_is_recorded_by_its_id_and_its_place_in_the_queue_is_known_at_once(
    connection: Connection,
) -> None:
    (sync_id,) = batch_of_syncs(connection, 1)
    connection.execute("update auto_sync_events set delivery = 'sending' where sync_id = %s", [sync_id])
    recorded: dict[str, Any] = {
        "sync_id": sync_id, "attempt": 0, "sequence": 0, "delivery": "sent", "known_sequence": 0, "in_doubt": False,
        "reason": None, "pause": None, "is_failing": False, "forget_calendar": False, "is_disconnected": False,
        "calendar_id": None, "has_begun": True,
    }  # fmt: skip

    record, following = explain(connection, "record_event", **recorded), explain(connection, "next_event_at")

    assert_bounded(record, by={"auto_sync_events": 1}, indexes={"auto_sync_events_pkey"})
    assert_bounded(following, by={"auto_sync_events": 1}, indexes={"idx_auto_sync_events_due"})


def test_an_invitees_page_reads_one_row_of_each_table(connection: Connection) -> None:
    (message_id,) = (
        connection.execute("select id from auto_sync_messages where status = 'queued' limit 1").fetchone() or ()
    )

    plan = explain(connection, "load_invitation", message_id=message_id)

    # An answer that is found by its contact comes with what they answered to other syncs.
    assert plan.returned == 1
    assert_bounded(
        plan,
        by={
            "auto_sync_messages": 1,
            "contacts": 1,
            "auto_syncs": 1,
            "auto_sync_responses": 3 * ANSWERS,
            "auto_sync_events": 1,
        },
        indexes={"auto_sync_messages_pkey", "contacts_pkey", "auto_syncs_pkey", "auto_sync_events_pkey"},
    )


def test_the_times_that_an_organizer_has_taken_are_read_by_their_own_syncs(connection: Connection) -> None:
    (organizer,) = connection.execute("select md5('user7')::uuid").fetchone() or ()
    own = (FUTURE + DUE) // 200

    span = {"begins": datetime(2020, 1, 1, tzinfo=UTC), "ends": datetime(2090, 1, 1, tzinfo=UTC)}
    plan = explain(connection, "list_taken_times", organizer_id=organizer, open_end=timedelta(hours=2), **span)

    assert plan.returned == own * OPTIONS
    assert_bounded(
        plan,
        by={"auto_syncs": own, "auto_sync_options": own * OPTIONS},
        indexes={"idx_auto_syncs_organizer_status", "auto_sync_options_auto_sync_id_idx_key"},
    )


@pytest.mark.parametrize("bag", [1, 20, 100])
def test_whose_asks_a_bag_of_texts_answers_is_found_by_their_numbers(connection: Connection, bag: int) -> None:
    connection.execute(
        "update contacts set phone_number = '+1212' || 5550000 + substring(first_name from 4)::integer"
        " where id in (select md5('contact' || n)::uuid from generate_series(0, %s) n)", [bag - 1],
    )  # fmt: skip
    numbers = [f"+1212{5_550_000 + n}" for n in range(bag)]

    plan = explain(connection, "find_asks", phone_numbers=numbers)

    assert plan.returned == bag
    texts = bag * 3 * (INVITEES + 1)  # of all the syncs that a contact was asked in
    assert_bounded(
        plan,
        by={"auto_sync_messages": texts, "contacts": bag, "auto_syncs": texts},
        indexes={"idx_contacts_phone_number", "idx_auto_sync_messages_contact_id"},
    )


@pytest.mark.parametrize("batch", [1, 20, 100])
def test_the_claim_of_texts_in_doubt_reads_its_batch(connection: Connection, batch: int) -> None:
    connection.execute("""
        update auto_sync_messages set status = 'unknown', claimed_at = now() - interval '1 hour', gateway = 'twilio',
          phone_number = '+1212' || lpad((extract(epoch from send_after)::bigint % 9999999)::text, 7, '5')
        where message_type = 'reminder'""")

    claimed = explain(connection, "claim_unknown_texts", limit=batch, lease=timedelta(minutes=1))
    given_up = explain(connection, "give_up_stale_claims", lease=timedelta(minutes=1))

    assert claimed.returned == batch
    assert claimed.rows_read["auto_sync_messages"] <= 8 * batch, claimed.text
    assert "idx_auto_sync_messages_unknown" in claimed.indexes, claimed.text
    assert_bounded(given_up, by={"auto_sync_messages": 0}, indexes={"idx_auto_sync_messages_sending"})


@pytest.mark.parametrize("batch", [1, 20, 100])
def test_what_was_looked_up_is_settled_by_the_numbers_that_it_went_to(connection: Connection, batch: int) -> None:
    connection.execute(
        "update auto_sync_messages set status = 'unknown', send_after = now(), gateway = 'twilio',"
        " phone_number = '+1212' || lpad((extract(epoch from send_after)::bigint % 9999999)::text, 7, '5')"
        " where message_type = 'reminder'"
    )
    numbers = [
        number
        for (number,) in connection.execute(
            "select phone_number from auto_sync_messages where message_type = 'reminder' order by id limit %s", [batch]
        )
    ]

    locked = explain(connection, "lock_unknown_texts", phone_numbers=numbers)
    taken = explain(connection, "load_taken", phone_numbers=numbers, gateway_message_ids=["SM1", "SM2"])

    assert locked.returned == batch
    for plan in (locked, taken):
        assert plan.rows_read["auto_sync_messages"] <= 2 * batch, plan.text
        assert "idx_auto_sync_messages_phone_number" in plan.indexes, plan.text


@pytest.mark.parametrize("name", ["find_invitees", "resolve_asks"])
@pytest.mark.parametrize("bag", [1, 20, 100])
def test_what_people_were_asked_in_their_syncs_is_found_by_sync_or_contact(
    connection: Connection, bag: int, name: str
) -> None:
    pairs = [
        (row[0], row[1])
        for row in connection.execute(
            "select md5('sync' || n)::uuid, md5('contact' || (n * 7 + 1) %% 20000)::uuid from generate_series(1, %s) n",
            [bag],
        )
    ]

    plan = explain(
        connection, name, sync_ids=[sync for sync, _ in pairs], contact_ids=[contact for _, contact in pairs]
    )

    assert plan.rows_read.keys() == {"auto_sync_messages"}, plan.text
    assert plan.rows_read["auto_sync_messages"] <= bag * 3 * (INVITEES + 1), plan.text
    assert plan.indexes & {"idx_auto_sync_messages_auto_sync_id", "idx_auto_sync_messages_contact_id"}, plan.text


JOBS = "select id, sync_id from job_queue where status = 'pending' order by scheduled_at limit %s"
TEXTS = "select id, auto_sync_id from auto_sync_messages where status = 'queued' order by send_after limit %s"
SYNCS = "select md5('sync' || n)::uuid, md5('sync' || n)::uuid from generate_series(1, %s) n"

# Statement, table, the rows of a batch, the name of their ids, and what is written of each.
WRITES = [
    ("finish_jobs", "job_queue", JOBS, "job_ids", {"statuses": "processed", "reasons": None}),
    ("postpone_jobs", "job_queue", JOBS, "job_ids", {"scheduled_at": datetime(2031, 1, 1, tzinfo=UTC)}),
    ("mark_reminded", "auto_syncs", SYNCS, "sync_ids", {}),
    ("pause_syncs", "auto_syncs", SYNCS, "sync_ids", {}),
    ("stop_syncs", "auto_syncs", SYNCS, "sync_ids", {}),
    ("mark_sending", "auto_sync_messages", TEXTS, "message_ids", {"phone_numbers": "+12125550100"}),
    ("close_texts", "auto_sync_messages", TEXTS, "message_ids", {"statuses": "canceled", "reasons": "x"}),
]


@pytest.mark.parametrize("name, table, rows, ids, written", [pytest.param(*case, id=case[0]) for case in WRITES])
@pytest.mark.parametrize("batch", [1, BATCH_SIZE])
def test_what_a_batch_writes_it_finds_by_its_ids(
    connection: Connection, batch: int, name: str, table: str, rows: LiteralString, ids: str, written: dict[str, Any]
) -> None:
    chosen = connection.execute(rows, [batch]).fetchall()
    parameters: dict[str, Any] = {"sync_ids": [sync for _, sync in chosen], "gateway": "record", "taken_by": "desk:1"}
    parameters |= {ids: [id_ for id_, _ in chosen]} | {column: [value] * batch for column, value in written.items()}

    plan = explain(connection, name, **parameters)

    assert plan.rows_read == {table: batch}, plan.text
    # A sync has one pending job of a type, so the index that keeps it so is as good as the primary key.
    assert plan.indexes & {f"{table}_pkey", "idx_job_queue_one_pending"}, plan.text
