"""Double entry: one pure function from an event to its balanced postings over the account's buckets."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from ledger.domain.events import (
    TOPICS,
    AdvanceFailed,
    AdvanceInstructed,
    AdvancePaid,
    AdvanceRecouped,
    ClaimAllocated,
    ContinuityArrived,
    ContinuityMatched,
    ContinuityReceived,
    ContinuityTransferred,
    ContractAmended,
    DepositHeldInSuspense,
    DrawReversed,
    Event,
    FeeKeptByInstitution,
    FeePaid,
    KeptFeesConsumed,
    LessonDrawn,
    OpeningBalanceImported,
    PayoutFailed,
    PayoutInstructed,
    PayoutSettled,
    RefundAgreed,
    RefundPaid,
    RefundPaidByInstitution,
    RefundReturned,
    ReserveDeposited,
    ReserveDrawn,
    ReserveReleased,
    SuspenseMatched,
    SuspenseReturned,
    TransferReturned,
    TransferSettled,
    UnexplainedDebitRecorded,
    UnexplainedDebitRestored,
)

Bucket = Literal[
    "cash",
    "advance",
    "held_by_institution",
    "shortage",
    "in_transit",
    "prepaid",
    "earned",
    "payout_in_flight",
    "refund_payable",
    "reserve",
    "suspense",
]
ASSETS: tuple[Bucket, ...] = ("cash", "advance", "held_by_institution", "shortage", "in_transit")
LIABILITIES: tuple[Bucket, ...] = ("prepaid", "earned", "payout_in_flight", "refund_payable", "reserve", "suspense")
BUCKETS: tuple[Bucket, ...] = ASSETS + LIABILITIES


class Posting(NamedTuple):
    """A change of one bucket by `amount_fen` (signed; an increase of an asset or of a liability is positive).

    `owner` is the contract of `prepaid`, the refund of `refund_payable`, the item of `suspense`, else empty.
    """

    bucket: Bucket
    owner: str
    amount_fen: int


Postings = tuple[Posting, ...]


def _opening(e: OpeningBalanceImported) -> Postings:
    return (
        Posting("cash", "", e.cash_fen),
        Posting("earned", "", e.earned_fen),
        Posting("reserve", "", e.reserve_fen),
        Posting("suspense", e.suspense_id, e.suspense_fen),
    )


def _fee(e: FeePaid) -> Postings:
    return Posting("cash", "", e.amount_fen), _paid(e)


def _paid(e: FeePaid | SuspenseMatched) -> Posting:
    # A bill is for lessons taught: the family is owed nothing for it.
    return Posting("earned", "", e.amount_fen) if e.pays_bill else Posting("prepaid", e.contract_id, e.amount_fen)


def _amended(e: ContractAmended) -> Postings:
    return Posting("prepaid", e.contract_id, -e.amount_fen), Posting("prepaid", e.terms.contract_id, e.amount_fen)


def _suspense(e: DepositHeldInSuspense) -> Postings:
    return Posting("cash", "", e.amount_fen), Posting("suspense", e.suspense_id, e.amount_fen)


def _matched(e: SuspenseMatched) -> Postings:
    return Posting("suspense", e.suspense_id, -e.amount_fen), _paid(e)


def _suspense_returned(e: SuspenseReturned) -> Postings:
    return Posting("suspense", e.suspense_id, -e.amount_fen), Posting("cash", "", -e.amount_fen)


def _reserve(e: ReserveDeposited) -> Postings:
    return Posting("cash", "", e.amount_fen), Posting("reserve", "", e.amount_fen)


def _reserve_released(e: ReserveReleased) -> Postings:
    return Posting("reserve", "", -e.amount_fen), Posting("earned", "", e.amount_fen)


def _drawn(e: LessonDrawn) -> Postings:
    families = tuple(Posting("prepaid", line.contract_id, -line.amount_fen) for line in e.lines)
    return (*families, Posting("earned", "", sum(line.amount_fen for line in e.lines)))


def _reversed(e: DrawReversed) -> Postings:
    families = tuple(Posting("prepaid", line.contract_id, line.amount_fen) for line in e.lines)
    return (*families, Posting("earned", "", -e.from_earned_fen), Posting("advance", "", e.from_advance_fen))


def _recouped(e: AdvanceRecouped) -> Postings:
    return Posting("earned", "", -e.amount_fen), Posting("advance", "", -e.amount_fen)


def _advance(e: AdvanceInstructed) -> Postings:
    return Posting("advance", "", e.amount_fen), Posting("payout_in_flight", "", e.amount_fen)


def _advance_failed(e: AdvanceFailed) -> Postings:
    return (
        Posting("payout_in_flight", "", -e.amount_fen),
        Posting("advance", "", e.recouped_fen - e.amount_fen),
        Posting("earned", "", e.recouped_fen),
    )


def _kept(e: FeeKeptByInstitution) -> Postings:
    return Posting("held_by_institution", "", e.amount_fen), Posting("prepaid", e.contract_id, e.amount_fen)


def _kept_consumed(e: KeptFeesConsumed) -> Postings:
    return Posting("earned", "", -e.amount_fen), Posting("held_by_institution", "", -e.amount_fen)


def _settled_by_institution(e: RefundPaidByInstitution | ReserveDrawn) -> Postings:
    return (
        Posting("held_by_institution", "", -e.from_held_fen),
        Posting("advance", "", -e.from_advance_fen),
        Posting("earned", "", e.to_earned_fen),
    )


def _paid_by_institution(e: RefundPaidByInstitution) -> Postings:
    return Posting("refund_payable", e.refund_id, -e.amount_fen), *_settled_by_institution(e)


def _reserve_drawn(e: ReserveDrawn) -> Postings:
    return Posting("reserve", "", -e.amount_fen), *_settled_by_institution(e)


def _payout(e: PayoutInstructed) -> Postings:
    return Posting("earned", "", -e.amount_fen), Posting("payout_in_flight", "", e.amount_fen)


def _payout_settled(e: PayoutSettled | AdvancePaid | TransferSettled) -> Postings:
    return Posting("payout_in_flight", "", -e.amount_fen), Posting("cash", "", -e.amount_fen)


def _transfer_returned(e: TransferReturned) -> Postings:
    return Posting("payout_in_flight", "", e.amount_fen), Posting("cash", "", e.amount_fen)


def _payout_failed(e: PayoutFailed) -> Postings:
    return Posting("payout_in_flight", "", -e.amount_fen), Posting("earned", "", e.amount_fen)


def _refund_agreed(e: RefundAgreed) -> Postings:
    charged_fen = sum(line.amount_fen for line in e.charged)
    owed = Posting("refund_payable", e.refund_id, e.amount_fen)
    if not charged_fen:
        return Posting("prepaid", e.contract_id, -e.amount_fen), owed
    return Posting("prepaid", e.contract_id, -e.amount_fen - charged_fen), owed, Posting("earned", "", charged_fen)


def _refund_paid(e: RefundPaid) -> Postings:
    return Posting("refund_payable", e.refund_id, -e.amount_fen), Posting("cash", "", -e.amount_fen)


def _refund_returned(e: RefundReturned) -> Postings:
    return Posting("refund_payable", e.refund_id, e.amount_fen), Posting("cash", "", e.amount_fen)


def _debit(e: UnexplainedDebitRecorded) -> Postings:
    return Posting("cash", "", -e.amount_fen), Posting("shortage", "", e.amount_fen)


def _debit_restored(e: UnexplainedDebitRestored) -> Postings:
    return Posting("cash", "", e.amount_fen), Posting("shortage", "", -e.amount_fen)


def _allocated(e: ClaimAllocated) -> Postings:
    if not e.from_reserve_fen:
        return ()
    return Posting("reserve", "", -e.from_reserve_fen), Posting("held_by_institution", "", -e.from_reserve_fen)


def _transferred(e: ContinuityTransferred) -> Postings:
    left: list[Posting] = []
    if e.lines:
        left.append(Posting("prepaid", e.contract_id, -sum(line.amount_fen for line in e.lines)))
    left += (Posting("refund_payable", part.refund_id, -part.amount_fen) for part in e.refunds)
    return *left, Posting("payout_in_flight", "", e.amount_fen)


def _received(e: ContinuityReceived) -> Postings:
    return Posting("in_transit", "", e.amount_fen), Posting("prepaid", e.contract_id, e.amount_fen)


def _arrived(e: ContinuityArrived) -> Postings:
    return Posting("in_transit", "", -e.amount_fen), Posting("cash", "", e.amount_fen)


def _transfer_matched(e: ContinuityMatched) -> Postings:
    return Posting("in_transit", "", -e.amount_fen), Posting("suspense", e.suspense_id, -e.amount_fen)


def _none(_: Event) -> Postings:
    return ()


POSTINGS: dict[type[Event], Callable[[Any], Postings]] = dict.fromkeys(TOPICS.values(), _none) | {
    OpeningBalanceImported: _opening,
    FeePaid: _fee,
    ContractAmended: _amended,
    DepositHeldInSuspense: _suspense,
    SuspenseMatched: _matched,
    SuspenseReturned: _suspense_returned,
    ReserveDeposited: _reserve,
    ReserveReleased: _reserve_released,
    LessonDrawn: _drawn,
    DrawReversed: _reversed,
    AdvanceInstructed: _advance,
    AdvancePaid: _payout_settled,
    AdvanceFailed: _advance_failed,
    AdvanceRecouped: _recouped,
    FeeKeptByInstitution: _kept,
    KeptFeesConsumed: _kept_consumed,
    RefundPaidByInstitution: _paid_by_institution,
    ReserveDrawn: _reserve_drawn,
    PayoutInstructed: _payout,
    PayoutSettled: _payout_settled,
    PayoutFailed: _payout_failed,
    RefundAgreed: _refund_agreed,
    RefundPaid: _refund_paid,
    RefundReturned: _refund_returned,
    ClaimAllocated: _allocated,
    ContinuityTransferred: _transferred,
    ContinuityReceived: _received,
    ContinuityArrived: _arrived,
    ContinuityMatched: _transfer_matched,
    TransferSettled: _payout_settled,
    TransferReturned: _transfer_returned,
    UnexplainedDebitRecorded: _debit,
    UnexplainedDebitRestored: _debit_restored,
}


def postings(event: Event) -> Postings:
    """The event's postings; over them the change of all assets equals the change of all liabilities."""
    return POSTINGS[type(event)](event)


def imbalance(of: Postings) -> int:
    """Assets less liabilities, in fen, that postings add: 0 for every event."""
    return sum(p.amount_fen if p.bucket in ASSETS else -p.amount_fen for p in of)
