"""What each event changes in the working state: evolution computes and never refuses."""

from collections.abc import Callable
from typing import Any

from ledger.domain.account import Buckets, EscrowAccount
from ledger.domain.events import TOPICS, Event
from ledger.domain.evolution.account import ACCOUNT, Handlers
from ledger.domain.evolution.alerts import DETECTION
from ledger.domain.evolution.cases import CASES
from ledger.domain.evolution.clocks import CLOCKS
from ledger.domain.evolution.continuity import CONTINUITY
from ledger.domain.evolution.contracts import CONTRACTS
from ledger.domain.evolution.fees import FEES
from ledger.domain.evolution.kept_fees import KEPT_FEES
from ledger.domain.evolution.lessons import LESSONS
from ledger.domain.evolution.moves import QUICK_MOVES
from ledger.domain.evolution.payouts import PAYOUTS
from ledger.domain.evolution.reconciliation import RECONCILIATION
from ledger.domain.evolution.refunds import REFUNDS
from ledger.domain.evolution.wind_down import WIND_DOWN
from ledger.domain.postings import POSTINGS


def _nothing(_: EscrowAccount, __: Event) -> None:
    return


EVOLUTION: Handlers = (
    dict.fromkeys(TOPICS.values(), _nothing)
    | ACCOUNT
    | CONTRACTS
    | FEES
    | LESSONS
    | REFUNDS
    | PAYOUTS
    | KEPT_FEES
    | CLOCKS
    | WIND_DOWN
    | CONTINUITY
    | CASES
    | DETECTION
    | RECONCILIATION
)


_STEPS: dict[type[Event], tuple[Callable[[Buckets, Any], None] | None, Callable[[Any, Any], None]]] = {
    cls: (QUICK_MOVES.get(cls), change) for cls, change in EVOLUTION.items()
}


def evolve(account: Any, event: Event) -> None:
    """Apply one event to its stream's state: postings to the buckets, the rest to the details, one version more."""
    cls = type(event)
    move, change = _STEPS[cls]
    if move is not None:
        move(account.buckets, event)
        account.movements += 1
    else:
        moved = POSTINGS[cls](event)
        if moved:
            add = account.buckets.add
            for posting in moved:
                add(posting)
            account.movements += 1
    change(account, event)
    account.version += 1


__all__ = ["EVOLUTION", "evolve"]
