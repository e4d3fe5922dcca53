"""Decisions about lessons: one class is one command, each family draws its own lesson."""

from ledger.domain.account import Contract, EscrowAccount
from ledger.domain.commands import CorrectLesson, DeliverLesson
from ledger.domain.decisions.context import Context, Decision, require_traffic
from ledger.domain.decisions.contracts import open_contract
from ledger.domain.decisions.recoupment import recoup
from ledger.domain.errors import LedgerError
from ledger.domain.events import DrawLine, DrawReversed, LessonDelivered, LessonDrawn
from ledger.domain.policy import Period


def _draw(contract: Contract, command: DeliverLesson) -> DrawLine:
    """The family's line: the first package with a lesson left; never beyond what that package holds.

    A package that cannot pay its next lesson because part of it was refunded is passed over for the next one.
    """
    contract_id = contract.contract_id
    if command.lesson_id in contract.draws:
        raise LedgerError("lesson_already_drawn", lesson_id=command.lesson_id, contract_id=contract_id)
    if not contract.starts_on <= command.effective_on <= contract.ends_on:
        raise LedgerError(
            "lesson_outside_contract",
            taught_on=command.effective_on.isoformat(),
            contract_id=contract_id,
            starts_on=contract.starts_on.isoformat(),
            ends_on=contract.ends_on.isoformat(),
        )
    if contract.open_refund:
        raise LedgerError("contract_refund_open", contract_id=contract_id, refund_id=contract.open_refund)
    short: LedgerError | None = None
    for package in contract.packages:
        lesson = package.upcoming_lesson()
        if lesson is None:
            continue
        amount_fen = package.lesson_value_fen(lesson, contract.gift_valuation)
        if amount_fen <= package.prepaid_fen:
            return DrawLine(contract_id=contract_id, package=package.number, lesson=lesson, amount_fen=amount_fen)
        short = short or LedgerError(
            "lesson_not_paid", contract_id=contract_id, amount_fen=amount_fen, balance_fen=package.prepaid_fen
        )
        if not package.refunded_fen:
            break
    raise short or LedgerError("lesson_none_left", contract_id=contract_id)


def _require_class(contracts: tuple[str, ...], limit: int) -> None:
    if not contracts:
        raise LedgerError("lesson_without_students")
    if len(contracts) > limit:
        raise LedgerError("lesson_students_many", limit=limit)
    if len(set(contracts)) < len(contracts):
        twice = next(c for i, c in enumerate(contracts) if c in contracts[:i])
        raise LedgerError("lesson_contract_twice", contract_id=twice)


def deliver_lesson(account: EscrowAccount, command: DeliverLesson, context: Context) -> Decision:
    """The class as delivered, and (policy `immediate`) every family's draw in one event.

    All families or none: refuses `account_frozen`, `contract_not_found`, `lesson_outside_contract`,
    `lesson_already_drawn`, `contract_refund_open`, `lesson_not_paid`, `lesson_none_left`, and a wrong class.
    """
    require_traffic(account, "lessons")
    policy = context.policy_of(account, command)
    _require_class(command.contracts, policy.max_class)
    lines = tuple(_draw(open_contract(account, contract_id), command) for contract_id in command.contracts)
    releasable_on = command.effective_on
    if policy.holding_days > 0:
        releasable_on = context.deadline(command, Period(policy.holding_days))
    delivered = LessonDelivered(
        **context.envelope(command),
        lesson_id=command.lesson_id,
        course_id=command.course_id,
        teacher_id=command.teacher_id,
        room_id=command.room_id,
        starts_at=command.starts_at,
        minutes=command.minutes,
        contracts=command.contracts,
    )
    drawn = LessonDrawn(
        **context.ruled(command, policy, "lesson.deemed_after", "lesson.deemed_holding"),
        lesson_id=command.lesson_id,
        lines=lines,
        basis="immediate",
        releasable_on=releasable_on,
    )
    earned_fen = sum(line.amount_fen for line in lines)
    return [delivered, drawn, *recoup(account, command, context, newly_earned_fen=earned_fen)]


def correct_lesson(account: EscrowAccount, command: CorrectLesson, context: Context) -> Decision:
    """Reverse the lesson's draws on these contracts, for the exact amounts that were drawn.

    What the institution was paid already becomes an advance. Refuses `lesson_not_drawn`, `contract_not_found`,
    `contract_refund_open` and a wrong class.
    """
    policy = context.policy_of(account, command)
    _require_class(command.contracts, policy.max_class)
    lines: list[DrawLine] = []
    for contract_id in command.contracts:
        contract = open_contract(account, contract_id)
        draw = contract.draws.get(command.lesson_id)
        if draw is None:
            raise LedgerError("lesson_not_drawn", lesson_id=command.lesson_id, contract_id=contract_id)
        if contract.open_refund:
            raise LedgerError("contract_refund_open", contract_id=contract_id, refund_id=contract.open_refund)
        lines.append(
            DrawLine(contract_id=contract_id, package=draw.package, lesson=draw.lesson, amount_fen=draw.amount_fen)
        )
    total_fen = sum(line.amount_fen for line in lines)
    from_earned_fen = min(total_fen, account.buckets.earned)
    return [
        DrawReversed(
            **context.envelope(command),
            lesson_id=command.lesson_id,
            lines=tuple(lines),
            from_earned_fen=from_earned_fen,
            from_advance_fen=total_fen - from_earned_fen,
            reason=command.reason,
        )
    ]
