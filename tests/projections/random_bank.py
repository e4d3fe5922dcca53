"""Random words of a bank about an account, and comparisons with it: entries that the ledger knows, and others."""

from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import AssignBreak, Command, ReconcileAccount, RecordBankStatement, ResolveBreak
from ledger.domain.events import BreakKind, StatementEntry
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.reconciliation.findings import DayFigures, Difference
from tests.projections.log_writer import DAY


class Drawn(Protocol):
    """What a command is made from (`random_commands.Draw`)."""

    @property
    def pick(self) -> int: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def days_ago(self) -> int: ...


KINDS: tuple[BreakKind, ...] = ("missing_at_bank", "seizure", "statement_missing")


def statement(a: EscrowAccount, i: UUID, d: Drawn) -> Command:
    """A statement of up to five entries: known receipts, instructions under other references, and strange ones."""
    receipts = [reference for contract in a.contracts.values() for reference in contract.payments]
    orders = list(a.instructions)
    on = DAY - timedelta(days=d.days_ago)
    entries: list[StatementEntry] = []
    for number in range(d.pick % 6):
        if receipts and number % 3 == 0:
            entries.append(_entry(receipts[(d.pick + number) % len(receipts)], d.amount_fen, on))
        elif orders and number % 3 == 1:
            order = orders[(d.pick + number) % len(orders)]
            sign = 1 if d.amount_fen % 4 == 0 else -1
            name = f"books-{(d.pick + number) % 9}"
            entries.append(_entry(name, sign * a.instructions[order].amount_fen, on, end_to_end_id(order)))
        else:
            entries.append(_entry(f"strange-{(d.pick + number) % 7}", d.amount_fen - 30_000, on))
    return RecordBankStatement(
        account_id=i,
        effective_on=on,
        bank=a.bank,
        statement_id=f"{i.int >> 64}-{a.version // 3}",
        from_on=on - timedelta(days=d.pick % 2),
        to_on=on,
        opening_fen=d.amount_fen,
        closing_fen=d.amount_fen + d.pick,
        entries=tuple(entries),
        part=1 + a.version % 2,
        parts=1 + a.version % 2,
    )


def _entry(reference: str, amount_fen: int, on: date, end_to_end: str = "") -> StatementEntry:
    return StatementEntry(
        entry_reference=reference,
        amount_fen=amount_fen,
        booked_on=on,
        kind="receipt" if amount_fen > 0 else "payment",
        end_to_end_id=end_to_end,
    )


def comparison(a: EscrowAccount, i: UUID, d: Drawn) -> Command:
    """Some of the open breaks are found again, some are not, and there may be a new one."""
    again = [
        Difference(kind=one.kind, subject=one.subject, since_on=one.since_on, difference_fen=one.difference_fen)
        for number, one in enumerate(a.breaks.values())
        if number % 2 == d.pick % 2
    ]
    new = Difference(
        kind=KINDS[d.pick % 3],
        subject=f"subject-{d.pick % 4}",
        since_on=DAY - timedelta(days=d.days_ago),
        difference_fen=-d.amount_fen,
        short_fen=d.amount_fen,
    )
    day = DayFigures(
        day=DAY - timedelta(days=d.days_ago % 3),
        statement_id="s",
        bank_fen=d.amount_fen,
        cash_fen=a.buckets.cash,
        assets_fen=a.buckets.assets_fen,
        liabilities_fen=a.buckets.liabilities_fen,
    )
    found = {one.id_in(i): one for one in (*again, new)}
    return ReconcileAccount(
        account_id=i, effective_on=DAY, seen_version=a.version, differences=tuple(found.values()), days=(day,)
    )


def assignment(a: EscrowAccount, i: UUID, d: Drawn) -> Command:
    return AssignBreak(account_id=i, effective_on=DAY, break_id=_one(a, d), assignee="office", note="ask")


def explanation(a: EscrowAccount, i: UUID, d: Drawn) -> Command:
    return ResolveBreak(account_id=i, effective_on=DAY, break_id=_one(a, d), reason="explained", link="letter")


def _one(a: EscrowAccount, d: Drawn) -> str:
    names = list(a.breaks)
    return names[d.pick % len(names)] if names else "none"
