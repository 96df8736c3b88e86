"""Security groups and their rules."""

import ipaddress
import re
import uuid
from typing import Any

from cudo_sandbox.access import Access
from cudo_sandbox.addresses import next_number
from cudo_sandbox.catalogue import check_data_center
from cudo_sandbox.fields import Fields, filled, list_of, one_of, record, resource_id, text
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.problems import Json, invalid, not_found, wrong_state
from cudo_sandbox.projects import check_new
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import EVERY, IN_DATA_CENTER, Resource, Where
from cudo_sandbox.vm_shape import refresh

MAX_GROUPS = 50  # created in a project since the seeding; not evidenced
_MAX_PORT = 65_535
_ICMP_TYPES = {"0", "3", "4", "5", "8", "9", "10", "11", "12", "13", "14", "17", "18"}
_WITH_PORTS = {"PROTOCOL_TCP", "PROTOCOL_UDP"}
_WITH_ICMP_TYPE = {"PROTOCOL_ICMP", "PROTOCOL_ICMPv6"}
_IN_GROUP = "EXISTS (SELECT 1 FROM json_each(body, '$.securityGroupIds') WHERE value = ?)"


def ports(value: Any) -> str:
    """Ports and ranges, such as "80,443" or "1024:2048"."""
    for part in filter(None, text(value).split(",")):
        if not re.fullmatch(r"[0-9]{1,5}(:[0-9]{1,5})?", part):
            raise ValueError('must be ports such as "80,443" or "1024:2048"')
        bounds = [int(port) for port in part.split(":")]
        if bounds != sorted(bounds) or not 1 <= bounds[0] <= bounds[-1] <= _MAX_PORT:
            raise ValueError(f"must be ports from 1 to {_MAX_PORT}")
    return str(value)


def icmp_type(value: Any) -> str:
    if text(value) and value not in _ICMP_TYPES:
        raise ValueError(f"must be one of {', '.join(sorted(_ICMP_TYPES, key=int))}")
    return str(value)


def cidr(value: Any) -> str:
    """An address range; empty means every address."""
    try:
        if text(value):
            ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError("must be a CIDR such as 0.0.0.0/0") from None
    return str(value)


_PROTOCOL = one_of(
    *(f"PROTOCOL_{name}" for name in ("UNKNOWN", "ALL", "TCP", "UDP", "ICMP", "ICMPv6", "IPSEC"))
)
_RULE_TYPE = one_of("RULE_TYPE_UNKNOWN", "RULE_TYPE_INBOUND", "RULE_TYPE_OUTBOUND")
_rule_record = record(
    icmpType=icmp_type, id=text, ipRangeCidr=cidr, ports=ports, protocol=_PROTOCOL, ruleType=_RULE_TYPE
)


def rule(value: Any) -> Json:
    """A rule whose ports and ICMP type suit its protocol; without one it is PROTOCOL_ALL."""
    given: Json = {"protocol": "PROTOCOL_ALL", **_rule_record(value)}
    protocol = given["protocol"]
    if given.get("ports") and protocol not in _WITH_PORTS:
        raise ValueError(f".ports: {protocol} has no ports")
    if given.get("icmpType") and protocol not in _WITH_ICMP_TYPE:
        raise ValueError(f".icmpType: {protocol} has no ICMP type")
    if given.get("ruleType", "RULE_TYPE_UNKNOWN") == "RULE_TYPE_UNKNOWN":
        raise ValueError(".ruleType: must be RULE_TYPE_INBOUND or RULE_TYPE_OUTBOUND")
    return given


def list_security_groups(call: Call) -> Reply:
    where = EVERY
    if data_center := call.query.get("dataCenterId"):
        where = Where(IN_DATA_CENTER, data_center)
    return paged(call.tx, "security_group", call.project, call.query, "securityGroups", where)


def get_security_group(call: Call) -> Reply:
    return _get(call).body


def create_security_group(call: Call) -> Reply:
    name, data_center = call.body["id"], call.body["dataCenterId"]
    check_new(call, "security_group", name, MAX_GROUPS)
    check_data_center(data_center)
    body = {
        "id": name,
        "projectId": call.project,
        "dataCenterId": data_center,
        "description": call.body.get("description", ""),
        "rules": _with_ids(call, name, call.body.get("rules", [])),
    }
    call.tx.save(Resource("security_group", call.project, name, body))
    return body


