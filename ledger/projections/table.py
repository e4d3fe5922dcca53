"""One table of a view: its columns follow a struct's fields; rows are written by COPY, or as one JSON array."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from psycopg import AsyncConnection, AsyncCursor, sql

R = TypeVar("R", bound=msgspec.Struct)
SCHEMA = "escrow_views"
_TYPES = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
 WHERE attrelid = %s::text::regclass AND attnum > 0 AND NOT attisdropped
"""
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
        self._find = self._insert = self._upsert = b""

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

    async def prepare(self, connection: AsyncConnection[Any]) -> None:
        """Make the statements of `ask` and `write`: columns' types are the DDL's to say."""
        cursor = await connection.execute(_TYPES, [f"{SCHEMA}.{self.name}"])
        types: dict[str, str] = dict(await cursor.fetchall())
        lists = ", ".join("json_array_elements_text(%s)" for _ in self.key)
        same = " AND ".join(f't."{name}" = k."{name}"::{types[name]}' for name in self.key)
        selected = self.selected("t").as_string(connection)
        self._find = (
            f"SELECT {selected} FROM ROWS FROM ({lists}) AS k ({_names(self.key)})"
            f" JOIN {SCHEMA}.{self.name} t ON {same}"
        ).encode()
        stored = ", ".join(
            f'"{field}" {types[column]}' for field, column in zip(self.fields, self.columns, strict=False)
        )
        more = "".join(", json_array_elements_text(%s)" for _ in self.derived)
        picked = [f'r."{field}"' for field in self.fields] + [f'r."{name}"::{types[name]}' for name in self.derived]
        insert = (
            f"INSERT INTO {SCHEMA}.{self.name} ({_names(self.columns)}) SELECT {', '.join(picked)}"
            f" FROM ROWS FROM (json_to_recordset(%s) AS ({stored}){more}) AS r ({_names(self.fields + self.derived)})"
        )
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in self.columns if name not in self.key)
        self._insert = insert.encode()
        self._upsert = f"{insert} ON CONFLICT ({_names(self.key)}) DO UPDATE SET {changes}".encode()

    async def ask(self, connection: AsyncConnection[Any], keys: Iterable[Any]) -> AsyncCursor[Any]:
        """Ask for the stored rows with these keys (a value, or a tuple of the values of several key columns)."""
        columns = [list(keys)] if len(self.key) == 1 else list(zip(*keys, strict=True))
        return await connection.execute(self._find, [_text(column) for column in columns], prepare=True)

    async def found(self, asked: AsyncCursor[Any]) -> list[R]:
        """The rows that were asked for and are there."""
        return [self.load(values) for values in await asked.fetchall()]

    async def write(self, connection: AsyncConnection[Any], rows: list[R], *, new: bool) -> None:
        """Write rows in one statement: `new` ones that cannot be there yet, or new and changed ones.

        PostgreSQL reads the array on its own processor; encoding it here costs a fifth of what COPY does.
        """
        derived = [_text([getattr(row, name) for row in rows]) for name in self.derived]
        await connection.execute(self._insert if new else self._upsert, [_text(rows), *derived], prepare=True)

    async def copy(self, connection: AsyncConnection[Any], rows: Iterable[R]) -> None:
        """Write many rows that cannot be there yet."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            self.identifier, sql.SQL(", ").join(map(sql.Identifier, self.columns))
        )
        async with connection.cursor().copy(statement) as copy:
            for row in rows:
                await copy.write_row(self.dump(row))

    async def clear(self, connection: AsyncConnection[Any], partition: int) -> None:
        """Delete every row of one partition in the running transaction."""
        await connection.execute(
            sql.SQL("DELETE FROM {} WHERE partition = {}").format(self.identifier, sql.Literal(partition))
        )


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _text(values: object) -> str:
    return _encode(values).decode()
