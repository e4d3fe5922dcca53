"""Use cases of receipts in suspense: what they may pay, matched to a contract, or sent back."""

import asyncio
from datetime import date
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import MatchSuspense, ReturnSuspense
from ledger.domain.suspense_suggestions import Suggestion, suggest_contracts
from ledger.storage.requests import Outcome


async def match_suspense(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    suspense_id: str,
    contract_id: str,
    amount_fen: int,
    reason: str,
    on: date,
    transfer_id: str = "",
) -> Outcome:
    """Say that a receipt pays a contract, or is the money of a transfer to it.

    Raises `suspense_not_found`, `suspense_too_small`, `contract_overpaid`; with a transfer `transfer_not_found`,
    `transfer_amount_differs`.
    """
    command = MatchSuspense(
        account_id=account_id,
        effective_on=on,
        suspense_id=suspense_id,
        contract_id=contract_id,
        amount_fen=amount_fen,
        reason=reason,
        transfer_id=transfer_id,
    )
    return await record(ledger, caller, command)


async def suggest_matches(
    ledger: Ledger, *, account_id: UUID, suspense_id: str, contract_reference: str
) -> list[Suggestion]:
    """The contracts and transfers that a receipt may pay, worked out on the account as it is recorded now."""
    account = await asyncio.to_thread(ledger.account_at_version, account_id)
    return await asyncio.to_thread(suggest_contracts, account, suspense_id, contract_reference)


async def return_suspense(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    suspense_id: str,
    instruction_id: str,
    reason: str,
    on: date,
) -> Outcome:
    """Ask the bank to send a receipt back. Raises `suspense_not_found`, `suspense_return_pending`."""
    command = ReturnSuspense(
        account_id=account_id,
        effective_on=on,
        suspense_id=suspense_id,
        instruction_id=instruction_id,
        reason=reason,
    )
    return await record(ledger, caller, command)
