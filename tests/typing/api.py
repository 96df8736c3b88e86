"""Both sessions as a type checker sees them. Checked by mypy with the rest of the tree; never run."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any, assert_type

from cudo_sdk import AsyncSession, BulkResult, CudoComputeSDK, LoginRequired, Session
from cudo_sdk.auth import APIKey, Credential, TokenSource
from cudo_sdk.functions.disks import Disk
from cudo_sdk.functions.vms import VM


def blocking(session: Session) -> None:
    assert_type(session.vms.get_vm("demo", "web-1"), VM)
    assert_type(session.vms.list_vms("demo"), list[VM])
    assert_type(session.vms.count_vms("demo"), int)
    assert_type(session.vms.start_vm("demo", "web-1"), None)
    assert_type(session.disks.search_disks("demo"), Iterator[Disk])
    assert_type(session.with_options(timeout=1), Session)
    assert_type(session.with_options(timeout=1).vms.get_vm("demo", "web-1"), VM)
    assert_type(session.vms.with_options(timeout=1).get_vm("demo", "web-1"), VM)
    assert_type(session.bulk(lambda name: session.vms.get_vm("demo", name), ["a"]), list[BulkResult[str, VM]])


async def awaiting(session: AsyncSession, sdk: CudoComputeSDK) -> None:
    call: Coroutine[Any, Any, VM] = session.vms.get_vm("demo", "web-1")
    assert_type(await call, VM)
    assert_type(await session.vms.list_vms("demo"), list[VM])
    assert_type(session.disks.search_disks("demo"), AsyncGenerator[Disk, None])
    assert_type(await sdk.get_vm("demo", "web-1"), VM)
    assert_type([disk async for disk in sdk.search_disks("demo")], list[Disk])


async def log_in(reason: LoginRequired) -> bool:
    return bool(reason)


def credentials(source: TokenSource, key: APIKey) -> None:
    anything: Credential = source
    assert_type(Session(credential=key, login=lambda _: False), Session)
    assert_type(AsyncSession(credential=anything, login=log_in), AsyncSession)


def mistakes(session: Session, later: AsyncSession) -> None:
    session.vms.get_vm("demo")  # type: ignore[call-arg]  # an argument is missing
    session.vms.get_vm("demo", 1)  # type: ignore[arg-type]  # an id is text
    session.vms.get_vm("demo", vm="web-1")  # type: ignore[call-arg]  # no such argument
    session.vmz  # type: ignore[attr-defined]  # noqa: B018  # no such group
    Session(login=log_in)  # type: ignore[arg-type]  # a blocking session awaits nothing
    get: Callable[[str, str], VM] = later.vms.get_vm  # type: ignore[assignment]  # noqa: F841  # it must be awaited
