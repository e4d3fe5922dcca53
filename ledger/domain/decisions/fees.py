"""Decisions about published prices, and about what families paid past the account."""

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import PublishFeeNotice, RecordFinding
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import FeeNoticePublished, OffbookLimitExceeded
from ledger.domain.money import require_fen
from ledger.domain.policy import Policy

OFFBOOK = "offbook.revocation"
MAX_COURSES = 1_000
"""Courses with a fee notice at a time: more than any institution teaches."""


def publish_fee_notice(account: EscrowAccount, command: PublishFeeNotice, context: Context) -> Decision:
    """A price is published before it is charged: never for days that are past.

    Refuses `fee_notice_dates_wrong`, `fee_notices_many` and wrong amounts.
    """
    require_fen(command.unit_price_fen)
    published_on = context.clock_starts_on(command)
    until = command.valid_until
    if command.valid_from < published_on or (until is not None and until < command.valid_from):
        raise LedgerError(
            "fee_notice_dates_wrong",
            published_on=published_on.isoformat(),
            valid_from=command.valid_from.isoformat(),
            valid_until="-" if until is None else until.isoformat(),
        )
    before = account.fees.notices.get(command.course_id)
    if before is None and len(account.fees.notices) >= MAX_COURSES:
        raise LedgerError("fee_notices_many", limit=MAX_COURSES)
    return [
        FeeNoticePublished(
            **context.envelope(command),
            course_id=command.course_id,
            category=command.category,
            unit_price_fen=command.unit_price_fen,
            period=command.period,
            minutes=command.minutes,
            version=account.fees.notice_version + 1,
            supersedes=0 if before is None else before[-1].version,
            valid_from=command.valid_from,
            valid_until=until,
        )
    ]


def paid_elsewhere(account: EscrowAccount, command: RecordFinding, context: Context, policy: Policy) -> Decision:
    """What a family's report of having paid elsewhere adds up to with the others, once it is above the limit."""
    amount_fen = command.figures.get("amount_fen")
    if command.kind != "paid_elsewhere" or not policy.offbook_limit_fen or not isinstance(amount_fen, int):
        return []
    sums = account.fees.paid_elsewhere | {str(command.figures["report"]): amount_fen}
    total_fen = sum(sums.values())
    if total_fen <= policy.offbook_limit_fen:
        return []
    return [
        OffbookLimitExceeded(
            **context.ruled(command, policy, OFFBOOK),
            amount_fen=total_fen,
            limit_fen=policy.offbook_limit_fen,
            reports=len(sums),
        )
    ]
