"""The accounts in memory: loaded when first asked for, kept current by what is appended, oldest used dropped."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from ledger.domain.evolution import evolve
from ledger.domain.streams import StreamState, begun_by
from ledger.storage.log import StoredRow
from ledger.storage.mapper import decode_event


class Loader(Protocol):
    """Reads accounts from the log, off the event loop."""

    async def load(self, account_ids: Sequence[UUID]) -> list[StreamState]: ...


class HotAccounts(dict[int, StreamState]):
    """Working states by the integers of their ids (which hash faster than UUIDs), least recently used first.

    Cases and inspection draws are there among the accounts.

    The order of use is kept only while the room is more than half used: before, nobody has to leave.
    """

    def __init__(self, loader: Loader, limit: int) -> None:
        super().__init__()
        self._loader = loader
        self._limit = limit

    async def load(self, account_ids: Iterable[UUID]) -> None:
        """Bring these accounts into memory; others make room."""
        wanted = {account_id.int: account_id for account_id in account_ids}
        missing = [account_id for key, account_id in wanted.items() if key not in self]
        if 2 * (len(self) + len(missing)) > self._limit:
            for key in wanted:
                account = self.pop(key, None)
                if account is not None:
                    self[key] = account
        if missing:
            for account in await self._loader.load(missing):
                self[account.id.int] = account
        while len(self) > max(self._limit, len(wanted)):
            del self[next(iter(self))]

    def follow(self, rows: Iterable[StoredRow]) -> None:
        """Apply what other processes appended."""
        for row in rows:
            account = self.get(row.account_id.int)
            if account is None or row.version <= account.version:
                continue
            assert row.version == account.version + 1, "an account in memory misses events of its partition"
            event = decode_event(row.topic, row.state)
            if row.version == 1:
                account = self[row.account_id.int] = begun_by(row.account_id, event)
            evolve(account, event)
