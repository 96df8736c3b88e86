"""The vendor's own file: read as it is, never written, never executed, never repeated."""

import os
from pathlib import Path

import pytest

from cudo_shell.cudoctl import Cudoctl, CudoctlContext, cudoctl_file, read_cudoctl

GOOD = """\
configVersion: v0
keys: [{name: laptop, key: canary-0123}, {name: spare, key: canary-4567}]
contexts:
  - {name: demo, key: laptop, billing-account: acme, project: demo-project}
  - {name: other, key: gone}
current-context: demo
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = cudoctl_file({"HOME": str(tmp_path)})
    path.parent.mkdir(parents=True)
    return path


def test_file_is_where_cudoctl_puts_it(tmp_path):
    assert cudoctl_file({"HOME": str(tmp_path)}) == tmp_path / ".config" / "cudo" / "cudo.yml"


def test_contexts_and_keys_are_read_as_they_are(file):
    file.write_text(GOOD)
    demo = CudoctlContext("demo", "demo-project", "acme", "canary-0123")
    note = f"cudoctl/other is left out: its key is not in {file}"
    assert read_cudoctl(file) == Cudoctl({"demo": demo, "other": CudoctlContext("other")}, "demo", (note,))


def test_no_file_is_no_context_and_no_note(file):
    assert read_cudoctl(file) == Cudoctl()


def test_key_is_in_no_repr(file):
    file.write_text(GOOD)
    assert "canary" not in repr(read_cudoctl(file))


ODD = {
    "newer": "configVersion: v1\nkeys: [{name: k, key: canary-1}]\n",
    "no_version": "keys: [{name: k, key: canary-1}]\n",
    "empty": "",
    "list": "- canary-1\n",
    "text": "canary-1",
    "broken": "configVersion: v0\nkeys: [{name: k, key: canary-1\n",
    "object": "!!python/object/apply:os.mkdir ['{mark}']\n",
    "deep": "[" * 50_000,
    "huge": "configVersion: v0\nkeys: canary-1\n#" + "x" * 300_000,
    "no_names": "configVersion: v0\nkeys: [{key: canary-1}, 7]\ncontexts: [{key: k}]\ncurrent-context: [1]\n",
    "wrong_kinds": "configVersion: v0\nkeys: 7\ncontexts: {a: 1}\n",
    "key_no_text": "configVersion: v0\nkeys: [{name: k, key: 7}]\ncontexts: [{name: a, key: k}]\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_file_gives_no_credential_and_stays_as_it_is(text, file, tmp_path):
    content = text.replace("{mark}", str(tmp_path / "executed")).encode()
    file.write_bytes(content)
    found = read_cudoctl(file)
    assert not any(context.api_key for context in found.contexts.values())
    assert file.read_bytes() == content
    assert not (tmp_path / "executed").exists()
    assert "canary" not in repr(found)


def test_broken_file_is_told_by_its_line(file):
    file.write_text(ODD["broken"])
    assert read_cudoctl(file).notes == (
        f"cudoctl's contexts are left out: {file}, line 3: this is no YAML that can be read",
    )


def test_other_version_is_told(file):
    file.write_text(ODD["newer"])
    assert read_cudoctl(file).notes == (f"cudoctl's contexts are left out: {file} is not of version v0",)


def test_pipe_in_its_place_does_not_hold_up_the_start(file):
    os.mkfifo(file)
    assert read_cudoctl(file).notes == (f"cudoctl's contexts are left out: {file} is not a file",)
