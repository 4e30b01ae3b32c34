"""Whose calendar is connected: refreshed once however many ask, lost once and for good, and never by mistake."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from autosync import calendar_connections as connections_module
from autosync.calendar_connections import CalendarConnections, Disconnected, NotConnected
from autosync.calendar_tokens import Tokens
from autosync.calendars.google import SCOPES, GoogleCalendar, Grant
from autosync.calendars.google_errors import GoogleError, Rejected, Throttled, Unauthorized, Unsure
from autosync.calendars.seal import is_sealed
from autosync.database import calendars, google_tokens
from autosync.database.as_person import as_person
from autosync.database.calendars import Wishes
from autosync.database.pool import Connection, Pool, connect
from autosync.model import Refused
from connected import KEY, PAGE, connected_organizer, connections_of, google_at, granted, let_expire
from factories import Factory
from google_stand_in import GoogleStandIn, google_stand_in
from waiting import until

REFRESHING = Path(__file__).with_name("refreshing.py")
TRANSIENT = (
    "timeout_before", "error_before", "error_after", "internal_before", "garbage_before", "reset_before", "reset_after",
)  # fmt: skip


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
async def google(stand_in: GoogleStandIn) -> AsyncIterator[GoogleCalendar]:
    opened = google_at(stand_in.url)
    yield opened
    await opened.close()


@pytest.fixture
def connections(pool: Pool, google: GoogleCalendar) -> CalendarConnections:
    return connections_of(pool, google)


@pytest.fixture
async def organizer(factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections) -> UUID:
    return await connected_organizer(factory, stand_in, connections)


async def row(factory: Factory, organizer: UUID) -> list[tuple[Any, ...]]:
    """What is kept of this person's tokens."""
    return await factory.rows(
        "select access_token, refresh_token, expires_at, scope from google_calendar_tokens where user_id = %s",
        organizer,
    )


async def written_by_another_client(
    factory: Factory, organizer: UUID, access: str, refresh: str | None = "1//theirs", **lasts: float
) -> None:
    """As the app does it: in plain text, whatever was there."""
    await factory.do(
        "insert into google_calendar_tokens (user_id, access_token, refresh_token, expires_at)"
        " values (%s, %s, %s, clock_timestamp() + %s) on conflict (user_id) do update set"
        " access_token = excluded.access_token, refresh_token = excluded.refresh_token,"
        " expires_at = excluded.expires_at",
        organizer, access, refresh, timedelta(**lasts or {"hours": 1}),
    )  # fmt: skip


async def waiting_for_tokens(factory: Factory) -> int:
    """How many sessions wait for somebody's tokens."""
    return int(
        await factory.one(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            " and query like %s",
            "%google_calendar_tokens%for update%",
        )
    )


# Connecting, and disconnecting


