"""Signs people in to the pages: organizers by a code that is texted to their own number, or by a link that somebody who
knows them has made; operators by the operator key.

A code opens one session, within five minutes. After five wrong ones its number is locked for a quarter of an hour,
whatever codes it asks for, so that guessing gets nowhere: 5 of a million each time. Whether a number belongs to anybody
cannot be told from outside: it is asked for, counted and locked all the same, and the code is sent after the answer.

A number that several organizers have signs in the first of them by id, whom the text names; the others use a link.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import structlog
from pydantic import SecretStr

from autosync import texts
from autosync.database import messages, people, questions, sessions
from autosync.database.pool import Connection, Pool
from autosync.gateways import Accepted, Gateway, OutgoingText
from autosync.model import Refused, Unusable
from autosync.phone_numbers import UntextableNumber, to_e164

log = structlog.get_logger(__name__)

CODE_LIVES = timedelta(minutes=5)
LINK_LIVES = timedelta(minutes=5)
SESSION_LIVES = timedelta(days=14)
OPERATORS_SESSION_LIVES = timedelta(hours=12)
LOCKED_FOR = timedelta(minutes=15)
MOST_CODES = 3
"""That a number may ask for within LOCKED_FOR."""
MOST_CODES_A_DAY = 10
"""That a number may ask for within 24 hours: anybody may ask for any number, and each is a text at any hour."""
MOST_WRONG_CODES = 5
"""Of a number within LOCKED_FOR."""
MOST_CODES_A_MINUTE = 120
"""That all numbers together may ask for."""

_LOCKED = "Too many wrong codes. Wait 15 minutes, then ask for a new code."
_WRONG = "That is not the code, or it is older than five minutes. Look at our newest text."
_USED = "This link has been used, or is older than five minutes. Ask for a new one."


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """A code that was asked for. `text`: what brings it; None: nobody whom it could be sent to has the number."""

    id: UUID
    text: OutgoingText | None


class SignIn:
    """Everything about signing in. `region`: the country of numbers that are written without one."""

    def __init__(self, *, pool: Pool, gateway: Gateway, region: str, operator_key: SecretStr | None = None) -> None:
        self._pool = pool
        self._gateway = gateway
        self._region = region
        self._operator_key = operator_key.get_secret_value().strip().encode() if operator_key else None

    async def ask_for_code(self, written: str) -> CodeRequest:
        """Keeps a code for whoever has this number; `send` brings it.

        Raises Unusable for what is no number, Refused for one that asks too often.
        """
        try:
            number = to_e164(written, default_region=self._region)
        except UntextableNumber as error:
            raise Unusable(str(error)) from error
        id_, code = uuid4(), f"{secrets.randbelow(1_000_000):06d}"
        async with self._pool.connection() as connection, connection.transaction():
            await sessions.lock_all(connection)
            _refuse_too_many(await sessions.count_asked(connection, number, since=LOCKED_FOR))
            organizer_id = await _find_organizer(connection, number, self._region)
            named = await people.find_organizers(connection, organizer_id) if organizer_id else []
            await sessions.insert_sign_in(
                connection,
                id_,
                organizer_id=organizer_id,
                phone_number=number,
                secret_hash=_hash_of_code(id_, code),
                lives=CODE_LIVES,
            )
            has_opted_out = bool(await messages.load_suppressed(connection, [number]))
        if not named or has_opted_out:
            return CodeRequest(id_, None)
        body = texts.sign_in_code(code, named[0].name)
        return CodeRequest(id_, OutgoingText(id_, number, body, datetime.now(UTC), valid_for=CODE_LIVES))

    async def send(self, request: CodeRequest) -> None:
        """Brings the code, once; whoever does not get it asks for another one."""
        if request.text is None:
            return
        result = await self._gateway.send(request.text)
        if not isinstance(result, Accepted):
            log.warning("code_not_sent", sign_in_id=str(request.id), gateway=self._gateway.name, result=str(result))

    async def redeem_code(self, id_: UUID, code: str) -> str:
        """The token of a new session. Raises Refused, and counts a wrong code."""
        async with self._pool.connection() as connection, connection.transaction():
            await sessions.lock_all(connection)  # tries of one number may come in by several of its codes at once
            row = await sessions.lock_sign_in(connection, id_, since=LOCKED_FOR)
            if row is not None and row.tries >= MOST_WRONG_CODES:
                refusal = _LOCKED
            elif row is not None and row.is_open and _is_code(row, id_, code):
                await sessions.use_sign_in(connection, id_)
                return await _open_session(connection, row.organizer_id)
            else:
                await sessions.count_wrong_code(connection, id_)
                refusal = _LOCKED if row is not None and row.tries + 1 >= MOST_WRONG_CODES else _WRONG
        raise Refused(refusal)

    async def make_link(self, organizer_id: UUID) -> str:
        """The token of a link that signs this organizer in once, within LINK_LIVES. Raises Refused for nobody's id."""
        token = secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            if not await people.find_organizers(connection, organizer_id):
                raise Refused(f"There is no organizer {organizer_id}.")
            await sessions.insert_sign_in(
                connection,
                uuid4(),
                organizer_id=organizer_id,
                phone_number=None,
                secret_hash=_hash(token),
                lives=LINK_LIVES,
            )
        return token

    async def whose_link(self, token: str) -> str:
        """The name of whom the link would sign in; using it is another step, as previews open links. Raises Refused."""
        async with self._pool.connection() as connection:
            name = await sessions.find_link(connection, _hash(token))
        if name is None:
            raise Refused(_USED)
        return name

    async def redeem_link(self, token: str) -> str:
        """The token of a new session. Raises Refused."""
        async with self._pool.connection() as connection, connection.transaction():
            organizer_id = await sessions.use_link(connection, _hash(token))
            if organizer_id is None:
                raise Refused(_USED)
            return await _open_session(connection, organizer_id)

    @property
    def has_operators(self) -> bool:
        """Whether there is a key for operators."""
        return self._operator_key is not None

    async def redeem_operator_key(self, key: str) -> str:
        """The token of a new session of an operator. Raises Refused."""
        if self._operator_key is None or not hmac.compare_digest(key.strip().encode(), self._operator_key):
            raise Refused("This is not the operator key.")
        token = secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            await sessions.insert_session(
                connection,
                self._hash_of_operators(token),
                role="operator",
                organizer_id=None,
                lives=OPERATORS_SESSION_LIVES,
            )
        return token

    async def organizer_of(self, token: str) -> UUID | None:
        """Whose session this token opens; None: nobody's."""
        async with self._pool.connection() as connection:
            found = await sessions.find_session(connection, _hash(token), role="organizer")
        return found[0] if found else None

    async def is_operator(self, token: str) -> bool:
        """Whether this token opens a session of an operator; none does any more once the key is another one."""
        if self._operator_key is None:
            return False
        async with self._pool.connection() as connection:
            found = await sessions.find_session(connection, self._hash_of_operators(token), role="operator")
        return found is not None

    async def sign_out(self, token: str) -> None:
        """Ends the session of this token, whoever's it is."""
        async with self._pool.connection() as connection:
            await sessions.delete_session(connection, _hash(token))
            await sessions.delete_session(connection, self._hash_of_operators(token))

    async def sign_out_everywhere(self, organizer_id: UUID) -> int:
        """Ends all sessions of an organizer; how many there were."""
        async with self._pool.connection() as connection:
            return await sessions.delete_sessions_of(connection, organizer_id)

    def _hash_of_operators(self, token: str) -> bytes:
        return hmac.digest(self._operator_key or b"none", token.encode(), "sha256")


