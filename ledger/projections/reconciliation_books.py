"""Both sides of the comparison of accounts with their banks, read from the views in one transaction.

What is read is a window: from the bank's last closing before the last `MARGIN` days that were compared, or before the
oldest open break. So the cost of a comparison does not grow with an account's history. It begins with the first
statement where the cash before that is not (any more) what the statement opens with: an entry that is dated before all
statements is in none of them.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from ledger.domain.postings import ASSETS, LIABILITIES, Bucket
from ledger.domain.reconciliation.books import AccountBooks, Closing, DayTotals, Entry, Statement
from ledger.domain.reconciliation.findings import BookFigures, RecordedDay

MARGIN: Final = timedelta(days=7)
"""How far behind the last day compared a comparison looks again: what was booked late changes days in it."""
_DAY: Final = timedelta(days=1)


def _sum_of(alias: str, buckets: tuple[Bucket, ...]) -> str:
    return " + ".join(f"{alias}.{bucket}_fen" for bucket in buckets)


_BEGINNING: Final = """
SELECT a.first_on
  FROM (SELECT s.opening_fen FROM escrow_views.bank_statements s
         WHERE s.account_id = a.account_id AND s.from_on = a.first_on AND s.to_on <= a.through_on AND s.repeats = ''
           AND s.parts_recorded >= s.parts ORDER BY s.to_on, s.position LIMIT 1) AS bank
 CROSS JOIN (SELECT coalesce(sum(d.cash_fen), 0)::bigint
                    + CASE WHEN a.imported_on = a.first_on THEN a.imported_fen ELSE 0 END AS cash_fen
               FROM escrow_views.days d
              WHERE d.account_id = a.account_id AND d.effective_on < a.first_on) AS ledger
 WHERE bank.opening_fen <> ledger.cash_fen AND NOT EXISTS (
       SELECT FROM escrow_views.breaks k
        WHERE k.account_id = a.account_id AND k.kind = 'opening_differs' AND k.state = 'resolved'
          AND k.how = 'explained' AND k.bank_fen = bank.opening_fen AND k.ledger_fen = ledger.cash_fen)
"""
_ACCOUNTS: Final = f"""
SELECT b.account_id::text, b.version, b.shortage_fen, b.in_transit_fen, b.prepaid_fen,
       b.cash_fen, {_sum_of("b", ASSETS)} AS assets_fen, {_sum_of("b", LIABILITIES)} AS liabilities_fen,
       a.first_on, a.imported_on, coalesce(a.imported_fen, 0) AS imported_fen,
       least(a.through_on - %(margin)s::int, ({_BEGINNING}), (SELECT min(k.since_on) FROM escrow_views.breaks k
              WHERE k.account_id = b.account_id AND k.state = 'open')) AS look_from
  FROM escrow_views.balances b LEFT JOIN escrow_views.reconciled_accounts a USING (account_id)
 WHERE b.account_id = ANY(%(accounts)s::uuid[])
 ORDER BY b.account_id
"""
_BASELINES: Final = """
SELECT w.account_id::text,
       greatest((SELECT max(s.to_on) FROM escrow_views.bank_statements s
                  WHERE s.account_id = w.account_id AND s.to_on < w.look_from AND s.repeats = ''
                    AND s.parts_recorded = s.parts),
                (SELECT max(r.effective_on) FROM escrow_views.reported_balances r
                  WHERE r.account_id = w.account_id AND r.effective_on < w.look_from)) AS baseline_on
  FROM unnest(%(accounts)s::uuid[], %(days)s::date[]) AS w (account_id, look_from) WHERE w.look_from IS NOT NULL
"""
_WINDOW: Final = "FROM unnest(%(accounts)s::uuid[], %(days)s::date[]) AS w (account_id, from_on)"
_STATEMENTS: Final = f"""
SELECT s.account_id::text, s.statement_id, s.position, s.from_on, s.to_on, s.opening_fen, s.closing_fen, s.entries_fen,
       s.parts_recorded >= s.parts AS complete, s.repeats
  {_WINDOW} JOIN escrow_views.bank_statements s ON s.account_id = w.account_id AND s.to_on >= w.from_on
 WHERE s.to_on <= %(through)s ORDER BY s.account_id, s.to_on, s.from_on, s.position
