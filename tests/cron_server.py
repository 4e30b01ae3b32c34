"""Debian's PostgreSQL 15 with pg_cron, which works in one database of a server only: that is laid anew for a test."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from factories import run_migrations
from pooler import as_user, missing

BINARIES = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/pg_cron.control")
DATABASE = "autosync"

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_preload_libraries": "pg_cron",
    "cron.database_name": DATABASE,
    "cron.use_background_workers": "on",
    # All that could ever give a secret away.
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_min_messages": "info",
    "cron.log_statement": "on",
    "cron.log_run": "on",
}

SCHEDULERS = "select count(*) from pg_stat_activity where application_name = 'pg_cron scheduler'"
LAY_ANEW = """
drop extension if exists pg_cron cascade;
drop schema if exists net, vault, auth, supabase_migrations cascade;
drop schema public cascade;
create schema public;
grant usage on schema public to public;
"""


@dataclass(frozen=True, slots=True)
class CronServer:
    """`url`: the database that pg_cron works in; `other_url`: one where it does not."""

    url: str
    other_url: str
    log_file: Path
    restart: Callable[[], None] = field(repr=False)

    @property
    def log(self) -> str:
        """All that the server has logged so far."""
        return self.log_file.read_text(errors="replace")

    def lay_anew(self) -> None:
        """A migrated database without pg_cron, pg_net and Vault.

        A scheduler that reads its jobs while they are dropped may never look for others again; so it begins anew.
        """
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute("set client_min_messages = error")
            admin.execute(LAY_ANEW)
        self.restart()
        run_migrations(self.url)
        with psycopg.connect(self.url, autocommit=True) as admin:
            deadline = time.monotonic() + 60
            while admin.execute(SCHEDULERS).fetchone() == (0,):
                assert time.monotonic() < deadline, "pg_cron's scheduler does not come back."
                time.sleep(0.05)


@contextmanager
def running_cron_server() -> Iterator[CronServer]:
    """Started on a socket of its own, as user postgres where the tests run as root; gone at the end."""
    if not (BINARIES.is_dir() and EXTENSION.is_file()):
        missing("pg_cron")
    folder = Path(tempfile.mkdtemp(prefix="autosync-cron-"))
    as_owner = as_user("postgres", folder)

    def run(program: str, *arguments: str) -> None:
        command = [*as_owner, str(BINARIES / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    data, log = folder / "data", folder / "log"
    run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync", "-D", str(data))
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    options += f" -c unix_socket_directories={folder}"

    def control(do: str) -> None:
        run("pg_ctl", "-w", "-m", "fast", "-D", str(data), "-l", str(log), "-o", options, do)

    control("start")
    address = make_conninfo(host=str(folder), user="postgres")
    with psycopg.connect(address, dbname="postgres", autocommit=True) as admin:
        admin.execute(f"create database {DATABASE}".encode())
    url, other_url = (make_conninfo(address, dbname=name) for name in (DATABASE, "postgres"))
    yield CronServer(url, other_url, log, restart=lambda: control("restart"))
    run("pg_ctl", "-w", "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)
