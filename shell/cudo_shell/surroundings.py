"""What goes on around the line that is typed: the toolbar's facts, alerts, and what the terminal is told."""

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cudo_shell import terminal_codes
from cudo_shell.alerts import Alerts, News, Started
from cudo_shell.commands.kinds import LABELS
from cudo_shell.meter import LAST_CREDIT, LOW_CREDIT, Meter, Spending
from cudo_shell.output.clean import clean
from cudo_shell.toolbar import Fragments, Situation, span, toolbar

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

Tell = Callable[[str, bool], None]
"""Shows a text above the prompt; whether it is bad news. Called from any thread."""


class Surroundings:
    """Knows what the shell tells without being asked; all that it reads is in memory.

    `tell` shows a text above the prompt, `redraw` draws the toolbar anew, `listings_age` is in seconds.
    """

    def __init__(
        self,
        work: "Workspace",
        *,
        tell: Tell,
        redraw: Callable[[], None],
        listings_age: Callable[[], float | None],
    ) -> None:
        self._work = work
        self._connection = connection = work.connection
        self._tell = tell
        self._redraw = redraw
        self._listings_age = listings_age
        self._signals: deque[str] = deque()  # for the terminal, as soon as nothing else is written
        self._is_warned = False  # of the end of the credit
        self._is_titled = False
        self._meter = Meter(
            submit=connection.submit, session=lambda: connection.session, on_change=self._spent
        )
        self._alerts = Alerts(
            submit=connection.submit,
            session=lambda: connection.session,
            place=lambda: connection.generation,
            tell=self._ended,
        )

    # What the shell reports

    def wrote(self) -> None:
        """Something was changed from here."""
        self._meter.outdate()

    def started(self, kind: str, project: str, name: str, state: str) -> None:
        """Something goes on that was started here, towards a state."""
        self._alerts.follow(Started(kind, project, name, state))

    # What the person is shown

    def toolbar(self, width: int) -> Fragments:
        """The line under the prompt."""
        target, tokens, recording = self._connection.target, self._tokens, self._work.recording
        spending, age = self._look_at_spending()
        return toolbar(
            Situation(
                target.name,
                self._project,
                is_protected=target.is_protected,
                is_recording=recording is not None and recording.is_on,
                who=str(tokens.persona) if tokens else "",
                login_left=tokens.expires_at - time.time() if tokens else None,
                is_renewed=bool(tokens and tokens.refresh_token),
                requests=self._connection.traffic.in_flight,
                changes=len(self._alerts),
                spending=spending,
                spending_age=age,
                listings_age=self._listings_age(),
            ),
            width,
        )

    def _look_at_spending(self) -> tuple[Spending | None, float]:
        # A prompt at which nothing was asked of the API yet does not begin to: it may be the sandbox's start.
        if not (self._has_meter and self._project and self._connection.is_open):
            return None, 0.0
        return self._meter.look(self._work.place)

    @property
    def _has_meter(self) -> bool:
        settings = self._work.settings
        is_quiet = self._work.environ.get("ACCESSIBLE") and settings.origin("meter") == "default"
        return settings["meter"] != "no" and not is_quiet

    @property
    def _project(self) -> str:
        return self._work.settings["project"]

    @property
    def _tokens(self) -> Any:
        source = self._connection.token_source
        return source.known if source else None

    def _spent(self, spending: Spending) -> None:
        """Warn once when the credit comes to its end; again only after there was more of it."""
        hours = spending.credit_hours
        if hours is not None and hours < LAST_CREDIT and not self._is_warned:
            self._is_warned = True
            self._announce(
                f"The credit lasts for {span(hours)}. At zero, all that costs is deleted. See: billing list",
                is_bad=True,
            )
        elif hours is None or hours >= LOW_CREDIT:
            self._is_warned = False
        self._redraw()

    def _ended(self, news: News) -> None:
        change = news.change
        where = f" in project {change.project}" if change.project != self._project else ""
        self._meter.outdate()
        self._announce(f"{LABELS[change.kind][1]} {change.id}{where} {news.text}", is_bad=news.is_bad)

    def _announce(self, text: str, *, is_bad: bool) -> None:
        notify, is_terminal = self._work.settings["notify"], self._is_terminal
        if is_terminal and notify == "bell":
            self._signals.append(terminal_codes.BELL)
        elif is_terminal and notify == "osc":
            self._signals.append(terminal_codes.notification(text, self._work.environ))
        self._tell(clean(text), is_bad)

    # What the terminal is told

    @property
    def _is_terminal(self) -> bool:
        return self._work.streams.out_is_terminal and self._work.environ.get("TERM") != "dumb"

    def signals(self) -> str:
        """What draws attention to alerts; each is given once."""
        found = ""
        while self._signals:
            found += self._signals.popleft()
        return found

    def begin_prompt(self, status: int | None) -> str:
        """What a terminal is told before a prompt; `status` of the command before it, None without one."""
        if not self._has_titles:
            return self.signals()
        end = "" if status is None else terminal_codes.ended(status)
        return f"{end}{self._title()}{terminal_codes.PROMPT}{self.signals()}"

    def begin_output(self) -> str:
        """What a terminal is told before a command writes."""
        return terminal_codes.OUTPUT if self._has_titles else ""

    def leave(self) -> str:
        """What a terminal is told at the end."""
        return terminal_codes.RESTORE_TITLE if self._is_titled else ""

    def _title(self) -> str:
        saved = "" if self._is_titled else terminal_codes.SAVE_TITLE
        self._is_titled = True
        place = f"{self._connection.target.name}/{self._project}".rstrip("/")
        return f"{saved}{terminal_codes.title(place)}"

    @property
    def _has_titles(self) -> bool:
        return self._is_terminal and terminal_codes.is_titled(self._work.environ)