"""
_REPORTED: Final = f"""
SELECT r.account_id::text, r.effective_on AS day, r.statement_id, r.balance_fen
  {_WINDOW} JOIN escrow_views.reported_balances r ON r.account_id = w.account_id AND r.effective_on >= w.from_on
 WHERE r.effective_on <= %(through)s ORDER BY 1, 2
"""
_TOTALS: Final = f"""
SELECT d.account_id::text, d.effective_on AS day, d.cash_fen,
       {_sum_of("d", ASSETS)} AS assets_fen, {_sum_of("d", LIABILITIES)} AS liabilities_fen
  {_WINDOW} JOIN escrow_views.days d ON d.account_id = w.account_id AND d.effective_on >= w.from_on
 ORDER BY 1, 2
"""
_RECORDED: Final = f"""
SELECT d.account_id::text, d.effective_on AS day, d.state, d.statement_id, d.bank_fen, d.cash_fen, d.assets_fen,
       d.liabilities_fen, d.open_breaks
  {_WINDOW} JOIN escrow_views.reconciled_days d ON d.account_id = w.account_id AND d.effective_on >= w.from_on
"""
_ENTRIES: Final = """
SELECT e.account_id::text, e.reference, e.end_to_end_id, e.ledger_fen, e.ledger_on, e.bank_kind, e.bank_fen, e.bank_on,
       e.statement_id, e.statement_on, e.in_period, e.repeats, e.unapproved,
       EXISTS (SELECT FROM escrow_views.bank_entries o WHERE o.account_id = e.account_id
                  AND o.reference = e.reference AND o.credit <> e.credit) AS shared,
       e.ledger_on IS NOT NULL AND EXISTS (SELECT FROM escrow_views.bank_statements s
           WHERE s.account_id = e.account_id AND s.from_on <= e.ledger_on AND s.to_on >= e.ledger_on
             AND s.to_on <= %(through)s AND s.parts_recorded >= s.parts AND s.repeats = '') AS covered,
       coalesce(CASE WHEN i.state IN ('settled', 'returned') THEN 'settled'
                     WHEN i.state IN ('rejected', 'declined') THEN 'rejected'
                     WHEN i.state = 'pending' AND i.needs_approval THEN 'unapproved'
                     WHEN i.state IS NOT NULL THEN 'pending' END, '') AS instruction
  FROM escrow_views.bank_entries e
  LEFT JOIN escrow_views.instructions i
    ON e.end_to_end_id <> '' AND i.end_to_end_id = e.end_to_end_id AND i.account_id = e.account_id
 WHERE e.open AND e.account_id = ANY(%(accounts)s::uuid[])
   AND (e.bank_fen IS NOT NULL OR e.unapproved OR e.ledger_on >= (
        SELECT a.first_on FROM escrow_views.reconciled_accounts a WHERE a.account_id = e.account_id))
 ORDER BY e.account_id, e.partition, e.position, e.reference, e.credit
"""
_ACCEPTED: Final = """
SELECT account_id::text, break_id, difference_fen, bank_fen, ledger_fen FROM escrow_views.breaks
 WHERE account_id = ANY(%(accounts)s::uuid[]) AND state = 'resolved' AND how = 'explained'
"""
_FAMILIES: Final = """
SELECT c.account_id::text, sum(c.prepaid_fen)::bigint AS families_fen, sum(p.lessons_fen)::bigint AS lessons_fen
  FROM escrow_views.contracts c CROSS JOIN LATERAL (
       SELECT sum((one ->> 'paid_fen')::bigint - (one ->> 'drawn_fen')::bigint - (one ->> 'refunded_fen')::bigint
                  - (one ->> 'charged_fen')::bigint - coalesce((one ->> 'moved_fen')::bigint, 0)) AS lessons_fen
         FROM jsonb_array_elements(c.packages) AS one) p
 WHERE c.account_id = ANY(%(accounts)s::uuid[]) AND (c.ended_on IS NULL OR c.prepaid_fen <> 0)
 GROUP BY c.account_id
"""


async def read_books(
    connection: AsyncConnection[Any], account_ids: Sequence[str], *, through: date
) -> list[AccountBooks]:
    """The accounts' books through that day, in the order of their ids. The connection must not be in a transaction."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return await _Reading(connection, through).books(list(account_ids))


