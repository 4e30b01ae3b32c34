"""What a form carries, read once: text by field, without line breaks or other control characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import Request

from autosync.web.errors import NotAllowedError
from autosync.web.limits import read_small

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
MOST_FIELDS = 2000


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each with all its values in order."""

    fields: dict[str, list[str]]

    def text(self, name: str) -> str:
        """The first value of a field, trimmed; empty where there is none."""
        values = self.fields.get(name) or [""]
        return _CONTROL.sub(" ", values[0]).strip()

    def texts(self, name: str) -> list[str]:
        """All values of a field, trimmed."""
        return [_CONTROL.sub(" ", value).strip() for value in self.fields.get(name, [])]


async def read_form(request: Request) -> Form:
    """The form that was sent. Raises NotAllowedError: 413 for a large one, 400 for what is none."""
    try:
        fields = parse_qs((await read_small(request)).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise NotAllowedError(400, "The form cannot be read; open the page again and send it from there.") from error
    return Form(fields)
