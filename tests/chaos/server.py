"""A PostgreSQL of its own that can be killed, restarted, filled up and crowded: Debian's 15, with pg_cron."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from cron_server import BINARIES, DATABASE
from factories import run_migrations
from pooler import as_user

MOST_CONNECTIONS = 90
SMALL = "192m"
"""What the small tablespace holds: job_queue with its indexes, and little else."""
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # processes are killed here, not the machine
    "max_connections": str(MOST_CONNECTIONS),
    "shared_preload_libraries": "pg_cron",
    "cron.database_name": DATABASE,
    "cron.use_background_workers": "on",
    "log_min_messages": "fatal",
    "max_wal_size": "1GB",
    "autovacuum_naptime": "5s",  # each crash loses the counts that it goes by, and a day takes twenty seconds
}


class Server:
    """One cluster on a socket in its own folder. Needs root, for the file system that can be full."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="autosync-chaos-"))
        self._as_owner = as_user("postgres", self.folder)
        self._data = self.folder / "data"
        self.small = self.folder / "small"
        self.url = make_conninfo(host=str(self.folder), user="postgres", dbname=DATABASE)

    def create(self) -> None:
        """Made, started, migrated, with the queue on a small disk of its own."""
        self._run("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync", "-D", str(self._data))
        self.small.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(self.small)], check=True)
        for folder in (self.small, self.small / "space"):
            folder.mkdir(exist_ok=True)
            shutil.chown(folder, "postgres", "postgres")
        self.start()
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as admin:
            admin.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
            admin.execute(sql.SQL("create tablespace small location {}").format(sql.Literal(str(self.small / "space"))))
        run_migrations(self.url)
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute("alter table job_queue set tablespace small")
            for (index,) in admin.execute(
                "select indexrelid::regclass::text from pg_index where indrelid = 'job_queue'::regclass"
            ).fetchall():
                admin.execute(sql.SQL("alter index {} set tablespace small").format(sql.Identifier(index)))

    def start(self) -> None:
        """Starts it, through crash recovery if need be; returns once it takes connections."""
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(BINARIES / "postgres"), "-D", str(self._data), "-k", str(self.folder), *settings]
        with (self.folder / "log").open("ab") as log:
            self._postmaster = subprocess.Popen([*self._as_owner, *command], stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + 60
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url, dbname="postgres"):
                return
            if self._postmaster.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(errors="replace").splitlines()[-10:]
                raise RuntimeError("PostgreSQL does not start: " + " / ".join(said))
            time.sleep(0.05)

    def restart(self) -> None:
        """As an operator would: transactions are rolled back, sessions end."""
        self._postmaster.send_signal(signal.SIGINT)
        self._postmaster.wait(timeout=60)
        self.start()

    def crash(self) -> None:
        """SIGKILL for the postmaster; its sessions notice, and end. Then it is started again."""
        self._postmaster.kill()
        self._postmaster.wait()
        self._until_all_have_ended(within=20)
        self.start()

    def crash_a_session(self) -> None:
        """SIGKILL for one session: the postmaster ends all others, and recovers."""
        with suppress(psycopg.Error), self.admin() as admin:
            row = admin.execute(
                "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
                " order by random() limit 1"
            ).fetchone()
            if row is not None:
                os.kill(row[0], signal.SIGKILL)

    def terminate_a_session(self) -> None:
        """As `pg_terminate_backend` does."""
        with self.admin() as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from (select pid from pg_stat_activity where backend_type ="
                " 'client backend' and pid <> pg_backend_pid() order by random() limit 2) as some"
            )

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Where the queue lies, not a byte is left."""
        ballast = self.small / "ballast"
        try:
            with suppress(OSError), ballast.open("wb", buffering=0) as file:
                while file.write(bytes(1 << 16)):
                    pass
            yield
        finally:
            ballast.unlink(missing_ok=True)

    @contextmanager
    def crowd(self) -> Iterator[int]:
        """Somebody else has every connection that is left; gives how many these are."""
        held: list[psycopg.Connection[tuple[object, ...]]] = []
        try:
            with suppress(psycopg.OperationalError):
                while len(held) < MOST_CONNECTIONS:
                    held.append(psycopg.connect(self.url, application_name="crowd"))
            yield len(held)
        finally:
            for connection in held:
                connection.close()

    @contextmanager
    def admin(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """A session of a superuser."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield connection

    def dump(self, file: Path) -> None:
        """All rows, for `pg_restore`."""
        command = [str(BINARIES / "pg_dump"), "--format=custom", f"--file={file}", f"--dbname={self.url}"]
        subprocess.run(command, check=True)

    def remove(self) -> None:
        """Stops it and forgets it."""
        self._postmaster.send_signal(signal.SIGQUIT)
        self._postmaster.wait(timeout=60)
        subprocess.run(["umount", str(self.small)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_owner, str(BINARIES / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def _until_all_have_ended(self, *, within: float) -> None:
        """Until nobody is at work in the data directory; sessions that are slow to notice are helped."""
        deadline = time.monotonic() + within
        while left := [process for process in Path("/proc").iterdir() if self._works_here(process)]:
            if time.monotonic() > deadline:
                raise TimeoutError("PostgreSQL's sessions outlive their postmaster.")
            if time.monotonic() > deadline - within / 2:
                for process in left:
                    with suppress(ProcessLookupError):
                        os.kill(int(process.name), signal.SIGKILL)
            time.sleep(0.02)

    def _works_here(self, process: Path) -> bool:
        if not process.name.isdigit():
            return False
        try:
            return (process / "cwd").readlink() == self._data
        except OSError:
            return False
