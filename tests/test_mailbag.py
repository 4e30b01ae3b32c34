"""Plain answers that come in together: the same as one by one, and whatever is not plain is left alone wholly."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

import pytest

from asked import statements_asked
from autosync import inbox, mailbag
from autosync.database.pool import connect
from autosync.inbox import SEEN_BEFORE, InboundText
from factories import Factory, MadeSync

_webhooks = count(1)


def text(number: str, body: str, *, under: str | None = None) -> InboundText:
    return InboundText("twilio", under or f"SM{next(_webhooks)}", number, body)


async def number_of(factory: Factory, contact: UUID) -> str:
    number: str = await factory.one("select phone_number from contacts where id = %s", contact)
    return number


async def everything(factory: Factory, sync: MadeSync) -> dict[str, list[tuple[Any, ...]]]:
    """What an answer may change of a sync, with the contacts by their place."""
    place = "array_position(%s::uuid[], contact_id)"
    return {
        "inbound": await factory.rows(
            f"select {place}, body, outcome, auto_sync_id = %s from auto_sync_inbound order by 1, 2",
            sync.contacts, sync.id,
        ),
        "responses": await factory.rows(
            f"select {place}, array(select array_position(%s::uuid[], o) from unnest(option_ids) o order by 1),"
            " response_type::text from auto_sync_responses where auto_sync_id = %s order by 1",
            sync.contacts, sync.options, sync.id,
        ),
        "texts": await factory.rows(
            f"select {place}, message_type, is_resolved from auto_sync_messages where auto_sync_id = %s order by 1, 2",
            sync.contacts, sync.id,
        ),
        "jobs": await factory.rows(
            "select job_type, status, scheduled_at <= autosync_now() from job_queue where sync_id = %s order by 1",
            sync.id,
        ),
    }  # fmt: skip


PLAIN = ["1", "2 and 3", "none", "All of them", "Sorry, can't make any", "1,2 please"]
SPECIAL = ["STOP", "hmm?", "7", "thanks!", "HELP", "START", "", "1\x00"]


@pytest.mark.parametrize("status", ["running", "paused"])
@pytest.mark.parametrize("options", [1, 2, 3])
async def test_answers_that_are_taken_together_come_out_as_those_taken_one_by_one(
    factory: Factory, status: str, options: int
) -> None:
    found: list[dict[str, Any]] = []
    for together in (True, False):
        sync = await factory.sync(invitees=6, options=options)
        await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)
        texts = [text(await number_of(factory, who), body) for who, body in zip(sync.contacts, PLAIN, strict=True)]
        outcomes: list[str | None] = [None] * len(texts)
        if together:
            outcomes = await mailbag.take(factory.connection, texts, region="US")
            assert outcomes[0] is not None
            assert outcomes[2] is not None
        said = [
            outcome or await inbox.receive(factory.connection, one, region="US")
            for one, outcome in zip(texts, outcomes, strict=True)
        ]
        found.append({**await everything(factory, sync), "said": said})
        await factory.do("truncate auth.users, auto_sync_inbound cascade")

    assert found[0] == found[1]
    assert len(found[0]["responses"]) >= 3


@pytest.mark.parametrize("body", SPECIAL[:-1])
async def test_a_text_that_is_no_plain_answer_is_left_alone(factory: Factory, body: str) -> None:
    sync = await factory.sync(invitees=2)
    before = await everything(factory, sync)

    assert await mailbag.take(
        factory.connection, [text(await number_of(factory, sync.contacts[0]), body)], region="US"
    ) == [None]

    assert await everything(factory, sync) == before


async def test_the_one_character_that_cannot_be_kept_is_left_out(factory: Factory) -> None:
    sync = await factory.sync(invitees=2)
    number = await number_of(factory, sync.contacts[0])
    assert await mailbag.take(factory.connection, [text(number, "1\x00")], region="US") == ["Answered: option 1."]
    assert await factory.one("select body from auto_sync_inbound") == "1"


async def test_what_is_nobodys_or_too_late_is_left_alone(factory: Factory) -> None:
    ended = await factory.sync(invitees=1)
    await factory.do("update auto_syncs set status = 'stopped' where id = %s", ended.id)
    bare = await factory.sync(invitees=1, options=0)
    organizer = await factory.organizer(phone_number="+12125550177")
    own = await factory.sync(organizer=organizer, invitees=1)
    await factory.do("update contacts set phone_number = '+12125550177' where id = %s", own.contacts[0])
    texts = [
        text(await number_of(factory, ended.contacts[0]), "1"),
        text(await number_of(factory, bare.contacts[0]), "1"),
        text("+12125550177", "1"),
        text("+12125550178", "1"),
        text("nobody", "1"),
    ]

    assert await mailbag.take(factory.connection, texts, region="US") == [None] * 5

    assert await factory.one("select count(*) from auto_sync_inbound") == 0
    assert await factory.one("select count(*) from auto_sync_responses") == 0


async def test_of_one_persons_texts_only_the_first_is_taken_and_none_that_follows_another(factory: Factory) -> None:
    sync = await factory.sync(invitees=2)
    ann, ben = [await number_of(factory, who) for who in sync.contacts]

    said = await mailbag.take(
        factory.connection, [text(ann, "1"), text(ben, "huh?"), text(ann, "2"), text(ben, "3")], region="US"
    )

    assert said == ["Answered: option 1.", None, None, None]


async def test_a_text_that_comes_again_counts_once(factory: Factory) -> None:
    sync = await factory.sync(invitees=1)
    number = await number_of(factory, sync.contacts[0])
    came = text(number, "1", under="SM")
    assert await mailbag.take(factory.connection, [came], region="US") == ["Answered: option 1."]
    await factory.answer(sync, sync.contacts[0], 2)

    assert await mailbag.take(factory.connection, [came], region="US") == [SEEN_BEFORE]

    assert await factory.one("select option_ids from auto_sync_responses") == [sync.options[1]]


async def test_nobodys_answer_waits_for_another_sync(factory: Factory, database_url: str) -> None:
    free, taken = await factory.sync(invitees=1), await factory.sync(invitees=1)
    texts = [text(await number_of(factory, sync.contacts[0]), "1") for sync in (taken, free)]
    async with connect(database_url) as other, other.transaction():
        await other.execute("select from auto_syncs where id = %s for update", [taken.id])

        assert await mailbag.take(factory.connection, texts, region="US") == [None, "Answered: option 1."]

    assert await factory.one("select auto_sync_id from auto_sync_responses") == free.id


async def test_a_bag_costs_the_same_statements_whatever_is_in_it(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for size in (1, 40):
        numbers = []
        for _ in range(size):
            sync = await factory.sync(invitees=1)
            numbers.append(await number_of(factory, sync.contacts[0]))
        with statements_asked(monkeypatch) as asked:
            said = await mailbag.take(factory.connection, [text(number, "2") for number in numbers], region="US")
        assert said == ["Answered: option 2."] * size
        costs.append(len(asked))
    assert costs[0] == costs[1] == 8


async def test_the_last_answer_of_a_bag_meets_the_goal(factory: Factory) -> None:
    sync = await factory.sync(invitees=3)
    texts = [text(await number_of(factory, who), "1") for who in sync.contacts]

    await mailbag.take(factory.connection, texts[:2], region="US")
    assert "pause_check_48h" not in await factory.pending(sync.id)
    await mailbag.take(factory.connection, texts[2:], region="US")

    assert "pause_check_48h" in await factory.pending(sync.id)
