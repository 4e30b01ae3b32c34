"""Whose token is believed: only who signed with the right key, in the right way, for here, for now."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr, ValidationError

from autosync.settings import Settings
from autosync.web.callers import Callers
from autosync.web.errors import NotAllowedError
from autosync.web.signing_keys import SigningKeys
from autosync.web.tokens import LEEWAY, Tokens
from key_server import KeyServer, run_key_server
from signing import SECRET, encoded, person_claims, service_claims, sign, sign_with_secret
from waiting import until

ANN = uuid4()
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig", "alg": "ES256"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig", "alg": "RS256"})
STRANGER = ECKey.generate_key("P-256", {"kid": "ec-1"})
SERVICE_KEY = "the-service-key-of-the-tests"
NOW = time.time()


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    with run_key_server() as server:
        server.publish(EC, RSA)
        yield server


@pytest.fixture
def tokens(key_server: KeyServer) -> Tokens:
    """Tokens that know the secret and the published keys."""
    return Tokens(secret=SecretStr(SECRET), keys=SigningKeys(key_server.url))


def callers(tokens: Tokens, service_key: str | None = SERVICE_KEY) -> Callers:
    return Callers(SecretStr(service_key) if service_key is not None else None, tokens)


async def refusal(tokens: Tokens, token: str) -> tuple[int, str]:
    """How somebody with this token is refused as a person, and that nothing secret is in the sentence."""
    with pytest.raises(NotAllowedError) as refused:
        await callers(tokens).admit_person(token)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert SECRET not in sentence
    assert token not in sentence or not token
    return refused.value.status, sentence


@pytest.mark.parametrize(
    ("key", "algorithm", "header"),
    [
        (OctKey.import_key(SECRET), "HS256", {}),
        (EC, "ES256", {"kid": "ec-1"}),
        (RSA, "RS256", {"kid": "rsa-1"}),
        (EC, "ES256", {}),
    ],
    ids=["secret", "elliptic", "rsa", "the only key of its kind needs no name"],
)
async def test_a_person_is_known_by_a_token_of_any_kind_that_supabase_signs(
    tokens: Tokens, key: OctKey | ECKey | RSAKey, algorithm: str, header: dict[str, str]
) -> None:
    person = await callers(tokens).admit_person(sign(person_claims(ANN), key, algorithm, **header))

    assert person.id == ANN
    assert '"role": "authenticated"' in person.claims


async def test_an_audience_may_be_one_of_several(tokens: Tokens) -> None:
    token = sign_with_secret(person_claims(ANN, aud=["elsewhere", "authenticated"]))
    assert (await callers(tokens).admit_person(token)).id == ANN


def _public_pem(key: ECKey | RSAKey) -> bytes:
    return key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _by_hmac(secret: bytes, **header: Any) -> str:
    """Signed with whatever bytes, as the library itself would refuse to."""
    text = f"{encoded({'alg': 'HS256', 'typ': 'JWT', **header})}.{encoded(person_claims(ANN))}"
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def _with_parts(token: str, **parts: str) -> str:
    header, claims, signature = token.split(".")
    return ".".join({"header": header, "claims": claims, "signature": signature, **parts}.values())


GOOD = sign_with_secret(person_claims(ANN))
GOOD_EC = sign(person_claims(ANN), EC, "ES256", kid="ec-1")
UNSIGNED = f"{encoded({'alg': 'none'})}.{encoded(person_claims(ANN))}."
OWN_KEY = ECKey.generate_key("P-256")

ATTACKS = {
    "nothing": "",
    "words": "let me in",
    "two parts": "a.b",
    "three empty parts": "..",
    "four parts": GOOD + ".x",
    "five parts, as of an encrypted one": "a.b.c.d.e",
    "no JSON": "AAAA.AAAA.AAAA",
    "JSON that is no object": f"{encoded([])}.{encoded([])}.AAAA",
    "bytes that are no text": f"{encoded(bytes([0xFF, 0xFE]))}.AAAA.AAAA",
    "characters of no alphabet": "é.é.é",
    "half a character": "\ud800.a.b",
    "deep nesting": f"{encoded(b'[' * 9000)}.AAAA.AAAA",
    "far too long": "A" * 100_000 + ".B.C",
    "unsigned": UNSIGNED,
    "unsigned, in capitals": f"{encoded({'alg': 'None'})}.{encoded(person_claims(ANN))}.",
    "no algorithm": f"{encoded({'typ': 'JWT'})}.{encoded(person_claims(ANN))}.AAAA",
    "an algorithm that is a list": f"{encoded({'alg': ['HS256']})}.{encoded(person_claims(ANN))}.AAAA",
    "an algorithm that is nothing": f"{encoded({'alg': None})}.{encoded(person_claims(ANN))}.AAAA",
    "the signature left out": _with_parts(GOOD, signature=""),
    "the header of an unsigned one": _with_parts(GOOD, header=encoded({"alg": "none"})),
    "claims changed": _with_parts(GOOD, claims=encoded(person_claims(uuid4()))),
    "another signature": _with_parts(GOOD, signature=sign_with_secret(person_claims(uuid4())).split(".")[2]),
    "another secret": sign_with_secret(person_claims(ANN), "x" * 40),
    "an empty secret": _by_hmac(b""),
    "HS256 with the published key as PEM": _by_hmac(_public_pem(EC), kid="ec-1"),
    "HS256 with the published RSA key as PEM": _by_hmac(_public_pem(RSA), kid="rsa-1"),
    "HS256 with the published key as JSON": _by_hmac(str(EC.as_dict(private=False)).encode(), kid="ec-1"),
    "HS512 with the right secret": sign(person_claims(ANN), OctKey.import_key(SECRET), "HS512"),
    "RS512 with the right key": sign(
        person_claims(ANN), RSAKey.import_key(RSA.as_pem(private=True)), "RS512", kid="rsa-1"
    ),
    "PS256 with the right key": sign(
        person_claims(ANN), RSAKey.import_key(RSA.as_pem(private=True)), "PS256", kid="rsa-1"
    ),
    "the name of a key that somebody else has": sign(person_claims(ANN), STRANGER, "ES256", kid="ec-1"),
    "no name, and somebody else's key": sign(
        person_claims(ANN), ECKey.import_key(STRANGER.as_pem(private=True)), "ES256"
    ),
    "a key that is not published": sign(person_claims(ANN), OWN_KEY, "ES256", kid="ec-9"),
    "a key of another kind": sign(person_claims(ANN), OWN_KEY, "ES256", kid="rsa-1"),
    "the key brought along": sign(person_claims(ANN), OWN_KEY, "ES256", jwk=OWN_KEY.as_dict(private=False)),
    "the address of keys brought along": sign(
        person_claims(ANN), OWN_KEY, "ES256", jku="https://example.org/keys", kid="ec-9"
    ),
    "a name that is a path": sign(person_claims(ANN), OWN_KEY, "ES256", kid="../../etc/passwd"),
    "a name that is no text": f"{encoded({'alg': 'ES256', 'kid': 7})}.{encoded(person_claims(ANN))}.AAAA",
    "ES256 labelled RS256": _with_parts(GOOD_EC, header=encoded({"alg": "RS256", "kid": "ec-1"})),
    "a critical extension": _by_hmac(SECRET.encode(), crit=["new"], new=1),
    "expired": sign_with_secret(person_claims(ANN, exp=int(NOW) - LEEWAY - 5)),
    "no expiry": sign_with_secret(person_claims(ANN, exp=None)),
    "an expiry in words": sign_with_secret(person_claims(ANN, exp="tomorrow")),
    "an expiry that is true": sign_with_secret(person_claims(ANN, exp=True)),
    "an expiry that is no number": sign_with_secret(person_claims(ANN, exp=float("nan"))),
    "an endless expiry": sign_with_secret(person_claims(ANN, exp=float("inf"))),
    "not valid yet": sign_with_secret(person_claims(ANN, nbf=int(NOW) + 90_000, exp=int(NOW) + 99_000)),
    "issued in the future": sign_with_secret(person_claims(ANN, iat=int(NOW) + 90_000, exp=int(NOW) + 99_000)),
    "another audience": sign_with_secret(person_claims(ANN, aud="elsewhere")),
    "an audience that only begins so": sign_with_secret(person_claims(ANN, aud="authenticated2")),
    "no audience": sign_with_secret(person_claims(ANN, aud=None)),
    "an audience that is an object": sign_with_secret(person_claims(ANN, aud={"authenticated": 1})),
    "no subject": sign_with_secret(person_claims(ANN, sub=None)),
    "a subject that is no id": sign_with_secret(person_claims(ANN, sub="ann")),
    "a subject that is a number": sign_with_secret(person_claims(ANN, sub=1)),
    "a subject in braces": sign_with_secret(person_claims(ANN, sub=f"{{{ANN}}}")),
    "a character that the database cannot hold": sign_with_secret(person_claims(ANN, user_metadata={"name": "a\0b"})),
    "a number that the database cannot hold": sign_with_secret(person_claims(ANN, user_metadata=float("inf"))),
}


@pytest.mark.parametrize("token", ATTACKS.values(), ids=ATTACKS)
async def test_a_token_that_proves_nothing_is_refused_in_one_sentence(tokens: Tokens, token: str) -> None:
    status, _ = await refusal(tokens, token)
    assert status == 401


@pytest.mark.parametrize("role", ["service_role", "anon", None, ["authenticated"]])
async def test_a_valid_token_of_another_role_is_no_persons(tokens: Tokens, role: object) -> None:
    status, sentence = await refusal(tokens, sign_with_secret(person_claims(ANN, role=role)))
    assert (status, "role is not authenticated" in sentence) == (403, True)


async def test_the_clocks_of_two_machines_may_differ_a_little(key_server: KeyServer) -> None:
    tokens = Tokens(secret=SecretStr(SECRET), keys=None, now=lambda: NOW)
    just = {"exp": int(NOW) - LEEWAY + 2, "iat": int(NOW) + LEEWAY - 2, "nbf": int(NOW) + LEEWAY - 2}
    fitting = {"exp": int(NOW) + 60, "iat": int(NOW)}

    assert await tokens.read(sign_with_secret(person_claims(ANN, **just)))
    for claim, second in (("exp", int(NOW) - LEEWAY), ("iat", int(NOW) + LEEWAY + 2), ("nbf", int(NOW) + LEEWAY + 2)):
        with pytest.raises(NotAllowedError):
            await tokens.read(sign_with_secret(person_claims(ANN, **{**fitting, claim: second})))


async def test_a_token_expires_while_it_is_used() -> None:
    clock = [NOW]
    tokens = Tokens(secret=SecretStr(SECRET), keys=None, now=lambda: clock[0])
    token = sign_with_secret(person_claims(ANN, exp=int(NOW) + 60, iat=int(NOW)))
    assert await tokens.read(token)

    clock[0] += 60 + LEEWAY

    with pytest.raises(NotAllowedError, match="expired: sign in again"):
        await tokens.read(token)


async def test_without_the_secret_nothing_signed_with_it_counts_and_without_keys_nothing_else(
    key_server: KeyServer,
) -> None:
    only_keys = Tokens(secret=None, keys=SigningKeys(key_server.url))
    only_secret = Tokens(secret=SecretStr(SECRET), keys=None)

    assert (await refusal(only_keys, GOOD))[0] == 401
    assert (await refusal(only_secret, GOOD_EC))[0] == 401
    assert await only_keys.read(GOOD_EC)
    assert await only_secret.read(GOOD)


async def test_with_nothing_to_verify_with_everybody_is_refused_and_told_why() -> None:
    status, sentence = await refusal(Tokens(secret=None, keys=None), GOOD)
    assert (status, "AUTOSYNC_JWT_SECRET" in sentence) == (401, True)


# Published keys


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def test_keys_are_fetched_once_and_kept(key_server: KeyServer) -> None:
    clock = Clock()
    keys = SigningKeys(key_server.url, clock=clock)

    for _ in range(20):
        assert await keys.find("ES256", "ec-1")
        assert await keys.find("RS256", "rsa-1")
    assert key_server.asked == 1

    clock.seconds += 599
    assert await keys.find("ES256", "ec-1")
    assert key_server.asked == 1
    clock.seconds += 2
    assert await keys.find("ES256", "ec-1")
    assert key_server.asked == 2


async def test_a_new_key_is_found_though_not_more_often_than_every_half_minute(key_server: KeyServer) -> None:
    clock = Clock()
    keys = SigningKeys(key_server.url, clock=clock)
    await keys.find("ES256", "ec-1")
    new = ECKey.generate_key("P-256", {"kid": "ec-2"})
    key_server.publish(EC, new)

    assert await keys.find("ES256", "ec-2") is None
    clock.seconds += 30
    assert await keys.find("ES256", "ec-2")
    assert key_server.asked == 2


async def test_invented_names_do_not_flood_the_address(key_server: KeyServer) -> None:
    clock = Clock()
    keys = SigningKeys(key_server.url, clock=clock)

    for number in range(300):
        assert await keys.find("ES256", f"invented-{number}") is None
        clock.seconds += 1

    assert key_server.asked == 10


async def test_many_who_ask_at_once_make_one_request(key_server: KeyServer) -> None:
    keys = SigningKeys(key_server.url)
    key_server.hold.clear()
    asking = [asyncio.create_task(keys.find("ES256", "ec-1")) for _ in range(50)]
    await until(key_server.was_asked)
    key_server.hold.set()

    assert all(await asyncio.gather(*asking))
    assert key_server.asked == 1


async def test_who_has_a_known_key_does_not_wait_while_the_keys_are_fetched_again(key_server: KeyServer) -> None:
    clock = Clock()
    keys = SigningKeys(key_server.url, clock=clock)
    await keys.find("ES256", "ec-1")
    key_server.hold.clear()
    clock.seconds += 31
    waiting = asyncio.create_task(keys.find("ES256", "invented"))
    await until(partial(key_server.was_asked, times=2))
    clock.seconds += 600

    assert await keys.find("ES256", "ec-1")
    assert not waiting.done()
    key_server.hold.set()
    assert await waiting is None


async def test_a_key_that_is_withdrawn_counts_no_more_once_the_keys_were_fetched(key_server: KeyServer) -> None:
    clock = Clock()
    keys = SigningKeys(key_server.url, clock=clock)
    await keys.find("ES256", "ec-1")
    key_server.publish(RSA)

    clock.seconds += 601

    assert await keys.find("ES256", "ec-1") is None


async def test_known_keys_hold_for_an_hour_while_the_address_is_away_and_then_no_longer(key_server: KeyServer) -> None:
    clock = Clock()
    tokens = Tokens(secret=None, keys=SigningKeys(key_server.url, clock=clock))
    await tokens.read(GOOD_EC)
    key_server.status = 500

    clock.seconds += 3599
    assert await tokens.read(GOOD_EC)
    clock.seconds += 1
    with pytest.raises(NotAllowedError, match="cannot be verified now") as away:
        await tokens.read(GOOD_EC)
    assert away.value.status == 503

    key_server.status = 200
    clock.seconds += 30
    assert await tokens.read(GOOD_EC)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 404},
        {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}},
        {"body": b""},
        {"body": b"<html>"},
        {"body": b"[]"},
        {"body": b'{"keys": 1}'},
        {"body": b"\xff\xfe"},
        {"body": b"[" * 100_000},
        {"body": b'{"keys": []}' + b" " * 300_000},
    ],
    ids=str,
)
async def test_an_address_that_does_not_give_keys_is_away(key_server: KeyServer, fault: dict[str, Any]) -> None:
    for name, value in fault.items():
        setattr(key_server, name, value)

    tokens = Tokens(secret=None, keys=SigningKeys(key_server.url))

    assert (await refusal(tokens, GOOD_EC))[0] == 503


async def test_an_address_where_nobody_listens_is_away(unused_port: int) -> None:
    tokens = Tokens(secret=None, keys=SigningKeys(f"http://127.0.0.1:{unused_port}/keys"))
    assert (await refusal(tokens, GOOD_EC))[0] == 503


async def test_keys_of_other_kinds_and_broken_ones_are_passed_over(key_server: KeyServer) -> None:
    secret = OctKey.import_key("published-by-mistake-and-so-not-secret", {"kid": "oct-1"})
    key_server.keys = [
        secret.as_dict(private=True), {"kty": "EC", "kid": "ec-1"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "n": 1, "e": 2}, {"kty": "new"}, {"kty": []}, {}, None, 7, EC.as_dict(private=False),
    ]  # fmt: skip
    tokens = Tokens(secret=None, keys=SigningKeys(key_server.url))

    assert await tokens.read(GOOD_EC)
    status, _ = await refusal(tokens, sign(person_claims(ANN), secret, "HS256", kid="oct-1"))
    assert status == 401


@pytest.mark.parametrize("parameters", [{"use": "enc"}, {"alg": "ES512"}, {"key_ops": ["deriveKey"]}])
async def test_a_key_that_is_published_for_something_else_verifies_nothing(
    key_server: KeyServer, parameters: dict[str, Any]
) -> None:
    other = {**EC.as_dict(private=False), **parameters}
    key_server.keys = [{k: v for k, v in other.items() if k != "use" or "key_ops" not in parameters}]
    tokens = Tokens(secret=None, keys=SigningKeys(key_server.url))

    assert (await refusal(tokens, GOOD_EC))[0] == 401


# The service


@pytest.mark.parametrize(
    "presented",
    [
        [SERVICE_KEY],
        ["wrong", SERVICE_KEY],
        [sign_with_secret(service_claims())],
        [sign(service_claims(), EC, "ES256", kid="ec-1")],
        [GOOD, sign_with_secret(service_claims())],
        [sign_with_secret(service_claims(role="anon")), sign_with_secret(service_claims())],
    ],
    ids=["key", "key beside a wrong one", "token", "token by a published key", "beside a person's", "beside anon's"],
)
async def test_the_service_is_known_by_its_key_or_its_token(tokens: Tokens, presented: list[str]) -> None:
    assert await callers(tokens).admit_service(presented) is None


@pytest.mark.parametrize(
    ("presented", "status"),
    [
        ([], 401),
        (["wrong"], 401),
        ([SERVICE_KEY + "x"], 401),
        ([SERVICE_KEY[:-1]], 401),
        (["ключ"], 401),
        ([GOOD], 403),
        ([sign_with_secret(service_claims(role="anon"))], 403),
        ([sign_with_secret(service_claims(role=None))], 403),
        ([sign_with_secret(service_claims(role=["service_role"]))], 403),
        ([sign_with_secret(service_claims(aud="elsewhere"))], 401),
        ([sign_with_secret(service_claims(aud=[{"authenticated": 1}]))], 401),
        (["wrong", GOOD], 403),
        ([sign_with_secret(service_claims(), "y" * 40)], 401),
        ([sign_with_secret(service_claims(exp=int(NOW) - 60))], 401),
        ([_by_hmac(_public_pem(EC))], 401),
        ([UNSIGNED], 401),
    ],
)
async def test_nobody_else_is_taken_for_the_service(tokens: Tokens, presented: list[str], status: int) -> None:
    with pytest.raises(NotAllowedError) as refused:
        await callers(tokens).admit_service(presented)

    assert refused.value.status == status
    assert SERVICE_KEY not in str(refused.value)


@pytest.mark.parametrize("service_key", [None, ""])
async def test_without_a_service_key_only_its_token_counts(tokens: Tokens, service_key: str | None) -> None:
    without = callers(tokens, service_key)

    assert await without.admit_service([sign_with_secret(service_claims())]) is None
    for presented in (["None"], ["x"]):
        with pytest.raises(NotAllowedError):
            await without.admit_service(presented)


# Settings


@pytest.mark.parametrize(
    "values",
    [
        {"jwt_secret": "short"},
        {"jwt_secret": "x" * 31},
        {"jwt_secret": "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"},
        {"jwks_url": "http://project.supabase.co/auth/v1/.well-known/jwks.json"},
        {"jwks_url": "ftp://project.supabase.co/keys"},
        {"jwks_url": "project.supabase.co/keys"},
        {"jwks_url": "https://user:secret@project.supabase.co/keys"},
        {"jwks_url": "http://localhost.example.org/keys"},
        {"jwks_url": "https://[half/keys"},
    ],
)
def test_settings_that_would_let_others_in_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**values)  # type: ignore[arg-type]
    assert "secret@" not in str(refused.value)


@pytest.mark.parametrize(
    "values",
    [
        {"jwt_secret": "é" * 16},
        {"jwt_secret": ""},
        {"jwks_url": ""},
        {"jwks_url": "https://project.supabase.co/auth/v1/.well-known/jwks.json?apikey=x"},
        {"jwks_url": "http://localhost:9999/keys"},
        {"jwks_url": "http://127.0.0.1/keys"},
        {"jwks_url": "http://[::1]:80/keys"},
    ],
)
def test_settings_that_make_sense_are_taken(values: dict[str, str]) -> None:
    assert Settings(**values)  # type: ignore[arg-type]
