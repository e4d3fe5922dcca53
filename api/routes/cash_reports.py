"""`/v1/cash-reports`: cash that the institution took, until it is in the account (rule cash.sweep)."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answers import Receipt, first, receipt, receipt_fields, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import BankReference, Body, ContractId, Fen, Reason
from api.pages import scope_of
from ledger.application.fees import close_cash_report, report_cash
from ledger.domain.events import CashTaken

router = APIRouter()


class Cash(Body, frozen=True, kw_only=True):
    """Cash taken for a contract. `cash_id` is the number of the receipt that the family has."""

    contract_id: ContractId
    cash_id: BankReference
    amount_fen: Fen
    taken_on: date | None = None


class CashReceipt(Receipt, kw_only=True):
    """Until when the cash has to be in the account; null where no rule says."""

    due_on: date | None


class CashClosing(Body, frozen=True, kw_only=True):
    """Why the cash does not come into the account."""

    account_id: UUID
    reason: Reason


@router.post(
    "/v1/cash-reports",
    tags=["institution"],
    **described(
        summary="Report cash taken for a contract",
        description="Receipts for the contract are counted against it, oldest first; what is not in the account in "
        "time raises the alert `cash.sweep`.",
        answer=CashReceipt,
        body=Cash,
        status=201,
        codes=("contract_not_found", "contract_amended", "cash_reported_before"),
        command=True,
        guarded=True,
    ),
)
async def report(call: Annotated[Call[Cash], Depends(command(Cash, "contracts:write"))]) -> Response:
    body = call.body
    contract = await call.reader.contract(body.contract_id, scope_of(call.principal))
    outcome = await report_cash(
        call.ledger,
        call.caller,
        account_id=UUID(contract.account_id),
        contract_id=body.contract_id,
        cash_id=body.cash_id,
        amount_fen=body.amount_fen,
        on=body.taken_on or call.ledger.today(),
    )
    taken = first(outcome, CashTaken)
    assert taken is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(CashReceipt(**fields, due_on=taken.due_on), outcome, 201)


@router.post(
    "/v1/cash-reports/{cash_id}/closure",
    tags=["regulator"],
    **described(
        summary="Say that reported cash does not come into the account",
        description="It was given back, or was never taken.",
        answer=Receipt,
        body=CashClosing,
        codes=("account_not_found", "cash_not_found"),
        command=True,
        guarded=True,
    ),
)
async def close(
    cash_id: str, call: Annotated[Call[CashClosing], Depends(command(CashClosing, "accounts:write"))]
) -> Response:
    outcome = await close_cash_report(
        call.ledger,
        call.caller,
        account_id=call.body.account_id,
        cash_id=cash_id,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return receipt(outcome)
