"""A worker as a process of its own, with less patience than in production: python dispatching.py DATABASE TWILIO."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from pydantic import SecretStr

from autosync.database.pool import open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.twilio import TwilioGateway
from autosync.housekeeping import Housekeeping
from autosync.processor import Processor
from autosync.worker import Worker
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM

PATIENCE = timedelta(seconds=0.5)


def impatient_gateway(twilio_url: str) -> TwilioGateway:
    """The real gateway, with a short time-out."""
    return TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token=SecretStr(AUTH_TOKEN),
        from_number=FROM,
        base_url=twilio_url,
        timeout=PATIENCE,
    )


async def work(database_url: str, twilio_url: str) -> None:
    """Works until it is killed."""
    gateway = impatient_gateway(twilio_url)
    async with open_pool(database_url) as pool:
        Worker(
            pool=pool,
            processor=Processor(pool=pool),
            dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
            housekeeping=Housekeeping(pool=pool),
        ).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
