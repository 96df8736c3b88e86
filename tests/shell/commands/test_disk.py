"""Disks from the command line."""


def test_list_can_be_narrowed_to_a_data_center(run):
    assert run("disk list --data-center gb-bournemouth-1 --columns id,state,size_gib,vm").out == (
        "ID          STATE        SIZE  VM\n"
        "backup-1    READY     500 GiB\n"
        "web-1-boot  ATTACHED    4 GiB  web-1\n"
        "web-2-boot  ATTACHED    4 GiB  web-2\n"
    )


def test_life_of_a_disk(run):
    created = run("disk create data-9 --data-center no-luster-1 --size 50 --columns id,state,size_gib")
    assert (created.code, created.out) == (0, "id     data-9\nstate  READY\nsize   50 GiB\n")
    assert run("disk attach data-9 --vm db-1").err.splitlines()[-1] == "Disk 'data-9' attached to 'db-1'."
    assert run("disk resize data-9 --size 60").err.splitlines()[-1] == "Disk 'data-9' resized to 60 GiB."
    assert run("disk delete data-9 --yes").code == 5
    assert run("disk detach data-9").err.splitlines()[-1] == "Disk 'data-9' detached."
    assert run("disk delete data-9 --yes").err.splitlines()[-1] == "Disk 'data-9' deleted."
    assert run("disk get data-9").code == 4


def test_price_is_told_before_a_disk_is_made_or_grown(run):
    price = "Price: $0.0107/h, $7.81/month\n"
    made = run("disk create data-9 --data-center gb-bournemouth-1 --size 100 --dry-run -o table")
    assert made.out.endswith(price)
    assert run("disk resize web-1-boot --size 100 --dry-run").out.endswith(price)


def test_resize_of_a_detached_disk_says_how_to_go_on(run):
    outcome = run("disk resize data-2 --size 200")
    assert (outcome.code, outcome.err) == (
        5,
        "Disk 'data-2' is not attached.\nOnly an attached disk grows: disk attach data-2 --vm VM\n",
    )


def test_delete_asks_with_name_and_project(run):
    outcome = run("disk delete data-2", stdin="\n", in_is_terminal=True, err_is_terminal=True)
    assert outcome.code == 8
    assert outcome.err == (
        "Delete disk 'data-2' and all that is on it in project 'demo'? [y/N] Nothing was changed.\n"
    )


def test_attach_in_another_data_center_is_a_conflict(run):
    assert run("disk attach backup-1 --vm db-1").code in {2, 5}
