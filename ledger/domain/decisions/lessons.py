"""Decisions about lessons: one class is one command, each family's lesson is drawn, or waits for the family's word."""

from datetime import date

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.clocks import is_suspended
from ledger.domain.commands import Command, CorrectLesson, DeliverLesson
from ledger.domain.decisions.context import Context, Decision, require_traffic
from ledger.domain.decisions.contracts import open_contract, require_not_amended
from ledger.domain.decisions.lesson_rules import check_lesson, require_start
from ledger.domain.decisions.recoupment import recoup
from ledger.domain.decisions.releasing import releasable_on
from ledger.domain.errors import LedgerError
from ledger.domain.events import DisputeResolved, DrawLine, DrawReversed, LessonDelivered, LessonDrawn, LessonWithdrawn


def require_within(contract: Contract, on: date) -> None:
    """Raises `lesson_outside_contract` for a day outside the contract's."""
    if not contract.starts_on <= on <= contract.ends_on:
        raise LedgerError(
            "lesson_outside_contract",
            taught_on=on.isoformat(),
            contract_id=contract.contract_id,
            starts_on=contract.starts_on.isoformat(),
            ends_on=contract.ends_on.isoformat(),
        )


def _require_new(contract: Contract, command: DeliverLesson) -> None:
    """A lesson counts once for a family, never when it was missed, and makes up for a missed one once."""
    lesson_id, contract_id = command.lesson_id, contract.contract_id
    if lesson_id in contract.draws:
        raise LedgerError("lesson_already_drawn", lesson_id=lesson_id, contract_id=contract_id)
    if lesson_id in contract.pending:
        raise LedgerError("lesson_already_delivered", lesson_id=lesson_id, contract_id=contract_id)
    if lesson_id in contract.missed:
        why = contract.missed[lesson_id].why
        raise LedgerError("lesson_missed", lesson_id=lesson_id, contract_id=contract_id, why=why)
    if command.makes_up:
        missed = contract.missed.get(command.makes_up)
        if missed is None:
            raise LedgerError("lesson_nothing_to_make_up", lesson_id=command.makes_up, contract_id=contract_id)
        if missed.made_up_by in contract.draws or missed.made_up_by in contract.pending:
            raise LedgerError(
                "lesson_made_up_before",
                lesson_id=command.makes_up,
                contract_id=contract_id,
                made_up_by=missed.made_up_by,
            )


def _line(contract: Contract, command: DeliverLesson) -> DrawLine:
    """The family's line: the first package with a lesson left; never beyond what that package holds.

    A package that cannot pay its next lesson because part of it was refunded is passed over for the next one.
    """
    contract_id = contract.contract_id
    require_not_amended(contract)
    _require_new(contract, command)
    require_within(contract, command.effective_on)
    if contract.open_refund:
        raise LedgerError("contract_refund_open", contract_id=contract_id, refund_id=contract.open_refund)
    short: LedgerError | None = None
    for package in contract.packages:
        lesson = package.upcoming_lesson()
        if lesson is None:
            continue
        amount_fen = package.lesson_value_fen(lesson, contract.gift_valuation)
        if contract.billing != "prepaid":
            # What the family is owed, for lessons that were taken back after it paid them, is used up first.
            prepaid_fen = min(amount_fen, package.unreserved_fen)
            return DrawLine(
                contract_id=contract_id,
                package=package.number,
                lesson=lesson,
                amount_fen=prepaid_fen,
                billed_fen=amount_fen - prepaid_fen,
            )
        if amount_fen <= package.unreserved_fen:
            return DrawLine(contract_id=contract_id, package=package.number, lesson=lesson, amount_fen=amount_fen)
        short = short or LedgerError(
            "lesson_not_paid", contract_id=contract_id, amount_fen=amount_fen, balance_fen=package.unreserved_fen
        )
        if not package.refunded_fen:
            break
    raise short or LedgerError("lesson_none_left", contract_id=contract_id)


def require_class(contracts: tuple[str, ...], limit: int) -> None:
    """Raises `lesson_without_students`, `lesson_students_many` or `lesson_contract_twice` for a wrong class."""
    if not contracts:
        raise LedgerError("lesson_without_students")
    if len(contracts) > limit:
        raise LedgerError("lesson_students_many", limit=limit)
    if len(set(contracts)) < len(contracts):
        twice = next(c for i, c in enumerate(contracts) if c in contracts[:i])
        raise LedgerError("lesson_contract_twice", contract_id=twice)


