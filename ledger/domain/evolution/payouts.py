"""Evolution of payouts and advances: announced, due, instructed, and the bank's word on them."""

from datetime import date

from ledger.domain.account import Draw, EscrowAccount, Instruction, InstructionKind
from ledger.domain.actors import maker_of
from ledger.domain.events import (
    AdvanceFailed,
    AdvanceInstructed,
    AdvancePaid,
    AdvanceRecouped,
    InstructionApproved,
    InstructionExported,
    KeptFeesConsumed,
    OrderFinished,
    PayoutAnnounced,
    PayoutFailed,
    PayoutFellDue,
    PayoutInstructed,
    PayoutSettled,
    ReserveReleased,
)
from ledger.domain.evolution.account import Handlers, earned_at_once
from ledger.domain.evolution.lessons import release
from ledger.domain.payout_state import Announcement

ORDER_END = date.max
"""Stands for "when the order is finished", a day that is not known yet, as the day from which a draw is payable."""


def _month(on: date) -> str:
    return on.isoformat()[:7]


def _instruct(a: EscrowAccount, e: PayoutInstructed | AdvanceInstructed, kind: InstructionKind) -> None:
    a.instructions[e.instruction_id] = Instruction(
        kind=kind,
        subject_id=e.instruction_id,
        amount_fen=e.amount_fen,
        instructed_on=e.effective_on,
        needs_approval=e.needs_approval,
        maker=maker_of(e.actor, e.cause),
    )
    state, month = a.payouts, _month(e.effective_on)
    if month > state.month:
        state.month, state.month_fen = month, 0
    state.month_fen += e.amount_fen
    if e.announced:
        state.announcement = None


def _advance(a: EscrowAccount, e: AdvanceInstructed) -> None:
    _instruct(a, e, "advance")


def _payout(a: EscrowAccount, e: PayoutInstructed) -> None:
    _instruct(a, e, "payout")
    if e.schedule:
        a.payouts.clock_on = e.effective_on
        a.instructions[e.instruction_id].scheduled = True
        a.payouts.due_fen = max(0, a.payouts.due_fen - e.amount_fen)


def _done(a: EscrowAccount, e: PayoutSettled | AdvancePaid) -> None:
    del a.instructions[e.instruction_id]


def _failed(a: EscrowAccount, e: PayoutFailed | AdvanceFailed) -> None:
    """The month has that much more room again, and the clock tries a scheduled payout again."""
    instruction = a.instructions.pop(e.instruction_id)
    if instruction.instructed_on is not None and _month(instruction.instructed_on) == a.payouts.month:
        a.payouts.month_fen -= e.amount_fen
    if instruction.scheduled:
        a.payouts.due_fen += e.amount_fen


def _approved(a: EscrowAccount, e: InstructionApproved) -> None:
    for order in e.orders:
        a.instructions[order.instruction_id].state = "approved"


def _exported(a: EscrowAccount, e: InstructionExported) -> None:
    for order in e.orders:
        a.instructions[order.instruction_id].state = "exported"


def _fell_due(a: EscrowAccount, e: PayoutFellDue) -> None:
    a.payouts.due_fen = e.amount_fen
    a.payouts.period_ends_on = e.period_ends_on


def _announced(a: EscrowAccount, e: PayoutAnnounced) -> None:
    a.payouts.announcement = Announcement(e.amount_fen, e.payable_on)


def _order_finished(a: EscrowAccount, e: OrderFinished) -> None:
    release(a, ORDER_END.isoformat(), e.amount_fen)
    if e.releasable_on > e.effective_on:
        day = e.releasable_on.isoformat()
        a.unreleased[day] = a.unreleased.get(day, 0) + e.amount_fen
    contract = a.contracts.get(e.contract_id)
    if contract is None:
        return
    for lesson_id, draw in contract.draws.items():
        if draw.releasable_on == ORDER_END:
            contract.draws[lesson_id] = Draw(
                draw.package,
                draw.lesson,
                draw.amount_fen,
                e.releasable_on,
                deemed=draw.deemed,
                billed_fen=draw.billed_fen,
            )


def _reserve_released(a: EscrowAccount, e: ReserveReleased) -> None:
    earned_at_once(a, e.effective_on, e.amount_fen)


def _taken_back(a: EscrowAccount, e: AdvanceRecouped | KeptFeesConsumed) -> None:
    earned_at_once(a, e.effective_on, -e.amount_fen)


PAYOUTS: Handlers = {
    PayoutInstructed: _payout,
    InstructionApproved: _approved,
    InstructionExported: _exported,
    PayoutSettled: _done,
    PayoutFailed: _failed,
    PayoutFellDue: _fell_due,
    PayoutAnnounced: _announced,
    OrderFinished: _order_finished,
    AdvanceInstructed: _advance,
    AdvancePaid: _done,
    AdvanceFailed: _failed,
    AdvanceRecouped: _taken_back,
    KeptFeesConsumed: _taken_back,
    ReserveReleased: _reserve_released,
}
