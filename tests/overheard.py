"""What programs say while they are tested, looked through for what must never be in a log: numbers, names, secrets.

Whoever runs a program adds what it wrote to standard error; what a test itself logs is taken from pytest. Lines that
begin with `autosync: ` answer whoever ran a command, who may have typed a number that is quoted there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest

from stand_in import AUTH_TOKEN

FORBIDDEN = {
    "a phone number": re.compile(r"(?<![\w+])\+\d{10,15}(?!\d)"),
    "a full name": re.compile(r"\bMaya Lopez\b"),
    "the words of a text": re.compile(r"Which times (?:work|can you)|Reply with all that work"),
    "a secret": re.compile(re.escape(AUTH_TOKEN)),
}
_said: list[str] = []


def add(text: str) -> None:
    """Something that a program wrote."""
    _said.append(text)


def taken() -> str:
    """All that was added since the last time."""
    text = "\n".join(_said)
    _said.clear()
    return text


def personal(texts: Iterable[str]) -> list[str]:
    """What is there and must not be: what it is, and the line without it."""
    lines = [line for text in texts for line in text.splitlines() if not line.startswith("autosync: ")]
    return [
        f"{what} in: {pattern.sub('(…)', line)[:300]}"
        for line in lines
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """No test passes in which a program, or the test's own process, has written something personal into its log."""
    outcome = yield
    if call.when != "teardown":
        return
    report = outcome.get_result()  # type: ignore[attr-defined]
    found = personal([taken(), *(text for _, text in report.sections)])
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = "What was said while this was tested has something personal in it:\n" + "\n".join(found[:10])
