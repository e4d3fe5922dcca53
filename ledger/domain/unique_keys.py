"""What must be unique: a bank's entry reference in each direction, an account number at a bank, a part of an account's
statement, an account's share of a message to its bank."""

from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import msgspec

from ledger.domain.commands import (
    Command,
    ExportInstructions,
    OpenAccount,
    PostDeposit,
    RecordBankStatement,
    RecordUnexplainedDebit,
    RestoreUnexplainedDebit,
    SettleInstruction,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import AccountOpened, BankEntryEvent, BankStatementRecorded, Event, InstructionExported


class UniqueKey(NamedTuple):
    """`kind` and `key` may be taken once; the same `digest` again is the same fact, another one is refused."""

    kind: str
    key: str
    digest: str

    def refusal(self) -> LedgerError:
        """The refusal of a key that is taken with another digest."""
        bank, _, number = self.key.partition("/")
        if self.kind == "account":
            return LedgerError("account_no_taken", bank=bank, account_no=number)
        if self.kind == "statement":
            statement_id, _, part = number.rpartition("/")
            return LedgerError("statement_reused", statement_id=statement_id, part=int(part))
        if self.kind == "message":
            return LedgerError("message_id_reused", message_id=number.partition("/")[0])
        return LedgerError("entry_reused", bank_reference=number)


def statement_key(account_id: UUID, of: BankStatementRecorded | RecordBankStatement) -> UniqueKey:
    """The key of one part of an account's statement; its digest covers everything that the bank says in it."""
    content = (of.from_on, of.to_on, of.opening_fen, of.closing_fen, of.parts, msgspec.to_builtins(of.entries))
    digest = blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=16).hexdigest()
    return UniqueKey("statement", f"{account_id.hex}/{of.statement_id}/{of.part}", digest)


def message_key(account_id: UUID, of: InstructionExported | ExportInstructions) -> UniqueKey:
    """The key of an account's share of a message: by it the message is put together again."""
    content = (of.message_at, of.execute_on)
    digest = blake2b(msgspec.json.encode(content), digest_size=16).hexdigest()
    return UniqueKey("message", f"{of.bank}/{of.message_id}/{account_id.hex}", digest)


def key_of_event(account_id: UUID, event: Event) -> UniqueKey | None:
    """The key that an event takes. The two events of one overpaid entry name the same key."""
    if isinstance(event, BankEntryEvent):
        return UniqueKey("credit" if event.credit else "debit", f"{event.bank}/{event.bank_reference}", event.digest)
    if isinstance(event, AccountOpened):
        return UniqueKey("account", f"{event.bank}/{event.account_no}", account_id.hex)
    if isinstance(event, BankStatementRecorded):
        return statement_key(account_id, event)
    if isinstance(event, InstructionExported):
        return message_key(account_id, event)
    return None


def key_of_command(command: Command) -> UniqueKey | None:
    """The key that the command's events will take, by which a repeated command is recognised before it is decided."""
    match command:
        case PostDeposit() | RestoreUnexplainedDebit() | SettleInstruction(outcome="returned"):
            return UniqueKey("credit", f"{command.bank}/{command.bank_reference}", command.digest)
        case RecordUnexplainedDebit() | SettleInstruction(outcome="settled"):
            return UniqueKey("debit", f"{command.bank}/{command.bank_reference}", command.digest)
        case ExportInstructions():
            return message_key(command.account_id, command)
        case OpenAccount():
            return UniqueKey("account", f"{command.bank}/{command.account_no}", command.account_id.hex)
        case RecordBankStatement():
            return statement_key(command.account_id, command)
        case _:
            return None
