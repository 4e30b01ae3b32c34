"""The scan of what is said while the tests run finds what it is there to find."""

from __future__ import annotations

import pytest

from overheard import personal
from stand_in import AUTH_TOKEN

pytest_plugins = ("pytester",)

A_TEST = """
import sys

def test_it():
    sys.stderr.write("text_sent to=" + {said!r})
"""


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"event": "sent", "to": "+12125550101"}', "a phone number"),
        ("sync_started organizer=Maya Lopez", "a full name"),
        ("Maya would love to hear from you. Which times work? 1) Fri", "the words of a text"),
        (f"POST /Messages {AUTH_TOKEN}", "a secret"),
    ],
)
def test_what_must_not_be_said_is_found_and_not_repeated(line: str, what: str) -> None:
    [found] = personal(["all is well", line])
    assert found.startswith(f"{what} in: ")
    assert "+1212" not in found
    assert AUTH_TOKEN not in found


@pytest.mark.parametrize(
    "line",
    [
        "autosync: +1212555 is too short for a phone number.",
        "2026-11-29T04:00:00.000001+00:00 0123456789012 lines",
        '{"sync_id": "01a22518-afb0-763f-832e-d15d3e9ef192", "event": "sync_started"}',
        "1 processed, 0 skipped",
    ],
)
def test_what_may_be_said_is_not_found(line: str) -> None:
    assert personal([line]) == []


@pytest.mark.parametrize(("said", "passes"), [("+12125550101", False), ("nobody", True)])
def test_a_test_fails_in_which_a_number_is_logged(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str], said: str, passes: bool
) -> None:
    pytester.makeconftest("from overheard import pytest_runtest_makereport  # noqa: F401")
    pytester.makepyfile(A_TEST.format(said=said))
    pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider").assert_outcomes(
        passed=1, errors=0 if passes else 1
    )
    capsys.readouterr()  # or this test would fail as well
