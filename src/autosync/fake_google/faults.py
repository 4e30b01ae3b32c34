"""What can go wrong at Google's side, and when: by chance with a seed, or for the next calls of a kind or of a person.

A fault that makes no sense for a call (a revoked grant when an event is inserted) is never drawn for it, and cannot be
planned for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Call(StrEnum):
    """What is asked of Google; `exchange` and `refresh` are the token endpoint's two."""

    EXCHANGE = "exchange"
    REFRESH = "refresh"
    REVOKE = "revoke"
    FREEBUSY = "freebusy"
    INSERT = "insert"
    GET = "get"
    PATCH = "patch"
    UPDATE = "update"
    DELETE = "delete"


class Fault(StrEnum):
    """`before`: nothing is done; `after`: it is done, and the client does not learn of it."""

    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ERROR_BEFORE = "error_before"
    """503"""
    ERROR_AFTER = "error_after"
    INTERNAL_BEFORE = "internal_before"
    """500"""
    INTERNAL_AFTER = "internal_after"
    GARBAGE_BEFORE = "garbage_before"
    GARBAGE_AFTER = "garbage_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SLOW = "slow"
    THROTTLE = "throttle"
    """429"""
    RATE_LIMIT = "rateLimitExceeded"
    USER_RATE_LIMIT = "userRateLimitExceeded"
    QUOTA = "quotaExceeded"
    FORBIDDEN = "forbidden"
    """403, seen in public issues when a deleted event is to be restored"""
    EXPIRED = "expired"
    """401: the access token is over before its time"""
    NOT_FOUND = "not_found"
    """404 though the event is there, as a replica may say that lags"""
    DUPLICATE = "duplicate"
    """409 though the event is not there"""
    DELETED = "deleted"
    """410 though the event is there"""
    INVALID_GRANT = "invalid_grant"
    """the person has ended the grant at Google's side, just now"""


_ANYWHERE = {
    Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.INTERNAL_BEFORE,
    Fault.INTERNAL_AFTER, Fault.GARBAGE_BEFORE, Fault.GARBAGE_AFTER, Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.SLOW,
}  # fmt: skip
_TOKENS = {Call.EXCHANGE, Call.REFRESH, Call.REVOKE}
_ONLY = {
    Fault.FORBIDDEN: {Call.PATCH, Call.UPDATE, Call.DELETE},
    Fault.NOT_FOUND: {Call.GET, Call.PATCH, Call.UPDATE, Call.DELETE},
    Fault.DUPLICATE: {Call.INSERT},
    Fault.DELETED: {Call.GET, Call.PATCH, Call.UPDATE, Call.DELETE},
    Fault.INVALID_GRANT: {Call.REFRESH},
}


def fits(fault: Fault, call: Call) -> bool:
    """Whether this can go wrong with such a call."""
    return fault in _ANYWHERE or call in _ONLY.get(fault, set(Call) - _TOKENS)


@dataclass(slots=True)
class Misbehaviour:
    """A plan. The queues are used up call by call; else the chances are drawn: those of its kind, or `chances`."""

    chances: Mapping[Fault, float] = field(default_factory=dict)
    chances_of: Mapping[Call, Mapping[Fault, float]] = field(default_factory=dict)
    next_of_call: dict[Call, deque[Fault]] = field(default_factory=dict)
    next_of_person: dict[str, deque[Fault]] = field(default_factory=dict)
    random: Random = field(default_factory=Random)
    slow_seconds: float = 1.0
    retry_after: int | None = None

    def pick(self, call: Call, person: str | None) -> Fault | None:
        """What goes wrong with this call."""
        for queue in (self.next_of_person.get(person or ""), self.next_of_call.get(call)):
            if queue and fits(queue[0], call):
                return queue.popleft()
        chances = self.chances_of.get(call, self.chances)
        hit = [fault for fault, chance in chances.items() if fits(fault, call) and self.random.random() < chance]
        return self.random.choice(sorted(hit)) if hit else None


def read_plan(
    probabilities: Mapping[str, float],
    by_call: Mapping[str, Mapping[str, float]],
    calls: Mapping[str, Sequence[str]],
    people: Mapping[str, Sequence[str]],
    *,
    seed: int | None,
    slow_seconds: float,
    retry_after: int | None,
) -> Misbehaviour:
    """A plan from names. Raises ValueError for a fault or a call that there is not, or a probability beyond 0 to 1."""
    queues = {Call(name): deque(Fault(fault) for fault in faults) for name, faults in calls.items()}
    if wrong := [f"{fault} ({call})" for call, faults in queues.items() for fault in faults if not fits(fault, call)]:
        raise ValueError(f"These cannot go wrong with such calls: {', '.join(wrong)}.")
    return Misbehaviour(
        chances=_chances(probabilities),
        chances_of={Call(name): _chances(chances) for name, chances in by_call.items()},
        next_of_call=queues,
        next_of_person={person: deque(Fault(fault) for fault in faults) for person, faults in people.items()},
        random=Random(seed),  # noqa: S311 - chance, not secrecy
        slow_seconds=slow_seconds,
        retry_after=retry_after,
    )


def _chances(probabilities: Mapping[str, float]) -> dict[Fault, float]:
    if wrong := [name for name, value in probabilities.items() if not 0 <= value <= 1]:
        raise ValueError(f"These probabilities are not between 0 and 1: {', '.join(wrong)}.")
    return {Fault(name): value for name, value in probabilities.items()}
