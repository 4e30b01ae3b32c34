"""The statements on sign-ins and sessions. Hashes come in and go out; what they are hashes of is never here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import full_name


@dataclass(frozen=True, slots=True)
class Asked:
    """How often a number has asked for a code lately and in 24 hours, its wrong codes lately, and codes for anybody in
    the last minute."""

    times: int
    times_in_a_day: int
    tries: int
    by_anybody: int


@dataclass(frozen=True, slots=True)
class SignInRow:
    """A code that was asked for. `organizer_id` None: nobody's number; `tries`: wrong codes of that number."""

    organizer_id: UUID | None
    secret_hash: bytes
    is_open: bool
    tries: int


async def lock_all(connection: Connection) -> None:
    """Until the transaction ends nobody else counts or adds codes."""
    await connection.execute(statement("lock_sign_ins"))


async def count_asked(connection: Connection, phone_number: str, *, since: timedelta) -> Asked:
    """What this E.164 number has asked for since so long ago."""
    cursor = await connection.execute(statement("count_sign_ins"), {"phone_number": phone_number, "since": since})
    (row,) = await cursor.fetchall()
    return Asked(*row)


async def insert_sign_in(
    connection: Connection,
    id_: UUID,
    *,
    organizer_id: UUID | None,
    phone_number: str | None,
    secret_hash: bytes,
    lives: timedelta,
) -> None:
    """Keeps a code (with the number that asked for it) or a link (without)."""
    await connection.execute(
        statement("insert_sign_in"),
        {
            "id": id_,
            "organizer_id": organizer_id,
            "phone_number": phone_number,
            "secret_hash": secret_hash,
            "lives": lives,
        },
    )


async def lock_sign_in(connection: Connection, id_: UUID, *, since: timedelta) -> SignInRow | None:
    """The code that was asked for under this id, held; `since`: how far back wrong codes of its number count."""
    cursor = await connection.execute(statement("lock_sign_in"), {"id": id_, "since": since})
    row = await cursor.fetchone()
    return None if row is None else SignInRow(*row)


async def count_wrong_code(connection: Connection, id_: UUID) -> None:
    """One more wrong code."""
    await connection.execute(statement("count_wrong_code"), {"id": id_})


async def use_sign_in(connection: Connection, id_: UUID) -> None:
    """It opens no session any more."""
    await connection.execute(statement("use_sign_in"), {"id": id_})


async def find_link(connection: Connection, secret_hash: bytes) -> str | None:
    """The name of whom an open link signs in; None: there is no such link, or it was used, or has expired."""
    cursor = await connection.execute(statement("find_sign_in_link"), {"secret_hash": secret_hash})
    row = await cursor.fetchone()
    return None if row is None else full_name(row[1], row[2])


async def use_link(connection: Connection, secret_hash: bytes) -> UUID | None:
    """Uses an open link: whom it signs in; None as in `find_link`."""
    cursor = await connection.execute(statement("use_sign_in_link"), {"secret_hash": secret_hash})
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def insert_session(
    connection: Connection, token_hash: bytes, *, role: str, organizer_id: UUID | None, lives: timedelta
) -> None:
    """Opens a session."""
    await connection.execute(
        statement("insert_session"),
        {"token_hash": token_hash, "role": role, "organizer_id": organizer_id, "lives": lives},
    )


async def find_session(connection: Connection, token_hash: bytes, *, role: str) -> tuple[UUID | None] | None:
    """The organizer (None for an operator) of a session that holds; None: there is no such session."""
    cursor = await connection.execute(statement("find_session"), {"token_hash": token_hash, "role": role})
    return await cursor.fetchone()


async def delete_session(connection: Connection, token_hash: bytes) -> None:
    """Ends a session."""
    await connection.execute(statement("delete_session"), {"token_hash": token_hash})


async def delete_sessions_of(connection: Connection, organizer_id: UUID) -> int:
    """Ends all sessions of an organizer; how many there were."""
    return (await connection.execute(statement("delete_sessions_of"), {"organizer_id": organizer_id})).rowcount


async def forget(connection: Connection, *, limit: int) -> int:
    """Deletes what can open nothing any more; how many rows."""
    cursor = await connection.execute(statement("forget_sign_ins"), {"limit": limit})
    row = await cursor.fetchone()
    return row[0] if row else 0
