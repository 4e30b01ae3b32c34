"""The timeline of a sync as something to draw: what happened, each answer, the next job, the proposed times. Pure.

Places are percentages of the width, so that the drawing stretches and its letters do not. Time runs faster where
little happens: up to the next job it takes the larger part of the line, from there to the proposed times a gap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from autosync import texts
from autosync.database.looks import JobLine, Look
from autosync.explanations import JobStatus, MessageStatus
from autosync.model import JobType, MessageType, SyncStatus
from autosync.web.pages import words
from autosync.web.pages.standing import Standing

MOST_DOTS = 100
"""So many answers are a dot each, with a name; more of them are columns."""

_LEFT, _SPLIT, _TIMES, _RIGHT = 2.0, 58.0, 70.0, 98.0
_APART = 6.0
"""Percent between two proposed times at least."""
_LABEL = 24.0
"""Percent that a label takes; one that has no room is left to the list."""
_SLOT = 1.5
"""Percent of the width that one column of answers takes."""
_SAME = timedelta(minutes=1)
_REPORTS = (MessageType.PAUSE_SUMMARY, MessageType.GOAL_MET)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a moment. `label`: what there is room for beside it; `x`: percent; `y`: steps above the line."""

    kind: str
    at: datetime
    title: str
    label: str = ""
    when: str = ""
    x: float = 0
    y: int = 0

    @property
    def day(self) -> str:
        """Its day alone, such as `Fri Dec 19`."""
        return self.when.partition(",")[0]

    @property
    def anchor(self) -> str:
        """To which side a label runs."""
        return "start" if self.x < 12 else "end" if self.x > 88 else "middle"


