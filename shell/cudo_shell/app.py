"""The prompt: cmd2 edits the line and completes it, `dispatch` runs its words."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import FrameType
from typing import Any

import cmd2
from cmd2 import Statement
from cmd2.exceptions import RedirectionError, SkipPostcommandHooks
from cmd2.plugin import PostparsingData
from cmd2.string_utils import strip_quotes
from cmd2.utils import RedirectionSavedState
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.shortcuts import CompleteStyle
from rich.cells import cell_len
from rich.text import Text

from cudo_completions.cache import Listings
from cudo_completions.candidates import Candidate
from cudo_completions.listing import Scope
from cudo_completions.sources import SOURCES, Source
from cudo_shell import asking, dispatch
from cudo_shell.blocks import commands_in
from cudo_shell.commands import KEYWORDS, NOUNS, WORDS
from cudo_shell.commands.help import help_text
from cudo_shell.completer import LineCompleter
from cudo_shell.completion import Tab, keep_fresh
from cudo_shell.corrections import corrected, destroys, with_line
from cudo_shell.ctrl_c import CtrlC
from cudo_shell.drafts import begin_with
from cudo_shell.editing import choose_mode, continuation, keys_for, question_about, set_up
from cudo_shell.exits import ExitCode, Failure, RefusedError, UsageError
from cudo_shell.expressions import offered_names
from cudo_shell.failures import explain
from cudo_shell.grammars import file_names, kinds_for
from cudo_shell.habits import habit_in
from cudo_shell.history import PrivateHistory
from cudo_shell.lexer import LineLexer, Vocabulary
from cudo_shell.line_parser import LineParser
from cudo_shell.offering import Offering
from cudo_shell.output.clean import clean, notice
from cudo_shell.pipes import status_of, why_ended, with_pipefail
from cudo_shell.prompt import prompt_for
from cudo_shell.quoting import pieces, without_redirection, words_of
from cudo_shell.references import offered_rows
from cudo_shell.rows import Rows
from cudo_shell.scripts.quantities import exit_code_of
from cudo_shell.scripts.recorder import PromptRecording
from cudo_shell.scripts.runner import Language
from cudo_shell.scripts.words import params_of
from cudo_shell.secrets_in_lines import holds_secret
from cudo_shell.suggestions import HarmlessSuggestions
from cudo_shell.surroundings import Surroundings
from cudo_shell.word_help import help_at
from cudo_shell.workspace import Workspace

# They reach around us: to a shell, an editor, scripts with other rules, or a second name for a command.
_REMOVED = (
    "_relative_run_script",
    "alias",
    "edit",
    "macro",
    "run_pyscript",
    "run_script",
    "set",
    "shell",
    "shortcuts",
)
_REDRAW = 0.5  # seconds
_DIGITS = 9  # of the number of a line; no history is longer
_SHOWN = 100  # lines of the history without a text to search for
_OWN = {
    "history": """\
The lines typed before, in all shells on this computer, each with its number:
  history            the last 100
  history TEXT       those that contain a text
  history run N      put line N into the next prompt, where Enter runs it
