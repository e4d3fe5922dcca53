"""Limits at, below and above their bound, and when a window ends."""

import pytest

from api.codes import ApiError
from api.ratelimit import RateLimits


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_requests_above_the_limit_are_refused_until_the_window_ends() -> None:
    clock = Clock()
    limits = RateLimits(client_per_s=2, token_per_minute=1, clock=clock)
    limits.count_client("a")
    limits.count_client("a")
    limits.count_client("b")
    for _ in range(2):
        with pytest.raises(ApiError) as refused:
            limits.count_client("a")
        assert refused.value.code == "rate_limited"
        assert refused.value.headers == {"retry-after": "1"}
    clock.now_s = 101.0
    limits.count_client("a")


def test_token_requests_have_a_window_of_their_own() -> None:
    clock = Clock()
    limits = RateLimits(client_per_s=1, token_per_minute=1, clock=clock)
    limits.count_token_request("10.0.0.1")
    limits.count_client("10.0.0.1")
    with pytest.raises(ApiError) as refused:
        limits.count_token_request("10.0.0.1")
    assert refused.value.figures == {"retry_after_s": 20}
    limits.count_token_request("10.0.0.2")


def test_limit_of_zero_is_no_limit() -> None:
    limits = RateLimits(client_per_s=0, token_per_minute=0)
    for _ in range(100):
        limits.count_client("a")
        limits.count_token_request("a")
