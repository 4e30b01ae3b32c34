"""The stand-in speaks as Twilio does: judged by Twilio's own SDK and its validator of signatures."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from commands import AUTOSYNC, environment
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, Webhook, stand_in, webhook
from waiting import until

ANN = "+12125550100"
BEN = "+12125550101"


class RedirectedHttpClient(TwilioHttpClient):
    """The SDK's own client, sent to the stand-in."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=10, pool_connections=False)
        self._url = url

    def request(self, method: str, url: str, *args: object, **options: object) -> Response:
        return super().request(method, url.replace("https://api.twilio.com", self._url), *args, **options)


@pytest.fixture
def receiver() -> Iterator[Webhook]:
    with webhook() as running:
        yield running


@pytest.fixture
def twilio(receiver: Webhook) -> Iterator[StandIn]:
    with stand_in(inbound_url=f"{receiver.url}/webhooks/twilio/inbound") as running:
        yield running


def client_of(url: str, *, token: str = AUTH_TOKEN) -> Client:
    return Client(ACCOUNT_SID, token, http_client=RedirectedHttpClient(url))


@pytest.fixture
def client(twilio: StandIn) -> Client:
    return client_of(twilio.url)


def states(receiver: Webhook, count: int) -> list[str]:
    return [fields["MessageStatus"] for _, fields, _ in receiver.wait_for(count)]


def test_a_created_text_has_every_field_of_the_sdks_resource(client: Client) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)

    created = client.messages.create(to=ANN, from_=FROM, body="Hello")

    assert re.fullmatch("SM[0-9a-f]{32}", created.sid)
    assert (created.to, created.from_, created.body, created.status) == (ANN, FROM, "Hello", "queued")
    assert (created.direction, created.num_segments, created.num_media) == ("outbound-api", "1", "0")
    assert (created.error_code, created.error_message, created.date_sent) == (None, None, None)
    assert before <= created.date_created <= datetime.now(UTC)
    assert created.uri == f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages/{created.sid}.json"
    assert {name for name, value in vars(created).items() if value is None} <= {
        "date_sent", "error_code", "error_message", "price", "messaging_service_sid", "_context",
    }  # fmt: skip


def test_a_text_through_a_messaging_service_has_no_sender_until_it_leaves(client: Client) -> None:
    service = "MG" + 32 * "b"

    created = client.messages.create(to=ANN, messaging_service_sid=service, body="Hello")

    assert (created.from_, created.num_segments, created.status) == (None, "0", "accepted")
    assert created.messaging_service_sid == service


async def test_a_text_runs_through_its_states_and_is_then_fetched_with_the_last_one(client: Client) -> None:
    created = client.messages.create(to=ANN, from_=FROM, body="Hello")

    async def delivered() -> bool:
        fetched = await asyncio.to_thread(client.messages(created.sid).fetch)
        return fetched.status == "delivered" and fetched.date_sent is not None

    await until(delivered)


def test_the_list_is_newest_first_in_pages_that_later_texts_do_not_shift(client: Client) -> None:
    sids = [client.messages.create(to=ANN, from_=FROM, body=f"Number {number}").sid for number in range(7)]

    pages = client.messages.stream(to=ANN, page_size=3)
    first = [next(pages).sid for _ in range(3)]
    client.messages.create(to=ANN, from_=FROM, body="Meanwhile")

    assert first + [message.sid for message in pages] == sids[::-1]


def test_the_list_is_narrowed_by_recipient_and_sender(client: Client) -> None:
    to_ann = client.messages.create(to=ANN, from_=FROM, body="Hello").sid
    to_ben = client.messages.create(to=BEN, from_="+15005550007", body="Hello").sid

    assert [message.sid for message in client.messages.list(to=ANN)] == [to_ann]
    assert [message.sid for message in client.messages.list(from_="+15005550007")] == [to_ben]
    assert client.messages.list(to=ANN, from_="+15005550007") == []


