"""The two commands of one transfer: what leaves one account is exactly what the other takes over."""

from datetime import date
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import ReceiveContinuity, TransferContinuity
from ledger.domain.continuity import plan_continuity
from ledger.domain.errors import LedgerError


class TransferCommands(NamedTuple):
    """To be recorded together or not at all."""

    leave: TransferContinuity
    take_over: ReceiveContinuity


def transfer_commands(
    account: EscrowAccount, contract_id: str, *, to_bank: str, to_account_no: str, on: date
) -> TransferCommands:
    """The transfer that a family accepted, as the account stands.

    The ids follow from the account's version, which every transfer moves on: planned twice, it is the same transfer.
    Raises `contract_not_found`, `continuity_not_accepted` and what `plan_continuity` refuses.
    """
    contract = account.contracts.get(contract_id)
    if contract is None:
        raise LedgerError("contract_not_found", contract_id=contract_id)
    if contract.continuity is None:
        raise LedgerError("continuity_not_accepted", contract_id=contract_id)
    plan = plan_continuity(account, contract)
    named = blake2b(f"{account.id.hex}/{contract_id}/{account.version}".encode(), digest_size=16)
    transfer_id, new_contract_id = named.hexdigest(), str(UUID(bytes=named.digest()))
    leave = TransferContinuity(
        account_id=account.id,
        effective_on=on,
        transfer_id=transfer_id,
        contract_id=contract_id,
        offer_id=contract.continuity.offer_id,
        to_account_id=contract.continuity.to_account_id,
        to_contract_id=new_contract_id,
        route=f"{to_bank}/{to_account_no}",
        lines=plan.lines,
        refunds=plan.refunds,
        payments=plan.payments,
    )
    take_over = ReceiveContinuity(
        account_id=UUID(contract.continuity.to_account_id),
        effective_on=on,
        transfer_id=transfer_id,
        contract_id=new_contract_id,
        contract_no=f"{contract.contract_no}-{transfer_id[:8]}",
        offer_id=contract.continuity.offer_id,
        from_account_id=str(account.id),
        from_contract_id=contract_id,
        family_id=contract.family_id,
        student_id=contract.student_id,
        subject=contract.subject,
        category=contract.category,
        gift_valuation=contract.gift_valuation,
        packages=plan.packages,
        lines=plan.received,
        payments=plan.received_payments(account.bank),
    )
    return TransferCommands(leave, take_over)
