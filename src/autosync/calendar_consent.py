"""Asks a person, at Google, whether we may look into their calendar, and takes what they answer.

`question = Question.new(redirect_uri)`, then their browser goes to `question.address(google)` and comes back with a
state and a code: `await take(connections, user_id, question, state=…, code=…)`. Between the two the question stays with
the browser that was sent, sealed by `Envelope`: for this person, and for ten minutes. Nothing of it is kept here; a
code is good once, which Google sees to, and PKCE (RFC 7636) makes it useless to whoever got hold of it.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from autosync.calendar_connections import CalendarConnections
from autosync.calendars.google import GoogleCalendar
from autosync.calendars.google_errors import GoogleError, Rejected, Revoked
from autosync.calendars.seal import Seal, Unsealable
from autosync.model import Refused

log = structlog.get_logger(__name__)

LIVES = timedelta(minutes=10)
"""How long somebody may take to answer."""

_FORGOTTEN = (
    "We do not know of this question any more: it was asked more than ten minutes ago, or in another browser, or for"
    " somebody else, or it was answered already."
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `redirect_uri`: where Google sends the browser afterwards, as Google's console knows it."""

    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def new(cls, redirect_uri: str) -> Question:
        """One that nobody can guess."""
        return cls(redirect_uri, secrets.token_urlsafe(32), secrets.token_urlsafe(64))

    def address(self, google: GoogleCalendar) -> str:
        """Where it is asked."""
        return google.consent_address(redirect_uri=self.redirect_uri, state=self.state, verifier=self.verifier)

    def is_answered_by(self, state: str) -> bool:
        """Whether what came back belongs to it; takes as long whatever came."""
        return hmac.compare_digest(state.encode(), self.state.encode())


class Envelope:
    """Seals a question for the browser that carries it. `seal`: the keys of the tokens."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def close(self, question: Question, user_id: UUID, *, now: datetime) -> str:
        """It, for this person, from `now` (aware) on."""
        content = [question.redirect_uri, question.state, question.verifier, int((now + LIVES).timestamp())]
        return self._seal.seal(json.dumps(content), belongs_to=_place(user_id))

    def open(self, sealed: str | None, user_id: UUID, *, now: datetime) -> Question:
        """What was sealed. Raises Refused for anything but a question that this person was asked just now."""
        try:
            redirect_uri, state, verifier, until = json.loads(self._seal.open(sealed or "", belongs_to=_place(user_id)))
        except Unsealable:
            raise Refused(_FORGOTTEN) from None
        if now.timestamp() >= until:
            raise Refused(_FORGOTTEN)
        return Question(redirect_uri, state, verifier)


def _place(user_id: UUID) -> str:
    return f"calendar consent/{user_id}"


async def take(
    connections: CalendarConnections, user_id: UUID, question: Question, *, state: str, code: str, error: str = ""
) -> None:
    """Connects the calendar by what the browser brought back; `error`: Google's name for why there is no code.

    Raises Refused, with a sentence for the person.
    """
    if not question.is_answered_by(state):
        raise Refused(_FORGOTTEN)
    if error == "access_denied":
        raise Refused("You did not allow it, and nothing was changed.")
    if error or not code:
        named = error if re.fullmatch("[a-z_]{1,60}", error) else "other"
        log.warning("consent_failed", organizer_id=str(user_id), error=named)
        raise Refused("Google did not ask you, or did not say what you answered. Nothing was connected.")
    try:
        grant = await connections.google.exchange(code, redirect_uri=question.redirect_uri, verifier=question.verifier)
        await connections.connect(user_id, grant)
    except Revoked:
        raise Refused(_FORGOTTEN) from None
    except Rejected as refusal:
        log.warning("consent_rejected", organizer_id=str(user_id), error=refusal.code)
        raise Refused("Google does not know this service as it is set up. Tell whoever runs it.") from None
    except GoogleError as away:
        log.warning("consent_not_taken", organizer_id=str(user_id), error=away.code)
        raise Refused("Google cannot be reached right now. Nothing was connected; try again in a minute.") from None
