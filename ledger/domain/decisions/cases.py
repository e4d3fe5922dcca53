"""Decisions about a case: opened, worked on, transferred, closed. Clocks are the policy's, by rule `case.<step>`."""

from datetime import date

from ledger.domain.authorities import acts_for
from ledger.domain.case import SupervisionCase
from ledger.domain.commands.cases import (
    AssignCase,
    CaseCommand,
    CloseCase,
    CloseCaseDay,
    FinishCaseStep,
    NoteCase,
    OpenCase,
    ReclassifyCase,
    RecordMediation,
    ReopenCase,
    StartCaseStep,
    TransferCase,
)
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    CaseAssigned,
    CaseClosed,
    CaseKind,
    CaseMediated,
    CaseNoted,
    CaseOpened,
    CaseReclassified,
    CaseRectificationOverdue,
    CaseReopened,
    CaseStep,
    CaseStepDone,
    CaseStepOverdue,
    CaseStepStarted,
    CaseTransferred,
)
from ledger.domain.policy import Policy

FIRST_STEP: dict[CaseKind, CaseStep] = {
    "complaint": "acceptance",
    "clue": "investigation",
    "inspection": "inspection",
    "refund_dispute": "acceptance",
    "order": "decision",
}
FIRST_RECEIVER = "case.first_receiver"


def policy_of_case(case: SupervisionCase, command: CaseCommand, context: Context) -> Policy:
    """What the case's pack says on the day that the command counts for; raises `policy_unknown`."""
    return context.policies.of(case.pack, command.effective_on)


def require_case_open(case: SupervisionCase) -> None:
    """Raises `case_closed`."""
    if case.state == "closed":
        raise LedgerError("case_closed")


def require_owner(case: SupervisionCase, command: CaseCommand) -> None:
    """Raises `case_not_owner`: the first receiver owns the case to the end (首接负责制)."""
    if not acts_for(command.acting, case.owner):
        raise LedgerError("case_not_owner", owner=case.owner)


def require_due(due_on: date, context: Context) -> None:
    """Raises `case_due_past`."""
    if due_on < context.today:
        raise LedgerError("case_due_past", due_on=due_on.isoformat(), today=context.today.isoformat())


def started(
    command: CaseCommand,
    context: Context,
    policy: Policy,
    *,
    number: int,
    step: CaseStep,
    who: str,
    due_on: date | None,
) -> CaseStepStarted:
    """The beginning of a step, with the day that was named or the policy's; raises `case_due_past`."""
    if due_on is not None:
        require_due(due_on, context)
        return CaseStepStarted(**context.envelope(command), number=number, step=step, who=who, due_on=due_on)
    period = {
        "acceptance": policy.case_acceptance,
        "investigation": policy.case_investigation,
        "inspection": policy.case_inspection,
        "mediation": policy.case_mediation,
        "decision": policy.case_decision,
    }[step]
    return CaseStepStarted(
        **context.ruled(command, policy, f"case.{step}"),
        number=number,
        step=step,
        who=who,
        due_on=context.deadline(command, period),
    )


def open_case(case: SupervisionCase, command: OpenCase, context: Context) -> Decision:
    """The case and its first step. Refuses `case_exists`, `policy_unknown`, `case_due_past`."""
    if case.version:
        raise LedgerError("case_exists")
    policy = context.policies.of(command.pack, command.effective_on)
    events: Decision = [
        CaseOpened(
            **context.ruled(command, policy, FIRST_RECEIVER),
            kind=command.kind,
            source=command.source,
            owner=command.owner,
            institution_id=command.institution_id,
            reason=command.reason,
            pack=command.pack,
            about_account_id=command.about_account_id,
            contract_id=command.contract_id,
            refund_id=command.refund_id,
            family_id=command.family_id,
            alert_id=command.alert_id,
            draw_id=command.draw_id,
        )
    ]
    if command.officers:
        events.append(CaseAssigned(**context.envelope(command), officers=command.officers))
    step = FIRST_STEP[command.kind]
    events.append(started(command, context, policy, number=1, step=step, who=command.owner, due_on=command.due_on))
    return events


def reclassify_case(case: SupervisionCase, command: ReclassifyCase, context: Context) -> Decision:
    """A clue becomes a case of another kind. Refuses `case_closed`, and `case_kind_wrong` for what is no clue."""
    require_case_open(case)
    if case.kind != "clue" or command.kind == "clue":
        raise LedgerError("case_kind_wrong", kind=case.kind)
    return [CaseReclassified(**context.envelope(command), kind=command.kind, reason=command.reason)]


def transfer_case(case: SupervisionCase, command: TransferCase, context: Context) -> Decision:
    """Another authority works on it, the owner stays. Refuses `case_closed`, `case_handler_same`."""
    require_case_open(case)
    if case.handler == command.to_handler:
        raise LedgerError("case_handler_same", handler=case.handler)
    return [
        CaseTransferred(
            **context.ruled(command, policy_of_case(case, command, context), FIRST_RECEIVER),
            from_handler=case.handler,
            to_handler=command.to_handler,
            reason=command.reason,
        )
    ]


