"""Days: what moved on each effective day, from which any balance as of an effective date adds up."""

from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.domain.account import Buckets
from ledger.domain.events import AccountOpened, Event
from ledger.domain.postings import BUCKETS, POSTINGS
from ledger.projections.logged_event import LoggedEvent, move
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View


class DayMovement(Buckets, kw_only=True, gc=False):
    """What every bucket of an account moved by on one effective day, in fen."""

    account_id: str
    effective_on: date
    partition: int


class ContractDayMovement(msgspec.Struct, gc=False):
    """What a contract's prepaid money moved by on one effective day, in fen."""

    account_id: str
    contract_id: str
    effective_on: date
    partition: int
    amount_fen: int


TABLE = Table(
    "days",
    DayMovement,
    key=("account_id", "effective_on"),
    renamed={bucket: f"{bucket}_fen" for bucket in BUCKETS},
)
CONTRACTS = Table("contract_days", ContractDayMovement, key=("account_id", "contract_id", "effective_on"))
# Events that move no money share one function, which has no postings.
_MOVING = tuple(cls for cls, of in POSTINGS.items() if of is not POSTINGS[AccountOpened])


class Days(View):
    """Follows every event that moves money."""

    name = "days"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE, CONTRACTS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._days: Rows[tuple[str, date], DayMovement] = self.rows[0]
        self._contracts: Rows[tuple[str, str, date], ContractDayMovement] = self.rows[1]

    def folds(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_MOVING, self._move)

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_MOVING, self._look)

    def _look(self, at: LoggedEvent, e: Event) -> None:
        self._days.want((at.account_id, e.effective_on))
        for bucket, owner, _ in at.postings:
            if bucket == "prepaid":
                self._contracts.want((at.account_id, owner, e.effective_on))

    def _move(self, at: LoggedEvent, e: Event) -> None:
        account_id, on = at.account_id, e.effective_on
        day = self._days.change_found((account_id, on))
        if day is None:
            day = DayMovement(account_id=account_id, effective_on=on, partition=at.partition)
            self._days.put((account_id, on), day)
        move(day, at)
        for bucket, owner, amount_fen in at.postings:
            if bucket == "prepaid":
                row = self._contracts.change_found((account_id, owner, on))
                if row is None:
                    row = ContractDayMovement(account_id, owner, on, at.partition, amount_fen)
                    self._contracts.put((account_id, owner, on), row)
                else:
                    row.amount_fen += amount_fen


class EffectiveBalance(msgspec.Struct, frozen=True, kw_only=True):
    """An account's buckets as of the end of an effective day (fen)."""

    account_id: str
    effective_on: date
    buckets: Buckets


_BUCKETS_ON = f"""
SELECT {", ".join(f"coalesce(sum({bucket}_fen), 0)::bigint" for bucket in BUCKETS)} FROM escrow_views.days
 WHERE account_id = %s AND effective_on <= %s
"""
_MOVED = f"""
SELECT effective_on, {", ".join(f"{bucket}_fen" for bucket in BUCKETS)} FROM escrow_views.days
 WHERE account_id = %s AND effective_on > %s AND effective_on <= %s
"""
_CONTRACT_ON = """
SELECT coalesce(sum(amount_fen), 0)::bigint FROM escrow_views.contract_days
 WHERE account_id = %s AND contract_id = %s AND effective_on <= %s
"""


async def account_on(connection: AsyncConnection[Any], account_id: UUID | str, on: date) -> EffectiveBalance:
    """The account's buckets when every event counts from its effective day; all zero for an unknown account."""
    row = await (await connection.execute(_BUCKETS_ON.encode(), [account_id, on])).fetchone()
    assert row is not None
    buckets = Buckets(**dict(zip(BUCKETS, row, strict=True)))
    return EffectiveBalance(account_id=str(account_id), effective_on=on, buckets=buckets)


async def account_over(
    connection: AsyncConnection[Any], account_id: UUID | str, *, first: date, last: date
) -> list[EffectiveBalance]:
    """The account's buckets at the end of each day from `first` through `last`; every event counts from its day."""
    buckets = (await account_on(connection, account_id, first)).buckets
    moved = {
        row[0]: row[1:]
        for row in await (await connection.execute(_MOVED.encode(), [account_id, first, last])).fetchall()
    }
    days: list[EffectiveBalance] = []
    for ahead in range((last - first).days + 1):
        on = first + timedelta(days=ahead)
        if on in moved:
            sums = {name: getattr(buckets, name) + fen for name, fen in zip(BUCKETS, moved[on], strict=True)}
            buckets = Buckets(**sums)
        days.append(EffectiveBalance(account_id=str(account_id), effective_on=on, buckets=buckets))
    return days


async def contract_on(connection: AsyncConnection[Any], account_id: UUID | str, contract_id: str, on: date) -> int:
    """What the contract's family had prepaid and not consumed at the end of that day, in fen."""
    row = await (await connection.execute(_CONTRACT_ON, [account_id, contract_id, on])).fetchone()
    assert row is not None
    return row[0]
