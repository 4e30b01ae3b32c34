"""What somebody who is signed in may try against others: claims, oracles, functions, temporary schemas, absurd values.

The session is worse than PostgREST's: it is logged in as `authenticated` and may run any SQL. What one request can do
to a table is in test_row_level_security.py; how others could be held up in test_hindrance.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import CheckViolation, InsufficientPrivilege, InvalidTextRepresentation, UniqueViolation

from supabase_like import SORTS, migrated_database
from test_row_level_security import (
    CONTACT,
    CREW,
    NOBODY,
    OPTION,
    OTHER,
    OTHERS_CONTACT,
    OTHERS_CREW,
    OTHERS_SYNC,
    OWNER,
    ROWS,
    SYNC,
    insertion,
    seed,
)

Session = psycopg.Connection[tuple[Any, ...]]

PEOPLES = (
    "profiles", "contacts", "crews", "crew_members", "auto_syncs", "auto_sync_options", "auto_sync_responses",
    "auto_sync_messages", "google_calendar_tokens", "auto_sync_calendars", "job_queue",
)  # fmt: skip
"""The tables in which people have rows."""

OTHERS_OPTION = uuid4()
MORE_OF_OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("crew_members", {"crew_id": OTHERS_CREW, "contact_id": OTHERS_CONTACT}),
    (
        "auto_sync_options",
        {"id": OTHERS_OPTION, "auto_sync_id": OTHERS_SYNC, "idx": 1, "start_time": "2030-01-01Z"},
    ),
    (
        "auto_sync_messages",
        {"auto_sync_id": OTHERS_SYNC, "contact_id": OTHERS_CONTACT, "message_type": "initial"},
    ),
    (
        "auto_sync_responses",
        {"auto_sync_id": OTHERS_SYNC, "contact_id": OTHERS_CONTACT, "response_type": "not_available"},
    ),
    ("google_calendar_tokens", {"user_id": OTHER, "access_token": "theirs"}),
    ("auto_sync_calendars", {"user_id": OTHER, "calendar_ids": ["theirs"]}),
]


@pytest.fixture(scope="module", params=SORTS)
def url(request: pytest.FixtureRequest, server_url: str) -> Iterator[str]:
    """A migrated database in which two people have a row in every table; tests roll back."""
    with migrated_database(server_url, request.param) as made:
        with psycopg.connect(made) as connection:
            seed(connection)
            for table, row in MORE_OF_OTHERS:
                connection.execute(insertion(table, row))
        yield made


@pytest.fixture
def connection(url: str) -> Iterator[Session]:
    """A transaction in that database, rolled back at the end."""
    with psycopg.connect(url) as opened, opened.transaction(force_rollback=True):
        yield opened


@contextmanager
def logged_in(connection: Session, claims: str, *, role: str = "authenticated") -> Iterator[None]:
    """A session that is nobody but this role, in a savepoint; what fails in it leaves the transaction usable."""
    with connection.transaction():
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        connection.execute(sql.SQL("set local session authorization {}").format(sql.Identifier(role)))
        yield
        connection.execute("reset session authorization")


@contextmanager
def logged_in_as(connection: Session, user: UUID) -> Iterator[None]:
    """That session with this person's own claims."""
    with logged_in(connection, json.dumps({"sub": str(user), "role": "authenticated"})):
        yield


def seen(connection: Session, table: str) -> int:
    """How many rows of a table this session sees."""
    return connection.execute(sql.SQL("select from {}").format(sql.Identifier("public", table))).rowcount


def everything(connection: Session) -> dict[str, list[str]]:
    """Every row of the tables in which people have any, the owner's own left out."""
    mine = str(OWNER), str(SYNC), str(CREW), str(CONTACT)
    rows = {
        table: connection.execute(
            sql.SQL("select to_jsonb(t)::text from {} as t order by 1").format(sql.Identifier("public", table))
        )
        for table in PEOPLES
    }
    return {table: [row for (row,) in found if not any(id_ in row for id_ in mine)] for table, found in rows.items()}


# Claims

