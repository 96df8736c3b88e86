"""The logger `cudo_sdk`, and what may be written to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from cudo_sdk.redaction import redacted

logger = logging.getLogger("cudo_sdk")
logger.addHandler(logging.NullHandler())

# An allow-list: a header or query value that the API adds tomorrow stays out of the log until looked at.
_HEADERS = frozenset({"accept", "content-type", "content-length", "date", "retry-after", "user-agent"})
_QUERY = frozenset(
    {"datacenterid", "networkid", "pagenumber", "pagesize", "sizegib", "vcpus", "memorygib", "projectid"}
)


class RedactingFormatter(logging.Formatter):
    """Takes secrets out of the finished text of a record: message, traceback and stack.

    For handlers of `cudo_sdk`, and for any other: a filter would see the message alone.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record without secrets."""
        return redacted(super().format(record))


def log_sent(operation: str, query: Mapping[str, str], body: Mapping[str, object] | None) -> None:
    """At DEBUG: allowed query values, and the names of body fields; never a body."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug(
            "%s query=%s body fields=%s", operation, allowed(query, _QUERY), sorted(body) if body else []
        )


def log_answered(
    operation: str, method: str, template: str, status: int, seconds: float, attempt: int
) -> None:
    """At INFO: one line for an attempt, with the template of the path instead of its ids."""
    logger.info(
        "%s %s %s -> %d in %.0f ms, attempt %d", operation, method, template, status, seconds * 1000, attempt
    )


def log_retry(operation: str, attempt: int, delay: float, reason: str) -> None:
    """At INFO: why an attempt is not the last one, and when the next one follows."""
    logger.info("%s attempt %d failed (%s), again in %.1f s", operation, attempt, reason, delay)


def log_headers(operation: str, headers: Mapping[str, str]) -> None:
    """At DEBUG: the allowed headers of a reply."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s reply headers=%s", operation, allowed(headers, _HEADERS))


def allowed(values: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """The values whose names are on the list; of the others the name alone."""
    return {name: value if name.lower() in names else "(hidden)" for name, value in values.items()}
