"""The server itself, its limits, sessions that stand in the way, and which migrations the database has. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from autosync.database.migrate import Migration, migrations
from autosync.database.review import Recorded
from autosync.database.vitals import IdleTransaction, Limit, RoleSetting, Server
from autosync.doctor.findings import Finding, agree, note, ok, some, span, warning, wrong

AREA = "server"
MIGRATIONS = "migrations"

OLDEST = 15
FULL = 0.9
SKEW = timedelta(minutes=1)

_LEAST_SECONDS = {
    "statement_timeout": 5,
    "lock_timeout": 1,
    "idle_in_transaction_session_timeout": 5,
    "transaction_timeout": 10,
}
"""Below this a full batch, or a batch on a busy machine, may be cut short; 0 is no limit."""

_WHO = "`select application_name, count(*) from pg_stat_activity group by 1;`"

NOTHING = "None of this project's migrations has been applied: nothing of it is here yet."


@dataclass(frozen=True, slots=True)
class Record:
    """The migrations on record, and whether the project's own tables are there."""

    migrations: Sequence[Recorded]
    has_tables: bool


def itself(server: Server) -> Iterator[Finding]:
    """Whether the server can carry the project."""
    if server.version_number < OLDEST * 10_000:
        what = f"PostgreSQL {server.version} is too old: the outbox needs what version {OLDEST} brought."
        yield wrong(AREA, what, f"Upgrade the server to {OLDEST} or newer.")
    else:
        yield ok(AREA, f"PostgreSQL {server.version}.")
    if server.is_standby:
        what = "This server is a standby, which only repeats another one's writes."
        yield warning(AREA, what, "Let the project's processes connect to the primary, and review that one.")
    if not server.autovacuum:
        what = "Autovacuum is off, so the queue's indexes grow until nothing is quick any more."
        advice = "Run `alter system set autovacuum = on;` and then `select pg_reload_conf();`."
        yield warning(AREA, what, advice)
    if server.encoding != "UTF8":
        what = f"The database is encoded in {server.encoding}, which cannot hold every name."
        yield warning(AREA, what, "Move it to a database made with `create database ... encoding 'UTF8'`.")
    if abs(server.ahead) > SKEW:
        where = "ahead of" if server.ahead > timedelta() else "behind"
        what = f"The server's clock is {span(abs(server.ahead))} {where} that of this machine."
        advice = "Let both keep time by NTP: `timedatectl status` tells; tokens and time-outs go by both clocks."
        yield warning(AREA, what, advice)
    if not server.sees_sessions:
        what = (
            f"The role {server.role} does not see what other roles' sessions do, so those that stand in the way hide."
        )
        yield note(AREA, what, f"As an administrator, run `grant pg_monitor to {server.role};`.")


def idle(transactions: Sequence[IdleTransaction]) -> Iterator[Finding]:
    """Whether sessions hold locks and do nothing; jobs and texts that they locked are silently left for later."""
    for session in transactions:
        yield warning(
            AREA,
            f"Session {session.pid} of {session.user} has been idle in a transaction for {span(session.age)}:"
            " jobs and texts that it locked wait for it.",
            f"Find out what it is; `select pg_terminate_backend({session.pid});` ends it.",
        )


def limits(found: Sequence[Limit]) -> Iterator[Finding]:
    """Whether there will be connections for who needs one."""
    for limit in found:
        if limit.used < FULL * limit.allowed:
            continue
        change = {
            "server": "raise `max_connections`, which takes a restart",
            "database": "run `alter database ... connection limit -1;`",
            "role": "run `alter role ... connection limit -1;`",
        }[limit.whose]
        yield warning(
            AREA,
            f"{limit.used:,} of the {limit.allowed:,} connections that the {limit.whose} allows are taken.",
            f"Put a pooler such as PgBouncer in between, or {change}; {_WHO} tells who has them.",
        )


def role_settings(found: Sequence[RoleSetting]) -> Iterator[Finding]:
    """Whether a setting cuts our work short."""
    for setting in found:
        reset = f"alter role {setting.role} set {setting.name} ="
        if setting.name == "default_transaction_read_only":
            if setting.seconds:
                what = f"Transactions of {setting.role} are read-only unless told otherwise, so nothing gets done."
                where = "Look whether it is set for the role, the database or the server"
                yield wrong(AREA, what, f"{where}, then turn it off there, as in `{reset} off;`.")
        elif 0 < setting.seconds < _LEAST_SECONDS[setting.name]:
            what = f"The {setting.name} of {setting.role} is {setting.seconds:g} s, which can cut a batch short."
            yield warning(AREA, what, f"Give it {_LEAST_SECONDS[setting.name]} s or more, as in `{reset} '60s';`.")


def recorded(record: Record) -> Iterator[Finding]:
    """Whether this release's migrations are all there, in order, and none of a newer release."""
    on_record = record.migrations
    have = {migration.version for migration in on_record}
    missing = [m for m in migrations() if m.version not in have]
    newest = migrations()[-1].version
    ours = {migration.version for migration in migrations()}
    newer = [m for m in on_record if m.version not in ours and m.version > newest and m.is_about_us]
    if missing:
        yield _missing(missing, have & ours, has_tables=record.has_tables)
    if newer:
        names = ", ".join(f"{m.version}_{m.name}" for m in newer)
        what = f"The database has migrations that this release does not know: {names}."
        yield warning(MIGRATIONS, what, "Install the release that they belong to, or check that they are your own.")
    strange = [m for m in on_record if migrations()[0].version < m.version <= newest and m.version not in ours]
    if named := ", ".join(f"{m.version}_{m.name}" for m in strange if m.is_about_us):
        what = f"Between this release's migrations others are on record that speak of its tables: {named}."
        yield note(MIGRATIONS, what, "See that they are your own; what they changed is told under schema and security.")
    if not missing and not newer:
        yield ok(MIGRATIONS, f"All {len(migrations())} migrations of this release are applied.")


def _missing(missing: Sequence[Migration], have: set[str], *, has_tables: bool) -> Finding:
    names = ", ".join(f"{m.version}_{m.name}" for m in missing)
    if len(missing) == len(migrations()):
        if not has_tables:
            return wrong(MIGRATIONS, NOTHING, "Run `autosync migrate`.", missing=True)
        what = "The project's tables are there, but none of its migrations is on record."
        advice = "Restore `supabase_migrations.schema_migrations` from where the tables came from, or mark those that"
        repair = f"`supabase migration repair --status applied {' '.join(m.version for m in missing)}`"
        return wrong(MIGRATIONS, what, f"{advice} they have as applied: {repair}.", missing=True)
    has_not = agree(len(missing), "has", "have")
    what = f"{some(len(missing), 'migration')} of this release {has_not} not been applied: {names}."
    if missing[0].version < max(have):
        what = f"{what} Later ones have."
    advice = "Run `autosync migrate`, then review again: until then schema and rights are not."
    return wrong(MIGRATIONS, what, advice, missing=True)
