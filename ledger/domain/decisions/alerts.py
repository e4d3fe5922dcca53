"""Decisions about alerts, and about what the rules are told beside the account's own history.

An account knows no alerts: the use case has checked that the alert exists, may be seen and is open, and the view's fold
leaves aside what no longer applies when its turn comes.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from ledger.domain.account import EscrowAccount
from ledger.domain.clocks import counted
from ledger.domain.commands import (
    AcknowledgeAlert,
    AlertCommand,
    AssignAlert,
    CloseDay,
    Command,
    EndAlertSilence,
    EscalateAlert,
    RecordFinding,
    RecordInstitutionFact,
    RecordPremises,
    RecordTimetable,
    ResolveAlert,
    SilenceAlert,
)
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.fees import paid_elsewhere
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    AlertAcknowledged,
    AlertAssigned,
    AlertEscalated,
    AlertResolved,
    AlertSilenced,
    AlertSilenceEnded,
    DetectionParameters,
    DetectionParametersSet,
    FindingKind,
    FindingRecorded,
    InstitutionFactRecorded,
    PremisesRecorded,
    TimetableRecorded,
)
from ledger.domain.money import require_fen
from ledger.domain.policy import Period, Policy


class FindingShape(NamedTuple):
    """The rules that a kind of finding can trip, and the figures of its sentence."""

    rules: tuple[str, ...]
    figures: frozenset[str]


FINDINGS: Mapping[FindingKind, FindingShape] = {
    "charge_split": FindingShape(
        ("fee.cap_months", "fee.cap_lessons", "fee.cap_amount"),
        frozenset({"student_id", "subject", "accounts", "contracts", "value", "limit", "unit"}),
    ),
    "paid_elsewhere": FindingShape(("fee.off_book",), frozenset({"amount_fen", "report"})),
    "payer_is_staff": FindingShape(("movement.round_trip",), frozenset({"amount_fen", "payment"})),
}


def _about(command: AlertCommand, context: Context) -> dict[str, Any]:
    return context.envelope(command) | {
        "alert_id": command.alert_id,
        "rule": command.rule,
        "subject_kind": command.subject_kind,
        "subject_id": command.subject_id,
    }


def _last_day(starts_on: date, period: Period, context: Context) -> date:
    return counted(starts_on, period.count, period.unit, context.calendar)[0]


def acknowledge_alert(_: EscrowAccount, command: AcknowledgeAlert, context: Context) -> Decision:
    """Never refuses."""
    return [AlertAcknowledged(**_about(command, context), note=command.note)]


def assign_alert(_: EscrowAccount, command: AssignAlert, context: Context) -> Decision:
    """Never refuses."""
    return [AlertAssigned(**_about(command, context), assignee=command.assignee, note=command.note)]


def resolve_alert(_: EscrowAccount, command: ResolveAlert, context: Context) -> Decision:
    """Never refuses."""
    return [AlertResolved(**_about(command, context), reason=command.reason)]


def silence_alert(account: EscrowAccount, command: SilenceAlert, context: Context) -> Decision:
    """Refuses `alert_silence_wrong` for a silence that is over already, or longer than the policy lets one be."""
    policy = context.policy_of(account, command)
    earliest, latest = context.today, context.today + timedelta(days=policy.alert_silence_days)
    if not earliest <= command.until <= latest:
        raise LedgerError(
            "alert_silence_wrong",
            earliest=earliest.isoformat(),
            latest=latest.isoformat(),
            until=command.until.isoformat(),
        )
    return [
        AlertSilenced(
            **_about(command, context) | context.ruled(command, policy, "alert.silence"),
            reason=command.reason,
            until=command.until,
        )
    ]


def end_alert_silence(_: EscrowAccount, command: EndAlertSilence, context: Context) -> Decision:
    """Refuses `alert_still_silenced`."""
    if command.until >= context.today:
        raise LedgerError("alert_still_silenced", alert_id=command.alert_id, until=command.until.isoformat())
    return [AlertSilenceEnded(**_about(command, context), until=command.until)]


def escalate_alert(account: EscrowAccount, command: EscalateAlert, context: Context) -> Decision:
    """Refuses `alert_not_due` while the policy's time to act on it is not over."""
    policy = context.policy_of(account, command)
    due_on = _last_day(command.waits_since, policy.alert_response, context)
    if due_on >= command.effective_on:
        raise LedgerError(
            "alert_not_due",
            alert_id=command.alert_id,
            waits_since=command.waits_since.isoformat(),
            due_on=due_on.isoformat(),
        )
    return [
        AlertEscalated(
            **_about(command, context) | context.ruled(command, policy, "alert.response"),
            waits_since=command.waits_since,
            due_on=due_on,
        )
    ]


