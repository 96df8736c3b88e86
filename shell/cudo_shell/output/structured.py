"""JSON, JSON Lines and YAML: the API's own names and values, coloured on a terminal only."""

import json
from collections.abc import Iterable
from typing import Any

from cudo_sdk.redaction import redacted
from cudo_shell.exits import Failure
from cudo_shell.output.clean import clean, escape_json, is_clean, notice
from cudo_shell.output.fields import Fields, to_data
from cudo_shell.output.handlers import BaseOutputHandler


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """Write a value as JSON that is harmless on a terminal."""
    return escape_json(json.dumps(value, ensure_ascii=False, indent=indent))


def yaml_text(value: Any) -> str:
    """Write a value as YAML; text that could steer a terminal is escaped."""
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
    return text if is_clean(text) else str(yaml.safe_dump(value, sort_keys=False, allow_unicode=False))


def _details(failure: Failure) -> Any:
    try:
        return _without_secrets(list(failure.details))
    except RecursionError:  # the server nests as deep as it likes
        return []


def _without_secrets(value: Any) -> Any:
    """Return details of an error with stars for the secrets in their texts."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {redacted(str(name)): _without_secrets(each) for name, each in value.items()}
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value


def highlighted(text: str, language: str) -> str:
    """Colour JSON or YAML with the 16 colours that every terminal theme defines."""
    from pygments import highlight
    from pygments.formatters.terminal import TerminalFormatter
    from pygments.lexers.data import JsonLexer, YamlLexer

    # Without these, Pygments would take the last line end away.
    exactly = {"stripnl": False, "ensurenl": False}
    lexer = JsonLexer(**exactly) if language == "json" else YamlLexer(**exactly)
    coloured: str = highlight(text, lexer, TerminalFormatter())
    return coloured


class JSONOutputHandler(BaseOutputHandler):
    """One JSON document."""

    is_whole = True
    language = "json"

    def print_item(self, item: Any, fields: Fields) -> None:  # noqa: ARG002  # JSON is the whole model
        self.write(self.document(to_data(item)))

    def print_list(self, items: Iterable[Any], fields: Fields) -> None:  # noqa: ARG002  # JSON is the whole model
        self.write(self.document([to_data(item) for item in items]))

    def print_data(self, value: Any) -> None:
        self.write(self.document(value))

    def print_error(self, failure: Failure) -> None:
        """Write one JSON object on stderr."""
        error = {
            "status": failure.status,
            "message": notice(clean(failure.message)),
            "details": _details(failure),
            "hint": notice(failure.hint),  # its lines may belong under each other
        }
        self.streams.err.write(json_text(error, indent=None) + "\n")

    def document(self, value: Any) -> str:
        """Write a value as a whole document."""
        return json_text(value) + "\n"

    def write(self, document: str) -> None:
        """Print a document, coloured where the terminal allows."""
        coloured = highlighted(document, self.language) if self.streams.out_has_color else document
        self.streams.out.write(coloured)


class JSONLinesOutputHandler(JSONOutputHandler):
    """One JSON object on each line, printed as it arrives."""

    takes_a_stream = True

    def document(self, value: Any) -> str:
        """Write a value on one line."""
        return json_text(value, indent=None) + "\n"

    def print_list(self, items: Iterable[Any], fields: Fields) -> None:
        for item in items:
            self.print_item(item, fields)

    def print_data(self, value: Any) -> None:
        for each in value if isinstance(value, list) else [value]:
            self.write(self.document(each))


class YAMLOutputHandler(JSONOutputHandler):
    """One YAML document; an error is JSON, which is YAML, too."""

    language = "yaml"

    def document(self, value: Any) -> str:
        """Write a value as a whole document."""
        return yaml_text(value)
