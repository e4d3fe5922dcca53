"""The accounts in memory: loaded when first asked for, kept current by what is appended, oldest used dropped."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.domain.evolution import evolve
from ledger.storage.log import StoredRow
from ledger.storage.mapper import decode_event


class Loader(Protocol):
    """Reads accounts from the log, off the event loop."""

    async def load(self, account_ids: Sequence[UUID]) -> list[EscrowAccount]: ...


class HotAccounts(dict[UUID, EscrowAccount]):
    """Account id -> working state, least recently used first."""

    def __init__(self, loader: Loader, limit: int) -> None:
        super().__init__()
        self._loader = loader
        self._limit = limit

    async def load(self, account_ids: Iterable[UUID]) -> None:
        """Bring these accounts into memory; others make room."""
        wanted = set(account_ids)
        missing: list[UUID] = []
        for account_id in wanted:
            account = self.pop(account_id, None)
            if account is None:
                missing.append(account_id)
            else:
                self[account_id] = account
        if missing:
            for account in await self._loader.load(missing):
                self[account.id] = account
        while len(self) > max(self._limit, len(wanted)):
            del self[next(iter(self))]

    def follow(self, rows: Iterable[StoredRow]) -> None:
        """Apply what other processes appended."""
        for row in rows:
            account = self.get(row.account_id)
            if account is None or row.version <= account.version:
                continue
            assert row.version == account.version + 1, "an account in memory misses events of its partition"
            evolve(account, decode_event(row.topic, row.state))
