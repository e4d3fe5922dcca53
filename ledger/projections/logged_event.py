"""An event in its place in the log, as the views see it."""

import msgspec

from ledger.domain.account import Buckets
from ledger.domain.events import Event
from ledger.domain.evolution.moves import QUICK_MOVES
from ledger.domain.postings import Bucket, Posting, Postings

_FEW = 3


class LoggedEvent(msgspec.Struct, frozen=True, gc=False):
    """The `version`-th event of an account, at `position` of `partition`, with its postings worked out once.

    `totals` are the postings summed up by bucket where they are many: a class of thirty moves two buckets.
    """

    partition: int
    position: int
    account_id: str
    version: int
    event: Event
    postings: Postings
    totals: Postings


def totals(postings: Postings) -> Postings:
    """One posting a bucket; few postings stay as they are, since they cost less than their sum."""
    if len(postings) <= _FEW:
        return postings
    sums: dict[Bucket, int] = {}
    for bucket, _, amount_fen in postings:
        sums[bucket] = sums.get(bucket, 0) + amount_fen
    return tuple([Posting(bucket, "", amount_fen) for bucket, amount_fen in sums.items()])


def move(buckets: Buckets, at: LoggedEvent) -> None:
    """Move between the buckets what the event moves; the commonest events in fewer steps than by their postings."""
    quick = QUICK_MOVES.get(type(at.event)) if at.totals is at.postings else None
    if quick is not None:
        quick(buckets, at.event)
    else:
        for posting in at.totals:
            buckets.add(posting)
