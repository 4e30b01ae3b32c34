"""Bodies that are too large, or take too long."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import Request
from starlette.types import Message

from autosync.web.errors import NotAllowedError
from autosync.web.limits import read_small


def request_of(*parts: bytes, ends: bool = True) -> Request:
    """A request whose body comes in these parts; one that does not end is waited for."""
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        if not ends:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


async def test_a_body_is_read_whole() -> None:
    assert await read_small(request_of(b"ab", b"c"), at_most=3) == b"abc"


async def test_a_body_is_read_no_further_than_allowed() -> None:
    with pytest.raises(NotAllowedError, match="larger than 3 bytes") as refusal:
        await read_small(request_of(b"ab", b"cd", ends=False), at_most=3)
    assert refusal.value.status == 413


async def test_who_sends_a_byte_at_a_time_is_not_waited_for() -> None:
    with pytest.raises(NotAllowedError, match=r"within 0\.01 seconds") as refusal:
        await read_small(request_of(b"a", ends=False), within=0.01)
    assert refusal.value.status == 408
