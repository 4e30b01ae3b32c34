"""Makes `expected.json` anew: `python -m autosync.doctor.snapshot`, after every change of the migrations.

It reads a database that it migrates on a server of its own. A test tells when it was forgotten.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from autosync.database import catalog, embedded, migrate, review
from autosync.database.catalog import Catalog
from autosync.database.pool import connect


def as_text(made: Catalog) -> str:
    """A catalog as JSON with one fact a line, so that a change reads well."""
    kinds = (
        f"{json.dumps(kind)}: [\n" + ",\n".join(f"  {json.dumps(fact)}" for fact in facts) + "\n]"
        for kind, facts in catalog.to_rows(made).items()
    )
    return "{\n" + ",\n".join(kinds) + "\n}\n"


async def read_whole(url: str) -> Catalog:
    """The catalog of all that a database has in schema public."""
    async with connect(url) as connection, connection.transaction():
        await review.begin(connection)
        return await catalog.read(connection)


async def _make() -> Catalog:
    with tempfile.TemporaryDirectory(prefix="autosync-expected-", ignore_cleanup_errors=True) as folder:
        url = embedded.start(Path(folder))
        async with connect(url) as connection:
            await migrate.migrate(connection)
        return await read_whole(url)


if __name__ == "__main__":
    target = Path(__file__).with_name("expected.json")
    target.write_text(as_text(asyncio.run(_make())), encoding="utf-8")
    sys.stdout.write(f"Wrote {target}.\n")
