"""The stand-in's HTTP: Twilio's Messages API with its refusals, and `/fake/…` to look into it and to disturb it.

| call | what it does |
|---|---|
| `GET /fake/ledger` | every text that was taken, once each, and each refusal that is for good |
| `GET /fake/requests` | how often it was asked, how many texts it has taken, and what is still in hand |
| `GET /fake/posted` | what was posted to webhooks, and how that was answered |
| `POST /fake/inbound` | `{"from", "body", "to", "times"}`: a text comes in and is posted to the inbound webhook |
| `POST /fake/misbehave` | `{"probabilities", "numbers", "seed", …}`: replaces the plan of faults; `{}` ends them |
"""

from __future__ import annotations

import asyncio
import binascii
import hmac
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from autosync.fake_twilio.faults import REFUSALS, Fault, Misbehaviour, read_plan
from autosync.fake_twilio.ledger import API, Ledger, Message, read_filter
from autosync.fake_twilio.webhooks import Webhooks, inbound_fields

_STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
_START_WORDS = {"start", "unstop", "yes"}

_DROP = "fake_twilio.drop"


class Misbehave(BaseModel):
    """The body of `POST /fake/misbehave`; the names of faults are those of `Fault`."""

    model_config = ConfigDict(extra="forbid")

    probabilities: dict[str, float] = Field(default_factory=dict)
    numbers: dict[str, list[str]] = Field(default_factory=dict)
    seed: int | None = None
    slow_seconds: float = 1.0
    late_seconds: float = 2.0
    retry_after: int = 1


