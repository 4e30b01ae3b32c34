"""Reads Supabase's tokens (JWT): who signed them, and whether they hold now.

The algorithm is bound to the key: HS256 goes with the secret alone, ES256 and RS256 with the published keys alone, and
nothing else is accepted. What the claims allow is not decided here.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey
from pydantic import SecretStr

from autosync.web.errors import NotAllowedError
from autosync.web.signing_keys import KEY_TYPES, KeysAwayError, PublicKey, SigningKeys

Claims = dict[str, Any]

LEEWAY = 10
"""Seconds by which another machine's clock may differ from ours."""

LONGEST = 16 * 1024
"""Characters; a token of Supabase has about a thousand."""

_NOT_OURS = "The token was not signed by anybody whom this service trusts, or was changed since."


class Tokens:
    """Verifies tokens. `secret`: for HS256; `keys`: for ES256 and RS256; None: none of that kind is accepted.

    `now`: the time in seconds since 1970.
    """

    def __init__(
        self, *, secret: SecretStr | None, keys: SigningKeys | None, now: Callable[[], float] = time.time
    ) -> None:
        self._secret = OctKey.import_key(secret.get_secret_value()) if secret else None
        self._keys = keys
        self._now = now

    @property
    def can_verify(self) -> bool:
        """Whether there is any key to verify with."""
        return self._secret is not None or self._keys is not None

    async def read(self, token: str) -> Claims:
        """The claims of a token that is signed by a known key and holds now; it has an `exp`.

        Raises NotAllowedError: 401 for any other, 503 where the published keys are away.
        """
        algorithm, kid = _header(token)
        key = await self._key(algorithm, kid)
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            raise NotAllowedError(401, _NOT_OURS) from None
        self._require_validity(claims)
        return claims

    def _require_validity(self, claims: Claims) -> None:
        times = jwt.JWTClaimsRegistry(now=int(self._now()), leeway=LEEWAY, exp={"essential": True})
        try:
            times.validate(claims)
        except ExpiredTokenError:
            raise NotAllowedError(401, "The token has expired: sign in again.") from None
        except JoseError:
            raise NotAllowedError(
                401, "The token does not say that it is valid now: see its exp, nbf and iat."
            ) from None

    async def _key(self, algorithm: str, kid: str | None) -> OctKey | PublicKey:
        """The key that must have signed. Raises NotAllowedError."""
        key: OctKey | PublicKey | None = None
        if algorithm == "HS256":
            key = self._secret
        elif algorithm in KEY_TYPES and self._keys is not None:
            try:
                key = await self._keys.find(algorithm, kid)
            except KeysAwayError:
                raise NotAllowedError(503, "The token cannot be verified now; try again later.") from None
        if key is None:
            raise NotAllowedError(401, _NOT_OURS)
        return key


def is_token(text: str) -> bool:
    """Whether this has the form of a token, rather than of any other key."""
    return text.count(".") == 2


def _header(token: str) -> tuple[str, str | None]:
    """The algorithm and key that a token says it has: where to look, nothing to believe. Raises NotAllowedError."""
    if len(token) > LONGEST or not is_token(token):
        raise NotAllowedError(401, "This is not a token (JWT).")
    part = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        header = None
    algorithm, kid = (header.get("alg"), header.get("kid")) if isinstance(header, dict) else (None, None)
    if not isinstance(algorithm, str) or not isinstance(kid, str | None):
        raise NotAllowedError(401, "This is not a token (JWT).")
    return algorithm, kid
