"""The HTTP under Twilio's SDK: time-outs on every request, another host where that is wanted, and nothing in the log.

The SDK's own client has no time-out and does not say whether a failed request has left. This one raises one of the
exceptions below, which say just that; every other answer goes back to the SDK.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlencode

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

TWILIO_URL = "https://api.twilio.com"

_LONGEST_RETRY_AFTER = timedelta(hours=1)

_LONGEST_IDLE = timedelta(seconds=2)
"""A connection that has been idle for longer is not used again: a text on one that the other side is just closing may
or may not have been taken, and has to be looked up."""


class NotReachedError(Exception):
    """No connection came about (refused, unknown host, TLS, time-out while connecting): no byte of the request left."""


class ThrottledError(Exception):
    """429: Twilio did nothing. `retry_after`: how long it wants to be left alone, if it said so."""

    def __init__(self, retry_after: timedelta | None) -> None:
        super().__init__("Twilio is throttling this account (429).")
        self.retry_after = retry_after


class CredentialsRefusedError(Exception):
    """401 or 403: Twilio did nothing for whoever asked."""

    def __init__(self, status: int) -> None:
        super().__init__(
            f"Twilio refuses the credentials ({status}): check AUTOSYNC_TWILIO_ACCOUNT_SID,"
            " AUTOSYNC_TWILIO_AUTH_TOKEN, and that the account is active."
        )


class UnansweredError(Exception):
    """The request may have been carried out, but no usable answer came back."""


class HttpClient(AsyncHttpClient):  # type: ignore[misc] # the SDK has no types
    """One pool of connections, opened with the first request; `await close()` at the end."""

    def __init__(self, *, base_url: str, connect_timeout: timedelta, timeout: timedelta) -> None:
        """`timeout`: for a whole request, its connecting included."""
        super().__init__(logger=None, is_async=True)
        self._base_url = base_url.rstrip("/")
        self._timeouts = aiohttp.ClientTimeout(total=timeout.total_seconds(), connect=connect_timeout.total_seconds())
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the SDK's signature
        allow_redirects: bool = False,
    ) -> Response:
        """What the SDK calls. Raises one of this module's exceptions, or hands back the answer."""
        del timeout, allow_redirects  # Our own time-outs hold for every request, and no redirect is followed.
        query = f"?{urlencode(params)}" if params else ""
        request = self._open().request(
            method,
            self._base_url + uri.removeprefix(TWILIO_URL) + query,
            data=urlencode(data, doseq=True) if data else None,
            headers={**(headers or {}), **(_basic(*auth) if auth else {})},
            allow_redirects=False,
        )
        try:
            async with request as answer:
                text = await answer.text(errors="replace")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotReachedError(f"Twilio could not be reached ({type(error).__name__}).") from None
        except TimeoutError:
            raise UnansweredError("Twilio did not answer in time.") from None
        except (aiohttp.ClientError, OSError) as error:
            raise UnansweredError(f"The connection to Twilio broke off ({type(error).__name__}).") from None
        _raise_for(answer)
        return Response(answer.status, text, answer.headers)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            # No limit: whoever asks keeps to one, and to wait for a connection would count as if none had come about.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_LONGEST_IDLE.total_seconds())
            self._session = aiohttp.ClientSession(timeout=self._timeouts, connector=connector)
        return self._session

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def _raise_for(answer: aiohttp.ClientResponse) -> None:
    """Raises for the statuses whose meaning does not depend on what the SDK reads in the body."""
    if answer.status == 429:
        raise ThrottledError(_seconds(answer.headers.get("Retry-After", "")))
    if answer.status in (401, 403):
        raise CredentialsRefusedError(answer.status)
    if answer.status >= 500:
        raise UnansweredError(f"Twilio answered {answer.status}.")


def _seconds(retry_after: str) -> timedelta | None:
    """The header where it gives seconds, as Twilio's does; not more than an hour, whatever it says."""
    if not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return timedelta(seconds=min(int(retry_after[:9]), _LONGEST_RETRY_AFTER.total_seconds()))