async def test_what_google_gave_is_kept_sealed_and_used_until_it_runs_out(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    token = await connections.access_token(organizer)

    ((access, refresh, expires_at, scope),) = await row(factory, organizer)
    assert is_sealed(access)
    assert is_sealed(refresh)
    assert timedelta(minutes=58) < expires_at - datetime.now(UTC) < timedelta(minutes=61)
    assert set(scope.split()) == set(SCOPES)
    assert token.get_secret_value().startswith("ya29.")
    assert stand_in.asked("refresh") == 0
    assert (await connections.state(organizer)).is_connected


@pytest.mark.parametrize("ticked", SCOPES)
async def test_whoever_ticks_only_half_is_not_connected_and_told_so(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, ticked: str
) -> None:
    organizer = await factory.organizer()
    half = await granted(stand_in, connections.google, scopes=[ticked])

    with pytest.raises(Refused, match="tick both"):
        await connections.connect(organizer, half)

    assert await row(factory, organizer) == []


async def test_access_that_does_not_last_is_not_kept(factory: Factory, connections: CalendarConnections) -> None:
    organizer = await factory.organizer()

    with pytest.raises(Refused, match="for an hour only"):
        await connections.connect(organizer, Grant(SecretStr("ya29.x"), None, timedelta(hours=1), " ".join(SCOPES)))

    assert await row(factory, organizer) == []


async def test_disconnecting_withdraws_it_at_google_and_forgets_it_here(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID, connection: Connection
) -> None:
    await calendars.save(connection, organizer, Wishes(("you@work.example",), time(10), time(18), timedelta(hours=1)))

    assert await connections.disconnect(organizer)

    state = await connections.state(organizer)
    assert (await row(factory, organizer), stand_in.grants()) == ([], {})
    assert (state.is_connected, state.disconnected_because) == (False, None)
    assert state.wishes == Wishes(("primary",), time(10), time(18), timedelta(hours=1)), "whose calendars is forgotten"
    with pytest.raises(NotConnected):
        await connections.disconnect(organizer)


async def test_disconnecting_forgets_it_here_also_while_google_is_away(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    stand_in.plan("revoke", "timeout_before")

    assert not await connections.disconnect(organizer)

    assert await row(factory, organizer) == []


async def test_tokens_that_no_key_opens_can_be_forgotten(
    factory: Factory, pool: Pool, google: GoogleCalendar, organizer: UUID
) -> None:
    with_another_key = connections_of(pool, google, os.urandom(32))
    with pytest.raises(Refused, match="cannot be opened"):
        await with_another_key.access_token(organizer)

    assert not await with_another_key.disconnect(organizer)

    assert await row(factory, organizer) == []


async def test_nobody_is_connected_who_never_connected(factory: Factory, connections: CalendarConnections) -> None:
    with pytest.raises(NotConnected) as refused:
        await connections.access_token(await factory.organizer())

    assert not isinstance(refused.value, Disconnected)


# Refreshing


@pytest.mark.parametrize("left, refreshes", [(timedelta(minutes=6), 0), (timedelta(minutes=4), 1), (-timedelta(1), 1)])
async def test_an_access_token_is_refreshed_before_it_is_over(
    factory: Factory,
    stand_in: GoogleStandIn,
    connections: CalendarConnections,
    organizer: UUID,
    left: timedelta,
    refreshes: int,
) -> None:
    ((*_, refresh_before, _, _),) = await row(factory, organizer)
    before = await connections.access_token(organizer)
    await let_expire(factory, organizer, left=left)

    token = await connections.access_token(organizer)

    ((access, refresh, expires_at, scope),) = await row(factory, organizer)
    assert stand_in.asked("refresh") == refreshes
    assert (token != before) == bool(refreshes)
    assert (is_sealed(access), is_sealed(refresh)) == (True, True)
    assert (refresh == refresh_before, bool(scope)) == (True, True), "Google sends it the first time only"
    if refreshes:
        assert expires_at - datetime.now(UTC) > timedelta(minutes=58)


async def test_a_hundred_callers_over_processes_refresh_once(
    factory: Factory,
    direct_url: str,
    database_url: str,
    stand_in: GoogleStandIn,
    connections: CalendarConnections,
    organizer: UUID,
) -> None:
    await let_expire(factory, organizer)
    command = [sys.executable, str(REFRESHING), database_url, stand_in.url, urlsafe_b64encode(KEY).decode()]
    async with connect(direct_url) as holder, holder.transaction():
        await google_tokens.lock(holder, organizer)
        processes = [
            await asyncio.create_subprocess_exec(*command, str(organizer), "30", stdout=subprocess.PIPE)
            for _ in range(3)
        ]
        here = asyncio.gather(*(connections.access_token(organizer) for _ in range(10)))

        async def all_wait() -> bool:
            return await waiting_for_tokens(factory) == 4  # one of each process: nobody else needs a connection

        await until(all_wait)
        assert stand_in.asked("refresh") == 0
    printed = [(await process.communicate())[0].decode().split() for process in processes]
    found = {token for lines in printed for token in lines} | {token.get_secret_value() for token in await here}

    assert [len(lines) for lines in printed] == [30, 30, 30]
    assert len(found) == 1
    assert stand_in.asked("refresh") == 1


async def test_different_people_do_not_wait_for_each_other(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections
) -> None:
    stand_in.people("ann@example.com", "ben@example.com")
    ann = await connected_organizer(factory, stand_in, connections, person="ann@example.com")
    ben = await connected_organizer(factory, stand_in, connections, person="ben@example.com")
    for organizer in (ann, ben):
        await let_expire(factory, organizer)
    stand_in.misbehave(people={"ann@example.com": ["timeout_before"]})

    waiting = asyncio.create_task(connections.access_token(ann))

    async def is_asked() -> bool:
        return bool(stand_in.requests()["in_hand"])

    await until(is_asked)
    await connections.access_token(ben)
    assert not waiting.done()
    with pytest.raises(Unsure):
        await waiting


async def test_whoever_waits_too_long_for_others_is_told_to_come_again(
    direct_url: str,
    factory: Factory,
    connections: CalendarConnections,
    organizer: UUID,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections_module, "PATIENCE", timedelta(milliseconds=100))
    await let_expire(factory, organizer)
    async with connect(direct_url) as holder, holder.transaction():
        await google_tokens.lock(holder, organizer)
        with pytest.raises(Throttled):
            await connections.access_token(organizer)

    await connections.access_token(organizer)


async def test_nothing_changes_while_google_is_away(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    await let_expire(factory, organizer)
    before = await row(factory, organizer)
    for fault in TRANSIENT:
        stand_in.plan("refresh", fault)
        with pytest.raises(GoogleError):
            await connections.access_token(organizer)

    assert await row(factory, organizer) == before
    assert (await connections.state(organizer)).disconnected_at is None
    await connections.access_token(organizer)


async def test_nothing_changes_while_google_cannot_be_reached(
    factory: Factory, pool: Pool, connections: CalendarConnections, organizer: UUID, unused_port: int
) -> None:
    await let_expire(factory, organizer)
    before = await row(factory, organizer)
    away = google_at(f"http://127.0.0.1:{unused_port}")

    with pytest.raises(Throttled):
        await connections_of(pool, away).access_token(organizer)

    await away.close()
    assert await row(factory, organizer) == before
    assert (await connections.state(organizer)).disconnected_at is None


async def test_a_wrong_client_secret_disconnects_nobody(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    await let_expire(factory, organizer)
    stranger = google_at(stand_in.url, client_secret=SecretStr("another"))

    with pytest.raises(Rejected):
        await connections_of(pool, stranger).access_token(organizer)

    await stranger.close()
    assert (await connections.state(organizer)).is_connected


async def test_while_google_is_away_a_token_is_used_to_its_end(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    before = await connections.access_token(organizer)
    await let_expire(factory, organizer, left=timedelta(minutes=3))
    stand_in.plan("refresh", "error_before")

    assert await connections.access_token(organizer) == before


async def test_a_refresh_survives_that_the_one_who_asked_is_killed(
    factory: Factory,
    direct_url: str,
    stand_in: GoogleStandIn,
    connections: CalendarConnections,
    organizer: UUID,
) -> None:
    await let_expire(factory, organizer)
    before = await row(factory, organizer)
    stand_in.plan("refresh", "timeout_after")
    command = [sys.executable, str(REFRESHING), direct_url, stand_in.url, urlsafe_b64encode(KEY).decode()]
    victim = await asyncio.create_subprocess_exec(*command, str(organizer), "1", stderr=subprocess.DEVNULL)

    async def is_asked() -> bool:
        return bool(stand_in.requests()["in_hand"])

    await until(is_asked)
    victim.kill()
    await victim.wait()

    assert await row(factory, organizer) == before
    await connections.access_token(organizer)
    assert stand_in.asked("refresh") == 2
    assert (await connections.state(organizer)).is_connected


async def test_a_cut_connection_leaves_everything_as_another_client_wrote_it(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    await let_expire(factory, organizer)
    stand_in.misbehave(calls={"refresh": ["slow"]}, slow_seconds=1)
    refreshing = asyncio.create_task(connections.access_token(organizer))

    async def is_asked() -> bool:
        return bool(stand_in.requests()["in_hand"])

    await until(is_asked)
    cut = await factory.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and state = 'idle in transaction'"
    )
    await written_by_another_client(factory, organizer, "ya29.theirs")

    with pytest.raises(psycopg.OperationalError):
        await refreshing
    ((access, *_),) = await row(factory, organizer)
    assert (cut, access) == ([(True,)], "ya29.theirs")
    assert await connections.access_token(organizer) == SecretStr("ya29.theirs")


# Losing it


async def told(factory: Factory, organizer: UUID) -> list[tuple[Any, ...]]:
    """Texts to this organizer about their calendar: in which sync, and what they say."""
    return await factory.rows(
        "select m.auto_sync_id, m.body from auto_sync_messages m join auto_syncs s on s.id = m.auto_sync_id"
        " where m.message_type = 'status' and m.contact_id is null and s.organizer_id = %s",
        organizer,
    )


async def test_a_permission_that_was_withdrawn_is_lost_once_and_told_once_whoever_noticed_it(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, google: GoogleCalendar, organizer: UUID
) -> None:
    await factory.sync(organizer=organizer, event_name="Tea")
    latest = await factory.sync(organizer=organizer, event_name="Board games")
    await factory.do("update auto_syncs set created_at = created_at + interval '1 hour' where id = %s", latest.id)
    stand_in.revoke()
    await let_expire(factory, organizer)

    found = await asyncio.gather(
        *(connections_of(pool, google).access_token(organizer) for _ in range(8)), return_exceptions=True
    )

    assert {type(each) for each in found} == {Disconnected}
    assert stand_in.asked("refresh") == 1
    ((in_which, body),) = await told(factory, organizer)
    assert in_which == latest.id
    assert body.startswith("Board games: Google no longer lets us into your calendar")
    assert body.endswith(f"To connect it again: {PAGE}")
    assert await row(factory, organizer) == []
    state = await connections_of(pool, google).state(organizer)
    assert (state.is_connected, state.disconnected_at is None) == (False, False)
    assert "withdrew" in str(state.disconnected_because)


async def test_a_loss_and_the_text_about_it_are_noted_together_or_not_at_all(
    factory: Factory, pool: Pool, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    await factory.sync(organizer=organizer)
    await factory.do(
        "create function no_texts() returns trigger language plpgsql as $$ begin raise 'No text today.'; end $$;"
        " create trigger no_texts before insert on auto_sync_messages execute function no_texts()"
    )
    stand_in.revoke()
    await let_expire(factory, organizer)

    with pytest.raises(psycopg.errors.RaiseException, match=r"No text today"):
        await connections.access_token(organizer)

    assert (await connections.state(organizer)).is_connected
    await factory.do("drop trigger no_texts on auto_sync_messages")
    with pytest.raises(Disconnected):
        await connections.access_token(organizer)
    assert len(await told(factory, organizer)) == 1


async def test_whoever_has_no_sync_yet_is_told_by_the_pages_alone(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    stand_in.revoke()
    await let_expire(factory, organizer)

    with pytest.raises(Disconnected):
        await connections.access_token(organizer)

    assert await told(factory, organizer) == []
    assert (await connections.state(organizer)).disconnected_because is not None


async def test_whoever_lost_it_hears_so_until_they_connect_it_again(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    stand_in.revoke()
    await let_expire(factory, organizer)
    await factory.sync(organizer=organizer)
    for _ in range(3):
        with pytest.raises(Disconnected, match="Connect it again"):
            await connections.access_token(organizer)

    await connections.connect(organizer, await granted(stand_in, connections.google))

    assert len(await told(factory, organizer)) == 1
    assert (await connections.state(organizer)).disconnected_because is None
    await connections.access_token(organizer)


async def test_access_for_an_hour_that_another_client_kept_is_lost_when_it_is_over(
    factory: Factory, connections: CalendarConnections
) -> None:
    organizer = await factory.organizer()
    await written_by_another_client(factory, organizer, "ya29.short", None, minutes=3)
    assert await connections.access_token(organizer) == SecretStr("ya29.short"), "it has three minutes yet"

    await let_expire(factory, organizer)
    with pytest.raises(Disconnected):
        await connections.access_token(organizer)

    assert await row(factory, organizer) == []


async def test_a_token_without_a_date_is_refreshed_or_else_used(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    undated = "update google_calendar_tokens set expires_at = null where user_id = %s"
    await factory.do(undated, organizer)
    await connections.access_token(organizer)
    assert stand_in.asked("refresh") == 1

    other = await factory.organizer()
    await written_by_another_client(factory, other, "ya29.undated", None)
    await factory.do(undated, other)
    assert await connections.access_token(other) == SecretStr("ya29.undated")


async def test_whoever_has_no_profile_loses_their_tokens_all_the_same(
    factory: Factory, connections: CalendarConnections
) -> None:
    user = uuid4()
    await factory.do("insert into auth.users (id) values (%s)", user)
    await written_by_another_client(factory, user, "ya29.over", None, seconds=-1)

    with pytest.raises(Disconnected):
        await connections.access_token(user)

    assert await row(factory, user) == []


# With access


async def test_a_call_that_is_not_let_in_is_made_again_with_a_fresh_token(
    stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    stand_in.expire()

    def look(token: SecretStr) -> Any:
        now = datetime.now(UTC)
        return connections.google.busy(token, ["primary"], begins=now, ends=now + timedelta(hours=1))

    assert (await connections.with_access(organizer, look)).busy == ()
    assert (stand_in.asked("freebusy"), stand_in.asked("refresh")) == (2, 1)


async def test_many_calls_that_are_not_let_in_at_once_refresh_once(
    stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    stand_in.expire()
    now = datetime.now(UTC)

    await asyncio.gather(
        *(
            connections.with_access(
                organizer,
                lambda token: connections.google.busy(token, ["primary"], begins=now, ends=now + timedelta(1)),
            )
            for _ in range(10)
        )
    )

    assert stand_in.asked("refresh") == 1


async def test_whom_google_does_not_let_in_twice_is_disconnected(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    tried: list[SecretStr] = []

    async def never(token: SecretStr) -> None:
        tried.append(token)
        raise Unauthorized("No.", "401 authError")

    await factory.sync(organizer=organizer)
    with pytest.raises(Disconnected):
        await connections.with_access(organizer, never)

    assert len(await told(factory, organizer)) == 1
    assert len(set(tried)) == 2
    assert await row(factory, organizer) == []


async def test_tokens_that_came_meanwhile_are_not_those_that_google_refused(
    factory: Factory, connections: CalendarConnections, organizer: UUID
) -> None:
    async def overtaken(_: SecretStr) -> None:
        await written_by_another_client(factory, organizer, f"ya29.{uuid4()}")
        raise Unauthorized("No.", "401 authError")

    with pytest.raises(Throttled):
        await connections.with_access(organizer, overtaken)

    ((access, *_),) = await row(factory, organizer)
    assert access.startswith("ya29.")
    assert (await connections.state(organizer)).disconnected_at is None


async def test_whatever_else_a_call_raises_is_the_callers(
    stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    async def fails(_: SecretStr) -> None:
        raise Throttled("Wait.", "429")

    with pytest.raises(Throttled):
        await connections.with_access(organizer, fails)

    assert stand_in.asked("refresh") == 0


async def test_other_clients_tokens_written_meanwhile_are_never_overwritten(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID, direct_url: str
) -> None:
    """They come before the refresh, and are used; or they wait for it, and stay."""
    await let_expire(factory, organizer)
    stand_in.misbehave(calls={"refresh": ["slow"]}, slow_seconds=0.5)
    refreshing = asyncio.create_task(connections.access_token(organizer))

    async def is_asked() -> bool:
        return bool(stand_in.requests()["in_hand"])

    await until(is_asked)
    async with connect(direct_url) as other:
        await written_by_another_client(Factory(other), organizer, "ya29.theirs")

    await refreshing
    assert await connections.access_token(organizer) == SecretStr("ya29.theirs")


# What is wanted


async def test_what_is_wanted_is_kept_by_its_owner_and_has_defaults(
    factory: Factory, pool: Pool, connections: CalendarConnections
) -> None:
    organizer = await factory.organizer()
    assert (await connections.state(organizer)).wishes == Wishes()
    wishes = Wishes(("you@example.com", "primary"), time(8, 30), time(23, 59), timedelta(minutes=45))

    async with as_person(pool, f'{{"sub": "{organizer}", "role": "authenticated"}}') as own:
        await calendars.save(own, organizer, Wishes(buffer=timedelta(hours=4)))
        await calendars.save(own, organizer, wishes)
        assert (await calendars.find(own, organizer)).wishes == wishes


@pytest.mark.parametrize("wishes", [
    Wishes(()), Wishes(("",)), Wishes(("a b",)), Wishes(("a\u0007",)), Wishes(("a" * 255,)), Wishes(("a",) * 11),
    Wishes(day_begins=time(21), day_ends=time(9)), Wishes(buffer=timedelta(hours=5)), Wishes(buffer=-timedelta(1)),
])  # fmt: skip
async def test_the_table_keeps_nothing_that_makes_no_sense(
    factory: Factory, connection: Connection, wishes: Wishes
) -> None:
    organizer = await factory.organizer()

    with pytest.raises(psycopg.errors.CheckViolation):
        await calendars.save(connection, organizer, wishes)


# Secrets


async def test_nothing_that_lets_one_in_is_logged_or_shown(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, organizer: UUID
) -> None:
    token = await connections.access_token(organizer)
    tokens = Tokens(token)
    with capture_logs() as logs:
        for fault in (*TRANSIENT[1:], "invalid_grant"):
            await let_expire(factory, organizer)
            stand_in.plan("refresh", fault)
            with suppress(GoogleError, Refused):
                await connections.access_token(organizer)

    assert logs
    assert "ya29." not in f"{logs} {tokens!r} {connections!r}"
    assert "1//" not in str(logs)
