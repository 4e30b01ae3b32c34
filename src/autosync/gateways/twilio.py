"""Twilio, through its own SDK: sends texts from one number or messaging service, and looks them up.

`await gateway.send(text)` and `await gateway.find(text)` raise nothing and say nothing secret: no result, log or repr
holds the auth token or a phone number. What Twilio reports later comes to the webhooks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import SecretStr
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from autosync.gateways import (
    Accepted,
    Ambiguous,
    CameIn,
    CannotTell,
    FindResult,
    NotProcessed,
    NotThere,
    OutgoingText,
    Refused,
    SendResult,
)
from autosync.gateways.twilio_http import (
    TWILIO_URL,
    CredentialsRefusedError,
    HttpClient,
    NotReachedError,
    ThrottledError,
    UnansweredError,
)
from autosync.model import Refused as RefusedError

STATUS_PATH = "/webhooks/twilio/status"
"""Where Twilio reports on a text, below the public URL; the query names our message id."""

CONNECT_TIMEOUT = timedelta(seconds=3)
TIMEOUT = timedelta(seconds=10)
"""For a whole request; below SEND_TIMEOUT, so that the reason is ours to tell."""

DEFAULT_VALIDITY = timedelta(hours=4)
_VALIDITY_RANGE = (1, 36_000)
"""Seconds that Twilio allows for ValidityPeriod, https://www.twilio.com/docs/api/errors/90007."""

SETTLING = timedelta(seconds=60)
"""A text that Twilio's list does not show counts as never taken only this long after its claim."""

_CLOCKS_DIFFER = timedelta(minutes=2)
"""How far Twilio's clock may be behind the database's where a text has the same words."""

_ABOUT_THEN = timedelta(seconds=30)
"""The same where it has other words, as a sign-in code has, which nothing here accounts for."""

_LIST_LIMIT = 1000

_TRIAL_PREFIX = "Sent from your Twilio trial account - "

_NOT_THE_TEXTS_FAULT = {
    20005,  # account not active
    20404,  # no such account
    20429,  # too many requests
    21212,  # From is no valid number
    21603,  # no From
    21606,  # From is not ours, or cannot text
    21609,  # the status callback is no valid URL
    21611,  # too many texts wait at this From
    21659,  # From is not a number of Twilio's
    21703,  # the messaging service has no sender
    21705,  # no such messaging service
    30001,  # queue overflow
    30002,  # account suspended
    63038,  # the account's messages of the day are used up
}
"""Codes that speak of the account or its load: the same text goes through once that is put right."""

EXPIRED = 30036
"""The text waited at Twilio for longer than its ValidityPeriod: Twilio has not sent it, and will not."""

OPTED_OUT = 21610
"""The recipient has texted STOP to our sender, and Twilio or the carrier keeps it."""


class TwilioGateway:
    """The port, filled by Twilio."""

    name = "twilio"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: SecretStr,
        from_number: str | None = None,
        messaging_service_sid: str | None = None,
        base_url: str | None = None,
        public_url: str | None = None,
        connect_timeout: timedelta = CONNECT_TIMEOUT,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        """Exactly one of `from_number` and `messaging_service_sid`. `base_url`: another host than Twilio's;
        `public_url`: where Twilio reaches our webhooks, without a slash at the end; None: it reports nothing.
        """
        self._sender = {"from_": from_number} if from_number else {"messaging_service_sid": messaging_service_sid}
        self._public_url = public_url
        self._http = HttpClient(base_url=base_url or TWILIO_URL, connect_timeout=connect_timeout, timeout=timeout)
        # An environment of its own, lest the SDK's variables send the requests elsewhere.
        client = Client(
            account_sid, auth_token.get_secret_value(), http_client=self._http, environment={"TWILIO_REGION": ""}
        )
        self._messages = client.api.v2010.accounts(account_sid).messages

    async def send(self, text: OutgoingText) -> SendResult:
        """Hands one text over, once."""
        callback = {"status_callback": self._status_callback(text)} if self._public_url else {}
        try:
            created = await self._messages.create_async(
                to=text.to, body=text.body, validity_period=_validity(text), **self._sender, **callback
            )
        except ThrottledError as error:
            return NotProcessed(str(error), error.retry_after)
        except (NotReachedError, CredentialsRefusedError) as error:
            return NotProcessed(str(error))
        except UnansweredError as error:
            return Ambiguous(str(error))
        except (TwilioRestException, TwilioServiceException) as error:
            return _refusal(error)
        except Exception as error:  # noqa: BLE001 - whatever the SDK makes of a garbled answer, the text may have left
            return Ambiguous(f"Twilio's answer could not be read ({type(error).__name__}).")
        return Accepted(created.sid) if _is_sid(created.sid) else Ambiguous("Twilio's answer names no text.")

    async def find(self, text: OutgoingText) -> FindResult:
        """Looks for the text among those that Twilio has taken for its number.

        Twilio's list shows neither our message id nor the callback, so a text is recognized by its recipient, its
        words, and by not being older than its claim. Two texts of ours with the same words to the same number are
        told apart by `known_ids`: what is recorded for one is never taken for another. While neither is recorded they
        are interchangeable, for the recipient too: the first look-up gets the older one.

        The list is not narrowed by DateSent, since a text that still waits at Twilio has none, nor by sender, since
        the settings may have changed meanwhile. A text of that moment with other words may be ours in Twilio's own
        wording (smart encoding, discarded content): then nobody can tell, unless they are those of another text of
        ours (`other_bodies`). "Not there" is believed only after SETTLING.
        """
        try:
            listed = await self._messages.list_async(to=text.to, limit=_LIST_LIMIT)
        except (ThrottledError, NotReachedError, CredentialsRefusedError, UnansweredError) as error:
            return CannotTell(str(error))
        except Exception as error:  # noqa: BLE001 - as above
            return CannotTell(f"Twilio's list could not be read ({type(error).__name__}).")
        return _judge(text, listed)

    async def came_in(self, since: datetime) -> Sequence[CameIn]:
        """What Twilio lists as inbound, to our number, or to any where a messaging service sends."""
        service = self._sender.get("messaging_service_sid")
        to = {} if service else {"to": self._sender["from_"]}
        try:
            listed = await self._messages.list_async(date_sent_after=since, page_size=_LIST_LIMIT, **to)
        except (ThrottledError, NotReachedError, CredentialsRefusedError, UnansweredError) as error:
            raise RefusedError(f"{error} Try again later.") from None
        except (TwilioRestException, TwilioServiceException, ValueError) as error:
            raise RefusedError(f"Twilio's list could not be read ({type(error).__name__}).") from None
        return [
            CameIn(str(message.sid), str(message.from_), message.body or "", message.date_sent or since)
            for message in reversed(listed)
            if message.direction == "inbound" and message.messaging_service_sid in (None, service)
        ]

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    def _status_callback(self, text: OutgoingText) -> str:
        return f"{self._public_url}{STATUS_PATH}?message={text.message_id}"


