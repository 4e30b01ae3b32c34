"""The whole HTTP surface, tried by machine: whatever comes in, it answers as its document says, and never with a 5xx.

And what it refuses has changed nothing: the content of every table is compared before and after.
"""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count, cycle
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import psycopg
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr
from requests.auth import AuthBase
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance
from twilio.request_validator import RequestValidator

import overheard
from api_client import BEGINS, crew_of
from autosync.database.pool import Pool, connect
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from autosync.web.api.signed_in import Api
from autosync.web.app import create_app
from autosync.web.webhooks import TwilioWebhooks
from commands import serving
from factories import Factory
from signing import SECRET, signed_in

SERVICE_KEY = "the-service-key-of-the-tests"
AUTH_TOKEN = "the-auth-token-of-the-tests"

CONFIG = {"seed": 1, "generation": {"with-security-parameters": False}}
SETTINGS = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NOT_CHECKED = [
    positive_data_acceptance,  # what is well-formed may still make no sense as things stand: 404, 409 or 422
    ignored_auth,  # who is let in is tried below, and call by call in test_api.py
]


TAKES_ANY_FILE = "POST /api/imports"
"""There is no such thing as bytes that are no file, so nothing ill-formed can be sent in it."""


class TwilioSigns(AuthBase):
    """Signs requests to the webhooks as Twilio does, whatever is in them."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if "/webhooks/" in (request.url or ""):
            body = request.body.decode() if isinstance(request.body, bytes) else str(request.body or "")
            form = dict(parse_qsl(body, keep_blank_values=True))
            signature = RequestValidator(AUTH_TOKEN).compute_signature(request.url, form)
            request.headers["X-Twilio-Signature"] = signature
        return request


def overheard_session() -> requests.Session:
    """A client whose answers are listened to."""

    def hear(answer: requests.Response, *_: object, **__: object) -> None:
        request = answer.request
        asked = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        overheard.add_answer(
            str(request.method), str(request.path_url), answer.status_code, asked=asked, answered=answer.content
        )

    session = requests.Session()
    session.hooks["response"].append(hear)
    return session


@dataclass
class Surface:
    """What is tried, and what is there to be found by it."""

    address: str
    organizer: UUID
    connection: psycopg.Connection
    crew: UUID
    spare_crews: Iterator[UUID]
    syncs: Iterator[UUID]
    contacts: Iterator[UUID]
    texts: Iterator[UUID]
    statuses: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    sessions: dict[str, requests.Session] = field(default_factory=lambda: defaultdict(overheard_session))

    def aim(self, case: schemathesis.Case) -> None:
        """Puts what is there in the place of well-formed names of what is not."""
        crews = self.spare_crews if case.operation.label == "DELETE /api/crews/{crew_id}" else cycle([self.crew])
        there = {"sync_id": self.syncs, "before": self.syncs, "contact_id": self.contacts, "after": self.contacts,
                 "message": self.texts, "crew_id": crews}  # fmt: skip
        for place in (case.path_parameters, case.query):
            for name in set(place or ()) & set(there):
                if is_id(place[name]):
                    place[name] = str(next(there[name]))
        if case.meta.generation.mode is GenerationMode.POSITIVE:
            if isinstance(case.body, dict):
                self.make_sense_of(case.body, is_new=case.method == "PUT")
            elif case.operation.label == TAKES_ANY_FILE:
                case.body = b"First Name,Phone\nAnn,212 556 0001\nBen,nonsense\n"

    def make_sense_of(self, body: dict[str, Any], *, is_new: bool) -> None:
        """Turns a well-formed body into one that can be done; `is_new`: with a number that nobody has."""
        sensible = {
            "crew_id": lambda: str(self.crew),
            "timezone": lambda: "America/New_York",
            "options": lambda: [{"start_time": (BEGINS + timedelta(hours=next(self.numbers))).isoformat()}],
            "phone_number": lambda: f"+1212{5_560_000 + next(self.numbers) % (100_000 if is_new else 5)}",
            "From": lambda: f"+1212{5_560_000 + next(self.numbers)}",
            "MessageSid": lambda: f"SM{next(self.numbers):032}",
            "MessageStatus": lambda: ("sent", "delivered", "failed", "levitating")[next(self.numbers) % 4],
        }
        for name in set(body) & set(sensible):
            body[name] = sensible[name]()

    def note(self, caller: str, operation: str, status: int) -> None:
        """Remembers how an operation was answered."""
        self.statuses.setdefault((caller, operation), set()).add(status)

    def never_done(self) -> list[str]:
        """What was tried by somebody who may do it, and was refused each time."""
        return [
            operation
            for (caller, operation), statuses in self.statuses.items()
            if caller == ("person" if " /api/" in operation else "service") and min(statuses) >= 400
        ]

    def content(self) -> str:
        """A hash of everything that is in the database."""
        row = self.connection.execute(self._content).fetchone()
        assert row
        return str(row[0])

    def __post_init__(self) -> None:
        self.sessions["service"].auth = TwilioSigns()
        tables = self.connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        rows = sql.SQL(" union all ").join(
            sql.SQL("select {} || t::text as row from public.{} as t").format(sql.Literal(name), sql.Identifier(name))
            for (name,) in tables
        )
        self._content = sql.SQL("select md5(string_agg(row, chr(10) order by row)) from ({}) as everything").format(
            rows
        )


def is_id(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def describe() -> BaseSchema:
    """What the whole application says of itself; for that it needs no database."""
    pool: Pool = AsyncConnectionPool("", open=False)
    gateway = RecordGateway()
    app = create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        worker=None,
        service_key=None,
        twilio=TwilioWebhooks(auth_token=SecretStr(AUTH_TOKEN), public_url=None, region="US"),
        organizers=Api(pool=pool, region="US", price_per_segment=Decimal(0), currency="USD"),
    )
    return schemathesis.openapi.from_dict(app.openapi(), config=SchemathesisConfig.from_dict(CONFIG))


OPERATIONS = [found.ok() for found in describe().get_all_operations()]


@pytest.fixture(scope="module")
def database(server_url: str, template: str) -> Iterator[str]:
    """A migrated database for all that is tried here."""
    name = f"surface_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
        yield make_conninfo(server_url, dbname=name)
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def surface(database: str) -> Iterator[Surface]:
    """A real server over a database with an organizer, whose syncs wait for a decision."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    configured = {
        "AUTOSYNC_SERVICE_KEY": SERVICE_KEY, "AUTOSYNC_JWT_SECRET": SECRET, "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "AUTOSYNC_GATEWAY": "record",
    }  # fmt: skip
    with asyncio.Runner() as runner, psycopg.connect(database, autocommit=True) as connection:
        organizer, crews, ids = runner.run(furnish(database))
        server = serving(database, port, **configured)
        said = runner.run(server.__aenter__())
        surface = Surface(f"http://127.0.0.1:{port}", organizer, connection, crews[0], *map(cycle, (crews[1:], *ids)))
        yield surface
        log = said()
        runner.run(server.__aexit__(None, None, None))
    assert "Traceback" not in log, log
    assert not surface.never_done(), "these were tried by who may, but never done"


