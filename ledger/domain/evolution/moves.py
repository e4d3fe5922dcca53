"""What the commonest events move between buckets, in fewer steps than by their postings, and never otherwise.

`POSTINGS` says what every event moves; these functions do the same for the events that are the load. A test compares
the two over every event that has one.
"""

from collections.abc import Callable
from typing import Any

from ledger.domain.account import Buckets
from ledger.domain.events import DepositHeldInSuspense, Event, FeePaid, LessonDrawn


def _fee(b: Buckets, e: FeePaid) -> None:
    b.cash += e.amount_fen
    if e.pays_bill:
        b.earned += e.amount_fen
    else:
        b.prepaid += e.amount_fen


def _suspense(b: Buckets, e: DepositHeldInSuspense) -> None:
    b.cash += e.amount_fen
    b.suspense += e.amount_fen


def _drawn(b: Buckets, e: LessonDrawn) -> None:
    amount_fen = 0
    for line in e.lines:
        amount_fen += line.amount_fen
    b.prepaid -= amount_fen
    b.earned += amount_fen


QUICK_MOVES: dict[type[Event], Callable[[Buckets, Any], None]] = {
    FeePaid: _fee,
    DepositHeldInSuspense: _suspense,
    LessonDrawn: _drawn,
}
