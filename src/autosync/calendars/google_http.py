"""The HTTP under our requests to Google: time-outs for all of it, no redirects, and each failure told by its meaning.

`await http.send("POST", address, form={…})` hands back the answer's JSON object, or raises one of `google_errors`. It
never tries twice: whoever asked knows whether that is safe.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from autosync.calendars.google_errors import Unauthorized, cut_off, from_answer, not_reached, timed_out, unreadable

TIMEOUT = timedelta(seconds=10)
"""For a whole request, from the connecting to the last byte of the answer."""

_CONNECT_TIMEOUT = timedelta(seconds=3)

_LONGEST_IDLE = timedelta(seconds=2)
"""A connection that has been idle for longer is not used again: what is sent on one that the other side is just
closing may or may not have been done."""

_LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes; ten calendars that are busy every quarter of an hour for two months have about half of it."""


class GoogleHttp:
    """One pool of connections, opened with the first request; `await close()` at the end."""

    def __init__(self, *, timeout: timedelta = TIMEOUT) -> None:
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    async def send(
        self,
        method: str,
        address: str,
        *,
        token: SecretStr | None = None,
        params: Mapping[str, str] | None = None,
        form: str | None = None,
        content: Mapping[str, Any] | None = None,
        if_match: str | None = None,
    ) -> dict[str, Any]:
        """One request, once. `form`: a body that is encoded already; `content`: one to be sent as JSON.

        The answer's object; empty where there is no content. Raises GoogleError.
        """
        headers = _headers(token, form, if_match)
        body = form.encode() if form is not None else _encoded(content)
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                request = self._open().stream(method, address, params=params, content=body, headers=headers)
                async with request as answer:
                    received = await _read(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise not_reached(type(error).__name__) from None
        except (httpx.TimeoutException, TimeoutError):
            raise timed_out() from None
        except (httpx.HTTPError, OSError) as error:
            raise cut_off(type(error).__name__) from None
        if not answer.is_success:
            raise from_answer(answer.status_code, received, answer.headers.get("Retry-After"))
        return _object(answer.status_code, received)

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(
                    self._timeout.total_seconds(),
                    connect=min(_CONNECT_TIMEOUT, self._timeout / 2).total_seconds(),
                ),
                limits=httpx.Limits(keepalive_expiry=_LONGEST_IDLE.total_seconds()),
                headers={"Accept": "application/json", "User-Agent": "autosync"},
            )
        return self._client

    async def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _headers(token: SecretStr | None, form: str | None, if_match: str | None) -> dict[str, str]:
    headers = {} if token is None else {"Authorization": f"Bearer {_sendable(token)}"}
    if if_match is not None:
        headers["If-Match"] = if_match
    headers["Content-Type"] = "application/json" if form is None else "application/x-www-form-urlencoded"
    return headers


def _sendable(token: SecretStr) -> str:
    """The token, unless it is none: other clients write tokens, too, and an error about a header would quote it."""
    written = token.get_secret_value()
    if not written or not written.isascii() or not written.isprintable() or " " in written:
        raise Unauthorized("What is kept as the access token is none.", "no token")
    return written


def _encoded(content: Mapping[str, Any] | None) -> bytes | None:
    return None if content is None else json.dumps(content, separators=(",", ":")).encode()


async def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > _LARGEST_ANSWER:
            raise unreadable(answer.status_code)
    return bytes(body)


def _object(status: int, received: bytes) -> dict[str, Any]:
    if not received.strip():
        return {}
    try:
        answer = json.loads(received)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise unreadable(status) from None
    return answer
