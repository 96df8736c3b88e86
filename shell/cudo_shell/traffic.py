"""What a command sent and received: for its line of timing, and to know what a Ctrl-C cut off."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cudo_sdk.hooks import Hooks, ReplySeen, RequestSeen


class Traffic:
    """Counts requests, bytes and seconds since `reset`; written on the loop's thread, read on ours."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start counting for a new command."""
        self.started = time.monotonic()
        self.requests = 0
        self.sent = 0
        self.received = 0
        self.seconds = 0.0
        self._changes: dict[str, str] = {}

    @property
    def unanswered_change(self) -> str:
        """The operation of a change that was sent and not answered; empty if there is none."""
        return next(iter(self._changes.values()), "")

    def hooks(self) -> "Hooks":
        """What to hand to a session, so that it tells."""
        from cudo_sdk.hooks import Hooks

        return Hooks(on_request=self._sent, on_response=self._received)

    def _sent(self, event: "RequestSeen") -> None:
        self.requests += 1
        self.sent += event.request_bytes
        if event.method != "GET":
            self._changes[event.path] = event.operation

    def _received(self, event: "ReplySeen") -> None:
        self.seconds += event.seconds
        self.received += event.reply_bytes
        self._changes.pop(event.path, None)

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.requests} request{'s' * (self.requests != 1)}, "
            f"{self.sent} B sent, {self.received} B received, "
            f"{self.seconds:.3f} s on the wire, {time.monotonic() - self.started:.3f} s in all"
        )
