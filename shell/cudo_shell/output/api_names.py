"""The names that the API gives to what a command shows, for `--query`; read from the models of the SDK."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, get_args

from cudo_shell.output.fields import Fields

Names = Mapping[str, Any]
"""Each name with its type."""


def names_at(fields: Fields, path: Sequence[str] = ()) -> list[str]:
    """Return the names that things with these columns have, or what a path of names leads to in them."""
    names = _names_of(frozenset((field.path or field.name).split(".")[0] for field in fields))
    for step in path:
        inner = list(_models_in(names.get(step)))
        names = _names_in(inner[0]) if inner else {}
    return sorted(names)


@cache
def _names_of(attributes: frozenset[str]) -> Names:
    """The names of the models that have these attributes; where many have, of all of them alike."""
    fitting = [model for model in _all_models() if attributes <= model.model_fields.keys()]
    if fitting:
        first, *others = map(_names_in, fitting)
        return {name: kind for name, kind in first.items() if all(name in other for other in others)}
    found = {name: kind for model in _covering(attributes) for name, kind in _names_in(model).items()}
    return found or dict.fromkeys(attributes)  # a mapping of ours, whose keys are the names


def _covering(attributes: frozenset[str]) -> Iterator[Any]:
    """Yield the models that together have the attributes: a list may be of one kind or the other."""
    missing = attributes
    while missing:
        useful = [model for model in _all_models() if _shared(model, missing)]
        best = max(useful, key=lambda model: _shared(model, attributes), default=None)
        if best is None or _shared(best, attributes) < 2:  # noqa: PLR2004  # one name alone is chance
            return
        yield best
        missing -= best.model_fields.keys()


def _shared(model: Any, attributes: frozenset[str]) -> int:
    return len(attributes & model.model_fields.keys())


def _names_in(model: Any) -> Names:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models_in(kind: Any) -> Iterator[Any]:
    """Yield the models in a type such as `list[Rule] | None`."""
    if hasattr(kind, "model_fields"):
        yield kind
    for part in get_args(kind):
        yield from _models_in(part)


@cache
def _all_models() -> Sequence[Any]:
    import cudo_sdk.functions
    from cudo_sdk.models import Model

    for module in pkgutil.iter_modules(cudo_sdk.functions.__path__):
        importlib.import_module(f"cudo_sdk.functions.{module.name}")
    return [model for model in _below([Model]) if model.__module__.startswith("cudo_sdk.")]


def _below(classes: Iterable[Any]) -> Iterator[Any]:
    for each in classes:
        yield each
        yield from _below(each.__subclasses__())
