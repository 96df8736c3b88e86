"""Bare-metal machines from the command line."""

import json

PLACE = "--data-center fr-paris-1 --machine-type sapphire-rapids-h100 --os ubuntu/noble"


def test_list_shows_state_power_and_price(run):
    columns = "id,state,power,gpus,os,price_hr"
    assert run(f"machine list -p research --columns {columns}").out == (
        "ID       STATE   POWER  GPUS  OS               PRICE\n"
        "metal-1  ACTIVE  ON        8  ubuntu/noble  $18.00/h\n"
    )


def test_life_of_a_machine(run):
    created = run(f"machine create metal-8 {PLACE} --columns id,state,os,price_hr")
    assert created.code == 0
    assert created.out == "id     metal-8\nstate  ACTIVE\nos     ubuntu/noble\nprice  $18.00/h\n"
    assert created.err.splitlines()[0] == "Price: $18.00/h, $13,140.00/month"
    assert created.err.splitlines()[-1] == "Machine 'metal-8' created."
    updated = run("machine update metal-8 --ssh-key-source user --columns ssh_keys -o csv")
    assert updated.out == "ssh_keys\nSSH_KEY_SOURCE_USER\n"
    deployed = run("machine deploy metal-8 --os ubuntu/jammy --yes --columns os,state -o csv")
    assert deployed.out == "os,state\nubuntu/jammy,ACTIVE\n"
    assert deployed.err.splitlines()[-1] == "Machine 'metal-8' deployed with ubuntu/jammy."
    assert run("machine delete metal-8 --yes").err.splitlines()[-1] == "Machine 'metal-8' deleted."
    assert run("machine get metal-8").code == 4


def test_create_without_waiting_says_how_to_follow(run):
    outcome = run(f"machine create metal-8 {PLACE} --no-wait -o json")
    assert json.loads(outcome.out)["powerState"] == "POWERING_ON"
    assert outcome.err == (
        "Price: $18.00/h, $13,140.00/month\nMachine 'metal-8' is being created. See: machine wait metal-8\n"
    )


def test_term_shows_what_it_costs_in_all_and_wants_the_id(run):
    refused = run(f"machine create metal-9 {PLACE} --term 6-months")
    assert (refused.code, refused.err) == (
        8,
        (
            "Price: $16.40/h, $11,972.00/month\n"
            "Not done, nobody could be asked: Commit to machine 'metal-9' in project 'demo' for 6 months? "
            "It costs $16.40/h, $71,832.00 in all. It cannot be deleted before the end.\n"
            "Add --confirm metal-9 to do it without a question.\n"
        ),
    )
    assert run("machine list -q").out == ""
    assert run(f"machine create metal-9 {PLACE} --term 6-months --confirm metal-9").code == 0
    kept = run("machine delete metal-9 --yes")
    assert kept.code == 5
    assert "committed until" in kept.err


def test_update_with_a_term_wants_the_id(run):
    refused = run("machine update metal-1 -p research --term 12-months --confirm metal")
    assert refused.code == 8
    assert refused.err.startswith("Not done: --confirm has to repeat metal-1. Commit to machine 'metal-1'")
    done = run("machine update metal-1 -p research --term 12-months --confirm metal-1 -o json")
    assert json.loads(done.out)["commitmentTerm"] == "COMMITMENT_TERM_12_MONTHS"


def test_update_of_nothing_is_refused(run):
    outcome = run("machine update metal-1 -p research")
    assert (outcome.code, outcome.err) == (
        2,
        "machine update: nothing to change.\nGive a key option, --start-script or --term.\n",
    )


def test_deploy_asks_for_it_wipes_the_machine(run):
    outcome = run(
        "machine deploy metal-1 -p research --os ubuntu/jammy",
        stdin="\n",
        in_is_terminal=True,
        err_is_terminal=True,
    )
    assert (outcome.code, outcome.err) == (
        8,
        (
            "Wipe machine 'metal-1' with ubuntu/noble in project 'research' and install ubuntu/jammy? "
            "All that is on it is lost. [y/N] Nothing was changed.\n"
        ),
    )
    assert json.loads(run("machine get metal-1 -p research -o json").out)["os"] == "ubuntu/noble"


def test_wrong_type_and_system_name_their_options(run):
    wrong_type = run("machine create metal-9 --data-center fr-paris-1 --machine-type x --os ubuntu/noble")
    assert (wrong_type.code, wrong_type.err) == (
        2,
        "--machine-type: data center 'fr-paris-1' has no machine type 'x'.\n",
    )
    wrong_system = run(f"machine create metal-9 {PLACE.replace('noble', 'old')}")
    assert wrong_system.code == 2
    assert wrong_system.err.endswith("\n--os: must be one of ubuntu/jammy, ubuntu/noble.\n")


def test_wait_that_is_too_short_has_its_own_exit_code(run):
    outcome = run("machine wait metal-1 -p research --state deleted --timeout 0")
    assert (outcome.code, outcome.err) == (
        6,
        (
            "Machine 'metal-1': ACTIVE (0 s)\n"
            "Machine 'metal-1' is ACTIVE after 0 s, and not yet gone.\n"
            "It may still get there. See: machine get metal-1\n"
        ),
    )


def test_operating_systems_are_listed(run):
    assert run("machine os-list -q").out == "ubuntu/jammy\nubuntu/noble\n"
    assert run("machine operating-systems -q").out == "ubuntu/jammy\nubuntu/noble\n"
