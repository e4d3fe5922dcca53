"""Instructions: one row an order to a bank, who approved it, which message took it, and what the bank said of it."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.actors import maker_of
from ledger.domain.events import (
    AccountOpened,
    AdvanceFailed,
    AdvanceInstructed,
    AdvancePaid,
    ContinuityTransferred,
    Event,
    InstructionApproved,
    InstructionDeclined,
    InstructionExported,
    InstructionKind,
    PayoutFailed,
    PayoutInstructed,
    PayoutSettled,
    RefundInstructed,
    RefundPaid,
    RefundRejected,
    RefundReturned,
    SuspenseReturned,
    SuspenseReturnFailed,
    SuspenseReturnInstructed,
    TransferFailed,
    TransferInstructed,
    TransferReturned,
    TransferSettled,
)
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, NOTHING, Cursor, Filter, Scope, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

InstructionProgress = Literal["pending", "approved", "declined", "exported", "settled", "rejected", "returned"]


class InstructionRecord(msgspec.Struct, gc=False):
    """An order to `bank` to pay `amount_fen` from account number `account_no` to the opaque `route`.

    A payout or an advance goes to the institution's own account and has an empty route; `subject_id` is the refund
    or the suspense item it pays. With `needs_approval` it may be paid when it is `approved`; others while they are
    `pending`. `settled_on` is the day of the last word on it, the bank's or a second person's; `bank_reference` is its
    entry at the bank (of the payment, or of the credit that brought it back). `unapproved`: the bank paid what waited
    for approval.
    """

    account_id: str
    instruction_id: str
    partition: int
    position: int
    ordinal: int
    bank: str
    account_no: str
    kind: InstructionKind
    subject_id: str
    amount_fen: int
    route: str
    end_to_end_id: str
    instructed_on: date
    instructed_at: datetime
    state: InstructionProgress = "pending"
    bank_reference: str | None = None
    settled_on: date | None = None
    settled_at: datetime | None = None
    reason: str | None = None
    needs_approval: bool = False
    made_by: str = ""
    checked_by: str | None = None
    checked_at: datetime | None = None
    message_id: str | None = None
    exported_at: datetime | None = None
    unapproved: bool = False


class InstructionAccount(msgspec.Struct, gc=False):
    """Which bank holds an account, under which number."""

    account_id: str
    partition: int
    bank: str
    account_no: str


TABLE = Table("instructions", InstructionRecord, key=("account_id", "instruction_id"))
ACCOUNTS = Table("instruction_accounts", InstructionAccount, key=("account_id",))
# What a message leaves behind: money to the institution while its payouts are frozen or stand still, or while families
# whom it owes wait for their shares.
_HELD = """
t.kind IN ('payout', 'advance') AND EXISTS (
SELECT FROM escrow_views.balances b LEFT JOIN escrow_views.wind_downs w USING (account_id)
 WHERE b.account_id = t.account_id AND (b.frozen && ARRAY['all', 'payouts'] OR b.suspended_on IS NOT NULL
       OR (w.state IN ('winding_down', 'closed') AND b.obligation_fen > 0)))
