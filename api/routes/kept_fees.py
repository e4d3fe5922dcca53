"""`/v1/kept-fees` and what refunds of them need: risk-deposit mode, where the institution keeps the fees."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answers import Receipt, receipt_of, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import BankReference, Body, ContractId, Fen, Name, PayerRoute, Reason
from api.pages import scope_of
from api.routes.refund_receipts import RefundReceipt, progress_receipt
from ledger.application.kept_fees import draw_reserve, record_institution_refund, report_kept_fee

router = APIRouter()


class KeptFee(Body, frozen=True, kw_only=True):
    """A fee that the institution received. `receipt_no` is unique within the contract."""

    contract_id: ContractId
    receipt_no: BankReference
    amount_fen: Fen
    payer_route: PayerRoute | None = None
    received_on: date | None = None


class InstitutionPayment(Body, frozen=True, kw_only=True):
    """What the institution paid of a refund itself; `document` names the proof."""

    amount_fen: Fen
    document: Name
    paid_on: date | None = None


class ReserveDraw(Body, frozen=True, kw_only=True):
    """What of a refund comes out of the institution's deposit."""

    amount_fen: Fen
    reason: Reason


@router.post(
    "/v1/kept-fees",
    tags=["institution"],
    **described(
        summary="Report a fee that the institution keeps",
        description="Where the policy's custody is a risk deposit (custody.mode).",
        answer=Receipt,
        body=KeptFee,
        status=201,
        codes=(
            "contract_not_found",
            "account_not_found",
            "fee_not_kept",
            "kept_fee_exists",
            "contract_overpaid",
            "account_blacklisted",
            "total_too_large",
        ),
        command=True,
        guarded=True,
    ),
)
async def report(call: Annotated[Call[KeptFee], Depends(command(KeptFee, "contracts:write"))]) -> Response:
    body = call.body
    contract = await call.reader.contract(body.contract_id, scope_of(call.principal))
    outcome = await report_kept_fee(
        call.ledger,
        call.caller,
        account_id=UUID(contract.account_id),
        contract_id=body.contract_id,
        receipt_no=body.receipt_no,
        amount_fen=body.amount_fen,
        payer_route=body.payer_route or "",
        on=body.received_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome, 201)


@router.post(
    "/v1/refunds/{refund_id}/institution-payment",
    tags=["regulator"],
    **described(
        summary="Record what the institution paid of a refund itself",
        answer=RefundReceipt,
        body=InstitutionPayment,
        codes=("refund_not_found", "refund_not_with_institution", "contract_not_found"),
        command=True,
        guarded=True,
    ),
)
async def record_payment(
    refund_id: str, call: Annotated[Call[InstitutionPayment], Depends(command(InstitutionPayment, "refunds:order"))]
) -> Response:
    outcome = await record_institution_refund(
        call.ledger,
        call.caller,
        account_id=await _account_of(refund_id, call),
        refund_id=refund_id,
        amount_fen=call.body.amount_fen,
        document=call.body.document,
        on=call.body.paid_on or call.ledger.today(),
    )
    return recorded(progress_receipt(outcome, refund_id), outcome)


@router.post(
    "/v1/refunds/{refund_id}/reserve-draw",
    tags=["regulator"],
    **described(
        summary="Have the risk deposit pay a refund",
        answer=RefundReceipt,
        body=ReserveDraw,
        codes=("refund_not_found", "refund_not_with_institution", "reserve_too_small", "cash_short"),
        command=True,
        guarded=True,
    ),
)
async def draw(
    refund_id: str, call: Annotated[Call[ReserveDraw], Depends(command(ReserveDraw, "refunds:order"))]
) -> Response:
    outcome = await draw_reserve(
        call.ledger,
        call.caller,
        account_id=await _account_of(refund_id, call),
        refund_id=refund_id,
        amount_fen=call.body.amount_fen,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return recorded(progress_receipt(outcome, refund_id), outcome)


async def _account_of(refund_id: str, call: Call[InstitutionPayment] | Call[ReserveDraw]) -> UUID:
    refund = await call.reader.refund(refund_id, scope_of(call.principal))
    return UUID(refund.account_id)
