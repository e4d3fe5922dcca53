"""Use cases of orders to a bank: a second person's word on them, and the bank's."""

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import ApproveInstruction, DeclineInstruction, SettleInstruction, SettlementOutcome
from ledger.storage.requests import Outcome


async def settle_instruction(
    ledger: Ledger,
    caller: Caller,
    *,
    bank: str,
    account_id: UUID,
    instruction_id: str,
    outcome: SettlementOutcome,
    amount_fen: int,
    bank_reference: str,
    reason: str,
    on: date,
) -> Outcome:
    """Record that the bank paid, rejected or got back an instruction.

    Raises `instruction_not_found`, `instruction_amount_differs`, `instruction_outcome_wrong`, `entry_reused`.
    """
    command = settlement(
        bank=bank,
        account_id=account_id,
        instruction_id=instruction_id,
        outcome=outcome,
        amount_fen=amount_fen,
        bank_reference=bank_reference,
        reason=reason,
        on=on,
    )
    return await record(ledger, caller, command)


def settlement(
    *,
    bank: str,
    account_id: UUID,
    instruction_id: str,
    outcome: SettlementOutcome,
    amount_fen: int,
    bank_reference: str,
    reason: str,
    on: date,
) -> SettleInstruction:
    """The command of a bank's word; its digest covers all that the bank says of the entry."""
    content = msgspec.json.encode((account_id.hex, instruction_id, outcome, amount_fen, on.isoformat()))
    return SettleInstruction(
        account_id=account_id,
        effective_on=on,
        bank=bank,
        instruction_id=instruction_id,
        outcome=outcome,
        amount_fen=amount_fen,
        bank_reference=bank_reference,
        digest=blake2b(content, digest_size=16).hexdigest(),
        reason=reason,
    )


async def approve_instructions(
    ledger: Ledger, caller: Caller, *, account_id: UUID, instruction_ids: Sequence[str], on: date
) -> Outcome:
    """Approve orders of an account as a second person, all or none.

    Raises `instruction_not_found`, `instruction_not_awaiting`, `instruction_same_person`,
    `instruction_not_institutions`, `account_frozen`, `account_suspended`.
    """
    command = ApproveInstruction(account_id=account_id, effective_on=on, instruction_ids=tuple(instruction_ids))
    return await record(ledger, caller, command)


async def decline_instruction(
    ledger: Ledger, caller: Caller, *, account_id: UUID, instruction_id: str, reason: str, on: date
) -> Outcome:
    """Decline an order that waits for approval: its money is where it was before.

    Raises `instruction_not_found`, `instruction_not_awaiting`, `instruction_same_person`,
    `instruction_not_institutions`.
    """
    command = DeclineInstruction(account_id=account_id, effective_on=on, instruction_id=instruction_id, reason=reason)
    return await record(ledger, caller, command)
