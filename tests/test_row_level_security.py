"""Who may do what: every table, every role, every verb, on our own schema and on production's with its own policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from supabase_like import SORTS, migrated_database

VERBS = ("select", "insert", "update", "delete")

# What each may do to the owner's row: S select, I insert, U update, D delete. `other` is a signed-in person, too.
MATRIX = """
    table                    anon   owner  other  service_role
    profiles                 ----   SIU-   ----   SIUD
    contacts                 ----   SIUD   ----   SIUD
    crews                    ----   SIUD   ----   SIUD
    crew_members             ----   SIUD   ----   SIUD
    auto_syncs               ----   SIUD   ----   SIUD
    auto_sync_options        ----   SIUD   ----   SIUD
    auto_sync_responses      ----   S---   ----   SIUD
    auto_sync_messages       ----   S---   ----   SIUD
    google_calendar_tokens   ----   SIU-   ----   SIUD
    auto_sync_calendars      ----   SIU-   ----   SIUD
    auto_sync_events         ----   S---   ----   SIUD
    job_queue                ----   S---   ----   SIUD
    job_failures             ----   ----   ----   SIUD
    job_batches              ----   ----   ----   SIUD
    auto_sync_settings       ----   ----   ----   SIUD
    auto_sync_suppressions   ----   ----   ----   SIUD
    auto_sync_number_key     ----   ----   ----   S---
    auto_sync_inbound        ----   ----   ----   SIUD
    auto_sync_send_rates     ----   ----   ----   SIUD
    auto_sync_sending_pauses ----   ----   ----   SIUD
    auto_sync_interventions  ----   ----   ----   SI--
    auto_sync_wake_ups       ----   ----   ----   SIU-
    auto_sync_sign_ins       ----   ----   ----   SIUD
    auto_sync_sessions       ----   ----   ----   SIUD
    auto_sync_workers        ----   ----   ----   SIUD
    auto_sync_missing_reminders ----   ----   ----   SIUD
