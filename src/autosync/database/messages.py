"""The statements on `auto_sync_messages`, the outbox: queue, claim, and record how far each text got."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from autosync.database import arrays
from autosync.database.ids import new_ids
from autosync.database.pool import Connection, left_alone
from autosync.database.statements import statement
from autosync.database.workers import this_process
from autosync.invitee_links import Links
from autosync.model import MessageType, NewText, SyncStatus

LEASE = timedelta(seconds=60)
"""How long a claimed text counts as being sent; longer than any gateway may take to answer."""

_LOOK_AGAIN = 0.02
"""Seconds between two looks at texts that are on their way."""


@dataclass(frozen=True, slots=True)
class QueuedText:
    """A locked text, and what is true of it at this moment.

    `phone_number` as its owner wrote it; `over_at`: when the sync's last option ends, for an invite the chosen one,
    None where it has none; `turn`: its place in the queue, a moment ago at the latest.
    """

    id: UUID
    sync_id: UUID
    type: MessageType
    body: str
    phone_number: str | None
    timezone: str
    sync_status: SyncStatus
    answered: bool
    over_at: datetime | None
    superseded: bool
    age: timedelta
    paused_because: str | None
    first_is_open: bool
    first_is_lost: bool
    is_settled: bool
    cause_id: UUID | None
    turn: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A text that this process, and no other, is sending: its attempt fences a late result."""

    message_id: UUID
    sync_id: UUID
    attempt: int
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class UnknownText:
    """A text of which nobody knows whether it left. `age`: since its claim; `doubtful_for`: since it is in doubt.

    `phone_number` and `body`: None where they have been deleted with somebody meanwhile.
    `known_ids`: the gateway's ids of other texts to this number, from the time around its claim and later;
    `other_bodies`: the words of those among them that have no id yet. `made_anew`: see `OutgoingText`.
    """

    claim: Claim
    phone_number: str | None
    body: str | None
    gateway: str
    age: timedelta
    known_ids: frozenset[str]
    other_bodies: frozenset[str]
    doubtful_for: timedelta
    made_anew: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a claim's attempt. `pause`: until it is tried, or looked up, again; None: not by itself.

    `opted_out`: the carrier takes no text for this number any more, so the number is suppressed.
    """

    claim: Claim
    status: str
    gateway_message_id: str | None = None
    error_code: str | None = None
    reason: str | None = None
    pause: timedelta | None = None
    opted_out: bool = False


async def queue(connection: Connection, new_texts: Sequence[NewText], links: Links | None = None) -> int:
    """Queues texts and returns how many were new; one with the same cause, recipient and type is never doubled.

    `links`: what texts that ask or invite end with, each with its own.
    """
    recipients = [to for text in new_texts for to in text.recipients]
    ids = new_ids(len(recipients))
    worded = _worded(new_texts, ids, links)
    cursor = await connection.execute(
        statement("queue_texts"),
        {
            "sync_ids": arrays.uuids(text.sync_id for text, _, _ in worded),
            "message_types": arrays.words(text.type for text, _, _ in worded),
            "cause_ids": arrays.uuids(text.cause_id for text, _, _ in worded),
            "bodies": arrays.texts(body for _, body, _ in worded),
            "ids": arrays.words(ids),
            "contact_ids": arrays.uuids(recipients),
            "places": arrays.numbers(place for place, (_, _, to) in enumerate(worded, 1) for _ in range(to)),
            "turns": arrays.numbers(_turns(new_texts)),
        },
    )
    return cursor.rowcount


def _worded(
    new_texts: Sequence[NewText], ids: Sequence[str], links: Links | None
) -> Sequence[tuple[NewText, str, int]]:
    """Each wording that is to be written, and to how many recipients it goes; with links each has one of its own."""
    worded: list[tuple[NewText, str, int]] = []
    done = 0
    for text in new_texts:
        if links is not None and links.end(text.type):
            own = ids[done : done + len(text.recipients)]
            worded += [(text, links.add(text.type, text.body, UUID(id_)), 1) for id_ in own]
        else:
            worded.append((text, text.body, len(text.recipients)))
        done += len(text.recipients)
    return worded


def _turns(new_texts: Sequence[NewText]) -> Iterator[int]:
    """The place of each text in the line of its sync's, from 1."""
    taken: dict[UUID, int] = defaultdict(int)
    for text in new_texts:
        first = taken[text.sync_id] + 1
        taken[text.sync_id] += len(text.recipients)
        yield from range(first, first + len(text.recipients))


async def claim_queued(connection: Connection, *, limit: int, since: datetime | None = None) -> list[QueuedText]:
    """Locks up to `limit` texts whose time has come, with their syncs, and reads them under the locks.

    `since`: none whose turn was before. A text, or a sync, of a kind that only another client knows is closed as
    failed.
    """
    cursor = await connection.execute(statement("claim_queued_texts"), {"limit": limit, "since": since} | left_alone())
    claimed = [(id_, sync_id) for id_, sync_id, _ in await cursor.fetchall()]
    if not claimed:
        return []
    cursor = await connection.execute(statement("load_departing_texts"), _named(claimed))
    queued: list[QueuedText] = []
    foreign: list[tuple[tuple[UUID, UUID], str, str]] = []
    for id_, sync_id, type_, body, number, timezone, status, *facts in await cursor.fetchall():
        try:
            queued.append(
                QueuedText(id_, sync_id, MessageType(type_), body, number, timezone, SyncStatus(status), *facts)
            )
        except ValueError as error:  # only another client knows this value; the other texts go on
            foreign.append(((id_, sync_id), "failed", f"This program cannot send it: {error}."))
    if foreign:
        await close(connection, foreign)
    return queued


