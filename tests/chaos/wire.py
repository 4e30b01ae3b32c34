"""The network between a worker and its database: a relay that lags, holds, cuts, or leaves half-open."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Wire:
    """Relays a TCP port to a server's socket."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        parts = conninfo_to_dict(server_url)
        self._path = f"{parts['host']}/.s.PGSQL.{parts.get('port') or 5432}"
        self._open: set[asyncio.StreamWriter] = set()
        self._stranded: set[asyncio.StreamWriter] = set()
        self._never: list[asyncio.Event] = []
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self.url = ""
        self.taken = 0
        """How many connections there were, ever."""
        self.most = 0
        """How many were open at once, at most."""
        self.refuses = False
        """Whether whoever comes from now on is turned away."""
        self.lag = 0.0
        """Seconds that each part of what comes through takes."""

    async def start(self) -> None:
        """Takes connections; `url` leads through here from then on."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = make_conninfo(self._server_url, host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable")

    @property
    def open(self) -> int:
        """How many connections there are, without those that are stranded."""
        return len(self._open) // 2

    def cut(self) -> int:
        """Resets every connection; returns how many there were."""
        cut = self.open
        for writer in list(self._open):
            writer.transport.abort()
        return cut

    async def freeze(self, seconds: float) -> None:
        """Nothing comes through for a while, in either direction, and nobody is told. Then all of it is cut."""
        self.hold()
        await asyncio.sleep(seconds)
        self.cut()
        self.let_go()

    def hold(self) -> None:
        """Nothing comes through until it is let go, and nothing is lost."""
        self._flows.clear()

    def let_go(self) -> None:
        """All that was held comes through."""
        self._flows.set()

    def strand(self) -> None:
        """Nothing comes through any more on what is open now, and nobody is told; what is opened from now on flows.

        Neither a cut nor the end of a freeze helps: only whoever hangs up, or `mend`.
        """
        self._stranded |= self._open
        self._open.clear()
        self._flows.clear()
        self._never.append(self._flows)
        self._flows = asyncio.Event()
        self._flows.set()

    def resume(self) -> None:
        """What is stranded comes through after all."""
        self._open |= self._stranded
        self._stranded.clear()
        while self._never:
            self._never.pop().set()

    def mend(self) -> int:
        """Resets what is stranded, at last; returns how many connections these were."""
        stranded = len(self._stranded) // 2
        for writer in list(self._stranded):
            writer.transport.abort()
        while self._never:
            self._never.pop().set()
        return stranded

    async def close(self) -> None:
        """Ends it."""
        if self._server is not None:
            self._server.close()
        self._flows.set()
        self.cut()
        self.mend()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        if self.refuses:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_unix_connection(self._path)
        except OSError:
            writer.transport.abort()
            return
        flows = self._flows
        self._open |= {writer, back}
        self.most = max(self.most, self.open)
        with suppress(OSError):
            await asyncio.gather(self._pass_on(reader, back, flows), self._pass_on(there, writer, flows))
        for end in (writer, back):
            self._open.discard(end)
            self._stranded.discard(end)
            end.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flows: asyncio.Event) -> None:
        while data := await reader.read(1 << 16):
            await flows.wait()
            if self.lag:
                await asyncio.sleep(self.lag)
            writer.write(data)
            await writer.drain()
        # Nor is anybody told of an end while nothing comes through.
        await flows.wait()
        writer.close()
