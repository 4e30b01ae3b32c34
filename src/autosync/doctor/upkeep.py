"""How well the tables are swept, and what keeps the sweeper from it: a queue lives on dead rows going away. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosync.database.vitals import Holder, Upkeep
from autosync.doctor.findings import Finding, ok, span, warning

AREA = "upkeep"

MANY_DEAD = 10_000


def tables(found: Sequence[Upkeep]) -> Iterator[Finding]:
    """Whether dead rows go away."""
    well = True
    for table in found:
        if not table.swept:
            well = False
            what = f"Autovacuum leaves {table.table} alone, so its dead rows stay and everything on it gets slow."
            yield warning(AREA, what, f"Run `alter table public.{table.table} reset (autovacuum_enabled);`.")
        if table.dead >= MANY_DEAD and table.dead > table.live:
            well = False
            last = "never" if table.age is None else f"{span(table.age)} ago"
            what = f"{table.table} has {table.dead:,} dead rows beside {table.live:,} live ones; swept last: {last}."
            advice = f"Run `vacuum (analyze) public.{table.table};`; if they stay, see what holds them back."
            yield warning(AREA, what, advice)
    if well:
        yield ok(AREA, "Dead rows are swept.")


def horizon(found: Sequence[Holder]) -> Iterator[Finding]:
    """Whether something old keeps dead rows, or the log of changes, from going away."""
    for holder in found:
        age = "" if holder.age is None else f" for {span(holder.age)}"
        keeps = "no dead row since then can be swept"
        if holder.kind == "transaction":
            what = f"Session {holder.name} has been in one transaction{age}: {keeps}."
            yield warning(AREA, what, f"Find out what it is; `select pg_terminate_backend({holder.name});` ends it.")
        elif holder.kind == "prepared":
            literal = holder.name.replace("'", "''")
            what = f"The prepared transaction {holder.name} has been waiting{age}: it holds its locks, and {keeps}."
            yield warning(AREA, what, f"Finish it: `rollback prepared '{literal}';` or `commit prepared '{literal}';`.")
        else:
            what = (
                f"Nobody reads the replication slot {holder.name}, which keeps {holder.bytes / 1e9:.1f} GB of changes"
            )
            advice = f"Let its reader come back, or run `select pg_drop_replication_slot('{holder.name}');`."
            yield warning(AREA, f"{what} and may hold back dead rows.", advice)
