"""`POST /v1/statements`: a bank's statements or closing balances of a day, and debits that nobody instructed."""

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
    AccountStatement,
    ClosingBalance,
    RestoredDebit,
    StatementItem,
    UnexplainedDebit,
    report_statement,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import DebitKind, StatementEntryKind
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


EndToEnd = Annotated[
    str, Meta(max_length=35, pattern=r"^[!-~]*(?!\n)$", description="Our instruction's, if any.", examples=[""])
]


class EntryItem(Body, frozen=True, kw_only=True):
    """One line of a statement. The amount is signed: a credit is positive."""

    entry_reference: BankReference
    amount_fen: SignedFen
    booked_on: date
    kind: StatementEntryKind
    end_to_end_id: EndToEnd = ""


class StatementItemOfAccount(Body, frozen=True, kw_only=True):
    """One account's statement that ends on the day, or part `part` of `parts`; every part names the same balances.

    `from_on` is its first day, if that is another one.
    """

    account_no: AccountNo
    opening_fen: SignedFen
    closing_fen: SignedFen
    entries: Annotated[tuple[EntryItem, ...], Meta(max_length=ITEM_LIMIT)] = ()
    from_on: date | None = None
    part: Annotated[int, Meta(ge=1, le=10_000)] = 1
    parts: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Statement(Body, frozen=True, kw_only=True):
    """What the bank says of one day: up to 5,000 statements, balances, unexplained and restored debits each."""

    statement_id: Name
    statement_on: date
    statements: Annotated[tuple[StatementItemOfAccount, ...], Meta(max_length=ITEM_LIMIT)] = ()
    balances: Annotated[tuple[BalanceItem, ...], Meta(max_length=ITEM_LIMIT)] = ()
    unexplained_debits: Annotated[tuple[DebitItem, ...], Meta(max_length=ITEM_LIMIT)] = ()
    restored_debits: Annotated[tuple[RestoredItem, ...], Meta(max_length=ITEM_LIMIT)] = ()

    def items(self) -> list[StatementItem]:
        """Statements and balances last: they are the bank's word on the day after everything else."""
        return [
            *(msgspec.convert(msgspec.to_builtins(item), UnexplainedDebit) for item in self.unexplained_debits),
            *(msgspec.convert(msgspec.to_builtins(item), RestoredDebit) for item in self.restored_debits),
            *(msgspec.convert(msgspec.to_builtins(item), AccountStatement) for item in self.statements),
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
    statements: list[ItemResult]
    balances: list[ItemResult]
    unexplained_debits: list[ItemResult]
    restored_debits: list[ItemResult]


@router.post(
    "/v1/statements",
    **described(
        summary="Report a day's statement",
        answer=StatementResult,
        body=Statement,
        codes=(
            "account_not_found",
            "bank_mismatch",
            "debit_above_cash",
            "debit_restored_too_much",
            "entry_reused",
            "statement_part_wrong",
            "statement_period_wrong",
            "statement_reused",
        ),
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
    debits = len(body.unexplained_debits)
    restored = debits + len(body.restored_debits)
    statements = restored + len(body.statements)
    refused = sum(isinstance(result, Refused) for result in results)
    answer = StatementResult(
        accepted=len(results) - refused,
        refused=refused,
        unexplained_debits=results[:debits],
        restored_debits=results[debits:restored],
        statements=results[restored:statements],
        balances=results[statements:],
    )
    replayed = all(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes)
    return item_results(answer, replayed=bool(outcomes) and replayed)
