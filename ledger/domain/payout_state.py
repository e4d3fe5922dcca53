"""The working state of payouts: this month's sum, what the schedule owes, what was announced."""

from datetime import date

import msgspec


class Announcement(msgspec.Struct, frozen=True):
    """A large withdrawal that was announced: up to `amount_fen`, once, from `payable_on`."""

    amount_fen: int
    payable_on: date


class PayoutState(msgspec.Struct, kw_only=True):
    """What limits and schedules need to know of earlier payouts; none of it grows."""

    month: str = ""
    """The latest calendar month (YYYY-MM) of a payout or advance."""
    month_fen: int = 0
    """What was instructed in it, less what failed."""
    due_fen: int = 0
    """What fell due by the schedule and is not instructed yet."""
    period_ends_on: date | None = None
    """The last span of the schedule that fell due."""
    clock_on: date | None = None
    """The latest day on which the clock instructed a payout: once a day."""
    announcement: Announcement | None = None
    earned_on: dict[str, int] = {}
    """What was earned and payable at once less what was taken back, in fen by its day (ISO date): a close of an earlier
    day leaves it out."""
