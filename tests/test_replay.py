"""Texts that came in while nobody answered the webhook are taken later, each once, and what was said last holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from autosync import inbox, privacy
from autosync.database.pool import Pool
from autosync.gateways import CameIn
from autosync.replay import ASKED_SINCE, LEFT_OUT, is_overtaken, replay
from commands import autosync
from factories import Factory, MadeSync, at_noon
from faulty_gateway import FaultyGateway, make_dispatcher
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, stand_in

NOW = datetime.now(UTC)


class Lists:
    """A gateway that has received these."""

    name = "twilio"

    def __init__(self, *came_in: CameIn) -> None:
        self._came_in = came_in

    async def came_in(self, since: datetime) -> list[CameIn]:
        return [text for text in self._came_in if text.at >= since]


def text(sid: str, number: str, body: str, *, minutes_ago: float) -> CameIn:
    return CameIn(sid, number, body, NOW - timedelta(minutes=minutes_ago))


@pytest.fixture
async def sync(factory: Factory) -> MadeSync:
    """Three who were asked by text; they have told the factory their numbers."""
    sync = await factory.sync(invitees=3)
    await factory.do(
        "update auto_sync_messages m set phone_number = c.phone_number from contacts c where c.id = m.contact_id"
    )
    return sync


async def number_of(factory: Factory, sync: MadeSync, place: int) -> str:
    number: str = await factory.one("select phone_number from contacts where id = %s", sync.contacts[place])
    return number


async def answers(factory: Factory, sync: MadeSync) -> int:
    found: int = await factory.one("select count(*) from auto_sync_responses where auto_sync_id = %s", sync.id)
    return found


async def take(factory: Factory, gateway: Lists) -> list[str]:
    done = await replay(
        factory.connection, gateway, since=NOW - timedelta(hours=6), region="US", links=None, who="maya on desk"
    )
    return [missed.outcome for missed in done]


async def test_what_was_missed_is_taken_once_the_oldest_first(factory: Factory, sync: MadeSync) -> None:
    ann, ben = await number_of(factory, sync, 0), await number_of(factory, sync, 1)
    gateway = Lists(
        text("SM3", ann, "none", minutes_ago=10),
        text("SM1", ann, "1", minutes_ago=30),
        text("SM2", ben, "2", minutes_ago=20),
        text("SM0", ben, "3", minutes_ago=60 * 24),
    )

    outcomes = await take(factory, gateway)

    assert outcomes == ["Answered: option 1.", "Answered: option 2.", "Answered: not available."]
    assert await answers(factory, sync) == 2
    assert await take(factory, gateway) == []
    assert await factory.rows("select verb, details from auto_sync_interventions") == [("answers replay", "3 texts")]


async def test_an_unclear_answer_about_which_no_question_can_be_written_holds_up_no_other(
    factory: Factory, sync: MadeSync
) -> None:
    ann, ben = await number_of(factory, sync, 0), await number_of(factory, sync, 1)
    await factory.do("update auto_syncs set timezone = 'Nowhere' where id = %s", sync.id)

    outcomes = await take(
        factory, Lists(text("SM1", ann, "hm, maybe?", minutes_ago=20), text("SM2", ben, "2", minutes_ago=10))
    )

    assert "time zone 'Nowhere' is unknown" in outcomes[0]
    assert outcomes[1] == "Answered: option 2."
    assert await factory.one("select count(*) from auto_sync_inbound") == 2


async def test_what_somebody_said_later_holds(factory: Factory, sync: MadeSync) -> None:
    ann, ben = await number_of(factory, sync, 0), await number_of(factory, sync, 1)
    await inbox.receive(factory.connection, inbox.InboundText("twilio", "SM9", ann, "2"), region="US")

    outcomes = await take(
        factory, Lists(text("SM1", ann, "none", minutes_ago=30), text("SM2", ben, "1", minutes_ago=20))
    )

    assert outcomes == [LEFT_OUT, "Answered: option 1."]
    kinds = await factory.rows("select response_type from auto_sync_responses where auto_sync_id = %s", sync.id)
    assert kinds == [("available",), ("available",)]


async def test_a_stop_is_taken_though_an_answer_came_later(factory: Factory, sync: MadeSync) -> None:
    ann = await number_of(factory, sync, 0)
    await inbox.receive(factory.connection, inbox.InboundText("twilio", "SM9", ann, "2"), region="US")
    assert await take(factory, Lists(text("SM1", ann, "STOP", minutes_ago=30))) == [
        "The number has opted out of all texts."
    ]


async def test_what_was_forgotten_with_a_person_is_not_taken_in_again(factory: Factory, sync: MadeSync) -> None:
    ann = await number_of(factory, sync, 0)
    await inbox.receive(factory.connection, inbox.InboundText("twilio", "SM1", ann, "Ann says 1"), region="US")
    whose = await privacy.of_contact(factory.connection, sync.contacts[0], region="US")
    await privacy.delete(factory.connection, whose, who="maya on desk")

    assert await take(factory, Lists(text("SM1", ann, "Ann says 1", minutes_ago=30))) == []
    assert await factory.rows("select body, phone_number from auto_sync_inbound") == [("", "")]


async def test_an_old_answer_is_not_taken_for_one_to_what_was_asked_since(factory: Factory, sync: MadeSync) -> None:
    ann = await number_of(factory, sync, 0)
    await factory.do(
        "update auto_sync_messages set claimed_at = now() - interval '20 minutes' where phone_number = %s", ann
    )
    gateway = Lists(text("SM1", ann, "1", minutes_ago=30), text("SM2", ann, "STOP", minutes_ago=29))

    assert await take(factory, gateway) == [ASKED_SINCE, "The number has opted out of all texts."]
    assert await answers(factory, sync) == 0


async def test_what_is_asked_because_of_one_missed_text_does_not_keep_the_next_from_being_taken(
    factory: Factory, sync: MadeSync, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await number_of(factory, sync, 0)
    await at_noon(factory)
    receive = inbox.receive

    async def with_a_worker_beside(*words: Any, **more: Any) -> str:
        outcome = await receive(*words, **more)
        await factory.do(
            "update auto_sync_messages set status = 'sent', claimed_at = clock_timestamp(), phone_number = %s,"
            " gateway = 'twilio', attempt = 1 where status = 'queued'", ann,
        )  # fmt: skip
        return outcome

    monkeypatch.setattr(inbox, "receive", with_a_worker_beside)
    gateway = Lists(text("SM1", ann, "what about thursday?", minutes_ago=30), text("SM2", ann, "1", minutes_ago=20))
    assert await take(factory, gateway) == ["It is unclear; a question is on its way.", "Answered: option 1."]


async def test_a_reply_to_an_old_text_waits_for_the_morning(factory: Factory, sync: MadeSync, pool: Pool) -> None:
    ann = await number_of(factory, sync, 0)
    night = await factory.one("select (date_trunc('day', now()) + interval '1 day 8 hours')")  # 3 in New York
    await factory.demo_timings()
    await factory.do("update auto_sync_settings set clock_offset = %s - now() where active", night)

    assert await take(factory, Lists(text("SM1", ann, "what about thursday?", minutes_ago=30))) == [
        "It is unclear; a question is on its way."
    ]
    gateway = FaultyGateway()
    await make_dispatcher(pool, gateway).dispatch_due()

    assert gateway.tried == []
    assert "Held until" in await factory.one(
        "select status_reason from auto_sync_messages where message_type = 'clarification'"
    )


@pytest.mark.parametrize(
    ("missed", "later", "overtaken"),
    [
        ("1", [], False), ("1", ["2"], True), ("1", ["STOP"], True),
        ("STOP", [], False), ("STOP", ["2"], False), ("STOP", ["START"], True), ("START", ["STOP"], True),
    ],
)  # fmt: skip
def test_what_counts_of_what_was_missed(missed: str, later: list[str], overtaken: bool) -> None:
    assert is_overtaken(missed, later) == overtaken


async def test_an_operator_takes_what_came_in_while_the_webhook_was_away(
    factory: Factory, sync: MadeSync, database_url: str, unused_port: int
) -> None:
    ann, ben = await number_of(factory, sync, 0), await number_of(factory, sync, 1)
    with stand_in(inbound_url=f"http://127.0.0.1:{unused_port}/webhooks/twilio/inbound") as twilio:
        settings = {
            "AUTOSYNC_GATEWAY": "twilio",
            "AUTOSYNC_TWILIO_BASE_URL": twilio.url,
            "AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "AUTOSYNC_TWILIO_FROM": FROM,
        }

        def run(*more: str) -> tuple[int, str, str]:
            ran = autosync("answers", "replay", "--since", "1h", *more, database_url=database_url, **settings)
            return ran.code, ran.out, ran.err

        for number, body in ((ann, "1"), (ben, "2 works")):
            twilio.inbound(**{"from": number, "body": body})
        assert await answers(factory, sync) == 0

        code, tried, _ = run("--dry-run")
        assert (code, tried.count("\n"), await answers(factory, sync)) == (0, 2, 0)
        code, said, _ = run()
        assert (code, said) == (0, tried)
        assert [line.split("\t")[2] for line in said.splitlines()] == ["Answered: option 1.", "Answered: option 2."]
        assert ann not in said
        assert await answers(factory, sync) == 2
        assert run() == (0, "", "")

        twilio.misbehave(probabilities={"error_before": 1.0})
        assert run() == (1, "", "autosync: Twilio answered 503. Try again later.\n")
