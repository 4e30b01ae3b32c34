"""The built-in gateway: keeps texts in the database, where they are queued anyway, and sends nothing to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from autosync.gateways import Accepted, CameIn, FindResult, NotThere, OutgoingText, SendResult


class RecordGateway:
    """Takes every text. That a text was taken is what the dispatcher records."""

    name = "record"

    async def send(self, text: OutgoingText) -> SendResult:
        """Takes the text under our own message id."""
        return Accepted(f"record-{text.message_id}")

    async def find(self, text: OutgoingText) -> FindResult:
        """A text whose record is missing has gone nowhere."""
        return NotThere()

    async def came_in(self, since: datetime) -> Sequence[CameIn]:
        """Nobody can text to it."""
        del since
        return ()

    async def close(self) -> None:
        """Holds nothing."""
