"""Row-level security and its policies, against this release's, compared by what they mean and not by how they are put.

Pure: `compare(actual, expected, roles)` gives findings. A policy of production's own is fine under any name if it lets
people do what they should, and only with rows that it ties to who is asking. Permissive policies add up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from autosync.database.catalog import Catalog, Policy
from autosync.database.review import Role
from autosync.doctor.conditions import Tie, asked_once, asks_row_by_row, stricter, tie, tree
from autosync.doctor.expected import is_productions
from autosync.doctor.findings import Finding, Level, listed, note, quoted, warning, wrong

AREA = "security"

_COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
_EVERYBODY = {"public", "anon"}
_SIGNED_IN = {"public", "authenticated"}
_PEOPLE = _EVERYBODY | _SIGNED_IN


def compare(actual: Catalog, expected: Catalog, roles: Mapping[str, Role]) -> Iterator[Finding]:
    """What is open that should not be, or shut that should not be."""
    yield from _row_security(actual, expected)
    yield from _open_policies(actual)
    yield from _changed_policies(actual, expected)
    yield from _further_policies(actual, expected)
    yield from _policies_for_everybody(actual, expected)
    yield from _slow_policies(actual)
    yield from _missing_policies(actual, expected)
    yield from _service(actual, expected, roles)


def _row_security(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    wanted = {table.name for table in expected.tables if table.row_security}
    for table in actual.tables:
        if table.name in wanted and not table.row_security:
            yield wrong(
                AREA,
                f"Row-level security is off on {table.name}: whoever may read the table reads everybody's rows.",
                f"Run `alter table public.{table.name} enable row level security;`.",
            )
        elif table.shuts_out_owner:
            yield wrong(
                AREA,
                f"Row-level security is forced upon the owner of {table.name}, whom its policies shut out:"
                " triggers that run as the owner fail.",
                f"Run `alter table public.{table.name} no force row level security;`: the API roles do not own it.",
            )


def _tie(policy: Policy) -> Tie:
    """How it ties the rows that it lets people at; what is not for people counts as tied."""
    if not policy.permissive or not {*policy.roles} & _PEOPLE:
        return Tie.TIED
    conditions = [tree(expression) for expression in (policy.using, policy.check) if expression is not None]
    return min((tie(condition) for condition in conditions), default=Tie.TIED)


def _open_policies(actual: Catalog) -> Iterator[Finding]:
    for policy in actual.policies:
        match _tie(policy):
            case Tie.OPEN:
                whom = "anybody" if {*policy.roles} & _EVERYBODY else "everybody who is signed in"
                opens = f"opens it ({policy.command}) to {whom}, whoever owns the row"
                advice = f"Run `{_drop(policy)}` unless the rows are meant for all."
                yield wrong(AREA, f"The policy {policy.name} on {policy.table} {opens}.", advice)
            case Tie.UNSURE:
                what = f"The policy {policy.name} on {policy.table} leaves it to a function who may {policy.command}."
                yield note(AREA, what, "See that the function asks for auth.uid() and says no to everybody else.")


def _changed_policies(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Policies of this project, by their names, that somebody has changed but not opened."""
    ours = {(policy.table, policy.name): policy for policy in expected.policies}
    for policy in actual.policies:
        wanted = ours.get((policy.table, policy.name))
        if wanted is None or _tie(policy) is Tie.OPEN:
            continue
        if changes := _changes(policy, wanted):
            level = Level.WRONG if _is_wider(policy, wanted) else Level.WARNING
            what = f"The policy {policy.name} on {policy.table} was changed: it is {listed(changes)}."
            yield Finding(AREA, level, what, f"Run `{_drop(policy)} {_create(wanted)}`.")


def _changes(policy: Policy, wanted: Policy) -> list[str]:
    changes = []
    if policy.permissive != wanted.permissive:
        changes.append("permissive" if policy.permissive else "restrictive")
    if policy.command != wanted.command:
        changes.append(f"for {policy.command} instead of {wanted.command}")
    if sorted(policy.roles) != sorted(wanted.roles):
        changes.append(f"to {', '.join(policy.roles)}")
    if (tree(policy.using), tree(policy.check)) != (tree(wanted.using), tree(wanted.check)):
        narrower = "a stricter" if not _has_wider_condition(policy, wanted) else "another"
        changes.append(f"with {narrower} condition")
    return changes


def _is_wider(policy: Policy, wanted: Policy) -> bool:
    """Whether it lets people at more than it should. That anon is among those whose uid must match lets in nobody."""
    if not {*policy.roles} & _PEOPLE:
        return False
    more = not {*_commands(policy)} <= {*_commands(wanted)} or not {*wanted.roles} & _PEOPLE
    loosened = policy.permissive and not wanted.permissive
    return more or loosened or _has_wider_condition(policy, wanted)


def _has_wider_condition(policy: Policy, wanted: Policy) -> bool:
    using, check = tree(policy.using), tree(policy.check)
    return not (stricter(using, tree(wanted.using)) and stricter(check or using, tree(wanted.check or wanted.using)))


