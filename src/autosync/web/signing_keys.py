"""The public keys that people's tokens are signed with: fetched from their address (JWKS, RFC 7517) and kept a while.

An unknown key is looked for at the address, though not more often than every half a minute, whoever asks, and by one
caller at a time. Where the address is away, known keys hold for an hour; after that nothing can be verified.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

log = structlog.get_logger(__name__)

PublicKey = ECKey | RSAKey

KEY_TYPES: dict[str, type[ECKey] | type[RSAKey]] = {"ES256": ECKey, "RS256": RSAKey}
"""What key each algorithm goes with. There is no symmetric one: whatever is public never counts as a secret."""

FRESH_FOR = 600.0
"""Seconds until the keys are fetched again, though they are known."""

TRUSTED_FOR = 3600.0
"""Seconds for which keys hold while their address is away."""

PAUSE = 30.0
"""Seconds between two attempts, so that tokens with invented keys do not make us flood the address."""

PATIENCE = 5.0
"""Seconds that an attempt may take in all."""

LARGEST_ANSWER = 256 * 1024
"""Bytes; a real set of keys has a few thousand."""


class KeysAwayError(Exception):
    """Whether there is such a key cannot be told now: its address is away."""


class SigningKeys:
    """The keys at one address. `clock`: seconds that only go forward."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: tuple[PublicKey, ...] = ()
        self._fetched_at = self._tried_at = -math.inf
        self._fetching = asyncio.Lock()

    async def find(self, algorithm: str, kid: str | None) -> PublicKey | None:
        """The key of this id for this algorithm (one of KEY_TYPES), None if the address has none.

        Without an id: the only key that fits. Raises KeysAwayError.
        """
        key = self._known(algorithm, kid)
        if key is not None and (self._is_fresh() or self._fetching.locked()):
            return key
        async with self._fetching:
            if self._clock() - self._tried_at >= PAUSE and not (self._known(algorithm, kid) and self._is_fresh()):
                await self._fetch()
        key = self._known(algorithm, kid)
        if key is None and self._fetched_at < self._tried_at:
            raise KeysAwayError
        return key

    def _is_fresh(self) -> bool:
        return self._clock() - self._fetched_at < FRESH_FOR

    def _known(self, algorithm: str, kid: str | None) -> PublicKey | None:
        if self._clock() - self._fetched_at >= TRUSTED_FOR:
            return None
        fitting = [key for key in self._keys if isinstance(key, KEY_TYPES[algorithm]) and kid in (None, key.kid)]
        return fitting[0] if len(fitting) == 1 else None

    async def _fetch(self) -> None:
        """Takes the keys from the address, or notes that it was tried in vain."""
        self._tried_at = self._clock()
        try:
            async with asyncio.timeout(PATIENCE):
                self._keys = _read_keys(await _download(self._url))
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            log.warning("signing_keys_away", error=type(error).__name__)
            return
        self._fetched_at = self._tried_at
        log.info("signing_keys_fetched", keys=len(self._keys))


async def _download(url: str) -> bytes:
    """What is at the address. Raises httpx.HTTPError, or ValueError where it is far too large."""
    body = bytearray()
    async with (
        httpx.AsyncClient(timeout=PATIENCE, headers={"Accept-Encoding": "identity"}) as client,
        client.stream("GET", url) as response,
    ):
        response.raise_for_status()
        async for part in response.aiter_raw():
            body += part
            if len(body) > LARGEST_ANSWER:
                raise ValueError("The answer is too large for a set of keys.")
    return bytes(body)


def _read_keys(document: bytes) -> tuple[PublicKey, ...]:
    """The keys of a set that can be used here. Raises ValueError where it is no set of keys."""
    try:
        found = json.loads(document)["keys"]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("The answer is not a set of keys.") from error
    if not isinstance(found, list):
        raise ValueError("The answer is not a set of keys.")  # noqa: TRY004 - what came in is wrong, not our call
    keys = (_read_key(data) for data in found)
    return tuple(key for key in keys if key is not None)


def _read_key(data: Any) -> PublicKey | None:
    """One key of a set; None for one of another kind, or one that is malformed, as RFC 7517 section 5 wants it."""
    kind = data.get("kty") if isinstance(data, dict) else None
    try:
        if kind == "EC":
            return ECKey.import_key(data)
        return RSAKey.import_key(data) if kind == "RSA" else None
    except (JoseError, ValueError, KeyError, TypeError) as error:
        log.warning("signing_key_unusable", error=type(error).__name__)
        return None
