"""What each event changes in the working state. Evolution computes and never refuses."""

from collections.abc import Callable
from datetime import date
from typing import Any

from ledger.domain.account import (
    Contract,
    Draw,
    EscrowAccount,
    Instruction,
    PackageState,
    Payment,
    Refund,
    Suspense,
)
from ledger.domain.events import (
    TOPICS,
    AccountFrozen,
    AccountOpened,
    AccountUnfrozen,
    AuthorityChanged,
    BankBalanceReported,
    ContractEnded,
    ContractSigned,
    DepositHeldInSuspense,
    DrawReversed,
    Event,
    FeePaid,
    FundsHeld,
    HoldReleased,
    LessonDrawn,
    ListingChanged,
    MinimumBalanceHeld,
    OpeningBalanceImported,
    PayoutFailed,
    PayoutInstructed,
    PayoutSettled,
    PolicyAssigned,
    RatingChanged,
    RefundAgreed,
    RefundContested,
    RefundInstructed,
    RefundOverdue,
    RefundPaid,
    RefundQuoted,
    RefundRejected,
    RefundRequested,
    RefundReturned,
    RefundWithdrawn,
    SuspenseMatched,
    SuspenseReturned,
    SuspenseReturnFailed,
    SuspenseReturnInstructed,
    TopUpDemanded,
    TopUpMet,
)
from ledger.domain.postings import POSTINGS

KEPT_RELEASE_DAYS = 40
"""Days of not yet payable draws kept apart before those that became payable are forgotten."""


def _opened(a: EscrowAccount, e: AccountOpened) -> None:
    a.institution_id, a.bank, a.account_no = e.institution_id, e.bank, e.account_no
    a.district, a.authorities, a.pack = e.district, e.authorities, e.pack


def _authority(a: EscrowAccount, e: AuthorityChanged) -> None:
    a.authorities = e.authorities


def _policy(a: EscrowAccount, e: PolicyAssigned) -> None:
    a.pack = e.pack


def _rating(a: EscrowAccount, e: RatingChanged) -> None:
    a.rating = e.rating


def _listing(a: EscrowAccount, e: ListingChanged) -> None:
    a.listing = e.listing


def _frozen(a: EscrowAccount, e: AccountFrozen) -> None:
    a.frozen.append(e.scope)


def _unfrozen(a: EscrowAccount, e: AccountUnfrozen) -> None:
    a.frozen.remove(e.scope)


def _opening(a: EscrowAccount, e: OpeningBalanceImported) -> None:
    if e.suspense_fen:
        a.suspense[e.suspense_id] = Suspense(amount_fen=e.suspense_fen, reference=e.suspense_id, route="")


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


def _moved_on(contract: Contract, on: date) -> None:
    if contract.last_moved_on is None or contract.last_moved_on < on:
        contract.last_moved_on = on


def _pay(a: EscrowAccount, e: FeePaid | SuspenseMatched, reference: str) -> None:
    contract = a.contracts[e.contract_id]
    _moved_on(contract, e.effective_on)
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
        _moved_on(contract, e.effective_on)
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
        _moved_on(contract, e.effective_on)
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


def _payout(a: EscrowAccount, e: PayoutInstructed) -> None:
    a.instructions[e.instruction_id] = Instruction(kind="payout", subject_id=e.instruction_id, amount_fen=e.amount_fen)


def _payout_done(a: EscrowAccount, e: PayoutSettled | PayoutFailed) -> None:
    del a.instructions[e.instruction_id]


def _requested(a: EscrowAccount, e: RefundRequested) -> None:
    a.refunds[e.refund_id] = Refund(contract_id=e.contract_id, state="requested", answer_due_on=e.answer_due_on)
    a.unpaid_refunds[e.refund_id] = True
    a.contracts[e.contract_id].open_refund = e.refund_id


def _quoted(a: EscrowAccount, e: RefundQuoted) -> None:
    a.refunds[e.refund_id].quoted_fen = e.amount_fen


def _contested(a: EscrowAccount, e: RefundContested) -> None:
    a.refunds[e.refund_id].state = "contested"


def _close_refund(a: EscrowAccount, refund_id: str, refund: Refund) -> None:
    """Once nothing is left to decide or to pay, the contract is free for lessons again."""
    if refund.final and refund.paid_fen == refund.agreed_fen:
        if refund.state != "withdrawn":
            refund.state = "paid"
        a.unpaid_refunds.pop(refund_id, None)
        contract = a.contracts[refund.contract_id]
        if contract.open_refund == refund_id:
            contract.open_refund = None


def _agreed(a: EscrowAccount, e: RefundAgreed) -> None:
    refund = a.refunds[e.refund_id]
    contract = a.contracts[e.contract_id]
    _moved_on(contract, e.effective_on)
    for line in e.lines:
        contract.packages[line.package - 1].refunded_fen += line.amount_fen
    contract.prepaid_fen -= e.amount_fen
    refund.agreed_fen += e.amount_fen
    refund.pay_due_on = e.pay_due_on
    if e.final:
        refund.final = True
        refund.state = "agreed"
        _close_refund(a, e.refund_id, refund)


