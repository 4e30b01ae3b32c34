"""`autosync messages`: what an operator does about texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from autosync import operations
from autosync.cli.output import DryOption, JsonOption, OverOption, say, show
from autosync.cli.session import Session, as_id, as_span, only_trying, run, who
from autosync.explanations import MessageStatus
from autosync.model import MessageType, Unusable
from autosync.operations import ListedMessage

app = typer.Typer(no_args_is_help=True, help="Look at texts, and settle those of which nobody knows whether they left.")

MessageArgument = Annotated[str, typer.Argument(metavar="ID", help="The text's id.")]


@app.command("list")
def list_messages(
    context: typer.Context,
    *,
    status: Annotated[MessageStatus | None, typer.Option(help="Only texts in this state.")] = None,
    sync: Annotated[str | None, typer.Option(metavar="ID", help="Only texts of this sync.")] = None,
    message_type: Annotated[
        MessageType | None,
        typer.Option("--type", metavar="TYPE", help=f"Only texts of this type: {', '.join(MessageType)}."),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="At most this many, the newest first.")
    ] = 100,
    as_json: JsonOption = False,
) -> None:
    """Lists texts and how far they got.

    Of a number it shows only the last four digits, and no words of the text.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync") if sync else None

    async def find() -> list[ListedMessage]:
        async with session.connection() as connection:
            return await operations.list_messages(
                connection, status=status, sync_id=sync_id, message_type=message_type, limit=limit
            )

    show(
        ("id", "type", "status", "to", "number_ends_in", "send_after", "sent_at", "event", "sync_id", "reason"),
        [
            (m.id, m.type, m.status, m.recipient, m.ending, m.send_after, m.sent_at, m.event_name, m.sync_id, m.reason)
            for m in run(find)
        ],
        as_json=as_json,
        empty="There is no such text.",
    )


@app.command()
def explain(context: typer.Context, message: MessageArgument) -> None:
    """Says why a text has or has not arrived.

    In sentences, from the rows themselves: what it waits for, what the gateway said, and what was done to it by hand.
    It changes nothing. Exit 1 if there is no such text.
    """
    session: Session = context.obj
    message_id = as_id(message, "text")

    async def find() -> list[str]:
        async with session.connection() as connection:
            return await operations.explain_message(connection, message_id)

    for sentence in run(find):
        say(sentence)


@app.command()
def resolve(
    context: typer.Context,
    message: MessageArgument,
    sent: Annotated[bool, typer.Option("--sent", help="It was sent: the gateway has it.")] = False,
    not_sent: Annotated[bool, typer.Option("--not-sent", help="It was not: send it again.")] = False,
    dry_run: DryOption = False,
) -> None:
    """Settles a text of which nobody knows whether it left.

    Look at the gateway's own console first: --not-sent on a text that has left texts somebody twice. Exit 1 if there
    is no such text, or its fate is known. Noted with who did it.
    """
    session: Session = context.obj
    message_id = as_id(message, "text")
    if sent == not_sent:
        raise Unusable("Say what became of the text: either --sent or --not-sent.")

    async def settle() -> MessageStatus:
        async with session.connection() as connection, only_trying(connection, dry_run):
            return await operations.resolve_message(connection, message_id, sent=sent, who=who())

    status = run(settle)
    again = "would be" if dry_run else "is"
    if sent:
        say(f"Text {message_id} {'would count' if dry_run else 'counts'} as sent.")
    elif status is MessageStatus.CANCELED:
        say(f"Text {message_id} {again} canceled, not queued again: its words have been deleted.")
    else:
        say(f"Text {message_id} {again} queued again, to leave now.")


@app.command()
def requeue(
    context: typer.Context,
    since: Annotated[str, typer.Option(metavar="SPAN", help="Texts last tried this long ago or later, such as 6h.")],
    over: OverOption = "0s",
    dry_run: DryOption = False,
) -> None:
    """Queues texts again that were given up in an outage.

    Those of which the gateway took none of their attempts. What it refused stays failed, and what has become pointless
    meanwhile is canceled when its turn comes. Noted with who did it.
    """
    session: Session = context.obj
    ago, span = as_span(since), as_span(over)

    async def again() -> int:
        async with session.connection() as connection, only_trying(connection, dry_run):
            since_then = datetime.now(UTC) - ago
            return await operations.requeue_given_up(connection, who=who(), since=since_then, over=span)

    say(f"{'Would queue' if dry_run else 'Queued'} again: {run(again)}.")
