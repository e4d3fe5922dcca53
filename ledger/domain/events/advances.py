"""Events of cost advances (按成本预拨): approved with the figures, instructed, paid or refused by the bank."""

from typing import ClassVar

from ledger.domain.events.base import BankEntryEvent, Event, topic


@topic("account.advance_approved")
class AdvanceApproved(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution may have `amount_fen` of its families' unconsumed fees before it teaches for them.

    `limit_fen` is what may be outstanding in all: `share_bp` of `eligible_fen`, at most `cap_fen` (0: no cap);
    `outstanding_fen` was outstanding before.
    """

    instruction_id: str
    amount_fen: int
    eligible_fen: int
    share_bp: int
    cap_fen: int
    limit_fen: int
    outstanding_fen: int


@topic("account.advance_instructed")
class AdvanceInstructed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank is asked to pay the advance to the institution's operating account; it counts as exposure from now."""

    instruction_id: str
    end_to_end_id: str
    amount_fen: int
    announced: bool = False
    needs_approval: bool = False


@topic("account.advance_paid")
class AdvancePaid(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank paid the advance; `unapproved`: though a second person should have approved it first."""

    credit: ClassVar[bool] = False

    instruction_id: str
    amount_fen: int
    unapproved: bool = False


@topic("account.advance_failed")
class AdvanceFailed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The advance was refused or declined. `recouped_fen` of it were paid back by lessons and are earned again."""

    instruction_id: str
    amount_fen: int
    recouped_fen: int
    reason: str
