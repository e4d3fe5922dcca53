"""What the views know of families, which are opaque ids: their accounts, and refunds that are still to be paid."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, sql

from ledger.projections import balances
from ledger.projections.paging import Filter, Scope

_UNPAID: Final = """
SELECT r.refund_id FROM escrow_views.refunds r JOIN escrow_views.contracts c USING (account_id, contract_id)
 WHERE c.family_id = ANY(%s) AND (r.state NOT IN ('paid', 'withdrawn') OR r.paid_fen < r.agreed_fen)
 ORDER BY r.partition, r.position LIMIT 1
"""
_ACCOUNTS: Final = sql.SQL(
    "SELECT DISTINCT t.account_id, a.institution_id FROM escrow_views.contracts t"
    " JOIN escrow_views.balances a USING (account_id) WHERE {} ORDER BY t.account_id"
)


class FamilyAccount(NamedTuple):
    """An account with a contract of a family, and its institution."""

    account_id: UUID
    institution_id: str


async def accounts_of(
    connection: AsyncConnection[Any], family_ids: Sequence[str], *, scope: Scope
) -> list[FamilyAccount]:
    """The accounts in the scope where one of the families has or had a contract."""
    where = Filter()
    where.accounts(scope)
    families = set(family_ids) if scope.family_ids is None else set(family_ids) & set(scope.family_ids)
    where.also(sql.SQL("t.family_id = ANY(%(families)s)"), families=sorted(families))
    query = _ACCOUNTS.format(sql.SQL(" AND ").join(where.conditions))
    rows = await (await connection.execute(query, where.values, prepare=False)).fetchall()
    return [FamilyAccount(*row) for row in rows]


async def unpaid_refund(connection: AsyncConnection[Any], family_ids: Sequence[str]) -> str | None:
    """A refund of these families that is not paid or withdrawn yet."""
    row = await (await connection.execute(_UNPAID, [list(family_ids)])).fetchone()
    return None if row is None else row[0]


async def accounts_in(connection: AsyncConnection[Any], scope: Scope) -> list[UUID] | None:
    """The ids of the accounts in a scope; None when it does not restrict."""
    return None if scope == Scope() else await balances.ids(connection, scope)
