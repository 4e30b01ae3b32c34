"""The links to an invitee's own page that texts end with: short, unguessable, signed, one for each text.

`Links.add` puts them into texts when these are queued, `Links.read` tells which text a link came with. Pure. What
a link still opens is for the page to decide.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from uuid import UUID

from itsdangerous import BadSignature, Signer
from itsdangerous.signer import HMACAlgorithm

from autosync.model import MessageType
from autosync.segments import count

PATH = "/r/"

_CARRIERS = frozenset({MessageType.INITIAL, MessageType.REMINDER, MessageType.INVITE, MessageType.CLARIFICATION})
_MOST_SEGMENTS = 2
_SIGNATURE_BYTES = 12


class _ShortHMAC(HMACAlgorithm):
    """96 bits of it are plenty for what is tried over the network, and every character is paid for."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_SIGNATURE_BYTES]


class Links:
    """Makes and reads links. `secrets`: the newest first, which signs; links that an older one signed are read."""

    def __init__(self, public_url: str | None, secrets: Sequence[bytes], *, in_texts: bool = True) -> None:
        self._start = f"{public_url}{PATH}" if public_url and in_texts else None
        self._signer = Signer(list(reversed(secrets)), salt="autosync.invitee", algorithm=_ShortHMAC())

    def token(self, text_id: UUID) -> str:
        """What stands in the link of the text with this id, 39 characters that an address may hold."""
        name = base64.urlsafe_b64encode(text_id.bytes).rstrip(b"=")
        return self._signer.sign(name).decode()

    def read(self, token: str) -> UUID | None:
        """The id of the text that this token came with; None for a forged, garbled or foreign one."""
        try:
            return UUID(bytes=base64.urlsafe_b64decode(self._signer.unsign(token) + b"=="))
        except (BadSignature, binascii.Error, ValueError):
            return None

    def end(self, type_: MessageType) -> bool:
        """Whether texts of this type end with a link: those that ask or invite, unless texts go without."""
        return self._start is not None and type_ in _CARRIERS

    def add(self, type_: MessageType, body: str, text_id: UUID) -> str:
        """A text's words with the link of its own, where it ends with one and that does not make a third segment."""
        if not self.end(type_):
            return body
        linked = f"{body}\n{self._start}{self.token(text_id)}"
        return body if count(linked).segments > _MOST_SEGMENTS else linked
