"""What holds for every request: keys, envelopes, routing, bodies, paging."""

import pytest

DISK = {"id": "new-disk", "dataCenterId": "no-luster-1", "sizeGib": 1}


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "sandbox-key", "Basic sandbox-key"]
)
def test_without_the_right_key_nothing_is_answered(world, header):
    headers = {} if header is None else {"Authorization": header}
    response = world.call("GET", "/v1/projects", key=None, headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, 16)


def test_key_is_the_one_that_was_chosen(make_world):
    world = make_world(api_key="other")
    assert world.refused("GET", "/v1/auth")[1] == 16
    assert world.ok("GET", "/v1/auth", key="other")["emailAddress"] == "kim@example.com"


def test_vendor_envelope_carries_status_and_name(make_world):
    response = make_world(envelope="vendor").call("GET", "/v1/projects/demo/vms/none")
    assert response.status_code == 404
    assert response.json() == {
        "code": 404,
        "status": "NOT_FOUND",
        "message": "VM 'none' not found",
        "details": [],
    }


def test_wire_envelope_carries_the_grpc_number(world):
    assert world.call("GET", "/v1/projects/demo/vms/none").json() == {
        "code": 5,
        "message": "VM 'none' not found",
        "details": [],
    }


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v2/projects", "/v1/projects/demo/vms/", "/v1//projects", "/docs"]
)
def test_unknown_path_is_not_found_in_the_envelope(world, path):
    assert world.call("GET", path).json() == {"code": 5, "message": "Not Found", "details": []}


def test_wrong_method_is_unimplemented_in_the_envelope(world):
    response = world.call("DELETE", "/v1/projects")
    assert response.status_code == 501
    assert response.json() == {"code": 12, "message": "Method Not Allowed", "details": []}


def test_each_reply_has_a_request_id_of_its_own(make_world):
    world = make_world(faults=True)
    for kind in ("status", "html"):
        world.app.faults.add(kind=kind, match="GET /v1/disks")
    paths = ["/v1/projects", "/v1/projects", "/v1/projects/none", "/v1/disks", "/v1/disks", "/sandbox/faults"]
    replies = [world.call("GET", path) for path in paths]
    replies.append(world.call("POST", "/v1/projects", content=b"x" * (4 * 2**20 + 1)))

    assert [reply.status_code for reply in replies] == [200, 200, 404, 503, 502, 200, 400]
    ids = [reply.headers.get_list("x-request-id") for reply in replies]
    assert {len(each) for each in ids} == {1}
    assert len({each[0] for each in ids}) == len(replies)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1/projects/demo/vms/web-1%2Fstart", "VM 'web-1/start' not found"),
        ("/v1/projects/demo%3Alist-permissions", "project 'demo:list-permissions' not found"),
        ("/v1/projects/demo/vms/..%2F..%2Fresearch", "VM '../../research' not found"),
        ("/v1/projects/demo/vms/%00%ff", "VM '\x00\ufffd' not found"),
        ("/v1/projects/demo/vms/' OR 1=1 --", "VM '' OR 1=1 --' not found"),
    ],
)
def test_encoded_delimiters_stay_inside_the_id(world, path, message):
    assert world.refused("GET", path) == (404, 5, message)


def test_permission_verb_does_not_reach_the_project(world):
    assert set(world.ok("GET", "/v1/projects/demo:list-permissions")) == {"permissions"}


@pytest.mark.parametrize("content", [b"", b"{}", b" {} "])
def test_operation_without_a_body_takes_nothing_and_an_empty_object(world, content):
    assert world.call("POST", "/v1/projects/demo/vms/web-1/stop", content=content).json() == {}


@pytest.mark.parametrize(
    "content",
    [b"{", b"null", b"[]", b'"text"', b"1", b'{"id": NaN}', b"\xff", b"[" * 100_000, b"9" * 5000],
    ids=lambda content: repr(content[:12]),
)
def test_body_that_is_no_object_is_an_invalid_argument(world, content):
    response = world.call("POST", "/v1/projects/demo/disks", content=content)
    assert (response.status_code, response.json()["code"]) == (400, 3)
    assert response.json()["details"][0]["fieldViolations"][0]["field"] == "body"


def test_refused_request_changes_nothing(world):
    before = world.ok("GET", "/v1/projects/demo/disks")
    world.refused("POST", "/v1/projects/demo/disks", json=DISK | {"sizeGib": 0})
    assert world.ok("GET", "/v1/projects/demo/disks") == before


def test_pages_by_number_cover_everything_once(make_world):
    world = make_world(vms=30)
    pages = [
        world.ok("GET", "/v1/projects/demo/disks", params={"pageNumber": number})
        for number in (1, 2, 3, 4, 5)
    ]
    assert [len(page["disks"]) for page in pages] == [10, 10, 10, 8, 0]
    assert {(page["pageSize"], page["totalCount"]) for page in pages} == {(10, 38)}
    assert [page["pageNumber"] for page in pages] == [1, 2, 3, 4, 5]
    ids = [disk["id"] for page in pages for disk in page["disks"]]
    assert len(set(ids)) == 38


def test_page_size_is_cut_down_to_the_largest(make_world):
    world = make_world(vms=200)
    page = world.ok("GET", "/v1/projects/demo/disks", params={"pageSize": 5000})
    assert (page["pageSize"], len(page["disks"])) == (100, 100)
    zero = world.ok("GET", "/v1/projects/demo/disks", params={"pageSize": 0, "pageNumber": 0})
    assert (zero["pageSize"], zero["pageNumber"]) == (10, 1)


@pytest.mark.parametrize(
    "query", [{"pageNumber": -1}, {"pageSize": "ten"}, {"pageSize": 2**31}, {"pageNumber": "1.5"}]
)
def test_bad_paging_is_refused(world, query):
    assert world.refused("GET", "/v1/projects/demo/disks", params=query)[1] == 3


def test_largest_page_number_is_an_empty_page(world):
    query = {"pageNumber": 2**31 - 1, "pageSize": 100}
    assert world.ok("GET", "/v1/projects/demo/disks", params=query)["disks"] == []


def test_pages_by_token_end_with_an_empty_token(world):
    for number in range(12):
        world.ok("POST", "/v1/projects", json={"id": f"p-{number}", "billingAccountId": "demo-billing"})
    ids, token, rounds = [], "", 0
    while token or not rounds:
        page = world.ok("GET", "/v1/projects", params={"pageToken": token, "pageSize": 5})
        ids += [project["id"] for project in page["projects"]]
        token, rounds = page["pageToken"], rounds + 1
    assert (rounds, ids) == (3, ["demo", "research", *(f"p-{number}" for number in range(12))])


@pytest.mark.parametrize("token", ["nonsense", "LTU=", "é"])
def test_foreign_token_is_refused(world, token):
    assert world.refused("GET", "/v1/projects", params={"pageToken": token})[1] == 3


def test_latency_delays_the_reply(make_world):
    world = make_world(latency_ms=30)
    response = world.call("GET", "/v1/auth")
    assert response.status_code == 200
    assert response.elapsed.total_seconds() >= 0.03


def test_endless_body_is_refused_and_not_kept(world):
    async def endless():
        while True:
            yield b" " * 2**20

    assert world.refused_fields("POST", "/v1/projects/demo/disks", content=endless()) == ["body"]
