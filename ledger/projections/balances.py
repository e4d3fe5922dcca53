"""Balances: one row an account, with its buckets and what follows from them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.account import Buckets
from ledger.domain.events import (
    TOPICS,
    AccountFrozen,
    AccountOpened,
    AccountUnfrozen,
    AuthorityChanged,
    BankBalanceReported,
    BankStatementRecorded,
    DeadlinesMoved,
    Event,
    FundsHeld,
    HoldReleased,
    ListingChanged,
    MinimumBalanceHeld,
    PolicyAssigned,
    RatingChanged,
    TeachingResumed,
    TeachingSuspended,
    TopUpDemanded,
    TopUpMet,
)
from ledger.domain.postings import BUCKETS
from ledger.projections.days import account_on as effective_on
from ledger.projections.days import contract_on as contract_effective_on
from ledger.projections.logged_event import LoggedEvent, move
from ledger.projections.paging import EVERYTHING, Cursor, Filter, Scope, select, supervised
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View


class AccountBalance(Buckets, kw_only=True, gc=False):
    """An account as of event `version`, at `updated_position` of its partition; buckets and amounts in fen.

    `position` is where the account was opened (its place in lists); `updated_at` is when its last event was recorded.
    Obligation, exposure and loss are those of `Buckets`.
    """

    account_id: str
    partition: int
    position: int
    institution_id: str
    bank: str
    account_no: str
    district: str
    authorities: list[str]
    pack: str
    rating: str = ""
    listing: str = "normal"
    frozen: list[str] = msgspec.field(default_factory=list[str])
    suspended_on: date | None = None
    opened_on: date
    held_fen: int = 0
    minimum_balance_fen: int = 0
    top_up_due_fen: int = 0
    top_up_due_on: date | None = None
    bank_balance_fen: int | None = None
    bank_balance_on: date | None = None
    version: int
    updated_position: int
    updated_at: datetime

    @property
    def cover_fen(self) -> int:
        """What families' money is covered by: the cash. A reserve is part of it; none is held elsewhere."""
        return self.cash


TABLE = Table(
    "balances",
    AccountBalance,
    key=("account_id",),
    renamed={bucket: f"{bucket}_fen" for bucket in BUCKETS},
    derived=("obligation_fen", "exposure_fen", "loss_if_closed_today_fen"),
    fixed=("partition", "position", "institution_id", "bank", "account_no", "district", "opened_on"),
)


def _authority(row: AccountBalance, e: AuthorityChanged) -> None:
    row.authorities = list(e.authorities)


def _policy(row: AccountBalance, e: PolicyAssigned) -> None:
    row.pack = e.pack


def _rating(row: AccountBalance, e: RatingChanged) -> None:
    row.rating = e.rating


def _listing(row: AccountBalance, e: ListingChanged) -> None:
    row.listing = e.listing


def _frozen(row: AccountBalance, e: AccountFrozen) -> None:
    row.frozen = [*row.frozen, e.scope]


def _unfrozen(row: AccountBalance, e: AccountUnfrozen) -> None:
    row.frozen = [scope for scope in row.frozen if scope != e.scope]


def _suspended(row: AccountBalance, e: TeachingSuspended) -> None:
    row.suspended_on = e.effective_on


def _resumed(row: AccountBalance, _: TeachingResumed) -> None:
    row.suspended_on = None


def _held(row: AccountBalance, e: FundsHeld) -> None:
    row.held_fen += e.amount_fen


def _hold_released(row: AccountBalance, e: HoldReleased) -> None:
    row.held_fen -= e.amount_fen


def _minimum(row: AccountBalance, e: MinimumBalanceHeld) -> None:
    row.minimum_balance_fen = e.amount_fen


def _top_up(row: AccountBalance, e: TopUpDemanded) -> None:
    row.top_up_due_fen, row.top_up_due_on = e.amount_fen, e.due_on


def _top_up_met(row: AccountBalance, _: TopUpMet) -> None:
    row.top_up_due_fen, row.top_up_due_on = 0, None


def _moved(row: AccountBalance, e: DeadlinesMoved) -> None:
    for line in e.lines:
        if line.clock == "top_up":
            row.top_up_due_on = line.new_on


def _bank_balance(row: AccountBalance, e: BankBalanceReported) -> None:
    _closes_with(row, e.effective_on, e.balance_fen)


def _bank_statement(row: AccountBalance, e: BankStatementRecorded) -> None:
    _closes_with(row, e.to_on, e.closing_fen)


def _closes_with(row: AccountBalance, on: date, balance_fen: int) -> None:
    if row.bank_balance_on is None or on >= row.bank_balance_on:
        row.bank_balance_fen, row.bank_balance_on = balance_fen, on


