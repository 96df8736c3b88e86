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
        self._changes: set[str] = set()

    @property
    def has_unanswered_change(self) -> bool:
        """Whether a change was sent and not answered."""
        return bool(self._changes)

    def hooks(self) -> "Hooks":
        """What to hand to a session, so that it tells."""
        from cudo_sdk.hooks import Hooks

        return Hooks(on_request=self._sent, on_response=self._received)

    def _sent(self, event: "RequestSeen") -> None:
        self.requests += 1
        self.sent += event.request_bytes
        if event.method != "GET":
            self._changes.add(event.path)

    def _received(self, event: "ReplySeen") -> None:
        self.seconds += event.seconds
        self.received += event.reply_bytes
        self._changes.discard(event.path)

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.requests} request{'s' * (self.requests != 1)}, "
            f"{self.sent} B sent, {self.received} B received, "
            f"{self.seconds:.3f} s on the wire, {time.monotonic() - self.started:.3f} s in all"
        )
