"""A review for people and programs: plain text, Markdown, and JSON. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from autosync.doctor.findings import Finding, Level, Review

_SUMMARY = {
    Level.OK: "All is well.",
    Level.WARNING: "All works; some things deserve a look.",
    Level.UNKNOWN: "Not all could be looked at.",
    Level.WRONG: "Something is wrong.",
}
_EXIT_CODES = {Level.OK: 0, Level.WARNING: 0, Level.UNKNOWN: 2, Level.WRONG: 1}


def exit_code(review: Review) -> int:
    """0 all well, warnings included; 1 something is wrong; 2 nothing is known to be, but not all could be seen."""
    return _EXIT_CODES[review.level]


def render_text(review: Review) -> str:
    """A line a finding, its advice on the next one, indented; the summary last."""
    lines = []
    for finding in review.findings:
        lines.append(f"{finding.level} {finding.area}: {finding.what}")
        if finding.advice:
            lines.append(f"     → {finding.advice}")
    return "\n".join([*lines, "", _summary(review), ""])


def render_markdown(review: Review) -> str:
    """A heading an area, an item a finding, the summary first."""
    lines = ["# Review of the database", "", f"{review.level} **{_summary(review)}**"]
    for area, findings in groupby(review.findings, key=lambda finding: finding.area):
        lines += ["", f"## {area.capitalize()}", ""]
        lines += [f"- {finding.level} {_both(finding, newline='  ')}" for finding in findings]
    return "\n".join([*lines, ""])


def as_json(review: Review) -> dict[str, Any]:
    """`{"level", "exit_code", "findings": [{"area", "level", "what", "advice"}]}`; levels as ok, warning, ..."""
    return {
        "level": review.level.name.lower(),
        "exit_code": exit_code(review),
        "findings": [
            {"area": f.area, "level": f.level.name.lower(), "what": f.what, "advice": f.advice} for f in review.findings
        ],
    }


def _summary(review: Review) -> str:
    counts = {level: sum(finding.level is level for finding in review.findings) for level in Level}
    told = ", ".join(f"{count} {level.name.lower()}" for level, count in counts.items() if count)
    return f"{_SUMMARY[review.level]} ({told})"


def _both(finding: Finding, newline: str = "") -> str:
    return f"{finding.what}{newline}\n{newline}→ {finding.advice}" if finding.advice else finding.what
