"""The formats of `-o`, each loaded when it is asked for."""

from typing import TYPE_CHECKING

from cudo_shell.exits import UsageError

if TYPE_CHECKING:
    from cudo_shell.output.handlers import BaseOutputHandler
    from cudo_shell.streams import Streams

FORMATS = ("table", "json", "jsonl", "yaml", "csv", "tsv", "ids")


def handler_for(  # noqa: PLR0911  # a line for each format
    name: str, streams: "Streams", *, headers: bool = True, keeps_columns: bool = False
) -> "BaseOutputHandler":
    """Make the output of that name.

    Raises: UsageError for a name that is none (it may come from the environment).
    """
    from cudo_shell.output import console, delimited, structured

    match name:
        case "table":
            return console.ConsoleOutputHandler(streams, headers=headers, keeps_columns=keeps_columns)
        case "json":
            return structured.JSONOutputHandler(streams)
        case "jsonl":
            return structured.JSONLinesOutputHandler(streams)
        case "yaml":
            return structured.YAMLOutputHandler(streams)
        case "csv":
            return delimited.CSVOutputHandler(streams, headers=headers)
        case "tsv":
            return delimited.TSVOutputHandler(streams, headers=headers)
        case "ids":
            return delimited.IDsOutputHandler(streams)
        case _:
            raise UsageError(f"There is no output format '{name}'.", f"Formats: {', '.join(FORMATS)}")
