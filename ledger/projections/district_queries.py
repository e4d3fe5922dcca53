"""League tables: districts as they stand now, and institutions by month, ranked by what is asked."""

from datetime import date
from typing import Any, Final, Literal, get_args

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import dict_row

from ledger.projections.paging import EVERYTHING, Filter, Scope

DistrictMeasure = Literal[
    "loss_fen", "exposure_fen", "obligation_fen", "overdue_refunds", "refund_days_bp", "deemed_bp", "alerts", "breaks"
]
InstitutionMeasure = Literal[
    "loss_fen", "exposure_fen", "obligation_fen", "overdue_steps", "refund_days_bp", "deemed_bp", "received_fen"
]
DISTRICT_MEASURES: Final[tuple[str, ...]] = get_args(DistrictMeasure)
INSTITUTION_MEASURES: Final[tuple[str, ...]] = get_args(InstitutionMeasure)


class DistrictStanding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A district as it stands now (fen); `rank` 1 has most of what the table is ranked by.

    Of its accounts, `covered` have cash for all that families and unknown payers are owed, and `confirmed` agreed with
    their banks on a day of the last seven. `overdue_refunds` wait for somebody past a day. Of the running month:
    `refund_days_bp`, the days that the families of closed refunds waited on average, and `deemed_bp`, the share of
    lessons drawn by silence, both in ten-thousandths; null when there were none.
    """

    rank: int
    district: str
    institutions: int
    accounts: int
    covered: int
    confirmed: int
    obligation_fen: int
    cover_fen: int
    exposure_fen: int
    loss_fen: int
    open_refunds: int
    overdue_refunds: int
    refund_days_bp: int | None
    deemed_bp: int | None
    alerts: int
    red_alerts: int
    breaks: int


class InstitutionMonth(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An institution's account in a month; `rank` 1 has most of what the table is ranked by. Amounts in fen.

    How it stood is as of its last event of the month, or of the latest month before it with any.
    """

    rank: int
    account_id: str
    institution_id: str
    district: str
    rating: str
    listing: str
    obligation_fen: int
    cover_fen: int
    exposure_fen: int
    loss_fen: int
    received_fen: int
    paid_out_fen: int
    refunded_fen: int
    refunds_asked: int
    refunds_closed: int
    refund_days_bp: int | None
    deemed_bp: int | None
    overdue_steps: int
    overdue_breaks: int
    overdue_top_ups: int


