"""Who may do what: row-level security, policies, grants, and the rights of functions, against this release's.

Pure: `compare(actual, expected, bypasses)` gives findings. A policy of production's own counts by what it does: it is
fine under any name if it lets people do what they should, and only to rows that it ties to who is asking.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from autosync.database.catalog import Catalog, Function, Grant, Policy
from autosync.doctor.expected import is_productions
from autosync.doctor.findings import Finding, Level, ok, warning, wrong

AREA = "security"

_COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_EVERYBODY = {"public", "anon"}
_SIGNED_IN = {"public", "authenticated"}

_TIED = re.compile(r"auth\.(uid|jwt|email)\(\)|current_setting\(|'service_role'|^false$")
"""What ties a row, or a request, to who is asking. That auth.role() is 'authenticated' ties nothing."""


def compare(actual: Catalog, expected: Catalog, bypasses: Mapping[str, bool]) -> Iterator[Finding]:
    """What is open that should not be, or shut that should not be. `bypasses`: roles that see past the policies."""
    found = [
        *_row_security(actual, expected),
        *_open_policies(actual),
        *_changed_policies(actual, expected),
        *_missing_policies(actual, expected),
        *_service(actual, expected, bypasses),
        *_surplus_grants(actual, expected),
        *_missing_grants(actual, expected),
        *_functions(actual, expected),
    ]
    yield from found
    if not found:
        yield ok(AREA, "People reach their own rows only, anonymous callers nothing, and no API role our functions.")


def _guarded(actual: Catalog) -> set[str]:
    return {table.name for table in actual.tables if table.row_security}


def _row_security(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    wanted = {table.name for table in expected.tables if table.row_security}
    for table in actual.tables:
        if table.name in wanted and not table.row_security:
            yield wrong(
                AREA,
                f"Row-level security is off on {table.name}: whoever may read the table reads everybody's rows.",
                f"Run `alter table public.{table.name} enable row level security;`.",
            )


def _is_open(policy: Policy) -> bool:
    """Whether it lets anybody who is not the service at rows that are not tied to who is asking."""
    if not policy.permissive or not ({*policy.roles} & (_EVERYBODY | _SIGNED_IN)):
        return False
    expressions = [e for e in (policy.using, policy.check) if e is not None]
    return not expressions or any(not _TIED.search(expression) for expression in expressions)


def _open_policies(actual: Catalog) -> Iterator[Finding]:
    for policy in actual.policies:
        if not _is_open(policy):
            continue
        whom = "anybody" if {*policy.roles} & _EVERYBODY else "everybody who is signed in"
        yield wrong(
            AREA,
            f"The policy {policy.name} on {policy.table} opens it ({policy.command}) to {whom}, whoever owns the row.",
            f"Run `drop policy {_quoted(policy.name)} on public.{policy.table};` unless the rows are meant for all.",
        )


def _changed_policies(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Policies of this project, by their names, that somebody has changed but not opened."""
    ours = {(policy.table, policy.name): policy for policy in expected.policies}
    for policy in actual.policies:
        wanted = ours.get((policy.table, policy.name))
        if wanted is None or wanted == policy or _is_open(policy):
            continue
        what = f"to {', '.join(policy.roles)}" if policy.roles != wanted.roles else "with another condition"
        drop = f"drop policy {policy.name} on public.{policy.table};"
        yield warning(
            AREA,
            f"The policy {policy.name} on {policy.table} was changed: it is {what}.",
            f"Run `{drop} {_create(wanted)}`.",
        )


