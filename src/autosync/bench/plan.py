"""What there is to measure, and what of it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

WORKLOADS = ("reminder", "empty")
MEASUREMENTS = (
    *WORKLOADS,
    "parts",
    "claim",
    "snapshot",
    "crews",
    "memory",
    "lateness",
    "inserts",
    "dispatch",
    "inbound",
    "answer",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. `peers`: (name, processes); `left_out`: those that cannot take part, and why.

    `scale`: of the curves, 1 for the sizes that the docs speak of.
    """

    measurements: tuple[str, ...] = MEASUREMENTS
    peers: tuple[tuple[str, int], ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    peers_folder: Path = Path("benchmarks/peers")
    rounds: int = 5
    jobs: int = 5000
    scale: float = 1.0

    def scaled(self, size: int) -> int:
        """A size of the curves, at this plan's scale."""
        return max(1, round(size * self.scale))
