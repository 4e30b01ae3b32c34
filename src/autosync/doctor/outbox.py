"""The texts: those whose fate is unknown, that nobody sends, that were refused; and the list of who said stop.

Pure: each function judges what one statement of `database/review.py` read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosync.database.pauses import Pause
from autosync.database.review import InFlight, Late, NumberKey, Refused
from autosync.doctor.findings import Finding, agree, discreet, note, ok, some, span, warning, wrong

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
    given_up, looked_up = texts.given_up, texts.looked_up
    if given_up.count:
        yield warning(
            AREA,
            f"Of {some(given_up.count, 'text')} nobody knows whether {agree(given_up.count, 'it', 'they')} left, and"
            f" nobody looks {agree(given_up.count, 'it', 'them')} up any more, the oldest for {span(given_up.age)}:"
            f" {given_up.example}.",
            "Look at the gateway's own log, then settle each:"
            f" `autosync messages resolve {given_up.example} --sent`, or `--not-sent`, which sends it again.",
        )
    if looked_up.count:
        yield warning(
            AREA,
            f"Of {some(looked_up.count, 'text')} nobody knows yet whether {agree(looked_up.count, 'it', 'they')} left,"
            f" the oldest for {span(looked_up.age)}: {looked_up.example}.",
            f"Leave {agree(looked_up.count, 'it', 'them')} to `autosync worker`, which looks each up at the gateway for"
            " a day; one that is settled by hand too early may leave twice.",
        )
    if not texts.abandoned and not given_up.count and not looked_up.count:
        yield ok(AREA, "The fate of every text that left is known.")


def paused(pauses: Sequence[Pause]) -> Iterator[Finding]:
    """Whether an operator has paused sending."""
    for pause in pauses:
        whose = "All sending" if pause.organizer_id is None else f"The sending of {discreet(pause.organizer or '')}"
        resume = "autosync sending resume" + (f" --organizer {pause.organizer_id}" if pause.organizer_id else "")
        yield warning(
            AREA,
            f"{whose} has been paused since {pause.paused_at:%Y-%m-%d %H:%M} UTC by {discreet(pause.paused_by)}:"
            f" {discreet(pause.reason)}",
            f"Once the cause is gone, `{resume}` lets texts leave again.",
        )


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
        yield note(AREA, f"{some(texts.held, 'text')} {agree(texts.held, 'is', 'are')} held back until later.")


def number_key(key: NumberKey) -> Iterator[Finding]:
    """Whether those who said stop are still known."""
    backup = "Restore public.auto_sync_number_key from the backup that the list is from"
    if key.rows == 0:
        what = "The key of the suppressed numbers is missing: no text leaves, since nobody knows who said stop."
        again = (
            "; only if nobody has said stop, make a new one as `supabase/migrations/20261101000300_delivery.sql` does"
        )
        yield wrong(AREA, what, f"{backup}{'' if key.suppressed else again}.", missing=True)
    elif key.mismatched:
        what = f"The key of the suppressed numbers is not theirs: {some(key.mismatched, 'number')} on the list"
        yield wrong(AREA, f"{what} would be texted again.", f"Stop every worker. {backup}.")
    else:
        yield ok(AREA, "Those who said stop are known by the list's own key.")


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
    reason = f" ({discreet(refused.reason).rstrip('.')})" if refused.reason else ""
    return f"{refused.count:,} with {code}{reason}" if refused.error_code else f"{refused.count:,} {code}{reason}"
