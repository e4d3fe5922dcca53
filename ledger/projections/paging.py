"""What lists have in common: a cursor that stays valid under inserts, and the rows that a reader may see."""

from typing import Any, NamedTuple, TypeVar

import msgspec
from psycopg import AsyncConnection, sql

from ledger.projections.table import Table

R = TypeVar("R", bound=msgspec.Struct)
NOTHING: sql.SQL = sql.SQL("FALSE")


class Cursor(NamedTuple):
    """The place of a row in its list: where the event that created it stands. The next page begins after it."""

    partition: int
    position: int
    ordinal: int = 0


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that a reader may see. None does not restrict; an empty tuple allows nothing.

    `districts` allow the accounts of these districts, and those whose second authority is one of them; of the former
    only those that name one of `authorities`, if these restrict.
    """

    bank: str | None = None
    institution_ids: tuple[str, ...] | None = None
    districts: tuple[str, ...] | None = None
    authorities: tuple[str, ...] | None = None
    family_ids: tuple[str, ...] | None = None


EVERYTHING = Scope()


def supervised(scope: Scope, *, alias: str = "b") -> sql.Composable:
    """That the account of a row of `balances` is supervised by the reader (`ledger.domain.authorities`).

    Values: `scope_districts` and `scope_authorities`.
    """
    row = sql.Identifier(alias)
    own: list[sql.Composable] = []
    if scope.districts is not None:
        own.append(sql.SQL("{}.district = ANY(%(scope_districts)s)").format(row))
    if scope.authorities is not None:
        own.append(sql.SQL("{}.authorities && %(scope_authorities)s::text[]").format(row))
    condition = sql.SQL(" AND ").join(own or [sql.SQL("TRUE")])
    if scope.districts is None:
        return condition
    return sql.SQL("(({}) OR {}.authorities && %(scope_districts)s::text[])").format(condition, row)


class Filter:
    """Conditions of one list, with the values of their parameters. The table's alias is `t`."""

    def __init__(self) -> None:
        self.conditions: list[sql.Composable] = []
        self.values: dict[str, Any] = {}

    def equal(self, column: str, value: object) -> None:
        """Only rows with that value; None does not restrict."""
        if value is not None:
            self.also(sql.SQL("t.{} = {}").format(sql.Identifier(column), sql.Placeholder(column)), **{column: value})

    def also(self, condition: sql.Composable, **values: object) -> None:
        """One more condition."""
        self.conditions.append(condition)
        self.values.update(values)

    def accounts(self, scope: Scope) -> None:
        """Only rows of accounts in the scope's bank, institutions and districts."""
        parts: list[sql.Composable] = []
        if scope.bank is not None:
            parts.append(sql.SQL("b.bank = %(scope_bank)s"))
        if scope.institution_ids is not None:
            parts.append(sql.SQL("b.institution_id = ANY(%(scope_institutions)s)"))
        if scope.districts is not None or scope.authorities is not None:
            parts.append(supervised(scope))
        if parts:
            self.also(
                sql.SQL("EXISTS (SELECT FROM escrow_views.balances b WHERE b.account_id = t.account_id AND {})").format(
                    sql.SQL(" AND ").join(parts)
                ),
                scope_bank=scope.bank,
                scope_institutions=list(scope.institution_ids or ()),
                scope_districts=list(scope.districts or ()),
                scope_authorities=list(scope.authorities or ()),
            )

    def after(self, cursor: Cursor | None, *, ordinal: bool = False, newest_first: bool = False) -> None:
        """Only rows behind the cursor."""
        if cursor is None:
            return
        if ordinal:
            condition = sql.SQL("(t.partition, t.position, t.ordinal) {} (%(c_part)s, %(c_pos)s, %(c_ord)s)")
        else:
            condition = sql.SQL("(t.partition, t.position) {} (%(c_part)s, %(c_pos)s)")
        side = sql.SQL("<" if newest_first else ">")
        self.also(condition.format(side), c_part=cursor.partition, c_pos=cursor.position, c_ord=cursor.ordinal)


async def select(
    connection: AsyncConnection[Any],
    table: Table[R],
    where: Filter,
    *,
    limit: int,
    ordinal: bool = False,
    newest_first: bool = False,
    computed: dict[str, sql.SQL] | None = None,
) -> list[R]:
    """The first `limit` rows of a list, in the order of their creation within each partition, or the reverse."""
    columns = ("partition", "position", "ordinal") if ordinal else ("partition", "position")
    direction = sql.SQL(" DESC" if newest_first else "")
    query = sql.SQL("SELECT {} FROM {} t WHERE {} ORDER BY {} LIMIT {}").format(
        table.selected("t", computed=computed),
        table.identifier,
        sql.SQL(" AND ").join(where.conditions or [sql.SQL("TRUE")]),
        sql.SQL(", ").join(sql.Identifier("t", column) + direction for column in columns),
        sql.Literal(limit),
    )
    cursor = await connection.execute(query, where.values, prepare=False)
    return [table.load(values) for values in await cursor.fetchall()]
