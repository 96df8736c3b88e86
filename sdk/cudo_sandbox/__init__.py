"""A local simulator of the Cudo Compute API; what it guesses stands in docs/sandbox.md.

`Sandbox` serves it on a loopback socket from a thread, `create_app` gives the ASGI application.
Importing this package loads neither the web server nor SQLite.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cudo_sandbox.app import create_app
    from cudo_sandbox.server import Sandbox

__all__ = ["Sandbox", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "Sandbox":
        from cudo_sandbox.server import Sandbox

        return Sandbox
    if name == "create_app":
        from cudo_sandbox.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