"""

OWNER, OTHER, NOBODY = uuid4(), uuid4(), uuid4()
SYNC, CREW, CONTACT, OPTION, JOB = (uuid4() for _ in range(5))
OTHERS_SYNC, OTHERS_CREW, OTHERS_CONTACT = (uuid4() for _ in range(3))

# The owner's row of each table. It is found again by its id, or by the columns in KEYS.
ROWS: dict[str, dict[str, Any]] = {
    "profiles": {"id": OWNER, "first_name": "Maya"},
    "contacts": {"id": CONTACT, "user_id": OWNER, "first_name": "Ann"},
    "crews": {"id": CREW, "creator_id": OWNER, "name": "Friends"},
    "crew_members": {"crew_id": CREW, "contact_id": CONTACT},
    "auto_syncs": {"id": SYNC, "organizer_id": OWNER, "crew_id": CREW, "event_name": "Tea"},
    "auto_sync_options": {"id": OPTION, "auto_sync_id": SYNC, "idx": 1, "start_time": "2030-01-01Z"},
    "auto_sync_responses": {
        "id": uuid4(), "auto_sync_id": SYNC, "contact_id": CONTACT, "response_type": "not_available"
    },
    "auto_sync_messages": {"id": uuid4(), "auto_sync_id": SYNC, "contact_id": CONTACT, "message_type": "initial"},
    "google_calendar_tokens": {"id": uuid4(), "user_id": OWNER, "access_token": "secret"},
    "auto_sync_calendars": {"user_id": OWNER, "calendar_ids": ["primary"]},
    "auto_sync_events": {
        "sync_id": SYNC, "organizer_id": OWNER, "option_id": OPTION, "over_at": "2030-01-01Z", "status": "confirmed",
        "delivery": "none", "changed_at": "2029-01-01Z"
    },
    "job_queue": {"id": JOB, "sync_id": SYNC, "job_type": "pause_check_48h", "scheduled_at": "2031-01-01Z"},
    "job_failures": {
        "job_id": JOB, "attempt": 1, "failed_at": "2026-01-01Z", "scheduled_at": "2026-01-01Z", "error_message": "x"
    },
    "job_batches": {"done_at": "2026-01-01Z", "taken_by": "here:1"},
    "auto_sync_missing_reminders": {"sync_id": SYNC, "error_message": "No space left."},
    "auto_sync_settings": {"profile": "demo", "reminder_delay": "5 minutes", "pause_delay": "10 minutes"},
    "auto_sync_suppressions": {
        "number_hash": b"\x01", "phone_number": "+12125550100", "suppressed_at": "2026-01-01Z", "source": "inbound",
        "reason": "stop"
    },
    "auto_sync_number_key": {"only_row": True, "inner_key": b"\x01" * 64, "outer_key": b"\x02" * 64},
    "auto_sync_send_rates": {"scope": "account", "free_at": "2026-01-01Z"},
    "auto_sync_sending_pauses": {"id": uuid4(), "paused_by": "maya", "reason": "Outage."},
    "auto_sync_interventions": {"id": uuid4(), "done_by": "maya", "verb": "jobs run"},
    "auto_sync_wake_ups": {"only_row": True, "called_at": "2026-01-01Z", "request_id": 1},
    "auto_sync_sign_ins": {
        "id": uuid4(), "organizer_id": OWNER, "secret_hash": b"\x01", "expires_at": "2031-01-01Z"
    },
    "auto_sync_sessions": {
        "token_hash": b"\x01", "role": "organizer", "organizer_id": OWNER, "expires_at": "2031-01-01Z"
    },
    "auto_sync_workers": {"id": uuid4(), "name": "here:1", "version": "0.2.0", "does": "processor"},
    "auto_sync_inbound": {
        "id": uuid4(), "gateway": "record", "gateway_message_id": "1", "phone_number": "+12125550100", "body": "1",
        "received_at": "2026-01-01Z", "outcome": "read"
    },
}  # fmt: skip

KEYS = {
    "crew_members": ("crew_id", "contact_id"),
    "job_failures": ("job_id", "attempt"),
    "job_batches": ("taken_by",),
    "auto_sync_missing_reminders": ("sync_id",),
    "auto_sync_settings": ("profile",),
    "auto_sync_suppressions": ("phone_number",),
    "auto_sync_number_key": ("only_row",),
    "auto_sync_send_rates": ("scope",),
    "auto_sync_wake_ups": ("only_row",),
    "auto_sync_sessions": ("token_hash",),
    "auto_sync_calendars": ("user_id",),
    "auto_sync_events": ("sync_id",),
}

OTHERS_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("profiles", {"id": OTHER, "first_name": "Noor"}),
    ("contacts", {"id": OTHERS_CONTACT, "user_id": OTHER, "first_name": "Bea"}),
    ("crews", {"id": OTHERS_CREW, "creator_id": OTHER, "name": "Others"}),
    ("auto_syncs", {"id": OTHERS_SYNC, "organizer_id": OTHER, "event_name": "Theirs"}),
]

ACTORS = {
    "anon": ("anon", None),
    "owner": ("authenticated", OWNER),
    "other": ("authenticated", OTHER),
    "service_role": ("service_role", None),
}

Connection = psycopg.Connection[tuple[Any, ...]]


def permissions() -> Iterator[Any]:
    """One test row for each table, actor and verb of the matrix."""
    head, *lines = (line.split() for line in MATRIX.strip().splitlines())
    for table, *allowed in lines:
        for actor, letters in zip(head[1:], allowed, strict=True):
            for verb, letter in zip(VERBS, letters, strict=True):
                yield pytest.param(actor, verb, table, letter != "-", id=f"{actor}-{verb}-{table}")


@pytest.fixture(scope="module", params=SORTS)
def url(request: pytest.FixtureRequest, server_url: str) -> Iterator[str]:
    """A migrated database with the owner's and the other one's rows, kept for the module: tests roll back."""
    with migrated_database(server_url, request.param) as made:
        with psycopg.connect(made) as connection:
            seed(connection)
        yield made


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A transaction in that database, rolled back at the end."""
    with psycopg.connect(url) as opened, opened.transaction(force_rollback=True):
        yield opened


@pytest.fixture
def on_production(connection: Connection) -> bool:
    return connection.execute("select to_regtype('sync_status') is not null").fetchone() == (True,)


def seed(connection: Connection) -> None:
    for user in (OWNER, OTHER, NOBODY):
        connection.execute("insert into auth.users (id) values (%s)", [user])
    for table, row in [*ROWS.items(), *OTHERS_ROWS]:
        connection.execute(insertion(table, row) + sql.SQL(" on conflict do nothing"))


def insertion(table: str, row: dict[str, Any]) -> sql.Composed:
    return sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier("public", table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Literal, row.values())),
    )


def where_owners(table: str) -> sql.Composable:
    keys = KEYS.get(table, ("id",))
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(key), sql.Literal(ROWS[table][key])) for key in keys
    )


@contextmanager
def acting_as(connection: Connection, role: str, user: UUID | None) -> Iterator[None]:
    """What PostgREST does for one request; a savepoint, so that a refusal leaves the transaction usable."""
    claims = {"role": role} | ({"sub": str(user)} if user else {})
    with connection.transaction():
        connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        yield
        connection.execute("reset role")


