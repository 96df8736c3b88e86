"""The command `cudo-sandbox`: serve the simulator until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

_Number = TypeVar("_Number", int, float)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EXAMPLE = """\
example: cudo-sandbox --state ~/cudo-sandbox/state.db --speed 10
The state file keeps everything between runs; without one it is gone at the end.
"""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cudo-sandbox",
        description="Serve a local simulator of the Cudo Compute API.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=8765, help="port, 0 takes a free one (default: %(default)s)")
    add(
        "--state", default=":memory:", metavar="FILE", help="keep the state in this file (default: in memory)"
    )
    add(
        "--api-key",
        default="sandbox-key",
        metavar="KEY",
        help="key that clients must send (default: %(default)s)",
    )
    add(
        "--vms",
        type=_count,
        default=0,
        metavar="N",
        help="seed N more VMs, vm-000001 and up, in project demo",
    )
    add("--seed", type=int, default=1, metavar="N", help="the same number gives the same data (default: 1)")
    add("--speed", type=_factor, default=1.0, metavar="X", help="run lifecycles X times faster (default: 1)")
    add(
        "--latency",
        type=_milliseconds,
        default=0.0,
        metavar="MS",
        help="delay each reply by so many milliseconds",
    )
    add("--faults", action="store_true", help="let POST /sandbox/faults order failures")
    add("--charge", action="store_true", help="use up the credit; when none is left, what costs is deleted")
    add(
        "--error-envelope",
        choices=("wire", "vendor"),
        default="wire",
        help="form of errors (default: %(default)s)",
    )
    add(
        "--issuer",
        type=_issuer,
        default="",
        metavar="URL",
        help="take access tokens (JWT) of this OpenID provider beside API keys",
    )
    add("--audience", default="", metavar="A", help="for whom these tokens must be made")
    return parser


def _issuer(text: str) -> str:
    if not text:
        return ""  # the default, which argparse passes through here too
    from cudo_sandbox.issuer import checked_url

    try:
        return checked_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    return _bounded(int(text), 65_535)


def _count(text: str) -> int:
    return _bounded(int(text), 1_000_000)


def _milliseconds(text: str) -> float:
    return _bounded(float(text), 600_000.0)


def _factor(text: str) -> float:
    factor = _bounded(float(text), 1_000_000.0)
    if not factor:
        raise argparse.ArgumentTypeError("must be greater than 0")
    return factor


def _bounded(number: _Number, high: _Number) -> _Number:
    if not 0 <= number <= high:
        raise argparse.ArgumentTypeError(f"must be 0 to {high}")
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal comes; return the exit status."""
    parser = build_parser()
    args = parser.parse_args(argv)
    if bool(args.issuer) != bool(args.audience):
        parser.error("--issuer and --audience belong together")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    try:
        sock, app = _open(args)
    except _StartError as error:
        print(f"cudo-sandbox: {error}", file=sys.stderr)  # noqa: T201  # a command line program
        return 1
    try:
        _serve(sock, app, args)
    finally:
        app.store.close()
    return 0


class _StartError(Exception):
    """What keeps the sandbox from starting, in words for the person."""


def _open(args: argparse.Namespace) -> tuple[socket.socket, Any]:
    import sqlite3

    from cudo_sandbox.app import create_app
    from cudo_sandbox.server import listen

    try:
        sock = listen(args.host, args.port)
    except OSError as error:
        # socket.create_server adds the address to the text; a failed look-up has a negative number.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise _StartError(f"cannot listen on {args.host} port {args.port}: {reason}") from error
    try:
        app = create_app(
            args.state,
            api_key=args.api_key,
            vms=args.vms,
            seed=args.seed,
            speed=args.speed,
            latency_ms=args.latency,
            faults=args.faults,
            charges=args.charge,
            envelope=args.error_envelope,
            issuer=args.issuer,
            audience=args.audience,
        )
    except (OSError, sqlite3.Error) as error:
        reason = str(error.strerror if isinstance(error, OSError) else error)
        raise _StartError(f"cannot use the state file '{args.state}': {reason}") from error
    return sock, app


def _serve(sock: socket.socket, app: Any, args: argparse.Namespace) -> None:
    from cudo_sandbox.server import http_server, url_of

    if args.host not in _LOOPBACK:
        warning = f"cudo-sandbox: listening on {args.host}: whoever reaches this port can use the sandbox"
        print(warning, file=sys.stderr)  # noqa: T201  # a command line program
    # The key is shown only when it is the public default: a key of the user's own is a secret.
    ways = ["API key: sandbox-key"] if args.api_key == "sandbox-key" else []
    ways += [f"tokens of {args.issuer}"] if args.issuer else []
    hint = f" ({'; '.join(ways)})" if ways else ""
    print(f"Sandbox ready on {url_of(sock)}{hint}", flush=True)  # noqa: T201  # a command line program
    asyncio.run(http_server(app, "warning").serve(sockets=[sock]))


def _leave(_number: int, _frame: object) -> NoReturn:
    """End with status 0; uvicorn raises the signal once more after its own orderly end."""
    raise SystemExit(0)


def entry() -> NoReturn:
    """Run the console command."""
    raise SystemExit(main())


if __name__ == "__main__":
    entry()
