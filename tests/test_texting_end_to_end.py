"""The program as it is deployed, with the stand-in for Twilio on the other side: texts, reports, answers, STOP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from commands import Ran, autosync, serving
from factories import Factory, at_noon
from ledger import differences, of_gateway, open_books
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, stand_in
from waiting import until

ANN, BEN, CLEO = "+12125550101", "+12125550102", "+12125550103"


@pytest.fixture
async def twilio(database_url: str, unused_port: int) -> AsyncIterator[tuple[StandIn, dict[str, str]]]:
    """The stand-in, and the settings under which `autosync serve` takes its webhooks."""
    address = f"http://127.0.0.1:{unused_port}"
    with stand_in(inbound_url=f"{address}/webhooks/twilio/inbound") as running:
        settings = {
            "AUTOSYNC_GATEWAY": "twilio",
            "AUTOSYNC_TWILIO_BASE_URL": running.url,
            "AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "AUTOSYNC_TWILIO_FROM": FROM,
            "AUTOSYNC_PUBLIC_URL": address,
        }
        async with serving(database_url, unused_port, **settings):
            yield running, settings


async def test_a_sync_goes_out_and_comes_back_through_twilio(
    factory: Factory, database_url: str, twilio: tuple[StandIn, dict[str, str]]
) -> None:
    running, settings = twilio

    def run(*arguments: str) -> Ran:
        ran = autosync(*arguments, database_url=database_url, **settings)
        assert ran.code == 0, ran.err
        return ran

    def texts_to(number: str) -> list[str]:
        return [text["body"] for text in running.accepted() if text["to"] == number]

    def says(number: str, body: str, **more: Any) -> None:
        answers = running.inbound(**{"from": number, "body": body, **more})["answers"]
        assert {answer["status"] for answer in answers} == {204}

    await at_noon(factory)
    organizer = await factory.organizer(phone_number="+12125550100")
    names = {"Ann": ANN, "Ben": BEN, "Cleo": CLEO}
    crew = [await factory.contact(organizer, name, phone_number=number) for name, number in names.items()]
    await factory.crew(organizer, crew)
    run("syncs", "start", "--crew", "Friends", "--event", "Tea",
        "--option", "2029-03-19 18:00 to 20:00", "--option", "2029-03-20 18:00 to 20:00")  # fmt: skip
    run("process")

    async def all_are_delivered() -> bool:
        return await factory.one("select bool_and(status = 'delivered') from auto_sync_messages")

    await until(all_are_delivered)
    assert [len(texts_to(number)) for number in (ANN, BEN, CLEO, "+12125550100")] == [1, 1, 1, 1]

    says(ANN, "1 and 2", times=2)
    says(BEN, "STOP")
    says(CLEO, "what about thursday?")
    run("process")
    assert len(texts_to(CLEO)) == 2
    assert await factory.one("select count(*) from auto_sync_responses") == 1
    assert await factory.one("select array_length(option_ids, 1) from auto_sync_responses") == 2

    await factory.move_clock(minutes=6)
    run("process")
    await until(all_are_settled(factory))
    assert [len(texts_to(number)) for number in (ANN, BEN)] == [1, 1]
    assert len(texts_to(CLEO)) == 3
    assert texts_to("+12125550100")[-1] == "Tea: reminded 1 of 3. Answered so far: 1."


def all_are_settled(factory: Factory) -> Any:
    """Whether every text has come to its end."""

    async def settled() -> bool:
        return await factory.one("select count(*) = 0 from auto_sync_messages where status in ('sending', 'sent')")

    return settled


async def test_what_twilio_let_expire_goes_out_again_and_nobody_gets_it_twice(
    factory: Factory, database_url: str, twilio: tuple[StandIn, dict[str, str]]
) -> None:
    running, settings = twilio
    await at_noon(factory)
    organizer = await factory.organizer(phone_number="+12125550100")
    await factory.crew(organizer, [await factory.contact(organizer, "Ann", phone_number=ANN)])
    running.plan(ANN, "30036")
    started = autosync("syncs", "start", "--crew", "Friends", "--event", "Tea", "--option", "2029-03-19 18:00 to 20:00",
                       database_url=database_url, **settings)  # fmt: skip
    assert started.code == 0, started.err
    autosync("process", database_url=database_url, **settings)

    async def it_is_queued_again() -> bool:
        return bool(await factory.one("select count(*) = 1 from auto_sync_messages where expired_ids is not null"))

    await until(it_is_queued_again)
    autosync("process", database_url=database_url, **settings)

    async def all_are_delivered() -> bool:
        return bool(await factory.one("select bool_and(status = 'delivered') from auto_sync_messages"))

    await until(all_are_delivered)
    to_ann = [text["status"] for text in running.accepted() if text["to"] == ANN]
    assert sorted(to_ann) == ["delivered", "failed"], "one that never left, and one that arrived"


async def test_a_first_text_that_twilio_says_expired_after_the_reminder_had_left_waits_while_its_sync_is_paused(
    factory: Factory, database_url: str, twilio: tuple[StandIn, dict[str, str]]
) -> None:
    """Found in a chaos run."""
    running, settings = twilio

    def run(*arguments: str) -> None:
        ran = autosync(*arguments, database_url=database_url, **settings)
        assert ran.code == 0, ran.err

    def differences_now() -> list[str]:
        books = open_books(database_url)
        return differences(books) + of_gateway(books, running.accepted(), gateway="twilio", refused=running.refused())

    async def to_ann() -> list[tuple[Any, ...]]:
        return await factory.rows(
            "select message_type, status, attempt from auto_sync_messages where contact_id is not null"
            " order by created_at, message_type"
        )

    await at_noon(factory)
    await factory.do("update auto_sync_settings set reminder_delay = '24 hours', pause_delay = '48 hours' where active")
    organizer = await factory.organizer(phone_number="+12125550100")
    await factory.crew(organizer, [await factory.contact(organizer, "Ann", phone_number=ANN)])
    running.misbehave(probabilities={"30036": 1, "no_callback": 1})
    run("syncs", "start", "--crew", "Friends", "--event", "Tea", "--option", "2029-03-19 18:00 to 20:00")
    run("process")
    running.misbehave()
    for _ in range(2):
        await factory.move_clock(days=1, minutes=1)
        run("process")
    assert await factory.one("select status::text from auto_syncs") == "paused"
    assert [(type_, attempt) for type_, _, attempt in await to_ann()] == [("initial", 1), ("reminder", 1)]

    ((text, sid),) = await factory.rows(
        "select id, gateway_message_id from auto_sync_messages where message_type = 'initial'"
    )
    form = {"MessageSid": sid, "MessageStatus": "failed", "ErrorCode": "30036", "To": ANN}
    address = f"{settings['AUTOSYNC_PUBLIC_URL']}/webhooks/twilio/status?message={text}"
    signature = RequestValidator(AUTH_TOKEN).compute_signature(address, form)
    async with httpx.AsyncClient() as http:
        answer = await http.post(address, data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204
    run("process")
    assert (await to_ann())[0] == ("initial", "queued", 1)
    assert differences_now() == []

    run("syncs", "remind", str(await factory.one("select id from auto_syncs")))
    for minutes in (16, 2):
        await factory.move_clock(minutes=minutes)
        run("process")
    assert ["would love to hear" in text["body"] for text in running.accepted() if text["to"] == ANN] == [
        False, True, False, True,
    ]  # fmt: skip
    assert differences_now() == []
