"""The interface of all outputs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from cudo_shell.exits import Failure
from cudo_shell.output.clean import notice
from cudo_shell.output.fields import Fields
from cudo_shell.streams import Streams


class BaseOutputHandler(ABC):
    """Shows one thing, many things, or an error. Data goes to stdout, all else to stderr."""

    is_for_people = False
    is_whole = False  # shows the whole model, not only its fields
    takes_a_stream = False  # whether a list may be printed while it still arrives
    is_numbered = False  # a table of a list begins with the numbers of its rows

    def __init__(self, streams: Streams) -> None:
        self.streams = streams

    @abstractmethod
    def print_item(self, item: Any, fields: Fields) -> None:
        """Show one thing."""

    @abstractmethod
    def print_list(self, items: Iterable[Any], fields: Fields) -> None:
        """Show many things, in the order in which they come."""

    @abstractmethod
    def print_data(self, value: Any) -> None:
        """Show JSON data that is no thing of the API: the result of a query."""

    def print_error(self, failure: Failure) -> None:
        """Say what went wrong, and what to do next."""
        for line in (failure.message, failure.hint):
            if line:
                self.streams.err.write(notice(line) + "\n")
