"""What every kind of answer of Twilio's means for a text: over real HTTP, against the stand-in."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from autosync.gateways import (
    SEND_TIMEOUT,
    Accepted,
    Ambiguous,
    CannotTell,
    NotProcessed,
    NotThere,
    OutgoingText,
    Refused,
)
from autosync.gateways import twilio as gateway_module
from autosync.gateways.twilio import TwilioGateway
from autosync.settings import Settings, SettingsError
from commands import autosync
from factories import Factory, at_noon
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, stand_in, webhook

ANN = "+12125550100"
BEN = "+12125550101"
SERVICE = "MG" + 32 * "b"
SHORT = timedelta(seconds=1)
SETTLED = timedelta(seconds=61)


@pytest.fixture
def twilio() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


def make_gateway(base_url: str, **options: Any) -> TwilioGateway:
    sender = {} if "messaging_service_sid" in options else {"from_number": FROM}
    options = {"auth_token": SecretStr(AUTH_TOKEN), "timeout": SHORT, **sender, **options}
    return TwilioGateway(account_sid=ACCOUNT_SID, base_url=base_url, **options)


@pytest.fixture
async def gateway(twilio: StandIn) -> AsyncIterator[TwilioGateway]:
    opened = make_gateway(twilio.url)
    yield opened
    await opened.close()


def text_to(number: str = ANN, body: str = "Board games?", **fields: Any) -> OutgoingText:
    return OutgoingText(uuid4(), number, body, datetime.now(UTC), **fields)


def later(text: OutgoingText, **fields: Any) -> OutgoingText:
    """The text as it is looked up once the settling time is over."""
    return replace(text, age=SETTLED, **fields)


async def test_a_taken_text_is_accepted_under_twilios_id(twilio: StandIn, gateway: TwilioGateway) -> None:
    result = await gateway.send(text_to(body="1 & 3 – ok? 🎲"))

    (entry,) = twilio.accepted()
    assert result == Accepted(entry["sid"])
    assert (entry["to"], entry["from"], entry["body"]) == (ANN, FROM, "1 & 3 – ok? 🎲")
    assert entry["status_callback"] is None


@pytest.mark.parametrize(
    ("valid_for", "seconds"),
    [
        (None, 14_400),
        (timedelta(minutes=20), 1200),
        (timedelta(days=2), 36_000),
        (timedelta(seconds=-5), 1),
    ],
)
async def test_a_text_is_given_up_by_twilio_before_it_is_stale(
    twilio: StandIn, gateway: TwilioGateway, valid_for: timedelta | None, seconds: int
) -> None:
    await gateway.send(text_to(valid_for=valid_for))

    assert [entry["validity_period"] for entry in twilio.accepted()] == [seconds]


async def test_the_status_callback_names_our_message_and_comes_there(twilio: StandIn) -> None:
    with webhook() as receiver:
        gateway = make_gateway(twilio.url, public_url=receiver.url)
        text = text_to()
        await gateway.send(text)
        url, fields, _ = receiver.wait_for(3)[-1]
        await gateway.close()

    assert url == f"{receiver.url}/webhooks/twilio/status?message={text.message_id}"
    assert fields["MessageStatus"] == "delivered"


async def test_a_messaging_service_sends_in_place_of_a_number(twilio: StandIn) -> None:
    gateway = make_gateway(twilio.url, messaging_service_sid=SERVICE)
    text = text_to()

    result = await gateway.send(text)

    assert isinstance(result, Accepted)
    assert await gateway.find(later(text)) == result
    await gateway.close()


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        ("timeout_before", False),
        ("timeout_after", True),
        ("error_before", False),
        ("error_after", True),
        ("garbage_before", False),
        ("garbage_after", True),
        ("reset_before", False),
        ("reset_after", True),
    ],
)
async def test_after_an_answer_that_tells_nothing_the_look_up_tells_the_truth(
    twilio: StandIn, gateway: TwilioGateway, fault: str, taken: bool
) -> None:
    twilio.plan(ANN, fault)
    text = text_to()

    result = await gateway.send(text)

    assert isinstance(result, Ambiguous), result
    sids = [entry["sid"] for entry in twilio.accepted()]
    assert len(sids) == taken
    assert await gateway.find(later(text)) == (Accepted(sids[0]) if taken else NotThere())


async def test_a_slow_answer_is_an_answer(twilio: StandIn, gateway: TwilioGateway) -> None:
    twilio.plan(ANN, "slow")

    assert isinstance(await gateway.send(text_to()), Accepted)


async def test_a_throttled_text_was_not_processed_and_says_when_to_come_again(
    twilio: StandIn, gateway: TwilioGateway
) -> None:
    twilio.plan(ANN, "throttle")

    result = await gateway.send(text_to())

    assert isinstance(result, NotProcessed)
    assert result.retry_after == timedelta(seconds=7)
    assert twilio.accepted() == []


@pytest.mark.parametrize("code", ["21211", "21408", "21610", "21612", "21614"])
async def test_a_refused_text_is_refused_with_its_code_and_without_its_number(
    twilio: StandIn, gateway: TwilioGateway, code: str
) -> None:
    twilio.plan(ANN, code)

    result = await gateway.send(text_to())

    assert isinstance(result, Refused)
    assert result.code == code
    assert result.opted_out == (code == "21610")
    assert len(result.reason) > 20
    assert "2125550100" not in result.reason


async def test_a_text_that_is_filtered_later_was_accepted(twilio: StandIn, gateway: TwilioGateway) -> None:
    twilio.plan(ANN, "30007")

    assert isinstance(await gateway.send(text_to()), Accepted)


async def test_refused_credentials_are_named_and_the_text_can_be_sent_once_they_are_right(twilio: StandIn) -> None:
    gateway = make_gateway(twilio.url, auth_token=SecretStr("another"))

    sent, found = await gateway.send(text_to()), await gateway.find(later(text_to()))

    assert isinstance(sent, NotProcessed)
    assert isinstance(found, CannotTell)
    for reason in (sent.reason, found.reason):
        assert reason.startswith("Twilio refuses the credentials (401)")
        assert "AUTOSYNC_TWILIO_AUTH_TOKEN" in reason
    await gateway.close()


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server of few words: what it does with each connection; returns its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def http_answer(status: str, body: str, *headers: str) -> Callable[[socket.socket], None]:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", body]

    def answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall("\r\n".join(lines).encode())

    return answer


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", "[]"),
        ("201 Created", "{}"),
        ("201 Created", '{"sid": 5}'),
        ("201 Created", '{"sid": "SM'),
        ("201 Created", ""),
        ("301 Moved Permanently", ""),
        ("400 Bad Request", "<html>"),
        ("404 Not Found", '{"code": "none"}'),
        ("408 Request Timeout", ""),
        ("502 Bad Gateway", "<html>"),
    ],
)
async def test_whatever_is_not_twilios_form_leaves_the_text_in_doubt(status: str, body: str) -> None:
    with answering(http_answer(status, body)) as url:
        gateway = make_gateway(url)
        sent, found = await gateway.send(text_to()), await gateway.find(later(text_to()))
        await gateway.close()

    assert isinstance(sent, Ambiguous)
    assert isinstance(found, CannotTell)


@pytest.mark.parametrize("code", [20404, 21606, 21611, 21705, 63038])
async def test_a_fault_of_the_account_is_not_held_against_the_text(code: int) -> None:
    body = f'{{"code": {code}, "message": "The From number +15005550006 …", "more_info": "", "status": 400}}'
    with answering(http_answer("400 Bad Request", body.replace("…", "is not yours."))) as url:
        gateway = make_gateway(url)
        result = await gateway.send(text_to())
        await gateway.close()

    assert result == NotProcessed(f"Twilio takes no text at present ({code}): The From number (number) is not yours.")


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [("Retry-After: 12", timedelta(seconds=12)), ("Retry-After: 99999999999", timedelta(hours=1)),
     ("Retry-After: soon", None), ("X-Other: 1", None)],
)  # fmt: skip
async def test_retry_after_is_read_with_care(retry_after: str, expected: timedelta | None) -> None:
    with answering(http_answer("429 Too Many Requests", "slow down", retry_after)) as url:
        gateway = make_gateway(url)
        result = await gateway.send(text_to())
        await gateway.close()

    assert isinstance(result, NotProcessed)
    assert result.retry_after == expected


async def test_what_never_left_was_not_processed(unused_port: int) -> None:
    refused = make_gateway(f"http://127.0.0.1:{unused_port}")
    nowhere = make_gateway("http://no-such-host.invalid")
    with answering(http_answer("200 OK", "")) as url:
        no_tls = make_gateway(url.replace("http://", "https://"))
        results = [await gateway.send(text_to()) for gateway in (refused, nowhere, no_tls)]
        found = await refused.find(later(text_to()))
        for gateway in (refused, nowhere, no_tls):
            await gateway.close()

    assert [type(result) for result in results] == [NotProcessed, NotProcessed, NotProcessed]
    assert isinstance(found, CannotTell)


async def test_a_host_that_accepts_no_connection_is_given_up_in_time() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for connection in waiting:
            connection.setblocking(False)
            connection.connect_ex(address)
        gateway = make_gateway(
            f"http://127.0.0.1:{address[1]}", connect_timeout=timedelta(seconds=0.3), timeout=timedelta(seconds=5)
        )
        began = time.monotonic()

        result = await gateway.send(text_to())

        assert time.monotonic() - began < 3
        assert isinstance(result, NotProcessed)
        await gateway.close()
        for connection in waiting:
            connection.close()


async def test_a_hanging_server_is_given_up_in_time(twilio: StandIn) -> None:
    gateway = make_gateway(twilio.url, timeout=timedelta(seconds=0.3))
    twilio.misbehave(probabilities={"timeout_before": 1})
    began = time.monotonic()

    sent, found = await asyncio.gather(gateway.send(text_to()), gateway.find(later(text_to())))

    assert time.monotonic() - began < 3
    assert sent == Ambiguous("Twilio did not answer in time.")
    assert found == CannotTell("Twilio did not answer in time.")
    await gateway.close()


def test_the_default_time_outs_end_before_the_dispatchers_patience() -> None:
    assert gateway_module.CONNECT_TIMEOUT < gateway_module.TIMEOUT < SEND_TIMEOUT


async def test_an_absent_text_is_believed_to_be_absent_only_after_the_settling_time(gateway: TwilioGateway) -> None:
    text = text_to()

    early = await gateway.find(replace(text, age=timedelta(seconds=59)))

    assert early == CannotTell("It is too early to be sure that Twilio did not take it.")
    assert await gateway.find(later(text)) == NotThere()


async def test_a_text_that_is_there_is_found_at_once_even_while_it_waits_at_twilio() -> None:
    with stand_in(pace=60) as slow:
        gateway = make_gateway(slow.url)
        text = text_to()
        sent = await gateway.send(text)

        assert await gateway.find(text) == sent
        await gateway.close()


async def test_texts_to_others_older_ones_and_those_that_came_in_are_not_taken_for_it() -> None:
    with webhook() as receiver, stand_in(inbound_url=receiver.url) as here:
        gateway = make_gateway(here.url)
        text = text_to()
        await gateway.send(replace(text, to=BEN))
        here.inbound(**{"from": ANN, "to": ANN, "body": text.body})

        assert await gateway.find(later(text)) == NotThere()

        await gateway.send(text)
        in_three_minutes = later(text, claimed_at=text.claimed_at + timedelta(minutes=3))
        assert await gateway.find(in_three_minutes) == NotThere()
        await gateway.close()


async def test_a_text_is_found_though_the_databases_clock_is_a_minute_and_a_half_ahead(gateway: TwilioGateway) -> None:
    text = text_to()
    sent = await gateway.send(text)

    assert await gateway.find(later(text, claimed_at=text.claimed_at + timedelta(seconds=90))) == sent


async def test_a_text_in_other_words_of_a_minute_before_is_none_of_ours(gateway: TwilioGateway) -> None:
    await gateway.send(text_to(body="123456 is your code"))
    text = text_to()

    a_minute_later = later(text, claimed_at=text.claimed_at + timedelta(minutes=1))
    assert await gateway.find(a_minute_later) == NotThere()


async def test_of_two_texts_with_the_same_words_the_recorded_one_is_not_taken_for_the_other(
    gateway: TwilioGateway,
) -> None:
    first, second = text_to(), text_to()
    sent = await gateway.send(first)
    assert isinstance(sent, Accepted)

    assert await gateway.find(later(second)) == sent, "which of them it is cannot be told from Twilio's list"
    assert await gateway.find(later(second, known_ids=frozenset({sent.gateway_message_id}))) == NotThere()


async def test_a_text_of_that_moment_in_other_words_leaves_it_in_doubt_until_it_is_accounted_for(
    gateway: TwilioGateway,
) -> None:
    other = await gateway.send(text_to(body="Quite another text"))
    text = text_to()
    assert isinstance(other, Accepted)

    assert isinstance(await gateway.find(later(text)), CannotTell)
    assert await gateway.find(later(text, known_ids=frozenset({other.gateway_message_id}))) == NotThere()
    assert await gateway.find(later(text, other_bodies=frozenset({"Quite another text"}))) == NotThere()


async def test_a_trial_accounts_prefix_and_other_white_space_are_the_same_words(gateway: TwilioGateway) -> None:
    text = text_to(body="Board games?\n1) Fri  7pm ")
    sent = await gateway.send(replace(text, body="Sent from your Twilio trial account - Board games?\n1) Fri 7pm"))

    assert await gateway.find(text) == sent


async def test_a_number_with_more_texts_than_can_be_read_cannot_be_told(
    gateway: TwilioGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [await gateway.send(text_to(body=f"Number {number}")) for number in range(3)]
    known = frozenset(result.gateway_message_id for result in sent if isinstance(result, Accepted))
    monkeypatch.setattr(gateway_module, "_LIST_LIMIT", 2)
    text = text_to()

    assert await gateway.find(later(text, known_ids=known)) == CannotTell("Twilio lists too many texts to this number.")
    in_an_hour = later(text, claimed_at=text.claimed_at + timedelta(hours=1), known_ids=known)
    assert await gateway.find(in_an_hour) == NotThere()


@pytest.mark.parametrize("fault", ["throttle", "error_before", "garbage_before", "reset_before"])
async def test_a_look_up_that_fails_cannot_tell(twilio: StandIn, gateway: TwilioGateway, fault: str) -> None:
    text = text_to()
    twilio.misbehave(probabilities={fault: 1})

    assert isinstance(await gateway.find(later(text)), CannotTell)


async def test_the_sdks_own_variables_send_nothing_elsewhere(twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "another")
    gateway = make_gateway(twilio.url)

    assert isinstance(await gateway.send(text_to()), Accepted)
    await gateway.close()


async def test_nothing_secret_is_in_any_result_log_or_repr(
    twilio: StandIn, unused_port: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    faults = ["21211", "21610", "21612", "error_before", "garbage_before", "reset_before", "timeout_before", "throttle"]
    twilio.plan(ANN, *faults)
    gateways = [make_gateway(twilio.url), make_gateway(f"http://127.0.0.1:{unused_port}")]
    said: list[object] = [*gateways, *(vars(gateway) for gateway in gateways)]
    with capture_logs() as logs:
        said += [await gateways[0].send(text_to()) for _ in faults]
        said += [await gateways[0].find(later(text_to())), await gateways[1].send(text_to())]
    for gateway in gateways:
        await gateway.close()

    captured = capfd.readouterr()
    everything = f"{said!r} {logs!r} {caplog.text} {captured.out} {captured.err}"
    assert twilio.requests()["create"] == len(faults)
    assert AUTH_TOKEN not in everything
    assert "2125550100" not in everything


COMPLETE = {
    "AUTOSYNC_GATEWAY": "twilio",
    "AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    "AUTOSYNC_TWILIO_FROM": FROM,
}


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Reads the settings from an environment that is complete but for what the test changes."""

    def read(**changed: str) -> Settings:
        for name, value in {**COMPLETE, **changed}.items():
            monkeypatch.setenv(name, value)
        return Settings.from_environment()

    return read


