"""Use cases of fees: prices published and read by anybody, cash that the institution took."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool, record
from ledger.domain.commands import CloseCashReport, PublishFeeNotice, ReportCash
from ledger.domain.events import Category, NoticePeriod
from ledger.projections import fee_notices
from ledger.projections.fee_notices import FeeNotice
from ledger.projections.paging import Cursor
from ledger.storage.requests import Outcome


async def publish_fee_notice(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    course_id: str,
    category: Category,
    unit_price_fen: int,
    period: NoticePeriod,
    minutes: int,
    valid_from: date,
    valid_until: date | None,
    on: date,
) -> Outcome:
    """Publish what a course costs. Raises `fee_notice_dates_wrong`, `fee_notices_many`."""
    command = PublishFeeNotice(
        account_id=account_id,
        effective_on=on,
        course_id=course_id,
        category=category,
        unit_price_fen=unit_price_fen,
        period=period,
        minutes=minutes,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    return await record(ledger, caller, command)


async def published_fees(
    pool: ReadPool,
    *,
    on: date | None,
    institution_id: str | None,
    district: str | None,
    course_id: str | None,
    after: Cursor | None,
    limit: int,
) -> Sequence[FeeNotice]:
    """Published prices, for whoever asks; `on`: those in force on that day."""
    async with pool.connection() as connection:
        return await fee_notices.list_page(
            connection,
            on=on,
            institution_id=institution_id,
            district=district,
            course_id=course_id,
            after=after,
            limit=limit,
        )


async def report_cash(
    ledger: Ledger, caller: Caller, *, account_id: UUID, contract_id: str, cash_id: str, amount_fen: int, on: date
) -> Outcome:
    """Report cash taken on that day. Raises `cash_reported_before`, `contract_amended`."""
    command = ReportCash(
        account_id=account_id, effective_on=on, cash_id=cash_id, contract_id=contract_id, amount_fen=amount_fen
    )
    return await record(ledger, caller, command)


async def close_cash_report(
    ledger: Ledger, caller: Caller, *, account_id: UUID, cash_id: str, reason: str, on: date
) -> Outcome:
    """Say that reported cash does not come into the account. Raises `cash_not_found`."""
    command = CloseCashReport(account_id=account_id, effective_on=on, cash_id=cash_id, reason=reason)
    return await record(ledger, caller, command)
