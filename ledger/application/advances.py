"""Use cases of cost advances: what may be advanced and why, and asking for it."""

import asyncio
from datetime import date
from uuid import UUID

import msgspec

from ledger.application.caller import Caller, Visible
from ledger.application.ledger import Ledger
from ledger.application.payouts import QuoteTerm
from ledger.application.recording import record
from ledger.domain.commands import RequestAdvance
from ledger.domain.cost_advance import cost_advance
from ledger.domain.decisions.context import require_open
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome


class AdvanceQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What may be advanced on a day under a policy, worked out on the account's `version`."""

    account_id: str
    version: int
    quoted_on: date
    policy: str
    available_fen: int
    formula: str
    share_bp: int
    cap_fen: int
    terms: list[QuoteTerm]


FORMULA = "max(0, min(limit_fen - outstanding_fen, safe_fen))"
_REASONS = {
    "eligible_fen": (
        "Unconsumed fees at the bank, of running contracts without an open refund, less disputed lessons.",
        "在期合同已缴入账户且未消课的学费，不含退费中的合同及有异议的课时。",
    ),
    "limit_fen": ("The policy's share of them, at most its cap.", "上述金额按政策比例计算，不超过政策上限。"),
    "outstanding_fen": ("Advances not recouped by lessons yet.", "尚未由消课冲抵的预拨款。"),
    "safe_fen": (
        "Cash that may leave the account without touching the minimum balance, agreed refunds or unknown receipts.",
        "不动用最低余额、已同意退费及待查款项的可用现金。",
    ),
}


async def quote_advance(ledger: Ledger, *, account_id: UUID, visible: Visible, on: date) -> AdvanceQuote:
    """The terms of what may be advanced. Raises `account_not_found`."""
    account = await asyncio.to_thread(ledger.account_at_version, account_id)
    require_open(account)
    if not visible(account):
        raise LedgerError("account_not_found")
    policy = ledger.policies.of(account.pack, on)
    answer = cost_advance(account, policy, on)
    return AdvanceQuote(
        account_id=str(account_id),
        version=account.version,
        quoted_on=on,
        policy=policy.name,
        available_fen=answer.available_fen,
        formula=FORMULA,
        share_bp=answer.share_bp,
        cap_fen=answer.cap_fen,
        terms=[
            QuoteTerm(term=name, amount_fen=getattr(answer, name), reason=reason, reason_zh=reason_zh)
            for name, (reason, reason_zh) in _REASONS.items()
        ],
    )


async def request_advance(
    ledger: Ledger, caller: Caller, *, account_id: UUID, instruction_id: str, amount_fen: int, on: date
) -> Outcome:
    """Ask for an advance. Raises `advance_not_allowed`, `advance_above_limit`, `advance_not_safe` and what stops it."""
    command = RequestAdvance(
        account_id=account_id, effective_on=on, instruction_id=instruction_id, amount_fen=amount_fen
    )
    return await record(ledger, caller, command)
