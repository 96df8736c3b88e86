"""For each operation a call that succeeds on a fresh sandbox, and what has to happen before."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.conftest import World

from cudo_sandbox.fields import Fields
from cudo_sandbox.problems import Problem
from cudo_sandbox.router import find_route
from cudo_sandbox.routes import ROUTES

Step = tuple[str, str, dict[str, Any]]

DEMO, RESEARCH, BILLING = "/v1/projects/demo", "/v1/projects/research", "/v1/billing-accounts/demo-billing"
STORAGE = f"{RESEARCH}/object-storage"
CLUSTER_MACHINE = f"{RESEARCH}/cluster-machines/cluster-1-1"
METAL = {"dataCenterId": "fr-paris-1", "machineTypeId": "sapphire-rapids-h100"}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1k3Yf0m0b2h0oV5Zkq1c1w2cYh8bqJmZ9l3xg6t5aB sam@desk"
VM = {
    "vmId": "new-1",
    "dataCenterId": "gb-bournemouth-1",
    "machineType": "intel-broadwell",
    "vcpus": 2,
    "memoryGib": 4,
    "gpus": 0,
    "bootDiskImageId": "debian-12",
    "commitmentTerm": "COMMITMENT_TERM_1_MONTH",
    "metadata": {"role": "test"},
    "securityGroupIds": ["web"],
    "sshKeySource": "SSH_KEY_SOURCE_USER",
    "ttl": "3600s",
}
RULE = {
    "protocol": "PROTOCOL_TCP",
    "ports": "80,443",
    "ruleType": "RULE_TYPE_INBOUND",
    "ipRangeCidr": "0.0.0.0/0",
}
GROUP = {"dataCenterId": "gb-bournemouth-1", "description": "new", "rules": [RULE]}

SAM_OWNS = {"permissionRole": "OWNER", "userEmail": "sam@example.com"}
KIM_OWNS = {"permissionRole": "OWNER", "userEmail": "kim@example.com"}


@dataclass(frozen=True)
class Case:
    """A call: the path with its parameters filled in, query, body, and the calls before it."""

    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    before: tuple[Step, ...] = ()
    wait: float = 0

    @property
    def arguments(self) -> dict[str, Any]:
        body = {} if self.body is None else {"json": self.body}
        return {"params": self.query, **body} if self.query else body


def step(method: str, path: str, **arguments: Any) -> Step:
    return method, path, arguments


NEW_USER = step("POST", f"{STORAGE}/users/no-luster-1", json={"id": "writer"})
NEW_KEY = step("POST", "/v1/api-keys", json={"apikeyId": "build-7"})
NEW_ACCOUNT = step("POST", "/v1/billing-accounts", json={"displayName": "Second", "email": "kim@example.com"})

CASES = {
    "CreateVM": Case(f"{DEMO}/vm", body=VM),
    "GetVM": Case(f"{DEMO}/vms/train-1"),
    "ListVMs": Case(f"{DEMO}/vms", {"networkId": "backend"}),
    "CountVMs": Case(f"{DEMO}/count-vms"),
    "StartVM": Case(f"{DEMO}/vms/web-2/start"),
    "StopVM": Case(f"{DEMO}/vms/web-1/stop"),
    "RebootVM": Case(f"{DEMO}/vms/web-1/reboot"),
    "TerminateVM": Case(f"{DEMO}/vms/web-1/terminate"),
    "ResizeVM": Case(f"{DEMO}/vms/web-2/resize", {"vcpus": 4, "memoryGib": 8}),
    "CommitVM": Case(f"{DEMO}/vm/web-1/commit", body={"commitmentTerm": "COMMITMENT_TERM_3_MONTHS"}),
    "ConnectVM": Case(f"{DEMO}/vms/web-1/connect", {"connectionId": "c1"}),
    "MonitorVM": Case(f"{DEMO}/vms/web-1/monitor"),
    "UpdateVMAuthorizedSSHKeys": Case(
        f"{DEMO}/vm/web-1/authorized-ssh-keys",
        body={"sshKeySource": "SSH_KEY_SOURCE_NONE", "customSshKeys": [PUBLIC_KEY]},
    ),
    "UpdateVMExpireTime": Case(f"{DEMO}/vm/web-1/expire-time", body={"expireTime": "2030-01-01T00:00:00Z"}),
    "UpdateVMMetadata": Case(f"{DEMO}/vm/web-1/metadata", body={"merge": True, "metadata": {"a": "b"}}),
    "UpdateVMPassword": Case(f"{DEMO}/vm/web-1/password", body={"password": "sesame"}),
    "ListDisks": Case(f"{DEMO}/disks", {"dataCenterId": "no-luster-1", "pageNumber": 1, "pageSize": 3}),
    "GetDisk": Case(f"{DEMO}/disks/data-1"),
    "CreateStorageDisk": Case(
        f"{DEMO}/disks", body={"id": "new-disk", "dataCenterId": "no-luster-1", "sizeGib": 10}
    ),
    "DeleteStorageDisk": Case(f"{DEMO}/disks/data-2"),
    "AttachStorageDisk": Case(f"{DEMO}/disk/data-2/attach", {"vmId": "train-1"}),
    "DetachStorageDisk": Case(f"{DEMO}/disk/data-1/detach"),
    "ResizeVMDisk": Case(f"{DEMO}/vms/train-1/disks", {"diskId": "data-1", "sizeGib": 300}),
    "ListPublicVMImages": Case("/v1/vms/public-images"),
    "ListPrivateVMImages": Case(f"{DEMO}/images"),
    "GetPrivateVMImage": Case(f"{DEMO}/images/golden-1"),
    "CreatePrivateVMImage": Case(f"{DEMO}/images", {"vmId": "web-1", "id": "new-image", "description": "d"}),
    "UpdatePrivateVMImage": Case(f"{DEMO}/images/golden-1", {"description": "better"}),
    "DeletePrivateVMImage": Case(f"{DEMO}/images/golden-1"),
    "ListVMDataCenters": Case("/v1/vms/data-centers"),
    "ListVMMachineTypes": Case("/v1/vms/machine-types", {"projectId": "demo"}),
    "ListVMMachineTypes2": Case("/v1/vms/machine-types-2", {"projectId": "demo"}),
    "GetVMMachineType": Case(
        "/v1/vms/data-centers/gb-bournemouth-1/machine_types/intel-broadwell", {"projectId": "demo"}
    ),
    "ListVMGpuModels": Case("/v1/vms/gpu-models"),
    "ListNetworks": Case(f"{DEMO}/networks", {"pageSize": 1}),
    "GetNetwork": Case(f"{DEMO}/networks/backend"),
    "CreateNetwork": Case(
        f"{DEMO}/networks", body={"id": "new-net", "dataCenterId": "no-luster-1", "ipRange": "10.9.0.0/24"}
    ),
    "DeleteNetwork": Case(f"{DEMO}/networks/frontend"),
    "StartNetwork": Case(f"{RESEARCH}/networks/lab/start"),
    "StopNetwork": Case(f"{DEMO}/networks/backend/stop"),
    "ListSecurityGroups": Case(f"{DEMO}/security-groups", {"dataCenterId": "gb-bournemouth-1"}),
    "GetSecurityGroup": Case(f"{DEMO}/security-groups/web"),
    "CreateSecurityGroup": Case(f"{DEMO}/security-groups", body={"id": "new-group", **GROUP}),
    "UpdateSecurityGroup": Case(f"{DEMO}/security-groups/web", body=GROUP),
    "DeleteSecurityGroup": Case(f"{DEMO}/security-groups/web"),
    "AttachSecurityGroup": Case(f"{DEMO}/vm/train-1/security-group/attach", {"securityGroupId": "internal"}),
    "DetachSecurityGroup": Case(f"{DEMO}/vm/web-1/security-group/detach", {"securityGroupId": "web"}),
    "ListProjects": Case("/v1/projects", {"pageSize": 1}),
    "GetProject": Case(DEMO),
    "CreateProject": Case("/v1/projects", body={"id": "new-project", "billingAccountId": "demo-billing"}),
    "UpdateProject": Case(DEMO, body={"billingAccountId": "demo-billing"}),
    "DeleteProject": Case(
        "/v1/projects/empty",
        before=(step("POST", "/v1/projects", json={"id": "empty", "billingAccountId": "demo-billing"}),),
    ),
    "GetProjectPermissions": Case(f"{DEMO}:list-permissions"),
    "AddProjectPermission": Case(
        f"{DEMO}:add-permission", body={"permissionRole": "EDITOR", "userEmail": "sam@example.com"}
    ),
    "RemoveProjectPermission": Case(
        f"{DEMO}:remove-permission", body={"permissionRole": "VIEWER", "userEmail": "vera@example.com"}
    ),
    "ListSshKeys": Case("/v1/ssh-keys"),
    "GetSshKey": Case("/v1/ssh-keys/SSH_KEY_ID"),
    "CreateSshKey": Case("/v1/ssh-keys", body={"publicKey": PUBLIC_KEY}),
    "DeleteSshKey": Case("/v1/ssh-keys/SSH_KEY_ID"),
    "ListProjectSshKeys": Case("/v1/project/demo/ssh-keys"),
    "Get": Case("/v1/auth"),
    "DeleteUser": Case(
        "/v1/auth",
        before=(
            step("POST", f"{DEMO}:add-permission", json=SAM_OWNS),
            step("POST", f"{RESEARCH}:add-permission", json=SAM_OWNS),
            step("POST", f"{DEMO}:remove-permission", json=KIM_OWNS),
            step("POST", f"{RESEARCH}:remove-permission", json=KIM_OWNS),
            step("POST", f"{BILLING}:add-permission", json=SAM_OWNS),
            step("POST", f"{BILLING}:remove-permission", json=KIM_OWNS),
        ),
    ),
    "SearchResources": Case("/v1/resources/search", {"query": "1"}),
    "ListBillingAccounts": Case("/v1/billing-accounts"),
    "GetBillingAccount": Case("/v1/billing-accounts/demo-billing"),
    "GetBillingAccountSpendDetails": Case(
        "/v1/billing-accounts/demo-billing/spend/details",
        {"startTime": "2026-11-01T00:00:00Z", "endTime": "2026-11-02T00:00:00.123456789Z"},
    ),
    "ListMachineTypes": Case("/v1/machines-types", {"projectId": "demo", "pageSize": 2}),
    "ListClusterMachineTypes": Case("/v1/clusters/machine-types", {"projectId": "demo", "pageNumber": 1}),
    "GetClusterMachineType": Case(
        "/v1/clusters/data-centers/fr-paris-1/machine-types/sapphire-rapids-h100", {"projectId": "demo"}
    ),
    "ListMachines": Case(f"{RESEARCH}/machines"),
    "GetMachine": Case(f"{RESEARCH}/machines/metal-1"),
    "CreateMachine": Case(
        f"{DEMO}/machines",
        body={"id": "new-metal", "os": "ubuntu/jammy", "commitmentTerm": "COMMITMENT_TERM_1_MONTH", **METAL},
    ),
    "UpdateMachine": Case(
        f"{RESEARCH}/machines/metal-1", body={"os": "ubuntu/noble", "startScript": "true", **METAL}
    ),
    "DeleteMachine": Case(f"{RESEARCH}/machines/metal-1"),
    "DeployMachineOS": Case(f"{RESEARCH}/machines/metal-1/deploy", body={"os": "ubuntu/jammy"}),
    "ListMachineOperatingSystems": Case("/v1/machines/operating-systems"),
    "ListClusters": Case(f"{RESEARCH}/clusters"),
    "GetCluster": Case(f"{RESEARCH}/clusters/cluster-1"),
    "CreateCluster": Case(
        f"{DEMO}/clusters",
        body={
            "id": "new-cluster",
            "machineCount": 2,
            "commitmentTerm": "COMMITMENT_TERM_12_MONTHS",
            "ipoibConfig": {"hostBits": 8, "networkPrefix": "10.200.0.0/16", "portBits": 3},
            **METAL,
        },
    ),
    "UpdateCluster": Case(f"{RESEARCH}/clusters/cluster-1", body={"machineCount": 3, **METAL}),
    "DeleteCluster": Case(f"{RESEARCH}/clusters/cluster-1"),
    "UpdateClusterMachine": Case(f"{CLUSTER_MACHINE}", body={"volumeIds": ["shared-1"]}),
    "RebootClusterMachine": Case(f"{CLUSTER_MACHINE}:reboot"),
    "RenameClusterMachine": Case(f"{CLUSTER_MACHINE}:rename", {"newId": "head"}),
    "DeleteClusterMachine": Case(f"{CLUSTER_MACHINE}"),
    "ListVolumes": Case(f"{RESEARCH}/volumes"),
    "GetVolume": Case(f"{RESEARCH}/volumes/shared-1"),
    "CreateVolume": Case(
        f"{DEMO}/volumes",
        body={
            "id": "new-volume",
            "dataCenterId": "fr-paris-1",
            "sizeGib": 100,
            "commitmentTerm": "COMMITMENT_TERM_3_MONTHS",
        },
    ),
    "UpdateVolume": Case(
        f"{RESEARCH}/volumes/shared-1", body={"dataCenterId": "fr-paris-1", "sizeGib": 3000}
    ),
    "DeleteVolume": Case(f"{RESEARCH}/volumes/shared-1"),
    "ListVolumePrices": Case("/v1/volumes/prices", {"pageSize": 5}),
    "ListObjectStorageBuckets": Case(f"{STORAGE}/buckets"),
    "GetObjectStorageBucket": Case(f"{STORAGE}/buckets/no-luster-1/results"),
    "GetObjectStorageSessionKey": Case(f"{STORAGE}/session-key/no-luster-1"),
    "ListObjectStorageUsers": Case(f"{STORAGE}/users", before=(NEW_USER,)),
    "GetObjectStorageUser": Case(f"{STORAGE}/users/no-luster-1/writer", before=(NEW_USER,)),
    "CreateObjectStorageUser": Case(f"{STORAGE}/users/no-luster-1", body={"id": "reader"}),
    "DeleteObjectStorageUser": Case(f"{STORAGE}/users/no-luster-1/writer", before=(NEW_USER,)),
    "GenerateObjectStorageKey": Case(f"{STORAGE}/users/no-luster-1/writer", before=(NEW_USER,)),
    "DeleteObjectStorageKey": Case(
        f"{STORAGE}/users/no-luster-1/writer/keys/ACCESS_KEY", before=(NEW_USER,)
    ),
    "ListApiKeys": Case("/v1/api-keys", before=(NEW_KEY,)),
    "GenerateApiKey": Case("/v1/api-keys", body={"apikeyId": "laptop"}),
    "DeleteApiKey": Case("/v1/api-keys/build-7", before=(NEW_KEY,)),
    "GetBillingAccountDetails": Case(f"{BILLING}/details"),
    "CreateBillingAccount": Case(
        "/v1/billing-accounts",
        body={
            "displayName": "Second",
            "email": "kim@example.com",
            "taxId": {"type": "gb_vat", "value": "GB123456789"},
            "billingAddress": {"city": "London", "country": "GB"},
        },
    ),
    "UpdateBillingAccount": Case(
        BILLING, body={"updateMask": "displayName,taxId", "billingAccount": {"displayName": "Renamed"}}
    ),
    "DeleteBillingAccount": Case("/v1/billing-accounts/billing-000001", before=(NEW_ACCOUNT,)),
    "UndeleteBillingAccount": Case(
        "/v1/billing-accounts/billing-000001:undelete",
        before=(NEW_ACCOUNT, step("DELETE", "/v1/billing-accounts/billing-000001")),
    ),
    "GetBillingAccountPermissions": Case(f"{BILLING}:list-permissions"),
    "AddBillingAccountPermission": Case(
        f"{BILLING}:add-permission", body={"permissionRole": "EDITOR", "userEmail": "sam@example.com"}
    ),
    "RemoveBillingAccountPermission": Case(
        f"{BILLING}:remove-permission", body={"permissionRole": "VIEWER", "userEmail": "vera@example.com"}
    ),
    "ListBillingAccountProjects": Case(f"{BILLING}/projects"),
    "GetBillingAccountPaymentMethods": Case(f"{BILLING}/payment-methods"),
    "RemoveBillingAccountPaymentMethod": Case(f"{BILLING}/payment-methods/pm_000002"),
    "SetBillingAccountDefaultPaymentMethod": Case(f"{BILLING}/payment-methods/pm_000002/set-default"),
    "GetBillingAccountSetupIntent": Case(f"{BILLING}/setup-intent"),
    "CreateBillingAccountCreditPayment": Case(
        f"{BILLING}/credit", {"amount.value": "25.50", "paymentMethod": "pm_000001", "radarSessionId": "r"}
    ),
    "CreateBillingAccountCreditCheckoutSession": Case(
        f"{BILLING}/credit-checkout-session", {"amount.value": "25", "returnUrl": "https://example.com"}
    ),
    "ListBillingAccountCreditBalanceTransactions": Case(
        f"{BILLING}/credit-balance-transactions", {"pageSize": 1, "startingAfter": "cbtxn_seed3"}
    ),
    "ListBillingAccountTransactions": Case(f"{BILLING}/transactions", {"pageSize": 2}),
    "ListInvoices": Case("/v1/invoices", {"id": "demo-billing", "status": "paid", "pageSize": 1}),
    "ListOutstandingInvoices": Case("/v1/billing-accounts/invoices/outstanding"),
}  # fmt: skip


def prepared(world: World, operation_id: str) -> Case:
    """The case, after what has to happen before it."""
    for method, path, arguments in CASES[operation_id].before:
        world.ok(method, path, **arguments)
    world.wait(CASES[operation_id].wait)
    return CASES[operation_id]


def path_of(world: World, case: Case) -> str:
    """The path of a case, with the ids that only the server knows."""
    path = case.path
    if "SSH_KEY_ID" in path:
        path = path.replace("SSH_KEY_ID", str(world.ok("GET", "/v1/ssh-keys")["sshKeys"][0]["id"]))
    if "ACCESS_KEY" in path:
        user = world.ok("GET", path.partition("/keys/")[0])
        path = path.replace("ACCESS_KEY", str(user["keys"][0]["accessKey"]))
    return path


def literal(path: str) -> str:
    return re.sub(r"\{\w+\}", "x", path)


def parts_of(method: str, path: str) -> list[tuple[str, Fields]]:
    try:
        route, _ = find_route(ROUTES, method, literal(path))
    except Problem:
        return []
    return [("params", route.query), ("json", route.body)]
