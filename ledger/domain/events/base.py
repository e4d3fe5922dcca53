"""What every event of an account carries, and the registry of explicit, stable topics."""

from collections.abc import Callable
from datetime import date, datetime
from typing import ClassVar, TypeVar
from uuid import UUID

import msgspec

TOPICS: "dict[str, type[Event]]" = {}
"""Topic -> event class. A topic is stored data: it never changes and is never used again."""

E = TypeVar("E", bound="type[Event]")


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A part of an event."""


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An immutable fact of one account. Amounts are integer fen; no personal data, only opaque ids.

    `recorded_at` is the UTC instant of the decision, `effective_on` the day it counts for, `actor` who asked
    (`role:client`), `cause` the command's name or `clock`; `policy` and `rules` name the pack version and
    the rule ids where a rule decided, so that replay never reads today's law.
    """

    topic: ClassVar[str] = ""
    class_version: ClassVar[int] = 1

    recorded_at: datetime
    effective_on: date
    actor: str
    cause: str
    policy: str | None = None
    rules: tuple[str, ...] = ()


class BankEntryEvent(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An event made by one entry of the bank's books.

    `bank`, `bank_reference` and the direction name the entry, unique over all accounts of that bank: both sides of one
    booking, or a payment and its reversal, may share a reference. `digest` is the hex digest of the entry's whole
    content, by which a repeated entry is told from a changed one. `credit`: whether such an entry brings money.
    """

    credit: ClassVar[bool] = True

    bank: str
    bank_reference: str
    digest: str


def topic(name: str, version: int = 1) -> Callable[[E], E]:
    """Register an event class under its explicit topic and payload version."""

    def register(cls: E) -> E:
        assert name not in TOPICS, f"topic {name} is used twice"
        cls.topic = name
        cls.class_version = version
        TOPICS[name] = cls
        return cls

    return register


class RecordedEvent:
    """An event in its place: the `version`-th of its account (a domain event of the eventsourcing library)."""

    __slots__ = ("event", "originator_id", "originator_version")

    def __init__(self, originator_id: UUID, originator_version: int, event: Event) -> None:
        self.originator_id = originator_id
        self.originator_version = originator_version
        self.event = event

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RecordedEvent)
            and self.originator_id == other.originator_id
            and self.originator_version == other.originator_version
            and self.event == other.event
        )

    def __hash__(self) -> int:
        return hash((self.originator_id, self.originator_version))

    def __repr__(self) -> str:
        return f"RecordedEvent({self.originator_id}, {self.originator_version}, {self.event!r})"
