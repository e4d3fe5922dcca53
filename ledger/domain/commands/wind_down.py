"""Commands of an institution's end: its notice, the wind-down and its steps."""

from datetime import date

from ledger.domain.commands.base import Command


class NotifyClosure(Command, frozen=True, kw_only=True, gc=False):
    """The institution gives notice that it closes on `closes_on`."""

    closes_on: date
    reason: str


class StartWindDown(Command, frozen=True, kw_only=True, gc=False):
    """Wind the institution up: stop everything but families' money."""

    reason: str


class ContinueWindDown(Command, frozen=True, kw_only=True, gc=False):
    """The next page of whatever the wind-down has begun; nothing when there is none."""


class DistributeClaims(Command, frozen=True, kw_only=True, gc=False):
    """Share what cash is there among all claims that are not covered."""


class CloseWindDown(Command, frozen=True, kw_only=True, gc=False):
    """End the wind-down with its report; `reason` says why money that was given could not be paid, if some was not."""

    reason: str = ""
