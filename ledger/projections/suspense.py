"""Suspense: one row a receipt that no contract explained when it came."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.events import (
    ContinuityMatched,
    DepositHeldInSuspense,
    Event,
    OpeningBalanceImported,
    SuspenseMatched,
    SuspenseReason,
    SuspenseReturnAnnounced,
    SuspenseReturned,
    SuspenseReturnFailed,
    SuspenseReturnInstructed,
)
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, NOTHING, Cursor, Filter, Scope, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

SuspenseState = Literal["open", "returning", "matched", "returned"]


class SuspenseItem(msgspec.Struct, gc=False):
    """A receipt of `received_fen`, of which `amount_fen` is still unexplained.

    `matched` and `returned` say how the last of it left; `position` is where it came (its place in lists). `return_on`
    is the announced day from which it is sent back if nobody claims it.
    """

    account_id: str
    suspense_id: str
    partition: int
    position: int
    received_on: date
    received_at: datetime
    received_fen: int
    amount_fen: int
    reason: SuspenseReason
    bank_reference: str
    contract_reference: str
    payer_route: str
    updated_position: int
    updated_at: datetime
    state: SuspenseState = "open"
    instruction_id: str | None = None
    return_on: date | None = None


TABLE = Table("suspense", SuspenseItem, key=("account_id", "suspense_id"))
_Matched = SuspenseMatched | ContinuityMatched
_Later = _Matched | SuspenseReturnAnnounced | SuspenseReturnInstructed | SuspenseReturned | SuspenseReturnFailed


class Suspense(View):
    """Follows receipts in suspense until they are matched or returned."""

    name = "suspense"
    number = 2
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE,)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._items: Rows[tuple[str, str], SuspenseItem] = self.rows[0]

    def folds(self) -> dict[type[Event], Handler]:
        return {
            OpeningBalanceImported: self._opening,
            DepositHeldInSuspense: self._received,
            SuspenseMatched: self._matched,
            ContinuityMatched: self._matched,
            SuspenseReturnAnnounced: self._announced,
            SuspenseReturnInstructed: self._returning,
            SuspenseReturned: self._returned,
            SuspenseReturnFailed: self._failed,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(
            (
                SuspenseMatched,
                ContinuityMatched,
                SuspenseReturnAnnounced,
                SuspenseReturnInstructed,
                SuspenseReturned,
                SuspenseReturnFailed,
            ),
            self._look,
        )

    def _look(self, at: LoggedEvent, e: _Later) -> None:
        self._items.want((at.account_id, e.suspense_id))

    def _put(self, at: LoggedEvent, suspense_id: str, amount_fen: int, reason: SuspenseReason, *texts: str) -> None:
        bank_reference, contract_reference, payer_route = texts
        self._items.put(
            (at.account_id, suspense_id),
            SuspenseItem(
                account_id=at.account_id,
                suspense_id=suspense_id,
                partition=at.partition,
                position=at.position,
                received_on=at.event.effective_on,
                received_at=at.event.recorded_at,
                received_fen=amount_fen,
                amount_fen=amount_fen,
                reason=reason,
                bank_reference=bank_reference,
                contract_reference=contract_reference,
                payer_route=payer_route,
                updated_position=at.position,
                updated_at=at.event.recorded_at,
            ),
        )

    def _change(self, at: LoggedEvent, e: _Later) -> SuspenseItem:
        item = self._items.change((at.account_id, e.suspense_id))
        item.updated_position = at.position
        item.updated_at = e.recorded_at
        return item

    def _opening(self, at: LoggedEvent, e: OpeningBalanceImported) -> None:
        if e.suspense_fen:
            self._put(at, e.suspense_id, e.suspense_fen, "opening_balance", e.suspense_id, "", "")

    def _received(self, at: LoggedEvent, e: DepositHeldInSuspense) -> None:
        texts = (e.bank_reference, e.contract_reference, e.payer_route)
        self._put(at, e.suspense_id, e.amount_fen, e.reason, *texts)

    def _matched(self, at: LoggedEvent, e: _Matched) -> None:
        item = self._change(at, e)
        item.amount_fen -= e.amount_fen
        if item.amount_fen == 0:
            item.state = "matched"

    def _announced(self, at: LoggedEvent, e: SuspenseReturnAnnounced) -> None:
        self._change(at, e).return_on = e.return_on

    def _returning(self, at: LoggedEvent, e: SuspenseReturnInstructed) -> None:
        item = self._change(at, e)
        item.state = "returning"
        item.instruction_id = e.instruction_id

    def _returned(self, at: LoggedEvent, e: SuspenseReturned) -> None:
        item = self._change(at, e)
        item.amount_fen -= e.amount_fen
        item.state = "returned" if item.amount_fen == 0 else "open"

    def _failed(self, at: LoggedEvent, e: SuspenseReturnFailed) -> None:
        self._change(at, e).state = "open"


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    suspense_id: str | None = None,
    only_open: bool = True,
    received_until: date | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[SuspenseItem]:
    """A page of receipts in suspense in the order in which they came. Families see none: the owner is unknown.

    `received_until`: only those that came on that day or before.
    """
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(NOTHING)
    where.equal("account_id", account_id)
    where.equal("suspense_id", suspense_id)
    if received_until is not None:
        where.also(sql.SQL("t.received_on <= %(received_until)s"), received_until=received_until)
    if only_open:
        where.also(sql.SQL("t.amount_fen > 0"))
    where.after(after)
    return await select(connection, TABLE, where, limit=limit)
