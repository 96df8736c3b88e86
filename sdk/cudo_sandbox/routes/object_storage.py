"""Object storage: buckets, which are made through S3, and the users and keys for them."""

import secrets

from cudo_sandbox.access import Access
from cudo_sandbox.catalogue import DATA_CENTERS, OBJECT_STORAGE_GIB_PRICE
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import Fields, list_of, moment, record, resource_id, text
from cudo_sandbox.money import money
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.problems import Json, already_exists, not_found
from cudo_sandbox.projects import check_can_create
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import Resource

MAX_USERS = 20  # created in a project since the seeding; not evidenced
_GIB = 2**30

_CREATE = Fields(
    required={"id": resource_id},
    ignored={
        "createBy": text,
        "createTime": moment,
        "keys": list_of(record(accessKey=text, secretKey=text)),
    },
)


def bucket(project: str, data_center: str, name: str, *, objects: int, size: int) -> Resource:
    """A bucket with what is in it; it is billed by the GiB."""
    body = {
        "id": name,
        "projectId": project,
        "dataCenterId": data_center,
        "endpoint": DATA_CENTERS[data_center]["s3Endpoint"],
        "objectCount": str(objects),
        "sizeBytes": str(size),
        "billableBytes": str(size),
        "storageGibPriceHr": money(OBJECT_STORAGE_GIB_PRICE),
    }
    price = OBJECT_STORAGE_GIB_PRICE * (size // _GIB)
    return Resource("bucket", project, _place(data_center, name), body, price=price)


def list_object_storage_buckets(call: Call) -> Reply:
    return paged(call.tx, "bucket", call.project, call.query, "buckets")


def get_object_storage_bucket(call: Call) -> Reply:
    found = call.tx.find("bucket", call.project, _place(call.path["dataCenterId"], call.id))
    if found is None:
        raise not_found("bucket", call.id)
    return found.body


def get_object_storage_session_key(call: Call) -> Reply:
    """Temporary credentials, new each time."""
    data_center = _data_center(call)
    return {
        "accessKey": _access_key(),
        "secretKey": secrets.token_urlsafe(30),
        "sessionToken": secrets.token_urlsafe(48),
        "sessionName": f"{call.project}-{secrets.token_hex(4)}",
        "endpoint": data_center["s3Endpoint"],
    }


def list_object_storage_users(call: Call) -> Reply:
    return paged(call.tx, "storage_user", call.project, call.query, "users")


def get_object_storage_user(call: Call) -> Reply:
    return _user(call).body


def create_object_storage_user(call: Call) -> Reply:
    check_can_create(call, "storage_user", MAX_USERS)
    _data_center(call)
    data_center, name = call.path["dataCenterId"], call.body["id"]
    if call.tx.find("storage_user", call.project, _place(data_center, name)):
        raise already_exists("object storage user", name)
    body = {
        "id": name,
        "projectId": call.project,
        "dataCenterId": data_center,
        "keys": [_new_key()],
        "createBy": call.user,
        "createTime": rfc3339(call.clock.now()),
    }
    call.tx.save(Resource("storage_user", call.project, _place(data_center, name), body))
    return body


def delete_object_storage_user(call: Call) -> Reply:
    call.tx.remove(_user(call))
    return {}


def create_object_storage_key(call: Call) -> Reply:
    user, key = _user(call), _new_key()
    user.body["keys"].append(key)
    call.tx.save(user)
    return key


def delete_object_storage_key(call: Call) -> Reply:
    user, wanted = _user(call), call.path["accessKey"]
    left = [key for key in user.body["keys"] if key["accessKey"] != wanted]
    if len(left) == len(user.body["keys"]):
        raise not_found("object storage key", wanted)
    user.body["keys"] = left
    call.tx.save(user)
    return {}


def _new_key() -> Json:
    return {"accessKey": _access_key(), "secretKey": secrets.token_urlsafe(30)}


def _access_key() -> str:
    return secrets.token_hex(10).upper()


def _place(data_center: str, name: str) -> str:
    """Buckets and users are unique in a project and a data center."""
    return f"{data_center}/{name}"


def _data_center(call: Call) -> Json:
    name = call.path["dataCenterId"]
    if name not in DATA_CENTERS:
        raise not_found("data center", name)
    return DATA_CENTERS[name]


def _user(call: Call) -> Resource:
    found = call.tx.find("storage_user", call.project, _place(call.path["dataCenterId"], call.id))
    if found is None:
        raise not_found("object storage user", call.id)
    return found


_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_STORAGE = "/v1/projects/{projectId}/object-storage"
_USER = f"{_STORAGE}/users/{{dataCenterId}}/{{id}}"

ROUTES = (
    Route("GET", f"{_STORAGE}/buckets", list_object_storage_buckets, _READ, query=PAGE),
    Route("GET", f"{_STORAGE}/buckets/{{dataCenterId}}/{{id}}", get_object_storage_bucket, _READ),
    Route("GET", f"{_STORAGE}/session-key/{{dataCenterId}}", get_object_storage_session_key, _WRITE),
    Route("GET", f"{_STORAGE}/users", list_object_storage_users, _WRITE, query=PAGE),
    Route("POST", f"{_STORAGE}/users/{{dataCenterId}}", create_object_storage_user, _WRITE, body=_CREATE),
    Route("GET", _USER, get_object_storage_user, _WRITE),
    Route("DELETE", _USER, delete_object_storage_user, _WRITE),
    Route("POST", _USER, create_object_storage_key, _WRITE),
    Route("DELETE", f"{_USER}/keys/{{accessKey}}", delete_object_storage_key, _WRITE),
)
