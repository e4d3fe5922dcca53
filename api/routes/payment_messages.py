"""`/v1/payment-messages`: orders to a bank as pain.001 files; `/v1/payment-status`: the bank's pain.002 files."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.answers import found, item_results
from api.auth.permissions import require
from api.auth.principal import Principal
from api.calls import Call, call_with, command, read_key
from api.codes import ApiError
from api.documentation import described
from api.fields import Body
from api.pages import Limit, Page, PageCursor, Reading, read_cursor, reading, write_cursor
from api.request_context import Language, context_of, header_of
from ledger.application.caller import hash_of
from ledger.application.payment_content import MessageContent, MessageFormat, write_message
from ledger.application.payment_messages import (
    Made,
    MessageRecord,
    finished_content,
    get_message,
    list_messages,
    make_message,
)
from ledger.application.payment_status import RESULTS, OrderResult, Result, import_status
from ledger.domain.errors import LedgerError
from ledger.domain.events import InstructionKind
from ledger.projections.paging import Cursor
from ledger.storage.requests import Outcome

router = APIRouter(tags=["bank"])

_XML: Final = (b"application/xml", b"text/xml")
_MEDIA_TYPES: Final[dict[MessageFormat, str]] = {"pain.001": "application/xml", "csv": "text/csv; charset=utf-8"}
_EXAMPLE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">'
    "<CstmrCdtTrfInitn>…</CstmrCdtTrfInitn></Document>"
)
_STATUS_BODY: Final[dict[str, Any]] = {
    "application/xml": {
        "schema": {"type": "string", "description": "pain.002, versions 001.03, 001.10 to 001.12, 001.14, 001.15."},
        "example": '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:'
        'pain.002.001.12"><CstmrPmtStsRpt>…</CstmrPmtStsRpt></Document>',
    }
}


class NewMessage(Body, frozen=True, kw_only=True):
    """What goes into a message: every order of the bank that may go, or of one account.

    Without a `message_id` the request's key names the message. `execute_on` is today or later; today if absent.
    """

    message_id: Annotated[
        str, msgspec.Meta(min_length=1, max_length=28, description="Unique at the bank.", examples=["PAY-20260901-1"])
    ] = ""
    execute_on: date | None = None
    account_id: UUID | None = None


class MessageReceipt(msgspec.Struct, kw_only=True):
    """A finished message: how many orders of how many accounts, and their sum (fen), which the file repeats."""

    message_id: str
    bank: str
    message_at: datetime
    execute_on: date
    accounts: int
    orders: int
    amount_fen: int


class StatusItem(msgspec.Struct, kw_only=True):
    """What one status made of one order, with its place in the file (1-based; 0: it stands for a payment or a group).

    A refused one has its code, sentence and figures.
    """

    result: Result
    status: str
    level: Literal["transaction", "payment", "group"]
    line: int
    payment: int
    transaction: int
    end_to_end_id: str
    reason: str
    account_id: str | None = None
    instruction_id: str | None = None
    kind: InstructionKind | None = None
    amount_fen: int | None = None
    code: str | None = None
    detail: str | None = None
    figures: dict[str, int | str] = {}


class StatusAnswer(msgspec.Struct, kw_only=True):
    """What became of a status report: its own id, the message that it is about, one result an order."""

    report_id: str
    message_id: str
    version: str
    sha256: str
    settled: int
    rejected: int
    unchanged: int
    repeated: int
    refused: int
    results: list[StatusItem]


@router.post(
    "/v1/payment-messages",
    **described(
        summary="Make a message of orders",
        description="Takes every order of the bank that may go: approved ones, and pending ones that need no approval. "
        "An order is in one message at most. The same request, or the same `message_id`, gives the same message again; "
        "one that was interrupted is gone on with. The file is fetched apart.",
        answer=MessageReceipt,
        body=NewMessage,
        codes=(
            "message_id_malformed",
            "message_id_reused",
            "execution_date_past",
            "payment_orders_not_found",
        ),
        command=True,
    ),
)
async def make_payment_message(
    call: Annotated[Call[NewMessage], Depends(command(NewMessage, "instructions:export"))],
) -> Response:
    made = await make_message(
        call.ledger,
        call.reader,
        call.caller,
        bank=call.bank,
        message_id=call.body.message_id,
        execute_on=call.body.execute_on,
        account_id=call.body.account_id,
    )
    return item_results(_receipt(made), replayed=made.replayed)


@router.get(
    "/v1/payment-messages",
    **described(
        summary="List messages of orders",
        description="In the order in which they were begun. With `unfinished=true` those that were interrupted: the "
        "request that began one, or its `message_id`, goes on with it.",
        answer=Page[MessageRecord],
        codes=("cursor_malformed",),
    ),
)
async def list_payment_messages(
    read: Annotated[Reading, Depends(reading("instructions:export"))],
    unfinished: bool = False,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    after = read_cursor(cursor)
    rows = await list_messages(
        read.pool,
        _bank(read.principal),
        unfinished=unfinished,
        after=0 if after is None else after.position,
        limit=limit + 1,
    )
    shown = rows[:limit]
    more = write_cursor(Cursor(0, shown[-1][0])) if len(rows) > limit else None
    return found(Page(items=[record for _, record in shown], next=more))


@router.get(
    "/v1/payment-messages/{message_id}",
    **described(summary="Get one message of orders", answer=MessageRecord, codes=("payment_message_not_found",)),
)
async def get_payment_message(
    message_id: str, read: Annotated[Reading, Depends(reading("instructions:export"))]
) -> Response:
    return found(await get_message(read.pool, _bank(read.principal), _plain(message_id)))


def _file_described() -> dict[str, Any]:
    parts = described(
        summary="Get a message's file",
        description="pain.001.001.09, or the same orders as CSV; made from the log alone, the same bytes each time. "
        "Creditors are named by opaque tokens (`SchmeNm/Prtry`: ROUTE_TOKEN, ORIGINAL_ENTRY, INSTITUTION, "
        "SUPERVISED_ACCOUNT).",
        answer=MessageRecord,
        codes=("payment_message_not_found", "payment_message_unfinished"),
    )
    parts["responses"][200]["content"] = {
        "application/xml": {"schema": {"type": "string"}, "example": _EXAMPLE},
        "text/csv": {"schema": {"type": "string"}, "example": "message_id,payment_id,…\r\n"},
    }
    return parts


@router.get("/v1/payment-messages/{message_id}/file", **_file_described())
async def get_payment_message_file(
    message_id: str,
    read: Annotated[Reading, Depends(reading("instructions:export"))],
    form: Annotated[MessageFormat, Query(alias="format", description="Of the file.")] = "pain.001",
) -> Response:
    content = await finished_content(read.pool, _bank(read.principal), _plain(message_id))
    return _file(content, form, await write_message(content, form, read.books.creditors))


def _file(content: MessageContent, form: MessageFormat, data: bytes) -> Response:
    name = f"{content.message_id}.{'xml' if form == 'pain.001' else 'csv'}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, 200, headers, media_type=_MEDIA_TYPES[form])


@router.post(
    "/v1/payment-status",
    **described(
        summary="Import a bank's status report",
        description="A pain.002 about one message. Final statuses settle (ACSC, ACCC) or reject (RJCT, CANC) an order; "
        "others change nothing. A payment's or the group's status stands for the orders that nothing narrower names. "
        "The same report again changes nothing.",
        answer=StatusAnswer,
        body=_STATUS_BODY,
        codes=(
            "file_encoding_wrong",
            "file_doctype_refused",
            "file_not_xml",
            "status_kind_unknown",
            "status_version_unsupported",
            "status_schema_invalid",
            "status_message_not_found",
        ),
        command=True,
    ),
)
async def import_payment_status(
    request: Request, principal: Annotated[Principal, Depends(require("instructions:settle"))]
) -> Response:
    media_type = (header_of(request.scope, b"content-type") or b"").partition(b";")[0].strip().lower()
    if media_type not in _XML:
        raise ApiError("media_type_unsupported")
    key = read_key(request, principal)
    data = await request.body()
    hashed = hash_of("POST", request.url.path, data)
    call = call_with(request, principal, data, key=key, request_hash=hashed)
    report, results = await import_status(call.ledger, call.reader, call.caller, bank=call.bank, data=data)
    language = context_of(request.scope).language
    items = [told_status(one, language) for one in results]
    counts = {name: sum(item.result == name for item in items) for name in RESULTS}
    answer = StatusAnswer(
        report_id=report.report_id,
        message_id=report.message_id,
        version=report.version,
        sha256=report.sha256,
        **counts,
        results=items,
    )
    return item_results(answer, replayed=bool(items) and counts["repeated"] == len(items))


def _receipt(made: Made) -> MessageReceipt:
    content = made.content
    return MessageReceipt(
        message_id=content.message_id,
        bank=content.bank,
        message_at=content.message_at,
        execute_on=content.execute_on,
        accounts=len(content.shares),
        orders=content.orders,
        amount_fen=content.amount_fen,
    )


def told_status(one: OrderResult, language: Language) -> StatusItem:
    """A result as clients are told of it."""
    entry, share, order, result, outcome = one
    item = StatusItem(
        result=result,
        status=entry.status,
        level=entry.level,
        line=entry.line,
        payment=entry.payment,
        transaction=entry.transaction,
        end_to_end_id=entry.end_to_end_id if order is None else order.end_to_end_id,
        reason=entry.reason,
    )
    if share is not None and order is not None:
        item.account_id = str(share.account_id)
        item.instruction_id = order.instruction_id
        item.kind = order.kind
        item.amount_fen = order.amount_fen
    assert not isinstance(outcome, Outcome) or result != "refused"
    if isinstance(outcome, LedgerError):
        item.code = outcome.code
        item.detail = outcome.message_zh if language == "zh" else outcome.message
        item.figures = outcome.figures
    return item


def _bank(principal: Principal) -> str:
    assert principal.bank is not None, "only banks hold instructions:export"
    return principal.bank


def _plain(message_id: str) -> str:
    """The id of a path; one with a NUL is nobody's."""
    if "\0" in message_id:
        raise LedgerError("payment_message_not_found", message_id="?")
    return message_id