def deliver_lesson(account: EscrowAccount, command: DeliverLesson, context: Context) -> Decision:
    """The class as delivered, and (policy `immediate`) every family's draw in one event.

    Under `confirmed` each family's lesson is kept for it, with the last day to answer; nothing is drawn yet.
    All families or none: refuses `account_frozen`, `lesson_start_elsewhere`, `lesson_while_suspended`,
    `contract_not_found`, `contract_amended`, `lesson_missed`, `lesson_outside_contract`, `lesson_already_drawn`,
    `lesson_already_delivered`, `contract_refund_open`, `lesson_not_paid`, `lesson_none_left`,
    `lesson_nothing_to_make_up`, `lesson_made_up_before`, a wrong class, and what breaks the rules of `check_lesson`.
    """
    require_traffic(account, "lessons")
    require_start(command)
    if is_suspended(account, command.effective_on):
        raise LedgerError("lesson_while_suspended", taught_on=command.effective_on.isoformat())
    policy = context.policy_of(account, command)
    require_class(command.contracts, policy.max_class)
    contracts = [open_contract(account, contract_id) for contract_id in command.contracts]
    lines = tuple(_line(contract, command) for contract in contracts)
    findings = check_lesson(account, command, contracts, policy, context)
    rules = [finding.rule for finding in findings]
    waits = policy.confirmation == "confirmed"
    deemed_on, term = context.clock(command, policy.deemed_after) if waits else (None, None)
    if waits:
        rules.append("lesson.deemed_after")
    delivered = LessonDelivered(
        **(context.ruled(command, policy, *rules) if rules else context.envelope(command)),
        lesson_id=command.lesson_id,
        course_id=command.course_id,
        teacher_id=command.teacher_id,
        room_id=command.room_id,
        starts_at=command.starts_at,
        minutes=command.minutes,
        contracts=command.contracts,
        makes_up=command.makes_up,
        lines=lines if waits else (),
        deemed_on=deemed_on,
        deemed_term=term,
        findings=findings,
    )
    if waits:
        return [delivered]
    drawn = LessonDrawn(
        **context.ruled(command, policy, "lesson.deemed_after", "lesson.deemed_holding"),
        lesson_id=command.lesson_id,
        lines=lines,
        basis="immediate",
        releasable_on=releasable_on(policy, context, command, holding_days=policy.holding_days),
    )
    earned_fen = sum(line.amount_fen for line in lines)
    return [delivered, drawn, *recoup(account, command, context, newly_earned_fen=earned_fen)]


def pending_line(contract: Contract, lesson_id: str) -> DrawLine:
    """What is kept for a pending lesson; raises `lesson_not_pending`."""
    pending = contract.pending.get(lesson_id)
    if pending is None:
        raise LedgerError("lesson_not_pending", lesson_id=lesson_id, contract_id=contract.contract_id)
    return DrawLine(
        contract_id=contract.contract_id,
        package=pending.package,
        lesson=pending.lesson,
        amount_fen=pending.amount_fen,
        billed_fen=pending.billed_fen,
    )


def drawn_line(contract: Contract, lesson_id: str) -> DrawLine:
    """What was drawn for a lesson; raises `lesson_not_drawn`."""
    draw = contract.draws.get(lesson_id)
    if draw is None:
        raise LedgerError("lesson_not_drawn", lesson_id=lesson_id, contract_id=contract.contract_id)
    # A bill that is paid by now comes back as prepaid money, one that is not is no longer due.
    unpaid_fen = min(draw.billed_fen, contract.packages[draw.package - 1].billed_fen)
    return DrawLine(
        contract_id=contract.contract_id,
        package=draw.package,
        lesson=draw.lesson,
        amount_fen=draw.amount_fen + draw.billed_fen - unpaid_fen,
        billed_fen=unpaid_fen,
    )


def correctable_line(contract: Contract, lesson_id: str) -> DrawLine:
    """What was drawn for a lesson, to be taken back; raises `lesson_not_drawn`, `contract_refund_open`."""
    line = drawn_line(contract, lesson_id)
    if contract.open_refund:
        raise LedgerError("contract_refund_open", contract_id=contract.contract_id, refund_id=contract.open_refund)
    return line


def withdraw(command: Command, context: Context, lesson_id: str, lines: list[DrawLine], reason: str) -> Decision:
    """Take pending lessons back; nothing without lines."""
    if not lines:
        return []
    return [LessonWithdrawn(**context.envelope(command), lesson_id=lesson_id, lines=tuple(lines), reason=reason)]


def reverse(
    account: EscrowAccount, command: Command, context: Context, lesson_id: str, lines: list[DrawLine], reason: str
) -> Decision:
    """Reverse draws for the exact amounts; what the institution was paid already becomes an advance."""
    if not lines:
        return []
    total_fen = sum(line.amount_fen for line in lines)
    from_earned_fen = min(total_fen, account.buckets.earned)
    return [
        DrawReversed(
            **context.envelope(command),
            lesson_id=lesson_id,
            lines=tuple(lines),
            from_earned_fen=from_earned_fen,
            from_advance_fen=total_fen - from_earned_fen,
            reason=reason,
        )
    ]


def correct_lesson(account: EscrowAccount, command: CorrectLesson, context: Context) -> Decision:
    """Take the lesson back on these contracts: pending ones are withdrawn, a disputed one is conceded, draws reversed.

    Refuses `lesson_not_drawn`, `contract_not_found`, `contract_refund_open` (for a draw) and a wrong class.
    """
    policy = context.policy_of(account, command)
    require_class(command.contracts, policy.max_class)
    waiting: list[DrawLine] = []
    drawn: list[DrawLine] = []
    conceded: Decision = []
    for contract_id in command.contracts:
        contract = open_contract(account, contract_id)
        pending = contract.pending.get(command.lesson_id)
        if pending is None:
            drawn.append(correctable_line(contract, command.lesson_id))
        elif not pending.disputed:
            waiting.append(pending_line(contract, command.lesson_id))
        else:
            conceded.append(
                DisputeResolved(
                    **context.envelope(command),
                    lesson_id=command.lesson_id,
                    line=pending_line(contract, command.lesson_id),
                    outcome="dropped",
                    by="institution",
                    reason=command.reason,
                )
            )
    return [
        *withdraw(command, context, command.lesson_id, waiting, command.reason),
        *conceded,
        *reverse(account, command, context, command.lesson_id, drawn, command.reason),
    ]
