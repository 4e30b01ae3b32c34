"""Brings a database to the newest schema, and tells which one it has.

Records what it applied where the Supabase CLI does, so that both agree. Each migration is one transaction under a
transaction-level advisory lock: two runs at once wait for each other, and a failed migration leaves no trace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import psycopg

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Refused

_LOCK = 0x6175746F73796E63  # "autosync"
_FILE = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")


class MigrationError(Refused):
    """A migration was refused by the database: one sentence with the file and the cause."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `supabase/migrations/`: its 14-digit version, name and SQL."""

    version: str
    name: str
    sql: str


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


async def migrate(connection: Connection) -> list[Migration]:
    """Applies what is pending, in order, and returns it. Raises MigrationError; what came before it stays applied."""
    async with connection.transaction():
        await _lock(connection)
        await _lay_supabase_stand_in(connection)
        await connection.execute(statement("create_migrations_schema"))
        await connection.execute(statement("create_migrations_table"))
    return [migration for migration in await pending(connection) if await _apply(connection, migration)]


async def _lay_supabase_stand_in(connection: Connection) -> None:
    """On a plain PostgreSQL: the roles and the schema `auth` that Supabase brings itself."""
    cursor = await connection.execute("select to_regnamespace('auth') is null")
    row = await cursor.fetchone()
    if row and row[0]:
        await connection.execute(files("autosync.database").joinpath("supabase_stand_in.sql").read_bytes())


async def _lock(connection: Connection) -> None:
    await connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


async def _apply(connection: Connection, migration: Migration) -> bool:
    """Whether it was applied: False where another run did so meanwhile."""
    try:
        async with connection.transaction():
            await _lock(connection)
            if migration.version in await applied_versions(connection):
                return False
            await connection.execute(migration.sql.encode())
            await connection.execute(
                statement("record_migration"),
                {"version": migration.version, "name": migration.name, "statements": [migration.sql]},
            )
    except psycopg.errors.Error as error:
        file = f"{migration.version}_{migration.name}.sql"
        raise MigrationError(f"The database refused {file}: {' '.join(str(error).split())}") from error
    return True
