"""A day of syncs on paper: how many of them so many workers and one server carry with hardly a text late.

Pure and seeded, so that it always finds the same: work that arrives over a day flows through three stages (jobs
decided, texts sent, answers taken) that share the processors of one server, minute by minute. What arrives when is
assumed (see `STARTS` and below); how fast each stage is, was measured. It knows no network, and no server that stalls.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from math import exp, inf, sqrt

from autosync.quiet_hours import CLOSES, OPENS

STEP = 60
"""Seconds."""
STEPS = 86_400 // STEP
HOUR = 3_600 // STEP

STARTS = (1, 1, 1, 1, 1, 1, 2, 4, 6, 8, 8, 8, 9, 8, 7, 7, 8, 9, 10, 10, 8, 6, 4, 2)
"""How many syncs of a day begin in each of its hours, in parts: people plan by day, most of all after work."""
MORNING = 20 * 60 // STEP
"""Texts that were held overnight leave within twenty minutes (see `quiet_hours.morning_slot`)."""
ANSWER_AFTER, CHOOSE_AFTER = 2 * HOUR, 3 * HOUR
"""How long people take on average to answer a text, and organizers to choose a time once everybody has answered."""

FIRST, REMINDED, TOLD, INVITED = 9, 6, 1, 8
"""Texts of a sync of eight: when it starts, with its reminder a day later, once all have answered, and at its end."""
EARLY, LATE = 3, 5
"""Answers to the first texts, and to the reminder."""

SERVER, CARRIER = "server's processors", "carrier"

LATE_AFTER = 60.0
"""Seconds by which no more than one text of a hundred may be late, and no more of the answers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """`rate`: how many a second one process does; `server`: seconds of the server's processors that each takes."""

    name: str
    rate: float
    server: float


@dataclass(frozen=True, slots=True)
class Setup:
    """Jobs, texts and answers, done by so many workers each, on a server with so many processors.

    `carrier`: texts a second that the account has, whoever sends; None: as many as come.
    """

    jobs: Stage
    texts: Stage
    answers: Stage
    workers: int
    processors: int
    carrier: float | None = None

    @property
    def stages(self) -> tuple[Stage, Stage, Stage]:
        """In the order of what is demanded."""
        return self.jobs, self.texts, self.answers

    @property
    def most(self) -> tuple[float, float, float]:
        """How many a second each stage does at most, as long as the server keeps up."""
        jobs, texts, answers = (stage.rate * self.workers for stage in self.stages)
        return jobs, texts if self.carrier is None else min(texts, self.carrier), answers

    def on_server(self, done: Sequence[float]) -> float:
        """Seconds that the server's processors take for so much done in each stage."""
        return sum(stage.server * count for stage, count in zip(self.stages, done, strict=True))

    def name(self, place: int) -> str:
        """Of a stage, by whatever makes it as slow as it is."""
        is_carrier = place == 1 and self.carrier is not None and self.carrier < self.texts.rate * self.workers
        return CARRIER if is_carrier else self.stages[place].name


@dataclass(frozen=True, slots=True)
class Day:
    """How late all but one in a hundred of the texts, and of the answers, were at most, in seconds; which part of the
    day each stage and the server was busy; and what kept most from being done at once, None where nothing waited."""

    late: float
    busy: dict[str, float]
    bottleneck: str | None


Curve = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """What one sync a day brings in each step of a day like every other; `with_jobs`: texts that a job writes then."""

    jobs: Curve
    texts: Curve
    answers: Curve
    with_jobs: Curve


@cache
def demand() -> Demand:
    """Of a sync of eight, five of whom are reminded, that ends in invites."""
    starts = tuple(part / sum(STARTS) / HOUR for part in STARTS for _ in range(HOUR))
    asked = _held(starts)  # the reminder is exactly a day later, and held in the same way
    all_in = _later(asked, 2 * ANSWER_AFTER)
    invited = _held(_later(_held(all_in), CHOOSE_AFTER))
    jobs = _sum((1, starts), (1, all_in))
    return Demand(
        jobs=jobs,
        texts=_sum((FIRST + REMINDED, asked), (TOLD, _held(all_in)), (INVITED, invited)),
        answers=_sum((EARLY + LATE, _later(asked, ANSWER_AFTER))),
        with_jobs=_awake(_sum((REMINDED, starts), (TOLD, all_in))),
    )


def _sum(*counted: tuple[float, Curve]) -> Curve:
    return tuple(sum(count * curve[step] for count, curve in counted) for step in range(STEPS))


def _awake(curve: Curve) -> Curve:
    """Without what would leave at night."""
    return tuple(part if OPENS.hour * HOUR <= step < CLOSES.hour * HOUR else 0.0 for step, part in enumerate(curve))


