"""Search over everything that the user can see."""

from collections.abc import Callable

from cudo_sandbox.access import role_in
from cudo_sandbox.fields import Fields, text
from cudo_sandbox.problems import Json
from cudo_sandbox.projects import project_json
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.routes.billing_accounts import account_json
from cudo_sandbox.store import Resource, Where

MAX_RESULTS = 100  # not evidenced


def _virtual_machine(vm: Json) -> Json:
    boot = vm["bootDisk"]
    result = {
        "id": vm["id"],
        "projectId": vm["projectId"],
        "dataCenterId": vm["datacenterId"],
        "state": vm["state"],
        "vcpus": vm["vcpus"],
        "memoryGib": vm["memory"],
        "gpus": vm["gpuQuantity"],
        "gpuModelId": vm["gpuModelId"],
        "bootDiskSizeGib": boot["sizeGib"],
        "createTime": vm["createTime"],
    }
    names = {"publicImageId": "bootDiskPublicImageId", "privateImageId": "bootDiskPrivateImageId"}
    return {**result, **{shown: boot[name] for name, shown in names.items() if name in boot}}


def _machine(machine: Json) -> Json:
    left_out = {
        "commitmentTerm",
        "createBy",
        "customSshKeys",
        "hostname",
        "priceHr",
        "sshKeySource",
        "startScript",
    }
    result = {name: value for name, value in machine.items() if name not in left_out}
    return {**result, "ipv4Addresses": len(machine["externalIpAddresses"])}


def _image(image: Json) -> Json:
    return {name: image[name] for name in ("id", "projectId", "dataCenterId", "sizeGib")}


def _whole(body: Json) -> Json:
    return body


# kind: the key in the result, and how the resource is shown there
_KINDS: dict[str, tuple[str, Callable[[Json], Json]]] = {
    "vm": ("virtualMachine", _virtual_machine),
    "disk": ("disk", _whole),
    "network": ("network", _whole),
    "image": ("image", _image),
    "machine": ("machine", _machine),
    "cluster": ("cluster", _whole),
    "volume": ("volume", _whole),
}


def search_resources(call: Call) -> Reply:
    """Resources whose id contains the text, the nearest first; an empty text finds nothing."""
    wanted = call.query["query"].lower()
    if not wanted:
        return {"results": []}
    found = [*_projects(call, wanted), *_billing_accounts(call, wanted), *_resources(call, wanted)]
    return {"results": sorted(found, key=lambda each: -each["score"])[:MAX_RESULTS]}


def _projects(call: Call, wanted: str) -> list[Json]:
    return [
        _result(wanted, each, "project", project_json(call.tx, each))
        for each in call.tx.all("project")
        if wanted in each.id and role_in(call.tx, call.user, "project", each.id)
    ]


def _billing_accounts(call: Call, wanted: str) -> list[Json]:
    found = []
    for each in call.tx.all("billing_account"):
        if wanted in each.id and role_in(call.tx, call.user, "billing_account", each.id):
            body = account_json(call.tx, each)
            shown = {name: body[name] for name in ("id", "displayName", "createTime")}
            found.append(_result(wanted, each, "billingAccount", shown))
    return found


def _resources(call: Call, wanted: str) -> list[Json]:
    projects = [each.id for each in call.tx.all("project") if role_in(call.tx, call.user, "project", each.id)]
    return [
        _result(wanted, each, key, show(each.body))
        for project in projects
        for kind, (key, show) in _KINDS.items()
        for each in call.tx.matching(kind, project, Where("instr(id, ?) > 0 LIMIT ?", wanted, MAX_RESULTS))
    ]


def _result(wanted: str, resource: Resource, key: str, shown: Json) -> Json:
    return {
        "resourceType": key,
        "resourceName": resource.id,
        "score": round(len(wanted) / len(resource.id), 4),
        key: shown,
    }


ROUTES = (Route("GET", "/v1/resources/search", search_resources, query=Fields(required={"query": text})),)
