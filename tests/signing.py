"""Signs tokens as Supabase does, and as those would who want to be taken for it."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

SECRET = "a-jwt-secret-of-the-tests-that-is-long-enough"


def person_claims(person: UUID, **changes: Any) -> dict[str, Any]:
    """What Supabase says of somebody who is signed in; None takes a claim away."""
    claims = {
        "iss": "https://project.supabase.co/auth/v1", "sub": str(person), "is_anonymous": False,
        "aud": "authenticated", "role": "authenticated", "iat": int(time.time()), "exp": int(time.time()) + 3600,
        **changes,
    }  # fmt: skip
    return {name: value for name, value in claims.items() if value is not None}


def service_claims(**changes: Any) -> dict[str, Any]:
    """What Supabase's legacy service_role key says; it has no audience."""
    now = int(time.time())
    return {"iss": "supabase", "ref": "project", "role": "service_role", "iat": now, "exp": now + 3600, **changes}


def sign(claims: dict[str, Any], key: OctKey | ECKey | RSAKey, algorithm: str, **header: Any) -> str:
    """A token of these claims."""
    return jwt.encode({"alg": algorithm, **header}, claims, key, algorithms=[algorithm])


def sign_with_secret(claims: dict[str, Any], secret: str = SECRET) -> str:
    """The same with a shared secret."""
    return sign(claims, OctKey.import_key(secret), "HS256")


def bearer(token: str) -> dict[str, str]:
    """The header that carries it."""
    return {"Authorization": f"Bearer {token}"}


def signed_in(person: UUID) -> dict[str, str]:
    """The header of somebody who is signed in."""
    return bearer(sign_with_secret(person_claims(person)))


def encoded(part: object) -> str:
    """A part of a token by hand: JSON, or bytes as they are."""
    written = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()
