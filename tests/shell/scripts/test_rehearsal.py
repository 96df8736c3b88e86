"""Dry runs: what is read, what is shown and what it costs, and that nothing is sent."""

from cudo_shell.scripts.options import Options


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
        "Dry run: 2 changes, none of them sent. What would be made costs at least $"
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
