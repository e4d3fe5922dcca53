"""Refunds: one row a refund, followed from the request to the bank's payment."""

from typing import Any, ClassVar
from uuid import UUID

from psycopg import AsyncConnection, sql

from ledger.domain.events import (
    ClockName,
    ContinuityTransferred,
    DeadlinesMoved,
    Event,
    RefundAgreed,
    RefundContested,
    RefundInstructed,
    RefundOverdue,
    RefundPaid,
    RefundPaidByInstitution,
    RefundQuoted,
    RefundRejected,
    RefundRequested,
    RefundReturned,
    RefundWithdrawn,
)
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, Cursor, Filter, Scope, select
from ledger.projections.refund_progress import LegState, ProgressLeg, RefundProgress, RefundProgressState, StepName, Who
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

TABLE = Table("refunds", RefundProgress, key=("account_id", "refund_id"), json=("quote", "bases", "steps", "legs"))
AUTOMATIC_RETURNS = 1
"""After so many returns the clock sends a refund again by itself; then the regulator has to act."""
_Later = (
    RefundQuoted
    | RefundContested
    | RefundAgreed
    | RefundInstructed
    | RefundPaid
    | RefundPaidByInstitution
    | RefundRejected
    | RefundReturned
    | RefundWithdrawn
    | RefundOverdue
)
_STEPS: dict[ClockName, StepName] = {
    "refund.answer": "answer",
    "refund.decision": "decision",
    "refund.payment": "payment",
}


class Refunds(View):
    """Follows every event of a refund."""

    name = "refunds"
    number = 3
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE,)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._refunds: Rows[tuple[str, str], RefundProgress] = self.rows[0]

    def folds(self) -> dict[type[Event], Handler]:
        own: dict[type[Event], Handler] = {
            RefundRequested: self._requested,
            DeadlinesMoved: self._moved,
            ContinuityTransferred: self._transferred,
        }
        return own | {cls: self._then_point(handler) for cls, handler in self._later().items()}

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(self._later(), self._look) | {
            DeadlinesMoved: self._look_at_moved,
            ContinuityTransferred: self._look_at_parts,
        }

    def _later(self) -> dict[type[Event], Handler]:
        return {
            RefundQuoted: self._quoted,
            RefundContested: self._contested,
            RefundAgreed: self._agreed,
            RefundInstructed: self._instructed,
            RefundPaid: self._paid,
            RefundPaidByInstitution: self._paid_by_institution,
            RefundRejected: self._rejected,
            RefundReturned: self._returned,
            RefundWithdrawn: self._withdrawn,
            RefundOverdue: self._overdue,
        }

    def _then_point(self, handler: Handler) -> Handler:
        """Whatever happens to a refund, afterwards it says who has to act."""

        def fold(at: LoggedEvent, e: _Later) -> None:
            handler(at, e)
            self._refunds.change((at.account_id, e.refund_id)).point()

        return fold

    def _look_at_moved(self, at: LoggedEvent, e: DeadlinesMoved) -> None:
        for line in e.lines:
            if line.clock in _STEPS:
                self._refunds.want((at.account_id, line.subject_id))

    def _moved(self, at: LoggedEvent, e: DeadlinesMoved) -> None:
        for line in e.lines:
            name = _STEPS.get(line.clock)
            if name is None:
                continue
            row = self._refunds.change((at.account_id, line.subject_id))
            row.updated_position, row.updated_at = at.position, e.recorded_at
            step = row.running(name)
            if step is not None:
                step.set_deadline(line.new_on, line.term)
            if name == "answer":
                row.answer_due_on = line.new_on
            elif name == "payment":
                row.pay_due_on = line.new_on
            row.point()

    def _look_at_parts(self, at: LoggedEvent, e: ContinuityTransferred) -> None:
        for part in e.refunds:
            self._refunds.want((at.account_id, part.refund_id))

    def _transferred(self, at: LoggedEvent, e: ContinuityTransferred) -> None:
        """What goes on elsewhere is owed no more, as if it were paid."""
        for part in e.refunds:
            row = self._refunds.change((at.account_id, part.refund_id))
            row.updated_position, row.updated_at = at.position, e.recorded_at
            row.paid_fen += part.amount_fen
            if row.paid_fen == row.agreed_fen:
                row.end(e, "payment")
            row.settle_state()
            row.point()

    def _look(self, at: LoggedEvent, e: _Later) -> None:
        self._refunds.want((at.account_id, e.refund_id))

    def _change(self, at: LoggedEvent, e: _Later) -> RefundProgress:
        row = self._refunds.change((at.account_id, e.refund_id))
        row.updated_position = at.position
        row.updated_at = e.recorded_at
        return row

    def _requested(self, at: LoggedEvent, e: RefundRequested) -> None:
        row = RefundProgress(
            account_id=at.account_id,
            refund_id=e.refund_id,
            partition=at.partition,
            position=at.position,
            contract_id=e.contract_id,
            reason=e.reason,
            requested_on=e.effective_on,
            requested_at=e.recorded_at,
            answer_due_on=e.answer_due_on,
            ground=e.ground,
            updated_position=at.position,
            updated_at=e.recorded_at,
        )
        row.begin("answer", "institution", e, e.answer_due_on, e.answer_term)
        row.point()
        self._refunds.put((at.account_id, e.refund_id), row)

    def _quoted(self, at: LoggedEvent, e: RefundQuoted) -> None:
        row = self._change(at, e)
        row.basis = e.basis
        row.quoted_fen = e.amount_fen
        row.quote = list(e.lines)
        row.bases = list(e.bases)
        row.same_service_before = e.same_service_before

    def _contested(self, at: LoggedEvent, e: RefundContested) -> None:
        row = self._change(at, e)
        row.offered_fen = e.offered_fen
        row.contest_reason = e.reason
        row.end(e, "answer")
        row.begin("decision", "regulator", e, e.decision_due_on, e.decision_term)
        row.settle_state()

    def _agreed(self, at: LoggedEvent, e: RefundAgreed) -> None:
        row = self._change(at, e)
        row.agreed_by = e.by
        row.agreed_fen += e.amount_fen
        row.pay_due_on = e.pay_due_on
        row.case_id = e.case_id
        row.charged_fen += sum(line.amount_fen for line in e.charged)
        if e.final:
            answer = row.running("answer")
            if answer is not None and e.by == "silence":
                answer.overdue = True  # it never came
            row.final = True
            row.end(e, "answer", "decision")
        if row.agreed_fen > row.paid_fen:
            payment = row.running("payment")
            if payment is None:
                row.begin("payment", "institution", e, e.pay_due_on, e.pay_term)
            else:
                payment.set_deadline(e.pay_due_on, e.pay_term)
        row.settle_state()

    def _instructed(self, at: LoggedEvent, e: RefundInstructed) -> None:
        row = self._change(at, e)
        for leg in e.legs:
            row.in_flight_fen += leg.amount_fen
        row.legs = [
            *row.legs,
            *(
                ProgressLeg(
                    instruction_id=leg.instruction_id,
                    end_to_end_id=leg.end_to_end_id,
                    payment_reference=leg.payment_reference,
                    route=leg.route,
                    amount_fen=leg.amount_fen,
                    instructed_on=e.effective_on,
                )
                for leg in e.legs
            ),
        ]
        payment = row.running("payment")
        if payment is not None:
            payment.who = "bank"
        row.settle_state()

    def _paid(self, at: LoggedEvent, e: RefundPaid) -> None:
        row = self._change(at, e)
        row.in_flight_fen -= e.amount_fen
        row.paid_fen += e.amount_fen
        leg = row.leg(e.instruction_id)
        leg.state, leg.done_on, leg.bank_reference = "paid", e.effective_on, e.bank_reference
        if row.paid_fen == row.agreed_fen:
            row.end(e, "payment")
        row.settle_state()

    def _paid_by_institution(self, at: LoggedEvent, e: RefundPaidByInstitution) -> None:
        row = self._change(at, e)
        row.paid_fen += e.amount_fen
        if row.paid_fen == row.agreed_fen:
            row.end(e, "payment")
        row.settle_state()

    def _rejected(self, at: LoggedEvent, e: RefundRejected) -> None:
        row = self._change(at, e)
        row.in_flight_fen -= e.amount_fen
        self._did_not_arrive(row, e, "rejected")

    def _returned(self, at: LoggedEvent, e: RefundReturned) -> None:
        row = self._change(at, e)
        row.paid_fen -= e.amount_fen
        self._did_not_arrive(row, e, "returned")

    def _did_not_arrive(self, row: RefundProgress, e: RefundRejected | RefundReturned, state: LegState) -> None:
        row.returns += 1
        leg = row.leg(e.instruction_id)
        leg.state, leg.done_on, leg.reason = state, e.effective_on, e.reason
        payment = row.running("payment")
        if payment is None:
            row.begin("payment", "clock", e, row.pay_due_on)
            payment = row.steps[-1]
        payment.who = "clock" if row.returns <= AUTOMATIC_RETURNS else "regulator"
        row.settle_state()

    def _withdrawn(self, at: LoggedEvent, e: RefundWithdrawn) -> None:
        row = self._change(at, e)
        row.state = "withdrawn"
        row.final = True
        row.end(e, "answer", "decision")

    def _overdue(self, at: LoggedEvent, e: RefundOverdue) -> None:
        row = self._change(at, e)
        step = row.running(e.step)
        if step is not None:
            step.overdue = True


