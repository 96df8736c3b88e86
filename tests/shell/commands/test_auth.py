"""Logging in and out, as a person or a program does it: whole runs of `cudo`, at a sandbox and a provider."""

from __future__ import annotations

import asyncio
import io
import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.shell.conftest import Outcome, with_streams, written
from tests.shell.fake_provider import AUDIENCE, CLIENT, FakeProvider
from tests.shell.terminal import Terminal as Pty

from cudo_sandbox import Sandbox
from cudo_sdk.errors import LoginRequired
from cudo_shell import dispatch, main
from cudo_shell.arguments import parser
from cudo_shell.locked import OPEN
from cudo_shell.streams import open_streams
from cudo_shell.workspace import Workspace

WAY_ON = "Run 'cudo auth login', or set CUDO_API_KEY."
KEY_CANARY = "key-canary-0123456789"

Cudo = Callable[..., Outcome]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    """Where everything of one user is, which is the working directory, too."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "CUDO_STATE_DIR": f"{home}/state", "CUDO_CONFIG_DIR": f"{home}/config"}


@pytest.fixture
def cudo(environ: dict[str, str]) -> Cudo:
    """Run a command line of `cudo`; `at_terminal` says whether stdin and stderr are one."""

    def run(
        line: str, stdin: str = "", *, at_terminal: bool = False, out_too: bool = False, **more: str
    ) -> Outcome:
        kind = Terminal if at_terminal else io.StringIO
        out, err = (Terminal if out_too else io.StringIO)(), kind()
        code = main.main(shlex.split(line), kind(stdin), out, err, {**environ, **more})
        return Outcome(code, out.getvalue(), err.getvalue())

    return run


def records(home: Path) -> list[str]:
    """The names of the records that are kept."""
    return sorted(path.name for path in home.glob("state/credentials/*.json"))


def configure(home: Path, text: str) -> None:
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "config.yaml").write_text(text)


# API keys


@pytest.fixture
def key_file(home: Path, sandbox: Sandbox) -> str:
    (home / "key.txt").write_text(f"{sandbox.api_key}\n")
    return "@key.txt"


def test_first_login_makes_a_context_that_later_commands_use(cudo, home, sandbox, key_file):
    outcome = cudo(f"auth login --api-key {key_file}", CUDO_API_URL=sandbox.url)
    host = sandbox.url.removeprefix("http://")
    assert outcome == Outcome(
        0,
        "",
        f"Logged in to {host} as kim@example.com.\n"
        f"Context 'default' for {sandbox.url} is now the current one.\n",
    )
    [record] = records(home)
    assert (home / "state" / "credentials" / record).stat().st_mode & 0o777 == 0o600
    told = json.loads(cudo("whoami -o json").out)
    assert (told["emailAddress"], told["context"], told["keyFrom"], told["login"]) == (
        "kim@example.com",
        "default",
        "context default",
        "API key",
    )
    assert told["apiUrl"] == sandbox.url
    assert record in told["store"]


def test_key_comes_from_stdin_and_is_checked_by_one_call(cudo, home, sandbox):
    outcome = cudo("-v login --api-key -", f"{sandbox.api_key}\r\n", CUDO_API_URL=sandbox.url)
    assert outcome.code == 0
    assert "1 request," in outcome.err
    assert len(records(home)) == 1


def test_refused_key_is_not_stored(cudo, home, sandbox):
    outcome = cudo("auth login --api-key -", KEY_CANARY, CUDO_API_URL=sandbox.url)
    assert outcome.code == 3
    assert outcome.err == (
        "The API key was not stored.\n"
        "The API key from this login was not accepted.\n"
        "Check the key and where it is meant for.\n"
    )
    assert (records(home), (home / "config").exists()) == ([], False)


def test_key_that_cannot_be_checked_is_not_called_bad_and_not_stored(cudo, home):
    started = time.monotonic()
    outcome = cudo("auth login --api-key -", KEY_CANARY, CUDO_API_URL="http://127.0.0.1:1")
    assert outcome.code == 9
    assert outcome.err.startswith("The API key was not stored.\nGet: cannot connect to http://127.0.0.1:1")
    assert "accepted" not in outcome.err
    assert (records(home), (home / "config").exists()) == ([], False)
    assert time.monotonic() - started < 10


def test_key_is_checked_with_the_certificates_of_its_context(cudo, home, key_file):
    configure(home, "contexts: {dev: {api_url: 'https://127.0.0.1:9', ca_bundle: /nowhere.pem}}\n")
    outcome = cudo(f"auth login --context dev --api-key {key_file}")
    assert outcome.code == 2
    assert outcome.err.startswith("The API key was not stored.\nThe CA bundle /nowhere.pem cannot be ")


def test_key_as_an_argument_is_refused_without_repeating_it(cudo, home):
    outcome = cudo(f"auth login --api-key {KEY_CANARY}")
    assert outcome.code == 2
    assert KEY_CANARY not in outcome.out + outcome.err
    assert records(home) == []


def test_key_that_nobody_can_type_is_said_to_be_missing(cudo):
    outcome = cudo("auth login")
    assert outcome.code == 8
    assert outcome.err == "Nobody could be asked for the API key.\nGive @FILE, or - for stdin.\n"


def test_variable_stays_in_force_and_is_not_stored(cudo, home, sandbox):
    outcome = cudo("auth login", CUDO_API_KEY=sandbox.api_key, CUDO_API_URL=sandbox.url)
    assert outcome.code == 2
    assert outcome.err == (
        "CUDO_API_KEY stays in force: its key is in use as it is, and is not stored.\n"
        "To log in, take away CUDO_API_KEY, or name a context: auth login --context NAME\n"
    )
    assert (records(home), (home / "config").exists()) == ([], False)


def test_login_to_a_named_context_under_the_variable_says_which_one_wins(cudo, sandbox, key_file):
    env = {"CUDO_API_KEY": sandbox.api_key, "CUDO_API_URL": sandbox.url}
    outcome = cudo(f"auth login --context work --api-key {key_file}", **env)
    assert outcome.code == 0
    assert outcome.err.endswith("CUDO_API_KEY stays in force wherever no context is named.\n")
    told = json.loads(cudo("whoami -o json", **env).out)
    assert (told["keyFrom"], told["shadowed"]) == ("CUDO_API_KEY", ["context work"])
    assert json.loads(cudo("--context work whoami -o json", **env).out)["keyFrom"] == "context work"


def test_name_that_no_context_can_have_is_refused_before_a_key_is_read(cudo, home):
    outcome = cudo("auth login --context ../x --api-key -", KEY_CANARY)
    assert outcome.code == 2
    assert "'../x' cannot name a context" in outcome.err
    assert records(home) == []


def test_sandbox_needs_no_login(cudo, home):
    outcome = cudo("--sandbox auth login --api-key -", KEY_CANARY)
    assert outcome.code == 0
    assert outcome.err == (
        "The embedded sandbox needs no login. For an account of yours: auth login --context NAME\n"
    )
    assert records(home) == []


def test_context_without_a_key_says_so(cudo, home, sandbox):
    configure(home, f"current: dev\ncontexts: {{dev: {{api_url: '{sandbox.url}'}}}}\n")
    outcome = cudo("vm list")
    assert (outcome.code, outcome.err) == (3, f"Not logged in (context dev has no API key). {WAY_ON}\n")


def test_context_that_was_named_is_the_one_to_log_in_to(cudo, home, sandbox):
    configure(home, f"contexts: {{dev: {{api_url: '{sandbox.url}'}}}}\n")
    outcome = cudo("--context dev vm list -p demo", CUDO_API_KEY=KEY_CANARY)
    assert (outcome.code, outcome.err) == (
        3,
        "Not logged in (context dev has no API key). Run 'cudo auth login --context dev'.\n",
    )


def test_status_without_a_network_says_what_is_known(cudo, home, sandbox, key_file):
    cudo(f"auth login --api-key {key_file}", CUDO_API_URL=sandbox.url)
    sandbox.close()
    outcome = cudo("auth status -o json")
    assert outcome.code == 0
    told = json.loads(outcome.out)
    assert (told["id"], told["keyFrom"]) == (None, "context default")
    assert outcome.err.startswith("Who you are could not be checked: Get: cannot connect to ")


def test_status_with_a_refused_key_names_where_it_came_from(cudo, sandbox):
    outcome = cudo("auth status", CUDO_API_KEY=KEY_CANARY, CUDO_API_URL=sandbox.url)
    assert outcome.code == 3
    assert outcome.err.startswith("The API key from CUDO_API_KEY was not accepted.\n")


def test_logout_forgets_a_key_and_says_that_it_is_still_good(cudo, home, sandbox, key_file):
    cudo(f"auth login --api-key {key_file}", CUDO_API_URL=sandbox.url)
    host = sandbox.url.removeprefix("http://")
    outcome = cudo("logout")
    assert (outcome.code, outcome.err) == (
        0,
        f"Logged out here. The API key is good at {host} until you delete it there.\n",
    )
    assert records(home) == []
    assert cudo("logout").err == "Nobody was logged in.\n"


def test_key_of_the_environment_cannot_be_logged_out(cudo):
    outcome = cudo("auth logout", CUDO_API_KEY=KEY_CANARY)
    assert (outcome.code, outcome.err) == (
        0,
        "CUDO_API_KEY cannot be logged out: take it away to stop using its key.\n",
    )


def test_token_goes_into_a_pipe(cudo, sandbox):
    outcome = cudo("auth token", CUDO_API_KEY=sandbox.api_key)
    assert outcome == Outcome(0, f"{sandbox.api_key}\n", "")


@pytest.mark.parametrize(
    ("line", "answer", "code"),
    [
        ("auth token", "y\n", 8),
        ("auth token --show", "n\n", 8),
        ("auth token --show", "", 8),
        ("--no-input auth token --show", "y\n", 8),
        ("auth token --show", "y\n", 0),
    ],
)
def test_token_is_on_a_terminal_only_after_a_yes(cudo, line, answer, code):
    outcome = cudo(line, answer, at_terminal=True, out_too=True, CUDO_API_KEY=KEY_CANARY)
    assert outcome.code == code
    assert (KEY_CANARY in outcome.out) is (code == 0)
    assert KEY_CANARY not in outcome.err


def test_key_that_is_typed_is_not_shown(environ, home, sandbox):
    program = str(Path(sys.executable).parent / "cudo")
    with Pty(program, "auth", "login", CUDO_API_URL=sandbox.url, **environ) as screen:
        screen.wait("API key:")
        screen.type(f"{sandbox.api_key}\r")
        screen.wait("Logged in to")
        assert screen.exit_status() == 0
        assert sandbox.api_key.encode() not in screen.raw
    assert len(records(home)) == 1


# A login server


@pytest.fixture
def behind(provider: FakeProvider, home: Path) -> Iterator[Sandbox]:
    """A sandbox that takes the tokens of the provider, and the context `dev` for it."""
    with Sandbox(issuer=provider.url, audience=AUDIENCE) as sandbox:
        configure(home, _dev(sandbox.url, provider))
        yield sandbox


def _dev(api_url: str, provider: FakeProvider, store: str = "file") -> str:
    dev = {
        "api_url": api_url,
        "auth": "oidc",
        "issuer": provider.url,
        "client_id": CLIENT,
        "audience": AUDIENCE,
        "project": "demo",
        "store": store,
    }
    return json.dumps({"current": "dev", "contexts": {"dev": dev}})  # JSON is YAML, too


def shown(provider: FakeProvider) -> str:
    return (
        f"To log in, open   {provider.url}/device\n"
        "and enter code    ABCD-EFGH        (valid 10 min)\n"
        "Only continue if you started this login yourself. If someone sent you this code, stop.\n"
        f"Logged in to {provider.host} as alice@example.test.\n"
    )


def test_device_login_serves_the_commands_that_follow(cudo, provider, behind):
    outcome = cudo("auth login", at_terminal=True)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", shown(provider))
    listed = cudo("vm list -q")
    assert (listed.code, listed.err) == (0, "")
    assert "web-1" in listed.out.split()
    assert provider.count("/token") == 1


def test_login_that_is_not_kept_beyond_this_process_says_so(cudo, home, provider, behind):
    configure(home, _dev(behind.url, provider, store="memory"))
    outcome = cudo("auth login", at_terminal=True)
    assert outcome.err == f"{shown(provider)}The login is kept in the memory of this process only.\n"


def test_login_that_others_could_read_is_said_to_have_been_exposed(cudo, home, provider, behind):
    cudo("auth login", at_terminal=True)
    [name] = records(home)
    (home / "state" / "credentials" / name).chmod(0o644)
    outcome = cudo("auth status")
    assert outcome.code == 0
    assert name in outcome.err
    assert (home / "state" / "credentials" / name).stat().st_mode & 0o777 == 0o600


def test_valid_login_is_kept_without_a_call(cudo, provider, behind):
    cudo("auth login", at_terminal=True)
    before = len(provider.requests)
    outcome = cudo("login", at_terminal=True)
    assert (outcome.code, outcome.err) == (
        0,
        "Already logged in as alice@example.test. To log in anew: auth login --force\n",
    )
    assert len(provider.requests) == before
    assert cudo("login --force", at_terminal=True).err == shown(provider)


def test_status_reads_the_record_and_calls_nobody(cudo, home, provider, behind):
    cudo("auth login", at_terminal=True)
    before = len(provider.requests)
    behind.close()
    told = json.loads(cudo("auth status -o json").out)
    assert len(provider.requests) == before
    assert told.pop("store").startswith(f"the file {home}/state/credentials/dev-")
    assert told.pop("expiresAt").endswith("Z")
    assert told == {
        "id": "alice@example.test",
        "subject": "u-1",
        "name": "Alice Admin",
        "emailAddress": "alice@example.test",
        "login": f"OpenID Connect at {provider.host}",
        "expires": "in 9 min",
        "context": "dev",
        "apiUrl": behind.url,
        "keyFrom": "context dev",
        "shadowed": None,
        "project": "demo",
        "projectFrom": "context dev",
    }


@pytest.mark.parametrize(("refresh", "says"), [(True, "over, the next command renews it"), (False, "over")])
def test_status_of_a_login_that_is_over_says_what_comes_next(cudo, home, provider, behind, refresh, says):
    cudo("auth login", at_terminal=True)
    expire(home, with_refresh_token=refresh)
    assert json.loads(cudo("whoami -o json").out)["expires"] == says


def expire(home: Path, *, with_refresh_token: bool = True) -> None:
    """Let the time of the stored token pass."""
    [name] = records(home)
    file = home / "state" / "credentials" / name
    record = json.loads(file.read_text())
    record["expires_at"] -= 3600
    record["obtained_at"] -= 3600
    if not with_refresh_token:
        record["refresh_token"] = None
    file.write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("line", "env", "at_terminal"),
    [
        ("auth login", {}, False),
        ("auth login", {"CI": "1"}, True),
        ("auth login", {"CI": "woodpecker"}, True),
        ("auth login", {"CUDO_NO_INPUT": "1"}, True),
        ("--no-input auth login", {}, True),
        ("run.cudo", {}, True),
    ],
    ids=["no terminal", "CI=1", "CI=woodpecker", "variable", "option", "script"],
)
def test_nobody_to_log_in_is_told_at_once_and_calls_nobody(
    cudo, home, provider, behind, line, env, at_terminal
):
    (home / "run.cudo").write_text("auth login\n")
    started = time.monotonic()
    outcome = cudo(line, at_terminal=at_terminal, **env)
    assert time.monotonic() - started < 5
    assert outcome.code == 3
    assert "Not logged in, and nobody can be asked here.\n" in outcome.err
    assert provider.requests == []


@pytest.mark.parametrize(
    ("line", "env", "at_terminal"),
    [
        ("vm list", {}, False),
        ("vm list", {"CI": "1"}, True),
        ("--no-input vm list", {}, True),
        ("run.cudo", {}, True),
    ],
    ids=["no terminal", "CI=1", "option", "script"],
)
def test_command_without_a_login_and_a_person_is_exit_3_at_once(
    cudo, home, provider, behind, line, env, at_terminal
):
    (home / "run.cudo").write_text("vm list\n")
    started = time.monotonic()
    outcome = cudo(line, at_terminal=at_terminal, **env)
    assert time.monotonic() - started < 5
    assert outcome.code == 3
    assert f"Not logged in. {WAY_ON}\n" in outcome.err
    assert provider.requests == []


def test_command_whose_login_has_ended_logs_in_once_and_goes_on(cudo, home, provider, behind):
    cudo("auth login", at_terminal=True)
    expire(home)
    provider.answers["/token"] = [(400, {"error": "invalid_grant"})]
    outcome = cudo("vm list -q", at_terminal=True)
    assert outcome.code == 0
    assert "web-1" in outcome.out.split()
    assert outcome.err == f"The login has expired.\n{shown(provider)}"
    assert provider.count("/device/auth") == 2


def test_login_that_is_refused_in_a_command_is_not_offered_again(cudo, provider, behind):
    provider.answers["/token"] = [(400, {"error": "access_denied"})]
    outcome = cudo("vm list", at_terminal=True)
    assert outcome.code == 3
    assert outcome.err.splitlines()[-1] == f"Not logged in (the login was refused). {WAY_ON}"
    assert provider.count("/device/auth") == 1


def test_provider_out_of_reach_is_exit_9_and_keeps_the_login(cudo, home, provider, behind):
    cudo("auth login", at_terminal=True)
    expire(home)
    provider.answers["/token"] = [(503, {})]
    outcome = cudo("vm list", at_terminal=True)
    assert outcome.code == 9
    assert len(records(home)) == 1
    assert cudo("vm list").code == 0


def test_fresh_token_that_the_api_rejects_is_not_renewed(cudo, home, provider):
    with Sandbox(issuer=provider.url, audience="https://another.example") as strict:
        configure(home, _dev(strict.url, provider))
        cudo("auth login", at_terminal=True)
        outcome = cudo("vm list", at_terminal=True)
    assert outcome.code == 3
    assert outcome.err == (
        "The API rejects a fresh token from context dev.\n"
        "Look at the API URL, the audience and the scopes of the context.\n"
    )
    assert provider.count("/token") == 1


def test_wrong_client_is_exit_2(cudo, provider, behind):
    provider.answers["/device/auth"] = [(401, {"error": "invalid_client"})]
    outcome = cudo("auth login", at_terminal=True)
    assert outcome.code == 2
    assert "client_id" in outcome.err


def test_logout_revokes_and_forgets(cudo, home, provider, behind):
    cudo("auth login", at_terminal=True)
    outcome = cudo("auth logout")
    assert (outcome.code, outcome.err) == (0, f"Logged out (revoked at {provider.host}).\n")
    assert records(home) == []
    assert [form["token_type_hint"] for form in provider.forms("/revoke")] == [
        "refresh_token",
        "access_token",
    ]


def test_logout_without_the_provider_forgets_and_says_that_the_login_lives_on(cudo, home, provider, behind):
    cudo("auth login", at_terminal=True)
    provider.answers["/revoke"] = [(503, {}), (503, {})]
    outcome = cudo("auth logout")
    assert (outcome.code, outcome.err) == (
        0,
        f"Logged out here; could not revoke at {provider.host}: valid there until it expires.\n",
    )
    assert records(home) == []


def test_logout_of_all_contexts_says_what_became_of_each(cudo, home, provider, behind, sandbox):
    cudo("auth login", at_terminal=True)
    cudo("auth login --context spare --api-key -", sandbox.api_key, CUDO_API_URL=sandbox.url)
    outcome = cudo("auth logout --all")
    host = sandbox.url.removeprefix("http://")
    assert (outcome.code, outcome.err) == (
        0,
        (
            f"dev: Logged out (revoked at {provider.host}).\n"
            f"spare: Logged out here. The API key is good at {host} until you delete it there.\n"
        ),
    )
    assert records(home) == []


def test_api_key_for_a_context_with_a_login_server_is_refused(cudo, provider, behind):
    outcome = cudo("auth login --api-key -", KEY_CANARY)
    assert outcome.code == 2
    assert outcome.err == f"Context 'dev' logs in at {provider.url}: it takes no API key.\n"
    assert provider.requests == []


# In a shell that goes on


@pytest.fixture
def shell(environ: dict[str, str], behind: Sandbox) -> Iterator[Workspace]:
    """The workspace of a prompt that stays open."""
    with ExitStack() as stack:
        streams = open_streams(Terminal(), io.StringIO(), Terminal(), environ)
        yield main._workspace(parser().parse_args([]), streams, environ, stack, OPEN, is_interactive=True)


def at_prompt(work: Workspace, line: str) -> Outcome:
    work = with_streams(work, in_is_terminal=True, err_is_terminal=True)
    code = dispatch.run(shlex.split(line), work)
    return Outcome(code, written(work.streams.out), written(work.streams.err))


def test_logout_elsewhere_is_noticed_by_the_next_command(cudo, provider, shell):
    assert at_prompt(shell, "vm list -q").err == f"Nobody is logged in.\n{shown(provider)}"
    assert at_prompt(shell, "vm list -q").err == ""
    cudo("auth logout")
    assert at_prompt(shell, "vm list -q").err == f"Nobody is logged in.\n{shown(provider)}"


def test_calls_side_by_side_share_one_login(provider, shell):
    work = with_streams(shell, in_is_terminal=True, err_is_terminal=True)
    work.connection.begin(log_in=work.log_in)

    async def calls() -> int:
        return len(await asyncio.gather(*(work.session.vms.list_vms("demo") for _ in range(5))))

    assert work.connection.call(calls()) == 5
    assert written(work.streams.err) == f"Nobody is logged in.\n{shown(provider)}"
    assert provider.count("/device/auth") == 1


def test_login_and_logout_change_whose_listings_are_offered(provider, shell):
    seen = [shell.connection.generation]
    for line in ("login", "logout", "vm list -q"):
        assert at_prompt(shell, line).code == 0
        seen.append(shell.connection.generation)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("line", ["login", "vm list"])
def test_ctrl_c_during_a_login_gives_the_prompt_back(environ, home, provider, behind, line):
    provider.pending = 10_000
    program = str(Path(sys.executable).parent / "cudo")
    with Pty(program, **environ) as screen:
        screen.wait("dev/demo>")
        screen.type(f"{line}\r")
        screen.wait("and enter code    ABCD-EFGH")
        screen.type("\x03")
        screen.wait("Interrupted.")
        screen.type("exit\r")
        assert screen.exit_status() == 130
    assert records(home) == []


def test_login_leads_out_of_the_demonstration(environ, sandbox, home, key_file):
    with ExitStack() as stack:
        env = {**environ, "CUDO_API_URL": sandbox.url}
        streams = open_streams(Terminal(), io.StringIO(), Terminal(), env)
        work = main._workspace(parser().parse_args([]), streams, env, stack, OPEN, is_interactive=True)
        assert work.context == "sandbox"
        assert at_prompt(work, f"login --context work --api-key {key_file}").code == 0
        assert work.context == "work"
        assert json.loads(at_prompt(work, "whoami -o json").out)["keyFrom"] == "context work"


def test_completion_with_a_login_that_is_over_is_silent_and_quick(home, cudo, provider, shell):
    cudo("auth login", at_terminal=True)
    expire(home, with_refresh_token=False)
    flows = provider.count("/device/auth")
    started = time.monotonic()
    listing = shell.connection.submit(shell.session.vms.list_vms("demo"))
    with pytest.raises(LoginRequired):
        listing.result(5)
    assert time.monotonic() - started < 5
    assert provider.count("/device/auth") == flows
    assert isinstance(shell.streams.err, Terminal)
    assert shell.streams.err.getvalue() == ""


def test_listing_in_the_background_does_not_use_up_the_login_of_a_command(provider, shell):
    with pytest.raises(LoginRequired):
        shell.connection.submit(shell.session.vms.list_vms("demo")).result(5)
    assert at_prompt(shell, "vm list -q").code == 0


# Nothing leaks


def test_no_secret_is_in_any_output_or_file_but_its_record(cudo, home, provider, behind):
    said = [
        cudo("-v auth login", at_terminal=True),
        cudo("-v whoami"),
        cudo("-v vm list"),
    ]
    expire(home)
    said.append(cudo("-v vm list -o json"))
    expire(home)
    provider.answers["/token"] = [(400, {"error": "invalid_grant"}), (400, {"error": "access_denied"})]
    said.append(cudo("-v vm list", at_terminal=True))
    said.append(cudo("-v auth login --api-key -", KEY_CANARY))
    said.append(cudo("-v auth login --context spare --api-key -", KEY_CANARY, CUDO_API_URL=behind.url))
    said.append(cudo("-v vm list", CUDO_API_KEY=KEY_CANARY, CUDO_API_URL=behind.url))
    said.append(cudo("-v auth logout"))
    everything = "".join(f"{each.out}{each.err}" for each in said)
    files = [path.read_bytes() for path in home.rglob("*") if path.is_file() and path.suffix != ".json"]
    secrets = [*provider.secrets, KEY_CANARY]
    assert len(secrets) > 4
    assert [secret for secret in secrets if secret in everything] == []
    assert [secret for secret in secrets if any(secret.encode() in content for content in files)] == []