def _instructed(a: EscrowAccount, e: RefundInstructed) -> None:
    refund = a.refunds[e.refund_id]
    contract = a.contracts[refund.contract_id]
    for leg in e.legs:
        contract.payments[leg.payment_reference].refunded_fen += leg.amount_fen
        refund.in_flight_fen += leg.amount_fen
        a.instructions[leg.instruction_id] = Instruction(
            kind="refund",
            subject_id=e.refund_id,
            amount_fen=leg.amount_fen,
            payment_reference=leg.payment_reference,
        )


def _refund_paid(a: EscrowAccount, e: RefundPaid) -> None:
    refund = a.refunds[e.refund_id]
    refund.in_flight_fen -= e.amount_fen
    refund.paid_fen += e.amount_fen
    a.instructions[e.instruction_id].state = "paid"
    _moved_on(a.contracts[refund.contract_id], e.effective_on)
    _close_refund(a, e.refund_id, refund)


def _reopen_route(a: EscrowAccount, e: RefundRejected | RefundReturned) -> None:
    """What did not arrive may go along the same payment's route again."""
    refund = a.refunds[e.refund_id]
    reference = a.instructions.pop(e.instruction_id).payment_reference
    refund.returns[reference] = refund.returns.get(reference, 0) + 1
    a.contracts[refund.contract_id].payments[reference].refunded_fen -= e.amount_fen


def _refund_rejected(a: EscrowAccount, e: RefundRejected) -> None:
    _reopen_route(a, e)
    a.refunds[e.refund_id].in_flight_fen -= e.amount_fen


def _refund_returned(a: EscrowAccount, e: RefundReturned) -> None:
    _reopen_route(a, e)
    refund = a.refunds[e.refund_id]
    refund.paid_fen -= e.amount_fen
    if refund.state == "paid":
        refund.state = "agreed"
    a.unpaid_refunds[e.refund_id] = True
    _moved_on(a.contracts[refund.contract_id], e.effective_on)


def _withdrawn(a: EscrowAccount, e: RefundWithdrawn) -> None:
    refund = a.refunds[e.refund_id]
    refund.state = "withdrawn"
    refund.final = True
    _close_refund(a, e.refund_id, refund)


def _overdue(a: EscrowAccount, e: RefundOverdue) -> None:
    a.refunds[e.refund_id].overdue.append(e.step)


def _minimum(a: EscrowAccount, e: MinimumBalanceHeld) -> None:
    a.minimum_balance_fen = e.amount_fen


def _held(a: EscrowAccount, e: FundsHeld) -> None:
    a.holds[e.hold_id] = e.amount_fen
    a.held_fen += e.amount_fen


def _hold_released(a: EscrowAccount, e: HoldReleased) -> None:
    a.held_fen -= a.holds.pop(e.hold_id)


def _top_up(a: EscrowAccount, e: TopUpDemanded) -> None:
    a.top_up_due_fen = e.amount_fen


def _top_up_met(a: EscrowAccount, _: TopUpMet) -> None:
    a.top_up_due_fen = 0


def _bank_balance(a: EscrowAccount, e: BankBalanceReported) -> None:
    a.bank_balance_fen = e.balance_fen


def _nothing(_: EscrowAccount, __: Event) -> None:
    return


EVOLUTION: dict[type[Event], Callable[[EscrowAccount, Any], None]] = dict.fromkeys(TOPICS.values(), _nothing) | {
    AccountOpened: _opened,
    AuthorityChanged: _authority,
    PolicyAssigned: _policy,
    RatingChanged: _rating,
    ListingChanged: _listing,
    AccountFrozen: _frozen,
    AccountUnfrozen: _unfrozen,
    OpeningBalanceImported: _opening,
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
    PayoutInstructed: _payout,
    PayoutSettled: _payout_done,
    PayoutFailed: _payout_done,
    RefundRequested: _requested,
    RefundQuoted: _quoted,
    RefundContested: _contested,
    RefundAgreed: _agreed,
    RefundInstructed: _instructed,
    RefundPaid: _refund_paid,
    RefundRejected: _refund_rejected,
    RefundReturned: _refund_returned,
    RefundWithdrawn: _withdrawn,
    RefundOverdue: _overdue,
    MinimumBalanceHeld: _minimum,
    FundsHeld: _held,
    HoldReleased: _hold_released,
    TopUpDemanded: _top_up,
    TopUpMet: _top_up_met,
    BankBalanceReported: _bank_balance,
}


def evolve(account: EscrowAccount, event: Event) -> None:
    """Apply one event: its postings to the buckets, the rest to the details, and one version more."""
    cls = type(event)
    moved = POSTINGS[cls](event)
    if moved:
        add = account.buckets.add
        for posting in moved:
            add(posting)
        account.movements += 1
    EVOLUTION[cls](account, event)
    account.version += 1
