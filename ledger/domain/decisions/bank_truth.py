"""Decisions about what the bank says."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import RecordUnexplainedDebit, ReportBankBalance, RestoreUnexplainedDebit
from ledger.domain.decisions.context import Context, Decision, require_bank
from ledger.domain.errors import LedgerError
from ledger.domain.events import BankBalanceReported, UnexplainedDebitRecorded, UnexplainedDebitRestored
from ledger.domain.money import require_fen


def report_bank_balance(account: EscrowAccount, command: ReportBankBalance, context: Context) -> Decision:
    """Refuses `bank_mismatch`. Any balance is recorded, a negative one too: it is the bank's word."""
    require_bank(account, command.bank)
    return [
        BankBalanceReported(
            **context.envelope(command), statement_id=command.statement_id, balance_fen=command.balance_fen
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
