"""Districts: what happened in each account by calendar month, from which districts and institutions are compared."""

from datetime import date
from typing import Any, ClassVar

import msgspec

from ledger.domain.account import Buckets
from ledger.domain.events import (
    AccountOpened,
    AdvancePaid,
    BankBreakOverdue,
    Event,
    FeeKeptByInstitution,
    FeePaid,
    LessonDrawn,
    PayoutSettled,
    RefundAgreed,
    RefundOverdue,
    RefundPaid,
    RefundPaidByInstitution,
    RefundRequested,
    RefundReturned,
    SuspenseMatched,
    TopUpOverdue,
)
from ledger.domain.postings import POSTINGS
from ledger.projections.logged_event import LoggedEvent, move
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View


class AccountMonth(msgspec.Struct, gc=False):
    """An account's month: flows and counts of its effective days, and how it stood when its last event was recorded.

    `refund_days` are the calendar days that the families of `refunds_closed` waited in all. Amounts in fen.
    """

    account_id: str
    effective_on: date
    partition: int
    received_fen: int = 0
    paid_out_fen: int = 0
    refunded_fen: int = 0
    draws: int = 0
    deemed: int = 0
    refunds_asked: int = 0
    refunds_closed: int = 0
    refund_days: int = 0
    overdue_steps: int = 0
    overdue_breaks: int = 0
    overdue_top_ups: int = 0
    obligation_fen: int = 0
    exposure_fen: int = 0
    cover_fen: int = 0
    loss_fen: int = 0


class MonthAccount(msgspec.Struct, gc=False):
    """An account as it stands, and the first day of its latest month."""

    account_id: str
    partition: int
    month_on: date | None
    buckets: Buckets


class MonthRefund(msgspec.Struct, gc=False):
    """A refund until everything that was finally agreed is paid."""

    account_id: str
    refund_id: str
    partition: int
    requested_on: date
    agreed_fen: int = 0
    paid_fen: int = 0
    final: bool = False
    closed: bool = False


MONTHS = Table("account_months", AccountMonth, key=("account_id", "effective_on"))
ACCOUNTS = Table("month_accounts", MonthAccount, key=("account_id",), json=("buckets",))
REFUNDS = Table("month_refunds", MonthRefund, key=("account_id", "refund_id"))
_MOVING = tuple(cls for cls, of in POSTINGS.items() if of is not POSTINGS[AccountOpened])
_Fee = FeePaid | FeeKeptByInstitution | SuspenseMatched
_Refund = RefundRequested | RefundAgreed | RefundPaid | RefundPaidByInstitution | RefundReturned


