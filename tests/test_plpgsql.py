"""plpgsql_check has nothing to say of any of our functions: neither of errors nor of what may become one."""

from __future__ import annotations

import psycopg
import pytest

from autosync.database.migrate import migrate
from autosync.database.pool import Connection, connect
from pg_net import lay_net, lay_vault
from pooler import missing

# A function that serves several triggers sees the tables of one of them at a time, which it tells by tg_op. The check
# cannot tell, so it is given all of them. What is ours: every function that no extension brought.
CHECK = """
with transition as (
  select t.tgfoid, array_agg(distinct n.name) as names
  from pg_trigger as t
  cross join unnest(array[t.tgoldtable::text, t.tgnewtable::text]) as n (name)
  where n.name is not null
  group by t.tgfoid
),

ours as (
  select p.oid, t.tgrelid, n.names
  from pg_proc as p
  inner join pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
  left join pg_trigger as t on t.tgfoid = p.oid and not t.tgisinternal
  left join transition as n on n.tgfoid = p.oid
  where p.pronamespace = 'public'::regnamespace
    and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
)

select o.oid::regprocedure::text, c.level, c.message, c.lineno, c.query
from ours as o
left join lateral plpgsql_check_function_tb(
  o.oid, coalesce(o.tgrelid, 0), oldtable => o.names[1], newtable => o.names[2], fatal_errors => false,
  other_warnings => true, extra_warnings => true, performance_warnings => true, security_warnings => true
) as c on true
"""


async def load_checker(connection: Connection) -> None:
    """Skips where plpgsql_check is not installed; fails where everything must be."""
    try:
        await connection.execute("create extension plpgsql_check")
    except psycopg.errors.FeatureNotSupported:
        missing("plpgsql_check")


@pytest.mark.parametrize("with_extensions", [False, True], ids=["plain", "with-pg-net-and-vault"])
async def test_every_function_is_clean(empty_postgres_15_url: str, with_extensions: bool) -> None:
    async with connect(empty_postgres_15_url) as connection:
        await load_checker(connection)
        await migrate(connection)
        if with_extensions:
            await lay_net(connection)
            await lay_vault(connection)

        found = await (await connection.execute(CHECK)).fetchall()

    assert {function.partition("(")[0] for function, *_ in found} >= {
        "process_auto_sync_jobs", "cleanup_auto_sync_jobs", "schedule_first_reminder", "jobs_follow_status",
        "jobs_follow_options", "pause_check_follows_answers", "forget_suppressed_numbers",
    }  # fmt: skip
    assert [problem for problem in found if problem[1] is not None] == []
