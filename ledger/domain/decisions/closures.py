"""Decisions that begin an institution's end: the notice of a planned closure, and the start of the wind-down."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import CloseDay, Command, DeclineInstruction, NotifyClosure, StartWindDown
from ledger.domain.decisions.context import Context, Decision, require_not_winding_down
from ledger.domain.decisions.instructions import failed_order
from ledger.domain.dual_control import TO_INSTITUTION
from ledger.domain.errors import LedgerError
from ledger.domain.events import ClosureNotified, InstructionDeclined, WindDownBy, WindDownStarted
from ledger.domain.evolution import evolve
from ledger.domain.months import add_months

NOTICE = "closure.notice"
REASON = "wind-down"


def notify_closure(account: EscrowAccount, command: NotifyClosure, context: Context) -> Decision:
    """The institution closes on a day that the law's notice allows; where the pack says alert, an earlier one is
    recorded beside the earliest that is lawful.

    Refuses `account_winding_down`, `closure_notified`, `closure_notice_short`.
    """
    require_not_winding_down(account)
    if account.closes_on is not None:
        raise LedgerError("closure_notified", closes_on=account.closes_on.isoformat())
    policy = context.policy_of(account, command)
    earliest_on = add_months(context.clock_starts_on(command), policy.closure_notice_months)
    if command.closes_on < earliest_on and policy.enforces(NOTICE) == "refuse":
        raise LedgerError(
            "closure_notice_short",
            months=policy.closure_notice_months,
            closes_on=command.closes_on.isoformat(),
            earliest_on=earliest_on.isoformat(),
        )
    return [
        ClosureNotified(
            **context.ruled(command, policy, NOTICE),
            closes_on=command.closes_on,
            earliest_on=earliest_on,
            reason=command.reason,
        )
    ]


def start_wind_down(account: EscrowAccount, command: StartWindDown, context: Context) -> Decision:
    """Orders that pay the institution and wait for a second person are declined first: they never went to the bank.

    Refuses `account_winding_down`.
    """
    require_not_winding_down(account)
    return _start(account, command, context, "order", command.reason)


def wind_down_closed_institution(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close after the planned day: what was notified comes to pass, and all unconsumed fees go back."""
    closes_on = account.closes_on
    if closes_on is None or account.wind_down is not None or command.effective_on <= closes_on:
        return []
    return _start(account, command, context, "closure", "")


def _start(account: EscrowAccount, command: Command, context: Context, by: WindDownBy, reason: str) -> Decision:
    declined: Decision = []
    current = account
    for instruction_id, instruction in account.instructions.items():
        if instruction.kind not in TO_INSTITUTION or instruction.state != "pending" or not instruction.needs_approval:
            continue
        order = DeclineInstruction(
            account_id=account.id, effective_on=command.effective_on, instruction_id=instruction_id, reason=REASON
        )
        decided: Decision = [
            InstructionDeclined(
                **context.envelope(order),
                instruction_id=instruction_id,
                kind=instruction.kind,
                subject_id=instruction.subject_id,
                amount_fen=instruction.amount_fen,
                maker=instruction.maker,
                reason=REASON,
            ),
            *failed_order(current, instruction, order, context, amount_fen=instruction.amount_fen),
        ]
        current = account.copy() if current is account else current
        for event in decided:
            evolve(current, event)
        declined += decided
    return [*declined, _started(current, command, context, by, reason)]


def _started(
    account: EscrowAccount, command: Command, context: Context, by: WindDownBy, reason: str
) -> WindDownStarted:
    b = account.buckets
    return WindDownStarted(
        **context.ruled(command, context.policy_of(account, command), NOTICE),
        by=by,
        reason=reason,
        contracts=len(account.contracts),
        pending_lessons=sum(len(contract.pending) for contract in account.contracts.values()),
        cash_fen=b.cash,
        obligation_fen=b.obligation_fen,
        suspense_fen=b.suspense,
        payout_in_flight_fen=b.payout_in_flight,
        exposure_fen=b.exposure_fen,
        earned_fen=b.earned,
        reserve_fen=b.reserve,
    )
