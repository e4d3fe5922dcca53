"""`/v1/accounts/{id}/suspend` and `/resume`: the clocks and payouts of force majeure (不可抗力)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answers import Receipt, first, receipt_fields, receipt_of, recorded
from api.calls import Call, account_id_of, command
from api.documentation import described
from api.routes.account_controls import Decision
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
    **described(
        summary="Stop clocks and payouts",
        answer=Receipt,
        body=Suspension,
        codes=("account_not_found", "account_suspended"),
        command=True,
        guarded=True,
    ),
)
async def suspend_clocks(
    account_id: str, call: Annotated[Call[Suspension], Depends(command(Suspension, "freeze:write"))]
) -> Response:
    outcome = await suspend_account(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        reason=call.body.reason,
        on=call.body.effective_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)


@router.post(
    "/v1/accounts/{account_id}/resume",
    **described(
        summary="Let clocks and payouts run again",
        description="Every open deadline has as many days left as before.",
        answer=ResumptionReceipt,
        body=Resumption,
        codes=("account_not_found", "account_not_suspended", "resumed_before_suspended"),
        command=True,
        guarded=True,
    ),
)
async def resume_clocks(
    account_id: str, call: Annotated[Call[Resumption], Depends(command(Resumption, "freeze:write"))]
) -> Response:
    outcome = await resume_account(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        reason=call.body.reason,
        on=call.body.effective_on or call.ledger.today(),
    )
    moved = first(outcome, DeadlinesMoved)
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(ResumptionReceipt(**fields, moved=[] if moved is None else [*moved.lines]), outcome)
