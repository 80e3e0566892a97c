"""Every knob of the server, from the environment (`SEGUR_` + name) with the command line in front of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from validators.pdsm import Pdsm
from validators.report import Mode


class Settings(BaseSettings):
    """Settings of `segur serve`; sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="SEGUR_", extra="ignore")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one and prints it.")
    database: str = Field("segur.db", description="SQLite file (or sqlite:/// URL) that holds everything.")
    mode: Mode = Field(Mode.SANDBOX, description="`sandbox` welcomes test identities, `production` refuses them.")
    pdsm: Pdsm = Field(Pdsm.RELEASED, description="Version of PDSm that FHIR submissions meet: `3.1.1` or `head`.")
    workers: int = Field(
        default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, le=64, description="Processes that check documents."
    )
    public_url: str | None = Field(None, description="Origin in the links we generate; default: the request's Host.")
    max_body: int = Field(20_000_000, ge=1_000, description="Largest request body.")
    max_entries: int = Field(1_000, ge=1, description="Most entries in a Bundle.")
    body_timeout: float = Field(30.0, gt=0, description="Longest time to receive a body.")
    value_sets: Path | None = Field(
        None, description="Folder of national value sets (SVS XML); without it, ours alone."
    )
    package: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="FHIR packages to judge by, with spaces between them: files, or installed names[@version]."
    )
    packages: Path | None = Field(None, description="Folder of installed packages; default: the user's data.")
    relay: Path | None = Field(None, description="File of routes (YAML) that submissions are passed on by.")
    refused_days: int = Field(
        30, ge=0, description="Days the bytes of a refused submission are kept; 0: report and hash only."
    )
    repository_id: str = Field(
        "2.25.26865583127308544554449677053123003419", description="OID of this XDS repository (repositoryUniqueId)."
    )
    vihf_trust: Path | None = Field(
        None, description="PEM file, or folder of them: who may sign a VIHF; without it, no VIHF is held true."
    )
    vihf_audience: str | None = Field(None, description="Audience that a VIHF restricted to one has to name.")
    letters: Path | None = Field(
        None, description="Folder of letter templates, and of `agency.json`; without it, the built-in ones."
    )
    notify_retry: float = Field(
        5.0, gt=0, description="Seconds before a notification that failed is sent again; doubles, up to an hour."
    )
    notify_give_up: float = Field(
        259_200.0, gt=0, description="Seconds of failures after which a subscription is in error, and left alone."
    )
    notify_timeout: float = Field(10.0, gt=0, description="Longest time for one notification, its answer included.")
    demo: bool = Field(False, description="Shows on every page that the data are synthetic.")

    @field_validator("package", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """The environment has one text for all of them, as `segur validate` reads it."""
        return value.split() if isinstance(value, str) else value


def settings_from(config: Path | None = None, **options: object) -> Settings:
    """Settings: the command line's options (None: not given), the environment, then a file of `SEGUR_X=…` lines."""
    given = {name: value for name, value in options.items() if value is not None}
    return Settings(_env_file=config, **given)  # type: ignore[call-arg, arg-type]
