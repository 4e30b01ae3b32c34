"""Point-in-time recovery: a base back-up under load, the WAL after it, and a moment to go back to; then it is settled.

Debian's PostgreSQL 15, as its manual says it is done: `pg_basebackup`, `archive_command`, `recovery_target_time`.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from autosync.database import clock
from autosync.database.pool import connect
from conftest import POSTGRES_15
from factories import Factory, run_migrations
from ledger import differences, of_gateway, open_books
from pooler import as_user, missing
from restoring import SYNCS, begin, lives_on, long_enough_ago, settle, told, under_load
from stand_in import StandIn, stand_in
from waiting import until


@dataclass(frozen=True)
class Archived:
    """A server that archives its WAL, and what is made of its back-up."""

    folder: Path
    as_owner: list[str]

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs, as the servers' owner."""
        command = [*self.as_owner, str(POSTGRES_15 / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def start(self, name: str, **settings: str) -> None:
        """Starts the server whose data are in the folder of this name."""
        settings = {
            "listen_addresses": "",
            "fsync": "off",
            "unix_socket_directories": self._sockets(name),
        } | settings
        options = " ".join(f"-c {setting}='{value}'" for setting, value in settings.items())
        data = str(self.folder / name)
        log = self.folder / f"{name}.log"
        try:
            self.run("pg_ctl", "-w", "-t", "60", "-D", data, "-l", str(log), "-o", options, "start")
        except subprocess.CalledProcessError:
            pytest.fail(log.read_text())

    def stop(self, name: str) -> None:
        """At once, as if its disk were lost."""
        if (self.folder / name / "postmaster.pid").exists():
            self.run("pg_ctl", "-w", "-D", str(self.folder / name), "-m", "immediate", "stop")

    def _sockets(self, name: str) -> str:
        """Outside of the data, or the back-up would have its lock."""
        return str(self.folder / f"sockets-{name}")

    def url(self, name: str, database: str = "autosync") -> str:
        return make_conninfo(host=self._sockets(name), user="postgres", dbname=database)

    def back_up(self) -> None:
        """A base back-up of the first server; the WAL that it needs is in the archive."""
        options = ("--checkpoint=fast", "--wal-method=none", "--no-sync", "--no-manifest")
        address = self.url("first", "postgres")
        self.run("pg_basebackup", "-d", address, "-D", str(self.folder / "second"), *options)

    def recover(self, moment: datetime) -> None:
        """Starts the back-up as a server of its own, which replays the archive up to this moment."""
        subprocess.run([*self.as_owner, "touch", self.folder / "second" / "recovery.signal"], check=True)
        self.start(
            "second",
            restore_command=f"cp {self.folder}/archive/%f %p",
            recovery_target_time=moment.isoformat(),
            recovery_target_action="promote",
        )


@contextmanager
def archiving() -> Iterator[Archived]:
    """A migrated database on a server that archives."""
    if not POSTGRES_15.is_dir():
        missing("PostgreSQL 15")
    folder = Path(tempfile.mkdtemp(prefix="autosync-pitr-"))
    servers = Archived(folder, as_user("postgres", folder))
    folders = [folder / name for name in ("archive", "sockets-first", "sockets-second")]
    subprocess.run([*servers.as_owner, "mkdir", *folders], check=True)
    servers.run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync", "-D", str(folder / "first"))
    servers.start("first", wal_level="replica", archive_mode="on", archive_command=f"cp %p {folder}/archive/%f")
    try:
        with psycopg.connect(servers.url("first", "postgres"), autocommit=True) as admin:
            admin.execute("create database autosync")
        run_migrations(servers.url("first"))
        yield servers
    finally:
        for name in ("first", "second"):
            servers.stop(name)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def servers() -> Iterator[Archived]:
    with archiving() as made:
        yield made


@pytest.fixture
def twilio() -> Iterator[StandIn]:
    """One account, which outlives the server."""
    with stand_in(inbound_url="http://127.0.0.1:9/webhooks/twilio/inbound") as running:
        yield running


async def archive_all(factory: Factory) -> None:
    """Ends the segment of the WAL that is being written, and waits until it is in the archive."""
    segment = await factory.one("select pg_walfile_name(pg_current_wal_insert_lsn())")
    await factory.one("select pg_switch_wal()::text")

    async def is_archived() -> bool:
        return bool(await factory.one("select last_archived_wal >= %s from pg_stat_archiver", segment))

    await until(is_archived, within=30)


async def until_promoted(factory: Factory) -> None:
    """A server lets people read before it has come to the moment."""

    async def is_promoted() -> bool:
        return not await factory.one("select pg_is_in_recovery()")

    await until(is_promoted, within=60)


async def test_a_database_that_is_brought_back_to_a_moment_is_settled_and_texts_nobody_twice(
    servers: Archived, twilio: StandIn
) -> None:
    url, since = servers.url("first"), long_enough_ago()
    async with connect(url) as connection:
        factory = Factory(connection)
        await begin(factory)
        await lives_on(url, twilio, texts=1)
        await under_load(url, twilio, servers.back_up)
        known = len(twilio.accepted())
        moment = await factory.one("select clock_timestamp()")
        number = await factory.one(
            "select c.phone_number from auto_sync_messages m join contacts c on c.id = m.contact_id"
            " where m.status = 'queued' limit 1"
        )
        await lives_on(url, twilio, texts=3)
        twilio.inbound(**{"from": number, "body": "1"})
        left = len(twilio.accepted())
        await archive_all(factory)
    servers.stop("first")

    servers.recover(moment)
    url = servers.url("second")
    async with connect(url) as connection:
        factory = Factory(connection)
        await until_promoted(factory)
        sent = "select count(*) from auto_sync_messages where status = 'sent' and body is not null"
        assert await factory.one(sent) == known, "all until that moment, and nothing after it"

    settled = await settle(url, twilio, since)
    async with connect(url) as connection:
        await clock.move_ahead(connection, timedelta(minutes=1))
    await lives_on(url, twilio)

    assert (settled.had_left, settled.came_in, settled.in_doubt, settled.resumed) == (left - known, 1, 0, True)
    everything = told(twilio)
    assert len(everything) == len(set(everything)) >= SYNCS * 4, "nobody is told the same thing twice"
    books = open_books(url)
    assert differences(books) == []
    assert [
        line for line in of_gateway(books, twilio.accepted(), gateway="twilio") if not line.startswith("in other words")
    ] == []
