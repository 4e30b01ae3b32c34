"""A process of its own that wants access tokens: `python refreshing.py DATABASE_URL GOOGLE_URL KEY USER CALLERS`.

It prints each caller's token on a line. As many callers as are asked for begin at once.
"""

from __future__ import annotations

import asyncio
import sys
from base64 import urlsafe_b64decode
from uuid import UUID

from autosync.calendar_connections import CalendarConnections
from autosync.calendar_tokens import CalendarTokens
from autosync.calendars.seal import Seal
from autosync.database.pool import open_pool
from connected import LOSSES, google_at


async def _refresh(database_url: str, google_url: str, key: str, user: str, callers: str) -> None:
    google = google_at(google_url)
    async with open_pool(database_url) as pool:
        tokens = CalendarTokens(Seal([urlsafe_b64decode(key)]))
        connections = CalendarConnections(pool=pool, tokens=tokens, google=google, losses=LOSSES)
        found = await asyncio.gather(*(connections.access_token(UUID(user)) for _ in range(int(callers))))
        sys.stdout.write("".join(f"{token.get_secret_value()}\n" for token in found))
    await google.close()


if __name__ == "__main__":
    asyncio.run(_refresh(*sys.argv[1:]))
