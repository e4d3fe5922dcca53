"""Deciding without recording: what a sequence of requests would cause, on copies of the accounts as they are now."""

from collections.abc import Sequence
from uuid import UUID

from ledger.application.ledger import Ledger
from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import decide
from ledger.domain.errors import LedgerError
from ledger.domain.evolution import evolve
from ledger.domain.partition import partition_of
from ledger.domain.unique_keys import UniqueKey, key_of_command
from ledger.storage.requests import Outcome, Request


class DryRun:
    """Decides requests one after the other, each on what those before it would have caused; nothing is recorded."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._accounts: dict[UUID, EscrowAccount] = {}
        self._taken: dict[tuple[str, str], str] = {}

    def look_up(self, requests: Sequence[Request]) -> None:
        """Ask the log for the unique keys of the requests that come next. Blocks: call it in a thread."""
        keys = {key for request in requests if (key := key_of_command(request.command)) is not None}
        self._taken = {
            (kind, key): digest
            for kind in {key.kind for key in keys}
            for key, digest in self._ledger.taken_keys(kind, [one.key for one in keys if one.kind == kind]).items()
        }

    def try_request(self, request: Request) -> Outcome | LedgerError:
        """The result that recording would give, of a request that was looked up. Blocks: call it in a thread.

        An outcome's position is 0 and its version the one that the account would have. What is recorded already is
        `replayed`, without events.
        """
        command = request.command
        account = self._accounts.get(command.account_id)
        if account is None:
            account = self._accounts[command.account_id] = self._ledger.account_at_version(command.account_id)
        partition = partition_of(account.id, self._ledger.partitions)
        try:
            if self._is_recorded(key_of_command(command)):
                return Outcome(account.id, partition, 0, account.version, (), replayed=True)
            if request.visible is not None and not request.visible(account):
                raise LedgerError("account_not_found")
            events = decide(account, command, self._ledger.context(self._ledger.clock(), request.actor))
        except LedgerError as refusal:
            return refusal
        for event in events:
            evolve(account, event)
        return Outcome(account.id, partition, 0, account.version, tuple(events))

    def _is_recorded(self, key: UniqueKey | None) -> bool:
        """Whether the same command was recorded. Raises the key's refusal when another one took it."""
        if key is None:
            return False
        digest = self._taken.get((key.kind, key.key))
        if digest is not None and digest != key.digest:
            raise key.refusal()
        return digest is not None
