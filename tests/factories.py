"""Makes rows as other clients of the database would: by plain SQL, with what production's tables need."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from autosync.database import clock, migrate
from autosync.database.pool import Connection, connect


def run_migrations(url: str) -> None:
    """Brings a database to the newest schema."""

    async def run() -> None:
        async with connect(url) as connection:
            await migrate.migrate(connection)

    asyncio.run(run())


@dataclass
class MadeSync:
    """What a test needs to know of a sync that it made."""

    id: UUID
    organizer: UUID
    contacts: list[UUID] = field(default_factory=list)
    options: list[UUID] = field(default_factory=list)


POISON = """
create function refuse_poison() returns trigger language plpgsql as $$
begin
  if exists (select from auto_syncs where id = new.auto_sync_id and event_name = 'poison') then
    raise exception 'this sync is poison';
  end if;
  return new;
end $$;
create trigger refuse_poison before insert on auto_sync_messages
for each row when (new.status = 'queued') execute function refuse_poison();
"""


class Factory:
    """Each method makes one kind of row, with defaults for all that a test does not care about."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._numbers = iter(range(100, 10_000_000))

    async def one(self, query: str, *parameters: Any) -> Any:
        """The first column of the first row."""
        row = await (await self.connection.execute(query, parameters)).fetchone()
        assert row is not None, f"no row for {query}"
        return row[0]

    async def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        return await (await self.connection.execute(query, parameters)).fetchall()

    async def do(self, query: str, *parameters: Any) -> int:
        """Runs a statement and returns how many rows it touched."""
        return (await self.connection.execute(query, parameters)).rowcount

    def phone_number(self) -> str:
        """A number that no other contact of the test has: +1 212 555 0100 and on."""
        return f"+1212{5_550_000 + next(self._numbers):07}"

    async def organizer(self, first_name: str = "Maya", last_name: str = "Lopez", **columns: Any) -> UUID:
        """A profile with the auth user that it belongs to."""
        id_ = uuid4()
        await self.do("insert into auth.users (id) values (%s)", id_)
        columns = {"phone_number": self.phone_number(), "preferred_timezone": "America/New_York", **columns}
        await self.insert("profiles", id=id_, first_name=first_name, last_name=last_name, **columns)
        return id_

    async def contact(self, organizer: UUID, first_name: str = "Ann", **columns: Any) -> UUID:
        """A contact in the organizer's address book, with a number of its own."""
        columns = {"last_name": None, "phone_number": self.phone_number(), **columns}
        return await self.insert("contacts", user_id=organizer, first_name=first_name, **columns)

    async def crew(self, organizer: UUID, contacts: list[UUID], name: str = "Friends") -> UUID:
        """A crew of these contacts."""
        crew = await self.insert("crews", creator_id=organizer, name=name)
        for contact in contacts:
            await self.do("insert into crew_members (crew_id, contact_id) values (%s, %s)", crew, contact)
        return crew

    async def sync(
        self, *, organizer: UUID | None = None, invitees: int = 3, options: int = 3, **columns: Any
    ) -> MadeSync:
        """A sync as another client inserts one: the row, its options, and the initial texts that it sent itself."""
        names = ("Ann", "Ben", "Chloe", "Dev", "Eli", "Fay", "Gus", "Hana")
        assert invitees <= len(names), "nobody else has a name"
        organizer = organizer or await self.organizer()
        columns = {"event_name": "Board games", "timezone": "America/New_York", **columns}
        made = MadeSync(await self.insert("auto_syncs", organizer_id=organizer, **columns), organizer)
        for number in range(1, options + 1):
            made.options.append(await self.option(made.id, number))
        for name in names[:invitees]:
            contact = await self.contact(organizer, name)
            made.contacts.append(contact)
            await self.insert("auto_sync_messages", auto_sync_id=made.id, contact_id=contact, message_type="initial")
        return made

    async def option(self, sync: UUID, number: int, *, start: datetime | None = None, hours: int = 2) -> UUID:
        """An option; unless told otherwise some weeks ahead."""
        start = start or datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=20 + number)
        end = start + timedelta(hours=hours)
        return await self.insert("auto_sync_options", auto_sync_id=sync, idx=number, start_time=start, end_time=end)

    async def answer(self, sync: MadeSync, contact: UUID, *numbers: int) -> None:
        """An answer by plain SQL; no numbers: not available."""
        options = [sync.options[number - 1] for number in numbers]
        await self.do(
            """insert into auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type)
            values (%s, %s, %s, %s)
            on conflict (auto_sync_id, contact_id) do update
            set option_ids = excluded.option_ids, response_type = excluded.response_type, updated_at = now()""",
            sync.id, contact, options, "available" if options else "not_available",
        )  # fmt: skip

    async def suppress(self, phone_number: str, *, source: str = "inbound", reason: str = "STOP") -> None:
        """A number that said stop."""
        await self.do(
            "insert into auto_sync_suppressions (number_hash, phone_number, suppressed_at, source, reason)"
            " values (autosync_number_hash(%s), %s, autosync_now(), %s, %s)",
            phone_number, phone_number, source, reason,
        )  # fmt: skip

    async def insert(self, table: str, **columns: Any) -> UUID:
        """One row; returns its id."""
        names = ", ".join(columns)
        places = ", ".join(["%s"] * len(columns))
        id_: UUID = await self.one(f"insert into {table} ({names}) values ({places}) returning id", *columns.values())
        return id_

    async def demo_timings(self) -> None:
        """Five and ten minutes, and a clock that can be moved."""
        await clock.activate(self.connection, "demo")

    async def move_clock(self, **ahead: float) -> datetime:
        """Moves the demo's clock ahead, as in `move_clock(minutes=5)`."""
        return await clock.move_ahead(self.connection, timedelta(**ahead))

    async def jobs(self, sync: UUID) -> list[tuple[str, str, str | None]]:
        """(type, status, reason) of a sync's jobs, in the order of their schedule."""
        return await self.rows(
            "select job_type, status, error_message from job_queue where sync_id = %s order by scheduled_at, id", sync
        )

    async def pending(self, sync: UUID) -> dict[str, datetime]:
        """When each pending job of a sync is scheduled, by type."""
        return dict(
            await self.rows(
                "select job_type, scheduled_at from job_queue where sync_id = %s and status = 'pending'", sync
            )
        )

    async def texts(self, sync: UUID, type_: str) -> list[tuple[Any, ...]]:
        """(contact_id, status, body, reason) of a sync's texts of one type."""
        return await self.rows(
            "select contact_id, status, body, status_reason from auto_sync_messages"
            " where auto_sync_id = %s and message_type = %s order by created_at, id",
            sync, type_,
        )  # fmt: skip

    async def refuse_poison(self) -> None:
        """From now on the database refuses each text of a sync whose event is called poison."""
        await self.do(POISON)

    async def make_due(self, sync: UUID, job_type: str, *, minutes: int = 0) -> None:
        """Brings a sync's pending job of this type so many minutes and a second into the past."""
        await self.do(
            "update job_queue set scheduled_at = autosync_now() - make_interval(mins => %s, secs => 1)"
            " where sync_id = %s and job_type = %s and status = 'pending'",
            minutes, sync, job_type,
        )  # fmt: skip


