"""Keeps a login in this process: it is gone when the process ends, and no other process sees it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.stores.folder import file_of
from cudo_sdk.auth.tokens import Record


class MemoryStore:
    """One record for each login and directory, shared by all stores of this process."""

    name = "memory"
    persistent = False
    notes: tuple[str, ...] = ()
    _records: ClassVar[dict[Path, Record]] = {}

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._key = file_of(settings, directory, "")

    def get(self) -> Record | None:
        """The record; None if there is none."""
        return self._records.get(self._key)

    def put(self, record: Record) -> None:
        """Keep a record in place of any other."""
        self._records[self._key] = record

    def delete(self) -> bool:
        """Forget the record; whether there was one."""
        return self._records.pop(self._key, None) is not None

    def stamp(self) -> object:
        """None: only this program can change it."""
        return None

    def describe(self) -> str:
        """Where it keeps the record."""
        return "the memory of this process"
