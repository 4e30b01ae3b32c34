"""`python -m autosync`."""

from autosync.cli import run

run()
