"""Deciding without recording: what a sequence of deposits would cause, on copies of the accounts as they are now."""

from collections.abc import Sequence
from uuid import UUID

from ledger.application.ledger import Ledger
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import PostDeposit
from ledger.domain.decisions import decide
from ledger.domain.errors import LedgerError
from ledger.domain.evolution import evolve
from ledger.domain.partition import partition_of
from ledger.storage.requests import Outcome, Request


def try_deposits(
    ledger: Ledger, requests: Sequence[Request | LedgerError], *, bank: str
) -> list[Outcome | LedgerError]:
    """One result each, in order, as recording would have given it; nothing is recorded. Blocks: call it in a thread.

    An outcome's position is 0 and its version the one that the account would have. Entries that are recorded already
    are `replayed`, without events.
    """
    references = [
        request.command.bank_reference
        for request in requests
        if isinstance(request, Request) and isinstance(request.command, PostDeposit)
    ]
    recorded = ledger.recorded_entries(bank, references)
    accounts: dict[UUID, EscrowAccount] = {}
    return [
        request if isinstance(request, LedgerError) else _try(ledger, accounts, recorded, request)
        for request in requests
    ]


def _try(
    ledger: Ledger, accounts: dict[UUID, EscrowAccount], recorded: dict[str, str], request: Request
) -> Outcome | LedgerError:
    command = request.command
    assert isinstance(command, PostDeposit)
    account = accounts.get(command.account_id)
    if account is None:
        account = accounts[command.account_id] = ledger.account_at_version(command.account_id)
    partition = partition_of(account.id, ledger.partitions)
    digest = recorded.get(command.bank_reference)
    try:
        if digest is not None:
            if digest != command.digest:
                raise LedgerError("entry_reused", bank_reference=command.bank_reference)
            return Outcome(account.id, partition, 0, account.version, (), replayed=True)
        if request.visible is not None and not request.visible(account):
            raise LedgerError("account_not_found")
        events = decide(account, command, ledger.context(ledger.clock(), request.actor))
    except LedgerError as refusal:
        return refusal
    for event in events:
        evolve(account, event)
    return Outcome(account.id, partition, 0, account.version, tuple(events))
