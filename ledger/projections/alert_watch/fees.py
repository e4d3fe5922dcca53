"""Fees: charges beyond a rule where the policy says alert, cash that is late, and sums that cost the licence.

A charge's alerts are the contract's. They resolve when the contract is corrected: it ended, or was amended into another
one, whose own charge is judged anew.
"""

from ledger.domain.events import (
    CashReportClosed,
    CashSweepOverdue,
    CashSwept,
    ContractAmended,
    ContractEnded,
    ContractSigned,
    Event,
    FeeKeptByInstitution,
    FeePaid,
    LeaveRecorded,
    OffbookLimitExceeded,
    SuspenseMatched,
)
from ledger.projections.alert_rules import Figures
from ledger.projections.alert_rules.fees import CASH_SWEEP, OFFBOOK_REVOCATION, RULE_OF_FINDING
from ledger.projections.alert_watch.watch import Watch
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.view import Handler

_Found = ContractSigned | FeePaid | FeeKeptByInstitution | SuspenseMatched | LeaveRecorded
_Cash = CashSwept | CashReportClosed


class FeeWatch(Watch):
    """Follows what events carry of rules that were broken; it works nothing out itself."""

    def folds(self) -> dict[type[Event], Handler]:
        return {
            ContractSigned: self._found,
            FeePaid: self._found,
            FeeKeptByInstitution: self._found,
            SuspenseMatched: self._found,
            LeaveRecorded: self._found,
            ContractAmended: self._amended,
            ContractEnded: self._ended,
            CashSweepOverdue: self._cash_overdue,
            CashSwept: self._cash_in,
            CashReportClosed: self._cash_in,
            OffbookLimitExceeded: self._offbook,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return {
            ContractSigned: self._look_if_found,
            FeePaid: self._look_if_found,
            FeeKeptByInstitution: self._look_if_found,
            SuspenseMatched: self._look_if_found,
            LeaveRecorded: self._look_if_found,
            ContractAmended: self._look_at_both,
            ContractEnded: self._look_at_contract,
            CashSweepOverdue: self._look_at_cash,
            CashSwept: self._look_at_cash,
            CashReportClosed: self._look_at_cash,
            OffbookLimitExceeded: self.look_at_account,
        }

    def _look_if_found(self, at: LoggedEvent, e: _Found) -> None:
        if e.findings:
            self.rows.subjects.want((at.account_id, "contract", e.contract_id))

    def _look_at_contract(self, at: LoggedEvent, e: ContractEnded) -> None:
        self.rows.subjects.want((at.account_id, "contract", e.contract_id))

    def _look_at_both(self, at: LoggedEvent, e: ContractAmended) -> None:
        self.rows.subjects.want((at.account_id, "contract", e.contract_id))
        self.rows.subjects.want((at.account_id, "contract", e.terms.contract_id))

    def _look_at_cash(self, at: LoggedEvent, e: CashSweepOverdue | _Cash) -> None:
        self.rows.subjects.want((at.account_id, "cash", e.cash_id))

    def _found(self, at: LoggedEvent, e: _Found) -> None:
        self._trip(at, e.contract_id, e)

    def _trip(self, at: LoggedEvent, contract_id: str, e: _Found | ContractAmended) -> None:
        for finding in e.findings:
            figures: Figures = {"subject_id": contract_id, "value": finding.value, "limit": finding.limit}
            contract = self.subject(at, "contract", contract_id)
            self.life.trip(at, contract, RULE_OF_FINDING[finding.rule], contract_id, figures)

    def _amended(self, at: LoggedEvent, e: ContractAmended) -> None:
        self._corrected(at, e.contract_id)
        self._trip(at, e.terms.contract_id, e)

    def _ended(self, at: LoggedEvent, e: ContractEnded) -> None:
        self._corrected(at, e.contract_id)

    def _corrected(self, at: LoggedEvent, contract_id: str) -> None:
        contract = self.rows.subjects.change_found((at.account_id, "contract", contract_id))
        if contract is not None:
            for rule in RULE_OF_FINDING.values():
                self.life.recover(at, contract, rule, {"subject_id": contract_id})

    def _cash_overdue(self, at: LoggedEvent, e: CashSweepOverdue) -> None:
        figures: Figures = {
            "contract_id": e.contract_id,
            "amount_fen": e.amount_fen,
            "due_on": e.due_on.isoformat(),
        }
        self.life.trip(at, self.subject(at, "cash", e.cash_id), CASH_SWEEP, e.cash_id, figures)

    def _cash_in(self, at: LoggedEvent, e: _Cash) -> None:
        cash = self.rows.subjects.change_found((at.account_id, "cash", e.cash_id))
        if cash is not None and (isinstance(e, CashReportClosed) or e.left_fen == 0):
            self.life.recover(at, cash, CASH_SWEEP, {})

    def _offbook(self, at: LoggedEvent, e: OffbookLimitExceeded) -> None:
        figures: Figures = {"amount_fen": e.amount_fen, "limit_fen": e.limit_fen, "reports": e.reports}
        account = self.rows.accounts.change(at.account_id)
        self.life.trip(at, account, OFFBOOK_REVOCATION, at.account_id, figures)
