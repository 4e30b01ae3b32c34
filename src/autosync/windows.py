"""Stretches of time, and what they have in common: what phrases ask for, what is busy, what is offered.

`Window` holds two instants in UTC; `merged`, `common` and `without` take any and give disjoint ones in order of time.
Pure. A window knows no zone: whoever shows it must say in whose clocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The instants from `begins` until just before `ends`: aware, kept in UTC whatever zone they came in.

    Raises ValueError if it would hold none, or for a naive time.
    """

    begins: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if self.begins.utcoffset() is None or self.ends.utcoffset() is None:
            raise ValueError("A window needs times with a zone: make them aware.")
        # Times in one zone are compared and subtracted by its clocks, which is wrong where these change.
        object.__setattr__(self, "begins", self.begins.astimezone(UTC))
        object.__setattr__(self, "ends", self.ends.astimezone(UTC))
        if self.begins >= self.ends:
            raise ValueError(f"A window ends after it begins, but this one has {self.begins} to {self.ends}.")

    @property
    def lasts(self) -> timedelta:
        """How much time passes in it."""
        return self.ends - self.begins

    def meets(self, other: Window) -> bool:
        """Whether both hold some instant; touching is not meeting."""
        return self.begins < other.ends and other.begins < self.ends


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same instants in as few windows as can be: those that meet or touch become one."""
    found: list[Window] = []
    for window in sorted(windows):
        if found and window.begins <= found[-1].ends:
            found[-1] = Window(found[-1].begins, max(found[-1].ends, window.ends))
        else:
            found.append(window)
    return tuple(found)


def common(these: Iterable[Window], those: Iterable[Window]) -> tuple[Window, ...]:
    """The instants that both hold."""
    left, right = merged(these), merged(those)
    found: list[Window] = []
    i = j = 0
    while i < len(left) and j < len(right):
        begins, ends = max(left[i].begins, right[j].begins), min(left[i].ends, right[j].ends)
        if begins < ends:
            found.append(Window(begins, ends))
        if left[i].ends <= right[j].ends:
            i += 1
        else:
            j += 1
    return tuple(found)


def without(these: Iterable[Window], those: Iterable[Window]) -> tuple[Window, ...]:
    """The instants of the first that the second do not hold."""
    found: list[Window] = []
    taken = merged(those)
    for window in merged(these):
        begins = window.begins
        for gone in taken:
            if gone.ends <= begins or gone.begins >= window.ends:
                continue
            if begins < gone.begins:
                found.append(Window(begins, gone.begins))
            begins = gone.ends
        if begins < window.ends:
            found.append(Window(begins, window.ends))
    return tuple(found)
