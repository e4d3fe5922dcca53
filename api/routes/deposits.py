"""`POST /v1/deposits` and `/v1/deposits/batch`: a bank's receipts. They bypass FastAPI, because they are the load."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from api.answers import Receipt, item_results, receipt_fields, recorded
from api.auth.permissions import authorise
from api.calls import read_call
from api.documentation import document_thin
from api.fields import AccountNo, BankReference, Body, ContractReference, Fen, PayerRoute
from api.item_results import Refused, refused_item
from api.request_context import context_of
from ledger.application.deposits import (
    BATCH_LIMIT,
    DepositEntry,
    DepositLine,
    deposit_lines,
    post_deposit,
    post_deposits,
)
from ledger.domain.commands import Purpose
from ledger.domain.errors import LedgerError
from ledger.domain.events import PaymentSource
from ledger.storage.requests import Outcome

router = APIRouter()

PERMISSION: Final = "deposits:write"


class Deposit(Body, frozen=True, kw_only=True):
    """One receipt of the bank's books, on an account of this bank, named by its id or its number."""

    bank_reference: BankReference
    amount_fen: Fen
    value_on: Annotated[date, Meta(description="Value date, not after today.", examples=["2026-09-01"])]
    account_no: AccountNo | None = None
    account_id: Annotated[UUID | None, Meta(description="In place of account_no.", examples=[None])] = None
    contract_reference: ContractReference | None = None
    payer_route: PayerRoute | None = None
    purpose: Purpose = "fee"
    payment_source: Annotated[
        PaymentSource, Meta(description="How it was paid, if the bank can tell; empty if not.", examples=["account"])
    ] = ""

    def __post_init__(self) -> None:
        if (self.account_no is None) == (self.account_id is None):
            raise ValueError("account_unnamed")

    def entry(self) -> DepositEntry:
        return DepositEntry(
            bank_reference=self.bank_reference,
            amount_fen=self.amount_fen,
            value_on=self.value_on,
            account_id=self.account_id,
            account_no=self.account_no or "",
            contract_reference=self.contract_reference or "",
            payer_route=self.payer_route or "",
            purpose=self.purpose,
            payment_source=self.payment_source,
        )


class DepositBatch(Body, frozen=True, kw_only=True):
    """Up to 5,000 receipts; with `atomic` all of them are recorded, or none is."""

    items: Annotated[tuple[Deposit, ...], Meta(min_length=1, max_length=BATCH_LIMIT)]
    atomic: bool = False


class DepositReceipt(Receipt, kw_only=True):
    """Where the money went; the lines add up to the receipt's amount (fen)."""

    lines: list[DepositLine]


class AcceptedDeposit(msgspec.Struct, kw_only=True, gc=False, tag="accepted", tag_field="status"):
    """The item is recorded; `replayed` when it was recorded before, by this request or another."""

    account_id: UUID
    partition: int
    position: int
    version: int
    replayed: bool
    lines: list[DepositLine]


class DepositBatchResult(msgspec.Struct, kw_only=True):
    """One result an item, in order."""

    accepted: int
    refused: int
    results: list[AcceptedDeposit | Refused]


_deposit = msgspec.json.Decoder(Deposit)
_batch = msgspec.json.Decoder(DepositBatch)
_REFUSALS: Final = ("account_not_found", "bank_mismatch", "entry_reused", "total_too_large")


async def post_one(request: Request) -> Response:
    """Records one receipt."""
    call = await read_call(request, authorise(request.scope, PERMISSION), _deposit)
    outcome = await post_deposit(call.ledger, call.caller, bank=call.bank, entry=call.body.entry())
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(DepositReceipt(**fields, lines=deposit_lines(outcome)), outcome, 201)


async def post_many(request: Request) -> Response:
    """Records a batch."""
    call = await read_call(request, authorise(request.scope, PERMISSION), _batch)
    outcomes = await post_deposits(
        call.ledger,
        call.pool,
        call.caller,
        bank=call.bank,
        entries=[item.entry() for item in call.body.items],
        atomic=call.body.atomic,
    )
    language = context_of(request.scope).language
    results = [
        refused_item(outcome, language) if isinstance(outcome, LedgerError) else _accepted(outcome)
        for outcome in outcomes
    ]
    refused = sum([isinstance(outcome, LedgerError) for outcome in outcomes])
    answer = DepositBatchResult(accepted=len(results) - refused, refused=refused, results=results)
    replayed = all(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes)
    return item_results(answer, replayed=replayed)


def _accepted(outcome: Outcome) -> AcceptedDeposit:
    return AcceptedDeposit(
        account_id=outcome.account_id,
        partition=outcome.partition,
        position=outcome.position,
        version=outcome.version,
        replayed=outcome.replayed,
        lines=deposit_lines(outcome),
    )


HOT_ROUTES: Final = {"/v1/deposits": post_one, "/v1/deposits/batch": post_many}
for path, endpoint in HOT_ROUTES.items():
    router.add_route(path, endpoint, methods=["POST"])
document_thin(
    "/v1/deposits",
    name="post_deposit",
    tag="bank",
    permission=PERMISSION,
    summary="Post one receipt",
    description="Every receipt of the bank's books is recorded: to its contract, to suspense with the reason, or to "
    "the reserve. The bank's reference names the entry: the same entry again gives its first receipt, under any key.",
    answer=DepositReceipt,
    body=Deposit,
    status=201,
    codes=_REFUSALS,
    guarded=True,
)
document_thin(
    "/v1/deposits/batch",
    name="post_deposits",
    tag="bank",
    permission=PERMISSION,
    summary="Post up to 5,000 receipts",
    description="One result an item, in order. Items stand on their own; with `atomic` the first refusal refuses all, "
    "and its figures say which `item` it was (from 0). Sent again with the same key, recorded items say `replayed`.",
    answer=DepositBatchResult,
    body=DepositBatch,
    status=200,
    codes=(*_REFUSALS, "entry_duplicate_in_batch"),
)