async def lock_numbers(connection: Connection, phone_numbers: Collection[str]) -> set[str]:
    """Those of these E.164 numbers that nobody is suppressing at this moment; keeps it so until the commit."""
    cursor = await connection.execute(statement("lock_numbers_for_sending"), {"phone_numbers": sorted(phone_numbers)})
    return {number for (number,) in await cursor.fetchall()}


async def load_suppressed(connection: Connection, phone_numbers: Collection[str]) -> set[str]:
    """Those of these E.164 numbers that have opted out."""
    cursor = await connection.execute(statement("load_suppressed"), {"phone_numbers": sorted(phone_numbers)})
    return {number for (number,) in await cursor.fetchall()}


async def mark_sending(
    connection: Connection, leaving: Sequence[tuple[tuple[UUID, UUID], str]], *, gateway: str
) -> dict[UUID, Claim]:
    """Marks locked texts, ((id, sync id), E.164 number), as being sent through `gateway`; their claims by id."""
    texts, numbers = zip(*leaving, strict=True)
    cursor = await connection.execute(
        statement("mark_sending"),
        _named(texts) | {"phone_numbers": list(numbers), "gateway": gateway, "taken_by": this_process()},
    )
    return {row[0]: Claim(*row) for row in await cursor.fetchall()}


def _named(texts: Iterable[Sequence[UUID]]) -> dict[str, object]:
    """Texts, (id, sync id), as statements name them: with their syncs, by which they could be distributed."""
    ids, sync_ids = zip(*texts, strict=True)
    return {"message_ids": arrays.uuids(ids), "sync_ids": arrays.uuids(sync_ids)}


async def hold(connection: Connection, held: Sequence[tuple[tuple[UUID, UUID], datetime, str]]) -> None:
    """Holds queued texts back: ((id, sync id), until when, why)."""
    texts, moments, reasons = zip(*held, strict=True)
    await connection.execute(
        statement("hold_texts"), _named(texts) | {"send_after": list(moments), "reasons": list(reasons)}
    )


async def close(connection: Connection, closed: Sequence[tuple[tuple[UUID, UUID], str, str]]) -> None:
    """Closes queued texts that will not leave: ((id, sync id), canceled or failed, why)."""
    texts, statuses, reasons = zip(*closed, strict=True)
    await connection.execute(
        statement("close_texts"), _named(texts) | {"statuses": list(statuses), "reasons": list(reasons)}
    )


async def record(connection: Connection, results: Sequence[Result]) -> None:
    """Records what the gateway said, unless a later attempt of the text has begun; suppresses who has opted out."""
    await connection.execute(
        statement("record_results"),
        _named([(result.claim.message_id, result.claim.sync_id) for result in results])
        | {
            "attempts": [result.claim.attempt for result in results],
            "statuses": [result.status for result in results],
            "gateway_message_ids": [result.gateway_message_id for result in results],
            "error_codes": [result.error_code for result in results],
            "reasons": [result.reason for result in results],
            "pauses": [result.pause for result in results],
            "opted_out": [result.opted_out for result in results],
        },
    )


async def give_up_stale_claims(connection: Connection) -> int:
    """Makes unknown whatever was claimed longer than LEASE ago and never reported on; returns how many."""
    cursor = await connection.execute(statement("give_up_stale_claims"), {"lease": LEASE})
    return cursor.rowcount


async def claim_unknown(connection: Connection, *, limit: int, lease: timedelta) -> list[UnknownText]:
    """Up to `limit` unknown texts whose look-up is due; for `lease` nobody else looks these up."""
    cursor = await connection.execute(statement("claim_unknown_texts"), {"limit": limit, "lease": lease})
    found: list[UnknownText] = []
    for id_, sync_id, attempt, at, number, body, gateway, age, ids, words, in_doubt, anew in await cursor.fetchall():
        claim = Claim(id_, sync_id, attempt, at)
        found.append(UnknownText(claim, number, body, gateway, age, frozenset(ids), frozenset(words), in_doubt, anew))
    return found


async def lock_unknown(
    connection: Connection, phone_numbers: Collection[str], gateway_message_ids: Collection[str]
) -> tuple[set[str], set[str]]:
    """Locks the unknown texts to these numbers until the transaction ends, so that nobody else settles them meanwhile.

    Returns which of the gateway's ids another text has by now, and to which of the numbers a text is on its way.
    """
    numbers = sorted(phone_numbers)
    await connection.execute(statement("lock_unknown_texts"), {"phone_numbers": numbers} | left_alone())
    cursor = await connection.execute(
        statement("load_taken"), {"phone_numbers": numbers, "gateway_message_ids": sorted(gateway_message_ids)}
    )
    rows = await cursor.fetchall()
    return {id_ for id_, _ in rows if id_ is not None}, {number for _, number in rows if number is not None}


