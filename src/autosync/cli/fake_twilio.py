"""`autosync fake-twilio`: the stand-in for Twilio's side, for trying things out on one machine."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from autosync.cli.output import say
from autosync.cli.session import Session

_ACCOUNT_SID = "AC" + 32 * "0"
_AUTH_TOKEN = "fake"  # noqa: S105 - the stand-in's own, when nobody has set one
_INBOUND_PATH = "/webhooks/twilio/inbound"


def fake_twilio(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=1, max=65535, help="The port to listen on.")] = 8025,
    pace: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Seconds from one state of a text to the next.")
    ] = 0.2,
) -> None:
    """Stands in for Twilio, on this machine.

    Takes texts and reports on them to the webhooks, as Twilio does; it sends nothing to anybody, and forgets everything
    when it ends. It says at its start which settings make the program use it.
    """
    import uvicorn  # noqa: PLC0415 - no other command needs these

    from autosync.fake_twilio import create_app  # noqa: PLC0415

    session: Session = context.obj
    settings = session.settings
    account_sid = settings.twilio_account_sid or _ACCOUNT_SID
    auth_token = settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else _AUTH_TOKEN
    inbound_url = (settings.public_url or "http://127.0.0.1:8000") + _INBOUND_PATH
    say(f"A stand-in for Twilio on http://{host}:{port}; it sends nothing to anybody. To use it, set:")
    say(f"  AUTOSYNC_GATEWAY=twilio AUTOSYNC_TWILIO_BASE_URL=http://{host}:{port}")
    say(f"  AUTOSYNC_TWILIO_ACCOUNT_SID={account_sid} AUTOSYNC_TWILIO_FROM=+15005550006")
    say(f"  AUTOSYNC_TWILIO_AUTH_TOKEN={'(as you have set it)' if settings.twilio_auth_token else _AUTH_TOKEN}")
    say(f"Texts that come in (POST /fake/inbound) go to {inbound_url}.")
    app = create_app(account_sid=account_sid, auth_token=auth_token, inbound_url=inbound_url, pace=pace)
    # It forgets nothing, so that looking for what could be forgotten takes longer and longer.
    gc.set_threshold(50_000, 20, 1000)
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, proxy_headers=False)
