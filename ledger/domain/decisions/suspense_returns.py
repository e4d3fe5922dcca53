"""What the daily close does about receipts that nobody claims: announced, then sent back to where they came from."""

from datetime import date, timedelta

from ledger.domain.account import EscrowAccount, Suspense
from ledger.domain.clocks import is_suspended
from ledger.domain.commands import CloseDay
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.events import SuspenseReturnAnnounced, SuspenseReturnInstructed
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.original_route import unpromised_cash_fen
from ledger.domain.policy import Policy

RULE = "suspense.return_after"
REASON = "nobody claimed it"


def return_unclaimed(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """Receipts past the policy's days, oldest first: announced once, and from the announced day on sent back.

    Left to people are receipts without a route, those of before supervision, those whose return failed or was declined,
    and while a transfer of exactly the amount is expected, those that may be its money. What the cash does not suffice
    for waits for the next close. Nothing lapses while the clocks stand still.
    """
    policy, on = context.policy_of(account, command), command.effective_on
    if not policy.suspense_return_after_days or not account.suspense or is_suspended(account, on):
        return []
    events: Decision = []
    cash_fen = unpromised_cash_fen(account)
    expected = {transfer.amount_fen for transfer in account.transfers_in.values()}
    for suspense_id, item in account.suspense.items():
        if item.received_on is None or not item.route or item.returning or item.return_failed:
            continue
        if item.amount_fen in expected:
            continue
        return_on = item.return_on
        if return_on is None:
            return_on = _return_on(item.received_on, policy, command, context)
            if return_on is None:
                continue
            events.append(
                SuspenseReturnAnnounced(
                    **context.ruled(command, policy, RULE),
                    suspense_id=suspense_id,
                    amount_fen=item.amount_fen,
                    received_on=item.received_on,
                    return_on=return_on,
                )
            )
        if return_on <= on and item.amount_fen <= cash_fen:
            cash_fen -= item.amount_fen
            events.append(_instruct(account, command, context, policy, suspense_id, item))
    return events


def _return_on(received_on: date, policy: Policy, command: CloseDay, context: Context) -> date | None:
    """The day to announce, when its time has come; a close made late leaves nobody a shorter notice."""
    notice = timedelta(days=policy.suspense_return_notice_days)
    due_on = received_on + timedelta(days=policy.suspense_return_after_days)
    if command.effective_on < due_on - notice:
        return None
    return max(due_on, context.clock_starts_on(command) + notice)


def _instruct(
    account: EscrowAccount, command: CloseDay, context: Context, policy: Policy, suspense_id: str, item: Suspense
) -> SuspenseReturnInstructed:
    instruction_id = f"{account.id}.return.{suspense_id}"
    return SuspenseReturnInstructed(
        **context.ruled(command, policy, RULE, *control_rules(policy, "suspense_return")),
        suspense_id=suspense_id,
        instruction_id=instruction_id,
        end_to_end_id=end_to_end_id(instruction_id),
        route=item.route,
        amount_fen=item.amount_fen,
        reason=REASON,
        needs_approval=needs_approval(policy, "suspense_return"),
    )
