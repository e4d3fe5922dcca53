"""Commands about orders to the bank before it has spoken: approve, decline, put into a message."""

from datetime import date, datetime

from ledger.domain.commands.base import Command


class ApproveInstruction(Command, frozen=True, kw_only=True, gc=False):
    """Approve orders of the account as a second person."""

    instruction_ids: tuple[str, ...]


class DeclineInstruction(Command, frozen=True, kw_only=True, gc=False):
    """Decline an order that waits for approval."""

    instruction_id: str
    reason: str


class ExportInstructions(Command, frozen=True, kw_only=True, gc=False):
    """Put these orders of the account, as far as they may go, into the message; the same message once an account."""

    bank: str
    message_id: str
    message_at: datetime
    execute_on: date
    instruction_ids: tuple[str, ...]
