"""/api: who is let in, how it says no, and the address book."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api_client import app_for, client_for, crew_of, fingerprint, plan
from autosync.database.as_person import CannotActAsPersonError, as_person
from autosync.database.pool import Pool, open_pool
from factories import Factory
from signing import bearer, person_claims, service_claims, sign_with_secret, signed_in

NOBODY = UUID(int=7)


@pytest.fixture
def app(pool: Pool) -> FastAPI:
    return app_for(pool)


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer("Maya", "Lopez")


@pytest.fixture
async def otto(factory: Factory) -> UUID:
    return await factory.organizer("Otto", "Klein")


@pytest.fixture
async def client(app: FastAPI, maya: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with client_for(app, maya) as opened:
        yield opened


@pytest.fixture
async def other(app: FastAPI, otto: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Otto's."""
    async with client_for(app, otto) as opened:
        yield opened


def sentence(answer: httpx.Response) -> str:
    """The one sentence of a refusal."""
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (body["status"], body["error"]) == (answer.status_code, body["detail"])
    assert re.fullmatch(r"[^\n]+\.", body["detail"]), body
    return str(body["detail"])


def calls(sync: UUID = NOBODY, crew: UUID = NOBODY, contact: UUID = NOBODY) -> list[tuple[str, str, Any]]:
    """Every call of the API: verb, address, body."""
    return [
        ("GET", "/api/me", None),
        ("PUT", "/api/me", {"first_name": "Mia", "phone_number": "+12125550191", "timezone": "Europe/Paris"}),
        ("DELETE", "/api/me/sessions", None),
        ("POST", "/api/sign-in-links", None),
        ("GET", "/api/contacts", None),
        ("POST", "/api/contacts", {"first_name": "Zoe", "phone_number": "+12125550190"}),
        ("GET", f"/api/contacts/{contact}", None),
        ("PUT", f"/api/contacts/{contact}", {"first_name": "Zoe", "phone_number": "+12125550190"}),
        ("DELETE", f"/api/contacts/{contact}", None),
        ("POST", "/api/imports?crew=Friends", None),
        ("GET", "/api/crews", None),
        ("POST", "/api/crews", {"name": "Cooks"}),
        ("GET", f"/api/crews/{crew}", None),
        ("PUT", f"/api/crews/{crew}", {"name": "Bakers"}),
        ("PUT", f"/api/crews/{crew}/members/{contact}", None),
        ("DELETE", f"/api/crews/{crew}/members/{contact}", None),
        ("DELETE", f"/api/crews/{crew}", None),
        ("GET", "/api/calendar", None),
        ("GET", "/api/free-times?phrase=tomorrow+evening", None),
        ("PUT", "/api/calendar", {"day_ends": "22:00"}),
        ("DELETE", "/api/calendar", None),
        ("GET", "/api/syncs", None),
        ("POST", "/api/syncs", plan(crew)),
        ("POST", "/api/syncs/preview", plan(crew)),
        ("GET", f"/api/syncs/{sync}", None),
        ("POST", f"/api/syncs/{sync}/remind", None),
        ("POST", f"/api/syncs/{sync}/invite", {"option": 1}),
        ("POST", f"/api/syncs/{sync}/stop", None),
    ]


PARTS = {"syncs": "sync_id", "crews": "crew_id", "contacts": "contact_id"}


def as_described(path: str) -> str:
    """The address as the document has it, with the names of its parts."""
    for name, kind in (
        ("syncs", "sync_id"),
        ("crews", "crew_id"),
        ("contacts", "contact_id"),
        ("members", "contact_id"),
    ):
        path = path.replace(f"{name}/{NOBODY}", f"{name}/{{{kind}}}")
    return path.partition("?")[0]


