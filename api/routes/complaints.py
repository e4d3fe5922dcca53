"""`/v1/complaints`: a family complains about its contract, and follows what becomes of it."""

from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answers import found, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, ContractId, Fen, Name, Reason
from api.pages import Limit, Page, PageCursor, Reading, page_of, place_of, read_cursor, reading, scope_of
from api.routes.case_fields import CaseReceipt, case_receipt
from ledger.application.cases import complain, find_case
from ledger.domain.case import CaseState
from ledger.domain.commands.cases import OpenCase
from ledger.domain.errors import LedgerError
from ledger.domain.events import CaseKind, CaseOutcome, CaseStep
from ledger.projections import case_queries
from ledger.projections.case_rows import CaseRow, MediationRow

router = APIRouter(tags=["parent"])


class Complaint(Body, frozen=True, kw_only=True):
    """What the family complains about: a contract, or a refund of one.

    `paid_elsewhere_fen` is what it was made to pay to another account than the supervised one.
    """

    reason: Reason
    contract_id: ContractId | None = None
    refund_id: Name | None = None
    paid_elsewhere_fen: Fen | None = None


class ComplaintStep(msgspec.Struct, kw_only=True):
    """A step: since when, until when, who has to act, by which rules."""

    step: CaseStep
    who: str
    started_on: date
    due_on: date
    done_on: date | None
    overdue: bool
    rules: tuple[str, ...]


class ComplaintLink(msgspec.Struct, kw_only=True):
    """Something that was done to the institution's account."""

    topic: str
    linked_on: date


class ComplaintProgress(msgspec.Struct, kw_only=True):
    """A family's own complaint. `owner` received it and answers for it to the end; `handler` works on it."""

    case_id: str
    kind: CaseKind
    state: CaseState
    contract_id: str
    refund_id: str
    reason: str
    opened_on: date
    owner: str
    handler: str
    next_due_on: date | None
    overdue: bool
    steps: list[ComplaintStep]
    links: list[ComplaintLink]
    mediation: MediationRow | None
    outcome: CaseOutcome | None
    closed_on: date | None
    close_reason: str


def progress(row: CaseRow) -> ComplaintProgress:
    """What the family is shown: neither notes nor officers."""
    same = {name: getattr(row, name) for name in ComplaintProgress.__struct_fields__ if name not in ("steps", "links")}
    steps = [
        ComplaintStep(**{name: getattr(step, name) for name in ComplaintStep.__struct_fields__}) for step in row.steps
    ]
    links = [ComplaintLink(topic=link.topic, linked_on=link.linked_on) for link in row.links]
    return ComplaintProgress(**same, steps=steps, links=links)


@router.post(
    "/v1/complaints",
    **described(
        summary="Complain",
        description="The first authority that supervises the account receives it and owns it to the end. A fee that "
        "was paid elsewhere raises an alert at once.",
        answer=CaseReceipt,
        body=Complaint,
        status=201,
        codes=("contract_not_found", "refund_not_found"),
        command=True,
    ),
)
async def tell(call: Annotated[Call[Complaint], Depends(command(Complaint, "complaints:write"))]) -> Response:
    body = call.body
    if body.contract_id is None and body.refund_id is None:
        raise LedgerError("contract_not_found", contract_id="")
    said = OpenCase(
        account_id=call.caller.begun_id(),
        effective_on=call.ledger.today(),
        kind="complaint",
        source="parent",
        owner="",
        institution_id="",
        reason=body.reason,
        contract_id=body.contract_id or "",
        refund_id=body.refund_id or "",
    )
    outcome = await complain(
        call.ledger,
        call.reader,
        call.caller,
        said,
        scope=scope_of(call.principal),
        paid_elsewhere_fen=body.paid_elsewhere_fen or 0,
    )
    return recorded(case_receipt(outcome), outcome, 201)


@router.get(
    "/v1/complaints",
    **described(summary="List own complaints", answer=Page[ComplaintProgress], codes=("cursor_malformed",)),
)
async def list_complaints(
    read: Annotated[Reading, Depends(reading("complaints:read"))],
    state: CaseState | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await case_queries.list_page(
            connection, scope=read.scope, state=state, after=read_cursor(cursor), limit=limit + 1
        )
    return found(page_of(rows, limit, progress, place_of))


@router.get(
    "/v1/complaints/{case_id}",
    **described(summary="Follow one complaint", answer=ComplaintProgress, codes=("case_not_found",)),
)
async def get_complaint(case_id: str, read: Annotated[Reading, Depends(reading("complaints:read"))]) -> Response:
    return found(progress(await find_case(read.books.reader, case_id, read.scope)))
