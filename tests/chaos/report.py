"""What came of it, for a reader and for a program."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import median

from chaos.faults import Happened, Progress

WANTED = {"SIGKILLs": 300, "restarts of the server": 20, "jobs done": 50_000, "texts taken by the gateway": 200_000}
"""What ten minutes of it are to come to."""
TEN_MINUTES = 600


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
    cleaned: Counter[str] = field(default_factory=Counter)
    """Jobs that were done long enough ago for housekeeping to have removed them."""
    texts: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    taken: int = 0
    differences: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    """Why texts are unknown for good: an operator is to decide each."""
    recoveries: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, happened: list[Happened], progress: Progress) -> None:
        """How soon texts left again after each fault."""
        self.happened = happened
        found: dict[str, list[float]] = defaultdict(list)
        for fault in happened:
            seconds = progress.recovery(fault)
            if seconds is not None:
                found[fault.name].append(seconds)
        self.recoveries = dict(found)

    @property
    def short_of(self) -> list[str]:
        """What is less than ten minutes are to come to."""
        done = (self.kills, self.restarts, self.finished, self.taken)
        found = zip(WANTED.items(), done, strict=True)
        return [f"{count:,} of {wanted:,} {name}" for (name, wanted), count in found if count < wanted]

    @property
    def finished(self) -> int:
        """Jobs that came to an end."""
        jobs = self.jobs + self.cleaned
        return jobs.total() - jobs["pending"]

    @property
    def is_well(self) -> bool:
        """Nothing lost, nothing double, nothing else that the ledger knows; nobody died, got stuck or would not end."""
        ended_well = not any(self.deaths.values()) and not any(self.ended.values()) and None not in self.ended.values()
        return not self.differences and ended_well and self.drained_in is not None

    def lines(self) -> list[str]:
        """As a person reads it."""
        kinds = Counter(difference.partition(":")[0] for difference in self.differences)
        jobs = self.jobs + self.cleaned
        lines = [
            f"{self.seconds:,.0f} s of faults; all was done {_or_never(self.drained_in)} after the last one",
            f"{self.kills:,} SIGKILLs, {self.restarts} restarts of the server",
            f"{self.finished:,} jobs done ({_counted(jobs)})",
            f"{self.taken:,} texts taken by the gateway in {self.requests:,} requests ({_counted(self.texts)})",
            f"people: {_counted(self.done)}; {self.deadlocks} deadlocks",
            f"lost {kinds['lost']}, double {kinds['double']}, other {kinds.total() - kinds['lost'] - kinds['double']};"
            f" {len(self.undecided)} texts wait for an operator's decision",
        ]
        for name, times in sorted(Counter(fault.name for fault in self.happened).items()):
            seconds = self.recoveries.get(name, [])
            soon = f"{median(seconds):.1f} s (median), {max(seconds):.1f} s (most)" if seconds else "NEVER"
            lines.append(f"  {name}: {times} times; the next text left after {soon}")
            if 0 < len(seconds) < times:
                lines.append(f"    {times - len(seconds)} times the faults ended before one did")
        if self.seconds >= TEN_MINUTES and self.short_of:
            lines.append(f"Ten minutes are to come to more: {', '.join(self.short_of)}.")
        if self.turned_away:
            lines.append(f"{self.turned_away} times a process found no database at its start and was started again")
        lines += [f"{name} died by itself {count} times" for name, count in self.deaths.items() if count]
        lines += [f"{name} ended with {code} at SIGTERM" for name, code in self.ended.items() if code != 0]
        lines += [f"  {count} of them: {reason}" for reason, count in Counter(self.undecided).items()]
        return lines + [f"  {difference}" for difference in self.differences[:40]]


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()) if name)


def _or_never(seconds: float | None) -> str:
    return "NEVER" if seconds is None else f"{seconds:,.0f} s"
