"""Commands drawn at random that an account in its present state may well accept."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import (
    AnnouncePayout,
    AnswerRefund,
    ApproveInstruction,
    AssignPolicy,
    CloseDay,
    Command,
    ConfirmLesson,
    CorrectLesson,
    DeclineInstruction,
    DeliverLesson,
    DisputeLesson,
    DrawReserve,
    ExportInstructions,
    FreezeAccount,
    HoldFunds,
    InstructRefund,
    ListInstitution,
    MatchSuspense,
    OrderRefund,
    PostDeposit,
    RecordAbsence,
    RecordInstitutionRefund,
    RecordLeave,
    RecordUnexplainedDebit,
    ReleaseHold,
    ReleaseReserve,
    ReportBankBalance,
    ReportKeptFee,
    RequestAdvance,
    RequestPayout,
    RequestRefund,
    ResolveDispute,
    ResumeAccount,
    ReturnSuspense,
    SetMinimumBalance,
    SettleInstruction,
    SignContract,
    SuspendAccount,
    UnfreezeAccount,
    WithdrawRefund,
)
from ledger.domain.events import Package
from tests.projections import random_bank
from tests.projections.log_writer import DAY


class Draw(NamedTuple):
    """What one random command is made from."""

    kind: int
    pick: int
    amount_fen: int
    days_ago: int


DRAWS = st.builds(Draw, st.integers(0, 199), st.integers(0, 20), st.integers(1, 60_000), st.integers(0, 20))
_Make = Callable[[EscrowAccount, UUID, Draw], Command]


def _one(names: list[str], pick: int) -> str:
    return names[pick % len(names)] if names else "none"


def _name(account: EscrowAccount, prefix: str) -> str:
    return f"{prefix}-{account.id.int >> 64}-{account.version}"


def _sign(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    name = _name(a, "contract")
    package = Package(number=1, price_fen=50_000, paid_lessons=7, gift_lessons=1, list_price_fen=60_000)
    second = Package(number=2, price_fen=20_000, paid_lessons=4, list_price_fen=20_000)
    return SignContract(
        account_id=i,
        effective_on=DAY - timedelta(days=40),
        contract_id=name,
        contract_no=f"no-{name}",
        family_id=f"family-{d.pick}",
        student_id="student",
        course_id="course",
        subject="piano",
        category="arts",
        starts_on=DAY - timedelta(days=60),
        ends_on=DAY - timedelta(days=35) if d.pick == 20 else DAY + timedelta(days=60),
        lesson_minutes=45,
        packages=(package, second),
    )


def _deposit(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    name = _name(a, "entry")
    return PostDeposit(
        account_id=i,
        effective_on=DAY - timedelta(days=d.days_ago),
        bank=a.bank,
        bank_reference=name,
        amount_fen=d.amount_fen,
        contract_reference=_one(list(a.contracts), d.pick) if d.pick < 17 else "",
        payer_route=f"route-{name}",
        purpose="reserve" if d.pick == 20 else "fee",
        suspense_id=f"suspense-{name}",
        digest="0" * 64,
    )


def _lesson(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    contracts = [c.contract_id for c in a.contracts.values() if c.prepaid_fen > 10_000 and not c.open_refund]
    return DeliverLesson(
        account_id=i,
        effective_on=DAY - timedelta(days=d.days_ago),
        lesson_id=_name(a, "lesson"),
        course_id="course",
        minutes=45,
        contracts=tuple(contracts[: 1 + d.pick % 4]),
    )


def _correct(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    lessons = [(lesson, c.contract_id) for c in a.contracts.values() for lesson in c.draws]
    lesson, contract = lessons[d.pick % len(lessons)] if lessons else ("none", "none")
    return CorrectLesson(account_id=i, effective_on=DAY, lesson_id=lesson, contracts=(contract,), reason="absent")


def _assign(_: EscrowAccount, i: UUID, d: Draw) -> Command:
    pack = _one(["asked", "default", "lawful", "asked", "kept"], d.pick)
    return AssignPolicy(account_id=i, effective_on=DAY, pack=pack, reason="new pack")


def _waiting(a: EscrowAccount, d: Draw) -> tuple[str, str]:
    """A lesson and contract of which a family was asked, or else one that was drawn."""
    pending = [(lesson, c.contract_id) for c in a.contracts.values() for lesson in c.pending]
    drawn = [(lesson, c.contract_id) for c in a.contracts.values() for lesson in c.draws]
    known = (pending or drawn) if d.pick % 4 else (drawn or pending)
    return known[d.amount_fen % len(known)] if known else ("none", "none")


def _confirm(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    lesson, contract = _waiting(a, d)
    return ConfirmLesson(account_id=i, effective_on=DAY, lesson_id=lesson, contract_id=contract)


def _dispute(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    lesson, contract = _waiting(a, d)
    return DisputeLesson(account_id=i, effective_on=DAY, lesson_id=lesson, contract_id=contract, reason="not taught")


def _resolve(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    disputed = [
        (n, c.contract_id) for c in a.contracts.values() for n, pending in c.pending.items() if pending.disputed
    ]
    lesson, contract = disputed[d.pick % len(disputed)] if disputed else ("none", "none")
    return ResolveDispute(
        account_id=i,
        effective_on=DAY,
        lesson_id=lesson,
        contract_id=contract,
        outcome="dropped" if d.pick % 2 else "drawn",
        by="order",
        case_id="case-1",
        reason="heard",
    )


def _absence(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    lesson, contract = _waiting(a, d) if d.pick % 2 else (_name(a, "missed"), _one(list(a.contracts), d.pick))
    return RecordAbsence(
        account_id=i,
        effective_on=DAY,
        lesson_id=lesson,
        lesson_on=DAY,
        absent="teacher" if d.pick % 2 else "pupil",
        contracts=(contract,),
        reason="ill",
    )


def _leave(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return RecordLeave(
        account_id=i,
        effective_on=DAY,
        lesson_id=_name(a, "leave"),
        contract_id=_one(list(a.contracts), d.pick),
        lesson_on=DAY,
        reason="ill",
    )


def _settle(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    instruction_id = _one(list(a.instructions), d.pick)
    instruction = a.instructions.get(instruction_id)
    paid = instruction is not None and instruction.state == "paid"
    return SettleInstruction(
        account_id=i,
        effective_on=DAY,
        bank=a.bank,
        instruction_id=instruction_id,
        outcome="returned" if paid else "settled" if d.amount_fen % 3 else "rejected",
        amount_fen=instruction.amount_fen if instruction else 1,
        bank_reference=_name(a, "settled"),
        digest="0" * 64,
        reason="closed",
    )


def _waiting_order(a: EscrowAccount, d: Draw) -> str:
    waiting = [name for name, one in a.instructions.items() if one.needs_approval and one.state == "pending"]
    return _one(waiting or list(a.instructions), d.pick)


def _approve(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return ApproveInstruction(account_id=i, effective_on=DAY, instruction_ids=(_waiting_order(a, d),))


def _decline(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return DeclineInstruction(
        account_id=i, effective_on=DAY, instruction_id=_waiting_order(a, d), reason="not as agreed"
    )


def _export(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return ExportInstructions(
        account_id=i,
        effective_on=DAY,
        bank=a.bank,
        message_id=_name(a, "m"),
        message_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
        execute_on=DAY,
        instruction_ids=tuple(a.instructions)[: 1 + d.pick % 4],
    )


def _debit(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return RecordUnexplainedDebit(
        account_id=i,
        effective_on=DAY,
        bank=a.bank,
        bank_reference=_name(a, "debit"),
        amount_fen=d.amount_fen,
        kind="seizure",
        digest="0" * 64,
    )


def _match(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return MatchSuspense(
        account_id=i,
        effective_on=DAY,
        suspense_id=_one(list(a.suspense), d.pick),
        contract_id=_one(list(a.contracts), d.pick),
        amount_fen=1 + d.amount_fen % 2_000,
        reason="found",
    )


def _balance(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    balance_fen = a.buckets.cash - (d.amount_fen if d.pick % 2 else 0)
    on = DAY - timedelta(days=d.days_ago)
    return ReportBankBalance(account_id=i, effective_on=on, bank=a.bank, statement_id="s", balance_fen=balance_fen)


def _refund(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return RequestRefund(
        account_id=i,
        effective_on=DAY - timedelta(days=d.days_ago),
        refund_id=_name(a, "refund"),
        contract_id=_one(list(a.contracts), d.pick),
        reason="moved",
        ground="closure" if d.amount_fen % 3 == 0 else "own",
    )


def _unfreeze(_: EscrowAccount, i: UUID, __: Draw) -> Command:
    return UnfreezeAccount(account_id=i, effective_on=DAY, scope="lessons", reason="done")


def _resume(_: EscrowAccount, i: UUID, __: Draw) -> Command:
    return ResumeAccount(account_id=i, effective_on=DAY, reason="dry")


def _close(_: EscrowAccount, i: UUID, d: Draw) -> Command:
    return CloseDay(account_id=i, effective_on=DAY + timedelta(days=d.pick))


def _kept(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    return ReportKeptFee(
        account_id=i,
        effective_on=DAY,
        contract_id=_one(list(a.contracts), d.pick),
        receipt_no=_name(a, "receipt"),
        amount_fen=d.amount_fen % 20_000 + 1,
    )


def _repay(a: EscrowAccount, i: UUID, d: Draw) -> Command:
    refund_id = _one(list(a.unpaid_refunds), d.pick)
    amount_fen = a.refunds[refund_id].to_instruct_fen if refund_id in a.refunds else 1
    if d.amount_fen % 2:
        return DrawReserve(account_id=i, effective_on=DAY, refund_id=refund_id, amount_fen=amount_fen, reason="order")
    part_fen = amount_fen // 2
    return RecordInstitutionRefund(
        account_id=i, effective_on=DAY, refund_id=refund_id, amount_fen=part_fen, document="slip"
    )


_MAKERS: list[_Make] = [
    *[_kept] * 2,
    *[_repay] * 2,
    lambda a, i, d: AnnouncePayout(account_id=i, effective_on=DAY, amount_fen=d.amount_fen),
    lambda a, i, d: RequestAdvance(
        account_id=i,
        effective_on=DAY,
        instruction_id=_name(a, "advance"),
        amount_fen=1 + d.amount_fen % max(1, a.buckets.prepaid // 5),
    ),
    *[_sign] * 2,
    *[_deposit] * 6,
    *[_lesson] * 6,
    _correct,
    _assign,
    *[_confirm] * 2,
    *[_dispute] * 2,
    _resolve,
    _absence,
    _leave,
    *[_settle] * 4,
    *[_approve] * 2,
    _decline,
    *[_export] * 2,
    _debit,
    *[_match] * 2,
    _balance,
    lambda a, i, d: ReturnSuspense(
        account_id=i,
        effective_on=DAY,
        suspense_id=_one(list(a.suspense), d.pick),
        instruction_id=_name(a, "back"),
        reason="unknown",
    ),
    lambda a, i, d: RequestPayout(
        account_id=i,
        effective_on=DAY,
        instruction_id=_name(a, "payout"),
        amount_fen=1 + d.amount_fen % max(1, a.buckets.earned),
    ),
    *[_refund] * 2,
    lambda a, i, d: AnswerRefund(
        account_id=i,
        effective_on=DAY,
        refund_id=_one(list(a.unpaid_refunds), d.pick),
        agree=d.pick % 2 == 0,
        offered_fen=d.amount_fen % 500,
        reason="fees",
    ),
    lambda a, i, d: OrderRefund(
        account_id=i,
        effective_on=DAY,
        refund_id=_one(list(a.unpaid_refunds), d.pick),
        amount_fen=d.amount_fen % 5_000 + 500,
        reason="order",
    ),
    lambda a, i, d: WithdrawRefund(
        account_id=i, effective_on=DAY, refund_id=_one(list(a.unpaid_refunds), d.pick), reason="stays"
    ),
    lambda a, i, d: InstructRefund(account_id=i, effective_on=DAY, refund_id=_one(list(a.unpaid_refunds), d.pick)),
    lambda a, i, d: SetMinimumBalance(account_id=i, effective_on=DAY, amount_fen=d.amount_fen, reason="fixed"),
    lambda a, i, d: HoldFunds(
        account_id=i, effective_on=DAY, hold_id=_name(a, "hold"), amount_fen=d.amount_fen, reason="clue"
    ),
    lambda a, i, d: ReleaseHold(account_id=i, effective_on=DAY, hold_id=_one(list(a.holds), d.pick), reason="done"),
    lambda a, i, d: ReleaseReserve(
        account_id=i, effective_on=DAY, amount_fen=1 + d.amount_fen % max(1, a.buckets.reserve), reason="due"
    ),
    lambda a, i, d: FreezeAccount(account_id=i, effective_on=DAY, scope="lessons", reason="clue"),
    *[_unfreeze] * 2,
    lambda a, i, d: SuspendAccount(account_id=i, effective_on=DAY - timedelta(days=d.days_ago), reason="flood"),
    *[_resume] * 2,
    lambda a, i, d: ListInstitution(
        account_id=i, effective_on=DAY, listing="watch" if d.pick % 2 else "normal", reason="grade"
    ),
    *[random_bank.statement] * 4,
    *[random_bank.comparison] * 2,
    random_bank.assignment,
    random_bank.explanation,
    *[_close] * 2,
]


def command(account: EscrowAccount, draw: Draw) -> Command:
    """The command that a draw stands for in this state; the account may still refuse it."""
    return _MAKERS[draw.kind % len(_MAKERS)](account, account.id, draw)
