"""Data centers from the command line."""


def test_data_center_of_an_unknown_name_is_exit_4_with_near_ones(run):
    outcome = run("data-center get no-luster-2")
    assert outcome.code == 4
    assert outcome.err.startswith("Data center 'no-luster-2' not found.\nNear it: no-luster-1")


def test_data_centers_are_listed(run):
    assert "gb-bournemouth-1" in run("data-center list -q").out.split()


def test_list_shows_addresses_and_prices(run):
    outcome = run("data-center list --columns id,ipv4_free,ipv4_price_hr,renewable_energy")
    assert outcome.out.splitlines()[:3] == [
        "ID                 IPV4 FREE  IPV4 PRICE  RENEWABLE ENERGY",
        "gb-bournemouth-1         412   $0.0035/h  yes",
        "gb-london-1              187   $0.0035/h  yes",
    ]


def test_get_shows_one(run):
    assert run("dc get no-luster-1").out == (
        "id                        no-luster-1\n"
        "supplier                  Luster Data Hall\n"
        "ipv4 free                 960\n"
        "ipv4 price                $0.0035/h\n"
        "network price             $0.0050/h\n"
        "renewable energy          yes\n"
        "object storage gib price  $0.00002/h\n"
        "s3 endpoint               https://s3.no-luster-1.sandbox.invalid\n"
    )
