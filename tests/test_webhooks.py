"""What Twilio tells us: signed, once, and only forward."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from autosync.web.app import create_app
from autosync.web.webhooks import TwilioWebhooks
from factories import Factory, MadeSync

TOKEN = "the-auth-token-of-the-tests"
PUBLIC = "https://sync.example.org"
SID = "SM" + "0" * 32


@pytest.fixture
async def client(pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    gateway = RecordGateway()
    app = create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        worker=None,
        service_key=None,
        twilio=TwilioWebhooks(auth_token=SecretStr(TOKEN), public_url=PUBLIC, region="US"),
    )
    # Twilio signs the public address; behind the proxy the request comes in under another one.
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://10.0.0.7:8000") as opened:
        yield opened


def signature(path: str, form: dict[str, str], *, token: str = TOKEN, base: str = PUBLIC) -> dict[str, str]:
    signed: str = RequestValidator(token).compute_signature(base + path, form)
    return {"X-Twilio-Signature": signed}


async def post(client: httpx.AsyncClient, path: str, form: dict[str, str]) -> int:
    """A request as Twilio makes it."""
    return (await client.post(path, data=form, headers=signature(path, form))).status_code


async def asked(factory: Factory) -> tuple[MadeSync, str]:
    """A sync, and the number of the first of its invitees."""
    sync = await factory.sync(invitees=2)
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    return sync, number


def inbound(number: str, body: str, sid: str = SID) -> dict[str, str]:
    return {"MessageSid": sid, "From": number, "To": "+12125550100", "Body": body, "NumMedia": "0"}


async def test_a_text_that_came_in_is_taken_as_an_answer(factory: Factory, client: httpx.AsyncClient) -> None:
    sync, number = await asked(factory)

    assert await post(client, "/webhooks/twilio/inbound", inbound(number, "1 and 2 ✓")) == 204

    assert set(await factory.one("select option_ids from auto_sync_responses")) == set(sync.options[:2])


async def test_a_text_delivered_many_times_at_once_counts_once(factory: Factory, client: httpx.AsyncClient) -> None:
    _, number = await asked(factory)
    form = inbound(number, "hmm 77 or so??")

    codes = await asyncio.gather(*(post(client, "/webhooks/twilio/inbound", form) for _ in range(5)))

    assert set(codes) == {204}
    assert await factory.one("select count(*) from auto_sync_inbound") == 1
    assert await factory.one("select count(*) from auto_sync_messages where message_type = 'clarification'") == 1


async def test_an_answer_that_the_database_refuses_costs_no_other_its_own(
    factory: Factory, client: httpx.AsyncClient
) -> None:
    sync = await factory.sync(invitees=6)
    numbers = [await factory.one("select phone_number from contacts where id = %s", who) for who in sync.contacts]
    await factory.do(
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;"
        " create trigger refuses before insert on auto_sync_responses for each row"
        f" when (new.contact_id = '{sync.contacts[3]}') execute function refuse()"
    )

    async def answer(place: int) -> int:
        return await post(client, "/webhooks/twilio/inbound", inbound(numbers[place], "2", f"SM{place}"))

    assert await asyncio.gather(*map(answer, range(6))) == [204, 204, 204, 500, 204, 204]

    answered = await factory.rows("select contact_id from auto_sync_responses")
    assert {who for (who,) in answered} == set(sync.contacts) - {sync.contacts[3]}
    assert await factory.one("select count(*) from auto_sync_inbound") == 5


async def test_an_answer_to_a_sync_that_only_another_client_understands_costs_no_other_its_own(
    factory: Factory, client: httpx.AsyncClient
) -> None:
    odd, plain = await factory.sync(invitees=1), await factory.sync(invitees=4)
    await factory.do("alter type auto_sync_status add value 'archived'")
    people = odd.contacts + plain.contacts
    numbers = [await factory.one("select phone_number from contacts where id = %s", who) for who in people]
    await factory.do("update auto_sync_messages set is_resolved = true where auto_sync_id = %s", odd.id)
    await factory.do("update auto_syncs set status = 'archived' where id = %s", odd.id)

    async def answer(place: int) -> int:
        return await post(client, "/webhooks/twilio/inbound", inbound(numbers[place], "2", f"SM{place}"))

    assert await asyncio.gather(*map(answer, range(5))) == [204] * 5

    answered = await factory.rows("select contact_id from auto_sync_responses")
    assert {who for (who,) in answered} == set(plain.contacts)
    assert await factory.one("select count(*) from auto_sync_inbound") == 5


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "bm90IGEgc2lnbmF0dXJl"},
        signature("/webhooks/twilio/inbound", inbound("+12125550199", "1"), token="another-token"),
        signature("/webhooks/twilio/inbound", inbound("+12125550199", "2")),
        signature("/webhooks/twilio/inbound", inbound("+12125550199", "1"), base="http://10.0.0.7:8000"),
        signature("/webhooks/twilio/status", inbound("+12125550199", "1")),
    ],
    ids=["none", "empty", "nonsense", "another token", "other fields", "the inner address", "another path"],
)
async def test_a_forged_request_is_refused_and_nothing_is_written(
    factory: Factory, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    form = inbound("+12125550199", "1")

    answer = await client.post("/webhooks/twilio/inbound", data=form, headers=headers)

    assert answer.status_code == 403
    assert TOKEN not in answer.text
    assert await factory.one("select count(*) from auto_sync_inbound") == 0


@pytest.mark.parametrize(
    "form",
    [
        {"From": "+12125550199", "Body": "1"},
        {"MessageSid": SID, "Body": "1"},
        {"MessageSid": SID, "From": "nobody", "Body": "1"},
        {},
    ],
)
async def test_a_malformed_text_is_refused_and_nothing_is_written(
    factory: Factory, client: httpx.AsyncClient, form: dict[str, str]
) -> None:
    assert await post(client, "/webhooks/twilio/inbound", form) == 400
    assert await factory.one("select count(*) from auto_sync_inbound") == 0


async def test_bytes_that_are_no_form_and_bodies_that_are_too_large_are_refused(client: httpx.AsyncClient) -> None:
    for body, code in ((b"\xff\xfe=\xff", 400), (b"a=" + b"x" * 70_000, 413), (b"&".join([b"a=1"] * 500), 400)):
        answer = await client.post("/webhooks/twilio/inbound", content=body)
        assert answer.status_code == code


async def text_at_twilio(factory: Factory, status: str = "sent", sid: str | None = SID) -> UUID:
    """One of our texts, handed to Twilio."""
    sync = await factory.sync(invitees=1)
    return await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="reminder", body="Hi",
        status=status, gateway="twilio", gateway_message_id=sid, attempt=1, cause_id=uuid4(),
        sent_at=None if status in ("queued", "sending", "unknown") else "now()", send_after="now()",
    )  # fmt: skip


async def report(client: httpx.AsyncClient, text: UUID, said: str, sid: str = SID, **fields: str) -> int:
    form = {"MessageSid": sid, "MessageStatus": said, "To": "+12125550199", **fields}
    return await post(client, f"/webhooks/twilio/status?message={text}", form)


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])), ids="-".join)
async def test_in_whatever_order_reports_arrive_a_text_only_moves_forward(
    factory: Factory, client: httpx.AsyncClient, order: tuple[str, ...]
) -> None:
    text = await text_at_twilio(factory)

    for said in (*order, *order):
        assert await report(client, text, said) == 204

    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "delivered"


async def test_a_text_that_did_not_get_through_is_failed_with_its_code(
    factory: Factory, client: httpx.AsyncClient
) -> None:
    text = await text_at_twilio(factory)

    await report(client, text, "undelivered", ErrorCode="30007")
    await report(client, text, "sent")

    row = await factory.rows("select status, error_code, status_reason from auto_sync_messages where id = %s", text)
    assert row == [("failed", "30007", "Twilio says undelivered, code 30007.")]


async def expired(factory: Factory, text: UUID) -> list[tuple[object, ...]]:
    return await factory.rows(
        "select status, gateway_message_id, expired_ids, sent_at is null, send_after <= autosync_now()"
        " from auto_sync_messages where id = %s", text,
    )  # fmt: skip


@pytest.mark.parametrize("status", ["sent", "sending", "unknown"])
async def test_a_text_that_expired_before_it_was_sent_is_queued_again_once_for_each_time(
    factory: Factory, client: httpx.AsyncClient, status: str
) -> None:
    text = await text_at_twilio(factory, status, sid=SID if status == "sent" else None)

    for said in ("failed", "failed", "sent", "delivered", "undelivered"):
        assert (
            await report(client, text, said, **({} if said in ("sent", "delivered") else {"ErrorCode": "30036"})) == 204
        )

    assert await expired(factory, text) == [("queued", None, [SID], True, True)]


@pytest.mark.parametrize("said", ["failed", "sent", "delivered"])
async def test_a_late_report_on_what_expired_is_not_taken_for_one_on_the_next_attempt(
    factory: Factory, client: httpx.AsyncClient, said: str
) -> None:
    text = await text_at_twilio(factory)
    await report(client, text, "failed", ErrorCode="30036")
    await factory.do(
        "update auto_sync_messages set status = 'sending', attempt = 2, claimed_at = now() where id = %s", text
    )

    await report(client, text, said, **({"ErrorCode": "30036"} if said == "failed" else {}))
    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "sending"

    other = "SM" + "2" * 32
    await report(client, text, "delivered", sid=other)
    assert await factory.rows("select status, gateway_message_id from auto_sync_messages where id = %s", text) == [
        ("delivered", other)
    ]


async def test_a_text_that_keeps_expiring_is_failed_in_the_end(factory: Factory, client: httpx.AsyncClient) -> None:
    text = await text_at_twilio(factory)
    await factory.do("update auto_sync_messages set attempt = 100 where id = %s", text)
    await report(client, text, "failed", ErrorCode="30036")
    assert await factory.rows("select status, error_code from auto_sync_messages where id = %s", text) == [
        ("failed", "30036")
    ]


async def test_a_text_of_another_client_that_expired_is_failed_as_its_words_are_not_known(
    factory: Factory, client: httpx.AsyncClient
) -> None:
    text = await text_at_twilio(factory)
    await factory.do("update auto_sync_messages set body = null where id = %s", text)
    await report(client, text, "undelivered", ErrorCode="30036")
    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "failed"


@pytest.mark.parametrize("status", ["sent", "sending", "unknown", "queued"])
@pytest.mark.parametrize(("code", "suppressed"), [("21610", True), ("30007", False), ("30003", False)])
async def test_a_number_of_which_a_report_says_that_it_has_opted_out_is_suppressed(
    factory: Factory, client: httpx.AsyncClient, status: str, code: str, suppressed: bool
) -> None:
    text = await text_at_twilio(factory, status, sid=None)
    await factory.do("update auto_sync_messages set phone_number = '+12125550199' where id = %s", text)

    for _ in range(2):
        assert await report(client, text, "failed", ErrorCode=code) == 204

    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "failed"
    assert await factory.rows("select phone_number, source, reason from auto_sync_suppressions") == (
        [("+12125550199", "gateway", "Twilio says failed, code 21610.")] if suppressed else []
    )


@pytest.mark.parametrize("said", ["sent", "delivered"])
async def test_a_text_that_got_through_suppresses_nobody(
    factory: Factory, client: httpx.AsyncClient, said: str
) -> None:
    text = await text_at_twilio(factory, "sending", sid=None)
    await factory.do("update auto_sync_messages set phone_number = '+12125550199' where id = %s", text)

    assert await report(client, text, said, ErrorCode="21610") == 204

    assert await factory.one("select count(*) from auto_sync_suppressions") == 0


async def test_a_report_that_is_not_on_our_text_suppresses_nobody(factory: Factory, client: httpx.AsyncClient) -> None:
    text = await text_at_twilio(factory)
    await factory.do("update auto_sync_messages set phone_number = '+12125550199' where id = %s", text)

    assert await report(client, text, "failed", sid="SM" + "1" * 32, ErrorCode="21610") == 204
    await report(client, uuid4(), "failed", ErrorCode="21610")

    assert await factory.one("select count(*) from auto_sync_suppressions") == 0


@pytest.mark.parametrize("status", ["sending", "unknown", "queued"])
async def test_a_report_settles_a_text_of_which_nobody_knew_whether_it_left(
    factory: Factory, client: httpx.AsyncClient, pool: Pool, status: str
) -> None:
    text = await text_at_twilio(factory, status, sid=None)

    assert await report(client, text, "sent") == 204

    row = await factory.rows(
        "select status, gateway_message_id, sent_at is not null from auto_sync_messages where id = %s", text
    )
    assert row == [("sent", SID, True)]


async def test_a_report_takes_what_it_names_back_from_a_text_with_the_same_words(
    factory: Factory, client: httpx.AsyncClient
) -> None:
    """A look-up had given it to the other one, since to the recipient they are the same."""
    text, other = await text_at_twilio(factory, "unknown", None), await text_at_twilio(factory, "sent", SID)
    bystander = await text_at_twilio(factory, "sent", "SM" + 32 * "9")
    for id_ in (text, other, bystander):
        await factory.do("update auto_sync_messages set phone_number = '+12125550100', attempt = 1 where id = %s", id_)

    assert await report(client, text, "delivered") == 204

    assert await factory.rows(
        "select status, gateway_message_id, sent_at is null from auto_sync_messages where id = %s", other
    ) == [("unknown", None, True)]
    assert await factory.rows("select status, gateway_message_id from auto_sync_messages where id = %s", text) == [
        ("delivered", SID)
    ]
    assert await factory.one("select status from auto_sync_messages where id = %s", bystander) == "sent"


async def test_a_report_on_somebody_elses_text_or_under_another_id_changes_nothing(
    factory: Factory, client: httpx.AsyncClient
) -> None:
    text = await text_at_twilio(factory)

    assert await report(client, text, "failed", sid="SM" + "1" * 32) == 204
    assert await report(client, uuid4(), "failed") == 204

    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "sent"


async def test_a_report_that_is_malformed_is_refused(factory: Factory, client: httpx.AsyncClient) -> None:
    text = await text_at_twilio(factory)
    assert await report(client, text, "levitating") == 400
    assert await post(client, "/webhooks/twilio/status?message=nonsense", {"MessageSid": SID}) == 422
    assert await client.post(f"/webhooks/twilio/status?message={text}", data={"MessageStatus": "failed"}) is not None
    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "sent"


async def test_a_field_that_no_database_can_hold_is_refused(factory: Factory, client: httpx.AsyncClient) -> None:
    text = await text_at_twilio(factory)
    assert await post(client, "/webhooks/twilio/inbound", inbound("+12125550199", "1", sid="S\0M")) == 400
    assert await report(client, text, "failed", ErrorCode="3\0") == 400
    assert await report(client, text, "failed", sid="S\0M") == 400
    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "sent"
    assert await factory.one("select count(*) from auto_sync_inbound") == 0


async def test_without_an_auth_token_there_are_no_webhooks(pool: Pool) -> None:
    gateway = RecordGateway()
    app = create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        worker=None,
        service_key=None,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        assert (await client.post("/webhooks/twilio/inbound", data=inbound("+12125550199", "1"))).status_code == 404
