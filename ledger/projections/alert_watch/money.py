"""Money: minimum and cover, the bank's word, top-ups, large movements."""

from ledger.domain.account import Buckets
from ledger.domain.events import (
    AccountOpened,
    BankBalanceReported,
    BankBreakOverdue,
    BankStatementRecorded,
    BreakResolved,
    DetectionParametersSet,
    Event,
    MinimumBalanceHeld,
    TopUpMet,
    TopUpOverdue,
)
from ledger.projections.alert_records import AlertAccount
from ledger.projections.alert_rules import Figures
from ledger.projections.alert_rules.balance import (
    BANK_BREAK,
    BELOW_MINIMUM,
    SHORTFALL,
    TOP_UP_OVERDUE,
    below_minimum,
    falls_short,
    minimum_figures,
    required_cash_fen,
    shortfall_figures,
)
from ledger.projections.alert_rules.movement import LARGE_MOVEMENT, WINDOW_DAYS, large_movement
from ledger.projections.alert_watch.watch import MOVING, Watch
from ledger.projections.logged_event import LoggedEvent, move
from ledger.projections.view import Handler

KEPT_DAYS = 14
"""Effective days of cash movements kept for an account; a bank statement of an older day is not judged."""


class MoneyWatch(Watch):
    """Keeps each account's buckets and last days; every other watch finds them up to date."""

    def folds(self) -> dict[type[Event], Handler]:
        return {
            **dict.fromkeys(MOVING, self._moved),
            AccountOpened: self._opened,
            DetectionParametersSet: self._detection,
            MinimumBalanceHeld: self._minimum,
            BankBalanceReported: self._bank,
            BankStatementRecorded: self._statement,
            BankBreakOverdue: self._break_overdue,
            BreakResolved: self._break_resolved,
            TopUpOverdue: self._top_up_overdue,
            TopUpMet: self._top_up_met,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return {cls: self.look_at_account for cls in self.folds() if cls is not AccountOpened}

    def _opened(self, at: LoggedEvent, _: AccountOpened) -> None:
        self.rows.accounts.put(at.account_id, AlertAccount(at.account_id, at.partition, Buckets()))

    def _detection(self, at: LoggedEvent, e: DetectionParametersSet) -> None:
        self.rows.accounts.change(at.account_id).detection = e.parameters

    def _moved(self, at: LoggedEvent, e: Event) -> None:
        account = self.rows.accounts.change(at.account_id)
        buckets = account.buckets
        before_fen = buckets.cash
        move(buckets, at)
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
            share_bp=account.detection.large_movement_bp,
            on=at.event.effective_on,
        )
        if figures is not None:
            account.large_day = max(account.large_day, day)
            self.life.trip(at, account, LARGE_MOVEMENT, at.account_id, figures)
        if day <= account.bank_day:  # booked after the statement that has it already
            account.bank_difference_fen -= change_fen
        if day > account.forgotten_through:
            moved_fen, out_fen = days.get(day, (0, 0))
            days[day] = (moved_fen + change_fen, out_fen + max(0, -change_fen))
            if len(days) > 2 * KEPT_DAYS:
                account.forgotten_through = max(account.forgotten_through, max(days) - KEPT_DAYS)
                account.days = {one: sums for one, sums in days.items() if one > account.forgotten_through}

    def _judge(self, at: LoggedEvent, account: AlertAccount) -> None:
        buckets = account.buckets
        cash_fen, minimum_fen = buckets.cash, account.minimum_balance_fen
        covering_fen = buckets.reserve if account.minimum_of_reserve else cash_fen
        if below_minimum(covering_fen, minimum_fen):
            self.life.trip(at, account, BELOW_MINIMUM, at.account_id, minimum_figures(covering_fen, minimum_fen))
        elif BELOW_MINIMUM.id in account.slots:
            self.life.recover(at, account, BELOW_MINIMUM, minimum_figures(covering_fen, minimum_fen))
        bank_fen = cash_fen + account.bank_difference_fen
        required_fen = required_cash_fen(buckets)
        if falls_short(cash_fen, bank_fen, required_fen):
            figures = shortfall_figures(cash_fen, bank_fen, required_fen)
            self.life.trip(at, account, SHORTFALL, at.account_id, figures)
        elif SHORTFALL.id in account.slots:
            self.life.recover(at, account, SHORTFALL, shortfall_figures(cash_fen, bank_fen, required_fen))
        if LARGE_MOVEMENT.id not in account.slots:
            return
        if at.event.effective_on.toordinal() >= account.large_day + WINDOW_DAYS:
            quiet: Figures = {"days": WINDOW_DAYS, "on": at.event.effective_on.isoformat()}
            self.life.recover(at, account, LARGE_MOVEMENT, quiet)

    def _minimum(self, at: LoggedEvent, e: MinimumBalanceHeld) -> None:
        account = self.rows.accounts.change(at.account_id)
        account.minimum_balance_fen = e.amount_fen
        account.minimum_of_reserve = e.formula == "one_cycle"
        self._judge(at, account)

    def _bank(self, at: LoggedEvent, e: BankBalanceReported) -> None:
        self._closing(at, e.effective_on.toordinal(), e.balance_fen)

    def _statement(self, at: LoggedEvent, e: BankStatementRecorded) -> None:
        self._closing(at, e.to_on.toordinal(), e.closing_fen)

    def _closing(self, at: LoggedEvent, day: int, closing_fen: int) -> None:
        account = self.rows.accounts.change(at.account_id)
        if day >= max(account.bank_day, account.forgotten_through):
            later_fen = sum(moved_fen for one, (moved_fen, _) in account.days.items() if one > day)
            account.bank_day = day
            account.bank_difference_fen = closing_fen - (account.buckets.cash - later_fen)
        self._judge(at, account)

    def _break_overdue(self, at: LoggedEvent, e: BankBreakOverdue) -> None:
        """One alert an account, by the first break past its day."""
        account = self.rows.accounts.change(at.account_id)
        account.overdue_breaks[e.break_id] = True
        figures: Figures = {
            "statement_on": e.statement_on.isoformat(),
            "difference_fen": e.difference_fen,
            "due_on": e.due_on.isoformat(),
            "break_id": e.break_id,
            "kind": e.kind or "closing_differs",
        }
        self.life.trip(at, account, BANK_BREAK, at.account_id, figures)

    def _break_resolved(self, at: LoggedEvent, e: BreakResolved) -> None:
        account = self.rows.accounts.change(at.account_id)
        if account.overdue_breaks.pop(e.break_id, False) and not account.overdue_breaks:
            self.life.recover(at, account, BANK_BREAK, {})

    def _top_up_overdue(self, at: LoggedEvent, e: TopUpOverdue) -> None:
        account = self.rows.accounts.change(at.account_id)
        figures: Figures = {"amount_fen": e.amount_fen, "due_on": e.due_on.isoformat()}
        self.life.trip(at, account, TOP_UP_OVERDUE, at.account_id, figures)

    def _top_up_met(self, at: LoggedEvent, e: TopUpMet) -> None:
        account = self.rows.accounts.change(at.account_id)
        self.life.recover(at, account, TOP_UP_OVERDUE, {"cash_fen": e.cash_fen})
