"""Dry runs: what is read, what is shown and what it costs, and that nothing is sent."""

import pytest
from tests.shell.conftest import Outcome

from cudo_shell.contexts import Context, Contexts, config_file
from cudo_shell.scripts.options import Options


def rehearse(script, text: str) -> Outcome:
    outcome: Outcome = script(text, options=Options(dry_run=True))
    return outcome


def test_dry_run_reads_and_shows_changes_with_their_price_and_sends_none(script, api):
    before = [vm.id for vm in api.vms.list_vms("demo")]
    text = (
        "let types = machine-type list --gpus 1\n"
        "defer vm terminate gpu-9 --yes --if-exists\n"
        "let vm = vm create gpu-9 --data-center ${types[0].dataCenterId}"
        " --machine-type ${types[0].machineType} --image ubuntu-2404 --gpus 1 --vcpus 2 --memory 4\n"
        "vm wait ${vm.id}\n"
        "echo ${vm.externalIpAddress}\n"
        "sleep 1h\n"
        "vm terminate web-1 --yes\n"
    )
    ran = script(text, options=Options(dry_run=True))
    assert ran.code == 0, ran.err
    assert ran.out.startswith("POST /v1/projects/demo/vm\n")
    assert "Price: at least $" in ran.out
    assert "tour.cudo:4: passed over, it asks for what is not made yet\n" in ran.err
    assert "tour.cudo:5: passed over, ${vm.externalIpAddress} is not known before it is made\n" in ran.err
    assert ran.err.splitlines()[-1].startswith(
        "Dry run: 2 changes, none of them sent. What would be made or resized costs at least $"
    )
    assert [vm.id for vm in api.vms.list_vms("demo")] == before


NET = "network create net-9 --data-center gb-bournemouth-1 --ip-range 10.9.0.0/24\n"
VM_ON_NET = (
    "let vm = vm create gpu-9 --data-center gb-bournemouth-1 --machine-type {}"
    " --image ubuntu-2404 --vcpus 2 --memory 4 --network net-9\n"
)


def test_dry_run_shows_a_change_that_needs_what_is_not_made(script):
    ran = script(NET + VM_ON_NET.format("intel-broadwell"), options=Options(dry_run=True))

    request, price, _ = ran.out.partition("Price: at least $")
    assert (ran.code, bool(price)) == (0, True), ran.err
    assert "POST /v1/projects/demo/vm\n  vmId: gpu-9\n" in request
    assert "networkId: net-9\n" in request
    assert ran.err.splitlines()[-1].startswith("Dry run: 2 changes, none of them sent. What would be made")


def test_dry_run_says_so_where_a_request_hangs_on_what_is_not_made(script):
    vm = VM_ON_NET.format("intel-broadwell")
    ran = script(f"{NET}{vm}vm commit gpu-9 --term 12-months\n", options=Options(dry_run=True))
    assert ran.code == 0, ran.err
    assert "tour.cudo:3: the request depends on what is not made yet\n" in ran.err
    assert "not found" not in ran.err


def test_dry_run_does_not_lay_an_error_to_what_is_not_made(script):
    ran = script(NET + VM_ON_NET.format("no-such-type"), options=Options(dry_run=True))
    assert ran.code == 4
    assert "Machine type 'no-such-type' not found.\n" in ran.err


def test_dry_run_that_fails_has_left_nothing_behind(script, api):
    name = api.disks.list_disks("demo")[0].id
    ran = script(
        f"disk create {name} --data-center gb-bournemouth-1 --size 10\nvm get web-9\n",
        options=Options(dry_run=True),
    )
    assert (ran.code, "Left behind" in ran.err) == (4, False)


def test_dry_run_goes_on_in_a_project_that_is_not_made(script):
    text = (
        "project create lab --billing-account demo-billing\n"
        "project use lab\n"
        "disk create big --data-center gb-bournemouth-1 --size 10\n"
        "vm list\n"
    )
    ran = script(text, options=Options(dry_run=True))
    assert (ran.code, "POST /v1/projects/lab/disks\n" in ran.out) == (0, True)
    assert "tour.cudo:4: passed over, it asks for what is not made yet\n" in ran.err


def test_dry_run_changes_nothing_on_this_computer(script, workspace):
    ran = script("config set meter no\n", options=Options(dry_run=True))
    assert ran.code == 0
    assert workspace.settings["meter"] == "yes"
    assert "passed over, it would change what is kept on this computer" in ran.err