async def test_every_call_of_the_document_is_tried_here(app: FastAPI) -> None:
    async with client_for(app) as anybody:
        document = (await anybody.get("/api/openapi.json")).json()
    described = {
        (verb.upper(), path) for path, verbs in document["paths"].items() for verb in verbs if path.startswith("/api")
    }
    tried = {(verb, as_described(path)) for verb, path, _ in calls()}
    assert tried == described


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer garbage"}, 401),
        ({"Authorization": "Basic bWF5YTpzZWNyZXQ="}, 401),
        ({"apikey": sign_with_secret(person_claims(NOBODY))}, 401),
        (bearer(sign_with_secret(person_claims(NOBODY), "x" * 32)), 401),
        (bearer(sign_with_secret(service_claims())), 403),
        (bearer(sign_with_secret(person_claims(NOBODY, role="anon"))), 403),
    ],
    ids=["nobody", "garbage", "another scheme", "another header", "forged", "the service", "anon"],
)
async def test_whoever_is_not_signed_in_is_refused_everywhere_and_nothing_is_written(
    app: FastAPI, factory: Factory, headers: dict[str, str], status: int
) -> None:
    sync = await factory.sync()
    crew = await factory.crew(sync.organizer, sync.contacts)
    before = await fingerprint(factory)

    async with client_for(app) as anybody:
        for verb, path, body in calls(sync.id, crew, sync.contacts[0]):
            answer = await anybody.request(verb, path, json=body, headers=headers)
            assert (verb, path, answer.status_code) == (verb, path, status)
            assert sentence(answer)
            assert ("WWW-Authenticate" in answer.headers) == (status == 401)

    assert await fingerprint(factory) == before


async def test_what_is_somebody_elses_is_not_there_and_stays_as_it_is(
    factory: Factory, maya: UUID, other: httpx.AsyncClient
) -> None:
    sync = await factory.sync(organizer=maya, status="paused")
    crew = await factory.crew(maya, sync.contacts)
    before = await fingerprint(factory)

    for verb, path, body in calls(sync.id, crew, sync.contacts[0]):
        if path.startswith("/api/imports") or (path.count("/") == 2 and not body):
            continue  # lists, and who one is: below
        if path in ("/api/me", "/api/me/sessions", "/api/contacts", "/api/crews", "/api/calendar"):
            continue  # what is one's own from the start
        answer = await other.request(verb, path, json=body)
        assert (verb, path, answer.status_code) == (verb, path, 404)
        assert "You have no" in sentence(answer)

    for path in ("/api/syncs", "/api/contacts", "/api/crews"):
        answer = await other.get(path)
        assert answer.status_code == 200
        assert list(answer.json().values()) == [[]]
    for path in (
        f"/api/syncs?before={sync.id}",
        f"/api/contacts?after={sync.contacts[0]}",
        f"/api/contacts?crew_id={crew}",
        f"/api/free-times?phrase=tomorrow+evening&crew_id={crew}",
    ):
        assert (await other.get(path)).status_code == 404
    assert await fingerprint(factory) == before


async def test_ones_own_contact_does_not_get_into_somebody_elses_crew_nor_theirs_into_ones_own(
    factory: Factory, maya: UUID, otto: UUID, client: httpx.AsyncClient
) -> None:
    own, foreign = await crew_of(factory, maya, "Ann"), await crew_of(factory, otto, "Ben")
    ann, ben = [await factory.one("select id from contacts where first_name = %s", name) for name in ("Ann", "Ben")]
    before = await fingerprint(factory)

    for crew, contact in ((own, ben), (foreign, ann), (foreign, ben), (own, uuid4())):
        assert (await client.put(f"/api/crews/{crew}/members/{contact}")).status_code == 404

    assert await fingerprint(factory) == before


