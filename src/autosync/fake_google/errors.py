"""Refusals in Google's two forms: the Calendar API's, and that of OAuth (RFC 6749).

Raised anywhere in the stand-in, answered by the application. Status, domain, reason and words are word for word of
Google's guide "Handle API errors" (developers.google.com/workspace/calendar/api/guides/errors, of 2026-04-01), but for
"insufficientPermissions", which it does not have: that is a body in a public issue (analogdotnow/Analog, issue 296).
"""

from __future__ import annotations

_REALM = 'Bearer realm="https://accounts.google.com/"'


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, body: dict[str, object], headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers


def calendar_error(
    status: int,
    reason: str,
    message: str,
    *,
    domain: str = "global",
    location: tuple[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Refusal:
    """A refusal in the Calendar API's form. `location`: its type (parameter, header) and its name."""
    one: dict[str, object] = {"domain": domain, "reason": reason, "message": message}
    if location:
        one |= {"locationType": location[0], "location": location[1]}
    return Refusal(status, {"error": {"errors": [one], "code": status, "message": message}}, headers)


def oauth_error(status: int, error: str, description: str) -> Refusal:
    """A refusal in the form of RFC 6749, section 5.2."""
    headers = {"Cache-Control": "no-store"}
    if error == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="https://oauth2.googleapis.com/"'
    return Refusal(status, {"error": error, "error_description": description}, headers)


def login_required() -> Refusal:
    """There is no access token at all."""
    at = ("header", "Authorization")
    return calendar_error(401, "required", "Login Required.", location=at, headers={"WWW-Authenticate": _REALM})


def invalid_credentials() -> Refusal:
    """The access token is unknown, over, or revoked."""
    headers = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}
    at = ("header", "Authorization")
    return calendar_error(401, "authError", "Invalid Credentials", location=at, headers=headers)


def insufficient_scopes(method: str) -> Refusal:
    """The person has not allowed this. `method`: its name in the discovery document."""
    message = "Request had insufficient authentication scopes."
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"service": "calendar-json.googleapis.com", "method": method},
    }
    one = {"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}
    return Refusal(
        403,
        {
            "error": {
                "code": 403,
                "message": message,
                "errors": [one],
                "status": "PERMISSION_DENIED",
                "details": [detail],
            }
        },
        {"WWW-Authenticate": f'{_REALM}, error="insufficient_scope"'},
    )


def not_found() -> Refusal:
    """There is no such calendar or event, or it is not this person's."""
    return calendar_error(404, "notFound", "Not Found")


def duplicate() -> Refusal:
    """The client's id is taken, be it by an event that was deleted."""
    return calendar_error(409, "duplicate", "The requested identifier already exists.")


def deleted() -> Refusal:
    """The event was deleted already."""
    return calendar_error(410, "deleted", "Resource has been deleted")


def changed() -> Refusal:
    """If-Match names another version than there is."""
    return calendar_error(412, "conditionNotMet", "Precondition Failed", location=("header", "If-Match"))


def invalid(message: str, *, reason: str = "invalid", location: str | None = None) -> Refusal:
    """The request itself is wrong."""
    return calendar_error(400, reason, message, location=("parameter", location) if location else None)


def empty_range() -> Refusal:
    """An end that is not after its start."""
    message = "The specified time range is empty."
    return calendar_error(400, "timeRangeEmpty", message, domain="calendar", location=("parameter", "timeMax"))