def _missing_policies(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """What people should be able to do with their own rows, and no policy lets them."""
    allowed = {(p.table, command) for p in actual.policies if _lets_in(p) for command in _commands(p)}
    for policy in expected.policies:
        if "authenticated" not in policy.roles or policy.table not in _guarded(actual):
            continue
        shut = [command for command in _commands(policy) if (policy.table, command) not in allowed]
        if not shut:
            continue
        level = Level.WARNING if is_productions(policy.table) and "SELECT" not in shut else Level.WRONG
        what = f"No policy lets people {_listed(shut).lower()} their own rows of {policy.table}."
        yield Finding(AREA, level, what, f"Run `{_create(policy)}`.")


def _lets_in(policy: Policy) -> bool:
    return policy.permissive and bool({*policy.roles} & _SIGNED_IN)


def _commands(policy: Policy) -> tuple[str, ...]:
    return _COMMANDS if policy.command == "ALL" else (policy.command,)


def _create(policy: Policy) -> str:
    using = f" using ({_one_line(policy.using)})" if policy.using else ""
    check = f" with check ({_one_line(policy.check)})" if policy.check else ""
    to = f"for {policy.command.lower()} to {', '.join(policy.roles)}"
    return f"create policy {_quoted(policy.name)} on public.{policy.table} {to}{using}{check};"


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def _service(actual: Catalog, expected: Catalog, bypasses: Mapping[str, bool]) -> Iterator[Finding]:
    """The service needs a policy only where row-level security holds for it at all."""
    if missing := sorted({"anon", "authenticated", "service_role"} - set(bypasses)):
        roles = " ".join(f"create role {role} nologin;" for role in missing)
        yield wrong(
            AREA, f"The roles {_listed(missing)} are missing, so policies to them hold nobody.", f"Run `{roles}`."
        )
    if bypasses.get("service_role", True):
        return
    served = {p.table for p in actual.policies if p.permissive and "service_role" in p.roles and p.command == "ALL"}
    if shut := sorted(_guarded(actual) & expected.table_names - served):
        yield wrong(
            AREA,
            f"Row-level security shuts the service out of {_listed(shut)}.",
            "Run `alter role service_role bypassrls;`.",
        )


def _surplus_grants(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Privileges that nobody but the service needs, together for each role and the same privileges."""
    surplus: dict[tuple[str, str], list[str]] = defaultdict(list)
    for grant in actual.grants:
        if grant.role != "service_role" and grant not in expected.grants:
            surplus[grant.role, grant.table].append(grant.privilege)
    tables: dict[tuple[str, Level, tuple[str, ...]], list[str]] = defaultdict(list)
    for (role, table), privileges in surplus.items():
        tables[role, _surplus_level(actual, table, role, privileges), tuple(privileges)].append(table)
    for (role, level, held), names in tables.items():
        listed = ", ".join(f"public.{name}" for name in names)
        yield Finding(
            AREA,
            level,
            f"The role {role} may {_listed(held)} on {_listed(names)}, which it has no need to.",
            f"Run `revoke {', '.join(held).lower()} on {listed} from {role}, public;`.",
        )


def _surplus_level(actual: Catalog, table: str, role: str, privileges: list[str]) -> Level:
    """Wrong on the project's own tables, and where nothing else stands in the way; else Supabase's usual generosity."""
    if not is_productions(table) or table not in _guarded(actual):
        return Level.WRONG
    let_in = {
        command
        for policy in actual.policies
        if policy.table == table and policy.permissive and {*policy.roles} & {"public", role}
        for command in _commands(policy)
    }
    forged = table == "auto_sync_messages" and role == "authenticated" and let_in & {*privileges}
    return Level.WRONG if forged else Level.WARNING


def _missing_grants(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for grant in expected.grants:
        if grant.table in actual.table_names and grant not in actual.grants and _role_is_there(actual, grant):
            missing[grant.role, grant.table].append(grant.privilege)
    for (role, table), privileges in missing.items():
        yield wrong(
            AREA,
            f"The role {role} may not {_listed(privileges)} on {table}, but has to.",
            f"Run `grant {', '.join(privileges).lower()} on public.{table} to {role};`.",
        )


def _role_is_there(actual: Catalog, grant: Grant) -> bool:
    return any(other.role == grant.role for other in actual.grants)


def _functions(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {function.signature: function for function in actual.functions}
    for function in expected.functions:
        found = have.get(function.signature)
        if found is not None:
            yield from _compare_function(found, function)


def _compare_function(found: Function, function: Function) -> Iterator[Finding]:
    name = function.signature
    if found.security_definer != function.security_definer:
        whose, change = ("its caller's", "definer") if function.security_definer else ("its owner's", "invoker")
        what = f"The function {name} runs with {whose} rights."
        yield wrong(AREA, what, f"Run `alter function {name} security {change};`.")
    if found.search_path != function.search_path:
        what = f"The function {name} does not pin its search_path, so a caller can put other tables under its names."
        yield wrong(AREA, what, f"Run `alter function {name} set search_path = '';`.")
    if surplus := sorted({*found.callers} - {*function.callers} - {"service_role"}):
        what = f"The function {name} may be called by {_listed(surplus)}."
        yield wrong(AREA, what, f"Run `revoke execute on function {name} from {', '.join(surplus).lower()};`.")
    if missing := sorted({*function.callers} - {*found.callers}):
        what = f"The function {name} may not be called by {_listed(missing)}, which needs it."
        yield wrong(AREA, what, f"Run `grant execute on function {name} to {', '.join(missing)};`.")


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'