def _validity(text: OutgoingText) -> int:
    """ValidityPeriod: how many seconds the text may wait at Twilio."""
    shortest, longest = _VALIDITY_RANGE
    wanted = DEFAULT_VALIDITY if text.valid_for is None else text.valid_for
    return max(shortest, min(int(wanted.total_seconds()), longest))


def _refusal(error: TwilioRestException | TwilioServiceException) -> SendResult:
    """What an answer means that is neither 2xx nor 401, 403, 429 or 5xx."""
    if not isinstance(error.code, int) or error.code < 10_000:
        # Twilio's own refusals have a code: this is a redirect or a proxy on the way, of which nothing is certain.
        return Ambiguous(f"Something that does not speak as Twilio does answered {error.status}.")
    said = error.msg if isinstance(error, TwilioRestException) else error.detail or error.title
    reason = _without_numbers(said.removeprefix("Unable to create record: ").strip() or "Twilio gives no reason.")
    if error.code in _NOT_THE_TEXTS_FAULT:
        return NotProcessed(f"Twilio takes no text at present ({error.code}): {reason}")
    return Refused(str(error.code), reason, opted_out=error.code == OPTED_OUT)


def _without_numbers(sentence: str) -> str:
    """Twilio's sentences quote the numbers concerned, which belong into no log."""
    return re.sub(r"\+?\d[\d ().-]{5,}\d", "(number)", sentence)


def _is_sid(sid: object) -> bool:
    return isinstance(sid, str) and sid.startswith(("SM", "MM"))


def _judge(text: OutgoingText, listed: Sequence[MessageInstance]) -> FindResult:
    """What Twilio's list, newest first, says about this text."""
    since = text.claimed_at - _CLOCKS_DIFFER
    candidates = [
        message
        for message in reversed(listed)
        if message.sid not in text.known_ids and message.direction != "inbound" and _created(message, text) >= since
    ]
    for message in candidates:
        if _has_words(message, text.body) and _is_sid(message.sid):
            return Accepted(str(message.sid))
    if text.made_anew:
        for message in candidates:
            if _has_words(message, text.body, but_for_links=True) and _is_sid(message.sid):
                return Accepted(str(message.sid))
    strange = [
        message
        for message in candidates
        if _created(message, text) >= text.claimed_at - _ABOUT_THEN
        and not any(_has_words(message, body) for body in text.other_bodies)
    ]
    if text.made_anew and strange:
        return CannotTell("Twilio took a text to this number since then that nothing here accounts for.")
    if any(_created(message, text) <= text.claimed_at + SETTLING for message in strange):
        return CannotTell("Twilio took a text to this number at that moment, but it lists other words for it.")
    if len(listed) >= _LIST_LIMIT and _created(listed[-1], text) >= since:
        return CannotTell("Twilio lists too many texts to this number.")
    if text.age < SETTLING:
        return CannotTell("It is too early to be sure that Twilio did not take it.")
    return NotThere()


def _created(message: MessageInstance, text: OutgoingText) -> datetime:
    """When Twilio took what it lists; where it does not say, just when it might have taken the text looked for."""
    created = message.date_created
    return created if isinstance(created, datetime) else text.claimed_at


def _has_words(message: MessageInstance, body: str, *, but_for_links: bool = False) -> bool:
    """Whether these are the words, but for what Twilio does to white space and puts before a trial account's."""
    listed = (message.body or "").removeprefix(_TRIAL_PREFIX)
    return _words(listed, but_for_links) == _words(body, but_for_links)


def _words(body: str, but_for_links: bool) -> list[str]:
    return [word for word in body.split() if not (but_for_links and word.startswith(("http://", "https://")))]