@dataclass(frozen=True, slots=True)
class Column:
    """Answers of about the same time. `height`: percent of the highest one."""

    x: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn. `done_until`: percent up to which things have happened; `events`: everything, for a list."""

    happened: tuple[Mark, ...]
    dots: tuple[Mark, ...]
    columns: tuple[Column, ...]
    times: tuple[Mark, ...]
    next: Mark | None
    done_until: float
    events: tuple[Mark, ...]
    said: str

    @property
    def labelled(self) -> list[Mark]:
        """Those on the line for whose labels there is room."""
        return [mark for mark in (*self.happened, *([self.next] if self.next else [])) if mark.label]

    @property
    def highest(self) -> int:
        """How many dots stand above each other at most."""
        return max((dot.y for dot in self.dots), default=0) + 1


def draw(look: Look, standing: Standing) -> Drawing:
    """The timeline of this sync."""
    happened, answers, times = tuple(_happened(look)), _answers(look), tuple(_times(standing))
    upcoming = _next(look)
    scale = _Scale(happened, answers, upcoming, times)

    def placed(marks: Iterable[Mark]) -> list[Mark]:
        return [
            replace(mark, x=scale.place(mark.at), when=mark.when or texts.moment_shown(mark.at, look.sync.timezone))
            for mark in marks
        ]

    line = list(_labelled(placed((*happened, *([upcoming] if upcoming else [])))))
    dots, spread = placed(answers), list(_spread(placed(times)))
    few = len(dots) <= MOST_DOTS
    next_ = next((mark for mark in line if mark.kind == "next"), None)
    done = [mark for mark in line if mark.kind != "next"]
    return Drawing(
        happened=tuple(done),
        dots=tuple(_stacked(dots)) if few else (),
        columns=() if few else tuple(_columns([mark.x for mark in dots])),
        times=tuple(spread),
        next=next_,
        done_until=max(mark.x for mark in (*done, *dots)),
        events=tuple(sorted((*line, *(dots if few else ()), *spread), key=lambda mark: mark.at)),
        said=_said(standing, dots, next_),
    )


def _happened(look: Look) -> Iterator[Mark]:
    moments = look.moments
    asked = words.people(len(look.sync.invitees))
    yield Mark("start", moments.started_at, f"Started: {asked} asked", "Start")
    for at, count in _rounds(look, [MessageType.REMINDER]):
        yield Mark("reminder", at, f"{words.people(count)} reminded", "Reminder")
    pauses = [at for at, _ in _rounds(look, _REPORTS)]
    last = moments.paused_at
    if last and look.sync.status is not SyncStatus.RUNNING and not any(abs(at - last) < _SAME for at in pauses):
        pauses.append(last)
    for at in pauses:
        yield Mark("pause", at, "Paused: it waited for you", "Pause")
    if moments.completed_at:
        yield Mark("end", moments.completed_at, "Invites sent", "Invites")
    if moments.stopped_at:
        yield Mark("end", moments.stopped_at, "Ended without invites", "End")


def _rounds(look: Look, types: Sequence[MessageType]) -> list[tuple[datetime, int]]:
    """When texts of these types were written, a round each, and how many."""
    first: dict[object, datetime] = {}
    count: Counter[object] = Counter()
    for group in look.texts:
        if group.type not in types or group.first_at is None or group.status is MessageStatus.CANCELED:
            continue
        first[group.cause_id] = min(group.first_at, first.get(group.cause_id, group.first_at))
        count[group.cause_id] += group.count
    return sorted((at, count[cause]) for cause, at in first.items())


def _answers(look: Look) -> list[Mark]:
    names = {invitee.contact_id: invitee.name for invitee in look.sync.invitees}
    return sorted(
        (
            Mark("answer", at, f"{texts.clean(names[id_], otherwise=words.NAMELESS)} answered")
            for id_, at in look.answered_at.items()
        ),
        key=lambda mark: mark.at,
    )


def _next(look: Look) -> Mark | None:
    job = next_job(look)
    return None if job is None else Mark("next", job.scheduled_at, words.coming(job.type), "Next")


def next_job(look: Look) -> JobLine | None:
    """What the sync does by itself next, if anything."""
    return next((job for job in look.jobs if job.status is JobStatus.PENDING), None)


def _times(standing: Standing) -> Iterator[Mark]:
    for line in standing.options:
        kind = "chosen" if line.is_chosen else "best" if line.is_best and not standing.chosen else "time"
        yield Mark(kind, line.option.start, f"Option {line.number}", str(line.number), line.when)


class _Scale:
    """Where on the line a moment stands, in percent."""

    def __init__(
        self, happened: Sequence[Mark], answers: Sequence[Mark], upcoming: Mark | None, times: Sequence[Mark]
    ) -> None:
        is_close = upcoming and upcoming.title != words.coming(JobType.AUTO_END)
        near = [mark.at for mark in (*happened, *answers, *([upcoming] if upcoming and is_close else []))]
        start, split = min(near), max(near)
        far = sorted(mark.at for mark in times if mark.at > split)
        if upcoming and not is_close and far:
            far.append(max(upcoming.at, far[-1]))
        if split == start and not far:
            self._knots = [(start, _LEFT)]
        elif not far:
            self._knots = [(start, _LEFT), (split, _RIGHT)]
        else:
            last = [(far[-1], _RIGHT)] if far[-1] > far[0] else []
            self._knots = [(start, _LEFT), (split, _SPLIT), (far[0], _TIMES), *last]
            if split == start:
                self._knots = self._knots[:1] + self._knots[2:]

    def place(self, at: datetime) -> float:
        """Percent from the left."""
        knots = self._knots
        if at <= knots[0][0]:
            return knots[0][1]
        for (begins, left), (ends, right) in pairwise(knots):
            if at <= ends:
                return round(left + (right - left) * ((at - begins) / (ends - begins)), 2)
        return knots[-1][1]


def _labelled(marks: Sequence[Mark]) -> Iterator[Mark]:
    """The marks in order; of labels that would overlap the first stays, and the last mark's goes before others."""
    marks = sorted(marks, key=lambda mark: mark.at)
    last = marks[-1].x
    free = -_LABEL
    for mark in marks:
        is_last = mark is marks[-1]
        if mark.x - free >= _LABEL and (is_last or last - mark.x >= _LABEL):
            free = mark.x
            yield mark
        else:
            yield replace(mark, label="")


def _spread(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Proposed times from left to right, never on top of each other, nor beyond the end."""
    in_order = sorted(marks, key=lambda mark: mark.at)
    free = 0.0
    for place, mark in enumerate(in_order):
        room_for_rest = _APART * (len(in_order) - place)
        x = min(max(mark.x, free), 100 - room_for_rest)
        free = x + _APART
        yield replace(mark, x=round(x, 2))


def _stacked(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Answers of about the same time above each other."""
    heights: Counter[int] = Counter()
    for mark in marks:
        slot = round(mark.x / _SLOT)
        yield replace(mark, x=slot * _SLOT, y=heights[slot])
        heights[slot] += 1


def _columns(places: Sequence[float]) -> Iterator[Column]:
    counts = Counter(round(x / _SLOT) for x in places)
    most = max(counts.values())
    for slot, count in sorted(counts.items()):
        yield Column(slot * _SLOT, round(100 * count / most, 1), f"{count:,} answers")


def _said(standing: Standing, answers: Sequence[Mark], upcoming: Mark | None) -> str:
    """The drawing in a sentence or two."""
    said = f"{standing.answered:,} of {standing.asked:,} answered"
    if answers:
        said += f", between {answers[0].when} and {answers[-1].when}" if len(answers) > 1 else f", {answers[0].when}"
    if upcoming:
        said += f". Next: {upcoming.title}, {upcoming.when}"
    return f"{said}."