def _further_policies(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Policies beside ours: permissive ones let people at more than ours do."""
    names = {(policy.table, policy.name) for policy in expected.policies}
    with_ours = {p.table for p in actual.policies if (p.table, p.name) in names and {*p.roles} & _PEOPLE}
    for policy in actual.policies:
        own = not is_productions(policy.table) or policy.table in with_ours
        if (policy.table, policy.name) in names or not own or _tie(policy) is Tie.OPEN:
            continue
        if not policy.permissive:
            what = f"The policy {policy.name} on {policy.table} is not this project's, and restricts it further."
            yield note(AREA, what, f"If people miss rows of theirs, run `{_drop(policy)}`.")
        elif {*policy.roles} & _PEOPLE:
            yield warning(
                AREA,
                f"The policy {policy.name} on {policy.table} stands beside this project's and lets people"
                f" {policy.command} rows by a condition of its own: permissive policies add up.",
                f"Run `{_drop(policy)}` unless it is meant.",
            )


def _policies_for_everybody(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Production's own policies without a role to be for."""
    names = {(policy.table, policy.name) for policy in expected.policies}
    found: dict[str, list[Policy]] = defaultdict(list)
    for policy in actual.policies:
        if "public" in policy.roles and (policy.table, policy.name) not in names and _tie(policy) is not Tie.OPEN:
            found[policy.table].append(policy)
    for table, policies in found.items():
        which = listed([policy.name for policy in policies])
        alter = " ".join(f"alter policy {quoted(p.name)} on public.{table} to authenticated;" for p in policies)
        what = f"Policies on {table} are written to nobody in particular, so they are tried for anon too: {which}."
        yield warning(AREA, what, f"Run `{alter}`.")


def _slow_policies(actual: Catalog) -> Iterator[Finding]:
    found: dict[str, list[Policy]] = defaultdict(list)
    for policy in actual.policies:
        by_row = asks_row_by_row(policy.using) or asks_row_by_row(policy.check)
        if by_row and _tie(policy) is not Tie.OPEN:
            found[policy.table].append(policy)
    for table, policies in found.items():
        which = listed([policy.name for policy in policies])
        what = f"Policies on {table} ask who is asking once for each row instead of once: {which}."
        yield warning(AREA, what, f"Run `{' '.join(_alter_to_ask_once(policy) for policy in policies)}`.")


def _alter_to_ask_once(policy: Policy) -> str:
    using = f" using ({asked_once(policy.using)})" if policy.using else ""
    check = f" with check ({asked_once(policy.check)})" if policy.check else ""
    return f"alter policy {quoted(policy.name)} on public.{policy.table}{using}{check};"


def _missing_policies(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """What people should be able to do with their own rows, and no policy lets them."""
    allowed = {(p.table, command) for p in actual.policies if _lets_in(p) for command in _commands(p)}
    guarded = {table.name for table in actual.tables if table.row_security}
    for policy in expected.policies:
        if "authenticated" not in policy.roles or not policy.permissive or policy.table not in guarded:
            continue
        shut = [command for command in _commands(policy) if (policy.table, command) not in allowed]
        if not shut:
            continue
        level = Level.WARNING if is_productions(policy.table) and "SELECT" not in shut else Level.WRONG
        what = f"No policy lets people {listed(shut).lower()} their own rows of {policy.table}."
        again = any((p.table, p.name) == (policy.table, policy.name) for p in actual.policies)
        drop = f"{_drop(policy)} " if again else ""
        yield Finding(AREA, level, what, f"Run `{drop}{_create(policy)}`.", missing=True)


def _lets_in(policy: Policy) -> bool:
    return policy.permissive and bool({*policy.roles} & _SIGNED_IN)


def _commands(policy: Policy) -> tuple[str, ...]:
    return _COMMANDS if policy.command == "ALL" else (policy.command,)


def _drop(policy: Policy) -> str:
    return f"drop policy {quoted(policy.name)} on public.{policy.table};"


def _create(policy: Policy) -> str:
    using = f" using ({policy.using})" if policy.using else ""
    check = f" with check ({policy.check})" if policy.check else ""
    kind = "" if policy.permissive else " as restrictive"
    to = f" for {policy.command.lower()} to {', '.join(policy.roles)}"
    return " ".join(f"create policy {quoted(policy.name)} on public.{policy.table}{kind}{to}{using}{check};".split())


def _service(actual: Catalog, expected: Catalog, roles: Mapping[str, Role]) -> Iterator[Finding]:
    """Whether the service reaches every row: by an attribute of its role, or by a policy for each table."""
    service = roles.get("service_role")
    if service is None or service.bypasses:
        return
    served = {p.table for p in actual.policies if "service_role" in p.roles and p.command == "ALL"}
    guarded = {table.name for table in actual.tables if table.row_security}
    if shut := sorted(guarded & expected.table_names - served):
        what = f"Row-level security shuts the service out of {listed(shut)}."
        yield wrong(AREA, what, "Run `alter role service_role bypassrls;`.")
