"""`/v1/cases`: complaints, clues, inspections, disputes and orders, from the first receiver to the end."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from msgspec import Meta
from starlette.responses import Response

from api.answers import found, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Name, OptionalText, Reason
from api.pages import Id, Limit, Page, PageCursor, Reading, page_of, place_of, read_cursor, reading, scope_of
from api.routes.case_fields import (
    OF_CASES,
    AuthorityCode,
    CaseBody,
    CaseReceipt,
    DueOn,
    Sha256,
    act,
    acting_as,
    case_receipt,
)
from ledger.application.cases import find_case, open_case
from ledger.domain.case import CaseState
from ledger.domain.commands.cases import (
    AssignCase,
    CloseCase,
    FinishCaseStep,
    NoteCase,
    OpenCase,
    ReclassifyCase,
    ReopenCase,
    StartCaseStep,
    TransferCase,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import CaseKind, CaseOutcome, CaseStep
from ledger.projections import case_queries
from ledger.projections.case_rows import CaseRow

router = APIRouter(tags=["regulator"])

Officers = Annotated[tuple[Name, ...], Meta(max_length=20, description="Opaque ids of officers.")]


class CaseOpening(CaseBody, frozen=True, kw_only=True):
    """What came to the regulator's notice. Of `about_account_id`, `contract_id` and `refund_id` the narrowest suffices.

    Without any of them `institution_id` names whom it is about, who may have no account at all.
    """

    kind: CaseKind
    reason: Reason
    owner: AuthorityCode | None = None
    institution_id: Name | None = None
    about_account_id: Name | None = None
    contract_id: Name | None = None
    refund_id: Name | None = None
    pack: Name = "default"
    officers: Officers = ()
    due_on: DueOn = None


class Reclassification(CaseBody, frozen=True, kw_only=True):
    """What the clue turned out to be."""

    kind: CaseKind
    reason: Reason


class Transfer(CaseBody, frozen=True, kw_only=True):
    """The authority that works on it from now on."""

    to_handler: AuthorityCode
    reason: Reason


class Assignment(CaseBody, frozen=True, kw_only=True):
    """Who works on it."""

    officers: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=20)]


class StepStart(CaseBody, frozen=True, kw_only=True):
    """The step that begins; the handler has to act unless `who` names another authority."""

    step: CaseStep
    who: AuthorityCode | None = None
    due_on: DueOn = None


class StepEnd(CaseBody, frozen=True, kw_only=True):
    """What came of the step."""

    note: OptionalText = ""


class Note(CaseBody, frozen=True, kw_only=True):
    """What was found or said, without personal data."""

    note: Reason
    document_sha256: Sha256 = ""


class Closing(CaseBody, frozen=True, kw_only=True):
    """How it ended."""

    outcome: CaseOutcome
    reason: Reason


class Reopening(CaseBody, frozen=True, kw_only=True):
    """Why it goes on."""

    reason: Reason


@router.post(
    "/v1/cases",
    **described(
        summary="Open a case",
        description="The authority that receives it first owns it to the end; its first step begins with its clock.",
        answer=CaseReceipt,
        body=CaseOpening,
        status=201,
        codes=(
            "account_not_found",
            "contract_not_found",
            "refund_not_found",
            "not_found",
            "policy_unknown",
            "case_due_past",
            "district_denied",
        ),
        command=True,
    ),
)
async def open_one(call: Annotated[Call[CaseOpening], Depends(command(CaseOpening, "cases:write"))]) -> Response:
    body, scope = call.body, scope_of(call.principal)
    owner = acting_as(call.principal, body.owner)
    account_id, contract_id, family_id = body.about_account_id, body.contract_id, ""
    if body.refund_id is not None:
        contract_id = (await call.reader.refund(body.refund_id, scope)).contract_id
    if contract_id is not None:
        contract = await call.reader.contract(contract_id, scope)
        account_id, family_id = contract.account_id, contract.family_id
    institution_id, pack = body.institution_id, body.pack
    if account_id is not None:
        account = await call.reader.account(account_id, scope)
        institution_id, pack = account.institution_id, account.pack
    if institution_id is None:
        raise LedgerError("not_found", kind="institution")
    outcome = await open_case(
        call.ledger,
        call.caller,
        OpenCase(
            account_id=call.caller.begun_id(),
            effective_on=body.effective_on or call.ledger.today(),
            acting=call.principal.acting,
            kind=body.kind,
            source="regulator",
            owner=owner,
            institution_id=institution_id,
            reason=body.reason,
            pack=pack,
            about_account_id=account_id or "",
            contract_id=contract_id or "",
            refund_id=body.refund_id or "",
            family_id=family_id,
            officers=body.officers,
            due_on=body.due_on,
        ),
    )
    return recorded(case_receipt(outcome), outcome, 201)


@router.get("/v1/cases", **described(summary="List cases", answer=Page[CaseRow], codes=("cursor_malformed",)))
async def list_cases(
    read: Annotated[Reading, Depends(reading("cases:read"))],
    kind: CaseKind | None = None,
    state: CaseState | None = None,
    owner: Annotated[str | None, Query(max_length=25, pattern=r"^[0-9A-Za-z/]+$")] = None,
    handler: Annotated[str | None, Query(max_length=25, pattern=r"^[0-9A-Za-z/]+$")] = None,
    institution_id: Id | None = None,
    about_account_id: Id | None = None,
    overdue: bool | None = None,
    actions_pending: bool = False,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await case_queries.list_page(
            connection,
            scope=read.scope,
            kind=kind,
            state=state,
            owner=owner,
            handler=handler,
            institution_id=institution_id,
            about_account_id=about_account_id,
            overdue=overdue,
            actions_pending=actions_pending,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/cases/{case_id}", **described(summary="Get one case", answer=CaseRow, codes=("case_not_found",), etag=True)
)
async def get_case(case_id: str, read: Annotated[Reading, Depends(reading("cases:read"))]) -> Response:
    row = await find_case(read.books.reader, case_id, read.scope)
    return found(row, version=row.version)


@router.post(
    "/v1/cases/{case_id}/kind",
    **described(
        summary="Say what a clue turned out to be",
        answer=CaseReceipt,
        body=Reclassification,
        codes=(*OF_CASES, "case_kind_wrong"),
        command=True,
        guarded=True,
    ),
)
async def reclassify(
    case_id: str, call: Annotated[Call[Reclassification], Depends(command(Reclassification, "cases:write"))]
) -> Response:
    return await act(call, case_id, ReclassifyCase, kind=call.body.kind, reason=call.body.reason)


@router.post(
    "/v1/cases/{case_id}/transfer",
    **described(
        summary="Transfer a case",
        description="Another authority works on it and sees it; the first receiver still owns it.",
        answer=CaseReceipt,
        body=Transfer,
        codes=(*OF_CASES, "case_handler_same"),
        command=True,
        guarded=True,
    ),
)
async def transfer(
    case_id: str, call: Annotated[Call[Transfer], Depends(command(Transfer, "cases:write"))]
) -> Response:
    return await act(call, case_id, TransferCase, to_handler=call.body.to_handler, reason=call.body.reason)


@router.post(
    "/v1/cases/{case_id}/officers",
    **described(
        summary="Assign officers",
        answer=CaseReceipt,
        body=Assignment,
        codes=OF_CASES,
        command=True,
        guarded=True,
    ),
)
async def assign(
    case_id: str, call: Annotated[Call[Assignment], Depends(command(Assignment, "cases:write"))]
) -> Response:
    return await act(call, case_id, AssignCase, officers=call.body.officers)


@router.post(
    "/v1/cases/{case_id}/steps",
    **described(
        summary="Begin a step",
        answer=CaseReceipt,
        body=StepStart,
        codes=(*OF_CASES, "case_step_running", "case_due_past"),
        command=True,
        guarded=True,
    ),
)
async def start(case_id: str, call: Annotated[Call[StepStart], Depends(command(StepStart, "cases:write"))]) -> Response:
    body = call.body
    return await act(call, case_id, StartCaseStep, step=body.step, who=body.who or "", due_on=body.due_on)


@router.post(
    "/v1/cases/{case_id}/steps/{number}/done",
    **described(
        summary="End a step",
        answer=CaseReceipt,
        body=StepEnd,
        codes=(*OF_CASES, "case_step_not_found"),
        command=True,
        guarded=True,
    ),
)
async def finish(
    case_id: str, number: int, call: Annotated[Call[StepEnd], Depends(command(StepEnd, "cases:write"))]
) -> Response:
    return await act(call, case_id, FinishCaseStep, number=number, note=call.body.note)


@router.post(
    "/v1/cases/{case_id}/notes",
    **described(
        summary="Keep a note",
        answer=CaseReceipt,
        body=Note,
        codes=("case_not_found",),
        command=True,
        guarded=True,
    ),
)
async def note(case_id: str, call: Annotated[Call[Note], Depends(command(Note, "cases:write"))]) -> Response:
    return await act(call, case_id, NoteCase, note=call.body.note, document_sha256=call.body.document_sha256)


@router.post(
    "/v1/cases/{case_id}/close",
    **described(
        summary="Close a case",
        description="The first receiver's to do, when nothing is left to be done.",
        answer=CaseReceipt,
        body=Closing,
        codes=(*OF_CASES, "case_not_owner", "case_actions_pending", "rectifications_open", "case_not_mediated"),
        command=True,
        guarded=True,
    ),
)
async def close(case_id: str, call: Annotated[Call[Closing], Depends(command(Closing, "cases:write"))]) -> Response:
    return await act(call, case_id, CloseCase, outcome=call.body.outcome, reason=call.body.reason)


@router.post(
    "/v1/cases/{case_id}/reopen",
    **described(
        summary="Reopen a case",
        answer=CaseReceipt,
        body=Reopening,
        codes=("case_not_found", "case_not_closed", "case_not_owner"),
        command=True,
        guarded=True,
    ),
)
async def reopen(
    case_id: str, call: Annotated[Call[Reopening], Depends(command(Reopening, "cases:write"))]
) -> Response:
    return await act(call, case_id, ReopenCase, reason=call.body.reason)
