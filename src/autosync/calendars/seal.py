"""Seals secrets that lie in the database with keys that do not: AES-256-GCM, bound to the row that they belong to.

`Seal(keys)` seals with the first key and opens with any, so that keys can be changed without losing anything. It does
not hide that a secret is there, how long it is, or with which key it was sealed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from autosync.model import Refused

KEY_LENGTH: Final = 32
"""Bytes of a key."""

_NONCE_LENGTH: Final = 12
_MARK: Final = "sealed:1:"


class Unsealable(Refused):
    """A sealed secret that none of the keys opens, or that is not the one of this row."""


def new_key() -> str:
    """A fresh key, as it is written in the settings."""
    return base64.urlsafe_b64encode(os.urandom(KEY_LENGTH)).decode()


def is_sealed(text: str) -> bool:
    """Whether this is a sealed secret rather than one in plain text."""
    return text.startswith(_MARK)


class Seal:
    """Seals and opens; holds the keys in memory only."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys`: 32 bytes each, the newest first. Raises ValueError without one."""
        if not keys:
            raise ValueError("A seal needs at least one key.")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._newest = _key_id(keys[0])

    @property
    def prefix(self) -> str:
        """How everything begins that is sealed with the newest key."""
        return f"{_MARK}{self._newest}:"

    def seal(self, secret: str, *, belongs_to: str) -> str:
        """`secret` sealed with the newest key; it opens for the same `belongs_to` only."""
        nonce = os.urandom(_NONCE_LENGTH)
        sealed = self._ciphers[self._newest].encrypt(nonce, secret.encode(), belongs_to.encode())
        return self.prefix + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, belongs_to: str) -> str:
        """The secret in `sealed`. Raises Unsealable, which says why without showing it."""
        key_id, _, content = sealed.removeprefix(_MARK).partition(":")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise Unsealable(f"It was sealed with the key {key_id[:16]!r}, which is not among AUTOSYNC_TOKEN_KEYS.")
        try:
            raw = base64.urlsafe_b64decode(content.encode())
            return cipher.decrypt(raw[:_NONCE_LENGTH], raw[_NONCE_LENGTH:], belongs_to.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Unsealable("It was changed after it had been sealed, or belongs to another row.") from None


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"autosync key id:" + key).hexdigest()[:12]
