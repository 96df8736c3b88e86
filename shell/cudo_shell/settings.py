"""Settings: flag, environment, `.env`, context, default; each value knows where it came from."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DEFAULTS = {
    "output": "table",
    "project": "",
    "billing_account": "",
    "no_input": "",
    "verbose": "",
    "confirm_context": "",
    "pager": "auto",
    "editing_mode": "emacs",
    "suggestions": "yes",
    "confirm_paste": "yes",
    "completion_as_you_type": "no",
    "completion_live": "yes",
    "meter": "yes",
    "notify": "bell",
    "state_dir": "",
    "config_dir": "",
}
VARIABLES = {
    "output": "CUDO_OUTPUT",
    "project": "CUDO_PROJECT_ID",
    "billing_account": "CUDO_BILLING_ACCOUNT_ID",
    "no_input": "CUDO_NO_INPUT",
    "editing_mode": "CUDO_EDITING_MODE",
    "completion_as_you_type": "CUDO_COMPLETION_AS_YOU_TYPE",
    "completion_live": "CUDO_COMPLETION_LIVE",
    "meter": "CUDO_METER",
    "notify": "CUDO_NOTIFY",
    "state_dir": "CUDO_STATE_DIR",
    "config_dir": "CUDO_CONFIG_DIR",
}
_OF_A_PLACE = ("project", "billing_account")  # what was chosen in one place means nothing in another


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it came from: `--output`, `CUDO_OUTPUT`, `context dev`, `default` ..."""

    value: str
    origin: str


class Settings:
    """Layers of settings; the first that has a value wins."""

    # Of the layers that a whole session shares, counted from the default: what a person chose, what outranks
    # the environment, the environment, what it outranks, the default.
    _CHOSEN, _ABOVE, _BELOW = -5, -4, -2

    def __init__(self, layers: "ChainMap[str, Setting]") -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> str:
        return self._layers[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(DEFAULTS)

    def origin(self, name: str) -> str:
        """Say where the value came from."""
        return self._layers[name].origin

    def with_flags(self, flags: Mapping[str, str | None]) -> "Settings":
        """Return settings for one command: its flags win, all else is shared with these."""
        return Settings(self._layers.new_child(_flags(flags)))

    def choose(self, name: str, value: str, origin: str) -> None:
        """Change a setting for the rest of the session, here and in all settings of the same origin."""
        self._layers.maps[self._CHOSEN][name] = Setting(value, origin)

    def aim(self, above: Mapping[str, Setting], below: Mapping[str, Setting], *, elsewhere: bool) -> None:
        """Take the settings of a target, in place of those of the last one.

        `elsewhere`: it is another place, where the project that was chosen before means nothing.
        """
        if elsewhere:
            for name in _OF_A_PLACE:
                self._layers.maps[self._CHOSEN].pop(name, None)
        for layer, values in ((self._ABOVE, above), (self._BELOW, below)):
            self._layers.maps[layer].clear()
            self._layers.maps[layer].update(values)


def settings_from(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Read the flags of the program and the environment."""
    present = {
        name: Setting(environ[variable], variable)
        for name, variable in VARIABLES.items()
        if environ.get(variable)
    }
    defaults = {name: Setting(value, "default") for name, value in DEFAULTS.items()}
    # `choose` writes into the layer of the flags: what a person says later is what they want now.
    return Settings(ChainMap(_flags(flags), {}, present, {}, defaults))


def _flags(flags: Mapping[str, str | None]) -> dict[str, Setting]:
    return {
        name: Setting(value, f"--{name.replace('_', '-')}")
        for name, value in flags.items()
        if value is not None
    }
