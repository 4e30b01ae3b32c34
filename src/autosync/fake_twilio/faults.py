"""What can go wrong at Twilio's side, and when: by chance with a seed, or for the next requests to a number."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random


class Fault(StrEnum):
    """`before`: the text is not taken; `after`: it is, and the sender does not learn of it."""

    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    GARBAGE_BEFORE = "garbage_before"
    GARBAGE_AFTER = "garbage_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    THROTTLE = "throttle"
    SLOW = "slow"
    INVALID_NUMBER = "21211"
    NO_PERMISSION = "21408"
    UNSUBSCRIBED = "21610"
    UNROUTABLE = "21612"
    NOT_MOBILE = "21614"
    # The text is taken, and what its callbacks say goes wrong:
    UNREACHABLE = "30003"
    LANDLINE = "30006"
    FILTERED = "30007"
    EXPIRED = "30036"
    CALLBACK_TWICE = "callback_twice"
    CALLBACK_LATE = "callback_late"
    CALLBACK_OUT_OF_ORDER = "callback_out_of_order"
    NO_CALLBACK = "no_callback"


REFUSALS = {
    Fault.INVALID_NUMBER: "The 'To' number {to} is not a valid phone number.",
    Fault.NO_PERMISSION: "Permission to send an SMS has not been enabled for the region of the 'To' number: {to}.",
    Fault.UNSUBSCRIBED: "Attempt to send to unsubscribed recipient",
    Fault.UNROUTABLE: "Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' parameters",
    Fault.NOT_MOBILE: "'To' number is not a valid mobile number: {to}",
}
"""Refused with 400, this code, and this sentence."""

FAILURES = {
    Fault.UNREACHABLE: "Unreachable destination handset",
    Fault.LANDLINE: "Landline or unreachable carrier",
    Fault.FILTERED: "Message filtered",
    Fault.EXPIRED: "Validity period expired",
}
"""Taken, and reported as undelivered with this code."""

MAGIC_NUMBERS = {
    "+15005550001": Fault.INVALID_NUMBER,
    "+15005550002": Fault.UNROUTABLE,
    "+15005550003": Fault.NO_PERMISSION,
    "+15005550004": Fault.UNSUBSCRIBED,
    "+15005550009": Fault.NOT_MOBILE,
}
"""Twilio's own magic numbers."""

_OF_CALLBACKS = {
    *FAILURES,
    Fault.CALLBACK_TWICE,
    Fault.CALLBACK_LATE,
    Fault.CALLBACK_OUT_OF_ORDER,
    Fault.NO_CALLBACK,
}


@dataclass(slots=True)
class Misbehaviour:
    """A plan. `by_number` is used up request by request; `probabilities` are drawn for each request, fault by fault."""

    probabilities: Mapping[Fault, float] = field(default_factory=dict)
    by_number: dict[str, deque[Fault]] = field(default_factory=dict)
    random: Random = field(default_factory=Random)
    slow_seconds: float = 1.0
    late_seconds: float = 2.0
    retry_after: int = 1

    def for_message(self, to: str) -> tuple[Fault | None, frozenset[Fault]]:
        """What goes wrong with this request, and what with the callbacks that follow from it."""
        planned = self.by_number.get(to)
        hit = {planned.popleft()} if planned else self._draw()
        if to in MAGIC_NUMBERS:
            return MAGIC_NUMBERS[to], frozenset()
        return self._one_of(hit - _OF_CALLBACKS), frozenset(hit & _OF_CALLBACKS)

    def for_list(self) -> Fault | None:
        """What goes wrong with a look-up: whatever is not about a text."""
        return self._one_of(self._draw() - _OF_CALLBACKS - set(REFUSALS))

    def _draw(self) -> set[Fault]:
        return {fault for fault, probability in self.probabilities.items() if self.random.random() < probability}

    def _one_of(self, faults: set[Fault]) -> Fault | None:
        return self.random.choice(sorted(faults)) if faults else None


def read_plan(
    probabilities: Mapping[str, float],
    numbers: Mapping[str, Sequence[str]],
    *,
    seed: int | None,
    slow_seconds: float,
    late_seconds: float,
    retry_after: int,
) -> Misbehaviour:
    """A plan from names. Raises ValueError for a fault that there is not, or a probability beyond 0 to 1."""
    if wrong := [name for name, value in probabilities.items() if not 0 <= value <= 1]:
        raise ValueError(f"These probabilities are not between 0 and 1: {', '.join(wrong)}.")
    return Misbehaviour(
        probabilities={Fault(name): value for name, value in probabilities.items()},
        by_number={number: deque(Fault(name) for name in names) for number, names in numbers.items()},
        random=Random(seed),  # noqa: S311 - chance, not secrecy
        slow_seconds=slow_seconds,
        late_seconds=late_seconds,
        retry_after=retry_after,
    )