def _visible(scope: Scope) -> Filter:
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(
            sql.SQL(
                "EXISTS (SELECT FROM escrow_views.contracts c WHERE c.account_id = t.account_id"
                " AND c.contract_id = t.contract_id AND c.family_id = ANY(%(families)s))"
            ),
            families=list(scope.family_ids),
        )
    return where


async def get(
    connection: AsyncConnection[Any], refund_id: str, *, account_id: UUID | str | None = None, scope: Scope = EVERYTHING
) -> RefundProgress | None:
    """The refund now; None when it does not exist or is outside the scope."""
    where = _visible(scope)
    where.equal("refund_id", refund_id)
    where.equal("account_id", account_id)
    return next(iter(await select(connection, TABLE, where, limit=1)), None)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    contract_id: str | None = None,
    state: RefundProgressState | None = None,
    who_acts: Who | None = None,
    overdue: bool | None = None,
    only_open: bool = False,
    after: Cursor | None = None,
    limit: int = 100,
    newest_first: bool = False,
) -> list[RefundProgress]:
    """A page of refunds in the order in which they were requested; open ones are not
    decided yet, or not paid in full (also what was agreed before a withdrawal)."""
    where = _visible(scope)
    where.equal("account_id", account_id)
    where.equal("contract_id", contract_id)
    where.equal("state", state)
    where.equal("who_acts", who_acts)
    where.equal("overdue", overdue)
    if only_open:
        where.also(sql.SQL("(t.state NOT IN ('paid', 'withdrawn') OR t.paid_fen < t.agreed_fen)"))
    where.after(after, newest_first=newest_first)
    return await select(connection, TABLE, where, limit=limit, newest_first=newest_first)
