"""What the last word of a line may become, from real parsers and listings that a test has filled."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from cudo_completions.cache import STALE, Listings
from cudo_completions.candidates import Candidate
from cudo_completions.listing import Scope
from cudo_completions.ranking import LIMIT
from cudo_shell.completer import LineCompleter
from cudo_shell.completion import keep_fresh
from cudo_shell.offering import LINES, Offering

NOBODY: Any = None  # the session of sources that ask nobody
SCOPE = Scope("https://one.test", "f1", "demo")


class Prompt:
    """Listings of VMs and projects, a history, and what is offered from them."""

    def __init__(self) -> None:
        self.now = 7.0
        self.lines: list[str] = []
        self.asked: list[str] = []
        self.vms = ["web-1", "web-2", "db-1"]
        self.waiting: list[Coroutine[Any, Any, None]] = []
        self.listings = Listings(
            submit=self.submit,
            session=lambda: NOBODY,
            sources={"vms": self.list_vms},
            clock=lambda: self.now,
        )
        self.offer = Offering(
            listings=lambda: (self.listings, SCOPE),
            commands=lambda: [Candidate("vm"), Candidate("disk")],
            lines=lambda: self.lines,
            rows=lambda kind, typed: [Candidate(f"{typed}1", f"a row of {kind}")],
        )

    def submit(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        self.waiting.append(work)
        return Future()

    async def list_vms(self, _session: object, project: str) -> list[Candidate]:
        self.asked.append(project)
        return [Candidate(name) for name in self.vms]

    def land(self) -> None:
        for work in self.waiting:
            asyncio.run(work)
        self.waiting = []

    def texts(self, *words: str) -> list[str]:
        return [each.text for each in self.offer(words).candidates]


@pytest.fixture
def prompt() -> Iterator[Prompt]:
    made = Prompt()
    made.offer(["vm", "get", ""])
    made.land()
    yield made
    for work in made.waiting:
        work.close()


def test_first_word_is_a_command_also_behind_help(prompt):
    assert prompt.texts("v") == ["vm"]
    assert prompt.texts("help", "") == ["disk", "vm"]
    assert prompt.texts("d")[0] == "disk"
    assert "get" in prompt.texts("help", "vm", "g")
    assert prompt.texts("nosuch", "x") == []


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (["t"], ["timeout", "try"]),
        (["try", ""], ["disk", "let", "retry", "source", "vm"]),
        (["let", "x", "=", ""], ["disk", "vm"]),
        (["retry", "3", "every", "5s", ""], ["disk", "let", "source", "vm"]),
        (["!", "vm", "ge"], ["get"]),
        (["defer", "vm", "get", "w"], ["web-1", "web-2"]),
        (["for", "x", ""], ["in"]),
        (["for", "x", "in", ""], []),
        (["echo", "vm", ""], []),
    ],
)
def test_statement_of_the_language_is_completed(prompt, words, texts):
    assert prompt.texts(*words)[: len(texts) or 1] == texts  # then those that have the letters elsewhere


def test_file_is_offered_behind_source(prompt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deploy.cudo").touch()

    assert (prompt.texts("source", "de"), prompt.texts("try", "source", "")) == (["deploy.cudo"],) * 2


def test_parameters_of_a_script_are_offered_behind_source(prompt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.cudo").write_text("param region = a\nparam size: choice(small, big)\nparam one: vm\n")

    assert prompt.texts("source", "x.cudo", "reg") == ["region="]
    assert prompt.texts("try", "source", "x.cudo", "region=b", "") == ["one=", "size="]
    assert prompt.texts("source", "x.cudo", "size=b")[0] == "big"
    assert prompt.texts("source", "x.cudo", "one=w") == ["web-1", "web-2"]


@pytest.mark.parametrize(
    "line",
    [
        "vm get web-2",
        "try vm get ${x} web-2",
        "for x in a\n  vm get web-2\nend",
        "disk attach data-1 --vm=web-2",
        "vm get 'web-2' > web-1",
        "vm get web-2 # web-1",
        "web-1 web-1",
    ],
)
def test_name_in_a_line_before_comes_first(prompt, line):
    prompt.lines = [line, "vm get web-2"]

    assert prompt.texts("vm", "get", "") == ["web-2", "db-1", "web-1"]


def test_last_line_counts_most_and_old_ones_do_not_count(prompt):
    prompt.lines = ["vm get web-2", "vm get web-1"]
    assert prompt.texts("vm", "get", "") == ["web-2", "web-1", "db-1"]
    prompt.lines = ["vm count"] * LINES + ["vm get web-2"]
    assert prompt.texts("vm", "get", "") == ["db-1", "web-1", "web-2"]


def test_new_line_of_the_history_counts_at_once(prompt):
    prompt.lines = ["vm get web-1"]
    assert prompt.texts("vm", "get", "w") == ["web-1", "web-2"]
    prompt.lines = ["vm get web-2", "vm get web-1"]
    assert prompt.texts("vm", "get", "w") == ["web-2", "web-1"]


def test_row_is_offered_where_a_thing_is_wanted_behind_an_at_sign(prompt):
    (row,) = prompt.offer(["vm", "get", "@"]).candidates

    assert (row.text, row.hint) == ("@1", "a row of vms")
    assert "@1" not in prompt.texts("vm", "list", "--limit", "@")


def test_tab_among_a_hundred_thousand_builds_the_rows_that_are_shown(prompt):
    prompt.vms = [f"vm-{number:06d}" for number in range(100_000)]
    prompt.now += STALE
    prompt.offer(["vm", "get", ""])
    prompt.land()
    completer = LineCompleter(prompt.offer, lambda *_: None)
    asked = CompleteEvent(completion_requested=True)
    offer = prompt.offer(["vm", "get", "vm-0"])

    assert len([*completer.get_completions(Document("vm get vm-0"), asked)]) == LIMIT
    assert (len(offer.candidates), offer.more) == (LIMIT, 100_000 - LIMIT)
    assert prompt.asked == ["demo", "demo"]


def test_listing_in_use_stays_fresh_while_a_prompt_waits_and_no_longer(prompt):
    async def wait_at_the_prompt() -> None:
        task = asyncio.create_task(keep_fresh(lambda: prompt.listings, every=0))
        for _ in range(20):
            await asyncio.sleep(0)
        assert prompt.waiting == []
        prompt.now += STALE
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(wait_at_the_prompt())
    assert len(prompt.waiting) == 1
    prompt.land()
    prompt.now += STALE
    assert prompt.waiting == []
