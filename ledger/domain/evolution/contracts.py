"""Evolution of contracts: signed, paid, ended; and of receipts in suspense."""

from ledger.domain.account import Contract, EscrowAccount, Instruction, PackageState, Payment, Suspense
from ledger.domain.actors import maker_of
from ledger.domain.events import (
    ContractEnded,
    ContractSigned,
    DepositHeldInSuspense,
    FeePaid,
    Package,
    SuspenseMatched,
    SuspenseReturnAnnounced,
    SuspenseReturned,
    SuspenseReturnFailed,
    SuspenseReturnInstructed,
)
from ledger.domain.evolution.account import Handlers, earned_at_once, received
from ledger.domain.evolution.lessons import moved_on


def _signed(a: EscrowAccount, e: ContractSigned) -> None:
    a.contracts[e.contract_id] = Contract(
        contract_id=e.contract_id,
        contract_no=e.contract_no,
        family_id=e.family_id,
        starts_on=e.starts_on,
        ends_on=e.ends_on,
        gift_valuation=e.gift_valuation,
        category=e.category,
        student_id=e.student_id,
        course_id=e.course_id,
        subject=e.subject,
        lesson_minutes=e.lesson_minutes,
        billing=e.billing,
        signed_on=e.effective_on,
        charged_from=e.starts_on,
        packages=[package_state(p) for p in e.packages],
    )
    a.contract_nos[e.contract_no] = e.contract_id
    a.contracts_of.setdefault(e.student_id, []).append(e.contract_id)


def package_state(terms: Package) -> PackageState:
    """A package as signed: nothing paid, nothing taught."""
    return PackageState(
        number=terms.number,
        price_fen=terms.price_fen,
        paid_lessons=terms.paid_lessons,
        gift_lessons=terms.gift_lessons,
        list_price_fen=terms.list_price_fen,
        time_card=terms.time_card,
    )


def _ended(a: EscrowAccount, e: ContractEnded) -> None:
    contract = a.contracts.pop(e.contract_id)
    del a.contract_nos[contract.contract_no]
    siblings = a.contracts_of[contract.student_id]
    siblings.remove(e.contract_id)
    if not siblings:
        del a.contracts_of[contract.student_id]
    gone = [refund_id for refund_id, refund in a.refunds.items() if refund.contract_id == e.contract_id]
    for refund_id in gone:
        del a.refunds[refund_id]
    for instruction_id in [i for i, instruction in a.instructions.items() if instruction.subject_id in gone]:
        del a.instructions[instruction_id]


def _pay(a: EscrowAccount, e: FeePaid | SuspenseMatched, reference: str) -> None:
    on, amount_fen = e.effective_on, e.amount_fen
    received(a, on, amount_fen)
    contract = a.contracts[e.contract_id]
    moved_on(contract, on)
    payment = contract.payments.get(reference)
    if payment is None:
        lines: dict[str, int] = {}
        contract.payments[reference] = Payment(route=e.payer_route, amount_fen=amount_fen, paid_on=on, lines=lines)
    else:  # the rest of an entry that was paid in part before
        lines = payment.lines
        payment.amount_fen += amount_fen
    for line in e.lines:
        package, paid_fen = contract.packages[line.package - 1], line.amount_fen
        package.paid_fen += paid_fen
        if e.pays_bill:
            package.billed_fen -= paid_fen
            package.drawn_fen += paid_fen
        number = str(line.package)
        lines[number] = lines.get(number, 0) + paid_fen
    if e.pays_bill:
        earned_at_once(a, on, amount_fen)
    else:
        contract.prepaid_fen += amount_fen


def _fee(a: EscrowAccount, e: FeePaid) -> None:
    _pay(a, e, e.bank_reference)


def _suspense(a: EscrowAccount, e: DepositHeldInSuspense) -> None:
    a.suspense[e.suspense_id] = Suspense(
        amount_fen=e.amount_fen,
        reference=e.bank_reference,
        route=e.payer_route,
        from_loan=e.payment_source == "loan",
        after_wind_down=a.wind_down is not None,
        received_on=e.effective_on,
    )


def take_suspense(a: EscrowAccount, suspense_id: str, amount_fen: int) -> None:
    """So much of an item is explained or gone; the item ends with its last fen."""
    item = a.suspense[suspense_id]
    item.amount_fen -= amount_fen
    if item.amount_fen == 0:
        del a.suspense[suspense_id]


def _matched(a: EscrowAccount, e: SuspenseMatched) -> None:
    take_suspense(a, e.suspense_id, e.amount_fen)
    _pay(a, e, e.payment_reference)


def _return_announced(a: EscrowAccount, e: SuspenseReturnAnnounced) -> None:
    a.suspense[e.suspense_id].return_on = e.return_on


def _return_instructed(a: EscrowAccount, e: SuspenseReturnInstructed) -> None:
    a.suspense[e.suspense_id].returning = e.instruction_id
    a.instructions[e.instruction_id] = Instruction(
        kind="suspense_return",
        subject_id=e.suspense_id,
        amount_fen=e.amount_fen,
        needs_approval=e.needs_approval,
        maker=maker_of(e.actor, e.cause),
    )


def _suspense_returned(a: EscrowAccount, e: SuspenseReturned) -> None:
    take_suspense(a, e.suspense_id, e.amount_fen)
    del a.instructions[e.instruction_id]


def _return_failed(a: EscrowAccount, e: SuspenseReturnFailed) -> None:
    item = a.suspense[e.suspense_id]
    item.returning, item.return_failed = None, True
    del a.instructions[e.instruction_id]


CONTRACTS: Handlers = {
    ContractSigned: _signed,
    ContractEnded: _ended,
    FeePaid: _fee,
    DepositHeldInSuspense: _suspense,
    SuspenseMatched: _matched,
    SuspenseReturnAnnounced: _return_announced,
    SuspenseReturnInstructed: _return_instructed,
    SuspenseReturned: _suspense_returned,
    SuspenseReturnFailed: _return_failed,
}
