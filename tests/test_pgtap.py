"""Runs supabase/tests/*.test.sql, which `supabase test db` runs too, on PostgreSQL 15 with pgTAP."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from conftest import POSTGRES_15
from factories import run_migrations
from supabase_like import SORTS, migrated_database, supabase_like

FILES = sorted((Path(__file__).parents[1] / "supabase" / "tests").glob("*.test.sql"))


@pytest.fixture(scope="module", params=["plain", "supabase"])
def url(request: pytest.FixtureRequest, postgres_15_url: str) -> Iterator[str]:
    """A migrated database without rows, as a superuser's, and as Supabase's role postgres has it with pgTAP."""
    if request.param == "plain":
        with migrated_database(postgres_15_url, SORTS[0]) as made:
            yield made
        return
    with supabase_like(postgres_15_url) as supabase:
        run_migrations(supabase.url)
        with psycopg.connect(supabase.superuser_url, autocommit=True) as admin:
            admin.execute("create extension pgtap with schema extensions")
            database = sql.Identifier(admin.info.dbname)
            admin.execute(sql.SQL('alter database {} set search_path = "$user", public, extensions').format(database))
        yield supabase.url


def tap(url: str, file: Path) -> list[str]:
    """The lines that a file of tests prints."""
    parts = conninfo_to_dict(url)
    command = [str(POSTGRES_15 / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", str(file)]
    environment = {f"PG{key.upper()}": str(parts[key]) for key in ("host", "user")}
    environment["PGDATABASE"] = str(parts["dbname"])
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return [*run.stdout.splitlines(), *(f"# {line}" for line in run.stderr.splitlines() if "ERROR" in line)]


def complaints(lines: list[str]) -> list[str]:
    """What is wrong with the output of a file: tests that failed with what they say, and a plan that is not kept."""
    plan = next((int(match[1]) for line in lines if (match := re.fullmatch(r"1\.\.(\d+)", line))), None)
    ran = [int(match[1]) for line in lines if (match := re.match(r"(?:not )?ok (\d+)", line))]
    found = [line for line in lines if line.startswith(("not ok", "#"))]
    if plan is None or ran != list(range(1, plan + 1)):
        found.append(f"planned {plan} tests and ran {len(ran)}")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_of_pgtap_tests_passes(url: str, file: Path) -> None:
    lines = tap(url, file)

    assert complaints(lines) == [], "\n".join(complaints(lines))


def test_there_are_files_to_run() -> None:
    assert [file.name.split("_")[0] for file in FILES] == ["01", "02", "03"]


@pytest.mark.parametrize(
    "lines, complaint",
    [
        (["1..1", "not ok 1 - x", '# Failed test 1: "x"'], "not ok 1 - x"),
        (["1..2", "ok 1 - x", "# Looks like you planned 2 tests but ran 1"], "planned 2 tests and ran 1"),
        (["1..1", "ok 1 - x", "ok 2 - y"], "planned 1 tests and ran 2"),
        (["1..1", "# psql: ERROR:  syntax error"], "# psql: ERROR:  syntax error"),
        ([], "planned None tests and ran 0"),
    ],
)
def test_what_goes_wrong_in_a_file_is_seen(lines: list[str], complaint: str) -> None:
    assert complaint in complaints(lines)
