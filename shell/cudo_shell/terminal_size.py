"""How wide a terminal is."""

import os
from collections.abc import Mapping

STDOUT = 1
_USUAL = 80


def columns_of(environ: Mapping[str, str], descriptor: int = STDOUT) -> int:
    """Columns of a terminal; COLUMNS wins, 80 where nobody knows."""
    columns = environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(descriptor).columns or _USUAL
    except OSError:
        return _USUAL
