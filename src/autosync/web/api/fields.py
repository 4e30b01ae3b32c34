"""What the fields of requests may hold: nothing that the database, a text or a calendar cannot take."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")
_EARLIEST_YEAR, _LATEST_YEAR = 2000, 9000


def _on_one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("should be on one line, without control characters")
    return text


def _as_written(value: object) -> object:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("should be a time such as 2027-03-19T18:00:00-04:00")
    return value


def _in_utc(moment: datetime) -> datetime:
    if not _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR:
        raise ValueError(f"should be between the years {_EARLIEST_YEAR} and {_LATEST_YEAR}")
    return moment.astimezone(UTC)


class _OneLine:
    """Goes with `str` in `Annotated`, behind its length."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_on_one_line, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": "^[^\\u0000-\\u001f\\u007f]*$"}


OneLine = _OneLine()
"""Text without line breaks and other control characters."""

Moment = Annotated[AwareDatetime, BeforeValidator(_as_written), AfterValidator(_in_utc)]
"""A time with its distance from UTC, as in RFC 3339."""


class Body(BaseModel):
    """What a request carries; a field that is not known is refused, since it may be a misspelt one."""

    model_config = ConfigDict(extra="forbid")
