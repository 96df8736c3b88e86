"""GPU models: what VMs can have."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.models import Model
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class GPUModel(Model):
    """A model of GPU; `memory_gib` is that of one."""

    id: str | None = None
    vendor_name: str | None = None
    model_name: str | None = None
    memory_gib: int | None = None


class GPUModels(BaseFunction[S]):
    """GPU models: `session.gpu_models`."""

    @api_iterator
    async def search_gpu_models(self: GPUModels[AsyncSession]) -> AsyncGenerator[GPUModel, None]:
        """Iterate over the GPU models that VMs can have.

        API: ListVMGpuModels
        Raises: Unauthenticated.
        """
        request = Request("ListVMGpuModels", "GET", path("/v1/vms/gpu-models"))
        async for model in self._each(request, GPUModel, "gpuModels"):
            yield model

    @api_function
    async def list_gpu_models(self: GPUModels[AsyncSession]) -> list[GPUModel]:
        """All GPU models that VMs can have.

        API: ListVMGpuModels
        Raises: Unauthenticated.
        """
        return [model async for model in self.search_gpu_models()]
