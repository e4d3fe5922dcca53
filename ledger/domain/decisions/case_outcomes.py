"""Decisions about what comes of a case: inspections, rectifications, and what is done to the account it is about."""

from ledger.domain.case import SupervisionCase
from ledger.domain.commands.cases import (
    AnswerRectification,
    CheckRectification,
    DecideCaseAction,
    LinkCase,
    RecordCaseInspection,
    RefuseCaseAction,
    RequireRectification,
)
from ledger.domain.decisions.cases import done_with, policy_of_case, require_case_open, require_due
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    CaseActionDecided,
    CaseActionRefused,
    CaseInspectionRecorded,
    CaseLinked,
    CaseRectificationAnswered,
    CaseRectificationChecked,
    CaseRectificationRequired,
    RectificationItem,
)
from ledger.domain.money import require_fen


def record_inspection(case: SupervisionCase, command: RecordCaseInspection, context: Context) -> Decision:
    """What was found on the spot, which ends the step. Refuses `case_closed`, `inspection_findings_wrong`."""
    require_case_open(case)
    if command.findings < 0 or command.passed is not (command.findings == 0):
        raise LedgerError("inspection_findings_wrong", findings=command.findings)
    inspected = CaseInspectionRecorded(
        **context.envelope(command),
        passed=command.passed,
        findings=command.findings,
        head_count=command.head_count,
        note=command.note,
    )
    return [inspected, *done_with(case, "inspection", command, context)]


def require_rectification(case: SupervisionCase, command: RequireRectification, context: Context) -> Decision:
    """Due on the named days or on the policy's. Refuses `case_closed`, `rectification_exists`, `case_due_past`."""
    require_case_open(case)
    policy = policy_of_case(case, command, context)
    by_rule = context.deadline(command, policy.case_rectification)
    taken = {*case.rectifications, *case.rectified}
    for demand in command.demands:
        if demand.item_id in taken:
            raise LedgerError("rectification_exists", item_id=demand.item_id)
        taken.add(demand.item_id)
        if demand.due_on is not None:
            require_due(demand.due_on, context)
    items = tuple(
        RectificationItem(item_id=one.item_id, demand=one.demand, due_on=one.due_on or by_rule)
        for one in command.demands
    )
    return [CaseRectificationRequired(**context.ruled(command, policy, "case.rectification"), items=items)]


def answer_rectification(case: SupervisionCase, command: AnswerRectification, context: Context) -> Decision:
    """Refuses `case_closed`, `rectification_not_found`."""
    require_case_open(case)
    _require_item(case, command.item_id)
    return [
        CaseRectificationAnswered(
            **context.envelope(command),
            item_id=command.item_id,
            answer=command.answer,
            document_sha256=command.document_sha256,
        )
    ]


def check_rectification(case: SupervisionCase, command: CheckRectification, context: Context) -> Decision:
    """Passed, or due again. Refuses `case_closed`, `rectification_not_found`, `case_due_past`."""
    require_case_open(case)
    _require_item(case, command.item_id)
    if command.passed:
        return [
            CaseRectificationChecked(
                **context.envelope(command), item_id=command.item_id, passed=True, note=command.note
            )
        ]
    policy = policy_of_case(case, command, context)
    due_on = command.due_on or context.deadline(command, policy.case_recheck)
    require_due(due_on, context)
    return [
        CaseRectificationChecked(
            **context.ruled(command, policy, "case.recheck"),
            item_id=command.item_id,
            passed=False,
            due_on=due_on,
            note=command.note,
        )
    ]


def _require_item(case: SupervisionCase, item_id: str) -> None:
    if item_id not in case.rectifications:
        raise LedgerError("rectification_not_found", item_id=item_id)


def decide_action(case: SupervisionCase, command: DecideCaseAction, context: Context) -> Decision:
    """What the account is to record next. That the account may refuse it is the account's to say.

    Refuses `case_closed`, `case_without_account`, `case_action_exists`, `case_action_wrong`, `amount_not_positive`.
    """
    require_case_open(case)
    if not case.about_account_id:
        raise LedgerError("case_without_account")
    if command.action_id in case.actions or command.action_id in case.linked:
        raise LedgerError("case_action_exists", action_id=command.action_id)
    said = (bool(command.refund_id), command.scope is not None, command.listing is not None)
    needed = {
        "order_refund": (True, False, False),
        "freeze": (False, True, False),
        "unfreeze": (False, True, False),
        "list": (False, False, True),
    }[command.action]
    if said != needed or (command.amount_fen and command.action != "order_refund"):
        raise LedgerError("case_action_wrong", action=command.action)
    if command.action == "order_refund":
        require_fen(command.amount_fen)
    return [
        CaseActionDecided(
            **context.envelope(command),
            action_id=command.action_id,
            action=command.action,
            about_account_id=case.about_account_id,
            reason=command.reason,
            refund_id=command.refund_id,
            amount_fen=command.amount_fen,
            scope=command.scope,
            listing=command.listing,
        )
    ]


def link_case(case: SupervisionCase, command: LinkCase, context: Context) -> Decision:
    """Nothing happens when it is linked already. Refuses `case_action_not_found`, `case_without_account`."""
    name = command.action_id or f"{command.about_account_id}:{command.version}"
    if name in case.linked:
        return []
    if command.action_id and command.action_id not in case.actions:
        raise LedgerError("case_action_not_found", action_id=command.action_id)
    if not case.about_account_id or command.about_account_id != case.about_account_id:
        raise LedgerError("case_without_account")
    return [
        CaseLinked(
            **context.envelope(command),
            about_account_id=command.about_account_id,
            partition=command.partition,
            position=command.position,
            version=command.version,
            topic_of=command.topic_of,
            action_id=command.action_id,
        )
    ]


def refuse_action(case: SupervisionCase, command: RefuseCaseAction, context: Context) -> Decision:
    """Nothing happens when the same refusal is known. Refuses `case_action_not_found`."""
    action = case.actions.get(command.action_id)
    if action is None:
        raise LedgerError("case_action_not_found", action_id=command.action_id)
    if action.refused_by == command.code:
        return []
    return [
        CaseActionRefused(
            **context.envelope(command), action_id=command.action_id, code=command.code, figures=command.figures
        )
    ]
