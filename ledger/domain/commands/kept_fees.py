"""Commands in risk-deposit mode: fees that the institution keeps, and refunds paid by it or out of its deposit."""

from ledger.domain.commands.base import Command


class ReportKeptFee(Command, frozen=True, kw_only=True, gc=False):
    """Report a family's fee that the institution received and keeps. `receipt_no` is unique within the contract."""

    contract_id: str
    receipt_no: str
    amount_fen: int
    payer_route: str = ""


class RecordInstitutionRefund(Command, frozen=True, kw_only=True, gc=False):
    """Record that the institution itself paid (part of) a refund; `document` names the proof."""

    refund_id: str
    amount_fen: int
    document: str


class DrawReserve(Command, frozen=True, kw_only=True, gc=False):
    """Order that (part of) a refund, which the institution should pay, comes out of its risk deposit."""

    refund_id: str
    amount_fen: int
    reason: str
