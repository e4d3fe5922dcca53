"""What there is to be told of, and which permission each kind takes."""

from collections.abc import Iterable
from typing import Final

from ledger.domain.errors import LedgerError

PERMISSIONS: Final = {"alert": "alerts:read", "instruction": "instructions:read", "refund": "refunds:read"}
"""Kind of change -> the permission by which the same things are read."""

TOPICS: Final = (
    "alert.acknowledged",
    "alert.assigned",
    "alert.escalated",
    "alert.raised",
    "alert.resolved",
    "alert.silenced",
    "instruction.approved",
    "instruction.declined",
    "instruction.exported",
    "instruction.given",
    "instruction.rejected",
    "instruction.returned",
    "instruction.settled",
    "refund.agreed",
    "refund.contested",
    "refund.instructed",
    "refund.overdue",
    "refund.paid",
    "refund.quoted",
    "refund.rejected",
    "refund.requested",
    "refund.returned",
    "refund.withdrawn",
)


def kind_of(topic: str) -> str:
    """`refund` of `refund.paid`."""
    return topic.partition(".")[0]


def expand(named: Iterable[str]) -> frozenset[str]:
    """The topics of these names, where `refund.*` stands for all of a kind; all there are if none is named.

    Raises LedgerError `topic_unknown`.
    """
    wanted = list(named)
    found: set[str] = set()
    for name in wanted:
        matching = {topic for topic in TOPICS if topic == name or name == f"{kind_of(topic)}.*"}
        if not matching:
            raise LedgerError("topic_unknown", topic=name)
        found |= matching
    return frozenset(found) if wanted else frozenset(TOPICS)