NO_CLAIMS = {
    "none": "",
    "null": "null",
    "no-json": "sub=1",
    "array": "[]",
    "text": json.dumps(str(OWNER)),
    "empty": "{}",
    "null-sub": '{"sub": null}',
    "empty-sub": '{"sub": ""}',
    "wildcard": '{"sub": "%"}',
    "no-uuid": '{"sub": "00000000"}',
    "injection": json.dumps({"sub": f"{NOBODY}' or true --"}),
    "list-of-subs": json.dumps({"sub": [str(OWNER), str(OTHER)]}),
    "object": json.dumps({"sub": {"eq": str(OWNER)}}),
    "sub-elsewhere": json.dumps({"user_metadata": {"sub": str(OWNER)}, "app_metadata": {"role": "service_role"}}),
    "role-alone": '{"role": "service_role"}',
    "role-and-stranger": json.dumps({"sub": str(NOBODY), "role": "service_role", "is_admin": True}),
}


@pytest.mark.parametrize("claims", NO_CLAIMS.values(), ids=NO_CLAIMS)
@pytest.mark.parametrize("table", PEOPLES)
def test_claims_of_nobody_show_nothing(connection: Session, table: str, claims: str) -> None:
    found = 0
    with suppress(InvalidTextRepresentation), logged_in(connection, claims):  # a malformed one may be refused
        found = seen(connection, table)

    assert found == 0


@pytest.mark.parametrize("written", [str(OWNER).upper(), f"{{{OWNER}}}", OWNER.hex], ids=["upper", "braces", "hex"])
def test_a_person_is_the_same_in_any_spelling(connection: Session, written: str) -> None:
    with logged_in(connection, json.dumps({"sub": written})):
        assert connection.execute("select id from auto_syncs").fetchall() == [(SYNC,)]


# What an answer gives away

REFERENCES: list[tuple[str, dict[str, Any], str, UUID]] = [
    ("contacts", {"first_name": "Cy"}, "user_id", OTHER),
    ("crews", {"name": "Theirs"}, "creator_id", OTHER),
    ("crew_members", {"crew_id": CREW}, "contact_id", OTHERS_CONTACT),
    ("crew_members", {"contact_id": CONTACT}, "crew_id", OTHERS_CREW),
    ("auto_syncs", {"event_name": "Tea"}, "organizer_id", OTHER),
    ("auto_syncs", {"event_name": "Tea", "organizer_id": OWNER}, "crew_id", OTHERS_CREW),
    ("auto_sync_options", {"idx": 1, "start_time": "2030-01-01Z"}, "auto_sync_id", OTHERS_SYNC),
    ("google_calendar_tokens", {"access_token": "x"}, "user_id", OTHER),
    ("profiles", {"first_name": "Me"}, "id", OTHER),
    ("job_queue", {"job_type": "reminder_24h", "scheduled_at": "2030-01-01Z"}, "sync_id", OTHERS_SYNC),
]


def left_as_it_is(connection: Session, table: str, column: str) -> bool:
    """Production's own policies do not ask whose crew it is; docs/security.md says so."""
    on_production = connection.execute("select to_regtype('sync_status') is not null").fetchone() == (True,)
    return on_production and (table, column) == ("auto_syncs", "crew_id")


def answer_to(connection: Session, query: sql.Composable) -> tuple[str | None, str | None, str | None]:
    """What the owner is told: SQLSTATE, message and detail; nothing where it worked."""
    try:
        with logged_in_as(connection, OWNER):
            connection.execute(query)
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary, error.diag.message_detail
    return None, None, None


@pytest.mark.parametrize("case", REFERENCES, ids=lambda case: f"{case[0]}.{case[2]}")
def test_an_insert_does_not_tell_whether_somebody_elses_row_exists(
    connection: Session, case: tuple[str, dict[str, Any], str, UUID]
) -> None:
    table, row, column, existing = case

    answers = [answer_to(connection, insertion(table, row | {column: id_})) for id_ in (existing, uuid4())]

    assert left_as_it_is(connection, table, column) or answers[0] == answers[1]
    assert left_as_it_is(connection, table, column) or answers[0][0] == "42501"


