"""What a command sent and received: for its line of timing, for reports, and to know what Ctrl-C cut off."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from cudo_sdk.hooks import Hooks, ReplySeen, RequestSeen


class Traffic:
    """Counts requests, bytes and seconds since `reset`; written on the loop's thread, read on ours."""

    def __init__(self) -> None:
        self._asking: set[asyncio.Task[object]] = set()  # replaced, never changed: others read it
        self.reset()

    def reset(self) -> None:
        """Start counting for a new command."""
        self.started = time.monotonic()
        self.requests = 0
        self.sent = 0
        self.received = 0
        self.seconds = 0.0
        self.request_ids: list[str] = []  # what the server called the requests that it answered
        self._changes: set[str] = set()

    @property
    def has_unanswered_change(self) -> bool:
        """Whether a change was sent and not answered."""
        return bool(self._changes)

    @property
    def in_flight(self) -> int:
        """How many requests wait for an answer now, of whatever command or listing."""
        return sum(not task.done() for task in self._asking)

    def hooks(self) -> "Hooks":
        """What to hand to a session, so that it tells."""
        from cudo_sdk.hooks import Hooks

        return Hooks(on_request=self._sent, on_response=self._received)

    def _sent(self, event: "RequestSeen") -> None:
        self.requests += 1
        self.sent += event.request_bytes
        # A request that failed or was cancelled is answered by nobody; its task comes to an end.
        self._asking = {task for task in self._asking if not task.done()} | _this_task()
        if event.method != "GET":
            self._changes.add(event.path)

    def _received(self, event: "ReplySeen") -> None:
        self.seconds += event.seconds
        self.received += event.reply_bytes
        if event.request_id:
            self.request_ids.append(event.request_id)
        self._changes.discard(event.path)
        self._asking = self._asking - _this_task()

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.requests} request{'s' * (self.requests != 1)}, "
            f"{self.sent} B sent, {self.received} B received, "
            f"{self.seconds:.3f} s on the wire, {time.monotonic() - self.started:.3f} s in all"
        )


def _this_task() -> "set[asyncio.Task[object]]":
    import asyncio  # loaded by now: this is called on a loop

    task = asyncio.current_task()
    return {task} if task else set()
