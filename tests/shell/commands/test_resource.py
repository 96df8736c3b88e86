"""Search from the command line."""


def test_search_finds_resources_of_any_kind(run):
    assert "web-1,virtualMachine" in run("resource search web --columns id,type -o csv").out.splitlines()


def test_search_that_finds_nothing_is_no_failure(run):
    outcome = run("resource search xyzzy")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "Nothing found.\n")
