"""What a command is about to destroy, as a person is told of it."""

from dataclasses import dataclass
from decimal import Decimal

from cudo_shell.output.values import hourly


@dataclass(frozen=True, slots=True)
class Loss:
    """A deed ("Delete disk 'data-1'"), where (" in project 'demo'"), and what ends with it per hour."""

    deed: str
    where: str = ""
    price_hr: Decimal | None = None

    @property
    def question(self) -> str:
        """Ask about this one alone."""
        saving = f" That saves {hourly(self.price_hr)}." if self.price_hr else ""
        return f"{self.deed}{self.where}?{saving}"

    @property
    def line(self) -> str:
        """Name it among several."""
        return self.deed.rstrip(",") + (f": {hourly(self.price_hr)}" if self.price_hr else "")
