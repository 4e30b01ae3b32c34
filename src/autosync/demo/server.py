"""Runs the demo to play with: an embedded PostgreSQL of its own, the real worker and pages, `/demo` on this machine.

`await serve(port, announce)` goes on until SIGTERM or SIGINT; everything is gone at its end.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal

from pydantic import SecretStr
from starlette.middleware.trustedhost import TrustedHostMiddleware

from autosync.database import embedded, migrate
from autosync.database.pool import connect, open_pool
from autosync.demo.cast import REGION
from autosync.demo.page import Stage, create_live_router, create_router, create_ways_in
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.housekeeping import Housekeeping
from autosync.invitee_links import Links
from autosync.processor import Processor
from autosync.sign_in import SignIn
from autosync.web.api.signed_in import Api
from autosync.web.app import create_app
from autosync.web.server import listen, serve_until_stopped
from autosync.web.tokens import Tokens
from autosync.worker import Worker

HOST = "127.0.0.1"

HOSTS = [HOST, "localhost"]
"""The names that the demo answers to: a page of somebody else's, whose name leads to this machine, is none of them."""


async def serve(port: int, announce: Callable[[str], None]) -> None:
    """Serves the demo on this port (0: any free one) of this machine.

    `announce` gets the page's address once it is up. Raises Unusable where the port is taken.
    """
    listening = listen(HOST, port)
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    operator_key = secrets.token_urlsafe(32)
    links = Links(address, [secrets.token_bytes(32)])
    with listening, embedded.temporary() as url:
        async with connect(url) as connection:
            await migrate.migrate(connection)
        async with open_pool(url) as pool:
            gateway = RecordGateway()
            processor = Processor(pool=pool, links=links)
            dispatcher = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region=REGION)
            worker = Worker(pool=pool, processor=processor, dispatcher=dispatcher, housekeeping=Housekeeping(pool=pool))
            stage = Stage(pool=pool, worker=worker, links=links, address=address, operator_key=operator_key)
            await stage.set_up()
            app = create_app(
                pool=pool,
                processor=processor,
                dispatcher=dispatcher,
                worker=worker,
                service_key=None,
                tokens=Tokens(secret=None, keys=None),
                organizers=Api(
                    pool=pool,
                    region=REGION,
                    price_per_segment=Decimal("0.0083"),
                    currency="USD",
                    wake=worker.wake,
                    links=links,
                    public_url=address,
                ),
                sign_in=SignIn(pool=pool, gateway=gateway, region=REGION, operator_key=SecretStr(operator_key)),
                links=links,
                region=REGION,
            )
            for router in (create_router(stage), create_ways_in(stage), create_live_router(stage)):
                app.include_router(router)
            app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)
            app.router.on_startup.append(lambda: announce(f"{address}/demo"))
            await serve_until_stopped(app, listening, worker)
