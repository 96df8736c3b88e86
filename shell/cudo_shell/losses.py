"""What a command is about to destroy, as a person is told of it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cudo_shell.exits import ConflictError
from cudo_shell.output.values import hourly


@dataclass(frozen=True, slots=True)
class Loss:
    """A deed ("Delete disk 'data-1'"), where (" in project 'demo'"), and what ends with it per hour.

    `since` is when the thing was made, which tells it from another that has got its id.
    """

    deed: str
    where: str = ""
    price_hr: Decimal | None = None
    since: datetime | None = None

    @property
    def question(self) -> str:
        """Ask about this one alone."""
        saving = f" That saves {hourly(self.price_hr)}." if self.price_hr else ""
        return f"{self.deed}{self.where}?{saving}"

    @property
    def line(self) -> str:
        """Name it among several."""
        return self.deed.rstrip(",") + (f": {hourly(self.price_hr)}" if self.price_hr else "")

    def demand_same(self, now: "Loss") -> None:
        """Refuse to do to another thing what was asked about this one.

        Raises: ConflictError.
        """
        if now.since != self.since:
            raise ConflictError(
                "Not done: what has this id now was made since the question.",
                "Look at it, and ask for it again.",
            )
