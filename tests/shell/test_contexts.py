"""The file of contexts: what it may say, and that rewriting it loses nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from cudo_shell.contexts import Context, Contexts, checked_name, config_file, rewrite
from cudo_shell.exits import ConflictError, NotFoundError, UsageError

DEV = Context("dev", "http://127.0.0.1:8765", project="demo", protected=True)
ONE = Contexts({"dev": DEV}, "dev")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def test_file_is_where_the_variable_says_or_the_platform(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_file({"CUDO_CONFIG_DIR": "/etc/x"}) == Path("/etc/x/config.yaml")
    assert config_file({}) == tmp_path / ".config" / "cudo-shell" / "config.yaml"


def test_contexts_come_back_as_they_were_saved(file):
    login = Context(
        "sso",
        "https://api.test",
        "oidc",
        issuer="https://login.test",
        client_id="cudo",
        scopes=("openid", "email"),
        audience="https://api.test",
        ca_bundle="/etc/ca.pem",
        store="command",
        store_options={"command": ["/bin/keep", "it"]},
        billing_account="acme",
        output="json",
    )
    contexts = ONE.with_(login).using("sso")
    contexts.save(file)
    assert Contexts.read(file) == contexts


def test_saved_file_says_only_what_is_not_the_default(file):
    ONE.save(file)
    assert file.read_text() == (
        "current: dev\n"
        "contexts:\n"
        "  dev:\n"
        "    api_url: http://127.0.0.1:8765\n"
        "    auth: api_key\n"
        "    project: demo\n"
        "    protected: true\n"
    )


def test_keys_that_this_version_does_not_know_stay(file):
    file.write_text("later: {a: 1}\ncontexts:\n  dev: {api_url: 'https://a.test', region: north}\n")
    rewrite(file, lambda contexts: contexts.using("dev"))
    assert Contexts.read(file).other == {"later": {"a": 1}}
    assert "region: north" in file.read_text()


def test_issuer_and_client_make_it_a_login_of_a_provider(file):
    file.write_text("contexts:\n  a: {api_url: 'https://a.test', issuer: 'https://i.test', client_id: c}\n")
    assert Contexts.read(file).by_name["a"].auth == "oidc"


def test_settings_of_a_key_context_name_no_provider():
    settings = DEV._replace(issuer="https://i.test", client_id="c").settings()
    assert (settings.uses_issuer, settings.context, settings.api_url) == (False, "dev", DEV.api_url)


def test_other_scopes_are_another_record():
    """Idea 39 of the specification."""
    context = Context("dev", "https://a.test", "oidc", issuer="https://i.test", client_id="c")
    others = [
        context,
        context._replace(scopes=("openid",)),
        context._replace(client_id="d"),
        context._replace(audience="x"),
        context._replace(api_url="https://b.test"),
        context._replace(name="prod"),
    ]
    assert len({each.settings().record_name for each in others}) == len(others)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "CON",
        "con",
        "lpt9",
        "nul",
        "",
        "-x",
        "a" * 33,
        "a/b",
        "a b",
        "ä",
        "a\n",
        "sandbox",
        "live",
        "a.b",
    ],
)
def test_name_that_could_be_something_else_is_refused(name):
    """Idea 39 of the specification: names become files, and words of the prompt."""
    with pytest.raises(UsageError, match="cannot name a context"):
        checked_name(name)


@pytest.mark.parametrize("name", ["dev", "0", "a_b-c", "a" * 32, "console", "com0", "live-1"])
def test_other_names_are_fine(name):
    assert checked_name(name) == name


ONE_URL = "api_url: 'https://a.test'"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("contexts:\n  a: [\n", ", line 3: this is no YAML that can be read"),
        ("- a\n", ": the file must be a mapping of names to values"),
        ("contexts: [a]\n", ": contexts must be a mapping of names to values"),
        ("contexts:\n  a: text\n", ": contexts.a must be a mapping of names to values"),
        ("contexts:\n  ../x: {api_url: a}\n", ": contexts: '../x' cannot name a context"),
        ("contexts:\n  no: {api_url: a}\n", ": contexts: 'False' cannot name a context"),
        ("contexts:\n  a: {}\n", ": contexts.a.api_url is missing"),
        (
            f"contexts:\n  a: {{{ONE_URL}, project: 7}}\n",
            ": contexts.a.project must be text: put it in quotes",
        ),
        (f"contexts:\n  a: {{{ONE_URL}, protected: 'no'}}\n", ": contexts.a.protected must be true or false"),
        (f"contexts:\n  a: {{{ONE_URL}, scopes: [1]}}\n", ": contexts.a.scopes must be a list of words"),
        (f"contexts:\n  a: {{{ONE_URL}, auth: magic}}\n", ": contexts.a.auth must be api_key or oidc"),
        (f"contexts:\n  a: {{{ONE_URL}, auth: oidc}}\n", ": contexts.a: oidc needs issuer and client_id"),
        (
            f"contexts:\n  a: {{{ONE_URL}, output: pdf}}\n",
            ": contexts.a.output must be one of: table, json, jsonl, yaml, csv, tsv, ids",
        ),
        (
            f"contexts:\n  a: {{{ONE_URL}, store_options: x}}\n",
            ": contexts.a.store_options must be a mapping of names to values",
        ),
        ("current: 7\n", ": current must be text"),
    ],
)
def test_broken_file_is_one_clear_error(text, told, file):
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        Contexts.read(file)
    assert (str(caught.value), caught.value.hint) == (f"{file}{told}.", "Mend the file, or move it away.")


def test_empty_file_has_no_contexts(file):
    file.touch()
    assert Contexts.read(file) == Contexts()


def test_context_that_is_taken_away_is_no_longer_the_current_one():
    assert ONE.without("dev") == Contexts()
    with pytest.raises(NotFoundError, match="Context 'nope' not found"):
        ONE.without("nope")


def test_change_that_fails_leaves_the_file(file):
    ONE.save(file)
    before = file.read_bytes()

    def fail(_: Contexts) -> Contexts:
        raise ConflictError("no")

    with pytest.raises(ConflictError):
        rewrite(file, fail)
    assert file.read_bytes() == before


ADD = """\
import sys
from pathlib import Path
from cudo_shell.contexts import Context, rewrite
for number in range(10):
    name = f"{sys.argv[2]}{number}"
    rewrite(Path(sys.argv[1]), lambda known: known.with_(Context(name, "https://a.test")))
"""


def test_shells_that_change_it_at_once_lose_nothing(file):
    children = [subprocess.Popen([sys.executable, "-c", ADD, str(file), letter]) for letter in "abcd"]
    assert [child.wait(60) for child in children] == [0] * 4
    assert len(Contexts.read(file).names) == 40
    assert sorted(each.name for each in file.parent.iterdir()) == [".config.yaml.lock", "config.yaml"]
