"""Reading cases: pages in a reader's scope, rectification lists, and which institutions were inspected."""

from datetime import date
from typing import Any

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import class_row

from ledger.domain.authorities import EVERYWHERE, codes_of
from ledger.domain.case import CaseState
from ledger.domain.events import CaseKind
from ledger.projections.case_rows import CaseRow, RectificationRow
from ledger.projections.cases import RECTIFICATIONS, TABLE
from ledger.projections.paging import EVERYTHING, NOTHING, Cursor, Filter, Scope, select, supervised

_OF_ACCOUNT = sql.SQL(
    "EXISTS (SELECT FROM escrow_views.balances b WHERE b.account_id = nullif({}.about_account_id, '')::uuid AND {})"
)


def _of_authorities(scope: Scope, alias: str) -> sql.Composable:
    """Cases whose owner or handler the reader acts for, and those about an account that the reader supervises."""
    row = sql.Identifier(alias)
    of_account = _OF_ACCOUNT.format(row, supervised(scope))
    return sql.SQL("({}.seen_by && %(scope_codes)s::text[] OR {})").format(row, of_account)


def _values(scope: Scope) -> dict[str, object]:
    acting = (EVERYWHERE,) if scope.districts is None else scope.districts
    return {
        "scope_codes": list(codes_of(acting, scope.authorities or ())),
        "scope_districts": list(scope.districts or ()),
        "scope_authorities": list(scope.authorities or ()),
        "scope_families": list(scope.family_ids or ()),
        "scope_institutions": list(scope.institution_ids or ()),
    }


def _visible(scope: Scope) -> Filter:
    """Regulators see theirs, parents their own, institutions and banks none."""
    where = Filter()
    if scope.bank is not None or scope.institution_ids is not None:
        where.also(NOTHING)
    if scope.districts is not None or scope.authorities is not None:
        where.also(_of_authorities(scope, "t"), **_values(scope))
    if scope.family_ids is not None:
        where.also(sql.SQL("t.family_id = ANY(%(scope_families)s)"), **_values(scope))
    return where


async def get(connection: AsyncConnection[Any], case_id: str, *, scope: Scope = EVERYTHING) -> CaseRow | None:
    """The case now; None when it does not exist or is outside the scope."""
    where = _visible(scope)
    where.equal("case_id", case_id)
    return next(iter(await select(connection, TABLE, where, limit=1)), None)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    kind: CaseKind | None = None,
    state: CaseState | None = None,
    owner: str | None = None,
    handler: str | None = None,
    institution_id: str | None = None,
    about_account_id: str | None = None,
    overdue: bool | None = None,
    actions_pending: bool = False,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[CaseRow]:
    """A page of cases in the order in which they were opened."""
    where = _visible(scope)
    for column, value in (
        ("kind", kind),
        ("state", state),
        ("owner", owner),
        ("handler", handler),
        ("institution_id", institution_id),
        ("about_account_id", about_account_id),
        ("overdue", overdue),
    ):
        where.equal(column, value)
    if actions_pending:
        where.also(sql.SQL("t.actions_pending > 0"))
    where.after(after)
    return await select(connection, TABLE, where, limit=limit)


async def list_rectifications(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    case_id: str | None = None,
    institution_id: str | None = None,
    only_open: bool = False,
    overdue: bool | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[RectificationRow]:
    """A page of what has to be put right: an institution's own, or that of the cases which a regulator sees."""
    where = Filter()
    if scope.bank is not None or scope.family_ids is not None:
        where.also(NOTHING)
    if scope.institution_ids is not None:
        where.also(sql.SQL("t.institution_id = ANY(%(scope_institutions)s)"), **_values(scope))
    if scope.districts is not None or scope.authorities is not None:
        where.also(
            sql.SQL("EXISTS (SELECT FROM escrow_views.cases c WHERE c.case_id = t.case_id AND {})").format(
                _of_authorities(scope, "c")
            ),
            **_values(scope),
        )
    where.equal("case_id", case_id)
    where.equal("institution_id", institution_id)
    where.equal("overdue", overdue)
    if only_open:
        where.also(sql.SQL("t.state <> 'passed'"))
    where.after(after, ordinal=True)
    return await select(connection, RECTIFICATIONS, where, limit=limit, ordinal=True)


class Coverage(msgspec.Struct, kw_only=True):
    """One institution of a district: how often it was inspected in the span, when last, and with how many findings.

    `last_before_on` is the last inspection before the span.
    """

    institution_id: str
    inspections: int
    findings: int
    last_on: date | None
    last_before_on: date | None


_COVERAGE = """
SELECT b.institution_id, count(i.case_id) FILTER (WHERE i.inspected_on >= %(first)s)::int AS inspections,
       coalesce(sum(i.findings) FILTER (WHERE i.inspected_on >= %(first)s), 0)::int AS findings,
       max(i.inspected_on) FILTER (WHERE i.inspected_on >= %(first)s) AS last_on,
       max(i.inspected_on) FILTER (WHERE i.inspected_on < %(first)s) AS last_before_on
  FROM (SELECT DISTINCT institution_id FROM escrow_views.balances b
         WHERE b.district = %(district)s AND b.opened_on <= %(last)s AND {scope}) b
  LEFT JOIN escrow_views.inspections i ON i.institution_id = b.institution_id AND i.inspected_on <= %(last)s
 GROUP BY b.institution_id ORDER BY b.institution_id COLLATE "C"
"""


async def coverage(
    connection: AsyncConnection[Any], *, district: str, first: date, last: date, scope: Scope = EVERYTHING
) -> list[Coverage]:
    """Every institution with an account in the district that was open in the span (both days counted), by id."""
    query = sql.SQL(_COVERAGE).format(scope=supervised(scope))
    values = _values(scope) | {"district": district, "first": first, "last": last}
    cursor = connection.cursor(row_factory=class_row(Coverage))
    return await (await cursor.execute(query, values, prepare=False)).fetchall()


class CoverageCounts(msgspec.Struct, kw_only=True):
    """How many institutions have an account under the reader's supervision, and how many were inspected in the span."""

    institutions: int
    inspected: int


_COVERAGE_COUNTS = """
SELECT count(*)::int AS institutions, count(i.institution_id)::int AS inspected
  FROM (SELECT DISTINCT institution_id FROM escrow_views.balances b WHERE b.opened_on <= %(last)s AND {scope}) b
  LEFT JOIN (SELECT DISTINCT institution_id FROM escrow_views.inspections
              WHERE inspected_on BETWEEN %(first)s AND %(last)s) i USING (institution_id)
"""


async def coverage_counts(
    connection: AsyncConnection[Any], *, first: date, last: date, scope: Scope = EVERYTHING
) -> CoverageCounts:
    """Over every district in the scope, both days counted."""
    query = sql.SQL(_COVERAGE_COUNTS).format(scope=supervised(scope))
    cursor = connection.cursor(row_factory=class_row(CoverageCounts))
    counts = await (
        await cursor.execute(query, _values(scope) | {"first": first, "last": last}, prepare=False)
    ).fetchone()
    return counts or CoverageCounts(institutions=0, inspected=0)
