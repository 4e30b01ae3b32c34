"""pg_cron's jobs that wake the processor, and what they need: look, install, remove.

`install` brings exactly the jobs of `waking.JOBS`, run as this role, however often it is called. Secrets go into the
Vault as bound parameters; they stand in no statement, and what the Vault says as it refuses one is not passed on.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from pydantic import SecretStr

from autosync.database import jobs
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Refused
from autosync.waking import JOBS, KEY_SECRET, URL_SECRET, Call, Extensions, ScheduledJob, Waking

NAMES = [job.name for job in JOBS]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the function endpoint is, and what a caller presents."""

    url: str
    key: SecretStr


async def read(connection: Connection) -> Waking:
    """What there is, and how it goes. Raises psycopg.Error where the role may not see it."""
    extensions = await _extensions(connection)
    return Waking(
        extensions=extensions,
        jobs=await _jobs(connection) if extensions.version else (),
        secrets=await _secrets(connection) if extensions.has_vault else frozenset(),
        call=await _last_call(connection, can_be_answered=extensions.has_pg_net),
        oldest_due=await jobs.oldest_due_age(connection),
    )


async def install(connection: Connection, endpoint: Endpoint | None) -> None:
    """Schedules the jobs and, if one is given, stores the endpoint in the Vault. Raises Refused: nothing changed."""
    async with connection.transaction():
        await _lay_extension(connection)
        wrong = [job.id for job in await _jobs(connection) if not (job.active and job.is_own)]
        await connection.execute(statement("unschedule_cron_jobs"), {"ids": wrong})
        for job in JOBS:
            await connection.execute(
                statement("schedule_cron_job"), {"name": job.name, "schedule": job.schedule, "command": job.command}
            )
        if endpoint is not None:
            await _store(connection, endpoint)


async def remove(connection: Connection) -> list[str]:
    """Takes the jobs out of pg_cron and returns their names. What the Vault has stays."""
    async with connection.transaction():
        if (await _extensions(connection)).version is None:
            return []
        known = await _jobs(connection)
        await connection.execute(statement("unschedule_cron_jobs"), {"ids": [job.id for job in known]})
        return [job.name for job in known]


async def _lay_extension(connection: Connection) -> None:
    extensions = await _extensions(connection)
    if extensions.version is not None:
        return
    if extensions.obstacle is not None:
        raise Refused(extensions.obstacle)
    try:
        await connection.execute(statement("create_pg_cron"))
    except psycopg.Error as error:
        raise Refused(
            f"pg_cron could not be installed here ({error.diag.message_primary}): let a superuser run `create extension"
            f" pg_cron with schema pg_catalog;` in the database that cron.database_name names, and grant this role the"
            " use of schema cron; on Supabase, switch it on under Database, Extensions."
        ) from error


async def _store(connection: Connection, endpoint: Endpoint) -> None:
    if not (await _extensions(connection)).has_vault:
        raise Refused("There is no Vault in this database, or this role may not use it, so the key has no safe place.")
    await connection.execute(statement("hide_parameters"))
    secrets = (
        (URL_SECRET, endpoint.url, "Auto Sync: the address of its function endpoint"),
        (KEY_SECRET, endpoint.key.get_secret_value(), "Auto Sync: the service key that callers of it present"),
    )
    try:
        for name, secret, description in secrets:
            await connection.execute(
                statement("store_secret"), {"name": name, "secret": secret, "description": description}
            )
    except psycopg.Error as error:
        sqlstate = error.sqlstate
    else:
        return
    # Outside of the handler, so that not even a traceback carries the Vault's own words, which may hold the secret.
    raise Refused(f"The Vault refused the endpoint's address or key (SQLSTATE {sqlstate}).")


async def _extensions(connection: Connection) -> Extensions:
    row = await (await connection.execute(statement("read_waking"))).fetchone()
    assert row is not None, "read_waking returns one row"  # noqa: S101
    return Extensions(*row)


async def _jobs(connection: Connection) -> tuple[ScheduledJob, ...]:
    cursor = await connection.execute(statement("list_cron_jobs"), {"names": NAMES})
    return tuple(ScheduledJob(*row) for row in await cursor.fetchall())


async def _secrets(connection: Connection) -> frozenset[str]:
    cursor = await connection.execute(statement("list_secrets"), {"names": [URL_SECRET, KEY_SECRET]})
    return frozenset(name for (name,) in await cursor.fetchall())


async def _last_call(connection: Connection, *, can_be_answered: bool) -> Call | None:
    row = await (await connection.execute(statement("find_last_call"))).fetchone()
    if row is None:
        return None
    request_id, age, refused_with = row
    if request_id is None or not can_be_answered:
        return Call(age, refused_with)
    cursor = await connection.execute(statement("find_answer_of_call"), {"request_id": request_id})
    http_status, error = await cursor.fetchone() or (None, None)
    return Call(age, refused_with, http_status, error)
