"""Who calls: the service, by its key or its own token, or a person, by theirs.

Endpoints ask with `Depends(require_service)` and `Depends(require_person)`; what they compare with is on the app's
state as `callers`. Nobody is let in by default.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from autosync.web.errors import NotAllowedError
from autosync.web.tokens import Claims, Tokens, is_token

_service_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="service key",
    description="The service key (AUTOSYNC_SERVICE_KEY), or a Supabase token (JWT) whose role is service_role.",
)
_service_header = APIKeyHeader(
    name="apikey", auto_error=False, scheme_name="service key as apikey", description="The same, in another header."
)
_person_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="person's token",
    bearerFormat="JWT",
    description="The access token that Supabase gave the person when they signed in.",
)

Bearer = HTTPAuthorizationCredentials | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in. `claims`: those of their token, as JSON."""

    id: UUID
    claims: str


@dataclass(frozen=True, slots=True)
class Callers:
    """What callers are compared with. `service_key` None: only tokens are accepted from the service."""

    service_key: SecretStr | None
    tokens: Tokens

    async def admit_service(self, presented: list[str]) -> None:
        """Raises NotAllowedError unless one of these keys is the service's: 401, or 403 for somebody else's token."""
        if not presented:
            raise NotAllowedError(401, "Present the service key: Authorization: Bearer KEY, or apikey: KEY.")
        if any(self._is_service_key(key) for key in presented):
            return
        refusals = [refusal for key in presented if (refusal := await self._refuse_unless_service(key))]
        if len(refusals) == len(presented):
            raise max(refusals, key=lambda refusal: refusal.status)

    def _is_service_key(self, presented: str) -> bool:
        """Compares in constant time, so that nobody can feel their way to the key."""
        expected = self.service_key.get_secret_value() if self.service_key else ""
        return bool(expected) and hmac.compare_digest(presented.encode(), expected.encode())

    async def _refuse_unless_service(self, presented: str) -> NotAllowedError | None:
        if not is_token(presented) or not self.tokens.can_verify:
            nobody = not self.service_key and not self.tokens.can_verify
            return NotAllowedError(
                401, "No service key is set up here, so nobody is let in." if nobody else "This is not the service key."
            )
        try:
            claims = await self.tokens.read(presented)
        except NotAllowedError as refusal:
            return refusal
        if claims.get("role") != "service_role":
            return NotAllowedError(403, "This token is not the service's: its role is not service_role.")
        if claims.get("aud") is not None and not _is_meant_for(claims, "authenticated", "service_role"):
            # The legacy key has no audience at all.
            return NotAllowedError(401, "The token is for somewhere else: its audience is not the service's.")
        return None

    async def admit_person(self, token: str) -> Person:
        """Whose token this is. Raises NotAllowedError: 401, or 403 for a valid token that is no person's."""
        if not self.tokens.can_verify:
            raise NotAllowedError(
                401, "Nobody can sign in: neither AUTOSYNC_JWT_SECRET nor AUTOSYNC_JWKS_URL is set up here."
            )
        claims = await self.tokens.read(token)
        if claims.get("role") != "authenticated":
            raise NotAllowedError(403, "This is not a person's token: its role is not authenticated.")
        if not _is_meant_for(claims, "authenticated"):
            raise NotAllowedError(401, "The token is for somewhere else: its audience is not authenticated.")
        return Person(_subject(claims), _as_json(claims))


def _is_meant_for(claims: Mapping[str, Any], *audiences: str) -> bool:
    named = claims.get("aud")
    return any(audience in (named if isinstance(named, list) else [named]) for audience in audiences)


async def require_service(
    request: Request,
    bearer: Annotated[Bearer, Security(_service_bearer)],
    apikey: Annotated[str | None, Security(_service_header)],
) -> None:
    """Lets only the service through. Raises NotAllowedError."""
    callers: Callers = request.app.state.callers
    await callers.admit_service([key for key in (bearer.credentials if bearer else "", apikey or "") if key])


async def require_person(request: Request, bearer: Annotated[Bearer, Security(_person_bearer)]) -> Person:
    """Who is signed in. Raises NotAllowedError."""
    if bearer is None:
        raise NotAllowedError(401, "Sign in first: Authorization: Bearer TOKEN, with the token that Supabase gave you.")
    callers: Callers = request.app.state.callers
    return await callers.admit_person(bearer.credentials)


def _subject(claims: Claims) -> UUID:
    subject = claims.get("sub")
    try:
        id_ = UUID(subject)
    except (ValueError, TypeError, AttributeError):
        id_ = None
    if id_ is None or str(id_) != str(subject).lower():
        raise NotAllowedError(401, "The token does not say whose it is: its subject is not the id of a person.")
    return id_


def _as_json(claims: Claims) -> str:
    """The claims as the database can read them. Raises NotAllowedError where it could not."""
    try:
        written = json.dumps(claims, ensure_ascii=False, allow_nan=False)
        written.encode()
    except ValueError:
        written = r"\u0000"
    if r"\u0000" in written:
        raise NotAllowedError(401, "The token holds characters or numbers that the database cannot read.")
    return written
