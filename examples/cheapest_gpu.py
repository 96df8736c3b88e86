"""Which machine type has a free GPU at the lowest price? Run it: python examples/cheapest_gpu.py

The blocking session, on the embedded sandbox. For the real API, set CUDO_API_KEY and write `Session()`.
"""

from decimal import Decimal

from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_sdk.functions.machine_types import VMMachineType


def price(machine_type: VMMachineType) -> Decimal:
    """The price per hour of one GPU."""
    return machine_type.gpu_price_hr or Decimal("Infinity")


def main() -> None:
    """Print the three cheapest."""
    with Sandbox() as sandbox, Session(api_key=sandbox.api_key, base_url=sandbox.url) as session:
        machine_types = session.machine_types.list_vm_machine_types()
        free = [each for each in machine_types if each.max_gpu_free]
        for each in sorted(free, key=price)[:3]:
            print(f"{each.id} in {each.data_center_id}: {each.gpu_model}, ${price(each)}/h")


if __name__ == "__main__":
    main()
