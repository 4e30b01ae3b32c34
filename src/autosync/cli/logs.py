"""Logs go to standard error: for people on a terminal, one JSON object a line otherwise; other libraries' lines too.

`set_up(level)` may be called again. Of an error of the database only the server's own sentence is kept, not the rows
that it quotes, and of a phone number no more than its last four digits: what is logged is read by more people than
what is in the database.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import psycopg
import structlog

from autosync.database.pool import in_short
from autosync.phone_numbers import masked


def set_up(level: str) -> None:
    """Logs from this level on: debug, info, warning or error; other libraries' lines from warning on."""
    on_terminal = sys.stderr.isatty()
    lasting: list[structlog.types.Processor] = [
        structlog.processors.ExceptionRenderer(_tell),
        _mask_numbers,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if on_terminal
        else structlog.processors.JSONRenderer(),
    ]
    stamping: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *stamping, *lasting],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *stamping],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *lasting],
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)


def _tell(exc_info: structlog.typing.ExcInfo) -> str:
    """The traceback, in which each error of the database says only what `in_short` says."""
    text = "".join(traceback.format_exception(*exc_info)).rstrip()
    for error in _chain(exc_info[1]):
        if isinstance(error, psycopg.Error) and str(error):
            text = text.replace(str(error), in_short(error))
    return text


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that it came of."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [found.__cause__, found.__context__, *getattr(found, "exceptions", ())]


def _mask_numbers(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Of every number its last four digits, wherever it stands."""
    return {name: _masked(value) for name, value in event.items()}


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case list() | tuple():
            return [_masked(each) for each in value]
    return value
