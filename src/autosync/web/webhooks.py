"""What Twilio tells us: texts that came in, and how far ours got.

Both are signed; one that is not, or that is malformed, is refused and nothing is written. One that comes twice counts
once, and a text's state only moves forward, in whatever order the reports arrive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from autosync import departures, inbox, mailbag
from autosync.database import messages
from autosync.database.pool import Pool, is_away
from autosync.gateways.twilio import EXPIRED, OPTED_OUT
from autosync.invitee_links import Links
from autosync.phone_numbers import UntextableNumber
from autosync.traces import Happened, Traces
from autosync.web.errors import NotAllowedError, problems
from autosync.web.gathering import Gathering
from autosync.web.limits import read_small

log = structlog.get_logger(__name__)

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
    links: Links | None = None
    traces: Traces = field(default_factory=Traces.off)


def create_router(pool: Pool, twilio: TwilioWebhooks, wake: Callable[[], None]) -> APIRouter:
    """The two webhooks; `wake` is called when there may be something to do."""

    async def take_together(texts: Sequence[inbox.InboundText]) -> Sequence[str | None]:
        try:
            async with pool.connection() as connection:
                return await mailbag.take(connection, texts, region=twilio.region, traces=twilio.traces)
        except Exception as error:  # whatever one of them meets, the others are taken by themselves
            if is_away(error):
                raise
            log.warning("taken_one_by_one", texts=len(texts), error=type(error).__name__)
            return [None] * len(texts)

    plain_answers = Gathering(take_together)
    router = APIRouter(prefix="/webhooks/twilio", tags=["webhooks"], responses=problems(400, 403, 413, 503))

    @router.post(
        "/inbound",
        summary="A text came in",
        status_code=204,
        openapi_extra=_form("MessageSid", "From", optional="Body"),
    )
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
            if await plain_answers.take(text) is None:
                async with pool.connection() as connection:
                    await inbox.receive(
                        connection, text, region=twilio.region, links=twilio.links, traces=twilio.traces
                    )
        except UntextableNumber as error:
            raise NotAllowedError(400, f"From is not a phone number that texts: {error}") from error
        wake()
        return Response(status_code=204)

    @router.post(
        "/status",
        summary="How far a text got",
        status_code=204,
        responses=problems(422),
        openapi_extra=_form("MessageSid", "MessageStatus", optional="ErrorCode"),
    )
    async def status(request: Request, message: UUID) -> Response:
        """How far one of our texts got; `message` is the id that we gave it."""
        form = await _signed_form(request, twilio)
        said = _field(form, "MessageStatus")
        state = _STATES.get(said)
        if state is None:
            raise NotAllowedError(400, "MessageStatus is none that is known.")
        code = _field(form, "ErrorCode") if form.get("ErrorCode") else None
        sid = _field(form, "MessageSid")
        async with pool.connection() as connection:
            if (
                state == "failed"
                and code == str(EXPIRED)
                and await messages.queue_expired(
                    connection,
                    message,
                    gateway="twilio",
                    gateway_message_id=sid,
                    most_attempts=departures.MAX_ATTEMPTS,
                )
            ):
                log.info("queued_again", message_id=str(message), said=said, code=code)
                wake()
                return Response(status_code=204)
            sync_id = await messages.apply_delivery_status(
                connection,
                message,
                gateway="twilio",
                gateway_message_id=sid,
                status=state,
                error_code=code,
                reason=f"Twilio says {said}{f', code {code}' if code else ''}." if state == "failed" else None,
                opted_out=state == "failed" and code == str(OPTED_OUT),
            )
        log.info("delivery_reported", sync_id=sync_id and str(sync_id), message_id=str(message), said=said, code=code)
        if sync_id is not None:
            now, facts = time.time(), {"autosync.message_id": str(message), "autosync.outcome": said}
            failed = (code or said) if state == "failed" else None
            twilio.traces.tell(Happened("report", sync_id, message, message, now, now, facts, failed, nth=said))
        return Response(status_code=204)

    return router


def _form(*required: str, optional: str) -> dict[str, Any]:
    """How OpenAPI describes a form that Twilio signs, with those of its fields that are read."""
    signature = {
        "name": "X-Twilio-Signature",
        "in": "header",
        "description": "Twilio's, over the address and all fields; 403 without it or with another.",
        "schema": {"type": "string"},
    }
    fields = {name: {"type": "string"} for name in (*required, optional)}
    form = {"type": "object", "properties": fields, "required": list(required)}
    return {
        "parameters": [signature],
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": form}}, "required": True},
    }


async def _signed_form(request: Request, twilio: TwilioWebhooks) -> dict[str, str]:
    """The form of a request that Twilio has signed. Raises NotAllowedError."""
    body = await read_small(request)
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
    value = form.get(name, "")
    if not value or "\0" in value:
        raise NotAllowedError(400, f"The field {name} is {'garbled' if value else 'missing'}.")
    return value
