"""Reads a page as a person would who has to fill it in: the fields of its forms, their values, and what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser


@dataclass
class ShownForm:
    """A form: where it goes, and each field with its value; a box or choice that is not made has none."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[ShownForm] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "form":
            self.forms.append(ShownForm(found.get("action") or ""))
        elif tag == "select":
            self._select = name
            self.forms[-1].fields[name] = ""
        elif tag == "option" and "selected" in found:
            self.forms[-1].fields[self._select] = value
        elif tag == "button" and name:
            self.forms[-1].buttons.append(f"{name}={value}")
        elif tag == "input" and (found.get("type") not in ("radio", "checkbox") or "checked" in found):
            self.forms[-1].fields[name] = value


def forms_of(page: str) -> list[ShownForm]:
    """All forms of the page, in order, but for the one that signs out."""
    reader = _Reader()
    reader.feed(page)
    return [form for form in reader.forms if form.action != "/sign-out"]


def form_to(page: str, action: str) -> ShownForm:
    """The first form that goes there."""
    return next(form for form in forms_of(page) if form.action == action)


def problems_of(page: str) -> dict[str, str]:
    """The sentence beside each field that is marked as wrong; the field names it."""
    found = {
        name: unescape(text) for name, text in re.findall(r'<p class="problem" id="problem-(\w+)">([^<]+)</p>', page)
    }
    for name in found:
        assert re.search(rf'aria-describedby="[^"]*\bproblem-{name}\b[^"]*"[^>]* aria-invalid="true"', page), name
    assert page.count('aria-invalid="true"') == len(found)
    return found