"""
PAYABLE = sql.SQL(f"((t.state = 'approved' OR (t.state = 'pending' AND NOT t.needs_approval)) AND NOT ({_HELD}))")
_Transfer = ContinuityTransferred | TransferInstructed
_Given = PayoutInstructed | AdvanceInstructed | RefundInstructed | SuspenseReturnInstructed | _Transfer
_Paid = PayoutSettled | AdvancePaid | RefundPaid | SuspenseReturned | TransferSettled
_Failed = PayoutFailed | AdvanceFailed | RefundRejected | SuspenseReturnFailed | TransferFailed
_Returned = RefundReturned | TransferReturned


class Instructions(View):
    """Follows the orders to banks and the banks' words on them."""

    name = "instructions"
    number = 4
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE, ACCOUNTS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._instructions: Rows[tuple[str, str], InstructionRecord] = self.rows[0]
        self._accounts: Rows[str, InstructionAccount] = self.rows[1]

    def folds(self) -> dict[type[Event], Handler]:
        return {
            AccountOpened: self._opened,
            PayoutInstructed: self._payout,
            AdvanceInstructed: self._advance,
            RefundInstructed: self._refund,
            SuspenseReturnInstructed: self._suspense_return,
            ContinuityTransferred: self._transfer,
            TransferInstructed: self._transfer,
            PayoutSettled: self._paid,
            AdvancePaid: self._paid,
            RefundPaid: self._paid,
            SuspenseReturned: self._paid,
            TransferSettled: self._paid,
            PayoutFailed: self._failed,
            AdvanceFailed: self._failed,
            RefundRejected: self._failed,
            RefundReturned: self._returned,
            TransferReturned: self._returned,
            SuspenseReturnFailed: self._failed,
            TransferFailed: self._failed,
            InstructionApproved: self._approved,
            InstructionDeclined: self._declined,
            InstructionExported: self._exported,
        }

    def looks(self) -> dict[type[Event], Handler]:
        given: tuple[type[Event], ...] = (
            PayoutInstructed,
            AdvanceInstructed,
            RefundInstructed,
            SuspenseReturnInstructed,
            ContinuityTransferred,
            TransferInstructed,
        )
        paid: tuple[type[Event], ...] = (PayoutSettled, AdvancePaid, RefundPaid, SuspenseReturned, TransferSettled)
        failed: tuple[type[Event], ...] = (
            PayoutFailed,
            AdvanceFailed,
            RefundRejected,
            RefundReturned,
            SuspenseReturnFailed,
            TransferFailed,
            TransferReturned,
        )
        looks: dict[type[Event], Handler] = dict.fromkeys(given, self._look_at_account)
        looks.update(dict.fromkeys(paid + failed, self._look))
        looks.update(dict.fromkeys((InstructionApproved, InstructionExported), self._look_at_orders))
        looks[InstructionDeclined] = self._look
        return looks

    def _look_at_account(self, at: LoggedEvent, _: _Given) -> None:
        self._accounts.want(at.account_id)

    def _look(self, at: LoggedEvent, e: _Paid | _Failed | _Returned | InstructionDeclined) -> None:
        self._instructions.want((at.account_id, e.instruction_id))

    def _look_at_orders(self, at: LoggedEvent, e: InstructionApproved | InstructionExported) -> None:
        for order in e.orders:
            self._instructions.want((at.account_id, order.instruction_id))

    def _opened(self, at: LoggedEvent, e: AccountOpened) -> None:
        self._accounts.put(at.account_id, InstructionAccount(at.account_id, at.partition, e.bank, e.account_no))

    def _give(
        self,
        at: LoggedEvent,
        *,
        instruction_id: str,
        kind: InstructionKind,
        subject_id: str,
        amount_fen: int,
        route: str,
        end_to_end_id: str,
        needs_approval: bool,
        ordinal: int = 0,
    ) -> None:
        account = self._accounts.get(at.account_id)
        assert account is not None, f"account {at.account_id} gives an instruction before it is opened"
        self._instructions.put(
            (at.account_id, instruction_id),
            InstructionRecord(
                account_id=at.account_id,
                instruction_id=instruction_id,
                partition=at.partition,
                position=at.position,
                ordinal=ordinal,
                bank=account.bank,
                account_no=account.account_no,
                kind=kind,
                subject_id=subject_id,
                amount_fen=amount_fen,
                route=route,
                end_to_end_id=end_to_end_id,
                instructed_on=at.event.effective_on,
                instructed_at=at.event.recorded_at,
                needs_approval=needs_approval,
                made_by=maker_of(at.event.actor, at.event.cause),
            ),
        )

    def _to_institution(self, at: LoggedEvent, e: PayoutInstructed | AdvanceInstructed, kind: InstructionKind) -> None:
        self._give(
            at,
            instruction_id=e.instruction_id,
            kind=kind,
            subject_id=e.instruction_id,
            amount_fen=e.amount_fen,
            route="",
            end_to_end_id=e.end_to_end_id,
            needs_approval=e.needs_approval,
        )

    def _payout(self, at: LoggedEvent, e: PayoutInstructed) -> None:
        self._to_institution(at, e, "payout")

    def _advance(self, at: LoggedEvent, e: AdvanceInstructed) -> None:
        self._to_institution(at, e, "advance")

    def _refund(self, at: LoggedEvent, e: RefundInstructed) -> None:
        for ordinal, leg in enumerate(e.legs):
            self._give(
                at,
                instruction_id=leg.instruction_id,
                kind="refund",
                subject_id=e.refund_id,
                amount_fen=leg.amount_fen,
                route=leg.route,
                end_to_end_id=leg.end_to_end_id,
                needs_approval=e.needs_approval,
                ordinal=ordinal,
            )

    def _suspense_return(self, at: LoggedEvent, e: SuspenseReturnInstructed) -> None:
        self._give(
            at,
            instruction_id=e.instruction_id,
            kind="suspense_return",
            subject_id=e.suspense_id,
            amount_fen=e.amount_fen,
            route=e.route,
            end_to_end_id=e.end_to_end_id,
            needs_approval=e.needs_approval,
        )

    def _transfer(self, at: LoggedEvent, e: _Transfer) -> None:
        self._give(
            at,
            instruction_id=e.instruction_id,
            kind="transfer",
            subject_id=e.transfer_id,
            amount_fen=e.amount_fen,
            route=e.route,
            end_to_end_id=e.end_to_end_id,
            needs_approval=e.needs_approval,
        )

    def _answer(self, at: LoggedEvent, e: _Paid | _Failed | _Returned, state: InstructionProgress) -> InstructionRecord:
        row = self._instructions.change((at.account_id, e.instruction_id))
        row.state = state
        row.settled_on = e.effective_on
        row.settled_at = e.recorded_at
        return row

    def _paid(self, at: LoggedEvent, e: _Paid) -> None:
        row = self._answer(at, e, "settled")
        row.bank_reference = e.bank_reference
        row.unapproved = e.unapproved

    def _failed(self, at: LoggedEvent, e: _Failed) -> None:
        row = self._instructions.change((at.account_id, e.instruction_id))
        self._answer(at, e, "declined" if row.state == "declined" else "rejected").reason = e.reason

    def _approved(self, at: LoggedEvent, e: InstructionApproved) -> None:
        for order in e.orders:
            self._check(at, order.instruction_id, "approved")

    def _declined(self, at: LoggedEvent, e: InstructionDeclined) -> None:
        self._check(at, e.instruction_id, "declined")

    def _check(self, at: LoggedEvent, instruction_id: str, state: InstructionProgress) -> None:
        row = self._instructions.change((at.account_id, instruction_id))
        row.state = state
        row.checked_by = at.event.actor
        row.checked_at = at.event.recorded_at

    def _exported(self, at: LoggedEvent, e: InstructionExported) -> None:
        for order in e.orders:
            row = self._instructions.change((at.account_id, order.instruction_id))
            row.state = "exported"
            row.message_id = e.message_id
            row.exported_at = e.recorded_at

    def _returned(self, at: LoggedEvent, e: _Returned) -> None:
        row = self._answer(at, e, "returned")
        row.bank_reference = e.bank_reference
        row.reason = e.reason


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    instruction_id: str | None = None,
    kind: InstructionKind | None = None,
    state: InstructionProgress | None = None,
    payable: bool | None = None,
    needs_approval: bool | None = None,
    message_id: str | None = None,
    partition: int | None = None,
    after: Cursor | None = None,
    limit: int = 100,
    newest_first: bool = False,
) -> list[InstructionRecord]:
    """A page of instructions in the order in which they were given; families see none.

    A reader who wants to miss nothing follows each `partition` with a cursor of its own, since a new instruction of a
    lower partition stands before the cursor of a list over all of them. `payable`: those that the bank may pay now and
    no message has, or all others; what is held now may be payable later, behind the cursor.
    """
    where = Filter()
    where.equal("bank", scope.bank)  # the account's bank, which the index begins with
    where.accounts(
        Scope(institution_ids=scope.institution_ids, districts=scope.districts, authorities=scope.authorities)
    )
    if scope.family_ids is not None:
        where.also(NOTHING)
    where.equal("account_id", account_id)
    where.equal("instruction_id", instruction_id)
    where.equal("kind", kind)
    where.equal("state", state)
    where.equal("needs_approval", needs_approval)
    where.equal("message_id", message_id)
    if payable is not None:
        where.also(PAYABLE if payable else sql.SQL("NOT ({})").format(PAYABLE))
    where.equal("partition", partition)
    where.after(after, ordinal=True, newest_first=newest_first)
    return await select(connection, TABLE, where, limit=limit, newest_first=newest_first, ordinal=True)
