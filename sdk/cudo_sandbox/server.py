"""The sandbox on a loopback socket: in a thread for tests and the shell, or in the main thread."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import uvicorn

_BACKLOG = 2048
_CLOSE_SECONDS = 10


def listen(host: str, port: int) -> socket.socket:
    """A socket that already takes connections; they wait until the server is up. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as stack:
        # Named TCP, or asyncio leaves Nagle's algorithm on for what it accepts: 40 ms for each reply.
        sock = stack.enter_context(socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
        stack.pop_all()
    return sock


def url_of(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def http_server(app: Any, log_level: str) -> "uvicorn.Server":
    """A uvicorn server of the application, whose connections the application may drop.

    Logging is left as the program has set it up; only what is below `log_level` is held back.
    """
    import uvicorn

    from cudo_sandbox.connections import DroppableProtocol

    config = uvicorn.Config(
        app,
        http=DroppableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=log_level,
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


class Sandbox:
    """A simulator of the API on loopback, served by a daemon thread.

    The keywords are those of `create_app`, with `host` and `port` (0 takes a free one). `start` binds
    the socket and returns at once; loading and seeding go on in the thread, and requests wait for
    them. If they fail, connections are closed and `close` raises the cause.
    """

    def __init__(
        self,
        state: str = ":memory:",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str = "sandbox-key",
        vms: int = 0,
        seed: int = 1,
        speed: float = 1.0,
        latency_ms: float = 0,
        faults: bool = False,
        charges: bool = False,
        envelope: str = "wire",
        issuer: str = "",
        audience: str = "",
    ) -> None:
        self.api_key = api_key
        self._address = (host, port)
        self._options: dict[str, Any] = {
            "state": state,
            "api_key": api_key,
            "vms": vms,
            "seed": seed,
            "speed": speed,
            "latency_ms": latency_ms,
            "faults": faults,
            "charges": charges,
            "envelope": envelope,
            "issuer": issuer,
            "audience": audience,
        }
        self._url: str | None = None
        self._thread: threading.Thread | None = None
        self._server: uvicorn.Server | None = None
        self._app: Any = None
        self._failure: Exception | None = None
        self._is_ready = threading.Event()
        self._is_closing = False

    @property
    def url(self) -> str:
        """Where it listens, such as "http://127.0.0.1:40123"; raises RuntimeError before `start`."""
        if self._url is None:
            raise RuntimeError("the sandbox is not started")
        return self._url

    def start(self) -> None:
        """Bind the socket and begin to serve; raises OSError if the port is taken."""
        if self._thread is not None:
            return
        sock = listen(*self._address)
        self._url = url_of(sock)
        self._thread = threading.Thread(target=self._run, args=(sock,), name="cudo-sandbox", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving; raises what kept the sandbox from starting, if anything did."""
        self._is_closing = True
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)
            self._thread = None
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def add_fault(self, **fault: Any) -> None:
        """Add a fault as POST /sandbox/faults does, such as kind="drop", match="POST *"."""
        self._is_ready.wait()
        if self._app is None or self._app.faults is None:
            raise RuntimeError("the sandbox takes faults only with faults=True")
        self._app.faults.add(**fault)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, sock: socket.socket) -> None:
        try:
            self._serve(sock)
        except Exception as error:  # noqa: BLE001  # handed to the thread that closes
            self._failure = error
        finally:
            self._is_ready.set()
            # Closing the socket refuses who waits in the backlog; otherwise they would hang.
            with contextlib.suppress(OSError):
                sock.close()

    def _serve(self, sock: socket.socket) -> None:
        import asyncio

        from cudo_sandbox.app import create_app

        self._app = create_app(**self._options)
        try:
            self._server = http_server(self._app, "critical")
            self._is_ready.set()
            if not self._is_closing:
                # Outside the main thread `serve` leaves the signals alone, so Ctrl-C stays the program's.
                asyncio.run(self._server.serve(sockets=[sock]))
        finally:
            self._app.store.close()
