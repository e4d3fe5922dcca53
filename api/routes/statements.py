"""`POST /v1/statements`: a bank's closing balances of a day, and debits that nobody instructed."""

from datetime import date
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from api.answers import Receipt, item_results, receipt_of
from api.calls import Call, command
from api.documentation import described
from api.fields import AccountNo, BankReference, Body, Fen, Name, SignedFen
from api.item_results import Refused, refused_item
from api.request_context import context_of
from ledger.application.statements import (
    ClosingBalance,
    RestoredDebit,
    StatementItem,
    UnexplainedDebit,
    report_statement,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import DebitKind
from ledger.storage.requests import Outcome

router = APIRouter(tags=["bank"])

ITEM_LIMIT: Final = 5_000


class BalanceItem(Body, frozen=True, kw_only=True):
    """The closing book balance of one account (fen)."""

    account_no: AccountNo
    balance_fen: SignedFen


class DebitItem(Body, frozen=True, kw_only=True):
    """Money that left without an instruction of ours."""

    account_no: AccountNo
    bank_reference: BankReference
    amount_fen: Fen
    kind: DebitKind


class RestoredItem(Body, frozen=True, kw_only=True):
    """Money that had left without an instruction and came back."""

    account_no: AccountNo
    bank_reference: BankReference
    amount_fen: Fen


class Statement(Body, frozen=True, kw_only=True):
    """One day's statement of up to 5,000 balances, unexplained debits and restored debits each."""

    statement_id: Name
    statement_on: date
    balances: Annotated[tuple[BalanceItem, ...], Meta(max_length=ITEM_LIMIT)] = ()
    unexplained_debits: Annotated[tuple[DebitItem, ...], Meta(max_length=ITEM_LIMIT)] = ()
    restored_debits: Annotated[tuple[RestoredItem, ...], Meta(max_length=ITEM_LIMIT)] = ()

    def items(self) -> list[StatementItem]:
        """Balances last: they are the bank's word on the day after everything else."""
        return [
            *(msgspec.convert(msgspec.to_builtins(item), UnexplainedDebit) for item in self.unexplained_debits),
            *(msgspec.convert(msgspec.to_builtins(item), RestoredDebit) for item in self.restored_debits),
            *(msgspec.convert(msgspec.to_builtins(item), ClosingBalance) for item in self.balances),
        ]


class AcceptedItem(Receipt, kw_only=True, tag="accepted", tag_field="status"):
    """The item is recorded; `replayed` when it was before."""

    replayed: bool


ItemResult = AcceptedItem | Refused


class StatementResult(msgspec.Struct, kw_only=True):
    """One result an item, in the order of each list."""

    accepted: int
    refused: int
    balances: list[ItemResult]
    unexplained_debits: list[ItemResult]
    restored_debits: list[ItemResult]


@router.post(
    "/v1/statements",
    **described(
        summary="Report a day's statement",
        answer=StatementResult,
        body=Statement,
        codes=("account_not_found", "bank_mismatch", "debit_above_cash", "debit_restored_too_much", "entry_reused"),
        command=True,
    ),
)
async def report(
    request: Request, call: Annotated[Call[Statement], Depends(command(Statement, "statements:write"))]
) -> Response:
    body = call.body
    outcomes = await report_statement(
        call.ledger,
        call.pool,
        call.caller,
        bank=call.bank,
        statement_id=body.statement_id,
        on=body.statement_on,
        items=body.items(),
    )
    language = context_of(request.scope).language
    results: list[ItemResult] = []
    for outcome in outcomes:
        if isinstance(outcome, LedgerError):
            results.append(refused_item(outcome, language))
        else:
            plain = msgspec.to_builtins(receipt_of(outcome))
            results.append(AcceptedItem(**plain, replayed=outcome.replayed))
    debits, restored = len(body.unexplained_debits), len(body.restored_debits)
    refused = sum(isinstance(result, Refused) for result in results)
    answer = StatementResult(
        accepted=len(results) - refused,
        refused=refused,
        unexplained_debits=results[:debits],
        restored_debits=results[debits : debits + restored],
        balances=results[debits + restored :],
    )
    replayed = all(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes)
    return item_results(answer, replayed=bool(outcomes) and replayed)
