"""Starts `autosync` commands without the second that importing takes: everything is imported once, and forked.

As a program it reads a line for each process that is to start and writes one for each that has started or ended;
`Nursery` is its other end.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import Any


class Nursery:
    """Knows how each of its children ended."""

    def __init__(self, preloaded: dict[str, str] | None = None) -> None:
        """`preloaded`: variables that count from the first instruction on, as LD_PRELOAD does, for all children."""
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | (preloaded or {}),
        )
        self._started: Queue[int] = Queue()
        self._ended: dict[int, int] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, arguments: list[str], environment: dict[str, str], said: Path) -> int:
        """Starts `autosync` with these arguments; returns its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([arguments, environment, str(said)]) + "\n")
        self._process.stdin.flush()
        return self._started.get(timeout=60)

    def ended(self, pid: int) -> int | None:
        """How it ended: 0, 1 after an error, -9 after SIGKILL; None while it runs."""
        return self._ended.get(pid)

    def wait(self, pid: int, *, within: float) -> int | None:
        """The same, once it has ended, or when the time is over."""
        deadline = time.monotonic() + within
        while self.ended(pid) is None and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.ended(pid)

    def close(self) -> None:
        """Ends it; its children are to be ended before."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told: dict[str, Any] = json.loads(line)
            if "started" in told:
                self._started.put(told["started"])
            else:
                self._ended[told["ended"]] = told["status"]


def _tell(**what: int) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


def _reap(*_: object) -> None:
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _tell(ended=pid, status=os.waitstatus_to_exitcode(status))


def _live(arguments: list[str], environment: dict[str, str], said: str) -> None:
    """What the child does; it never comes back from here."""
    status = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(environment)
        from autosync.cli import run  # noqa: PLC0415 - what is imported here is the child's alone

        run(arguments)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stderr.flush()
        os._exit(status)


def _serve() -> None:
    for name in ("cli.app", "fake_twilio", "gateways.twilio", "inbox", "web.app", "web.server", "web.webhooks"):
        import_module(f"autosync.{name}")

    gc.freeze()
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        arguments, environment, said = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(arguments, environment, said)
        _tell(started=pid)


if __name__ == "__main__":
    _serve()
