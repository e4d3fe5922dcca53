"""Use cases of payouts: what is free and why, and asking for it."""

import asyncio
from datetime import date
from uuid import UUID

import msgspec

from ledger.application.caller import Caller, Visible
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import AnnouncePayout, RequestPayout
from ledger.domain.decisions.context import require_open
from ledger.domain.decisions.payout_limits import large_fen, missing_fen, month_limit
from ledger.domain.errors import LedgerError
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.policy import PayoutSchedule
from ledger.storage.requests import Outcome


class QuoteTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One term of the formula, in fen, with its reason."""

    term: str
    amount_fen: int
    reason: str
    reason_zh: str


class PayoutQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What may be paid out on a day, worked out on the account's `version`: `free_fen` follows from the terms.

    The policy may allow less: payouts on its schedule only, none while `missing_fen` are to be topped up, no more than
    `month_left_fen` this month, and more than `notice_above_fen` only when it was announced (null: no such limit).
    """

    account_id: str
    version: int
    quoted_on: date
    free_fen: int
    policy: str
    schedule: PayoutSchedule
    missing_fen: int
    month_left_fen: int | None
    notice_above_fen: int | None
    formula: str
    terms: list[QuoteTerm]


FORMULA = (
    "max(0, min(releasable_fen, cash_fen - payout_in_flight_fen - max(kept_for_families_fen, minimum_balance_fen)))"
)
_REASONS = {
    "releasable_fen": (
        "Lessons consumed, less those whose holding days run and those held by order.",
        "已消课金额，扣除留置期内及被暂扣的部分。",
    ),
    "cash_fen": ("Money at the custodian bank.", "托管银行的现金。"),
    "payout_in_flight_fen": (
        "Payouts that the bank was asked to make and has not settled.",
        "已向银行发出、尚未结算的拨付。",
    ),
    "kept_for_families_fen": (
        "Unconsumed fees, agreed refunds and unexplained receipts, less what was advanced already.",
        "未消课金额、已同意退费和待查款项，扣除已预拨部分。",
    ),
    "minimum_balance_fen": ("The least that a payout may leave.", "拨付后须留存的最低余额。"),
}


async def quote_payout(ledger: Ledger, *, account_id: UUID, visible: Visible, on: date) -> PayoutQuote:
    """The terms of what is free for payout. Raises `account_not_found`."""
    account = await asyncio.to_thread(ledger.account_at_version, account_id)
    require_open(account)
    if not visible(account):
        raise LedgerError("account_not_found")
    free = free_for_payout(account, on)
    policy = ledger.policies.of(account.pack, on)
    month = month_limit(account, policy, on)
    terms = [
        QuoteTerm(term=name, amount_fen=getattr(free, name), reason=reason, reason_zh=reason_zh)
        for name, (reason, reason_zh) in _REASONS.items()
    ]
    return PayoutQuote(
        account_id=str(account_id),
        version=account.version,
        quoted_on=on,
        free_fen=free.free_fen,
        policy=policy.name,
        schedule=policy.payout_schedule,
        missing_fen=missing_fen(account, policy),
        month_left_fen=None if month is None else month.left_fen,
        notice_above_fen=large_fen(account, policy),
        formula=FORMULA,
        terms=terms,
    )


async def request_payout(
    ledger: Ledger, caller: Caller, *, account_id: UUID, instruction_id: str, amount_fen: int, on: date
) -> Outcome:
    """Ask for earned money. Raises `payout_not_free` with what is free, `payout_backdated`, `account_frozen`, and what
    the policy's limits say."""
    command = RequestPayout(
        account_id=account_id, effective_on=on, instruction_id=instruction_id, amount_fen=amount_fen
    )
    return await record(ledger, caller, command)


async def announce_payout(ledger: Ledger, caller: Caller, *, account_id: UUID, amount_fen: int, on: date) -> Outcome:
    """Announce a large withdrawal. Raises `payout_notice_not_needed`."""
    return await record(ledger, caller, AnnouncePayout(account_id=account_id, effective_on=on, amount_fen=amount_fen))
