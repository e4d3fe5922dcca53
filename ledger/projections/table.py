"""One table of a view: its columns follow a struct's fields; rows are written by COPY, or as one JSON array."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import msgspec
from psycopg import AsyncConnection, AsyncCursor, sql

from ledger.postgres.pipeline import Statement

R = TypeVar("R", bound=msgspec.Struct)
SCHEMA = "escrow_views"
_TYPES = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
 WHERE attrelid = %s::text::regclass AND attnum > 0 AND NOT attisdropped
"""
_encode = msgspec.json.encode


Standing = Literal["new", "unknown", "stored"]
"""What is known of a row before it is written: not there yet, perhaps there, certainly there."""


class TableWrite(NamedTuple):
    """A statement that writes exactly so many rows."""

    statement: Statement
    rows: int


class Table(Generic[R]):
    """`escrow_views.<name>`, one column for each field of the struct `row`, in the same order.

    `json` names fields stored as jsonb, `renamed` maps fields to columns of another name, and `derived` names
    properties of the struct that are stored for queries and never read back. `fixed` names fields that never change
    once a row is there, and are not sent again: worth it for wide rows, whose key alone must lead to few of them.
    Accounts' ids are text in memory.
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
        fixed: tuple[str, ...] = (),
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
        self._fixed = fixed
        changing = [field for field in fields if field.name not in fixed]
        self._changing = tuple(field.name for field in changing)
        self._change = msgspec.defstruct(f"{row.__name__}Change", [(field.name, field.type) for field in changing])
        self._changed = attrgetter(*self._changing)
        self._find = b""
        self.prepared: dict[bytes, str] = {}
        """The statements of `write`, by the names under which a pipeline is to prepare them."""

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
        insert = (
            f"INSERT INTO {SCHEMA}.{self.name} ({_names(self.columns)})"
            f" SELECT {_names(self.columns)} FROM {self._sent(self.fields, types)}"
        )
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in self.columns if name not in self.key)
        upsert = f"{insert} ON CONFLICT ({_names(self.key)}) DO UPDATE SET {changes}"
        changing = [self.columns[self.fields.index(field)] for field in self._changing] + list(self.derived)
        changed = ", ".join(f'"{name}" = r."{name}"' for name in changing if name not in self.key)
        same = " AND ".join(f't."{name}" = r."{name}"' for name in self.key)
        update = f"UPDATE {SCHEMA}.{self.name} t SET {changed} FROM {self._sent(self._changing, types)} WHERE {same}"
        self.prepared = {
            self._statement("new"): insert,
            self._statement("unknown"): upsert,
            self._statement("stored"): update if self._fixed else upsert,
        }

    def _statement(self, standing: Standing) -> bytes:
        return f"{self.name} {standing}".encode()

    def _sent(self, fields: Sequence[str], types: Mapping[str, str]) -> str:
        """The rows that `write` sends, as a table `r` with the columns' names and types."""
        columns = [self.columns[self.fields.index(field)] for field in fields]
        stored = ", ".join(f'"{field}" {types[column]}' for field, column in zip(fields, columns, strict=True))
        more = "".join(f", json_array_elements_text(${number + 2})" for number in range(len(self.derived)))
        picked = [f'o."{field}" AS "{column}"' for field, column in zip(fields, columns, strict=True)]
        picked += [f'o."{name}"::{types[name]} AS "{name}"' for name in self.derived]
        return (
            f"(SELECT {', '.join(picked)} FROM ROWS FROM (json_to_recordset($1) AS ({stored}){more})"
            f" AS o ({_names([*fields, *self.derived])})) AS r"
        )

    async def ask(self, connection: AsyncConnection[Any], keys: Iterable[Any]) -> AsyncCursor[Any]:
        """Ask for the stored rows with these keys (a value, or a tuple of the values of several key columns)."""
        columns = [list(keys)] if len(self.key) == 1 else list(zip(*keys, strict=True))
        return await connection.execute(self._find, [_text(column) for column in columns], prepare=True)

    async def found(self, asked: AsyncCursor[Any]) -> list[R]:
        """The rows that were asked for and are there."""
        return [self.load(values) for values in await asked.fetchall()]

    def write(self, rows: list[R], standing: Standing) -> TableWrite:
        """The statement that writes rows of which all are of that standing.

        PostgreSQL reads the array on its own processor; encoding it here costs a fifth of what COPY does.
        """
        sent: list[Any] = rows
        if standing == "stored" and self._fixed:
            make, changed = self._change, self._changed
            sent = [make(*changed(row)) for row in rows]
        derived = [_encode([getattr(row, name) for row in rows]) for name in self.derived]
        return TableWrite(Statement(self._statement(standing), [_encode(sent), *derived]), len(rows))

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
