"""The receipts of commands about refunds."""

from datetime import date
from typing import Any

from api.answers import Receipt, first, receipt_fields
from ledger.domain.events import (
    QuoteLine,
    RefundAgreed,
    RefundBasis,
    RefundInstructed,
    RefundLeg,
    RefundQuoted,
    RefundRequested,
)
from ledger.storage.requests import Outcome


class RequestReceipt(Receipt, kw_only=True):
    """The quote (fen): the best line of each package, all lines of all bases, and how long the institution has."""

    refund_id: str
    contract_id: str
    basis: RefundBasis
    quoted_fen: int
    quote: list[QuoteLine]
    bases: list[QuoteLine]
    answer_due_on: date


class RefundReceipt(Receipt, kw_only=True):
    """What was agreed by this step (fen) until when it is to be paid, and what went to the bank at once."""

    refund_id: str
    agreed_fen: int
    pay_due_on: date | None
    legs: list[RefundLeg]


def request_receipt(outcome: Outcome) -> RequestReceipt:
    """The receipt of a request."""
    requested, quoted = first(outcome, RefundRequested), first(outcome, RefundQuoted)
    assert requested is not None
    assert quoted is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return RequestReceipt(
        **fields,
        refund_id=requested.refund_id,
        contract_id=requested.contract_id,
        basis=quoted.basis,
        quoted_fen=quoted.amount_fen,
        quote=[*quoted.lines],
        bases=[*quoted.bases],
        answer_due_on=requested.answer_due_on,
    )


def progress_receipt(outcome: Outcome, refund_id: str) -> RefundReceipt:
    """The receipt of a later step."""
    agreed, instructed = first(outcome, RefundAgreed), first(outcome, RefundInstructed)
    fields: dict[str, Any] = receipt_fields(outcome)
    return RefundReceipt(
        **fields,
        refund_id=refund_id,
        agreed_fen=0 if agreed is None else agreed.amount_fen,
        pay_due_on=None if agreed is None else agreed.pay_due_on,
        legs=[] if instructed is None else [*instructed.legs],
    )