Row = dict[str, Any]
_NOBODY: Final[Row] = {"families_fen": 0, "lessons_fen": 0}


class _Reading:
    """One read of many accounts, in one snapshot of the views."""

    def __init__(self, connection: AsyncConnection[Any], through: date) -> None:
        self._connection = connection
        self._through = through

    async def books(self, account_ids: list[str]) -> list[AccountBooks]:
        accounts = await self._rows(_ACCOUNTS, dict.fromkeys(account_ids))
        looks = {one["account_id"]: one["look_from"] for one in accounts}
        baselines = {one["account_id"]: one["baseline_on"] for one in await self._rows(_BASELINES, looks)}
        window = {account_id: baselines.get(account_id) or look or date.min for account_id, look in looks.items()}
        statements = await self._grouped(_STATEMENTS, window)
        reported = await self._grouped(_REPORTED, window)
        from_on: dict[str, date] = {}
        for one in accounts:
            account_id = one["account_id"]
            said = [row["from_on"] for row in statements.get(account_id, ())]
            said += [row["day"] for row in reported.get(account_id, ())]
            from_on[account_id] = min([*said, looks[account_id] or self._through])
        totals = await self._grouped(_TOTALS, from_on)
        recorded = await self._grouped(_RECORDED, from_on)
        entries = await self._grouped(_ENTRIES, from_on)
        accepted = await self._grouped(_ACCEPTED, from_on)
        families = await self._grouped(_FAMILIES, from_on)
        found: list[AccountBooks] = []
        for one in accounts:
            account_id = one["account_id"]
            before, by_day = _totals(one, from_on[account_id], totals.get(account_id, []))
            of_families = families.get(account_id, [_NOBODY])[0]
            found.append(
                AccountBooks(
                    account_id=account_id,
                    version=one["version"],
                    from_on=from_on[account_id],
                    before=before,
                    totals=by_day,
                    statements=[Statement(**row) for row in statements.get(account_id, ())],
                    reported=[Closing(**row) for row in reported.get(account_id, ())],
                    entries=[Entry(**row) for row in entries.get(account_id, ())],
                    recorded={row.pop("day"): RecordedDay(**row) for row in recorded.get(account_id, ())},
                    accepted={
                        row["break_id"]: (row["difference_fen"], row["bank_fen"], row["ledger_fen"])
                        for row in accepted.get(account_id, ())
                    },
                    first_on=one["first_on"],
                    baseline_on=baselines.get(account_id),
                    imported_on=one["imported_on"],
                    imported_fen=one["imported_fen"],
                    shortage_fen=one["shortage_fen"],
                    in_transit_fen=one["in_transit_fen"],
                    figures=BookFigures(
                        assets_fen=one["assets_fen"],
                        liabilities_fen=one["liabilities_fen"],
                        prepaid_fen=one["prepaid_fen"],
                        **of_families,
                    ),
                )
            )
        return found

    async def _rows(self, query: str, days: Mapping[str, date | None]) -> list[Row]:
        values = {
            "accounts": list(days),
            "days": list(days.values()),
            "through": self._through,
            "margin": MARGIN.days,
        }
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall()

    async def _grouped(self, query: str, days: Mapping[str, date | None]) -> dict[str, list[Row]]:
        """The rows by account, without its id."""
        found: dict[str, list[Row]] = {}
        for row in await self._rows(query, days):
            found.setdefault(row.pop("account_id"), []).append(row)
        return found


def _totals(account: Row, from_on: date, rows: list[Row]) -> tuple[DayTotals, list[DayTotals]]:
    """The totals of the day before, and at each day's end: those of now, less what moved since."""
    cash, assets, liabilities = account["cash_fen"], account["assets_fen"], account["liabilities_fen"]
    found: list[DayTotals] = []
    for row in reversed(rows):
        found.append(DayTotals(row["day"], cash, assets, liabilities, row["cash_fen"] != 0))
        cash, assets, liabilities = (
            cash - row["cash_fen"],
            assets - row["assets_fen"],
            liabilities - row["liabilities_fen"],
        )
    return DayTotals(from_on - _DAY, cash, assets, liabilities, cash_moved=False), found[::-1]


__all__ = ["MARGIN", "read_books"]
