"""Rate limits: requests of one client in a second, token requests of one address in a minute.

They are counted in the memory of one server process: with several processes behind a balancer a client has the limit
once for each. They keep one client from crowding out the others; they are no defence against a flood. The windows are
fixed, so up to twice the limit may pass around the turn of one. Counting costs under a microsecond, which is why no
library does it.
"""

import math
import time
from collections.abc import Callable

from api.codes import ApiError


class RateLimits:
    """Counts requests of this process; a limit of 0 is no limit. `clock` gives seconds that never go back."""

    def __init__(
        self, *, client_per_s: int, token_per_minute: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clients = _Window(client_per_s, 1.0, clock)
        self._addresses = _Window(token_per_minute, 60.0, clock)

    def count_client(self, client_id: str) -> None:
        """Counts one request of the client. Errors: ApiError `rate_limited`, with Retry-After."""
        self._clients.count(client_id)

    def count_token_request(self, address: str) -> None:
        """Counts one token request of the address. Errors: ApiError `rate_limited`, with Retry-After."""
        self._addresses.count(address)


class _Window:
    """Counts by name in the present window; forgets them all when it ends, so memory is bounded by its requests."""

    def __init__(self, limit: int, length_s: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._length_s = length_s
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._ends_at = 0.0

    def count(self, name: str) -> None:
        if not self._limit:
            return
        now = self._clock()
        if now >= self._ends_at:
            self._counts.clear()
            self._ends_at = (now // self._length_s + 1) * self._length_s
        counted = self._counts.get(name, 0)
        if counted >= self._limit:
            retry_after_s = max(1, math.ceil(self._ends_at - now))
            raise ApiError("rate_limited", headers={"retry-after": str(retry_after_s)}, retry_after_s=retry_after_s)
        self._counts[name] = counted + 1
