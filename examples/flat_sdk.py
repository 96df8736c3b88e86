"""Every operation on one object, errors that httpx users know, a client of your own, and the log.

Run it: python examples/flat_sdk.py
"""

import asyncio
import logging

import httpx

from cudo_sandbox import Sandbox
from cudo_sdk import CudoComputeSDK


async def main() -> None:
    """List side by side, miss a VM, and use another HTTP client."""
    logging.basicConfig(format="%(name)s: %(message)s")
    logging.getLogger("cudo_sdk").setLevel(logging.INFO)

    with Sandbox() as sandbox:
        sdk = CudoComputeSDK(api_key=sandbox.api_key, base_url=sandbox.url)

        projects, data_centers = await asyncio.gather(sdk.list_projects(), sdk.list_data_centers())
        print(f"{len(projects)} projects, {len(data_centers)} data centers")

        try:
            await sdk.get_vm("demo", "no-such-vm")
        except httpx.HTTPStatusError as e:
            if e.response.status_code == 404:
                print("no-such-vm: not found")

        async with httpx.AsyncClient(timeout=5) as custom_client:
            sdk.client = custom_client
            print(f"{await sdk.count_vms('demo')} VMs in demo")

        await sdk.close()


if __name__ == "__main__":
    asyncio.run(main())
