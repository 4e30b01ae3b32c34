"""Brings a database to the newest schema, and tells which one it has.

Records what it applied where the Supabase CLI does, so that both agree. Each migration is one transaction under a
transaction-level advisory lock: two runs at once wait for each other, and a failed migration leaves no trace. A table
that is in use is never queued for for long, since everybody else would queue up behind: see docs/decisions/0008.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

import psycopg
import structlog
from psycopg import sql

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Refused

_LOCK = 0x6175746F73796E63  # "autosync"
_TABLE = re.compile(r"\bpublic\.(\w+)")
_FILE = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")

log = structlog.get_logger(__name__)

LOCK_TIMEOUT = timedelta(milliseconds=500)
"""How long a migration waits for a table, and others behind it. PostgreSQL looks for deadlocks after a second by
default: the migration has given way by then, and nobody else's transaction is the victim."""

ATTEMPTS = 20
"""How often a migration is tried while its tables are in use: with the pauses below, for two to three minutes."""

_FIRST_PAUSE = timedelta(milliseconds=500)
_LONGEST_PAUSE = timedelta(seconds=10)
_IN_USE = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


class MigrationError(Refused):
    """A migration was refused by the database: one sentence with the file and the cause."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `supabase/migrations/`: its 14-digit version, name and SQL."""

    version: str
    name: str
    sql: str

    @property
    def file(self) -> str:
        """Its file's name."""
        return f"{self.version}_{self.name}.sql"


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations in order, from the checkout or from the installed package."""
    package = Path(str(files("autosync.database")))
    folder = next(
        path for path in (package / "migrations", package.parents[2] / "supabase" / "migrations") if path.is_dir()
    )
    found = ((path, _FILE.fullmatch(path.name)) for path in sorted(folder.iterdir()))
    return tuple(Migration(match["version"], match["name"], path.read_text()) for path, match in found if match)


async def applied_versions(connection: Connection) -> set[str]:
    """The versions that the database has; empty where nothing was ever recorded."""
    async with connection.transaction():
        cursor = await connection.execute("select to_regclass('supabase_migrations.schema_migrations') is not null")
        row = await cursor.fetchone()
        if not row or not row[0]:
            return set()
        cursor = await connection.execute("select version from supabase_migrations.schema_migrations")
        return {str(version) for (version,) in await cursor.fetchall()}


async def pending(connection: Connection) -> list[Migration]:
    """The migrations that the database does not have yet, in order."""
    applied = await applied_versions(connection)
    return [migration for migration in migrations() if migration.version not in applied]


async def migrate(connection: Connection, *, attempts: int = ATTEMPTS) -> list[Migration]:
    """Applies what is pending, in order, and returns it. Raises MigrationError; what came before it stays applied.

    `attempts`: how often each is tried while others hold locks on its tables.
    """
    async with connection.transaction():
        await _lock(connection)
        await _lay_supabase_stand_in(connection)
        await connection.execute(statement("create_migrations_schema"))
        await connection.execute(statement("create_migrations_table"))
    return [migration for migration in await pending(connection) if await _apply(connection, migration, attempts)]


async def _lay_supabase_stand_in(connection: Connection) -> None:
    """On a plain PostgreSQL: the roles and the schema `auth` that Supabase brings itself."""
    cursor = await connection.execute("select to_regnamespace('auth') is null")
    row = await cursor.fetchone()
    if row and row[0]:
        await connection.execute(files("autosync.database").joinpath("supabase_stand_in.sql").read_bytes())


async def _lock(connection: Connection) -> None:
    await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


async def _apply(connection: Connection, migration: Migration, attempts: int) -> bool:
    """Whether it was applied: False where another run did so meanwhile."""
    attempt, pause = 1, _FIRST_PAUSE
    while True:
        try:
            return await _try(connection, migration)
        except _IN_USE as error:
            holder = await _oldest_holder(connection)
            if attempt >= attempts:
                raise MigrationError(
                    f"{migration.file} was not applied: its tables were in use by others whenever it was tried, "
                    f"{attempt} times{holder and f', at last by {holder}'}. Nothing of it is left behind; run "
                    "`autosync migrate` again once they are free."
                ) from error
            log.warning("migration_waits", file=migration.file, attempt=attempt, used_by=holder or "somebody")
        except psycopg.errors.Error as error:
            raise MigrationError(f"The database refused {migration.file}: {' '.join(str(error).split())}") from error
        await asyncio.sleep(pause.total_seconds())
        attempt, pause = attempt + 1, min(2 * pause, _LONGEST_PAUSE)


async def _try(connection: Connection, migration: Migration) -> bool:
    async with connection.transaction():
        await _lock(connection)
        if migration.version in await applied_versions(connection):
            return False
        await connection.execute(statement("limit_lock_waits"), {"lock_timeout": LOCK_TIMEOUT})
        await _take_tables(connection, migration)
        await connection.execute(migration.sql.encode())
        await connection.execute(
            statement("record_migration"),
            {"version": migration.version, "name": migration.name, "statements": [migration.sql]},
        )
    return True


async def _take_tables(connection: Connection, migration: Migration) -> None:
    """Keeps writers out of every table that the migration names, before it begins.

    Table by table, as its statements come to them, it would hold one that a writer needs next and want another that the
    same writer has: on a busy database nearly every time.
    """
    named = sorted(set(_TABLE.findall(migration.sql)))
    cursor = await connection.execute(statement("list_tables"), {"names": named})
    tables = [sql.Identifier("public", name) for (name,) in await cursor.fetchall()]
    if tables:
        every = sql.SQL(", ").join(tables)
        await connection.execute(sql.SQL("lock table {} in share row exclusive mode").format(every))


async def _oldest_holder(connection: Connection) -> str:
    """Whose transaction has had locks on our tables for longest; empty if there is none any more."""
    row = await (await connection.execute(statement("find_oldest_lock_holder"))).fetchone()
    if row is None:
        return ""
    pid, program, age = row
    since = "" if age is None else f", whose transaction is {round(age.total_seconds())} s old"
    return f"session {pid} of {program or 'an unnamed program'}{since}"
