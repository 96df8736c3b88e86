"""Create three VMs at once, wait for all of them, and clean up. Run it: python examples/fleet.py

The async session, on the embedded sandbox. For the real API, set CUDO_API_KEY and write `AsyncSession()`.
"""

import asyncio

from cudo_sandbox import Sandbox
from cudo_sdk import AsyncSession
from cudo_sdk.functions.vms import VM

PROJECT = "demo"
NAMES = ["fleet-1", "fleet-2", "fleet-3"]


async def deploy(session: AsyncSession) -> list[VM]:
    """Create the VMs side by side; one error does not stop the others."""

    async def create(name: str) -> VM:
        return await session.vms.create_vm(
            PROJECT,
            name,
            data_center_id="no-luster-1",
            machine_type="epyc-rome-rtx-a5000",
            boot_disk_image_id="ubuntu-2204",
            vcpus=2,
            memory_gib=4,
            gpus=0,
            boot_disk_size_gib=20,
            ttl="3600s",  # should this program die, the VMs are not left behind
        )

    results = await session.bulk(create, NAMES)
    for result in results:
        if result.error:
            print(f"{result.item}: {result.error}")
    created = [result.item for result in results if result.error is None]
    return await session.vms.wait_for_vms(PROJECT, created, just_created=True)


async def main() -> None:
    """Deploy, report, clean up."""
    with Sandbox(speed=10) as sandbox:
        async with AsyncSession(api_key=sandbox.api_key, base_url=sandbox.url) as session:
            for vm in await deploy(session):
                print(f"{vm.id} is {vm.state}, ${vm.price.total_price_hr if vm.price else '?'}/h")
            await asyncio.gather(*(session.vms.terminate_vm(PROJECT, name) for name in NAMES))
            await asyncio.gather(*(session.vms.wait_for_vm_deleted(PROJECT, name) for name in NAMES))
            print(f"{await session.vms.count_vms(PROJECT)} VMs left in {PROJECT}")


if __name__ == "__main__":
    asyncio.run(main())
