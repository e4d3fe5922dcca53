"""Reads that anybody may make: no token, no row scope, nothing personal in what they tell.

A token that comes with one is not looked at: everybody is told the same. Requests are counted by the address that they
come from, as those of clients are by client. That a route is public is said once, in the table that `tests/api` tries
every route by.
"""

import msgspec
from fastapi import Request

from api.pages import AtLeast
from api.query import require_known_query
from api.ratelimit import RateLimits
from api.services import Books, Pool, Services


class PublicReading(msgspec.Struct, frozen=True):
    """One read by whoever."""

    books: Books
    pool: Pool


async def public_reading(request: Request, at_least: AtLeast = None) -> PublicReading:
    """A FastAPI dependency for a public GET, as fresh as `at_least` asks.

    Errors: ApiError `rate_limited`; those of `require_known_query`.
    """
    limits: RateLimits = request.app.state.rate_limits
    limits.count_client(f"address {request.client.host if request.client else ''}")
    require_known_query(request.scope)
    services: Services = request.app.state.services
    assert services.books is not None
    if at_least is not None:
        partition, _, position = at_least.partition(":")
        await services.books.reader.wait_for(int(partition), int(position))
    return PublicReading(services.books, services.pool)
