"""What Twilio tells us: texts that came in, and how far ours got.

Both are signed; one that is not, or that is malformed, is refused and nothing is written. One that comes twice counts
once, and a text's state only moves forward, in whatever order the reports arrive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from autosync import inbox
from autosync.database import messages
from autosync.database.pool import Pool
from autosync.phone_numbers import UntextableNumber
from autosync.web.errors import NotAllowedError

log = structlog.get_logger(__name__)

LARGEST_BODY = 64 * 1024
"""Bytes; Twilio's own requests have a few hundred."""

_STATES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""Our state for each of Twilio's: what it has taken counts as sent."""


@dataclass(frozen=True, slots=True)
class TwilioWebhooks:
    """How Twilio's requests are checked. `public_url`: the address that Twilio was given, where a proxy changes it."""

    auth_token: SecretStr
    public_url: str | None
    region: str


def create_router(pool: Pool, twilio: TwilioWebhooks, wake: Callable[[], None]) -> APIRouter:
    """The two webhooks; `wake` is called when there may be something to do."""
    router = APIRouter(prefix="/webhooks/twilio")

    @router.post("/inbound", status_code=204)
    async def inbound(request: Request) -> Response:
        """A text that somebody sent to our number."""
        form = await _signed_form(request, twilio)
        text = inbox.InboundText(
            gateway="twilio",
            gateway_message_id=_field(form, "MessageSid"),
            phone_number=_field(form, "From"),
            body=form.get("Body", ""),
        )
        try:
            async with pool.connection() as connection:
                await inbox.receive(connection, text, region=twilio.region)
        except UntextableNumber as error:
            raise NotAllowedError(400, f"From is not a phone number that texts: {error}") from error
        wake()
        return Response(status_code=204)

    @router.post("/status", status_code=204)
    async def status(request: Request, message: UUID) -> Response:
        """How far one of our texts got; `message` is the id that we gave it."""
        form = await _signed_form(request, twilio)
        said = _field(form, "MessageStatus")
        state = _STATES.get(said)
        if state is None:
            raise NotAllowedError(400, "MessageStatus is none that is known.")
        code = form.get("ErrorCode") or None
        async with pool.connection() as connection:
            moved = await messages.apply_delivery_status(
                connection,
                message,
                gateway="twilio",
                gateway_message_id=_field(form, "MessageSid"),
                status=state,
                error_code=code,
                reason=f"Twilio says {said}{f', code {code}' if code else ''}." if state == "failed" else None,
            )
        log.info("delivery_reported", message_id=str(message), said=said, code=code, moved=moved)
        return Response(status_code=204)

    return router


async def _signed_form(request: Request, twilio: TwilioWebhooks) -> dict[str, str]:
    """The form of a request that Twilio has signed. Raises NotAllowedError."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            raise NotAllowedError(413, f"The request is larger than {LARGEST_BODY} bytes.")
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError as error:
        raise NotAllowedError(400, "The request is not a form.") from error
    validator = RequestValidator(twilio.auth_token.get_secret_value())
    signature = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate(_signed_url(request, twilio), form, signature):
        raise NotAllowedError(403, "The signature is not Twilio's for this address and these fields.")
    return form


def _signed_url(request: Request, twilio: TwilioWebhooks) -> str:
    if twilio.public_url is None:
        return str(request.url)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{twilio.public_url.rstrip('/')}{request.url.path}{query}"


def _field(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise NotAllowedError(400, f"The field {name} is missing.")
    return form[name]
