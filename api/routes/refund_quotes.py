"""`/v1/contracts/{id}/refund-quote`: what a refund would be today, on every lawful basis, before anybody asks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import found
from api.documentation import described
from api.pages import Reading, reading
from ledger.application.refunds import RefundQuote, quote_contract
from ledger.domain.events import RefundGround

router = APIRouter(tags=["parent"])

Ground = Annotated[
    RefundGround,
    Query(description="Why it would be asked for: own reasons, or since the institution moved or closes."),
]


@router.get(
    "/v1/contracts/{contract_id}/refund-quote",
    **described(
        summary="Quote a refund without asking for it",
        description="Line by line for every package and basis, as a request would be quoted today; nothing is "
        "recorded.",
        answer=RefundQuote,
        codes=("contract_not_found", "refund_nothing_left"),
        etag=True,
    ),
)
async def quote_contract_refund(
    contract_id: str, read: Annotated[Reading, Depends(reading("refunds:read"))], ground: Ground = "own"
) -> Response:
    reader, ledger = read.books.reader, read.books.ledger
    contract = await reader.contract(contract_id, read.scope)
    quoted = await quote_contract(
        ledger,
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        ground=ground,
        same_service_before=await reader.had_service_before(contract),
        on=ledger.today(),
    )
    return found(quoted, version=quoted.version)