def _held(curve: Curve) -> Curve:
    """What would leave at night leaves in the morning."""
    by_day, opens = _awake(curve), OPENS.hour * HOUR
    night = (sum(curve) - sum(by_day)) / MORNING
    return tuple(part + (night if opens <= step < opens + MORNING else 0.0) for step, part in enumerate(by_day))


def _later(curve: Curve, by: float) -> Curve:
    """Each after a time of its own, `by` steps on average: most soon, few very late. A day follows one like it."""
    stays = exp(-1 / by)
    pending = 0.0
    for part in curve * 4:  # what is left over from the days before
        pending = pending * stays + part * (1 - stays)
    found = []
    for part in curve:
        pending = pending * stays + part * (1 - stays)
        found.append(pending)
    return tuple(found)


def by_arithmetic(setup: Setup) -> tuple[float, str]:
    """How many syncs a day are carried if nothing may wait, even in the busiest step; and what is at its limit then."""
    curves = _curves()
    limits = [
        (most * STEP / max(curve), setup.name(place))
        for place, (most, curve) in enumerate(zip(setup.most, curves, strict=True))
    ]
    busiest = max(setup.on_server(parts) for parts in zip(*curves, strict=True))
    return min(*limits, (setup.processors * STEP / busiest, SERVER))


def live_through(setup: Setup, syncs: float, *, seed: int = 1) -> Day:
    """A day with so many syncs, from four in the morning, when there is least to do, with nothing left over."""
    dice = random.Random(seed)  # noqa: S311 - no secret hangs on it
    names = [setup.name(place) for place in range(3)]
    most, room = [each * STEP for each in setup.most], setup.processors * STEP
    waiting, done, unwritten, due = [0.0] * 3, [0.0] * 3, 0.0, [0.0] * 3
    blamed = dict.fromkeys((*names, SERVER), 0.0)
    texts_by, answers_by = ([(0.0, 0.0)] for _ in range(2))  # how many were due so far, and were done
    for jobs, texts, answers, with_jobs in _from_four(*_curves(), demand().with_jobs):
        came = [_about(part * syncs, dice) for part in (jobs, texts - with_jobs, answers, with_jobs)]
        waiting[0] += came[0]
        waiting[2] += came[2]
        unwritten += came[3]
        written = unwritten * (min(1.0, most[0] / waiting[0]) if waiting[0] else 1.0)
        unwritten -= written
        waiting[1] += came[1] + written
        due[1] += came[1] + came[3]
        due[2] += came[2]
        wanted = [min(pair) for pair in zip(waiting, most, strict=True)]
        needed = setup.on_server(wanted)
        share = min(1.0, room / needed) if needed else 1.0
        for place, each in enumerate(wanted):
            waiting[place] -= each * share
            done[place] += each * share
            blamed[names[place] if share == 1.0 else SERVER] += waiting[place] / most[place]
        texts_by.append((due[1], done[1]))
        answers_by.append((due[2], done[2]))
    busy = {name: done[place] / (most[place] * STEPS) for place, name in enumerate(names)}
    busy[SERVER] = setup.on_server(done) / (room * STEPS)
    worst = max(blamed, key=lambda name: blamed[name])
    return Day(max(_late(texts_by), _late(answers_by)), busy, worst if blamed[worst] > 0.0 else None)


def carried(setup: Setup) -> tuple[float, str | None]:
    """How many syncs a day are carried with hardly anything late, to a hundredth; and what keeps more from being so."""
    fine, too_many = 0.0, 2 * by_arithmetic(setup)[0]
    while too_many - fine > 0.01 * too_many:
        middle = (fine + too_many) / 2
        if live_through(setup, middle).late <= LATE_AFTER:
            fine = middle
        else:
            too_many = middle
    return fine, live_through(setup, 1.1 * fine).bottleneck


def _curves() -> tuple[Curve, Curve, Curve]:
    """In the order of a setup's stages."""
    return demand().jobs, demand().texts, demand().answers


def _from_four(*curves: Curve) -> Iterable[tuple[float, ...]]:
    turned = (curve[4 * HOUR :] + curve[: 4 * HOUR] for curve in curves)
    return zip(*turned, strict=True)


def _about(mean: float, dice: random.Random) -> float:
    """As many as come by chance where so many come on average."""
    return max(0.0, dice.gauss(mean, sqrt(mean)))


def _late(by: Sequence[tuple[float, float]]) -> float:
    """How late the latest but one in a hundred was, where so many were due and done by the end of each step.

    Looks at the last one of each step.
    """
    done = [count for _, count in by]
    late = []
    for step, ((before, _), (due, _)) in enumerate(pairwise(by), start=1):
        at = bisect_left(done, due - 1e-6)
        when = inf if at == len(done) else at - (done[at] - due) / (done[at] - done[at - 1])
        late.append((max(0.0, when - step) * STEP, due - before))
    late.sort()
    reached = list(accumulate(weight for _, weight in late))
    return late[bisect_left(reached, 0.99 * reached[-1])][0]
