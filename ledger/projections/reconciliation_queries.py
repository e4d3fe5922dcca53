"""What readers ask of the view `reconciliation`: days of accounts, breaks, and how far a balance is reconciled."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from ledger.domain.events import BreakKind, BreakOwner
from ledger.projections.paging import EVERYTHING, NOTHING, Cursor, Filter, Scope, select
from ledger.projections.reconciliation_rows import BREAKS, DAYS, BreakRecord, BreakState, ReconciledDay

ReconciliationState = Literal["reconciled", "broken", "not_reported"]


class AccountDay(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One account on one day, as it was last compared with its bank (fen).

    `difference_fen` is the bank's closing balance less our cash. A day without a bank's closing balance is
    `not_reported` and has no figures. The four equations: `bank_fen = cash_fen`; `assets_fen = liabilities_fen`;
    `families_fen = prepaid_fen`; `lessons_fen = prepaid_fen`.
    """

    account_id: str
    institution_id: str
    district: str
    bank: str
    day: date
    state: ReconciliationState
    statement_id: str | None
    bank_fen: int | None
    cash_fen: int | None
    difference_fen: int | None
    assets_fen: int | None
    liabilities_fen: int | None
    prepaid_fen: int | None
    families_fen: int | None
    lessons_fen: int | None
    open_breaks: int | None
    compared_at: datetime | None


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How far the bank has confirmed a balance: the last day that agreed with it, and whether no cash moved since."""

    reconciled: bool
    reconciled_on: date | None
    reconciled_at: datetime | None


_LIST = """
SELECT t.account_id::text, t.institution_id, t.district, t.bank, {day} AS day, t.partition, t.position,
       coalesce(d.state, 'not_reported') AS state, d.statement_id, d.bank_fen, d.cash_fen,
       d.bank_fen - d.cash_fen AS difference_fen, d.assets_fen, d.liabilities_fen, d.prepaid_fen, d.families_fen,
       d.lessons_fen, d.open_breaks, d.recorded_at AS compared_at
  FROM escrow_views.balances t LEFT JOIN escrow_views.reconciled_days d
    ON d.account_id = t.account_id AND d.effective_on = {day}
 WHERE {where} ORDER BY t.partition, t.position LIMIT {limit}
"""
_CONFIRMED = """
SELECT d.effective_on, d.recorded_at,
       d.cash_fen = %(cash)s AND (%(version)s::bigint IS NOT NULL OR NOT EXISTS (
           SELECT FROM escrow_views.days m WHERE m.account_id = d.account_id
              AND m.effective_on > d.effective_on AND m.effective_on <= %(on)s AND m.cash_fen <> 0))
  FROM escrow_views.reconciled_days d
 WHERE d.account_id = %(account)s AND d.state = 'reconciled' AND d.effective_on <= %(on)s
   AND (%(version)s::bigint IS NULL OR d.version <= %(version)s)
 ORDER BY d.effective_on DESC LIMIT 1
"""


async def list_days(
    connection: AsyncConnection[Any],
    *,
    day: date,
    scope: Scope = EVERYTHING,
    district: str | None = None,
    account_id: UUID | str | None = None,
    state: ReconciliationState | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[tuple[Cursor, AccountDay]]:
    """Accounts that were open on the day, in the order in which they were opened, each with its place."""
    where = _visible(scope)
    where.also(sql.SQL("t.opened_on <= %(day)s"), day=day)
    where.equal("district", district)
    where.equal("account_id", account_id)
    if state is not None:
        where.also(sql.SQL("coalesce(d.state, 'not_reported') = %(state)s"), state=state)
    where.after(after)
    query = sql.SQL(_LIST).format(
        day=sql.SQL("%(day)s::date"), where=sql.SQL(" AND ").join(where.conditions), limit=sql.Literal(limit)
    )
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, where.values, prepare=False)
        rows = await cursor.fetchall()
    return [(Cursor(row.pop("partition"), row.pop("position")), AccountDay(**row)) for row in rows]


async def latest_day(connection: AsyncConnection[Any], *, until: date, scope: Scope = EVERYTHING) -> date | None:
    """The latest day through `until` on which an account in the scope was compared with its bank."""
    where = _visible(scope)
    where.also(sql.SQL("t.account_id = d.account_id"))
    query = sql.SQL(
        "SELECT d.effective_on FROM escrow_views.reconciled_days d WHERE d.effective_on <= %(until)s"
        " AND EXISTS (SELECT FROM escrow_views.balances t WHERE {}) ORDER BY d.effective_on DESC LIMIT 1"
    ).format(sql.SQL(" AND ").join(where.conditions))
    row = await (await connection.execute(query, where.values | {"until": until}, prepare=False)).fetchone()
    return None if row is None else row[0]


async def days_of_account(
    connection: AsyncConnection[Any],
    account_id: UUID | str,
    *,
    before: date | None = None,
    limit: int = 100,
) -> list[ReconciledDay]:
    """The days of an account that were compared with its bank, newest first, before that day."""
    where = "t.account_id = %s" + (" AND t.effective_on < %s" if before is not None else "")
    query = sql.SQL("SELECT {} FROM {} t WHERE {} ORDER BY t.effective_on DESC LIMIT {}").format(
        DAYS.selected("t"),
        DAYS.identifier,
        sql.SQL(where),
        sql.Literal(limit),  # pyright: ignore[reportArgumentType]
    )
    values = [account_id] if before is None else [account_id, before]
    cursor = await connection.execute(query, values, prepare=False)
    return [DAYS.load(row) for row in await cursor.fetchall()]


async def list_breaks(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    district: str | None = None,
    kind: BreakKind | None = None,
    owner: BreakOwner | None = None,
    state: BreakState | None = None,
    overdue: bool | None = None,
    assignee: str | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[BreakRecord]:
    """A page of breaks in the order in which they were found."""
    where = _visible(scope)
    where.equal("account_id", account_id)
    where.equal("kind", kind)
    where.equal("owner", owner)
    where.equal("state", state)
    where.equal("assignee", assignee)
    if district is not None:
        where.also(
            sql.SQL(
                "EXISTS (SELECT FROM escrow_views.balances d WHERE d.account_id = t.account_id"
                " AND d.district = %(district)s)"
            ),
            district=district,
        )
    if overdue is not None:
        where.also(sql.SQL("(t.overdue_on IS NOT NULL) = %(overdue)s"), overdue=overdue)
    where.after(after)
    return await select(connection, BREAKS, where, limit=limit)


async def get_break(
    connection: AsyncConnection[Any], break_id: str, *, scope: Scope = EVERYTHING
) -> BreakRecord | None:
    """The break; None when it does not exist or is outside the scope."""
    where = _visible(scope)
    where.equal("break_id", break_id)
    return next(iter(await select(connection, BREAKS, where, limit=1)), None)


async def confirmation(
    connection: AsyncConnection[Any], account_id: UUID | str, *, cash_fen: int, on: date, version: int | None = None
) -> Confirmation:
    """Whether the bank confirmed this cash as of the end of that day; by what was recorded until a version, or now."""
    values = {"account": account_id, "cash": cash_fen, "on": on, "version": version}
    row = await (await connection.execute(_CONFIRMED, values)).fetchone()
    if row is None:
        return Confirmation(reconciled=False, reconciled_on=None, reconciled_at=None)
    return Confirmation(reconciled=row[2], reconciled_on=row[0], reconciled_at=row[1])


def _visible(scope: Scope) -> Filter:
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(NOTHING)
    return where
