"""Which credential wins, where it goes, and what has no say beside it."""

import pytest

import cudo_sdk.config
from cudo_shell.contexts import Context, Contexts
from cudo_shell.cudoctl import Cudoctl, CudoctlContext
from cudo_shell.exits import UsageError
from cudo_shell.settings import Setting
from cudo_shell.targets import DEFAULT_URL, Choice, Sources, host_or_live, resolve

DEV = Context("dev", "https://dev.test", project="dev-project", output="json")
PROD = Context("prod", "https://prod.test", protected=True)
BOTH = Contexts({"dev": DEV, "prod": PROD}, current="dev")
VENDOR = Cudoctl({"demo": CudoctlContext("demo", "demo-project", "acme", "cudoctl-key")}, "demo")
DOTENV = {"CUDO_API_KEY": "dotenv-key", "CUDO_API_URL": "https://dotenv.test"}
ALL = Sources({"CUDO_API_KEY": "env-key", "CUDO_API_URL": "https://env.test"}, DOTENV, BOTH, VENDOR)
NO_ENV = ALL._replace(environ={})


def outcome(choice: Choice, sources: Sources) -> tuple[str, str, str, str]:
    target = resolve(choice, sources)
    return target.name, target.api_url, target.source, target.api_key


def test_url_of_the_vendor_is_the_one_of_the_sdk():
    assert DEFAULT_URL == cudo_sdk.config.DEFAULT_URL


@pytest.mark.parametrize(
    ("choice", "sources", "expected"),
    [
        (Choice(sandbox=True), ALL, ("sandbox", "", "sandbox", "")),
        (Choice(api_key="given"), ALL, ("env.test", "https://env.test", "--api-key", "given")),
        (Choice(context="dev"), ALL, ("dev", "https://dev.test", "context dev", "")),
        (Choice(context="cudoctl/demo"), ALL, ("cudoctl/demo", DEFAULT_URL, "cudoctl/demo", "cudoctl-key")),
        (Choice(), ALL, ("env.test", "https://env.test", "CUDO_API_KEY", "env-key")),
        (Choice(), NO_ENV, ("dotenv.test", "https://dotenv.test", ".env", "dotenv-key")),
        (Choice(), Sources({}, {}, BOTH, VENDOR), ("dev", "https://dev.test", "context dev", "")),
        (
            Choice(),
            Sources({"CUDO_CONTEXT": "prod"}, {}, BOTH, VENDOR),
            ("prod", "https://prod.test", "context prod", ""),
        ),
        (
            Choice(),
            Sources({}, {}, Contexts(), VENDOR),
            ("cudoctl/demo", DEFAULT_URL, "cudoctl/demo", "cudoctl-key"),
        ),
        (Choice(), Sources(), ("live", DEFAULT_URL, "", "")),
    ],
    ids=[
        "sandbox",
        "api_key_option",
        "context_option",
        "cudoctl_option",
        "variable",
        "dotenv",
        "current",
        "context_variable",
        "cudoctl",
        "nothing",
    ],
)
def test_first_source_wins_whole(choice, sources, expected):
    assert outcome(choice, sources) == expected


def test_key_of_the_environment_never_goes_to_the_url_of_a_context():
    sources = Sources({"CUDO_API_KEY": "env-key"}, {}, BOTH)
    assert outcome(Choice(), sources) == ("live", DEFAULT_URL, "CUDO_API_KEY", "env-key")


def test_url_of_the_environment_never_takes_the_key_of_a_context():
    sources = Sources({"CUDO_API_URL": "https://evil.test"}, {}, BOTH)
    target = resolve(Choice(), sources)
    assert (target.api_url, target.kind, target.context) == ("https://dev.test", "stored", DEV)
    assert target.notes == ("CUDO_API_URL is ignored: context dev is for https://dev.test",)


