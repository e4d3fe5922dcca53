"""Decisions about payouts: asked for, announced, or made by the clock on the policy's schedule."""

from calendar import monthrange
from datetime import date

from ledger.domain.account import EscrowAccount
from ledger.domain.clocks import is_suspended, require_running
from ledger.domain.commands import AnnouncePayout, CloseDay, RequestPayout
from ledger.domain.decisions.context import Context, Decision, require_new_instruction, require_traffic
from ledger.domain.decisions.payout_limits import (
    is_announced,
    large_fen,
    limiting_rules,
    missing_fen,
    month_limit,
    require_withdrawable,
)
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.errors import LedgerError
from ledger.domain.events import PayoutAnnounced, PayoutFellDue, PayoutInstructed
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.money import require_fen
from ledger.domain.policy import Period, Policy

SCHEDULE = "payout.schedule"
SUNDAY = 6


def request_payout(account: EscrowAccount, command: RequestPayout, context: Context) -> Decision:
    """Refuses `account_frozen`, `account_suspended`, `instruction_exists`, `payout_backdated`, `payout_scheduled`,
    `payout_not_free` (with the free amount), `top_up_missing`, `payout_above_month`, `payout_not_announced`."""
    require_traffic(account, "payouts")
    require_running(account, context.today)
    require_fen(command.amount_fen)
    require_new_instruction(account, command.instruction_id)
    if command.effective_on < context.today:
        raise LedgerError("payout_backdated", date=command.effective_on.isoformat(), today=context.today.isoformat())
    policy = context.policy_of(account, command)
    if policy.payout_schedule != "on_request" and account.wind_down is None:
        raise LedgerError("payout_scheduled", schedule=policy.payout_schedule)
    free = free_for_payout(account, context.today)
    if command.amount_fen > free.free_fen:
        raise LedgerError("payout_not_free", amount_fen=command.amount_fen, free_fen=free.free_fen)
    announced = require_withdrawable(account, policy, context.today, command.amount_fen)
    rules = (*limiting_rules(policy), *control_rules(policy, "payout"))
    return [
        PayoutInstructed(
            **(context.ruled(command, policy, *rules) if rules else context.envelope(command)),
            instruction_id=command.instruction_id,
            end_to_end_id=end_to_end_id(command.instruction_id),
            amount_fen=command.amount_fen,
            announced=announced,
            needs_approval=needs_approval(policy, "payout"),
        )
    ]


def announce_payout(account: EscrowAccount, command: AnnouncePayout, context: Context) -> Decision:
    """Refuses `payout_notice_not_needed`. A new announcement replaces an open one and starts its time anew."""
    require_fen(command.amount_fen)
    policy = context.policy_of(account, command)
    if large_fen(account, policy) is None:
        raise LedgerError("payout_notice_not_needed")
    return [
        PayoutAnnounced(
            **context.ruled(command, policy, "movement.notice"),
            amount_fen=command.amount_fen,
            payable_on=context.deadline(command, Period(policy.movement_notice_days)),
        )
    ]


def period_ends(policy: Policy, on: date) -> bool:
    """Whether a span of the schedule ends on that day: a Sunday, or the last day of a month."""
    if policy.payout_schedule == "weekly":
        return on.weekday() == SUNDAY
    return policy.payout_schedule == "monthly" and on.day == monthrange(on.year, on.month)[1]


def fall_due(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close of a span's last day: what is releasable falls due, also what is not free now."""
    policy, on = context.policy_of(account, command), command.effective_on
    last = account.payouts.period_ends_on
    if not period_ends(policy, on) or (last is not None and last >= on):
        return []
    releasable_fen = free_for_payout(account, on).releasable_fen
    if releasable_fen <= 0:
        return []
    return [
        PayoutFellDue(
            **context.ruled(command, policy, SCHEDULE),
            schedule=policy.payout_schedule,
            period_ends_on=on,
            due_on=context.deadline(command, policy.payout_within),
            amount_fen=releasable_fen,
        )
    ]


def pay_by_schedule(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close: what the schedule owes and is free is instructed, at most once for a date.

    What cannot be paid now (frozen, suspended, missing money, the month's limit) stays due for the next closes.
    """
    policy, on = context.policy_of(account, command), command.effective_on
    clock_on = account.payouts.clock_on
    if policy.payout_schedule == "on_request" or (clock_on is not None and clock_on >= on):
        return []
    if account.is_frozen("payouts") or is_suspended(account, context.today) or missing_fen(account, policy):
        return []
    amount_fen = free_for_payout(account, on).free_fen
    if policy.payout_schedule in ("weekly", "monthly"):
        amount_fen = min(amount_fen, account.payouts.due_fen)
    month = month_limit(account, policy, on)
    if month is not None:
        amount_fen = min(amount_fen, month.left_fen)
    if amount_fen <= 0:
        return []
    return _instruct(account, command, context, policy, amount_fen)


def _instruct(account: EscrowAccount, command: CloseDay, context: Context, policy: Policy, amount_fen: int) -> Decision:
    """The clock's payout; a large one is announced by the clock first and goes when its time has passed."""
    on, free_of_notice = command.effective_on, large_fen(account, policy)
    is_large = free_of_notice is not None and amount_fen > free_of_notice
    announcement = account.payouts.announcement
    if is_large and announcement is None:
        payable_on = context.deadline(command, Period(policy.movement_notice_days))
        return [
            PayoutAnnounced(
                **context.ruled(command, policy, "movement.notice"), amount_fen=amount_fen, payable_on=payable_on
            )
        ]
    if is_large and announcement is not None:
        amount_fen = min(amount_fen, announcement.amount_fen)
        if not is_announced(account, amount_fen, on):
            return []
    instruction_id = f"{account.id}.payout.{on.isoformat()}"
    return [
        PayoutInstructed(
            **context.ruled(command, policy, SCHEDULE, *limiting_rules(policy), *control_rules(policy, "payout")),
            instruction_id=instruction_id,
            end_to_end_id=end_to_end_id(instruction_id),
            amount_fen=amount_fen,
            schedule=policy.payout_schedule,
            announced=is_large,
            needs_approval=needs_approval(policy, "payout"),
        )
    ]
