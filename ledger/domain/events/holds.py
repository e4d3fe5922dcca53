"""Events of money that stays: minimum balance, held funds, demanded top-ups."""

from datetime import date

from ledger.domain.events.base import Event, topic
from ledger.domain.events.clocks import Term


@topic("account.minimum_balance_held")
class MinimumBalanceHeld(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """No payout may leave less than `amount_fen`; `formula` and its `inputs` (fen, counts) say why."""

    amount_fen: int
    formula: str
    inputs: dict[str, int]


@topic("account.funds_held")
class FundsHeld(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Part of the institution's earned money is not payable until the hold is released."""

    hold_id: str
    amount_fen: int
    reason: str


@topic("account.hold_released")
class HoldReleased(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A hold ended."""

    hold_id: str
    amount_fen: int
    reason: str


@topic("account.top_up_demanded")
class TopUpDemanded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money is missing: the institution owes `amount_fen` by `due_on`; payouts stop.

    `minimum_fen` is missing for the minimum balance, `cover_fen` of families' money; the greater is demanded. The
    amount of an open demand may change, its due day does not. `term` says how the day was counted.
    """

    amount_fen: int
    due_on: date
    minimum_fen: int = 0
    cover_fen: int = 0
    term: Term | None = None


@topic("account.top_up_overdue")
class TopUpOverdue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A demanded top-up was not there at the first daily close after its due day."""

    amount_fen: int
    due_on: date


@topic("account.top_up_met")
class TopUpMet(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nothing is missing any more, and nothing demanded."""

    cash_fen: int