async def furnish(database: str) -> tuple[UUID, list[UUID], tuple[list[UUID], list[UUID], list[UUID]]]:
    """An organizer, their crews, and the ids of paused syncs, of contacts and of texts of theirs."""
    async with connect(database) as connection:
        factory = Factory(connection)
        organizer = await factory.organizer()
        crews = [await crew_of(factory, organizer, "Ann", "Ben") for _ in range(30)]
        syncs = [(await factory.sync(organizer=organizer, invitees=1, status="paused")).id for _ in range(30)]
        contacts = [await factory.contact(organizer) for _ in range(200)]
        await factory.do(
            "update auto_sync_messages set gateway = 'twilio', gateway_message_id = 'SM' || id, attempt = 1"
        )
        return (
            organizer,
            crews,
            (syncs, contacts, [id_ for (id_,) in await factory.rows("select id from auto_sync_messages")]),
        )


def try_each_way(operation: APIOperation, attempt: Callable[[schemathesis.Case], object]) -> None:
    """Calls `attempt` with well-formed and with ill-formed requests, the same ones each time."""
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @SETTINGS
        @given(operation.as_strategy(generation_mode=mode))
        def try_one(case: schemathesis.Case) -> None:
            attempt(case)

        try:
            try_one()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "nothing well-formed can be made"


def make_request(case: schemathesis.Case, surface: Surface, caller: str, **headers: str) -> int:
    """Makes one request; it must be answered as documented, and if it is refused, nothing is written."""
    surface.aim(case)
    before = surface.content()
    session = surface.sessions[caller]
    not_checked = [*NOT_CHECKED, negative_data_rejection] if case.operation.label == TAKES_ANY_FILE else NOT_CHECKED
    answer = case.call_and_validate(surface.address, session, headers, excluded_checks=not_checked)
    surface.note(caller, case.operation.label, answer.status_code)
    if answer.status_code >= 400:
        assert surface.content() == before, f"{case.as_curl_command()} was refused, but has changed something"
    return answer.status_code


every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)


@every_operation
def test_for_a_person_who_is_signed_in(operation: APIOperation, surface: Surface) -> None:
    headers = signed_in(surface.organizer)
    try_each_way(operation, lambda case: make_request(case, surface, "person", **headers))


@every_operation
def test_for_the_service_and_its_gateway(operation: APIOperation, surface: Surface) -> None:
    try_each_way(operation, lambda case: make_request(case, surface, "service", apikey=SERVICE_KEY))


@every_operation
def test_for_nobody_and_for_somebody_with_garbage(operation: APIOperation, surface: Surface) -> None:
    garbage = {"Authorization": "Bearer garbage", "apikey": "garbage", "X-Twilio-Signature": "Zm9yZ2Vk"}
    headers = cycle([{}, garbage])

    def attempt(case: schemathesis.Case) -> None:
        status = make_request(case, surface, "somebody", **next(headers))
        assert status >= 400 or operation.path.startswith("/health/")

    try_each_way(operation, attempt)
