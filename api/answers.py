"""Answers of commands: what was recorded and where, built from the recorded events alone.

Because nothing else goes into them, a repeated request gets the first answer byte for byte.
"""

from typing import TypeVar

import msgspec
from starlette.responses import Response

from ledger.domain.events import Event
from ledger.storage.requests import Outcome

E = TypeVar("E", bound=Event)

_encode = msgspec.json.encode


class Receipt(msgspec.Struct, kw_only=True):
    """A command's place in the log. Give `partition:position` as `at_least` to a read that has to show it.

    `events` are the topics of what was recorded; empty when nothing needed to change.
    """

    account_id: str
    partition: int
    position: int
    version: int
    events: list[str]


def receipt_fields(outcome: Outcome) -> dict[str, str | int | list[str]]:
    """The fields of every receipt."""
    return {
        "account_id": str(outcome.account_id),
        "partition": outcome.partition,
        "position": outcome.position,
        "version": outcome.version,
        "events": [event.topic for event in outcome.events],
    }


def receipt_of(outcome: Outcome) -> Receipt:
    """The plain receipt."""
    return msgspec.convert(receipt_fields(outcome), Receipt)


def recorded(receipt: msgspec.Struct, outcome: Outcome, status: int = 200) -> Response:
    """The answer of one recorded command."""
    headers = {"etag": f'"{outcome.version}"'}
    if outcome.replayed:
        headers["idempotency-replayed"] = "true"
    return Response(_encode(receipt), status, headers, "application/json")


def receipt(outcome: Outcome) -> Response:
    """The answer of a recorded command that says nothing but its place in the log."""
    return recorded(receipt_of(outcome), outcome)


def found(value: object, *, version: int | None = None) -> Response:
    """The answer of a read; `version` is the account's."""
    return _answered(value, {} if version is None else {"etag": f'"{version}"'})


def item_results(value: object, *, replayed: bool) -> Response:
    """The answer of a request with one result an item; `replayed` when every item was recorded before."""
    return _answered(value, {"idempotency-replayed": "true"} if replayed else {})


def _answered(value: object, headers: dict[str, str]) -> Response:
    return Response(_encode(value), 200, headers, "application/json")


def first(outcome: Outcome, kind: type[E]) -> E | None:
    """The first event of that kind, if the command caused one."""
    return next((event for event in outcome.events if isinstance(event, kind)), None)
