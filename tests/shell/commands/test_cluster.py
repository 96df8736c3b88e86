"""Clusters from the command line."""

import json

PLACE = "--data-center fr-paris-1 --machine-type sapphire-rapids-h100"


def test_list_shows_size_and_price(run):
    assert run("cluster list -p research --columns id,state,machines,gpus,price_hr").out == (
        "ID         STATE   MACHINES  GPUS     PRICE\ncluster-1  ACTIVE         2    16  $36.00/h\n"
    )


def test_life_of_a_cluster(run):
    created = run(f"cluster create lab-8 {PLACE} --machines 2 --columns id,state,machines,price_hr")
    assert created.code == 0
    assert created.out == "id        lab-8\nstate     ACTIVE\nmachines  2\nprice     $36.00/h\n"
    assert created.err.splitlines()[0] == "Price: $36.00/h, $26,280.00/month"
    grown = run("cluster scale lab-8 --machines 3")
    assert grown.err.splitlines()[0] == "Price: $54.00/h, $39,420.00/month"
    assert grown.err.splitlines()[-1] == "Cluster 'lab-8' scaled to 3 machines."
    assert run("cluster get lab-8 --columns machine_ids -o csv").out == (
        'machine_ids\n"lab-8-1,lab-8-2,lab-8-3"\n'
    )
    refused = run("cluster delete lab-8")
    assert refused.code == 8
    assert refused.err.startswith(
        "Not done, nobody could be asked: Delete cluster 'lab-8' and all its machines, with all that is on "
        "them, in project 'demo'? That saves $54.00/h.\n"
    )
    assert run("cluster delete lab-8 --yes").err.splitlines()[-1] == "Cluster 'lab-8' deleted."
    assert run("cluster get lab-8").code == 4


def test_shrinking_asks_for_it_gives_machines_back(run):
    line = "cluster update cluster-1 -p research --machines 1"
    refused = run(line)
    assert (refused.code, refused.err) == (
        8,
        (
            "Not done, nobody could be asked: Let cluster 'cluster-1' in project 'research' have 1 machine "
            "instead of 2? Those that are given back lose all that is on them.\n"
            "Add --yes to do it without a question.\n"
        ),
    )
    assert run(f"{line} --yes").err.splitlines()[-1] == "Cluster 'cluster-1' scaled to 1 machine."


def test_term_wants_the_id_and_tells_what_all_machines_cost(run):
    line = "cluster update cluster-1 -p research --term 6-months"
    refused = run(line)
    assert (refused.code, refused.err) == (
        8,
        (
            "Price: $32.80/h, $23,944.00/month\n"
            "Not done, nobody could be asked: Commit to cluster 'cluster-1' of 2 machines in project "
            "'research' for 6 months? It costs $32.80/h, $143,664.00 in all. "
            "It cannot be deleted before the end.\n"
            "Add --confirm cluster-1 to do it without a question.\n"
        ),
    )
    done = run(f"{line} --confirm cluster-1 -o json")
    assert json.loads(done.out)["commitmentTerm"] == "COMMITMENT_TERM_6_MONTHS"
    assert run("cluster delete cluster-1 -p research --yes").code == 5


def test_network_of_a_new_cluster_is_sent(run):
    outcome = run(
        f"cluster create lab-8 {PLACE} --machines 1 --network-type infiniband --ipoib-prefix 10.20.0.0/16 "
        "--ipoib-port-bits 4 --ipoib-host-bits 12 -o json"
    )
    cluster = json.loads(outcome.out)
    assert cluster["networkType"] == "INFINIBAND"
    assert cluster["ipoibConfig"] == {"networkPrefix": "10.20.0.0/16", "portBits": 4, "hostBits": 12}


def test_unknown_type_is_exit_4_with_near_ones(run):
    outcome = run("cluster create lab-9 --data-center fr-paris-1 --machine-type sapphire --machines 1")
    assert (outcome.code, outcome.err) == (
        4,
        "Machine type 'sapphire' not found.\nNear it: sapphire-rapids-h100\n",
    )


def test_more_machines_than_are_free_is_a_conflict(run):
    outcome = run(f"cluster create lab-9 {PLACE} --machines 100")
    assert outcome.code == 5
    assert outcome.err.splitlines()[1] == (
        "No 100 machines of type 'sapphire-rapids-h100' are free in data center 'fr-paris-1'."
    )


def test_update_of_nothing_is_refused(run):
    outcome = run("cluster update cluster-1 -p research")
    assert (outcome.code, outcome.err) == (
        2,
        "cluster update: nothing to change.\nGive --machines, a setting or --term.\n",
    )


def test_wait_for_the_end_of_a_cluster(run):
    run("cluster delete cluster-1 -p research --yes --no-wait")
    outcome = run("cluster wait cluster-1 -p research --state deleted")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (0, "Cluster 'cluster-1' is gone.")


def test_changes_tell_completion_which_listings_are_stale(run, workspace):
    stale = []
    workspace.on_write = lambda *kinds: stale.extend(kinds)
    run(f"cluster create lab-8 {PLACE} --machines 1")
    run("cluster get lab-8")
    assert stale == ["cluster_machines", "clusters"]
    run("cluster-machine rename lab-8-1 head-1")
    assert stale == ["cluster_machines", "clusters", "cluster_machines"]