_DETAILS: dict[type[Event], Any] = {
    AuthorityChanged: _authority,
    PolicyAssigned: _policy,
    RatingChanged: _rating,
    ListingChanged: _listing,
    AccountFrozen: _frozen,
    AccountUnfrozen: _unfrozen,
    TeachingSuspended: _suspended,
    TeachingResumed: _resumed,
    FundsHeld: _held,
    HoldReleased: _hold_released,
    MinimumBalanceHeld: _minimum,
    TopUpDemanded: _top_up,
    TopUpMet: _top_up_met,
    DeadlinesMoved: _moved,
    BankBalanceReported: _bank_balance,
    BankStatementRecorded: _bank_statement,
}


_OF_ACCOUNTS = tuple(cls for topic, cls in TOPICS.items() if topic.startswith("account."))


class Balances(View):
    """Follows every event of an account: each one changes at least the account's version."""

    name = "balances"
    number = 2
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE,)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._accounts: Rows[str, AccountBalance] = self.rows[0]

    def folds(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_OF_ACCOUNTS, self._any) | {AccountOpened: self._opened}

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_OF_ACCOUNTS, self._look)

    def _look(self, at: LoggedEvent, _: Event) -> None:
        self._accounts.want(at.account_id)

    def _opened(self, at: LoggedEvent, e: AccountOpened) -> None:
        self._accounts.put(
            at.account_id,
            AccountBalance(
                account_id=at.account_id,
                partition=at.partition,
                position=at.position,
                institution_id=e.institution_id,
                bank=e.bank,
                account_no=e.account_no,
                district=e.district,
                authorities=list(e.authorities),
                pack=e.pack,
                opened_on=e.effective_on,
                version=at.version,
                updated_position=at.position,
                updated_at=e.recorded_at,
            ),
        )

    def _any(self, at: LoggedEvent, e: Event) -> None:
        row = self._accounts.change(at.account_id)
        move(row, at)
        detail = _DETAILS.get(type(e))
        if detail is not None:
            detail(row, e)
        row.version = at.version
        row.updated_position = at.position
        row.updated_at = e.recorded_at


def visible(scope: Scope) -> Filter:
    where = Filter()
    where.equal("bank", scope.bank)
    if scope.institution_ids is not None:
        where.also(sql.SQL("t.institution_id = ANY(%(institutions)s)"), institutions=list(scope.institution_ids))
    if scope.districts is not None or scope.authorities is not None:
        where.also(
            supervised(scope, alias="t"),
            scope_districts=list(scope.districts or ()),
            scope_authorities=list(scope.authorities or ()),
        )
    if scope.family_ids is not None:
        where.also(
            sql.SQL(
                "EXISTS (SELECT FROM escrow_views.contracts c"
                " WHERE c.account_id = t.account_id AND c.family_id = ANY(%(families)s))"
            ),
            families=list(scope.family_ids),
        )
    return where


async def get(
    connection: AsyncConnection[Any], account_id: UUID | str, *, scope: Scope = EVERYTHING
) -> AccountBalance | None:
    """The account now; None when it does not exist or is outside the scope."""
    where = visible(scope)
    where.equal("account_id", account_id)
    return next(iter(await select(connection, TABLE, where, limit=1)), None)


async def ids(connection: AsyncConnection[Any], scope: Scope) -> list[UUID]:
    """The ids of all accounts in the scope."""
    where = visible(scope)
    query = sql.SQL("SELECT t.account_id FROM escrow_views.balances t WHERE {}")
    conditions = sql.SQL(" AND ").join(where.conditions or [sql.SQL("TRUE")])
    rows = await (await connection.execute(query.format(conditions), where.values, prepare=False)).fetchall()
    return [account_id for (account_id,) in rows]


async def by_id(
    connection: AsyncConnection[Any], account_ids: Iterable[str], *, scope: Scope = EVERYTHING
) -> dict[str, AccountBalance]:
    """Those of the accounts that are in the scope, by their ids."""
    wanted = sorted(set(account_ids))
    where = visible(scope)
    where.also(sql.SQL("t.account_id = ANY(%(wanted)s::uuid[])"), wanted=wanted)
    return {row.account_id: row for row in await select(connection, TABLE, where, limit=len(wanted))}


async def find(connection: AsyncConnection[Any], *, bank: str, account_no: str) -> AccountBalance | None:
    """The account with this number at this bank."""
    where = Filter()
    where.equal("bank", bank)
    where.equal("account_no", account_no)
    return next(iter(await select(connection, TABLE, where, limit=1)), None)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    listing: str | None = None,
    search: str | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[AccountBalance]:
    """A page of accounts in the order in which they were opened; `search` is the beginning of an institution's id or
    of an account's number."""
    where = visible(scope)
    where.equal("listing", listing)
    if search is not None:
        where.also(
            sql.SQL("(starts_with(t.institution_id, %(search)s) OR starts_with(t.account_no, %(search)s))"),
            search=search.replace("\0", ""),
        )
    where.after(after)
    return await select(connection, TABLE, where, limit=limit)


__all__ = [
    "AccountBalance",
    "Balances",
    "contract_effective_on",
    "effective_on",
    "find",
    "get",
    "ids",
    "list_page",
]
