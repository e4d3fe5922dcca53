"""Alerts: one row an alert, raised and resolved by events alone, without a clock."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.account import Buckets
from ledger.domain.events import (
    AccountOpened,
    BankBalanceReported,
    Event,
    MinimumBalanceHeld,
    RefundAgreed,
    RefundOverdue,
    RefundPaid,
    RefundRequested,
    RefundReturned,
)
from ledger.domain.postings import POSTINGS
from ledger.projections.alert_rules import (
    BELOW_MINIMUM,
    LARGE_MOVEMENT,
    REFUND_OVERDUE,
    RULES,
    SHORTFALL,
    WINDOW_DAYS,
    AlertRule,
    Figures,
    Severity,
    below_minimum,
    falls_short,
    large_movement,
    minimum_figures,
    required_cash_fen,
    shortfall_figures,
)
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, NOTHING, Cursor, Filter, Scope, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

AlertState = Literal["raised", "acknowledged", "assigned", "resolved"]
KEPT_DAYS = 14
"""Effective days of cash movements kept for an account; a bank statement of an older day is not judged."""


class Alert(msgspec.Struct, gc=False):
    """An alert raised by the event at `position` on the effective day `raised_on`, with the figures that tripped it.

    It is resolved by the event at which the figures have recovered; `resolution` says so in a sentence.
    """

    alert_id: str
    partition: int
    position: int
    ordinal: int
    account_id: str
    rule: str
    severity: Severity
    source: str
    subject_kind: str
    subject_id: str
    raised_on: date
    raised_at: datetime
    figures: Figures
    message: str
    message_zh: str
    state: AlertState = "raised"
    resolved_position: int | None = None
    resolved_on: date | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    resolution_zh: str | None = None


class AlertAccount(msgspec.Struct, gc=False):
    """What the rules need to know of an account. Days are proleptic Gregorian ordinals, 0 for none.

    `days` has cash changes and outflows (fen) by effective day, complete after `forgotten_through`; `bank_day` is the
    last day that a statement confirmed, `bank_difference_fen` the statement less our cash of that day; `large_day` is
    the day of the last large movement. `open` has the open alert of each rule.
    """

    account_id: str
    partition: int
    buckets: Buckets
    days: dict[int, tuple[int, int]]
    open: dict[str, Alert]
    minimum_balance_fen: int = 0
    forgotten_through: int = 0
    bank_day: int = 0
    bank_difference_fen: int = 0
    large_day: int = 0


class AlertRefund(msgspec.Struct, gc=False):
    """What is owed on a refund, and the alert about its overdue `step`."""

    account_id: str
    refund_id: str
    partition: int
    payable_fen: int = 0
    step: str = ""
    open: Alert | None = None


TABLE = Table("alerts", Alert, key=("alert_id",), json=("figures",))
ACCOUNTS = Table("alert_accounts", AlertAccount, key=("account_id",), json=("buckets", "days", "open"))
REFUNDS = Table("alert_refunds", AlertRefund, key=("account_id", "refund_id"), json=("open",))
_ORDINALS = {rule.id: ordinal for ordinal, rule in enumerate(RULES)}
_MOVING = tuple(cls for cls, of in POSTINGS.items() if of is not POSTINGS[AccountOpened])
_OfRefund = RefundAgreed | RefundPaid | RefundReturned | RefundOverdue


class Alerts(View):
    """Follows money, minimum balances, bank statements and overdue refunds."""

    name = "alerts"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE, ACCOUNTS, REFUNDS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._alerts: Rows[str, Alert] = self.rows[0]
        self._accounts: Rows[str, AlertAccount] = self.rows[1]
        self._refunds: Rows[tuple[str, str], AlertRefund] = self.rows[2]

    @classmethod
    def version(cls) -> str:
        """The rules' parameters are part of it: with others, other alerts would have been raised."""
        return "-".join([super().version(), *(str(n) for rule in RULES for n in rule.parameters.values())])

    def folds(self) -> dict[type[Event], Handler]:
        return {
            **dict.fromkeys(_MOVING, self._moved),
            AccountOpened: self._opened,
            MinimumBalanceHeld: self._minimum,
            BankBalanceReported: self._bank,
            RefundRequested: self._requested,
            RefundAgreed: self._refund_moved,
            RefundPaid: self._refund_moved,
            RefundReturned: self._refund_moved,
            RefundOverdue: self._overdue,
        }

    def looks(self) -> dict[type[Event], Handler]:
        of_account = (*_MOVING, MinimumBalanceHeld, BankBalanceReported)
        of_refund = (RefundAgreed, RefundPaid, RefundReturned, RefundOverdue)
        return dict.fromkeys(of_account, self._look) | dict.fromkeys(of_refund, self._look_at_refund)

    def _look(self, at: LoggedEvent, _: Event) -> None:
        self._accounts.want(at.account_id)

    def _look_at_refund(self, at: LoggedEvent, e: _OfRefund) -> None:
        self._accounts.want(at.account_id)
        self._refunds.want((at.account_id, e.refund_id))

    def _opened(self, at: LoggedEvent, _: AccountOpened) -> None:
        self._accounts.put(at.account_id, AlertAccount(at.account_id, at.partition, Buckets(), {}, {}))

    def _moved(self, at: LoggedEvent, e: Event) -> None:
        account = self._accounts.change(at.account_id)
        buckets = account.buckets
        before_fen = buckets.cash
        for posting in at.totals:
            buckets.add(posting)
        if buckets.cash != before_fen:
            self._cash_moved(at, account, e.effective_on.toordinal(), before_fen)
        self._judge(at, account)

    def _cash_moved(self, at: LoggedEvent, account: AlertAccount, day: int, before_fen: int) -> None:
        change_fen = account.buckets.cash - before_fen
        days = account.days
        earlier_fen = 0
        if change_fen < 0:
            for one in range(day - WINDOW_DAYS + 1, day + 1):
                if one in days:
                    earlier_fen += days[one][1]
        figures = large_movement(
            change_fen=change_fen,
            before_fen=before_fen,
            earlier_outflows_fen=earlier_fen,
            share_bp=LARGE_MOVEMENT.parameters["share_bp"],
            on=at.event.effective_on,
        )
        if figures is not None:
            account.large_day = max(account.large_day, day)
            self._raise(at, account, LARGE_MOVEMENT, figures)
        if day <= account.bank_day:  # booked after the statement that has it already
            account.bank_difference_fen -= change_fen
        if day > account.forgotten_through:
            moved_fen, out_fen = days.get(day, (0, 0))
            days[day] = (moved_fen + change_fen, out_fen + max(0, -change_fen))
            if len(days) > 2 * KEPT_DAYS:
                account.forgotten_through = max(account.forgotten_through, max(days) - KEPT_DAYS)
                account.days = {one: sums for one, sums in days.items() if one > account.forgotten_through}

    def _judge(self, at: LoggedEvent, account: AlertAccount) -> None:
        cash_fen, minimum_fen = account.buckets.cash, account.minimum_balance_fen
        if below_minimum(cash_fen, minimum_fen):
            self._raise(at, account, BELOW_MINIMUM, minimum_figures(cash_fen, minimum_fen))
        elif account.open:
            self._resolve(at, account, BELOW_MINIMUM, minimum_figures(cash_fen, minimum_fen))
        bank_fen = cash_fen + account.bank_difference_fen
        required_fen = required_cash_fen(account.buckets)
        if falls_short(cash_fen, bank_fen, required_fen):
            self._raise(at, account, SHORTFALL, shortfall_figures(cash_fen, bank_fen, required_fen))
        elif account.open:
            self._resolve(at, account, SHORTFALL, shortfall_figures(cash_fen, bank_fen, required_fen))
        if account.open and at.event.effective_on.toordinal() >= account.large_day + WINDOW_DAYS:
            quiet: Figures = {"days": WINDOW_DAYS, "on": at.event.effective_on.isoformat()}
            self._resolve(at, account, LARGE_MOVEMENT, quiet)

    def _minimum(self, at: LoggedEvent, e: MinimumBalanceHeld) -> None:
        account = self._accounts.change(at.account_id)
        account.minimum_balance_fen = e.amount_fen
        self._judge(at, account)

    def _bank(self, at: LoggedEvent, e: BankBalanceReported) -> None:
        account = self._accounts.change(at.account_id)
        day = e.effective_on.toordinal()
        if day >= max(account.bank_day, account.forgotten_through):
            later_fen = sum(moved_fen for one, (moved_fen, _) in account.days.items() if one > day)
            account.bank_day = day
            account.bank_difference_fen = e.balance_fen - (account.buckets.cash - later_fen)
        self._judge(at, account)

    def _requested(self, at: LoggedEvent, e: RefundRequested) -> None:
        self._refunds.put((at.account_id, e.refund_id), AlertRefund(at.account_id, e.refund_id, at.partition))

    def _refund_moved(self, at: LoggedEvent, e: RefundAgreed | RefundPaid | RefundReturned) -> None:
        self._moved(at, e)
        refund = self._refunds.change((at.account_id, e.refund_id))
        for posting in at.postings:
            if posting.bucket == "refund_payable":
                refund.payable_fen += posting.amount_fen
        self._judge_refund(at, refund)

    def _judge_refund(self, at: LoggedEvent, refund: AlertRefund) -> None:
        if refund.open is not None and refund.payable_fen == 0:
            due_on = refund.open.figures["due_on"]
            self._end(at, refund.open, REFUND_OVERDUE, _refund_figures(refund, due_on))
            refund.open = None

    def _overdue(self, at: LoggedEvent, e: RefundOverdue) -> None:
        refund = self._refunds.change((at.account_id, e.refund_id))
        if refund.open is None:
            refund.step = e.step
            figures = _refund_figures(refund, e.due_on.isoformat())
            refund.open = self._new(at, REFUND_OVERDUE, e.refund_id, figures)

    def _raise(self, at: LoggedEvent, account: AlertAccount, rule: AlertRule, figures: Figures) -> None:
        if rule.id not in account.open:
            account.open[rule.id] = self._new(at, rule, at.account_id, figures)

    def _resolve(self, at: LoggedEvent, account: AlertAccount, rule: AlertRule, figures: Figures) -> None:
        alert = account.open.pop(rule.id, None)
        if alert is not None:
            self._end(at, alert, rule, figures)

    def _new(self, at: LoggedEvent, rule: AlertRule, subject_id: str, figures: Figures) -> Alert:
        ordinal = _ORDINALS[rule.id]
        alert = Alert(
            alert_id=f"{at.partition}-{at.position}-{ordinal}",
            partition=at.partition,
            position=at.position,
            ordinal=ordinal,
            account_id=at.account_id,
            rule=rule.id,
            severity=rule.severity,
            source=rule.source,
            subject_kind=rule.subject_kind,
            subject_id=subject_id,
            raised_on=at.event.effective_on,
            raised_at=at.event.recorded_at,
            figures=figures,
            message=rule.en.format(**figures),
            message_zh=rule.zh.format(**figures),
        )
        self._alerts.put(alert.alert_id, alert)
        return alert

    def _end(self, at: LoggedEvent, alert: Alert, rule: AlertRule, figures: Figures) -> None:
        alert.state = "resolved"
        alert.resolved_position = at.position
        alert.resolved_on = at.event.effective_on
        alert.resolved_at = at.event.recorded_at
        alert.resolution = rule.resolved_en.format(**figures)
        alert.resolution_zh = rule.resolved_zh.format(**figures)
        self._alerts.put(alert.alert_id, alert)


def _refund_figures(refund: AlertRefund, due_on: int | str) -> Figures:
    return {
        "refund_id": refund.refund_id,
        "step": refund.step,
        "step_zh": {"payment": "支付"}.get(refund.step, refund.step),
        "due_on": due_on,
        "payable_fen": refund.payable_fen,
    }


async def get(connection: AsyncConnection[Any], alert_id: str, *, scope: Scope = EVERYTHING) -> Alert | None:
    """The alert; None when it does not exist or is outside the scope."""
    where = _visible(scope)
    where.equal("alert_id", alert_id)
    return next(iter(await select(connection, TABLE, where, limit=1)), None)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    rule: str | None = None,
    severity: Severity | None = None,
    only_open: bool = False,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[Alert]:
    """A page of alerts in the order in which they were raised; families see none."""
    where = _visible(scope)
    where.equal("account_id", account_id)
    where.equal("rule", rule)
    where.equal("severity", severity)
    if only_open:
        where.also(sql.SQL("t.state <> 'resolved'"))
    where.after(after, ordinal=True)
    return await select(connection, TABLE, where, limit=limit, ordinal=True)


def _visible(scope: Scope) -> Filter:
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(NOTHING)
    return where
