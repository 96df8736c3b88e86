"""Networks from the command line."""


def test_list_shows_state_and_price(run):
    assert run("network list --columns id,state,ip_range,data_center").out == (
        "ID        STATE   IP RANGE         DATA CENTER\n"
        "backend   ACTIVE  10.10.0.0/24     no-luster-1\n"
        "frontend  ACTIVE  192.168.10.0/24  gb-bournemouth-1\n"
    )


def test_life_of_a_network(run):
    created = run("network create lan-9 --data-center no-luster-1 --ip-range 10.9.0.0/24 --columns id,state")
    assert (created.code, created.out) == (0, "id     lan-9\nstate  ACTIVE\n")
    assert created.err.startswith("Price: $")
    assert run("network stop lan-9").err.splitlines()[-1] == "Network 'lan-9' stopped."
    assert run("network start lan-9").err.splitlines()[-1] == "Network 'lan-9' started."
    assert run("network delete lan-9 --yes").err.splitlines()[-1] == "Network 'lan-9' deleted."
    assert run("network get lan-9").code == 4


def test_change_without_waiting_says_how_to_follow(run):
    outcome = run("network stop backend --no-wait")
    assert (outcome.code, outcome.err) == (
        0,
        "Network 'backend': stopped soon; see: network wait backend --state STOPPED\n",
    )
    assert run("network wait backend --state stopped").code == 0


def test_wrong_range_names_the_option(run):
    outcome = run("network create lan-9 --data-center no-luster-1 --ip-range 8.8.8.0/24")
    assert outcome.code == 2
    assert outcome.err.splitlines()[1].startswith("--ip-range: ")


def test_delete_tells_the_price(run):
    outcome = run("network delete frontend")
    assert outcome.code == 8
    assert "Delete network 'frontend' in project 'demo'? That saves $" in outcome.err
