"""SSH keys from the command line."""

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWmEO0vUYWs2R8uGMPzUnWCwxyXNPxPnvS5lOBLqGPx ada@example"


def test_key_comes_from_a_file_or_the_line(run, tmp_path):
    (tmp_path / "id.pub").write_text(f"{KEY}\n")
    created = run("ssh-key create @id.pub -q")
    assert created.code == 0
    assert run(f"ssh-key get {created.out.strip()} --columns comment,type -o csv").out == (
        "comment,type\nada@example,ssh-ed25519\n"
    )
    assert run(f"ssh-key create '{KEY}'").code == 5


def test_delete_asks_with_the_name(run):
    [key] = run("ssh-key list -q").out.split()
    outcome = run(f"ssh-key delete {key}")
    assert outcome.code == 8
    assert outcome.err.startswith(f"Not done, nobody could be asked: Delete SSH key '{key}'?\n")
    assert run(f"ssh-key delete {key} --yes").code == 0
    assert run("ssh-key list -q").out == ""


def test_file_that_is_not_there_is_named(run):
    assert run("ssh-key create @absent.pub").err == "Cannot read 'absent.pub': No such file or directory.\n"