def rows_touched(connection: Connection, verb: str, table: str) -> int:
    """How many rows a verb on the owner's row touches. Raises InsufficientPrivilege."""
    name, condition = sql.Identifier("public", table), where_owners(table)
    if verb == "insert":
        return connection.execute(insertion(table, ROWS[table])).rowcount
    if verb == "update":
        column = sql.Identifier(list(ROWS[table])[-1])
        return connection.execute(
            sql.SQL("update {} set {} = {} where {}").format(name, column, column, condition)
        ).rowcount
    what = sql.SQL("delete") if verb == "delete" else sql.SQL("select *")
    return connection.execute(sql.SQL("{} from {} where {}").format(what, name, condition)).rowcount


@pytest.mark.parametrize("actor, verb, table, allowed", list(permissions()))
def test_each_may_do_what_the_matrix_says(
    connection: Connection, actor: str, verb: str, table: str, allowed: bool
) -> None:
    if verb == "insert":  # the same row again; from the table that only grows, behind its trigger's back
        role = "replica" if table == "auto_sync_interventions" else "origin"
        connection.execute(sql.SQL("set session_replication_role = {}").format(sql.Literal(role)))
        delete = sql.SQL("delete from {} where {}").format(sql.Identifier("public", table), where_owners(table))
        assert connection.execute(delete).rowcount == 1
        connection.execute("reset session_replication_role")

    try:
        with acting_as(connection, *ACTORS[actor]):
            touched = rows_touched(connection, verb, table)
    except InsufficientPrivilege:
        touched = 0

    assert touched == int(allowed)


def test_the_matrix_knows_every_table(connection: Connection) -> None:
    tables = connection.execute("select tablename from pg_tables where schemaname = 'public'")

    assert {table for (table,) in tables} == {line.split()[0] for line in MATRIX.strip().splitlines()[1:]}


# What an owner must not do with what is theirs

# Production's own policies do not ask whose crew it is, and are left as they are.
ALLOWED_ON_PRODUCTION = ("auto_syncs", "crew_id")


def may(connection: Connection, query: sql.Composable) -> bool:
    """Whether the owner may do this."""
    try:
        with acting_as(connection, "authenticated", OWNER):
            return connection.execute(query).rowcount == 1
    except InsufficientPrivilege:
        return False


REFUSED_INSERTS: list[tuple[str, str, dict[str, Any]]] = [
    ("a profile for somebody else", "profiles", {"id": NOBODY}),
    ("a contact for somebody else", "contacts", {"user_id": OTHER, "first_name": "Cy"}),
    ("a crew for somebody else", "crews", {"creator_id": OTHER, "name": "Theirs"}),
    ("somebody else's contact into one's crew", "crew_members", {"crew_id": CREW, "contact_id": OTHERS_CONTACT}),
    ("one's contact into somebody else's crew", "crew_members", {"crew_id": OTHERS_CREW, "contact_id": CONTACT}),
    ("a sync for another organizer", "auto_syncs", {"organizer_id": OTHER, "event_name": "Tea"}),
    ("a sync with another's crew", "auto_syncs", {"organizer_id": OWNER, "event_name": "Tea", "crew_id": OTHERS_CREW}),
    (
        "an option on another's sync",
        "auto_sync_options",
        {"auto_sync_id": OTHERS_SYNC, "idx": 1, "start_time": "2030-01-01Z"},
    ),
    ("a token for somebody else", "google_calendar_tokens", {"user_id": OTHER, "access_token": "x"}),
    ("somebody else's calendar", "auto_sync_calendars", {"user_id": OTHER}),
]


@pytest.mark.parametrize("table, row", [pytest.param(*case[1:], id=case[0]) for case in REFUSED_INSERTS])
def test_an_owner_cannot_insert(connection: Connection, on_production: bool, table: str, row: dict[str, Any]) -> None:
    left_as_it_is = on_production and any((table, column) == ALLOWED_ON_PRODUCTION for column in row)

    assert may(connection, insertion(table, row)) == left_as_it_is


REFUSED_MOVES: list[tuple[str, str, UUID]] = [
    ("profiles", "id", NOBODY),
    ("contacts", "user_id", OTHER),
    ("crews", "creator_id", OTHER),
    ("crew_members", "contact_id", OTHERS_CONTACT),
    ("crew_members", "crew_id", OTHERS_CREW),
    ("auto_syncs", "organizer_id", OTHER),
    ("auto_syncs", "crew_id", OTHERS_CREW),
    ("auto_sync_options", "auto_sync_id", OTHERS_SYNC),
    ("google_calendar_tokens", "user_id", OTHER),
    ("auto_sync_calendars", "user_id", OTHER),
]


@pytest.mark.parametrize("table, column, to", [pytest.param(*case, id=".".join(case[:2])) for case in REFUSED_MOVES])
def test_an_owner_cannot_move_a_row_to_somebody_else(
    connection: Connection, on_production: bool, table: str, column: str, to: UUID
) -> None:
    update = sql.SQL("update {} set {} = {} where {}").format(
        sql.Identifier("public", table), sql.Identifier(column), sql.Literal(to), where_owners(table)
    )

    assert may(connection, update) == (on_production and (table, column) == ALLOWED_ON_PRODUCTION)


