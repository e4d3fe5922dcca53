"""`/v1/refunds`: from a family's request to the bank's payment, each step by whoever has to act."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import found, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, ContractId, Fen, FenOrZero, OptionalText, Reason
from api.pages import (
    Id,
    Limit,
    Page,
    PageCursor,
    Reading,
    account_filter,
    page_of,
    place_of,
    read_cursor,
    reading,
    scope_of,
)
from api.routes.refund_receipts import RefundReceipt, RequestReceipt, progress_receipt, request_receipt
from ledger.application.refunds import (
    answer_refund,
    contract_of_family,
    instruct_refund,
    order_refund,
    refund_of_family,
    request_refund,
    withdraw_refund,
)
from ledger.domain.events import RefundGround
from ledger.projections import refunds
from ledger.projections.refund_progress import RefundProgress, RefundProgressState, Who

router = APIRouter()


class RefundRequest(Body, frozen=True, kw_only=True):
    """The family asks for what is left of a contract: for its own reasons, or since the institution moved or closes."""

    contract_id: ContractId
    reason: Reason
    ground: RefundGround = "own"


class Answer(Body, frozen=True, kw_only=True):
    """The institution agrees to the quote, or contests it with what it offers (undisputed, paid at once) and why."""

    agree: bool
    offered_fen: FenOrZero = 0
    reason: OptionalText = ""


class Order(Body, frozen=True, kw_only=True):
    """How much is refunded in all, what was agreed before included, and for which case if any."""

    amount_fen: Fen
    reason: Reason
    case_id: OptionalText = ""


class Withdrawal(Body, frozen=True, kw_only=True):
    """Why the family takes its request back."""

    reason: Reason


class Again(Body, frozen=True, kw_only=True):
    """Nothing needs to be said: what is agreed and not on its way is sent."""


@router.post(
    "/v1/refunds",
    tags=["parent"],
    **described(
        summary="Ask for a refund",
        description="It is quoted at once, package by package, on every lawful basis; the best for the family wins. "
        "The institution has until `answer_due_on`; its silence is agreement.",
        answer=RequestReceipt,
        body=RefundRequest,
        status=201,
        codes=("contract_not_found", "account_not_found", "refund_open", "refund_nothing_left"),
        command=True,
        guarded=True,
    ),
)
async def ask(call: Annotated[Call[RefundRequest], Depends(command(RefundRequest, "refunds:request"))]) -> Response:
    body = call.body
    contract = await call.reader.contract(body.contract_id, scope_of(call.principal))
    outcome = await request_refund(
        call.ledger,
        call.caller_who(contract_of_family(body.contract_id, call.principal.families)),
        account_id=UUID(contract.account_id),
        refund_id=str(uuid7()),
        contract_id=body.contract_id,
        reason=body.reason,
        ground=body.ground,
        same_service_before=await call.reader.had_service_before(contract),
        on=call.ledger.today(),
    )
    return recorded(request_receipt(outcome), outcome, 201)


@router.get(
    "/v1/refunds",
    tags=["parent"],
    **described(summary="List refunds", answer=Page[RefundProgress], codes=("account_not_found", "cursor_malformed")),
)
async def list_refunds(
    read: Annotated[Reading, Depends(reading("refunds:read"))],
    account_id: Id | None = None,
    contract_id: Id | None = None,
    state: RefundProgressState | None = None,
    who_acts: Who | None = None,
    overdue: bool | None = None,
    only_open: bool = False,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await refunds.list_page(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            contract_id=contract_id,
            state=state,
            who_acts=who_acts,
            overdue=overdue,
            only_open=only_open,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/refunds/{refund_id}",
    tags=["parent"],
    **described(
        summary="Follow one refund",
        description="Its quote line by line on every lawful basis, and each step: since when, until when, who has to "
        "act, the legal basis.",
        answer=RefundProgress,
        codes=("refund_not_found",),
    ),
)
async def get_refund(refund_id: str, read: Annotated[Reading, Depends(reading("refunds:read"))]) -> Response:
    return found(await read.books.reader.refund(refund_id, read.scope))


@router.post(
    "/v1/refunds/{refund_id}/withdrawal",
    tags=["parent"],
    **described(
        summary="Withdraw a refund request",
        answer=RefundReceipt,
        body=Withdrawal,
        codes=("refund_not_found", "refund_not_waiting"),
        command=True,
        guarded=True,
    ),
)
async def withdraw(
    refund_id: str, call: Annotated[Call[Withdrawal], Depends(command(Withdrawal, "refunds:request"))]
) -> Response:
    outcome = await withdraw_refund(
        call.ledger,
        call.caller_who(refund_of_family(refund_id, call.principal.families)),
        account_id=await _account_of(call, refund_id),
        refund_id=refund_id,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return recorded(progress_receipt(outcome, refund_id), outcome)


@router.post(
    "/v1/refunds/{refund_id}/answer",
    tags=["institution"],
    **described(
        summary="Agree to a refund, or contest it",
        answer=RefundReceipt,
        body=Answer,
        codes=("refund_not_found", "refund_not_waiting", "refund_offer_wrong"),
        command=True,
        guarded=True,
    ),
)
async def answer(refund_id: str, call: Annotated[Call[Answer], Depends(command(Answer, "refunds:answer"))]) -> Response:
    outcome = await answer_refund(
        call.ledger,
        call.caller,
        account_id=await _account_of(call, refund_id),
        refund_id=refund_id,
        agree=call.body.agree,
        offered_fen=call.body.offered_fen,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return recorded(progress_receipt(outcome, refund_id), outcome)


@router.post(
    "/v1/refunds/{refund_id}/order",
    tags=["regulator"],
    **described(
        summary="Order how much is refunded",
        answer=RefundReceipt,
        body=Order,
        codes=("refund_not_found", "refund_not_waiting", "refund_above_unconsumed", "refund_offer_wrong"),
        command=True,
        guarded=True,
    ),
)
async def order(refund_id: str, call: Annotated[Call[Order], Depends(command(Order, "refunds:order"))]) -> Response:
    outcome = await order_refund(
        call.ledger,
        call.caller,
        account_id=await _account_of(call, refund_id),
        refund_id=refund_id,
        amount_fen=call.body.amount_fen,
        reason=call.body.reason,
        case_id=call.body.case_id,
        on=call.ledger.today(),
    )
    return recorded(progress_receipt(outcome, refund_id), outcome)


@router.post(
    "/v1/refunds/{refund_id}/instruct",
    tags=["regulator"],
    **described(
        summary="Send what is agreed to the bank again",
        answer=RefundReceipt,
        body=Again,
        codes=("refund_not_found", "refund_not_waiting", "cash_short"),
        command=True,
        guarded=True,
    ),
)
async def instruct(refund_id: str, call: Annotated[Call[Again], Depends(command(Again, "refunds:order"))]) -> Response:
    outcome = await instruct_refund(
        call.ledger,
        call.caller,
        account_id=await _account_of(call, refund_id),
        refund_id=refund_id,
        on=call.ledger.today(),
    )
    return recorded(progress_receipt(outcome, refund_id), outcome)


async def _account_of(call: Call[Any], refund_id: str) -> UUID:
    refund = await call.reader.refund(refund_id, scope_of(call.principal))
    return UUID(refund.account_id)
