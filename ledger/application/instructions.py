"""The use case of a bank's word on an instruction."""

from datetime import date
from hashlib import blake2b
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import SettleInstruction, SettlementOutcome
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
    content = msgspec.json.encode((account_id.hex, instruction_id, outcome, amount_fen, on.isoformat()))
    command = SettleInstruction(
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
    return await record(ledger, caller, command)