async def test_the_list_is_narrowed_by_the_day_of_sending(client: Client) -> None:
    sid = client.messages.create(to=ANN, from_=FROM, body="Hello").sid

    async def sent() -> bool:
        return (await asyncio.to_thread(client.messages(sid).fetch)).date_sent is not None

    await until(sent)
    now = datetime.now(UTC)
    day = timedelta(days=1)

    def found(**days: datetime) -> bool:
        return [message.sid for message in client.messages.list(to=ANN, **days)] == [sid]

    assert found(date_sent=now)
    assert found(date_sent_after=now - day)
    assert found(date_sent_before=now)
    assert not found(date_sent=now - day)
    assert not found(date_sent_after=now + day)
    assert not found(date_sent_before=now - day)


def test_a_text_that_waits_has_no_day_of_sending_and_is_left_out_of_every_day() -> None:
    with stand_in(pace=60) as slow:
        client = client_of(slow.url)
        client.messages.create(to=ANN, from_=FROM, body="Hello")

        assert len(client.messages.list(to=ANN)) == 1
        assert client.messages.list(to=ANN, date_sent_after=datetime.now(UTC) - timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "", "from_": FROM, "body": "Hello"}, 21604),
        ({"to": "12", "from_": FROM, "body": "Hello"}, 21211),
        ({"to": ANN, "body": "Hello"}, 21603),
        ({"to": ANN, "from_": FROM, "body": ""}, 21602),
        ({"to": ANN, "from_": FROM, "body": 1601 * "x"}, 21617),
        ({"to": ANN, "from_": FROM, "body": "Hello", "validity_period": 36_001}, 21624),
        ({"to": ANN, "from_": FROM, "body": "Hello", "status_callback": "nowhere"}, 21609),
        ({"to": "+15005550001", "from_": FROM, "body": "Hello"}, 21211),
        ({"to": "+15005550004", "from_": FROM, "body": "Hello"}, 21610),
        ({"to": "+15005550009", "from_": FROM, "body": "Hello"}, 21614),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(
    twilio: StandIn, client: Client, fields: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**fields)

    assert (refused.value.status, refused.value.code) == (400, code)
    assert twilio.accepted() == []
    said = [(entry["to"], entry["body"], entry["error_code"]) for entry in twilio.refused()]
    assert said == [(fields["to"], fields["body"], code)]


def test_an_error_has_twilios_four_fields(twilio: StandIn) -> None:
    answer = httpx.post(f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", auth=(ACCOUNT_SID, AUTH_TOKEN))

    assert answer.json() == {
        "code": 21604,
        "message": "A 'To' phone number is required.",
        "more_info": "https://www.twilio.com/docs/errors/21604",
        "status": 400,
    }


def test_wrong_credentials_and_strange_texts_are_refused(twilio: StandIn, client: Client) -> None:
    with pytest.raises(TwilioRestException) as unauthorized:
        client_of(twilio.url, token="another").messages.create(to=ANN, from_=FROM, body="Hello")
    with pytest.raises(TwilioRestException) as missing:
        client.messages("SM" + 32 * "0").fetch()

    assert (unauthorized.value.status, unauthorized.value.code) == (401, 20003)
    assert (missing.value.status, missing.value.code) == (404, 20404)


def test_status_callbacks_come_in_order_and_signed(client: Client, receiver: Webhook) -> None:
    callback = f"{receiver.url}/webhooks/twilio/status?message=42"

    sid = client.messages.create(to=ANN, from_=FROM, body="Hello", status_callback=callback).sid

    assert states(receiver, 3) == ["queued", "sent", "delivered"]
    for url, fields, signature in receiver.requests:
        assert url == callback
        assert (fields["MessageSid"], fields["To"], fields["AccountSid"]) == (sid, ANN, ACCOUNT_SID)
        assert RequestValidator(AUTH_TOKEN).validate(url, fields, signature)
        assert not RequestValidator(AUTH_TOKEN).validate(url, {**fields, "MessageStatus": "failed"}, signature)


def test_a_filtered_text_is_taken_and_then_reported_as_undelivered(
    twilio: StandIn, client: Client, receiver: Webhook
) -> None:
    twilio.plan(ANN, "30007")

    client.messages.create(to=ANN, from_=FROM, body="Hello", status_callback=f"{receiver.url}/status")

    assert states(receiver, 3) == ["queued", "sent", "undelivered"]
    assert receiver.requests[-1][1]["ErrorCode"] == "30007"
    assert [(entry["status"], entry["error_code"]) for entry in twilio.accepted()] == [("undelivered", 30007)]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("callback_twice", ["queued", "queued", "sent", "sent", "delivered", "delivered"]),
        ("callback_out_of_order", ["delivered", "sent", "queued"]),
        ("callback_late", ["queued", "sent", "delivered"]),
    ],
)
def test_callbacks_come_twice_late_or_out_of_order(
    twilio: StandIn, client: Client, receiver: Webhook, fault: str, expected: list[str]
) -> None:
    twilio.misbehave(numbers={ANN: [fault]}, late_seconds=0.01)

    client.messages.create(to=ANN, from_=FROM, body="Hello", status_callback=f"{receiver.url}/status")

    assert states(receiver, len(expected)) == expected


