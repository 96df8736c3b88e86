"""The Cudo Compute API for Python: async first, with a typed blocking twin.

    from cudo_sdk import Session

    with Session() as session:  # the key comes from CUDO_API_KEY
        for vm in session.vms.list_vms("my-project"):
            print(vm.id, vm.state)

Names are loaded when first used, so that importing this package costs nothing. The models of a group of
operations live beside it: `cudo_sdk.functions.vms.VM`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cudo_sdk._lazy import loader

if TYPE_CHECKING:
    from cudo_sdk.bulk import BulkResult
    from cudo_sdk.config import APIConfig
    from cudo_sdk.errors import (
        Aborted,
        AlreadyExists,
        APIError,
        AuthConfigError,
        AuthError,
        BadReply,
        Cancelled,
        ConfigError,
        ConnectionFailed,
        CudoError,
        DataLoss,
        DeadlineExceeded,
        FailedPrecondition,
        Internal,
        InvalidArgument,
        LoginRequired,
        NotFound,
        OutOfRange,
        PermissionDenied,
        RequestTimeout,
        ResourceExhausted,
        TransientAuth,
        Unauthenticated,
        Unavailable,
        Unimplemented,
        Unknown,
        WaitFailed,
        WaitTimeout,
    )
    from cudo_sdk.facade import CudoComputeSDK
    from cudo_sdk.functions.base import BaseFunction, api_function, api_iterator
    from cudo_sdk.hooks import Hooks
    from cudo_sdk.models import Model
    from cudo_sdk.options import Options
    from cudo_sdk.session import AsyncSession, Session, api_session, current_session

__all__ = [
    "APIConfig",
    "APIError",
    "Aborted",
    "AlreadyExists",
    "AsyncSession",
    "AuthConfigError",
    "AuthError",
    "BadReply",
    "BaseFunction",
    "BulkResult",
    "Cancelled",
    "ConfigError",
    "ConnectionFailed",
    "CudoComputeSDK",
    "CudoError",
    "DataLoss",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Hooks",
    "Internal",
    "InvalidArgument",
    "LoginRequired",
    "Model",
    "NotFound",
    "Options",
    "OutOfRange",
    "PermissionDenied",
    "RequestTimeout",
    "ResourceExhausted",
    "Session",
    "TransientAuth",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "WaitFailed",
    "WaitTimeout",
    "api_function",
    "api_iterator",
    "api_session",
    "current_session",
]

# Where the names that are no errors live.
_HOMES = {
    "APIConfig": "config",
    "AsyncSession": "session",
    "BaseFunction": "functions.base",
    "BulkResult": "bulk",
    "CudoComputeSDK": "facade",
    "Hooks": "hooks",
    "Model": "models",
    "Options": "options",
    "Session": "session",
    "api_function": "functions.base",
    "api_iterator": "functions.base",
    "api_session": "session",
    "current_session": "session",
}

__getattr__ = loader(__name__, {name: _HOMES.get(name, "errors") for name in __all__})


def __dir__() -> list[str]:
    return __all__
