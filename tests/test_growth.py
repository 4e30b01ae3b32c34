"""The page on growth: what it reckons follows from the report, what it counts is counted, and its day is simulated."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.bench import day, growth
from autosync.bench.day import CARRIER, SERVER, Setup, Stage
from autosync.bench.growth import Life
from autosync.database.pool import open_pool
from factories import Factory, at_noon
from whole_lives import alone, live, read_work, vacuumed_by_us

ROOT = Path(__file__).parents[1]
REPORT = (ROOT / "docs/benchmarks/results.md").read_text()
JOBS, TEXTS, ANSWERS = Stage("jobs", 3_000, 300e-6), Stage("texts", 500, 300e-6), Stage("answers", 600, 500e-6)
ONE = Setup(JOBS, TEXTS, ANSWERS, workers=1, processors=2)

# What is counted


async def test_a_sync_costs_the_database_what_the_page_says(factory: Factory, database_url: str) -> None:
    await at_noon(factory)
    await vacuumed_by_us(factory)
    lives = 60
    for _ in ("the first time, space that is free afterwards comes on top", "as it goes on"):
        before = await read_work(factory)
        async with open_pool(database_url, size=6) as pool:
            await live(factory, pool, lives)
        await alone(factory)
        work = await read_work(factory) - before
    told = Life()
    assert (round(work.dead / lives), round(work.hot / lives)) == (told.dead, pytest.approx(told.hot, abs=2))
    assert work.wal / lives == pytest.approx(told.wal, rel=0.1)
    assert work.kept / lives == pytest.approx(told.kept, rel=0.15)
    assert work.of_jobs / lives == pytest.approx(told.of_jobs, rel=0.4)
    assert work.vacuumed / lives == pytest.approx(told.vacuumed, rel=0.25)
    assert work.text_indexes / lives / growth.TEXTS == pytest.approx(told.text_index, rel=0.25)


async def test_a_sync_has_the_jobs_texts_and_answers_that_are_reckoned_with(
    factory: Factory, database_url: str
) -> None:
    await at_noon(factory)
    async with open_pool(database_url, size=6) as pool:
        [sync] = await live(factory, pool, 1)
    done = "select count(*) from job_queue where sync_id = %s and status = 'processed'"
    assert await factory.one(done, sync) == growth.JOBS
    assert await factory.one("select count(*) from auto_sync_messages where auto_sync_id = %s", sync) == growth.TEXTS
    assert await factory.one("select count(*) from auto_sync_responses where auto_sync_id = %s", sync) == growth.ANSWERS
    assert await factory.one("select status::text from auto_syncs where id = %s", sync) == "completed"


async def test_vacuum_comes_when_it_is_reckoned_to(factory: Factory) -> None:
    settings = "select unnest(reloptions) from pg_class where relname in ('job_queue', 'auto_sync_messages')"
    after = f"autovacuum_vacuum_scale_factor={growth.VACUUM_AFTER}"
    assert [option for (option,) in await factory.rows(settings)].count(after) == 2
    named = ("vacuum_cost_limit", "autovacuum_vacuum_cost_delay", "vacuum_cost_page_miss", "vacuum_cost_page_dirty")
    default = dict(
        await factory.rows("select name, boot_val::float8 from pg_settings where name = any(%s)", list(named))
    )
    limit, delay, missed, dirtied = (default[name] for name in named)
    assert limit / delay * 1000 == growth.VACUUM_PACE
    assert (missed, dirtied) == (growth.MISSED, growth.DIRTIED)


# The tables


def test_the_tables_come_out_of_the_report_and_go_into_the_page(tmp_path: Path) -> None:
    report, page = tmp_path / "results.md", tmp_path / "page.md"
    report.write_text(REPORT)
    page.write_text("".join(f"<!-- growth: {name} -->\nstale\n<!-- end -->\n" for name in growth.tables(REPORT)))
    command = [sys.executable, "-m", "autosync.bench.growth", report]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    subprocess.run([*command, "--into", page], check=True)
    for lines in growth.tables(REPORT).values():
        assert "\n".join(lines) in printed
        assert "\n".join(lines) in page.read_text()
    assert "stale" not in page.read_text()


def test_the_servers_time_is_taken_from_the_report_where_it_tells_it() -> None:
    table = "## Texts that leave\n\n|  | texts/s | server µs/text |\n|---|---|---|\n| autosync | 900 | 123 |\n\n"
    assert growth.read(table + REPORT.replace("## Texts that leave", "## Before")).texts == Stage(
        "texts sent", 900.0, 123e-6
    )


def test_a_report_without_what_is_needed_is_refused() -> None:
    with pytest.raises(LookupError, match="no row 'autosync' under 'Texts that leave'"):
        growth.read(REPORT.replace("## Texts that leave", "## Something else"))
    with pytest.raises(LookupError, match="no line '<!-- growth: costs -->'"):
        growth.put_into("a page", growth.tables(REPORT))


# The day


def test_a_day_brings_each_sync_all_that_it_has_and_no_text_at_night() -> None:
    demand = day.demand()
    for curve, count in ((demand.jobs, 2), (demand.texts, growth.TEXTS), (demand.answers, growth.ANSWERS)):
        assert sum(curve) == pytest.approx(count, rel=0.001)
    opens, closes = 9 * day.HOUR, 20 * day.HOUR
    assert sum(demand.texts[:opens]) + sum(demand.texts[closes:]) == 0
    assert all(part <= whole for part, whole in zip(demand.with_jobs, demand.texts, strict=True))
    morning = sum(demand.texts[opens : opens + day.MORNING]) / sum(demand.texts)
    assert f"{morning:.0%} of a day's texts leave in its first twenty minutes" in (ROOT / "docs/scaling.md").read_text()


@pytest.mark.parametrize("workers", [1, 8])
def test_with_little_to_do_the_day_is_as_busy_as_arithmetic_says_and_nothing_waits(workers: int) -> None:
    setup = replace(ONE, workers=workers)
    syncs = 0.5 * day.by_arithmetic(setup)[0]
    lived = day.live_through(setup, syncs)
    assert (lived.late, lived.bottleneck) == (0.0, None)
    for stage, count in zip(setup.stages, (growth.JOBS, growth.TEXTS, growth.ANSWERS), strict=True):
        assert lived.busy[stage.name] == pytest.approx(syncs * count / (workers * stage.rate * 86_400), rel=0.02)
    seconds = syncs * (2 * JOBS.server + growth.TEXTS * TEXTS.server + growth.ANSWERS * ANSWERS.server)
    assert lived.busy[SERVER] == pytest.approx(seconds / (2 * 86_400), rel=0.02)


@pytest.mark.parametrize(
    ("setup", "smallest"),
    [
        (ONE, "texts"),
        (replace(ONE, workers=8), "texts"),
        (replace(ONE, workers=64), SERVER),
        (replace(ONE, jobs=replace(JOBS, rate=2)), "jobs"),
        (replace(ONE, answers=replace(ANSWERS, rate=20)), "answers"),
        (replace(ONE, texts=replace(TEXTS, server=0.02)), SERVER),
        (replace(ONE, processors=8, workers=64), SERVER),
        (replace(ONE, carrier=100.0), CARRIER),
        (replace(ONE, carrier=501.0), "texts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_named_as_the_limit_is_what_has_the_smallest_capacity(setup: Setup, smallest: str) -> None:
    syncs, what = day.by_arithmetic(setup)
    assert what == smallest
    carried, named = day.carried(setup)
    assert named == smallest
    assert carried == pytest.approx(syncs, rel=0.15), "a minute's patience is not much"


def test_capacity_goes_by_the_busiest_minute_and_by_what_is_slower_the_carrier_or_the_workers() -> None:
    a_minute = max(day.demand().texts)
    assert day.by_arithmetic(ONE)[0] == pytest.approx(500 * 60 / a_minute)
    assert day.by_arithmetic(replace(ONE, workers=4))[0] == pytest.approx(4 * 500 * 60 / a_minute)
    assert day.by_arithmetic(replace(ONE, workers=4, carrier=100.0))[0] == pytest.approx(100 * 60 / a_minute)
    assert growth.within_the_day(replace(ONE, carrier=100.0)) == pytest.approx(100 * 11 * 3600 / 24)


def test_beyond_its_limit_a_day_is_late() -> None:
    carried, _ = day.carried(ONE)
    assert day.live_through(ONE, carried).late <= day.LATE_AFTER
    assert day.live_through(ONE, 1.1 * carried).late > day.LATE_AFTER
    assert day.live_through(ONE, 100 * carried).late == float("inf"), "some are not done at its end"


def test_a_text_is_late_also_where_only_its_job_was() -> None:
    slow = replace(ONE, jobs=replace(JOBS, rate=1))
    syncs = 2 * day.by_arithmetic(slow)[0]
    assert day.live_through(slow, syncs).late > day.LATE_AFTER
    assert day.live_through(ONE, syncs).late == 0


@given(st.floats(1.0, 1e7), st.integers(1, 64), st.integers(1, 64))
def test_the_same_day_always_comes_out_the_same_and_more_workers_are_never_worse(
    syncs: float, workers: int, processors: int
) -> None:
    setup = replace(ONE, workers=workers, processors=processors)
    lived = day.live_through(setup, syncs)
    assert lived == day.live_through(setup, syncs)
    assert lived.late >= 0
    assert all(0 <= busy <= 1.000_001 for busy in lived.busy.values())
    assert day.live_through(replace(setup, workers=2 * workers), syncs).late <= lived.late + 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.md"], "nowhere.md: No such file or directory"),
        (["README.md"], "The report has no row"),
        (["--into", "README.md"], "The page has no line"),
    ],
)
def test_what_cannot_be_reckoned_is_said_in_a_sentence_and_changes_nothing(arguments: list[str], sentence: str) -> None:
    before = (ROOT / "README.md").read_bytes()
    ran = subprocess.run(
        [sys.executable, "-m", "autosync.bench.growth", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (ROOT / "README.md").read_bytes() == before
