"""Data centers from the command line."""


def test_data_center_of_an_unknown_name_is_exit_4_with_near_ones(run):
    outcome = run("data-center get no-luster-2")
    assert outcome.code == 4
    assert outcome.err.startswith("Data center 'no-luster-2' not found.\nNear it: no-luster-1")


def test_data_centers_are_listed(run):
    assert "gb-bournemouth-1" in run("data-center list -q").out.split()
