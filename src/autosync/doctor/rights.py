"""What the API roles may do besides the policies: their own attributes, grants on tables, calls of functions.

Pure: `compare(actual, expected, roles)` gives findings, against this release's grants and functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from autosync.database.catalog import Catalog, Function, Grant
from autosync.database.review import Role
from autosync.doctor.expected import is_productions
from autosync.doctor.findings import Finding, Level, listed, warning, wrong

AREA = "security"

_ROLES = ("anon", "authenticated", "service_role")
_COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def compare(actual: Catalog, expected: Catalog, roles: Mapping[str, Role]) -> Iterator[Finding]:
    """What an API role may do that it must not, or may not that it has to."""
    yield from _attributes(roles)
    yield from _surplus_grants(actual, expected)
    yield from _missing_grants(actual, expected)
    yield from _functions(actual, expected)


def _attributes(roles: Mapping[str, Role]) -> Iterator[Finding]:
    if missing := [name for name in _ROLES if name not in roles]:
        create = " ".join(f"create role {role} nologin;" for role in missing)
        what = f"The roles {listed(missing)} are missing, so policies to them hold nobody."
        yield wrong(AREA, what, f"Run `{create}`.", missing=True)
    for role in (roles[name] for name in ("anon", "authenticated") if name in roles):
        if role.bypasses:
            what = f"The role {role.name} sees past row-level security, so everybody reads everything."
            yield wrong(AREA, what, f"Run `alter role {role.name} nosuperuser nobypassrls;`.")
        if role.is_also:
            what = f"The role {role.name} is a member of {listed(role.is_also)}, and may do what they may."
            yield wrong(AREA, what, f"Run `revoke {', '.join(role.is_also)} from {role.name};`.")


def _surplus_grants(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Privileges that nobody but the service needs, together for each role and the same privileges."""
    surplus: dict[tuple[str, str], list[str]] = defaultdict(list)
    for grant in actual.grants:
        whole = Grant(grant.table, grant.role, grant.privilege.partition(" (")[0])
        if grant.role != "service_role" and not {grant, whole} & {*expected.grants}:
            surplus[grant.role, grant.table].append(grant.privilege)
    tables: dict[tuple[str, Level, tuple[str, ...]], list[str]] = defaultdict(list)
    for (role, table), privileges in surplus.items():
        tables[role, _surplus_level(actual, table, role, privileges), tuple(privileges)].append(table)
    for (role, level, held), names in tables.items():
        yield Finding(
            AREA,
            level,
            f"The role {role} may {listed(held)} on {listed(names)}, which it has no need to.",
            f"Run `{_revoke(role, held, names)}`.",
        )


def _revoke(role: str, privileges: tuple[str, ...], tables: list[str]) -> str:
    """What leaves the role only what it needs: to revoke a privilege takes it from every column, too."""
    on = ", ".join(f"public.{name}" for name in tables)
    return f"revoke {', '.join(map(_lowered, privileges))} on {on} from {role}, public;"


def _lowered(privilege: str) -> str:
    """`update ("Name")` of `UPDATE ("Name")`."""
    verb, bracket, columns = privilege.partition(" (")
    return f"{verb.lower()}{bracket}{columns}"


def _surplus_level(actual: Catalog, table: str, role: str, privileges: list[str]) -> Level:
    """Wrong on the project's own tables, and where nothing else stands in the way; else Supabase's usual generosity."""
    guarded = {table.name for table in actual.tables if table.row_security}
    if not is_productions(table) or table not in guarded:
        return Level.WRONG
    let_in = {
        command
        for policy in actual.policies
        if policy.table == table and policy.permissive and {*policy.roles} & {"public", role}
        for command in (_COMMANDS if policy.command == "ALL" else (policy.command,))
    }
    verbs = {privilege.partition(" (")[0] for privilege in privileges}
    forged = table == "auto_sync_messages" and role == "authenticated" and let_in & verbs
    return Level.WRONG if forged else Level.WARNING


def _missing_grants(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {(grant.role, grant.table, grant.privilege) for grant in actual.grants}
    there = {grant.role for grant in actual.grants}
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for grant in expected.grants:
        verb = grant.privilege.partition(" (")[0]
        held = {(grant.role, grant.table, grant.privilege), (grant.role, grant.table, verb)} & have
        if grant.table in actual.table_names and grant.role in there and not held:
            missing[grant.role, grant.table].append(grant.privilege)
    for (role, table), privileges in missing.items():
        yield wrong(
            AREA,
            f"The role {role} may not {listed(privileges)} on {table}, but has to.",
            f"Run `grant {', '.join(map(_lowered, privileges))} on public.{table} to {role};`.",
            missing=True,
        )


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
    elif not found.able:
        what = f"The function {name} runs with the rights of an owner whom row-level security shuts out of the queue."
        yield wrong(AREA, what, f"Let it belong to who owns the tables: `alter function {name} owner to OWNER`.")
    if found.search_path != function.search_path:
        what = f"The function {name} does not pin its search_path, so a caller can put other tables under its names."
        yield wrong(AREA, what, f"Run `alter function {name} set search_path = '';`.")
    for setting in sorted({*function.settings} - {*found.settings}):
        what = f"The function {name} does not set {setting}, so what it runs may be planned badly."
        yield warning(AREA, what, f"Run `alter function {name} set {setting};`.")
    if surplus := sorted({*found.callers} - {*function.callers} - {"service_role"}):
        what = f"The function {name} may be called by {listed(surplus)}."
        yield wrong(AREA, what, f"Run `revoke execute on function {name} from {', '.join(surplus).lower()};`.")
    if missing := sorted(
        {*function.callers} - {*found.callers} - ({"service_role"} if "PUBLIC" in found.callers else set())
    ):
        what = f"The function {name} may not be called by {listed(missing)}, which needs it."
        yield wrong(AREA, what, f"Run `grant execute on function {name} to {', '.join(missing)};`.")