_DISTRICTS: Final = """
WITH seen AS MATERIALIZED (
    SELECT t.account_id, t.institution_id, t.district, t.obligation_fen, t.cash_fen, t.exposure_fen,
           t.loss_if_closed_today_fen AS loss_fen
      FROM escrow_views.balances t WHERE {where}
), refunds AS (
    SELECT r.account_id, count(*) AS open, count(*) FILTER (WHERE r.overdue) AS overdue FROM escrow_views.refunds r
     WHERE r.state NOT IN ('paid', 'withdrawn') OR r.paid_fen < r.agreed_fen GROUP BY 1
), alerts AS (
    SELECT a.account_id, count(*) AS open, count(*) FILTER (WHERE a.severity = 'red') AS red
      FROM escrow_views.alerts a WHERE a.state <> 'resolved' GROUP BY 1
), breaks AS (
    SELECT k.account_id, count(*) AS open FROM escrow_views.breaks k WHERE k.state = 'open' GROUP BY 1
), confirmed AS (
    SELECT DISTINCT d.account_id FROM escrow_views.reconciled_days d
     WHERE d.effective_on > %(today)s::date - 7 AND d.effective_on <= %(today)s AND d.state = 'reconciled'
), standing AS (
    SELECT s.district, count(DISTINCT s.institution_id) AS institutions, count(*) AS accounts,
           count(*) FILTER (WHERE s.loss_fen = 0) AS covered, count(c.account_id) AS confirmed,
           sum(s.obligation_fen)::bigint AS obligation_fen, sum(s.cash_fen)::bigint AS cover_fen,
           sum(s.exposure_fen)::bigint AS exposure_fen, sum(s.loss_fen)::bigint AS loss_fen,
           coalesce(sum(r.open), 0)::bigint AS open_refunds, coalesce(sum(r.overdue), 0)::bigint AS overdue_refunds,
           (sum(m.refund_days) * 10000 / nullif(sum(m.refunds_closed), 0))::bigint AS refund_days_bp,
           (sum(m.deemed) * 10000 / nullif(sum(m.draws), 0))::bigint AS deemed_bp,
           coalesce(sum(a.open), 0)::bigint AS alerts, coalesce(sum(a.red), 0)::bigint AS red_alerts,
           coalesce(sum(k.open), 0)::bigint AS breaks
      FROM seen s LEFT JOIN refunds r USING (account_id) LEFT JOIN alerts a USING (account_id)
      LEFT JOIN breaks k USING (account_id) LEFT JOIN confirmed c USING (account_id)
      LEFT JOIN escrow_views.account_months m ON m.account_id = s.account_id AND m.effective_on = %(month)s
     GROUP BY s.district
)
SELECT row_number() OVER (ORDER BY {measure} DESC NULLS LAST, district) AS rank, * FROM standing
 ORDER BY rank OFFSET %(skip)s LIMIT %(limit)s
"""
_INSTITUTIONS: Final = """
WITH months AS (
    SELECT t.account_id::text, t.institution_id, t.district, t.rating, t.listing,
           coalesce(s.obligation_fen, 0) AS obligation_fen, coalesce(s.cover_fen, 0) AS cover_fen,
           coalesce(s.exposure_fen, 0) AS exposure_fen, coalesce(s.loss_fen, 0) AS loss_fen,
           coalesce(m.received_fen, 0) AS received_fen, coalesce(m.paid_out_fen, 0) AS paid_out_fen,
           coalesce(m.refunded_fen, 0) AS refunded_fen, coalesce(m.refunds_asked, 0) AS refunds_asked,
           coalesce(m.refunds_closed, 0) AS refunds_closed,
           m.refund_days::bigint * 10000 / nullif(m.refunds_closed, 0) AS refund_days_bp,
           m.deemed::bigint * 10000 / nullif(m.draws, 0) AS deemed_bp,
           coalesce(m.overdue_steps, 0) AS overdue_steps, coalesce(m.overdue_breaks, 0) AS overdue_breaks,
           coalesce(m.overdue_top_ups, 0) AS overdue_top_ups
      FROM escrow_views.balances t
      LEFT JOIN escrow_views.account_months m ON m.account_id = t.account_id AND m.effective_on = %(month)s
      LEFT JOIN LATERAL (SELECT l.obligation_fen, l.cover_fen, l.exposure_fen, l.loss_fen
                           FROM escrow_views.account_months l
                          WHERE l.account_id = t.account_id AND l.effective_on <= %(month)s
                          ORDER BY l.effective_on DESC LIMIT 1) s ON TRUE
     WHERE {where}
)
SELECT row_number() OVER (ORDER BY {measure} DESC NULLS LAST, account_id) AS rank, * FROM months
 ORDER BY rank OFFSET %(skip)s LIMIT %(limit)s
"""


async def rank_districts(
    connection: AsyncConnection[Any],
    *,
    today: date,
    scope: Scope = EVERYTHING,
    district: str | None = None,
    rank_by: DistrictMeasure = "loss_fen",
    skip: int = 0,
    limit: int = 100,
) -> list[DistrictStanding]:
    """Districts with an account in the scope, most first, from the `skip`-th on. Families see none."""
    where = _visible(scope)
    where.equal("district", district)
    values = where.values | {"today": today, "month": today.replace(day=1), "skip": skip, "limit": limit}
    return [DistrictStanding(**row) for row in await _rows(connection, _DISTRICTS, rank_by, where, values)]


async def rank_institutions(
    connection: AsyncConnection[Any],
    *,
    month: date,
    scope: Scope = EVERYTHING,
    district: str | None = None,
    rank_by: InstitutionMeasure = "loss_fen",
    skip: int = 0,
    limit: int = 100,
) -> list[InstitutionMonth]:
    """The accounts of institutions in the scope by their figures of the month that begins on that day, most first."""
    where = _visible(scope)
    where.also(sql.SQL("t.opened_on < (%(month)s::date + interval '1 month')"))
    where.equal("district", district)
    values = where.values | {"month": month, "skip": skip, "limit": limit}
    return [InstitutionMonth(**row) for row in await _rows(connection, _INSTITUTIONS, rank_by, where, values)]


async def _rows(
    connection: AsyncConnection[Any], query: str, rank_by: str, where: Filter, values: dict[str, Any]
) -> list[dict[str, Any]]:
    assert rank_by in DISTRICT_MEASURES + INSTITUTION_MEASURES
    composed = sql.SQL(query).format(  # pyright: ignore[reportArgumentType]
        where=sql.SQL(" AND ").join(where.conditions or [sql.SQL("TRUE")]), measure=sql.Identifier(rank_by)
    )
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(composed, values, prepare=False)
        return await cursor.fetchall()


def _visible(scope: Scope) -> Filter:
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(sql.SQL("FALSE"))
    return where
