"""Sums over the accounts of a scope, and the accounts with which families would lose most."""

from typing import Any

import msgspec
from psycopg import AsyncConnection, sql

from ledger.projections.balances import TABLE, AccountBalance, visible
from ledger.projections.paging import EVERYTHING, Scope


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the accounts of a scope (fen), and how many they are."""

    accounts: int
    frozen: int
    cash_fen: int
    obligation_fen: int
    exposure_fen: int
    suspense_fen: int
    loss_if_closed_today_fen: int
    below_minimum: int


_TOTALS = """
SELECT count(*), count(*) FILTER (WHERE t.frozen <> '{{}}'),
       coalesce(sum(t.cash_fen), 0)::bigint, coalesce(sum(t.obligation_fen), 0)::bigint,
       coalesce(sum(t.exposure_fen), 0)::bigint, coalesce(sum(t.suspense_fen), 0)::bigint,
       coalesce(sum(t.loss_if_closed_today_fen), 0)::bigint,
       count(*) FILTER (WHERE t.cash_fen < t.minimum_balance_fen)
  FROM escrow_views.balances t WHERE {}
"""


async def totals(connection: AsyncConnection[Any], *, scope: Scope = EVERYTHING) -> Totals:
    """What the accounts of the scope add up to."""
    where = visible(scope)
    conditions = sql.SQL(" AND ").join(where.conditions or [sql.SQL("TRUE")])
    cursor = await connection.execute(sql.SQL(_TOTALS).format(conditions), where.values, prepare=False)
    row = await cursor.fetchone()
    assert row is not None
    return Totals(**dict(zip(Totals.__struct_fields__, row, strict=True)))


async def worst(
    connection: AsyncConnection[Any], *, scope: Scope = EVERYTHING, limit: int = 10
) -> list[AccountBalance]:
    """The accounts with which families would lose most if they closed now, worst first; none without a loss."""
    where = visible(scope)
    where.also(sql.SQL("t.loss_if_closed_today_fen > 0"))
    query = sql.SQL(
        "SELECT {} FROM {} t WHERE {} ORDER BY t.loss_if_closed_today_fen DESC, t.account_id LIMIT {}"
    ).format(TABLE.selected("t"), TABLE.identifier, sql.SQL(" AND ").join(where.conditions), sql.Literal(limit))
    cursor = await connection.execute(query, where.values, prepare=False)
    return [TABLE.load(values) for values in await cursor.fetchall()]
