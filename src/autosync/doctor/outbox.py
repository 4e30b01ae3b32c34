"""The texts: those whose fate is unknown, that nobody sends, that were refused, that wait for morning.

Pure: each function judges what one statement of `database/review.py` read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosync.database.review import InFlight, Late, Refused
from autosync.doctor.findings import Finding, agree, ok, some, span, warning, wrong

AREA = "texts"


def in_flight(texts: InFlight) -> Iterator[Finding]:
    """Whether every claimed text has come to an end."""
    if texts.abandoned:
        yield warning(
            AREA,
            f"{some(texts.abandoned, 'text')} {agree(texts.abandoned, 'is', 'are')} marked as being sent, but nobody"
            f" has reported on {agree(texts.abandoned, 'it', 'them')} within a minute.",
            "Start `autosync worker`: its dispatcher looks them up at the gateway before anything is sent again.",
        )
    if texts.unknown:
        yield warning(
            AREA,
            f"Of {some(texts.unknown, 'text')} nobody knows whether {agree(texts.unknown, 'it', 'they')} left,"
            f" such as {texts.example}.",
            f"Look at the gateway's own log, then settle each: `autosync messages resolve {texts.example}`.",
        )
    if not texts.abandoned and not texts.unknown:
        yield ok(AREA, "The fate of every text that left is known.")


def queued(texts: Late) -> Iterator[Finding]:
    """Whether texts leave when their time has come."""
    if texts.count:
        yield wrong(
            AREA,
            f"{some(texts.count, 'text')} should have left, the oldest {span(texts.oldest)} ago.",
            "Start `autosync worker`; if one stays, `autosync messages explain ID` says why.",
        )
    else:
        yield ok(AREA, "No text is late.")
    if texts.held:
        yield ok(AREA, f"{some(texts.held, 'text')} {agree(texts.held, 'is', 'are')} held back until later.")


def failed(refused: Sequence[Refused]) -> Iterator[Finding]:
    """Which texts failed within a day, and why."""
    if not refused:
        yield ok(AREA, "No text failed within the last 24 hours.")
        return
    total = sum(kind.count for kind in refused)
    kinds = "; ".join(_kind(kind) for kind in refused)
    yield warning(
        AREA,
        f"{some(total, 'text')} failed within the last 24 hours: {kinds}.",
        "Run `autosync messages list` to see whose; the gateway's documentation explains its codes.",
    )


def _kind(refused: Refused) -> str:
    code = f"error {refused.error_code}" if refused.error_code else "without an error code"
    reason = f" ({refused.reason.rstrip('.')})" if refused.reason else ""
    return f"{refused.count:,} with {code}{reason}" if refused.error_code else f"{refused.count:,} {code}{reason}"
