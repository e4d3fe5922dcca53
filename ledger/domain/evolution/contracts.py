"""Evolution of contracts: signed, paid, drawn lesson by lesson, ended; and of receipts in suspense."""

from datetime import date

from ledger.domain.account import Contract, Draw, EscrowAccount, Instruction, PackageState, Payment, Suspense
from ledger.domain.events import (
    ContractEnded,
    ContractSigned,
    DepositHeldInSuspense,
    DrawReversed,
    FeePaid,
    LessonDrawn,
    SuspenseMatched,
    SuspenseReturned,
    SuspenseReturnFailed,
    SuspenseReturnInstructed,
)
from ledger.domain.evolution.account import Handlers

KEPT_RELEASE_DAYS = 40
"""Days of not yet payable draws kept apart before those that became payable are forgotten."""


def _signed(a: EscrowAccount, e: ContractSigned) -> None:
    a.contracts[e.contract_id] = Contract(
        contract_id=e.contract_id,
        contract_no=e.contract_no,
        family_id=e.family_id,
        starts_on=e.starts_on,
        ends_on=e.ends_on,
        gift_valuation=e.gift_valuation,
        packages=[
            PackageState(
                number=p.number, price_fen=p.price_fen, paid_lessons=p.paid_lessons, gift_lessons=p.gift_lessons
            )
            for p in e.packages
        ],
    )
    a.contract_nos[e.contract_no] = e.contract_id


def _ended(a: EscrowAccount, e: ContractEnded) -> None:
    contract = a.contracts.pop(e.contract_id)
    del a.contract_nos[contract.contract_no]
    gone = [refund_id for refund_id, refund in a.refunds.items() if refund.contract_id == e.contract_id]
    for refund_id in gone:
        del a.refunds[refund_id]
    for instruction_id in [i for i, instruction in a.instructions.items() if instruction.subject_id in gone]:
        del a.instructions[instruction_id]


def moved_on(contract: Contract, on: date) -> None:
    if contract.last_moved_on is None or contract.last_moved_on < on:
        contract.last_moved_on = on


def _pay(a: EscrowAccount, e: FeePaid | SuspenseMatched, reference: str) -> None:
    contract = a.contracts[e.contract_id]
    moved_on(contract, e.effective_on)
    for line in e.lines:
        contract.packages[line.package - 1].paid_fen += line.amount_fen
    contract.prepaid_fen += e.amount_fen
    payment = contract.payments.get(reference)
    if payment is None:
        contract.payments[reference] = Payment(route=e.payer_route, amount_fen=e.amount_fen)
    else:  # the rest of an entry that was paid in part before
        payment.amount_fen += e.amount_fen


def _fee(a: EscrowAccount, e: FeePaid) -> None:
    _pay(a, e, e.bank_reference)


def _suspense(a: EscrowAccount, e: DepositHeldInSuspense) -> None:
    a.suspense[e.suspense_id] = Suspense(amount_fen=e.amount_fen, reference=e.bank_reference, route=e.payer_route)


def _take_suspense(a: EscrowAccount, suspense_id: str, amount_fen: int) -> None:
    item = a.suspense[suspense_id]
    item.amount_fen -= amount_fen
    if item.amount_fen == 0:
        del a.suspense[suspense_id]


def _matched(a: EscrowAccount, e: SuspenseMatched) -> None:
    _take_suspense(a, e.suspense_id, e.amount_fen)
    _pay(a, e, e.payment_reference)


def _return_instructed(a: EscrowAccount, e: SuspenseReturnInstructed) -> None:
    a.suspense[e.suspense_id].returning = e.instruction_id
    a.instructions[e.instruction_id] = Instruction(
        kind="suspense_return", subject_id=e.suspense_id, amount_fen=e.amount_fen
    )


def _suspense_returned(a: EscrowAccount, e: SuspenseReturned) -> None:
    _take_suspense(a, e.suspense_id, e.amount_fen)
    del a.instructions[e.instruction_id]


def _return_failed(a: EscrowAccount, e: SuspenseReturnFailed) -> None:
    a.suspense[e.suspense_id].returning = None
    del a.instructions[e.instruction_id]


def _drawn(a: EscrowAccount, e: LessonDrawn) -> None:
    total = 0
    releasable_on = e.releasable_on if e.releasable_on > e.effective_on else None
    for line in e.lines:
        contract = a.contracts[line.contract_id]
        moved_on(contract, e.effective_on)
        package = contract.packages[line.package - 1]
        if package.reopened:
            package.reopened.remove(line.lesson)
        else:
            package.next_lesson = line.lesson + 1
        package.drawn_lessons += 1
        package.drawn_fen += line.amount_fen
        contract.prepaid_fen -= line.amount_fen
        contract.draws[e.lesson_id] = Draw(line.package, line.lesson, line.amount_fen, releasable_on)
        total += line.amount_fen
    if releasable_on is not None:
        day = releasable_on.isoformat()
        a.unreleased[day] = a.unreleased.get(day, 0) + total
        if len(a.unreleased) > KEPT_RELEASE_DAYS:
            today = e.recorded_at.date().isoformat()
            a.unreleased = {day: amount for day, amount in a.unreleased.items() if day > today}


def _reversed(a: EscrowAccount, e: DrawReversed) -> None:
    for line in e.lines:
        contract = a.contracts[line.contract_id]
        moved_on(contract, e.effective_on)
        package = contract.packages[line.package - 1]
        package.reopened.append(line.lesson)
        package.reopened.sort()
        package.drawn_lessons -= 1
        package.drawn_fen -= line.amount_fen
        contract.prepaid_fen += line.amount_fen
        draw = contract.draws.pop(e.lesson_id)
        if draw.releasable_on is not None:
            _release(a, draw.releasable_on.isoformat(), line.amount_fen)


def _release(a: EscrowAccount, day: str, amount_fen: int) -> None:
    """Take an amount out of what waits until that day; a day that passed may be forgotten, wholly or in part."""
    left_fen = a.unreleased.pop(day, 0) - amount_fen
    if left_fen > 0:
        a.unreleased[day] = left_fen


CONTRACTS: Handlers = {
    ContractSigned: _signed,
    ContractEnded: _ended,
    FeePaid: _fee,
    DepositHeldInSuspense: _suspense,
    SuspenseMatched: _matched,
    SuspenseReturnInstructed: _return_instructed,
    SuspenseReturned: _suspense_returned,
    SuspenseReturnFailed: _return_failed,
    LessonDrawn: _drawn,
    DrawReversed: _reversed,
}
