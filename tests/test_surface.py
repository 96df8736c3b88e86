"""The public surface: what a user may import, and what an import costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cudo_sdk
import cudo_sdk.auth

PROMPT = {"cmd2", "prompt_toolkit"}
HEAVY = {
    "filelock",
    "httpx",
    "joserfc",
    "pydantic",
    *PROMPT,
    "rich",
    "starlette",
    "uvicorn",
    "pygments",
    "yaml",
}


def loaded(code: str) -> set[str]:
    """The heavy modules that a fresh interpreter has loaded after running some code."""
    probe = f"import sys\n{code}\nsys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split()) & HEAVY


def test_public_names_are_these_and_each_is_there():
    assert cudo_sdk.__all__ == sorted(cudo_sdk.__all__, key=_as_ruff_sorts)
    assert [name for name in cudo_sdk.__all__ if not hasattr(cudo_sdk, name)] == []
    assert dir(cudo_sdk) == sorted(cudo_sdk.__all__)
    with pytest.raises(AttributeError, match="no attribute 'VMManager'"):
        cudo_sdk.VMManager  # noqa: B018  # the access is the test


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """SCREAMING_CASE, then CamelCase, then the rest."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_every_error_is_public():
    from cudo_sdk import errors

    classes = {name for name, value in vars(errors).items() if isinstance(value, type)}
    ours = {name for name in classes if issubclass(getattr(errors, name), errors.CudoError)}

    assert ours <= set(cudo_sdk.__all__)


def test_importing_a_package_costs_nothing():
    assert loaded("import cudo_sdk, cudo_sandbox, cudo_completions, cudo_shell") == set()


def test_session_needs_no_terminal_library():
    code = "from cudo_sdk import Session, AsyncSession\nSession(api_key='k').vms"

    assert loaded(code) == {"httpx", "pydantic"}


def test_login_that_is_there_needs_no_cryptography_and_no_lock():
    code = (
        "from pathlib import Path\n"
        "from cudo_sdk import LoginRequired, Session\n"
        "from cudo_sdk.auth import Provider, Settings, TokenSource, open_vault\n"
        "where = {'api_url': 'https://a.example', 'issuer': 'https://b.example'}\n"
        "settings = Settings(context='dev', client_id='c', **where)\n"
        "source = TokenSource(open_vault(settings, Path('state')), Provider(settings))\n"
        "try: Session(credential=source).vms.list_vms('demo')\n"
        "except LoginRequired: pass\n"
    )

    assert loaded(code) == {"httpx", "pydantic"}


def test_public_names_of_auth_are_these_and_each_is_there():
    assert cudo_sdk.auth.__all__ == sorted(cudo_sdk.auth.__all__, key=_as_ruff_sorts)
    assert [name for name in cudo_sdk.auth.__all__ if not hasattr(cudo_sdk.auth, name)] == []
    assert dir(cudo_sdk.auth) == sorted(cudo_sdk.auth.__all__)


def test_help_of_the_program_loads_neither_sdk_nor_prompt():
    code = (
        "import io, os\n"
        "from cudo_shell.main import main\n"
        "assert main(['--help'], io.StringIO(), io.StringIO(), io.StringIO(), {}) == 0\n"
    )

    assert loaded(code) == set()


@pytest.mark.parametrize("options", [["--check"], []], ids=["check", "run"])
def test_script_without_results_loads_neither_sdk_nor_prompt(options: list[str]):
    words = [*options, "-e", "if ${status == `0`}", "echo hello", "end"]
    code = (
        "import io, os\n"
        "from cudo_shell.main import main\n"
        f"assert main({words}, io.StringIO(), io.StringIO(), io.StringIO(), {{}}) == 0\n"
    )

    assert loaded(code) <= {"yaml"}  # contexts are kept in it
