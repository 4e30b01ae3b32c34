"""What happened over time, drawn: numbers in, shapes and words out, for a template to write as SVG. Pure.

Above the line stands what went well, below it what went wrong. Each plot has its summary in a sentence and its numbers
as a table. Lengths are in units of a drawing that is WIDTH wide and HEIGHT high.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from autosync.database.board import JobsThen, Span, TextsThen
from autosync.web.pages.ops.words import length, moment

WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 356.0, 10.0, 166.0
LEAST = 1.5
"""How high a bar is at least, so that one failure among thousands is seen."""

_LATENESSES = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 21_600: "6 h", 86_400: "1 day"}
"""Seconds that the scale of lateness is marked with; what is later reaches out to the top."""


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of time to look back on. `ticks`: how far marks are apart on the axis."""

    name: str
    label: str
    back: timedelta
    width: timedelta
    ticks: timedelta


RANGES = {
    each.name: each
    for each in (
        Range("3h", "3 hours", timedelta(hours=3), timedelta(minutes=5), timedelta(hours=1)),
        Range("24h", "24 hours", timedelta(hours=24), timedelta(minutes=30), timedelta(hours=6)),
        Range("3d", "3 days", timedelta(hours=72), timedelta(hours=2), timedelta(hours=24)),
    )
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a kind that the style sheet knows."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on an axis, at a place with a label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of time: where it is drawn, and what happened, for whoever points at it."""

    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot. `legend`: (kind, what it means); `table`: its head, and a row a step."""

    id: str
    title: str
    summary: str
    bars: tuple[Bar, ...]
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]
    times: tuple[Mark, ...]
    baseline: float
    legend: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]


def span_of(range_: Range, now: datetime) -> Span:
    """The stretch that ends with the step that `now` is in."""
    over = datetime.fromtimestamp(
        (now.timestamp() // range_.width.total_seconds() + 1) * range_.width.total_seconds(), UTC
    )
    return Span(over - range_.back, over, range_.width)


def lateness(range_: Range, span: Span, done: Sequence[JobsThen]) -> Plot:
    """How late jobs were done: half of them within the bar, the latest at the tip of the line."""
    axis = _Axis(span)
    known = {then.step: then for then in done if then.latest is not None}
    worst = max((_of(then.latest) for then in known.values()), default=0)
    top = next((mark for mark in _LATENESSES if mark >= max(worst, 10)), worst)
    scale = _scale(math.log1p(top), 0)
    bars, steps, table = [], [], []
    for start in axis.starts:
        then = known.get(start)
        if then is None:
            steps.append(axis.step(start, "no job"))
            continue
        half, latest = length(_of(then.median)), length(_of(then.latest))
        steps.append(axis.step(start, f"half within {half}, the latest {latest}"))
        table.append((axis.named(start), f"{then.processed:,}", half, latest))
        bars.append(axis.bar("whisker", start, scale(math.log1p(_of(then.latest))), BOTTOM, thin=True))
        bars.append(axis.bar("well", start, scale(math.log1p(_of(then.median))), BOTTOM))
    marks = [Mark(scale(math.log1p(mark)), label) for mark, label in _LATENESSES.items() if mark <= top]
    return Plot(
        "lateness",
        "Lateness of jobs",
        _lateness_in_words(range_, list(known.values())),
        tuple(bars),
        tuple(steps),
        (Mark(scale(0), "0"), *marks),
        axis.times(range_),
        scale(0),
        (("well", "half of the jobs"), ("whisker", "the latest one")),
        ("From (UTC)", "Processed", "Half within", "Latest"),
        tuple(table),
    )


def _lateness_in_words(range_: Range, known: Sequence[JobsThen]) -> str:
    if not known:
        return f"No job was processed in the last {range_.label}."
    usual = sorted(_of(then.median) for then in known)[len(known) // 2]
    worst = max(known, key=lambda then: _of(then.latest))
    return (
        f"Usually half of the jobs were done within {length(usual)} of their time; the latest came"
        f" {length(_of(worst.latest))} after it, on {moment(worst.step)}."
    )


def throughput(range_: Range, span: Span, done: Sequence[JobsThen], raised: dict[datetime, int]) -> Plot:
    """Jobs processed and skipped above the line, attempts that raised below it."""
    known = {then.step: then for then in done}
    series = [
        (start, (known[start].processed, known[start].skipped) if start in known else (0, 0), raised.get(start, 0))
        for start in _Axis(span).starts
    ]
    processed, skipped = (sum(above[n] for _, above, _ in series) for n in (0, 1))
    wrong = sum(raised.values())
    summary = (
        f"{processed:,} processed, {skipped:,} skipped; {wrong or 'no'} attempt{'' if wrong == 1 else 's'} raised."
    )
    return _counts(
        range_, span, series, ("throughput", "Jobs done", summary), ("processed", "skipped"), "attempts that raised"
    )


def texts(range_: Range, span: Span, then: Sequence[TextsThen]) -> Plot:
    """Texts sent above the line, failed ones below it."""
    known = {each.step: each for each in then}
    series = [
        (start, (known[start].sent,) if start in known else (0,), known[start].failed if start in known else 0)
        for start in _Axis(span).starts
    ]
    sent, failed = sum(above[0] for _, above, _ in series), sum(below for _, _, below in series)
    summary = f"{sent:,} sent; {failed or 'none'} of those written then {'has' if failed == 1 else 'have'} failed."
    return _counts(range_, span, series, ("texts", "Texts sent", summary), ("sent",), "failed, by when it was written")


def _counts(
    range_: Range,
    span: Span,
    series: Sequence[tuple[datetime, tuple[int, ...], int]],
    naming: tuple[str, str, str],
    above: tuple[str, ...],
    below: str,
) -> Plot:
    """Bars of counts, stacked above the line, and one below it; on one scale."""
    axis = _Axis(span)
    up, down = max((sum(counts) for _, counts, _ in series), default=0), max((wrong for *_, wrong in series), default=0)
    top = _round_up(max(up, 1))
    scale = _scale(top, max(down, top * 0.06 if down else 0))
    bars, steps, table = [], [], []
    for start, counts, wrong in series:
        told = ", ".join(f"{count:,} {name}" for count, name in zip((*counts, wrong), (*above, below), strict=True))
        steps.append(axis.step(start, told))
        if any(counts) or wrong:
            table.append((axis.named(start), *(f"{count:,}" for count in counts), f"{wrong:,}"))
        foot = 0
        for kind, count in zip(("well", "aside"), counts, strict=False):
            if count:
                bars.append(axis.bar(kind, start, scale(foot + count), scale(foot)))
            foot += count
        if wrong:
            bars.append(axis.bar("ill", start, scale(0), max(scale(-wrong), scale(0) + LEAST)))
    marks = tuple(Mark(scale(top * part), f"{top * part:,g}") for part in (0, 0.5, 1) if (top * part) % 1 == 0)
    id_, title, summary = naming
    kinds = (*zip(("well", "aside"), above, strict=False), ("ill", below))
    head = ("From (UTC)", *(name.capitalize() for name in above), below.capitalize())
    return Plot(
        id_, title, summary, tuple(bars), tuple(steps), marks, axis.times(range_), scale(0), kinds, head, tuple(table)
    )


class _Axis:
    """The time axis: steps side by side from LEFT to RIGHT."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._count = round((span.over - span.start) / span.width)
        self._unit = (RIGHT - LEFT) / self._count
        self.starts = [span.start + n * span.width for n in range(self._count)]

    def bar(self, kind: str, start: datetime, top: float, foot: float, *, thin: bool = False) -> Bar:
        """A bar from its top to its foot, at least LEAST high."""
        high = max(foot - top, LEAST)
        width = 1.2 if thin else self._unit * 0.72
        x = self._x(start) + (self._unit - width) / 2
        return Bar(kind, round(x, 1), round(min(top, foot - high), 1), round(width, 1), round(high, 1))

    def step(self, start: datetime, words: str) -> Step:
        """A step, all its width."""
        return Step(round(self._x(start), 1), round(self._unit, 1), f"{self.named(start)} UTC: {words}")

    def named(self, start: datetime) -> str:
        """`Nov 24, 14:05`."""
        return moment(start).removesuffix(" UTC")

    def times(self, range_: Range) -> tuple[Mark, ...]:
        """Marks at whole hours or days, and not so near to an end that a label would not fit."""
        apart = range_.ticks.total_seconds()
        first = datetime.fromtimestamp(math.ceil(self._span.start.timestamp() / apart) * apart, UTC)
        found = [first + n * range_.ticks for n in range(math.ceil(range_.back / range_.ticks))]
        by_day = range_.ticks >= timedelta(hours=24)
        return tuple(
            Mark(round(self._x(at), 1), f"{at:%b} {at.day}" if by_day else f"{at:%H:%M}")
            for at in found
            if LEFT + 4 <= self._x(at) <= RIGHT - 12
        )

    def _x(self, at: datetime) -> float:
        return LEFT + (at - self._span.start) / self._span.width * self._unit


def _scale(top: float, below: float) -> Callable[[float], float]:
    """From values between -below and top to places between BOTTOM and TOP."""
    unit = (BOTTOM - TOP) / (top + below)
    return lambda value: round(BOTTOM - (value + below) * unit, 1)


def _round_up(count: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 ..., so that half of it is a whole number."""
    power = int(10 ** (len(str(count)) - 1))
    return next(step * power for step in (1, 2, 4, 6, 8, 10, 20) if step * power >= max(count, 2))


def _of(value: float | None) -> float:
    return value or 0.0
