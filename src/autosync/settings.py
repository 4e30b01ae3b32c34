"""The program's settings, all named `AUTOSYNC_*` in the environment.

`Settings.from_environment()` refuses a wrong one by name. Timings are not here: they are data, in the database.
"""

from __future__ import annotations

import base64
import binascii
import re
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import phonenumbers
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from autosync.model import Unusable

PREFIX = "AUTOSYNC_"

_SENDERS = f"{PREFIX}TWILIO_FROM and {PREFIX}TWILIO_MESSAGING_SERVICE_SID"

SHORTEST_SECRET = 32
"""Bytes of a JWT secret, as many as the hash that it keys (RFC 7518, section 3.2)."""

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")

_TWILIO_FORMS = {
    "twilio_account_sid": (r"AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits"),
    "twilio_messaging_service_sid": (r"MG[0-9a-fA-F]{32}", "MG and 32 hexadecimal digits"),
    "twilio_from": (r"\+[1-9]\d{6,14}|\d{3,8}", "a number such as +12125550100, or a short code"),
}
"""What each looks like, and how to say so. A sender's name is not allowed: nobody could answer it."""


class SettingsError(Unusable):
    """One or more settings are wrong: one sentence that names each, without its value."""


class Settings(BaseSettings):
    """What can be set, with its meaning and default."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    data_dir: Path | None = Field(
        default=None, description="Where the embedded database keeps its data. Default: the platform's data folder."
    )
    service_key: SecretStr | None = Field(
        default=None,
        description="What callers of the function endpoint present. None set: the endpoint refuses everyone.",
    )
    operator_key: SecretStr | None = Field(
        default=None,
        description="What operators sign in to /ops with, 32 bytes or more that nobody can guess; a new one ends their"
        " sessions. None set: there is no /ops.",
    )
    jwt_secret: SecretStr | None = Field(
        default=None, description="Supabase's JWT secret (legacy): verifies tokens that are signed with HS256."
    )
    jwks_url: str | None = Field(
        default=None,
        description="Where Supabase publishes its signing keys, https://PROJECT.supabase.co/auth/v1/.well-known/"
        "jwks.json: verifies tokens that are signed with ES256 or RS256.",
    )
    gateway: Literal["record", "twilio"] = Field(
        default="record",
        description="What carries the texts. record: keeps them in the database, sends nothing. twilio: sends them.",
    )
    twilio_account_sid: str | None = Field(default=None, description="Twilio's id of the account, AC and 32 digits.")
    twilio_auth_token: SecretStr | None = Field(
        default=None, description="The account's auth token; it also signs what Twilio sends to the webhooks."
    )
    twilio_from: str | None = Field(
        default=None, description="The number that texts come from, such as +12125550100, or a short code."
    )
    twilio_messaging_service_sid: str | None = Field(
        default=None, description="The messaging service that picks the number, MG and 32 digits; instead of FROM."
    )
    twilio_base_url: str | None = Field(
        default=None, description="Another host that speaks as Twilio does. Default: Twilio's own."
    )
    public_url: str | None = Field(
        default=None, description="The address under which this service is reached from outside, for webhooks."
    )
    texts_per_second: float | None = Field(
        default=None, gt=0, description="The most that leave in a second over all workers together. Default: no limit."
    )
    texts_per_second_per_sender: float | None = Field(
        default=None, gt=0, description="The same for one sender: 1 for an ordinary number, 3 for a toll-free one."
    )
    token_keys: SecretStr | None = Field(
        default=None,
        description="Keys that Google tokens are sealed with, the newest first, commas between: `autosync calendars"
        " new-key` makes one. None set: no calendar can be connected.",
    )
    google_client_id: str | None = Field(
        default=None,
        description="Google's id of this program, from the Google Cloud console: organizers can connect their"
        " calendars. None set: they cannot.",
    )
    google_client_secret: SecretStr | None = Field(default=None, description="The secret that goes with that id.")
    google_base_url: str | None = Field(
        default=None, description="Another host that speaks as Google does, such as `autosync fake-google`."
    )
    link_secret: SecretStr | None = Field(
        default=None,
        description="What links to invitees' pages are signed with, 32 bytes or more that nobody can guess; to change"
        " it, put the new one in front of the old one, with a comma between. None set: there are no such pages.",
    )
    links_in_texts: bool = Field(
        default=True,
        description="Whether texts end with the link to the invitee's page, where it costs no third segment. It needs"
        " PUBLIC_URL and LINK_SECRET.",
    )
    default_region: str = Field(
        default="US",
        description="The country (two letters) of phone numbers that are written without a country code.",
    )
    price_per_segment: Decimal = Field(
        default=Decimal("0.0083"), ge=0, description="What one segment of a text costs, for estimates before a start."
    )
    currency: str = Field(default="USD", description="What that price is in, three letters.")
    keep_texts_days: int | None = Field(
        default=None,
        ge=1,
        description="How many days words and numbers of texts are kept once their sync has ended. Default: for ever.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="Where traces go, by OpenTelemetry's OTLP over HTTP, such as http://127.0.0.1:4318; needs"
        " `pip install '.[traces]'` in a checkout. Default: there are none.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="How much `serve` and `worker` log, to standard error; other commands log warnings.",
    )

    @field_validator("currency")
    @classmethod
    def _three_letters(cls, currency: str) -> str:
        if not re.fullmatch(r"[A-Za-z]{3}", currency):
            raise ValueError("should be three letters, such as USD")
        return currency.upper()

    @field_validator("default_region")
    @classmethod
    def _known_region(cls, region: str) -> str:
        if region.upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError("is not a country that phone numbers are known for, such as US or DE")
        return region.upper()

    @field_validator(
        "twilio_account_sid", "twilio_auth_token", "twilio_from", "twilio_messaging_service_sid", "twilio_base_url",
        "public_url", "jwt_secret", "jwks_url", "link_secret", "operator_key", "keep_texts_days", "otlp_endpoint",
        "google_client_id", "google_client_secret", "google_base_url",
        mode="before",
    )  # fmt: skip
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("otlp_endpoint")
    @classmethod
    def _an_address(cls, endpoint: str | None) -> str | None:
        parts = urlsplit(endpoint or "http://localhost")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("should be an address, such as http://127.0.0.1:4318")
        return endpoint

    @field_validator("token_keys")
    @classmethod
    def _keys(cls, keys: SecretStr | None) -> SecretStr | None:
        if keys is not None:
            _decoded(keys)
        return keys

    @field_validator("twilio_account_sid", "twilio_from", "twilio_messaging_service_sid")
    @classmethod
    def _twilios_form(cls, value: str | None, info: ValidationInfo) -> str | None:
        form, example = _TWILIO_FORMS[info.field_name or ""]
        if value is not None and not re.fullmatch(form, value):
            raise ValueError(f"should be {example}")
        return value

    @field_validator("jwt_secret")
    @classmethod
    def _hard_to_guess(cls, secret: SecretStr | None) -> SecretStr | None:
        written = secret.get_secret_value() if secret else None
        if written is not None and len(written.encode()) < SHORTEST_SECRET:
            raise ValueError(f"should be at least {SHORTEST_SECRET} bytes long, since it can be guessed at leisure")
        if written is not None and "-----BEGIN " in written:
            raise ValueError("should be a secret, not a key that others may know: published keys go with JWKS_URL")
        return secret

    @field_validator("link_secret")
    @classmethod
    def _long_secrets(cls, secrets: SecretStr | None) -> SecretStr | None:
        if secrets is not None and any(len(secret) < SHORTEST_SECRET for secret in _parts(secrets)):
            raise ValueError(f"should be at least {SHORTEST_SECRET} bytes long, since it can be guessed at leisure")
        return secrets

    @field_validator("operator_key")
    @classmethod
    def _long(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value().strip().encode()) < SHORTEST_SECRET:
            raise ValueError(f"should be at least {SHORTEST_SECRET} bytes long, since it can be guessed at leisure")
        return key

    @field_validator("jwks_url")
    @classmethod
    def _not_to_be_forged(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://unset")
        if not parts.hostname or parts.username or parts.fragment:
            raise ValueError("should be an address such as https://PROJECT.supabase.co/auth/v1/.well-known/jwks.json")
        if parts.scheme != "https" and (parts.scheme != "http" or parts.hostname not in _THIS_MACHINE):
            raise ValueError("should begin with https://, since whoever changes the keys on their way could be anybody")
        return value

    @field_validator("twilio_base_url", "google_base_url", "public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.username
            or parts.query
            or parts.fragment
        ):
            raise ValueError("should be an address such as https://sync.example.org")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _twilio_is_complete(self) -> Self:
        if self.twilio_from and self.twilio_messaging_service_sid:
            raise ValueError(f"Set only one of {_SENDERS}")
        if self.gateway == "twilio" and (missing := self._missing_for_twilio()):
            raise ValueError(f"The gateway twilio also needs {', '.join(missing)}")
        return self

    def _missing_for_twilio(self) -> list[str]:
        sender = self.twilio_from or self.twilio_messaging_service_sid
        needed: dict[str, object] = {
            f"{PREFIX}TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            f"{PREFIX}TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            f"one of {_SENDERS}": sender,
        }
        return [name for name, value in needed.items() if not value]

    @model_validator(mode="after")
    def _google_is_complete(self) -> Self:
        needed = {
            "GOOGLE_CLIENT_ID": self.google_client_id,
            "GOOGLE_CLIENT_SECRET": self.google_client_secret,
            "TOKEN_KEYS": self.token_keys_in_use,
        }
        missing = [f"{PREFIX}{name}" for name, value in needed.items() if not value]
        is_begun = self.google_client_id or self.google_client_secret or self.google_base_url
        if is_begun and missing:
            raise ValueError(f"Google's calendar also needs {', '.join(missing)}")
        return self

    @property
    def token_keys_in_use(self) -> list[bytes]:
        """The keys that Google tokens are sealed with, 32 bytes each, the newest first."""
        return [] if self.token_keys is None else _decoded(self.token_keys)

    @property
    def link_secrets(self) -> list[bytes]:
        """What links are signed with, the newest first; empty: there are none."""
        return [] if self.link_secret is None else _parts(self.link_secret)

    @property
    def rates(self) -> dict[str, float]:
        """Texts a second, by the scope that they count in: the gateway's account, and its sender."""
        account = self.twilio_account_sid if self.gateway == "twilio" else self.gateway
        sender = self.twilio_from or self.twilio_messaging_service_sid or self.gateway
        scopes = {f"account {account}": self.texts_per_second, f"sender {sender}": self.texts_per_second_per_sender}
        return {scope: rate for scope, rate in scopes.items() if rate is not None}

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the environment. Raises SettingsError."""
        try:
            return cls()
        except ValidationError as error:
            problems = "; ".join(_problem(details) for details in error.errors())
            raise SettingsError(f"{problems}. `autosync settings` lists what can be set.") from None


def _parts(secrets: SecretStr) -> list[bytes]:
    return [secret.strip().encode() for secret in secrets.get_secret_value().split(",")]


def _decoded(keys: SecretStr) -> list[bytes]:
    try:
        decoded = [
            base64.b64decode(key.strip(), altchars=b"-_", validate=True)
            for key in keys.get_secret_value().split(",")
            if key.strip()
        ]
    except binascii.Error:
        decoded = [b""]
    if any(len(key) != 32 for key in decoded):
        raise ValueError("should be keys as `autosync calendars new-key` makes them, with commas between")
    return decoded


def _problem(details: ErrorDetails) -> str:
    """What is wrong: with one setting, named, or with how several go together."""
    message = details["msg"].removeprefix("Value error, ").replace("Input should be", "should be")
    return f"{PREFIX}{str(details['loc'][0]).upper()} {message}" if details["loc"] else message
