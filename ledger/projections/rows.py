"""The rows of one table and partition in memory, while events are folded into them."""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec
from psycopg import AsyncConnection, AsyncCursor

from ledger.projections.table import Standing, Table

K = TypeVar("K")
R = TypeVar("R", bound=msgspec.Struct)


class Rows(Generic[K, R]):
    """A cache that knows which rows it has seen.

    While it is `complete` (from position 0 on) a row that is not here does not exist. Otherwise rows are asked for
    with `want` and fetched by `load` before the fold, and looking at another row is a bug (KeyError).
    """

    def __init__(self, table: Table[R], *, complete: bool) -> None:
        self.table = table
        self.complete = complete
        self.changed: dict[K, R] = {}
        self._rows: dict[K, R | None] = {}
        self._standing: dict[K, Standing] = {}
        self._wanted: dict[K, None] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return (row for row in self._rows.values() if row is not None)

    def want(self, key: K) -> None:
        """Say that an event to come looks at this row."""
        if key not in self._rows:
            self._wanted[key] = None

    @property
    def wanted(self) -> bool:
        """Whether there is anything to ask for."""
        return bool(self._wanted)

    async def ask(self, connection: AsyncConnection[Any]) -> AsyncCursor[Any]:
        """Ask for what was wanted."""
        return await self.table.ask(connection, self._wanted)

    async def take(self, asked: AsyncCursor[Any]) -> None:
        """Receive what was asked for."""
        self._rows.update(self._wanted)
        self._wanted.clear()
        for row in await self.table.found(asked):
            self._rows[self.key_of(row)] = row

    def lead(self) -> None:
        """Want the rows of other tables that what was loaded leads to."""

    def key_of(self, row: R) -> Any:
        """The row's key: a value, or a tuple when the key has several columns."""
        values = tuple(getattr(row, name) for name in self.table.key)
        return values[0] if len(values) == 1 else values

    def get(self, key: K) -> R | None:
        """The row, or None when there is none."""
        return self._rows.get(key) if self.complete else self._rows[key]

    def change(self, key: K) -> R:
        """The row, which the caller is about to change. KeyError when there is none."""
        row = self._rows[key]
        if row is None:
            raise KeyError(key)
        self.changed[key] = row
        return row

    def change_found(self, key: K) -> R | None:
        """The row, which the caller is about to change, or None when there is none."""
        row = self._rows.get(key) if self.complete else self._rows[key]
        if row is not None:
            self.changed[key] = row
        return row

    def put(self, key: K, row: R) -> None:
        """A new row, or another in its place."""
        if key not in self._standing:
            absent = self._rows.get(key) is None and (self.complete or key in self._rows)
            self._standing[key] = "new" if absent else "unknown"
        self._rows[key] = self.changed[key] = row

    def to_write(self) -> dict[Standing, list[R]]:
        """What changed, by what is known of the stored row."""
        rows: dict[Standing, list[R]] = {}
        for key, row in self.changed.items():
            rows.setdefault(self._standing.get(key, "stored"), []).append(row)
        return rows

    def written(self, most_rows: int) -> None:
        """After the commit: nothing is changed any more; beyond `most_rows` the cache is emptied."""
        self.changed.clear()
        self._standing.clear()
        if len(self._rows) > most_rows:
            self._rows.clear()
            self.complete = False
