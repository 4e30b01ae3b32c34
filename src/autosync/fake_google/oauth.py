"""The addresses of OAuth: the consent page, the token endpoint, and the end of a grant.

Checked against developers.google.com/identity/protocols/oauth2/web-server, and RFC 6749 (sections 4.1, 5, 6), 7009 and
7636. A client names itself in the body or by HTTP Basic (RFC 6749, 2.3.1).
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from autosync.fake_google import consent
from autosync.fake_google.consent import Problem, Questions
from autosync.fake_google.discovery import SCOPE_WORDS
from autosync.fake_google.errors import oauth_error
from autosync.fake_google.faults import Call
from autosync.fake_google.state import State, fault_of

_NEEDED = {
    "authorization_code": {"code", "redirect_uri", "code_verifier"},
    "refresh_token": {"refresh_token"},
}
_CLIENT = {"client_id", "client_secret"}


class Oauth:
    """One client."""

    def __init__(
        self, state: State, *, client_id: str, client_secret: str, redirect_uris: Collection[str] | None
    ) -> None:
        self._state = state
        self._client_id, self._client_secret = client_id, client_secret
        self._redirect_uris = redirect_uris
        self._questions = Questions()

    async def ask(self, request: Request) -> Response:
        """The consent page; an error page for a question that is not well-formed."""
        asked = consent.read(
            request.query_params.multi_items(), client_id=self._client_id, redirect_uris=self._redirect_uris
        )
        if isinstance(asked, Problem):
            self._state.tally.violated("authorize", None, [asked.sentence])
            return HTMLResponse(consent.error_page(asked), status_code=asked.status)
        secret = self._questions.add(asked)
        return HTMLResponse(consent.page(asked, secret, self._state.calendars.people, described=SCOPE_WORDS))

    async def decide(self, request: Request) -> Response:
        """The person's yes, with an account and the scopes that are left ticked; or no."""
        form = await request.form()
        asked = self._questions.take(str(form.get("question")))
        if asked is None:
            return HTMLResponse(
                consent.error_page(Problem(400, "invalid_request", "This question is answered already.")), 400
            )
        account, scopes = str(form.get("account")), frozenset(map(str, form.getlist("scope"))) & set(asked.scopes)
        if form.get("decision") != "allow" or account not in self._state.calendars.people or not scopes:
            return RedirectResponse(consent.address_back(asked, error="access_denied"), 302)
        code = self._state.grants.allow(
            account, scopes, redirect_uri=asked.redirect_uri, challenge=asked.challenge, offline=asked.offline,
            prompted=asked.prompted,
        )  # fmt: skip
        return RedirectResponse(consent.address_back(asked, code=code, scope=" ".join(sorted(scopes))), 302)

    async def token(self, request: Request) -> Response:
        """Tokens for a code or for a refresh token."""
        fields = await self._fields(request)
        kind = fields.get("grant_type", "")
        call = Call.REFRESH if kind == "refresh_token" else Call.EXCHANGE
        person = self._state.grants.person_of(fields.get("refresh_token") or fields.get("code", ""))

        async def give() -> Response:
            self._require_client(request, fields)
            self._require_fields(call, fields, person)
            return JSONResponse(self._tokens(call, fields), headers={"Cache-Control": "no-store"})

        with self._state.tally.in_hand(call, person):
            return await self._state.answer(fault_of(self._state, call, person), request, give)

    async def revoke(self, request: Request) -> Response:
        """Ends a grant, by either of its tokens; as RFC 7009 but that Google refuses a token that it does not know."""
        fields = {**dict(request.query_params), **await self._fields(request)}
        token = fields.get("token", "")
        person = self._state.grants.person_of(token)

        async def end() -> Response:
            if unknown := fields.keys() - {"token", "token_type_hint"} - _CLIENT:
                self._state.tally.violated(Call.REVOKE, person, [f"There is no field {name}." for name in unknown])
            self._state.grants.revoke(token)
            return JSONResponse({})

        with self._state.tally.in_hand(Call.REVOKE, person):
            return await self._state.answer(fault_of(self._state, Call.REVOKE, person), request, end)

    def _tokens(self, call: Call, fields: Mapping[str, str]) -> dict[str, object]:
        if call is Call.REFRESH:
            return self._state.grants.refresh(fields["refresh_token"])
        return self._state.grants.exchange(
            fields["code"], redirect_uri=fields["redirect_uri"], verifier=fields.get("code_verifier")
        )

    async def _fields(self, request: Request) -> dict[str, str]:
        kind = request.headers.get("Content-Type", "").partition(";")[0]
        if kind != "application/x-www-form-urlencoded":
            return {}
        body = (await request.body()).decode("utf-8", errors="replace")
        return dict(parse_qsl(body, keep_blank_values=True))

    def _require_fields(self, call: Call, fields: Mapping[str, str], person: str | None) -> None:
        kind = fields.get("grant_type", "")
        if kind not in _NEEDED:
            self._state.tally.violated(call, person, [f"The grant type {kind!r} is none."])
            raise oauth_error(400, "unsupported_grant_type", f"Invalid grant_type: {kind}")
        problems = [f"The field {name} is missing." for name in sorted(_NEEDED[kind] - fields.keys())]
        surplus = fields.keys() - _NEEDED[kind] - _CLIENT - {"grant_type", "scope"}
        problems += [f"There is no field {name}." for name in sorted(surplus)]
        if problems:
            self._state.tally.violated(call, person, problems)
        if not (_NEEDED[kind] - {"code_verifier"}) <= fields.keys() or surplus:
            raise oauth_error(400, "invalid_request", problems[0])

    def _require_client(self, request: Request, fields: Mapping[str, str]) -> None:
        """Raises Refusal unless the request carries the client's id and secret, in one of the two ways."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            if "client_secret" in fields:
                raise oauth_error(400, "invalid_request", "The client names itself in two ways.")
            try:
                user, _, password = b64decode(encoded, validate=True).decode().partition(":")
            except (NotBase64, UnicodeDecodeError):
                user = password = ""
            presented = (unquote_plus(user), unquote_plus(password))
        else:
            presented = (fields.get("client_id", ""), fields.get("client_secret", ""))
        if presented[0] != self._client_id:
            raise oauth_error(401, "invalid_client", "The OAuth client was not found.")
        if not hmac.compare_digest(presented[1].encode(), self._client_secret.encode()):
            raise oauth_error(401, "invalid_client", "Unauthorized")
