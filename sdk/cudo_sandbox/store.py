"""What the sandbox knows: one SQLite table of resources, stored as the JSON that replies show.

Nothing is kept outside SQLite, so several processes may serve one state file. A listing joins the
stored texts and never parses them, which keeps 100,000 VMs quick.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from cudo_sandbox.problems import Json, not_found, noun_of

_VERSION = 1
_SCHEMA = f"""
PRAGMA user_version = {_VERSION};
CREATE TABLE IF NOT EXISTS resource (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,     -- the project, data center, user or billing account it is unique in
  id TEXT NOT NULL,
  body TEXT NOT NULL,      -- JSON, as replies show it
  hidden TEXT NOT NULL,    -- JSON that no reply shows
  price INTEGER NOT NULL,  -- millionths of a dollar per hour
  steps TEXT NOT NULL,     -- JSON [[moment, state], ...] still to come
  due REAL,                -- the moment of the first of them
  expires REAL,
  UNIQUE (kind, scope, id)
);
-- The row number stands behind every index entry, so this one lists in the order of seq without sorting.
CREATE INDEX IF NOT EXISTS listing ON resource (kind, scope);
CREATE INDEX IF NOT EXISTS spend ON resource (scope, kind, price) WHERE price > 0;
CREATE INDEX IF NOT EXISTS due ON resource (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS expires ON resource (expires) WHERE expires IS NOT NULL;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_COLUMNS = "kind, scope, id, body, hidden, price, steps, expires"
_MICRO = 1_000_000
_BUSY_SECONDS = 30
STATE_KEYS = {"disk": "diskState"}

GONE = "GONE"  # the step that removes a resource; no reply ever shows it


@dataclass
class Resource:
    """One stored thing: its JSON, its price per hour, and the lifecycle steps still to come."""

    kind: str
    scope: str
    id: str
    body: Json
    hidden: Json = field(default_factory=dict)
    price: Decimal = Decimal(0)
    steps: list[tuple[float, str]] = field(default_factory=list)
    expires: float | None = None

    @property
    def state(self) -> str:
        return str(self.body[self._state_key])

    @state.setter
    def state(self, state: str) -> None:
        self.body[self._state_key] = state

    @property
    def _state_key(self) -> str:
        return STATE_KEYS.get(self.kind, "state")


class Where:
    """An SQL condition, a constant of this package, and the values for its question marks."""

    def __init__(self, condition: str, *values: Any) -> None:
        self.condition = condition
        self.values = values


EVERY = Where("1")
IN_DATA_CENTER = "json_extract(body, '$.dataCenterId') = ?"


def _select(columns: str, tail: str) -> str:
    return f"SELECT {columns} FROM resource WHERE {tail}"  # noqa: S608  # all parts are constants


class Transaction:
    """Reads and writes inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self.keep = True
        """False rolls back at the end, without an error: a dry run."""

    def find(self, kind: str, scope: str, name: str) -> Resource | None:
        """Return the resource, or None."""
        query = _select(_COLUMNS, "kind = ? AND scope = ? AND id = ?")
        row = self._sql.execute(query, (kind, scope, name)).fetchone()
        return _resource(row) if row else None

    def get(self, kind: str, scope: str, name: str) -> Resource:
        """Return the resource; raises NOT_FOUND."""
        found = self.find(kind, scope, name)
        if found is None:
            raise not_found(noun_of(kind), name)
        return found

    def all(self, kind: str, scope: str | None = None) -> list[Resource]:
        """All of one kind, in the order of their creation."""
        query = _select(_COLUMNS, "kind = ? AND (? IS NULL OR scope = ?) ORDER BY seq")
        return [_resource(row) for row in self._sql.execute(query, (kind, scope, scope))]

    def bodies(
        self, kind: str, scope: str, where: Where = EVERY, limit: int = -1, offset: int = 0
    ) -> list[bytes]:
        """The stored JSON texts, in the order of their creation."""
        # As BLOB, because a text would be decoded here only to be encoded again for the reply.
        tail = f"kind = ? AND scope = ? AND {where.condition} ORDER BY seq LIMIT ? OFFSET ?"
        rows = self._sql.execute(
            _select("CAST(body AS BLOB)", tail), (kind, scope, *where.values, limit, offset)
        )
        return [row[0] for row in rows]

    def matching(self, kind: str, scope: str, where: Where) -> list[Resource]:
        """The resources for which the condition holds."""
        query = _select(_COLUMNS, f"kind = ? AND scope = ? AND {where.condition}")
        return [_resource(row) for row in self._sql.execute(query, (kind, scope, *where.values))]

    def count(self, kind: str, scope: str, where: Where = EVERY) -> int:
        query = _select("count(*)", f"kind = ? AND scope = ? AND {where.condition}")
        return int(self._sql.execute(query, (kind, scope, *where.values)).fetchone()[0])

    def count_created(self, kind: str, scope: str) -> int:
        """How many of a kind were created since the seeding."""
        last = self.setting("last_seed") or "0"
        return self.count(kind, scope, Where("seq > ?", int(last)))

    def spend(self, project: str) -> dict[str, Decimal]:
        """Dollars per hour of each kind that costs something in the project."""
        query = "SELECT kind, sum(price) FROM resource WHERE scope = ? AND price > 0 GROUP BY kind"
        return {kind: Decimal(total) / _MICRO for kind, total in self._sql.execute(query, (project,))}

    def save(self, resource: Resource) -> None:
        """Insert or update."""
        self._sql.execute(
            "INSERT INTO resource (kind, scope, id, body, hidden, price, steps, due, expires) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, scope, id) DO UPDATE SET "
            "body = excluded.body, hidden = excluded.hidden, price = excluded.price, "
            "steps = excluded.steps, due = excluded.due, expires = excluded.expires",
            _row(resource),
        )

    def insert_rows(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert many new ones at once, as rows of the table."""
        self._sql.executemany(
            "INSERT INTO resource (kind, scope, id, body, hidden, price, steps, due, expires) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def remove(self, resource: Resource) -> None:
        query = "DELETE FROM resource WHERE kind = ? AND scope = ? AND id = ?"
        self._sql.execute(query, (resource.kind, resource.scope, resource.id))

    def rename(self, resource: Resource, name: str) -> None:
        """Give the resource another id, in its body too."""
        query = "UPDATE resource SET id = ? WHERE kind = ? AND scope = ? AND id = ?"
        self._sql.execute(query, (name, resource.kind, resource.scope, resource.id))
        resource.id = resource.body["id"] = name
        self.save(resource)

    def next_due(self, now: float) -> Resource | None:
        """The resource whose step or expiry has been due for longest, if any is."""
        for column in ("due", "expires"):
            query = _select(_COLUMNS, f"{column} <= ? ORDER BY {column} LIMIT 1")
            row = self._sql.execute(query, (now,)).fetchone()
            if row:
                return _resource(row)
        return None

    def setting(self, name: str) -> str | None:
        row = self._sql.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set_setting(self, name: str, value: str) -> None:
        self._sql.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def last_seq(self) -> int:
        return int(self._sql.execute("SELECT coalesce(max(seq), 0) FROM resource").fetchone()[0])


def _resource(row: tuple[Any, ...]) -> Resource:
    kind, scope, name, body, hidden, price, steps, expires = row
    moments = [(moment, state) for moment, state in json.loads(steps)]
    return Resource(
        kind, scope, name, json.loads(body), json.loads(hidden), Decimal(price) / _MICRO, moments, expires
    )


def _row(resource: Resource) -> tuple[Any, ...]:
    return (
        resource.kind,
        resource.scope,
        resource.id,
        text_of(resource.body),
        text_of(resource.hidden),
        int(resource.price * _MICRO),
        json.dumps(resource.steps),
        resource.steps[0][0] if resource.steps else None,
        resource.expires,
    )


def text_of(body: Json) -> str:
    """The JSON text that is stored."""
    return json.dumps(body, separators=(",", ":"))


class Store:
    """The database, in memory or in a private file."""

    def __init__(self, state: str) -> None:
        if state != ":memory:":
            _make_private(Path(state))
        self._sql = sqlite3.connect(
            state, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        # An application may be driven from more than one thread, but a connection has one transaction.
        self._lock = threading.RLock()
        try:
            self._prepare()
        except BaseException:
            self._sql.close()
            raise

    def _prepare(self) -> None:
        self._sql.execute("PRAGMA journal_mode = WAL")
        # In WAL mode NORMAL survives the death of the process; only a power cut can lose the last writes.
        self._sql.execute("PRAGMA synchronous = NORMAL")
        self._check_version()
        self._sql.executescript(_SCHEMA)

    def _check_version(self) -> None:
        version = self._sql.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, _VERSION}:
            raise sqlite3.DatabaseError("it was made by another version of the sandbox")

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Transaction]:
        """Commit at the end, or roll back when something is raised."""
        with self._lock:
            self._sql.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            tx = Transaction(self._sql)
            try:
                yield tx
            except BaseException:
                self._sql.execute("ROLLBACK")
                raise
            self._sql.execute("COMMIT" if tx.keep else "ROLLBACK")

    def close(self) -> None:
        with self._lock:
            self._sql.close()


def _make_private(path: Path) -> None:
    """Create the file 0600 in a directory 0700; SQLite gives its journal files the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
