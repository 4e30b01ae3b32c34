"""POST /functions/v1/process-auto-sync-jobs and health, in process and under a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from autosync.database.pool import Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from autosync.web.app import create_app
from autosync.web.signing_keys import SigningKeys
from autosync.web.tokens import Tokens
from factories import Factory
from signing import SECRET, bearer, person_claims, service_claims, sign, sign_with_secret
from waiting import until

KEY = "a-service-key-of-the-tests"
PATH = "/functions/v1/process-auto-sync-jobs"


def client_for(pool: Pool, service_key: str | None = KEY, *, tokens: Tokens | None = None) -> httpx.AsyncClient:
    """A client that speaks to the application directly."""
    gateway = RecordGateway()
    app = create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        worker=None,
        service_key=SecretStr(service_key) if service_key is not None else None,
        tokens=tokens,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


@pytest.fixture
async def client(pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(pool) as opened:
        yield opened


@pytest.mark.parametrize(
    "headers", [{"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}, {"apikey": KEY}]
)
async def test_a_caller_with_the_key_has_what_is_due_done_and_is_told_what(
    factory: Factory, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    sync = await factory.sync(invitees=2)
    await factory.make_due(sync.id, "reminder_24h")

    answer = await client.post(PATH, headers=headers)

    assert answer.status_code == 200
    assert answer.json() == {
        "processed": 1, "skipped": 0, "retried": 0, "failed": 0, "messages": 3, "remaining": 0,
    }  # fmt: skip
    assert len(await factory.texts(sync.id, "reminder")) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"apikey": ""},
        {"apikey": KEY + "x"},
        {"apikey": KEY[:-1]},
    ],
)
async def test_a_caller_without_the_key_is_refused_and_nothing_is_done(
    factory: Factory, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")

    answer = await client.post(PATH, headers=headers)

    assert answer.status_code == 401
    assert KEY not in answer.text
    assert await factory.texts(sync.id, "reminder") == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (bearer(sign_with_secret(service_claims())), 200),
        ({"apikey": sign_with_secret(service_claims())}, 200),
        ({"apikey": sign_with_secret(service_claims(role="anon")), **bearer(sign_with_secret(service_claims()))}, 200),
        (bearer(sign_with_secret(person_claims(uuid4()))), 403),
        ({"apikey": sign_with_secret(service_claims(role="anon"))}, 403),
        (bearer(sign_with_secret(service_claims(), "x" * 32)), 401),
        (bearer(sign_with_secret(service_claims(exp=1))), 401),
        ({"apikey": "not.a.token"}, 401),
        (bearer(sign(service_claims(), ECKey.generate_key("P-256"), "ES256")), 503),
    ],
    ids=["bearer", "apikey", "beside anon's key", "a person", "anon", "forged", "expired", "no token", "keys away"],
)
async def test_supabases_own_service_token_counts_as_the_key_and_no_other(
    factory: Factory, pool: Pool, unused_port: int, headers: dict[str, str], status: int
) -> None:
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")
    away = SigningKeys(f"http://127.0.0.1:{unused_port}/keys")

    async with client_for(pool, tokens=Tokens(secret=SecretStr(SECRET), keys=away)) as client:
        answer = await client.post(PATH, headers=headers)

    assert answer.status_code == status
    assert (await factory.texts(sync.id, "reminder") != []) == (status == 200)
    assert status == 200 or answer.json()["status"] == status


@pytest.mark.parametrize("service_key", [None, ""])
async def test_without_a_service_key_everyone_is_refused(pool: Pool, service_key: str | None) -> None:
    async with client_for(pool, service_key) as client:
        for headers in ({"apikey": ""}, {"apikey": "anything"}, {"Authorization": "Bearer None"}, {}):
            assert (await client.post(PATH, headers=headers)).status_code == 401


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "PATCH"])
async def test_another_verb_is_not_allowed(client: httpx.AsyncClient, verb: str) -> None:
    answer = await client.request(verb, PATH, headers={"apikey": KEY})
    assert answer.status_code == 405


async def test_with_nothing_due_all_counts_are_zero(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, headers={"apikey": KEY})
    assert set(answer.json().values()) == {0}


async def test_a_database_that_is_away_is_a_503_in_one_sentence_and_back_again_is_a_200(
    database_url: str, server_url: str
) -> None:
    name = conninfo_to_dict(database_url)["dbname"]
    async with open_pool(database_url, patience=1) as pool, client_for(pool) as client, connect(server_url) as admin:
        assert (await client.post(PATH, headers={"apikey": KEY})).status_code == 200
        await admin.execute(f'alter database "{name}" allow_connections false'.encode())
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])

        for answer in (await client.post(PATH, headers={"apikey": KEY}), await client.get("/health/ready")):
            assert answer.status_code == 503
            assert answer.json()["detail"] == "The database is away; try again later."

        await admin.execute(f'alter database "{name}" allow_connections true'.encode())

        async def is_back() -> bool:
            return (await client.post(PATH, headers={"apikey": KEY})).status_code == 200

        await until(is_back)


async def test_health_tells_the_age_of_the_oldest_due_job(factory: Factory, client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    sync = await factory.sync()
    await factory.do(
        "update job_queue set scheduled_at = now() - interval '90 seconds' where sync_id = %s"
        " and job_type = 'reminder_24h'",
        sync.id,
    )

    answer = await client.get("/health/ready")

    assert answer.status_code == 200
    assert 90 <= answer.json()["oldest_due_job_seconds"] < 150


async def test_an_older_schema_is_not_ready(factory: Factory, client: httpx.AsyncClient) -> None:
    newest = await factory.one("select max(version) from supabase_migrations.schema_migrations")
    await factory.do("delete from supabase_migrations.schema_migrations where version = %s", newest)

    answer = await client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["missing_migrations"] == [newest]
    assert answer.json()["waits_for"] == [f"The schema lacks {newest}: `autosync migrate` brings it up."]


async def test_the_openapi_document_names_the_endpoint(client: httpx.AsyncClient) -> None:
    document = (await client.get("/api/openapi.json")).json()
    assert "post" in document["paths"][PATH]
