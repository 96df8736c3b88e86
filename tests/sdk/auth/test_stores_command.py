"""A login that a program of the user's choice keeps: what it is told, and what it cannot do."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cudo_sdk.auth.stores import program
from cudo_sdk.auth.stores.command import CommandStore
from cudo_sdk.auth.stores.program import run
from cudo_sdk.auth.tokens import StoredKey
from cudo_sdk.errors import AuthConfigError, LoginRequired, TransientAuth

# Keeps the record in a file, and each request beside it.
KEEPER = """
import json, os, sys
where = sys.argv[1]
request = json.load(sys.stdin)
with open(where + ".asked", "a") as asked:
    asked.write(json.dumps(request) + "\\n")
if request["op"] == "put":
    open(where, "w").write(json.dumps(request["record"]))
elif request["op"] == "erase":
    os.unlink(where)
elif os.path.exists(where):
    print(open(where).read())
"""
Make = Callable[..., CommandStore]


@pytest.fixture
def make(server, tmp_path: Path) -> Make:
    """A store with this program."""

    def made(*argv: str, **changes: Any) -> CommandStore:
        settings = server.settings(store="command", store_options={"command": list(argv)}, **changes)
        return CommandStore(settings, tmp_path)

    return made


@pytest.fixture
def shell(make) -> Callable[[str], CommandStore]:
    """A store with this line of shell."""
    return lambda line: make("/bin/sh", "-c", line)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def store(make, kept: Path) -> CommandStore:
    made: CommandStore = make(sys.executable, "-c", KEEPER, str(kept))
    return made


def asked(kept: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(f"{kept}.asked").read_text().splitlines()]


def answer(values: object) -> str:
    return f"cat >/dev/null; printf %s '{json.dumps(values)}'"


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# What is said


def test_record_that_was_put_is_got_until_it_is_erased(store, kept, server):
    record = server.login(gen=3)

    assert store.get() is None
    store.put(record)
    assert store.get() == record
    assert store.delete() is True
    assert store.get() is None


def test_request_says_what_is_wanted_for_whom_and_whether_somebody_is_there(store, kept, server):
    record = server.login()
    store.get()
    store.put(record)
    store.delete()

    common = {
        "version": 1,
        "issuer": "https://login.example",
        "client_id": "cudo-shell",
        "context": "dev",
        "interactive": False,
    }
    assert asked(kept) == [
        common | {"op": "get"},
        common | {"op": "put", "record": record.to_store()},
        common | {"op": "erase"},
    ]


@pytest.mark.parametrize(
    ("is_terminal", "environ", "told"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"CI": "1"}, False),
        (True, {"CUDO_NO_INPUT": "1"}, False),
    ],
)
def test_program_is_told_of_a_person_only_where_one_can_answer(
    is_terminal: bool, environ: dict[str, str], told: bool, store, kept, monkeypatch
):
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: is_terminal)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    store.get()

    assert asked(kept)[0]["interactive"] is told


def test_answer_of_no_more_than_tokens_is_a_record_of_this_login(shell, server):
    now = time.time()
    values = {"version": 1, "access_token": "a-canary", "expires_at": now + 600, "refresh_token": "r-canary"}

    record = shell(answer(values)).get()

    assert record.bearer == "Bearer a-canary"
    assert record.refresh_token.get_secret_value() == "r-canary"
    assert record.expires_at == values["expires_at"]
    assert record.lifetime == pytest.approx(600, abs=30)
    assert record.token_host == ""
    assert record.belongs_to(server.settings())
    assert record.is_usable(now)
    assert not record.is_stale(now, 0.0)


def test_answer_without_a_refresh_token_has_none(shell):
    record = shell(answer({"version": 1, "access_token": "a-canary", "expires_at": 1})).get()

    assert record.refresh_token is None
    assert not record.is_usable(time.time())


def test_token_that_ends_in_years_is_renewed_after_a_day_but_not_at_once(shell):
    record = shell(answer({"version": 1, "access_token": "a-canary", "expires_at": 9e9})).get()

    assert record.expires_at == record.obtained_at + 86_400
    assert not record.is_stale(record.obtained_at, 0.0)


def test_answer_with_an_api_key_is_one(shell, server):
    key = shell(answer({"version": 1, "kind": "api_key", "api_key": "key-canary"})).get()

    assert key == StoredKey(api_key="key-canary", api_origin=server.settings().api_origin)


@pytest.mark.parametrize("output", ["", "\\n", "null", "{}"])
def test_empty_answer_is_no_record(output: str, shell):
    assert shell(f"printf '{output}'").get() is None


@pytest.mark.parametrize("output", ["access-canary", "[1]", "7", "{", "\\377", "[" * 20_000])
def test_answer_that_is_no_object_is_refused_without_repeating_it(output: str, shell):
    with pytest.raises(AuthConfigError) as caught:
        shell(f"printf '{output}'").get()

    assert str(caught.value) == "/bin/sh did not answer with a JSON object"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "expires_at", ["soon", None, True, {}, float("nan"), float("inf"), 10**400, -(10**13)]
)
def test_answer_with_no_time_for_its_end_is_no_record(expires_at: object, shell):
    with pytest.raises(LoginRequired) as caught:
        shell(answer({"version": 1, "access_token": "a-canary", "expires_at": expires_at})).get()

    assert str(caught.value) == "the login that /bin/sh keeps cannot be read"


def test_answer_of_a_newer_version_is_refused(shell):
    with pytest.raises(AuthConfigError, match="newer version of cudo"):
        shell(answer({"version": 2, "access_token": "a", "expires_at": 9e9})).get()


# What the program is given


def test_program_inherits_path_home_and_lang_and_nothing_else(monkeypatch):
    monkeypatch.setenv("CUDO_API_KEY", "key-canary")
    monkeypatch.setenv("LANG", "C.UTF-8")

    outcome = run(["/usr/bin/env"], b"")

    names = {line.partition("=")[0] for line in outcome.output.decode().splitlines()}
    assert names == {"PATH", "HOME", "LANG"}
    assert (outcome.status, outcome.complaint) == (0, b"")


def test_secrets_are_not_in_the_arguments(make, server, kept):
    store = make("/bin/sh", "-c", f"tr '\\0' ' ' </proc/$$/cmdline >{kept}; cat >/dev/null")

    store.put(server.login())

    assert "canary" not in kept.read_text()


def test_words_of_the_command_reach_no_shell(make, server, kept):
    store = make("/bin/echo", f"$(touch {kept})", ";", "touch", str(kept))

    with pytest.raises(AuthConfigError):
        store.get()

    assert not kept.exists()


@pytest.mark.parametrize(
    "command",
    [None, [], "/bin/true", ["true"], ["./true"], [""], ["/bin/true", 1], {"/bin/true": 1}, 7],
)
def test_command_that_is_no_list_with_an_absolute_path_is_refused(command: object, server, tmp_path):
    settings = server.settings(store="command", store_options={"command": command})

    with pytest.raises(AuthConfigError) as caught:
        CommandStore(settings, tmp_path)

    assert str(caught.value) == (
        "the credential store 'command' needs store_options.command: a list of the program's absolute path "
        "and its arguments"
    )


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["/nowhere/keeper"], "No such file or directory"),
        (["/etc"], "Permission denied"),
        (["/bin/true", "a\0b"], "a word of it cannot be an argument"),
    ],
)
def test_program_that_cannot_be_run_is_named_with_the_reason(argv: list[str], reason: str, make):
    with pytest.raises(AuthConfigError) as caught:
        make(*argv).get()

    assert str(caught.value) == f"{argv[0]} cannot be run: {reason}"


# What the program does wrong


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("echo first >&2; echo 'vault is sealed' >&2; exit 1", "vault is sealed"),
        ("printf 'sealed\\n\\n  \\n' >&2; exit 1", "sealed"),
        ("exit 3", "it ended with 3"),
        ("kill -9 $$", "it ended with -9"),
        ("printf '\\033]52;c;aGk=\\007\\033[31mred\\r\\n' >&2; exit 1", "]52;c;aGk=[31mred"),
        ("printf 'a\\342\\200\\256b\\302\\233c\\377' >&2; exit 1", "abc\ufffd"),
        (r"""head -c 5000 /dev/zero | tr '\0' x >&2; exit 1""", "x" * 200),
    ],
    ids=["last line", "last line with text", "silent", "killed", "escapes", "bidi and C1", "long"],
)
def test_failure_is_told_with_the_last_line_made_inert(line: str, reason: str, shell, server):
    store = shell(line)

    for call in (store.get, lambda: store.put(server.login()), store.delete):
        with pytest.raises(TransientAuth) as caught:
            call()
        assert str(caught.value) == f"/bin/sh failed: {reason}"


def test_output_of_a_program_that_failed_is_not_used(shell):
    with pytest.raises(TransientAuth):
        shell(answer({"version": 1, "access_token": "a", "expires_at": 9e9}) + "; exit 1").get()


def test_program_that_hangs_is_ended_with_its_children(shell, kept, monkeypatch):
    assert program.PATIENCE == 30.0
    monkeypatch.setattr(program, "PATIENCE", 0.5)
    begun = time.monotonic()

    with pytest.raises(TransientAuth) as caught:
        shell(f"sleep 60 & echo $! $$ >{kept}; wait").get()

    assert str(caught.value) == "/bin/sh did not end within 0.5 s"
    assert time.monotonic() - begun < 5.0
    assert_gone(kept)


def assert_gone(kept: Path) -> None:
    until = time.monotonic() + 5
    while any(is_alive(int(pid)) for pid in kept.read_text().split()):
        assert time.monotonic() < until, "it still runs"
        time.sleep(0.01)


@pytest.mark.parametrize("stream", ["1", "2"], ids=["output", "complaints"])
def test_program_that_floods_is_ended_long_before_its_time(stream: str, shell, kept):
    begun = time.monotonic()

    with pytest.raises(AuthConfigError) as caught:
        shell(f"sleep 60 & echo $! $$ >{kept}; yes >&{stream}; wait").get()

    assert str(caught.value) == "/bin/sh wrote more than 64 KiB"
    assert time.monotonic() - begun < 10.0
    assert_gone(kept)


@pytest.mark.parametrize(("size", "is_fine"), [(65_536, True), (65_537, False)])
def test_output_of_64_kib_is_the_most(size: int, is_fine: bool):
    argv = ["/bin/sh", "-c", f"head -c {size} /dev/zero"]
    if is_fine:
        assert len(run(argv, b"").output) == size
    else:
        with pytest.raises(AuthConfigError):
            run(argv, b"")


def test_program_that_does_not_listen_is_no_failure(shell, server, tmp_path: Path):
    shell(f"exec <&-; sleep 0.05; touch {tmp_path}/ended").put(server.login(access_token="a" * 60_000))

    assert (tmp_path / "ended").exists()


def test_program_that_hangs_without_listening_is_ended_too(shell, server, monkeypatch):
    monkeypatch.setattr(program, "PATIENCE", 0.5)
    begun = time.monotonic()

    with pytest.raises(TransientAuth, match=r"did not end within 0\.5 s$"):
        shell("sleep 5").put(server.login(access_token="a" * 200_000))  # more than a pipe holds

    assert time.monotonic() - begun < 4.0


def test_helper_that_the_program_left_behind_stays(shell, kept):
    store = shell(f"(exec >/dev/null 2>&1 </dev/null; sleep 20 & echo $! >{kept}); printf '{{}}'")

    assert store.get() is None
    pid = int(kept.read_text())
    try:
        assert is_alive(pid)
    finally:
        os.kill(pid, 9)


def test_description_names_the_program(make):
    assert make("/opt/keeper", "--vault", "x").describe() == "the program /opt/keeper"
