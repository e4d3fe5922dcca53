"""`/v1/accounts/{id}/suspend` and `/resume`: the clocks and payouts of force majeure (不可抗力)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answers import Receipt, first, receipt, receipt_fields, recorded
from api.calls import Call, command
from api.routes.account_controls import Decision, ruled, said_of
from ledger.application.suspension import resume_account, suspend_account
from ledger.domain.events import DeadlinesMoved, MovedDeadline

router = APIRouter(tags=["regulator"])


class Suspension(Decision, frozen=True, kw_only=True):
    """From the day on, no deadline lapses and nothing is paid out to the institution; refunds go on."""


class Resumption(Decision, frozen=True, kw_only=True):
    """From the day on, clocks and payouts run again."""


class ResumptionReceipt(Receipt, kw_only=True):
    """The open deadlines that have moved by the time that does not count."""

    moved: list[MovedDeadline]


@router.post(
    "/v1/accounts/{account_id}/suspend",
    **ruled(
        summary="Stop clocks and payouts",
        body=Suspension,
        codes=("account_not_found", "account_suspended"),
    ),
)
async def suspend_clocks(
    account_id: str, call: Annotated[Call[Suspension], Depends(command(Suspension, "freeze:write"))]
) -> Response:
    return receipt(await suspend_account(call.ledger, call.caller, **said_of(call, account_id)))


@router.post(
    "/v1/accounts/{account_id}/resume",
    **ruled(
        summary="Let clocks and payouts run again",
        description="Every open deadline has as many days left as before.",
        answer=ResumptionReceipt,
        body=Resumption,
        codes=("account_not_found", "account_not_suspended", "resumed_before_suspended"),
    ),
)
async def resume_clocks(
    account_id: str, call: Annotated[Call[Resumption], Depends(command(Resumption, "freeze:write"))]
) -> Response:
    outcome = await resume_account(call.ledger, call.caller, **said_of(call, account_id))
    moved = first(outcome, DeadlinesMoved)
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(ResumptionReceipt(**fields, moved=[] if moved is None else [*moved.lines]), outcome)