@pytest.mark.parametrize("table", [table for table in ROWS if table != "auto_sync_settings"])
def test_a_token_without_a_subject_sees_nothing(connection: Connection, table: str) -> None:
    try:
        with acting_as(connection, "authenticated", None):
            seen = connection.execute(sql.SQL("select from {}").format(sql.Identifier("public", table))).rowcount
    except InsufficientPrivilege:
        seen = 0

    assert seen == 0


def test_a_person_sees_their_own_rows_only_without_asking_for_them(connection: Connection) -> None:
    with acting_as(connection, "authenticated", OWNER):
        seen = connection.execute("select id, organizer_id from auto_syncs").fetchall()
        jobs = connection.execute("select distinct sync_id from job_queue").fetchall()

    assert seen == [(SYNC, OWNER)]
    assert jobs == [(SYNC,)]


# What goes around tables


def executable(connection: Connection, role: str, condition: str = "true") -> list[str]:
    """The functions of schema public that a role may call."""
    query = sql.SQL(
        "select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'public'::regnamespace"
        " and has_function_privilege({}, p.oid, 'execute') and {}"
    ).format(sql.Literal(role), sql.SQL(condition))
    return [name for (name,) in connection.execute(query)]


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_no_function_is_for_people(connection: Connection, role: str) -> None:
    assert executable(connection, role) == []


@pytest.mark.parametrize("role", ["anon", "authenticated", "service_role"])
def test_no_function_that_bypasses_policies_is_for_an_api_role(connection: Connection, role: str) -> None:
    assert executable(connection, role, "p.prosecdef") == []


def test_a_function_cannot_be_called_by_a_person(connection: Connection) -> None:
    with pytest.raises(InsufficientPrivilege), acting_as(connection, "authenticated", OWNER):
        connection.execute("select public.autosync_now()")


def test_the_service_calls_the_clock(connection: Connection) -> None:
    with acting_as(connection, "service_role", None):
        assert connection.execute("select public.autosync_now() = now()").fetchone() == (True,)


def test_every_function_pins_its_search_path(connection: Connection) -> None:
    unpinned = connection.execute(
        "select oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace"
        " and coalesce(array_position(proconfig, 'search_path=\"\"'), 0) = 0"
    ).fetchall()

    assert unpinned == []


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_no_view_is_for_people(connection: Connection, role: str) -> None:
    views = connection.execute(
        "select c.relname, has_table_privilege(%s, c.oid, 'select') from pg_class c"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')",
        [role],
    ).fetchall()

    assert views
    assert [name for name, readable in views if readable] == []


def test_no_view_bypasses_policies(connection: Connection) -> None:
    definers = connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
        " and not coalesce('security_invoker=true' = any(reloptions), false)"
    ).fetchall()

    assert definers == []


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_the_history_of_migrations_is_not_for_people(connection: Connection, role: str) -> None:
    with pytest.raises(InsufficientPrivilege), acting_as(connection, role, None):
        connection.execute("select from supabase_migrations.schema_migrations")


def test_every_table_has_row_level_security(connection: Connection) -> None:
    bare = connection.execute(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        " and not relrowsecurity"
    ).fetchall()

    assert bare == []


# What Supabase's linter asks of policies; production's own are production's.
THEIRS = "policyname like 'Users can %%'"


def test_our_policies_are_written_to_a_role(connection: Connection) -> None:
    to_everybody = connection.execute(
        f"select tablename, policyname from pg_policies where 'public' = any(roles) and not {THEIRS}".encode(), []
    ).fetchall()

    assert to_everybody == []


def test_our_policies_ask_who_it_is_once_a_statement(connection: Connection) -> None:
    conditions = connection.execute(
        "select policyname, concat(qual, ' ', with_check) from pg_policies"
        f" where concat(qual, with_check) like '%%auth.uid()%%' and not {THEIRS}".encode(),
        [],
    ).fetchall()

    assert conditions
    for policy, condition in conditions:
        assert condition.count("auth.uid()") == condition.count("( SELECT auth.uid() AS uid)"), policy


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_people_have_no_privilege_that_policies_do_not_check(
    connection: Connection, on_production: bool, role: str
) -> None:
    tables = connection.execute(
        "select c.relname from pg_class c, unnest('{truncate,references,trigger}'::text[]) as p (privilege)"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
        " and has_table_privilege(%s, c.oid, p.privilege)",
        [role],
    ).fetchall()

    left_as_they_are = {"auto_syncs", "google_calendar_tokens"} if on_production else set()
    assert {table for (table,) in tables} == left_as_they_are