class Inbound(BaseModel):
    """The body of `POST /fake/inbound`. `times`: how often the webhook gets it."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    from_: str = Field(alias="from")
    body: str
    to: str = "+15005550006"
    times: int = 1


class RefusalError(Exception):
    """An answer in Twilio's form of errors."""

    def __init__(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def create_app(*, account_sid: str, auth_token: str, inbound_url: str | None = None, pace: float = 0.2) -> ASGIApp:
    """One account. `inbound_url`: the webhook for texts that come in; `pace`: seconds between a text's states."""
    account = _Account(account_sid, auth_token, inbound_url, Webhooks(auth_token=auth_token, pace=pace))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await account.webhooks.close()

    fake = FastAPI(title="A stand-in for Twilio", openapi_url=None, docs_url=None, redoc_url=None)
    fake.add_api_route("/ledger", account.show_ledger, methods=["GET"])
    fake.add_api_route("/requests", account.show_requests, methods=["GET"])
    fake.add_api_route("/posted", account.show_posted, methods=["GET"])
    fake.add_api_route("/inbound", account.take_inbound, methods=["POST"])
    fake.add_api_route("/misbehave", account.misbehave, methods=["POST"])
    path = f"/{API}/Accounts/{{account_sid}}/Messages"
    app = Starlette(
        routes=[
            # Hundreds of these come in a second.
            Route(f"{path}.json", account.create, methods=["POST"]),
            Route(f"{path}.json", account.show_list, methods=["GET"]),
            Route(f"{path}/{{sid}}.json", account.fetch, methods=["GET"]),
            Mount("/fake", fake),
        ],
        exception_handlers={RefusalError: _refuse},
        lifespan=lifespan,
    )
    return _Droppable(app)


class _Account:
    """The account that everything belongs to; its methods answer requests."""

    def __init__(self, sid: str, auth_token: str, inbound_url: str | None, webhooks: Webhooks) -> None:
        self._sid = sid
        self._auth_token = auth_token
        self._inbound_url = inbound_url
        self.webhooks = webhooks
        self._ledger = Ledger()
        self._plan = Misbehaviour()
        self._opted_out: set[str] = set()
        self._asked = {"create": 0, "list": 0}
        self._taken = 0
        self._in_hand = 0

    async def create(self, request: Request) -> Response:
        """Takes a text, unless the plan has something against it."""
        self._require_account(request)
        self._asked["create"] += 1
        fields = {name: str(value) for name, value in (await request.form()).items()}
        try:
            message = _read_message(self._sid, fields)
        except RefusalError as refusal:
            self._ledger.refuse(fields.get("To", ""), fields.get("Body", ""), refusal.code)
            raise
        fault, later = self._plan.for_message(message.to)
        if fault is None and message.to in self._opted_out:
            fault = Fault.UNSUBSCRIBED

        async def take() -> Response:
            self._ledger.add(message)
            self._taken += 1
            first = JSONResponse(message.resource(), status_code=201)
            self.webhooks.report(message, later, late=self._plan.late_seconds)
            return first

        if fault in REFUSALS:
            self._ledger.refuse(message.to, message.body, int(fault))
            raise RefusalError(400, int(fault), REFUSALS[fault].format(to=message.to))
        return await self._misbehaving(fault, request, take)

    async def show_list(self, request: Request) -> Response:
        """One page of what was taken."""
        self._require_account(request)
        self._asked["list"] += 1
        query = dict(request.query_params)

        async def show() -> Response:
            try:
                return JSONResponse(self._ledger.page(self._sid, read_filter(query), query))
            except ValueError as error:
                raise RefusalError(400, 20001, f"Invalid query: {error}") from None

        return await self._misbehaving(self._plan.for_list(), request, show)

    async def fetch(self, request: Request) -> Response:
        """One text."""
        self._require_account(request)
        message = self._ledger.get(request.path_params["sid"])
        if message is None:
            raise RefusalError(404, 20404, f"The requested resource {request.url.path} was not found")
        return JSONResponse(message.resource())

    async def show_ledger(self) -> dict[str, object]:
        """Every text that was taken for sending, and every refusal that trying again does not change; oldest first."""
        return {
            "accepted": [message.entry() for message in self._ledger.outbound()],
            "refused": self._ledger.refused,
        }

    async def show_requests(self) -> dict[str, int]:
        """How often it was asked to create and to list, how many texts it took, and how many calls are not done yet."""
        return {**self._asked, "taken": self._taken, "in_hand": self._in_hand}

    async def show_posted(self) -> list[dict[str, object]]:
        """What was posted to webhooks so far."""
        return self.webhooks.posted

    async def take_inbound(self, text: Inbound) -> Response:
        """Lets a text come in; STOP and START work at the stand-in as they do at Twilio."""
        if self._inbound_url is None:
            return JSONResponse({"error": "This stand-in was started without an inbound webhook."}, status_code=409)
        word = text.body.strip().lower()
        self._opted_out |= {text.from_} if word in _STOP_WORDS else set()
        self._opted_out -= {text.from_} if word in _START_WORDS else set()
        message = Message(self._sid, text.to, text.body, text.from_, direction="inbound", status="received")
        message.date_sent = message.date_created
        self._ledger.add(message)
        answers = [await self.webhooks.post(self._inbound_url, inbound_fields(message)) for _ in range(text.times)]
        return JSONResponse(
            {"sid": message.sid, "answers": [{"status": status, "body": body} for status, body in answers]}
        )

    async def misbehave(self, wanted: Misbehave) -> Response:
        """Replaces the plan of faults."""
        try:
            self._plan = read_plan(**wanted.model_dump())
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return Response(status_code=204)

    async def _misbehaving(
        self, fault: Fault | None, request: Request, do: Callable[[], Awaitable[Response]]
    ) -> Response:
        """Does it, or not, and answers, or not."""
        self._in_hand += 1
        try:
            return await self._with(fault, request, do)
        finally:
            self._in_hand -= 1

    async def _with(self, fault: Fault | None, request: Request, do: Callable[[], Awaitable[Response]]) -> Response:
        match fault:
            case Fault.THROTTLE:
                raise RefusalError(429, 20429, "Too Many Requests", {"Retry-After": str(self._plan.retry_after)})
            case Fault.SLOW:
                await asyncio.sleep(self._plan.slow_seconds)
                return await do()
            case None:
                return await do()
        if fault.endswith("_after"):
            await do()
        match fault.rpartition("_")[0]:
            case "timeout":
                await _until_gone(request)
                return Response(status_code=504)
            case "error":
                raise RefusalError(503, 20503, "Service is unavailable")
            case "garbage":
                return PlainTextResponse("<html>Everything is fi", status_code=201 if request.method == "POST" else 200)
        return _Drop()

    def _require_account(self, request: Request) -> None:
        """Raises RefusalError unless the request carries this account's credentials."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            presented = b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
        except binascii.Error:
            presented = b""
        if not hmac.compare_digest(presented, f"{self._sid}:{self._auth_token}".encode()):
            raise RefusalError(401, 20003, "Authenticate", {"WWW-Authenticate": 'Basic realm="Twilio API"'})
        if request.path_params["account_sid"] != self._sid:
            raise RefusalError(404, 20404, f"The requested resource {request.url.path} was not found")


def _read_message(account_sid: str, fields: dict[str, str]) -> Message:
    """The text that is to be taken. Raises RefusalError where Twilio would refuse it."""
    to, body, sender = fields.get("To", ""), fields.get("Body", ""), fields.get("From")
    service = fields.get("MessagingServiceSid")
    validity = fields.get("ValidityPeriod")
    callback = fields.get("StatusCallback")
    if not to:
        raise RefusalError(400, 21604, "A 'To' phone number is required.")
    if not (to.startswith("+") and to[1:].isdigit() and 8 <= len(to) <= 16):
        raise RefusalError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if not (sender or service):
        raise RefusalError(400, 21603, "A 'From' phone number is required.")
    if not body:
        raise RefusalError(400, 21602, "Message body is required.")
    if len(body) > 1600:
        raise RefusalError(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if validity is not None and not (validity.isdigit() and 1 <= int(validity) <= 36_000):
        raise RefusalError(400, 21624, "Invalid validity period value")
    if callback is not None and (urlsplit(callback).scheme not in ("http", "https") or not urlsplit(callback).hostname):
        raise RefusalError(400, 21609, "The StatusCallback URL is not a valid URL.")
    return Message(
        account_sid,
        to,
        body,
        sender,
        messaging_service_sid=service,
        status_callback=callback,
        validity_period=int(validity) if validity else None,
        status="queued" if sender else "accepted",
    )


async def _refuse(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RefusalError):
        raise error
    more = f"https://www.twilio.com/docs/errors/{error.code}"
    return JSONResponse(
        {"code": error.code, "message": error.message, "more_info": more, "status": error.status},
        status_code=error.status,
        headers=error.headers,
    )


async def _until_gone(request: Request) -> None:
    """Says nothing until the client hangs up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _Drop(Response):
    """Instead of an answer, the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_DROP]()
        while (await receive())["type"] != "http.disconnect":
            pass


class _Droppable:
    """Lets an endpoint drop its connection, for which ASGI has no word: uvicorn's `send` knows the transport."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope[_DROP] = transport.abort
        await self._app(scope, receive, send)
