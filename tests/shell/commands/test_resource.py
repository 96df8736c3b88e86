"""Search from the command line."""


def test_search_finds_resources_of_any_kind(run):
    assert "web-1,virtualMachine" in run("resource search web --columns id,type -o csv").out.splitlines()


def test_search_that_finds_nothing_is_no_failure(run):
    outcome = run("resource search xyzzy")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "Nothing found.\n")


def test_search_shows_the_best_first(run):
    assert run("resource search web").out == (
        "ID          TYPE            SCORE\n"
        "web-1       virtualMachine  0.6\n"
        "web-2       virtualMachine  0.6\n"
        "web-1-boot  disk            0.3\n"
        "web-2-boot  disk            0.3\n"
    )


def test_search_looks_into_other_projects(run):
    assert run("resource find metal --columns id,type -o csv").out == "id,type\nmetal-1,machine\n"