class Districts(View):
    """Follows everything that moves money, and what counts how an institution does."""

    name = "districts"
    tables: ClassVar[tuple[Table[Any], ...]] = (MONTHS, ACCOUNTS, REFUNDS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._months: Rows[tuple[str, date], AccountMonth] = self.rows[0]
        self._accounts: Rows[str, MonthAccount] = self.rows[1]
        self._refunds: Rows[tuple[str, str], MonthRefund] = self.rows[2]
        self._details: dict[type[Event], Any] = {
            FeePaid: self._received,
            FeeKeptByInstitution: self._received,
            SuspenseMatched: self._received,
            PayoutSettled: self._paid_out,
            AdvancePaid: self._paid_out,
            LessonDrawn: self._drawn,
            RefundRequested: self._asked,
            RefundAgreed: self._agreed,
            RefundPaid: self._refunded,
            RefundPaidByInstitution: self._refunded,
            RefundReturned: self._returned,
            RefundOverdue: self._overdue_step,
            BankBreakOverdue: self._overdue_break,
            TopUpOverdue: self._overdue_top_up,
        }

    def folds(self) -> dict[type[Event], Handler]:
        followed = dict.fromkeys((*_MOVING, *self._details), self._follow)
        return {AccountOpened: self._opened, **followed}

    def looks(self) -> dict[type[Event], Handler]:
        refunds = (RefundRequested, RefundAgreed, RefundPaid, RefundPaidByInstitution, RefundReturned)
        return {
            **dict.fromkeys((*_MOVING, *self._details), self._look),
            **dict.fromkeys(refunds, self._look_at_refund),
        }

    def _look(self, at: LoggedEvent, e: Event) -> None:
        self._accounts.want(at.account_id)
        self._months.want((at.account_id, _month(e.effective_on)))

    def _look_at_refund(self, at: LoggedEvent, e: _Refund) -> None:
        self._look(at, e)
        self._refunds.want((at.account_id, e.refund_id))

    def _opened(self, at: LoggedEvent, _: AccountOpened) -> None:
        self._accounts.put(at.account_id, MonthAccount(at.account_id, at.partition, None, Buckets()))

    def _follow(self, at: LoggedEvent, e: Event) -> None:
        account = self._accounts.change(at.account_id)
        key = (at.account_id, _month(e.effective_on))
        month = self._months.change_found(key)
        if month is None:
            month = AccountMonth(at.account_id, key[1], at.partition)
            self._months.put(key, month)
        detail = self._details.get(type(e))
        if detail is not None:
            detail(at, month, e)
        move(account.buckets, at)
        # What is told late counts for its own month, and the account's standing for the latest.
        if account.month_on is None or key[1] >= account.month_on:
            account.month_on = key[1]
            _stands(month, account.buckets)

    @staticmethod
    def _received(_: LoggedEvent, month: AccountMonth, e: _Fee) -> None:
        month.received_fen += e.amount_fen

    @staticmethod
    def _paid_out(_: LoggedEvent, month: AccountMonth, e: PayoutSettled | AdvancePaid) -> None:
        month.paid_out_fen += e.amount_fen

    @staticmethod
    def _drawn(_: LoggedEvent, month: AccountMonth, e: LessonDrawn) -> None:
        month.draws += len(e.lines)
        if e.basis == "deemed":
            month.deemed += len(e.lines)

    def _asked(self, at: LoggedEvent, month: AccountMonth, e: RefundRequested) -> None:
        month.refunds_asked += 1
        self._refunds.put(
            (at.account_id, e.refund_id), MonthRefund(at.account_id, e.refund_id, at.partition, e.effective_on)
        )

    def _agreed(self, at: LoggedEvent, month: AccountMonth, e: RefundAgreed) -> None:
        refund = self._refunds.change_found((at.account_id, e.refund_id))
        if refund is not None:
            refund.agreed_fen += e.amount_fen
            refund.final = refund.final or e.final
            self._close(month, refund, e.effective_on)

    def _refunded(self, at: LoggedEvent, month: AccountMonth, e: RefundPaid | RefundPaidByInstitution) -> None:
        month.refunded_fen += e.amount_fen
        refund = self._refunds.change_found((at.account_id, e.refund_id))
        if refund is not None:
            refund.paid_fen += e.amount_fen
            self._close(month, refund, e.effective_on)

    def _returned(self, at: LoggedEvent, month: AccountMonth, e: RefundReturned) -> None:
        month.refunded_fen -= e.amount_fen
        refund = self._refunds.change_found((at.account_id, e.refund_id))
        if refund is not None:
            refund.paid_fen -= e.amount_fen

    @staticmethod
    def _close(month: AccountMonth, refund: MonthRefund, on: date) -> None:
        """Once: a refund that the bank brings back later has been counted."""
        if refund.final and refund.paid_fen == refund.agreed_fen and not refund.closed:
            refund.closed = True
            month.refunds_closed += 1
            month.refund_days += max(0, (on - refund.requested_on).days)

    @staticmethod
    def _overdue_step(_: LoggedEvent, month: AccountMonth, __: RefundOverdue) -> None:
        month.overdue_steps += 1

    @staticmethod
    def _overdue_break(_: LoggedEvent, month: AccountMonth, __: BankBreakOverdue) -> None:
        month.overdue_breaks += 1

    @staticmethod
    def _overdue_top_up(_: LoggedEvent, month: AccountMonth, __: TopUpOverdue) -> None:
        month.overdue_top_ups += 1


def _month(day: date) -> date:
    return day.replace(day=1)


def _stands(month: AccountMonth, buckets: Buckets) -> None:
    month.obligation_fen = buckets.obligation_fen
    month.exposure_fen = buckets.exposure_fen
    month.cover_fen = buckets.cash
    month.loss_fen = buckets.loss_if_closed_today_fen
