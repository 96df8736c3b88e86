"""The HTTP protocol of the server: it lets the application drop a connection."""

from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class DroppableProtocol(H11Protocol):
    """Puts the transport of the connection into the state that each request's scope carries."""

    def connection_made(self, transport: Any) -> None:
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)