def update_security_group(call: Call) -> Reply:
    """The rules are replaced as a whole; the data center cannot change."""
    group = _get(call)
    if call.body["dataCenterId"] != group.body["dataCenterId"]:
        raise invalid(("dataCenterId", f"security group '{group.id}' is in '{group.body['dataCenterId']}'"))
    group.body.update(call.body)
    group.body["rules"] = _with_ids(call, group.id, group.body["rules"])
    call.tx.save(group)
    for vm in _users(call, group):
        refresh(call.tx, vm)
    return group.body


def _with_ids(call: Call, group: str, rules: list[Json]) -> list[Json]:
    """Rules keep the id they come with, the others get one that the same seed gives again."""
    return [{**each, "id": each.get("id") or _new_id(call, group)} for each in rules]


def _new_id(call: Call, group: str) -> str:
    name = f"{call.seed}/{call.project}/{group}/{next_number(call.tx, 'rule')}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def delete_security_group(call: Call) -> Reply:
    """The group leaves its VMs."""
    group = _get(call)
    users = _users(call, group)
    for vm in users:
        _remove(vm, group.id)
    call.tx.remove(group)
    for vm in users:
        refresh(call.tx, vm)
    return {}


def attach_security_group_to_vm(call: Call) -> Reply:
    """The group applies to the first interface of the VM."""
    vm = call.tx.get("vm", call.project, call.id)
    group = call.tx.get("security_group", call.project, call.query["securityGroupId"])
    if group.body["dataCenterId"] != vm.body["datacenterId"]:
        raise wrong_state(f"security group '{group.id}' is in data center '{group.body['dataCenterId']}'")
    if group.id not in vm.body["securityGroupIds"]:
        vm.body["securityGroupIds"].append(group.id)
        vm.body["nics"][0]["securityGroupIds"].append(group.id)
        refresh(call.tx, vm)
    return {}


def detach_security_group_from_vm(call: Call) -> Reply:
    vm = call.tx.get("vm", call.project, call.id)
    name = call.query["securityGroupId"]
    if name not in vm.body["securityGroupIds"]:
        raise not_found("security group", name)
    _remove(vm, name)
    refresh(call.tx, vm)
    return {}


def _remove(vm: Resource, name: str) -> None:
    for holder in (vm.body, *vm.body["nics"]):
        holder["securityGroupIds"] = [each for each in holder["securityGroupIds"] if each != name]


def _users(call: Call, group: Resource) -> list[Resource]:
    return call.tx.matching("vm", call.project, Where(_IN_GROUP, group.id))


def _get(call: Call) -> Resource:
    return call.tx.get("security_group", call.project, call.id)


_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_GROUPS, _VM = "/v1/projects/{projectId}/security-groups", "/v1/projects/{projectId}/vm/{id}/security-group"
_CONTENT = {"description": text, "rules": list_of(rule)}
_CREATE = Fields(required={"dataCenterId": filled, "id": resource_id}, optional=_CONTENT)
_UPDATE = Fields(required={"dataCenterId": filled}, optional=_CONTENT)
_GROUP = Fields(required={"securityGroupId": filled})

ROUTES = (
    Route("GET", _GROUPS, list_security_groups, _READ, query={**PAGE, "dataCenterId": filled}),
    Route("POST", _GROUPS, create_security_group, _WRITE, body=_CREATE),
    Route("GET", f"{_GROUPS}/{{id}}", get_security_group, _READ),
    Route("PATCH", f"{_GROUPS}/{{id}}", update_security_group, _WRITE, body=_UPDATE),
    Route("DELETE", f"{_GROUPS}/{{id}}", delete_security_group, _WRITE),
    Route("PATCH", f"{_VM}/attach", attach_security_group_to_vm, _WRITE, query=_GROUP),
    Route("PATCH", f"{_VM}/detach", detach_security_group_from_vm, _WRITE, query=_GROUP),
)
