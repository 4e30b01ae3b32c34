"""The docs: a site that is built without a warning and asks nobody, and links that lead somewhere, in every page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

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
    claimed = re.findall(r"([\d,]+) a second[^|(]*\(`(\w+)`", (ROOT / "docs" / "scaling.md").read_text())
    titles = {"reminder": "Workload reminder", "dispatch": "Texts that leave", "inbound": "Answers that come in"}
    assert {workload for _, workload in claimed} == set(titles)
    for figure, workload in claimed:
        section = re.search(rf"(?ms)^## {titles[workload]}$(.*?)(?=^## )", measured + "\n## ")
        assert section is not None, workload
        assert f"| {figure} |" in section[1], f"{workload}: {figure} a second was not measured"


def test_the_site_is_made_without_a_warning_and_asks_nobody(tmp_path: Path) -> None:
    sphinx = [Path(sys.executable).with_name("sphinx-build"), "--quiet", "--fail-on-warning", "--keep-going"]
    made = subprocess.run([*sphinx, ROOT / "docs", tmp_path], capture_output=True, text=True, check=False)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > len(list((ROOT / "docs").rglob("*.md")))
    for page in pages:
        assert ASKS_ELSEWHERE.findall(page.read_text()) == [], page.name