@pytest.mark.parametrize("missing", ["ACCOUNT_SID", "AUTH_TOKEN", "FROM"])
def test_twilio_without_one_of_its_settings_is_refused_by_name(set_up: Callable[..., Settings], missing: str) -> None:
    name = f"AUTOSYNC_TWILIO_{missing}"

    with pytest.raises(SettingsError, match=f"The gateway twilio also needs .*{name}") as refused:
        set_up(**{name: ""})

    assert AUTH_TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"AUTOSYNC_TWILIO_MESSAGING_SERVICE_SID": SERVICE},
        {"AUTOSYNC_TWILIO_FROM": "Bob"},
        {"AUTOSYNC_TWILIO_ACCOUNT_SID": "AC12"},
        {"AUTOSYNC_TWILIO_FROM": "", "AUTOSYNC_TWILIO_MESSAGING_SERVICE_SID": "12"},
        {"AUTOSYNC_TWILIO_BASE_URL": "localhost"},
        {"AUTOSYNC_TWILIO_BASE_URL": f"http://{ACCOUNT_SID}:{AUTH_TOKEN}@localhost"},
        {"AUTOSYNC_PUBLIC_URL": "ftp://sync.example.org"},
    ],
)
def test_a_wrong_setting_of_twilios_is_refused_by_name(set_up: Callable[..., Settings], wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(reversed(wrong))) as refused:
        set_up(**wrong)

    assert AUTH_TOKEN not in str(refused.value)


