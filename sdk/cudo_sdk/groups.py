"""One lazy attribute for each group of operations, the same on both sessions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic

from cudo_sdk.functions.base import S

if TYPE_CHECKING:
    from cudo_sdk.functions.disks import Disks
    from cudo_sdk.functions.vms import VMs
    from cudo_sdk.transport import Transport


class Groups(Generic[S]):
    """The function groups of a session. An attribute builds its group and fetches nothing."""

    _transport: Transport
    _sync: bool

    @cached_property
    def vms(self) -> VMs[S]:
        """Virtual machines."""
        from cudo_sdk.functions.vms import VMs

        return VMs(self._transport, sync=self._sync)

    @cached_property
    def disks(self) -> Disks[S]:
        """Disks."""
        from cudo_sdk.functions.disks import Disks

        return Disks(self._transport, sync=self._sync)