@pytest.mark.parametrize("case", REFERENCES, ids=lambda case: f"{case[0]}.{case[2]}")
def test_an_update_does_not_tell_whether_somebody_elses_row_exists(
    connection: Session, case: tuple[str, dict[str, Any], str, UUID]
) -> None:
    table, _, column, existing = case
    update = sql.SQL("update {} set {} = {}")

    answers = [
        answer_to(connection, update.format(sql.Identifier("public", table), sql.Identifier(column), sql.Literal(id_)))
        for id_ in (existing, uuid4())
    ]

    assert left_as_it_is(connection, table, column) or answers[0] == answers[1]
    assert left_as_it_is(connection, table, column) or answers[0][0] == "42501"


def test_an_upsert_does_not_take_somebody_elses_sync(connection: Session) -> None:
    row = {"id": OTHERS_SYNC, "organizer_id": OWNER, "event_name": "Mine now"}
    before = everything(connection)
    upsert = insertion("auto_syncs", row) + sql.SQL(" on conflict (id) do update set event_name = 'Mine now'")

    with pytest.raises(InsufficientPrivilege), logged_in_as(connection, OWNER):
        connection.execute(upsert + sql.SQL(" returning *"))
    with logged_in_as(connection, OWNER):
        ignored = connection.execute(
            insertion("auto_syncs", row) + sql.SQL(" on conflict do nothing returning *")
        ).fetchall()

    assert ignored == []
    assert everything(connection) == before


def test_all_that_an_id_in_use_gives_away_is_that_it_is_in_use(connection: Session) -> None:
    """Ids are random: who knows one has been told it."""
    with pytest.raises(UniqueViolation) as told, logged_in_as(connection, OWNER):
        connection.execute(insertion("auto_syncs", {"id": OTHERS_SYNC, "organizer_id": OWNER, "event_name": "Tea"}))

    assert told.value.diag.message_detail is None


def test_a_join_over_all_tables_shows_a_persons_own_rows_only(connection: Session) -> None:
    with logged_in_as(connection, OWNER):
        shown = connection.execute(
            """
            select p.id, s.id, o.id, c.id, k.id, r.auto_sync_id, m.auto_sync_id, j.sync_id, t.user_id
            from profiles p, auto_syncs s, auto_sync_options o, contacts c, crews k, auto_sync_responses r,
              auto_sync_messages m, google_calendar_tokens t, (select distinct sync_id from job_queue) j
            """
        ).fetchall()

    assert shown == [(OWNER, SYNC, OPTION, CONTACT, CREW, SYNC, SYNC, SYNC, OWNER)]


def test_a_cheap_function_in_a_condition_is_shown_ones_own_rows_only(
    connection: Session,
) -> None:
    notices: list[str] = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    with logged_in_as(connection, OWNER):
        connection.execute(
            "create function pg_temp.leak(row_ anyelement) returns boolean language plpgsql cost 0.0000000001"
            " as $$ begin raise notice 'leaked %', row_; return true; end $$"
        )
        for table in PEOPLES:
            connection.execute(sql.SQL("select from {} as t where pg_temp.leak(t)").format(sql.Identifier(table)))

    leaked = " ".join(notices)
    assert str(SYNC) in leaked
    assert not [id_ for id_ in (OTHER, OTHERS_SYNC, OTHERS_CREW, OTHERS_CONTACT) if str(id_) in leaked]


def test_what_the_planner_knows_of_a_table_is_not_shown(connection: Session) -> None:
    connection.execute("analyze auto_syncs, contacts, profiles, google_calendar_tokens")

    with logged_in_as(connection, OWNER):
        known = connection.execute("select tablename from pg_stats where schemaname = 'public'").fetchall()

    assert known == []


# Rights that nobody has

