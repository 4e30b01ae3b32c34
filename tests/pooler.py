"""pgbouncer in transaction mode between the program and its database, as Supabase's pooler would stand there.

`pytest --through-pooler` runs every test of a migrated database (fixture `database_url`) through one. Transactions of
different clients take turns on a few sessions, so whatever relies on a session fails.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

PGBOUNCER = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")

CANNOT = {
    "test_doctor.py::test_what_row_level_security_hides_is_unknown_rather_than_well": "logs in as another role",
    "test_doctor_server.py::test_settings_of_the_database_hold_for_who_is_asking": "needs a new session",
    "test_doctor_server.py::test_a_session_that_idles_in_a_transaction_is_named": "expects its own session's number",
    "test_doctor_server.py::test_a_transaction_that_goes_on_and_on_is_named": "expects its own session's number",
}
"""The tests of a migrated database that cannot go through a pooler, and why. None is about work on jobs or texts."""


def through_pooler(item: pytest.Item) -> bool:
    """Whether a test goes through the pooler."""
    name = f"{item.path.name}::{getattr(item, 'originalname', item.name)}"
    return "database_url" in getattr(item, "fixturenames", ()) and name not in CANNOT


SESSIONS = 5
"""How many all clients of a database share."""

_CONFIGURATION = """\
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
pool_mode = transaction
default_pool_size = {sessions}
max_client_conn = 200
auth_type = any
server_login_retry = 1
listen_port = 6432
unix_socket_dir = {folder}
logfile = {folder}/log
"""


def as_user(user: str, folder: Path) -> list[str]:
    """How a server that refuses to be root is started in this folder: as this user where the tests are root."""
    if os.geteuid() != 0:
        return []
    group = pwd.getpwnam(user).pw_gid
    shutil.chown(folder, user, group)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]


def missing(what: str) -> NoReturn:
    """Skips what needs a system package that is not there; fails where all of them must be."""
    sentence = f"{what} is not installed: see system-packages.txt"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@dataclass
class Pooler:
    """One pgbouncer for all databases of one server; start it, and stop it at the end."""

    server_url: str
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="autosync-pooler-")))
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and returns once it answers."""
        if PGBOUNCER is None:
            missing("pgbouncer")
        server = conninfo_to_dict(self.server_url)
        configuration = self.folder / "pgbouncer.ini"
        configuration.write_text(
            _CONFIGURATION.format(
                host=server["host"],
                port=server.get("port", 5432),
                user=server["user"],
                folder=self.folder,
                sessions=SESSIONS,
            )
        )
        # The server's socket lies among its data, which are its owner's alone.
        as_owner = as_user(Path(str(server["host"])).owner(), self.folder)
        self._process = subprocess.Popen([*as_owner, PGBOUNCER, "--quiet", str(configuration)], cwd=self.folder)
        self._wait_until_it_answers(self._process)

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                with psycopg.connect(self.url(make_conninfo(self.server_url, dbname="pgbouncer")), autocommit=True):
                    return
            except psycopg.OperationalError:
                assert process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, "pgbouncer does not answer"
                time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL: every client loses its connection, every transaction is rolled back."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ends it and forgets its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, direct_url: str) -> str:
        """The way through the pooler to the database that this connection string leads to."""
        return make_conninfo(direct_url, host=str(self.folder), port=6432)