def test_dry_run_stops_at_an_error_all_the_same(script):
    assert script("vm get web-9\nvm count\n", options=Options(dry_run=True)).code == 4


# What has to fail


@pytest.mark.parametrize(
    "statement",
    [
        "! vm terminate web-1 --yes",
        "! retry 2 every 1s vm terminate web-1 --yes",
        "! source chg.cudo",
        "! config set meter no",
        "vm terminate web-1 --yes\n! vm get web-1",
        "vm terminate web-1 --yes\n! retry 2 every 1s vm get web-1",
    ],
)
def test_what_is_not_sent_cannot_be_demanded_to_fail(statement, script, tmp_path):
    (tmp_path / "chg.cudo").write_text("vm terminate web-1 --yes\n")
    ran = rehearse(script, f"{statement}\necho on\n")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "on"), ran.err


@pytest.mark.parametrize("statement", ["! vm terminate web-9 --yes", "! retry 2 every 1s vm get web-9"])
def test_demanded_failure_that_comes_before_the_request_is_one(statement, script):
    ran = rehearse(script, f"{statement}\n")
    assert (ran.code, "web-9" in ran.err.splitlines()[0]) == (0, False)


def test_demanded_failure_of_a_look_is_judged(script):
    ran = rehearse(script, "! retry 2 every 1s vm get web-1\n")
    assert (ran.code, ran.err.splitlines()[0]) == (1, "This was to fail, and it did not.")


# What is passed over

DISK = "let d = disk create big --data-center gb-bournemouth-1 --size 10\n"


@pytest.mark.parametrize(
    "block",
    [
        "if ${d.state == 'READY'}\n  let x = vm get web-1\nelse\n  let x = vm get web-2\nend",
        "for x in ${d.labels}\n  echo ${x}\nend",
        "timeout ${d.patience}\n  let x = vm get web-1\nend",
        "source set.cudo seed=${d.createTime}",
        "if ${d.state == 'READY'}\n  source set.cudo seed=1\nend",
    ],
)
def test_variables_that_are_set_where_it_is_passed_over_are_not_known(block, script, tmp_path):
    (tmp_path / "set.cudo").write_text("param seed\nsource deeper.cudo\n")
    (tmp_path / "deeper.cudo").write_text("let x = vm get web-1\n")
    last = len(block.splitlines()) + 2
    ran = rehearse(script, f"{DISK}{block}\necho ${{x.state}}\n")
    assert (ran.code, ran.err.splitlines()[-2]) == (
        0,
        f"tour.cudo:{last}: passed over, ${{x.state}} is not known before it is made",
    ), ran.err


def test_file_that_sources_itself_where_it_is_passed_over_ends(script, tmp_path):
    (tmp_path / "loop.cudo").write_text("source ${name}\n")
    block = "if ${d.state == 'READY'}\n  source ${name}\nend\n"
    assert rehearse(script, f"let name = 'loop.cudo'\n{DISK}{block}").code == 0


def test_things_that_are_made_where_it_is_passed_over_are_planned(script):
    make = "disk create more --data-center gb-bournemouth-1 --size 10"
    block = f"if ${{d.state == 'READY'}}\n  for n in 1 2\n    {make}\n  end\nend\n"
    ran = rehearse(script, f"{DISK}{block}disk get more\n")
    assert (ran.code, ran.err.splitlines()[-2]) == (
        0,
        "tour.cudo:7: passed over, it asks for what is not made yet",
    )


# What depends on a change


def test_thing_of_the_same_name_in_another_project_is_there(script):
    made = "disk create data-9 --data-center gb-bournemouth-1 --size 10 -p research\n"
    ran = rehearse(script, f"{made}! disk get data-9\ndisk get data-9 -p research\n")
    assert ran.code == 0, ran.err
    assert "tour.cudo:2" not in ran.err
    assert "tour.cudo:3: passed over, it asks for what is not made yet\n" in ran.err


def test_wait_for_a_change_that_is_not_sent_is_passed_over(script):
    text = (
        "vm stop web-1 --no-wait\n"
        "let vm = vm wait web-1 --state STOPPED --timeout 2s\n"
        "assert ${vm.state == 'STOPPED'}\n"
        "echo ${vm.id}\n"
    )
    ran = rehearse(script, text)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "web-1"), ran.err
    assert "tour.cudo:2: passed over, it asks for what is not changed yet\n" in ran.err


