"""What people have allowed: codes, refresh tokens and access tokens, as Google's token endpoint gives and takes them.

Checked against developers.google.com/identity/protocols/oauth2/web-server and RFC 6749, 7009, 7636; the descriptions of
errors are those that public issues quote. An end of a grant, from either side, ends all that the person has allowed.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from autosync.fake_google.clock import Clock
from autosync.fake_google.errors import oauth_error

CODE_LASTS = timedelta(seconds=60)


@dataclass(slots=True)
class Grant:
    """What one consent allowed. `refresh_token`: None for online access."""

    person: str
    scopes: frozenset[str]
    refresh_token: str | None
    over: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's yes, until its code is exchanged."""

    person: str
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str
    offline: bool
    given: datetime


@dataclass(slots=True)
class Access:
    """An access token's grant, and when it is over."""

    grant: Grant
    over_at: datetime


class Grants:
    """All of them. `lasts`: how long access tokens given from now on are good."""

    def __init__(self, *, clock: Clock, lasts: timedelta) -> None:
        self.lasts = lasts
        self._clock = clock
        self._consents: dict[str, Consent] = {}
        self._by_refresh_token: dict[str, Grant] = {}
        self._grants: list[Grant] = []
        self._accesses: dict[str, Access] = {}

    def allow(
        self, person: str, scopes: frozenset[str], *, redirect_uri: str, challenge: str, offline: bool, prompted: bool
    ) -> str:
        """A code for this consent. A refresh token comes with the first one, or with one that was `prompted` for."""
        first = not any(grant.person == person and grant.refresh_token and not grant.over for grant in self._grants)
        code = f"4/0A{secrets.token_urlsafe(48)}"
        self._consents[code] = Consent(
            person, scopes, redirect_uri, challenge, offline and (first or prompted), self._clock.now()
        )
        return code

    def exchange(self, code: str, *, redirect_uri: str, verifier: str | None) -> dict[str, object]:
        """Tokens for a code, once. Raises Refusal."""
        consent = self._consents.pop(code, None)
        if consent is None or self._clock.now() - consent.given > CODE_LASTS:
            raise oauth_error(400, "invalid_grant", "Malformed auth code.")
        if redirect_uri != consent.redirect_uri:
            raise oauth_error(400, "redirect_uri_mismatch", "Bad Request")
        if not verifier:
            raise oauth_error(400, "invalid_grant", "Missing code verifier.")
        if not hmac.compare_digest(challenge_of(verifier), consent.challenge):
            raise oauth_error(400, "invalid_grant", "Invalid code verifier.")
        token = f"1//0{secrets.token_urlsafe(64)}" if consent.offline else None
        grant = Grant(consent.person, consent.scopes, token)
        self._grants.append(grant)
        if token:
            self._by_refresh_token[token] = grant
        return self._give(grant) | ({"refresh_token": token} if token else {})

    def refresh(self, refresh_token: str) -> dict[str, object]:
        """A new access token. Raises Refusal."""
        grant = self._by_refresh_token.get(refresh_token)
        if grant is None:
            raise oauth_error(400, "invalid_grant", "Bad Request")
        if grant.over:
            raise oauth_error(400, "invalid_grant", "Token has been expired or revoked.")
        return self._give(grant)

    def revoke(self, token: str) -> None:
        """Ends what the token's person has allowed; either kind of token will do. Raises Refusal."""
        access = self._accesses.get(token)
        grant = self._by_refresh_token.get(token) or (access.grant if access else None)
        if grant is None or grant.over:
            raise oauth_error(400, "invalid_token", "Token expired or revoked")
        self.end(grant.person)

    def end(self, person: str) -> None:
        """Nothing is allowed any more."""
        for grant in self._grants:
            grant.over = grant.over or grant.person == person

    def expire(self, person: str | None) -> None:
        """The access tokens of this person, or of everybody, are over now."""
        for access in self._accesses.values():
            if person in (None, access.grant.person):
                access.over_at = self._clock.now()

    def expire_token(self, access_token: str) -> None:
        """This one is over now."""
        if access := self._accesses.get(access_token):
            access.over_at = self._clock.now()

    def of_access(self, access_token: str) -> Grant | None:
        """What the bearer may do; None if the token is none, or is over."""
        access = self._accesses.get(access_token)
        if access is None or access.grant.over or self._clock.now() >= access.over_at:
            return None
        return access.grant

    def person_of(self, token: str) -> str | None:
        """Whose token or code this is, or was."""
        if access := self._accesses.get(token):
            return access.grant.person
        owner = self._by_refresh_token.get(token) or self._consents.get(token)
        return owner.person if owner else None

    def living(self) -> dict[str, list[str]]:
        """Who allows what at present."""
        return {grant.person: sorted(grant.scopes) for grant in self._grants if not grant.over}

    def _give(self, grant: Grant) -> dict[str, object]:
        token = f"ya29.a0{secrets.token_urlsafe(96)}"
        self._accesses[token] = Access(grant, self._clock.now() + self.lasts)
        return {
            "access_token": token,
            "expires_in": int(self.lasts.total_seconds()),
            "scope": " ".join(sorted(grant.scopes)),
            "token_type": "Bearer",
        }


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
