"""Users of the object storage from the command line."""

import json
from collections.abc import Callable
from typing import Any

TERMINAL = {"out_is_terminal": True, "width": 120}
CREATE = "storage-user create app-1 --data-center no-luster-1"


def secrets_of(run: Callable[..., Any]) -> list[str]:
    return [key["secretKey"] for key in json.loads(run("storage-user get app-1 -o json").out)["keys"]]


def test_life_of_a_user(run):
    created = run(f"{CREATE} --columns id,data_center -o csv")
    assert (created.code, created.out, created.err) == (
        0,
        "id,data_center\napp-1,no-luster-1\n",
        "Storage user 'app-1' created. Its keys: storage-user get app-1 --show\n",
    )
    assert run("storage-user list -q").out == "app-1\n"
    refused = run("storage-user delete app-1")
    assert (refused.code, refused.err) == (
        8,
        (
            "Not done, nobody could be asked: Delete storage user 'app-1' and its keys in project 'demo'?\n"
            "Add --yes to do it without a question.\n"
        ),
    )
    assert run("storage-user delete app-1 --yes").err == "Storage user 'app-1' deleted.\n"
    assert run("storage-user delete app-1 --yes --if-exists").err == "Storage user 'app-1' is not there.\n"


def test_secret_keys_stay_hidden_on_a_terminal(run):
    run(CREATE)
    [secret] = secrets_of(run)
    for line in ("storage-user get app-1", "storage-user get app-1 -o json", "storage-user list -o json"):
        assert secret not in run(line, **TERMINAL).out
    hidden = run("storage-user get app-1", **TERMINAL)
    assert hidden.err == "The secret keys open the buckets for whoever has them. Print them with --show.\n"
    assert secret in run("storage-user get app-1 --show", **TERMINAL).out


def test_secret_keys_never_stand_in_a_list_or_a_creation(run):
    created = run(f"{CREATE} -o json")
    [secret] = secrets_of(run)
    assert secret not in created.out + run("storage-user list -o json").out


def test_pair_of_keys_is_made_and_deleted(run):
    run(CREATE)
    refused = run("storage-user key-create app-1", **TERMINAL)
    assert refused.code == 2
    assert len(secrets_of(run)) == 1
    pair = json.loads(run("storage-user key-create app-1 -o json").out)
    assert pair["secretKey"] in secrets_of(run)
    delete = f"storage-user key-delete app-1 {pair['accessKey']}"
    assert run(delete).code == 8
    assert run(f"{delete} --yes").err == f"Deleted: key '{pair['accessKey']}' of storage user 'app-1'.\n"
    assert len(secrets_of(run)) == 1
    gone = run(f"{delete} --yes")
    assert (gone.code, gone.err) == (
        4,
        f"There is no key '{pair['accessKey']}' of storage user 'app-1'.\nSee: storage-user get app-1\n",
    )


def test_id_in_two_data_centers_needs_to_be_told_apart(run):
    run(CREATE)
    run("storage-user create app-1 --data-center fr-paris-1")
    outcome = run("storage-user get app-1")
    assert (outcome.code, outcome.err) == (
        5,
        "Storage user 'app-1' is in several data centers.\nAdd --data-center: fr-paris-1, no-luster-1\n",
    )
    assert run("storage-user delete app-1 --data-center fr-paris-1 --yes").code == 0
    assert run("storage-user get app-1 --columns data_center -o csv").out == "data_center\nno-luster-1\n"
