"""The one place that names the HTTP library."""

import sys

# httpx brings its own command line client along where click is installed, and that imports rich and pygments:
# half of the time of the import, and a terminal library below the shell. Without it httpx has a fallback.
_is_first = "httpx" not in sys.modules
if _is_first:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # None makes an import fail
import httpx  # noqa: E402  # after the line above

if _is_first:
    del sys.modules["httpx._main"]

__all__ = ["httpx"]
