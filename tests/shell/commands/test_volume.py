"""Volumes from the command line."""

import json


def test_list_shows_size_and_price(run):
    assert run("volume list -p research --columns id,state,size_gib,used_gib,data_center,price_hr").out == (
        "ID        STATE       SIZE   USED  DATA CENTER    PRICE\n"
        "shared-1  ACTIVE  2000 GiB  0 GiB  fr-paris-1   $0.30/h\n"
    )


def test_life_of_a_volume(run):
    created = run(
        "volume create data-8 --data-center fr-paris-1 --size 500 --columns id,state,size_gib,nfs_path"
    )
    assert created.code == 0
    assert created.out == "id        data-8\nstate     ACTIVE\nsize      500 GiB\nnfs path  /demo/data-8\n"
    assert created.err.splitlines()[0] == "Price: $0.0750/h, $54.75/month"
    assert created.err.splitlines()[-1] == "Volume 'data-8' created."
    grown = run("volume resize data-8 --size 1000")
    assert grown.err.splitlines()[0] == "Price: $0.15/h, $109.50/month"
    assert grown.err.splitlines()[-1] == "Volume 'data-8' resized to 1000 GiB."
    refused = run("volume delete data-8")
    assert (refused.code, refused.err) == (
        8,
        (
            "Not done, nobody could be asked: Delete volume 'data-8' and all that is on it in project "
            "'demo'? That saves $0.15/h.\nAdd --yes to do it without a question.\n"
        ),
    )
    assert run("volume delete data-8 --yes").err.splitlines()[-1] == "Volume 'data-8' deleted."
    assert run("volume delete data-8 --yes --if-exists").err == "Volume 'data-8' is not there.\n"


def test_volume_never_shrinks(run):
    outcome = run("volume update shared-1 -p research --size 100")
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == "--size: volume 'shared-1' has 2000 GiB and can only grow."


def test_term_wants_the_id_and_tells_what_it_costs(run):
    line = "volume update shared-1 -p research --term 6-months"
    refused = run(line)
    assert (refused.code, refused.err) == (
        8,
        (
            "Price: $0.2720/h, $198.56/month\n"
            "Not done, nobody could be asked: Commit to volume 'shared-1' in project 'research' for 6 "
            "months? It costs $0.2720/h, $1,191.36 in all. It cannot be deleted before the end.\n"
            "Add --confirm shared-1 to do it without a question.\n"
        ),
    )
    done = run(f"{line} --confirm shared-1 -o json")
    assert json.loads(done.out)["commitmentTerm"] == "COMMITMENT_TERM_6_MONTHS"
    assert run("volume delete shared-1 -p research --yes").code == 5


def test_data_center_without_volumes_names_the_option(run):
    outcome = run("volume create data-8 --data-center no-luster-1 --size 10")
    assert (outcome.code, outcome.err) == (2, "--data-center: data center 'no-luster-1' has no volumes.\n")


def test_update_of_nothing_is_refused(run):
    outcome = run("volume update shared-1 -p research")
    assert (outcome.code, outcome.err) == (
        2,
        "volume update: nothing to change.\nGive --size, --term, or both.\n",
    )


def test_prices_are_listed_by_data_center_and_term(run):
    rows = run("volume prices -o csv").out.splitlines()
    assert rows[:3] == [
        "data_center,commitment,gib_price_hr",
        "fr-paris-1,COMMITMENT_TERM_NONE,0.000150",
        "fr-paris-1,COMMITMENT_TERM_1_MONTH,0.000144",
    ]


def test_wait_for_the_end_of_a_volume(run):
    run("volume delete shared-1 -p research --yes --no-wait")
    outcome = run("volume wait shared-1 -p research --state deleted")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (0, "Volume 'shared-1' is gone.")