def test_an_inbound_text_is_posted_signed_as_often_as_wanted_and_listed(
    twilio: StandIn, client: Client, receiver: Webhook
) -> None:
    posted = twilio.inbound(**{"from": ANN, "to": FROM, "body": "1 & 3", "times": 2})

    (url, fields, signature), second = receiver.wait_for(2)
    assert [answer["status"] for answer in posted["answers"]] == [204, 204]
    assert (fields["From"], fields["To"], fields["Body"], fields["MessageSid"]) == (ANN, FROM, "1 & 3", posted["sid"])
    assert second[1] == fields
    assert RequestValidator(AUTH_TOKEN).validate(url, fields, signature)
    assert client.messages(posted["sid"]).fetch().direction == "inbound"
    assert twilio.accepted() == []


def test_who_texts_stop_is_unsubscribed_until_they_text_start(twilio: StandIn, client: Client) -> None:
    twilio.inbound(**{"from": ANN, "body": "Stop"})
    with pytest.raises(TwilioRestException, match="unsubscribed"):
        client.messages.create(to=ANN, from_=FROM, body="Hello")

    twilio.inbound(**{"from": ANN, "body": "START"})
    client.messages.create(to=ANN, from_=FROM, body="Hello")

    assert len(twilio.accepted()) == 1


def test_chance_is_the_same_for_the_same_seed_and_keeps_to_its_probabilities(twilio: StandIn, client: Client) -> None:
    def refused() -> list[int]:
        twilio.misbehave(probabilities={"21610": 0.3}, seed=11)
        outcomes = []
        for number in range(60):
            try:
                client.messages.create(to=ANN, from_=FROM, body="Hello")
            except TwilioRestException:
                outcomes.append(number)
        return outcomes

    first = refused()

    assert refused() == first
    assert 8 <= len(first) <= 28


def test_a_plan_with_an_unknown_fault_is_refused(twilio: StandIn) -> None:
    answers = [
        httpx.post(f"{twilio.url}/fake/misbehave", json={"probabilities": {"earthquake": 0.1}}),
        httpx.post(f"{twilio.url}/fake/misbehave", json={"probabilities": {"slow": 1.1}}),
        httpx.post(f"{twilio.url}/fake/misbehave", json={"numbers": {ANN: ["earthquake"]}}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]


async def test_the_command_serves_it_with_the_credentials_of_the_settings(unused_port: int) -> None:
    settings = {"AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID, "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN}
    process = subprocess.Popen(
        [AUTOSYNC, "fake-twilio", "--port", str(unused_port)],
        env=environment(None, **settings, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:

        async def answers() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{unused_port}/fake/ledger").status_code == 200
            except httpx.TransportError:
                return False

        await until(answers)
        client_of(f"http://127.0.0.1:{unused_port}").messages.create(to=ANN, from_=FROM, body="Hello")
    finally:
        os.kill(process.pid, signal.SIGTERM)
        said, _ = process.communicate(timeout=15)

    assert ACCOUNT_SID in said
    assert AUTH_TOKEN not in said
