"""Use cases of continuity: an institution offers, a family accepts, and its value moves in both accounts at once.

What leaves one account and what the other takes over are recorded together or not at all, so that a crash leaves a
family in exactly one of them. An acceptance waits until its transfer is possible: anybody may try it again.
"""

import asyncio
from datetime import date
from typing import Final
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.reading import as_uuid
from ledger.application.recording import record
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import AcceptContinuity, InstructTransfer, OfferContinuity, RevokeContinuity
from ledger.domain.continuity_commands import transfer_commands
from ledger.domain.errors import LedgerError
from ledger.storage.crash_points import crash_point
from ledger.storage.requests import Outcome, Request

_PASSING: Final = frozenset({"queue_full", "ledger_stopping", "outcome_unknown"})
"""Refusals that say nothing about the transfer."""


async def offer_continuity(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    offer_id: str,
    from_account_id: str,
    course_id: str,
    lesson_minutes: int,
    ends_on: date,
    until_on: date,
    on: date,
) -> Outcome:
    """Declare the willingness to go on for families of another account.

    Raises `account_closing`, `account_blacklisted`, `continuity_self`, `continuity_dates_wrong`.
    """
    command = OfferContinuity(
        account_id=account_id,
        effective_on=on,
        offer_id=offer_id,
        from_account_id=from_account_id,
        course_id=course_id,
        lesson_minutes=lesson_minutes,
        ends_on=ends_on,
        until_on=until_on,
    )
    return await record(ledger, caller, command)


async def accept_continuity(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    contract_id: str,
    offer_id: str,
    to_account_id: str,
    on: date,
) -> Outcome:
    """The family chooses; its value moves at once where it can. The outcome is that of the choice.

    Raises `contract_not_found`, `continuity_not_open`, `continuity_too_late`, `continuity_not_offered`.
    """
    await _require_offer(ledger, account_id, offer_id, to_account_id)
    command = AcceptContinuity(
        account_id=account_id,
        effective_on=on,
        contract_id=contract_id,
        offer_id=offer_id,
        to_account_id=to_account_id,
    )
    outcome = await record(ledger, caller, command)
    await carry_out_transfers(ledger, caller.actor, account_id, only=contract_id)
    return outcome


async def _require_offer(ledger: Ledger, account_id: UUID, offer_id: str, to_account_id: str) -> None:
    """An offer that nobody made is refused to the family now; whether it is still open the transfer will say."""
    other = as_uuid(to_account_id)
    account = None if other is None else await asyncio.to_thread(ledger.account_at_version, other)
    offer = None if account is None else account.offers.get(offer_id)
    if offer is None or offer.from_account_id != str(account_id):
        raise LedgerError("continuity_not_offered", offer_id=offer_id)


async def revoke_continuity(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, reason: str, on: date
) -> Outcome:
    """The family has a refund instead. Raises `contract_not_found`, `continuity_not_accepted`."""
    command = RevokeContinuity(account_id=account_id, effective_on=on, contract_id=contract_id, reason=reason)
    return await record(ledger, caller, command)


async def instruct_transfer(ledger: Ledger, caller: Caller, *, account_id: UUID, transfer_id: str, on: date) -> Outcome:
    """Ask the bank again. Raises `transfer_not_found`, `transfer_under_way`."""
    command = InstructTransfer(account_id=account_id, effective_on=on, transfer_id=transfer_id)
    return await record(ledger, caller, command)


async def carry_out_transfers(
    ledger: Ledger, actor: str, account_id: UUID, *, only: str | None = None
) -> dict[str, int]:
    """Move every contract whose family accepted, or one of them, as far as it can move now; how many ended how, by
    `done` or the refusal. One that cannot move stays accepted."""
    account = await asyncio.to_thread(ledger.account_at_version, account_id)
    chosen = sorted(
        contract_id
        for contract_id, contract in account.contracts.items()
        if contract.continuity is not None and only in (None, contract_id)
    )
    ended: dict[str, int] = {}
    for contract_id in chosen:
        result = await _try(ledger, actor, account, contract_id)
        ended[result] = ended.get(result, 0) + 1
    return ended


async def _try(ledger: Ledger, actor: str, account: EscrowAccount, contract_id: str) -> str:
    """One transfer, planned on the account as it was read; a change since then is refused, and planned anew later."""
    try:
        await transfer_contract(ledger, actor, account, contract_id)
    except LedgerError as refusal:
        if refusal.code in _PASSING:
            raise
        return refusal.code
    return "done"


async def transfer_contract(ledger: Ledger, actor: str, account: EscrowAccount, contract_id: str) -> list[Outcome]:
    """Record both halves of a contract's transfer, or none.

    Raises `continuity_not_accepted`, `continuity_nothing`, `continuity_not_covered`, `continuity_not_offered`,
    `continuity_changed`, `contract_lessons_open`, `contract_refund_open`, or what bars the other account.
    """
    contract = account.contracts.get(contract_id)
    if contract is None or contract.continuity is None:
        raise LedgerError("continuity_not_accepted", contract_id=contract_id)
    other_id = UUID(contract.continuity.to_account_id)
    other = await asyncio.to_thread(ledger.account_at_version, other_id)
    leave, take_over = transfer_commands(
        account, contract_id, to_bank=other.bank, to_account_no=other.account_no, on=ledger.today()
    )
    crash_point("continuity.planned")
    outcomes = await ledger.execute_atomically([Request(leave, actor), Request(take_over, actor)])
    crash_point("continuity.moved")
    return outcomes
