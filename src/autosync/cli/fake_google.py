"""`autosync fake-google`: the stand-in for Google's side, for trying calendars out on one machine."""

from __future__ import annotations

from typing import Annotated

import typer

from autosync.cli.output import say
from autosync.cli.session import Session
from autosync.model import Unusable

_CLIENT_ID = "fake.apps.googleusercontent.com"
_CLIENT_SECRET = "fake"  # noqa: S105 - the stand-in's own, when nobody has set one
_ACCOUNT = "you@example.com"


def fake_google(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=1, max=65535, help="The port to listen on.")] = 8026,
    account: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="An account to choose from, by its e-mail address. Any number of times."),
    ] = None,
) -> None:
    """Stands in for Google's calendars, on this machine.

    Asks for consent, says when somebody is busy and keeps events, as Google does; it writes to nobody, and forgets
    everything when it ends. It says at its start which settings make the program use it.
    """
    import uvicorn  # noqa: PLC0415 - no other command needs these

    try:
        from autosync.fake_google import create_app  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "jsonschema":
            raise
        raise Unusable(
            "The stand-in for Google needs jsonschema (in a checkout: pip install '.[stand-ins]')."
        ) from None
    session: Session = context.obj
    settings = session.settings
    secret = settings.google_client_secret.get_secret_value() if settings.google_client_secret else _CLIENT_SECRET
    client_id = settings.google_client_id or _CLIENT_ID
    app = create_app(client_id=client_id, client_secret=secret, people=account or [_ACCOUNT])
    shown = "(as you have set it)" if settings.google_client_secret else _CLIENT_SECRET
    say(f"A stand-in for Google on http://{host}:{port}; it writes to nobody. To use it, set:")
    say(f"  AUTOSYNC_GOOGLE_BASE_URL=http://{host}:{port} AUTOSYNC_GOOGLE_CLIENT_ID={client_id}")
    say(f"  AUTOSYNC_GOOGLE_CLIENT_SECRET={shown}")
    say("  AUTOSYNC_TOKEN_KEYS (`autosync calendars new-key` makes one)")
    say(f"What it was told is at http://{host}:{port}/fake/ledger.")
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False, proxy_headers=False)
