"""What is handed out: the wheel holds our four packages and nothing else, and is built from the sdist."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = {"cudo_sdk", "cudo_sandbox", "cudo_completions", "cudo_shell"}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist and the wheel built from it, without a network."""
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(PROJECT)]
    subprocess.run(build, check=True, capture_output=True)
    return out


def test_wheel_holds_the_four_packages_and_their_type_markers(dist: Path):
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        names = wheel.namelist()

    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_wheel_holds_every_module_of_the_tree(dist: Path):
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if name.endswith(".py")}

    rooms = [PROJECT / room for room in ("sdk", "completions", "shell")]
    modules = {str(path.relative_to(room)) for room in rooms for path in room.rglob("*.py")}
    assert packed == modules


def test_wheel_tells_pygments_of_our_lexer(dist: Path):
    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
        told = ConfigParser()
        told.read_string(wheel.read(name).decode())

    ((_, target),) = told.items("pygments.lexers")
    found = EntryPoint("cudo", target, "pygments.lexers").load()
    assert (found.name, found.filenames) == ("cudo", ["*.cudo"])


def test_sdist_has_sources_and_tests_and_no_caches(dist: Path):
    with tarfile.open(next(dist.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    assert {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "Makefile",
        "tests/conftest.py",
        "examples/tour.cudo",
    } <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith(".venv")]


def test_lowest_versions_are_the_lower_bounds():
    """tests/constraints-lowest.txt is what `make test-lowest` installs."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    lines = (PROJECT / "tests/constraints-lowest.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)

    bounds = dict(_lower_bound(requirement) for requirement in project["dependencies"])

    assert {name: version[: len(bounds[name])] for name, version in pinned.items()} == bounds


def _lower_bound(requirement: str) -> tuple[str, str]:
    from packaging.requirements import Requirement

    parsed = Requirement(requirement)
    return parsed.name, next(each.version for each in parsed.specifier if each.operator in {">=", "~="})
