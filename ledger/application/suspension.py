"""Use cases of force majeure: an account's clocks and payouts stand still, and run again."""

from datetime import date
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import ResumeAccount, SuspendAccount
from ledger.storage.requests import Outcome


async def suspend_account(ledger: Ledger, caller: Caller, *, account_id: UUID, reason: str, on: date) -> Outcome:
    """Stop the clocks and the payouts. Raises `account_suspended`."""
    return await record(ledger, caller, SuspendAccount(account_id=account_id, effective_on=on, reason=reason))


async def resume_account(ledger: Ledger, caller: Caller, *, account_id: UUID, reason: str, on: date) -> Outcome:
    """Let them run again. Raises `account_not_suspended`, `resumed_before_suspended`."""
    return await record(ledger, caller, ResumeAccount(account_id=account_id, effective_on=on, reason=reason))
