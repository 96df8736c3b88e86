"""Recording at the prompt, in a real pseudo-terminal."""

from tests.shell.terminal import line_of

from cudo_sandbox import Sandbox


def test_recording_is_seen_under_the_prompt_and_ends_with_it(shell_at, tmp_path):
    path = tmp_path / "lab.cudo"
    with Sandbox(speed=1000) as sandbox:
        shell = shell_at(sandbox.url)
        shell.type(f"record start {path}\r")
        shell.wait(lambda terminal: "recording" in terminal.lines[-1])
        shell.type("for vm in db-1\rvm stop ${vm}\rend\r")
        shell.wait("VM 'db-1' stopped.")
        shell.wait(lambda terminal: line_of(terminal) == "")
        shell.type("vm terminate db-1 | cat\r")
        shell.wait("[y/N]")
        shell.type("y\r")
        shell.wait("VM 'db-1' deleted.")
        shell.type("exit\r")
        shell.wait(f"Recorded 2 lines: {path}")
    assert path.read_text().split("\n\n")[1:] == [
        'param project: project = demo "the project to work in"',
        "vm stop db-1 -p ${project}\nvm terminate db-1 --yes -p ${project}\n",
    ]