FORBIDDEN = [
    "set local role service_role",
    "set local role anon",
    "set local session_replication_role = replica",
    "create table public.mine ()",
    "create schema mine",
    "create function public.mine() returns int language sql as 'select 1'",
    "create or replace function public.autosync_now() returns timestamptz language sql as 'select now()'",
    "alter table public.contacts disable row level security",
    "alter table public.job_queue disable trigger all",
    "create policy mine on public.contacts using (true)",
    "drop policy contacts_own on public.contacts",
    "truncate public.contacts cascade",
    "create trigger mine after insert on public.contacts for each row execute function public.jobs_follow_status()",
    "copy public.auto_sync_number_key to stdout",
    "copy public.auto_syncs to program 'true'",
    "lock table public.job_queue in access exclusive mode",
    "lock table public.job_queue in row exclusive mode",
    "select from auth.users",
    "select from public.auto_sync_invitees",
    "select from public.auto_sync_number_key",
    "select from public.auto_sync_suppressions",
    "select from public.auto_sync_settings for update",
    "select from supabase_migrations.schema_migrations",
    "insert into public.job_queue (sync_id, job_type, scheduled_at)"
    " select id, 'pause_check_48h', now() from public.auto_syncs",
    "update public.job_queue set scheduled_at = now()",
    "delete from public.job_queue",
    "select from public.job_queue for update",
    "insert into public.auto_sync_messages (auto_sync_id, message_type) select id, 'x' from public.auto_syncs",
    "update public.auto_sync_messages set status = 'queued'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_person_may_not(connection: Session, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege), logged_in_as(connection, OWNER):
        connection.execute(statement.encode())


def test_policies_cannot_be_switched_off_for_a_session(connection: Session) -> None:
    for table in PEOPLES:
        connection.execute("set local row_security = off")
        with pytest.raises(InsufficientPrivilege), logged_in_as(connection, OWNER):
            seen(connection, table)


def test_no_api_role_is_a_member_of_another_role(connection: Session) -> None:
    members = connection.execute(
        "select member::regrole::text, roleid::regrole::text from pg_auth_members"
        " where member::regrole::text in ('anon', 'authenticated', 'service_role')"
    ).fetchall()

    assert members == []


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_every_function_refuses_to_be_called(connection: Session, role: str) -> None:
    functions = connection.execute(
        "select proname, array(select format_type(t, null) from unnest(proargtypes) as t)"
        " from pg_proc where pronamespace = 'public'::regnamespace"
    ).fetchall()
    assert {"schedule_first_reminder", "autosync_now", "autosync_number_hash"} <= {name for name, _ in functions}

    for name, types in functions:
        arguments = ", ".join(f"null::{type_}" for type_ in types)
        with pytest.raises(InsufficientPrivilege), logged_in(connection, "{}", role=role):
            connection.execute(f"select public.{name}({arguments})".encode())


# The temporary schema, which comes first for relations and types whatever search_path says

HOSTILE_TYPES = ("uuid", "text", "timestamptz", "bytea", "jsonb", "int4", "interval")
EVERYTHING_A_PERSON_MAY_WRITE = f"""
    insert into public.auto_syncs (organizer_id, event_name, started_at) values ('{OWNER}', 'Tea', now());
    update public.auto_syncs set status = 'paused';
    update public.auto_syncs set status = 'running';
    update public.auto_sync_options set start_time = start_time + interval '1 hour';
    update public.auto_syncs
    set status = 'completed', metadata = pg_catalog.jsonb_build_object('chosen_option_id', '{OPTION}')
    where id = '{SYNC}';
    update public.auto_sync_options set start_time = start_time + interval '1 hour';
    delete from public.auto_sync_options where id = '{OPTION}';
    insert into public.auto_sync_options (auto_sync_id, idx, start_time) values ('{SYNC}', 2, '2030-01-01Z');
    update public.profiles set phone_number = '+12125550199';
    update public.contacts set phone_number = '+12125550198';
    delete from public.contacts;
    delete from public.auto_syncs;
"""


def test_no_code_of_the_callers_runs_with_the_owners_rights(connection: Session) -> None:
    with logged_in_as(connection, OWNER):
        for type_ in HOSTILE_TYPES:
            connection.execute(
                sql.SQL(
                    "create function pg_temp.spy(given pg_catalog.{type}) returns boolean language plpgsql as $$"
                    " begin if current_user <> session_user then"
                    " perform set_config('spy.ran_as', current_user, false); end if; return true; end $$;"
                    " create domain pg_temp.{type} as pg_catalog.{type} check (pg_temp.spy(value))"
                ).format(type=sql.Identifier(type_))
            )
        connection.execute(EVERYTHING_A_PERSON_MAY_WRITE.encode())
        assert connection.execute("select status from public.auto_syncs where id = %s", [SYNC]).fetchall() == []
    # Kept, not raised: a trigger may swallow what is raised.
    assert connection.execute("select current_setting('spy.ran_as', true)").fetchone() in ((None,), ("",))


def test_no_table_of_the_callers_stands_in_for_ours(connection: Session) -> None:
    with logged_in_as(connection, OWNER):
        for table in (*PEOPLES, "auto_sync_settings", "changed", "changed_from", "changed_to", "before", "after"):
            connection.execute(
                sql.SQL("create temporary table {} (like public.auto_syncs)").format(sql.Identifier(table))
            )
        connection.execute(
            "insert into public.auto_syncs (id, organizer_id, event_name) values (%s, %s, 'Tea')", [NOBODY, OWNER]
        )
        connection.execute("update public.auto_syncs set status = 'paused' where id = %s", [NOBODY])

    found = connection.execute("select status, error_message from public.job_queue where sync_id = %s", [NOBODY])
    assert found.fetchall() == [("skipped", "The sync was paused before this job was due.")]


def test_functions_with_the_owners_rights_name_types_with_their_schema(connection: Session) -> None:
    """Also where no test gets to them: parameters are resolved once, what is in the body each time.

    And of all that these call in their turn, whose own rights are then the caller's, which are the owner's.
    """
    bare = re.compile(r"(?<![.\w])(uuid|text|timestamptz|bytea|jsonb?|int[248]|bool|float[48]|date|regclass)\b")
    functions = connection.execute(
        "select proname, prosrc, prosecdef from pg_proc where pronamespace = 'public'::regnamespace"
    ).fetchall()
    bodies = {name: re.sub(r"--.*|'[^']*'", "", body) for name, body, _ in functions}
    privileged = {name for name, _, is_privileged in functions if is_privileged}
    assert privileged

    while called := {
        name for name in bodies.keys() - privileged if any(f"public.{name}(" in bodies[by] for by in privileged)
    }:
        privileged |= called
    assert "auto_sync_keep_event" in privileged
    assert {name for name in privileged if bare.search(bodies[name])} == set()


# Doing as much harm as one may to one's own rows


def test_whatever_a_person_does_leaves_other_peoples_rows_alone(connection: Session) -> None:
    before = everything(connection)
    assert all(before.values())

    for table in PEOPLES:
        name = sql.Identifier("public", table)
        column = sql.Identifier(next(iter(set(ROWS[table]) - {"id"}), "id"))
        with suppress(psycopg.Error), logged_in_as(connection, OWNER):
            connection.execute(sql.SQL("update {} set {} = {} returning *").format(name, column, column))
    with logged_in_as(connection, OWNER):
        connection.execute(EVERYTHING_A_PERSON_MAY_WRITE.encode())
    for table in PEOPLES:
        with suppress(psycopg.Error), logged_in_as(connection, OWNER):
            connection.execute(sql.SQL("delete from {} returning *").format(sql.Identifier("public", table)))

    assert everything(connection) == before


@pytest.mark.parametrize(
    "statement",
    [
        "update profiles set first_name = repeat('x', 10001)",
        "update profiles set preferred_timezone = repeat('x', 10001)",
        "update contacts set last_name = repeat('x', 10001)",
        "update contacts set phone_number = repeat('1', 10001)",
        "update auto_syncs set timezone = repeat('x', 10001)",
    ],
)
def test_a_text_that_is_read_for_every_job_is_not_endless(connection: Session, statement: str) -> None:
    with logged_in_as(connection, OWNER):
        connection.execute(statement.replace("10001", "10000").encode())
    with pytest.raises(CheckViolation), logged_in_as(connection, OWNER):
        connection.execute(statement.encode())
