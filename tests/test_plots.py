"""What operators' plots show, from numbers alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.database.board import JobsThen, TextsThen
from autosync.web.pages.ops import plots
from autosync.web.pages.ops.plots import BOTTOM, LEFT, RANGES, RIGHT, TOP, Plot, span_of
from autosync.web.pages.ops.words import length

NOON = datetime(2026, 11, 24, 12, 2, 30, tzinfo=UTC)
HOURS = RANGES["3h"]
SPAN = span_of(HOURS, NOON)

counts = st.integers(min_value=0, max_value=10**7)
seconds = st.floats(min_value=0, max_value=10**9)


@st.composite
def jobs(draw: st.DrawFn) -> list[JobsThen]:
    """Some steps of the span, with jobs."""
    numbers = draw(st.sets(st.integers(min_value=0, max_value=35)))
    made = []
    for number in sorted(numbers):
        median = draw(st.none() | seconds)
        latest = None if median is None else max(median, draw(seconds))
        made.append(JobsThen(SPAN.start + number * SPAN.width, draw(counts), draw(counts), median, latest))
    return made


def assert_drawn_within(plot: Plot) -> None:
    for bar in plot.bars:
        assert bar.height > 0
        assert bar.x >= LEFT
        assert bar.x + bar.width <= RIGHT + 0.2
        assert bar.y >= TOP - plots.LEAST
        assert bar.y + bar.height <= BOTTOM + plots.LEAST + 0.2
    assert all(TOP - 0.2 <= mark.at <= BOTTOM + 0.2 for mark in plot.marks)
    assert len(plot.steps) == 36
    assert all(len(row) == len(plot.head) for row in plot.table)


@given(jobs(), st.dictionaries(st.integers(min_value=0, max_value=35), counts))
def test_whatever_the_numbers_all_is_drawn_within_the_frame(done: list[JobsThen], raised: dict[int, int]) -> None:
    assert_drawn_within(plots.lateness(HOURS, SPAN, done))
    at = {SPAN.start + number * SPAN.width: count for number, count in raised.items()}
    assert_drawn_within(plots.throughput(HOURS, SPAN, done, at))
    texts = [TextsThen(then.step, then.processed, then.skipped) for then in done]
    assert_drawn_within(plots.texts(HOURS, SPAN, texts))


@pytest.mark.parametrize("name", RANGES)
def test_a_span_ends_with_the_step_of_now_and_begins_at_a_whole_one(name: str) -> None:
    span = span_of(RANGES[name], NOON)
    assert span.over - span.width <= NOON < span.over
    assert span.over - span.start == RANGES[name].back
    assert (span.start.timestamp() % span.width.total_seconds(), span.start.tzinfo) == (0, UTC)


def test_one_failure_among_thousands_is_seen() -> None:
    plot = plots.texts(HOURS, SPAN, [TextsThen(SPAN.start, 100_000, 1)])
    (ill,) = [bar for bar in plot.bars if bar.kind == "ill"]
    assert ill.height >= plots.LEAST
    assert ill.y >= plot.baseline


def test_the_summary_of_lateness_names_the_usual_and_the_latest() -> None:
    usual = [JobsThen(SPAN.start + n * SPAN.width, 5, 0, 0.3, 0.9) for n in range(9)]
    late = JobsThen(SPAN.start + 20 * SPAN.width, 5, 0, 40, 400)
    summary = plots.lateness(HOURS, SPAN, [*usual, late]).summary
    assert "within 0.3 s of their time" in summary
    assert "the latest came 6 min after it, on Nov 24, 10:45 UTC" in summary


def test_nothing_is_said_to_be_nothing() -> None:
    assert plots.lateness(HOURS, SPAN, []).summary == "No job was processed in the last 3 hours."
    assert plots.throughput(HOURS, SPAN, [], {}).summary == "0 processed, 0 skipped; no attempts raised."
    assert plots.texts(HOURS, SPAN, []).summary == "0 sent; none of those written then have failed."


@pytest.mark.parametrize(
    "span, told",
    [
        (0.01, "0 s"), (0.34, "0.3 s"), (9.97, "9 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"),
        (7200, "2 h"), (12_000, "3 h 20 min"), (48 * 3600, "2 days"), (timedelta(days=4, hours=3), "4 days"),
    ],
)  # fmt: skip
def test_lengths_are_told_shortly(span: float | timedelta, told: str) -> None:
    assert length(span) == told
