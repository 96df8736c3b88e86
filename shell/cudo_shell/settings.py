"""Settings: flag, environment, `.env`, context, config.yaml, default; each value knows where it came from."""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cudo_shell.exits import UsageError


class Preference(NamedTuple):
    """A setting that is a matter of taste: what it does, its values, its default, its variable if any."""

    help: str
    values: tuple[str, ...]
    default: str
    variable: str = ""


_SWITCH = ("yes", "no")
PREFERENCES: Mapping[str, Preference] = {
    "output": Preference(
        "how results are printed",
        ("table", "json", "jsonl", "yaml", "csv", "tsv", "ids"),
        "table",
        "CUDO_OUTPUT",
    ),
    "pager": Preference("show what is taller than the screen in a pager", ("auto", "never"), "auto"),
    "editing_mode": Preference("the keys that edit the line", ("emacs", "vi"), "emacs", "CUDO_EDITING_MODE"),
    "suggestions": Preference(
        "suggest the end of a line from the history", _SWITCH, "yes", "CUDO_SUGGESTIONS"
    ),
    "confirm_paste": Preference(
        "ask before a paste of several lines runs", _SWITCH, "yes", "CUDO_CONFIRM_PASTE"
    ),
    "completion_as_you_type": Preference(
        "open the menu without Tab", _SWITCH, "no", "CUDO_COMPLETION_AS_YOU_TYPE"
    ),
    "completion_live": Preference("ask the API for names to offer", _SWITCH, "yes", "CUDO_COMPLETION_LIVE"),
    "meter": Preference("show under the prompt what runs, and its price", _SWITCH, "yes", "CUDO_METER"),
    "notify": Preference(
        "tell what has ended: by the bell, or as a notification (osc)",
        ("bell", "osc", "no"),
        "bell",
        "CUDO_NOTIFY",
    ),
}
DEFAULTS = {
    "project": "",
    "billing_account": "",
    "no_input": "",
    "verbose": "",
    "confirm_context": "",
    "state_dir": "",
    "config_dir": "",
    **{name: each.default for name, each in PREFERENCES.items()},
}
VARIABLES = {
    "project": "CUDO_PROJECT_ID",
    "billing_account": "CUDO_BILLING_ACCOUNT_ID",
    "no_input": "CUDO_NO_INPUT",
    "state_dir": "CUDO_STATE_DIR",
    "config_dir": "CUDO_CONFIG_DIR",
    **{name: each.variable for name, each in PREFERENCES.items() if each.variable},
}
KEPT = "config.yaml"  # where preferences are kept, as the origin of a value
_SHOWN = 40  # characters of what is wrong, more than any that is right
_SPELLINGS = {"true": "yes", "on": "yes", "1": "yes", "false": "no", "off": "no", "0": "no"}
_OF_A_PLACE = ("project", "billing_account")  # what was chosen in one place means nothing in another


class Setting(NamedTuple):
    """A value, and where it came from: `--output`, `CUDO_OUTPUT`, `context dev`, `default` ..."""

    value: str
    origin: str


class Settings:
    """Layers of settings; the first that has a value wins."""

    # Of the layers that a whole session shares, counted from the default: what a person chose, what outranks
    # the environment, the environment, what it outranks, what is kept, the default.
    _CHOSEN, _ABOVE, _BELOW, _KEPT = -6, -5, -3, -2

    def __init__(self, layers: "ChainMap[str, Setting]", notes: tuple[str, ...] = ()) -> None:
        self._layers = layers
        self.notes = notes  # what was ignored and why

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

    def keep(self, name: str, value: str | None) -> None:
        """Follow a change of what is kept, in place of what was chosen for the session; None: no more."""
        self._layers.maps[self._CHOSEN].pop(name, None)
        self._layers.maps[self._KEPT].pop(name, None)
        if value is not None:
            self._layers.maps[self._KEPT][name] = Setting(value, KEPT)

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


def settings_from(flags: Mapping[str, str | None], environ: Mapping[str, str], kept: Any = None) -> Settings:
    """Read the flags of the program, the environment, and the preferences that are `kept` in a file.

    A preference that cannot be is not in force, and the notes say why.
    """
    notes: list[str] = []
    present = _sound(_present(environ), notes)
    of_file = _sound(_kept(kept, notes), notes)
    defaults = {name: Setting(value, "default") for name, value in DEFAULTS.items()}
    # `choose` writes into the layer of the flags: what a person says later is what they want now.
    return Settings(ChainMap(_flags(flags), {}, present, {}, of_file, defaults), tuple(notes))


def checked(name: str, value: str) -> str:
    """Return a value of a preference as it is spelled here, `no` for `off`. Raises: UsageError."""
    values = checked_name(name).values
    plain = value.lower()
    plain = plain if plain in values else _SPELLINGS.get(plain, plain)
    if plain not in values:
        raise UsageError(
            f"'{value}' is no value of {name}.", f"{_meant(plain, values)}One of: {', '.join(values)}"
        )
    return plain


def checked_name(name: str) -> Preference:
    """Return the preference of that name. Raises: UsageError."""
    if name not in PREFERENCES:
        hint = _meant(name, PREFERENCES).rstrip() or f"One of: {', '.join(PREFERENCES)}"
        raise UsageError(f"There is no setting '{name}'.", hint)
    return PREFERENCES[name]


def _meant(word: str, known: Iterable[str]) -> str:
    from cudo_completions.ranking import near

    found = near(word, known)
    return f"Did you mean: {', '.join(found)}? " if found else ""


def _present(environ: Mapping[str, str]) -> dict[str, Setting]:
    return {
        name: Setting(environ[variable], variable)
        for name, variable in VARIABLES.items()
        if environ.get(variable)
    }


def _kept(document: Any, notes: list[str]) -> dict[str, Setting]:
    """Read what stands under `settings:`, where YAML makes a truth value of a bare yes or no."""
    if document is not None and not isinstance(document, dict):
        notes.append(f"settings in {KEPT} are ignored: they must be a mapping of names to values.")
        return {}
    return {
        str(name)[:_SHOWN]: Setting(str(value)[:_SHOWN], KEPT)
        for name, value in (document or {}).items()
        if value is not None
    }


def _sound(values: Mapping[str, Setting], notes: list[str]) -> dict[str, Setting]:
    """Leave out the preferences that cannot be."""
    sound = {}
    for name, setting in values.items():
        try:
            is_free = setting.origin != KEPT and name not in PREFERENCES
            value = setting.value if is_free else checked(name, setting.value)
        except UsageError as error:
            where = f"{name} in {KEPT}" if setting.origin == KEPT else setting.origin
            notes.append(f"{where} is ignored: {error} {error.hint}")
        else:
            sound[name] = Setting(value, setting.origin)
    return sound


def _flags(flags: Mapping[str, str | None]) -> dict[str, Setting]:
    return {
        name: Setting(value, f"--{name.replace('_', '-')}")
        for name, value in flags.items()
        if value is not None
    }
