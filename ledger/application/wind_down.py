"""Use cases of an institution's end: its notice, the wind-down step by step, distributions, and the closing report.

A wind-down of thousands of families is many small recordings: each says what the account is to do next by itself, so
that a step which was interrupted goes on where it stopped, whoever asks, and nothing is done twice. The account's own
state says how far it is.
"""

from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.continuity import carry_out_transfers
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import record
from ledger.domain.commands import CloseWindDown, ContinueWindDown, DistributeClaims, NotifyClosure, StartWindDown
from ledger.domain.errors import LedgerError
from ledger.projections import claims
from ledger.projections.paging import Cursor, Scope
from ledger.storage.crash_points import crash_point
from ledger.storage.requests import Outcome, Request

_PAGE: Final = 200


class WindDownsContinued(msgspec.Struct, kw_only=True):
    """How many wind-downs are open, by how many events they went on, and how transfers ended: `done` or the refusal."""

    wind_downs: int = 0
    events: int = 0
    transfers: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    refused: dict[str, int] = msgspec.field(default_factory=dict[str, int])


async def notify_closure(
    ledger: Ledger, caller: Caller, *, account_id: UUID, closes_on: date, reason: str, on: date
) -> Outcome:
    """Give notice of a planned closure. Raises `closure_notified`, `closure_notice_short`, `account_winding_down`."""
    command = NotifyClosure(account_id=account_id, effective_on=on, closes_on=closes_on, reason=reason)
    return await record(ledger, caller, command)


async def start_wind_down(ledger: Ledger, caller: Caller, *, account_id: UUID, reason: str, on: date) -> Outcome:
    """Begin the wind-down and record every claim; the outcome is the start's. The same request again goes on with it.

    Raises `account_winding_down`.
    """
    outcome = await record(ledger, caller, StartWindDown(account_id=account_id, effective_on=on, reason=reason))
    await go_on(ledger, caller.actor, account_id)
    return outcome


async def continue_wind_down(ledger: Ledger, caller: Caller, *, account_id: UUID, on: date) -> Outcome:
    """Go on with whatever was interrupted; the outcome is the first step's.

    Raises `account_not_winding_down`.
    """
    outcome = await record(ledger, caller, ContinueWindDown(account_id=account_id, effective_on=on))
    await go_on(ledger, caller.actor, account_id)
    return outcome


async def distribute_claims(ledger: Ledger, caller: Caller, *, account_id: UUID, on: date) -> Outcome:
    """Share the cash that is there among all claims, and send it; the outcome is the opening's. The same request again
    goes on with it, and families who chose to go on elsewhere go with what they were given.

    Raises `account_not_winding_down`, `wind_down_unsettled`, `distribution_nothing`.
    """
    await go_on(ledger, caller.actor, account_id)
    outcome = await record(ledger, caller, DistributeClaims(account_id=account_id, effective_on=on))
    await go_on(ledger, caller.actor, account_id)
    await carry_out_transfers(ledger, caller.actor, account_id)
    return outcome


async def close_wind_down(ledger: Ledger, caller: Caller, *, account_id: UUID, reason: str, on: date) -> Outcome:
    """End the wind-down with its report.

    Raises `account_not_winding_down`, `wind_down_closed`, `wind_down_unsettled`, `wind_down_unfinished`.
    """
    return await record(ledger, caller, CloseWindDown(account_id=account_id, effective_on=on, reason=reason))


async def go_on(ledger: Ledger, actor: str, account_id: UUID) -> int:
    """Record page after page until there is nothing to go on with; how many events that made.

    Nothing happens, and nothing is refused, where no wind-down is open.
    """
    events = 0
    while True:
        crash_point("wind_down.page")
        command = ContinueWindDown(account_id=account_id, effective_on=ledger.today())
        try:
            outcome = await ledger.execute(Request(command, actor))
        except LedgerError as refusal:
            if refusal.code in ("account_not_winding_down", "account_not_found"):
                return events
            raise
        if not outcome.events:
            return events
        events += len(outcome.events)


async def continue_wind_downs(ledger: Ledger, reader: Reader, caller: Caller, *, scope: Scope) -> WindDownsContinued:
    """What the daily close does about wind-downs in the scope: each goes on as far as it can, and so do transfers."""
    done = WindDownsContinued()
    after: Cursor | None = None
    while True:
        async with reader.pool.connection() as connection:
            page = await claims.list_wind_downs(connection, scope=scope, after=after, limit=_PAGE)
        for row in page:
            if row.state == "closed":
                continue
            account_id = UUID(row.account_id)
            done.wind_downs += row.state == "winding_down"
            try:
                done.events += await go_on(ledger, caller.actor, account_id)
                ended = await carry_out_transfers(ledger, caller.actor, account_id)
            except LedgerError as refusal:
                done.refused[refusal.code] = done.refused.get(refusal.code, 0) + 1
                continue
            for result, count in ended.items():
                done.transfers[result] = done.transfers.get(result, 0) + count
        if len(page) < _PAGE:
            return done
        after = Cursor(page[-1].partition, page[-1].position)
