"""Decisions that draw delivered lessons: the family confirms one, or its silence counts at the daily close."""

from ledger.domain.account import EscrowAccount
from ledger.domain.clocks import is_suspended
from ledger.domain.commands import CloseDay, ConfirmLesson
from ledger.domain.decisions.context import Context, Decision, require_traffic
from ledger.domain.decisions.contracts import open_contract
from ledger.domain.decisions.lessons import pending_line
from ledger.domain.decisions.recoupment import recoup
from ledger.domain.decisions.releasing import releasable_on
from ledger.domain.errors import LedgerError
from ledger.domain.events import Confirmation, LessonDrawn


def confirm_lesson(account: EscrowAccount, command: ConfirmLesson, context: Context) -> Decision:
    """The family's lesson is drawn, without holding days; a dispute of it is over.

    Refuses `account_frozen`, `contract_not_found`, `lesson_already_drawn`, `lesson_not_pending`.
    """
    require_traffic(account, "lessons")
    contract = open_contract(account, command.contract_id)
    if command.lesson_id in contract.draws:
        raise LedgerError("lesson_already_drawn", lesson_id=command.lesson_id, contract_id=command.contract_id)
    line = pending_line(contract, command.lesson_id)
    told_at = contract.pending[command.lesson_id].told_at
    policy = context.policy_of(account, command)
    drawn = LessonDrawn(
        **context.ruled(command, policy, "lesson.deemed_after"),
        lesson_id=command.lesson_id,
        lines=(line,),
        basis="confirmed",
        releasable_on=releasable_on(policy, context, command, holding_days=0),
        confirmation=Confirmation(how=command.how, device=command.device, told_at=told_at),
    )
    return [drawn, *recoup(account, command, context, newly_earned_fen=line.amount_fen)]


def close_lessons(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """Draw what met with silence: one event a lesson, with a line for each family whose days to answer are over.

    Such a draw stays reversible for the policy's holding days. Nothing is drawn while lessons are frozen or teaching
    is suspended; it is drawn by the first close after that. Only days that are due are looked at.
    """
    today = command.effective_on.isoformat()
    due = sorted(day for day in account.lessons_due if day < today)
    if not due or account.is_frozen("lessons") or is_suspended(account, command.effective_on):
        return []
    policy = context.policy_of(account, command)
    payable_on = releasable_on(policy, context, command, holding_days=policy.holding_days)
    events: Decision = []
    earned_fen = 0
    for day in due:
        for lesson_id, contracts in account.lessons_due[day].items():
            lines = tuple(pending_line(account.contracts[contract_id], lesson_id) for contract_id in contracts)
            earned_fen += sum(line.amount_fen for line in lines)
            events.append(
                LessonDrawn(
                    **context.ruled(command, policy, "lesson.deemed_after", "lesson.deemed_holding"),
                    lesson_id=lesson_id,
                    lines=lines,
                    basis="deemed",
                    releasable_on=payable_on,
                )
            )
    return [*events, *recoup(account, command, context, newly_earned_fen=earned_fen)]
