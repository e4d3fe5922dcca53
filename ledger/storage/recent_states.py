"""States of accounts that were long to replay, kept in memory for whoever reads the same account again soon."""

from threading import Lock
from typing import NamedTuple
from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.storage.mapper import decode_account, encode_account

WORTH_KEEPING = 500
"""Events that had to be replayed, from which on a state is kept."""
MOST_BYTES = 64 * 2**20


class _Kept(NamedTuple):
    version: int
    state: bytes


class RecentStates:
    """Encoded states, which nobody can change: each reader decodes one of its own. Any thread may use them.

    An account's past never changes, so a kept state is as good as a stored snapshot of its version.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[UUID, _Kept] = {}
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, account_id: UUID, version: int | None) -> EscrowAccount | None:
        """The account as of a version that is not later (None: any); None when no such state is kept."""
        with self._lock:
            kept = self._kept.pop(account_id, None)
            if kept is None:
                return None
            self._kept[account_id] = kept  # the last one to be dropped now
        return decode_account(kept.state) if version is None or kept.version <= version else None

    def keep(self, account: EscrowAccount) -> None:
        """Keep the account's state, and drop those that nobody asked for longest where they become too many."""
        kept = _Kept(account.version, encode_account(account))
        with self._lock:
            before = self._kept.pop(account.id, None)
            if before is not None and before.version > kept.version:
                kept = before
            self._bytes += len(kept.state) - (0 if before is None else len(before.state))
            self._kept[account.id] = kept
            while self._bytes > self._most_bytes:
                dropped = self._kept.pop(next(iter(self._kept)))
                self._bytes -= len(dropped.state)
