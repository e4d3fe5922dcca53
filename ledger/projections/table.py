"""One table of a view: its columns follow a struct's fields; its rows are written by COPY."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from psycopg import AsyncConnection, sql

R = TypeVar("R", bound=msgspec.Struct)
SCHEMA = "escrow_views"
_TEXT = sql.SQL("text")
_KEY_TYPES = {"account_id": sql.SQL("uuid"), "effective_on": sql.SQL("date"), "version": sql.SQL("int")}
_encode = msgspec.json.encode


class Table(Generic[R]):
    """`escrow_views.<name>`, one column for each field of the struct `row`, in the same order.

    `json` names fields stored as jsonb, `renamed` maps fields to columns of another name, and `derived` names
    properties of the struct that are stored for queries and never read back. Accounts' ids are text in memory.
    """

    def __init__(
        self,
        name: str,
        row: type[R],
        *,
        key: tuple[str, ...],
        json: tuple[str, ...] = (),
        renamed: Mapping[str, str] | None = None,
        derived: tuple[str, ...] = (),
    ) -> None:
        renames = renamed or {}
        fields = msgspec.structs.fields(row)
        self.name = name
        self.row = row
        self.key = key
        self.derived = derived
        self.fields = tuple(field.name for field in fields)
        self.columns = tuple(renames.get(field, field) for field in self.fields) + derived
        self._json = tuple(self.fields.index(field) for field in json)
        self._decode: dict[int, Callable[[str], Any]] = {
            index: msgspec.json.Decoder(fields[index].type).decode for index in self._json
        }
        self.identifier = sql.Identifier(SCHEMA, name)
        self._incoming = sql.Identifier(f"incoming_{name}")

    def dump(self, row: R) -> tuple[Any, ...]:
        """The row's values in the order of `columns`, as COPY takes them."""
        values = msgspec.structs.astuple(row)
        if self._json:
            listed = list(values)
            for index in self._json:
                if listed[index] is not None:
                    listed[index] = _encode(listed[index]).decode()
            values = tuple(listed)
        if self.derived:
            values += tuple(getattr(row, name) for name in self.derived)
        return values

    def load(self, values: Sequence[Any]) -> R:
        """The row of values selected by `selected()`; derived columns are left aside."""
        given = dict(zip(self.fields, values, strict=False))
        for index, decode in self._decode.items():
            text = values[index]
            given[self.fields[index]] = None if text is None else decode(text)
        return self.row(**given)

    def selected(self, alias: str, *, computed: Mapping[str, sql.SQL] | None = None) -> sql.Composed:
        """The select list for `load`; `computed` gives expressions in the place of columns."""
        expressions = computed or {}
        parts: list[sql.Composable] = []
        for index, column in enumerate(self.columns):
            name = sql.Identifier(alias, column)
            if column in expressions:
                parts.append(expressions[column])
            elif column == "account_id" or index in self._decode:
                parts.append(sql.SQL("{}::text").format(name))
            else:
                parts.append(name)
        return sql.SQL(", ").join(parts)

    def all_of(self, partition: int) -> sql.Composed:
        """A query for every row of one partition."""
        return sql.SQL("SELECT {} FROM {} t WHERE t.partition = {}").format(
            self.selected("t"), self.identifier, sql.Literal(partition)
        )

    async def find(self, connection: AsyncConnection[Any], keys: Iterable[Any]) -> list[R]:
        """The stored rows with these keys (a value, or a tuple of the values of several key columns)."""
        columns = [list(keys)] if len(self.key) == 1 else [list(column) for column in zip(*keys, strict=True)]
        query = sql.SQL("SELECT {} FROM {} t JOIN unnest({}) AS k ({names}) USING ({names})").format(
            self.selected("t"),
            self.identifier,
            sql.SQL(", ").join(sql.SQL("%s::{}[]").format(_KEY_TYPES.get(name, _TEXT)) for name in self.key),
            names=sql.SQL(", ").join(map(sql.Identifier, self.key)),
        )
        cursor = await connection.execute(query, columns)
        return [self.load(values) for values in await cursor.fetchall()]

    async def prepare(self, connection: AsyncConnection[Any]) -> None:
        """Make this connection's table for incoming rows."""
        await connection.execute(
            sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DELETE ROWS").format(self._incoming, self.identifier)
        )

    async def copy(self, connection: AsyncConnection[Any], rows: Iterable[R], *, new: bool) -> None:
        """Write rows, once a transaction: `new` ones that cannot be there yet, or new and changed ones."""
        target = self.identifier if new else self._incoming
        names = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        async with connection.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(target, names)) as copy:
            for row in rows:
                await copy.write_row(self.dump(row))
        if new:
            return
        changes = [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in self.columns if c not in self.key]
        await connection.execute(
            sql.SQL("INSERT INTO {} ({names}) SELECT {names} FROM {} ON CONFLICT ({}) DO UPDATE SET {}").format(
                self.identifier,
                self._incoming,
                sql.SQL(", ").join(map(sql.Identifier, self.key)),
                sql.SQL(", ").join(changes),
                names=names,
            )
        )

    async def clear(self, connection: AsyncConnection[Any], partition: int) -> None:
        """Delete every row of one partition in the running transaction."""
        await connection.execute(
            sql.SQL("DELETE FROM {} WHERE partition = {}").format(self.identifier, sql.Literal(partition))
        )
