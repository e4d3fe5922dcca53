"""Rate limits: requests of one client in a second, token requests of one address in a minute.

They are counted in the memory of one server process: with several processes behind a balancer a client has the limit
once for each. They keep one client from crowding out the others; they are no defence against a flood.
"""

import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from api.codes import ApiError

_CLIENT: Final = "client"
_TOKEN: Final = "token"


class RateLimits:
    """Counts requests of this process; a limit of 0 is no limit."""

    def __init__(self, *, client_per_s: int, token_per_minute: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._client = RateLimitItemPerSecond(client_per_s) if client_per_s else None
        self._token = RateLimitItemPerMinute(token_per_minute) if token_per_minute else None

    def count_client(self, client_id: str) -> None:
        """Counts one request of the client. Errors: ApiError `rate_limited`, with Retry-After."""
        if self._client is not None:
            self._count(self._client, _CLIENT, client_id)

    def count_token_request(self, address: str) -> None:
        """Counts one token request of the address. Errors: ApiError `rate_limited`, with Retry-After."""
        if self._token is not None:
            self._count(self._token, _TOKEN, address)

    def _count(self, item: RateLimitItem, kind: str, identifier: str) -> None:
        if self._limiter.hit(item, kind, identifier):
            return
        reset_at = self._limiter.get_window_stats(item, kind, identifier).reset_time
        retry_after_s = max(1, math.ceil(reset_at - time.time()))
        raise ApiError("rate_limited", headers={"retry-after": str(retry_after_s)}, retry_after_s=retry_after_s)
