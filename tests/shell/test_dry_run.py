"""`--dry-run`: of every verb that changes something, what it would send, and that it sends nothing."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cudo_sdk.request import Request
from cudo_sdk.transport import AsyncTransport
from cudo_shell.commands import NOUNS, WORDS
from cudo_shell.commands.parser import CommandParser, option_names, verbs_of
from cudo_shell.exits import ExitCode

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWmEO0vUYWs2R8uGMPzUnWCwxyXNPxPnvS5lOBLqGPx ada@example"
OF_A_MOMENT = "expireTime"  # counted from now


def verb_parsers() -> Iterator[Any]:
    for noun in {**NOUNS, **WORDS}.values():
        parser = import_module(noun.module).build_parser(CommandParser)
        for verb in dict.fromkeys(verbs_of(parser).values()) or [parser]:
            yield pytest.param(verb, id=verb.prog)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Every request that leaves, as it leaves."""
    sent: list[Request] = []
    attempt = AsyncTransport._once  # where one attempt goes out

    async def once(self: AsyncTransport, request: Request, *rest: Any) -> Any:
        sent.append(request)
        return await attempt(self, request, *rest)

    monkeypatch.setattr(AsyncTransport, "_once", once)
    return sent


@pytest.fixture
def files(tmp_path: Path) -> None:
    (tmp_path / "id_ed25519.pub").write_text(KEY + "\n")
    (tmp_path / "password.txt").write_text("correct-horse-9\n")


def changes(sent: list[Request]) -> list[Request]:
    return [each for each in sent if each.repeats != "read" and not (each.body or {}).get("validateOnly")]


def as_shown(request: Request) -> dict[str, Any]:
    body = request.wire_body()
    if body is not None:
        secret = {name: "***" for name in body if "password" in name.lower()}
        body = {name: value for name, value in (body | secret).items() if name != OF_A_MOMENT}
    return {
        "operation": request.operation,
        "method": request.method,
        "path": request.path.filled,
        "query": request.wire_query(),
        "body": body,
    }


def with_known_ids(prog: str, line: str, run: Any) -> str:
    """The example with an id that is made by chance, where it needs one."""
    if prog != "storage-user key-delete":
        return line
    key = json.loads(run("storage-user key-create app-1 -o json").out)["accessKey"]
    return line.replace(line.split()[3], str(key))


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("parser", list(verb_parsers()))
def test_verb_that_changes_something_shows_it_and_sends_nothing(
    parser: ArgumentParser, run, wire: list[Request]
):
    *before, last = parser.examples  # type: ignore[attr-defined]  # a tag of ours
    for line in before:
        run(line)
    if "--dry-run" not in option_names(parser):
        wire.clear()
        run(last)
        assert not changes(wire), "this changes something, and has no --dry-run"
        return
    last = with_known_ids(parser.prog, last, run)
    wire.clear()
    dry = run(f"{last} --dry-run -o json")
    assert dry.code == ExitCode.OK, dry
    assert not changes(wire)
    shown = json.loads(dry.out)
    records = shown if isinstance(shown, list) else [shown]  # several things have one each
    for record in records:
        (record["body"] or {}).pop(OF_A_MOMENT, None)
    run(last)  # some cannot succeed on a fresh sandbox; what they send is what counts
    sent = [as_shown(change) for change in changes(wire)[: len(records)]]
    assert records == sorted(sent, key=records.index)  # several are sent side by side


SIZES = (
    "--data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 --image ubuntu-2404 --vcpus 2 --memory 4"
)


def test_destroying_verb_shows_a_person_the_request_and_the_loss(run):
    outcome = run("vm terminate web-2 --dry-run")
    assert (outcome.code, outcome.out.splitlines()[0]) == (
        ExitCode.OK,
        "POST /v1/projects/demo/vms/web-2/terminate",
    )
    assert "Terminate VM 'web-2' and its boot disk in project 'demo'?" in outcome.out
    assert outcome.err == "Nothing was changed.\n"
    assert run("vm get web-2").code is ExitCode.OK


def test_creation_shows_its_price_and_that_the_api_accepts_it(run, wire):
    outcome = run(f"vm create new-1 {SIZES} --boot-disk 50 --dry-run")
    assert outcome.out.splitlines()[0] == "POST /v1/projects/demo/vm"
    assert "  vmId: new-1" in outcome.out.splitlines()
    price, verdict = outcome.out.splitlines()[-2:]
    assert price.startswith("Price: $")
    assert price.endswith("/month")
    assert verdict == "The API accepts it."
    assert [each.operation for each in wire if each.method == "POST"] == ["CreateVM"]
    assert run("vm get new-1").code is ExitCode.NOT_FOUND


def test_creation_that_the_api_would_refuse_is_refused(run, wire):
    outcome = run(f"vm create new-1 {SIZES} --boot-disk 1 --dry-run")
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert "--boot-disk: image 'ubuntu-2404' needs at least" in outcome.err
    assert not changes(wire)


def test_secret_is_read_from_its_file_and_never_shown(run, tmp_path):
    secret = tmp_path / "password.txt"
    secret.write_text("correct-horse-9\n")
    for output in ("table", "json", "yaml"):
        outcome = run(f"vm set-password web-1 @{secret} --dry-run -o {output}")
        assert outcome.code is ExitCode.OK
        assert "***" in outcome.out
        assert "correct-horse" not in outcome.out + outcome.err


def test_nobody_is_asked_for_anything(run, wire):
    at_terminal = {"in_is_terminal": True, "out_is_terminal": True, "err_is_terminal": True}
    for line in ("vm set-password web-1", "vm terminate web-2", "vm commit web-1 --term 1-month"):
        outcome = run(f"{line} --dry-run", "", **at_terminal)
        assert (outcome.code, outcome.err) == (ExitCode.OK, "Nothing was changed.\n"), line
    assert not changes(wire)


def test_absent_thing_is_an_error_also_of_a_dry_run(run):
    assert run("vm terminate web-9 --dry-run").code is ExitCode.NOT_FOUND


def test_several_things_are_each_shown(run, wire):
    outcome = run("vm stop web-1 db-1 --yes --dry-run -o json")
    assert [each["path"] for each in json.loads(outcome.out)] == [
        "/v1/projects/demo/vms/web-1/stop",
        "/v1/projects/demo/vms/db-1/stop",
    ]
    assert not changes(wire)


def test_one_format_of_ids_names_the_operation(run):
    assert run("vm stop web-1 --dry-run -q").out == "StopVM\n"
