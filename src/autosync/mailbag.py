"""Takes plain answers that came in by text together: a fixed handful of statements for a whole bag of them.

`await take(connection, texts, region=...)` says for each text what became of it, or None for one that it has left
alone, wholly: whatever is no plain answer to an open ask (a STOP, a question, a number that an organizer may have, a
second text of the same person) is for `inbox.receive`, and what both take comes out the same.

Where it meets others: it waits for no sync. One that somebody else has locked is left alone with its answers, so that
nobody's text is held up by another sync's job, stop or client.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from autosync import replies
from autosync.database import answers, questions, syncs
from autosync.database.answers import Asked, TextedAnswer
from autosync.database.pool import Connection, again_if_overtaken
from autosync.inbox import SEEN_BEFORE, InboundText, answered, came_in
from autosync.model import MOST_OPTIONS, Option, SyncStatus
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.replies import Kind
from autosync.traces import Traces

log = structlog.get_logger(__name__)

_VOTES = (Kind.OPTIONS, Kind.NONE)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text that reads as an answer, its place among the others, and its sender's E.164 number."""

    place: int
    text: InboundText
    number: str
    body: str


async def take(
    connection: Connection, texts: Sequence[InboundText], *, region: str, traces: Traces | None = None
) -> list[str | None]:
    """What became of each text, in one sentence; None: nothing, it has been left alone."""
    outcomes: list[str | None] = [None] * len(texts)
    if candidates := _candidates(texts, region):
        for place, sentence in (await again_if_overtaken(lambda: _take(connection, candidates, traces))).items():
            outcomes[place] = sentence
    return outcomes


def _candidates(texts: Sequence[InboundText], region: str) -> list[_Candidate]:
    """The texts that may be plain answers: of each number its first one, if it is."""
    found: list[_Candidate] = []
    seen: set[str] = set()
    for place, text in enumerate(texts):
        try:
            number = to_e164(text.phone_number, default_region=region)
        except UntextableNumber:
            continue
        if number in seen:
            continue
        seen.add(number)
        body = text.body.replace("\x00", "")
        if replies.read_reply(body, option_count=MOST_OPTIONS).kind in _VOTES:
            found.append(_Candidate(place, text, number, body))
    return found


async def _take(connection: Connection, candidates: Sequence[_Candidate], traces: Traces | None) -> dict[int, str]:
    began = time.time()
    async with connection.transaction():
        taken = await _decide(connection, candidates)
        if not taken:
            return {}
        kept = await answers.keep_texted(connection, list(taken.values()))
        fresh = [text for text in taken.values() if (text.gateway, text.gateway_message_id) in kept]
        if fresh:
            await answers.save(connection, [(text.ask, text.option_ids) for text in fresh])
    for text in fresh:
        inbound_id = kept[text.gateway, text.gateway_message_id]
        log.info("text_received", inbound_id=str(inbound_id), sync_id=str(text.ask.sync_id), outcome=text.outcome)
        if traces is not None:
            traces.tell(came_in(text.ask.sync_id, inbound_id, began))
    return {place: text.outcome if text in fresh else SEEN_BEFORE for place, text in taken.items()}


async def _decide(connection: Connection, candidates: Sequence[_Candidate]) -> dict[int, TextedAnswer]:
    """The answers that stand under the locks of their syncs, by place; one at most for each sync and contact."""
    numbers = [candidate.number for candidate in candidates]
    asked = {number: ask for number, ask in (await answers.find_asks(connection, numbers)).items() if ask.open}
    for number in await questions.find_numbers(connection, list(asked)):
        asked.pop(number)
    statuses = await syncs.lock_free(connection, {found.ask.sync_id for found in asked.values()})
    options = await syncs.load_options(connection, statuses)
    invitees = await answers.find_invitees(connection, [found.ask for found in asked.values()])
    taken: dict[int, TextedAnswer] = {}
    for candidate in candidates:
        found = asked.get(candidate.number)
        if found is None or (found.ask.sync_id, found.ask.contact_id) not in invitees:
            continue
        status = statuses.get(found.ask.sync_id)
        if status is None or status.is_final:
            continue
        answer = _read(candidate, found, status, options.get(found.ask.sync_id, ()))
        if answer is not None:
            taken[candidate.place] = answer
            invitees.remove((found.ask.sync_id, found.ask.contact_id))
    return taken


def _read(candidate: _Candidate, asked: Asked, status: SyncStatus, options: Sequence[Option]) -> TextedAnswer | None:
    by_number: dict[int, UUID] = {option.number: option.id for option in options}
    if not by_number:
        return None
    reading = replies.read_reply(candidate.body, option_count=max(by_number))
    if reading.kind not in _VOTES or not by_number.keys() >= set(reading.options):
        return None
    return TextedAnswer(
        gateway=candidate.text.gateway,
        gateway_message_id=candidate.text.gateway_message_id,
        phone_number=candidate.number,
        body=candidate.body,
        ask=asked.ask,
        option_ids=tuple(by_number[number] for number in reading.options),
        outcome=answered(status, reading),
    )
