"""Ordered refunds (清退): what the regulator ordered back to families, and what of it was cleared, day by day.

What an institution agreed to by itself is paid before what was ordered, so only the rest counts as cleared by order.
"""

from datetime import date
from typing import Any, ClassVar

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import class_row

from ledger.domain.events import Event, RefundAgreed, RefundPaid, RefundPaidByInstitution, RefundReturned
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, Scope, supervised
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View


class OrderedRefund(msgspec.Struct, gc=False):
    """A refund's agreed, ordered and paid fen."""

    account_id: str
    refund_id: str
    partition: int
    agreed_fen: int = 0
    ordered_fen: int = 0
    paid_fen: int = 0

    @property
    def cleared_fen(self) -> int:
        """What was paid beyond what had been agreed without an order."""
        return min(self.ordered_fen, max(0, self.paid_fen - (self.agreed_fen - self.ordered_fen)))


class ClearedRefund(msgspec.Struct, gc=False):
    """What of one refund was ordered and cleared on one effective day (fen)."""

    account_id: str
    refund_id: str
    effective_on: date
    partition: int
    ordered_fen: int = 0
    cleared_fen: int = 0


REFUNDS = Table("ordered_refunds", OrderedRefund, key=("account_id", "refund_id"))
DAYS = Table("cleared_refunds", ClearedRefund, key=("account_id", "refund_id", "effective_on"))
_Movement = RefundAgreed | RefundPaid | RefundPaidByInstitution | RefundReturned
_MOVEMENTS = (RefundAgreed, RefundPaid, RefundPaidByInstitution, RefundReturned)


class OrderedRefunds(View):
    """Follows the agreement and payment of every refund, and keeps days for those that were ordered."""

    name = "ordered_refunds"
    tables: ClassVar[tuple[Table[Any], ...]] = (REFUNDS, DAYS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._refunds: Rows[tuple[str, str], OrderedRefund] = self.rows[0]
        self._days: Rows[tuple[str, str, date], ClearedRefund] = self.rows[1]

    def folds(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_MOVEMENTS, self._moved)

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_MOVEMENTS, self._look)

    def _look(self, at: LoggedEvent, e: _Movement) -> None:
        self._refunds.want((at.account_id, e.refund_id))
        self._days.want((at.account_id, e.refund_id, e.effective_on))

    def _moved(self, at: LoggedEvent, e: _Movement) -> None:
        refund = self._refunds.change_found((at.account_id, e.refund_id))
        if refund is None:
            refund = OrderedRefund(at.account_id, e.refund_id, at.partition)
            self._refunds.put((at.account_id, e.refund_id), refund)
        ordered_before, cleared_before = refund.ordered_fen, refund.cleared_fen
        match e:
            case RefundAgreed():
                refund.agreed_fen += e.amount_fen
                if e.by == "order":
                    refund.ordered_fen += e.amount_fen
            case RefundPaid() | RefundPaidByInstitution():
                refund.paid_fen += e.amount_fen
            case RefundReturned():
                refund.paid_fen -= e.amount_fen
        ordered, cleared = refund.ordered_fen - ordered_before, refund.cleared_fen - cleared_before
        if ordered or cleared:
            self._add(at, e, ordered_fen=ordered, cleared_fen=cleared)

    def _add(self, at: LoggedEvent, e: _Movement, *, ordered_fen: int, cleared_fen: int) -> None:
        key = (at.account_id, e.refund_id, e.effective_on)
        day = self._days.change_found(key)
        if day is None:
            day = ClearedRefund(at.account_id, e.refund_id, e.effective_on, at.partition)
            self._days.put(key, day)
        day.ordered_fen += ordered_fen
        day.cleared_fen += cleared_fen


class CampaignTotal(msgspec.Struct, kw_only=True):
    """What was ordered back to families of one district in a span, and what of any order was cleared in it (fen).

    `refunds` counts the refunds that either concerns.
    """

    district: str
    ordered_fen: int
    cleared_fen: int
    refunds: int
    institutions: int


_TOTALS = """
SELECT b.district, sum(t.ordered_fen)::bigint AS ordered_fen, sum(t.cleared_fen)::bigint AS cleared_fen,
       count(DISTINCT (t.account_id, t.refund_id))::int AS refunds,
       count(DISTINCT b.institution_id)::int AS institutions
  FROM escrow_views.cleared_refunds t JOIN escrow_views.balances b USING (account_id)
 WHERE t.effective_on BETWEEN %(first)s AND %(last)s AND {scope}
 GROUP BY b.district ORDER BY b.district COLLATE "C"
"""


async def totals(
    connection: AsyncConnection[Any], *, first: date, last: date, scope: Scope = EVERYTHING
) -> list[CampaignTotal]:
    """Totals by district over the span, both days counted; districts without any are left out."""
    values = {
        "first": first,
        "last": last,
        "scope_districts": list(scope.districts or ()),
        "scope_authorities": list(scope.authorities or ()),
    }
    cursor = connection.cursor(row_factory=class_row(CampaignTotal))
    return await (await cursor.execute(sql.SQL(_TOTALS).format(scope=supervised(scope)), values)).fetchall()
