"""The pages of a list: which one is shown, and where the ones before and after it are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pager:
    """Which of the pages is shown, from 1 on. `skip`: how many entries stand on the pages before."""

    page: int
    pages: int
    skip: int
    there_are: int
    what: str
    before: str | None
    after: str | None

    @classmethod
    def of(cls, page: int, there_are: int, at_once: int, *, address: Callable[[int], str], what: str) -> Pager:
        """The page of this number, or the last one where there are not so many. `address`: of a page."""
        pages = max(1, -(-there_are // at_once))
        page = min(page, pages)
        return cls(
            page,
            pages,
            (page - 1) * at_once,
            there_are,
            what,
            before=address(page - 1) if page > 1 else None,
            after=address(page + 1) if page < pages else None,
        )


def number_of(text: str | None) -> int:
    """The page that an address asks for; the first one where it is garbled."""
    return max(1, int(text)) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 1
