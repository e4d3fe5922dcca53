"""Evolution of clocks: stopped, started again, and their deadlines moved."""

from ledger.domain.account import EscrowAccount
from ledger.domain.events import DeadlinesMoved, MovedDeadline, TeachingResumed, TeachingSuspended
from ledger.domain.evolution.account import Handlers
from ledger.domain.evolution.lessons import move_deemed


def _suspended(a: EscrowAccount, e: TeachingSuspended) -> None:
    a.suspended_on = e.effective_on


def _resumed(a: EscrowAccount, _: TeachingResumed) -> None:
    a.suspended_on = None


def _moved(a: EscrowAccount, e: DeadlinesMoved) -> None:
    for line in e.lines:
        match line.clock:
            case "refund.answer":
                refund = a.refunds[line.subject_id]
                refund.answer_due_on, refund.answer_term = line.new_on, line.term
            case "refund.decision":
                refund = a.refunds[line.subject_id]
                refund.decision_due_on, refund.decision_term = line.new_on, line.term
                _not_late(refund.overdue, "decision", line)
            case "refund.payment":
                refund = a.refunds[line.subject_id]
                refund.pay_due_on, refund.pay_term = line.new_on, line.term
                _not_late(refund.overdue, "payment", line)
            case "lesson.deemed":
                move_deemed(a, line.subject_id, old_on=line.old_on, new_on=line.new_on, term=line.term)
            case "top_up":
                a.top_up_due_on, a.top_up_term = line.new_on, line.term
                a.top_up_overdue = a.top_up_overdue and line.new_on <= line.old_on


def _not_late(overdue: list[str], step: str, line: MovedDeadline) -> None:
    """A step with more time is late again only by its new day."""
    if line.new_on > line.old_on and step in overdue:
        overdue.remove(step)


CLOCKS: Handlers = {TeachingSuspended: _suspended, TeachingResumed: _resumed, DeadlinesMoved: _moved}
