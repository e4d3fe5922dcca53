"""Decisions about clocks: stopped by force majeure, started again, counted anew when a year's holidays are known."""

from datetime import date

from ledger.domain.account import EscrowAccount
from ledger.domain.clocks import OpenClock, open_clocks, paused, recounted
from ledger.domain.commands import CloseDay, Command, ResumeAccount, SuspendAccount
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    DeadlinesMoved,
    MovedDeadline,
    MoveReason,
    Pause,
    TeachingResumed,
    TeachingSuspended,
    Term,
)

SUSPENSION = "clock.suspension"


def suspend_account(account: EscrowAccount, command: SuspendAccount, context: Context) -> Decision:
    """Refuses `account_suspended`."""
    if account.suspended_on is not None:
        raise LedgerError("account_suspended", since=account.suspended_on.isoformat())
    policy = context.policy_of(account, command)
    return [TeachingSuspended(**context.ruled(command, policy, SUSPENSION), reason=command.reason)]


def resume_account(account: EscrowAccount, command: ResumeAccount, context: Context) -> Decision:
    """The clocks run again, and each open one has as many days left as before.

    Refuses `account_not_suspended`, `resumed_before_suspended`.
    """
    since = account.suspended_on
    if since is None:
        raise LedgerError("account_not_suspended")
    if command.effective_on < since:
        raise LedgerError(
            "resumed_before_suspended", resumed_on=command.effective_on.isoformat(), since=since.isoformat()
        )
    policy = context.policy_of(account, command)
    resumed = TeachingResumed(
        **context.ruled(command, policy, SUSPENSION),
        since_on=since,
        reason=command.reason,
    )
    pause = Pause(from_on=since, until_on=command.effective_on)
    lines: list[MovedDeadline] = []
    for clock in open_clocks(account):
        new_on, term = paused(clock.due_on, clock.term, pause, context.calendar)
        if new_on != clock.due_on:
            lines.append(_line(clock, new_on, term))
    return [resumed, *_moved(account, command, context, lines, "suspension", SUSPENSION)]


def recount_deadlines(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close: provisional deadlines whose years are published by now, also those that turn out right."""
    lines: list[MovedDeadline] = []
    for clock in open_clocks(account):
        if clock.term is None or not clock.term.provisional:
            continue
        new_on, term = recounted(clock.term, context.calendar)
        if new_on != clock.due_on or not term.provisional:
            lines.append(_line(clock, new_on, term))
    return _moved(account, command, context, lines, "calendar")


def _line(clock: OpenClock, new_on: date, term: Term | None) -> MovedDeadline:
    return MovedDeadline(
        clock=clock.name,
        subject_id=clock.subject_id,
        old_on=clock.due_on,
        new_on=new_on,
        term=term,
        contracts=clock.contracts,
    )


def _moved(
    account: EscrowAccount,
    command: Command,
    context: Context,
    lines: list[MovedDeadline],
    reason: MoveReason,
    *rules: str,
) -> Decision:
    if not lines:
        return []
    policy = context.policy_of(account, command)
    return [DeadlinesMoved(**context.ruled(command, policy, *rules), lines=tuple(lines), reason=reason)]
