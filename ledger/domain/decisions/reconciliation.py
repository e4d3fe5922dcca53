"""Decisions about reconciliation: breaks found, resolved and overdue, days reconciled; what people do about breaks."""

from collections.abc import Sequence

from ledger.domain.account import EscrowAccount
from ledger.domain.break_state import OpenBreak
from ledger.domain.commands import AssignBreak, ReconcileAccount, ResolveBreak
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.holds import demand_top_up
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    BankBreakOverdue,
    BreakAssigned,
    BreakFound,
    BreakResolved,
    DayReconciled,
    DayState,
    Event,
)
from ledger.domain.evolution import evolve
from ledger.domain.reconciliation.findings import BookFigures, DayFigures, Difference, RecordedDay
from ledger.domain.reconciliation.internal import book_figures, internal_differences
from ledger.domain.reconciliation.kinds import OWNERS

BREAK = "bank.break"


def reconcile_account(account: EscrowAccount, command: ReconcileAccount, context: Context) -> Decision:
    """What a comparison changes: nothing when the same was found before. Refuses `reconciliation_behind`.

    New and changed breaks are recorded, those that are no more are resolved, those past their day are overdue, once;
    days whose figures or state are others than recorded are recorded; and money that the bank does not have is demanded
    from the institution at once, as far as families or the minimum balance are short of it.
    """
    if command.seen_version < account.bank_word_version:
        raise LedgerError("reconciliation_behind", seen_version=command.seen_version, version=account.bank_word_version)
    own = book_figures(account)
    internal = internal_differences(own, command.views, command.effective_on)
    found = {one.id_in(account.id): one for one in (*command.differences, *internal)}
    events: list[Event] = [*_resolved(account, command, context, found), *_found(account, command, context, found)]
    events += _overdue(account, command, context, found)
    open_now = list(found.values())
    for day in command.days:
        events += _day(command, context, day, own if command.views is None else command.views, open_now)
    current = account
    if events:
        current = account.copy()
        for event in events:
            evolve(current, event)
    return [*events, *demand_top_up(current, command, context, current.minimum_balance_fen)]


def _resolved(
    account: EscrowAccount, command: ReconcileAccount, context: Context, found: dict[str, Difference]
) -> Decision:
    return [
        BreakResolved(**context.envelope(command), break_id=one_id, kind=one.kind, how="agreed")
        for one_id, one in sorted(account.breaks.items())
        if one_id not in found and one.since_on <= command.effective_on
    ]


def _found(
    account: EscrowAccount, command: ReconcileAccount, context: Context, found: dict[str, Difference]
) -> Decision:
    policy = context.policy_of(account, command)
    events: Decision = []
    for one_id, one in found.items():
        known = account.breaks.get(one_id)
        if known is not None and _is_as_known(known, one):
            continue
        if known is not None:
            due_on, term = known.due_on, known.term
        else:
            due_on, term = context.clock(command, policy.break_due)
        events.append(
            BreakFound(
                **context.ruled(command, policy, BREAK),
                break_id=one_id,
                kind=one.kind,
                owner=OWNERS[one.kind],
                subject=one.subject,
                since_on=one.since_on,
                due_on=due_on,
                difference_fen=one.difference_fen,
                bank_fen=one.bank_fen,
                ledger_fen=one.ledger_fen,
                bank_on=one.bank_on,
                ledger_on=one.ledger_on,
                end_to_end_id=one.end_to_end_id,
                short_fen=one.short_fen,
                term=term,
            )
        )
    return events


def _is_as_known(known: OpenBreak, one: Difference) -> bool:
    """Whether nothing about the break changed. `short_fen` falls by itself when the ledger records what left."""
    return (known.difference_fen, known.bank_fen, known.ledger_fen, known.short_fen) == (
        one.difference_fen,
        one.bank_fen,
        one.ledger_fen,
        one.short_fen,
    )


def _overdue(
    account: EscrowAccount, command: ReconcileAccount, context: Context, found: dict[str, Difference]
) -> Decision:
    policy = context.policy_of(account, command)
    return [
        BankBreakOverdue(
            **context.ruled(command, policy, BREAK),
            statement_on=found[one_id].since_on,
            difference_fen=found[one_id].difference_fen,
            due_on=known.due_on,
            break_id=one_id,
            kind=known.kind,
        )
        for one_id, known in sorted(account.breaks.items())
        if one_id in found and not known.overdue and known.due_on < command.effective_on
    ]


def _day(
    command: ReconcileAccount,
    context: Context,
    day: DayFigures,
    books: BookFigures,
    open_now: Sequence[Difference],
) -> Decision:
    touching = sum(one.touches(day.day) for one in open_now)
    state: DayState = "broken" if touching else "reconciled"
    now = RecordedDay(
        state, day.statement_id, day.bank_fen, day.cash_fen, day.assets_fen, day.liabilities_fen, touching
    )
    if now == day.recorded:
        return []
    envelope = context.envelope(command)
    envelope["effective_on"] = day.day
    return [
        DayReconciled(
            **envelope,
            state=state,
            statement_id=day.statement_id,
            bank_fen=day.bank_fen,
            cash_fen=day.cash_fen,
            assets_fen=day.assets_fen,
            liabilities_fen=day.liabilities_fen,
            prepaid_fen=books.prepaid_fen,
            families_fen=books.families_fen,
            lessons_fen=books.lessons_fen,
            open_breaks=touching,
        )
    ]


def assign_break(account: EscrowAccount, command: AssignBreak, context: Context) -> Decision:
    """Refuses `break_not_open`. The same assignment again is recorded again: the note may say something new."""
    return [
        BreakAssigned(
            **context.envelope(command),
            break_id=command.break_id,
            kind=_open_break(account, command.break_id).kind,
            assignee=command.assignee,
            note=command.note,
        )
    ]


def resolve_break(account: EscrowAccount, command: ResolveBreak, context: Context) -> Decision:
    """A person's explanation; the break is found anew only with other figures. Refuses `break_not_open`."""
    known = _open_break(account, command.break_id)
    return [
        BreakResolved(
            **context.envelope(command),
            break_id=command.break_id,
            kind=known.kind,
            how="explained",
            reason=command.reason,
            link=command.link,
        )
    ]


def _open_break(account: EscrowAccount, break_id: str) -> OpenBreak:
    known = account.breaks.get(break_id)
    if known is None:
        raise LedgerError("break_not_open", break_id=break_id)
    return known
