"""Files that are read by their owner alone, and are whole at every moment."""

import os
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Put a text in the place of a file: whole or not at all, readable by its owner alone.

    Raises: OSError.
    """
    import tempfile  # takes its time, and most commands write nothing

    file, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # 0600
    try:
        with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123  # a descriptor
            stream.write(text)
            stream.flush()
            os.fsync(file)
        os.replace(name, path)  # noqa: PTH105  # a name, as mkstemp gives it
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108  # as above
        raise
