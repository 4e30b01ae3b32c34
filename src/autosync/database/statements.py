"""The SQL of the project, one statement a file in `sql/`.

`statement("claim_due_jobs")` gives the text of `sql/claim_due_jobs.sql`; parameters are named, as in `%(now)s`.
"""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> bytes:
    """The SQL of this name. Raises FileNotFoundError if there is none."""
    return files("autosync.database").joinpath("sql", f"{name}.sql").read_bytes()


@cache
def names_by_text() -> dict[bytes, str]:
    """What each is called."""
    paths = (path for path in files("autosync.database").joinpath("sql").iterdir() if path.name.endswith(".sql"))
    return {path.read_bytes(): path.name.removesuffix(".sql") for path in paths}
