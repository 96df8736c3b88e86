"""The machines of clusters from the command line."""

import json

ALL = "cluster-machine list -p research --columns id,state,gpus,volumes,price_hr"


def test_list_shows_the_machines_of_all_clusters_or_of_one(run):
    assert run(ALL).out == (
        "ID           STATE   GPUS  VOLUMES     PRICE\n"
        "cluster-1-1  ACTIVE     8           $18.00/h\n"
        "cluster-1-2  ACTIVE     8           $18.00/h\n"
    )
    assert run(f"{ALL} --cluster cluster-1").out == run(ALL).out
    assert run(f"{ALL} --cluster cluster-2").code == 4


def test_volumes_are_chosen_and_keep_from_deletion(run):
    update = "cluster-machine update cluster-1-1 -p research"
    assert run(f"{update} --volume shared-1").err == "Cluster machine 'cluster-1-1' has volume shared-1.\n"
    used = run("volume delete shared-1 -p research --yes")
    assert (used.code, used.err) == (
        5,
        (
            "Volume 'shared-1': Volume 'shared-1' is used by cluster machine 'cluster-1-1'.\n"
            "See: volume get shared-1\n"
        ),
    )
    freed = run(f"{update} --no-volumes -o json")
    assert json.loads(freed.out)["volumeIds"] == []


def test_update_of_nothing_is_refused(run):
    outcome = run("cluster-machine update cluster-1-1 -p research")
    assert (outcome.code, outcome.err) == (
        2,
        "cluster-machine update: nothing to change.\nGive --volume or --no-volumes.\n",
    )


def test_machine_is_restarted_and_renamed(run):
    for word in ("restart", "reboot"):
        restarted = run(f"cluster-machine {word} cluster-1-1 -p research")
        assert (restarted.code, restarted.err) == (0, "Cluster machine 'cluster-1-1' restarts.\n")
    renamed = run("cluster-machine rename cluster-1-1 head-1 -p research")
    assert (renamed.code, renamed.err) == (0, "Cluster machine 'cluster-1-1' is 'head-1' now.\n")
    assert run("cluster-machine get head-1 -p research --columns id,state -o csv").out == (
        "id,state\nhead-1,ACTIVE\n"
    )


def test_taken_name_is_a_conflict(run):
    outcome = run("cluster-machine rename cluster-1-1 cluster-1-2 -p research")
    assert outcome.code == 5


def test_machine_that_is_not_there_is_exit_4_with_near_ones(run):
    outcome = run("cluster-machine get cluster-1-3 -p research")
    assert outcome.code == 4
    assert outcome.err.startswith("Cluster machine 'cluster-1-3' not found.\nNear it: cluster-1-")


def test_delete_asks_and_the_cluster_shrinks(run):
    line = "cluster-machine delete cluster-1-2 -p research"
    refused = run(line)
    assert (refused.code, refused.err) == (
        8,
        (
            "Not done, nobody could be asked: Delete cluster machine 'cluster-1-2' and all that is on it in "
            "project 'research'? That saves $18.00/h.\nAdd --yes to do it without a question.\n"
        ),
    )
    assert run(f"{line} --yes").err == "Cluster machine 'cluster-1-2' is being deleted.\n"
    assert run("cluster get cluster-1 -p research --columns machines -o csv").out == "machines\n1\n"
    last = run("cluster-machine delete cluster-1-1 -p research --yes")
    assert last.code == 5
    assert "is the last of cluster 'cluster-1'" in last.err


def test_delete_of_an_absent_machine_can_be_fine(run):
    line = "cluster-machine delete nothing -p research --yes"
    assert run(line).code == 4
    outcome = run(f"{line} --if-exists")
    assert (outcome.code, outcome.err) == (0, "Cluster machine 'nothing' is not there.\n")
