"""How far one database carries, reckoned from what was measured: the tables of docs/scaling.md.

`python -m autosync.bench.growth` reads docs/benchmarks/results.md and prints them; `--into docs/scaling.md` puts them
where they belong in that page. Rates and the server's time are the benchmark's, rows and bytes are counted (`Life`),
and the rest is arithmetic and the simulation of `day.py`. It knows only the machine that was measured.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autosync.bench import day
from autosync.bench.day import Setup, Stage
from autosync.quiet_hours import CLOSES, OPENS

SYNCS = 100_000
"""The tables are for so many a day."""

JOBS, TEXTS, ANSWERS = 2, day.FIRST + day.REMINDED + day.TOLD + day.INVITED, day.EARLY + day.LATE
"""Of a sync: a reminder and a pause check are decided; a third job, at its end, is skipped by a trigger."""

DAY, WAKING = 86_400, (CLOSES.hour - OPENS.hour) * 3_600
"""Seconds: of a day, and of those of its hours in which texts leave."""

RETENTION = 3
"""Days after which jobs that are done are deleted."""

PAGE = 8192


@dataclass(frozen=True, slots=True)
class Life:
    """What a sync costs the database from its start to its invites. tests/test_growth.py lets some live and counts.

    Row versions made dead by updates, some of them on their page alone (HOT); bytes of WAL, without images of whole
    pages; bytes that it leaves in tables and indexes for good, and in the queue until its jobs are deleted; pages that
    a vacuum of what it left has to touch; and bytes in the indexes of the texts for each text.
    """

    dead: int = 93
    hot: int = 12
    wal: int = 124_000
    kept: int = 26_000
    of_jobs: int = 1_200
    vacuumed: int = 16
    text_index: int = 325


VACUUM_AFTER = 0.02
"""Autovacuum comes when so much of the queue, or of the texts, is dead: see the migration `room_for_updates`."""
VACUUM_PACE = 200 / 0.002
"""What autovacuum may spend a second, by PostgreSQL's defaults: 200 every 2 ms."""
MISSED, DIRTIED = 2, 20
"""What it spends on a page that it reads, and on one that it changes, by the same."""


@dataclass(frozen=True, slots=True)
class Measured:
    """From the report: a process's rate and the server's seconds for each thing done; bytes of WAL of a reminder."""

    jobs: Stage
    texts: Stage
    answers: Stage
    wal_of_reminder: float

    @property
    def on_server(self) -> float:
        """Seconds of the server's processors for a sync."""
        return JOBS * self.jobs.server + TEXTS * self.texts.server + ANSWERS * self.answers.server


def read(report: str) -> Measured:
    """What the tables come from. Raises LookupError for a report without it."""
    jobs = _row(report, "Workload reminder", "autosync, 1 process of 3 connections")
    texts = _row(report, "Texts that leave", "autosync")
    answers = _row(report, "Answers that come in", "autosync")
    return Measured(
        jobs=Stage("jobs decided", _number(jobs["jobs/s"]), _number(jobs["server µs/job"]) / 1e6),
        texts=Stage("texts sent", _number(texts["texts/s"]), _number(texts["server µs/text"]) / 1e6),
        answers=Stage("answers taken", _number(answers["answers/s"]), _number(answers["server µs/answer"]) / 1e6),
        wal_of_reminder=_number(jobs["WAL kB/job"]) * 1000,
    )


def _row(report: str, title: str, name: str) -> dict[str, str]:
    section = re.search(rf"(?ms)^## {re.escape(title)}$(.*?)(?=^## |\Z)", report)
    lines = re.findall(r"(?m)^\|(.*)\|$", section[1] if section else "")
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    for row in rows[2:]:
        if row[0] == name:
            return dict(zip(rows[0], row, strict=True))
    raise LookupError(f"The report has no row {name!r} under {title!r}: run `make bench`, or give another report.")


def _number(cell: str) -> float:
    return float(cell.replace(",", ""))


def costs(measured: Measured) -> list[str]:
    """The table of what a sync takes of each process."""
    jobs, texts, answers = measured.jobs, measured.texts, measured.answers
    return [
        "| | a sync | one process does | so a process carries |",
        "|---|---|---|---|",
        f"| jobs decided | {JOBS} | {jobs.rate:,.0f} a second (`reminder`, three connections) |"
        f" {jobs.rate / JOBS:,.0f} syncs a second |",
        f"| texts sent: 8 first ones, 5 reminders, 8 invites, 3 to the organizer | {TEXTS} | {texts.rate:,.0f} a second"
        f" at 100 ms a call (`dispatch`) | {texts.rate / TEXTS:,.0f} syncs a second |",
        f"| answers taken | {ANSWERS} | {answers.rate:,.0f} a second (`inbound`) |"
        f" {answers.rate / ANSWERS:,.0f} syncs a second |",
    ]


