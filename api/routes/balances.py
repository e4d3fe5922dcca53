"""Balances of accounts and contracts, and histories: now, and as of any position, instant or effective day."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import found
from api.codes import ApiError
from api.documentation import described
from api.pages import Limit, Page, Reading, read_cursor, reading, write_cursor
from api.query import Day, Instant
from api.routes.accounts import Amounts
from ledger.application.time_travel import version_then
from ledger.domain.account import Buckets
from ledger.domain.errors import LedgerError
from ledger.domain.postings import BUCKETS, Bucket
from ledger.projections import balances, history
from ledger.projections.contracts import ContractBalance
from ledger.projections.history import HistoryEntry
from ledger.projections.paging import Cursor
from ledger.projections.reconciliation_queries import Confirmation, confirmation
from ledger.storage.mapper import decode_event

router = APIRouter(tags=["regulator"])

AsOf = Annotated[
    Instant | None,
    Query(description="As recorded until this instant (RFC 3339).", examples=["2026-09-01T02:30:00Z"]),
]
AtPosition = Annotated[
    int | None, Query(ge=1, le=2**53 - 1, description="As recorded until this position of the account's partition.")
]
EffectiveOn = Annotated[
    Day | None, Query(description="When every event counts from its effective day.", examples=["2026-09-01"])
]


class BalanceAnswer(Amounts, kw_only=True):
    """Balances as of an account's `version`, or (`version` is null) as of an effective day.

    `confirmed` says how far the bank's own books agree: the last day reconciled by what was recorded until then, and
    whether the cash is still that day's.
    """

    account_id: str
    partition: int
    version: int | None
    as_of: datetime | None
    at_position: int | None
    effective_on: date | None
    confirmed: Confirmation


class ContractBalanceAnswer(msgspec.Struct, kw_only=True):
    """What the family has paid and not consumed (fen): the contract's part of the account's `prepaid_fen`."""

    contract_id: str
    account_id: str
    partition: int
    prepaid_fen: int
    as_of: datetime | None
    at_position: int | None
    effective_on: date | None


class HistoryPosting(msgspec.Struct, kw_only=True):
    """A change of one bucket (fen, signed); `owner` is a contract, refund or suspense item."""

    bucket: Bucket
    owner: str
    amount_fen: int


class HistoryEvent(msgspec.Struct, kw_only=True):
    """One event: who recorded it when and why, its own fields as `payload`, and its balanced postings."""

    version: int
    partition: int
    position: int
    topic: str
    recorded_at: datetime
    effective_on: date
    actor: str
    cause: str
    policy: str | None
    rules: list[str]
    payload: dict[str, Any]
    postings: list[HistoryPosting]


@router.get(
    "/v1/accounts/{account_id}/balance",
    **described(
        summary="Balances of an account, now or then",
        description="At most one of `as_of`, `at_position` and `effective_on`; none means now. What an account was "
        "before it was recorded is answered as an account that is not there; before its first effective day all is 0.",
        answer=BalanceAnswer,
        codes=("account_not_found", "instant_in_future", "as_of_ambiguous"),
        etag=True,
    ),
)
async def get_balance(
    account_id: str,
    read: Annotated[Reading, Depends(reading("balances:read"))],
    as_of: AsOf = None,
    at_position: AtPosition = None,
    effective_on: EffectiveOn = None,
) -> Response:
    row = await read.books.reader.account(account_id, read.scope)
    if effective_on is not None:
        _require_one(as_of, at_position, effective_on)
        await read.books.reader.catch_up()
        async with read.pool.connection() as connection:
            buckets: Buckets = (await balances.effective_on(connection, row.account_id, effective_on)).buckets
        version = None
    else:
        version = await _version(read, UUID(row.account_id), row.partition, as_of, at_position)
        if version is None:
            buckets, version = row, row.version
        else:
            ledger = read.books.ledger
            buckets = (await asyncio.to_thread(ledger.account_at_version, UUID(row.account_id), version)).buckets
    async with read.pool.connection() as connection:
        confirmed = await confirmation(
            connection,
            row.account_id,
            cash_fen=buckets.cash,
            on=effective_on or read.books.ledger.today(),
            version=None if as_of is None and at_position is None else version,
        )
    answer = BalanceAnswer(
        **{f"{bucket}_fen": getattr(buckets, bucket) for bucket in BUCKETS},
        obligation_fen=buckets.obligation_fen,
        exposure_fen=buckets.exposure_fen,
        loss_if_closed_today_fen=buckets.loss_if_closed_today_fen,
        account_id=row.account_id,
        partition=row.partition,
        version=version,
        as_of=as_of,
        at_position=at_position,
        effective_on=effective_on,
        confirmed=confirmed,
    )
    return found(answer, version=version)


@router.get(
    "/v1/contracts/{contract_id}/balance",
    **described(
        summary="What a family has paid and not consumed, now or then",
        description="At most one of `as_of`, `at_position` and `effective_on`; none means now. What a contract was "
        "before it was recorded is answered as a contract that is not there; before its first payment it is 0.",
        answer=ContractBalanceAnswer,
        codes=("contract_not_found", "account_not_found", "instant_in_future", "as_of_ambiguous"),
    ),
)
async def get_contract_balance(
    contract_id: str,
    read: Annotated[Reading, Depends(reading("contracts:read"))],
    as_of: AsOf = None,
    at_position: AtPosition = None,
    effective_on: EffectiveOn = None,
) -> Response:
    _require_one(as_of, at_position, effective_on)
    row = await read.books.reader.contract(contract_id, read.scope)
    account_id = UUID(row.account_id)
    if effective_on is not None:
        await read.books.reader.catch_up()
        async with read.pool.connection() as connection:
            prepaid_fen = await balances.contract_effective_on(connection, account_id, contract_id, effective_on)
    else:
        version = await _version(read, account_id, row.partition, as_of, at_position)
        prepaid_fen = row.prepaid_fen if version is None else await _prepaid_then(read, row, version)
    return found(
        ContractBalanceAnswer(
            contract_id=contract_id,
            account_id=row.account_id,
            partition=row.partition,
            prepaid_fen=prepaid_fen,
            as_of=as_of,
            at_position=at_position,
            effective_on=effective_on,
        )
    )


@router.get(
    "/v1/accounts/{account_id}/history",
    **described(
        summary="History of an account",
        description="Events in order, with their postings. With `effective_on` only those that count for a day up to "
        "it: a page may then hold fewer items than asked for, and the list ends where `next` is null.",
        answer=Page[HistoryEvent],
        codes=("account_not_found", "cursor_malformed", "instant_in_future", "as_of_ambiguous"),
    ),
)
async def get_history(
    account_id: str,
    read: Annotated[Reading, Depends(reading("history:read"))],
    as_of: AsOf = None,
    at_position: AtPosition = None,
    effective_on: EffectiveOn = None,
    cursor: Annotated[str | None, Query(max_length=80, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    row = await read.books.reader.account(account_id, read.scope)
    if effective_on is not None:
        _require_one(as_of, at_position, effective_on)
    last = await _version(read, UUID(row.account_id), row.partition, as_of, at_position)
    after = read_cursor(cursor) or Cursor(row.partition, 0)
    async with read.pool.connection() as connection:
        entries = await history.list_page(
            connection,
            partition=row.partition,
            account_id=UUID(row.account_id),
            decode=decode_event,
            after_version=after.position,
            limit=limit + 1,
        )
    entries = [entry for entry in entries if last is None or entry.version <= last]
    following = write_cursor(Cursor(row.partition, entries[limit - 1].version)) if len(entries) > limit else None
    shown = [_event(entry) for entry in entries[:limit] if effective_on is None or entry.effective_on <= effective_on]
    return found(Page(items=shown, next=following))


def _require_one(as_of: datetime | None, at_position: int | None, effective_on: date | None) -> None:
    if (as_of is not None) + (at_position is not None) + (effective_on is not None) > 1:
        raise ApiError("as_of_ambiguous")


async def _version(
    read: Reading, account_id: UUID, partition: int, as_of: datetime | None, at_position: int | None
) -> int | None:
    """The account's version then; None for now."""
    _require_one(as_of, at_position, None)
    return await version_then(
        read.books.ledger,
        read.books.reader,
        account_id=account_id,
        partition=partition,
        as_of=as_of,
        at_position=at_position,
    )


async def _prepaid_then(read: Reading, row: ContractBalance, version: int) -> int:
    """The contract's money as of that version of its account; 0 once it ended. Raises `contract_not_found`."""
    ledger, account_id = read.books.ledger, UUID(row.account_id)
    if version < await asyncio.to_thread(ledger.version_at, account_id, position=row.position):
        raise LedgerError("contract_not_found", contract_id=row.contract_id)
    account = await asyncio.to_thread(ledger.account_at_version, account_id, version)
    contract = account.contracts.get(row.contract_id)
    return 0 if contract is None else contract.prepaid_fen


def _event(entry: HistoryEntry) -> HistoryEvent:
    fields = {name: getattr(entry, name) for name in HistoryEvent.__struct_fields__ if name != "postings"}
    postings = [
        HistoryPosting(bucket=posting.bucket, owner=posting.owner, amount_fen=posting.amount_fen)
        for posting in entry.postings
    ]
    return HistoryEvent(**fields, postings=postings)
