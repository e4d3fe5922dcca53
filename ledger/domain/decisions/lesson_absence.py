"""Decisions about lessons that did not happen for a family: never a draw, and what was drawn goes back."""

from datetime import date, timedelta

import msgspec

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.commands import RecordAbsence, RecordLeave
from ledger.domain.decisions.charges import charge_of, check_caps, enforce
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.contracts import open_contract, require_not_amended
from ledger.domain.decisions.lessons import (
    correctable_line,
    pending_line,
    require_class,
    require_within,
    reverse,
    withdraw,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import AbsenceRecorded, ChargeFinding, DrawLine, LeaveRecorded


def _require_not_missed(contract: Contract, lesson_id: str) -> None:
    missed = contract.missed.get(lesson_id)
    if missed is not None:
        raise LedgerError("lesson_missed", lesson_id=lesson_id, contract_id=contract.contract_id, why=missed.why)


def record_leave(account: EscrowAccount, command: RecordLeave, context: Context) -> Decision:
    """Leave that was asked in time: the lesson is never drawn on this contract, whose last day may move for it.

    Refuses `contract_not_found`, `contract_amended`, `lesson_outside_contract`, `lesson_missed`,
    `lesson_already_delivered`, `leave_late`, `leave_end_earlier` for an end that does not lie later, and one by which
    the charge goes beyond a cap that the policy enforces.
    """
    contract = open_contract(account, command.contract_id)
    require_not_amended(contract)
    require_within(contract, command.lesson_on)
    _require_not_missed(contract, command.lesson_id)
    if command.lesson_id in contract.draws or command.lesson_id in contract.pending:
        raise LedgerError("lesson_already_delivered", lesson_id=command.lesson_id, contract_id=command.contract_id)
    policy = context.policy_of(account, command)
    latest_on: date = command.lesson_on - timedelta(days=policy.leave_notice_days)
    if command.effective_on > latest_on:
        raise LedgerError(
            "leave_late", asked_on=command.effective_on.isoformat(), latest_on=latest_on.isoformat(),
            lesson_on=command.lesson_on.isoformat(),
        )  # fmt: skip
    if command.ends_on is not None and command.ends_on <= contract.ends_on:
        raise LedgerError(
            "leave_end_earlier", ends_on=command.ends_on.isoformat(), contract_ends_on=contract.ends_on.isoformat()
        )
    findings: tuple[ChargeFinding, ...] = ()
    if command.ends_on is not None and contract.billing == "prepaid":
        charge = charge_of(contract)
        before = {finding.rule for finding in check_caps(account, charge, policy)}
        moved = msgspec.structs.replace(charge, ends_on=command.ends_on)
        beyond = [finding for finding in check_caps(account, moved, policy) if finding.rule not in before]
        findings = enforce(beyond, policy)
    return [
        LeaveRecorded(
            **context.ruled(command, policy, "lesson.leave", *(finding.rule for finding in findings)),
            contract_id=command.contract_id,
            lesson_id=command.lesson_id,
            lesson_on=command.lesson_on,
            reason=command.reason,
            ends_on=command.ends_on,
            findings=findings,
        )
    ]


def record_absence(account: EscrowAccount, command: RecordAbsence, context: Context) -> Decision:
    """The lesson is never drawn on these contracts; one that waits is taken back, one that was drawn is reversed.

    Refuses `contract_not_found`, `lesson_outside_contract`, `lesson_missed`, `contract_refund_open` (for a drawn
    lesson) and a wrong class.
    """
    policy = context.policy_of(account, command)
    require_class(command.contracts, policy.max_class)
    waiting: list[DrawLine] = []
    drawn: list[DrawLine] = []
    for contract_id in command.contracts:
        contract = open_contract(account, contract_id)
        require_within(contract, command.lesson_on)
        _require_not_missed(contract, command.lesson_id)
        if command.lesson_id in contract.pending:
            waiting.append(pending_line(contract, command.lesson_id))
        elif command.lesson_id in contract.draws:
            drawn.append(correctable_line(contract, command.lesson_id))
    return [
        *withdraw(command, context, command.lesson_id, waiting, command.reason),
        *reverse(account, command, context, command.lesson_id, drawn, command.reason),
        AbsenceRecorded(
            **context.envelope(command),
            lesson_id=command.lesson_id,
            lesson_on=command.lesson_on,
            absent=command.absent,
            contracts=command.contracts,
            reason=command.reason,
        ),
    ]
