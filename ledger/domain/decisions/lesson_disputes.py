"""Decisions about disputed lessons: a dispute holds one lesson only, and ends by concession or by order."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import DisputeLesson, ResolveDispute
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.contracts import open_contract
from ledger.domain.decisions.lessons import drawn_line, pending_line, reverse
from ledger.domain.decisions.recoupment import recoup
from ledger.domain.decisions.releasing import releasable_on
from ledger.domain.errors import LedgerError
from ledger.domain.events import DisputeResolved, LessonDisputed, LessonDrawn


def dispute_lesson(account: EscrowAccount, command: DisputeLesson, context: Context) -> Decision:
    """The lesson waits until somebody decides; silence draws it no more, and everything else goes on.

    A draw by silence is taken back while it may not be paid out yet. Refuses `contract_not_found`,
    `lesson_not_pending`, `lesson_already_disputed`, and `lesson_dispute_late` for what the family confirmed or can no
    longer dispute.
    """
    contract = open_contract(account, command.contract_id)
    pending = contract.pending.get(command.lesson_id)
    if pending is not None:
        if pending.disputed:
            raise LedgerError("lesson_already_disputed", lesson_id=command.lesson_id, contract_id=command.contract_id)
        line = pending_line(contract, command.lesson_id)
        taken_back: Decision = []
    else:
        draw = contract.draws.get(command.lesson_id)
        if draw is None:
            raise LedgerError("lesson_not_pending", lesson_id=command.lesson_id, contract_id=command.contract_id)
        if not draw.deemed or draw.releasable_on is None or context.today >= draw.releasable_on:
            raise LedgerError("lesson_dispute_late", lesson_id=command.lesson_id, contract_id=command.contract_id)
        line = drawn_line(contract, command.lesson_id)
        taken_back = reverse(account, command, context, command.lesson_id, [line], "disputed")
    policy = context.policy_of(account, command)
    rule = "lesson.deemed_holding" if taken_back else "lesson.deemed_after"
    disputed = LessonDisputed(
        **context.ruled(command, policy, rule),
        lesson_id=command.lesson_id,
        line=line,
        reason=command.reason,
        reversed=bool(taken_back),
    )
    return [*taken_back, disputed]


def resolve_dispute(account: EscrowAccount, command: ResolveDispute, context: Context) -> Decision:
    """The lesson is dropped for this family for good, or drawn by order.

    Refuses `contract_not_found`, `lesson_not_pending`, `lesson_not_disputed`, and `dispute_needs_order` when the
    institution would have it drawn.
    """
    contract = open_contract(account, command.contract_id)
    line = pending_line(contract, command.lesson_id)
    if not contract.pending[command.lesson_id].disputed:
        raise LedgerError("lesson_not_disputed", lesson_id=command.lesson_id, contract_id=command.contract_id)
    if command.by == "institution" and command.outcome == "drawn":
        raise LedgerError("dispute_needs_order", lesson_id=command.lesson_id)
    resolved = DisputeResolved(
        **context.envelope(command),
        lesson_id=command.lesson_id,
        line=line,
        outcome=command.outcome,
        by=command.by,
        case_id=command.case_id,
        reason=command.reason,
    )
    if command.outcome == "dropped":
        return [resolved]
    drawn = LessonDrawn(
        **context.envelope(command),
        lesson_id=command.lesson_id,
        lines=(line,),
        basis="ordered",
        releasable_on=releasable_on(context.policy_of(account, command), context, command, holding_days=0),
    )
    return [resolved, drawn, *recoup(account, command, context, newly_earned_fen=line.amount_fen)]