def assign_case(case: SupervisionCase, command: AssignCase, context: Context) -> Decision:
    """Refuses `case_closed`."""
    require_case_open(case)
    return [CaseAssigned(**context.envelope(command), officers=command.officers)]


def start_step(case: SupervisionCase, command: StartCaseStep, context: Context) -> Decision:
    """Refuses `case_closed`, `case_step_running`, `case_due_past`."""
    require_case_open(case)
    running = case.running(command.step)
    if running is not None:
        raise LedgerError("case_step_running", number=running, step=command.step)
    return [
        started(
            command,
            context,
            policy_of_case(case, command, context),
            number=case.steps_started + 1,
            step=command.step,
            who=command.who or case.handler,
            due_on=command.due_on,
        )
    ]


def finish_step(case: SupervisionCase, command: FinishCaseStep, context: Context) -> Decision:
    """Refuses `case_closed`, `case_step_not_found`."""
    require_case_open(case)
    if command.number not in case.steps:
        raise LedgerError("case_step_not_found", number=command.number)
    return [CaseStepDone(**context.envelope(command), number=command.number, note=command.note)]


def done_with(case: SupervisionCase, step: CaseStep, command: CaseCommand, context: Context) -> Decision:
    """The end of the running step of that kind, if there is one."""
    number = case.running(step)
    return [] if number is None else [CaseStepDone(**context.envelope(command), number=number)]


def note_case(_: SupervisionCase, command: NoteCase, context: Context) -> Decision:
    """Never refuses: also a closed case can be added to."""
    return [CaseNoted(**context.envelope(command), note=command.note, document_sha256=command.document_sha256)]


def record_mediation(case: SupervisionCase, command: RecordMediation, context: Context) -> Decision:
    """How a mediation between family and institution ended, which ends its step.

    Refuses `case_closed`, `case_kind_wrong`, `mediation_amount_wrong`.
    """
    require_case_open(case)
    if case.kind not in ("complaint", "refund_dispute"):
        raise LedgerError("case_kind_wrong", kind=case.kind)
    if command.amount_fen < 0 or (command.amount_fen and not command.agreed):
        raise LedgerError("mediation_amount_wrong", amount_fen=command.amount_fen)
    mediated = CaseMediated(
        **context.envelope(command), agreed=command.agreed, terms=command.terms, amount_fen=command.amount_fen
    )
    return [mediated, *done_with(case, "mediation", command, context)]


def close_case(case: SupervisionCase, command: CloseCase, context: Context) -> Decision:
    """Ended by its owner, with nothing left to do; running steps end with it.

    Refuses `case_closed`, `case_not_owner`, `case_actions_pending`, `rectifications_open`, `case_not_mediated`.
    """
    require_case_open(case)
    require_owner(case, command)
    pending = sum(1 for action in case.actions.values() if not action.refused_by)
    if pending:
        raise LedgerError("case_actions_pending", count=pending)
    if case.rectifications:
        raise LedgerError("rectifications_open", count=len(case.rectifications))
    if command.outcome == "mediated" and not case.mediated:
        raise LedgerError("case_not_mediated")
    ended = [CaseStepDone(**context.envelope(command), number=number) for number in sorted(case.steps)]
    policy = policy_of_case(case, command, context)
    closed = CaseClosed(
        **context.ruled(command, policy, FIRST_RECEIVER), outcome=command.outcome, reason=command.reason
    )
    return [*ended, closed]


def reopen_case(case: SupervisionCase, command: ReopenCase, context: Context) -> Decision:
    """It goes on with an investigation. Refuses `case_not_closed`, `case_not_owner`."""
    if case.state != "closed":
        raise LedgerError("case_not_closed")
    require_owner(case, command)
    policy = policy_of_case(case, command, context)
    number = case.steps_started + 1
    return [
        CaseReopened(**context.envelope(command), reason=command.reason),
        started(command, context, policy, number=number, step="investigation", who=case.handler, due_on=None),
    ]


def close_case_day(case: SupervisionCase, command: CloseCaseDay, context: Context) -> Decision:
    """Steps and rectifications whose last day went by are marked, once a day named. Never refuses."""
    today = command.effective_on
    events: Decision = [
        CaseStepOverdue(**context.envelope(command), number=number, due_on=step.due_on)
        for number, step in sorted(case.steps.items())
        if step.due_on < today and not step.overdue
    ]
    events += [
        CaseRectificationOverdue(**context.envelope(command), item_id=item_id, due_on=item.due_on)
        for item_id, item in sorted(case.rectifications.items())
        if item.due_on < today and not item.overdue
    ]
    return events
