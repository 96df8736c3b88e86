"""The text of an option checked against the columns that there are, before a command does anything."""

from cudo_shell.output.fields import Fields, chosen, column, names_in


class Checked:
    """What reads the options that name columns. It needs the names alone, for every parser has one."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def columns(self, text: str) -> str:
        """Return a list of columns. Raises: UsageError."""
        chosen(self._fields, names_in(text))
        return text

    def sort(self, text: str) -> str:
        """Return a column to sort by. Raises: UsageError."""
        column(self._fields, text.removeprefix("-"))
        return text

    def filter(self, text: str) -> str:
        """Return a condition. Raises: UsageError."""
        from cudo_shell.output.filtering import condition

        condition(text, self._fields)
        return text
