"""A review for people and programs: plain text, Markdown for a ticket, and JSON. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from autosync.doctor.findings import Finding, Level, Review, worst

MARKS = {Level.OK: "✓", Level.NOTE: "·", Level.WARNING: "!", Level.UNKNOWN: "?", Level.WRONG: "✗"}
"""What stands before a line on a terminal; each is one column wide everywhere."""

SUMMARY = {
    Level.OK: "All is well.",
    Level.NOTE: "All is well.",
    Level.WARNING: "All works; some things deserve a look.",
    Level.UNKNOWN: "Not all could be looked at.",
    Level.WRONG: "Something is wrong.",
}
_EXIT_CODES = {Level.OK: 0, Level.NOTE: 0, Level.WARNING: 0, Level.UNKNOWN: 2, Level.WRONG: 1}

_SECTIONS: dict[str, Callable[[Finding], bool]] = {
    "Current state": lambda finding: finding.level in (Level.OK, Level.NOTE),
    "What is missing": lambda finding: finding.missing and finding.area != "security",
    "Security": lambda finding: finding.area == "security",
    "Potential issues": lambda finding: True,
}
"""A finding stands in the first section that takes it."""

_LONG_CODE = re.compile(r"`([^`]{72,})`")
"""Has lines of its own, which nothing breaks: so it can be copied."""


def exit_code(review: Review) -> int:
    """0 all well, warnings included; 1 something is wrong; 2 nothing is known to be, but not all could be seen."""
    return _EXIT_CODES[review.level]


def section(finding: Finding) -> str:
    """Where it belongs: current state, what is missing, security, or potential issues."""
    return next(name for name, takes in _SECTIONS.items() if takes(finding))


def render_text(review: Review, *, width: int = 100) -> str:
    """Area by area, a mark before each finding and its advice below; the summary last. No wider than `width`.

    What is well is told in one go for each area.
    """
    lines = [_title(review), ""] if review.subject else []
    for area, findings in groupby(review.findings, key=lambda finding: finding.area):
        lines += _area(area, list(findings), width)
    return "\n".join([*lines, "", _summary(review)])


def _area(area: str, findings: list[Finding], width: int) -> Iterator[str]:
    level = worst(findings)
    well = " ".join(finding.what for finding in findings if finding.level is Level.OK)
    if level is Level.OK:
        yield from _wrapped(well, width, first=f"{MARKS[level]} {area:<11}", rest=" " * 13)
        return
    yield f"{MARKS[level]} {area}"
    for finding in sorted(findings, key=lambda finding: -finding.level.severity):
        if finding.level is Level.OK:
            continue
        yield from _wrapped(finding.what, width, first=f"  {MARKS[finding.level]} ", rest=" " * 4)
        if finding.advice:
            yield from _advice(finding.advice, width)
    if well:
        yield from _wrapped(well, width, first=f"  {MARKS[Level.OK]} ", rest=" " * 4)


def _advice(advice: str, width: int) -> Iterator[str]:
    """Prose is wrapped; a long piece of SQL stands on lines of its own, one statement each, as it is to be run."""
    first = "    → "
    for text, statements in _pieces(advice):
        if statements:
            yield from (f"      {statement}" for statement in statements)
        else:
            yield from _wrapped(text, width, first, " " * 6)
        first = " " * 6


def _pieces(advice: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Prose with its short pieces of code, and the statements of each long one, in turns; one of the two is empty."""
    for number, piece in enumerate(_LONG_CODE.split(advice)):
        if number % 2:
            yield "", re.split(r"(?<=;) ", piece)
        elif prose := piece.strip().lstrip(".,; "):
            yield (prose if number else prose.removesuffix(":")), ()


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    """Lines no longer than `width` unless a word is; a short piece of code is one word."""
    unbroken = re.sub(r"`[^`]+`", lambda code: code[0].replace(" ", "\0"), text)
    lines = textwrap.wrap(
        unbroken, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace("\0", " ") for line in lines]


def render_markdown(review: Review) -> str:
    """A document for a ticket: what was looked at, a table of areas, then four sections with what to do about each."""
    lines = ["# Review of an Auto Sync database", ""]
    if review.subject:
        lines += [f"{_title(review)}.", ""]
    lines += [f"{review.level} **{_summary(review)}**", "", "| area | state |", "|---|---|"]
    for area, findings in groupby(review.findings, key=lambda finding: finding.area):
        lines.append(f"| {area} | {_state(list(findings))} |")
    for name in _SECTIONS:
        found = [finding for finding in review.findings if section(finding) == name]
        lines += ["", f"## {name}", "", *(line for finding in found for line in _item(finding))]
        lines += [] if found else ["Nothing."]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _state(findings: Sequence[Finding]) -> str:
    level = worst(findings)
    counts = {one: sum(finding.level is one for finding in findings) for one in reversed(Level)}
    told = ", ".join(f"{count} {one.name.lower()}" for one, count in counts.items() if count and one is not Level.OK)
    return f"{level} {told or 'ok'}"


def _item(finding: Finding) -> Iterator[str]:
    yield f"- {finding.level} *{finding.area}:* {finding.what}"
    if not finding.advice:
        return
    yield ""
    first = "**Recommendation:** "
    for prose, statements in _pieces(finding.advice):
        if statements:
            yield from ("", "  ```sql", *(f"  {statement}" for statement in statements), "  ```", "")
        else:
            yield f"  {first}{prose}"
        first = ""
    yield ""


def as_json(review: Review) -> dict[str, Any]:
    """`{"level", "exit_code", "database", "server_version", "at", "findings": [{"area", "section", "level", ...}]}`.

    Levels are ok, note, warning, unknown, wrong; `at` is ISO 8601 in UTC.
    """
    subject = review.subject
    return {
        "level": review.level.name.lower(),
        "exit_code": exit_code(review),
        "database": subject.database if subject else None,
        "server_version": subject.server_version if subject else None,
        "at": subject.at.isoformat(timespec="seconds") if subject else None,
        "findings": [
            {"area": f.area, "section": section(f).lower(), "level": f.level.name.lower(), "what": f.what}
            | {"advice": f.advice}
            for f in review.findings
        ],
    }


def _title(review: Review) -> str:
    subject = review.subject
    return (
        f'Database "{subject.database}" on PostgreSQL {subject.server_version}, {subject.at:%Y-%m-%d %H:%M} UTC'
        if subject
        else ""
    )


def _summary(review: Review) -> str:
    counts = {level: sum(finding.level is level for finding in review.findings) for level in Level}
    told = ", ".join(f"{count} {level.name.lower()}" for level, count in counts.items() if count)
    return f"{SUMMARY[review.level]} ({told})"
