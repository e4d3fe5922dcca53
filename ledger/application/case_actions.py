"""What a case does to the account it is about: decided on the case, carried out on the account, linked on the case.

Case and account are two streams, so these are three recordings with a place for a crash between each two:

1. `CaseActionDecided` on the case, under the caller's key: from here on it is known that the account is to do it.
2. The account's own command, whole from what was decided, under a key made of the case's and the action's id: however
   often and by whomever it is sent, the account does it once.
3. `CaseLinked` (or `CaseActionRefused`) on the case, under a key made of the same two ids.

A crash before 1 leaves nothing; after 1 or 2 the case shows an action that waits, until the same request comes again or
`carry_out_pending` goes on with it (each daily close does).
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from ledger.application.caller import Caller, Visible
from ledger.application.cases import deterministic_id, find_case, on_cases
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import record
from ledger.domain.commands import Command, FreezeAccount, ListInstitution, OrderRefund, UnfreezeAccount
from ledger.domain.commands.cases import DecideCaseAction, LinkCase, RefuseCaseAction
from ledger.domain.errors import LedgerError
from ledger.domain.events import CaseAction, CaseActionDecided, FreezeScope, Listing
from ledger.projections import case_queries
from ledger.projections.case_rows import ActionRow, CaseRow
from ledger.projections.paging import EVERYTHING, Cursor, Scope
from ledger.storage.requests import Outcome, Request

_PASSING: Final = frozenset({"queue_full", "ledger_stopping", "outcome_unknown", "projection_behind"})
"""Refusals that say nothing about the action: it still waits."""
_PAGE: Final = 200


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """One decided action, as the case recorded it."""

    case_id: UUID
    action_id: str
    action: CaseAction
    about_account_id: UUID
    reason: str
    decided_on: date
    decided_by: str
    refund_id: str
    amount_fen: int
    scope: FreezeScope | None
    listing: Listing | None

    def command(self) -> Command:
        """What the account is asked: the same whenever it is asked again."""
        at: dict[str, Any] = {"account_id": self.about_account_id, "effective_on": self.decided_on}
        at["reason"] = self.reason
        match self.action:
            case "order_refund":
                return OrderRefund(**at, refund_id=self.refund_id, amount_fen=self.amount_fen)
            case "freeze":
                assert self.scope is not None
                return FreezeAccount(**at, scope=self.scope)
            case "unfreeze":
                assert self.scope is not None
                return UnfreezeAccount(**at, scope=self.scope)
            case "list":
                assert self.listing is not None
                return ListInstitution(**at, listing=self.listing)

    def key(self, step: str) -> UUID:
        """The idempotency key of one recording for this action."""
        return deterministic_id("case action", self.case_id.hex, self.action_id, step)


async def take_action(
    ledger: Ledger, reader: Reader, caller: Caller, command: DecideCaseAction, *, scope: Scope
) -> Outcome:
    """Decide an action and carry it out; the outcome is that of the link. The same request again goes on.

    Raises `case_not_found`, the refusals of the decision, and those of the account, which the case then keeps.
    """
    case = await find_case(reader, str(command.account_id), scope)
    if case.about_account_id:
        await reader.account(case.about_account_id, scope)  # acting on an account needs its own row scope
    outcome = await record(ledger, on_cases(caller), command)
    decided = next(event for event in outcome.events if isinstance(event, CaseActionDecided))
    linked = await carry_out(ledger, decided_of(command.account_id, decided), visible=caller.visible)
    return msgspec.structs.replace(linked, replayed=outcome.replayed)


async def carry_out(ledger: Ledger, decided: Decided, *, visible: Visible | None = None) -> Outcome:
    """Let the account do what was decided, and link it; whatever of that is done already is not done again.

    Raises the account's refusal, after the case has kept it.
    """
    command, done_key, link_key = decided.command(), decided.key("done"), decided.key("linked")
    case: dict[str, Any] = {
        "account_id": decided.case_id,
        "effective_on": ledger.today(),
        "action_id": decided.action_id,
    }
    try:
        done = await ledger.execute(Request(command, decided.decided_by, done_key, done_key.bytes, visible=visible))
    except LedgerError as refusal:
        if refusal.code not in _PASSING:
            refused = RefuseCaseAction(**case, code=refusal.code, figures=refusal.figures)
            await ledger.execute(Request(refused, decided.decided_by))
        raise
    link = LinkCase(
        **case,
        about_account_id=str(decided.about_account_id),
        partition=done.partition,
        position=done.position,
        version=done.version,
        topic_of=done.events[-1].topic if done.events else "",
    )
    return await ledger.execute(Request(link, decided.decided_by, link_key, link_key.bytes))


async def resume_action(
    ledger: Ledger,
    reader: Reader,
    caller: Caller,
    *,
    case_id: str,
    action_id: str,
    scope: Scope,
    may: Callable[[CaseAction], None],
) -> Outcome:
    """Try a waiting or refused action again. Raises `case_not_found`, `case_action_not_found`, or the account's;
    `may` refuses what the caller may not do. One that is done already is answered with its link."""
    case = await find_case(reader, case_id, scope)
    for action in case.actions:
        if action.action_id == action_id:
            may(action.action)
            return await carry_out(ledger, _of_row(case, action), visible=caller.visible)
    raise LedgerError("case_action_not_found", action_id=action_id)


async def carry_out_pending(ledger: Ledger, reader: Reader) -> dict[str, int]:
    """Go on with every decided action that neither was linked nor refused; how many ended how, by `done` or code."""
    ended: dict[str, int] = {}
    after: Cursor | None = None
    while True:
        async with reader.pool.connection() as connection:
            page = await case_queries.list_page(
                connection, scope=EVERYTHING, actions_pending=True, after=after, limit=_PAGE
            )
        for case in page:
            for action in case.actions:
                if action.state == "decided":
                    result = await _try(ledger, _of_row(case, action))
                    ended[result] = ended.get(result, 0) + 1
        if len(page) < _PAGE:
            return ended
        after = Cursor(page[-1].partition, page[-1].position)


async def _try(ledger: Ledger, decided: Decided) -> str:
    try:
        await carry_out(ledger, decided)
    except LedgerError as refusal:
        return refusal.code
    return "done"


def decided_of(case_id: UUID, event: CaseActionDecided) -> Decided:
    """The action of the case's event."""
    return Decided(
        case_id=case_id,
        action_id=event.action_id,
        action=event.action,
        about_account_id=UUID(event.about_account_id),
        reason=event.reason,
        decided_on=event.effective_on,
        decided_by=event.actor,
        refund_id=event.refund_id,
        amount_fen=event.amount_fen,
        scope=event.scope,
        listing=event.listing,
    )


def _of_row(case: CaseRow, action: ActionRow) -> Decided:
    return Decided(
        case_id=UUID(case.case_id),
        action_id=action.action_id,
        action=action.action,
        about_account_id=UUID(case.about_account_id),
        reason=action.reason,
        decided_on=action.decided_on,
        decided_by=action.decided_by,
        refund_id=action.refund_id,
        amount_fen=action.amount_fen,
        scope=action.scope,
        listing=action.listing,
    )