VM = (
    "vm create {} --data-center gb-bournemouth-1 --machine-type intel-broadwell"
    " --image {} --vcpus 2 --memory 4\n"
)


def test_thing_can_be_made_again_where_it_would_be_ended(script):
    ran = rehearse(script, f"vm terminate web-2 --yes\n{VM.format('web-2', 'ubuntu-2404')}")
    assert (ran.code, "POST /v1/projects/demo/vm\n" in ran.out) == (0, True), ran.err


def test_vm_can_be_made_of_an_image_that_is_not(script):
    ran = rehearse(script, f"image create base-9 --vm web-2\n{VM.format('gpu-9', 'base-9')}")
    assert (ran.code, "bootDiskImageId: base-9\n" in ran.out) == (0, True), ran.err


def test_clean_up_of_what_is_not_made_does_not_say_that_it_is_not_there(script):
    ran = rehearse(script, f"defer disk delete big --yes --if-exists\n{DISK}")
    assert ran.code == 0
    assert "tour.cudo:1: the request depends on what is not made yet\n" in ran.err
    assert "is not there" not in ran.err


def test_listing_is_of_now_and_says_so(script):
    """What it lacks is no reason for an assertion to fail."""
    text = (
        "let before = disk list\n"
        f"{DISK}"
        "let all = disk list --filter id=big\n"
        "assert ${length(all) == `1`}\n"
        "assert ${length(before) == `1`}\n"
    )
    ran = rehearse(script, text)
    assert ran.code == 1
    assert "tour.cudo:1: this" not in ran.err
    assert "tour.cudo:3: this is from before the changes\n" in ran.err
    assert "tour.cudo:4: passed over, it looks at a list from before the changes\n" in ran.err
    assert "tour.cudo:5: assert" in ran.err


def test_listing_of_what_is_in_no_project_is_of_now(script):
    ran = rehearse(script, "ssh-key create 'ssh-ed25519 AAAA kim@desk'\nssh-key list -q\n")
    assert (ran.code, "tour.cudo:2: this is from before the changes\n" in ran.err) == (0, True), ran.err


def test_wait_for_things_that_a_filter_finds_is_passed_over(script):
    text = "vm stop --filter id=db-* --yes\nvm wait db-1 --state STOPPED --timeout 2s\n"
    ran = rehearse(script, text)
    assert (ran.code, ran.err.splitlines()[-2]) == (
        0,
        "tour.cudo:2: passed over, it asks for what is not changed yet",
    )


def test_project_in_which_a_dry_run_goes_on_is_left_at_its_end(script, workspace):
    make = "project create lab --billing-account demo-billing\n"
    for text in (f"{make}project use lab\nvm list\n", "project use research\nvm get web-9\n"):
        rehearse(script, text)
        assert workspace.settings["project"] == "demo"


def test_context_in_which_a_dry_run_goes_on_is_left_at_its_end(script, workspace, sandbox, tmp_path):
    """It is not kept either, as `context use` of a real run is for the shells to come."""
    workspace.environ = {"CUDO_CONFIG_DIR": str(tmp_path)}
    contexts = Contexts()
    for name, project in (("one", "demo"), ("two", "research")):
        contexts = contexts.with_(Context(name, sandbox.url, project=project))
    file = config_file(workspace.environ)
    contexts.using("one").save(file)
    kept = file.read_bytes()
    workspace.retarget(workspace.target.choice._replace(current="one"))

    ran = rehearse(script, "context use two\nvm count\n")
    lost = rehearse(script, "context use three\n")

    assert (ran.code, ran.out) == (0, "count  3\n"), ran.err
    assert (lost.code, lost.err.splitlines()[0]) == (2, "There is no context 'three'.")
    assert (workspace.context, workspace.settings["project"]) == ("one", "demo")
    assert file.read_bytes() == kept


def test_function_of_what_is_not_known_yet_is_passed_over(script):
    ran = script(
        "let d = disk create tmp-1 --data-center no-luster-1 --size 10\n"
        "echo ${length(d.state)} ${to_number(d.sizeGib)}\n",
        options=Options(dry_run=True),
    )
    assert ran.code == 0, ran.err
    assert "tour.cudo:2: passed over, ${length(d.state)} is not known before it is made\n" in ran.err
