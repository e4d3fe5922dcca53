"""The queue before the writer: units in the order in which they came, and a signal that there are some."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from ledger.domain.errors import LedgerError
from ledger.storage.units import Unit


class WaitingUnits:
    """Units that are not decided yet. Those that go back, because their batch was not recorded, are the next again."""

    def __init__(self, limit: int) -> None:
        self._units: deque[Unit] = deque()
        self._limit = limit
        self._signal = asyncio.Event()

    def __len__(self) -> int:
        return len(self._units)

    def require_room(self) -> None:
        """Raises `queue_full` when no more can wait now."""
        if len(self._units) >= self._limit:
            raise LedgerError("queue_full", waiting=len(self._units))

    def put(self, units: Iterable[Unit]) -> None:
        """They wait behind all others."""
        self._units.extend(units)
        self._signal.set()

    def put_back(self, units: list[Unit]) -> None:
        """They are the next, in this order."""
        self._units.extendleft(reversed(units))

    def take(self, room: int, *, only: Callable[[Unit], bool] | None = None) -> list[Unit]:
        """The next ones, until they have as many requests as there is room for; they end where `only` says no.

        Units whose callers have gone away are left out.
        """
        waiting, units = self._units, list[Unit]()
        while waiting and room > 0 and (only is None or only(waiting[0])):
            unit = waiting.popleft()
            if not unit.abandoned:
                units.append(unit)
                room -= len(unit.requests)
        return units

    def tell_all(self, error: Exception) -> None:
        """Everybody who waits is told this, and nobody waits any more."""
        for unit in self._units:
            unit.tell(error)
        self._units.clear()

    def wake(self) -> None:
        """End `come` although nobody may wait."""
        self._signal.set()

    async def come(self) -> None:
        """Wait until somebody was put here, or `wake` was called."""
        await self._signal.wait()
        self._signal.clear()
