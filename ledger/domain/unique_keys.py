"""What must be unique over all accounts: a bank's entry reference, and an account number at a bank."""

from typing import NamedTuple
from uuid import UUID

from ledger.domain.commands import (
    Command,
    OpenAccount,
    PostDeposit,
    RecordUnexplainedDebit,
    RestoreUnexplainedDebit,
    SettleInstruction,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import AccountOpened, BankEntryEvent, Event


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
        return LedgerError("entry_reused", bank_reference=number)


def key_of_event(account_id: UUID, event: Event) -> UniqueKey | None:
    """The key that an event takes. The two events of one overpaid entry name the same key."""
    if isinstance(event, BankEntryEvent):
        return UniqueKey("entry", f"{event.bank}/{event.bank_reference}", event.digest)
    if isinstance(event, AccountOpened):
        return UniqueKey("account", f"{event.bank}/{event.account_no}", account_id.hex)
    return None


def key_of_command(command: Command) -> UniqueKey | None:
    """The key that the command's events will take, by which a repeated command is recognised before it is decided."""
    match command:
        case PostDeposit() | RecordUnexplainedDebit() | RestoreUnexplainedDebit():
            return UniqueKey("entry", f"{command.bank}/{command.bank_reference}", command.digest)
        case SettleInstruction(outcome="settled" | "returned"):
            return UniqueKey("entry", f"{command.bank}/{command.bank_reference}", command.digest)
        case OpenAccount():
            return UniqueKey("account", f"{command.bank}/{command.account_no}", command.account_id.hex)
        case _:
            return None