@asynccontextmanager
async def acting_as(connection: Connection, role: str, user: UUID | None = None) -> AsyncIterator[None]:
    """A transaction in a Supabase role with its claims, as PostgREST opens one for a request."""
    claims = {"role": role} | ({"sub": str(user)} if user else {})
    async with connection.transaction():
        await connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        await connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        yield


def lay_stand_in(url: str) -> None:
    """What Supabase brings, on a plain PostgreSQL, as `migrate` would lay it."""
    with psycopg.connect(url) as connection:
        connection.execute(files("autosync.database").joinpath("supabase_stand_in.sql").read_bytes())


def lay_production_schema(url: str, *, with_queue: bool) -> None:
    """A database as it stood before this project, with rows; its queue only if wanted. Needs Supabase's schema auth."""
    folder = Path(__file__).parent
    with psycopg.connect(url) as connection:
        connection.execute((folder / "production_schema.sql").read_bytes())
        if with_queue:
            connection.execute((folder / "production_job_queue.sql").read_bytes())


async def at_noon(factory: Factory) -> datetime:
    """Demo timings, and the clock moved ahead to noon in New York, where the factory's numbers are."""
    await factory.demo_timings()
    ahead = await factory.one(
        "select date_trunc('day', local) + interval '36 hours' - local"
        " from (select autosync_now() at time zone 'America/New_York' as local) as now"
    )
    return await clock.move_ahead(factory.connection, ahead)
