"""One HTTP call to a receiver: signed, to a checked address, without redirects."""

import time
from datetime import datetime
from types import TracebackType
from typing import Final, Self

import httpx

from ledger.notifications.addresses import AddressRefused, resolve
from ledger.notifications.deliveries import Attempt, Waiting
from ledger.notifications.endpoints import Endpoint
from ledger.notifications.signatures import headers_of

TIMEOUT_S: Final = 15.0
GONE: Final = 410
"""By this status a receiver says that it wants nothing more."""


class Sender:
    """An async context manager over an HTTP client. `allow_private` lets calls into private networks."""

    def __init__(self, *, allow_private: bool, timeout_s: float = TIMEOUT_S) -> None:
        self._allow_private = allow_private
        self._http = httpx.AsyncClient(timeout=timeout_s, follow_redirects=False, trust_env=False)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def send(self, endpoint: Endpoint, waiting: Waiting, now: datetime) -> Attempt:
        """Send it once. A failure is an attempt like another, with no status and the reason in words."""
        body = waiting.body.encode()
        headers = headers_of(
            body, message_id=str(waiting.delivery_id), timestamp=int(now.timestamp()), keys=endpoint.keys(now)
        )
        headers |= {"content-type": "application/json", "user-agent": "escrow-ledger"}
        started = time.perf_counter()
        status, error = None, ""
        try:
            target = await resolve(endpoint.url, allow_private=self._allow_private)
            request = self._http.build_request(
                "POST",
                target.url,
                content=body,
                headers=headers | {"host": target.host},
                extensions={"sni_hostname": target.name},
            )
            answer = await self._http.send(request, stream=True)
            status = answer.status_code
            await answer.aclose()  # what it says beside the status is not read
        except AddressRefused as refused:
            error = str(refused)
        except httpx.HTTPError as failed:
            error = f"{type(failed).__name__}: {failed}"[:200]
        duration_ms = round((time.perf_counter() - started) * 1_000)
        return Attempt(number=waiting.attempts + 1, at=now, status=status, error=error, duration_ms=duration_ms)


def is_delivered(attempt: Attempt) -> bool:
    """Whether the receiver took it: any status of success."""
    return attempt.status is not None and 200 <= attempt.status < 300
