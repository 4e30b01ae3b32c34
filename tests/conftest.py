"""A real PostgreSQL for every test: one embedded server a test process, one fresh database a test.

With `--through-pooler`, pgbouncer stands in front of it: see pooler.py.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import structlog
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync.database import embedded
from autosync.database.pool import Connection, Pool, connect, open_pool
from factories import Factory, run_migrations
from overheard import listen, pytest_runtest_makereport  # noqa: F401 - a hook
from pooler import Pooler, as_user, missing, through_pooler

TEMPLATE = "template_autosync"

listen()

# How long an example takes says more about the machine than about the rule.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

# As the program logs, without the frames' variables that structlog shows to developers.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The same tests another way."""
    parser.addoption(
        "--through-pooler",
        action="store_true",
        help="run the tests of a migrated database, with pgbouncer in transaction mode in front of it",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Through the pooler go the tests that talk to a migrated database, but for those that cannot."""
    if config.getoption("--through-pooler"):
        kept = [item for item in items if through_pooler(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was tried, summed up over what tests have recorded as `tried…`, by whichever process ran them."""
    totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reports = [report for group in terminalreporter.stats.values() for report in group]
    for report in reports:
        if getattr(report, "when", None) == "teardown":
            for name, counts in report.user_properties:
                if name.startswith("tried"):
                    totals[name].update(counts)
    for name, counts in sorted(totals.items()):
        told = _in_all(counts) if name.startswith("tried by verb: ") else counts
        terminalreporter.write_line(f"{name}: " + ", ".join(f"{count:,} {what}" for what, count in told.items()))


def _in_all(by_verb: Counter[str]) -> dict[str, int]:
    """What was tried of each verb, behind what it comes to."""
    differences = by_verb.pop("differences", 0)
    return {"in all": by_verb.total(), "verbs": len(by_verb), "differences": differences, **by_verb}


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The embedded server of this test process; it forgets everything at the end, so it need not be durable."""
    folder = Path(tempfile.mkdtemp(prefix="autosync-test-"))
    url = embedded.start(folder)
    with psycopg.connect(url, autocommit=True) as admin:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            admin.execute(sql.SQL("alter system set {} = off").format(sql.Identifier(setting)))
        admin.execute("select pg_reload_conf()")
    yield url
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated database to copy from."""
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    run_migrations(make_conninfo(server_url, dbname=TEMPLATE))
    return TEMPLATE


def fresh_database(server_url: str, template: str) -> Iterator[str]:
    """A copy of a database, for a while."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        yield make_conninfo(server_url, dbname=name)
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database that holds nothing at all."""
    yield from fresh_database(server_url, "template0")


@pytest.fixture
def direct_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database without rows, with nothing in between."""
    yield from fresh_database(server_url, template)


@pytest.fixture(scope="session")
def pooler(server_url: str) -> Iterator[Pooler]:
    """The pgbouncer of this test process."""
    pooler = Pooler(server_url)
    pooler.start()
    yield pooler
    pooler.stop()


@pytest.fixture
def fragile_pooler(server_url: str) -> Iterator[Pooler]:
    """A pgbouncer of the test's own, to be killed."""
    pooler = Pooler(server_url)
    pooler.start()
    yield pooler
    pooler.stop()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, direct_url: str) -> str:
    """The same database, through the pooler if the tests are run so."""
    if not request.config.getoption("--through-pooler"):
        return direct_url
    pooler: Pooler = request.getfixturevalue("pooler")
    return pooler.url(direct_url)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on the test's database."""
    async with open_pool(database_url, size=20) as opened:
        yield opened


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """One connection to the test's database, in autocommit, as its owner."""
    async with connect(database_url) as opened:
        yield opened


@pytest.fixture
def factory(connection: Connection) -> Factory:
    """Makes rows in the test's database."""
    return Factory(connection)


POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def postgres_15_url() -> Iterator[str]:
    """Debian's PostgreSQL 15 on a socket of its own, run as user postgres where the tests run as root."""
    if not POSTGRES_15.is_dir():
        missing("PostgreSQL 15")
    folder = Path(tempfile.mkdtemp(prefix="autosync-pg15-"))
    as_owner = as_user("postgres", folder)

    def run(*command: str) -> None:
        subprocess.run([*as_owner, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    data = folder / "data"
    run(str(POSTGRES_15 / "initdb"), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync", "-D", str(data))
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(str(POSTGRES_15 / "pg_ctl"), "-w", "-D", str(data), "-l", str(folder / "log"), "-o", options, "start")
    yield make_conninfo(host=str(folder), user="postgres", dbname="postgres")
    run(str(POSTGRES_15 / "pg_ctl"), "-w", "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_postgres_15_url(postgres_15_url: str) -> Iterator[str]:
    """An empty database on PostgreSQL 15."""
    yield from fresh_database(postgres_15_url, "template0")


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
