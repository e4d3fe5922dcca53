"""`/v1/cases/{id}/...`: what comes of a case: inspections, rectifications, mediation, actions on the account, links."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import first, found, recorded
from api.auth.permissions import require_permission
from api.calls import Call, command
from api.documentation import described
from api.fields import FenOrZero, Name, OptionalText, Reason
from api.pages import Id, Limit, Page, PageCursor, Reading, page_of, place_of, read_cursor, reading, scope_of
from api.routes.case_fields import (
    OF_CASES,
    CaseBody,
    CaseReceipt,
    DueOn,
    Sha256,
    act,
    case_id_of,
    case_receipt,
    said_of,
)
from ledger.application.case_actions import resume_action, take_action
from ledger.application.cases import link_event, on_cases, record_inspection
from ledger.application.rectifications import answer_rectification
from ledger.domain.commands.cases import (
    AnswerRectification,
    CheckRectification,
    DecideCaseAction,
    Demand,
    LinkCase,
    RecordCaseInspection,
    RecordMediation,
    RequireRectification,
)
from ledger.domain.events import CaseAction, CaseLinked, FreezeScope, Listing
from ledger.projections import case_queries
from ledger.projections.case_rows import RectificationRow
from ledger.storage.requests import Outcome

router = APIRouter(tags=["regulator"])

Count = Annotated[int, Meta(ge=0, le=100_000)]
PERMISSIONS: dict[CaseAction, str] = {
    "order_refund": "refunds:order",
    "freeze": "freeze:write",
    "unfreeze": "freeze:write",
    "list": "accounts:write",
}
"""What an action needs besides `cases:write`: the permission of the same command without a case."""


class Inspected(CaseBody, frozen=True, kw_only=True):
    """What an inspection found; `head_count` pupils were there, if they were counted."""

    passed: bool
    findings: Count
    head_count: Count | None = None
    note: OptionalText = ""


class DemandBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to be put right."""

    item_id: Name
    demand: Reason
    due_on: DueOn = None


class Rectifying(CaseBody, frozen=True, kw_only=True):
    """The list of what has to be put right."""

    demands: Annotated[tuple[DemandBody, ...], Meta(min_length=1, max_length=100)]


class RectificationAnswer(CaseBody, frozen=True, kw_only=True):
    """What the institution did about it."""

    answer: Reason
    document_sha256: Sha256 = ""


class Recheck(CaseBody, frozen=True, kw_only=True):
    """Whether it is put right now."""

    passed: bool
    due_on: DueOn = None
    note: OptionalText = ""


class Mediation(CaseBody, frozen=True, kw_only=True):
    """How a mediation ended, with the amount that the two agreed on (0 for none)."""

    agreed: bool
    terms: Reason
    amount_fen: FenOrZero = 0


class Action(CaseBody, frozen=True, kw_only=True):
    """What is done to the account: an ordered refund (`refund_id`, `amount_fen` in all), a freeze or its end (`scope`),
    or a listing (`listing`)."""

    action: CaseAction
    reason: Reason
    refund_id: Name | None = None
    amount_fen: FenOrZero = 0
    scope: FreezeScope | None = None
    listing: Listing | None = None


class Resumption(CaseBody, frozen=True, kw_only=True):
    """Nothing needs to be said: what was decided is carried out."""


class Link(CaseBody, frozen=True, kw_only=True):
    """The event of the case's account, by its version there."""

    version: Annotated[int, Meta(ge=1, le=2**53 - 1)]


class ActionReceipt(CaseReceipt, kw_only=True):
    """The link to what the account recorded; without a topic it was as decided already."""

    action_id: str
    about_account_id: str
    account_partition: int
    account_position: int
    account_version: int
    topic: str


def _action_receipt(outcome: Outcome) -> ActionReceipt:
    link = first(outcome, CaseLinked)
    assert link is not None
    return ActionReceipt(
        **msgspec.structs.asdict(case_receipt(outcome)),
        action_id=link.action_id,
        about_account_id=link.about_account_id,
        account_partition=link.partition,
        account_position=link.position,
        account_version=link.version,
        topic=link.topic_of,
    )


@router.post(
    "/v1/cases/{case_id}/inspection",
    **described(
        summary="Record an inspection",
        description="A head-count is told to the case's account as well, which compares it with the pupils it knows.",
        answer=CaseReceipt,
        body=Inspected,
        codes=(*OF_CASES, "inspection_findings_wrong"),
        command=True,
        guarded=True,
    ),
)
async def inspect(
    case_id: str, call: Annotated[Call[Inspected], Depends(command(Inspected, "cases:write"))]
) -> Response:
    body = call.body
    said = RecordCaseInspection(
        **said_of(call, case_id),
        passed=body.passed,
        findings=body.findings,
        head_count=body.head_count,
        note=body.note,
    )
    outcome = await record_inspection(call.ledger, call.reader, call.caller, said, scope=scope_of(call.principal))
    return recorded(case_receipt(outcome), outcome)


@router.post(
    "/v1/cases/{case_id}/rectifications",
    **described(
        summary="Demand that things are put right",
        answer=CaseReceipt,
        body=Rectifying,
        codes=(*OF_CASES, "rectification_exists", "case_due_past"),
        command=True,
        guarded=True,
    ),
)
async def demand(
    case_id: str, call: Annotated[Call[Rectifying], Depends(command(Rectifying, "cases:write"))]
) -> Response:
    demands = tuple(Demand(**msgspec.structs.asdict(one)) for one in call.body.demands)
    return await act(call, case_id, RequireRectification, demands=demands)


