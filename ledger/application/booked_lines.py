"""Where the money of one entry of a bank's books went, told from the events that it caused."""

from typing import Literal

import msgspec

from ledger.domain.events import (
    BankEntryEvent,
    ContinuityArrived,
    DepositHeldInSuspense,
    Event,
    FeePaid,
    RefundReturned,
    ReserveDeposited,
    SuspenseReason,
    TransferReturned,
    UnexplainedDebitRecorded,
    UnexplainedDebitRestored,
)
from ledger.storage.requests import Outcome


class BookedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an entry (fen).

    `contract`, `suspense` (and why) and `reserve` are receipts; `instruction` is one that was paid, `returned` one
    that came back; `shortage` is a debit that nobody instructed, `restored` one that came back.
    """

    to: Literal["contract", "suspense", "reserve", "instruction", "returned", "shortage", "restored"]
    amount_fen: int
    contract_id: str | None = None
    suspense_id: str | None = None
    instruction_id: str | None = None
    reason: SuspenseReason | None = None


def booked_lines(outcome: Outcome) -> list[BookedLine]:
    """The parts of a recorded (or tried) entry; their amounts add up to it."""
    return [line for event in outcome.events if (line := _line(event)) is not None]


def _line(event: Event) -> BookedLine | None:
    match event:
        case FeePaid() | ContinuityArrived():
            return BookedLine(to="contract", amount_fen=event.amount_fen, contract_id=event.contract_id)
        case DepositHeldInSuspense():
            return BookedLine(
                to="suspense", amount_fen=event.amount_fen, suspense_id=event.suspense_id, reason=event.reason
            )
        case ReserveDeposited():
            return BookedLine(to="reserve", amount_fen=event.amount_fen)
        case UnexplainedDebitRecorded():
            return BookedLine(to="shortage", amount_fen=event.amount_fen)
        case UnexplainedDebitRestored():
            return BookedLine(to="restored", amount_fen=event.amount_fen)
        case RefundReturned() | TransferReturned():
            return BookedLine(to="returned", amount_fen=event.amount_fen, instruction_id=event.instruction_id)
        case BankEntryEvent():
            instruction_id, amount_fen = getattr(event, "instruction_id", ""), getattr(event, "amount_fen", 0)
            return BookedLine(to="instruction", amount_fen=amount_fen, instruction_id=instruction_id)
        case _:
            return None
