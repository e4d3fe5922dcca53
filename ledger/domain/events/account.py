"""Events of the account itself: opening, authorities, policy, rating, listing, freezing."""

from typing import Literal

from ledger.domain.events.base import Event, topic

Listing = Literal["normal", "white", "watch", "black"]
FreezeScope = Literal["all", "payouts", "lessons", "contracts"]


@topic("account.opened")
class AccountOpened(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The regulator opened the supervised account of one institution at one bank."""

    institution_id: str
    bank: str
    account_no: str
    district: str
    authorities: tuple[str, ...]
    pack: str


@topic("account.opening_balance_imported")
class OpeningBalanceImported(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money already at the bank when supervision began; families' part waits in suspense for their contracts."""

    cash_fen: int
    earned_fen: int
    reserve_fen: int
    suspense_fen: int
    suspense_id: str
    document: str


@topic("account.authority_changed")
class AuthorityChanged(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The authorities that supervise the account; a licence can have two."""

    authorities: tuple[str, ...]
    reason: str


@topic("account.policy_assigned")
class PolicyAssigned(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The account follows another policy pack from this event on."""

    pack: str
    reason: str


@topic("account.rating_changed")
class RatingChanged(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution's credit grade."""

    rating: str
    reason: str


@topic("account.listing_changed")
class ListingChanged(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution's place on the white list, watch list or blacklist."""

    listing: Listing
    reason: str


@topic("account.frozen")
class AccountFrozen(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The regulator stopped part of the account's traffic; refunds always go on."""

    scope: FreezeScope
    reason: str


@topic("account.unfrozen")
class AccountUnfrozen(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A freeze ended."""

    scope: FreezeScope
    reason: str
