"""An output that keeps the result of a command instead of printing it."""

from collections.abc import Iterable
from typing import Any

from cudo_shell.output.fields import Fields, to_data
from cudo_shell.output.handlers import BaseOutputHandler
from cudo_shell.streams import Streams


class CapturedOutput(BaseOutputHandler):
    """Holds the last result, under the API's own names; errors are printed as ever."""

    is_whole = True

    def __init__(self, streams: Streams) -> None:
        super().__init__(streams)
        self.value: Any = None

    def print_item(self, item: Any, fields: Fields) -> None:  # noqa: ARG002  # the whole model is kept
        self.value = to_data(item)

    def print_list(self, items: Iterable[Any], fields: Fields) -> None:  # noqa: ARG002  # the whole models are kept
        self.value = [to_data(item) for item in items]

    def print_data(self, value: Any) -> None:
        self.value = value
