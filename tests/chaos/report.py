"""What came of it, for a reader and for a program."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from chaos.faults import Happened, Progress, Watch

WANTED = {
    "SIGKILLs": 300,
    "restarts of the server": 20,
    "jobs processed": 50_000,
    "texts taken by the gateway": 200_000,
}
"""What ten minutes of it are to come to."""
TEN_MINUTES = 600
NOT_ROUND = "the worker that nobody kills did not go round"
BACK_WITHIN = 30.0
"""Seconds after a fault: what takes longer to go on has not gone on by itself."""


@dataclass
class Report:
    """Everything that is counted; `differences` is what the ledger found."""

    seconds: float = 0
    drained_in: float | None = None
    kills: int = 0
    restarts: int = 0
    deaths: dict[str, int] = field(default_factory=dict)
    turned_away: int = 0
    ended: dict[str, int | None] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    deadlocks: int = 0
    jobs: Counter[str] = field(default_factory=Counter)
    """By their state, those that housekeeping has removed meanwhile among them."""
    waits: list[float] = field(default_factory=list)
    """Seconds for which each job that is done had been due, on the wall, the shortest first."""
    texts: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    taken: int = 0
    differences: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    """Why texts are unknown for good: an operator is to decide each."""
    recoveries: dict[str, list[float]] = field(default_factory=dict)
    """By the fault's name: seconds until a text left again, whoever sent it."""
    turns: dict[str, list[float]] = field(default_factory=dict)
    """By the fault's name: seconds until the worker that nobody kills had done a turn of each of its loops."""
    said: Counter[str] = field(default_factory=Counter)
    """What that worker's health said it waited for, and how often."""
    called: Counter[str] = field(default_factory=Counter)
    """What pg_cron was answered when it called the function endpoint, and how often."""

    kept: str = ""
    """A sentence on where the rows and the gateway's records are, for whoever looks into what was found."""
    stuck: list[str] = field(default_factory=list)
    """What did not go on in time, after which fault."""

    def measure(self, happened: list[Happened], progress: Progress, watch: Watch) -> None:
        """How soon all went on after each fault."""
        self.happened, self.said = happened, watch.said
        self.recoveries = _by_name(happened, progress.recovery)
        self.turns = _by_name(happened, watch.recovery)
        ended = max((fault.over for fault in happened), default=0)
        self.stuck = [
            f"stuck: after {fault.name}, {what} for {BACK_WITHIN:.0f} s"
            for what, recovery in (("no text left", progress.recovery), (NOT_ROUND, watch.recovery))
            for fault in happened
            if _is_stuck(recovery(fault), watched=ended - fault.over)
        ]

    @property
    def short_of(self) -> list[str]:
        """What is less than ten minutes are to come to."""
        done = (self.kills, self.restarts, self.processed, self.taken)
        found = zip(WANTED.items(), done, strict=True)
        return [f"{count:,} of {wanted:,} {name}" for (name, wanted), count in found if count < wanted]

    @property
    def processed(self) -> int:
        """Jobs that were done: not those that were skipped or failed."""
        return self.jobs["processed"]

    @property
    def is_short(self) -> bool:
        """Whether it went on for ten minutes, and came to less than these are to come to."""
        return self.seconds >= TEN_MINUTES and bool(self.short_of)

    @property
    def was_woken(self) -> bool:
        """Whether a call by pg_cron was answered: in a short run the database may have been away at each of the few."""
        return self.called["200"] + (self.called["503"] if self.seconds < TEN_MINUTES else 0) > 0

    @property
    def is_well(self) -> bool:
        """Nothing lost, nothing double, nothing else that the ledger knows; nobody died, got stuck or would not end.

        And enough was tried for that to mean something.
        """
        ended_well = not any(self.deaths.values()) and not any(self.ended.values()) and None not in self.ended.values()
        went_on = self.drained_in is not None and not self.stuck and self.was_woken
        return not self.differences and ended_well and went_on and not self.is_short

    def lines(self) -> list[str]:
        """As a person reads it."""
        kinds = Counter(difference.partition(":")[0] for difference in self.differences)
        lines = [
            f"{self.seconds:,.0f} s of faults; all was done {_or_never(self.drained_in)} after the last one",
            f"{self.kills:,} SIGKILLs, {self.restarts} restarts of the server",
            f"{self.processed:,} jobs processed ({_counted(self.jobs)})",
            f"they had been due for {_spread(self.waits)}",
            f"{self.taken:,} texts taken by the gateway in {self.requests:,} requests ({_counted(self.texts)})",
            f"people: {_counted(self.done)}; {self.deadlocks} deadlocks",
            f"pg_cron called the function endpoint {self.called.total()} times ({_counted(self.called)})",
            f"lost {kinds['lost']}, double {kinds['double']}, other {kinds.total() - kinds['lost'] - kinds['double']};"
            f" {len(self.undecided)} texts wait for an operator's decision",
        ]
        for name, times in sorted(Counter(fault.name for fault in self.happened).items()):
            lines.append(f"  {name}: {times} times")
            lines.append(f"    the next text left after {_seconds(self.recoveries.get(name, []), times)}")
            lines.append(f"    the worker that nobody kills turned after {_seconds(self.turns.get(name, []), times)}")
        lines += [f"  its health said {count} times: {sentence}" for sentence, count in self.said.most_common()]
        if self.is_short:
            lines.append(f"Ten minutes are to come to more: {', '.join(self.short_of)}.")
        if not self.was_woken:
            lines.append("No call by pg_cron was answered with 200.")
        if self.turned_away:
            lines.append(f"{self.turned_away} times a process found no database at its start and was started again")
        lines += [f"{name} died by itself {count} times" for name, count in self.deaths.items() if count]
        lines += [f"{name} ended with {code} at SIGTERM" for name, code in self.ended.items() if code != 0]
        lines += [f"  {count} of them: {reason}" for reason, count in Counter(self.undecided).items()]
        lines += [f"  {difference}" for difference in (self.stuck + self.differences)[:40]]
        return lines + ([self.kept] if self.kept else [])


def _is_stuck(seconds: float | None, *, watched: float) -> bool:
    """`seconds`: until it went on, None: it was not seen to; `watched`: for so long somebody looked."""
    return (watched if seconds is None else seconds) > BACK_WITHIN


def _by_name(happened: list[Happened], recovery: Callable[[Happened], float | None]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for fault in happened:
        seconds = recovery(fault)
        if seconds is not None:
            found[fault.name].append(seconds)
    return dict(found)


def _seconds(found: list[float], times: int) -> str:
    if not found:
        return "NEVER"
    ended = f"; {times - len(found)} times the faults ended before" if len(found) < times else ""
    return f"{median(found):.1f} s (median), {max(found):.1f} s (most){ended}"


def _spread(found: list[float]) -> str:
    """`found`: in order."""
    if not found:
        return "no time, as none was done"
    return f"{median(found):.1f} s (median), {found[len(found) * 99 // 100]:.1f} s (p99), {found[-1]:.1f} s (most)"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()) if name)


def _or_never(seconds: float | None) -> str:
    return "NEVER" if seconds is None else f"{seconds:,.0f} s"
