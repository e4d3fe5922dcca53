"""Events of payouts to the institution: instructed, settled, failed."""

from ledger.domain.events.base import BankEntryEvent, Event, topic


@topic("account.payout_instructed")
class PayoutInstructed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank is asked to pay earned lessons to the institution's operating account."""

    instruction_id: str
    end_to_end_id: str
    amount_fen: int


@topic("account.payout_settled")
class PayoutSettled(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank paid the institution."""

    instruction_id: str
    amount_fen: int


@topic("account.payout_failed")
class PayoutFailed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank refused the payout; the money is earned and unpaid again."""

    instruction_id: str
    amount_fen: int
    reason: str
