"""The processes that do the work, each of which can be killed at any moment and is started again at once."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos.nursery import Nursery
from commands import environment
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM

NO_DATABASE = 2
AT_WORK = (b'"worker_started"', b'"serving"')
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
SERVICE_KEY = "the-service-key-of-the-chaos"


@dataclass
class Member:
    """One command that is to run for ever."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    said: Path
    nursery: Nursery
    is_mortal: bool = True
    """Whether it may be killed. One that may not has to come back from everything else by itself."""
    weight: float = 1
    """How often it is killed, beside the others."""
    pid: int = 0
    kills: int = 0
    deaths: int = 0
    """How often it ended by itself, which it never should."""
    turned_away: int = 0
    """How often it found no database when it was started, said so (2), and was started again, as by any supervisor."""
    _said_before: int = 0

    def start(self) -> None:
        """Starts it anew."""
        self._said_before = self.said.stat().st_size if self.said.exists() else 0
        self.pid = self.nursery.start(self.arguments, self.environment, self.said)

    def kill(self) -> None:
        """SIGKILL, and a new one."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.nursery.wait(self.pid, within=10)
        self.kills += 1
        self.start()

    def look_after(self) -> None:
        """Counts it, and starts it again, if it has ended by itself."""
        ended = self.nursery.ended(self.pid)
        if ended is not None:
            if ended == NO_DATABASE and not self._had_begun():
                self.turned_away += 1
            else:
                self.deaths += 1
            self.start()

    def _had_begun(self) -> bool:
        """Whether it has said since its start that it is at work."""
        with self.said.open("rb") as said:
            said.seek(self._said_before)
            told = said.read()
        return any(word in told for word in AT_WORK)

    def stop(self) -> int | None:
        """SIGTERM; how it ended, None if it did not within half a minute."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        ended = self.nursery.wait(self.pid, within=30)
        if ended is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        return ended


@dataclass
class Crew:
    """All of them."""

    folder: Path
    nursery: Nursery = field(default_factory=Nursery)
    members: list[Member] = field(default_factory=list)

    def hire(
        self,
        name: str,
        *arguments: str,
        settings: dict[str, str],
        nursery: Nursery | None = None,
        is_mortal: bool = True,
        weight: float = 1,
    ) -> Member:
        """One more, started: `autosync` with these arguments. `nursery`: of its own, where it is unlike the others."""
        said = self.folder / f"{name}.log"
        member = Member(name, list(arguments), settings, said, nursery or self.nursery, is_mortal, weight)
        self.members.append(member)
        member.start()
        return member

    def stop(self) -> dict[str, int | None]:
        """SIGTERM for all; how each ended."""
        ended = {member.name: member.stop() for member in self.members}
        for nursery in {self.nursery, *(member.nursery for member in self.members)}:
            nursery.close()
        return ended


def settings(database_url: str, *, twilio_url: str, public_url: str, **more: str) -> dict[str, str]:
    """What every process of a deployment has in common."""
    return environment(
        database_url,
        AUTOSYNC_GATEWAY="twilio",
        AUTOSYNC_TWILIO_ACCOUNT_SID=ACCOUNT_SID,
        AUTOSYNC_TWILIO_AUTH_TOKEN=AUTH_TOKEN,
        AUTOSYNC_TWILIO_FROM=FROM,
        AUTOSYNC_TWILIO_BASE_URL=twilio_url,
        AUTOSYNC_PUBLIC_URL=public_url,
        AUTOSYNC_SERVICE_KEY=SERVICE_KEY,
        AUTOSYNC_LOG_LEVEL="info",
        **more,
    )


def clock_an_hour_ahead() -> dict[str, str]:
    """The environment of a process whose clock is wrong. Raises FileNotFoundError without libfaketime."""
    if FAKETIME is None:
        raise FileNotFoundError("libfaketime is not installed: see system-packages.txt")
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+3600s", "DONT_FAKE_MONOTONIC": "1"}
