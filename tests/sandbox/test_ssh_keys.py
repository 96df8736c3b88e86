"""SSH keys of users and of projects."""

import pytest

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1k3Yf0m0b2h0oV5Zkq1c1w2cYh8bqJmZ9l3xg6t5aB sam@desk"


def test_ssh_key_is_described_by_the_server(world):
    key = world.ok("POST", "/v1/ssh-keys", json={"publicKey": KEY})
    assert (key["type"], key["comment"], key["publicKey"]) == ("ssh-ed25519", "sam@desk", KEY)
    assert world.ok("GET", f"/v1/ssh-keys/{key['id']}") == key
    assert world.refused("POST", "/v1/ssh-keys", json={"publicKey": KEY + " again"})[:2] == (409, 6)
    world.ok("DELETE", f"/v1/ssh-keys/{key['id']}")
    assert world.refused("DELETE", f"/v1/ssh-keys/{key['id']}")[1] == 5


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-rsa " + KEY.split()[1], "hello world", "ssh-ed25519 AAAA"]
)
def test_what_is_no_ssh_key_is_refused(world, line):
    assert world.refused("POST", "/v1/ssh-keys", json={"publicKey": line})[1] == 3


def test_keys_of_a_project_are_those_of_its_members(world):
    world.ok("POST", "/v1/ssh-keys", json={"publicKey": KEY}, key="viewer-key")
    keys = world.ok("GET", "/v1/project/demo/ssh-keys")["sshKeys"]
    assert [key["comment"] for key in keys] == ["kim@laptop", "sam@desk"]


def test_key_of_another_user_is_not_found(world):
    name = world.ok("POST", "/v1/ssh-keys", json={"publicKey": KEY}, key="viewer-key")["id"]
    assert world.refused("GET", f"/v1/ssh-keys/{name}")[:2] == (404, 5)
    assert world.refused("DELETE", f"/v1/ssh-keys/{name}")[:2] == (404, 5)
    assert [each["comment"] for each in world.ok("GET", "/v1/ssh-keys")["sshKeys"]] == ["kim@laptop"]


def test_deleted_key_stays_on_the_vms_that_have_it(world, vm_body):
    key = world.ok("POST", "/v1/ssh-keys", json={"publicKey": KEY})
    world.ok("POST", "/v1/projects/demo/vm", json=vm_body | {"sshKeySource": "SSH_KEY_SOURCE_USER"})
    world.ok("DELETE", f"/v1/ssh-keys/{key['id']}")
    vm = world.ok("GET", "/v1/projects/demo/vms/new-1")["VM"]
    assert KEY in vm["authorizedSshKeys"].splitlines()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("SSH_KEY_SOURCE_PROJECT", ["kim@laptop", "sam@desk", "own"]),
        ("SSH_KEY_SOURCE_USER", ["kim@laptop", "own"]),
        ("SSH_KEY_SOURCE_NONE", ["own"]),
    ],
)
def test_source_decides_whose_keys_a_vm_gets(world, vm_body, source, expected):
    world.ok("POST", "/v1/ssh-keys", json={"publicKey": KEY}, key="viewer-key")
    body = vm_body | {"sshKeySource": source, "customSshKeys": ["ssh-ed25519 AAAA own"]}
    lines = world.ok("POST", "/v1/projects/demo/vm", json=body)["vm"]["authorizedSshKeys"].splitlines()
    assert [line.split()[2] for line in lines] == expected


def test_only_members_see_the_keys_of_a_project(world):
    world.ok("POST", "/v1/projects", json={"id": "mine", "billingAccountId": "demo-billing"})
    assert world.refused("GET", "/v1/project/mine/ssh-keys", key="viewer-key")[:2] == (403, 7)