def _refuse_too_many(asked: sessions.Asked) -> None:
    if asked.tries >= MOST_WRONG_CODES:
        raise Refused(_LOCKED)
    if asked.times >= MOST_CODES or asked.times_in_a_day >= MOST_CODES_A_DAY:
        raise Refused("Too many codes were asked for with this number. Use the newest one, or try again later.")
    if asked.by_anybody >= MOST_CODES_A_MINUTE:
        raise Refused("Too many people are signing in right now. Try again in a minute.")


async def _find_organizer(connection: Connection, number: str, region: str) -> UUID | None:
    """The organizer whose profile has this E.164 number, however they wrote it."""
    found = [
        id_ for id_, written in await questions.find_organizers(connection, number) if _is_same(written, number, region)
    ]
    return min(found, default=None)


def _is_same(written: str, number: str, region: str) -> bool:
    try:
        return to_e164(written, default_region=region) == number
    except UntextableNumber:
        return False


async def _open_session(connection: Connection, organizer_id: UUID | None) -> str:
    """A new token for every sign-in, so that nobody knows it beforehand."""
    token = secrets.token_urlsafe(32)
    await sessions.insert_session(
        connection, _hash(token), role="organizer", organizer_id=organizer_id, lives=SESSION_LIVES
    )
    return token


def _is_code(row: sessions.SignInRow, id_: UUID, code: str) -> bool:
    typed = "".join(character for character in code if character.isdigit())
    return row.organizer_id is not None and hmac.compare_digest(row.secret_hash, _hash_of_code(id_, typed))


def _hash_of_code(id_: UUID, code: str) -> bytes:
    return sha256(id_.bytes + code.encode()).digest()


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
