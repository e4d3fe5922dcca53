"""Events of payment orders on their way to the bank: approved by a second person, declined, put into a message."""

from datetime import date, datetime
from typing import Literal

from ledger.domain.events.base import Event, Value, topic

InstructionKind = Literal["payout", "advance", "refund", "suspense_return", "transfer"]


class PaymentOrder(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An order to the bank: what it pays (`subject_id` is the refund or the suspense item) and how much."""

    instruction_id: str
    kind: InstructionKind
    subject_id: str
    amount_fen: int


class ExportedOrder(PaymentOrder, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An order as it stands in a message: with the opaque `route` to pay to, and the reference of the entry that it
    sends back. Both are empty for money to the institution's own account."""

    end_to_end_id: str
    route: str = ""
    payment_reference: str = ""


@topic("account.instruction_approved")
class InstructionApproved(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A second person approved orders of the account, which `makers` had made: they may go to the bank."""

    orders: tuple[PaymentOrder, ...]
    makers: tuple[str, ...]


@topic("account.instruction_declined")
class InstructionDeclined(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A second person declined an order: it never went to the bank. The event after it says where its money is."""

    instruction_id: str
    kind: InstructionKind
    subject_id: str
    amount_fen: int
    maker: str
    reason: str


@topic("account.instruction_exported")
class InstructionExported(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Orders of the account were put into a message to its bank, once and for all.

    With the other accounts' events of the same `message_id` this is the whole content of the message, which is
    therefore made again from the log alone; `message_at` and `execute_on` are the same in all of them.
    """

    bank: str
    account_no: str
    institution_id: str
    message_id: str
    message_at: datetime
    execute_on: date
    orders: tuple[ExportedOrder, ...]
