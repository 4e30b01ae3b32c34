"""The SQL of the project, one statement a file in `sql/`.

`statement("claim_due_jobs")` gives the text of `sql/claim_due_jobs.sql`; parameters are named, as in `%(now)s`.
"""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> bytes:
    """The SQL of this name. Raises FileNotFoundError if there is none."""
    return files("autosync.database").joinpath("sql", f"{name}.sql").read_bytes()
