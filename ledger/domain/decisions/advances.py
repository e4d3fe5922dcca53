"""Decisions about cost advances (按成本预拨): asked for by the institution, approved by the policy's figures."""

from ledger.domain.account import EscrowAccount
from ledger.domain.clocks import require_running
from ledger.domain.commands import RequestAdvance
from ledger.domain.cost_advance import cost_advance
from ledger.domain.decisions.context import Context, Decision, require_new_instruction, require_traffic
from ledger.domain.decisions.payout_limits import limiting_rules, require_withdrawable
from ledger.domain.dual_control import control_rules, needs_approval
from ledger.domain.errors import LedgerError
from ledger.domain.events import AdvanceApproved, AdvanceInstructed, AdvanceRecouped
from ledger.domain.instruction_ids import end_to_end_id
from ledger.domain.money import require_fen


def request_advance(account: EscrowAccount, command: RequestAdvance, context: Context) -> Decision:
    """Approve and instruct an advance; lessons earned and not paid out yet recoup it at once.

    Refuses `account_frozen`, `account_suspended`, `instruction_exists`, `payout_backdated`, `advance_not_allowed`,
    `advance_blacklisted`, `advance_closing`, `advance_funds_held`, `advance_above_limit`, `advance_not_safe`,
    `top_up_missing`, `payout_above_month`, `payout_not_announced`.
    """
    require_traffic(account, "payouts")
    require_running(account, context.today)
    require_fen(command.amount_fen)
    require_new_instruction(account, command.instruction_id)
    if command.effective_on < context.today:
        raise LedgerError("payout_backdated", date=command.effective_on.isoformat(), today=context.today.isoformat())
    policy = context.policy_of(account, command)
    if not policy.advance_share_bp:
        raise LedgerError("advance_not_allowed")
    if account.listing == "black":
        raise LedgerError("advance_blacklisted")
    if account.closes_on is not None:
        raise LedgerError("advance_closing", closes_on=account.closes_on.isoformat())
    if account.held_fen:
        raise LedgerError("advance_funds_held", held_fen=account.held_fen)
    terms = cost_advance(account, policy, context.today)
    if command.amount_fen > terms.limit_fen - terms.outstanding_fen:
        raise LedgerError(
            "advance_above_limit",
            amount_fen=command.amount_fen,
            outstanding_fen=terms.outstanding_fen,
            limit_fen=terms.limit_fen,
        )
    if command.amount_fen > terms.safe_fen:
        raise LedgerError("advance_not_safe", amount_fen=command.amount_fen, safe_fen=terms.safe_fen)
    announced = require_withdrawable(account, policy, context.today, command.amount_fen)
    approved = AdvanceApproved(
        **context.ruled(command, policy, "advance.share"),
        instruction_id=command.instruction_id,
        amount_fen=command.amount_fen,
        eligible_fen=terms.eligible_fen,
        share_bp=terms.share_bp,
        cap_fen=terms.cap_fen,
        limit_fen=terms.limit_fen,
        outstanding_fen=terms.outstanding_fen,
    )
    instructed = AdvanceInstructed(
        **context.ruled(command, policy, "advance.share", *limiting_rules(policy), *control_rules(policy, "advance")),
        instruction_id=command.instruction_id,
        end_to_end_id=end_to_end_id(command.instruction_id),
        amount_fen=command.amount_fen,
        announced=announced,
        needs_approval=needs_approval(policy, "advance"),
    )
    recouped_fen = min(account.buckets.earned, account.buckets.advance + command.amount_fen)
    if not recouped_fen:
        return [approved, instructed]
    return [approved, instructed, AdvanceRecouped(**context.envelope(command), amount_fen=recouped_fen)]
