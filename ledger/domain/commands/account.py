"""Commands of regulator and clock to the account itself."""

from ledger.domain.commands.base import Command
from ledger.domain.events import FreezeScope, Listing


class OpenAccount(Command, frozen=True, kw_only=True, gc=False):
    """Open the supervised account `account_no` of an institution at a bank."""

    institution_id: str
    bank: str
    account_no: str
    district: str
    authorities: tuple[str, ...]
    pack: str = "default"


class ImportOpeningBalance(Command, frozen=True, kw_only=True, gc=False):
    """Take over the money that is at the bank already (fen); families' part goes to suspense."""

    cash_fen: int
    earned_fen: int
    reserve_fen: int
    suspense_fen: int
    document: str


class ChangeAuthority(Command, frozen=True, kw_only=True, gc=False):
    """Name the supervising authorities anew."""

    authorities: tuple[str, ...]
    reason: str


class AssignPolicy(Command, frozen=True, kw_only=True, gc=False):
    """Put the account under another policy pack."""

    pack: str
    reason: str


class RateInstitution(Command, frozen=True, kw_only=True, gc=False):
    """Record the institution's credit grade."""

    rating: str
    reason: str


class ListInstitution(Command, frozen=True, kw_only=True, gc=False):
    """Put the institution on a list, or back to normal."""

    listing: Listing
    reason: str


class FreezeAccount(Command, frozen=True, kw_only=True, gc=False):
    """Stop payouts, lessons, contracts or all of them."""

    scope: FreezeScope
    reason: str


class UnfreezeAccount(Command, frozen=True, kw_only=True, gc=False):
    """End a freeze."""

    scope: FreezeScope
    reason: str


class SuspendAccount(Command, frozen=True, kw_only=True, gc=False):
    """Force majeure: stop the clocks and the payouts from `effective_on` on."""

    reason: str


class ResumeAccount(Command, frozen=True, kw_only=True, gc=False):
    """Let the clocks and the payouts run again from `effective_on` on."""

    reason: str


class CloseDay(Command, frozen=True, kw_only=True, gc=False):
    """Let happen what the law lets happen by silence or lapse of time up to `effective_on`."""
