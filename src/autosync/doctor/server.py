"""The server itself, sessions that stand in the way, and which migrations the database has. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosync.database.migrate import migrations
from autosync.database.review import IdleTransaction, Recorded, Server
from autosync.doctor.findings import Finding, agree, ok, some, span, warning, wrong

AREA = "server"
MIGRATIONS = "migrations"

OLDEST = 15

NOTHING = "None of this project's migrations has been applied: nothing of it is here yet."


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


def idle(transactions: Sequence[IdleTransaction]) -> Iterator[Finding]:
    """Whether sessions hold locks and do nothing; jobs and texts that they locked are silently left for later."""
    for session in transactions:
        yield warning(
            AREA,
            f"Session {session.pid} of {session.user} has been idle in a transaction for {span(session.age)}:"
            " jobs and texts that it locked wait for it.",
            f"Find out what it is; `select pg_terminate_backend({session.pid});` ends it.",
        )


def recorded(on_record: Sequence[Recorded]) -> Iterator[Finding]:
    """Whether this release's migrations are all there, and none of a newer release."""
    have = {migration.version for migration in on_record}
    missing = [m for m in migrations() if m.version not in have]
    if len(missing) == len(migrations()):
        yield wrong(MIGRATIONS, NOTHING, "Run `autosync migrate`.")
    elif missing:
        names = ", ".join(f"{m.version}_{m.name}" for m in missing)
        has_not = agree(len(missing), "has", "have")
        what = f"{some(len(missing), 'migration')} of this release {has_not} not been applied: {names}."
        yield wrong(
            MIGRATIONS, what, "Run `autosync migrate`, then review again: until then schema and rights are not."
        )
    newest = migrations()[-1].version
    ours = {migration.version for migration in migrations()}
    newer = [m for m in on_record if m.version not in ours and m.version > newest and m.is_about_us]
    if newer:
        names = ", ".join(f"{m.version}_{m.name}" for m in newer)
        what = f"The database has migrations that this release does not know: {names}."
        yield warning(MIGRATIONS, what, "Install the release that they belong to, or check that they are your own.")
    if not missing and not newer:
        yield ok(MIGRATIONS, f"All {len(migrations())} migrations of this release are applied.")
