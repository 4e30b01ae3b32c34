"""`autosync jobs`: what an operator does about what is scheduled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from autosync import operations
from autosync.cli.output import DryOption, JsonOption, OverOption, say, show
from autosync.cli.session import Session, as_id, as_span, only_trying, run, who
from autosync.explanations import JobStatus
from autosync.model import JobType
from autosync.operations import ListedJob, Retried

app = typer.Typer(no_args_is_help=True, help="Look at jobs, run them again, put them away.")

JobArgument = Annotated[str, typer.Argument(metavar="ID", help="The job's id.")]
TypeOption = Annotated[JobType | None, typer.Option("--type", help="Only jobs of this type.")]


@app.command("list")
def list_jobs(
    context: typer.Context,
    *,
    status: Annotated[JobStatus | None, typer.Option(help="Only jobs in this state.")] = None,
    sync: Annotated[str | None, typer.Option(metavar="ID", help="Only jobs of this sync.")] = None,
    job_type: TypeOption = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="At most this many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Lists jobs, the most overdue first.

    What is to be done, then what is done, the latest first. Jobs that were done go after three days.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync") if sync else None

    async def find() -> list[ListedJob]:
        async with session.connection() as connection:
            return await operations.list_jobs(
                connection, status=status, sync_id=sync_id, job_type=job_type, limit=limit
            )

    show(
        ("id", "type", "status", "scheduled_at", "processed_at", "event", "sync_id", "reason"),
        [
            (j.id, j.type, j.status, j.scheduled_at, j.processed_at, j.event_name, j.sync_id, j.reason)
            for j in run(find)
        ],
        as_json=as_json,
        empty="There is no such job.",
    )


@app.command()
def explain(context: typer.Context, job: JobArgument) -> None:
    """Says why a job has or has not run.

    In sentences, from the rows themselves: what it waits for, what went wrong, what it brought about, and what was done
    to it by hand. It changes nothing. Exit 1 if there is no such job.
    """
    session: Session = context.obj
    job_id = as_id(job, "job")

    async def find() -> list[str]:
        async with session.connection() as connection:
            return await operations.explain_job(connection, job_id)

    for sentence in run(find):
        say(sentence)


@app.command("run")
def run_job(context: typer.Context, job: JobArgument, dry_run: DryOption = False) -> None:
    """Makes a failed or pending job due now.

    One that had failed gets one attempt more. It does not run the job itself: a worker does, or `autosync process`.
    Exit 1 if there is no such job, it is in another state, or its sync has ended. Noted with who did it.
    """
    session: Session = context.obj
    job_id = _change(session, job, operations.run_job, dry_run)
    say(f"Job {job_id} would be due now." if dry_run else f"Job {job_id} is due now. {_WHO_DOES_IT}")


@app.command()
def retry(
    context: typer.Context, job_type: TypeOption = None, over: OverOption = "0s", dry_run: DryOption = False
) -> None:
    """Makes every failed job due, at once or spread.

    Mend the cause first. Jobs stay as they are where another does the same, or where the sync has ended. It does not
    run them itself: a worker does, or `autosync process`. Noted with who did it.
    """
    session: Session = context.obj
    span = as_span(over)

    async def again() -> Retried:
        async with session.connection() as connection, only_trying(connection, dry_run):
            return await operations.retry_failed(connection, who=who(), job_type=job_type, over=span)

    retried = run(again)
    if dry_run:
        say(f"Would make due: {retried.made_due}.")
    else:
        say(f"Made due: {retried.made_due}. {_WHO_DOES_IT if retried.made_due else ''}".rstrip())
    if retried.left:
        say(
            f"Left as they are: {retried.left}, because another job of the type is pending for the sync or the sync "
            "has ended; `autosync jobs list --status failed` shows them."
        )


@app.command()
def cancel(context: typer.Context, job: JobArgument, dry_run: DryOption = False) -> None:
    """Skips a failed or pending job.

    It is never run. Its sync goes on as it is, without what the job would have brought about. Exit 1 if there is no
    such job, or it is in another state. Noted with who did it.
    """
    session: Session = context.obj
    job_id = _change(session, job, operations.cancel_job, dry_run)
    say(f"Job {job_id} {'would be' if dry_run else 'is'} skipped.")


def _change(session: Session, job: str, verb: Callable[..., Awaitable[None]], dry_run: bool) -> UUID:
    job_id = as_id(job, "job")

    async def change() -> None:
        async with session.connection() as connection, only_trying(connection, dry_run):
            await verb(connection, job_id, who=who())

    run(change)
    return job_id


_WHO_DOES_IT = "The next `autosync process` does what is due, or a worker, where one runs."
