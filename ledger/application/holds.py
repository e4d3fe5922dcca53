"""Use cases of the regulator that keep money in the account: the minimum balance, and holds on earned money."""

from datetime import date
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import HoldFunds, ReleaseHold, SetMinimumBalance
from ledger.storage.requests import Outcome


async def set_minimum_balance(
    ledger: Ledger, caller: Caller, *, account_id: UUID, amount_fen: int, reason: str, on: date
) -> Outcome:
    """Fix the minimum balance; what is missing is demanded at once."""
    command = SetMinimumBalance(account_id=account_id, effective_on=on, amount_fen=amount_fen, reason=reason)
    return await record(ledger, caller, command)


async def hold_funds(
    ledger: Ledger, caller: Caller, *, account_id: UUID, hold_id: str, amount_fen: int, reason: str, on: date
) -> Outcome:
    """Keep earned money from being paid out. Raises `hold_exists`."""
    command = HoldFunds(account_id=account_id, effective_on=on, hold_id=hold_id, amount_fen=amount_fen, reason=reason)
    return await record(ledger, caller, command)


async def release_hold(
    ledger: Ledger, caller: Caller, *, account_id: UUID, hold_id: str, reason: str, on: date
) -> Outcome:
    """End a hold. Raises `hold_not_found`."""
    return await record(
        ledger, caller, ReleaseHold(account_id=account_id, effective_on=on, hold_id=hold_id, reason=reason)
    )