def record_finding(account: EscrowAccount, command: RecordFinding, context: Context) -> Decision:
    """Refuses `finding_figures_wrong`: the figures must be those of the rule's sentence."""
    shape = FINDINGS[command.kind]
    if command.rule not in shape.rules or command.figures.keys() != shape.figures:
        raise LedgerError(
            "finding_figures_wrong",
            kind=command.kind,
            rules=", ".join(shape.rules),
            names=", ".join(sorted(shape.figures)),
        )
    policy = context.policy_of(account, command)
    return [
        FindingRecorded(
            **context.ruled(command, policy, command.rule),
            kind=command.kind,
            rule=command.rule,
            subject_kind=command.subject_kind,
            subject_id=command.subject_id,
            figures=command.figures,
            source=command.source,
        ),
        *paid_elsewhere(account, command, context, policy),
    ]


def record_institution_fact(account: EscrowAccount, command: RecordInstitutionFact, context: Context) -> Decision:
    """Refuses `fact_wrong`: a number below zero, or capital or teachers that did not become less."""
    before = _contracted(account, command.effective_on) if command.kind == "head_count" else command.before
    fell = command.value < before or command.kind not in ("capital_cut", "teachers_left")
    if command.value < 0 or before < 0 or not fell:
        raise LedgerError("fact_wrong", kind=command.kind, value=command.value, before=before)
    return [
        InstitutionFactRecorded(
            **context.envelope(command), kind=command.kind, value=command.value, before=before, source=command.source
        )
    ]


def _contracted(account: EscrowAccount, on: date) -> int:
    """Pupils whose contract runs on that day; contracts that ended and left the working state are none."""
    contracts = account.contracts.values()
    return len({contract.student_id for contract in contracts if contract.starts_on <= on <= contract.ends_on})


def record_premises(_: EscrowAccount, command: RecordPremises, context: Context) -> Decision:
    """Refuses `premises_wrong`."""
    if command.opens_at >= command.closes_at or min(command.rooms.values(), default=1) < 1:
        raise LedgerError(
            "premises_wrong", opens_at=command.opens_at.isoformat(), closes_at=command.closes_at.isoformat()
        )
    return [
        PremisesRecorded(
            **context.envelope(command),
            opens_at=command.opens_at,
            closes_at=command.closes_at,
            rooms=command.rooms,
        )
    ]


def record_timetable(_: EscrowAccount, command: RecordTimetable, context: Context) -> Decision:
    """Refuses `timetable_wrong` for what is no calendar month, or one that is not over; `amount_not_positive`."""
    begins = command.month_starts_on
    over = (begins.year, begins.month) < (command.effective_on.year, command.effective_on.month)
    if begins.day != 1 or not over or any(course.seats < 0 for course in command.courses):
        raise LedgerError("timetable_wrong", month_starts_on=begins.isoformat())
    for course in command.courses:
        require_fen(course.price_fen)
    return [TimetableRecorded(**context.envelope(command), month_starts_on=begins, courses=command.courses)]


def detection_of(policy: Policy) -> DetectionParameters:
    """What of a policy the alert rules judge by."""
    return DetectionParameters(**{name: getattr(policy, name) for name in DetectionParameters.__struct_fields__})


def set_detection(account: EscrowAccount, command: Command, context: Context, pack: str) -> Decision:
    """The pack's detection parameters, when they are others than the account has."""
    policy = context.policies.of(pack, command.effective_on)
    parameters = detection_of(policy)
    if parameters == account.detection:
        return []
    rules = ("movement.large", "fee.off_book", "lesson.silent", "institution.runaway", "movement.round_trip")
    return [DetectionParametersSet(**context.ruled(command, policy, *rules), parameters=parameters)]


def close_detection(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """The daily close follows a change of the pack; the close of an earlier day does not bring back what was then."""
    if account.detection_on is not None and command.effective_on < account.detection_on:
        return []
    return set_detection(account, command, context, account.pack)
