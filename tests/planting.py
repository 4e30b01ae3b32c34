"""Defects to plant in a database that is well, and what a review has to find then."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autosync.database.pool import Connection
from autosync.doctor.findings import Level, Review
from autosync.doctor.review import review

QUEUED = (
    "insert into auto_sync_messages (auto_sync_id, message_type, status, sent_at, body, send_after, status_reason,"
    " error_code, claimed_at) values ('{sync}', 'started', "
)


@dataclass(frozen=True)
class Defect:
    """`plant`: SQL, {sync} being the live sync's id. `finds`: (level, part of what is said), all of them, in order."""

    id: str
    plant: str
    finds: tuple[tuple[str, str], ...]
    cured_by_advice: bool = True


def defect(id_: str, plant: str, *finds: tuple[str, str], cured: bool = True) -> Defect:
    return Defect(id_, plant, finds, cured)


def ailments(found: Review) -> list[tuple[str, str]]:
    """(level, what) of all that is not well, without the absence of pg_cron, which the embedded server lacks."""
    return [
        (finding.level.name, finding.what)
        for finding in found.findings
        if finding.level not in (Level.OK, Level.NOTE) and "pg_cron is not installed" not in finding.what
    ]


async def plant(connection: Connection, statements: str) -> None:
    for statement in statements.split("; "):
        await connection.execute(statement.encode())


async def follow_sql_advice(connection: Connection) -> None:
    """Runs every piece of SQL that the review advises against what is not well, and nothing else of its advice."""
    for finding in (await review(connection)).findings:
        if finding.level is Level.NOTE:
            continue
        for advised in re.findall(r"`([^`]+;)`", finding.advice or ""):
            for statement in advised.removesuffix(";").split("; "):
                await connection.execute(statement.encode())


async def assert_found_and_nothing_else(connection: Connection, planted: Defect, sync: object = None) -> None:
    """Of a healthy database the review has nothing to say; of the planted defect that, and nothing else."""
    healthy = ailments(await review(connection))
    assert healthy == [], healthy
    await plant(connection, planted.plant.format(sync=sync))
    found = ailments(await review(connection))
    assert len(found) == len(planted.finds), found
    for (level, what), (expected_level, part) in zip(found, planted.finds, strict=True):
        assert (level, part.format(sync=sync) in what) == (expected_level, True), what
    if planted.cured_by_advice:
        await follow_sql_advice(connection)
        cured = ailments(await review(connection))
        assert cured == [], cured
