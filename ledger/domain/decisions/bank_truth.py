"""Decisions about what the bank says."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import (
    RecordBankStatement,
    RecordUnexplainedDebit,
    ReportBankBalance,
    RestoreUnexplainedDebit,
)
from ledger.domain.decisions.context import Context, Decision, require_bank
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    BankBalanceReported,
    BankStatementRecorded,
    UnexplainedDebitRecorded,
    UnexplainedDebitRestored,
)
from ledger.domain.money import require_fen, require_total


def report_bank_balance(account: EscrowAccount, command: ReportBankBalance, context: Context) -> Decision:
    """Refuses `bank_mismatch`. Any balance is recorded, a negative one too: it is the bank's word."""
    require_bank(account, command.bank)
    return [
        BankBalanceReported(
            **context.envelope(command), statement_id=command.statement_id, balance_fen=command.balance_fen
        )
    ]


def record_bank_statement(account: EscrowAccount, command: RecordBankStatement, context: Context) -> Decision:
    """Refuses `bank_mismatch`, `statement_period_wrong`, `statement_part_wrong`, `total_too_large`.

    Whatever its figures say is recorded: what does not add up, continue or agree with us is found when the day is
    reconciled. The same part of the same statement again changes nothing, with another content it is refused
    (`statement_reused`, by its unique key).
    """
    require_bank(account, command.bank)
    if not command.from_on <= command.to_on == command.effective_on:
        raise LedgerError(
            "statement_period_wrong",
            from_on=command.from_on.isoformat(),
            to_on=command.to_on.isoformat(),
            effective_on=command.effective_on.isoformat(),
        )
    if not 1 <= command.part <= command.parts:
        raise LedgerError("statement_part_wrong", part=command.part, parts=command.parts)
    for amount_fen in (command.opening_fen, command.closing_fen, *(entry.amount_fen for entry in command.entries)):
        require_total(abs(amount_fen))
    return [
        BankStatementRecorded(
            **context.envelope(command),
            statement_id=command.statement_id,
            from_on=command.from_on,
            to_on=command.to_on,
            opening_fen=command.opening_fen,
            closing_fen=command.closing_fen,
            entries=command.entries,
            part=command.part,
            parts=command.parts,
        )
    ]


def record_unexplained_debit(account: EscrowAccount, command: RecordUnexplainedDebit, context: Context) -> Decision:
    """Refuses `bank_mismatch`, `debit_above_cash`."""
    require_bank(account, command.bank)
    if require_fen(command.amount_fen) > account.buckets.cash:
        raise LedgerError("debit_above_cash", cash_fen=account.buckets.cash, amount_fen=command.amount_fen)
    return [
        UnexplainedDebitRecorded(
            **context.envelope(command),
            bank=command.bank,
            bank_reference=command.bank_reference,
            digest=command.digest,
            kind=command.kind,
            amount_fen=command.amount_fen,
        )
    ]


def restore_unexplained_debit(account: EscrowAccount, command: RestoreUnexplainedDebit, context: Context) -> Decision:
    """Refuses `bank_mismatch`, `debit_restored_too_much`."""
    require_bank(account, command.bank)
    if require_fen(command.amount_fen) > account.buckets.shortage:
        raise LedgerError(
            "debit_restored_too_much", shortage_fen=account.buckets.shortage, amount_fen=command.amount_fen
        )
    return [
        UnexplainedDebitRestored(
            **context.envelope(command),
            bank=command.bank,
            bank_reference=command.bank_reference,
            digest=command.digest,
            amount_fen=command.amount_fen,
        )
    ]
