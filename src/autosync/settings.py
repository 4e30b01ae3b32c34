"""The program's settings, all named `AUTOSYNC_*` in the environment.

`Settings.from_environment()` refuses a wrong one by name. Timings are not here: they are data, in the database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import phonenumbers
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from autosync.model import Unusable

PREFIX = "AUTOSYNC_"


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
    gateway: Literal["record"] = Field(
        default="record", description="What carries the texts. record: keeps them in the database, sends nothing."
    )
    default_region: str = Field(
        default="US",
        description="The country (two letters) of phone numbers that are written without a country code.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much is logged, to standard error."
    )

    @field_validator("default_region")
    @classmethod
    def _known_region(cls, region: str) -> str:
        if region.upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError("is not a country that phone numbers are known for, such as US or DE")
        return region.upper()

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the environment. Raises SettingsError."""
        try:
            return cls()
        except ValidationError as error:
            problems = (f"{PREFIX}{str(e['loc'][0]).upper()} {_problem(e['msg'])}" for e in error.errors())
            raise SettingsError("; ".join(problems) + ". `autosync settings` lists what can be set.") from None


def _problem(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "should be")
