"""JSON, JSON Lines and YAML: the API's own names and values, coloured on a terminal only."""

import json
from collections.abc import Iterable
from typing import Any

from cudo_shell.exits import Failure
from cudo_shell.output.clean import clean, escape_json, is_clean
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

    def print_error(self, failure: Failure) -> None:
        """Write one JSON object on stderr."""
        error = {
            "status": failure.status,
            "message": clean(failure.message),
            "details": list(failure.details),
            "hint": clean(failure.hint),
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


class YAMLOutputHandler(JSONOutputHandler):
    """One YAML document; an error is JSON, which is YAML, too."""

    language = "yaml"

    def document(self, value: Any) -> str:
        """Write a value as a whole document."""
        return yaml_text(value)