async def find_last_gateway(connection: Connection) -> str | None:
    """The gateway that the latest texts left through; None where none that left lately names one."""
    row = await (await connection.execute(statement("find_last_gateway"))).fetchone()
    return row[0] if row else None


async def let_invite_again(connection: Connection, sync_id: UUID, option_id: UUID) -> None:
    """Lets invites to this option that were canceled stand in nobody's way; hold the sync's row lock."""
    await connection.execute(statement("let_invite_again"), {"sync_id": sync_id, "option_id": option_id})


async def wait_for_departures_of_sync(connection: Connection, sync_id: UUID) -> None:
    """Returns once no text of this sync is on its way. Hold the sync's row lock, so that none sets out meanwhile."""
    await _wait_until_none(connection, "is_sending_for_sync", {"sync_id": sync_id, "lease": LEASE})


async def wait_for_departures_to_number(connection: Connection, phone_number: str) -> None:
    """Locks this E.164 number against departures and returns once no text to it is on its way."""
    await connection.execute(statement("lock_number_for_suppressing"), {"phone_number": phone_number})
    await _wait_until_none(connection, "is_sending_to_number", {"phone_number": phone_number, "lease": LEASE})


async def _wait_until_none(connection: Connection, name: str, parameters: dict[str, object]) -> None:
    """Ends at the latest when the lease of the last claim does: what is older is unknown, not on its way."""
    while True:
        cursor = await connection.execute(statement(name), parameters)
        row = await cursor.fetchone()
        if not row or not row[0]:
            return
        await asyncio.sleep(_LOOK_AGAIN)


async def queue_expired(
    connection: Connection, message_id: UUID, *, gateway: str, gateway_message_id: str, most_attempts: int
) -> bool:
    """Queues a text again that its gateway let expire before it was sent; False if that is not how it stands.

    It passes everything again that a text must pass when it leaves, the night above all.
    """
    cursor = await connection.execute(
        statement("queue_expired_text"),
        {
            "message_id": message_id,
            "gateway": gateway,
            "gateway_message_id": gateway_message_id,
            "most_attempts": most_attempts,
        },
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def apply_delivery_status(
    connection: Connection,
    message_id: UUID,
    *,
    gateway: str,
    gateway_message_id: str,
    status: str,
    error_code: str | None,
    reason: str | None,
    opted_out: bool,
) -> UUID | None:
    """Moves a text forward to sent, delivered or failed, as its gateway says; its sync, None if it was further already.

    `opted_out`: as in `Result`.
    """
    cursor = await connection.execute(
        statement("apply_delivery_status"),
        {
            "message_id": message_id,
            "gateway": gateway,
            "gateway_message_id": gateway_message_id,
            "status": status,
            "error_code": error_code,
            "reason": reason,
            "opted_out": opted_out,
        },
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def forget_old(connection: Connection, *, keep: timedelta, limit: int) -> int:
    """Takes the words and numbers out of texts of syncs that ended longer ago than `keep`, and forgets what came in.

    Up to `limit` syncs and as many texts that came in; how many there were.
    """
    row = await (await connection.execute(statement("forget_old_texts"), {"keep": keep, "limit": limit})).fetchone()
    return int(row[0]) if row else 0


async def list_to_doubt(
    connection: Connection, *, began: datetime, after: UUID, limit: int
) -> list[tuple[UUID, UUID, str | None]]:
    """Up to `limit` queued texts with ids after this one that were not doubted since `began` (aware), by id.

    Each as (id, sync id, number as its owner wrote it).
    """
    cursor = await connection.execute(
        statement("list_texts_to_doubt"), {"began": began, "after": after, "limit": limit}
    )
    return [(id_, sync_id, number) for id_, sync_id, number in await cursor.fetchall()]


async def doubt(
    connection: Connection, texts: Sequence[tuple[UUID, str]], *, since: datetime, gateway: str, reason: str
) -> int:
    """Makes these queued texts, (id, E.164 number), unknown: they may have left `since` then; returns how many."""
    cursor = await connection.execute(
        statement("doubt_texts"),
        {
            "message_ids": arrays.uuids(id_ for id_, _ in texts),
            "phone_numbers": [number for _, number in texts],
            "since": since,
            "gateway": gateway,
            "reason": reason,
        },
    )
    return cursor.rowcount


async def count_doubted(connection: Connection, *, since: datetime) -> dict[tuple[str, bool], int]:
    """What became of the texts put in doubt since then: how many are in each state, and go on by themselves or not."""
    cursor = await connection.execute(statement("count_doubted_texts"), {"since": since})
    return {(status, goes_on): count for status, goes_on, count in await cursor.fetchall()}


async def age_replies(connection: Connection, *, since: datetime, by: timedelta) -> None:
    """Makes replies that were queued since then as old as if they had been queued `by` earlier."""
    await connection.execute(statement("age_replies"), {"since": since, "by": by})
