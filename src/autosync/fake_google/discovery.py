"""Google's public description of its interface, and whether a request fits it.

`METHODS["insert"].problems(query, body)` tells what is wrong with a request, by the JSON Schemas made of
`calendar.v3.json` (see calendar.v3.NOTICE): unknown names, wrong types, values that the description does not list.
Rules that it does not hold (an end after its start, who may see what) are elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

_LISTED = re.compile(r'^- "(\w+)" -', re.MULTILINE)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def _is_date_time(value: object) -> bool:
    """RFC 3339; without an offset too, which events may leave to their time zone."""
    return not isinstance(value, str) or (bool(_DATE_TIME.fullmatch(value)) and bool(datetime.fromisoformat(value)))


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (len(value) == len("2026-01-31") and bool(date.fromisoformat(value)))


def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


_FORMATS = FormatChecker(formats=())
_FORMATS.checks("date-time", raises=ValueError)(_is_date_time)
_FORMATS.checks("date", raises=ValueError)(_is_date)
_FORMATS.checks("int32")(_is_int32)


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the interface. `required`: the body's properties that it must have."""

    id: str
    scopes: frozenset[str]
    parameters: dict[str, dict[str, Any]]
    body: Draft202012Validator | None
    read_only: frozenset[str]
    required: frozenset[str]
    is_patch: bool = field(default=False)

    def problems(self, query: Sequence[tuple[str, str]], body: object) -> list[str]:
        """What is wrong with a request, a sentence each; `body`: None if there is none."""
        return [*self._of_query(query), *self._of_body(body)]

    def split(self, body: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The body without what is read-only, which Google ignores; and the paths of that."""
        return _without(body, self.read_only, "")

    def _of_query(self, query: Sequence[tuple[str, str]]) -> Iterator[str]:
        names = [name for name, _ in query]
        for name, value in query:
            known = self.parameters.get(name)
            if known is None or known["location"] != "query":
                yield f"The query has an unknown parameter {name}."
            elif names.count(name) > 1:
                yield f"The query has the parameter {name} more than once."
            elif not _fits(known, value):
                yield f"The parameter {name} cannot be {value!r}."

    def _of_body(self, body: object) -> Iterator[str]:
        if self.body is None:
            if body is not None:
                yield "There is a body where none belongs."
            return
        if not isinstance(body, dict):
            yield "The body is not an object in JSON."
            return
        for name in sorted(self.required - body.keys()):
            yield f"The body lacks {name}."
        for error in self.body.iter_errors(_without_nulls(body) if self.is_patch else body):
            yield f"The body{error.json_path[1:]}: {error.message}."


def _read() -> dict[str, Any]:
    text = files("autosync.fake_google").joinpath("calendar.v3.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _methods(document: dict[str, Any]) -> dict[str, Method]:
    resources = document["resources"]
    described = {"freebusy": resources["freebusy"]["methods"]["query"], **resources["events"]["methods"]}
    definitions = {name: _converted(schema) for name, schema in document["schemas"].items()}
    methods = {}
    for name, method in described.items():
        wanted = method.get("request", {}).get("$ref")
        schema = document["schemas"].get(wanted, {"properties": {}})
        validator = Draft202012Validator({"$ref": f"#/$defs/{wanted}", "$defs": definitions}, format_checker=_FORMATS)
        methods[name] = Method(
            id=method["id"],
            scopes=frozenset(method["scopes"]),
            parameters={**document["parameters"], **method.get("parameters", {})},
            body=validator if wanted else None,
            read_only=frozenset(_read_only(document["schemas"], schema, "")),
            required=frozenset(_required(schema, method["id"])),
            is_patch=method["httpMethod"] == "PATCH",
        )
    return methods


def _converted(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the discovery format (JSON Schema's third draft, and its own words) in the newest draft."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    if schema["type"] == "any":
        return {}
    new: dict[str, Any] = {key: schema[key] for key in ("type", "format") if key in schema}
    if "items" in schema:
        new["items"] = _converted(schema["items"])
    if "properties" in schema:
        new["properties"] = {name: _converted(part) for name, part in schema["properties"].items()}
    if schema["type"] == "object":
        new["additionalProperties"] = (
            _converted(schema["additionalProperties"]) if "additionalProperties" in schema else False
        )
    if values := _listed_values(schema):
        new["enum"] = values
    return new


def _listed_values(schema: dict[str, Any]) -> list[str]:
    """The values that the description lists, where it lists all: the schema itself has no word for them."""
    described = schema.get("description", "")
    complete = "ossible values" in described and "ome of the possible values" not in described
    return _LISTED.findall(described) if complete and schema["type"] == "string" else []


def _read_only(schemas: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    """The paths of what the descriptions call read-only; those of a list's items are written with []."""
    for name, part in schema.get("properties", {}).items():
        path = f"{at}{name}"
        if "read-only" in part.get("description", "").lower():
            yield path
            continue
        items = part.get("items", {})
        inner, below = (items, f"{path}[].") if items else (part, f"{path}.")
        yield from _read_only(schemas, schemas.get(inner.get("$ref"), inner), below)


def _required(schema: dict[str, Any], method: str) -> Iterator[str]:
    for name, part in schema["properties"].items():
        if method in part.get("annotations", {}).get("required", ()):
            yield name


def _without(body: dict[str, Any], paths: frozenset[str], at: str) -> tuple[dict[str, Any], list[str]]:
    kept: dict[str, Any] = {}
    found: list[str] = []

    def inner(value: Any, below: str) -> Any:
        if not isinstance(value, dict):
            return value
        rest, more = _without(value, paths, below)
        found.extend(more)
        return rest

    for name, value in body.items():
        path = f"{at}{name}"
        if path in paths:
            found.append(path)
        elif isinstance(value, list):
            kept[name] = [inner(one, f"{path}[].") for one in value]
        else:
            kept[name] = inner(value, f"{path}.")
    return kept, found


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """A patch may have null anywhere: it takes a property away."""
    return {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in body.items()
        if value is not None
    }


def _fits(parameter: dict[str, Any], value: str) -> bool:
    match parameter["type"]:
        case "boolean":
            return value in ("true", "false")
        case "integer":
            lowest, highest = int(parameter.get("minimum", -(2**31))), int(parameter.get("maximum", 2**31 - 1))
            return bool(re.fullmatch(r"-?\d{1,10}", value)) and lowest <= int(value) <= highest
    return value in parameter.get("enum", [value])


_DOCUMENT = _read()

METHODS = _methods(_DOCUMENT)
"""freebusy, and those of events: insert, get, patch, update, delete."""

SCOPE_WORDS: dict[str, str] = {
    scope: described["description"] for scope, described in _DOCUMENT["auth"]["oauth2"]["scopes"].items()
}
"""Everything that can be allowed, in Google's words."""


def response_problems(schema: str, body: object) -> list[str]:
    """What is wrong with an answer, by the schema of this name."""
    definitions = {name: _converted(part) for name, part in _DOCUMENT["schemas"].items()}
    validator = Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": definitions}, format_checker=_FORMATS)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
