"""Older payloads of events, brought to the shape of today when they are read. Stored bytes never change."""

from collections.abc import Callable
from typing import Any

from ledger.domain.events import FeePaid

Payload = dict[str, Any]


def _fee_paid_1_to_2(payload: Payload) -> None:
    """Version 1 named no packages: a payment was for the contract's first one."""
    payload["lines"] = [{"package": 1, "amount_fen": payload["amount_fen"]}]


UPCASTS: dict[tuple[str, int], Callable[[Payload], None]] = {
    (FeePaid.topic, 1): _fee_paid_1_to_2,
}
"""(topic, version of the payload) -> what makes it the next version, in place."""
