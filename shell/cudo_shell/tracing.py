"""What `-v` shows besides the result: the requests of a command, on stderr, without secrets."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cudo_sdk.logs import RedactingFormatter, logger


class _Lines(logging.Handler):
    """Tells each record; one that cannot be written costs the line, not the command."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say = say
        self.setFormatter(RedactingFormatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            self._say(self.format(record))


@contextmanager
def traced(say: Callable[[str], None]) -> Iterator[None]:
    """Tell what the SDK logs meanwhile: method, path without ids, status, time, and why it tries again."""
    lines, level = _Lines(say), logger.level
    logger.addHandler(lines)
    if not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(lines)
        logger.setLevel(level)