def test_url_of_the_environment_never_takes_the_key_of_cudoctl():
    target = resolve(Choice(), Sources({"CUDO_API_URL": "https://evil.test"}, {}, Contexts(), VENDOR))
    assert (target.api_url, target.api_key) == (DEFAULT_URL, "cudoctl-key")
    assert target.notes == (f"CUDO_API_URL is ignored: cudoctl/demo is for {DEFAULT_URL}",)


def test_dotenv_that_wins_over_what_was_set_up_is_told():
    assert resolve(Choice(), NO_ENV).notes == (
        ".env of this folder has the key, for https://dotenv.test; context dev is not used",
    )
    assert resolve(Choice(), Sources(dotenv=DOTENV)).notes == ()


def test_project_that_dotenv_puts_in_place_of_the_context_s_is_told():
    dotenv = {"CUDO_PROJECT_ID": "theirs"}

    chosen, current = (
        resolve(choice, Sources(dotenv=dotenv, contexts=BOTH)) for choice in (Choice(context="dev"), Choice())
    )

    assert chosen.notes == ()
    assert current.values["project"] == Setting("theirs", ".env")
    assert current.notes == (
        ".env of this folder chooses project 'theirs', not 'dev-project' of context dev",
    )


@pytest.mark.parametrize(
    ("environ", "contexts"),
    [({"CUDO_API_KEY": "env-key"}, Contexts()), ({}, BOTH), ({}, Contexts())],
    ids=["variable", "context", "nothing"],
)
def test_url_of_dotenv_without_its_key_is_ignored(environ, contexts):
    """Idea 33 of the specification: a cloned folder must not redirect a key."""
    dotenv = {"CUDO_API_URL": "https://evil.test"}
    target = resolve(Choice(), Sources(environ, dotenv, contexts))
    assert target.api_url in {DEFAULT_URL, DEV.api_url}
    assert target.notes == ("CUDO_API_URL in .env is ignored: the API key does not come from there",)


def test_note_about_dotenv_is_the_one_of_the_sdk():
    target = resolve(Choice(), Sources({}, {"CUDO_API_URL": "https://evil.test"}))
    assert target.notes == (cudo_sdk.config.URL_IGNORED,)


def test_dotenv_names_no_context():
    target = resolve(Choice(), Sources({}, {"CUDO_CONTEXT": "prod", "CUDO_SANDBOX": "1"}, BOTH))
    assert target.name == "dev"
    assert target.notes == ("CUDO_CONTEXT in .env is ignored: a folder does not choose who you are",)


def test_shadowed_are_the_sources_that_could_have_won():
    assert resolve(Choice(), ALL).shadowed == (".env", "context dev", "cudoctl/demo")
    assert resolve(Choice(context="dev"), ALL).shadowed == ("CUDO_API_KEY", ".env", "cudoctl/demo")
    assert resolve(Choice(), Sources()).shadowed == ()


def test_context_of_this_shell_outranks_the_environment_and_the_current_one_does_not():
    environ = {"CUDO_PROJECT_ID": "env-project"}
    chosen = resolve(Choice(context="dev"), Sources(environ, {"CUDO_PROJECT_ID": "d"}, BOTH))
    current = resolve(Choice(), Sources(environ, {"CUDO_PROJECT_ID": "d"}, BOTH))
    of_dev = {"project": Setting("dev-project", "context dev"), "output": Setting("json", "context dev")}
    assert (chosen.above, chosen.below) == (of_dev, {"project": Setting("d", ".env")})
    assert (current.above, current.below) == ({}, {**of_dev, "project": Setting("d", ".env")})


def test_sandbox_has_its_own_project_and_nothing_of_dotenv():
    target = resolve(Choice(sandbox=True), Sources({}, {"CUDO_PROJECT_ID": "d", "CUDO_API_URL": "x"}))
    assert target.values == {"project": Setting("demo", "sandbox")}
    assert target.notes == ()


