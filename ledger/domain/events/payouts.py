"""Events of payouts to the institution: due by a schedule, announced, instructed, settled, failed."""

from datetime import date
from typing import ClassVar

from ledger.domain.events.base import BankEntryEvent, Event, topic


@topic("account.payout_fell_due")
class PayoutFellDue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A span of the payout schedule ended: `amount_fen` were payable on its last day and are to be paid by `due_on`."""

    schedule: str
    period_ends_on: date
    due_on: date
    amount_fen: int


@topic("account.payout_announced")
class PayoutAnnounced(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A large withdrawal was announced: up to `amount_fen`, once, from `payable_on`. A new one replaces it."""

    amount_fen: int
    payable_on: date


@topic("account.order_finished")
class OrderFinished(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A contract's whole order is taught or refunded: what was drawn for it may be paid out from `releasable_on`.

    `contract_id` is empty for draws of contracts that left the account earlier.
    """

    contract_id: str
    amount_fen: int
    releasable_on: date


@topic("account.payout_instructed")
class PayoutInstructed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank is asked to pay earned lessons to the institution's operating account.

    `schedule` is empty for a payout that the institution asked for; `announced` says that it uses the announcement.
    `needs_approval`: a second person has to approve it first, as of every order to the bank.
    """

    instruction_id: str
    end_to_end_id: str
    amount_fen: int
    schedule: str = ""
    announced: bool = False
    needs_approval: bool = False


@topic("account.payout_settled")
class PayoutSettled(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank paid the institution; `unapproved`: though a second person should have approved it first."""

    credit: ClassVar[bool] = False

    instruction_id: str
    amount_fen: int
    unapproved: bool = False


@topic("account.payout_failed")
class PayoutFailed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The payout was refused by the bank, or declined before; the money is earned and unpaid again."""

    instruction_id: str
    amount_fen: int
    reason: str
