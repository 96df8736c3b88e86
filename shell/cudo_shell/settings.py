"""Settings: a flag, else the environment, else the default; each value knows where it came from."""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULTS = {"output": "table", "project": "", "no_input": "", "verbose": "", "state_dir": ""}
VARIABLES = {
    "output": "CUDO_OUTPUT",
    "project": "CUDO_PROJECT_ID",
    "no_input": "CUDO_NO_INPUT",
    "state_dir": "CUDO_STATE_DIR",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it came from: `--output`, `CUDO_OUTPUT`, `default` ..."""

    value: str
    origin: str


class Settings:
    """Layers of settings; the first that has a value wins."""

    def __init__(self, layers: "ChainMap[str, Setting]") -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> str:
        return self._layers[name].value

    def origin(self, name: str) -> str:
        """Say where the value came from."""
        return self._layers[name].origin

    def with_flags(self, flags: Mapping[str, str | None]) -> "Settings":
        """Return settings for one command: its flags win, all else is shared with these."""
        given = {name: Setting(value, f"--{name}") for name, value in flags.items() if value is not None}
        return Settings(self._layers.new_child(given))

    def choose(self, name: str, value: str, origin: str) -> None:
        """Change a setting for the rest of the session, here and in all settings of the same origin."""
        self._layers.maps[-3][name] = Setting(value, origin)


def settings_from(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Read the flags of the program and the environment."""
    given = {name: Setting(value, f"--{name}") for name, value in flags.items() if value is not None}
    present = {
        name: Setting(environ[variable], variable)
        for name, variable in VARIABLES.items()
        if environ.get(variable)
    }
    defaults = {name: Setting(value, "default") for name, value in DEFAULTS.items()}
    # `choose` writes into the layer of the flags: what a person says later is what they want now.
    return Settings(ChainMap(given, present, defaults))
