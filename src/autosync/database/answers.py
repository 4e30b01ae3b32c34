"""The statements on what people answer: texts that came in, and responses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync.database import arrays
from autosync.database.pool import Connection
from autosync.database.statements import statement


@dataclass(frozen=True, slots=True)
class Ask:
    """A text that asked somebody for times: the initial one or a reminder."""

    message_id: UUID
    sync_id: UUID
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """The ask that a text answers. `open`: its sync takes answers; `waits`: it does, and has none since this ask."""

    ask: Ask
    open: bool
    waits: bool
    left_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A text that was received, from an E.164 number; `at`: when (aware)."""

    gateway: str
    gateway_message_id: str
    phone_number: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a text that came in, in one sentence, and whose text in which sync it was."""

    sentence: str
    sync_id: UUID | None = None
    contact_id: UUID | None = None


async def keep_inbound(
    connection: Connection, *, gateway: str, gateway_message_id: str, phone_number: str, body: str
) -> UUID | None:
    """Keeps a text that came in and returns its id; None if it has been there."""
    cursor = await connection.execute(
        statement("insert_inbound"),
        {
            "gateway": gateway,
            "gateway_message_id": gateway_message_id,
            "phone_number": phone_number,
            "body": body,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def list_inbound(connection: Connection, *, since: datetime) -> list[ReceivedText]:
    """What was received since then (aware), the oldest first."""
    cursor = await connection.execute(statement("list_inbound_since"), {"since": since})
    return [ReceivedText(*row) for row in await cursor.fetchall()]


async def load_last_asked(connection: Connection, phone_numbers: Collection[str]) -> dict[str, datetime]:
    """When a text of ours last went to each of these E.164 numbers (on the server's own clock), where one did."""
    cursor = await connection.execute(statement("load_last_asked"), {"phone_numbers": sorted(phone_numbers)})
    return dict(await cursor.fetchall())


async def find_inbound(
    connection: Connection, gateway: str, gateway_message_id: str
) -> tuple[UUID | None, UUID | None]:
    """The id of a text that came in, and the sync that it counts for, if any; nothing where there is no such text."""
    parameters = {"gateway": gateway, "gateway_message_id": gateway_message_id}
    row = await (await connection.execute(statement("find_inbound"), parameters)).fetchone()
    return (row[0], row[1]) if row else (None, None)


async def close_inbound(connection: Connection, inbound_id: UUID, outcome: Outcome) -> None:
    """Notes what became of a text that came in."""
    await connection.execute(
        statement("close_inbound"),
        {
            "id": inbound_id,
            "outcome": outcome.sentence,
            "sync_id": outcome.sync_id,
            "contact_id": outcome.contact_id,
        },
    )


async def find_ask(connection: Connection, phone_number: str) -> Asked | None:
    """The ask that a text from this E.164 number answers, if there is any."""
    return (await find_asks(connection, [phone_number])).get(phone_number)


async def find_asks(connection: Connection, phone_numbers: Collection[str]) -> dict[str, Asked]:
    """The ask that a text from each of these E.164 numbers answers, by number; numbers without any are missing."""
    cursor = await connection.execute(statement("find_asks"), {"phone_numbers": list(phone_numbers)})
    return {row[0]: Asked(Ask(*row[1:4]), *row[4:]) for row in await cursor.fetchall()}


async def find_invitees(connection: Connection, asks: Collection[Ask]) -> set[tuple[UUID, UUID]]:
    """The (sync, contact) of those of these asks whose contact was asked in its sync."""
    cursor = await connection.execute(statement("find_invitees"), _whose(asks))
    return set(await cursor.fetchall())


@dataclass(frozen=True, slots=True)
class TextedAnswer:
    """An answer that came in by text, whose it is, which options it is for (none: not available), what became of it."""

    gateway: str
    gateway_message_id: str
    phone_number: str
    body: str
    ask: Ask
    option_ids: tuple[UUID, ...]
    outcome: str


async def keep_texted(connection: Connection, texted: Sequence[TextedAnswer]) -> dict[tuple[str, str], UUID]:
    """Keeps texts that came in: the ids of those that had not been there, by gateway and gateway id."""
    cursor = await connection.execute(
        statement("insert_answers_by_text"),
        {
            "gateways": [text.gateway for text in texted],
            "gateway_message_ids": [text.gateway_message_id for text in texted],
            "phone_numbers": [text.phone_number for text in texted],
            "bodies": [text.body for text in texted],
            "outcomes": [text.outcome for text in texted],
            **_whose([text.ask for text in texted]),
        },
    )
    return {(gateway, id_): inbound_id for inbound_id, gateway, id_ in await cursor.fetchall()}


async def save(connection: Connection, answers: Sequence[tuple[Ask, Collection[UUID]]]) -> None:
    """Keeps answers, the options that each can make; none: not available. Resolves their asks.

    One at most for each sync and contact.
    """
    whose = _whose([ask for ask, _ in answers])
    written = [f"{{{','.join(map(str, option_ids))}}}" for _, option_ids in answers]
    await connection.execute(statement("save_answers"), {**whose, "option_ids": written})
    await connection.execute(statement("resolve_asks"), whose)


def _whose(asks: Collection[Ask]) -> dict[str, str]:
    return {
        "sync_ids": arrays.uuids(ask.sync_id for ask in asks),
        "contact_ids": arrays.uuids(ask.contact_id for ask in asks),
    }