""",
    "exit": "Leave, with the status of the last command, or with N: exit, or exit N\n",
    "quit": "The same as exit.\n",
}
_HELP = {**{word: help_text([word]) for word in KEYWORDS}, **_OWN}


class CudoShell(cmd2.Cmd):
    """The interactive shell.

    `sources` says where the listings that are offered come from, `history` where lines are kept. `cmdloop()`
    returns the exit status of the session.
    """

    def __init__(
        self,
        work: Workspace,
        *,
        history: Path | None = None,
        intro: str = "",
        sources: Mapping[str, Source] = SOURCES,
    ) -> None:
        super().__init__(
            stdin=work.streams.stdin,
            stdout=work.streams.out,
            allow_cli_args=False,
            allow_clipboard=False,
            auto_suggest=False,  # ours instead, that never bring back a line that destroys
            complete_in_thread=False,
            enable_bottom_toolbar=True,
            intro=intro,
            refresh_interval=0.0 if work.environ.get("ACCESSIBLE") else _REDRAW,
        )
        self.status: int = ExitCode.OK  # of the last command
        self._work = work
        work.rows = Rows()
        work.recording = PromptRecording()
        self._sources = sources
        self._listings = self._new_listings()
        self._generation = work.connection.generation
        self._tab = Tab(lambda: self.main_session)
        self._lines = PrivateHistory(history)
        self._language = Language()
        self._lexer = LineLexer(self._vocabulary(), has_color=work.streams.out_has_color)
        self._draft = ""  # what the next prompt begins with
        self._is_offered = False  # the draft, for what is typed to take its place
        self._around = self._surroundings()
        self._has_run = False  # a command, since the last prompt
        self._ctrl_c = CtrlC()
        self._connect()

    def _connect(self) -> None:
        for name in _REMOVED:  # here, for cmd2 needs some of them while it starts
            setattr(self, f"do_{name}", None)
        self.remove_settable("debug")  # else an error tells people to `set` it
        self.register_postparsing_hook(self._demand_unlocked)
        self.allow_redirection = not self._work.lock.is_on  # else Tab would show files and programs
        self.statement_parser = LineParser(terminators=[], shortcuts={"?": "help"})
        self.hidden_commands.append("quit")  # the same as exit
        session = self.main_session
        session.enable_suspend = not self._work.lock.is_on  # whatever started us may be a shell
        session.prompt_continuation = continuation
        session.complete_style = CompleteStyle.COLUMN  # that of several columns has no room for hints
        session.completer = LineCompleter(
            self._offering(),
            self._tab.offer,
            file_names(lock=self._work.lock),
            lambda expression: offered_names(expression, self._language.variables),
        )
        session.complete_while_typing = Condition(self._is_completing_as_typed)
        session.history = session.default_buffer.history = self._lines
        keys = KeyBindings()
        keys.add("tab")(self._tab.pressed)
        others = keys_for(lambda line, cursor: help_at(line, cursor, dispatch.parser_for, _HELP))
        session.key_bindings = merge_key_bindings([session.key_bindings or KeyBindings(), keys, others])
        set_up(
            session,
            lexer=self._lexer,
            suggestions=HarmlessSuggestions(lambda: self._lines.newest_first),
            is_suggesting=self._is_suggesting,
        )
        self._show_place()
        self._forget_kept, self._work.on_write = self._work.on_write, self._wrote
        self._work.on_started = self._around.started

    def _wrote(self, *kinds: str) -> None:
        self._forget_kept(*kinds)  # for Tab in front of `cudo`
        self._listings.invalidate(kinds, self._scope)
        self._around.wrote()

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            self._work,
            tell=self._tell,
            redraw=self.main_session.app.invalidate,
            listings_age=lambda: self._listings.oldest(self._scope),
        )

    def _tell(self, text: str, is_bad: bool) -> None:
        """Show something above the prompt, from any thread, and have the terminal draw attention to it."""
        self.add_alert(msg=Text(text, style="red" if is_bad else ""))
        loop = self.main_session.app.loop
        if loop is not None:  # else the next prompt does it
            with contextlib.suppress(RuntimeError):  # the line was entered this very moment
                loop.call_soon_threadsafe(lambda: self._signal(self._around.signals()))

    def _signal(self, codes: str) -> None:
        """Tell the terminal something that is no text; at a prompt, in its thread."""
        if codes:
            output = self.main_session.app.output
            output.write_raw(codes)
            output.flush()

    def _new_listings(self) -> Listings:
        connection = self._work.connection
        listings = Listings(
            submit=connection.submit,
            session=lambda: connection.session,
            sources=self._sources,
            is_live=lambda: self._work.settings["completion_live"] != "no",
        )
        listings.on_change = self._listing_came
        return listings

    def _listing_came(self, _kind: str) -> None:
        """Show it, from any thread: in the menu, and in the colors of the line."""
        self._tab.changed()
        self._lexer.outdated()
        self.main_session.app.invalidate()

    def _vocabulary(self) -> Vocabulary:
        def knows(kind: str, project: str, name: str) -> bool:
            return self._listings.knows(kind, self._scope._replace(project=project or self._project), name)

        words = {**NOUNS, **WORDS}
        aliases = (alias for noun in words.values() for alias in noun.aliases)
        return Vocabulary(frozenset({*words, *aliases}), frozenset(_OWN), cache(dispatch.parser_for), knows)

    # Commands

    def onecmd_plus_hooks(self, line: str, **options: Any) -> bool:
        """Run a command; of a text with several commands, each, once the person has agreed."""
        self._signal(self._around.begin_output())
        self._has_run = True
        lines = commands_in(line) if "\n" in line else [line]
        if len(lines) < 2:  # noqa: PLR2004  # one, or a text without any
            return self._run_one("".join(lines), **options)
        return self._may_run(lines) and self._run_all(lines)

    def _run_one(self, line: str, **options: Any) -> bool:
        habit = habit_in(line)
        if habit is None:
            return super().onecmd_plus_hooks(line, **options)
        self.status = dispatch.tell(self._offer(line, habit.meant, explain(habit.error)), self._work)
        return False

    def _may_run(self, lines: Sequence[str]) -> bool:
        if self._work.settings["confirm_paste"] == "no":
            return True
        question = question_about(lines)
        try:
            self._ctrl_c.run(lambda: asking.confirm(question, self._work.streams, may_ask=self._work.may_ask))
        except (RefusedError, KeyboardInterrupt):
            self._give_back(lines, "Nothing was run.")
            return False
        return True

    def _run_all(self, lines: Sequence[str]) -> bool:
        """Run lines one after the other until one fails; whether that was the end of the session."""
        for number, line in enumerate(lines, 1):
            if self._ctrl_c.was_noted:
                self.status = ExitCode.INTERRUPTED
                self._give_back(lines[number - 1 :], "Interrupted.")
                break
            self._lines.append_string(line)
            self.poutput(self._as_typed(line))
            self.status = ExitCode.INTERRUPTED  # unless it comes to an end of its own
            if self._run_one(line):
                return True
            if self.status and lines[number:]:
                self._give_back(lines[number:], "That failed.")
                break
        return False

    def _as_typed(self, command: str) -> str:
        """What a command looks like at the prompt."""
        first, *others = map(clean, command.split("\n"))
        before = continuation(cell_len(self.visible_prompt), 1, 0)
        return "\n".join([f"{self.prompt}{first}", *(f"{before}{line}" for line in others)])

    def _give_back(self, lines: Sequence[str], why: str) -> None:
        self._draft, self._is_offered = "\n".join(lines), True
        self._lines.remember_unrun(self._draft)
        self._work.say(f"{why} What was not run is at the prompt; Ctrl-C drops it.")

    def run(self, statement: Statement) -> bool:
        """Run a statement of the language, with the output to wherever cmd2 redirected it.

        Returns whether that is the end of the shell: a signal to end has come meanwhile.
        """
        line: str = statement.raw
        text = line if "\n" in line else without_redirection(line)
        words = [piece.word for piece in pieces(text)]
        if words[:1] == ["help"] and len(words) > 1 and words[1] in _OWN:
            self.poutput(_OWN[words[1]], end="")
            self.status = ExitCode.OK
            return False
        work = self._work.writing_to(self.stdout)
        work.advise = lambda failure: self._advise(line, failure)
        before = int(self.status)
        try:
            self.status = self._ctrl_c.run(lambda: self._language.run(text, work, before))
        except BrokenPipeError:  # the reader has seen enough, as `head` does
            self.status = ExitCode.CLOSED_PIPE
        except KeyboardInterrupt as error:  # in its first or last moment; else the command has told of it
            self.status = dispatch.tell(explain(error), self._work)
        self._show_place()
        is_ended = self.status in {ExitCode.TERMINATED, ExitCode.HUNG_UP}
        self.exit_code = self.status if is_ended else self.exit_code
        return is_ended

    def _advise(self, line: str, failure: Failure) -> Failure:
        """Offer the corrected line at the next prompt, or a block to be edited; one that destroys is told."""
        return self._offer(line, corrected(line, failure.instead), failure)

    def _offer(self, line: str, meant: str, failure: Failure) -> Failure:
        if holds_secret(line):
            return failure
        if destroys(meant):
            return with_line(failure, meant)
        self._draft, self._is_offered = meant, "\n" not in line
        return failure

    def default(self, statement: Statement) -> bool:
        """Another name of a noun, or a word that dispatch knows how to refuse."""
        return self.run(statement)

    def do_history(self, statement: Statement) -> None:  # type: ignore[override]  # cmd2's own parses its words
        """The lines typed before, or those that contain a text; `run N` puts one into the next prompt."""
        words = words_of(statement.args)
        if words[:1] == ["run"] and len(words) == 2 and words[1].isdecimal():  # noqa: PLR2004  # run N
            self._recall(int(words[1][:_DIGITS]))
            return
        lines = [
            f"{number:>5}  " + "\n       ".join(map(clean, line.split("\n")))
            for number, line in self._lines.matching(" ".join(words))
        ]
        self.poutput("\n".join(lines if words else lines[-_SHOWN:]))
        self.status = ExitCode.OK

    def _recall(self, number: int) -> None:
        self._draft, self._is_offered = self._lines.line(number) or "", False
        self.status = ExitCode.OK
        if not self._draft:
            error = UsageError(f"There is no line {number} in the history.", "See: history")
            self.status = dispatch.tell(explain(error), self._work)

    def do_exit(self, statement: Statement) -> bool:
        """Leave, with the status of the last command or another one."""
        words = words_of(statement) or [str(int(self.status))]  # at Ctrl-D, cmd2 hands over an empty text
        if len(words) == 1:
            with contextlib.suppress(UsageError):
                self.exit_code = exit_code_of(words[0])
                return True
        return self.run(statement)

    do_quit = do_exit  # type: ignore[assignment]  # as do_history

    # Ctrl-C

    def sigint_handler(self, signum: int, frame: FrameType | None) -> None:
        """End what may be ended now; cmd2 does so, and tells the program behind a pipe."""
        if self._ctrl_c.raises or self._cur_pipe_proc_reader is not None:
            super().sigint_handler(signum, frame)
        else:
            self._ctrl_c.note(self.main_session)

    def _raise_keyboard_interrupt(self) -> None:
        """Interrupt without the words of cmd2, which would be taken for a reason."""
        if self._ctrl_c.raises:
            raise KeyboardInterrupt
        self._ctrl_c.note(self.main_session)

    def _read_raw_input(self, prompt: Any, session: PromptSession[str], **options: Any) -> str:
        """Read a line; a signal meanwhile comes to our handler, for that of the session leaves gaps."""
        read = partial(super()._read_raw_input, prompt, session, **options)
        if self._is_tty_session(session):
            return read(handle_sigint=False)
        self._ctrl_c.forget()
        return self._ctrl_c.run(read)

    # The prompt and the line under it

    def pre_prompt(self) -> None:
        """Begin a line: with what other shells have added to the history, and with what was put there."""
        if self._ctrl_c.forget():
            self._signal("\r\n")  # the terminal has shown it as ^C
        choose_mode(self.main_session, self._work.settings["editing_mode"])
        self._lines.catch_up()
        self._lexer.outdated()
        begin_with(self.main_session.default_buffer, self._draft, is_offered=self._is_offered)
        self._draft = ""
        self._signal(self._around.begin_prompt(int(self.status) if self._has_run else None))
        self._has_run = False
        get_app().create_background_task(keep_fresh(lambda: self._listings))  # ends with this prompt

    def _is_suggesting(self) -> bool:
        """Whether lines are suggested: not where they would look, or sound, as if they had been typed."""
        is_apart = self._work.streams.out_has_color and not self._work.environ.get("ACCESSIBLE")
        return is_apart and self._work.settings["suggestions"] != "no"

    def _show_place(self) -> None:
        connection = self._work.connection
        if self._generation != connection.generation:  # what was listed there or for another is forgotten
            self._generation, self._listings = connection.generation, self._new_listings()
        target = connection.target
        self.prompt = prompt_for(target.name, self._project, is_protected=target.is_protected)

    def postloop(self) -> None:
        """End a recording, and leave the terminal as it was."""
        if self._work.recording is not None:
            self._work.recording.leave(self._work)
        self._signal(self._around.leave())

    def get_bottom_toolbar(self) -> FormattedText:
        """What is to know about the menu, else about the world."""
        buffer = self.main_session.default_buffer
        notice = self._tab.notice(buffer.document, menu_is_open=buffer.complete_state is not None)
        if notice or self._lines.problem:
            return FormattedText([("", f" {notice or self._lines.problem}")])
        return FormattedText(self._around.toolbar(self.main_session.app.output.get_size().columns))

    @property
    def _project(self) -> str:
        return self._work.settings["project"]

    # The Tab key

    def _offering(self) -> Offering:
        def rows(kind: str, typed: str) -> list[Candidate]:
            work = self._work
            return [] if work.rows is None else offered_rows(typed, kind, work.place, work.rows)

        return Offering(
            listings=lambda: (self._listings, self._scope),
            commands=self._commands,
            lines=lambda: self._lines.newest_first,
            rows=rows,
            kinds=kinds_for(self._work.lock),
            params=lambda name: params_of(name, self._work.lock),
        )

    def _is_completing_as_typed(self) -> bool:
        """Whether a menu opens by itself: not for those who hear the screen."""
        return self._work.settings["completion_as_you_type"] == "yes" and not self._work.environ.get(
            "ACCESSIBLE"
        )

    def _commands(self) -> list[Candidate]:
        functions = ((name, self.get_command_func(name)) for name in self.get_visible_commands())
        return [
            Candidate(name, (function.__doc__ or "").split("\n")[0])
            for name, function in functions
            if function
        ]

    @property
    def _scope(self) -> Scope:
        connection = self._work.connection
        target = connection.target
        return Scope(target.api_url, f"{target.name}#{connection.generation}", self._project)

    # Redirection

    def _demand_unlocked(self, data: PostparsingData) -> PostparsingData:
        """Refuse what leads out of a locked shell: cmd2 alone would cut the line there without a word."""
        if data.statement.redirector:
            try:
                self._work.lock.refuse(f"'{data.statement.redirector}' leads into a program or a file")
            except RefusedError as error:
                self.status = dispatch.tell(explain(error), self._work)
                raise SkipPostcommandHooks from None
        return data

    def _redirect_output(self, statement: Statement) -> RedirectionSavedState:
        command = statement.redirect_to
        if statement.redirector == "|":
            statement = with_pipefail(statement, os.environ.get("SHELL", ""))
        try:
            return super()._redirect_output(statement)
        except RedirectionError as error:
            if isinstance(error.__cause__, OSError):
                raise RedirectionError(
                    f"Cannot write {strip_quotes(statement.redirect_to)}: {error.__cause__.strerror}."
                ) from None
            if statement.redirector == "|":
                raise RedirectionError(why_ended(command)) from None
            raise

    def _restore_output(self, statement: Statement, saved_redir_state: RedirectionSavedState) -> None:
        """Wait for the programs behind a pipe; a failure of theirs is one of the line."""
        reader = self._cur_pipe_proc_reader if saved_redir_state.redirecting else None
        super()._restore_output(statement, saved_redir_state)
        if reader is not None and reader._proc.returncode:  # noqa: SLF001  # cmd2 tells it nowhere else
            self.status = status_of(reader._proc.returncode)  # noqa: SLF001  # as above

    def perror(self, *objects: Any, **options: Any) -> None:
        """Print an error of cmd2's own: a line that is no command, a redirection that fails."""
        self.status = ExitCode.FAILURE
        super().perror(*objects, **options)

    def pexcept(self, exception: BaseException, **_: Any) -> None:
        """Say in one line what no command explained, such as a full disk that shows when a file is closed."""
        if self.status is ExitCode.OK or not isinstance(exception, OSError):
            self.perror(notice(f"{type(exception).__name__}: {exception}"))


def _add_command(name: str, summary: str) -> None:
    """Make a word a command: known to cmd2 by its name and help, with no module of it loaded."""

    def do(self: CudoShell, statement: Statement) -> bool:
        return self.run(statement)

    do.__name__ = f"do_{name}"
    do.__qualname__ = f"CudoShell.do_{name}"  # cmd2 tells commands apart by it
    do.__doc__ = summary
    setattr(CudoShell, do.__name__, do)


for _name, _noun in {**NOUNS, **WORDS}.items():
    _add_command(_name, _noun.summary)
