"""Settings of a session: argument, then environment, then `.env`, then default."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from pathlib import Path

from cudo_sdk.auth.credentials import APIKey, Credential, dotenv_values
from cudo_sdk.logs import logger
from cudo_sdk.options import Options

DEFAULT_URL = "https://rest.compute.cudo.org"
URL_IGNORED = "CUDO_API_URL in .env is ignored: the API key does not come from there"
_VARIABLES = {
    "api_key": "CUDO_API_KEY",
    "api_url": "CUDO_API_URL",
    "project_id": "CUDO_PROJECT_ID",
    "billing_account_id": "CUDO_BILLING_ACCOUNT_ID",
}


@dataclass(frozen=True, kw_only=True)
class APIConfig:
    """What a session needs to know; what is not given is looked up when this is made.

    `sources` tells where each value came from, `notes` what was ignored and why. The environment is read,
    never written. A `.env` file may set the API URL only if it also supplies the key in force: a cloned
    folder must not redirect a key. `ca_bundle` is a PEM file that is trusted besides the system's.
    Where `environ` is given, only the `.env` of a given `directory` is read.

    Raises ConfigError for a `.env` that cannot be read.
    """

    api_key: str | None = field(default=None, repr=False)
    api_url: str | None = None
    project_id: str | None = None
    billing_account_id: str | None = None
    app: str = ""
    ca_bundle: str = ""
    options: Options = field(default_factory=Options)
    sources: Mapping[str, str] = field(default_factory=dict, init=False)
    notes: tuple[str, ...] = field(default=(), init=False)
    environ: InitVar[Mapping[str, str] | None] = None
    directory: InitVar[Path | None] = None

    def __post_init__(self, environ: Mapping[str, str] | None, directory: Path | None) -> None:
        if environ is None:
            environ, directory = os.environ, directory or Path.cwd()
        dotenv = dotenv_values(directory) if directory else {}
        found = {name: self._look_up(name, environ, dotenv) for name in _VARIABLES}
        if found["api_url"][1] == ".env" and found["api_key"][1] != ".env":
            logger.warning(URL_IGNORED)
            object.__setattr__(self, "notes", (URL_IGNORED,))
            found["api_url"] = (None, "")
        if found["api_url"][0] is None:
            found["api_url"] = (DEFAULT_URL, "default")
        for name, (value, _) in found.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "sources", {name: source for name, (_, source) in found.items() if source})

    def _look_up(
        self, name: str, environ: Mapping[str, str], dotenv: Mapping[str, str]
    ) -> tuple[str | None, str]:
        variable = _VARIABLES[name]
        given: str | None = getattr(self, name)
        if given is not None:
            return given, "argument"
        if environ.get(variable):
            return environ[variable], variable
        if dotenv.get(variable):
            return dotenv[variable], ".env"
        return None, ""

    def changed(self, *, api_key: str | None = None, api_url: str | None = None) -> APIConfig:
        """This configuration with another key or URL."""
        twin = copy.copy(self)
        given = {
            name: value
            for name, value in {"api_key": api_key, "api_url": api_url}.items()
            if value is not None
        }
        for name, value in given.items():
            object.__setattr__(twin, name, value)
        object.__setattr__(twin, "sources", {**self.sources, **dict.fromkeys(given, "argument")})
        return twin

    @property
    def credential(self) -> Credential | None:
        """The key with its source. Raises ConfigError for one that cannot be a key."""
        return None if self.api_key is None else APIKey(self.api_key, self.sources["api_key"])
