"""Snapshots in the background: taken from memory every so many events, so that loading never replays a long history."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import structlog

from ledger.domain.account import EscrowAccount
from ledger.domain.streams import StreamState
from ledger.storage.crash_points import crash_point
from ledger.storage.mapper import SNAPSHOT_TOPIC, encode_account
from ledger.storage.recorder import Pool

_log = structlog.get_logger("ledger.snapshots")

INTERVAL = 1_000
"""Events between two snapshots of an account; more for one whose state is larger."""
BYTES_AN_EVENT = 100
"""So much of a snapshot's encoding may each event cost: a state of a megabyte is written once in 10,000 events."""
KEPT_EVERY = 20_000
"""Older snapshots are thinned to one for so many versions: enough to see any past version quickly."""

_KEEP = """
INSERT INTO escrow.snapshots (account_id, version, topic, state) VALUES (%s, %s, %s, %s)
ON CONFLICT (account_id, version) DO UPDATE SET topic = excluded.topic, state = excluded.state
"""
_THIN = """
DELETE FROM escrow.snapshots s
 WHERE s.account_id = %(account_id)s AND s.version < %(version)s
   AND EXISTS (SELECT FROM escrow.snapshots older WHERE older.account_id = s.account_id AND older.version < s.version
               AND older.version / %(every)s = s.version / %(every)s)
"""


class Snapshots:
    """Decides when an account is due, and writes its state in a thread."""

    def __init__(self, pool: Pool, interval: int = INTERVAL) -> None:
        self._pool = pool
        self._interval = interval
        self._due: dict[int, int] = {}
        self._writing: set[asyncio.Future[None]] = set()
        self.taken = 0

    def loaded(self, account: StreamState, replayed: int) -> None:
        """An account came into memory after so many events were replayed on its newest snapshot."""
        if isinstance(account, EscrowAccount):
            self._put_off(account, since=account.version - replayed, size=0)

    def _put_off(self, account: EscrowAccount, *, since: int, size: int) -> None:
        self._due[account.id.int] = since + max(self._interval, 4 * len(account.contracts), size // BYTES_AN_EVENT)

    def due(self, accounts: Mapping[int, StreamState]) -> list[int]:
        """Those (by the integers of their ids) that have seen enough events since the last snapshot."""
        due, interval = self._due.get, self._interval
        return [account_id for account_id, account in accounts.items() if account.version >= due(account_id, interval)]

    def take(self, account: EscrowAccount) -> None:
        """Take a snapshot. To be called when memory equals what is durable."""
        state = encode_account(account).decode()
        self._put_off(account, since=account.version, size=len(state))
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(None, self._write, account.id, account.version, state)
        self._writing.add(future)
        future.add_done_callback(self._written)

    def _write(self, account_id: UUID, version: int, state: str) -> None:
        with self._pool.connection() as connection:
            connection.execute(_KEEP, [account_id, version, SNAPSHOT_TOPIC, state])
            connection.execute(_THIN, {"account_id": account_id, "version": version, "every": KEPT_EVERY})
        crash_point("snapshot.taken")

    def _written(self, future: "asyncio.Future[None]") -> None:
        self._writing.discard(future)
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self.taken += 1
        else:  # a cache: the next one will be larger, nothing is lost
            _log.warning("snapshot_not_kept", error=str(error))

    async def finish(self) -> None:
        """Wait for those being written."""
        if self._writing:
            await asyncio.wait(self._writing)
