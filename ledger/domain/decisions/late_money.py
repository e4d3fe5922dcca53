"""Money that comes in once an institution is wound up: the institution's own stays for families, all else goes back."""

from typing import Any

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import PostDeposit
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.errors import LedgerError
from ledger.domain.events import DepositHeldInSuspense, ReserveDeposited, SuspenseReturnInstructed
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.original_route import unpromised_cash_fen

REASON = "wind-down"


def take_late_money(account: EscrowAccount, command: PostDeposit, context: Context, entry: dict[str, Any]) -> Decision:
    """A fee is held in suspense and sent back at once; a reserve is kept, and the next distribution shares it.

    What cannot go back (nobody knows the account that paid, or the cash was seized) waits in suspense. Refuses
    `suspense_exists`.
    """
    if command.purpose == "reserve":
        return [ReserveDeposited(**entry, amount_fen=command.amount_fen)]
    if command.suspense_id in account.suspense:
        raise LedgerError("suspense_exists", suspense_id=command.suspense_id)
    held = DepositHeldInSuspense(
        **entry,
        suspense_id=command.suspense_id,
        amount_fen=command.amount_fen,
        reason="wind_down",
        contract_reference=command.contract_reference,
    )
    if not command.payer_route or unpromised_cash_fen(account) < 0:
        return [held]
    policy = context.policy_of(account, command)
    rules = ("refund.original_route", *control_rules(policy, "suspense_return"))
    instruction_id = f"{command.suspense_id}.{account.version}"
    return [
        held,
        SuspenseReturnInstructed(
            **context.ruled(command, policy, *rules),
            suspense_id=command.suspense_id,
            instruction_id=instruction_id,
            end_to_end_id=end_to_end_id(instruction_id),
            route=command.payer_route,
            amount_fen=command.amount_fen,
            reason=REASON,
            needs_approval=needs_approval(policy, "suspense_return"),
        ),
    ]