def test_complete_settings_are_taken_and_keep_the_token_to_themselves(set_up: Callable[..., Settings]) -> None:
    by_number = set_up(AUTOSYNC_PUBLIC_URL="https://sync.example.org/")
    by_service = set_up(AUTOSYNC_TWILIO_FROM="", AUTOSYNC_TWILIO_MESSAGING_SERVICE_SID=SERVICE)

    assert (by_number.twilio_from, by_number.public_url) == (FROM, "https://sync.example.org")
    assert by_service.twilio_messaging_service_sid == SERVICE
    assert AUTH_TOKEN not in repr(by_number)


def test_a_command_refuses_to_start_without_twilios_settings() -> None:
    ran = autosync("process", AUTOSYNC_GATEWAY="twilio")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("autosync: The gateway twilio also needs AUTOSYNC_TWILIO_ACCOUNT_SID")
    assert ran.err.count("\n") == 1


async def test_a_queued_text_goes_out_through_twilio_when_the_settings_say_so(
    twilio: StandIn, factory: Factory, database_url: str
) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=1)
    text = await factory.insert(
        "auto_sync_messages",
        auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="initial", body="Board games?",
        cause_id=uuid4(), status="queued", sent_at=None, send_after=datetime.now(UTC),
    )  # fmt: skip

    ran = await asyncio.to_thread(
        autosync, "process", database_url=database_url, **COMPLETE, AUTOSYNC_TWILIO_BASE_URL=twilio.url
    )

    assert (ran.code, ran.err) == (0, "")
    assert [(entry["body"], entry["from"]) for entry in twilio.accepted()] == [("Board games?", FROM)]
    assert await factory.rows(
        "select status, gateway, gateway_message_id from auto_sync_messages where id = %s", text
    ) == [("sent", "twilio", twilio.accepted()[0]["sid"])]
