"""Public images, and private images made from VMs."""

from cudo_sandbox.access import Access
from cudo_sandbox.catalogue import PUBLIC_IMAGES, STORAGE_GIB_PRICE
from cudo_sandbox.fields import Fields, filled, resource_id, text
from cudo_sandbox.lifecycles import demand_state, enter
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.problems import already_exists, wrong_state
from cudo_sandbox.projects import check_can_create
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import GONE, Resource, Where

MAX_IMAGES = 20  # created in a project since the seeding; not evidenced
_USES_IMAGE = "json_extract(body, '$.privateImageId') = ?"


def list_public_images(_call: Call) -> Reply:
    return {"images": list(PUBLIC_IMAGES.values())}


def list_private_images(call: Call) -> Reply:
    return paged(call.tx, "image", call.project, call.query, "images")


def get_private_image(call: Call) -> Reply:
    return {"image": _get(call).body}


def create_private_image(call: Call) -> Reply:
    name = call.query["id"]
    check_can_create(call, "image", MAX_IMAGES)
    vm = call.tx.get("vm", call.project, call.query["vmId"])
    demand_state(vm, "ACTIVE", "STOPPED", act="make an image of")
    if name in PUBLIC_IMAGES or call.tx.find("image", call.project, name):
        raise already_exists("image", name)
    image = private_image(call, vm, name, call.query.get("description", ""))
    enter(image, call.clock, "CREATING", "READY")
    call.tx.save(image)
    return {"image": image.body}


def private_image(call: Call, vm: Resource, name: str, description: str) -> Resource:
    """An image of the boot disk of a VM, in its data center."""
    boot = vm.body["bootDisk"]
    body = {
        "id": name,
        "projectId": vm.scope,
        "dataCenterId": vm.body["datacenterId"],
        "description": description,
        "platform": _platform(call, boot),
        "sizeGib": boot["sizeGib"],
        "state": "READY",
    }
    return Resource("image", vm.scope, name, body, price=STORAGE_GIB_PRICE * boot["sizeGib"])


def _platform(call: Call, boot: dict[str, str]) -> str:
    if "publicImageId" in boot:
        return str(PUBLIC_IMAGES[boot["publicImageId"]]["platform"])
    return str(call.tx.get("image", boot["projectId"], boot["privateImageId"]).body["platform"])


def update_private_image(call: Call) -> Reply:
    image = _get(call)
    image.body["description"] = call.query["description"]
    call.tx.save(image)
    return {}


def delete_private_image(call: Call) -> Reply:
    """Refused while a boot disk is made from it."""
    image = _get(call)
    demand_state(image, "READY", "FAILED", act="delete")
    if users := call.tx.matching("disk", call.project, Where(_USES_IMAGE, image.id)):
        raise wrong_state(f"image '{image.id}' is used by VM '{users[0].body['vmId']}'")
    enter(image, call.clock, "DELETING", GONE)
    call.tx.save(image)
    return {}


def _get(call: Call) -> Resource:
    return call.tx.get("image", call.project, call.id)


_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_IMAGES = "/v1/projects/{projectId}/images"

ROUTES = (
    Route("GET", "/v1/vms/public-images", list_public_images),
    Route("GET", _IMAGES, list_private_images, _READ, query=PAGE),
    Route("GET", f"{_IMAGES}/{{id}}", get_private_image, _READ),
    Route(
        "POST",
        _IMAGES,
        create_private_image,
        _WRITE,
        query=Fields(required={"vmId": filled, "id": resource_id}, optional={"description": text}),
    ),
    Route(
        "POST",
        f"{_IMAGES}/{{id}}",
        update_private_image,
        _WRITE,
        query=Fields(required={"description": text}),
    ),
    Route("DELETE", f"{_IMAGES}/{{id}}", delete_private_image, _WRITE),
)