def test_sandbox_variable_yields_to_a_context_that_was_named():
    sources = Sources({"CUDO_SANDBOX": "1", "CUDO_API_KEY": "k"}, {}, BOTH)
    assert resolve(Choice(), sources).kind == "sandbox"
    assert resolve(Choice(context="dev"), sources).name == "dev"


def test_current_context_is_the_one_of_the_start_of_the_shell():
    """Another shell's `context use` never moves this one."""
    moved = Sources({}, {}, BOTH._replace(current="prod"))
    assert resolve(Choice(current="dev"), moved).name == "dev"
    assert resolve(Choice(current=""), moved).kind == "none"


@pytest.mark.parametrize(
    "choice",
    [
        Choice(sandbox=True, context="dev"),
        Choice(sandbox=True, api_key="k"),
        Choice(api_key="", context="dev"),
    ],
    ids=["sandbox_and_context", "sandbox_and_key", "key_and_context"],
)
def test_two_answers_to_where_are_refused(choice):
    with pytest.raises(UsageError, match="exclude each other"):
        resolve(choice, ALL)


def test_named_context_that_is_not_there_is_an_error_at_once():
    with pytest.raises(UsageError, match="There is no context 'nope'"):
        resolve(Choice(context="nope"), ALL)


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        (
            Sources({"CUDO_CONTEXT": "nope"}, {}, BOTH, VENDOR),
            "There is no context 'nope' (from CUDO_CONTEXT).",
        ),
        (Sources({}, {}, Contexts({}, "gone"), VENDOR), "There is no context 'gone'."),
    ],
    ids=["variable", "current"],
)
def test_selected_context_that_is_not_there_gives_no_other_credential(sources, problem):
    """The commands that mend it still run, so it is no error yet; but nothing else takes its place."""
    target = resolve(Choice(), sources)
    assert (target.kind, target.problem, target.api_key) == ("none", problem, "")


def test_cudoctl_context_variable_selects_in_that_file_alone():
    two = Cudoctl({**VENDOR.contexts, "two": CudoctlContext("two", api_key="key-2")}, "demo")
    sources = Sources({"CUDOCTL_CONTEXT": "two"}, {}, Contexts(), two)
    assert resolve(Choice(), sources).api_key == "key-2"
    assert resolve(Choice(), sources._replace(contexts=BOTH)).name == "dev"
    missing = resolve(Choice(), Sources({"CUDOCTL_CONTEXT": "nope"}, {}, Contexts(), two))
    assert (missing.kind, missing.notes) == (
        "none",
        ("cudoctl has no context 'nope' (from CUDOCTL_CONTEXT)",),
    )


def test_what_is_wrong_with_cudoctls_file_is_told_only_where_it_matters():
    broken = Cudoctl(notes=("cudoctl's contexts are left out: because",))
    assert resolve(Choice(), Sources({}, {}, Contexts(), broken)).notes == broken.notes
    assert resolve(Choice(), Sources({"CUDO_API_KEY": "k"}, {}, Contexts(), broken)).notes == ()


def test_protected_is_the_context_and_not_the_key():
    assert resolve(Choice(context="prod"), ALL).is_protected
    assert not resolve(
        Choice(), ALL._replace(environ={"CUDO_API_KEY": "k", "CUDO_CONTEXT": "prod"})
    ).is_protected


def test_no_key_is_in_a_repr():
    for choice in (Choice(), Choice(api_key="given-key"), Choice(context="cudoctl/demo")):
        text = repr(resolve(choice, ALL)) + repr(ALL)
        assert not any(key in text for key in ("env-key", "dotenv-key", "cudoctl-key", "given-key"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("", "live"),
        ("https://rest.compute.cudo.org/", "live"),
        ("http://127.0.0.1:8765", "127.0.0.1:8765"),
        ("https://u:p@rest.compute.cudo.org.evil.test", "rest.compute.cudo.org.evil.test"),
        ("https://a\x1b[31mb", "ab"),
    ],
)
def test_live_is_said_of_the_vendor_alone(url, name):
    assert host_or_live(url) == name
