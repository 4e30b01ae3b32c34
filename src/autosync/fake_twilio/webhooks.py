"""What Twilio posts to its customers: status callbacks and inbound texts, signed as Twilio signs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

import aiohttp
from twilio.request_validator import RequestValidator

from autosync.fake_twilio.faults import FAILURES, Fault
from autosync.fake_twilio.ledger import API, Message

log = logging.getLogger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=15)


class Webhooks:
    """Posts in the background; `posted` tells what was posted and how it was answered."""

    def __init__(self, *, auth_token: str, pace: float) -> None:
        """`pace`: seconds from one status of a text to the next."""
        self._validator = RequestValidator(auth_token)
        self._pace = pace
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.posted: list[dict[str, object]] = []

    def report(self, message: Message, faults: frozenset[Fault], *, late: float) -> None:
        """Lets the text run through its states and reports each, with these faults; `late`: seconds."""
        task = asyncio.create_task(self._run(message, faults, late))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def post(self, url: str, fields: dict[str, str]) -> tuple[int | None, str]:
        """Posts signed fields; returns status and body of the answer, or None and what went wrong."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        headers = {
            "X-Twilio-Signature": self._validator.compute_signature(url, fields),
            "User-Agent": "TwilioProxy/1.1",
        }
        status: int | None = None
        try:
            async with self._session.post(url, data=fields, headers=headers, allow_redirects=False) as answer:
                status, said = answer.status, await answer.text(errors="replace")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            said = type(error).__name__
        self.posted.append({"url": url, "fields": fields, "status": status})
        if status is None or status >= 400:
            log.warning("the webhook %s answered %s", url, status or said)
        return status, said

    async def close(self) -> None:
        """Drops what is still to be reported."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _run(self, message: Message, faults: frozenset[Fault], late: float) -> None:
        failure = next((fault for fault in FAILURES if fault in faults), None)
        states = ["queued", "sent", "undelivered" if failure else "delivered"]
        if failure is Fault.EXPIRED:
            states = ["queued", "failed"]  # it never left
        reports: list[dict[str, str]] = []
        for state in states:
            error = (int(failure), FAILURES[failure]) if failure and state in ("undelivered", "failed") else None
            if message.from_ is None and state == "sent":
                message.from_ = "+15005550006"
            message.advance(state, error)
            reports.append(_status_fields(message))
            if Fault.CALLBACK_OUT_OF_ORDER not in faults:
                await self._deliver(message, [reports.pop()], faults, late)
            await asyncio.sleep(self._pace)
        await self._deliver(message, reversed(reports), faults, late)

    async def _deliver(
        self, message: Message, reports: Iterable[dict[str, str]], faults: frozenset[Fault], late: float
    ) -> None:
        if message.status_callback is None or Fault.NO_CALLBACK in faults:
            return
        for fields in reports:
            if Fault.CALLBACK_LATE in faults:
                await asyncio.sleep(late)
            for _ in range(2 if Fault.CALLBACK_TWICE in faults else 1):
                await self.post(message.status_callback, fields)


def _status_fields(message: Message) -> dict[str, str]:
    """What a status callback says."""
    fields = {
        "AccountSid": message.account_sid,
        "ApiVersion": API,
        "From": message.from_ or "",
        "MessageSid": message.sid,
        "MessageStatus": message.status,
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "To": message.to,
    }
    if message.messaging_service_sid:
        fields["MessagingServiceSid"] = message.messaging_service_sid
    if message.error_code is not None:
        fields |= {"ErrorCode": str(message.error_code), "ErrorMessage": message.error_message or ""}
    if message.status in ("delivered", "undelivered"):
        fields["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    return fields


def inbound_fields(message: Message) -> dict[str, str]:
    """What Twilio tells of a text that came in."""
    return {
        "AccountSid": message.account_sid,
        "ApiVersion": API,
        "Body": message.body,
        "From": message.from_ or "",
        "FromCity": "",
        "FromCountry": "US",
        "FromState": "",
        "FromZip": "",
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "",
        "ToZip": "",
    }