@router.get(
    "/v1/rectifications",
    **described(
        summary="List what has to be put right",
        description="An institution sees its own, a regulator those of the cases that it sees.",
        answer=Page[RectificationRow],
        codes=("cursor_malformed",),
    ),
)
async def list_rectifications(
    read: Annotated[Reading, Depends(reading("rectifications:read"))],
    case_id: Id | None = None,
    institution_id: Id | None = None,
    only_open: bool = False,
    overdue: bool | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await case_queries.list_rectifications(
            connection,
            scope=read.scope,
            case_id=case_id,
            institution_id=institution_id,
            only_open=only_open,
            overdue=overdue,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.post(
    "/v1/cases/{case_id}/rectifications/{item_id}/answer",
    tags=["institution"],
    **described(
        summary="Say that something is put right",
        answer=CaseReceipt,
        body=RectificationAnswer,
        codes=("rectification_not_found", "case_closed"),
        command=True,
        guarded=True,
    ),
)
async def answer(
    case_id: str,
    item_id: str,
    call: Annotated[Call[RectificationAnswer], Depends(command(RectificationAnswer, "rectifications:answer"))],
) -> Response:
    body = call.body
    said = AnswerRectification(
        **said_of(call, case_id), item_id=item_id, answer=body.answer, document_sha256=body.document_sha256
    )
    outcome = await answer_rectification(
        call.ledger, call.reader, on_cases(call.caller), said, scope=scope_of(call.principal)
    )
    return recorded(case_receipt(outcome), outcome)


@router.post(
    "/v1/cases/{case_id}/rectifications/{item_id}/check",
    **described(
        summary="Look at something again",
        answer=CaseReceipt,
        body=Recheck,
        codes=(*OF_CASES, "rectification_not_found", "case_due_past"),
        command=True,
        guarded=True,
    ),
)
async def check(
    case_id: str, item_id: str, call: Annotated[Call[Recheck], Depends(command(Recheck, "cases:write"))]
) -> Response:
    body = call.body
    return await act(
        call, case_id, CheckRectification, item_id=item_id, passed=body.passed, due_on=body.due_on, note=body.note
    )


@router.post(
    "/v1/cases/{case_id}/mediation",
    **described(
        summary="Record how a mediation ended",
        answer=CaseReceipt,
        body=Mediation,
        codes=(*OF_CASES, "case_kind_wrong", "mediation_amount_wrong"),
        command=True,
        guarded=True,
    ),
)
async def mediate(
    case_id: str, call: Annotated[Call[Mediation], Depends(command(Mediation, "cases:write"))]
) -> Response:
    body = call.body
    return await act(call, case_id, RecordMediation, agreed=body.agreed, terms=body.terms, amount_fen=body.amount_fen)


_OF_ACTIONS = (
    *OF_CASES,
    "account_not_found",
    "account_frozen",
    "account_not_frozen",
    "refund_not_found",
    "refund_not_waiting",
    "refund_above_unconsumed",
    "refund_offer_wrong",
)


@router.post(
    "/v1/cases/{case_id}/actions",
    **described(
        summary="Order a refund, freeze, or list, out of a case",
        description="Decided on the case, carried out on its account, and linked. What the account refuses the case "
        "keeps with the refusal. The same request again goes on where it stopped. Needs the permission of the action "
        "itself as well.",
        answer=ActionReceipt,
        body=Action,
        codes=(*_OF_ACTIONS, "case_without_account", "case_action_wrong", "case_action_exists", "amount_not_positive"),
        command=True,
        guarded=True,
    ),
)
async def take(case_id: str, call: Annotated[Call[Action], Depends(command(Action, "cases:write"))]) -> Response:
    body = call.body
    require_permission(call.principal, PERMISSIONS[body.action])
    said = DecideCaseAction(
        **said_of(call, case_id),
        action_id=str(uuid7()),
        action=body.action,
        reason=body.reason,
        refund_id=body.refund_id or "",
        amount_fen=body.amount_fen,
        scope=body.scope,
        listing=body.listing,
    )
    outcome = await take_action(call.ledger, call.reader, call.caller, said, scope=scope_of(call.principal))
    return recorded(_action_receipt(outcome), outcome)


@router.post(
    "/v1/cases/{case_id}/actions/{action_id}/resume",
    **described(
        summary="Carry out an action that waits or was refused",
        answer=ActionReceipt,
        body=Resumption,
        codes=(*_OF_ACTIONS, "case_action_not_found"),
        command=True,
    ),
)
async def resume(
    case_id: str, action_id: str, call: Annotated[Call[Resumption], Depends(command(Resumption, "cases:write"))]
) -> Response:
    outcome = await resume_action(
        call.ledger,
        call.reader,
        call.caller,
        case_id=str(case_id_of(case_id)),
        action_id=action_id,
        scope=scope_of(call.principal),
        may=lambda action: require_permission(call.principal, PERMISSIONS[action]),
    )
    return recorded(_action_receipt(outcome), outcome)


@router.post(
    "/v1/cases/{case_id}/links",
    **described(
        summary="Link an event of the account",
        description="Nothing is recorded when it is linked already.",
        answer=CaseReceipt,
        body=Link,
        codes=("case_not_found", "case_without_account", "not_found"),
        command=True,
        guarded=True,
    ),
)
async def link(case_id: str, call: Annotated[Call[Link], Depends(command(Link, "cases:write"))]) -> Response:
    said = LinkCase(**said_of(call, case_id), about_account_id="", partition=0, position=0, version=call.body.version)
    outcome = await link_event(call.ledger, call.reader, call.caller, said, scope=scope_of(call.principal))
    return recorded(case_receipt(outcome), outcome)
