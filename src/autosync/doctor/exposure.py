"""What stands beside the project's tables and may give away what they keep: other tables, views and functions.

Pure: `judge(things)` gives findings. These belong to somebody else, so that most of it is a warning; but a view that
reads our tables past row-level security is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosync.database.exposure import OpenFunction, OpenTable, OpenView, Surroundings
from autosync.doctor.findings import Finding, listed, note, ok, quoted, warning, wrong

AREA = "security"


def judge(found: Surroundings) -> Iterator[Finding]:
    """Whether the API leads past what guards the project's rows."""
    findings = [*_tables(found.tables), *_views(found.views), *_functions(found.functions)]
    yield from findings
    if not findings:
        yield ok(AREA, "No other table, view or function in schema public gives rows away.")


def _tables(tables: Sequence[OpenTable]) -> Iterator[Finding]:
    for table in tables:
        yield warning(
            AREA,
            f"Row-level security is off on {table.name}, a table of somebody else's that the API serves to"
            f" {listed(table.roles)}.",
            f"Run `alter table public.{quoted(table.name)} enable row level security;` and write it policies, or"
            f" `revoke all on public.{quoted(table.name)} from {', '.join(table.roles)}, public;`.",
        )


def _views(views: Sequence[OpenView]) -> Iterator[Finding]:
    for view in views:
        kind = "materialized view" if view.materialized else "view"
        name = f"public.{quoted(view.name)}"
        what = f"The {kind} {view.name} shows {listed(view.roles)} rows of {listed(view.reads)} past row-level security"
        if view.asks:
            what = f"{what}; it looks at who is asking by itself."
            yield warning(AREA, what, f"Run `alter view {name} set (security_invoker = true);` unless it must not.")
        elif view.materialized:
            yield wrong(AREA, f"{what}.", f"Run `revoke all on {name} from {', '.join(view.roles)}, public;`.")
        else:
            yield wrong(AREA, f"{what}.", f"Run `alter view {name} set (security_invoker = true);`.")


def _functions(functions: Sequence[OpenFunction]) -> Iterator[Finding]:
    for function in functions:
        who = listed(["everybody" if role == "PUBLIC" else role for role in function.callers])
        what = f"The function {function.signature} runs with its owner's rights and may be called by {who}"
        revoke = f"revoke execute on function {function.signature} from {', '.join(function.callers).lower()};"
        if function.pinned:
            advice = f"See that it gives nothing away; if nobody needs it through the API, run `{revoke}`."
            yield note(AREA, f"{what}.", advice)
        else:
            advice = f"Run `alter function {function.signature} set search_path = '';` and see that it still works."
            yield warning(AREA, f"{what}, without a pinned search_path.", advice)
