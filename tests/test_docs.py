"""The docs: a site that is built without a warning and asks nobody, and links that lead somewhere, in every page."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from urllib.parse import unquote

import pytest

from autosync.bench import growth

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
ASKS_ELSEWHERE = re.compile(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?//[^"]+"')


def anchors(page: Path) -> set[str]:
    """Its headings, as GitHub and the site name them."""
    headings = re.findall(r"(?m)^#{1,6} +(.+?) *$", re.sub(r"(?s)```.*?```", "", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_of_ours_leads_to_it(page: Path) -> None:
    for link in LINK.findall(re.sub(r"(?s)```.*?```", "", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


def test_capacity_is_planned_with_what_was_measured() -> None:
    measured = (ROOT / "docs" / "benchmarks" / "results.md").read_text()
    claimed = re.findall(r"(\d[\d,]*) a second[^|(]*\(`(\w+)`", (ROOT / "docs" / "scaling.md").read_text())
    titles = {"reminder": "Workload reminder", "dispatch": "Texts that leave", "inbound": "Answers that come in"}
    assert {workload for _, workload in claimed} == set(titles)
    for figure, workload in claimed:
        section = re.search(rf"(?ms)^## {titles[workload]}$(.*?)(?=^## )", measured + "\n## ")
        assert section is not None, workload
        assert f"| {figure} |" in section[1], f"{workload}: {figure} a second was not measured"


def test_the_tables_on_growth_follow_from_the_report() -> None:
    page = (ROOT / "docs" / "scaling.md").read_text()
    report = (ROOT / "docs" / "benchmarks" / "results.md").read_text()
    stale = [
        f"{old}\n  should be\n{new}"
        for old, new in zip_longest(page.splitlines(), growth.put_into(page, growth.tables(report)).splitlines())
        if old != new
    ]
    assert not stale, "\n".join(
        ["docs/scaling.md: `python -m autosync.bench.growth --into docs/scaling.md` puts this right:", *stale]
    )


def test_what_is_reckoned_of_growth_is_what_arithmetic_gives() -> None:
    report = (ROOT / "docs" / "benchmarks" / "results.md").read_text()
    page = (ROOT / "docs" / "scaling.md").read_text()
    jobs = rows(report, "Workload reminder")["autosync, 1 process of 3 connections"]
    texts, answers = (rows(report, title)["autosync"] for title in ("Texts that leave", "Answers that come in"))
    told = rows(page, "What a sync costs") | rows(page, "A hundred thousand syncs a day")

    per = [number(found) for found in re.findall(r"\d × ([\d,]+)", told["server's processors"][1])]
    assert per[0] == number(jobs[4])
    assert per[1:] == [number(texts[3]), number(answers[3])]
    seconds = 100_000 * (2 * per[0] + 24 * per[1] + 8 * per[2]) / 1e6
    assert told["server's processors"][0] == f"{seconds:,.0f} s, {seconds / 172_800:.1%} of two"
    assert told["one dispatcher"][0].startswith(f"{100_000 * 24 / number(texts[0]) / 3600:.1f} h of the 11 ")
    assert told["one process taking answers"][0] == f"{100_000 * 8 / number(answers[0]) / 3600:.1f} h"
    assert told["jobs decided"][2] == f"{number(jobs[1]) / 2:,.0f} syncs a second"
    kilobytes, of_reminder = (float(found) for found in re.findall(r"[\d.]+", told["WAL"][1])[:2])
    assert of_reminder == number(jobs[5])
    assert told["WAL"][0] == f"{kilobytes / 10:.1f} GB, {of_reminder / 10:.2f} of them reminders"
    dead, kept, of_jobs = (
        float(re.findall(r"[\d.]+", told[name][1])[0])
        for name in ("dead row versions", "disk for good", "disk for jobs")
    )
    assert told["dead row versions"][0] == f"{dead / 10:.1f} million"
    assert told["disk for good"][0] == f"{kept / 10:.1f} GB a day, {kept / 10 * 365 / 1000:.2f} TB a year"
    assert told["disk for jobs"][0] == f"{3 * of_jobs / 10:.2f} GB at any time"


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the tables under a heading, by their first cells."""
    section = re.search(rf"(?ms)^## {heading}$(.*?)(?=^## |\Z)", page)
    assert section is not None, heading
    found = [[cell.strip() for cell in line.split("|")] for line in re.findall(r"(?m)^\|(.*)\|$", section[1])]
    return {name: cells for name, *cells in found}


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_the_site_is_made_without_a_warning_and_asks_nobody(tmp_path: Path) -> None:
    sphinx = [Path(sys.executable).with_name("sphinx-build"), "--quiet", "--fail-on-warning", "--keep-going"]
    made = subprocess.run([*sphinx, ROOT / "docs", tmp_path], capture_output=True, text=True, check=False)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > len(list((ROOT / "docs").rglob("*.md")))
    for page in pages:
        assert ASKS_ELSEWHERE.findall(page.read_text()) == [], page.name
