"""`autosync answers`: how answers are read, and one that came in some other way."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from autosync.cli.output import DryOption, JsonOption, say, show
from autosync.cli.session import Session, as_span, note, only_trying, run, who
from autosync.database import answers
from autosync.model import Unusable

BY_HAND = "by hand"
"""The gateway of what an operator passes on."""

app = typer.Typer(no_args_is_help=True, help="What people answer.")


@app.command()
def read(
    options: Annotated[int, typer.Option(metavar="N", min=1, max=3, help="How many options the ask had.")],
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="One answer a line; else standard input.")] = None,
) -> None:
    """Tells how each line would be read as an answer.

    One JSON object a line: {"text", "kind", "options"}. It needs no database, and writes nothing.
    """
    from autosync.replies import read_reply  # noqa: PLC0415 - takes longer to load than most commands to run

    data = sys.stdin.buffer.read() if file is None else file.read_bytes()
    try:
        lines = [line.removesuffix("\r") for line in data.decode("utf-8-sig").removesuffix("\n").split("\n")]
    except UnicodeDecodeError as error:
        raise Unusable(f"The answers are not UTF-8 (byte {error.start}).") from error
    for text in lines if data else []:
        reading = read_reply(text, option_count=options)
        document = {"text": text, "kind": reading.kind.value, "options": list(reading.options)}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


@app.command()
def receive(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the person wrote.")],
    sender: Annotated[str, typer.Option("--from", metavar="NUMBER", help="Their phone number.")],
    message_id: Annotated[str | None, typer.Option(metavar="ID", help="The same id again counts once.")] = None,
) -> None:
    """Takes a text as if it had just come in from this number.

    All that follows, follows: an answer counts, STOP stops, replies are sent. Noted with who did it.
    """
    from autosync import inbox  # noqa: PLC0415 - takes longer to load than most commands to run

    session: Session = context.obj

    async def take() -> str:
        inbound = inbox.InboundText(BY_HAND, message_id or str(uuid4()), phone_number=sender, body=text)
        region = session.settings.default_region
        async with session.connection() as connection, connection.transaction():
            said = await inbox.receive(connection, inbound, region=region, links=session.links())
            if said != inbox.SEEN_BEFORE:
                id_, sync_id = await answers.find_inbound(connection, BY_HAND, inbound.gateway_message_id)
                await note(connection, "answers receive", sync_id=sync_id, subject_id=id_)
            return said

    say(run(take))


@app.command()
def replay(
    context: typer.Context,
    since: Annotated[str, typer.Option(metavar="SPAN", help="From this long ago on, such as 6h.")],
    dry_run: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Takes texts that came in while the webhook was away.

    Those that the gateway lists and nobody received; the others are known and count once. It asks the gateway of the
    settings, so run it with the deployment's: one that only keeps texts lists none. Noted with who did it.
    """
    from autosync import replay as replaying  # noqa: PLC0415 - takes longer to load than most commands to run

    session: Session = context.obj
    ago = as_span(since)

    async def take() -> list[replaying.Replayed]:
        async with session.sending_pool() as pool, pool.connection() as connection, only_trying(connection, dry_run):
            return await replaying.replay(
                connection,
                session.gateways()[session.settings.gateway],
                since=datetime.now(UTC) - ago,
                region=session.settings.default_region,
                links=session.links(),
                who=who(),
            )

    show(
        ("id", "at", "outcome"),
        [(text.gateway_message_id, text.at, text.outcome) for text in run(take)],
        as_json=as_json,
        empty="Nothing was missed.",
    )
