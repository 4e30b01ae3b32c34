"""/api/syncs: an organizer starts one, looks at it, and decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from api_client import BEGINS, app_for, client_for, crew_of, fingerprint, plan
from autosync.database import details
from autosync.database.pool import Connection, Pool
from autosync.database.syncs import list_all
from commands import autosync
from factories import Factory


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer("Maya", "Lopez")


@pytest.fixture
def woken() -> list[None]:
    """One entry for each time that the worker was woken."""
    return []


@pytest.fixture
async def client(pool: Pool, maya: UUID, woken: list[None]) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with client_for(app_for(pool, wake=lambda: woken.append(None)), maya) as opened:
        yield opened


async def counts(factory: Factory) -> list[int]:
    """How many syncs, options, jobs and texts there are."""
    tables = ("auto_syncs", "auto_sync_options", "job_queue", "auto_sync_messages")
    return [await factory.one(f"select count(*) from {table}") for table in tables]


# Starting


async def test_a_start_texts_the_crew_once_and_shows_the_sync(
    client: httpx.AsyncClient, factory: Factory, maya: UUID, woken: list[None]
) -> None:
    crew = await crew_of(factory, maya, "Ann", "Ben")
    silent = await factory.contact(maya, "Cleo", phone_number=None)
    await factory.do("insert into crew_members (crew_id, contact_id) values (%s, %s)", crew, silent)

    answer = await client.post("/api/syncs", json=plan(crew))

    assert answer.status_code == 201
    body = answer.json()
    assert body["left_out"] == [{"name": "Cleo", "reason": "There is no phone number."}]
    sync = body["sync"]
    assert (sync["event_name"], sync["status"], sync["timezone"]) == ("Board games", "running", "America/New_York")
    assert [option["number"] for option in sync["options"]] == [1, 2]
    assert datetime.fromisoformat(sync["options"][0]["start"]) == BEGINS
    assert [(i["name"], i["answer"], i["options"]) for i in sync["invitees"]] == [
        ("Ann", "none yet", None), ("Ben", "none yet", None),
    ]  # fmt: skip
    assert sync["best_options"] == []
    assert sorted(job["job_type"] for job in sync["jobs"]) == ["auto_end_check", "reminder_24h"]
    assert [(text["type"], text["status"]) for text in sync["texts"]].count(("initial", "queued")) == 2
    assert await counts(factory) == [1, 2, 2, 3]
    assert woken == [None]


async def test_a_request_with_the_same_id_starts_one_sync_and_texts_nobody_twice(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    body = plan(await crew_of(factory, maya), id=str(uuid4()))

    answers = await asyncio.gather(*(client.post("/api/syncs", json=body) for _ in range(6)))
    later = await client.post("/api/syncs", json={**body, "event_name": "Something else"})

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert {answer.json()["sync"]["id"] for answer in answers} == {body["id"]}
    assert later.status_code == 200
    assert later.json()["sync"]["event_name"] == "Board games"
    assert later.json()["left_out"] is None
    assert await counts(factory) == [1, 2, 2, 3]


async def test_a_repeated_start_shows_the_sync_also_when_it_could_not_begin_any_more(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    crew = await crew_of(factory, maya)
    body = plan(crew, id=str(uuid4()))
    await client.post("/api/syncs", json=body)
    await factory.do("delete from crews")

    assert (await client.post("/api/syncs", json=body)).status_code == 200


async def test_an_id_that_somebody_else_has_is_refused(client: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    taken = await factory.sync()
    crew = await crew_of(factory, maya)
    before = await fingerprint(factory)

    answer = await client.post("/api/syncs", json=plan(crew, id=str(taken.id)))

    assert answer.status_code == 409
    assert answer.json()["detail"] == "This id is taken: give the sync another one."
    assert await fingerprint(factory) == before


async def test_without_an_id_every_request_starts_a_sync(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    body = plan(await crew_of(factory, maya))
    for _ in range(2):
        assert (await client.post("/api/syncs", json=body)).status_code == 201
    assert (await counts(factory))[0] == 2


async def test_without_a_time_zone_it_is_the_organizers_own(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    await factory.do("update profiles set preferred_timezone = 'Europe/Berlin'")
    answer = await client.post("/api/syncs", json=plan(await crew_of(factory, maya), timezone=None))
    assert answer.json()["sync"]["timezone"] == "Europe/Berlin"


def option(start: object, end: object = None) -> dict[str, object]:
    return {"start_time": start, "end_time": end}


IN_TIME, PAST = BEGINS.isoformat(), "2020-01-01T12:00:00Z"
UNUSABLE_PLANS: list[tuple[dict[str, Any], int, str]] = [
    ({"event_name": ""}, 422, "event_name should have at least 1 character"),
    ({"event_name": "   "}, 422, "has no name"),
    ({"event_name": "x" * 201}, 422, "event_name should have at most 200 characters"),
    ({"event_name": "a\0b"}, 422, "event_name should be on one line"),
    ({"event_location": "a\x1bb"}, 422, "event_location should be on one line"),
    ({"event_location": 5}, 422, "event_location should be a valid string"),
    ({"timezone": "Mars/Olympus"}, 422, "time zone 'Mars/Olympus' is unknown"),
    ({"timezone": "../../etc/passwd"}, 422, "is unknown"),
    ({"timezone": "America"}, 422, "is unknown"),
    ({"timezone": "x" * 65}, 422, "timezone should have at most 64 characters"),
    ({"response_goal": "nobody"}, 422, "response_goal should be 'everyone' or 'critical_mass'"),
    ({"crew_id": "friends"}, 422, "crew_id should be a valid UUID"),
    ({"id": "1"}, 422, "id should be a valid UUID"),
    ({"organizer_id": str(uuid4())}, 422, "organizer_id is not known here"),
    ({"options": []}, 422, "options should have at least 1 item"),
    ({"options": [option(IN_TIME)] * 4}, 422, "options should have at most 3 items"),
    ({"options": [option(IN_TIME)] * 2}, 422, "Options 1 and 2 are the same time"),
    ({"options": [option(IN_TIME, IN_TIME)]}, 422, "Option 1 ends before it begins"),
    ({"options": [option("2027-03-19T18:00:00")]}, 422, "options.0.start_time should have timezone info"),
    ({"options": [option("soon")]}, 422, "options.0.start_time should be a time such as"),
    ({"options": [option(1e300)]}, 422, "options.0.start_time should be a time such as"),
    ({"options": [option("9999-12-31T23:59:59-12:00")]}, 422, "between the years"),
    ({"options": [option("0001-01-01T00:00:00+14:00")]}, 422, "between the years"),
    ({"options": [option("99999-01-01T00:00:00Z")]}, 422, "options.0.start_time should be a time such as"),
    ({"options": [option("2027-02-30T00:00:00Z")]}, 422, "options.0.start_time"),
    (
        {"options": [option(IN_TIME, "9999-12-31T23:59:59-12:00")]},
        422,
        "options.0.end_time should be between the years",
    ),
    ({"options": [option("٢٠٢٧-03-19T18:00:00Z")]}, 422, "options.0.start_time"),
    ({"options": [option(PAST)]}, 409, "Option 1 begins in the past"),
    ({"crew_id": str(uuid4())}, 404, "You have no crew"),
]


@pytest.mark.parametrize("path", ["/api/syncs", "/api/syncs/preview"])
async def test_a_plan_that_cannot_be_used_is_refused_and_nothing_is_written(
    client: httpx.AsyncClient, factory: Factory, maya: UUID, path: str
) -> None:
    crew = await crew_of(factory, maya)
    before = await fingerprint(factory)

    for changes, status, said in UNUSABLE_PLANS:
        if path.endswith("preview") and "id" in changes:
            continue
        answer = await client.post(path, json=plan(crew, **changes))
        assert (changes, answer.status_code) == (changes, status)
        assert said in answer.json()["error"]

    assert await fingerprint(factory) == before


async def test_a_crew_in_which_nobody_can_be_texted_is_refused(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    crew = await crew_of(factory, maya)
    await factory.do("update contacts set phone_number = null")

    answer = await client.post("/api/syncs", json=plan(crew))

    assert answer.status_code == 409
    assert "Nobody in the crew 'Friends'" in answer.json()["error"]


async def test_a_preview_says_what_the_command_line_says_and_writes_nothing(
    client: httpx.AsyncClient, factory: Factory, maya: UUID, database_url: str
) -> None:
    crew = await crew_of(factory, maya, "Ann", "Ben", "Zoë")
    for name, number in (("Quiet", "+12125550150"), ("Garbled", "call me")):
        contact = await factory.contact(maya, name, phone_number=number)
        await factory.do("insert into crew_members (crew_id, contact_id) values (%s, %s)", crew, contact)
    await factory.suppress("+12125550150")
    before = await fingerprint(factory)

    asked = plan(crew, event_name="Ćevapi", timezone="UTC")
    answer = await client.post("/api/syncs/preview", json=asked)
    said = autosync(
        *("syncs", "start", "--dry-run", "--json", "--crew", "Friends", "--event", "Ćevapi", "--location", "Luna Cafe"),
        *("--timezone", "UTC", "--option", f"{BEGINS:%Y-%m-%d %H:%M} to {BEGINS + timedelta(hours=2):%Y-%m-%d %H:%M}"),
        *("--option", f"{BEGINS + timedelta(days=1):%Y-%m-%d %H:%M}"),
        database_url=database_url,
    )  # fmt: skip
    later = await client.post("/api/syncs/preview", json=asked)  # a preview names minutes, and one may pass meanwhile

    assert said.code == 0, said.err
    assert answer.status_code == later.status_code == 200
    assert json.loads(said.out) in (answer.json(), later.json())
    assert {entry["name"] for entry in answer.json()["left_out"]} == {"Quiet", "Garbled"}
    assert answer.json()["texts"][0]["forced_by"] == ["Ć"]
    assert await fingerprint(factory) == before


# Looking


async def test_the_list_says_how_each_sync_stands_and_what_comes_next(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    sync = await factory.sync(organizer=maya, invitees=3, event_location="Luna Cafe")
    await factory.answer(sync, sync.contacts[0], 1, 2)
    await factory.answer(sync, sync.contacts[1])
    due = (await factory.pending(sync.id))["reminder_24h"]

    (line,) = (await client.get("/api/syncs")).json()["syncs"]

    assert datetime.fromisoformat(line.pop("started_at"))
    assert datetime.fromisoformat(line.pop("next_job_at")) == due
    assert line == {
        "id": str(sync.id), "event_name": "Board games", "event_location": "Luna Cafe", "status": "running",
        "asked": 3, "answered": 2, "next_job": "reminder_24h",
    }  # fmt: skip


async def test_the_list_counts_as_the_operators_list_does(
    client: httpx.AsyncClient, factory: Factory, maya: UUID, connection: Connection
) -> None:
    for invitees in range(4):
        sync = await factory.sync(organizer=maya, invitees=invitees + 1)
        await factory.answer(sync, sync.contacts[0], 1)
        stray = await factory.contact(maya, "Stray")
        await factory.answer(sync, stray, 1)
        status = ("failed", "canceled", "delivered", "unknown")[invitees]
        await factory.do("update auto_sync_messages set status = %s where contact_id = %s", status, sync.contacts[-1])
        await factory.insert(
            "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="initial"
        )

    listed = (await client.get("/api/syncs")).json()["syncs"]

    expected = await list_all(connection, organizer_id=maya, status=None, limit=10)
    assert {line["id"]: (line["asked"], line["answered"]) for line in listed} == {
        str(line.id): (line.invitees, line.answered) for line in expected
    }
    assert {line["asked"] for line in listed} == {1, 3, 4}


async def test_the_list_comes_a_page_at_a_time_the_newest_first_and_by_state(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    made = [await factory.sync(organizer=maya, invitees=1, event_name=f"Event {number}") for number in range(5)]
    await factory.do("update auto_syncs set created_at = '2026-01-01' where id = any(%s)", [s.id for s in made[1:4]])
    await factory.do("update auto_syncs set status = 'paused' where id = %s", made[0].id)
    seen: list[str] = []
    before: dict[str, str] = {}

    while page := (await client.get("/api/syncs", params={"limit": "2", **before})).json()["syncs"]:
        seen += [line["event_name"] for line in page]
        before = {"before": page[-1]["id"]}

    assert seen[:2] == ["Event 4", "Event 0"]
    assert sorted(seen[2:]) == ["Event 1", "Event 2", "Event 3"]
    paused = (await client.get("/api/syncs", params={"status": "paused"})).json()["syncs"]
    assert [line["event_name"] for line in paused] == ["Event 0"]


async def test_the_details_say_who_can_make_what_and_which_is_best(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    sync = await factory.sync(organizer=maya, invitees=4, options=3)
    ann, ben, chloe, _ = sync.contacts
    await factory.answer(sync, ann, 1, 2)
    await factory.answer(sync, ben, 2, 3)
    await factory.answer(sync, chloe)

    shown = (await client.get(f"/api/syncs/{sync.id}")).json()

    assert [(o["number"], o["can"], o["who"]) for o in shown["options"]] == [
        (1, 1, ["Ann"]), (2, 2, ["Ann", "Ben"]), (3, 1, ["Ben"]),
    ]  # fmt: skip
    assert shown["best_options"] == [2]
    assert [(i["name"], i["answer"], i["options"]) for i in shown["invitees"]] == [
        ("Ann", "1, 2", [1, 2]), ("Ben", "2, 3", [2, 3]), ("Chloe", "not available", []), ("Dev", "none yet", None),
    ]  # fmt: skip
    assert all(set(text) == {"id", "type", "to", "status", "at", "reason", "body"} for text in shown["texts"])


async def test_the_organizer_reads_the_same_document_as_the_operator(
    client: httpx.AsyncClient, factory: Factory, maya: UUID, connection: Connection
) -> None:
    crew = await crew_of(factory, maya, "Ann", "Ben", "Chloe")
    id_ = (await client.post("/api/syncs", json=plan(crew))).json()["sync"]["id"]
    await factory.do("update auto_sync_messages set status = 'failed' where contact_id ="
                     " (select id from contacts where first_name = 'Ben')")  # fmt: skip
    operators = await details.sync_document(connection, UUID(id_))
    assert operators is not None

    shown = (await client.get(f"/api/syncs/{id_}")).json()

    assert [i["name"] for i in shown["invitees"]] == [i["name"] for i in operators["invitees"]] == ["Ann", "Chloe"]
    assert [t["body"] for t in shown["texts"]] == [t["body"] for t in operators["texts"]]
    assert [j["id"] for j in shown["jobs"]] == [str(j["id"]) for j in operators["jobs"]]


async def test_what_another_client_wrote_oddly_is_shown_all_the_same(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    sync = await factory.sync(organizer=maya, timezone="Mars/Olympus", event_name="", options=1)
    await factory.do("update contacts set first_name = null where id = %s", sync.contacts[0])
    await factory.do("update auto_sync_options set start_time = '-infinity', end_time = 'infinity'")

    answer = await client.get(f"/api/syncs/{sync.id}")

    assert answer.status_code == 200
    assert answer.json()["timezone"] == "Mars/Olympus"


# Deciding


async def test_an_organizer_reminds_again_invites_and_is_told_how_it_stands(
    client: httpx.AsyncClient, factory: Factory, maya: UUID, woken: list[None]
) -> None:
    sync = await factory.sync(organizer=maya, status="paused", invitees=2)

    reminded = await client.post(f"/api/syncs/{sync.id}/remind")
    invited = await client.post(f"/api/syncs/{sync.id}/invite", json={"option": 2})

    assert (reminded.status_code, reminded.json()["status"]) == (200, "running")
    assert (invited.status_code, invited.json()["status"]) == (200, "completed")
    assert [text["type"] for text in invited.json()["texts"]].count("invite") == 2
    assert len(woken) == 2


async def test_an_organizer_stops_a_sync(client: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    sync = await factory.sync(organizer=maya)
    stopped = await client.post(f"/api/syncs/{sync.id}/stop")
    assert (stopped.status_code, stopped.json()["status"]) == (200, "stopped")
    assert {job["status"] for job in stopped.json()["jobs"]} == {"skipped"}


@pytest.mark.parametrize(
    ("status", "verb", "body", "said"),
    [
        ("running", "remind", None, "only a paused one can remind again"),
        ("completed", "remind", None, "was completed already"),
        ("stopped", "invite", {"option": 1}, "was stopped already"),
        ("completed", "invite", {"option": 1}, "was completed already"),
        ("stopped", "stop", None, "was stopped already"),
        ("running", "invite", {"option": 3}, "has no option 3; its options are 1, 2"),
    ],
)
async def test_what_cannot_be_done_as_things_stand_is_a_conflict_and_changes_nothing(
    client: httpx.AsyncClient, factory: Factory, maya: UUID, status: str, verb: str, body: Any, said: str
) -> None:
    sync = await factory.sync(organizer=maya, options=2)
    await factory.do("update auto_syncs set status = %s where id = %s", status, sync.id)
    before = await fingerprint(factory)

    answer = await client.post(f"/api/syncs/{sync.id}/{verb}", json=body)

    assert answer.status_code == 409
    assert said in answer.json()["error"]
    assert await fingerprint(factory) == before


async def test_a_number_that_no_option_can_have_is_unusable(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    sync = await factory.sync(organizer=maya)
    for number in (0, 4, -1, 10**30, "1", 1.5, True, None):
        answer = await client.post(f"/api/syncs/{sync.id}/invite", json={"option": number})
        assert (number, answer.status_code) == (number, 422)
        assert "option" in answer.json()["error"]


async def test_invites_asked_for_twice_at_once_go_out_once(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    sync = await factory.sync(organizer=maya, invitees=3)

    answers = await asyncio.gather(
        *(client.post(f"/api/syncs/{sync.id}/invite", json={"option": number}) for number in (1, 2, 3, 1))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await factory.texts(sync.id, "invite")) == 3