def burden(measured: Measured, life: Life) -> list[str]:
    """The table of what a day of syncs puts on the server."""
    a_day = SYNCS * measured.on_server
    dispatching = SYNCS * TEXTS / measured.texts.rate
    taking = SYNCS * ANSWERS / measured.answers.rate
    return [
        f"| of {SYNCS:,} syncs a day | | by |",
        "|---|---|---|",
        f"| server's processors | {a_day:,.0f} s, {a_day / (2 * DAY):.1%} of two |"
        f" {JOBS} × {measured.jobs.server * 1e6:,.0f} + {TEXTS} × {measured.texts.server * 1e6:,.0f} + {ANSWERS} ×"
        f" {measured.answers.server * 1e6:,.0f} µs a sync |",
        f"| one dispatcher | {dispatching / 3600:.1f} h of the {WAKING / 3600:.0f} in which texts leave |"
        f" {SYNCS * TEXTS:,} texts at {measured.texts.rate:,.0f} a second |",
        f"| one process taking answers | {taking / 3600:.1f} h |"
        f" {SYNCS * ANSWERS:,} answers at {measured.answers.rate:,.0f} a second |",
        f"| WAL | {SYNCS * life.wal / 1e9:.1f} GB, {SYNCS * measured.wal_of_reminder / 1e9:.2f} of them reminders |"
        f" {life.wal / 1000:,.0f} and {measured.wal_of_reminder / 1000:.1f} kB a sync, without images of whole pages |",
        f"| dead row versions | {SYNCS * life.dead / 1e6:.1f} million | {life.dead} a sync, {life.hot} of them HOT |",
        f"| vacuum | {vacuum_seconds(life) / 60:.0f} min of one process at PostgreSQL's own pace |"
        f" {life.vacuumed} pages a sync, and all indexes of the texts read each time that"
        f" {VACUUM_AFTER:.0%} are dead |",
        f"| disk for good | {SYNCS * life.kept / 1e9:.1f} GB a day, {SYNCS * life.kept * 365 / 1e12:.2f} TB a year |"
        f" {life.kept / 1000:,.0f} kB a sync |",
        f"| disk for jobs | {RETENTION * SYNCS * life.of_jobs / 1e9:.2f} GB at any time |"
        f" {life.of_jobs / 1000:.1f} kB a sync for {RETENTION} days |",
    ]


def vacuum_seconds(life: Life) -> float:
    """How long autovacuum works for a day of syncs, each page visited once, and none of them in memory."""
    pages = SYNCS * life.vacuumed * (MISSED + DIRTIED)
    index_pages = SYNCS * life.dead / VACUUM_AFTER * life.text_index / PAGE
    return (pages + index_pages * MISSED) / VACUUM_PACE


def workers(measured: Measured, carrier: float | None = None) -> list[str]:
    """The table of how many syncs a day so many workers carry."""
    lines = [
        "| workers | in time | first at its limit | within the day |",
        "|---|---|---|---|",
    ]
    one = Setup(measured.jobs, measured.texts, measured.answers, workers=1, processors=2, carrier=carrier)
    for count in (1, 2, 4, 8, 16):
        setup = replace(one, workers=count)
        in_time, limit = day.carried(setup)
        lines.append(f"| {count} | {_rounded(in_time)} | {limit} | {_rounded(within_the_day(setup))} |")
    return lines


def within_the_day(setup: Setup) -> float:
    """How many syncs a day are carried if every text leaves on its day, however late, and the rest by its end."""
    jobs, texts, answers = setup.most
    return min(
        jobs * DAY / JOBS,
        texts * WAKING / TEXTS,
        answers * DAY / ANSWERS,
        setup.processors * WAKING / setup.on_server((JOBS, TEXTS, ANSWERS)),
    )


def _rounded(count: float) -> str:
    """To two digits: what is assumed bears no more."""
    return f"{float(f'{count:.1e}'):,.0f}"


def tables(report: str, life: Life = Life()) -> dict[str, list[str]]:
    """Each table of the page by its name."""
    measured = read(report)
    return {
        "costs": costs(measured),
        "burden": burden(measured, life),
        "workers": workers(measured),
        "carrier": workers(measured, carrier=10.0)[:3],
    }


def put_into(page: str, made: dict[str, list[str]]) -> str:
    """The page with each table between the marks that bear its name."""
    for name, lines in made.items():
        opening, closing = f"<!-- growth: {name} -->\n", "<!-- end -->"
        before, found, after = page.partition(opening)
        if not found:
            raise LookupError(f"The page has no line {opening.strip()!r} for the table to stand behind.")
        page = before + opening + "\n" + "\n".join(lines) + "\n\n" + closing + after.partition(closing)[2]
    return page


def _main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m autosync.bench.growth", description=__doc__)
    parser.add_argument("report", nargs="?", type=Path, default=Path("docs/benchmarks/results.md"))
    parser.add_argument("--into", type=Path, metavar="PAGE", help="the page to put the tables into")
    wanted = parser.parse_args(arguments)
    try:
        made = tables(wanted.report.read_text(encoding="utf-8"))
        if wanted.into is None:
            sys.stdout.write("\n\n".join("\n".join(lines) for lines in made.values()) + "\n")
        else:
            wanted.into.write_text(put_into(wanted.into.read_text(encoding="utf-8"), made), encoding="utf-8")
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except LookupError as error:
        parser.error(str(error))


if __name__ == "__main__":
    _main(sys.argv[1:])