async def test_row_level_security_itself_hides_what_is_somebody_elses(
    factory: Factory, pool: Pool, maya: UUID, otto: UUID
) -> None:
    for organizer in (maya, otto):
        sync = await factory.sync(organizer=organizer)
        await factory.crew(organizer, sync.contacts)
        await factory.answer(sync, sync.contacts[0], 1)
    claims = json.dumps(person_claims(maya))
    tables = ("profiles", "contacts", "crews", "crew_members", "auto_syncs", "auto_sync_options", "auto_sync_messages",
              "auto_sync_responses", "job_queue")  # fmt: skip

    for table in tables:
        named = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
        everybody = await factory.one(named.as_string())
        async with as_person(pool, claims) as connection:
            row = await (await connection.execute(named)).fetchone()
        assert row == (everybody // 2,), table
        assert everybody >= 2

    async with as_person(pool, claims) as connection:
        changed = await connection.execute("update auto_syncs set event_name = 'Mine'")
        assert changed.rowcount == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with as_person(pool, claims) as connection:
            await connection.execute("insert into contacts (user_id, first_name) values (%s, 'Eve')", [otto])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with as_person(pool, claims) as connection:
            await connection.execute("select * from auto_sync_suppressions")


async def test_a_connection_forgets_whom_it_acted_for(pool: Pool, maya: UUID) -> None:
    seen = set()
    for _ in range(30):
        async with as_person(pool, json.dumps(person_claims(maya))) as connection:
            seen.add(connection.info.backend_pid)
            row = await (await connection.execute("select current_user, auth.uid()")).fetchone()
            assert row == ("authenticated", maya)
        async with pool.connection() as connection:
            seen.add(connection.info.backend_pid)
            row = await (await connection.execute("select current_user <> 'authenticated', auth.uid()")).fetchone()
            assert row == (True, None)
    assert len(seen) < 60, "no connection was used for both"


async def test_where_our_database_role_may_not_act_for_people_the_api_says_so(
    factory: Factory, direct_url: str, maya: UUID
) -> None:
    role = f"limited_{uuid4().hex}"
    await factory.do(f"create role {role} login")
    try:
        async with open_pool(make_conninfo(direct_url, user=role)) as limited:
            async with client_for(app_for(limited), maya) as client:
                answer = await client.get("/api/me")
            with pytest.raises(CannotActAsPersonError, match="grant it that role"):
                async with as_person(limited, "{}"):
                    pass
    finally:
        await factory.do(f"drop role {role}")

    assert answer.status_code == 503
    assert "may not act for people" in sentence(answer)


async def test_one_is_told_who_one_is(client: httpx.AsyncClient, maya: UUID, app: FastAPI) -> None:
    answer = await client.get("/api/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(maya), "name": "Maya Lopez", "phone_number": answer.json()["phone_number"],
        "timezone": "America/New_York",
    }  # fmt: skip
    assert answer.json()["phone_number"].startswith("+1212")


async def test_an_account_without_a_profile_can_do_nothing_and_is_told_why(app: FastAPI, factory: Factory) -> None:
    before = await fingerprint(factory)
    async with client_for(app, uuid4()) as client:
        answers = [await client.request(verb, path, json=body) for verb, path, body in calls() if "import" not in path]
        brought = await client.post("/api/imports?crew=Friends", content="First Name,Phone\nAnn,212 555 0177\n")

    assert (brought.status_code, "no profile yet" in sentence(brought)) == (409, True)
    refused = {(answer.status_code, sentence(answer)) for answer in answers if answer.status_code != 200}
    assert {status for status, _ in refused} == {404, 409}
    assert {words for status, words in refused if status == 409} == {
        "This account has no profile yet, so it can have no crews.",
        "This account has no profile yet, so it can have no contacts.",
        "This account has no profile yet: say first who you are.",
        "Your account is gone: sign up again.",
    }
    assert await fingerprint(factory) == before


# Contacts


async def test_a_contact_is_added_once_however_its_number_is_written(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    first = await client.post("/api/contacts", json={"first_name": " Ann ", "phone_number": "(212) 555-0190"})
    again = await client.post("/api/contacts", json={"first_name": "Annie", "phone_number": "+1 212 555 0190"})

    assert first.status_code == 201
    assert first.json() == {
        "id": first.json()["id"], "first_name": "Ann", "last_name": "", "phone_number": "+12125550190", "email": None,
    }  # fmt: skip
    assert (again.status_code, again.json()) == (200, first.json())
    assert await factory.rows("select user_id, first_name from contacts") == [(maya, "Ann")]


async def test_the_same_contact_added_many_times_at_once_is_one(client: httpx.AsyncClient, factory: Factory) -> None:
    body = {"first_name": "Ann", "phone_number": "+12125550190"}

    answers = await asyncio.gather(*(client.post("/api/contacts", json=body) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert await factory.one("select count(*) from contacts") == 1


async def test_contacts_are_listed_by_name_a_page_at_a_time(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    for first, last in (("Dev", None), ("Ann", "Z"), ("Ann", "B"), ("Ann", None), ("Ben", "A"), ("Ann", "B")):
        await factory.contact(maya, first, last_name=last)
    seen: list[tuple[str, str | None]] = []
    after: dict[str, str] = {}
    pages = 0

    while page := (await client.get("/api/contacts", params={"limit": "2", **after})).json()["contacts"]:
        seen += [(contact["first_name"], contact["last_name"]) for contact in page]
        after = {"after": page[-1]["id"]}
        pages += 1

    assert seen == [("Ann", None), ("Ann", "B"), ("Ann", "B"), ("Ann", "Z"), ("Ben", "A"), ("Dev", None)]
    assert pages == 3


async def test_a_contact_who_was_asked_can_be_deleted_with_all_that_hangs_on_them(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    sync = await factory.sync(organizer=maya)
    await factory.answer(sync, sync.contacts[0], 1)

    assert (await client.delete(f"/api/contacts/{sync.contacts[0]}")).status_code == 204

    assert await factory.one("select count(*) from auto_sync_responses") == 0
    assert await factory.one("select count(*) from contacts") == 2
    assert (await client.delete(f"/api/contacts/{sync.contacts[0]}")).status_code == 404


# Crews


async def test_a_crew_is_made_filled_and_emptied(client: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    ann, ben = await factory.contact(maya, "Ann"), await factory.contact(maya, "Ben")
    made = await client.post("/api/crews", json={"name": " Cooks "})
    crew = made.json()["id"]
    assert (made.status_code, made.json()["name"], made.json()["members"]) == (201, "Cooks", [])

    for contact in (ann, ben, ben):
        assert (await client.put(f"/api/crews/{crew}/members/{contact}")).status_code == 204
    assert (await client.get("/api/crews")).json() == {"crews": [{"id": crew, "name": "Cooks", "members": 2}]}
    for _ in range(2):
        assert (await client.delete(f"/api/crews/{crew}/members/{ann}")).status_code == 204
    shown = await client.get(f"/api/crews/{crew}")
    again = await client.post("/api/crews", json={"name": "Cooks"})

    assert [member["contact_id"] for member in shown.json()["members"]] == [str(ben)]
    assert (again.status_code, again.json()) == (200, shown.json())


async def test_contacts_are_searched_and_those_of_a_crew_listed(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    crew = await crew_of(factory, maya, "Ann", "Ben")
    await factory.contact(maya, "Annika", last_name="Berg")

    async def names(**asked: str) -> list[str]:
        answer = await client.get("/api/contacts", params=asked)
        return [contact["first_name"] for contact in answer.json()["contacts"]]

    assert await names(search="ann") == ["Ann", "Annika"]
    assert await names(search="berg") == ["Annika"]
    assert await names(crew_id=str(crew)) == ["Ann", "Ben"]
    assert await names(crew_id=str(crew), search="ann") == ["Ann"]
    assert await names(search="nobody") == []


async def test_a_contact_is_shown_and_written_anew(client: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    ann, ben = [await factory.contact(maya, name) for name in ("Ann", "Ben")]
    bens = (await client.get(f"/api/contacts/{ben}")).json()
    body = {"first_name": " Anna ", "last_name": "Lee", "phone_number": "(212) 555-0177", "email": "anna@example.org"}

    written = await client.put(f"/api/contacts/{ann}", json=body)
    taken = await client.put(f"/api/contacts/{ann}", json=body | {"phone_number": bens["phone_number"]})
    unusable = await client.put(f"/api/contacts/{ann}", json=body | {"phone_number": "call me"})

    assert (written.status_code, written.json()) == (
        200,
        {"id": str(ann), "first_name": "Anna", "last_name": "Lee", "phone_number": "+12125550177"}
        | {"email": "anna@example.org"},
    )
    assert (taken.status_code, unusable.status_code) == (409, 422)
    assert "as that of Ben" in sentence(taken)
    assert (await client.get(f"/api/contacts/{ann}")).json() == written.json()


async def test_a_crew_is_renamed_and_deleted_and_its_people_stay(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    friends = await crew_of(factory, maya, "Ann")
    await client.post("/api/crews", json={"name": "Cooks"})

    renamed = await client.put(f"/api/crews/{friends}", json={"name": "Old friends"})
    taken = await client.put(f"/api/crews/{friends}", json={"name": "Cooks"})
    deleted = await client.delete(f"/api/crews/{friends}")

    assert (renamed.json()["name"], [m["name"] for m in renamed.json()["members"]]) == ("Old friends", ["Ann"])
    assert (taken.status_code, deleted.status_code) == (409, 204)
    assert [crew["name"] for crew in (await client.get("/api/crews")).json()["crews"]] == ["Cooks"]
    assert [c["first_name"] for c in (await client.get("/api/contacts")).json()["contacts"]] == ["Ann"]


async def test_a_profile_is_written_anew_also_for_an_account_that_has_none_yet(
    app: FastAPI, client: httpx.AsyncClient, factory: Factory
) -> None:
    body = {"first_name": "Mia", "last_name": "Lopez", "phone_number": "212 555 0191", "timezone": "Europe/Paris"}
    newcomer = uuid4()
    await factory.do("insert into auth.users (id) values (%s)", newcomer)

    written = await client.put("/api/me", json=body)
    nowhere = await client.put("/api/me", json=body | {"timezone": "Mars/Base"})
    async with client_for(app, newcomer) as new, client_for(app, uuid4()) as ghost:
        first = await new.put("/api/me", json=body)
        gone = await ghost.put("/api/me", json=body)

    said = {"name": "Mia Lopez", "phone_number": "+12125550191", "timezone": "Europe/Paris"}
    assert {**written.json(), "id": None} == {**first.json(), "id": None} == {"id": None, **said}
    assert (nowhere.status_code, gone.status_code) == (422, 409)
    assert "'Mars/Base' is unknown" in sentence(nowhere)


async def test_an_address_book_goes_into_a_crew_once_and_bad_rows_are_told(
    client: httpx.AsyncClient, factory: Factory
) -> None:
    file = "First Name,Phone\nAnn,212 555 0177\nBen,nonsense\nCleo,212 555 0178\n"
    headers = {"Content-Type": "text/csv"}

    first = await client.post("/api/imports?crew=Friends", content=file, headers=headers)
    again = await client.post("/api/imports?crew=Friends", content=file, headers=headers)
    garbage = await client.post("/api/imports?crew=Friends", content=b"\xff\x00\x01", headers=headers)
    large = await client.post("/api/imports?crew=Friends", content=b"x" * (2 * 1024 * 1024 + 1), headers=headers)

    assert [first.json()[name] for name in ("crew_name", "added", "known", "joined")] == ["Friends", 2, 0, 2]
    assert [row["line"] for row in first.json()["bad_rows"]] == [3]
    assert [again.json()[name] for name in ("added", "known", "joined")] == [0, 2, 0]
    assert (garbage.status_code, large.status_code) == (422, 413)
    assert "larger than 2 MB" in sentence(large)
    assert await factory.one("select count(*) from contacts") == 2


# What cannot be used


def contact_body(**changes: Any) -> dict[str, Any]:
    return {"first_name": "Ann", "phone_number": "+12125550190", **changes}


UNUSABLE: list[tuple[str, Any, str]] = [
    ("/api/contacts", None, "the body is missing"),
    ("/api/contacts", [], "the body"),
    ("/api/contacts", {}, "first_name is missing; phone_number is missing"),
    ("/api/contacts", contact_body(first_name="  "), "no first name"),
    ("/api/contacts", contact_body(first_name=7), "first_name should be a valid string"),
    ("/api/contacts", contact_body(first_name="x" * 101), "first_name should have at most 100 characters"),
    ("/api/contacts", contact_body(first_name="A\0nn"), "first_name should be on one line"),
    ("/api/contacts", contact_body(first_name="A\nnn"), "first_name should be on one line"),
    ("/api/contacts", contact_body(phone_number="call me"), "'call me'"),
    ("/api/contacts", contact_body(phone_number="911"), "too short"),
    ("/api/contacts", contact_body(phone_number=2125550190), "phone_number should be a valid string"),
    ("/api/contacts", contact_body(nickname="A"), "nickname is not known here"),
    ("/api/contacts", contact_body(**{f"f{n}": 1 for n in range(9)}), "; and 4 more"),
    ("/api/contacts", contact_body(id=str(NOBODY)), "id is not known here"),
    ("/api/crews", {"name": ""}, "name should have at least 1 character"),
    ("/api/crews", {"name": "  "}, "1 to 100 characters"),
    ("/api/crews", {"name": "x" * 101}, "name should have at most 100 characters"),
]


async def test_a_body_that_cannot_be_used_is_refused_by_the_name_of_its_field(
    client: httpx.AsyncClient, factory: Factory
) -> None:
    before = await fingerprint(factory)

    for path, body, said in UNUSABLE:
        answer = await client.post(path, json=body)
        assert (body, answer.status_code) == (body, 422)
        assert said in sentence(answer)

    assert await fingerprint(factory) == before


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 422),
        (b"\xff\xfe", (400, 422)),
        (b'{"name": "\\ud800"}', 422),
        (b'{"\\ud800": 1, "name": "x"}', 422),
        (b'{"name": ' + b"[" * 60_000, (400, 422)),
        (b'{"name": ' + b"1" * 60_000 + b"}", (400, 422)),
        (b'{"name": NaN}', 422),
        (b'{"name": 1e999}', 422),
        (b'{"name": "' + b"x" * 70_000 + b'"}', 413),
        (b"name=Cooks", 422),
    ],
    ids=["cut", "no text", "half a character", "half a name", "nested", "huge", "NaN", "endless", "large", "form"],
)
async def test_bytes_that_are_no_request_are_refused_in_one_sentence(
    client: httpx.AsyncClient, factory: Factory, content: bytes, status: int | tuple[int, ...]
) -> None:
    answer = await client.post("/api/crews", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code in (status if isinstance(status, tuple) else (status,))
    assert sentence(answer)
    assert await factory.one("select count(*) from crews") == 0


async def test_no_call_reads_a_body_further_than_it_can_be_of_use(client: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 1000:
            read += 1
            yield b"x" * 1024

    for verb, path, _ in calls():
        if path.startswith("/api/imports"):
            continue  # files are larger; below
        read = 0
        answer = await client.request(verb, path, content=endless(), headers={"Content-Type": "application/json"})
        assert (verb, path, answer.status_code) == (verb, path, 413)
        assert read < 100


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/contacts?limit=0", "limit should be greater than or equal to 1"),
        ("/api/contacts?limit=100000000000000000000000", "limit should be less than or equal to 500"),
        ("/api/contacts?limit=x", "limit should be a valid integer"),
        ("/api/contacts?after=x", "after should be a valid UUID"),
        ("/api/syncs?before=%00", "before should be a valid UUID"),
        ("/api/syncs?status=dreaming", "status should be 'running'"),
        ("/api/syncs/1", "sync_id should be a valid UUID"),
        ("/api/crews/%ED%A0%80", "crew_id should be a valid UUID"),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused_by_the_name_of_its_part(
    client: httpx.AsyncClient, path: str, said: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 422
    assert said in sentence(answer)


@pytest.mark.parametrize(("verb", "path", "status"), [("GET", "/api/nothing", 404), ("PATCH", "/api/me", 405)])
async def test_what_is_not_there_is_refused_in_the_same_shape(
    client: httpx.AsyncClient, verb: str, path: str, status: int
) -> None:
    answer = await client.request(verb, path)
    assert answer.status_code == status
    assert sentence(answer)
    assert ("Allow" in answer.headers) == (status == 405)


async def test_a_database_that_refuses_a_write_by_its_policies_answers_403(
    client: httpx.AsyncClient, factory: Factory
) -> None:
    await factory.do("drop policy crews_own on crews")
    await factory.do("create policy crews_read_only on crews for select to authenticated using (true)")

    answer = await client.post("/api/crews", json={"name": "Cooks"})

    assert answer.status_code == 403
    assert sentence(answer)


async def test_a_person_is_the_one_of_their_token_whatever_else_they_send(
    app: FastAPI, factory: Factory, maya: UUID, otto: UUID
) -> None:
    headers = {**signed_in(otto), "apikey": sign_with_secret(service_claims()), "X-User": str(maya)}
    async with client_for(app) as client:
        assert (await client.get("/api/me", headers=headers)).json()["id"] == str(otto)
